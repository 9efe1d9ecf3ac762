//! Evidence that gathers over a worker's life on a model: too weak for one audit, decisive over many.
//!
//! **Statistic.** Each observation v (U of a chunk, or e² of an output) comes with the mean m that honest
//! work has at most. A bet on v against m multiplies a capital by
//!
//! L = 1 + f·(v/m − 1), 0 < f < 1.
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
//! large one sees gross deviations in a few chunks, a small one those of some per cent.

use crate::{difference::Difference, profile::ProfileParams, report::GenerateReport};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Bits below 1 of a capital.
const CAPITAL_BITS: u32 = 56;

/// Bits below 1 of a factor L.
const FACTOR_BITS: u32 = 24;

/// The fractions that are bet, in 1/16.
const FRACTIONS_16: [u128; 3] = [1, 4, 12];

/// Largest v/m that counts: a larger one counts as this. Rounding down keeps the bound.
const MAX_RATIO: u128 = 1 << 15;

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
        let total = self.total();
        for (least, level) in LEVELS {
            if total >= least << CAPITAL_BITS {
                self.level = self.level.max(level);
            }
        }
        self.level
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

/// The two running sums of a worker on a model.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SoftSums {
    /// Of U, one observation a chunk.
    pub tokens: RunningSum,
    /// Of e², one observation an audit.
    pub sketches: RunningSum,
}

impl SoftSums {
    /// Adds an audit that did not fail: every chunk's U, and e² over the chunks that were shown. Gives the
    /// higher of both levels.
    pub fn add_audit(
        &mut self,
        report: &GenerateReport,
        difference: &Difference,
        params: &ProfileParams,
    ) -> Level {
        for chunk in &report.chunks {
            let tokens = chunk.sketch.tokens() as u64;
            let mean = tokens.saturating_mul(params.mean_u_milli.into());
            self.tokens
                .add(u64::from(chunk.tally.u).saturating_mul(1_000), mean);
        }
        if difference.reference > 0 {
            self.sketches
                .add(difference.e2_ppm().into(), params.mean_e2_ppm.into());
        }
        self.level()
    }

    /// The higher of both levels.
    pub fn level(&self) -> Level {
        self.tokens.level().max(self.sketches.level())
    }
}

#[cfg(test)]
#[path = "running_sum_tests.rs"]
mod tests;
