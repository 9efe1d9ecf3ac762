//! What a worker owes: acknowledge or "no input", then the result.

use super::*;
use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use ogpu_primitives::{
    pricing, Commitment, FinishReason, JobHistoryEvent, JobKind, JobState, MatchOutcome, RefundReason,
    Subject, WorkKey,
};

impl<T: Config> Pallet<T> {
    /// The worker holds the input, and it is the committed one.
    pub(crate) fn do_acknowledge(worker: &T::AccountId, work: &WorkKey) -> DispatchResult {
        let (mut job, _) = Self::reported_job(worker, work)?;
        ensure!(job.state == JobState::Assigned, Error::<T>::WrongState);
        job.state = JobState::Acknowledged;
        Jobs::<T>::insert(work.job, job);
        Self::note(
            &work.job,
            JobHistoryEvent::Acknowledged {
                attempt: work.attempt,
            },
        );
        Self::deposit_event(Event::JobAcknowledged {
            job: work.job,
            attempt: work.attempt,
            worker: worker.clone(),
        });
        Ok(())
    }

    /// The client did not deliver the input. Nobody's fault the first time; the second worker's time is paid.
    pub(crate) fn do_no_input(worker: &T::AccountId, work: &WorkKey) -> DispatchResult {
        let id = work.job;
        let (mut job, assignment) = Self::reported_job(worker, work)?;
        ensure!(job.state == JobState::Assigned, Error::<T>::WrongState);
        job.no_input_count = job.no_input_count.saturating_add(1);
        Self::note(
            &id,
            JobHistoryEvent::NoInput {
                attempt: work.attempt,
            },
        );
        Self::deposit_event(Event::InputMissing {
            job: id,
            attempt: work.attempt,
            worker: worker.clone(),
        });
        Self::close_match(&id, work.attempt, MatchOutcome::NoInput);
        Self::take_back(&id, &assignment);
        if job.no_input_count >= NO_INPUT_REPORTS {
            // Less than the work would have paid, or lying would be the better business.
            let fee = T::NoInputFee::get()
                .min(assignment.price_max / 10)
                .min(job.ledger.held);
            Self::pay(&assignment.owner, fee);
            job.ledger.held = job.ledger.held.saturating_sub(fee);
            job.ledger.provider = job.ledger.provider.saturating_add(fee);
            Self::refund(&id, job, RefundReason::NoInput);
        } else {
            // The one try that the client paid for when it submitted.
            Self::next_attempt(&id, job, 1);
        }
        Ok(())
    }

    /// The result: checked against the job, priced, and handed to whoever checks results.
    pub(crate) fn do_commit(
        worker: &T::AccountId,
        work: &WorkKey,
        commitment: &Commitment,
    ) -> DispatchResult {
        let (mut job, mut assignment) = Self::reported_job(worker, work)?;
        ensure!(job.state != JobState::Committed, Error::<T>::AlreadyCommitted);
        ensure!(
            matches!(job.state, JobState::Assigned | JobState::Acknowledged),
            Error::<T>::WrongState
        );
        Self::check_commitment(&job, commitment)?;
        let done = pricing::work_milli_cu(&job.costs, commitment.n_in, commitment.n_out);
        let price = pricing::price(done, assignment.index_planck_per_cu, assignment.ask_permille)
            .min(assignment.price_max)
            .min(job.ledger.held);
        let checked = premium::checked_work(&job, &assignment, commitment, price);
        assignment.audit_premium = premium::of_work(&checked);
        T::ResultCheck::committed(&Subject::Work(*work), checked, commitment)?;

        // The worker's slot is free again; what it is liable for stays until the verdict.
        AssignedJobs::<T>::remove(worker, work.job);
        T::Roster::free_slot(worker);
        assignment.committed_price = Some(price);
        job.assignment = Some(assignment);
        job.state = JobState::Committed;
        Jobs::<T>::insert(work.job, job);
        Self::note(
            &work.job,
            JobHistoryEvent::Committed {
                attempt: work.attempt,
            },
        );
        Self::deposit_event(Event::JobCommitted {
            job: work.job,
            attempt: work.attempt,
            worker: worker.clone(),
            price,
        });
        Ok(())
    }

    /// Many reports; those that came too late are skipped. Whether all were taken.
    pub(crate) fn do_report_many(worker: &T::AccountId, reports: &[Report]) -> Result<bool, DispatchError> {
        ensure!(!reports.is_empty(), Error::<T>::NothingToDo);
        let mut all_taken = true;
        for (index, report) in (0u32..).zip(reports) {
            let result = with_storage_layer(|| match report {
                Report::Acknowledge(work) => Self::do_acknowledge(worker, work),
                Report::NoInput(work) => Self::do_no_input(worker, work),
                Report::Commit(work, commitment) => Self::do_commit(worker, work, commitment),
            });
            if let Err(error) = result {
                all_taken = false;
                Self::deposit_event(Event::ReportSkipped { index, error });
            }
        }
        Ok(all_taken)
    }

    /// The job that `worker` may report about, with its assignment.
    fn reported_job(
        worker: &T::AccountId,
        work: &WorkKey,
    ) -> Result<(JobOf<T>, Assignment<T::AccountId>), DispatchError> {
        let job = Jobs::<T>::get(work.job).ok_or(Error::<T>::UnknownJob)?;
        ensure!(job.state != JobState::Expired, Error::<T>::DeadlinePassed);
        ensure!(!job.state.is_final(), Error::<T>::JobFinished);
        ensure!(
            work.segment == 0 && work.attempt == job.attempt,
            Error::<T>::StaleWork
        );
        let assignment = job.assignment.clone().ok_or(Error::<T>::NotAssigned)?;
        ensure!(assignment.worker == *worker, Error::<T>::NotAssigned);
        Ok((job, assignment))
    }

    fn check_commitment(job: &JobOf<T>, commitment: &Commitment) -> DispatchResult {
        let request = &job.request;
        ensure!(
            commitment.n_in == request.input_tokens,
            Error::<T>::WrongInputCount
        );
        ensure!(
            commitment.n_out <= request.params.max_output_tokens(),
            Error::<T>::TooManyOutputTokens
        );
        let finish_fits = match request.params.kind() {
            JobKind::Generate => commitment.finish != FinishReason::Complete,
            JobKind::Embed => commitment.finish == FinishReason::Complete,
        };
        ensure!(finish_fits, Error::<T>::WrongFinishReason);
        Ok(())
    }
}
