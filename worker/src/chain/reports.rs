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
        // The queue does a key once and for all. When it has failed, only a new key can try again, and that is
        // wanted when the failure was undone by a fork, or was the want of fees.
        for attempt in 0..MAX_TRIES {
            let key = format!("{key}/{attempt}");
            if let Some(id) = self.queue.find(&key)? {
                match self.queue.request(id)?.state {
                    SubmissionState::Done {
                        outcome: Outcome::Failed { pallet, error, docs },
                        ..
                    } => {
                        tracing::warn!(
                            request = key,
                            "the chain refused the report: {pallet}.{error}: {docs}"
                        );
                        continue;
                    }
                    SubmissionState::Done {
                        outcome: Outcome::GaveUp { reason },
                        ..
                    } => {
                        tracing::warn!(request = key, reason, "the report was not included in time");
                        continue;
                    }
                    _ => return Ok(()),
                }
            }
            self.queue.enqueue(call, Some(&key), Some(GIVE_UP))?;
            return Ok(());
        }
        anyhow::bail!("the chain refused this report {MAX_TRIES} times; see the log for its reasons")
    }
}

/// The call, and the key under which the queue does it once.
fn request(report: &Report) -> (Call, String) {
    let key = |what: &str, work: &WorkKey| {
        format!(
            "{what}/{}/{}/{}",
            hex::encode(work.job),
            work.segment,
            work.attempt
        )
    };
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
mod tests {
    use super::*;
    use crate::jobs::fixtures::{assignment, commitment};

    #[test]
    fn request_should_have_its_own_key_for_each_kind_and_attempt() {
        let work = assignment(1).work;
        let next = WorkKey { attempt: 1, ..work };
        let keys = [
            request(&Report::Acknowledge(work)).1,
            request(&Report::Acknowledge(next)).1,
            request(&Report::NoInput(work)).1,
            request(&Report::Commit(work, commitment())).1,
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
