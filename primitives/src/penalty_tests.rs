use super::*;
use crate::OGPU;
use proptest::prelude::*;

/// The least and the highest audit rate.
const RATES: (u32, u32) = (20_000, 250_000);

/// Chance that an audit has a hidden second auditor, in ppm.
const SECOND: u32 = 250_000;

#[test]
fn audit_rate_should_fall_from_the_highest_to_the_least_when_audits_are_passed() {
    let table = [
        (0, 250_000),
        (999, 222_246),
        (1_000, 222_222),
        (8_000, 125_000),
        (24_000, 62_500),
        (91_999, 20_000),
        (92_000, 20_000),
        (1_000_000, 20_000),
        (u64::MAX, 20_000),
    ];
    for (passed_milli, rate) in table {
        assert_eq!(
            audit_rate_ppm(passed_milli, RATES.0, RATES.1),
            rate,
            "{passed_milli}"
        );
    }
    assert_eq!(audit_rate_ppm(91_000, RATES.0, RATES.1), 20_202);
}

#[test]
fn audit_rate_should_stay_a_share_when_a_bound_is_out_of_range() {
    assert_eq!(audit_rate_ppm(0, 0, u32::MAX), PPM);
    assert_eq!(audit_rate_ppm(u64::MAX, u32::MAX, 0), PPM);
    assert_eq!(audit_rate_ppm(0, 30_000, 20_000), 30_000);
}

#[test]
fn drawn_should_be_less_than_the_rate_when_authors_withhold_blocks() {
    // As the beacon's coalition of authors gets: p(1 − v)/(1 − v·p).
    assert_eq!(drawn_ppm(250_000, 250_000), 200_000);
    assert_eq!(drawn_ppm(250_000, 200_000), 210_526);
    assert_eq!(drawn_ppm(20_000, 200_000), 16_064);
    assert_eq!(drawn_ppm(250_000, 0), 250_000);
    assert_eq!(drawn_ppm(0, 200_000), 0);
    assert_eq!(drawn_ppm(250_000, PPM), 0);
    assert_eq!(drawn_ppm(250_000, u32::MAX), 0);
    // What is certain cannot be skipped.
    assert_eq!(drawn_ppm(PPM, 200_000), PPM);
    assert_eq!(drawn_ppm(u32::MAX, u32::MAX), PPM);
}

#[test]
fn evasion_should_be_as_the_review_says_when_a_share_of_the_stake_colludes() {
    // Section R3.7: 7.8, 16.0 and 27.5 %.
    assert_eq!(evasion_ppm(100_000, SECOND), 77_500);
    assert_eq!(evasion_ppm(200_000, SECOND), 160_000);
    assert_eq!(evasion_ppm(330_000, SECOND), 274_725);
    assert_eq!(evasion_ppm(0, SECOND), 0);
    assert_eq!(evasion_ppm(PPM, SECOND), PPM);
    assert_eq!(evasion_ppm(500_000, 0), 500_000);
    assert_eq!(evasion_ppm(500_000, PPM), 250_000);
    assert_eq!(evasion_ppm(u32::MAX, u32::MAX), PPM);
}

#[test]
fn evasion_should_round_up_and_catch_should_round_down_when_a_fraction_is_left() {
    assert_eq!(evasion_ppm(1, 1), 1);
    assert_eq!(evasion_ppm(3, PPM), 1);
    assert_eq!(catch_ppm(250_000, 950_000, 274_725), 172_252);
    assert_eq!(catch_ppm(1, 999_999, 0), 0);
    assert_eq!(catch_ppm(PPM, PPM, 0), PPM);
    assert_eq!(catch_ppm(u32::MAX, u32::MAX, 0), PPM);
    assert_eq!(catch_ppm(PPM, PPM, u32::MAX), 0);
}

#[test]
fn job_cap_should_follow_the_formula_when_the_chance_is_between_none_and_all() {
    assert_eq!(job_cap(1_000 * OGPU, 200_000), 125 * OGPU);
    assert_eq!(job_cap(1_000 * OGPU, 500_000), 500 * OGPU);
    assert_eq!(job_cap(999, 1), 0);
    assert_eq!(job_cap(1_000, 0), 0);
}

#[test]
fn job_cap_should_be_the_stake_when_nearly_every_cheat_is_caught() {
    // From two thirds on, the formula gives more than there is to lose.
    assert!(job_cap(3_000_000, 666_000) < 3_000_000);
    for caught in [666_667, 900_000, PPM - 1, PPM, u32::MAX] {
        assert_eq!(job_cap(3_000_000, caught), 3_000_000);
        assert_eq!(job_cap(u128::MAX, caught), u128::MAX);
    }
}

#[test]
fn wrong_result_should_be_the_larger_of_both_parts_and_double_when_repeated() {
    let stake = 1_000 * OGPU;
    // A cheap job: 5 % of the stake.
    assert_eq!(wrong_result(stake, OGPU, 200_000, 0), 50 * OGPU);
    // 2·G·(1 − π)/π = 8·G.
    assert_eq!(wrong_result(stake, 20 * OGPU, 200_000, 0), 160 * OGPU);
    assert_eq!(wrong_result(stake, 20 * OGPU, 200_000, 1), 320 * OGPU);
    assert_eq!(wrong_result(stake, 20 * OGPU, 200_000, 2), 640 * OGPU);
    for earlier in [3, 127, 128, u32::MAX] {
        assert_eq!(wrong_result(stake, 20 * OGPU, 200_000, earlier), stake);
    }
}

