//! Sampler version 1: which token comes next, as a pure function that every party evaluates to the same bits.
//!
//! The engine works in f32 up to the penalties, in this order, on the logits of one position:
//!
//! 1. repetition penalty r = `repetition_penalty_milli` / 1000 for each id of input or output: z / r if z > 0,
//!    else z · r;
//! 2. minus `frequency_penalty_milli` / 1000 · (times the id was generated), minus
//!    `presence_penalty_milli` / 1000 when it was generated at all;
//! 3. round-to-nearest-even of clamp(z, ±32,768) · 65,536: the logit in Q16.16. An engine whose logits hold a
//!    NaN reports a fault instead.
//!
//! From there on everything is here, in integers: [`top_candidates`] keeps the 64 best, [`candidate_set`] cuts
//! by `top_k`, `top_p` and `min_p` at temperature 1, and [`pick`] takes the arg-max of z + T·g(position, id),
//! where g is Gumbel noise from a table indexed by a ChaCha8 word: an exact draw from the softmax of z / T.
//! The noise belongs to the token id, not to its rank, so an auditor whose logits differ a little sees the same
//! noise, and can evaluate a single id. Temperature 0 is greedy.

use crate::{
    gumbel_table::{EXP2_NEG_Q31, GUMBEL_Q16, LOG2_E_Q32},
    hash::tagged_hash,
    GenerateParams, ModelId,
};
use alloc::vec::Vec;
use codec::Encode;
use rand_chacha::{
    rand_core::{RngCore, SeedableRng},
    ChaCha8Rng,
};
use sp_core::H256;

/// The version that a `ModelSpec` declares to be sampled by this file.
pub const SAMPLER_VERSION: u8 = 1;

/// Most candidates of a position.
pub const MAX_CANDIDATES: usize = 64;

/// Largest magnitude of a quantised logit: 32,768 in Q16.16.
pub const LOGIT_LIMIT_Q16: i64 = 32_768 << 16;

/// A token id and its logit in Q16.16.
pub type TokenLogit = (u32, i64);

/// The sampling parameters that matter after the penalties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SamplerParams {
    /// Temperature in 1/1000; 0 is greedy.
    pub temperature_milli: u16,
    /// Keep the `top_k` best candidates; 0 keeps all 64.
    pub top_k: u16,
    /// Nucleus sampling in parts per million; 1,000,000 is off.
    pub top_p_ppm: u32,
    /// Least probability relative to the best, in parts per million; 0 is off.
    pub min_p_ppm: u32,
}

impl From<&GenerateParams> for SamplerParams {
    fn from(params: &GenerateParams) -> Self {
        Self {
            temperature_milli: params.temperature_milli,
            top_k: params.top_k,
            top_p_ppm: params.top_p_ppm,
            min_p_ppm: params.min_p_ppm,
        }
    }
}

/// The sampler of one job: its noise and its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sampler {
    seed: H256,
    params: SamplerParams,
}

impl Sampler {
    /// The sampler that `params` of a job for `model` on the chain of `genesis` ask for.
    pub fn new(genesis: &H256, model: &ModelId, params: &GenerateParams) -> Self {
        Self {
            seed: seed(genesis, model, params),
            params: params.into(),
        }
    }

    /// The next token. `position` counts the output's tokens from 0; `candidates` come from [`top_candidates`].
    /// `None` only when there are no candidates.
    pub fn next_token(&self, position: u32, candidates: &[TokenLogit]) -> Option<u32> {
        let kept = candidate_set(candidates, &self.params);
        let kept = candidates.get(..kept)?;
        pick(&self.seed, position, kept, self.params.temperature_milli)
    }

    /// The seed of the noise.
    pub fn seed(&self) -> &H256 {
        &self.seed
    }
}

/// H("ogpu/seed/v1", genesis ‖ model ‖ the client's seed ‖ SCALE(parameters without the seed)).
///
/// Nothing of the worker's and no job id is in it: the same request with the same seed gets the same noise.
pub fn seed(genesis: &H256, model: &ModelId, params: &GenerateParams) -> H256 {
    // Taken apart, so that a new field cannot be forgotten here.
    let GenerateParams {
        max_output_tokens,
        temperature_milli,
        top_k,
        top_p_ppm,
        min_p_ppm,
        repetition_penalty_milli,
        presence_penalty_milli,
        frequency_penalty_milli,
        seed,
        stop_tokens,
    } = params;
    let without_seed = (
        (max_output_tokens, temperature_milli, top_k, top_p_ppm, min_p_ppm),
        (
            repetition_penalty_milli,
            presence_penalty_milli,
            frequency_penalty_milli,
        ),
        stop_tokens,
    );
    tagged_hash(b"ogpu/seed/v1", &(genesis, model, seed, without_seed).encode())
}

/// Gumbel noise of one token at one position in Q16.16: about −3.1 to 22.9.
///
/// The word is number `token` of the ChaCha8 stream `position` (64-bit counter and 64-bit stream, as djb's)
/// under the key `seed`, so any party can evaluate any single one.
pub fn noise(seed: &H256, position: u32, token: u32) -> i32 {
    let mut words = ChaCha8Rng::from_seed(seed.0);
    words.set_stream(position.into());
    words.set_word_pos(token.into());
    gumbel(words.next_u32())
}

