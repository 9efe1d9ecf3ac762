//! A job as the client states it and as the chain tracks it.

use crate::{hash::tagged_hash, Balance, DeviceClass, JobId, JobKind, ModelId, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Most workers that one submission can be run by.
pub const MAX_REPLICAS: u8 = 2;

/// State of a job.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum JobState {
    /// Waits to be matched.
    #[codec(index = 0)]
    Open,
    /// No worker fitted after the bounded number of tries; waits for supply or a `poke`.
    #[codec(index = 1)]
    Parked,
    /// Given to a worker, which has to acknowledge its input.
    #[codec(index = 2)]
    Assigned,
    /// The worker holds the input and computes.
    #[codec(index = 3)]
    Acknowledged,
    /// The result is committed; the check window runs.
    #[codec(index = 4)]
    Committed,
    /// Drawn for an audit.
    #[codec(index = 5)]
    Auditing,
    /// Before a jury.
    #[codec(index = 6)]
    Disputed,
    /// Paid.
    #[codec(index = 7)]
    Settled,
    /// The client got its money back.
    #[codec(index = 8)]
    Refunded,
    /// Taken back by the client before it was assigned.
    #[codec(index = 9)]
    Cancelled,
    /// The deadline passed without a result; refunded.
    #[codec(index = 10)]
    Expired,
}

impl JobState {
    /// No further change can happen and no money is held.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Settled | Self::Refunded | Self::Cancelled | Self::Expired
        )
    }
}

/// Why a job was refunded.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum RefundReason {
    /// Two workers said that the client did not deliver the input.
    #[codec(index = 0)]
    NoInput,
    /// All attempts were used up.
    #[codec(index = 1)]
    AttemptsExhausted,
    /// The result was judged wrong.
    #[codec(index = 2)]
    WrongResult,
    /// The verdict stayed open; nobody is blamed.
    #[codec(index = 3)]
    Inconclusive,
}

/// Parameters of text generation. All are integers, so that every party reads the same.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GenerateParams {
    /// Most tokens to generate: 1 to 8,192, as many as an audit can report.
    pub max_output_tokens: u32,
    /// Temperature in 1/1000; 0 is greedy.
    pub temperature_milli: u16,
    /// Keep the `top_k` best candidates; 0 keeps all 64.
    pub top_k: u16,
    /// Nucleus sampling in parts per million; 1,000,000 is off.
    pub top_p_ppm: u32,
    /// Least probability relative to the best, in parts per million; 0 is off.
    pub min_p_ppm: u32,
    /// Divides positive (multiplies negative) logits of seen tokens, in 1/1000; 1000 is off.
    pub repetition_penalty_milli: u16,
    /// Subtracted once for a token already generated, in 1/1000; 0 is off.
    pub presence_penalty_milli: i16,
    /// Subtracted per occurrence of a generated token, in 1/1000; 0 is off.
    pub frequency_penalty_milli: i16,
    /// The client's seed, from which the noise is derived.
    pub seed: [u8; 32],
    /// Token ids that end the output besides the model's own end tokens.
    pub stop_tokens: BoundedVec<u32, ConstU32<8>>,
}

impl GenerateParams {
    /// Sampling at `temperature_milli` among all candidates: no cut, no penalty, no stop token, a seed of zeros.
    pub fn plain(max_output_tokens: u32, temperature_milli: u16) -> Self {
        Self {
            max_output_tokens,
            temperature_milli,
            top_k: 0,
            top_p_ppm: 1_000_000,
            min_p_ppm: 0,
            repetition_penalty_milli: 1_000,
            presence_penalty_milli: 0,
            frequency_penalty_milli: 0,
            seed: [0; 32],
            stop_tokens: Default::default(),
        }
    }
}

/// Parameters of an embedding.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct EmbedParams {
    /// Scale the vector to length 1.
    pub normalize: bool,
}

/// Parameters by kind of job; the index is the kind's.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum JobParams {
    /// Text generation.
    #[codec(index = 0)]
    Generate(GenerateParams),
    /// Embedding.
    #[codec(index = 1)]
    Embed(EmbedParams),
}

impl JobParams {
    /// The kind of model that these parameters fit.
    pub fn kind(&self) -> JobKind {
        match self {
            Self::Generate(_) => JobKind::Generate,
            Self::Embed(_) => JobKind::Embed,
        }
    }

    /// Most output tokens that can be billed.
    pub fn max_output_tokens(&self) -> u32 {
        match self {
            Self::Generate(params) => params.max_output_tokens,
            Self::Embed(_) => 0,
        }
    }
}

/// What the client asks of the worker; a worker that breaks one of these is never a candidate.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Requirements<AccountId> {
    /// Lowest device class.
    pub min_class: DeviceClass,
    /// Only workers that declare this region (ISO 3166-1 numeric).
    pub region: Option<u16>,
    /// Lowest reputation in 1/1000.
    pub min_reputation_permille: u16,
    /// Only this worker.
    pub worker: Option<AccountId>,
}

/// The client's limits.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Limits<AccountId> {
    /// Most to pay, in planck, everything included.
    pub max_price: Balance,
    /// Ticks from submission after which an uncommitted job is refunded.
    pub deadline_ticks: Tick,
    /// How many workers of different owners run it, 1 to [`MAX_REPLICAS`]. Each runs a job of its own: the others' ids
    /// are those of [`replica_id`], and each has a `max_price` of its own in escrow.
    pub replicas: u8,
    /// Hard requirements.
    pub requirements: Requirements<AccountId>,
}

