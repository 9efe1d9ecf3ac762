//! Reading what a model is made of: files, tokenizer, chat template.
//!
//! Shared by the client (which turns text into token ids) and the worker (which turns ids into ids).
//! Every file read here comes from somebody else, so each reader has hard limits and typed errors.

pub mod gguf;
pub mod layout;
pub mod manifest;
pub mod safetensors;
pub mod template;
pub mod tokenizer;
pub mod whitening;

pub use gguf::{Gguf, GgufError, TensorType};
pub use layout::{LayoutError, ModelFiles};
pub use manifest::{Manifest, ManifestError};
pub use safetensors::{SafetensorsError, SafetensorsHeader};
pub use template::{ChatMessage, ChatTemplate, TemplateError};
pub use tokenizer::{ModelTokenizer, TextStream, TokenizerError};
pub use whitening::{read_whitening, WhiteningFileError};
