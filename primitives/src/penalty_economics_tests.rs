//! Whether a cheat pays: what it brings on average.

use super::*;
use crate::{units::TOTAL_SUPPLY, OGPU};
use proptest::prelude::*;

/// Chance that an audit has a hidden second auditor, in ppm.
const SECOND: u32 = 250_000;

/// Chances that an audit of wrong work finds it.
const DETECTIONS: [u32; 3] = [900_000, 950_000, PPM];
/// Audit rates, from the least to an audit of everything.
const GRID_RATES: [u32; 8] = [20_000, 30_000, 50_000, 80_000, 125_000, 250_000, 500_000, PPM];
/// Shares of the audit stake that collude with the cheat.
const COLLUDING: [u32; 5] = [0, 100_000, 200_000, 330_000, 500_000];
/// Stakes from an odd handful of planck to the whole supply.
const STAKES: [Balance; 6] = [7, 12_345, OGPU / 3, 50 * OGPU, 9_999 * OGPU + 1, TOTAL_SUPPLY];

/// Every chance of being caught on the grid.
fn chances() -> impl Iterator<Item = u32> {
    GRID_RATES.into_iter().flat_map(|rate| {
        COLLUDING.into_iter().flat_map(move |colluding| {
            DETECTIONS.map(|detection| catch_ppm(rate, detection, evasion_ppm(colluding, SECOND)))
        })
    })
}

/// 10⁶ times the average planck that one cheat on a job of `price` brings: the price when it is not caught,
/// minus the slash when it is. Of a supply's planck it fits 128 bits.
fn expected(stake: Balance, price: Balance, caught: u32) -> i128 {
    let (price, slash) = (price as i128, wrong_result(stake, price, caught, 0) as i128);
    i128::from(PPM - caught) * price - i128::from(caught) * slash
}

#[test]
fn cheat_should_lose_its_price_on_average_when_the_job_is_within_the_cap() {
    let mut cases = 0;
    for stake in STAKES {
        for caught in chances() {
            let cap = job_cap(stake, caught);
            for price in [1, 2, cap / 1_000, cap / 7, cap / 2, cap.saturating_sub(1), cap] {
                if price == 0 || price > cap {
                    continue;
                }
                let missed = i128::from(PPM - caught);
                let value = expected(stake, price, caught);
                assert!(
                    value <= -(price as i128) * missed,
                    "{price} of {cap} at {caught}: {value}"
                );
                // Where every cheat is caught, the least slash of a few planck of stake is none.
                assert!(value < 0 || missed == 0, "{price} of {cap} at {caught}: {value}");
                cases += 1;
            }
        }
    }
    assert!(cases > 4_000, "{cases}");
}

#[test]
fn cheat_should_pay_when_the_job_is_far_above_the_cap() {
    // The cap is what makes the rule hold: with twice of it, all of the stake only just outweighs the price.
    for stake in &STAKES[2..] {
        for caught in chances().filter(|caught| *caught < 500_000) {
            let cap = job_cap(*stake, caught);
            assert!(
                expected(*stake, 2 * cap + cap / 50, caught) > 0,
                "{stake} at {caught}"
            );
        }
    }
}

/// 10¹⁸ times the average planck that `jobs` cheats of one price bring that are under way at the same time:
/// the price of each that is not caught, minus a slash for each that is, until the stake is gone.
fn expected_of_many(stake: Balance, price: Balance, caught: u32, jobs: usize) -> i128 {
    const CERTAIN: u128 = 1_000_000_000_000_000_000;
    let (whole, caught_share) = (u128::from(PPM), u128::from(caught));
    // The chance of each number of catches.
    let mut chances = vec![0u128; jobs + 1];
    chances[0] = CERTAIN;
    for _ in 0..jobs {
        for catches in (0..=jobs).rev() {
            let fewer = catches.checked_sub(1).map_or(0, |fewer| chances[fewer]);
            chances[catches] = (chances[catches] * (whole - caught_share) + fewer * caught_share) / whole;
        }
    }
    let slash = wrong_result(stake, price, caught, 0);
    let brought = |catches: usize| {
        let paid = price * (jobs - catches) as u128;
        paid as i128 - stake.min(slash * catches as u128) as i128
    };
    (0..=jobs)
        .map(|catches| chances[catches] as i128 * brought(catches))
        .sum()
}

/// The best of [`expected_of_many`] when unsettled work may be `quarters` quarters of the stake, over all
/// chances on the grid and several prices within the cap.
fn best_of_many(quarters: u128) -> i128 {
    const STAKE: Balance = 1_000_000_000;
    let mut best = i128::MIN;
    for caught in chances() {
        let cap = job_cap(STAKE, caught);
        for price in [cap, cap / 2, cap / 3, cap / 5] {
            let jobs = (quarters * STAKE / 4 / price) as usize;
            // Cheats need not use all of the room.
            for jobs in [1, jobs / 4, jobs / 2, jobs] {
                if (1..=200).contains(&jobs) && jobs as u128 * price <= quarters * STAKE / 4 {
                    best = best.max(expected_of_many(STAKE, price, caught, jobs));
                }
            }
        }
    }
    best
}

#[test]
fn many_cheats_at_once_should_lose_when_unsettled_work_is_a_quarter_or_half_of_the_stake() {
    assert!(best_of_many(1) < 0);
    assert!(best_of_many(2) < 0);
}

#[test]
fn many_cheats_at_once_should_pay_when_unsettled_work_is_all_of_the_stake() {
    // Section R3.5 finds the same: the quarter is needed.
    assert!(best_of_many(4) > 0);
}

#[test]
fn auditor_should_lose_when_it_passes_a_cheat_for_all_of_the_price() {
    // A seat goes only to an owner with room for 5/2 of the price, and the room is at most a quarter of the
    // stake. Even if it keeps the bribe, being found out by a hidden second auditor, who colludes no more often
    // than the stake does, costs more.
    for colluding in COLLUDING {
        let found = u128::from(SECOND) * u128::from(PPM - colluding) / u128::from(PPM);
        for price in [2, OGPU / 1_000, 40 * OGPU] {
            let lost = found * false_pass(4 * 5 * price / 2, price, price / 10);
            let bribe = u128::from(PPM) * price;
            assert!(lost > bribe, "{price} at {colluding}: {lost} against {bribe}");
        }
    }
}

proptest! {
    #[test]
    fn cheat_should_lose_its_price_on_average_at_every_stake_price_and_chance(
        stake in 1u128..TOTAL_SUPPLY, part in 1u128..=1_000, rate in 1..=PPM,
        detection in 1..=PPM, colluding in 0..PPM, second in 0..=PPM,
    ) {
        let caught = catch_ppm(rate, detection, evasion_ppm(colluding, second));
        let price = job_cap(stake, caught) / 1_000 * part;
        let lost = i128::from(PPM - caught) * price as i128;
        prop_assert!(expected(stake, price, caught) <= -lost);
    }
}
