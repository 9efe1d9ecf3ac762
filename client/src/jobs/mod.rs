//! A job as its client lives it: prepare, submit, hand over the input, fetch the output, check it,
//! accept it.

mod accept;
mod compare;
mod demand;
mod drive;
mod exchange;
mod pending;
mod prepare;
mod receipt;
mod replicas;
mod verify;

pub use accept::{can_accept, new_secret, Acceptance};
pub use compare::{compare, Arithmetic, Comparison, Unknown};
pub use demand::{demand_output, DemandStep};
pub use drive::{drive, DriveOptions, JobResult, Progress, Until};
pub use pending::{parse_receipt, receipt_text, JobSecrets, PendingJobs, Sibling};
pub use prepare::{prepare, JobOptions, PreparedJob};
pub use receipt::{check_receipt, ReceiptError, ReceiptSays};
pub use replicas::{drive_replicas, Replicas};
pub use verify::{check_output, VerifyError};

use crate::{chain::ChainError, keys::KeyError, sealed::SealError, transport::TransportError};
use ogpu_primitives::{JobId, JobState, RefundReason};

/// What can go wrong with a job from its client's side.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The line to the worker.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Encryption.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Files with the job's secrets.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The output is not what was committed.
    #[error("the worker's output does not fit its commitment: {0}; do not use it")]
    Verify(VerifyError),
    /// The input is empty or too long for the model.
    #[error("{0}")]
    BadInput(String),
    /// The price is over the limit.
    #[error("the price is {price} OGPU at present, more than the limit of {limit} OGPU; raise --max-price, ask for less output or wait")]
    TooExpensive { price: String, limit: String },
    /// The job ended without a result; the money is back.
    #[error("job {job:?} ended as {state:?}{}; the escrow was returned", reason_text(*reason))]
    Ended {
        job: JobId,
        state: JobState,
        reason: Option<RefundReason>,
    },
    /// Nothing came in time.
    #[error("job {job:?} is not finished after {seconds} s; `ogpu job resume {job:?}` goes on with it, `ogpu job show {job:?}` says where it is")]
    TimedOut { job: JobId, seconds: u64 },
    /// The worker has not posted what was demanded of it on the chain.
    #[error("the worker has not posted the output of job {job:?} within {seconds} s; `ogpu job demand {job:?}` goes on waiting, and the chain punishes it in time")]
    NotPosted { job: JobId, seconds: u64 },
    /// The record on the chain is gone.
    #[error("job {job:?} is not on the chain: it was pruned after its time, or never included")]
    Gone { job: JobId },
}

impl From<VerifyError> for JobError {
    fn from(error: VerifyError) -> Self {
        Self::Verify(error)
    }
}

fn reason_text(reason: Option<RefundReason>) -> String {
    match reason {
        None => String::new(),
        Some(RefundReason::NoInput) => ": two workers did not get the input".into(),
        Some(RefundReason::AttemptsExhausted) => ": all attempts were used up".into(),
        Some(RefundReason::WrongResult) => ": the result was judged wrong".into(),
        Some(RefundReason::Inconclusive) => ": the verdict stayed open".into(),
    }
}
