//! A model's whitening table: what makes the dimensions of its final hidden state comparable.
//!
//! A few dimensions of a language model are often hundreds of times larger than the rest and would drown all
//! others in a sum. The table holds each dimension's mean and the reciprocal of its deviation, measured by
//! calibration; worker and auditor apply the same one.

use crate::{
    explain::explain,
    float_bits::{is_finite_bf16, q24_from_bf16, HIDDEN_FRACTION_BITS},
    hash::tagged_hash,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Most dimensions of a hidden state.
pub const MAX_DIMENSIONS: u32 = 16_384;

/// Bits below the unit (one deviation) of a whitened value.
pub const WHITE_FRACTION_BITS: u32 = 12;

/// Largest magnitude of a whitened value: just under 32 deviations. [`MAX_DIMENSIONS`] of them fit an `i32`.
pub const WHITE_LIMIT: i32 = (1 << (5 + WHITE_FRACTION_BITS)) - 1;

/// Largest [`WhiteningTable::mean_shift`].
pub const MAX_MEAN_SHIFT: u8 = HIDDEN_FRACTION_BITS as u8;

/// Largest [`WhiteningTable::scale_shift`].
pub const MAX_SCALE_SHIFT: u8 = 48;

/// Mean and scale of every dimension, each with an exponent that all dimensions share.
///
/// White value of dimension i, in 1/4096 of a deviation:
/// clamp(⌊(h·2²⁴ − mean_i·2^mean_shift) · scale_i / 2^scale_shift + ½⌋, ± [`WHITE_LIMIT`]).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct WhiteningTable {
    /// Exponent of the means; at most [`MAX_MEAN_SHIFT`].
    pub mean_shift: u8,
    /// Exponent of the scales; at most [`MAX_SCALE_SHIFT`].
    pub scale_shift: u8,
    /// Mean of each dimension in 2^mean_shift / 2²⁴.
    pub means: BoundedVec<i16, ConstU32<MAX_DIMENSIONS>>,
    /// Reciprocal deviation of each dimension; 0 leaves the dimension out.
    pub scales: BoundedVec<u16, ConstU32<MAX_DIMENSIONS>>,
}

/// Why a table cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhiteningError {
    /// There are no dimensions; give one mean and one scale per dimension of the hidden state.
    Empty,
    /// There are more than [`MAX_DIMENSIONS`]; such a model cannot be sketched.
    TooManyDimensions,
    /// Means and scales are not equally many; the table is damaged, fetch or make it again.
    LengthsDiffer,
    /// An exponent is beyond [`MAX_MEAN_SHIFT`] or [`MAX_SCALE_SHIFT`]; make the table again.
    ShiftTooLarge,
    /// All scales are 0, so nothing would be compared; the calibration saw constant hidden states.
    NoScale,
}

/// Why a hidden state cannot be whitened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HiddenError {
    /// The state has another number of dimensions than the table: it is another model's, or another layer's.
    Dimensions {
        /// Dimensions of the table.
        expected: u32,
        /// Dimensions of the state.
        given: u32,
    },
    /// This dimension holds NaN or infinity: the engine's arithmetic failed, report a fault instead of a
    /// result.
    NotFinite {
        /// The dimension.
        dimension: u32,
    },
}

explain!(WhiteningError {
    Self::Empty =>
        "the whitening table has no dimensions: give one mean and one scale for each of the hidden state";
    Self::TooManyDimensions =>
        "the whitening table has more than {MAX_DIMENSIONS} dimensions: such a model cannot be sketched";
    Self::LengthsDiffer =>
        "the whitening table has not as many scales as means: it is damaged, fetch or make it again";
    Self::ShiftTooLarge => "an exponent of the whitening table is too large: make the table again";
    Self::NoScale =>
        "all scales of the whitening table are 0: it was made from constant hidden states, make it again";
});

explain!(HiddenError {
    Self::Dimensions { expected, given } =>
        "the hidden state has {given} dimensions and the whitening table {expected}: take the table of this model";
    Self::NotFinite { dimension } =>
        "the hidden state is not finite in dimension {dimension}: the engine's arithmetic failed, report a fault";
});

impl WhiteningTable {
    /// A checked table.
    pub fn new(
        mean_shift: u8,
        scale_shift: u8,
        means: Vec<i16>,
        scales: Vec<u16>,
    ) -> Result<Self, WhiteningError> {
        let table = Self {
            mean_shift,
            scale_shift,
            means: BoundedVec::try_from(means).map_err(|_| WhiteningError::TooManyDimensions)?,
            scales: BoundedVec::try_from(scales).map_err(|_| WhiteningError::TooManyDimensions)?,
        };
        table.check().map(|()| table)
    }

