//! What a numeric profile lets an audit see: thresholds that are calibrated, governed and fixed into a job.

use crate::{difference::Difference, explain::explain, poisson, NumericProfile};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Version that [`ProfileParams::starting`] carries.
pub const STARTING_VERSION: u32 = 1;

/// A margin of 2 logits in 1/256: at or above it a token counts as hard whatever the profile's step.
pub const HARD_MARGIN_256: u16 = 512;

/// Hard tokens that make an output fail.
pub const HARD_TOKENS: u32 = 3;

/// All positions of a chunk, for [`ProfileParams::kept_of_32`].
pub const ALL_POSITIONS: u8 = 32;

/// Thresholds of one model's numeric profile.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ProfileParams {
    /// The arithmetic that worker and auditor follow.
    pub profile: NumericProfile,
    /// Rises with every change; a job keeps the one it was assigned with.
    pub version: u32,
    /// τ over all chunks of an output: largest honest e, in 1/1000.
    pub tau_output_milli: u16,
    /// τ of a single chunk, wider because a chunk is noisier, in 1/1000.
    pub tau_chunk_milli: u16,
    /// Of 32 positions of a chunk, how many of the best count: 32, or 24 for mixtures of experts, where a
    /// flipped expert makes single positions useless.
    pub kept_of_32: u8,
    /// The sketch's grid: steps of a sum per unit deviation.
    pub sketch_units: u16,
    /// A token counts in X when its margin is above this, in 1/256 logit.
    pub step_256: u16,
    /// Largest honest difference between two logits' differences, in 1/256 logit: how far the borders of the
    /// candidate set may move ([`crate::token_test`]).
    pub border_slack_256: u16,
    /// Share of honest tokens that count in X, in parts per million.
    pub honest_rate_ppm: u32,
    /// Fewer output tokens than this are never failed by their tokens.
    pub min_tokens: u32,
    /// Honest mean of U per token, in 1/1000: where the running sum of tokens starts to grow.
    pub mean_u_milli: u32,
    /// Honest mean of e², in parts per million: where the running sum of sketches starts to grow.
    pub mean_e2_ppm: u32,
    /// Largest honest relative error of an embedding, in parts per million.
    pub embed_tolerance_ppm: u32,
    /// Whether a verdict may slash. Off until the profile is calibrated: verdicts are then logged only.
    pub slash_enabled: bool,
}

/// Which figure of a profile is out of its range.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ProfileError {
    /// A τ is 0 or above 1000 (1.0): nothing honest would pass, or everything would.
    Tau,
    /// The chunk's τ is below the output's; a chunk is noisier, so widen it.
    ChunkTauBelowOutput,
    /// `kept_of_32` is not in 16 ..= 32; with fewer positions a cheat could hide in the rest.
    KeptPositions,
    /// `sketch_units` is not in 16 ..= 4096; coarser hides differences, finer overflows 16 bits.
    SketchUnits,
    /// The step is 0 or not below 2 logits (512).
    Step,
    /// The border slack is above 4 logits (1024), which would leave nothing to compare with.
    BorderSlack,
    /// The honest rate is not in 1 ..= 100,000 ppm; a profile noisier than that needs another test.
    HonestRate,
    /// The least number of tokens is not in 1 ..= 8192.
    MinTokens,
    /// The mean of U is not in 1 ..= 16,000 per 1000 tokens; half of a token's largest value is no precision.
    MeanU,
    /// The mean of e² is not in 1 ..= 250,000 ppm.
    MeanE2,
    /// The embedding tolerance is not in 1 ..= 250,000 ppm.
    EmbedTolerance,
    /// The thresholds are those of another numeric profile than the model's; take the model's.
    OtherProfile,
}

explain!(ProfileError {
    Self::Tau => "a tau is not in 1 ..= 1000";
    Self::ChunkTauBelowOutput => "the chunk's tau is below the output's: a chunk is noisier, widen it";
    Self::KeptPositions => "kept_of_32 is not in 16 ..= 32";
    Self::SketchUnits => "sketch_units is not in 16 ..= 4096";
    Self::Step => "step_256 is not in 1 ..= 511";
    Self::BorderSlack => "border_slack_256 is above 1024";
    Self::HonestRate => "honest_rate_ppm is not in 1 ..= 100000";
    Self::MinTokens => "min_tokens is not in 1 ..= 8192";
    Self::MeanU => "mean_u_milli is not in 1 ..= 16000";
    Self::MeanE2 => "mean_e2_ppm is not in 1 ..= 250000";
    Self::EmbedTolerance => "embed_tolerance_ppm is not in 1 ..= 250000";
    Self::OtherProfile => "the thresholds are of another numeric profile than the model's: take the model's";
});

