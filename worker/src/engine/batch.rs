//! Several outputs at once. Streams join and leave between steps; in a step each adds a part of its input or
//! its newest token, and all of them share one pass over the weights.

use super::cache::{KvCache, Segment};
use super::evidence::{EvidenceSpec, Recording};
use super::sampling::TokenSampler;
use super::{row, Engine, EngineError, Generation, Timings, LOGIT_ROWS, PREFILL_TOKENS};
use candle_core::Tensor;
use ogpu_primitives::{FinishReason, GenerateParams, JobId, H256};
use std::time::{Duration, Instant};

/// What an output is made from.
#[derive(Clone)]
pub struct Request<'a> {
    /// Token ids.
    pub input: &'a [u32],
    /// Sampling and limits.
    pub params: &'a GenerateParams,
    /// The sampler's seed (`ogpu_primitives::sampler::seed`).
    pub seed: &'a H256,
    /// Make the evidence of [`Generation::evidence`].
    pub evidence: Option<EvidenceSpec>,
    /// Make the sketches of [`Generation::comparison`] besides the evidence, with this in the place of the job.
    pub comparison: Option<JobId>,
    /// Keep the final hidden states for [`Generation::hidden`].
    pub keep_hidden: bool,
}

impl<'a> Request<'a> {
    /// An output without evidence.
    pub fn new(input: &'a [u32], params: &'a GenerateParams, seed: &'a H256) -> Self {
        Self {
            input,
            params,
            seed,
            evidence: None,
            comparison: None,
            keep_hidden: false,
        }
    }

    /// With evidence for an auditor.
    pub fn with_evidence(self, evidence: EvidenceSpec) -> Self {
        Self {
            evidence: Some(evidence),
            ..self
        }
    }

    /// With sketches for a comparison, where evidence is made.
    pub fn with_comparison(self, comparison: Option<JobId>) -> Self {
        Self { comparison, ..self }
    }
}

/// Names a stream of one batch; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(u64);

/// What a step did for a stream.
#[derive(Debug)]
pub enum Progress {
    /// It has one more token.
    Token(u32),
    /// It is complete and has left.
    Finished(Generation),
    /// It cannot go on and has left; the others can.
    Failed(EngineError),
}

/// Streams that are computed together.
pub struct Batch<'e> {
    engine: &'e Engine,
    streams: Vec<Stream>,
    prefill_tokens: usize,
    joined: u64,
}

struct Stream {
    id: StreamId,
    /// The input, then the output.
    tokens: Vec<u32>,
    inputs: usize,
    limit: usize,
    stop_tokens: Vec<u32>,
    cache: KvCache,
    sampler: TokenSampler,
    recording: Option<Recording>,
    hidden: Option<Vec<f32>>,
    start: Instant,
    prefill: Duration,
}

impl<'e> Batch<'e> {
    /// An empty batch.
    pub fn new(engine: &'e Engine) -> Self {
        Self {
            engine,
            streams: Vec::new(),
            prefill_tokens: PREFILL_TOKENS,
            joined: 0,
        }
    }

    /// At most `tokens` of an input are computed in one step: fewer delay other streams less, more are faster.
    pub fn with_prefill_tokens(self, tokens: usize) -> Self {
        Self {
            prefill_tokens: tokens.max(1),
            ..self
        }
    }

    /// Adds a stream, which takes part from the next step on. Allocates its whole cache.
    pub fn join(&mut self, request: &Request<'_>) -> Result<StreamId, EngineError> {
        let model = self.engine.decoder()?;
        let Request {
            input,
            params,
            seed,
            ref evidence,
            comparison,
            keep_hidden,
        } = *request;
        let context = self.engine.context();
        self.engine
            .check_input(input, model.vocabulary(), context.saturating_sub(1))?;
        let recording = evidence
            .as_ref()
            .map(|spec| {
                let recording = Recording::new(spec, seed, model.hidden_size())?;
                Ok::<_, EngineError>(recording.with_comparison(spec, seed, comparison))
            })
            .transpose()?;
        let limit = (context - input.len()).min(params.max_output_tokens as usize);
        let id = StreamId(self.joined);
        self.streams.push(Stream {
            id,
            tokens: input.to_vec(),
            inputs: input.len(),
            limit,
            stop_tokens: params.stop_tokens.to_vec(),
            cache: model.cache(input.len() + limit)?,
            sampler: TokenSampler::new(input, params, seed),
            recording,
            hidden: keep_hidden.then(Vec::new),
            start: Instant::now(),
            prefill: Duration::ZERO,
        });
        self.joined += 1;
        Ok(id)
    }

