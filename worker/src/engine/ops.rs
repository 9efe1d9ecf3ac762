//! The operations between matrix products: own code on the CPU, candle's kernels elsewhere.

use super::cache::{LayerCache, Segment};
use super::cpu::{attention, math};
use super::decoder::config::Activation;
use super::rope::Angles;
use super::EngineError;
use candle_core::{CpuStorage, DType, Device, Storage, Tensor, D};

/// Lends the values of a contiguous f32 tensor on the CPU.
pub fn with_f32<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> T) -> Result<T, EngineError> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => Ok(read(
            &values[layout.start_offset()..][..layout.shape().elem_count()],
        )),
        _ => Err(candle_core::Error::Msg("expected f32 values on the CPU".into()).into()),
    }
}

/// Root-mean-square norm over the last dimension.
pub fn rms_norm(x: &Tensor, weight: &Tensor, epsilon: f32) -> Result<Tensor, EngineError> {
    if !x.device().is_cpu() {
        return Ok(candle_nn::ops::rms_norm(&x.contiguous()?, weight, epsilon)?);
    }
    let out = with_f32(x, |x| {
        with_f32(weight, |weight| math::rms_norm(x, weight, epsilon))
    })??;
    Ok(Tensor::from_vec(out, x.shape(), &Device::Cpu)?)
}

/// activation(gate) · up, where each row is gate then up.
pub fn gated(x: &Tensor, activation: Activation) -> Result<Tensor, EngineError> {
    let (rows, width) = x.dims2()?;
    let half = width / 2;
    if !x.device().is_cpu() {
        let gate = x.narrow(1, 0, half)?.contiguous()?;
        let up = x.narrow(1, half, half)?.contiguous()?;
        let gate = match activation {
            Activation::Silu => candle_nn::ops::silu(&gate)?,
            Activation::GeluTanh => gate.gelu()?,
        };
        return Ok((gate * up)?);
    }
    let out = with_f32(x, |x| match activation {
        Activation::Silu => math::swiglu(x, half),
        Activation::GeluTanh => math::geglu(x, half),
    })?;
    Ok(Tensor::from_vec(out, (rows, half), &Device::Cpu)?)
}

/// `x · factor`.
pub fn scale(x: Tensor, factor: f32) -> Result<Tensor, EngineError> {
    match factor == 1.0 {
        true => Ok(x),
        false => Ok((x * f64::from(factor))?),
    }
}

/// Rounds f32 values on the CPU to those that bf16 can hold, to the nearest, ties to even.
pub fn to_bf16(x: &Tensor) -> Result<Tensor, EngineError> {
    let mut out = with_f32(x, <[f32]>::to_vec)?;
    math::round_bf16(&mut out);
    Ok(Tensor::from_vec(out, x.shape(), &Device::Cpu)?)
}

/// Sum of two tensors.
pub fn add(x: &Tensor, y: &Tensor) -> Result<Tensor, EngineError> {
    if !x.device().is_cpu() {
        return Ok((x + y)?);
    }
    let out = with_f32(x, |x| with_f32(y, |y| math::add(x, y)))??;
    Ok(Tensor::from_vec(out, x.shape(), &Device::Cpu)?)
}

/// What one layer's attention needs besides queries, keys and values.
pub struct Attention<'a> {
    /// Sizes.
    pub heads: attention::Heads,
    /// Factor on scores.
    pub scale: f32,
    /// Tokens that a query sees, its own included; `None` is all before it.
    pub window: Option<usize>,
    /// Norms of query and key heads.
    pub norms: Option<HeadNorms<'a>>,
    /// Positions.
    pub angles: &'a Angles,
    /// What is stored and computed is rounded to bf16.
    pub round: bool,
}

/// Root-mean-square norms over single heads.
pub struct HeadNorms<'a> {
    /// Weights for queries.
    pub query: &'a Tensor,
    /// Weights for keys.
    pub key: &'a Tensor,
    /// What is added to the mean square.
    pub epsilon: f32,
}

