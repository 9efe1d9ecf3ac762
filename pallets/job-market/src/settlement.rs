//! The end of a job: who gets the money, and what is kept of it.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    fees, traits::Clock, Balance, JobHistoryEvent, JobId, JobState, MatchOutcome, RefundReason,
};

impl<T: Config> Pallet<T> {
    /// Pays a committed result: fees, provider, and the rest back to the client.
    pub(crate) fn settle(id: &JobId, mut job: JobOf<T>) -> DispatchResult {
        let assignment = job.assignment.clone().ok_or(Error::<T>::NotAssigned)?;
        let price = assignment
            .committed_price
            .ok_or(Error::<T>::WrongState)?
            .min(job.ledger.held);
        let premium = assignment.audit_premium;
        let mut split = fees::split(price, &T::FeeSink::rates(), premium);
        let surcharge = if T::ResultCheck::surcharged(&subject(*id, job.attempt)) {
            premium.min(job.ledger.held.saturating_sub(price))
        } else {
            0
        };
        split.audit_premium = split.audit_premium.saturating_add(surcharge);
        Self::collect_fees(&split)?;
        Self::pay_provider(&assignment.worker, &assignment.owner, split.provider);
        let ledger = &mut job.ledger;
        ledger.provider = ledger.provider.saturating_add(split.provider);
        ledger.validators = ledger.validators.saturating_add(split.validators);
        ledger.treasury = ledger.treasury.saturating_add(split.treasury);
        ledger.audit_fund = ledger.audit_fund.saturating_add(split.audit_fund);
        ledger.audit_premium = ledger.audit_premium.saturating_add(split.audit_premium);
        ledger.held = ledger.held.saturating_sub(split.total());
        let refunded = Self::refund_held(&mut job);

        T::Roster::release_exposure(&assignment.worker, assignment.price_max);
        T::Roster::succeeded(&assignment.worker);
        Self::close_match(id, job.attempt, MatchOutcome::Settled);
        Models::<T>::mutate_extant(job.request.model, |model| {
            model.jobs_settled = model.jobs_settled.saturating_add(1)
        });
        Totals::<T>::mutate(|totals| {
            totals.volume = totals.volume.saturating_add(price);
            totals.fees = totals.fees.saturating_add(split.fees());
        });
        Self::finish(id, job, JobState::Settled, JobHistoryEvent::Settled { price });
        Self::deposit_event(Event::JobSettled {
            job: *id,
            worker: assignment.worker,
            owner: assignment.owner,
            price,
            split,
            refunded,
            surcharge,
        });
        Ok(())
    }

    /// Ends a job with all that is still held going back to its client.
    pub(crate) fn refund(id: &JobId, mut job: JobOf<T>, reason: RefundReason) {
        let refunded = Self::refund_held(&mut job);
        Self::finish(id, job, JobState::Refunded, JobHistoryEvent::Refunded { reason });
        Self::deposit_event(Event::JobRefunded {
            job: *id,
            reason,
            refunded,
        });
    }

    /// Pays what is held back to the client and returns how much that was.
    pub(crate) fn refund_held(job: &mut JobOf<T>) -> Balance {
        let amount = core::mem::take(&mut job.ledger.held);
        Self::pay(&job.client, amount);
        job.ledger.refunded = job.ledger.refunded.saturating_add(amount);
        amount
    }

    /// Writes a job's last state; its record is kept for a while.
    pub(crate) fn finish(
        id: &JobId,
        mut job: JobOf<T>,
        state: JobState,
        event: JobHistoryEvent<T::AccountId>,
    ) {
        let prune_at = T::Clock::now().saturating_add(T::PruneTicks::get().max(1));
        Totals::<T>::mutate(|totals| {
            let count = match state {
                JobState::Settled => &mut totals.settled,
                JobState::Cancelled => &mut totals.cancelled,
                JobState::Expired => &mut totals.expired,
                _ => &mut totals.refunded,
            };
            *count = count.saturating_add(1);
        });
        Self::schedule(
            prune_at,
            AgendaItem {
                job: *id,
                attempt: job.attempt,
                what: AgendaKind::Prune,
            },
        );
        Self::note(id, event);
        job.state = state;
        job.prune_at = Some(prune_at);
        Jobs::<T>::insert(id, job);
    }

    /// Removes all that is kept of a finished job. Sums and the client's last nonce stay.
    pub(crate) fn prune(id: &JobId, job: &JobOf<T>) {
        for attempt in 0..=job.attempt {
            MatchRecords::<T>::remove(id, attempt);
            T::ResultCheck::forget(&subject(*id, attempt));
        }
        History::<T>::remove(id);
        JobNumbers::<T>::remove(job.number);
        Jobs::<T>::remove(id);
        Self::deposit_event(Event::JobPruned {
            job: *id,
            number: job.number,
        });
    }

    /// Appends a step to a job's history. The last place is kept free for the end.
    pub(crate) fn note(id: &JobId, event: JobHistoryEvent<T::AccountId>) {
        let ends = matches!(
            event,
            JobHistoryEvent::Settled { .. }
                | JobHistoryEvent::Refunded { .. }
                | JobHistoryEvent::Cancelled
                | JobHistoryEvent::Expired
        );
        History::<T>::mutate(id, |history| {
            if ends || history.len().saturating_add(1) < MAX_HISTORY as usize {
                let _ = history.try_push((T::Clock::now(), event));
            }
        });
    }
}
