//! This worker as the maker of results that are checked: shows what it committed to when the chain asks.
//!
//! [`step`] decides from the chain's state alone, [`make`] builds what is sent from the proof that was stored before
//! the commitment, and the transaction queue, which is on disk, sees to it that each is sent once. So there is no
//! state of its own here, and a restart at any point changes nothing.

#[cfg(test)]
pub mod fixtures;
pub mod make;
pub mod step;
#[cfg(test)]
mod tests;

pub use step::{Action, Demanded, Reader};

use crate::{
    chain::{duties::Duties, reports},
    jobs::{record::short, CrashPoint, ManagerHandle},
    shutdown,
};
use anyhow::Context;
use ogpu_client::{tx_queue::TxQueue, AccountId};
use ogpu_primitives::H256;
use std::collections::BTreeSet;
use tokio::sync::watch;

/// Acts on the duties of one worker for its own results.
pub struct Prover {
    genesis: H256,
    worker: AccountId,
    manager: ManagerHandle,
    queue: TxQueue,
    /// Actions that failed, so that a failure is told once and not at every block.
    failed: BTreeSet<String>,
}

impl Prover {
    /// A prover of what `manager` keeps.
    pub fn new(genesis: H256, worker: AccountId, manager: ManagerHandle, queue: TxQueue) -> Self {
        Self {
            genesis,
            worker,
            manager,
            queue,
            failed: BTreeSet::new(),
        }
    }

    /// Works until `closing` becomes true.
    pub async fn run(mut self, mut duties: watch::Receiver<Duties>, mut closing: watch::Receiver<bool>) {
        loop {
            let now = duties.borrow_and_update().clone();
            self.look(&now);
            tokio::select! {
                () = shutdown::told(&mut closing) => return,
                changed = duties.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Does what the chain asks for at one block and is not under way.
    fn look(&mut self, duties: &Duties) {
        for action in step::step(&self.worker, duties) {
            #[cfg(feature = "dishonest")]
            if crate::dishonest::conduct().ignores(&action) {
                continue;
            }
            let key = action.key();
            match self.act(&action, &key) {
                Ok(true) => tracing::info!(job = short(&action.work()), ?action, "queued for the chain"),
                Ok(false) => (),
                Err(error) => {
                    if self.failed.insert(key) {
                        tracing::error!(
                            job = short(&action.work()),
                            ?action,
                            error = ogpu_client::causes::one_line(error.as_ref()),
                            "what the chain asks for cannot be shown; if that stays so, stake is lost"
                        );
                    }
                    continue;
                }
            }
            self.failed.remove(&key);
        }
    }

    fn act(&self, action: &Action, key: &str) -> anyhow::Result<bool> {
        reports::queue_once(&self.queue, key, || {
            let proof = self.manager.proof(&action.work())?.context(
                "its proof is not in the job store: the data folder is not the one that made the result",
            )?;
            let call = make::call(&self.genesis, &self.worker, action, &proof)?;
            if matches!(action, Action::Open(_)) {
                CrashPoint::Opening.pass();
            }
            Ok(call)
        })
    }
}
