//! The part of sampling that works on floats; the rest, on which all parties must agree to the bit, is
//! `ogpu_primitives::sampler`.

use super::EngineError;
use ogpu_primitives::sampler::{
    candidate_set, pick, top_candidates, SamplerParams, TokenLogit, MAX_CANDIDATES,
};
use ogpu_primitives::{GenerateParams, H256};
use std::borrow::Cow;
use std::collections::HashMap;

/// Logits are cut off at this magnitude.
const LIMIT: f32 = 32_768.0;

/// Chooses the tokens of one output.
pub struct TokenSampler {
    params: GenerateParams,
    seed: H256,
    /// Ids of input and output: number of times generated.
    seen: HashMap<u32, u32>,
    position: u32,
}

impl TokenSampler {
    /// Before the first token of an output.
    pub fn new(input: &[u32], params: &GenerateParams, seed: &H256) -> Self {
        Self {
            params: params.clone(),
            seed: *seed,
            seen: input.iter().map(|id| (*id, 0)).collect(),
            position: 0,
        }
    }

    /// The next token, given the logits of the whole vocabulary; counts it as generated.
    pub fn next(&mut self, logits: &[f32]) -> Result<u32, EngineError> {
        let candidates = candidates(&self.penalised(logits)).ok_or(EngineError::NotFinite(self.position))?;
        let kept = candidate_set(&candidates, &SamplerParams::from(&self.params));
        let token = pick(
            &self.seed,
            self.position,
            &candidates[..kept],
            self.params.temperature_milli,
        )
        .ok_or(EngineError::NotFinite(self.position))?;
        self.count(token);
        Ok(token)
    }

    /// What the token test needs where somebody else chose `emitted` (an id of the vocabulary): the candidates,
    /// and the emitted token with its logit. Counts it as generated.
    pub fn judge(
        &mut self,
        logits: &[f32],
        emitted: u32,
    ) -> Result<(Vec<TokenLogit>, TokenLogit), EngineError> {
        let broken = EngineError::NotFinite(self.position);
        let penalised = self.penalised(logits);
        let Some(logit) = penalised.get(emitted as usize).copied() else {
            return Err(EngineError::TokenOutOfRange {
                id: emitted,
                vocabulary: logits.len(),
            });
        };
        let candidates = candidates(&penalised).ok_or(broken)?;
        drop(penalised);
        self.count(emitted);
        Ok((candidates, (emitted, q16(logit))))
    }

    fn count(&mut self, token: u32) {
        *self.seen.entry(token).or_default() += 1;
        self.position += 1;
    }

    fn penalised<'l>(&self, logits: &'l [f32]) -> Cow<'l, [f32]> {
        match self.penalties_off() {
            true => Cow::Borrowed(logits),
            false => Cow::Owned(self.penalise(logits.to_vec())),
        }
    }

    fn penalties_off(&self) -> bool {
        self.params.repetition_penalty_milli == 1_000
            && self.params.presence_penalty_milli == 0
            && self.params.frequency_penalty_milli == 0
    }

    fn penalise(&self, mut logits: Vec<f32>) -> Vec<f32> {
        let repetition = f32::from(self.params.repetition_penalty_milli) / 1_000.0;
        let frequency = f32::from(self.params.frequency_penalty_milli) / 1_000.0;
        let presence = f32::from(self.params.presence_penalty_milli) / 1_000.0;
        for (id, count) in &self.seen {
            let Some(logit) = logits.get_mut(*id as usize) else {
                continue;
            };
            if *logit > 0.0 {
                *logit /= repetition;
            } else {
                *logit *= repetition;
            }
            *logit -= frequency * *count as f32;
            if *count > 0 {
                *logit -= presence;
            }
        }
        logits
    }
}

