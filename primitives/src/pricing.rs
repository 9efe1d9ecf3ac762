//! What a job costs: one formula for the quote, the assignment and the settlement.

use crate::{Balance, Costs};
use sp_core::U256;

/// Lowest ask of a worker in 1/1000 of the price index.
pub const MIN_ASK_PERMILLE: u32 = 100;

/// Ask of a worker whose owner never set one, in 1/1000 of the price index.
pub const DEFAULT_ASK_PERMILLE: u32 = 1_000;

/// Highest ask of a worker in 1/1000 of the price index.
pub const MAX_ASK_PERMILLE: u32 = 10_000;

/// Milli compute units of a job of `n_in` input and `n_out` output tokens.
pub fn work_milli_cu(costs: &Costs, n_in: u32, n_out: u32) -> u128 {
    // Two products of 32-bit numbers: far below 128 bits.
    u128::from(costs.input_milli_cu) * u128::from(n_in)
        + u128::from(costs.output_milli_cu) * u128::from(n_out)
}

/// ⌈work × index × ask / 10⁶⌉ in planck; `Balance::MAX` where that does not fit.
///
/// `index_planck_per_cu` is the price index of the device class that the client asked for, `ask_permille` the
/// worker's multiplier on it. The divisor takes out the "milli" of the work and of the ask.
pub fn price(work_milli_cu: u128, index_planck_per_cu: Balance, ask_permille: u32) -> Balance {
    const DIVISOR: u32 = 1_000_000;
    // Wider than a balance in between: a product that only the division brings back into range is exact.
    let scaled = U256::from(work_milli_cu)
        .checked_mul(U256::from(index_planck_per_cu))
        .and_then(|product| product.checked_mul(U256::from(ask_permille)));
    let Some(scaled) = scaled else { return Balance::MAX };
    let (quotient, remainder) = scaled.div_mod(U256::from(DIVISOR));
    let Ok(floor) = Balance::try_from(quotient) else {
        return Balance::MAX;
    };
    floor.saturating_add(Balance::from(!remainder.is_zero()))
}

/// The price in planck when all of `max_output_tokens` are produced.
pub fn max_price(
    costs: &Costs,
    input_tokens: u32,
    max_output_tokens: u32,
    index_planck_per_cu: Balance,
    ask_permille: u32,
) -> Balance {
    price(
        work_milli_cu(costs, input_tokens, max_output_tokens),
        index_planck_per_cu,
        ask_permille,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COSTS: Costs = Costs {
        input_milli_cu: 135,
        output_milli_cu: 270,
    };

    #[test]
    fn price_should_round_up_when_a_fraction_of_a_planck_is_left() {
        assert_eq!(price(1, 1, 1), 1);
        assert_eq!(price(1_000, 1, 1_000), 1);
        assert_eq!(price(1_001, 1, 1_000), 2);
        assert_eq!(price(0, 5, 1_000), 0);
    }

    #[test]
    fn price_should_be_exact_when_only_the_intermediate_product_overflows() {
        assert_eq!(price(1_000, u128::MAX, 1_000), u128::MAX);
        assert_eq!(price(500, u128::MAX, 1_000), u128::MAX / 2 + 1);
    }

    #[test]
    fn price_should_saturate_when_the_result_does_not_fit() {
        assert_eq!(price(u128::MAX, u128::MAX, u32::MAX), u128::MAX);
        assert_eq!(price(1_001, u128::MAX, 1_000), u128::MAX);
    }

    #[test]
    fn max_price_should_bound_the_price_of_every_shorter_output() {
        for n_out in 0..=64 {
            assert!(
                price(work_milli_cu(&COSTS, 7, n_out), 12_345, 999) <= max_price(&COSTS, 7, 64, 12_345, 999)
            );
        }
    }

    proptest! {
        #[test]
        fn price_should_never_fall_when_any_factor_grows(
            work in 0u128..1 << 80, index in 0u128..1 << 100, ask in 0u32..1 << 20,
            more_work in 0u128..1 << 60, more_index in 0u128..1 << 60, more_ask in 0u32..1 << 10,
        ) {
            let base = price(work, index, ask);
            prop_assert!(price(work + more_work, index, ask) >= base);
            prop_assert!(price(work, index + more_index, ask) >= base);
            prop_assert!(price(work, index, ask + more_ask) >= base);
        }

        #[test]
        fn price_should_equal_the_formula_when_it_fits(work in 0u128..1 << 40, index in 0u128..1 << 60, ask in 100u32..10_000) {
            let exact = (work * index * u128::from(ask)).div_ceil(1_000_000);
            prop_assert_eq!(price(work, index, ask), exact);
        }
    }
}