/// Everything a client submits.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct JobRequest<AccountId> {
    /// The client's own number, greater than every one it used before.
    pub nonce: u64,
    /// The model.
    pub model: ModelId,
    /// Parameters of the model's kind.
    pub params: JobParams,
    /// [`input_commitment`] of salt and token ids.
    pub input_commitment: H256,
    /// Number of input tokens.
    pub input_tokens: u32,
    /// H("ogpu/secret/v1", s) when the client wants to mix its secret into the audit draw.
    pub secret_hash: Option<H256>,
    /// The same of another secret, for the second replica: what the client shows when it accepts one result must not
    /// be known while the other's audit is drawn. `None` where there is no second replica.
    pub replica_secret_hash: Option<H256>,
    /// Limits.
    pub limits: Limits<AccountId>,
}

/// The id of a job: H("ogpu/job/v1", genesis ‖ client ‖ nonce); known before it is submitted.
pub fn job_id<AccountId: Encode>(genesis: &H256, client: &AccountId, nonce: u64) -> JobId {
    tagged_hash(b"ogpu/job/v1", &(genesis, client, nonce).encode())
}

/// The id of a further replica of the job `primary`, counted from 1: H("ogpu/replica/v1", primary ‖ index). It is a
/// job of its own, so that nothing that is keyed by a job's id can be copied from one replica to another.
pub fn replica_id(primary: &JobId, index: u8) -> JobId {
    tagged_hash(b"ogpu/replica/v1", &(primary, index).encode())
}

/// H("ogpu/compare/v1", key): stands for the job in the sketches that a client asks its workers for, in order to compare
/// two outputs ([`crate::sketch`]). `key` is the client's; hashed, it can be no job's id, so that nobody gets the
/// sketches that a worker committed to by asking for them.
pub fn comparison_id(key: &[u8; 32]) -> JobId {
    tagged_hash(b"ogpu/compare/v1", key)
}

/// H("ogpu/input/v1", salt ‖ SCALE(token ids)): binds the input without showing it.
pub fn input_commitment(salt: &[u8; 32], token_ids: &[u32]) -> H256 {
    tagged_hash(b"ogpu/input/v1", &(salt, token_ids).encode())
}

/// H("ogpu/secret/v1", secret): what a client publishes of its secret at submission.
pub fn secret_hash(secret: &[u8; 32]) -> H256 {
    tagged_hash(b"ogpu/secret/v1", secret)
}

/// Every planck of a job: `escrowed` equals the sum of all the other fields once the job is final.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct JobLedger {
    /// Taken from the client at submission.
    pub escrowed: Balance,
    /// Still in the market's pot.
    pub held: Balance,
    /// To the provider's owner, its hot key's float included.
    pub provider: Balance,
    /// To the validators' fee pot.
    pub validators: Balance,
    /// To the treasury.
    pub treasury: Balance,
    /// To the audit fund, out of the protocol fee.
    pub audit_fund: Balance,
    /// To the audit fund, for the chance of this job's audit: out of the provider's part, and out of the client's
    /// escrow for a draw without its secret.
    pub audit_premium: Balance,
    /// Back to the client.
    pub refunded: Balance,
}

impl JobLedger {
    /// What went out plus what is held; must equal `escrowed`. `None` on overflow.
    pub fn total(&self) -> Option<Balance> {
        self.held
            .checked_add(self.provider)?
            .checked_add(self.validators)?
            .checked_add(self.treasury)?
            .checked_add(self.audit_fund)?
            .checked_add(self.audit_premium)?
            .checked_add(self.refunded)
    }
}

/// One step in a job's life.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum JobHistoryEvent<AccountId> {
    /// Submitted by its client.
    #[codec(index = 0)]
    Submitted,
    /// Given to a worker.
    #[codec(index = 1)]
    Assigned { worker: AccountId, attempt: u8 },
    /// The worker holds the input.
    #[codec(index = 2)]
    Acknowledged { attempt: u8 },
    /// The worker said that no input came.
    #[codec(index = 3)]
    NoInput { attempt: u8 },
    /// The worker missed a deadline.
    #[codec(index = 4)]
    Missed { attempt: u8 },
    /// The result was committed.
    #[codec(index = 5)]
    Committed { attempt: u8 },
    /// No candidate fitted.
    #[codec(index = 6)]
    Parked,
    /// Back in the queue.
    #[codec(index = 7)]
    Reopened,
    /// Paid.
    #[codec(index = 8)]
    Settled { price: Balance },
    /// Money back.
    #[codec(index = 9)]
    Refunded { reason: RefundReason },
    /// Taken back by the client.
    #[codec(index = 10)]
    Cancelled,
    /// The deadline passed.
    #[codec(index = 11)]
    Expired,
    /// Drawn for an audit.
    #[codec(index = 12)]
    Audited,
    /// An auditor dissented; a jury decides.
    #[codec(index = 13)]
    Disputed,
    /// The result was judged wrong.
    #[codec(index = 14)]
    JudgedWrong { attempt: u8 },
}

#[cfg(test)]
#[path = "job_tests.rs"]
mod tests;
