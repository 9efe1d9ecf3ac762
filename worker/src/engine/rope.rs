//! Rotary position embedding.

use super::EngineError;
use candle_core::{DType, Device, Tensor};

/// Angles for every position of the context.
pub struct Rope {
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
    interleaved: bool,
    tables: (Tensor, Tensor),
}

impl Rope {
    /// `factors` divide the frequencies one by one. Pairs are neighbours when `interleaved` (GGUF), else
    /// the two halves of a head (Hugging Face).
    pub fn new(
        size: usize,
        base: f64,
        factors: Option<&[f64]>,
        positions: usize,
        interleaved: bool,
        dtype: DType,
        device: &Device,
    ) -> Result<Self, EngineError> {
        let half = size / 2;
        let frequency = |i: usize| {
            let factor = factors.map_or(1.0, |factors| factors[i]);
            base.powf(-2.0 * i as f64 / size as f64) / factor
        };
        let frequencies: Vec<f64> = (0..half).map(frequency).collect();
        let angles = (0..positions).flat_map(|p| frequencies.iter().map(move |f| p as f64 * f));
        let (cos, sin): (Vec<f32>, Vec<f32>) = angles.map(|a| (a.cos() as f32, a.sin() as f32)).unzip();
        let table = |values: &[f32]| Tensor::from_slice(values, (positions, half), device)?.to_dtype(dtype);
        let tables = (table(&cos)?, table(&sin)?);
        Ok(Self { cos, sin, half, interleaved, tables })
    }

    /// Turns all heads of one token.
    pub fn turn(&self, position: usize, x: &[f32], out: &mut [f32]) {
        let half = self.half;
        let cos = &self.cos[position * half..(position + 1) * half];
        let sin = &self.sin[position * half..(position + 1) * half];
        for (x, out) in x.chunks_exact(2 * half).zip(out.chunks_exact_mut(2 * half)) {
            for i in 0..half {
                let (a, b) = if self.interleaved { (2 * i, 2 * i + 1) } else { (i, i + half) };
                out[a] = x[a] * cos[i] - x[b] * sin[i];
                out[b] = x[a] * sin[i] + x[b] * cos[i];
            }
        }
    }

    /// Turns `[1, heads, tokens, size]`, the first token at `position`.
    pub fn turn_on_device(&self, position: usize, x: &Tensor) -> Result<Tensor, EngineError> {
        let (cos, sin) = &self.tables;
        let count = x.dim(2)?;
        let (cos, sin) = (cos.narrow(0, position, count)?, sin.narrow(0, position, count)?);
        Ok(match self.interleaved {
            true => candle_nn::rotary_emb::rope_i(x, &cos, &sin)?,
            false => candle_nn::rotary_emb::rope(x, &cos, &sin)?,
        })
    }
}
