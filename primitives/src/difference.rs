//! How far a worker's sketch lies from an auditor's: e² = Σ(a − b)² / Σb².

use crate::sketch::{ChunkSketch, SUMS};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The two sums of e², over any number of tokens.
///
/// A sum is below 2³³ a token, so 2⁶⁴ holds those of any output that the formats can carry.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Difference {
    /// Σ(a − b)², a the worker's.
    pub squares: u64,
    /// Σb², b the auditor's.
    pub reference: u64,
}

impl Difference {
    /// Between one chunk's sketches, over the `kept_of_32`/32 of its positions with the smallest Σ(a − b)²
    /// (rounded up); 32 takes all. `None` when the sketches are not of the same length or end within a token.
    pub fn between(worker: &ChunkSketch, auditor: &ChunkSketch, kept_of_32: u8) -> Option<Self> {
        let (worker, rest) = worker.sums().as_chunks::<SUMS>();
        let (auditor, other_rest) = auditor.sums().as_chunks::<SUMS>();
        if worker.len() != auditor.len() || !rest.is_empty() || !other_rest.is_empty() {
            return None;
        }
        let mut positions: Vec<Self> = worker
            .iter()
            .zip(auditor)
            .map(|(a, b)| Self::at_position(a, b))
            .collect();
        // Ties are broken by the reference, so that the order of equal positions cannot matter.
        positions.sort_unstable_by_key(|position| (position.squares, position.reference));
        let kept = (positions.len() * usize::from(kept_of_32.min(32))).div_ceil(32);
        Some(positions.into_iter().take(kept).fold(Self::default(), Self::plus))
    }

    fn at_position(worker: &[i16; SUMS], auditor: &[i16; SUMS]) -> Self {
        let squares = worker.iter().zip(auditor).map(|(a, b)| {
            let apart = i64::from(*a) - i64::from(*b);
            (apart * apart) as u64
        });
        let reference = auditor.iter().map(|b| (i64::from(*b) * i64::from(*b)) as u64);
        Self {
            squares: squares.sum(),
            reference: reference.sum(),
        }
    }

    /// The sums over both.
    pub fn plus(self, other: Self) -> Self {
        Self {
            squares: self.squares.saturating_add(other.squares),
            reference: self.reference.saturating_add(other.reference),
        }
    }

    /// Whether 10⁶·Σ(a−b)² > τ²·Σb², τ in 1/1000. Against a reference of zeros only equality passes.
    pub fn exceeds(&self, tau_milli: u16) -> bool {
        let tau = u128::from(tau_milli);
        u128::from(self.squares) * 1_000_000 > tau * tau * u128::from(self.reference)
    }

    /// e in 1/1000, rounded up; `u32::MAX` where the reference is zero and the difference is not.
    pub fn e_milli(&self) -> u32 {
        let root = self.ratio(1_000_000).isqrt();
        let exact = root * root * u128::from(self.reference) == u128::from(self.squares) * 1_000_000;
        let rounded = if exact { root } else { root.saturating_add(1) };
        u32::try_from(rounded).unwrap_or(u32::MAX)
    }

    /// e² in parts per million, rounded up, cut at `u32::MAX`: the form for running sums.
    pub fn e2_ppm(&self) -> u32 {
        let scaled = u128::from(self.squares) * 1_000_000;
        match u128::from(self.reference) {
            0 if scaled == 0 => 0,
            0 => u32::MAX,
            reference => u32::try_from(scaled.div_ceil(reference)).unwrap_or(u32::MAX),
        }
    }

    /// ⌊scale · Σ(a−b)² / Σb²⌋; a reference of zero gives 0 for equality and else the square of `u32::MAX`.
    fn ratio(&self, scale: u64) -> u128 {
        let scaled = u128::from(self.squares) * u128::from(scale);
        match u128::from(self.reference) {
            0 if scaled == 0 => 0,
            0 => u128::from(u32::MAX) * u128::from(u32::MAX),
            reference => scaled / reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sketch(sums: &[i16]) -> ChunkSketch {
        ChunkSketch::from_sums(sums.to_vec()).unwrap()
    }

    #[test]
    fn difference_should_pass_only_equality_when_the_reference_is_zero() {
        let zero = sketch(&[0; 8]);
        let same = Difference::between(&zero, &zero, 32).unwrap();
        assert!(!same.exceeds(1) && !same.exceeds(0));
        assert_eq!((same.e_milli(), same.e2_ppm()), (0, 0));
        let other = Difference::between(&sketch(&[1, 0, 0, 0, 0, 0, 0, 0]), &zero, 32).unwrap();
        assert!(other.exceeds(u16::MAX));
        assert_eq!((other.e_milli(), other.e2_ppm()), (u32::MAX, u32::MAX));
    }

    #[test]
    fn difference_should_sit_exactly_on_the_threshold_when_e_equals_tau() {
        // 8 sums of 1,000 against 1,100: e = 0.1.
        let found = Difference::between(&sketch(&[1_100; 8]), &sketch(&[1_000; 8]), 32).unwrap();
        assert_eq!((found.e_milli(), found.e2_ppm()), (100, 10_000));
        assert!(!found.exceeds(100));
        assert!(found.exceeds(99));
    }

    #[test]
    fn difference_should_not_overflow_when_all_sums_are_extreme() {
        let (low, high) = (sketch(&[i16::MIN; 256]), sketch(&[i16::MAX; 256]));
        let one = Difference::between(&low, &high, 32).unwrap();
        let all = (0..1 << 16).fold(Difference::default(), |sum, _| sum.plus(one));
        assert_eq!(all.squares, 65_535 * 65_535 * 256 * (1 << 16));
        assert!(all.exceeds(2_000) && !all.exceeds(2_001));
    }

    #[test]
    fn difference_should_leave_out_the_worst_positions_when_trimmed() {
        let reference = sketch(&[100; 256]);
        let mut sums = [100i16; 256];
        for position in [3, 9, 30] {
            sums[8 * position..8 * position + 8].fill(30_000);
        }
        let trimmed = |kept| Difference::between(&sketch(&sums), &reference, kept).unwrap();
        assert_eq!(
            trimmed(24),
            Difference {
                squares: 0,
                reference: 24 * 8 * 10_000
            }
        );
        assert!(trimmed(32).exceeds(1_000) && trimmed(30).exceeds(1_000) && !trimmed(29).exceeds(1));
    }

    #[test]
    fn difference_should_be_refused_when_lengths_differ_or_a_token_is_cut() {
        assert_eq!(Difference::between(&sketch(&[0; 8]), &sketch(&[0; 16]), 32), None);
        assert_eq!(Difference::between(&sketch(&[0; 7]), &sketch(&[0; 7]), 32), None);
        assert_eq!(Difference::between(&sketch(&[0; 8]), &sketch(&[0; 9]), 32), None);
    }

    proptest! {
        #[test]
        fn exceeds_should_agree_with_e_milli(
            worker in proptest::collection::vec(any::<i16>(), 64), noise in -2_000i16..2_000, tau in 0u16..3_000,
        ) {
            let auditor: Vec<i16> = worker.iter().map(|a| a.saturating_add(noise)).collect();
            let found = Difference::between(&sketch(&worker), &sketch(&auditor), 32).unwrap();
            // e is above τ exactly when its rounding up is.
            prop_assert_eq!(found.exceeds(tau), found.e_milli() > u32::from(tau));
        }
    }
}