    /// Drops a stream with everything it has computed; `false` when it has left already.
    pub fn leave(&mut self, id: StreamId) -> bool {
        let before = self.streams.len();
        self.streams.retain(|stream| stream.id != id);
        self.streams.len() < before
    }

    /// Streams that have not left.
    pub fn len(&self) -> usize {
        self.streams.len()
    }

    /// Whether nobody is left.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Computes one step of every stream and says what became of each, in the order in which they joined. An
    /// error is the machine's, not one stream's, and ends the batch.
    pub fn step(&mut self) -> Result<Vec<(StreamId, Progress)>, EngineError> {
        let model = self.engine.decoder()?;
        let mut progress = Vec::new();
        let ended = self.streams.iter_mut().filter(|stream| stream.limit == 0);
        for stream in ended {
            progress.push((stream.id, Progress::Finished(stream.finish(FinishReason::Length))));
        }
        self.streams.retain(|stream| stream.limit > 0);
        if self.streams.is_empty() {
            return Ok(progress);
        }

        let (mut rows, mut ready) = (0u32, Vec::new());
        let mut segments = Vec::with_capacity(self.streams.len());
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let from = stream.cache.length();
            let to = stream.tokens.len().min(from + self.prefill_tokens);
            rows += (to - from) as u32;
            if to == stream.tokens.len() {
                ready.push((index, rows - 1));
            }
            segments.push(Segment {
                tokens: &stream.tokens[from..to],
                cache: &mut stream.cache,
            });
        }
        let states = model.forward(&mut segments)?;

        for ready in ready.chunks(LOGIT_ROWS) {
            let last: Vec<u32> = ready.iter().map(|(_, row)| *row).collect();
            let states = states.index_select(&Tensor::new(last, states.device())?, 0)?;
            let (logits, states) = (row(&model.logits(&states)?)?, row(&states)?);
            let logits = logits.chunks_exact(model.vocabulary());
            let states = states.chunks_exact(model.hidden_size());
            for (((index, _), logits), state) in ready.iter().zip(logits).zip(states) {
                let stream = &mut self.streams[*index];
                progress.extend(
                    stream
                        .sample(logits, state, self.engine.end_tokens())
                        .map(|new| (stream.id, new)),
                );
            }
        }
        let left = |id: StreamId| {
            progress
                .iter()
                .any(|(of, progress)| *of == id && !matches!(progress, Progress::Token(_)))
        };
        self.streams.retain(|stream| !left(stream.id));
        Ok(progress)
    }
}

impl Stream {
    /// Takes the next token and decides whether it was the last.
    fn sample(
        &mut self,
        logits: &[f32],
        state: &[f32],
        end_tokens: &[u32],
    ) -> impl Iterator<Item = Progress> + use<> {
        if self.tokens.len() == self.inputs {
            self.prefill = self.start.elapsed();
        }
        let token = match self.sampler.next(logits) {
            Ok(token) => token,
            Err(error) => return [Some(Progress::Failed(error)), None].into_iter().flatten(),
        };
        if let Some(recording) = &mut self.recording {
            if let Err(error) = recording.push(state) {
                return [Some(Progress::Failed(error)), None].into_iter().flatten();
            }
        }
        if let Some(hidden) = &mut self.hidden {
            hidden.extend(state);
        }
        self.tokens.push(token);
        let finish = if end_tokens.contains(&token) || self.stop_tokens.contains(&token) {
            Some(FinishReason::Stop)
        } else if self.tokens.len() - self.inputs == self.limit {
            Some(FinishReason::Length)
        } else {
            None
        };
        let finished = finish.map(|finish| Progress::Finished(self.finish(finish)));
        [Some(Progress::Token(token)), finished].into_iter().flatten()
    }

    fn finish(&mut self, finish: FinishReason) -> Generation {
        let mut recording = self.recording.take();
        Generation {
            tokens: self.tokens.split_off(self.inputs),
            finish,
            comparison: recording.as_mut().and_then(Recording::take_comparison),
            evidence: recording.map(Recording::finish),
            hidden: self.hidden.take(),
            timings: Timings {
                prefill: self.prefill,
                decode: self.start.elapsed() - self.prefill,
            },
        }
    }
}
