//! Types and integer maths that the chain, the workers, the clients and the auditors of OpenGPU share.
//!
//! Everything here is `no_std`, integer-only and free of FRAME, one topic a file, so that a quote, a
//! match and a verdict can never disagree: the runtime, the worker and the client call the same function.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod check;
pub mod conviction;
pub mod device;
pub mod difference;
pub mod embedding;
pub mod evidence;
mod explain;
pub mod fees;
pub mod float_bits;
pub mod governed;
mod gumbel_table;
pub mod hash;
pub mod job;
pub mod judge;
pub mod jury;
pub mod jury_sketch;
pub mod matching;
pub mod merkle;
pub mod model;
pub mod offence;
pub mod opening;
pub mod pairing;
pub mod penalty;
pub mod poisson;
pub mod pricing;
pub mod profile;
pub mod receipt;
pub mod report;
pub mod reputation;
pub mod running_sum;
pub mod sampler;
pub mod sketch;
pub mod supply;
pub mod token_test;
pub mod traits;
pub mod units;
pub mod whitening;
pub mod work;

pub use check::{AuditOpening, CheckStage, CheckTerms, CheckedWork, Role, SeatPool};
pub use device::{Device, DeviceClass, DeviceKind, NetworkProfile, SocketAddress, WorkerProfile};
pub use fees::{FeeRates, FeeSplit};
pub use governed::{BoundedU128, BoundedU32};
pub use hash::tagged_hash;
pub use job::{
    EmbedParams, GenerateParams, JobHistoryEvent, JobLedger, JobParams, JobRequest, JobState, Limits,
    RefundReason, Requirements,
};
pub use judge::{judge, FailReason, Findings, JudgeError, Judgement, Shown, SoftReason};
pub use jury::JuryOutcome;
pub use jury_sketch::JurySketcher;
pub use matching::{Candidate, Demand, Exclusion, MatchOutcome, MatchRecord, Scorer};
pub use model::{Costs, FileEntry, JobKind, ModelSpec, NumericProfile};
pub use offence::Offence;
pub use opening::{HeaderOpening, Opening, OpeningError, Origin, SketchesOpening, VectorOpening};
pub use profile::{ProfileError, ProfileParams};
pub use receipt::{Receipt, SignedReceipt};
pub use report::{AuditReport, ChunkReport, Ending, GenerateReport, ReportError};
pub use reputation::Standing;
pub use running_sum::{Level, Observation, RunningSum, SoftSums};
pub use sketch::{ChunkSketch, Sketcher};
/// Types of sp-core that appear in ours, so that programs off the chain need not depend on it.
pub use sp_core::{bounded::BoundedVec, ConstU32, H256};
pub use token_test::{ChunkTally, TokenTest, TokenTestError};
pub use units::{Balance, BlobHash, JobId, ModelId, Tick, OGPU};
pub use whitening::{HiddenError, WhiteningError, WhiteningTable};
pub use work::{Commitment, FinishReason, Subject, Verdict, WorkKey};
