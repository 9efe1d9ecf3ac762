//! What the check of a result says of it, and what becomes of the job then.

use super::*;
use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use ogpu_primitives::{
    traits::Clock, work::Verdict, JobHistoryEvent, JobId, JobState, MatchOutcome, RefundReason, Subject,
};

impl<T: Config> Pallet<T> {
    /// Acts on a verdict: pays, refunds, or has the work done again. Subjects that are unknown or already closed
    /// are left alone. On an error nothing changed; it is to be tried again.
    pub fn do_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult {
        let Some((id, job)) = Self::checked_job(subject) else {
            return Ok(());
        };
        match verdict {
            Verdict::Pass => return with_storage_layer(|| Self::settle(&id, job)),
            Verdict::Wrong => Self::judged_wrong(&id, job),
            Verdict::Inconclusive => {
                Self::close_committed(&id, &job, MatchOutcome::Refunded);
                Self::refund(&id, job, RefundReason::Inconclusive);
            }
        }
        Ok(())
    }

    /// Shows how far the check of a result is: `stage` is `Auditing` or `Disputed`, entered in this order. Anything
    /// else, and subjects that are unknown or already closed, are left alone.
    pub fn do_stage(subject: &Subject, stage: JobState) {
        let Some((id, mut job)) = Self::checked_job(subject) else {
            return;
        };
        let event = match (job.state, stage) {
            (JobState::Committed, JobState::Auditing) => JobHistoryEvent::Audited,
            (JobState::Committed | JobState::Auditing, JobState::Disputed) => JobHistoryEvent::Disputed,
            _ => return,
        };
        job.state = stage;
        Jobs::<T>::insert(id, job);
        Self::note(&id, event);
    }

    /// The job whose present attempt is `subject`, while it waits for a verdict.
    fn checked_job(subject: &Subject) -> Option<(JobId, JobOf<T>)> {
        let Subject::Work(work) = subject;
        let job = Jobs::<T>::get(work.job)?;
        let awaits = matches!(
            job.state,
            JobState::Committed | JobState::Auditing | JobState::Disputed
        );
        (awaits && work.segment == 0 && work.attempt == job.attempt).then_some((work.job, job))
    }

    /// Gives the job to another worker, with its escrow still held; back to the client where none can have it.
    fn judged_wrong(id: &JobId, mut job: JobOf<T>) {
        let attempt = job.attempt;
        Self::close_committed(id, &job, MatchOutcome::Wrong);
        Self::note(id, JobHistoryEvent::JudgedWrong { attempt });
        if let Some(assignment) = &job.assignment {
            Self::deposit_event(Event::ResultJudgedWrong {
                job: *id,
                attempt,
                worker: assignment.worker.clone(),
            });
        }
        // A job for one chosen worker would only wait for its deadline.
        let others = job.request.limits.requirements.worker.is_none();
        if others && Self::attempts_left(&job) && !Self::is_too_late(&job, T::Clock::now()) {
            // Whoever saw it accepted knows it: it could no longer keep the next draw from being foreseen.
            job.request.secret_hash = None;
            Self::next_attempt(id, job, Self::max_match_tries());
        } else {
            Self::refund(id, job, RefundReason::WrongResult);
        }
    }

    /// Ends the attempt of a committed result that is not paid: its owner is no longer liable for it.
    fn close_committed(id: &JobId, job: &JobOf<T>, outcome: MatchOutcome) {
        if let Some(assignment) = &job.assignment {
            T::Roster::release_exposure(&assignment.worker, assignment.price_max);
        }
        Self::close_match(id, job.attempt, outcome);
    }
}