impl ProfileParams {
    /// Where a profile starts before `scripts/calibrate` measured the model: small models on CPUs.
    pub const fn starting(profile: NumericProfile) -> Self {
        // Of all three: the grid adds 0.0004 to e.
        let base = Self {
            profile,
            version: STARTING_VERSION,
            tau_output_milli: 0,
            tau_chunk_milli: 0,
            kept_of_32: ALL_POSITIONS,
            sketch_units: 1_024,
            step_256: 32,
            border_slack_256: 0,
            honest_rate_ppm: 0,
            min_tokens: 32,
            mean_u_milli: 0,
            mean_e2_ppm: 0,
            embed_tolerance_ppm: 0,
            slash_enabled: false,
        };
        match profile {
            // Honest e ≤ 0.005 a chunk, 8-bit copies ≥ 0.0097. No margin above 0.01 in 6,656 tokens: the rate
            // is the 95 % bound that this supports, and U is 0 for every one of them.
            NumericProfile::F16 => Self {
                tau_output_milli: 7,
                tau_chunk_milli: 12,
                border_slack_256: 16,
                honest_rate_ppm: 500,
                mean_u_milli: 10,
                mean_e2_ppm: 25,
                embed_tolerance_ppm: 7_000,
                ..base
            },
            // Honest e ≤ 0.068 a chunk (median 0.027), 4-bit ≥ 0.29; 0.26 % of tokens above 0.1 logit at
            // most, 1–1.7 % lose at all, by little.
            NumericProfile::Bf16 => Self {
                tau_output_milli: 120,
                tau_chunk_milli: 180,
                border_slack_256: 64,
                honest_rate_ppm: 4_000,
                mean_u_milli: 120,
                mean_e2_ppm: 1_500,
                embed_tolerance_ppm: 40_000,
                ..base
            },
            // Honest e ≤ 0.11 an output and 0.27 a chunk, 4-bit ≥ 0.34 an output; at most 6 of 256 tokens
            // above half a logit, mean margin of the worst honest sequence 0.039, p99.9 of the margin near 1.
            NumericProfile::A8 => Self {
                tau_output_milli: 200,
                tau_chunk_milli: 490,
                step_256: 128,
                border_slack_256: 256,
                honest_rate_ppm: 5_000,
                min_tokens: 256,
                mean_u_milli: 2_500,
                mean_e2_ppm: 12_000,
                embed_tolerance_ppm: 150_000,
                ..base
            },
        }
    }

    /// The same figures when each is in its range and they fit together.
    pub fn checked(self) -> Result<Self, ProfileError> {
        let checks = [
            (
                (1..=1_000).contains(&self.tau_output_milli) && (1..=1_000).contains(&self.tau_chunk_milli),
                ProfileError::Tau,
            ),
            (
                self.tau_chunk_milli >= self.tau_output_milli,
                ProfileError::ChunkTauBelowOutput,
            ),
            (
                (16..=ALL_POSITIONS).contains(&self.kept_of_32),
                ProfileError::KeptPositions,
            ),
            (
                (16..=4_096).contains(&self.sketch_units),
                ProfileError::SketchUnits,
            ),
            ((1..HARD_MARGIN_256).contains(&self.step_256), ProfileError::Step),
            (self.border_slack_256 <= 1_024, ProfileError::BorderSlack),
            (
                (1..=100_000).contains(&self.honest_rate_ppm),
                ProfileError::HonestRate,
            ),
            ((1..=8_192).contains(&self.min_tokens), ProfileError::MinTokens),
            ((1..=16_000).contains(&self.mean_u_milli), ProfileError::MeanU),
            ((1..=250_000).contains(&self.mean_e2_ppm), ProfileError::MeanE2),
            (
                (1..=250_000).contains(&self.embed_tolerance_ppm),
                ProfileError::EmbedTolerance,
            ),
        ];
        match checks.into_iter().find(|(holds, _)| !holds) {
            Some((_, error)) => Err(error),
            None => Ok(self),
        }
    }

