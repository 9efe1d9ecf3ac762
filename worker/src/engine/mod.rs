//! The engine: loads a model from its folder and computes jobs, deterministically.
//!
//! One family a file (in [`decoder`], and [`bert`]); everything else is shared. On the CPU a quantised file
//! gives the same bits whether a token is computed alone or in a batch, and on every x86 machine with AVX2 or
//! better.

pub mod audit;
pub mod batch;
#[cfg(test)]
mod batch_tests;
pub mod bench;
pub mod bert;
pub mod cache;
pub mod cpu;
#[cfg(feature = "cuda")]
mod cuda;
pub mod decoder;
pub mod device;
pub mod error;
pub mod evidence;
#[cfg(test)]
mod gguf_tests;
#[cfg(test)]
mod jury_tests;
#[cfg(feature = "dishonest")]
pub mod lenient;
pub mod linear;
pub mod load;
mod ops;
pub mod options;
pub mod rope;
pub mod sampling;
#[cfg(test)]
mod tests;
pub mod tiny;
pub mod weights;

pub use audit::{Audit, AuditRequest};
pub use batch::{Batch, Progress, Request, StreamId};
pub use device::DeviceChoice;
pub use error::{EngineError, OutputFault};
pub use evidence::EvidenceSpec;
pub use load::Load;
pub use options::{Kernels, Options};

use bert::Bert;
use cache::Segment;
use candle_core::{DType, Device, Tensor};
use decoder::Decoder;
use ogpu_client::models::{layout, ModelFiles};
use ogpu_primitives::evidence::ChunkRecord;
use ogpu_primitives::{ChunkSketch, FinishReason, GenerateParams, JobKind, NumericProfile, H256};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use weights::Weights;

/// Input tokens that are computed in one pass.
const PREFILL_TOKENS: usize = 512;
/// Rows of logits that are in memory at once.
const LOGIT_ROWS: usize = 32;

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
    /// Evidence of each chunk, where it was asked for: from the states that the tokens were sampled from.
    pub evidence: Option<Vec<ChunkRecord>>,
    /// Sketches of each chunk for a comparison, where they were asked for.
    pub comparison: Option<Vec<ChunkSketch>>,
    /// Those final hidden states, one after another, where they were asked for.
    pub hidden: Option<Vec<f32>>,
    /// Times.
    pub timings: Timings,
}

enum Model {
    Decoder(Box<Decoder>),
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
        Self::load_with(folder, spec, choice, &Options::default())
    }

    /// As [`Engine::load`], with choices that no job has.
    pub fn load_with(
        folder: &Path,
        spec: &EngineSpec,
        choice: DeviceChoice,
        options: &Options,
    ) -> Result<Self, EngineError> {
        let files = ModelFiles::find(folder)?;
        let device = device::select(choice);
        let weights = Weights::open(&files, &device, spec.profile, options)?;
        let wanted = match spec.context_tokens {
            0 => usize::MAX,
            tokens => tokens as usize,
        };
        let (model, context) = match (spec.kind, &files) {
            (JobKind::Generate, _) => {
                let config = match (&files, weights.gguf()) {
                    (ModelFiles::Safetensors { config, .. }, _) => decoder::Config::from_json(config)?,
                    (_, Some(gguf)) => decoder::Config::from_gguf(gguf, &weights)?,
                    (ModelFiles::Gguf { path }, None) => {
                        return Err(layout::LayoutError::NoModel(path.clone()).into())
                    }
                };
                let context = config.context.min(wanted);
                (
                    Model::Decoder(Box::new(Decoder::load(config, &weights)?)),
                    context,
                )
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

    /// Generates until an end token, the limit of output tokens or the end of the context, without evidence.
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
        self.generate_with(&Request::new(input, params, seed), cancel, on_token)
    }

    /// As [`Engine::generate`], with everything that a request can ask for.
    pub fn generate_with(
        &self,
        request: &Request<'_>,
        cancel: &AtomicBool,
        on_token: &mut dyn FnMut(u32),
    ) -> Result<Generation, EngineError> {
        let mut batch = Batch::new(self);
        batch.join(request)?;
        loop {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            for (_, progress) in batch.step()? {
                match progress {
                    Progress::Token(token) => on_token(token),
                    Progress::Finished(generation) => return Ok(generation),
                    Progress::Failed(error) => return Err(error),
                }
            }
        }
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

    /// Computes `tokens` in passes of at most `step` and shows each row from `from` on: its logits, and the final
    /// hidden state that they come from. Logits exist for some rows at a time only.
    pub fn visit_rows(
        &self,
        tokens: &[u32],
        from: usize,
        step: usize,
        cancel: &AtomicBool,
        visit: &mut dyn FnMut(&[f32], &[f32]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let model = self.decoder()?;
        let mut cache = model.cache(tokens.len())?;
        for chunk in tokens.chunks(step.max(1)) {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            let skipped = from.saturating_sub(cache.length()).min(chunk.len());
            let states = model.forward(&mut [Segment {
                tokens: chunk,
                cache: &mut cache,
            }])?;
            for at in (skipped..chunk.len()).step_by(LOGIT_ROWS) {
                let states = states
                    .narrow(0, at, LOGIT_ROWS.min(chunk.len() - at))?
                    .contiguous()?;
                let (logits, states) = (row(&model.logits(&states)?)?, row(&states)?);
                let states = states.chunks_exact(model.hidden_size());
                for (logits, state) in logits.chunks_exact(model.vocabulary()).zip(states) {
                    visit(logits, state)?;
                }
            }
        }
        Ok(())
    }

    /// Logits after every input token, all in memory at once: for tests with short inputs.
    pub fn logits(&self, input: &[u32]) -> Result<Vec<Vec<f32>>, EngineError> {
        self.check_input(input, self.vocabulary(), self.context)?;
        let mut rows = Vec::with_capacity(input.len());
        self.visit_rows(
            input,
            0,
            PREFILL_TOKENS,
            &AtomicBool::new(false),
            &mut |logits, _| {
                rows.push(logits.to_vec());
                Ok(())
            },
        )?;
        Ok(rows)
    }

    /// Final hidden states of every input token, one after another: what sketches are made of.
    pub fn hidden(&self, input: &[u32]) -> Result<Vec<f32>, EngineError> {
        let model = self.decoder()?;
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

    /// Values in a final hidden state; an embedding model has none.
    pub fn hidden_size(&self) -> Result<usize, EngineError> {
        Ok(self.decoder()?.hidden_size())
    }

    /// Number of token ids.
    pub fn vocabulary(&self) -> usize {
        match &self.model {
            Model::Decoder(model) => model.vocabulary(),
            Model::Bert(model) => model.vocabulary(),
        }
    }

    fn decoder(&self) -> Result<&Decoder, EngineError> {
        match &self.model {
            Model::Decoder(model) => Ok(model),
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
