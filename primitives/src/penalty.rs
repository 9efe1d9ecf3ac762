//! What misbehaviour costs, how often work is audited, and how large a job a stake may carry (`verification.md` 4).
//!
//! With π the chance that a cheat is caught, G what the job pays and S the owner's stake: a caught cheat costs
//! 2·G·(1−π)/π, so that cheating brings −G·(1−π) on average however often it is tried. That only holds while S
//! can pay the slash; [`job_cap`] keeps jobs below that. A *ppm* is one part per million.

use crate::{fees::PPM, Balance};
use sp_core::U256;

/// Passed audits after which the rate is half of the highest one.
const HALVING_AUDITS: u64 = 8;

/// A wrong result costs at least one part in so many of the stake.
const LEAST_SLASH_DIVISOR: Balance = 20;

/// An equivocation costs one part in so many of the stake.
const EQUIVOCATION_DIVISOR: Balance = 5;

/// An absent auditor pays one part in so many of the stake.
const ABSENCE_DIVISOR: Balance = 100;

/// A dissent that a jury did not share costs, besides the jury, one part in so many of the stake.
const DISSENT_DIVISOR: Balance = 10;

/// A false pass costs at least so many times the job's price.
const FALSE_PASS_PRICES: Balance = 10;

/// A false pass costs at least so many times the auditor's fee.
const FALSE_PASS_FEES: Balance = 20;

/// p: the chance of an audit in ppm, max(least, most·8/(8 + A)), for an owner with A passed audits, given in
/// 1/1000; rounded down.
///
/// A bound above one whole counts as one whole.
pub fn audit_rate_ppm(passed_milli: u64, least_ppm: u32, most_ppm: u32) -> u32 {
    let halving_milli = u128::from(HALVING_AUDITS) * 1_000;
    let rate = u128::from(most_ppm.min(PPM)) * halving_milli / (halving_milli + u128::from(passed_milli));
    // At most `most_ppm`, a 32-bit number.
    (rate as u32).max(least_ppm.min(PPM))
}

/// q: the chance in ppm that an audit of rate p is really drawn when v of the blocks are by authors who collude with
/// the worker, p·(1 − v)/(1 − v·p); rounded down.
///
/// The author of a draw's last block knows the draw before it publishes the block, and can leave it out: the author
/// of the next slot then draws anew. Every further slot of the coalition's is one more such skip, so that
/// q = p·((1 − v) + v·q). What is audited for certain cannot be skipped. A client's secret that is shown after the
/// draw's blocks leaves no skip at all; penalties do not count on it.
///
/// A chance above one whole counts as one whole.
pub fn drawn_ppm(rate_ppm: u32, withholding_ppm: u32) -> u32 {
    let whole = u128::from(PPM);
    let (rate, withheld) = (
        u128::from(rate_ppm.min(PPM)),
        u128::from(withholding_ppm.min(PPM)),
    );
    let drawn = rate * (whole - withheld) * whole;
    // (1 − v)/(1 − v·p) ≤ 1: at most the rate. Both wholes: nothing is left out, because nothing escapes.
    drawn
        .checked_div(whole * whole - withheld * rate)
        .unwrap_or(whole) as u32
}

/// a: the chance in ppm that no drawn auditor dissents from a wrong result, c·(1 − r + r·c), where c of the
/// audit stake colludes with the worker and r of the audits have a hidden second auditor; rounded up.
///
/// A share above one whole counts as one whole.
pub fn evasion_ppm(colluding_ppm: u32, second_ppm: u32) -> u32 {
    let whole = u128::from(PPM);
    let (colluding, second) = (
        u128::from(colluding_ppm.min(PPM)),
        u128::from(second_ppm.min(PPM)),
    );
    let evaded = colluding * ((whole - second) * whole + second * colluding);
    // c·(1 − r + r·c) ≤ 1: at most one whole.
    evaded.div_ceil(whole * whole) as u32
}

