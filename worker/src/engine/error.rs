//! What can go wrong in the engine, with cause and cure.

use ogpu_client::models::{GgufError, LayoutError, SafetensorsError};
use ogpu_primitives::{JobKind, NumericProfile};

/// Why a model was not loaded or a job not computed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The folder holds no usable model.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The GGUF file is damaged.
    #[error("GGUF file: {0}")]
    Gguf(#[from] GgufError),
    /// A safetensors file is damaged.
    #[error("safetensors file: {0}")]
    Safetensors(#[from] SafetensorsError),
    /// A file could not be read; check the disk and the permissions.
    #[error("cannot read the model's weights: {0}; check the disk and the file's permissions")]
    Io(#[from] std::io::Error),
    /// The model's architecture has no code here; serve another model.
    #[error(
        "architecture `{found}` is not supported for {kind:?}; supported: llama (Generate), bert (Embed)"
    )]
    Architecture {
        /// What the file says.
        found: String,
        /// What the model is registered for.
        kind: JobKind,
    },
    /// A number of the configuration is missing or impossible; the file is damaged or of a newer kind.
    #[error("model configuration: {0}; the file is damaged or needs a newer program")]
    Config(String),
    /// A tensor is not in the file; the file is incomplete.
    #[error("tensor `{0}` is missing; fetch the model's files again")]
    MissingTensor(String),
    /// A tensor has another shape than the configuration implies.
    #[error("tensor `{name}` has shape {found:?} instead of {expected:?}; the files do not belong together")]
    Shape {
        /// Tensor.
        name: String,
        /// Shape by the configuration.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// A tensor's number type cannot be used here.
    #[error("tensor `{name}` is of type {kind}, which is not supported; use another quantisation")]
    TensorType {
        /// Tensor.
        name: String,
        /// Its type.
        kind: String,
    },
    /// The device or the file does not allow the profile; serve the model on another device.
    #[error("numeric profile {profile:?} cannot run: {reason}")]
    Profile {
        /// The profile asked for.
        profile: NumericProfile,
        /// What stands against it.
        reason: &'static str,
    },
    /// The job is of another kind than the model.
    #[error("this model does {model:?} jobs, not {job:?}; send the job to a model of its kind")]
    Kind {
        /// The model's kind.
        model: JobKind,
        /// The job's kind.
        job: JobKind,
    },
    /// There is no input token; send at least one.
    #[error("the input is empty; send at least one token")]
    EmptyInput,
    /// A token id is not in the vocabulary: the input was made with another tokenizer.
    #[error("token id {id} is not in the vocabulary of {vocabulary}; use the model's own tokenizer")]
    TokenOutOfRange {
        /// The id.
        id: u32,
        /// Number of ids.
        vocabulary: usize,
    },
    /// Input (and output) would not fit in the context.
    #[error("{found} input tokens do not fit in a context of {limit}; shorten the input")]
    TooLong {
        /// Input tokens.
        found: usize,
        /// Context in tokens.
        limit: usize,
    },
    /// The logits hold a NaN: damaged weights or faulty hardware.
    #[error(
        "the model produced a number that is not finite at output position {0}; check weights and memory"
    )]
    NotFinite(u32),
    /// The caller cancelled the job.
    #[error("cancelled")]
    Cancelled,
    /// The tensor library failed, for example for want of memory.
    #[error("computation failed: {0}; check that the device has enough free memory")]
    Compute(#[from] candle_core::Error),
}
