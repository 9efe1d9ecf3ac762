//! Who sits in an audit.
//!
//! Auditors and jurors serve the model, unless it is *small*: fewer than [`Config::SmallModelOwners`] owners serve it,
//! who may all be the worker's friends. Then a coin from the draw's randomness sends every other auditor, and the whole
//! jury comes, from a device class whose workers can run the model but need not have it: [`SeatPool::Class`]. They get
//! [`CLASS_SEAT_TIMES`] as long, to fetch it. Such audits give no reputation.
//!
//! Anybody can register a model whose files nobody else can get. So a class seat that does not commit in time is
//! *excused*: no strike, no slash; but no juror where half of the jury came, for then the model can be had. An auditor
//! is replaced, from the class alone, and a juror is left out. Where all auditors of a result that was drawn by chance
//! were excused, or too few jurors are left, the client gets its money back and nobody is blamed. The owner of such a
//! model so earns nothing by it when it is audited, makes no record, and can neither be a trap for those who are drawn
//! nor for an honest worker, whose model others can get: of three auditors, one comes. A result that the client
//! challenged is then paid, and the challenge's fee comes back: it would be a refund for the asking. Whoever commits has
//! the model, and answers for its report like everybody.

use super::*;
use alloc::vec::Vec;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    tagged_hash, traits::Clock, Balance, Candidate, CheckStage, CheckedWork, DeviceClass, Role, SeatPool,
    Subject, H256,
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

/// Where an auditor is looked for: first here, then there, where nobody was found. For a small model a coin from `seed`
/// says which comes first.
pub(crate) fn pools(class: Option<DeviceClass>, seed: &H256) -> Vec<SeatPool> {
    let Some(class) = class else {
        return Vec::from([SeatPool::Model]);
    };
    let coin = tagged_hash(b"ogpu/pool/v1", seed.as_bytes());
    let mut pools = Vec::from([SeatPool::Model, SeatPool::Class(class)]);
    if coin.as_bytes().first().is_some_and(|byte| byte & 1 == 1) {
        pools.reverse();
    }
    pools
}

impl<T: Config> Pallet<T> {
    /// The device class that judges `work` where few owners serve its model.
    pub(crate) fn class_for(work: &CheckedWork<T::AccountId>) -> Option<DeviceClass> {
        let least = T::SmallModelOwners::get();
        let is_small = T::SeatDraw::owners(&work.model) < least;
        is_small.then(|| T::SeatDraw::class_of(&work.model, least))
    }

    /// Draws the first auditor; without one the result is paid as unaudited.
    pub(crate) fn seat_first(subject: &Subject, mut record: RecordOf<T>, seed: &H256) -> DispatchResult {
        if Self::seat_auditor(subject, &record, Role::First, seed) {
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
            && Self::seat_auditor(subject, &record, role, &seed);
        let stage = if seated {
            CheckStage::Auditing(role)
        } else {
            CheckStage::Opening
        };
        Self::enter(subject, &mut record, stage)
    }

    /// Draws an auditor and gives it the seat. Whether there was one.
    fn seat_auditor(subject: &Subject, record: &RecordOf<T>, role: Role, seed: &H256) -> bool {
        let seed = tagged_hash(b"ogpu/seat/v1", seed.as_bytes());
        let mut seats = Seats::<T>::get(subject);
        let mut pools = pools(record.class, &seed);
        if seats.iter().any(|seat| seat.state == SeatState::Excused) {
            // Where the model may not be had, those who serve it may all be the worker's friends.
            pools.retain(|pool| *pool != SeatPool::Model);
        }
        let found = Self::find_auditor(&pools, &record.work, &seats, &seed);
        let seated = found.is_some_and(|(auditor, pool)| Self::sit(subject, &mut seats, auditor, role, pool));
        if seated {
            Seats::<T>::insert(subject, seats);
        }
        seated
    }

    /// Draws one of `pools`, in their order, who can be liable for an audit of `work`.
    fn find_auditor(
        pools: &[SeatPool],
        work: &CheckedWork<T::AccountId>,
        seats: &[Seat<T::AccountId>],
        seed: &H256,
    ) -> Option<(Candidate<T::AccountId>, SeatPool)> {
        let tries = if pools.len() > 1 {
            AUDITOR_TRIES / 2
        } else {
            AUDITOR_TRIES
        };
        // Where nobody in any pool can answer for a price this high: rather the one who can for most of it than no
        // audit.
        let mut most: Option<(Candidate<T::AccountId>, SeatPool)> = None;
        for pool in pools {
            let mut is_liable = |candidate: &Candidate<T::AccountId>| {
                if !is_independent(candidate, work, seats) {
                    return false;
                }
                if candidate.exposure_room >= stake_at_risk(work.price) {
                    return true;
                }
                let has_more = most
                    .as_ref()
                    .is_none_or(|(most, _)| candidate.exposure_room > most.exposure_room);
                if has_more {
                    most = Some((candidate.clone(), *pool));
                }
                false
            };
            let drawn = T::SeatDraw::draw_seats(pool, &work.model, seed, 1, tries, &mut is_liable);
            if let Some(auditor) = drawn.into_iter().next() {
                return Some((auditor, *pool));
            }
        }
        most
    }

    /// Adds a seat to `seats`, which the caller stores. Whether there was room.
    pub(crate) fn sit(
        subject: &Subject,
        seats: &mut SeatsOf<T::AccountId>,
        candidate: Candidate<T::AccountId>,
        role: Role,
        pool: SeatPool,
    ) -> bool {
        let worker = candidate.worker;
        let seat = Seat {
            worker: worker.clone(),
            owner: candidate.owner,
            role,
            state: SeatState::Drawn,
            findings: None,
            pool,
        };
        if seats.try_push(seat).is_err() {
            return false;
        }
        Self::involve(&worker, subject);
        Self::deposit_event(Event::SeatDrawn {
            subject: *subject,
            worker,
            role,
            pool,
            until: T::Clock::now().saturating_add(Self::seat_ticks(role, &pool)),
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

    /// Marks seats as absent, at their cost, or as excused where they may not have got the model, and returns all seats.
    /// Jurors are not excused where half of the jury, or more, has committed: the model can be had, and friends of either
    /// side must not make the jury too small.
    pub(crate) fn mark_absent(
        subject: &Subject,
        is_absent: impl Fn(&Seat<T::AccountId>) -> bool,
    ) -> SeatsOf<T::AccountId> {
        let mut seats = Seats::<T>::get(subject);
        let jurors = || seats.iter().filter(|seat| seat.role == Role::Juror);
        let came = jurors().filter(|seat| seat.has_committed()).count();
        let jury_came = came >= jurors().count().div_ceil(2);
        for seat in seats.iter_mut().filter(|seat| is_absent(seat)) {
            let has_excuse = seat.pool != SeatPool::Model && !(seat.role == Role::Juror && jury_came);
            if seat.state == SeatState::Drawn && has_excuse {
                seat.state = SeatState::Excused;
            } else {
                seat.state = SeatState::Absent;
                Self::blame_absence(seat);
            }
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
