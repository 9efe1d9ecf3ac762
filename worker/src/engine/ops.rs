//! The operations between matrix products: own code on the CPU, candle's kernels elsewhere.

use super::cache::{LayerCache, Segment};
use super::cpu::{attention, math};
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

/// SiLU(gate) · up, where each row is gate then up.
pub fn swiglu(x: &Tensor) -> Result<Tensor, EngineError> {
    let (rows, width) = x.dims2()?;
    let half = width / 2;
    if !x.device().is_cpu() {
        let gate = x.narrow(1, 0, half)?.contiguous()?;
        let up = x.narrow(1, half, half)?.contiguous()?;
        return Ok((candle_nn::ops::silu(&gate)? * up)?);
    }
    let out = with_f32(x, |x| math::swiglu(x, half))?;
    Ok(Tensor::from_vec(out, (rows, half), &Device::Cpu)?)
}

/// Sum of two tensors.
pub fn add(x: &Tensor, y: &Tensor) -> Result<Tensor, EngineError> {
    if !x.device().is_cpu() {
        return Ok((x + y)?);
    }
    let out = with_f32(x, |x| with_f32(y, |y| math::add(x, y)))??;
    Ok(Tensor::from_vec(out, x.shape(), &Device::Cpu)?)
}

/// Turns queries and keys, stores keys and values in each segment's cache, attends.
///
/// Rows of `qkv` are queries, keys, values of one token, all heads one after another; segments own
/// consecutive rows.
pub fn attend(
    qkv: &Tensor,
    segments: &mut [Segment<'_>],
    layer: usize,
    heads: attention::Heads,
    angles: &Angles,
) -> Result<Tensor, EngineError> {
    let rows = qkv.dim(0)?;
    let width = heads.queries * heads.size;
    if !qkv.device().is_cpu() {
        let mut outputs = Vec::with_capacity(segments.len());
        let mut at = 0;
        for segment in segments.iter_mut() {
            outputs.push(attend_on_device(qkv, at, segment, layer, heads, angles)?);
            at += segment.tokens.len();
        }
        return Ok(Tensor::cat(&outputs, 0)?);
    }
    let mut out = vec![0.0; rows * width];
    let (cos, sin) = angles.tables();
    let (cos, sin) = (cos.flatten_all()?.to_vec1()?, sin.flatten_all()?.to_vec1()?);
    with_f32(qkv, |qkv| {
        attend_rows(qkv, (&cos, &sin), segments, layer, heads, angles, &mut out)
    })??;
    Ok(Tensor::from_vec(out, (rows, width), &Device::Cpu)?)
}

fn attend_rows(
    qkv: &[f32],
    (cos, sin): (&[f32], &[f32]),
    segments: &mut [Segment<'_>],
    layer: usize,
    heads: attention::Heads,
    angles: &Angles,
    out: &mut [f32],
) -> Result<(), EngineError> {
    let half = heads.size / 2;
    let (query_width, key_width) = (heads.queries * heads.size, heads.keys * heads.size);
    let stride = query_width + 2 * key_width;
    let mut key = vec![0.0; key_width];
    let mut at = 0;
    for segment in segments.iter_mut() {
        let (first, count) = (segment.cache.length(), segment.tokens.len());
        let LayerCache::Cpu(cache) = segment.cache.layer(layer) else {
            return Err(elsewhere());
        };
        let mut queries = vec![0.0; count * query_width];
        for (i, queries) in queries.chunks_exact_mut(query_width).enumerate() {
            let row = &qkv[(at + i) * stride..(at + i + 1) * stride];
            let table = (at + i) * half..(at + i + 1) * half;
            let (cos, sin) = (&cos[table.clone()], &sin[table]);
            angles.turn(cos, sin, &row[..query_width], queries);
            angles.turn(cos, sin, &row[query_width..query_width + key_width], &mut key);
            cache.store(first + i, &key, &row[query_width + key_width..]);
        }
        let out = &mut out[at * query_width..(at + count) * query_width];
        attention::attend(cache, &queries, query_width, first, count, out);
        at += count;
    }
    Ok(())
}

fn elsewhere() -> EngineError {
    candle_core::Error::Msg("cache and queries are on different devices".into()).into()
}

/// The same for the segment whose rows begin at `at`, as tensor operations.
pub(super) fn attend_on_device(
    qkv: &Tensor,
    at: usize,
    segment: &mut Segment<'_>,
    layer: usize,
    heads: attention::Heads,
    angles: &Angles,
) -> Result<Tensor, EngineError> {
    let (first, count) = (segment.cache.length(), segment.tokens.len());
    let (query_width, key_width) = (heads.queries * heads.size, heads.keys * heads.size);
    let split = |from: usize, width: usize, n: usize| -> Result<Tensor, EngineError> {
        let part = qkv.narrow(0, at, count)?.narrow(1, from, width)?;
        Ok(part
            .reshape((1, count, n, heads.size))?
            .transpose(1, 2)?
            .contiguous()?)
    };
    let q = angles.turn_on_device(at, &split(0, query_width, heads.queries)?)?;
    let k = angles.turn_on_device(at, &split(query_width, key_width, heads.keys)?)?;
    let v = split(query_width + key_width, key_width, heads.keys)?;
    let LayerCache::Device { keys, values } = segment.cache.layer(layer) else {
        return Err(elsewhere());
    };
    keys.slice_set(&k, 2, first)?;
    values.slice_set(&v, 2, first)?;

    // Grouped queries: heads that share a key are stacked as further query rows of that key's head.
    let (seen, group) = (first + count, heads.queries / heads.keys);
    let k = keys.narrow(2, 0, seen)?.contiguous()?;
    let v = values.narrow(2, 0, seen)?.contiguous()?;
    let q = q.reshape((1, heads.keys, group * count, heads.size))?;
    let scores = (q.matmul(&k.t()?)? * (1.0 / (heads.size as f64).sqrt()))?.to_dtype(DType::F32)?;
    let scores = scores.reshape((heads.keys, group, count, seen))?;
    let scores = if count > 1 {
        let mask: Vec<f32> = (0..count)
            .flat_map(|i| (0..seen).map(move |t| if t <= first + i { 0.0 } else { f32::NEG_INFINITY }))
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
    Ok(out.contiguous()?.reshape((count, query_width))?)
}
