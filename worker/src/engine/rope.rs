//! Rotary position embedding.

use super::EngineError;
use candle_core::{DType, Device, Tensor};

/// How positions become angles.
pub struct Rope {
    frequencies: Vec<f64>,
    interleaved: bool,
}

/// Sines and cosines of the tokens of one step: `[tokens, half a head]`.
pub struct Angles {
    cos: Tensor,
    sin: Tensor,
    interleaved: bool,
}

impl Rope {
    /// `factors` divide the frequencies one by one. Pairs are neighbours when `interleaved` (GGUF), else
    /// the two halves of a head (Hugging Face).
    pub fn new(size: usize, base: f64, factors: Option<&[f64]>, interleaved: bool) -> Self {
        let frequency = |i: usize| {
            let factor = factors.and_then(|factors| factors.get(i)).copied().unwrap_or(1.0);
            base.powf(-2.0 * i as f64 / size as f64) / factor
        };
        Self {
            frequencies: (0..size / 2).map(frequency).collect(),
            interleaved,
        }
    }

    /// The angles of these positions, shared by all layers of a step.
    pub fn angles(&self, positions: &[usize], dtype: DType, device: &Device) -> Result<Angles, EngineError> {
        let angles = positions
            .iter()
            .flat_map(|p| self.frequencies.iter().map(move |f| *p as f64 * f));
        let (cos, sin): (Vec<f32>, Vec<f32>) = angles.map(|a| (a.cos() as f32, a.sin() as f32)).unzip();
        let table = |values: Vec<f32>| {
            Tensor::from_vec(values, (positions.len(), self.frequencies.len()), device)?.to_dtype(dtype)
        };
        Ok(Angles {
            cos: table(cos)?,
            sin: table(sin)?,
            interleaved: self.interleaved,
        })
    }
}

impl Angles {
    /// The tables, the second dimension contiguous.
    pub fn tables(&self) -> (&Tensor, &Tensor) {
        (&self.cos, &self.sin)
    }

    /// Turns all heads of one token, given its own row of both tables.
    pub fn turn(&self, cos: &[f32], sin: &[f32], x: &[f32], out: &mut [f32]) {
        let half = cos.len();
        for (x, out) in x.chunks_exact(2 * half).zip(out.chunks_exact_mut(2 * half)) {
            for i in 0..half {
                let (a, b) = if self.interleaved {
                    (2 * i, 2 * i + 1)
                } else {
                    (i, i + half)
                };
                out[a] = x[a] * cos[i] - x[b] * sin[i];
                out[b] = x[a] * sin[i] + x[b] * cos[i];
            }
        }
    }

    /// Turns `[1, heads, tokens, size]`, whose tokens have the rows from `first`.
    pub fn turn_tensor(&self, first: usize, x: &Tensor) -> Result<Tensor, EngineError> {
        let count = x.dim(2)?;
        let (cos, sin) = (
            self.cos.narrow(0, first, count)?,
            self.sin.narrow(0, first, count)?,
        );
        Ok(match self.interleaved {
            true => candle_nn::rotary_emb::rope_i(x, &cos, &sin)?,
            false => candle_nn::rotary_emb::rope(x, &cos, &sin)?,
        })
    }
}
