//! Makes a [`Snapshot`] of every best block for the manager, and tells the [`Duties`] there.
//!
//! The state of each job is read, not its events: a block that was missed, a fork and a restart all look the
//! same, and nothing has to be replayed.

use super::{
    duties::Duties,
    view::{chain_job, current_attempt},
};
use crate::{
    jobs::{ChainJob, ChainStatus, ManagerHandle, Snapshot},
    shutdown,
};
use ogpu_client::{
    chain::{AtBlock, Chain, ChainError},
    follow::{self, Blocks},
    AccountId,
};
use ogpu_primitives::{Tick, WorkKey};
use std::{sync::Arc, time::Duration};
use tokio::sync::{watch, Notify};

/// Clients that name unknown attempts can make us look at the chain at most this often.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(500);

/// The last block that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Its number.
    pub block: u64,
    /// The work clock there.
    pub tick: Tick,
}

/// Follows best blocks until `shutdown` becomes true. Broken connections are repaired by the client library;
/// a block whose state cannot be read is skipped, since the next one says the same and more.
pub async fn follow(
    chain: Chain,
    worker: AccountId,
    manager: ManagerHandle,
    look_now: Arc<Notify>,
    seen: watch::Sender<Seen>,
    duties: watch::Sender<Duties>,
    mut closing: watch::Receiver<bool>,
) {
    let mut blocks = follow::blocks(chain.clone(), Blocks::Best);
    let mut looked = tokio::time::Instant::now();
    loop {
        let at = tokio::select! {
            () = shutdown::told(&mut closing) => return,
            block = blocks.recv() => {
                let Some(mut block) = block else { return };
                // After a pause many blocks wait; only the last one counts.
                while let Ok(newer) = blocks.try_recv() {
                    block = newer;
                }
                Ok(block.at)
            }
            () = look_now.notified() => {
                tokio::time::sleep_until(looked + LOOK_AT_MOST_EVERY).await;
                chain.best().await
            }
        };
        looked = tokio::time::Instant::now();
        let result = match at {
            Ok(at) => look(&chain, &at, &worker, &manager).await,
            Err(error) => Err(error),
        };
        match result {
            Ok((now, asked)) => {
                duties.send_replace(asked);
                seen.send_replace(now);
            }
            Err(error) => tracing::warn!(%error, "a block could not be read; going on with the next"),
        }
    }
}

/// Reads every job that matters at one block and hands it to the manager; reads the worker's checks as well.
async fn look(
    chain: &Chain,
    at: &AtBlock,
    worker: &AccountId,
    manager: &ManagerHandle,
) -> Result<(Seen, Duties), ChainError> {
    let tick = chain.tick(at).await?;
    let mut duties = Duties::read(chain, at, tick, worker).await?;
    let mut open: Vec<WorkKey> = manager.attempts().borrow().keys().copied().collect();
    let mut jobs = Vec::new();
    for id in chain.assigned_to(at, worker).await? {
        let Some(view) = chain.job(at, id).await? else {
            continue;
        };
        if let Some(work) = current_attempt(id, &view.job, worker) {
            jobs.push(chain_job(work, Some(&view.job), worker));
            open.retain(|other| *other != work);
        }
    }
    for work in open {
        let job = chain.job(at, work.job).await?;
        jobs.push(chain_job(work, job.as_ref().map(|view| &view.job), worker));
    }
    let committed = |job: &&ChainJob| job.status == ChainStatus::Committed;
    let made = jobs.iter().filter(committed).map(|job| job.work);
    duties.complete(chain, at, made).await?;
    let checked = duties.as_prover(worker).map(|(work, _)| work).collect();
    manager.snapshot(Snapshot { tick, jobs, checked }).await;
    let seen = Seen {
        block: at.block_number(),
        tick,
    };
    Ok((seen, duties))
}
