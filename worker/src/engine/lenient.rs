//! Lenient speculation, a cheat: a cheap draft proposes every token, and the right model lets it pass while it
//! loses by little. The right model has read the whole text, so hidden states and sketches are right.

use super::cache::{KvCache, Segment};
use super::evidence::Recording;
use super::sampling::TokenSampler;
use super::{row, Engine, EngineError, Generation, Request, Timings};
use candle_core::Tensor;
use ogpu_primitives::sampler::{candidate_set, noise, perturbed, pick, SamplerParams, TokenLogit};
use ogpu_primitives::{FinishReason, GenerateParams, H256};
use std::time::Instant;

/// An output, and how many of its tokens only the lenience let in.
#[derive(Debug)]
pub struct LenientOutput {
    /// The output with the right model's evidence.
    pub generation: Generation,
    /// Tokens that were emitted though they lose.
    pub let_in: usize,
}

struct Stream {
    tokens: Vec<u32>,
    inputs: usize,
    limit: usize,
    params: GenerateParams,
    seed: H256,
    /// The right model's, then the draft's.
    caches: [KvCache; 2],
    /// Looks at the draft's proposals with the right model's logits.
    judge: TokenSampler,
    draft: TokenSampler,
    recording: Option<Recording>,
    let_in: usize,
    finish: Option<FinishReason>,
}

