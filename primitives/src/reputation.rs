//! What is remembered of an owner's audits: a beta distribution whose counts fade (`verification.md` 4).

use crate::{Balance, Tick, OGPU};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Ticks after which a count is worth half: 30 days of 2-second blocks.
pub const HALF_LIFE_TICKS: Tick = 1_296_000;

/// Ticks of a day.
pub const DAY_TICKS: Tick = HALF_LIFE_TICKS / 30;

/// Weight of the cheapest job's audit, in 1/1000 of one audit.
pub const LEAST_WEIGHT_MILLI: u32 = 250;

/// Weight of an audit of a job at [`OGPU`] or more, in 1/1000.
pub const FULL_WEIGHT_MILLI: u32 = 1_000;

/// What each decimal of the price adds to the weight, in 1/1000.
const WEIGHT_STEP_MILLI: u32 = 125;

/// The price up to which an audit has the least weight, in planck: one millionth of an OGPU.
const LEAST_PRICE: Balance = OGPU / 1_000_000;

/// Parts of a half-life between which decay is linear. With fewer, an owner that is audited often would lose
/// visibly less than one that is audited seldom: the slope of a straight half-life is too flat by a quarter.
const PARTS: u32 = 16;

/// 2^(−k/16) in 1/2³², for k = 0 to 16.
const DECAY_Q32: [u64; PARTS as usize + 1] = [
    4_294_967_296,
    4_112_874_773,
    3_938_502_376,
    3_771_522_796,
    3_611_622_603,
    3_458_501_653,
    3_311_872_529,
    3_171_459_999,
    3_037_000_500,
    2_908_241_642,
    2_784_941_738,
    2_666_869_345,
    2_553_802_834,
    2_445_529_972,
    2_341_847_524,
    2_242_560_872,
    2_147_483_648,
];

/// The record of an owner with one kind of job.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Standing {
    /// Passed audits by weight, in 1/1000, as of `at`.
    pub passed_milli: u64,
    /// Failed audits by weight, in 1/1000, as of `at`.
    pub failed_milli: u64,
    /// The tick of the counts.
    pub at: Tick,
}

impl Standing {
    /// The same record at `now`: counts halve every [`HALF_LIFE_TICKS`], rounded down. A `now` before `at`
    /// changes nothing.
    pub fn decayed(self, now: Tick) -> Self {
        let elapsed = now.saturating_sub(self.at);
        Self {
            passed_milli: decay(self.passed_milli, elapsed),
            failed_milli: decay(self.failed_milli, elapsed),
            at: self.at.max(now),
        }
    }

    /// The record after one more passed audit of this weight, in 1/1000.
    pub fn pass(self, now: Tick, weight_milli: u32) -> Self {
        let mut standing = self.decayed(now);
        standing.passed_milli = standing.passed_milli.saturating_add(weight_milli.into());
        standing
    }

    /// The record after one more failed audit of this weight, in 1/1000.
    pub fn fail(self, now: Tick, weight_milli: u32) -> Self {
        let mut standing = self.decayed(now);
        standing.failed_milli = standing.failed_milli.saturating_add(weight_milli.into());
        standing
    }

    /// The reputation in 1/1000 at `now`: 1000·(α + 1)/(α + β + 2) of α passed and β failed audits, rounded
    /// down; 500 for an owner without audits.
    pub fn permille(&self, now: Tick) -> u16 {
        let standing = self.decayed(now);
        let passed = u128::from(standing.passed_milli) + 1_000;
        let failed = u128::from(standing.failed_milli) + 1_000;
        // A share of one thousand: fits.
        (1_000 * passed / (passed + failed)) as u16
    }
}

/// Weight in 1/1000 of an audit of a job of `price` planck: 1000 from one OGPU on, 250 up to a millionth of it,
/// and 125 more for each decimal between.
///
/// So that a record cannot be made of many audits that are nearly free, while a home user's small jobs count.
pub fn weight_milli(price: Balance) -> u32 {
    let decimals = (price / LEAST_PRICE).checked_ilog10().unwrap_or(0);
    decimals
        .saturating_mul(WEIGHT_STEP_MILLI)
        .saturating_add(LEAST_WEIGHT_MILLI)
        .min(FULL_WEIGHT_MILLI)
}

/// `count` after `elapsed` ticks: a shift for each half-life and a line between sixteenths of the last one.
fn decay(count: u64, elapsed: Tick) -> u64 {
    let halved = count.checked_shr(elapsed / HALF_LIFE_TICKS).unwrap_or(0);
    // HALF_LIFE_TICKS is a multiple of PARTS.
    let part_ticks = HALF_LIFE_TICKS / PARTS;
    let rest = elapsed % HALF_LIFE_TICKS;
    let (part, within) = ((rest / part_ticks) as usize, u128::from(rest % part_ticks));
    let (Some(from), Some(to)) = (DECAY_Q32.get(part), DECAY_Q32.get(part + 1)) else {
        // Not reached: `rest` is below one half-life.
        return halved;
    };
    let part_ticks = u128::from(part_ticks);
    // 33 bits times 17 bits, then times 64 bits: fits 128 bits.
    let factor = u128::from(*from) * (part_ticks - within) + u128::from(*to) * within;
    ((u128::from(halved) * factor / part_ticks) >> 32) as u64
}

#[cfg(test)]
#[path = "reputation_tests.rs"]
mod tests;
