//! What is due: items by tick, worked off under the block's meter.

use super::*;
use alloc::boxed::Box;
use frame_support::{
    pallet_prelude::*,
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use ogpu_primitives::{CheckStage, Role, Subject, Tick};

/// Most things that a verdict has enforced: what it says of the worker, what two auditors saw, and a blame of each of
/// those two.
const MAX_CONSEQUENCES: u64 = 4;

/// What an item asks for now.
enum Due<T: Config> {
    /// The check's stage is over.
    Check(Subject, Box<RecordOf<T>>),
    /// The demand was not answered.
    Demand(Subject, T::AccountId, Demand),
    /// The worker of this owner left a seat empty.
    Absence(T::AccountId, T::AccountId),
}

impl<T: Config> Due<T> {
    /// The check whose window is over, if this is one.
    fn window(&self) -> Option<Subject> {
        match self {
            Self::Check(subject, record) if record.stage == CheckStage::Window && !record.equivocated => {
                Some(*subject)
            }
            _ => None,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Puts `item` on the agenda of a later tick.
    pub(crate) fn schedule(item: AgendaItem<T::AccountId>, due: Tick) -> DispatchResult {
        let seq = AgendaLength::<T>::get(due);
        AgendaLength::<T>::insert(due, seq.checked_add(1).ok_or(Error::<T>::ClockOverflow)?);
        Agenda::<T>::insert(due, seq, item);
        Ok(())
    }

    /// Does what is due at `now`, as far as `meter` allows; the rest waits for the next block.
    pub(crate) fn service_agenda(meter: &mut WeightMeter, now: Tick) {
        if meter.try_consume(T::WeightInfo::service_base()).is_err() {
            return;
        }
        let (mut tick, mut seq) = AgendaCursor::<T>::get();
        'ticks: while tick <= now {
            if meter.try_consume(T::WeightInfo::service_tick()).is_err() {
                break;
            }
            let length = AgendaLength::<T>::get(tick);
            while seq < length {
                if meter.try_consume(T::WeightInfo::service_item()).is_err() {
                    break 'ticks;
                }
                if let Some(due) = Agenda::<T>::get(tick, seq).and_then(|item| Self::still_due(item, now)) {
                    let most = Self::step_weight(&due);
                    if !meter.can_consume(most) {
                        break 'ticks;
                    }
                    let window = due.window();
                    Self::act(due, now);
                    let spared = window.map_or(Weight::zero(), |subject| Self::spared_weight(&subject));
                    meter.consume(most.saturating_sub(spared));
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

    /// What the item asks for, unless it lapsed: whatever moved the tick wrote another item.
    fn still_due(item: AgendaItem<T::AccountId>, now: Tick) -> Option<Due<T>> {
        match item {
            AgendaItem::Check(subject) => {
                let record = Commitments::<T>::get(subject)?;
                // While data is demanded the check waits; the last demand's end puts it on the agenda again.
                let waits = record.open_demands > 0 && !record.equivocated;
                let due = !record.is_closed() && record.due <= now && !waits;
                due.then(|| Due::Check(subject, Box::new(record)))
            }
            AgendaItem::Demand(subject, demander) => {
                let demand = Demands::<T>::get(subject, &demander)?;
                (demand.is_open() && demand.due <= now).then_some(Due::Demand(subject, demander, demand))
            }
            AgendaItem::Absence(worker, owner) => Some(Due::Absence(worker, owner)),
        }
    }

    /// One step, all of it or nothing. What fails is tried again later, so that nothing is ever lost.
    fn act(due: Due<T>, now: Tick) {
        match due {
            Due::Check(subject, record) => {
                if let Err(error) = with_storage_layer(|| Self::step(&subject, (*record).clone())) {
                    Self::postpone(&subject, *record, error);
                }
            }
            Due::Demand(subject, demander, demand) => {
                if let Err(error) =
                    with_storage_layer(|| Self::step_demand(&subject, &demander, demand.clone(), now))
                {
                    Self::postpone_demand(&subject, &demander, demand, now, error);
                }
            }
            Due::Absence(worker, owner) => T::Enforce::absent(&worker, &owner),
        }
    }

    /// Ends the stage that a check is in.
    fn step(subject: &Subject, record: RecordOf<T>) -> DispatchResult {
        if record.equivocated {
            return Self::conclude(subject, record, ruling::Ruling::Equivocated);
        }
        match record.stage {
            CheckStage::Window => Self::draw_audit(subject, record),
            CheckStage::Drawing(Role::Juror) => Self::draw_jury(subject, record),
            CheckStage::Drawing(role) => Self::draw_auditor(subject, record, role),
            CheckStage::Auditing(role) => Self::end_auditing(subject, record, role),
            CheckStage::Opening => Self::conclude(
                subject,
                record,
                ruling::Ruling::Blamed(ogpu_primitives::Offence::SilentUnderAudit),
            ),
            CheckStage::Reporting(Role::Juror) => Self::end_jury(subject, record),
            CheckStage::Reporting(_) => Self::end_audit(subject, record),
            CheckStage::Closed => Ok(()),
        }
    }

    fn postpone(subject: &Subject, mut record: RecordOf<T>, error: DispatchError) {
        // Fails only when the clock has no ticks left, and with it everything else.
        let _ = Self::look_again(subject, &mut record, T::CheckWindowTicks::get());
        Self::deposit_event(Event::VerdictPostponed {
            subject: *subject,
            error,
        });
    }

    /// Most weight of a step besides reading what it is about.
    fn step_weight(due: &Due<T>) -> Weight {
        let (subject, stage) = match due {
            Due::Absence(..) => return T::Enforce::absent_weight(),
            Due::Demand(subject, ..) => (
                subject,
                T::WeightInfo::service_demand().saturating_add(T::Enforce::absent_weight()),
            ),
            Due::Check(subject, record) if record.equivocated => (subject, Weight::zero()),
            Due::Check(_, record) if record.stage == CheckStage::Window => {
                // Nobody has a seat yet: a verdict here pays nobody and blames nobody.
                return Self::stage_weight(record.stage, 0)
                    .saturating_add(T::WeightInfo::service_verdict(0))
                    .saturating_add(T::OnVerdict::weight());
            }
            Due::Check(subject, record) => {
                let seats = Self::seat_count(subject);
                (subject, Self::stage_weight(record.stage, seats))
            }
        };
        stage.saturating_add(Self::verdict_weight(Self::seat_count(subject)))
    }

    /// What the end of a window took less than it might have: most results are drawn for no audit, and then nobody looks
    /// for an auditor. A step that failed, and was undone, may have looked for one.
    fn spared_weight(subject: &Subject) -> Weight {
        match Commitments::<T>::get(subject).is_some_and(|record| record.is_closed() && !record.audited) {
            true => Self::seat_draw_weight(),
            false => Weight::zero(),
        }
    }

    /// Weight of looking for an auditor: as many tries in one roster, or half of them in each of two.
    fn seat_draw_weight() -> Weight {
        T::SeatDraw::weight(AUDITOR_TRIES / 2).saturating_mul(2)
    }

    /// Most weight of ending `stage` with `seats` seats drawn before, besides a verdict. Absence is blamed by items of
    /// their own.
    fn stage_weight(stage: CheckStage, seats: u32) -> Weight {
        match stage {
            CheckStage::Window | CheckStage::Drawing(Role::First | Role::Second) => {
                T::WeightInfo::service_draw()
                    .saturating_add(Self::seat_draw_weight())
                    .saturating_add(T::OnVerdict::weight())
            }
            CheckStage::Drawing(Role::Juror) => {
                let jury = Self::jury_seats();
                T::WeightInfo::service_jury(jury)
                    .saturating_add(T::SeatDraw::weight(jury.saturating_mul(TRIES_PER_JUROR)))
            }
            // Who stayed away and whose ballot is void are blamed alike, and nobody is both.
            CheckStage::Reporting(Role::Juror) => {
                T::WeightInfo::service_stage(seats).saturating_add(T::WeightInfo::service_ballots())
            }
            CheckStage::Auditing(_) | CheckStage::Reporting(_) => T::WeightInfo::service_stage(seats),
            CheckStage::Opening | CheckStage::Closed => Weight::zero(),
        }
    }

    /// Most weight of a verdict on a check of `seats` seats, with what it costs and brings everybody.
    pub(crate) fn verdict_weight(seats: u32) -> Weight {
        let payments = T::AuditFund::weight().saturating_mul(seats.into());
        // Jurors are blamed for no vote, and who stays away has an item of its own.
        let consequences = u64::from(seats).saturating_add(1).min(MAX_CONSEQUENCES);
        let consequences = T::Enforce::weight().saturating_mul(consequences);
        T::WeightInfo::service_verdict(seats)
            .saturating_add(payments)
            .saturating_add(consequences)
            .saturating_add(T::OnVerdict::weight())
    }

    /// The largest weight that the hook must be able to afford in one block, or checks stand still.
    pub fn largest_step() -> Weight {
        let seats = T::MaxRedraws::get()
            .saturating_add(2)
            .saturating_add(Self::jury_seats())
            .min(MAX_SEATS);
        let stages = [
            CheckStage::Window,
            CheckStage::Drawing(Role::Juror),
            CheckStage::Reporting(Role::Juror),
        ];
        let stage = stages
            .into_iter()
            .map(|stage| Self::stage_weight(stage, seats))
            .fold(
                T::WeightInfo::service_demand().saturating_add(T::Enforce::absent_weight()),
                |most, weight| most.max(weight),
            );
        T::WeightInfo::service_base()
            .saturating_add(T::WeightInfo::service_tick())
            .saturating_add(T::WeightInfo::service_item())
            .saturating_add(stage)
            .saturating_add(Self::verdict_weight(seats))
    }

    fn seat_count(subject: &Subject) -> u32 {
        Seats::<T>::decode_len(subject).unwrap_or_default() as u32
    }
}
