//! Who sits in an audit.

use super::*;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    tagged_hash, traits::Clock, Balance, Candidate, CheckStage, CheckedWork, Role, Subject, H256,
};
use ruling::Ruling;

/// Whether `candidate` has no part in `work` and in its check so far.
pub(crate) fn is_independent<AccountId: PartialEq>(
    candidate: &Candidate<AccountId>,
    work: &CheckedWork<AccountId>,
    seats: &[Seat<AccountId>],
) -> bool {
    candidate.serving
        && candidate.owner != work.owner
        && candidate.owner != work.client
        && candidate.worker != work.client
        && candidate.worker != work.worker
        && seats.iter().all(|seat| seat.owner != candidate.owner)
}

/// What an auditor's owner must at least have free in stake to be liable for a false pass, in planck.
pub(crate) fn stake_at_risk(price: Balance) -> Balance {
    price.saturating_mul(5) / 2
}

impl<T: Config> Pallet<T> {
    /// Draws the first auditor; without one the result is paid as unaudited.
    pub(crate) fn seat_first(subject: &Subject, mut record: RecordOf<T>, seed: &H256) -> DispatchResult {
        if Self::seat_auditor(subject, &record.work, Role::First, seed) {
            Self::enter(subject, &mut record, CheckStage::Auditing(Role::First))
        } else {
            Self::conclude(subject, record, Ruling::NoAuditor)
        }
    }

    /// Draws another first auditor after one stayed away, or, with its chance, the hidden second one.
    pub(crate) fn draw_auditor(subject: &Subject, mut record: RecordOf<T>, role: Role) -> DispatchResult {
        let what = (b"seat", subject, role, record.redraws).encode();
        let Some(seed) = Self::randomness(subject, &mut record, &what)? else {
            return Ok(());
        };
        if role == Role::First {
            return Self::seat_first(subject, record, &seed);
        }
        let seated = window::is_drawn(&seed, record.work.terms.second_ppm)
            && Self::seat_auditor(subject, &record.work, role, &seed);
        let stage = if seated {
            CheckStage::Auditing(role)
        } else {
            CheckStage::Opening
        };
        Self::enter(subject, &mut record, stage)
    }

    /// Gives the seat to the first candidate who can be liable for it. Whether there was one.
    fn seat_auditor(subject: &Subject, work: &CheckedWork<T::AccountId>, role: Role, seed: &H256) -> bool {
        let seed = tagged_hash(b"ogpu/seat/v1", seed.as_bytes());
        let mut seats = Seats::<T>::get(subject);
        let mut independent = T::SeatDraw::draw_seats(&work.model, &seed, AUDITOR_CANDIDATES);
        independent.retain(|candidate| is_independent(candidate, work, &seats));
        let liable = independent
            .iter()
            .position(|candidate| candidate.exposure_room >= stake_at_risk(work.price));
        // Nobody can answer for a price this high: rather the one who can for most of it than no audit.
        let most = || {
            let rooms = (0..independent.len()).map(|at| (independent[at].exposure_room, at));
            rooms.max().map(|(_, at)| at)
        };
        let found = liable.or_else(most).map(|at| independent.swap_remove(at));
        let seated = found.is_some_and(|candidate| Self::sit(subject, &mut seats, candidate, role));
        if seated {
            Seats::<T>::insert(subject, seats);
        }
        seated
    }

    /// Adds a seat to `seats`, which the caller stores. Whether there was room.
    pub(crate) fn sit(
        subject: &Subject,
        seats: &mut SeatsOf<T::AccountId>,
        candidate: Candidate<T::AccountId>,
        role: Role,
    ) -> bool {
        let worker = candidate.worker;
        let seat = Seat {
            worker: worker.clone(),
            owner: candidate.owner,
            role,
            state: SeatState::Drawn,
            findings: None,
        };
        if seats.try_push(seat).is_err() {
            return false;
        }
        Self::involve(&worker, subject);
        Self::deposit_event(Event::SeatDrawn {
            subject: *subject,
            worker,
            role,
        });
        true
    }

    /// Notes that `worker` has a part in an open check.
    pub(crate) fn involve(worker: &T::AccountId, subject: &Subject) {
        Involved::<T>::insert(worker, subject, ());
    }

    /// Time is over for seats of `role` that have not committed.
    pub(crate) fn end_auditing(subject: &Subject, mut record: RecordOf<T>, role: Role) -> DispatchResult {
        let seats = Self::mark_absent(subject, |seat| {
            seat.role == role && seat.state == SeatState::Drawn
        });
        match role {
            Role::First if u32::from(record.redraws) < T::MaxRedraws::get() => {
                record.redraws = record.redraws.saturating_add(1);
                Self::enter(subject, &mut record, CheckStage::Drawing(Role::First))
            }
            Role::First => Self::conclude(subject, record, Ruling::NoAuditor),
            Role::Second => Self::enter(subject, &mut record, CheckStage::Opening),
            Role::Juror if seats.iter().any(|seat| seat.role == role && seat.has_committed()) => {
                Self::enter(subject, &mut record, CheckStage::Reporting(role))
            }
            Role::Juror => Self::end_jury(subject, record),
        }
    }

    /// Has the hook blame a seat for its absence in the next tick.
    pub(crate) fn blame_absence(seat: &Seat<T::AccountId>) {
        let item = AgendaItem::Absence(seat.worker.clone(), seat.owner.clone());
        // Fails only when the clock has no ticks left, and with it everything else.
        let _ = Self::tick_after(T::Clock::now(), 1).and_then(|due| Self::schedule(item, due));
    }

    /// Marks seats as absent, at their cost, and returns all seats.
    pub(crate) fn mark_absent(
        subject: &Subject,
        is_absent: impl Fn(&Seat<T::AccountId>) -> bool,
    ) -> SeatsOf<T::AccountId> {
        let mut seats = Seats::<T>::get(subject);
        for seat in seats.iter_mut().filter(|seat| is_absent(seat)) {
            seat.state = SeatState::Absent;
            Self::blame_absence(seat);
            Self::deposit_event(Event::SeatAbsent {
                subject: *subject,
                worker: seat.worker.clone(),
                role: seat.role,
            });
        }
        Seats::<T>::insert(subject, &seats);
        seats
    }
}
