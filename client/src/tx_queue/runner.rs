//! The one task that owns a queue's submissions.

use super::{
    concerns_transaction, store, Outcome, QueueError, RequestId, Shared, Status, StoredRequest,
    SubmissionState, TxBackend, TxEvent,
};
use crate::chain::{ChainError, MORTAL_BLOCKS};
use futures::StreamExt;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use subxt::utils::H256;
use tokio::{
    sync::{mpsc, watch},
    task::AbortHandle,
    time::{sleep_until, Instant},
};
use tracing::{debug, info, warn};

/// Submissions that may be on their way at once; each further one risks a longer chain of stuck nonces.
const MAX_IN_FLIGHT: usize = 8;

/// Time between two looks at submissions that nobody watches.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// Longest pause after errors of the line or the node.
const MAX_PAUSE: Duration = Duration::from_secs(30);

struct Runner {
    shared: Arc<Shared>,
    backend: Arc<dyn TxBackend>,
    watchers: BTreeMap<RequestId, AbortHandle>,
    heard: mpsc::Sender<(RequestId, TxEvent)>,
}

/// Runs until the queue is shut down.
pub(super) async fn run(
    shared: Arc<Shared>,
    backend: Arc<dyn TxBackend>,
    mut stopped: watch::Receiver<bool>,
) {
    let (heard, mut events) = mpsc::channel(64);
    let mut runner = Runner {
        shared: shared.clone(),
        backend,
        watchers: BTreeMap::new(),
        heard,
    };
    let mut pause = LOOK_AGAIN;
    loop {
        pause = match runner.work().await {
            Ok(()) => LOOK_AGAIN,
            Err(error) => {
                warn!("the transaction queue has to wait: {error}");
                (pause * 2).min(MAX_PAUSE)
            }
        };
        let wake = Instant::now() + pause;
        tokio::select! {
            event = events.recv() => {
                // The runner holds a sender, so the channel never closes.
                if let Some((id, event)) = event {
                    if let Err(error) = runner.hear(id, event).await {
                        warn!(request = id, "{error}");
                    }
                }
            }
            () = shared.changed.notified() => {}
            () = sleep_until(wake) => {}
            _ = stopped.changed() => break,
        }
    }
    for watcher in runner.watchers.values() {
        watcher.abort();
    }
}

