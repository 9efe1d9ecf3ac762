//! Types and integer maths that the chain, the workers, the clients and the auditors of OpenGPU share.
//!
//! Everything here is `no_std`, integer-only and free of FRAME, one topic a file, so that a quote, a
//! match and a verdict can never disagree: the runtime, the worker and the client call the same function.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod device;
pub mod evidence;
pub mod fees;
pub mod governed;
mod gumbel_table;
pub mod hash;
pub mod job;
pub mod matching;
pub mod merkle;
pub mod model;
pub mod offence;
pub mod pairing;
pub mod pricing;
pub mod sampler;
pub mod supply;
pub mod traits;
pub mod units;
pub mod work;

pub use device::{Device, DeviceClass, DeviceKind, NetworkProfile, SocketAddress, WorkerProfile};
pub use fees::{FeeRates, FeeSplit};
pub use governed::{BoundedU128, BoundedU32};
pub use hash::tagged_hash;
pub use job::{
    EmbedParams, GenerateParams, JobHistoryEvent, JobLedger, JobParams, JobRequest, JobState, Limits,
    RefundReason, Requirements,
};
pub use matching::{Candidate, Demand, Exclusion, MatchOutcome, MatchRecord, Scorer};
pub use model::{Costs, FileEntry, JobKind, ModelSpec, NumericProfile};
pub use offence::Offence;
/// Types of sp-core that appear in ours, so that programs off the chain need not depend on it.
pub use sp_core::{bounded::BoundedVec, ConstU32, H256};
pub use units::{Balance, BlobHash, JobId, ModelId, Tick, OGPU};
pub use work::{Commitment, FinishReason, Subject, Verdict, WorkKey};
