//! Checks of the stored state.

use super::*;
use alloc::{collections::BTreeMap, vec::Vec};
use codec::Encode;
use frame_support::ensure;
use ogpu_primitives::{traits::Clock, Balance, CheckStage, Role, SeatPool};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// The agenda holds what is due, every part in an open check is listed and no other, and what is held of
    /// accounts is what challenges and demands put up.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_agenda()?;
        Self::check_records()?;
        Self::check_jury_sketches()?;
        Self::check_involved()?;
        Self::check_orphans()?;
        Self::check_outlays()?;
        Self::check_holds()
    }

    fn check_agenda() -> Result<(), TryRuntimeError> {
        let (cursor_tick, cursor_seq) = AgendaCursor::<T>::get();
        let now = T::Clock::now();
        for (tick, seq, item) in Agenda::<T>::iter() {
            // Blamed in the tick after; where blocks are full it lies at the cursor still.
            ensure!(
                !matches!(item, AgendaItem::Absence(..)) || tick <= now.saturating_add(1),
                "an absence is blamed too late"
            );
            ensure!(
                (tick, seq) >= (cursor_tick, cursor_seq),
                "agenda item lies behind the cursor"
            );
            ensure!(
                seq < AgendaLength::<T>::get(tick),
                "agenda item lies beyond its tick's length"
            );
        }
        for (tick, length) in AgendaLength::<T>::iter() {
            ensure!(tick >= cursor_tick, "a length lies behind the cursor");
            let first = if tick == cursor_tick { cursor_seq } else { 0 };
            for seq in first..length {
                ensure!(
                    Agenda::<T>::contains_key(tick, seq),
                    "an unfinished agenda item is missing"
                );
            }
        }
        Ok(())
    }

    fn check_records() -> Result<(), TryRuntimeError> {
        for (subject, record) in Commitments::<T>::iter() {
            let closed = record.stage == CheckStage::Closed;
            ensure!(
                closed == record.is_closed(),
                "a check is closed without a verdict, or open with one"
            );
            let demands: Vec<_> = Demands::<T>::iter_prefix(subject).collect();
            let open = demands.iter().filter(|(_, demand)| demand.is_open());
            ensure!(
                open.clone().count() == usize::from(record.open_demands),
                "open demands are miscounted"
            );
            let seats = Seats::<T>::get(subject);
            Self::check_pools(&record, &seats)?;
            Self::check_jury(&record, &seats)?;
            if closed {
                ensure!(demands.is_empty(), "a closed check has demands");
                ensure!(
                    !Openings::<T>::contains_key(subject),
                    "a closed check has an opening"
                );
                continue;
            }
            ensure!(record.due > record.committed_at, "a stage ends before it begins");
            for (demander, demand) in open {
                let item = AgendaItem::Demand(subject, demander.clone());
                ensure!(
                    Agenda::<T>::iter_prefix_values(demand.due).any(|due| due == item),
                    "an open demand is not on the agenda"
                );
            }
            let waits = record.open_demands > 0;
            let item = AgendaItem::Check(subject);
            ensure!(
                waits || Agenda::<T>::iter_prefix_values(record.due).any(|due| due == item),
                "an open check is not on the agenda"
            );
            let shown = matches!(
                record.stage,
                CheckStage::Reporting(_)
                    | CheckStage::Drawing(Role::Juror)
                    | CheckStage::Auditing(Role::Juror)
            );
            ensure!(
                Openings::<T>::contains_key(subject) == shown,
                "an opening is missing, or kept at a stage without one"
            );
        }
        Ok(())
    }

    /// Seats were drawn from where they can be.
    fn check_pools(record: &RecordOf<T>, seats: &[Seat<T::AccountId>]) -> Result<(), TryRuntimeError> {
        ensure!(
            record.class.is_none() || record.stage != CheckStage::Window,
            "a class was fixed before the draw"
        );
        let of_class = record.class.map(SeatPool::Class);
        for seat in seats {
            let is_of_class = Some(seat.pool) == of_class;
            ensure!(
                is_of_class || seat.pool == SeatPool::Model,
                "a seat was drawn from a class that is not the check's"
            );
            ensure!(
                seat.role != Role::Juror || is_of_class == of_class.is_some(),
                "a juror was drawn from elsewhere than its jury"
            );
            ensure!(
                seat.state != SeatState::Excused || is_of_class,
                "a seat is excused that serves the model"
            );
        }
        Ok(())
    }

    /// A jury has a key, and its ballots are void only once they were counted.
    fn check_jury(record: &RecordOf<T>, seats: &[Seat<T::AccountId>]) -> Result<(), TryRuntimeError> {
        ensure!(
            record.jury_key.is_some() == seats.iter().any(|seat| seat.role == Role::Juror),
            "a jury has no key, or a key no jury"
        );
        let mut void = seats.iter().filter(|seat| seat.state == SeatState::Void);
        ensure!(
            void.all(|seat| seat.role == Role::Juror && record.is_closed()),
            "a ballot is void that was not counted"
        );
        Ok(())
    }

    fn check_jury_sketches() -> Result<(), TryRuntimeError> {
        for (subject, worker) in JurySketches::<T>::iter_keys() {
            let reporting = CheckStage::Reporting(Role::Juror);
            let is_open = Commitments::<T>::get(subject).is_some_and(|record| record.stage == reporting);
            let has_voted = Seats::<T>::get(subject)
                .iter()
                .any(|seat| seat.worker == worker && seat.voted_on_jury());
            ensure!(
                is_open && has_voted,
                "a jury's sketch is kept of a seat that did not vote, or for too long"
            );
        }
        Ok(())
    }

    fn check_involved() -> Result<(), TryRuntimeError> {
        let mut expected = Vec::new();
        for (subject, record) in Commitments::<T>::iter().filter(|(_, record)| !record.is_closed()) {
            let has_demand = Demands::<T>::iter_prefix(subject).next().is_some();
            if record.audited || has_demand {
                expected.push((record.work.worker, subject).encode());
            }
            expected.extend(
                Seats::<T>::get(subject)
                    .into_iter()
                    .map(|seat| (seat.worker, subject).encode()),
            );
        }
        let mut found: Vec<_> = Involved::<T>::iter_keys().map(|key| key.encode()).collect();
        expected.sort();
        found.sort();
        ensure!(
            expected == found,
            "parts in open checks are not those that are listed"
        );
        Ok(())
    }

    fn check_orphans() -> Result<(), TryRuntimeError> {
        let known = |subject| Commitments::<T>::contains_key(subject);
        ensure!(
            Seats::<T>::iter_keys().all(known)
                && Openings::<T>::iter_keys().all(known)
                && Demands::<T>::iter_keys().all(|(subject, _)| known(subject)),
            "something is kept of a subject that is not"
        );
        Ok(())
    }

    /// How much was paid has no bound to check: the limit may have been lowered since.
    fn check_outlays() -> Result<(), TryRuntimeError> {
        let now = T::Clock::now();
        ensure!(
            JuryOutlays::<T>::iter_values().all(|outlay| outlay.planck > 0 && outlay.since <= now),
            "an outlay for juries is empty, or of a day to come"
        );
        Ok(())
    }

    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut fees = BTreeMap::<_, Balance>::new();
        let mut bonds = BTreeMap::<_, Balance>::new();
        for record in Commitments::<T>::iter_values().filter(|record| !record.is_closed()) {
            if let Some(fee) = record.challenge {
                let sum = fees.entry(record.work.client).or_default();
                *sum = sum.saturating_add(fee);
            }
        }
        for (_, demander, demand) in Demands::<T>::iter().filter(|(_, _, demand)| demand.is_open()) {
            let sum = bonds.entry(demander).or_default();
            *sum = sum.saturating_add(demand.bond);
        }
        for (who, _) in frame_system::Account::<T>::iter() {
            let owed = |sums: &BTreeMap<_, Balance>| sums.get(&who).copied().unwrap_or_default();
            ensure!(
                Self::held(HoldReason::ChallengeFee, &who) == owed(&fees),
                "fees held are not those of open challenges"
            );
            ensure!(
                Self::held(HoldReason::DataBond, &who) == owed(&bonds),
                "bonds held are not those of open demands"
            );
        }
        Ok(())
    }
}
