//! The token test: by how much an emitted token loses the seeded arg-max under an auditor's logits.
//!
//! Worker and auditor compute the same logits up to noise. Let σ, the profile's border slack, bound how much
//! any *difference* of two logits differs between them. Then the worker's candidate set is known only up to
//! its border, so there are two sets:
//!
//! - the **narrow** set holds the tokens that every honest worker has as candidates,
//! - the **wide** set those that some honest worker may have.
//!
//! The emitted token must be in the wide set and is compared with the best of the narrow one. With L =
//! `top_k` (at most 64), z the auditor's logits, w = e^z, W the sum of the L largest w and p = `top_p`, token
//! v is
//!
//! | rule | narrow when | wide when |
//! |---|---|---|
//! | rank | z_v − σ ≥ (z of rank L + 1) | z_v ≥ (z of rank L) − σ |
//! | `min_p` | e^(z_v − z_best − σ) ≥ min_p | e^(z_v − z_best + σ) ≥ min_p |
//! | `top_p` | none is possibly better, or B(1−p) < p(W−B)e^(−σ) | none is surely better, or A·e^(−σ)(1−p) < p(W−A) |
//!
//! for all three rules, where B is the w of the others with z ≥ z_v − σ (possibly better) and A that of those
//! with z > z_v + σ (surely better). These are the extremes of the mass that stands before v, so: **an honest
//! worker's token is in the wide set and its margin is at most σ.** (The exponentials are good to 10⁻⁶, far
//! below any σ.) A token outside the wide set has no honest explanation and counts as hard. Greedy decoding
//! has no sets: the token is compared with the best.
//!
//! The candidates are the auditor's 64 best, so for L = 64 rank 65 is not known and rank 64 stands for it.

use crate::{
    evidence::CHUNK_TOKENS,
    explain::explain,
    profile::{ProfileParams, HARD_MARGIN_256},
    sampler::{exp_neg_q31, noise, perturbed, SamplerParams, TokenLogit, MAX_CANDIDATES},
    GenerateParams,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// Margin of a token outside the wide set: more than any two scores can lie apart in honest work.
pub const OUTSIDE_MARGIN_Q16: u32 = u32::MAX;

/// Most that one token adds to U: half a logit.
pub const MAX_TOKEN_U: u32 = 32;

const PPM: u64 = 1_000_000;

/// Why a margin cannot be computed; all of them are faults of the auditor's own engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenTestError {
    /// No candidates were given; pass those of `sampler::top_candidates`.
    NoCandidates,
    /// There are more than 64 candidates, or not in the order of `sampler::top_candidates`: higher logit
    /// first, then lower id, none twice.
    NotRanked,
    /// The emitted token's logit is not the one that the candidates give it, or it would rank among them.
    EmittedContradicts,
    /// The emitted token is not among fewer than 64 candidates, which are then the whole vocabulary: its id
    /// is out of the vocabulary. (With a full list that cannot be seen here: check ids against the vocabulary
    /// before.)
    NotInVocabulary,
}

explain!(TokenTestError {
    Self::NoCandidates => "no candidates were given: pass those of top_candidates";
    Self::NotRanked =>
        "the candidates are more than {MAX_CANDIDATES} or not ranked: pass those of top_candidates";
    Self::EmittedContradicts =>
        "the emitted token's logit contradicts the candidates: take both from the same logits";
    Self::NotInVocabulary => "the emitted token is not in the vocabulary: refuse the output's ids";
});

/// The three numbers that an auditor reports of a chunk's tokens.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChunkTally {
    /// U = Σ min(32, ⌊64·margin⌋).
    pub u: u16,
    /// X: tokens with a margin above the profile's step.
    pub x: u8,
    /// B: tokens with a margin of 2 logits or more.
    pub b: u8,
}

impl ChunkTally {
    /// Counts one more token. A chunk has at most [`CHUNK_TOKENS`]; more saturate.
    pub fn add(&mut self, margin_q16: u32, params: &ProfileParams) {
        self.u = self.u.saturating_add(token_u(margin_q16) as u16);
        self.x = self.x.saturating_add((margin_q16 > params.step_q16()).into());
        self.b = self.b.saturating_add(is_hard(margin_q16).into());
    }

