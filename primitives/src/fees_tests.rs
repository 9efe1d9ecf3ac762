use super::*;
use proptest::prelude::*;

fn rates(protocol_ppm: u32, validators_ppm: u32, treasury_ppm: u32) -> FeeRates {
    FeeRates {
        protocol_ppm,
        validators_ppm,
        treasury_ppm,
    }
}

fn checked_sum(split: &FeeSplit) -> Option<u128> {
    split
        .provider
        .checked_add(split.validators)?
        .checked_add(split.treasury)?
        .checked_add(split.audit_fund)?
        .checked_add(split.audit_premium)
}

#[test]
fn split_should_give_the_usual_shares_when_the_price_is_round() {
    let split = split(1_000_000, &rates(50_000, 500_000, 300_000), 25_000);
    let expected = FeeSplit {
        provider: 925_000,
        validators: 25_000,
        treasury: 15_000,
        audit_fund: 10_000,
        audit_premium: 25_000,
    };
    assert_eq!(split, expected);
    assert_eq!(split.fees(), 75_000);
}

#[test]
fn split_should_leave_all_to_the_provider_when_the_price_is_one_planck() {
    let split = split(1, &rates(50_000, 500_000, 300_000), 0);
    let expected = FeeSplit {
        provider: 1,
        ..Default::default()
    };
    assert_eq!(split, expected);
}

#[test]
fn split_should_take_the_premium_of_the_provider_alone_when_it_is_more_than_its_part() {
    let split = split(1_000, &rates(50_000, 500_000, 300_000), u128::MAX);
    let expected = FeeSplit {
        provider: 0,
        validators: 25,
        treasury: 15,
        audit_fund: 10,
        audit_premium: 950,
    };
    assert_eq!(split, expected);
}

#[test]
fn split_should_stay_whole_when_every_rate_is_out_of_range() {
    let all = u32::MAX;
    for price in [0, 1, 999_999, u128::MAX] {
        assert_eq!(split(price, &rates(all, all, all), price).total(), price);
    }
}

#[test]
fn premium_should_be_the_expected_cost_of_the_audit_when_chances_are_the_usual_ones() {
    // A quarter of the jobs, one and a quarter auditors each.
    assert_eq!(premium(1_000_000, 250_000, 250_000), 312_500);
    assert_eq!(premium(1_000_000, 20_000, 250_000), 25_000);
    assert_eq!(premium(1, 250_000, 250_000), 0);
    assert_eq!(premium(1_000, 0, 250_000), 0);
}

#[test]
fn premium_should_count_a_chance_as_certain_when_it_is_above_one_whole() {
    assert_eq!(premium(1_000, u32::MAX, u32::MAX), 2_000);
    assert_eq!(premium(u128::MAX, PPM, PPM), u128::MAX);
    assert_eq!(premium(u128::MAX, PPM, 0), u128::MAX);
}

proptest! {
    #[test]
    fn split_should_sum_to_the_price(
        price in any::<u128>(), premium in any::<u128>(),
        protocol in any::<u32>(), validators in any::<u32>(), treasury in any::<u32>(),
    ) {
        let split = split(price, &rates(protocol, validators, treasury), premium);
        prop_assert_eq!(checked_sum(&split), Some(price));
        prop_assert_eq!(split.total(), price);
    }

    #[test]
    fn split_should_keep_the_protocol_fee_apart_from_the_premium(
        price in any::<u128>(), premium in any::<u128>(),
        protocol in 0..=PPM, validators in 0..=PPM, treasury in 0..=PPM,
    ) {
        let rates = rates(protocol, validators, treasury);
        let (with, without) = (split(price, &rates, premium), split(price, &rates, 0));
        let fee = with.validators + with.treasury + with.audit_fund;
        prop_assert_eq!(fee, ppm_floor(price, protocol));
        prop_assert_eq!(with.audit_fund, without.audit_fund);
        prop_assert_eq!(with.provider + with.audit_premium, without.provider);
        prop_assert_eq!(with.audit_premium, premium.min(without.provider));
    }

    #[test]
    fn premium_should_equal_the_formula_when_the_product_fits(fee in 0u128..1 << 80, rate in 0..=PPM, second in 0..=PPM) {
        let exact = fee * u128::from(rate) * u128::from(PPM + second) / 1_000_000_000_000;
        prop_assert_eq!(premium(fee, rate, second), exact);
    }

    #[test]
    fn premium_should_never_fall_when_a_chance_grows(fee in any::<u128>(), rate in 0..PPM, second in 0..PPM) {
        prop_assert!(premium(fee, rate + 1, second) >= premium(fee, rate, second));
        prop_assert!(premium(fee, rate, second + 1) >= premium(fee, rate, second));
    }

    #[test]
    fn ppm_floor_should_equal_the_formula_when_the_product_fits(amount in 0u128..1 << 100, ppm in 0..=PPM) {
        prop_assert_eq!(ppm_floor(amount, ppm), amount * u128::from(ppm) / u128::from(PPM));
    }
}