    /// Whether the table can be used; call it on one that was decoded.
    pub fn check(&self) -> Result<(), WhiteningError> {
        if self.means.is_empty() && self.scales.is_empty() {
            return Err(WhiteningError::Empty);
        }
        if self.means.len() != self.scales.len() {
            return Err(WhiteningError::LengthsDiffer);
        }
        if self.mean_shift > MAX_MEAN_SHIFT || self.scale_shift > MAX_SCALE_SHIFT {
            return Err(WhiteningError::ShiftTooLarge);
        }
        if self.scales.iter().all(|scale| *scale == 0) {
            return Err(WhiteningError::NoScale);
        }
        Ok(())
    }

    /// The table that changes nothing: mean 0, deviation 1. For a model whose own table is not made yet.
    pub fn unit(dimensions: u32) -> Result<Self, WhiteningError> {
        let count = dimensions.min(MAX_DIMENSIONS.saturating_add(1)) as usize;
        let shift = (15 + HIDDEN_FRACTION_BITS - WHITE_FRACTION_BITS) as u8;
        Self::new(0, shift, alloc::vec![0; count], alloc::vec![1 << 15; count])
    }

    /// The table of measured means and deviations, both in Q24, with the smallest exponents that hold them. A
    /// dimension of deviation 0 is left out.
    pub fn fit(means_q24: &[i64], deviations_q24: &[u64]) -> Result<Self, WhiteningError> {
        if means_q24.len() != deviations_q24.len() {
            return Err(WhiteningError::LengthsDiffer);
        }
        let widest = means_q24
            .iter()
            .map(|mean| mean.unsigned_abs())
            .max()
            .unwrap_or(0);
        let mean_shift = (0..=MAX_MEAN_SHIFT)
            .find(|shift| rounded_shift(widest, *shift) <= i16::MAX as u64)
            .unwrap_or(MAX_MEAN_SHIFT);
        let means = means_q24
            .iter()
            .map(|mean| {
                let magnitude = rounded_shift(mean.unsigned_abs(), mean_shift).min(i16::MAX as u64) as i16;
                if *mean < 0 {
                    -magnitude
                } else {
                    magnitude
                }
            })
            .collect();
        let narrowest = deviations_q24.iter().copied().filter(|d| *d > 0).min();
        let scale_shift = (0..=MAX_SCALE_SHIFT)
            .rev()
            .find(|shift| narrowest.is_none_or(|d| scale_of(d, *shift) <= u64::from(u16::MAX)))
            .unwrap_or(0);
        let scales = deviations_q24
            .iter()
            .map(|deviation| match deviation {
                0 => 0,
                deviation => scale_of(*deviation, scale_shift).min(u64::from(u16::MAX)) as u16,
            })
            .collect();
        Self::new(mean_shift, scale_shift, means, scales)
    }

    /// Number of dimensions.
    pub fn dimensions(&self) -> u32 {
        self.means.len() as u32
    }

    /// H("ogpu/whiten/v1", SCALE(table)): what a model registers.
    pub fn hash(&self) -> H256 {
        self.using_encoded(|bytes| tagged_hash(b"ogpu/whiten/v1", bytes))
    }

    /// The white values of a hidden state given as bf16 bits, written over `white`.
    pub fn whiten(&self, hidden: &[u16], white: &mut Vec<i32>) -> Result<(), HiddenError> {
        if hidden.len() != self.means.len() {
            return Err(HiddenError::Dimensions {
                expected: self.dimensions(),
                given: u32::try_from(hidden.len()).unwrap_or(u32::MAX),
            });
        }
        let (mean_shift, shift) = (
            self.mean_shift.min(MAX_MEAN_SHIFT),
            self.scale_shift.min(MAX_SCALE_SHIFT),
        );
        let half = (1i64 << shift) >> 1;
        let limit = i64::from(WHITE_LIMIT);
        if let Some(dimension) = hidden.iter().position(|bits| !is_finite_bf16(*bits)) {
            return Err(HiddenError::NotFinite {
                dimension: dimension as u32,
            });
        }
        let whiten = |((bits, mean), scale): ((&u16, &i16), &u16)| {
            // Below 2⁴¹ · 2¹⁶.
            let centred = q24_from_bf16(*bits) - (i64::from(*mean) << mean_shift);
            let scaled = (centred * i64::from(*scale) + half) >> shift;
            scaled.clamp(-limit, limit) as i32
        };
        white.clear();
        white.extend(hidden.iter().zip(&self.means).zip(&self.scales).map(whiten));
        Ok(())
    }
}

/// value / 2^shift, rounded half up.
fn rounded_shift(value: u64, shift: u8) -> u64 {
    let half = (1u64 << shift) >> 1;
    value.saturating_add(half) >> shift
}

/// The factor that turns a difference in Q24 into [`WHITE_FRACTION_BITS`] of `deviation_q24`, times 2^shift.
fn scale_of(deviation_q24: u64, shift: u8) -> u64 {
    let numerator = 1u128 << (WHITE_FRACTION_BITS + u32::from(shift));
    let deviation = u128::from(deviation_q24.max(1));
    u64::try_from((numerator + deviation / 2) / deviation).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "whitening_tests.rs"]
mod tests;
