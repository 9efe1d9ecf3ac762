//! The schedule by which the reserve pays validators. Nothing is minted: each budget leaves the reserve.

use crate::Balance;

/// Planck that the reserve gives to an era: `initial_planck`, halved after every `halving_eras` eras.
///
/// A `halving_eras` of 0 counts as 1, the shortest schedule. All eras together get less than
/// 2 × `initial_planck` × `halving_eras`, so a reserve of that size is never overdrawn.
pub fn era_budget(era_index: u32, initial_planck: Balance, halving_eras: u32) -> Balance {
    let halvings = era_index / halving_eras.max(1);
    initial_planck.checked_shr(halvings).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn era_budget_should_halve_when_a_period_is_over() {
        assert_eq!(era_budget(0, 1_000, 10), 1_000);
        assert_eq!(era_budget(9, 1_000, 10), 1_000);
        assert_eq!(era_budget(10, 1_000, 10), 500);
        assert_eq!(era_budget(29, 1_000, 10), 250);
    }

    #[test]
    fn era_budget_should_be_zero_when_every_bit_was_halved_away() {
        assert_eq!(era_budget(u32::MAX, u128::MAX, 1), 0);
        assert_eq!(era_budget(128, u128::MAX, 0), 0);
    }

    proptest! {
        #[test]
        fn era_budgets_should_stay_below_twice_the_first_period(initial in 0u128..1 << 90, halving in 1u32..50) {
            let total: u128 = (0..halving * 128).map(|era| era_budget(era, initial, halving)).sum();
            prop_assert!(total <= 2 * initial * u128::from(halving));
        }

        #[test]
        fn era_budget_should_never_rise(initial in any::<u128>(), halving in any::<u32>(), era in 0..u32::MAX) {
            prop_assert!(era_budget(era + 1, initial, halving) <= era_budget(era, initial, halving));
        }
    }
}
