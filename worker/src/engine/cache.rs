//! Keys and values of the tokens that a stream has seen.

use super::cpu::attention::{Cache, Heads};
use super::EngineError;
use candle_core::{DType, Device, Tensor};

/// One layer's part.
pub enum LayerCache {
    /// For our kernels on the CPU.
    Own(Cache),
    /// `[1, key heads, capacity, head size]` for the library's kernels.
    Tensors {
        /// Keys, turned.
        keys: Tensor,
        /// Values.
        values: Tensor,
    },
}

/// The cache of one stream, allocated for its whole length at once.
pub struct KvCache {
    layers: Vec<LayerCache>,
    capacity: usize,
    length: usize,
}

impl LayerCache {
    /// An empty layer as tensors.
    fn tensors(heads: Heads, capacity: usize, dtype: DType, device: &Device) -> Result<Self, EngineError> {
        let shape = (1, heads.keys, capacity, heads.size);
        Ok(Self::Tensors {
            keys: Tensor::zeros(shape, dtype, device)?,
            values: Tensor::zeros(shape, dtype, device)?,
        })
    }
}

impl KvCache {
    /// Room for `capacity` tokens in each of `layers` layers; `tensors` keeps them for the library's kernels
    /// on the CPU too.
    pub fn new(
        layers: usize,
        heads: Heads,
        capacity: usize,
        dtype: DType,
        device: &Device,
        tensors: bool,
    ) -> Result<Self, EngineError> {
        let layer = || match device.is_cpu() && !tensors {
            true => Ok(LayerCache::Own(Cache::new(heads, capacity))),
            false => LayerCache::tensors(heads, capacity, dtype, device),
        };
        let layers = (0..layers).map(|_| layer()).collect::<Result<_, EngineError>>()?;
        Ok(Self {
            layers,
            capacity,
            length: 0,
        })
    }

    /// Tokens stored so far: the next token's position.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Tokens that fit.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Counts `tokens` more as stored, once every layer has them.
    pub fn advance(&mut self, tokens: usize) {
        self.length += tokens;
    }

    /// The part of one layer.
    pub fn layer(&mut self, layer: usize) -> &mut LayerCache {
        &mut self.layers[layer]
    }
}

/// Tokens that one stream adds in a step. Streams of any length share a step, each at its own position:
/// a prompt's chunk beside single tokens of other streams.
pub struct Segment<'a> {
    /// The new tokens.
    pub tokens: &'a [u32],
    /// The stream's cache.
    pub cache: &'a mut KvCache,
}

#[cfg(test)]
mod tests {
    use super::super::cpu::pack::tests::sample;
    use super::super::ops::{attend, Attention, HeadNorms};
    use super::super::rope::Rope;
    use super::*;

    #[test]
    fn attention_should_be_the_same_when_it_runs_as_tensor_operations() {
        let heads = Heads {
            queries: 6,
            keys: 2,
            size: 32,
        };
        let width = (heads.queries + 2 * heads.keys) * heads.size;
        let weight = |step: usize| Tensor::from_vec(sample(32, step), 32, &Device::Cpu).unwrap();
        let (query, key) = (weight(7), weight(11));
        for (interleaved, window, normed) in [
            (true, None, false),
            (false, None, true),
            (false, Some(4), true),
            (true, Some(1), false),
            (false, Some(64), false),
        ] {
            let rope = Rope::new(32, 1e4, None, interleaved);
            let cache = |tensors| KvCache::new(1, heads, 32, DType::F32, &Device::Cpu, tensors).unwrap();
            let (mut ours, mut theirs) = (cache(false), cache(true));
            for (first, count) in [(0, 5), (5, 1), (6, 3), (9, 20)] {
                let qkv: Vec<f32> = sample(count * width, 29 + first)
                    .iter()
                    .map(|x| x / 5.0)
                    .collect();
                let qkv = Tensor::from_vec(qkv, (count, width), &Device::Cpu).unwrap();
                let tokens = vec![0; count];
                let positions: Vec<usize> = (first..first + count).collect();
                let angles = rope.angles(&positions, DType::F32, &Device::Cpu).unwrap();
                let attention = Attention {
                    heads,
                    scale: 0.2,
                    window,
                    norms: normed.then_some(HeadNorms {
                        query: &query,
                        key: &key,
                        epsilon: 1e-6,
                    }),
                    angles: &angles,
                    round: false,
                };
                let run = |cache: &mut KvCache| {
                    let mut segments = [Segment {
                        tokens: &tokens,
                        cache,
                    }];
                    let out = attend(&qkv, &mut segments, 0, &attention).unwrap();
                    segments[0].cache.advance(count);
                    out
                };
                let (found, expected) = (run(&mut ours), run(&mut theirs));
                let difference = (found - expected).unwrap().abs().unwrap().max_all().unwrap();
                assert!(
                    difference.to_scalar::<f32>().unwrap() < 2e-4,
                    "at {first}, interleaved: {interleaved}, window {window:?}"
                );
            }
        }
    }
}
