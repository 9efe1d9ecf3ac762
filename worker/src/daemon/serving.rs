//! The daemon's progress, shown in its status as long as it serves.

use crate::{
    auditing,
    chain::{duties::Duties, follow::Seen},
    check_status,
    jobs::{JobStore, ManagerHandle, State, StoreError},
    status_file::{AttemptStatus, StatusBoard, WRITE_EVERY},
};
use anyhow::{Context, Result};
use ogpu_client::AccountId;
use std::time::Duration;
use tokio::{sync::watch, task::JoinHandle};

/// What the status is made from, besides the manager.
pub struct Watched {
    /// This worker.
    pub account: AccountId,
    /// The last block.
    pub seen: watch::Receiver<Seen>,
    /// The checks there.
    pub duties: watch::Receiver<Duties>,
    /// Its work as an auditor.
    pub auditing: watch::Receiver<auditing::Status>,
    /// The daemon was told to stop.
    pub shutdown: watch::Receiver<bool>,
}

/// Shows the daemon's progress in its status until the manager has ended.
pub async fn serve(
    board: &StatusBoard,
    handle: &ManagerHandle,
    store: &JobStore,
    mut watched: Watched,
    mut managing: JoinHandle<Result<(), StoreError>>,
) -> Result<()> {
    let mut attempts = handle.attempts();
    loop {
        let now = *watched.seen.borrow_and_update();
        let checks = check_status::checks(&watched.duties.borrow(), &watched.account);
        let auditing = watched.auditing.borrow_and_update().clone();
        let open = attempts
            .borrow_and_update()
            .iter()
            .map(|(work, state)| AttemptStatus {
                job: format!("{:?}", work.job),
                attempt: work.attempt,
                state: *state,
            })
            .collect();
        let records = store.all()?;
        let count =
            |counts: fn(&State) -> bool| records.iter().filter(|record| counts(&record.state)).count();
        board.update(|status| {
            status.best_block = u32::try_from(now.block).unwrap_or(u32::MAX);
            status.tick = now.tick;
            if *watched.shutdown.borrow() {
                status.phase = "stopping".into();
            }
            status.attempts = open;
            status.checks = checks;
            status.auditing = auditing;
            status.settled = count(|state| *state == State::Done);
            status.abandoned = count(|state| matches!(state, State::Abandoned(_)));
        });
        tokio::select! {
            ended = &mut managing => {
                return ended.context("the job manager panicked")?.context("the job store failed");
            }
            // A sender that is gone has nothing more to say, and must not make this loop run hot.
            Ok(()) = watched.seen.changed() => (),
            _ = attempts.changed() => (),
            Ok(()) = watched.auditing.changed() => (),
            () = tokio::time::sleep(WRITE_EVERY) => (),
        }
        // Several changes come at once when a block comes in; one line is enough.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
