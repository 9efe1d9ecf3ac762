//! How far two embeddings lie apart, in integers.

use crate::{difference::Difference, explain::explain, float_bits::parts_of_f32, whitening::MAX_DIMENSIONS};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Bits that the largest value of the reference has on the common grid.
const VALUE_BITS: i32 = 20;

/// Largest magnitude on the grid: 1024 times the largest of the reference.
const LIMIT: i64 = 1 << (VALUE_BITS + 10);

/// Why two embeddings cannot be compared.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum EmbeddingError {
    /// A vector is empty or not a whole number of f32 values; give 4 bytes, little-endian, a value.
    NotValues,
    /// There are more than [`MAX_DIMENSIONS`] values.
    TooLong,
    /// The vectors are not of the same length; they are of different models.
    LengthsDiffer,
    /// This value is NaN or infinite in one of the vectors: its maker's arithmetic failed.
    NotFinite {
        /// The value, from 0.
        dimension: u32,
    },
}

explain!(EmbeddingError {
    Self::NotValues => "the embedding is empty or not a whole number of f32 values";
    Self::TooLong => "the embedding has more than {MAX_DIMENSIONS} values";
    Self::LengthsDiffer => "the embeddings are not equally long: they are of different models";
    Self::NotFinite { dimension } =>
        "value {dimension} of the embedding is not finite: its maker's arithmetic failed";
});

/// Relative error as the two sums of e², the auditor's vector being the reference; judge it with [`exceeds`].
///
/// Values are put on one grid on which the reference's largest has 20 bits, cut towards zero: an error of at
/// most 2·10⁻⁶ of the largest value. Magnitudes beyond 1024 times that count as 1024 times, and sums
/// saturate, both far beyond any tolerance. A reference of zeros has no grid: only zeros equal it.
pub fn difference(worker_le: &[u8], auditor_le: &[u8]) -> Result<Difference, EmbeddingError> {
    let (worker, auditor) = (values(worker_le)?, values(auditor_le)?);
    if worker.len() != auditor.len() {
        return Err(EmbeddingError::LengthsDiffer);
    }
    let top = |(significand, exponent): &(i32, i32)| match significand.unsigned_abs() {
        0 => None,
        magnitude => Some(exponent + magnitude.ilog2() as i32),
    };
    let Some(largest) = auditor.iter().filter_map(top).max() else {
        let unequal = worker.iter().any(|(significand, _)| *significand != 0);
        return Ok(Difference {
            squares: unequal.into(),
            reference: 0,
        });
    };
    let unit = largest + 1 - VALUE_BITS;
    let pairs = worker.iter().zip(&auditor);
    Ok(pairs
        .map(|(a, b)| {
            let (a, b) = (on_grid(*a, unit), on_grid(*b, unit));
            Difference {
                squares: (a - b).unsigned_abs().pow(2),
                reference: b.unsigned_abs().pow(2),
            }
        })
        .fold(Difference::default(), Difference::plus))
}

/// Whether the relative error is above `tolerance_ppm` (above 10⁶ counts as 10⁶).
pub fn exceeds(difference: &Difference, tolerance_ppm: u32) -> bool {
    const PPM: u128 = 1_000_000;
    let tolerance = u128::from(tolerance_ppm).min(PPM);
    u128::from(difference.squares) * PPM * PPM > tolerance * tolerance * u128::from(difference.reference)
}

fn values(bytes: &[u8]) -> Result<Vec<(i32, i32)>, EmbeddingError> {
    let (words, rest) = bytes.as_chunks::<4>();
    if words.is_empty() || !rest.is_empty() {
        return Err(EmbeddingError::NotValues);
    }
    if words.len() > MAX_DIMENSIONS as usize {
        return Err(EmbeddingError::TooLong);
    }
    (0u32..)
        .zip(words)
        .map(|(dimension, word)| {
            parts_of_f32(u32::from_le_bytes(*word)).ok_or(EmbeddingError::NotFinite { dimension })
        })
        .collect()
}

