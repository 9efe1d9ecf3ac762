//! The agenda: acknowledgements and results that are due, records that are to go.
//!
//! A double map of tick and sequence number with a cursor at the oldest unfinished item. A block that runs
//! out of weight carries on in the next one; nothing is dropped. Deadlines are "not before".

use super::*;
use frame_support::{
    pallet_prelude::*,
    weights::{Weight, WeightMeter},
};
use ogpu_primitives::{
    traits::Clock, JobHistoryEvent, JobId, JobState, MatchOutcome, Offence, RefundReason, Tick,
};

/// What a poke did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Poked {
    /// Something that was due was done; free.
    Due,
    /// A parked job was put back into its queue; paid, since its matching is work.
    Reopened,
}

impl<T: Config> Pallet<T> {
    /// Puts `item` on the agenda of tick `when`, or of the next tick where that one has passed: this tick's
    /// hook may have run already.
    pub(crate) fn schedule(when: Tick, item: AgendaItem) {
        let when = when.max(T::Clock::now().saturating_add(1));
        let seq = AgendaLength::<T>::mutate(when, |length| {
            let seq = *length;
            *length = length.saturating_add(1);
            seq
        });
        Agenda::<T>::insert(when, seq, item);
    }

    /// Does what is due at `now`, as far as `meter` allows.
    pub(crate) fn service_agenda(meter: &mut WeightMeter, now: Tick) {
        if meter.try_consume(T::WeightInfo::service_agenda_base()).is_err() {
            return;
        }
        let (mut tick, mut seq) = AgendaCursor::<T>::get();
        'ticks: while tick <= now {
            if meter.try_consume(T::WeightInfo::service_agenda_tick()).is_err() {
                break;
            }
            let length = AgendaLength::<T>::get(tick);
            while seq < length {
                // Most items are stale when their time comes: looking is charged first, the work only where due.
                if meter.try_consume(Self::agenda_look_weight()).is_err() {
                    break 'ticks;
                }
                if let Some((item, job)) = Self::due(tick, seq, now) {
                    let most = Self::weight_of(item.what).saturating_add(Self::report_weight(&job));
                    if !meter.can_consume(most) {
                        break 'ticks;
                    }
                    // A strike is cheap unless it jails: what was not needed is left to other items.
                    meter.consume(Self::weight_of(item.what));
                    meter.consume(Self::serve(item, job));
                }
                Agenda::<T>::remove(tick, seq);
                seq = seq.saturating_add(1);
            }
            AgendaLength::<T>::remove(tick);
            tick = tick.saturating_add(1);
            seq = 0;
        }
        AgendaCursor::<T>::put((tick, seq));
    }

    /// Weight of reading an item with its job and of removing it.
    pub(crate) fn agenda_look_weight() -> Weight {
        T::WeightInfo::service_queue_step()
    }

    /// Most weight of one agenda item that is due, with the report of a worker.
    pub(crate) fn agenda_item_weight() -> Weight {
        Self::weight_of(AgendaKind::Acknowledge)
            .max(Self::weight_of(AgendaKind::Deadline))
            .saturating_add(T::ReportOffence::weight())
            .max(Self::weight_of(AgendaKind::Prune))
    }

    /// Most weight of reporting the worker that is late with `job`; nothing while no worker owes anything.
    fn report_weight(job: &JobOf<T>) -> Weight {
        match job.state {
            JobState::Assigned | JobState::Acknowledged => T::ReportOffence::weight(),
            _ => Weight::zero(),
        }
    }

    /// Weight of a due item without the report of a worker.
    fn weight_of(what: AgendaKind) -> Weight {
        match what {
            AgendaKind::Acknowledge => Self::and_news(T::WeightInfo::service_acknowledge()),
            AgendaKind::Deadline => Self::and_news(T::WeightInfo::service_deadline()),
            AgendaKind::Prune => T::WeightInfo::service_prune(),
        }
    }

    /// An item with its job, unless the job moved on before the item's time came.
    fn due(tick: Tick, seq: u32, now: Tick) -> Option<(AgendaItem, JobOf<T>)> {
        let item = Agenda::<T>::get(tick, seq)?;
        let job = Jobs::<T>::get(item.job)?;
        let due = match item.what {
            AgendaKind::Acknowledge => job.attempt == item.attempt && job.state == JobState::Assigned,
            AgendaKind::Deadline => job.is_uncommitted(),
            AgendaKind::Prune => job.prune_at.is_some_and(|at| at <= now),
        };
        due.then_some((item, job))
    }

    /// Does what is due and returns what reporting a worker weighed.
    fn serve(item: AgendaItem, job: JobOf<T>) -> Weight {
        match item.what {
            AgendaKind::Acknowledge => Self::miss_acknowledge(&item.job, job),
            AgendaKind::Deadline => Self::expire(&item.job, job),
            AgendaKind::Prune => {
                Self::prune(&item.job, &job);
                Weight::zero()
            }
        }
    }

    /// Does at once what is due for one job, or puts a parked one back into its queue.
    pub(crate) fn do_poke(id: &JobId) -> Result<Poked, DispatchError> {
        let job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
        let now = T::Clock::now();
        let acknowledge_by = job
            .assignment
            .as_ref()
            .map(|assignment| assignment.acknowledge_by);
        if job.is_uncommitted() && job.deadline <= now {
            Self::expire(id, job);
        } else if job.state == JobState::Assigned && acknowledge_by.is_some_and(|at| at <= now) {
            Self::miss_acknowledge(id, job);
        } else if job.prune_at.is_some_and(|at| at <= now) {
            Self::prune(id, &job);
        } else if job.state == JobState::Parked {
            // The poke pays for all of them.
            Self::unpark(id, job, Self::max_match_tries());
            return Ok(Poked::Reopened);
        } else {
            return Err(Error::<T>::NothingToDo.into());
        }
        Ok(Poked::Due)
    }

    /// Whether a worker that got the job now could not even acknowledge it in time.
    pub(crate) fn is_too_late(job: &JobOf<T>, now: Tick) -> bool {
        job.deadline < now.saturating_add(T::AcknowledgeTicks::get())
    }

    /// Takes a job from a worker that did not acknowledge; returns what reporting it weighed.
    fn miss_acknowledge(id: &JobId, job: JobOf<T>) -> Weight {
        let Some(assignment) = job.assignment.clone() else {
            return Weight::zero();
        };
        let reported = Self::blame(id, job.attempt, &assignment, Offence::MissedAcknowledge);
        Self::take_back(id, &assignment);
        Self::next_attempt(id, job, Self::max_match_tries());
        reported
    }

    /// Ends a job whose deadline has come, or is too near for another worker; returns what reporting the present
    /// one weighed, nothing while no worker has it.
    pub(crate) fn expire(id: &JobId, mut job: JobOf<T>) -> Weight {
        let mut reported = Weight::zero();
        Self::leave_waiting(id, &mut job);
        if let Some(assignment) = job.assignment.clone() {
            if job.state == JobState::Acknowledged {
                reported = Self::blame(id, job.attempt, &assignment, Offence::MissedDeadline);
            } else {
                // Assigned so late that even its acknowledgement was not due yet.
                Self::close_match(id, job.attempt, MatchOutcome::Refunded);
            }
            Self::take_back(id, &assignment);
        }
        let refunded = Self::refund_held(&mut job);
        Self::finish(id, job, JobState::Expired, JobHistoryEvent::Expired);
        Self::deposit_event(Event::JobExpired { job: *id, refunded });
        reported
    }

    fn blame(id: &JobId, attempt: u8, assignment: &Assignment<T::AccountId>, offence: Offence) -> Weight {
        let worker = assignment.worker.clone();
        Self::close_match(id, attempt, MatchOutcome::Missed);
        Self::note(id, JobHistoryEvent::Missed { attempt });
        Self::deposit_event(Event::AttemptMissed {
            job: *id,
            attempt,
            worker: worker.clone(),
            offence,
        });
        T::ReportOffence::report(&worker, offence)
    }

    /// Takes a job that has no result from its worker.
    pub(crate) fn take_back(id: &JobId, assignment: &Assignment<T::AccountId>) {
        AssignedJobs::<T>::remove(&assignment.worker, id);
        T::Roster::release_exposure(&assignment.worker, assignment.price_max);
        T::Roster::free_slot(&assignment.worker);
    }

    /// Whether another worker may be tried after the present attempt.
    pub(crate) fn attempts_left(job: &JobOf<T>) -> bool {
        u32::from(job.attempt).saturating_add(1) < T::MaxAttempts::get().clamp(1, MAX_TRIED)
    }

    /// Opens a job for the next worker, with `tries` until it is parked, or ends it where there can be none.
    pub(crate) fn next_attempt(id: &JobId, mut job: JobOf<T>, tries: u32) {
        if !Self::attempts_left(&job) {
            return Self::refund(id, job, RefundReason::AttemptsExhausted);
        }
        let Some(assignment) = job.assignment.take() else {
            return;
        };
        if Self::is_too_late(&job, T::Clock::now()) {
            // Nobody has it any more, hence nobody is reported.
            Self::expire(id, job);
            return;
        }
        // There is room: it holds as many as there can be attempts.
        let _ = job.tried.try_push(assignment.worker);
        job.attempt = job.attempt.saturating_add(1);
        job.match_tries = Self::tries_used(tries);
        Self::enqueue(id, &mut job);
        Self::note(id, JobHistoryEvent::Reopened);
        Self::deposit_event(Event::JobReopened {
            job: *id,
            attempt: job.attempt,
        });
        Jobs::<T>::insert(id, job);
    }
}
