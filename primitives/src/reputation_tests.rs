use super::*;
use crate::units::BLOCK_TIME_MS;
use proptest::prelude::*;

fn standing(passed_milli: u64, failed_milli: u64, at: Tick) -> Standing {
    Standing {
        passed_milli,
        failed_milli,
        at,
    }
}

#[test]
fn half_life_should_be_thirty_days_of_blocks_and_whole_parts() {
    assert_eq!(u64::from(HALF_LIFE_TICKS) * BLOCK_TIME_MS, 30 * 86_400_000);
    assert_eq!(HALF_LIFE_TICKS % PARTS, 0);
    assert_eq!(u64::from(DAY_TICKS) * BLOCK_TIME_MS, 86_400_000);
}

#[test]
fn decay_table_should_be_powers_of_one_sixteenth_when_multiplied() {
    assert_eq!((DECAY_Q32[0], DECAY_Q32[16]), (1 << 32, 1 << 31));
    for (k, entry) in DECAY_Q32.into_iter().enumerate() {
        let product = (0..k).fold(1u128 << 62, |product, _| {
            (product * u128::from(DECAY_Q32[1])) >> 32
        });
        assert!((product >> 30).abs_diff(entry.into()) <= 8, "{k}");
    }
}

#[test]
fn standing_should_halve_when_a_half_life_passes() {
    let start = standing(1_000_000, 8_000, 5);
    for (halvings, passed, failed) in [(0, 1_000_000, 8_000), (1, 500_000, 4_000), (3, 125_000, 1_000)] {
        let now = 5 + halvings * HALF_LIFE_TICKS;
        assert_eq!(start.decayed(now), standing(passed, failed, now));
    }
    // √½ after half of one.
    let half = start.decayed(5 + HALF_LIFE_TICKS / 2);
    assert_eq!((half.passed_milli, half.failed_milli), (707_106, 5_656));
    assert_eq!(standing(u64::MAX, 1, 0).decayed(Tick::MAX).failed_milli, 0);
}

#[test]
fn standing_should_not_change_when_the_clock_does_not_advance() {
    let start = standing(9_000, 7_000, 100);
    for now in [0, 99, 100] {
        assert_eq!(start.decayed(now), start);
    }
    assert_eq!(start.pass(50, 250), standing(9_250, 7_000, 100));
}

#[test]
fn permille_should_move_from_the_middle_when_audits_pass_or_fail() {
    let none = Standing::default();
    assert_eq!(none.permille(0), 500);
    assert_eq!(none.permille(Tick::MAX), 500);
    let passed = none.pass(10, 1_000);
    assert_eq!(passed, standing(1_000, 0, 10));
    assert_eq!(passed.permille(10), 666);
    let failed = none.fail(10, 1_000);
    assert_eq!(failed, standing(0, 1_000, 10));
    assert_eq!(failed.permille(10), 333);
    assert_eq!(passed.fail(10, 1_000).permille(10), 500);
    assert_eq!(none.pass(10, 250).permille(10), 555);
    let ten = (0..10).fold(none, |standing, _| standing.pass(10, 1_000));
    assert_eq!(ten.permille(10), 916);
}

#[test]
fn permille_should_return_to_the_middle_when_nothing_happens_for_long() {
    let good = standing(1_000_000, 0, 0);
    let bad = standing(0, 1_000_000, 0);
    assert!(good.permille(0) > 990 && bad.permille(0) < 10);
    let later = 20 * HALF_LIFE_TICKS;
    assert_eq!((good.permille(later), bad.permille(later)), (500, 500));
}

#[test]
fn weight_should_rise_by_one_step_a_decimal_when_the_price_does() {
    let micro = OGPU / 1_000_000;
    let table = [
        (0, 250),
        (1, 250),
        (micro, 250),
        (10 * micro - 1, 250),
        (10 * micro, 375),
        (100 * micro, 500),
        (1_000 * micro, 625),
        (10_000 * micro, 750),
        (100_000 * micro, 875),
        (OGPU - 1, 875),
        (OGPU, 1_000),
        (1_000 * OGPU, 1_000),
        (u128::MAX, 1_000),
    ];
    for (price, weight) in table {
        assert_eq!(weight_milli(price), weight, "{price}");
    }
}

#[test]
fn standing_should_survive_its_bytes() {
    let standing = standing(u64::MAX, 3, 7);
    let bytes = standing.encode();
    assert_eq!(bytes.len(), Standing::max_encoded_len());
    assert_eq!(Standing::decode(&mut &bytes[..]), Ok(standing));
}

#[test]
fn decay_should_hardly_depend_on_how_often_it_is_applied() {
    let start = standing(1_000_000_000, 0, 0);
    let hourly = (1..=720).fold(start, |standing, hour| standing.decayed(1_800 * hour));
    assert_eq!(hourly.at, HALF_LIFE_TICKS);
    let at_once = start.decayed(HALF_LIFE_TICKS).passed_milli;
    assert!(hourly.passed_milli >= at_once - 1_000);
    assert!(hourly.passed_milli * 100 <= at_once * 102);
}

proptest! {
    #[test]
    fn decayed_should_never_rise_as_time_passes(
        passed in any::<u64>(), failed in any::<u64>(), at in 0..1_000_000u32,
        elapsed in 0..80 * HALF_LIFE_TICKS, more in 0..HALF_LIFE_TICKS,
    ) {
        let start = standing(passed, failed, at);
        let (early, late) = (start.decayed(at + elapsed), start.decayed(at + elapsed + more));
        prop_assert!(late.passed_milli <= early.passed_milli && late.failed_milli <= early.failed_milli);
        prop_assert!(early.passed_milli <= passed && early.failed_milli <= failed);
    }

    #[test]
    fn permille_should_be_a_thousandth_part_and_follow_the_audits(
        passed in any::<u64>(), failed in any::<u64>(), now in any::<u32>(), weight in any::<u32>(),
    ) {
        let start = standing(passed, failed, 0);
        let permille = start.permille(now);
        prop_assert!(permille <= 1_000);
        prop_assert!(start.pass(now, weight).permille(now) >= permille);
        prop_assert!(start.fail(now, weight).permille(now) <= permille);
    }

    #[test]
    fn weight_should_never_fall_when_the_price_rises(price in any::<u128>(), less in any::<u128>()) {
        prop_assert!(weight_milli(price) >= weight_milli(price.min(less)));
    }
}