    /// Whether a chunk of `tokens` can have these numbers: B ≤ X ≤ tokens, 32·B ≤ U ≤ 32·tokens.
    pub fn is_possible(&self, tokens: usize) -> bool {
        let (u, most) = (usize::from(self.u), MAX_TOKEN_U as usize);
        self.b <= self.x
            && usize::from(self.x) <= tokens
            && tokens <= CHUNK_TOKENS
            && u <= most * tokens
            && u >= most * usize::from(self.b)
    }
}

/// What one token adds to U: min(32, ⌊64·margin⌋).
pub fn token_u(margin_q16: u32) -> u32 {
    (margin_q16 >> 10).min(MAX_TOKEN_U)
}

/// Whether a margin reaches 2 logits.
pub fn is_hard(margin_q16: u32) -> bool {
    margin_q16 >= u32::from(HARD_MARGIN_256) << 8
}

/// The token test of one job.
#[derive(Clone, Copy, Debug)]
pub struct TokenTest<'a> {
    /// The sampler's seed.
    pub seed: &'a H256,
    /// The job's sampling parameters.
    pub sampling: SamplerParams,
    /// σ in Q16.16 logits: [`ProfileParams::border_slack_q16`].
    pub slack_q16: i64,
}

impl<'a> TokenTest<'a> {
    /// The test of a job with these parameters, whose noise has `seed`, under the thresholds of its profile.
    pub fn new(seed: &'a H256, params: &GenerateParams, profile: &ProfileParams) -> Self {
        Self {
            seed,
            sampling: params.into(),
            slack_q16: profile.border_slack_q16(),
        }
    }

    /// By how much the token at `position` loses, in Q16.16 logits; 0 when it wins, [`OUTSIDE_MARGIN_Q16`]
    /// when it is outside the wide set.
    ///
    /// `candidates` are the auditor's, from `sampler::top_candidates` after the penalties; `emitted` is the
    /// token that the worker chose with the auditor's logit for it.
    pub fn margin_q16(
        &self,
        position: u32,
        candidates: &[TokenLogit],
        emitted: TokenLogit,
    ) -> Result<u32, TokenTestError> {
        check_input(candidates, emitted)?;
        let best = candidates.first().ok_or(TokenTestError::NoCandidates)?;
        if self.sampling.temperature_milli == 0 {
            return Ok(lost_by(best.1, emitted.1));
        }
        let sets = CandidateSets::new(candidates, &self.sampling, self.slack_q16);
        if !sets.is_wide(emitted.1) {
            return Ok(OUTSIDE_MARGIN_Q16);
        }
        let score = |(token, logit): TokenLogit| {
            let noise = noise(self.seed, position, token);
            perturbed(logit, self.sampling.temperature_milli, noise)
        };
        let own = score(emitted);
        let strongest = sets.narrow().map(score).max();
        Ok(strongest.map_or(0, |strongest| lost_by(strongest, own)))
    }
}

fn lost_by(best: i64, own: i64) -> u32 {
    let margin = best.saturating_sub(own).max(0);
    u32::try_from(margin).unwrap_or(OUTSIDE_MARGIN_Q16)
}

fn check_input(candidates: &[TokenLogit], emitted: TokenLogit) -> Result<(), TokenTestError> {
    let rank = |(token, logit): &TokenLogit| (core::cmp::Reverse(*logit), *token);
    if candidates.len() > MAX_CANDIDATES || !candidates.is_sorted_by(|a, b| rank(a) < rank(b)) {
        return Err(TokenTestError::NotRanked);
    }
    let last = candidates.last().ok_or(TokenTestError::NoCandidates)?;
    match candidates.iter().find(|(token, _)| *token == emitted.0) {
        Some(listed) if *listed == emitted => Ok(()),
        Some(_) => Err(TokenTestError::EmittedContradicts),
        None if candidates.len() < MAX_CANDIDATES => Err(TokenTestError::NotInVocabulary),
        None if rank(&emitted) < rank(last) => Err(TokenTestError::EmittedContradicts),
        None => Ok(()),
    }
}

/// The two sets of one position.
struct CandidateSets<'a> {
    /// The auditor's own: the L best.
    kept: &'a [TokenLogit],
    /// Logit of rank L + 1, `None` when there is no such token.
    below: Option<i64>,
    /// Whether the vocabulary may hold more than `kept`.
    bordered: bool,
    /// w relative to the best's, Q31, and in front of each the sum of all before it: one longer than `kept`.
    mass_before: Vec<u64>,
    params: SamplerParams,
    slack: i64,
    /// e^(−σ), Q31.
    shrink: u64,
}