/// The Gumbel quantile in Q16.16 of a uniform 32-bit word.
///
/// The highest bit chooses the tail; the other 31 are the distance p from its end, at odd multiples of 2⁻³³ so
/// that 0 never occurs. Tails are cut in octaves of p and those in 64 equal segments, which keeps the relative
/// error of p, and with it that of a probability, below 5·10⁻⁵ even far out; between two entries it is linear.
pub fn gumbel(word: u32) -> i32 {
    const SEGMENT_BITS: u32 = 6;
    const FRACTION_BITS: u32 = 31 - SEGMENT_BITS;
    let upper = word >> 31 == 1;
    let tail = (word << 1) | 1;
    let octave = tail.ilog2();
    let normalised = tail << (31 - octave);
    // The bits below the leading one: the segment, then the place inside it.
    let segment = (normalised >> FRACTION_BITS) & ((1 << SEGMENT_BITS) - 1);
    let fraction = i64::from(normalised & ((1 << FRACTION_BITS) - 1));
    let entry = ((octave << SEGMENT_BITS) | segment) as usize;
    let last = GUMBEL_Q16.len() - 1;
    let (from, to) = if upper {
        (last - entry, last - entry - 1)
    } else {
        (entry, entry + 1)
    };
    let (from, to) = (i64::from(GUMBEL_Q16[from]), i64::from(GUMBEL_Q16[to]));
    // Between two neighbours of the table, so it fits in 32 bits.
    (from + (((to - from) * fraction + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS)) as i32
}

/// z + T·g in Q16.16, T·g rounded down: the score by which tokens are compared.
pub fn perturbed(logit_q16: i64, temperature_milli: u16, noise: i32) -> i64 {
    let scaled = i64::from(temperature_milli) * i64::from(noise);
    logit_q16.saturating_add(scaled.div_euclid(1_000))
}

/// The token with the highest [`perturbed`] score, the lowest id on ties; `None` without candidates. Their
/// order does not matter.
pub fn pick(seed: &H256, position: u32, candidates: &[TokenLogit], temperature_milli: u16) -> Option<u32> {
    let score = |(token, logit): &TokenLogit| {
        // Greedy needs no noise.
        let noise = if temperature_milli == 0 {
            0
        } else {
            noise(seed, position, *token)
        };
        (
            perturbed(*logit, temperature_milli, noise),
            core::cmp::Reverse(*token),
        )
    };
    candidates
        .iter()
        .max_by_key(|candidate| score(candidate))
        .map(|(token, _)| *token)
}

/// Best first: higher logit, then lower id.
fn rank(candidates: &mut [TokenLogit]) {
    candidates.sort_unstable_by_key(|(token, logit)| (core::cmp::Reverse(*logit), *token));
}

/// The [`MAX_CANDIDATES`] best of all logits, best first: higher logit, then lower id.
pub fn top_candidates(logits: impl IntoIterator<Item = TokenLogit>) -> Vec<TokenLogit> {
    let mut best: Vec<TokenLogit> = Vec::with_capacity(2 * MAX_CANDIDATES);
    let mut floor = i64::MIN;
    for candidate in logits {
        if candidate.1 < floor {
            continue;
        }
        best.push(candidate);
        if best.len() == 2 * MAX_CANDIDATES {
            rank(&mut best);
            best.truncate(MAX_CANDIDATES);
            floor = best[MAX_CANDIDATES - 1].1;
        }
    }
    rank(&mut best);
    best.truncate(MAX_CANDIDATES);
    best
}

/// How many of `sorted` (from [`top_candidates`]) stay: first `top_k`, then the fewest of those whose probability
/// reaches `top_p`, then those with at least `min_p` times the best one's probability. At least one if there is
/// any. Probabilities are those at temperature 1 among the candidates that `top_k` left.
pub fn candidate_set(sorted: &[TokenLogit], params: &SamplerParams) -> usize {
    const PPM: u64 = 1_000_000;
    let limit = if params.top_k == 0 {
        MAX_CANDIDATES
    } else {
        MAX_CANDIDATES.min(params.top_k.into())
    };
    let sorted = &sorted[..sorted.len().min(limit)];
    let Some((_, best)) = sorted.first() else { return 0 };
    let weights: Vec<u64> = sorted
        .iter()
        .map(|(_, logit)| exp_neg_q31(best.saturating_sub(*logit).unsigned_abs()))
        .collect();

    let mut kept = sorted.len();
    if u64::from(params.top_p_ppm) < PPM {
        // At most 64 · 2³¹ · 10⁶ < 2⁵⁸.
        let wanted = weights.iter().sum::<u64>() * u64::from(params.top_p_ppm);
        let mut mass = 0;
        kept = weights
            .iter()
            .position(|weight| {
                mass += weight * PPM;
                mass >= wanted
            })
            .map_or(kept, |index| index + 1);
    }
    if params.min_p_ppm > 0 {
        let least = (1u64 << 31) * u64::from(params.min_p_ppm.min(PPM as u32));
        kept = weights[..kept].partition_point(|weight| weight * PPM >= least);
    }
    kept.max(1)
}

/// e^(−x) in Q31 for x in Q16.16, to a relative 10⁻⁶ while the result is large; never rises with x.
pub fn exp_neg_q31(x_q16: u64) -> u64 {
    // e^(−x) = 2^(−x·log₂e): Q16 · Q32 = Q48.
    let power = u128::from(x_q16) * u128::from(LOG2_E_Q32);
    let halvings = power >> 48;
    if halvings > 31 {
        return 0;
    }
    let fraction = power as u64 & ((1 << 48) - 1);
    let step = (fraction >> 40) as usize;
    let rest = u128::from(fraction & ((1 << 40) - 1));
    let (from, to) = (u64::from(EXP2_NEG_Q31[step]), u64::from(EXP2_NEG_Q31[step + 1]));
    // Below 2²³ · 2⁴⁰, but the product is kept wide so that no bound of the table has to be known here.
    let value = from - ((u128::from(from - to) * rest) >> 40) as u64;
    value >> halvings as u32
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