/// significand · 2^exponent in units of 2^unit, cut towards zero and to [`LIMIT`].
fn on_grid((significand, exponent): (i32, i32), unit: i32) -> i64 {
    let shift = exponent - unit;
    let magnitude = i64::from(significand.unsigned_abs());
    let scaled = if magnitude == 0 {
        0
    } else if shift >= 0 {
        // Below 2²⁴ · 2³⁰; any larger shift reaches the limit too.
        magnitude << shift.min(30)
    } else {
        magnitude >> (-shift).min(32)
    };
    let scaled = scaled.min(LIMIT);
    if significand < 0 {
        -scaled
    } else {
        scaled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn bytes(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn difference_should_be_refused_when_a_vector_is_not_usable() {
        let good = bytes(&[1.0, 2.0]);
        let cases = [
            (vec![], EmbeddingError::NotValues),
            (vec![0; 7], EmbeddingError::NotValues),
            (bytes(&[1.0]), EmbeddingError::LengthsDiffer),
            (
                bytes(&[1.0, f32::NAN]),
                EmbeddingError::NotFinite { dimension: 1 },
            ),
            (
                bytes(&[f32::NEG_INFINITY, 1.0]),
                EmbeddingError::NotFinite { dimension: 0 },
            ),
            (vec![0; 4 * 16_385], EmbeddingError::TooLong),
        ];
        for (bad, error) in cases {
            assert_eq!(difference(&bad, &good), Err(error));
            assert_eq!(difference(&good, &bad), Err(error));
        }
    }

    #[test]
    fn difference_should_pass_only_zeros_when_the_reference_is_zero() {
        let (zero, negative_zero, tiny) = (
            bytes(&[0.0; 4]),
            bytes(&[-0.0; 4]),
            bytes(&[0.0, 0.0, 1e-45, 0.0]),
        );
        assert!(!exceeds(&difference(&negative_zero, &zero).unwrap(), 0));
        assert!(exceeds(&difference(&tiny, &zero).unwrap(), 1_000_000));
    }

    #[test]
    fn difference_should_show_one_absurd_value_when_there_are_many_dimensions() {
        let auditor = vec![1.0f32; 16_384];
        let mut worker = auditor.clone();
        worker[77] = f32::MAX;
        let found = difference(&bytes(&worker), &bytes(&auditor)).unwrap();
        assert!(exceeds(&found, 1_000_000));
    }

    #[test]
    fn exceeds_should_cut_exactly_at_the_tolerance() {
        let found = difference(&bytes(&[1.25, 1.25]), &bytes(&[1.0, 1.0])).unwrap();
        assert!(exceeds(&found, 249_999) && !exceeds(&found, 250_000));
    }

    proptest! {
        #[test]
        fn difference_should_agree_with_floats(
            auditor in proptest::collection::vec(-1f32..1.0, 1..300), scale in -100i32..100, noise in 0f32..0.3,
        ) {
            prop_assume!(auditor.iter().any(|value| value.abs() > 1e-3));
            let factor = 2f32.powi(scale);
            let auditor: Vec<f32> = auditor.iter().map(|value| value * factor).collect();
            let worker: Vec<f32> = auditor
                .iter()
                .enumerate()
                .map(|(at, value)| value + noise * factor * if at % 3 == 0 { 1.0 } else { -0.5 })
                .collect();
            let found = difference(&bytes(&worker), &bytes(&auditor)).unwrap();
            let sums = worker.iter().zip(&auditor).fold((0.0, 0.0), |(d, r), (a, b)| {
                let (a, b) = (f64::from(*a), f64::from(*b));
                (d + (a - b) * (a - b), r + b * b)
            });
            let exact = (sums.0 / sums.1).sqrt();
            let got = (found.squares as f64 / found.reference as f64).sqrt();
            let slack = 4e-6 * (auditor.len() as f64).sqrt();
            prop_assert!((got - exact).abs() < slack * (1.0 + exact), "{} against {}", got, exact);
        }

        #[test]
        fn difference_should_never_panic_when_the_bits_are_arbitrary(
            worker in proptest::collection::vec(any::<u8>(), 0..64), auditor in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            if let Ok(found) = difference(&worker, &auditor) {
                prop_assert!(worker == auditor || found.reference > 0 || found.squares <= 1);
            }
        }
    }
}
