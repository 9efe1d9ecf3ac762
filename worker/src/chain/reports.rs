//! Hands due reports to the transaction queue, which keeps them over restarts.

use crate::jobs::{record::short, Report, Reports};
use async_trait::async_trait;
use ogpu_client::{
    chain::Call,
    tx_queue::{Outcome, SubmissionState, TxQueue},
};
use ogpu_primitives::WorkKey;
use std::time::Duration;

/// A report is of no use after this long: every deadline it could meet has passed.
const GIVE_UP: Duration = Duration::from_secs(6 * 3600);

/// Most times that one report is queued after the queue gave it up.
const MAX_TRIES: u32 = 8;

/// Reports over a transaction queue.
pub struct QueuedReports {
    queue: TxQueue,
}

impl QueuedReports {
    /// Reports over `queue`.
    pub fn new(queue: TxQueue) -> Self {
        Self { queue }
    }
}

#[async_trait]
impl Reports for QueuedReports {
    async fn queue(&self, report: Report) -> anyhow::Result<()> {
        let (call, key) = request(&report);
        queue_once(&self.queue, &key, || Ok(call)).map(|_| ())
    }
}

/// Puts what `make` gives into the queue, unless a request with this key waits there or has succeeded: then nothing
/// is made and the answer is false. After a failure it is tried again, [`MAX_TRIES`] times in all.
pub fn queue_once(
    queue: &TxQueue,
    key: &str,
    make: impl FnOnce() -> anyhow::Result<Call>,
) -> anyhow::Result<bool> {
    // The queue does a key once and for all. When it has failed, only a new key can try again, and that is
    // wanted when the failure was undone by a fork, or was the want of fees.
    for attempt in 0..MAX_TRIES {
        let key = format!("{key}/{attempt}");
        let Some(id) = queue.find(&key)? else {
            queue.enqueue(make()?, Some(&key), Some(GIVE_UP))?;
            return Ok(true);
        };
        let SubmissionState::Done { outcome, .. } = queue.request(id)?.state else {
            return Ok(false);
        };
        match outcome {
            Outcome::Succeeded { .. } => return Ok(false),
            Outcome::Failed { pallet, error, docs } => {
                tracing::warn!(request = key, "the chain refused it: {pallet}.{error}: {docs}");
            }
            Outcome::GaveUp { reason } => {
                tracing::warn!(request = key, reason, "it was not included in time");
            }
        }
    }
    anyhow::bail!("the chain refused {key} {MAX_TRIES} times; see the log for its reasons")
}

/// Names something that is done once for an attempt.
pub fn key(what: &str, work: &WorkKey) -> String {
    format!(
        "{what}/{}/{}/{}",
        hex::encode(work.job),
        work.segment,
        work.attempt
    )
}

/// The call, and the key under which the queue does it once.
fn request(report: &Report) -> (Call, String) {
    match report {
        Report::Acknowledge(work) => (Call::Acknowledge(*work), key("acknowledge", work)),
        Report::NoInput(work) => (Call::NoInput(*work), key("no_input", work)),
        Report::Commit(work, commitment) => {
            tracing::info!(job = short(work), "queueing the commitment");
            (Call::Commit(*work, *commitment), key("commit", work))
        }
    }
}

#[cfg(test)]
#[path = "reports_tests.rs"]
mod tests;
