//! Transactions that have to get onto the chain whatever happens to us or to the node.
//!
//! A *request* is a [`Call`] that somebody wants done, once. A *submission* is one signed transaction for it:
//! mortal, kept on disk before it is sent, watched until it is final. A request gets a second submission only
//! when the first one can never be included any more, because its life is over or its nonce was used by another
//! transaction; until then the same bytes are sent again. So nothing is done twice, and a kill at any point loses
//! nothing.

mod backend;
mod runner;
mod store;

#[cfg(test)]
mod tests;

pub use backend::{ChainBackend, TxBackend, TxEvent};
pub use store::{Outcome, RequestId, StoredRequest, SubmissionState};

use crate::chain::{Call, ChainError};
use std::{path::Path, sync::Arc, time::Duration};
use store::Store;
use tokio::{
    sync::{broadcast, watch, Notify},
    task::JoinHandle,
};

/// What can go wrong with the queue itself.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueueError {
    /// The file cannot be opened: damaged, or another process has it.
    #[error("the transaction queue {path} cannot be opened: {reason}; is another worker running with the same data folder?")]
    Open { path: String, reason: String },
    /// The disk is full or failing.
    #[error("the transaction queue cannot be written: {0}; free some disk space")]
    Storage(String),
    /// No such request, or pruned long ago.
    #[error("the transaction queue has no request {0}")]
    Unknown(RequestId),
    /// The queue was shut down while somebody waited.
    #[error("the transaction queue was shut down; the request is kept and goes on at the next start")]
    ShutDown,
}

/// Where a request is, as it is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Waits for its turn, or for a cause of failure to pass.
    Waiting { last_error: Option<String> },
    /// Signed and sent.
    Sent { nonce: u64 },
    /// In a block that is not final yet.
    InBlock { nonce: u64 },
    /// Over.
    Done(Outcome),
}

/// A handle to a queue; clones share it.
#[derive(Clone)]
pub struct TxQueue {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    changed: Notify,
    announcements: broadcast::Sender<(RequestId, Status)>,
    stop: watch::Sender<bool>,
}

impl TxQueue {
    /// Opens the queue kept at `path` and goes on with what is in it.
    pub fn open(path: &Path, backend: Arc<dyn TxBackend>) -> Result<(Self, JoinHandle<()>), QueueError> {
        let store = Store::open(path)?;
        let (announcements, _) = broadcast::channel(256);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            store,
            changed: Notify::new(),
            announcements,
            stop,
        });
        let task = tokio::spawn(runner::run(shared.clone(), backend, stopped));
        Ok((Self { shared }, task))
    }

    /// Puts a call into the queue; it is on disk when this returns.
    ///
    /// A `key` makes it happen once: if a request with that key is there already, done or not, its id is
    /// returned and nothing is added. After `give_up` without a submission that can still succeed, the request
    /// ends with [`Outcome::GaveUp`].
    pub fn enqueue(
        &self,
        call: Call,
        key: Option<&str>,
        give_up: Option<Duration>,
    ) -> Result<RequestId, QueueError> {
        let give_up_at = give_up.map(|after| store::unix_ms().saturating_add(after.as_millis() as u64));
        let (id, added) = self.shared.store.add(call, key, give_up_at)?;
        if added {
            self.shared.changed.notify_one();
        }
        Ok(id)
    }

    /// The request as it is kept.
    pub fn request(&self, id: RequestId) -> Result<StoredRequest, QueueError> {
        self.shared.store.get(id)?.ok_or(QueueError::Unknown(id))
    }

    /// The id of the request with this key.
    pub fn find(&self, key: &str) -> Result<Option<RequestId>, QueueError> {
        self.shared.store.by_key(key)
    }

    /// Requests that are not done, in order.
    pub fn unfinished(&self) -> Result<Vec<(RequestId, StoredRequest)>, QueueError> {
        self.shared.store.unfinished()
    }

    /// Announcements of every change from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<(RequestId, Status)> {
        self.shared.announcements.subscribe()
    }

    /// Waits until a request is done.
    pub async fn outcome(&self, id: RequestId) -> Result<Outcome, QueueError> {
        let mut announcements = self.subscribe();
        let mut stopped = self.shared.stop.subscribe();
        loop {
            if let SubmissionState::Done { outcome, .. } = self.request(id)?.state {
                return Ok(outcome);
            }
            if *stopped.borrow() {
                return Err(QueueError::ShutDown);
            }
            tokio::select! {
                // A lagging receiver only means that we look again.
                _ = announcements.recv() => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// Stops submitting. Requests stay on disk; transactions that were sent may still be included.
    pub fn shut_down(&self) {
        let _ = self.shared.stop.send(true);
    }
}

impl Shared {
    fn announce(&self, id: RequestId, status: Status) {
        // Nobody listening is fine.
        let _ = self.announcements.send((id, status));
    }
}

/// Whether an error of the backend is about one transaction and not about the line to the node.
fn concerns_transaction(error: &ChainError) -> bool {
    matches!(
        error,
        ChainError::InvalidTransaction(_) | ChainError::CannotPayFees { .. }
    )
}