    /// Whether these thresholds are for a model of `profile`.
    pub fn check_profile(&self, profile: NumericProfile) -> Result<(), ProfileError> {
        if self.profile == profile {
            Ok(())
        } else {
            Err(ProfileError::OtherProfile)
        }
    }

    /// k(N): from this many tokens in X on, an output of `tokens` fails; `None` below [`Self::min_tokens`].
    pub fn token_limit(&self, tokens: u32) -> Option<u32> {
        (tokens >= self.min_tokens).then(|| poisson::limit(self.honest_rate_ppm, tokens))
    }

    /// Whether an output's sketches lie too far apart.
    pub fn output_differs(&self, difference: &Difference) -> bool {
        difference.exceeds(self.tau_output_milli)
    }

    /// Whether one chunk's sketches lie too far apart.
    pub fn chunk_differs(&self, difference: &Difference) -> bool {
        difference.exceeds(self.tau_chunk_milli)
    }

    /// The border slack in Q16.16 logits.
    pub fn border_slack_q16(&self) -> i64 {
        i64::from(self.border_slack_256) << 8
    }

    /// The step in Q16.16 logits.
    pub fn step_q16(&self) -> u32 {
        u32::from(self.step_256) << 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILES: [NumericProfile; 3] = [NumericProfile::F16, NumericProfile::Bf16, NumericProfile::A8];

    #[test]
    fn starting_params_should_be_valid_and_unable_to_slash() {
        for profile in PROFILES {
            let params = ProfileParams::starting(profile);
            assert_eq!(params.checked(), Ok(params));
            assert!(!params.slash_enabled);
            for other in PROFILES {
                let expected = if other == profile {
                    Ok(())
                } else {
                    Err(ProfileError::OtherProfile)
                };
                assert_eq!(params.check_profile(other), expected);
            }
        }
    }

    #[test]
    fn starting_params_should_give_the_published_cuts() {
        let limit = |profile, tokens| ProfileParams::starting(profile).token_limit(tokens);
        assert_eq!(limit(NumericProfile::Bf16, 256), Some(11));
        assert_eq!(limit(NumericProfile::A8, 256), Some(12));
        assert_eq!(limit(NumericProfile::A8, 255), None);
    }

    #[test]
    fn checked_should_name_the_figure_when_one_is_out_of_range() {
        let base = ProfileParams::starting(NumericProfile::Bf16);
        let wrong: [(fn(&mut ProfileParams), ProfileError); 16] = [
            (|p| p.tau_output_milli = 0, ProfileError::Tau),
            (|p| p.tau_chunk_milli = 1_001, ProfileError::Tau),
            (|p| p.tau_chunk_milli = 119, ProfileError::ChunkTauBelowOutput),
            (|p| p.kept_of_32 = 15, ProfileError::KeptPositions),
            (|p| p.kept_of_32 = 33, ProfileError::KeptPositions),
            (|p| p.sketch_units = 15, ProfileError::SketchUnits),
            (|p| p.sketch_units = 4_097, ProfileError::SketchUnits),
            (|p| p.step_256 = 512, ProfileError::Step),
            (|p| p.border_slack_256 = 1_025, ProfileError::BorderSlack),
            (|p| p.honest_rate_ppm = 0, ProfileError::HonestRate),
            (|p| p.honest_rate_ppm = 100_001, ProfileError::HonestRate),
            (|p| p.min_tokens = 8_193, ProfileError::MinTokens),
            (|p| p.mean_u_milli = 16_001, ProfileError::MeanU),
            (|p| p.mean_e2_ppm = 0, ProfileError::MeanE2),
            (|p| p.embed_tolerance_ppm = 0, ProfileError::EmbedTolerance),
            (|p| p.embed_tolerance_ppm = 250_001, ProfileError::EmbedTolerance),
        ];
        for (change, error) in wrong {
            let mut params = base;
            change(&mut params);
            assert_eq!(params.checked(), Err(error));
        }
    }
}
