//! Matrix products with weights in any of the forms that profiles and devices ask for.

use super::cpu::matmul::{multiply, Activations};
use super::cpu::matmul_f32;
use super::cpu::pack::Packed;
use super::ops::with_f32;
use super::EngineError;
use candle_core::quantized::QMatMul;
use candle_core::{Device, Module, Tensor, D};
use ogpu_primitives::NumericProfile;

/// One matrix.
pub enum Part {
    /// Our tiles, on the CPU.
    Packed(Packed),
    /// Candle's quantised kernels.
    Quantised(QMatMul),
    /// Dense, `[outputs, inputs]`.
    Dense(Tensor),
}

/// One or more stacked matrices with common inputs.
pub struct Linear {
    parts: Vec<(Part, usize)>,
    columns: usize,
    width: usize,
    /// Packed weights meet activations rounded to 8 bits.
    round: bool,
    /// Added to every row of outputs.
    bias: Option<Tensor>,
}

impl Linear {
    /// Stacks matrices, each with its number of outputs. Dense ones become a single matrix.
    pub fn new(
        parts: Vec<(Part, usize)>,
        columns: usize,
        profile: NumericProfile,
    ) -> Result<Self, EngineError> {
        let round = profile == NumericProfile::A8;
        let width = parts.iter().map(|(_, rows)| rows).sum();
        let dense: Vec<&Tensor> = parts
            .iter()
            .filter_map(|(part, _)| match part {
                Part::Dense(tensor) => Some(tensor),
                Part::Packed(_) | Part::Quantised(_) => None,
            })
            .collect();
        if dense.len() == parts.len() {
            let stacked = Tensor::cat(&dense, 0)?;
            return Ok(Self {
                parts: vec![(Part::Dense(stacked), width)],
                columns,
                width,
                round,
                bias: None,
            });
        }
        Ok(Self {
            parts,
            columns,
            width,
            round,
            bias: None,
        })
    }

    /// The same with `bias` (`[outputs]`) added to every row of outputs.
    pub fn with_bias(self, bias: Tensor) -> Self {
        Self {
            bias: Some(bias),
            ..self
        }
    }

    /// `x` is `[rows, inputs]`, the result `[rows, outputs]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, EngineError> {
        let product = self.product(x)?;
        match &self.bias {
            Some(bias) => Ok(product.broadcast_add(bias)?),
            None => Ok(product),
        }
    }

    fn product(&self, x: &Tensor) -> Result<Tensor, EngineError> {
        let packed: Vec<&Packed> = self
            .parts
            .iter()
            .filter_map(|(part, _)| match part {
                Part::Packed(packed) => Some(packed),
                Part::Quantised(_) | Part::Dense(_) => None,
            })
            .collect();
        if packed.len() == self.parts.len() {
            let mut offset = 0;
            let placed: Vec<(&Packed, usize)> = packed
                .into_iter()
                .map(|part| {
                    offset += part.rows;
                    (part, offset - part.rows)
                })
                .collect();
            return self.packed(&placed, self.width, x);
        }
        let mut outputs = Vec::with_capacity(self.parts.len());
        for (part, rows) in &self.parts {
            outputs.push(match part {
                Part::Quantised(matrix) => matrix.forward(x)?,
                Part::Dense(matrix) => x.matmul(&matrix.t()?)?,
                Part::Packed(packed) => self.packed(&[(packed, 0)], *rows, x)?,
            });
        }
        match outputs.len() {
            1 => Ok(outputs.swap_remove(0)),
            _ => Ok(Tensor::cat(&outputs, D::Minus1)?),
        }
    }

    fn packed(&self, parts: &[(&Packed, usize)], width: usize, x: &Tensor) -> Result<Tensor, EngineError> {
        let rows = x.dim(0)?;
        let mut out = vec![0.0; rows * width];
        with_f32(x, |x| match self.round {
            true => {
                let activations = Activations::new(x, self.columns);
                let activations = match parts.iter().any(|(packed, _)| packed.format.halves) {
                    true => activations.with_halves(),
                    false => activations,
                };
                multiply(parts, &activations, width, &mut out);
            }
            false => matmul_f32::multiply(parts, x, self.columns, width, &mut out),
        })?;
        Ok(Tensor::from_vec(out, (rows, width), &Device::Cpu)?)
    }

    /// The rows `ids` of the first matrix as floats: an embedding lookup.
    pub fn rows(&self, ids: &[u32], device: &Device) -> Result<Tensor, EngineError> {
        match &self.parts[0].0 {
            Part::Packed(packed) => {
                let mut out = vec![0.0; ids.len() * self.columns];
                for (id, out) in ids.iter().zip(out.chunks_exact_mut(self.columns)) {
                    packed.row(*id as usize, out);
                }
                Ok(Tensor::from_vec(out, (ids.len(), self.columns), device)?)
            }
            Part::Quantised(matrix) => Ok(matrix.embedding(&Tensor::new(ids, device)?)?),
            Part::Dense(matrix) => Ok(matrix.index_select(&Tensor::new(ids, device)?, 0)?),
        }
    }
}
