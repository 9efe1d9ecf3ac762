//! Keys of work, and what a worker commits to.

use crate::{BlobHash, JobId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// One attempt at one segment of a job.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct WorkKey {
    /// The job.
    pub job: JobId,
    /// Part of the job; 0 for jobs of one part.
    pub segment: u32,
    /// 0 for the first worker, one more after each reassignment or rerun.
    pub attempt: u8,
}

/// What was produced and is to be checked. Channels (1) and training rounds (2) come later.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Subject {
    /// An attempt at a job.
    #[codec(index = 0)]
    Work(WorkKey),
}

/// Why the output ended.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum FinishReason {
    /// An end token was sampled.
    #[codec(index = 0)]
    Stop,
    /// The output limit or the context was reached.
    #[codec(index = 1)]
    Length,
    /// All of a fixed-size result was produced (embeddings).
    #[codec(index = 2)]
    Complete,
}

/// A worker's commitment to a result.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Commitment {
    /// Merkle root of the worker-bound leaves ([`crate::evidence`]).
    pub root: H256,
    /// BLAKE3 of the encrypted output.
    pub output: BlobHash,
    /// Input tokens.
    pub n_in: u32,
    /// Output tokens; 0 for embeddings.
    pub n_out: u32,
    /// Why it ended.
    pub finish: FinishReason,
}

/// What a check said of a result.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Verdict {
    /// Nothing spoke against it, or nobody checked it before the window ended.
    #[codec(index = 0)]
    Pass,
    /// It is not what the model gives.
    #[codec(index = 1)]
    Wrong,
    /// Nobody can say; nobody is blamed.
    #[codec(index = 2)]
    Inconclusive,
}