impl<'a> CandidateSets<'a> {
    fn new(candidates: &'a [TokenLogit], params: &SamplerParams, slack: i64) -> Self {
        let slack = slack.max(0);
        let limit = match params.top_k {
            0 => MAX_CANDIDATES,
            top_k => MAX_CANDIDATES.min(top_k.into()),
        };
        let kept = &candidates[..candidates.len().min(limit)];
        let full = candidates.len() == MAX_CANDIDATES && limit == MAX_CANDIDATES;
        let below = candidates
            .get(limit)
            .or(if full { candidates.last() } else { None })
            .map(|(_, logit)| *logit);
        let best = kept.first().map_or(0, |(_, logit)| *logit);
        let mut mass_before = Vec::with_capacity(kept.len() + 1);
        mass_before.push(0);
        let mut mass = 0;
        for (_, logit) in kept {
            mass += exp_neg_q31(best.saturating_sub(*logit).unsigned_abs());
            mass_before.push(mass);
        }
        Self {
            kept,
            below,
            bordered: below.is_some(),
            mass_before,
            params: *params,
            slack,
            shrink: exp_neg_q31(slack.unsigned_abs()),
        }
    }

    fn best(&self) -> i64 {
        self.kept.first().map_or(0, |(_, logit)| *logit)
    }

    fn total(&self) -> u64 {
        self.mass_before.last().copied().unwrap_or(0)
    }

    /// The sum of w over the first `count` candidates.
    fn mass_of_first(&self, count: usize) -> u64 {
        self.mass_before
            .get(count)
            .copied()
            .unwrap_or_else(|| self.total())
    }

    /// Whether some honest worker may have a token of this logit.
    fn is_wide(&self, logit: i64) -> bool {
        let last = self.kept.last().map_or(i64::MIN, |(_, logit)| *logit);
        let ranked = !self.bordered || logit >= last.saturating_sub(self.slack);
        ranked && self.is_min_p_met(self.best().saturating_sub(logit).saturating_sub(self.slack)) && {
            let surely_better = self
                .kept
                .partition_point(|(_, z)| *z > logit.saturating_add(self.slack));
            let mass = self.mass_of_first(surely_better);
            surely_better == 0 || self.is_top_p_met(mass, self.shrink, 1 << 31)
        }
    }

    /// The tokens that every honest worker has.
    fn narrow(&self) -> impl Iterator<Item = TokenLogit> + '_ {
        let is_narrow = |(index, (_, logit)): (usize, &TokenLogit)| {
            let lowered = logit.saturating_sub(self.slack);
            let ranked = self.below.is_none_or(|below| lowered >= below);
            ranked && self.is_min_p_met(self.best().saturating_sub(lowered)) && {
                // The token itself is among them.
                let possibly_better = self.kept.partition_point(|(_, z)| *z >= lowered);
                let own = self.mass_of_first(index + 1) - self.mass_of_first(index);
                let mass = self.mass_of_first(possibly_better) - own;
                possibly_better == 1 || self.is_top_p_met(mass, 1 << 31, self.shrink)
            }
        };
        self.kept
            .iter()
            .enumerate()
            .filter(move |entry| is_narrow(*entry))
            .map(|(_, candidate)| *candidate)
    }

    /// e^(−distance) ≥ min_p; a distance below zero is zero.
    fn is_min_p_met(&self, distance: i64) -> bool {
        let weight = exp_neg_q31(distance.max(0).unsigned_abs());
        weight * PPM >= u64::from(self.params.min_p_ppm).min(PPM) << 31
    }

    /// before·f·(1−p) < p·(W−before)·g with the factors in Q31.
    fn is_top_p_met(&self, before: u64, factor: u64, rest_factor: u64) -> bool {
        let p = u64::from(self.params.top_p_ppm);
        if p >= PPM {
            return true;
        }
        let rest = self.total().saturating_sub(before);
        let left = u128::from(before) * u128::from(factor) * u128::from(PPM - p);
        let right = u128::from(rest) * u128::from(rest_factor) * u128::from(p);
        left < right
    }
}

#[cfg(test)]
#[path = "token_test_tests.rs"]
mod tests;
