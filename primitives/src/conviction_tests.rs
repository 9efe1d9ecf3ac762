use super::*;
use crate::jury::{count, JuryOutcome};
use proptest::prelude::*;
use sp_core::U256;

/// The chance in ppm by the sum of all terms that the jury's own count calls guilty, rounded down. `colluding` is in
/// 1/1000, so that the powers fit.
fn by_terms(seats: u32, colluding: u32) -> u32 {
    let power = |base: u32, times: u32| U256::from(base).pow(times.into());
    // Thousand to the power of 24 seats is 240 bits; of 30 it is not.
    assert!(seats <= 24);
    let mut binomial = U256::one();
    let mut sum = U256::zero();
    for for_worker in 0..=seats {
        if count(seats, seats - for_worker, for_worker) == JuryOutcome::Guilty {
            sum += binomial * power(colluding, for_worker) * power(1_000 - colluding, seats - for_worker);
        }
        binomial = binomial * (seats - for_worker) / (for_worker + 1);
    }
    let whole = power(1_000, seats);
    // Divided first where the product would not fit.
    let ppm = match sum.checked_mul(PPM.into()) {
        Some(product) => product / whole,
        None => sum / (whole / PPM),
    };
    ppm.as_u32()
}

#[test]
fn conviction_should_be_the_binomial_tail_that_the_jury_counts_for_every_jury() {
    for seats in 1..=24 {
        for colluding in (0..=1_000).step_by(25).chain([1, 333, 334, 999]) {
            let (exact, found) = (
                by_terms(seats, colluding),
                conviction_ppm(seats, 1_000 * colluding),
            );
            assert!(
                found <= exact && exact - found <= 1,
                "{seats} seats at {colluding}: {found}, not {exact}"
            );
        }
    }
}

#[test]
fn conviction_should_be_as_figured_by_hand() {
    // All of three, or two of three, are honest: 8/27 + 12/27.
    assert_eq!(conviction_ppm(3, 333_333), 740_741);
    assert_eq!(conviction_ppm(15, 333_333), 618_372);
    assert_eq!(conviction_ppm(15, 200_000), 938_948);
    assert_eq!(conviction_ppm(14, 333_333), 475_501);
    assert_eq!(conviction_ppm(1, 400_000), 600_000);
    assert_eq!(conviction_ppm(15, 0), PPM);
    assert_eq!(conviction_ppm(15, PPM), 0);
    assert_eq!(conviction_ppm(15, u32::MAX), 0);
    assert_eq!(conviction_ppm(0, 0), 0);
    // Larger juries than any that is drawn.
    assert_eq!(
        conviction_ppm(u32::MAX, 100_000),
        conviction_ppm(MAX_SEATS, 100_000)
    );
}

#[test]
fn largest_jury_should_have_room_for_its_acquittals() {
    assert_eq!(MAX_ACQUITTALS as u32, MAX_SEATS - (2 * MAX_SEATS).div_ceil(3));
}

#[test]
fn escape_should_count_silent_auditors_and_juries_that_do_not_convict() {
    // a = 277,778 at a third with a second auditor at a quarter.
    let evaded = penalty::evasion_ppm(333_333, 250_000);
    let convicted = u64::from(PPM - evaded) * 618_372 / 1_000_000;
    assert_eq!(escape_ppm(333_333, 250_000, 15), PPM - convicted as u32);
    assert_eq!(escape_ppm(0, 250_000, 15), 0);
    assert_eq!(escape_ppm(PPM, 0, 15), PPM);
    // Nobody convicts.
    assert_eq!(escape_ppm(0, 0, 0), PPM);
}

proptest! {
    #[test]
    fn conviction_should_never_rise_when_more_collude(
        seats in 0u32..40, colluding in 0u32..PPM, more in 0u32..100_000,
    ) {
        let (less, more) = (conviction_ppm(seats, colluding), conviction_ppm(seats, colluding + more));
        // What rounding takes is below one millionth.
        prop_assert!(more <= less + 1);
        prop_assert!(more <= PPM);
    }

    #[test]
    fn escape_should_be_at_least_what_auditors_alone_let_pass(
        colluding in any::<u32>(), second in any::<u32>(), seats in any::<u32>(),
    ) {
        let escape = escape_ppm(colluding, second, seats);
        prop_assert!(escape >= penalty::evasion_ppm(colluding, second));
        prop_assert!(escape <= PPM);
    }
}