/// The best candidates by quantised logit; `None` when a logit is not a number.
///
/// Only logits that can be among them are quantised: those that reach the 64th best of the maxima of
/// small groups, less what rounding may lift.
fn candidates(logits: &[f32]) -> Option<Vec<TokenLogit>> {
    const GROUP: usize = 64;
    const ROUNDING: f32 = 1.0 / 32_768.0;
    let mut maxima = Vec::with_capacity(logits.len().div_ceil(GROUP));
    let mut broken = false;
    for group in logits.chunks(GROUP) {
        let mut largest = f32::NEG_INFINITY;
        for logit in group {
            broken |= logit.is_nan();
            largest = if *logit > largest { *logit } else { largest };
        }
        maxima.push(largest);
    }
    if broken {
        return None;
    }
    let mut bound = f32::NEG_INFINITY;
    if maxima.len() > MAX_CANDIDATES {
        let mut sorted = maxima.clone();
        let (_, last, _) = sorted.select_nth_unstable_by(MAX_CANDIDATES - 1, |a, b| b.total_cmp(a));
        // All logits beyond the limits are equal once they are quantised.
        if *last > -LIMIT {
            bound = last.min(LIMIT) - ROUNDING;
        }
    }
    let groups = logits
        .chunks(GROUP)
        .zip(&maxima)
        .enumerate()
        .filter(|(_, (_, largest))| **largest >= bound);
    let possible = groups.flat_map(|(i, (group, _))| {
        (i * GROUP..)
            .zip(group)
            .filter(|(_, logit)| **logit >= bound)
            .map(|(id, logit)| (id as u32, q16(*logit)))
    });
    Some(top_candidates(possible))
}

/// A logit in Q16.16, to the nearest, ties to even.
fn q16(logit: f32) -> i64 {
    (logit.clamp(-LIMIT, LIMIT) * 65_536.0).round_ties_even() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> GenerateParams {
        GenerateParams::plain(8, 0)
    }

    #[test]
    fn sampler_should_take_the_best_token_when_greedy() {
        let (params, seed) = (params(), H256::zero());
        let mut sampler = TokenSampler::new(&[1], &params, &seed);
        assert_eq!(sampler.next(&[0.5, 2.0, -1.0, 2.0]).unwrap(), 1);
    }

    #[test]
    fn sampler_should_move_on_when_penalties_weigh_more_than_the_lead() {
        let seed = H256::zero();
        let params = GenerateParams {
            frequency_penalty_milli: 400,
            presence_penalty_milli: 200,
            ..params()
        };
        let mut sampler = TokenSampler::new(&[], &params, &seed);
        let picks: Vec<u32> = (0..5).map(|_| sampler.next(&[1.0, 0.5, -9.0]).unwrap()).collect();
        assert_eq!(picks, [0, 1, 0, 0, 1]);
        let params = GenerateParams {
            repetition_penalty_milli: 2_000,
            ..params
        };
        let mut sampler = TokenSampler::new(&[0], &params, &seed);
        assert_eq!(sampler.next(&[1.0, 0.6]).unwrap(), 1);
    }

    #[test]
    fn sampler_should_fail_when_a_logit_is_not_a_number() {
        let (params, seed) = (params(), H256::zero());
        let mut sampler = TokenSampler::new(&[], &params, &seed);
        assert!(matches!(
            sampler.next(&[0.0, f32::NAN]),
            Err(EngineError::NotFinite(0))
        ));
    }

    #[test]
    fn candidates_should_be_those_of_the_whole_vocabulary_when_most_are_skipped() {
        let shapes: [fn(usize) -> f32; 5] = [
            |i| (i as f32 * 0.731).sin() * 9.0,
            |i| 1.0 + (i * 7_919 % 5_000) as f32 * 1e-7,
            |i| if i % 3 == 0 { 1e9 } else { -1e9 },
            |i| if i > 40 { f32::NEG_INFINITY } else { i as f32 },
            |i| 40_000.0 - (i * 31 % 20_000) as f32,
        ];
        for shape in shapes {
            for count in [1, 63, 5_000, 20_001] {
                let logits: Vec<f32> = (0..count).map(shape).collect();
                let all = top_candidates(logits.iter().zip(0..).map(|(logit, id)| (id, q16(*logit))));
                assert_eq!(candidates(&logits).unwrap(), all);
            }
        }
    }

    #[test]
    fn sampler_should_repeat_itself_when_the_seed_is_the_same() {
        let params = GenerateParams {
            temperature_milli: 1_000,
            ..params()
        };
        let logits: Vec<f32> = (0..100).map(|i| (i as f32 * 0.37).sin()).collect();
        let run = |seed: u8| -> Vec<u32> {
            let seed = H256([seed; 32]);
            let mut sampler = TokenSampler::new(&[], &params, &seed);
            (0..8).map(|_| sampler.next(&logits).unwrap()).collect()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
