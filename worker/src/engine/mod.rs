//! The engine: loads a model from its folder and computes jobs, deterministically.
//!
//! One architecture a file ([`llama`], [`bert`]); everything else is shared. On the CPU the profile `A8`
//! gives the same bits whether a token is computed alone or in a batch, and on every x86 machine with
//! AVX2 or better.

pub mod bench;
pub mod bert;
pub mod cache;
pub mod cpu;
pub mod device;
pub mod error;
pub mod linear;
pub mod llama;
mod ops;
pub mod rope;
pub mod sampling;
#[cfg(test)]
mod tests;
pub mod tiny;
pub mod weights;

pub use device::DeviceChoice;
pub use error::EngineError;

use bert::Bert;
use cache::{KvCache, Segment};
use candle_core::{DType, Device, Tensor};
use llama::Llama;
use ogpu_client::models::{layout, ModelFiles};
use ogpu_primitives::{FinishReason, GenerateParams, JobKind, NumericProfile, H256};
use sampling::TokenSampler;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use weights::Weights;

/// Input tokens that are computed in one pass.
const PREFILL_TOKENS: usize = 512;

/// How a model is to be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineSpec {
    /// Jobs that it takes.
    pub kind: JobKind,
    /// Arithmetic.
    pub profile: NumericProfile,
    /// Longest input plus output in tokens; 0 takes the model's own.
    pub context_tokens: u32,
}

/// Times of one generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// From the start to the logits of the first token.
    pub prefill: Duration,
    /// The rest.
    pub decode: Duration,
}

/// A finished output.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// Generated ids; the last one is the end token when `finish` is `Stop`.
    pub tokens: Vec<u32>,
    /// Why it ended.
    pub finish: FinishReason,
    /// The final hidden state from which each token was sampled, one after another.
    pub hidden: Option<Vec<f32>>,
    /// Times.
    pub timings: Timings,
}

enum Model {
    Llama(Box<Llama>),
    Bert(Box<Bert>),
}

/// A loaded model.
pub struct Engine {
    model: Model,
    context: usize,
    end_tokens: Vec<u32>,
    device: Device,
}

impl Engine {
    /// Loads the model in `folder`.
    pub fn load(folder: &Path, spec: &EngineSpec, choice: DeviceChoice) -> Result<Self, EngineError> {
        let files = ModelFiles::find(folder)?;
        let device = device::select(choice);
        let weights = Weights::open(&files, &device, spec.profile)?;
        let wanted = match spec.context_tokens {
            0 => usize::MAX,
            tokens => tokens as usize,
        };
        let (model, context) = match (spec.kind, &files) {
            (JobKind::Generate, _) => {
                let config = match (&files, weights.gguf()) {
                    (ModelFiles::Safetensors { config, .. }, _) => llama::Config::from_json(config)?,
                    (_, Some(gguf)) => llama::Config::from_gguf(gguf, &weights)?,
                    (ModelFiles::Gguf { path }, None) => {
                        return Err(layout::LayoutError::NoModel(path.clone()).into())
                    }
                };
                let context = config.context().min(wanted);
                (Model::Llama(Box::new(Llama::load(config, &weights)?)), context)
            }
            (JobKind::Embed, ModelFiles::Safetensors { config, .. }) => {
                let model = Bert::load(bert::Config::from_json(config)?, &weights)?;
                let context = model.context().min(wanted);
                (Model::Bert(Box::new(model)), context)
            }
            (JobKind::Embed, ModelFiles::Gguf { .. }) => {
                let found = weights
                    .gguf()
                    .and_then(|gguf| gguf.text("general.architecture").ok());
                let found = found.unwrap_or("unknown").to_string() + " (GGUF)";
                return Err(EngineError::Architecture {
                    found,
                    kind: JobKind::Embed,
                });
            }
        };
        Ok(Self {
            model,
            context,
            end_tokens: layout::end_tokens(&files)?,
            device,
        })
    }

    /// Generates until an end token, the limit of output tokens or the end of the context.
    ///
    /// `seed` is the sampler's (`ogpu_primitives::sampler::seed`). `on_token` sees each id as soon as it is
    /// known, the end token included. `cancel` is looked at before every step.
    pub fn generate(
        &self,
        input: &[u32],
        params: &GenerateParams,
        seed: &H256,
        cancel: &AtomicBool,
        on_token: &mut dyn FnMut(u32),
    ) -> Result<Generation, EngineError> {
        let model = self.llama()?;
        self.check_input(input, model.vocabulary(), self.context - 1)?;
        let room = self.context - input.len();
        let limit = room.min(params.max_output_tokens as usize);
        let start = Instant::now();
        let mut cache = model.cache(input.len() + limit)?;
        let mut sampler = TokenSampler::new(input, params, seed);
        let mut state = last_row(&self.prefill(model, input, &mut cache, cancel)?)?;
        let mut tokens = Vec::with_capacity(limit);
        let mut hidden = Vec::with_capacity(limit * model.hidden_size());
        let mut timings = Timings {
            prefill: start.elapsed(),
            decode: Duration::ZERO,
        };
        let mut finish = FinishReason::Length;
        while tokens.len() < limit {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            let token = sampler.next(&row(&model.logits(&state)?)?)?;
            hidden.extend(row(&state)?);
            tokens.push(token);
            on_token(token);
            if self.end_tokens.contains(&token) || params.stop_tokens.contains(&token) {
                finish = FinishReason::Stop;
                break;
            }
            if tokens.len() < limit {
                state = model.forward(&mut [Segment {
                    tokens: &[token],
                    cache: &mut cache,
                }])?;
            }
        }
        timings.decode = start.elapsed() - timings.prefill;
        Ok(Generation {
            tokens,
            finish,
            hidden: Some(hidden),
            timings,
        })
    }