#[test]
fn wrong_result_should_be_all_or_the_least_when_the_chance_is_none_or_all() {
    assert_eq!(wrong_result(1_000, 0, 0, 0), 1_000);
    for caught in [PPM, u32::MAX] {
        assert_eq!(wrong_result(1_000, u128::MAX, caught, 0), 50);
    }
    assert_eq!(wrong_result(0, 1_000, 200_000, 7), 0);
    assert_eq!(wrong_result(u128::MAX, u128::MAX, 1, u32::MAX), u128::MAX);
}

#[test]
fn fixed_penalties_should_be_their_share_of_the_stake() {
    let stake = 1_000 * OGPU;
    assert_eq!(equivocation(stake), 200 * OGPU);
    assert_eq!(absence(stake), 10 * OGPU);
    assert_eq!(false_dissent(stake, 3 * OGPU), 103 * OGPU);
    assert_eq!(false_dissent(stake, 950 * OGPU), stake);
    assert_eq!(false_dissent(u128::MAX, u128::MAX), u128::MAX);
    assert_eq!(false_pass(stake, 30 * OGPU, OGPU), 300 * OGPU);
    assert_eq!(false_pass(stake, OGPU, 2 * OGPU), 40 * OGPU);
    assert_eq!(false_pass(stake, 101 * OGPU, OGPU), stake);
    assert_eq!(false_pass(u128::MAX, u128::MAX, u128::MAX), u128::MAX);
}

proptest! {
    #[test]
    fn audit_rate_should_stay_between_its_bounds_and_never_rise_when_more_audits_pass(
        passed in 0..u64::MAX - (1 << 40), more in 0u64..1 << 40, least in 0..=PPM, most in 0..=PPM,
    ) {
        let rate = audit_rate_ppm(passed, least, most);
        prop_assert!((least..=least.max(most)).contains(&rate));
        prop_assert!(audit_rate_ppm(passed + more, least, most) <= rate);
    }

    #[test]
    fn drawn_should_lose_no_more_than_the_coalitions_share(rate in 0..PPM, withheld in 0..PPM) {
        let drawn = drawn_ppm(rate, withheld);
        prop_assert!(drawn <= rate);
        // No more is lost than the coalition's share of slots.
        let least = u64::from(rate) * u64::from(PPM - withheld) / u64::from(PPM);
        prop_assert!(u64::from(drawn) >= least);
        prop_assert!(drawn_ppm(rate, withheld + 1) <= drawn);
        prop_assert!(drawn_ppm(rate + 1, withheld) >= drawn);
    }

    #[test]
    fn evasion_should_rise_with_collusion_and_fall_with_second_auditors(colluding in 0..PPM, second in 0..PPM) {
        let evasion = evasion_ppm(colluding, second);
        prop_assert!(evasion <= colluding);
        prop_assert!(evasion_ppm(colluding + 1, second) >= evasion);
        prop_assert!(evasion_ppm(colluding, second + 1) <= evasion);
    }

    #[test]
    fn catch_should_be_no_more_than_each_of_its_factors(rate in 0..=PPM, detection in 0..=PPM, evasion in 0..=PPM) {
        let caught = catch_ppm(rate, detection, evasion);
        prop_assert!(caught <= rate.min(detection).min(PPM - evasion));
    }

    #[test]
    fn job_cap_should_grow_with_stake_and_chance_up_to_the_stake(stake in 0..u128::MAX, caught in 0..=PPM) {
        let cap = job_cap(stake, caught);
        prop_assert!(cap <= stake);
        prop_assert!(job_cap(stake + 1, caught) >= cap);
        prop_assert!(job_cap(stake, caught + 1) >= cap);
    }

    #[test]
    fn wrong_result_should_cost_no_less_when_anything_gets_worse(
        stake in 0..u128::MAX, price in 0..u128::MAX, caught in 0..PPM, earlier in 0u32..140,
    ) {
        let slash = wrong_result(stake, price, caught, earlier);
        prop_assert!(slash <= stake);
        prop_assert!(slash >= stake / 20);
        prop_assert!(wrong_result(stake + 1, price, caught, earlier) >= slash);
        prop_assert!(wrong_result(stake, price + 1, caught, earlier) >= slash);
        prop_assert!(wrong_result(stake, price, caught, earlier + 1) >= slash);
        prop_assert!(wrong_result(stake, price, caught + 1, earlier) <= slash);
    }

    #[test]
    fn penalties_should_never_exceed_the_stake(stake in any::<u128>(), price in any::<u128>(), fee in any::<u128>()) {
        for penalty in [
            false_pass(stake, price, fee), false_dissent(stake, fee), equivocation(stake), absence(stake),
        ] {
            prop_assert!(penalty <= stake);
        }
        prop_assert!(false_dissent(stake, fee) >= stake / 10);
    }
}
