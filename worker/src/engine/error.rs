//! What can go wrong in the engine, with cause and cure.

use ogpu_client::models::{GgufError, LayoutError, SafetensorsError};
use ogpu_primitives::{JobKind, NumericProfile, ReportError, TokenTestError};

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
        "architecture `{found}` is not supported for {kind:?}; supported: llama, qwen2, qwen3, gemma3 (Generate), bert (Embed)"
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
    /// The whitening table is another model's or damaged; fetch the model's own.
    #[error("the whitening table has {found} usable dimensions, the model {expected}; fetch the model's own table")]
    WhiteningTable {
        /// Dimensions of the model's hidden state.
        expected: usize,
        /// Dimensions of the table, 0 when it cannot be used at all.
        found: usize,
    },
    /// The output to be audited is one that no honest worker commits to: dissent.
    #[error("the audited output cannot be right: {0}; dissent")]
    Output(OutputFault),
    /// The auditor's own arithmetic contradicts itself: a fault of this machine or program, no verdict.
    #[error("the token test failed on this machine: {0:?}; check memory and report it")]
    TokenTest(TokenTestError),
    /// The report cannot be put in its format.
    #[error("the audit cannot be reported: {0:?}; this output or vector is beyond what reports can carry")]
    Report(ReportError),
    /// The caller cancelled the job.
    #[error("cancelled")]
    Cancelled,
    /// The tensor library failed, for example for want of memory.
    #[error("computation failed: {0}; check that the device has enough free memory")]
    Compute(#[from] candle_core::Error),
}

/// Why an output cannot be an honest one, whatever the arithmetic says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputFault {
    /// There are no tokens though there was room for some.
    #[error("it is empty")]
    Empty,
    /// It is longer than the job, the context or the format of reports allows.
    #[error("it has {found} tokens where at most {limit} are possible")]
    TooLong {
        /// Its tokens.
        found: usize,
        /// Most tokens.
        limit: usize,
    },
    /// It has an id that the model cannot produce.
    #[error("id {id} is not in the vocabulary of {vocabulary}")]
    TokenOutOfRange {
        /// The id.
        id: u32,
        /// Number of ids.
        vocabulary: usize,
    },
}
