//! The checks in which this worker has a part, as prover or in a seat, at one best block.
//!
//! They are read with the jobs ([`super::follow`]) and told to whoever acts on them through a watch channel: the
//! state itself, not its changes, so a missed block, a fork and a restart all look the same.

use ogpu_client::{
    chain::{AtBlock, AuditView, Chain, ChainError, Seat},
    AccountId,
};
use ogpu_primitives::{work::Subject, Tick, WorkKey};
use tokio::sync::watch;

/// Most checks that the chain lists for one worker.
const LISTED: usize = 256;

/// What the chain asks of this worker besides jobs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Duties {
    /// Number of the block; 0 before the first one was read.
    pub block: u64,
    /// The work clock there.
    pub tick: Tick,
    /// Checks that are not closed.
    pub checks: Vec<(Subject, AuditView)>,
}

impl Duties {
    /// A channel of duties, empty before the first block.
    pub fn channel() -> (watch::Sender<Self>, watch::Receiver<Self>) {
        watch::channel(Self::default())
    }

    /// Reads them at one block.
    pub async fn read(
        chain: &Chain,
        at: &AtBlock,
        tick: Tick,
        worker: &AccountId,
    ) -> Result<Self, ChainError> {
        Ok(Self {
            block: at.block_number(),
            tick,
            checks: chain.duties(at, worker).await?,
        })
    }

    /// Adds the checks of `made`, results of this worker, when the list is full and may lack some of them: not
    /// opening one in time costs stake.
    pub async fn complete(
        &mut self,
        chain: &Chain,
        at: &AtBlock,
        made: impl Iterator<Item = WorkKey>,
    ) -> Result<(), ChainError> {
        for subject in self.missing(made) {
            if let Some(view) = chain.audit(at, subject).await? {
                self.checks.push((subject, view));
            }
        }
        Ok(())
    }

    /// Those of `made` that a full list may lack.
    fn missing(&self, made: impl Iterator<Item = WorkKey>) -> Vec<Subject> {
        if self.checks.len() < LISTED {
            return Vec::new();
        }
        made.map(Subject::Work)
            .filter(|subject| self.checks.iter().all(|(listed, _)| listed != subject))
            .collect()
    }

    /// Checks of results that `worker` committed to.
    pub fn as_prover<'a>(
        &'a self,
        worker: &'a AccountId,
    ) -> impl Iterator<Item = (WorkKey, &'a AuditView)> + 'a {
        self.checks.iter().filter_map(move |(subject, view)| {
            let Subject::Work(work) = subject;
            (view.record.work.worker == *worker).then_some((*work, view))
        })
    }

    /// Checks in which `worker` has a seat, each with that seat.
    pub fn as_auditor<'a>(
        &'a self,
        worker: &'a AccountId,
    ) -> impl Iterator<Item = (WorkKey, &'a Seat, &'a AuditView)> + 'a {
        self.checks.iter().filter_map(move |(subject, view)| {
            let Subject::Work(work) = subject;
            let seat = view.seats.iter().find(|seat| seat.worker == *worker)?;
            Some((*work, seat, view))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{jobs::fixtures::assignment, proving::fixtures::view};

    fn work(number: usize) -> WorkKey {
        WorkKey {
            segment: number as u32,
            ..assignment(1).work
        }
    }

    fn listed(count: usize) -> Duties {
        let checks = (0..count).map(|number| (Subject::Work(work(number)), view()));
        Duties {
            checks: checks.collect(),
            ..Duties::default()
        }
    }

    #[test]
    fn missing_should_name_what_a_full_list_lacks_and_ask_nothing_when_it_is_not_full() {
        let made = || [1, LISTED].map(work).into_iter();
        assert_eq!(listed(LISTED).missing(made()), [Subject::Work(work(LISTED))]);
        assert_eq!(listed(LISTED - 1).missing(made()), []);
    }
}