/// An error that stops this round: of the line, or of the disk.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Runner {
    /// One round over all requests: resolve what is sent, then submit what waits, in order.
    async fn work(&mut self) -> Result<(), RoundError> {
        for (id, request) in self.shared.store.unfinished()? {
            if matches!(request.state, SubmissionState::Sent { .. }) && !self.watchers.contains_key(&id) {
                self.resolve(id, &request).await?;
            }
        }
        // Read again: resolving may have put requests back.
        let unfinished = self.shared.store.unfinished()?;
        let mut nonces: BTreeSet<u64> = unfinished
            .iter()
            .filter_map(|(_, request)| match request.state {
                SubmissionState::Sent { nonce, .. } => Some(nonce),
                _ => None,
            })
            .collect();
        for (id, request) in unfinished {
            let SubmissionState::Waiting { submissions } = request.state else {
                continue;
            };
            if request.give_up_at.is_some_and(|at| store::unix_ms() >= at) {
                self.finish(
                    id,
                    Outcome::GaveUp {
                        reason: format!("not included after {submissions} submissions"),
                    },
                )?;
                continue;
            }
            if nonces.len() >= MAX_IN_FLIGHT {
                break;
            }
            match self.submit(id, &request, submissions, &nonces).await {
                Ok(nonce) => nonces.insert(nonce),
                Err(error) => {
                    let text = error.to_string();
                    self.shared.announce(
                        id,
                        Status::Waiting {
                            last_error: Some(text),
                        },
                    );
                    return Err(error);
                }
            };
        }
        Ok(())
    }

    /// Signs, stores, sends. Returns the nonce that is now taken.
    async fn submit(
        &mut self,
        id: RequestId,
        request: &StoredRequest,
        submissions: u32,
        taken: &BTreeSet<u64>,
    ) -> Result<u64, RoundError> {
        // The first nonce that neither the chain, the pool nor we have used also fills a gap that a lost
        // submission has left.
        let mut nonce = self.backend.next_nonce().await?;
        while taken.contains(&nonce) {
            nonce += 1;
        }
        let signed = self.backend.sign(&request.call, nonce).await?;
        let state = SubmissionState::sent(&signed, nonce, submissions + 1);
        // On disk before it is on the wire: after a crash we must know what may be included.
        self.shared.store.set_state(id, state)?;
        debug!(request = id, nonce, hash = ?signed.hash, "submitting");
        self.send(id, nonce, &signed.bytes).await?;
        Ok(nonce)
    }

    /// Sends bytes and starts to watch them. A refusal by the pool is not final: the bytes are looked at again.
    async fn send(&mut self, id: RequestId, nonce: u64, bytes: &[u8]) -> Result<(), RoundError> {
        let mut events = match self.backend.watch(bytes).await {
            Ok(events) => events,
            Err(error) if concerns_transaction(&error) => {
                debug!(request = id, nonce, "{error}");
                self.shared.announce(
                    id,
                    Status::Waiting {
                        last_error: Some(error.to_string()),
                    },
                );
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.shared.announce(id, Status::Sent { nonce });
        let heard = self.heard.clone();
        let watcher = tokio::spawn(async move {
            while let Some(event) = events.next().await {
                let last = matches!(event, TxEvent::Finalized(_) | TxEvent::Lost(_));
                if heard.send((id, event)).await.is_err() || last {
                    return;
                }
            }
            let _ = heard.send((id, TxEvent::Lost("the watch ended".into()))).await;
        });
        self.watchers.insert(id, watcher.abort_handle());
        Ok(())
    }

    /// Takes note of what a watcher heard.
    async fn hear(&mut self, id: RequestId, event: TxEvent) -> Result<(), RoundError> {
        let Some(request) = self.shared.store.get(id)? else {
            return Ok(());
        };
        let SubmissionState::Sent { nonce, hash, .. } = request.state else {
            return Ok(());
        };
        match event {
            TxEvent::InBlock(_) => self.shared.announce(id, Status::InBlock { nonce }),
            TxEvent::Retracted => self.shared.announce(id, Status::Sent { nonce }),
            TxEvent::Lost(reason) => {
                debug!(request = id, nonce, "lost sight of the submission: {reason}");
                self.watchers.remove(&id);
            }
            TxEvent::Finalized(block) => {
                self.watchers.remove(&id);
                self.conclude(id, block, hash).await?;
            }
        }
        Ok(())
    }

    /// Finds out about a submission that nobody watches.
    async fn resolve(&mut self, id: RequestId, request: &StoredRequest) -> Result<(), RoundError> {
        let SubmissionState::Sent {
            nonce,
            hash,
            bytes,
            born_at,
            submissions,
        } = &request.state
        else {
            return Ok(());
        };
        let (final_block, final_nonce) = self.backend.finalized().await?;
        let dies_at = born_at + MORTAL_BLOCKS;
        if final_nonce > *nonce {
            // Some transaction with this nonce is final: ours, or another of the same account.
            let found = self
                .backend
                .find(*hash, born_at + 1, final_block.min(dies_at))
                .await?;
            return match found {
                Some((block, outcome)) => Ok(self.finish(id, Outcome::from_chain(block, outcome))?),
                None => self.put_back(id, *submissions, "another transaction used its nonce"),
            };
        }
        if final_block > dies_at {
            return self.put_back(id, *submissions, "its time ran out");
        }
        self.send(id, *nonce, bytes).await
    }

    fn put_back(&mut self, id: RequestId, submissions: u32, reason: &str) -> Result<(), RoundError> {
        info!(
            request = id,
            "submission {submissions} was not included: {reason}"
        );
        self.shared
            .store
            .set_state(id, SubmissionState::Waiting { submissions })?;
        self.shared.announce(
            id,
            Status::Waiting {
                last_error: Some(reason.to_owned()),
            },
        );
        Ok(())
    }

    async fn conclude(&mut self, id: RequestId, block: H256, hash: H256) -> Result<(), RoundError> {
        let outcome = self.backend.outcome(block, hash).await?;
        self.finish(id, Outcome::from_chain(block, outcome))?;
        Ok(())
    }

    fn finish(&mut self, id: RequestId, outcome: Outcome) -> Result<(), QueueError> {
        if !outcome.is_success() {
            warn!(request = id, "{outcome:?}");
        }
        let at_unix_ms = store::unix_ms();
        self.shared.store.set_state(
            id,
            SubmissionState::Done {
                outcome: outcome.clone(),
                at_unix_ms,
            },
        )?;
        self.shared.announce(id, Status::Done(outcome));
        Ok(())
    }
}