/// Norms and turns queries and keys, stores keys and values in each segment's cache, attends.
///
/// Rows of `qkv` are queries, keys, values of one token, all heads one after another; segments own
/// consecutive rows.
pub fn attend(
    qkv: &Tensor,
    segments: &mut [Segment<'_>],
    layer: usize,
    attention: &Attention<'_>,
) -> Result<Tensor, EngineError> {
    let rows = qkv.dim(0)?;
    let width = attention.heads.queries * attention.heads.size;
    let tensors = segments
        .iter_mut()
        .any(|segment| matches!(segment.cache.layer(layer), LayerCache::Tensors { .. }));
    if tensors {
        let mut outputs = Vec::with_capacity(segments.len());
        let mut at = 0;
        for segment in segments.iter_mut() {
            outputs.push(attend_with_tensors(qkv, at, segment, layer, attention)?);
            at += segment.tokens.len();
        }
        return Ok(Tensor::cat(&outputs, 0)?);
    }
    let mut out = vec![0.0; rows * width];
    let (cos, sin) = attention.angles.tables();
    let (cos, sin) = (cos.flatten_all()?.to_vec1()?, sin.flatten_all()?.to_vec1()?);
    let norms = match &attention.norms {
        Some(norms) => Some((norms.query.to_vec1()?, norms.key.to_vec1()?, norms.epsilon)),
        None => None,
    };
    with_f32(qkv, |qkv| {
        let tables = (cos.as_slice(), sin.as_slice());
        attend_rows(qkv, tables, norms, segments, layer, attention, &mut out)
    })??;
    Ok(Tensor::from_vec(out, (rows, width), &Device::Cpu)?)
}

fn attend_rows(
    qkv: &[f32],
    (cos, sin): (&[f32], &[f32]),
    norms: Option<(Vec<f32>, Vec<f32>, f32)>,
    segments: &mut [Segment<'_>],
    layer: usize,
    attention: &Attention<'_>,
    out: &mut [f32],
) -> Result<(), EngineError> {
    let heads = attention.heads;
    let half = heads.size / 2;
    let (query_width, key_width) = (heads.queries * heads.size, heads.keys * heads.size);
    let stride = query_width + 2 * key_width;
    let mut key = vec![0.0; key_width];
    let mut at = 0;
    for segment in segments.iter_mut() {
        let (first, count) = (segment.cache.length(), segment.tokens.len());
        let LayerCache::Own(cache) = segment.cache.layer(layer) else {
            return Err(elsewhere());
        };
        let mut queries = vec![0.0; count * query_width];
        for (i, queries) in queries.chunks_exact_mut(query_width).enumerate() {
            let row = &qkv[(at + i) * stride..(at + i + 1) * stride];
            let table = (at + i) * half..(at + i + 1) * half;
            let (cos, sin) = (&cos[table.clone()], &sin[table]);
            let (query, keys) = (&row[..query_width], &row[query_width..query_width + key_width]);
            let turn = |x: &[f32], weight: Option<&[f32]>, epsilon: f32, out: &mut [f32]| match weight {
                Some(weight) => {
                    let mut normed = vec![0.0; x.len()];
                    math::rms_norm_rows(x, weight, epsilon, &mut normed);
                    if attention.round {
                        math::round_bf16(&mut normed);
                    }
                    attention.angles.turn(cos, sin, &normed, out);
                }
                None => attention.angles.turn(cos, sin, x, out),
            };
            let epsilon = norms.as_ref().map_or(0.0, |(_, _, epsilon)| *epsilon);
            turn(
                query,
                norms.as_ref().map(|(query, ..)| query.as_slice()),
                epsilon,
                queries,
            );
            turn(
                keys,
                norms.as_ref().map(|(_, key, _)| key.as_slice()),
                epsilon,
                &mut key,
            );
            if attention.round {
                math::round_bf16(queries);
                math::round_bf16(&mut key);
            }
            cache.store(first + i, &key, &row[query_width + key_width..]);
        }
        let out = &mut out[at * query_width..(at + count) * query_width];
        let queries = attention::Queries {
            values: &queries,
            stride: query_width,
            first,
            count,
            window: attention.window,
            scale: attention.scale,
        };
        attention::attend(cache, &queries, out);
        at += count;
    }
    if attention.round {
        math::round_bf16(out);
    }
    Ok(())
}

fn elsewhere() -> EngineError {
    candle_core::Error::Msg("cache and queries are on different devices".into()).into()
}

/// The same for the segment whose rows begin at `at`, as tensor operations.
pub(super) fn attend_with_tensors(
    qkv: &Tensor,
    at: usize,
    segment: &mut Segment<'_>,
    layer: usize,
    attention: &Attention<'_>,
) -> Result<Tensor, EngineError> {
    let heads = attention.heads;
    let (first, count) = (segment.cache.length(), segment.tokens.len());
    let (query_width, key_width) = (heads.queries * heads.size, heads.keys * heads.size);
    let split = |from: usize, width: usize, n: usize| -> Result<Tensor, EngineError> {
        let part = qkv.narrow(0, at, count)?.narrow(1, from, width)?;
        Ok(part
            .reshape((1, count, n, heads.size))?
            .transpose(1, 2)?
            .contiguous()?)
    };
    let rounded = |x: Tensor| match attention.round {
        true => to_bf16(&x),
        false => Ok(x),
    };
    let turned = |x: Tensor, weight: Option<&Tensor>| {
        let x = match (weight, &attention.norms) {
            (Some(weight), Some(norms)) => rounded(rms_norm(&x, weight, norms.epsilon)?)?,
            _ => x,
        };
        rounded(attention.angles.turn_tensor(at, &x)?)
    };
    let norms = attention.norms.as_ref();
    let q = turned(
        split(0, query_width, heads.queries)?,
        norms.map(|norms| norms.query),
    )?;
    let k = turned(
        split(query_width, key_width, heads.keys)?,
        norms.map(|norms| norms.key),
    )?;
    let v = split(query_width + key_width, key_width, heads.keys)?;
    let LayerCache::Tensors { keys, values } = segment.cache.layer(layer) else {
        return Err(elsewhere());
    };
    keys.slice_set(&k, 2, first)?;
    values.slice_set(&v, 2, first)?;

    // Grouped queries: heads that share a key are stacked as further query rows of that key's head. Positions
    // that no query of the segment sees any more are left out.
    let begin = attention
        .window
        .map_or(0, |window| (first + 1).saturating_sub(window));
    let (seen, group) = (first + count - begin, heads.queries / heads.keys);
    let k = keys.narrow(2, begin, seen)?.contiguous()?;
    let v = values.narrow(2, begin, seen)?.contiguous()?;
    let q = q.reshape((1, heads.keys, group * count, heads.size))?;
    let scores = (q.matmul(&k.t()?)? * f64::from(attention.scale))?.to_dtype(DType::F32)?;
    let scores = scores.reshape((heads.keys, group, count, seen))?;
    let scores = if count > 1 {
        let visible = |i: usize, t: usize| {
            let (query, key) = (first + i, begin + t);
            key <= query && attention.window.is_none_or(|window| query - key < window)
        };
        let mask: Vec<f32> = (0..count)
            .flat_map(|i| (0..seen).map(move |t| (i, t)))
            .map(|(i, t)| if visible(i, t) { 0.0 } else { f32::NEG_INFINITY })
            .collect();
        scores.broadcast_add(&Tensor::from_vec(mask, (count, seen), qkv.device())?)?
    } else {
        scores
    };
    let weights = candle_nn::ops::softmax(&scores, D::Minus1)?.to_dtype(v.dtype())?;
    let out = weights
        .reshape((1, heads.keys, group * count, seen))?
        .matmul(&v)?;
    let out = out.reshape((heads.queries, count, heads.size))?.transpose(0, 1)?;
    rounded(out.contiguous()?.reshape((count, query_width))?)
}
