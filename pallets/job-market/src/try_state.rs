//! Checks of the stored state.

use super::*;
use alloc::collections::btree_set::BTreeSet;
use frame_support::ensure;
use ogpu_primitives::{model::model_id, Balance, JobId, JobState};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// The money adds up, every job waits for something that will come, and every index points back.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::try_state_money()?;
        Self::try_state_jobs()?;
        Self::try_state_indexes()?;
        Self::try_state_agenda()?;
        Self::try_state_replicas()?;
        Self::try_state_models()
    }

    /// Planck that the pot owes: escrow of jobs, and kept pay-outs.
    pub(crate) fn owed() -> Balance {
        let held = Jobs::<T>::iter_values().fold(0, |sum: Balance, job| sum.saturating_add(job.ledger.held));
        Earnings::<T>::iter_values().fold(held, |sum, kept| sum.saturating_add(kept))
    }

    fn try_state_money() -> Result<(), TryRuntimeError> {
        // More is no fault: anyone can send to the pot.
        let needed = Self::owed().saturating_add(Self::existential_deposit());
        ensure!(Self::pot_balance() >= needed, "the pot holds less than it owes");
        for job in Jobs::<T>::iter_values() {
            let ledger = job.ledger;
            ensure!(
                ledger.total() == Some(ledger.escrowed),
                "a job's ledger does not add up"
            );
            ensure!(
                ledger.escrowed == job.request.limits.max_price,
                "a job escrowed another sum"
            );
            let expected = if job.state.is_final() { 0 } else { ledger.escrowed };
            ensure!(
                ledger.held == expected,
                "a job holds what its state does not allow"
            );
        }
        Ok(())
    }

    fn try_state_jobs() -> Result<(), TryRuntimeError> {
        let next = NextJobNumber::<T>::get();
        for (id, job) in Jobs::<T>::iter() {
            ensure!(job.number < next, "a job's number was not given yet");
            ensure!(
                JobNumbers::<T>::get(job.number) == Some(id),
                "a job's number names another job"
            );
            ensure!(!History::<T>::get(id).is_empty(), "a job has no history");
            let used = LastNonce::<T>::get(&job.client).is_some_and(|last| last >= job.request.nonce);
            ensure!(used, "a job's nonce counts as unused");
            Self::try_state_of(&id, &job)?;
        }
        ensure!(
            JobNumbers::<T>::iter().count() == Jobs::<T>::iter().count(),
            "a number names no job"
        );
        for id in History::<T>::iter_keys() {
            ensure!(Jobs::<T>::contains_key(id), "a history without a job");
        }
        for (id, attempt) in MatchRecords::<T>::iter_keys() {
            let known = Jobs::<T>::get(id).is_some_and(|job| attempt <= job.attempt);
            ensure!(known, "a match record without an attempt");
        }
        Ok(())
    }

    fn try_state_of(id: &JobId, job: &JobOf<T>) -> Result<(), TryRuntimeError> {
        let worker = job.assignment.as_ref().map(|assignment| &assignment.worker);
        let assigned = worker.is_some_and(|worker| AssignedJobs::<T>::contains_key(worker, id));
        let priced = job
            .assignment
            .as_ref()
            .is_some_and(|given| given.committed_price.is_some());
        let parked = ParkedJobs::<T>::contains_key(job.request.model, id);
        let queued = job.queue_index.is_some_and(|index| {
            let range = QueueEnds::<T>::get(job.class());
            let entry = Queue::<T>::get(job.class(), index);
            let same = |entry: QueueEntry| {
                entry.job == *id && entry.attempt == job.attempt && entry.fixed_at_block == job.fixed_at_block
            };
            (range.head..range.tail).contains(&index) && entry.is_some_and(same)
        });
        let sound = match job.state {
            JobState::Open => queued && !parked && worker.is_none(),
            JobState::Parked => parked && job.queue_index.is_none() && worker.is_none(),
            JobState::Assigned | JobState::Acknowledged => {
                assigned && !priced && !parked && job.queue_index.is_none()
            }
            JobState::Committed | JobState::Auditing | JobState::Disputed => {
                priced && !assigned && !parked && job.queue_index.is_none()
            }
            JobState::Settled | JobState::Refunded | JobState::Cancelled | JobState::Expired => {
                !assigned && !parked && job.queue_index.is_none()
            }
        };
        ensure!(sound, "a job is not where its state says");
        Self::try_state_premium(id, job)
    }

    /// What is set aside for audits is what the committed result asks for, and nothing before there is one.
    fn try_state_premium(id: &JobId, job: &JobOf<T>) -> Result<(), TryRuntimeError> {
        let Some(assignment) = &job.assignment else {
            return Ok(());
        };
        let expected = match (
            assignment.committed_price,
            T::ResultCheck::commitment(&subject(*id, job.attempt)),
        ) {
            (None, _) => 0,
            (Some(_), None) => return Ok(()),
            (Some(price), Some(commitment)) => {
                premium::of_work(&premium::checked_work(job, assignment, &commitment, price))
            }
        };
        ensure!(
            assignment.audit_premium == expected,
            "a job's audit premium is not that of its result"
        );
        Ok(())
    }

    fn try_state_indexes() -> Result<(), TryRuntimeError> {
        for (class, index, entry) in Queue::<T>::iter() {
            let known = Jobs::<T>::get(entry.job)
                .is_some_and(|job| job.queue_index == Some(index) && job.class() == class);
            ensure!(known, "a queue entry without an open job");
        }
        for (model, id) in ParkedJobs::<T>::iter_keys() {
            let known = Jobs::<T>::get(id)
                .is_some_and(|job| job.state == JobState::Parked && job.request.model == model);
            ensure!(known, "a parked entry without a parked job");
        }
        for (worker, id) in AssignedJobs::<T>::iter_keys() {
            let known = Jobs::<T>::get(id).is_some_and(|job| {
                matches!(job.state, JobState::Assigned | JobState::Acknowledged)
                    && job
                        .assignment
                        .is_some_and(|assignment| assignment.worker == worker)
            });
            ensure!(known, "an assigned entry without an assigned job");
        }
        Ok(())
    }

    fn try_state_agenda() -> Result<(), TryRuntimeError> {
        let (cursor_tick, cursor_seq) = AgendaCursor::<T>::get();
        let mut scheduled = BTreeSet::new();
        for (tick, seq, item) in Agenda::<T>::iter() {
            ensure!(
                (tick, seq) >= (cursor_tick, cursor_seq),
                "an agenda item lies behind the cursor"
            );
            ensure!(
                seq < AgendaLength::<T>::get(tick),
                "an agenda item lies beyond its tick's length"
            );
            scheduled.insert(item);
        }
        for (tick, length) in AgendaLength::<T>::iter() {
            ensure!(tick >= cursor_tick, "an agenda length lies behind the cursor");
            let first = if tick == cursor_tick { cursor_seq } else { 0 };
            for seq in first..length {
                ensure!(
                    Agenda::<T>::contains_key(tick, seq),
                    "an unfinished agenda item is missing"
                );
            }
        }
        for (id, job) in Jobs::<T>::iter() {
            let has = |what, attempt| {
                scheduled.contains(&AgendaItem {
                    job: id,
                    attempt,
                    what,
                })
            };
            ensure!(
                !job.is_uncommitted() || has(AgendaKind::Deadline, 0),
                "a job without its deadline"
            );
            ensure!(
                job.state != JobState::Assigned || has(AgendaKind::Acknowledge, job.attempt),
                "an assigned job without its acknowledgement's deadline"
            );
            ensure!(
                !job.state.is_final() || has(AgendaKind::Prune, job.attempt),
                "a final job that is never pruned"
            );
        }
        Ok(())
    }

    fn try_state_models() -> Result<(), TryRuntimeError> {
        let mut deposits = alloc::collections::btree_map::BTreeMap::new();
        for (id, model) in Models::<T>::iter() {
            ensure!(model_id(&model.spec) == id, "a model's id is not its hash");
            let sum: &mut Balance = deposits.entry(model.spec.owner).or_default();
            *sum = sum.saturating_add(model.deposit);
        }
        for (model, table) in Whitening::<T>::iter() {
            ensure!(
                Models::<T>::contains_key(model),
                "a whitening table without a model"
            );
            ensure!(table.check().is_ok(), "a whitening table that cannot be used");
        }
        for (owner, sum) in deposits {
            ensure!(
                Self::deposits_of(&owner) == sum,
                "held deposits differ from those of the models"
            );
        }
        Ok(())
    }
}
