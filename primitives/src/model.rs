//! What a registered model declares, once and for ever.

use crate::{hash::tagged_hash, BlobHash, ModelId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

/// What kind of work a model does. `Image` 2, `Wasm` 3 and `Train` 4 are kept free for later.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum JobKind {
    /// Text generation by a language model.
    #[codec(index = 0)]
    Generate,
    /// One embedding vector of a text.
    #[codec(index = 1)]
    Embed,
}

/// How the arithmetic is done, which decides what an audit can see (`verification.md` 2).
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum NumericProfile {
    /// f32 or f16 activations, f32 sums; quantised weights are dequantised first.
    #[codec(index = 0)]
    F16,
    /// bf16 activations.
    #[codec(index = 1)]
    Bf16,
    /// int8 activations: the quantised kernels of GGUF files.
    #[codec(index = 2)]
    A8,
}

/// Work of a model in milli compute units (1 CU = 10^9 fp16 multiply-adds) per token.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Costs {
    /// Milli-CU per input token.
    pub input_milli_cu: u32,
    /// Milli-CU per output token; 0 for embeddings.
    pub output_milli_cu: u32,
}

/// One file of a model: its name inside the model's folder, BLAKE3 and length.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FileEntry {
    /// A plain file name: no folder, no leading dot.
    pub name: BoundedVec<u8, ConstU32<96>>,
    /// BLAKE3 of the whole file.
    pub blake3: BlobHash,
    /// Length of the file.
    pub size_bytes: u64,
}

/// An immutable model: [`model_id`] is the hash of all of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ModelSpec<AccountId> {
    /// Who registered it; part of the hash, so that nobody can occupy another's id.
    pub owner: AccountId,
    /// A name for people (UTF-8), not unique.
    pub name: BoundedVec<u8, ConstU32<64>>,
    /// What jobs it takes.
    pub kind: JobKind,
    /// The files, sorted by name, names unique.
    pub manifest: BoundedVec<FileEntry, ConstU32<32>>,
    /// BLAKE3 of the file that holds the tokenizer.
    pub tokenizer: BlobHash,
    /// BLAKE3 of the chat template's UTF-8 text, when it has one.
    pub template: Option<BlobHash>,
    /// The arithmetic that worker and auditor both follow.
    pub profile: NumericProfile,
    /// Version of the canonical sampler; 1 today.
    pub sampler_version: u8,
    /// What a token costs.
    pub costs: Costs,
    /// Longest input plus output in tokens.
    pub context_tokens: u32,
    /// Memory that a device must have free, in MiB.
    pub vram_mib: u32,
}

/// The id of a model: H("ogpu/model/v1", SCALE(spec)).
pub fn model_id<AccountId: Encode>(spec: &ModelSpec<AccountId>) -> ModelId {
    spec.using_encoded(|bytes| tagged_hash(b"ogpu/model/v1", bytes))
}
