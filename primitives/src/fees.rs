//! How a price is shared out: floor shares, the remainders to named parties, the sum always the price.

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// One whole in parts per million.
pub const PPM: u32 = 1_000_000;

/// The governed rates, in parts per million; a rate above [`PPM`] counts as [`PPM`].
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct FeeRates {
    /// The protocol fee, of the price.
    pub protocol_ppm: u32,
    /// The validators' share, of the protocol fee.
    pub validators_ppm: u32,
    /// The treasury's share, of the protocol fee. What the two shares leave goes to the audit fund.
    pub treasury_ppm: u32,
    /// The job's audit premium, of the price, out of the provider's part.
    pub audit_premium_ppm: u32,
}

/// A price shared out, in planck.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct FeeSplit {
    /// To the provider's owner.
    pub provider: Balance,
    /// To the validators' fee pot.
    pub validators: Balance,
    /// To the treasury.
    pub treasury: Balance,
    /// To the audit fund: the rest of the protocol fee and the audit premium.
    pub audit_fund: Balance,
}

impl FeeSplit {
    /// What leaves the provider's part: everything but `provider`.
    pub fn fees(&self) -> Balance {
        self.validators
            .saturating_add(self.treasury)
            .saturating_add(self.audit_fund)
    }

    /// All of it: the price that was split.
    pub fn total(&self) -> Balance {
        self.provider.saturating_add(self.fees())
    }
}

/// ⌊amount × ppm / 10⁶⌋, exact for every amount; a `ppm` above one whole counts as one whole.
pub fn ppm_floor(amount: Balance, ppm: u32) -> Balance {
    let (ppm, whole) = (Balance::from(ppm.min(PPM)), Balance::from(PPM));
    // Split at the divisor, so that no product exceeds the amount.
    (amount / whole) * ppm + (amount % whole) * ppm / whole
}

/// Shares `price` out: floors for validators, treasury and premium; the remainder of the protocol fee goes to
/// the audit fund and the remainder of the price to the provider.
pub fn split(price: Balance, rates: &FeeRates) -> FeeSplit {
    let protocol = ppm_floor(price, rates.protocol_ppm);
    let validators = ppm_floor(protocol, rates.validators_ppm);
    let treasury = ppm_floor(protocol, rates.treasury_ppm).min(protocol - validators);
    let premium = ppm_floor(price, rates.audit_premium_ppm).min(price - protocol);
    FeeSplit {
        provider: price - protocol - premium,
        validators,
        treasury,
        audit_fund: protocol - validators - treasury + premium,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates(protocol_ppm: u32, validators_ppm: u32, treasury_ppm: u32, audit_premium_ppm: u32) -> FeeRates {
        FeeRates {
            protocol_ppm,
            validators_ppm,
            treasury_ppm,
            audit_premium_ppm,
        }
    }

    #[test]
    fn split_should_give_the_usual_shares_when_the_price_is_round() {
        let split = split(1_000_000, &rates(50_000, 500_000, 300_000, 25_000));
        let expected = FeeSplit {
            provider: 925_000,
            validators: 25_000,
            treasury: 15_000,
            audit_fund: 10_000 + 25_000,
        };
        assert_eq!(split, expected);
    }

    #[test]
    fn split_should_leave_all_to_the_provider_when_the_price_is_one_planck() {
        let split = split(1, &rates(50_000, 500_000, 300_000, 25_000));
        assert_eq!(
            split,
            FeeSplit {
                provider: 1,
                ..Default::default()
            }
        );
    }

    #[test]
    fn split_should_stay_whole_when_every_rate_is_out_of_range() {
        let all = u32::MAX;
        for price in [0, 1, 999_999, u128::MAX] {
            assert_eq!(split(price, &rates(all, all, all, all)).total(), price);
        }
    }

    proptest! {
        #[test]
        fn split_should_sum_to_the_price(
            price in any::<u128>(),
            protocol in any::<u32>(), validators in any::<u32>(), treasury in any::<u32>(), premium in any::<u32>(),
        ) {
            let split = split(price, &rates(protocol, validators, treasury, premium));
            let sum = split.provider.checked_add(split.validators).and_then(|sum| sum.checked_add(split.treasury))
                .and_then(|sum| sum.checked_add(split.audit_fund));
            prop_assert_eq!(sum, Some(price));
        }

        #[test]
        fn split_should_sum_to_the_price_when_rates_are_in_range(
            price in any::<u128>(),
            protocol in 0..=PPM, validators in 0..=PPM, treasury in 0..=PPM, premium in 0..=PPM,
        ) {
            let rates = rates(protocol, validators, treasury, premium);
            let split = split(price, &rates);
            prop_assert_eq!(split.total(), price);
            prop_assert!(split.provider <= price - ppm_floor(price, protocol));
        }

        #[test]
        fn ppm_floor_should_equal_the_formula_when_the_product_fits(amount in 0u128..1 << 100, ppm in 0..=PPM) {
            prop_assert_eq!(ppm_floor(amount, ppm), amount * u128::from(ppm) / u128::from(PPM));
        }
    }
}
