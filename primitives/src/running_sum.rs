//! Evidence that gathers over a worker's life on a model: too weak for one audit, decisive over many.
//!
//! **Statistic.** Each observation v (U of a chunk, or e² of an output) comes with the mean m that honest
//! work has at most. A bet on v against m multiplies a capital by
//!
//! L = 1 + f·(v/m − 1), 0 < f < 1.
//!
//! **Observations.** One audit is one auditor's word, so only what two independent ones saw of one result counts, and
//! of each figure the lesser ([`Observation`]): at most the honest one's, whoever the other is.
//!
//! **Assumption.** For honest work, whatever happened before, v ≥ 0 and its mean is at most m. Nothing else:
//! no variance, no bound, no distribution, no independence between tokens of a chunk.
//!
//! **Bound.** Then the mean of L given the past is at most 1, so the capital is a supermartingale. A bet that
//! starts with observation t gets the weight w_t = 1/(t(t+1)), Σ w_t = 1; their capitals together,
//!
//! R_t = (R_{t−1} + w_t)·L_t,
//!
//! are, with the weights not yet used, a supermartingale that starts at 1. By Ville's inequality the chance
//! that R ever reaches c, over all of a life, is at most 1/c: 10⁻³, 10⁻⁶ and 10⁻⁹ for the three [`Level`]s.
//! Every rounding is down, which keeps it. The starts spread over time are what lets a worker that turns bad
//! after a long honest record be seen as fast as a new one, up to a logarithm of its age, without the resets
//! that would void a bound for life. Three fractions f are bet at once, R being the mean of the three: a
//! large one sees gross deviations in a dozen results, a small one those of some per cent. It takes that many, since
//! v/m counts up to 8 only: a lie that two accomplices in the seats of one result agree on must not decide anything.

use crate::{judge::Findings, profile::ProfileParams, Judgement};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Bits below 1 of a capital.
const CAPITAL_BITS: u32 = 56;

/// Bits below 1 of a factor L.
const FACTOR_BITS: u32 = 24;

/// The fractions that are bet, in 1/16.
const FRACTIONS_16: [u128; 3] = [1, 4, 12];

/// Largest v/m that counts: a larger one counts as this. Rounding down keeps the bound.
///
/// Small, since both auditors of one result may be accomplices in a lie about it: one lie among nine results multiplies
/// the capital of the smallest fraction by 23/16·(15/16)⁸ < 1 at most where the others show nothing, and those of the
/// larger fractions by less. Then no level is ever reached.
const MAX_RATIO: u128 = 8;

/// Capital at which each level is reached; its inverse bounds the chance for honest work, once in a life.
const LEVELS: [(u128, Level); 3] = [
    (1_000, Level::RaiseAudits),
    (1_000_000, Level::PrecisionDiffers),
    (1_000_000_000, Level::Remove),
];

/// A capital stops growing here, above the highest level.
const CAPITAL_LIMIT: u128 = 4_000_000_000 << CAPITAL_BITS;

/// What a running sum asks for. It never slashes.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Level {
    /// Nothing.
    #[default]
    #[codec(index = 0)]
    Quiet,
    /// Audit this worker's work on this model more often. Honest work gets here with a chance of 10⁻³.
    #[codec(index = 1)]
    RaiseAudits,
    /// Mark "precision not as declared". Honest work gets here with a chance of 10⁻⁶.
    #[codec(index = 2)]
    PrecisionDiffers,
    /// Remove the worker from the model's roster. Honest work gets here with a chance of 10⁻⁹.
    #[codec(index = 3)]
    Remove,
}

/// The running sum of one statistic of one worker on one model.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RunningSum {
    /// Capital of each fraction, Q56.
    capital: [u128; 3],
    /// Observations.
    observations: u32,
    /// The highest level ever reached.
    level: Level,
}

impl RunningSum {
    /// Adds one observation and says which level the sum has reached in its life. `mean` and `value` are in
    /// the same unit, `mean` the honest one; an observation with `mean` 0 says nothing and is left out.
    pub fn add(&mut self, value: u64, mean: u64) -> Level {
        if mean == 0 {
            return self.level;
        }
        self.observations = self.observations.saturating_add(1);
        let weight = start_weight(self.observations);
        for (capital, fraction) in self.capital.iter_mut().zip(FRACTIONS_16) {
            let factor = factor(value, mean, fraction);
            let grown = capital.saturating_add(weight).saturating_mul(factor) >> FACTOR_BITS;
            *capital = grown.min(CAPITAL_LIMIT);
        }
        self.level = self.level.max(self.present());
        self.level
    }