/// π: the chance in ppm that a cheat is caught, q·d·(1 − a), where audits are drawn with chance q ([`drawn_ppm`]),
/// detect it with chance d, and auditors keep silent with chance a; rounded down.
///
/// A chance above one whole counts as one whole.
pub fn catch_ppm(rate_ppm: u32, detection_ppm: u32, evasion_ppm: u32) -> u32 {
    let whole = u128::from(PPM);
    let heard = whole - u128::from(evasion_ppm.min(PPM));
    let caught = u128::from(rate_ppm.min(PPM)) * u128::from(detection_ppm.min(PPM)) * heard;
    // A product of three shares of one: at most one whole.
    (caught / (whole * whole)) as u32
}

/// The highest price in planck of one job of an owner with `stake` of its own: S·π/(2(1−π)), rounded down, at
/// most the stake.
///
/// Above it, the stake cannot pay the slash that makes a cheat lose. At `catch_ppm` of one whole or more every
/// cheat is caught, and the stake itself is the cap.
pub fn job_cap(stake: Balance, catch_ppm: u32) -> Balance {
    if catch_ppm >= PPM {
        return stake;
    }
    let missed = Balance::from(PPM - catch_ppm);
    let cap = U256::from(stake) * U256::from(catch_ppm) / U256::from(2 * missed);
    narrow(cap).min(stake)
}

/// What a wrong result, or silence in its place, on a job of `price` planck costs in planck:
/// max(5 % of the stake, 2·G·(1−π)/π), the second rounded up, doubled for each of `earlier` offences, at most the
/// stake. A `catch_ppm` of 0 makes it the stake.
pub fn wrong_result(stake: Balance, price: Balance, catch_ppm: u32, earlier: u32) -> Balance {
    if catch_ppm == 0 {
        return stake;
    }
    let caught = U256::from(catch_ppm.min(PPM));
    let missed = U256::from(PPM - catch_ppm.min(PPM));
    // Rounded up, so that no remainder makes a cheat pay. The product has at most 128 + 21 bits.
    let deterrent = (U256::from(price) * missed * 2 + caught - 1) / caught;
    let once = narrow(deterrent).max(stake / LEAST_SLASH_DIVISOR);
    // A factor beyond 128 bits takes everything, except of nothing.
    let factor = 1u128.checked_shl(earlier).unwrap_or(Balance::MAX);
    once.saturating_mul(factor).min(stake)
}

/// What passing a wrong result costs an auditor in planck: ten times the price or twenty times its fee,
/// whichever is more, at most its stake. That is what the seat put at risk.
pub fn false_pass(stake: Balance, price: Balance, audit_fee: Balance) -> Balance {
    price
        .saturating_mul(FALSE_PASS_PRICES)
        .max(audit_fee.saturating_mul(FALSE_PASS_FEES))
        .min(stake)
}

/// What a dissent that the jury does not share costs an auditor in planck: the jury and 10 % of its stake, at
/// most its stake.
pub fn false_dissent(stake: Balance, jury_cost: Balance) -> Balance {
    jury_cost.saturating_add(stake / DISSENT_DIVISOR).min(stake)
}

/// What signing two different results for one piece of work costs in planck: 20 % of the stake, rounded down.
pub fn equivocation(stake: Balance) -> Balance {
    stake / EQUIVOCATION_DIVISOR
}

/// What it costs an auditor or juror in planck not to report in time: 1 % of the stake, rounded down.
pub fn absence(stake: Balance) -> Balance {
    stake / ABSENCE_DIVISOR
}

/// The nearest balance to `value` that there is.
fn narrow(value: U256) -> Balance {
    Balance::try_from(value).unwrap_or(Balance::MAX)
}

#[cfg(test)]
#[path = "penalty_economics_tests.rs"]
mod economics_tests;

#[cfg(test)]
#[path = "penalty_tests.rs"]
mod tests;
