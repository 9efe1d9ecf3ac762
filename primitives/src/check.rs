//! What the check of a result goes by, from its commitment to its verdict (`verification.md` 3).

use crate::{
    evidence::{MAX_CHUNKS, MAX_OUTPUT_TOKENS},
    report::EmbeddingBytes,
    Balance, DeviceClass, JobKind, ModelId, ProfileParams, SketchesOpening,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// Blocks after a commitment whose authors' VRF outputs decide whether it is audited. A draw is there at the
/// beginning of the block after them.
pub const DRAW_BLOCKS: u32 = 8;

/// Most input tokens of a job: with the longest output, what an auditor needs still fits into one posting on chain
/// ([`MAX_POSTED_BYTES`]), so that nobody can escape audits by handing over nothing.
pub const MAX_INPUT_TOKENS: u32 = 49_152;

/// Bytes of a posting for encryption and framing.
pub const POSTING_OVERHEAD_BYTES: u32 = 4_096;

/// Most bytes of a ciphertext posted on chain: ids of four bytes, 64 bytes of hashes for each chunk, and the
/// overhead.
pub const MAX_POSTED_BYTES: u32 =
    4 * (MAX_INPUT_TOKENS + MAX_OUTPUT_TOKENS) + 64 * MAX_CHUNKS + POSTING_OVERHEAD_BYTES;

/// Fixed when a job is assigned, so that neither a referendum nor the worker's later record changes it.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CheckTerms {
    /// Thresholds by which worker and auditor are compared; also the grid of the sketches.
    pub params: ProfileParams,
    /// Whether sketches use the model's whitening table; the one that changes nothing where it has none.
    pub whitened: bool,
    /// p: chance of an audit, in parts per million.
    pub rate_ppm: u32,
    /// r: chance of a hidden second auditor once there is an audit, in parts per million.
    pub second_ppm: u32,
}

/// A committed result, with all that its checker needs to know of the job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CheckedWork<AccountId> {
    /// Who committed.
    pub worker: AccountId,
    /// Who stakes for it.
    pub owner: AccountId,
    /// Who pays.
    pub client: AccountId,
    /// The model.
    pub model: ModelId,
    /// Kind of the job.
    pub kind: JobKind,
    /// Whether tokens were chosen without noise: such outputs carry less evidence and are drawn twice as often.
    pub greedy: bool,
    /// H("ogpu/secret/v1", s) where the client may mix its secret into the draw.
    pub secret_hash: Option<H256>,
    /// What the result is paid with, in planck, fees included.
    pub price: Balance,
    /// What one auditor is paid, in planck: all tokens at the model's input price.
    pub audit_fee: Balance,
    /// Whether the client's escrow has room for a second audit premium, which pays for the doubled rate of a draw
    /// without its secret.
    pub surcharge: bool,
    /// Fixed at assignment.
    pub terms: CheckTerms,
}

/// What a worker shows of an audited result; the variant is the job's kind.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum AuditOpening {
    /// All sketches of a generated text.
    #[codec(index = 0)]
    Generate(SketchesOpening),
    /// An embedding's values; the root follows from them.
    #[codec(index = 1)]
    Embed(EmbeddingBytes),
}

/// What a seat in an audit is for.
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
pub enum Role {
    /// The first auditor.
    #[codec(index = 0)]
    First,
    /// The hidden second one, drawn after the first has committed.
    #[codec(index = 1)]
    Second,
    /// One of the jury, drawn after a dissent.
    #[codec(index = 2)]
    Juror,
}

/// Whom a seat in an audit was drawn from.
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
pub enum SeatPool {
    /// Those who serve the model.
    #[codec(index = 0)]
    Model,
    /// Those of a device class, because few owners serve the model. They may have to fetch it first, so they have
    /// more time, and staying away is no fault.
    #[codec(index = 1)]
    Class(DeviceClass),
}

/// How far the check of a result is.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum CheckStage {
    /// The client may accept or challenge; then it is drawn whether there is an audit.
    #[codec(index = 0)]
    Window,
    /// Seats of this role wait for the randomness of the next blocks.
    #[codec(index = 1)]
    Drawing(Role),
    /// Seats of this role compute, and commit to their reports.
    #[codec(index = 2)]
    Auditing(Role),
    /// The worker has to open what it committed to.
    #[codec(index = 3)]
    Opening,
    /// Seats of this role open their reports.
    #[codec(index = 4)]
    Reporting(Role),
    /// A verdict was given.
    #[codec(index = 5)]
    Closed,
}