    /// The level at which the capital stands now. It falls again with results that are better than the mean.
    pub fn present(&self) -> Level {
        let total = self.total();
        let reached = LEVELS
            .iter()
            .rev()
            .find(|(least, _)| total >= least << CAPITAL_BITS);
        reached.map_or(Level::Quiet, |(_, level)| *level)
    }

    /// The highest level ever reached.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Observations so far.
    pub fn observations(&self) -> u32 {
        self.observations
    }

    /// The capital in 1/1000, for display: 1000 is where an honest worker starts.
    pub fn capital_milli(&self) -> u64 {
        let milli = self.total().saturating_mul(1_000) >> CAPITAL_BITS;
        u64::try_from(milli).unwrap_or(u64::MAX)
    }

    fn total(&self) -> u128 {
        let sum = self
            .capital
            .iter()
            .fold(0u128, |sum, capital| sum.saturating_add(*capital));
        sum / FRACTIONS_16.len() as u128
    }
}

/// 1/(t(t+1)) in Q56.
fn start_weight(observation: u32) -> u128 {
    let t = u128::from(observation).max(1);
    (1 << CAPITAL_BITS) / (t * (t + 1))
}

/// 1 + f·(v/m − 1) in Q24, rounded down; f = `fraction_16`/16.
fn factor(value: u64, mean: u64, fraction_16: u128) -> u128 {
    let (value, mean) = (u128::from(value), u128::from(mean));
    let value = value.min(MAX_RATIO * mean);
    (((16 - fraction_16) * mean + fraction_16 * value) << FACTOR_BITS) / (16 * mean)
}

/// What two independent auditors saw of one generated text that was found right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Observation {
    /// Output tokens.
    pub tokens: u32,
    /// Σ U over all tokens, the lesser of both auditors'.
    pub u: u32,
    /// e² over all chunks in parts per million, the lesser of both auditors'; `None` where nothing was shown.
    pub e2_ppm: Option<u32>,
    /// Whether both found what speaks against the result without making it wrong.
    pub doubted: bool,
    /// Whether one of the two was not heard. It counts as one who saw the mean: else it could stay away from all
    /// results but bad ones.
    pub alone: bool,
    /// Whether the client could have the result audited twice as often, once it saw it. What is above the mean then
    /// counts half: else it could pick bad results.
    pub picked: bool,
}

impl Observation {
    /// The lesser figures of auditors who did not fail the result, of which there should be two. `None` without any,
    /// and for embeddings: the profile has the largest honest error of those, not its mean.
    pub fn of<'a>(heard: impl Iterator<Item = &'a Findings>, picked: bool) -> Option<Self> {
        let one = |findings: &Findings| Self {
            tokens: findings.tokens,
            u: findings.u,
            e2_ppm: (findings.difference.reference > 0).then(|| findings.difference.e2_ppm()),
            doubted: matches!(findings.judgement, Judgement::Soft(_)),
            alone: true,
            picked,
        };
        let lesser = heard.map(one).reduce(|a, b| Self {
            u: a.u.min(b.u),
            e2_ppm: a.e2_ppm.min(b.e2_ppm),
            doubted: a.doubted && b.doubted,
            alone: false,
            ..a
        });
        let seen = lesser.filter(|seen| seen.tokens > 0)?;
        Some(Self {
            doubted: seen.doubted && !seen.alone,
            ..seen
        })
    }

    /// What counts of a value that was seen, in the unit of both.
    fn counts(&self, value: u64, mean: u64) -> u64 {
        let above = match value.saturating_sub(mean) {
            _ if self.alone => 0,
            above if self.picked => above / 2,
            above => above,
        };
        value.min(mean).saturating_add(above)
    }
}

/// The two running sums of a worker on a model.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SoftSums {
    /// Of U, one observation a result.
    pub tokens: RunningSum,
    /// Of e², one observation a result.
    pub sketches: RunningSum,
}

impl SoftSums {
    /// Adds what was seen of a result under the thresholds of its job, and gives the level at which the sums stand now.
    pub fn add(&mut self, seen: &Observation, params: &ProfileParams) -> Level {
        let mean = u64::from(seen.tokens).saturating_mul(params.mean_u_milli.into());
        let u = seen.counts(u64::from(seen.u).saturating_mul(1_000), mean);
        self.tokens.add(u, mean);
        if let Some(e2_ppm) = seen.e2_ppm {
            let mean = params.mean_e2_ppm.into();
            self.sketches.add(seen.counts(e2_ppm.into(), mean), mean);
        }
        self.present()
    }

    /// The highest level ever reached by either.
    pub fn level(&self) -> Level {
        self.tokens.level().max(self.sketches.level())
    }

    /// The level at which the higher of both stands now.
    pub fn present(&self) -> Level {
        self.tokens.present().max(self.sketches.present())
    }
}

#[cfg(test)]
#[path = "running_sum_tests.rs"]
mod tests;