/// Generates all requests at once; a draft token that loses by at most `lenience_q16` is emitted. Gives the outputs
/// in the order of the requests.
pub fn generate(
    target: &Engine,
    draft: &Engine,
    requests: &[Request<'_>],
    lenience_q16: u32,
) -> Result<Vec<LenientOutput>, EngineError> {
    let start = Instant::now();
    let engines = [target, draft];
    let mut streams = requests
        .iter()
        .map(|request| Stream::new(&engines, request))
        .collect::<Result<Vec<_>, _>>()?;
    while streams.iter().any(|stream| stream.finish.is_none()) {
        let mut running: Vec<&mut Stream> = streams
            .iter_mut()
            .filter(|stream| stream.finish.is_none())
            .collect();
        let (drafted, _) = step(draft, &mut running, 1)?;
        let proposals = running
            .iter_mut()
            .zip(drafted)
            .map(|(stream, logits)| stream.draft.next(&logits))
            .collect::<Result<Vec<_>, _>>()?;
        let (judged, states) = step(target, &mut running, 0)?;
        for (((stream, proposal), logits), state) in
            running.into_iter().zip(proposals).zip(judged).zip(states)
        {
            if let Some(recording) = &mut stream.recording {
                recording.push(&state)?;
            }
            stream.choose(&logits, proposal, lenience_q16, target.end_tokens())?;
        }
    }
    Ok(streams
        .into_iter()
        .map(|mut stream| LenientOutput {
            generation: Generation {
                tokens: stream.tokens.split_off(stream.inputs),
                finish: stream.finish.unwrap_or(FinishReason::Length),
                evidence: stream.recording.map(Recording::finish),
                comparison: None,
                hidden: None,
                timings: Timings {
                    decode: start.elapsed(),
                    ..Timings::default()
                },
            },
            let_in: stream.let_in,
        })
        .collect())
}

/// Logits and hidden states after the newest token of each stream.
#[allow(clippy::type_complexity)]
fn step(
    engine: &Engine,
    streams: &mut [&mut Stream],
    which: usize,
) -> Result<(Vec<Vec<f32>>, Vec<Vec<f32>>), EngineError> {
    let model = engine.decoder()?;
    let (mut rows, mut last, mut segments) = (0u32, Vec::new(), Vec::new());
    for stream in streams {
        let cache = &mut stream.caches[which];
        let tokens = &stream.tokens[cache.length()..];
        rows += tokens.len() as u32;
        last.push(rows - 1);
        segments.push(Segment { tokens, cache });
    }
    let states = model.forward(&mut segments)?;
    let states = states.index_select(&Tensor::new(last, states.device())?, 0)?;
    let split = |values: Vec<f32>, width: usize| values.chunks_exact(width).map(<[f32]>::to_vec).collect();
    let logits = row(&model.logits(&states)?)?;
    Ok((
        split(logits, model.vocabulary()),
        split(row(&states)?, model.hidden_size()),
    ))
}

impl Stream {
    fn new(engines: &[&Engine; 2], request: &Request<'_>) -> Result<Self, EngineError> {
        let [target, draft] = engines;
        let (model, input) = (target.decoder()?, request.input);
        let context = target.context().min(draft.context());
        target.check_input(input, model.vocabulary(), context.saturating_sub(1))?;
        let limit = (context - input.len()).min(request.params.max_output_tokens as usize);
        let recording = request
            .evidence
            .as_ref()
            .map(|spec| Recording::new(spec, request.seed, model.hidden_size()))
            .transpose()?;
        let capacity = input.len() + limit;
        Ok(Self {
            tokens: input.to_vec(),
            inputs: input.len(),
            limit,
            params: request.params.clone(),
            seed: *request.seed,
            caches: [model.cache(capacity)?, draft.decoder()?.cache(capacity)?],
            judge: TokenSampler::new(input, request.params, request.seed),
            draft: TokenSampler::new(input, request.params, request.seed),
            recording,
            let_in: 0,
            finish: (limit == 0).then_some(FinishReason::Length),
        })
    }

    fn choose(
        &mut self,
        logits: &[f32],
        proposal: u32,
        lenience_q16: u32,
        end_tokens: &[u32],
    ) -> Result<(), EngineError> {
        let position = (self.tokens.len() - self.inputs) as u32;
        let broken = EngineError::NotFinite(position);
        let (candidates, _) = self.judge.judge(logits, proposal)?;
        let kept = &candidates[..candidate_set(&candidates, &SamplerParams::from(&self.params))];
        let temperature = self.params.temperature_milli;
        let best = pick(&self.seed, position, kept, temperature).ok_or(broken)?;
        let score = |token: u32| {
            let same = |candidate: &&TokenLogit| candidate.0 == token;
            let noise = noise(&self.seed, position, token);
            kept.iter()
                .find(same)
                .map(|candidate| perturbed(candidate.1, temperature, noise))
        };
        let margin = score(best).zip(score(proposal)).map(|(best, own)| best - own);
        let token = match margin {
            Some(margin) if margin <= i64::from(lenience_q16) => proposal,
            _ => best,
        };
        self.let_in += usize::from(token != best);
        self.tokens.push(token);
        self.finish = if end_tokens.contains(&token) || self.params.stop_tokens.contains(&token) {
            Some(FinishReason::Stop)
        } else if self.tokens.len() - self.inputs == self.limit {
            Some(FinishReason::Length)
        } else {
            None
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{tiny, DeviceChoice, EngineSpec, Options};
    use super::*;
    use crate::engine::options::Dishonest;
    use ogpu_primitives::{JobKind, NumericProfile};
    use std::sync::atomic::AtomicBool;

    fn engine(folder: &std::path::Path, skip_layers: Vec<usize>) -> Engine {
        let spec = EngineSpec {
            kind: JobKind::Generate,
            profile: NumericProfile::F16,
            context_tokens: 0,
        };
        let options = Options {
            dishonest: Dishonest {
                skip_layers,
                ..Dishonest::default()
            },
            ..Options::default()
        };
        Engine::load_with(folder, &spec, DeviceChoice::Cpu, &options).unwrap()
    }

    #[test]
    fn generate_should_emit_losing_tokens_only_when_it_is_lenient() {
        let folder = tempfile::tempdir().unwrap();
        tiny::write(folder.path()).unwrap();
        let (target, draft) = (engine(folder.path(), vec![]), engine(folder.path(), vec![1]));
        let params = GenerateParams::plain(60, 1_000);
        let (input, seed) = ([256, 104, 105], H256([3; 32]));
        let request = Request::new(&input, &params, &seed);
        let honest = target
            .generate(&input, &params, &seed, &AtomicBool::new(false), &mut |_| ())
            .unwrap();
        let of = |draft: &Engine, lenience| {
            let requests = [request.clone(), request.clone()];
            let mut outputs = generate(&target, draft, &requests, lenience).unwrap();
            let last = outputs.pop().unwrap();
            assert_eq!(last.generation.tokens, outputs[0].generation.tokens);
            last
        };
        for (draft, lenience) in [(&target, u32::MAX), (&draft, 0)] {
            let output = of(draft, lenience);
            assert_eq!(output.generation.tokens, honest.tokens);
            assert_eq!(output.generation.finish, honest.finish);
            assert_eq!(output.let_in, 0);
        }
        assert!(of(&draft, 1 << 16).let_in > 0);
    }
}
