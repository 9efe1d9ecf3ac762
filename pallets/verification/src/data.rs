//! Data that was not handed over: demanded on chain, posted on chain, or missing.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    check::POSTING_OVERHEAD_BYTES, evidence::chunk_count, report::MAX_EMBEDDING_BYTES, traits::Clock,
    JobKind, Offence, Subject, Tick,
};
use ruling::Ruling;
use sp_runtime::traits::{BlakeTwo256, Hash};

impl<T: Config> Pallet<T> {
    /// Somebody who is entitled to data was not served.
    pub(crate) fn do_demand_data(
        demander: &T::AccountId,
        subject: &Subject,
        key: [u8; 32],
    ) -> DispatchResult {
        let mut record = Self::open_check(subject)?;
        ensure!(
            Self::is_entitled(demander, subject, &record),
            Error::<T>::NotEntitled
        );
        ensure!(
            !Demands::<T>::contains_key(subject, demander),
            Error::<T>::AlreadyDemanded
        );
        ensure!(record.open_demands < MAX_OPEN_DEMANDS, Error::<T>::TooManyDemands);
        let asked_at = T::Clock::now();
        let until = Self::tick_after(asked_at, T::DataTicks::get())?;
        let bond = T::DataBond::get();
        Self::put_up(HoldReason::DataBond, demander, bond)?;
        Self::schedule(AgendaItem::Demand(*subject, demander.clone()), until)?;
        Demands::<T>::insert(
            subject,
            demander,
            Demand {
                bond,
                key,
                asked_at,
                due: until,
                state: DemandState::Open,
            },
        );
        record.open_demands = record.open_demands.saturating_add(1);
        Self::involve(&record.work.worker, subject);
        Commitments::<T>::insert(subject, record);
        Self::deposit_event(Event::DataDemanded {
            subject: *subject,
            demander: demander.clone(),
            key,
            bond,
            until,
        });
        Ok(())
    }

    /// The client to the output, auditors and jurors to the audit's data until they have committed.
    fn is_entitled(who: &T::AccountId, subject: &Subject, record: &RecordOf<T>) -> bool {
        *who == record.work.client
            || Seats::<T>::get(subject)
                .iter()
                .any(|seat| seat.worker == *who && seat.state == SeatState::Drawn)
    }

    /// The worker posts what is demanded. Whether the ciphertext holds it is between the two.
    pub(crate) fn do_post_data(
        worker: &T::AccountId,
        subject: &Subject,
        demander: &T::AccountId,
        ciphertext: &[u8],
    ) -> DispatchResult {
        let mut record = Self::open_check(subject)?;
        ensure!(record.work.worker == *worker, Error::<T>::NotWorker);
        let mut demand = Demands::<T>::get(subject, demander).ok_or(Error::<T>::UnknownDemand)?;
        ensure!(demand.is_open(), Error::<T>::AlreadyPosted);
        Self::check_length(&record, ciphertext.len())?;
        let share = demand.bond / 2;
        // Not to the worker: it would then be a business not to hand data over.
        Self::forfeit(HoldReason::DataBond, demander, &T::AuditFund::account(), share);
        Self::give_back(HoldReason::DataBond, demander, demand.bond.saturating_sub(share));
        demand.state = DemandState::Posted;
        Demands::<T>::insert(subject, demander, demand);
        record.open_demands = record.open_demands.saturating_sub(1);
        if record.open_demands == 0 {
            // The check's own time begins anew.
            let ticks = Self::stage_ticks(subject, &record);
            Self::look_again(subject, &mut record, ticks)?;
        } else {
            Commitments::<T>::insert(subject, record);
        }
        Self::deposit_event(Event::DataPosted {
            subject: *subject,
            demander: demander.clone(),
            hash: BlakeTwo256::hash(ciphertext),
        });
        Ok(())
    }

    /// No more bytes than what is demanded can have, or postings would be free space on chain.
    fn check_length(record: &RecordOf<T>, bytes: usize) -> DispatchResult {
        let commitment = &record.commitment;
        let ids = commitment.n_in.saturating_add(commitment.n_out);
        let content = match record.work.kind {
            JobKind::Generate => chunk_count(commitment.n_out).saturating_mul(64),
            JobKind::Embed => MAX_EMBEDDING_BYTES,
        };
        let most = ids
            .saturating_mul(4)
            .saturating_add(content)
            .saturating_add(POSTING_OVERHEAD_BYTES);
        ensure!(bytes as u64 <= u64::from(most), Error::<T>::DataTooLong);
        Ok(())
    }

    /// A demand was not answered: first a strike, in the end the result counts as wrong.
    pub(crate) fn step_demand(
        subject: &Subject,
        demander: &T::AccountId,
        mut demand: Demand,
        now: Tick,
    ) -> DispatchResult {
        let mut record = Self::open_check(subject)?;
        if demand.state == DemandState::Late {
            return Self::conclude(subject, record, Ruling::Blamed(Offence::DataNotPosted));
        }
        let whole = Self::tick_after(demand.asked_at, T::DataDeadlineTicks::get())?;
        let until = whole.max(Self::tick_after(now, 1)?);
        demand.state = DemandState::Late;
        Self::put_demand(subject, demander, demand, until)?;
        if !record.late {
            T::Enforce::late_data(&record.work.worker);
            record.late = true;
            Commitments::<T>::insert(subject, record);
        }
        Self::deposit_event(Event::DataLate {
            subject: *subject,
            demander: demander.clone(),
            until,
        });
        Ok(())
    }

    pub(crate) fn postpone_demand(
        subject: &Subject,
        demander: &T::AccountId,
        demand: Demand,
        now: Tick,
        error: DispatchError,
    ) {
        // Fails only when the clock has no ticks left, and with it everything else.
        let _ = Self::tick_after(now, T::CheckWindowTicks::get())
            .and_then(|due| Self::put_demand(subject, demander, demand, due));
        Self::deposit_event(Event::VerdictPostponed {
            subject: *subject,
            error,
        });
    }

    /// Stores a demand that is looked at again at `due`.
    fn put_demand(
        subject: &Subject,
        demander: &T::AccountId,
        mut demand: Demand,
        due: Tick,
    ) -> DispatchResult {
        demand.due = due;
        Self::schedule(AgendaItem::Demand(*subject, demander.clone()), due)?;
        Demands::<T>::insert(subject, demander, demand);
        Ok(())
    }

    /// `ticks` after `tick`, 1 at least.
    pub(crate) fn tick_after(tick: Tick, ticks: Tick) -> Result<Tick, DispatchError> {
        tick.checked_add(ticks.max(1))
            .ok_or_else(|| Error::<T>::ClockOverflow.into())
    }
}