    /// The mean of the last hidden states, scaled to length 1 when `normalize`.
    pub fn embed(&self, input: &[u32], normalize: bool) -> Result<Vec<f32>, EngineError> {
        let Model::Bert(model) = &self.model else {
            return Err(EngineError::Kind {
                model: JobKind::Generate,
                job: JobKind::Embed,
            });
        };
        self.check_input(input, model.vocabulary(), self.context)?;
        let mut vector = row(&model.forward(input)?.mean_keepdim(0)?)?;
        if normalize {
            let length = vector
                .iter()
                .map(|x| f64::from(*x) * f64::from(*x))
                .sum::<f64>()
                .sqrt();
            let scale = if length > 0.0 { (1.0 / length) as f32 } else { 0.0 };
            vector.iter_mut().for_each(|x| *x *= scale);
        }
        match vector.iter().all(|x| x.is_finite()) {
            true => Ok(vector),
            false => Err(EngineError::NotFinite(0)),
        }
    }

    /// Logits after every input token, in one pass per 512 tokens: what an auditor computes.
    pub fn logits(&self, input: &[u32]) -> Result<Vec<Vec<f32>>, EngineError> {
        let model = self.llama()?;
        self.check_input(input, model.vocabulary(), self.context)?;
        let mut cache = model.cache(input.len())?;
        let mut rows = Vec::with_capacity(input.len());
        for chunk in input.chunks(PREFILL_TOKENS) {
            let hidden = model.forward(&mut [Segment {
                tokens: chunk,
                cache: &mut cache,
            }])?;
            rows.extend(model.logits(&hidden)?.to_dtype(DType::F32)?.to_vec2()?);
        }
        Ok(rows)
    }

    /// Final hidden states of every input token, one after another: what sketches are made of.
    pub fn hidden(&self, input: &[u32]) -> Result<Vec<f32>, EngineError> {
        let model = self.llama()?;
        self.check_input(input, model.vocabulary(), self.context)?;
        let mut cache = model.cache(input.len())?;
        let mut states = Vec::with_capacity(input.len() * model.hidden_size());
        for chunk in input.chunks(PREFILL_TOKENS) {
            states.extend(row(&model.forward(&mut [Segment {
                tokens: chunk,
                cache: &mut cache,
            }])?)?);
        }
        Ok(states)
    }

    /// Ids that end an output, sorted.
    pub fn end_tokens(&self) -> &[u32] {
        &self.end_tokens
    }

    /// Longest input plus output in tokens.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Whether a GPU computes.
    pub fn on_gpu(&self) -> bool {
        !self.device.is_cpu()
    }

    /// The final hidden states of the last chunk of `input`.
    fn prefill(
        &self,
        model: &Llama,
        input: &[u32],
        cache: &mut KvCache,
        cancel: &AtomicBool,
    ) -> Result<Tensor, EngineError> {
        let mut last = None;
        for chunk in input.chunks(PREFILL_TOKENS) {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            last = Some(model.forward(&mut [Segment { tokens: chunk, cache }])?);
        }
        last.ok_or(EngineError::EmptyInput)
    }

    fn llama(&self) -> Result<&Llama, EngineError> {
        match &self.model {
            Model::Llama(model) => Ok(model),
            Model::Bert(_) => Err(EngineError::Kind {
                model: JobKind::Embed,
                job: JobKind::Generate,
            }),
        }
    }

    fn check_input(&self, input: &[u32], vocabulary: usize, limit: usize) -> Result<(), EngineError> {
        if input.is_empty() {
            return Err(EngineError::EmptyInput);
        }
        if input.len() > limit {
            return Err(EngineError::TooLong {
                found: input.len(),
                limit,
            });
        }
        match input.iter().find(|id| **id as usize >= vocabulary) {
            Some(id) => Err(EngineError::TokenOutOfRange { id: *id, vocabulary }),
            None => Ok(()),
        }
    }
}

/// The last row as a matrix of one row.
fn last_row(x: &Tensor) -> Result<Tensor, EngineError> {
    Ok(x.narrow(0, x.dim(0)? - 1, 1)?.contiguous()?)
}

/// All values of a tensor as floats.
fn row(x: &Tensor) -> Result<Vec<f32>, EngineError> {
    Ok(x.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?)
}
