//! The jury: drawn after a dissent, counted once its reports are open.

use super::*;
use alloc::vec::Vec;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{jury, tagged_hash, Candidate, CheckStage, Role, SeatPool, Subject};
use ruling::Ruling;

impl<T: Config> Pallet<T> {
    /// Seats of a jury.
    pub(crate) fn jury_seats() -> u32 {
        T::JurySeats::get().min(MAX_JURY)
    }

    /// Draws the jury: one seat an owner, nobody who had a part before. With too few nobody is blamed.
    pub(crate) fn draw_jury(subject: &Subject, mut record: RecordOf<T>) -> DispatchResult {
        let what = (b"jury", subject).encode();
        let Some(drawn) = Self::randomness(subject, &mut record, &what)? else {
            return Ok(());
        };
        let seed = tagged_hash(b"ogpu/jury/v1", drawn.as_bytes());
        let wanted = Self::jury_seats();
        let pool = record.class.map_or(SeatPool::Model, SeatPool::Class);
        let seats = Seats::<T>::get(subject);
        let jurors = T::SeatDraw::draw_seats(
            &pool,
            &record.work.model,
            &seed,
            wanted,
            wanted.saturating_mul(TRIES_PER_JUROR),
            &mut |candidate| seats::is_independent(candidate, &record.work, &seats),
        );
        let found = Self::seat_jurors(subject, jurors, pool);
        record.jury_key = (found > 0).then(|| tagged_hash(b"ogpu/jury-key/v1", drawn.as_bytes()));
        if found == 0 || found < T::JuryMinimum::get() {
            return Self::end_small_jury(subject, record, found);
        }
        Self::deposit_event(Event::JurySeated {
            subject: *subject,
            seats: found,
        });
        Self::enter(subject, &mut record, CheckStage::Auditing(Role::Juror))
    }

    /// Seats `jurors`, who were drawn from `pool`, and returns how many there was room for.
    pub(crate) fn seat_jurors(
        subject: &Subject,
        jurors: Vec<Candidate<T::AccountId>>,
        pool: SeatPool,
    ) -> u32 {
        let mut seats = Seats::<T>::get(subject);
        let mut found = 0u32;
        for juror in jurors {
            if Self::sit(subject, &mut seats, juror, Role::Juror, pool) {
                found = found.saturating_add(1);
            }
        }
        Seats::<T>::insert(subject, seats);
        found
    }

    /// `found` jurors are too few to decide.
    fn end_small_jury(subject: &Subject, record: RecordOf<T>, found: u32) -> DispatchResult {
        Self::deposit_event(Event::JuryTooSmall {
            subject: *subject,
            found,
        });
        Self::conclude(subject, record, Ruling::JuryTooSmall)
    }

    /// Counts the jury. Jurors who are excused are no part of it, and what is left must be as large as a
    /// jury has to be: those who stay away must not make a few the majority. Those whose ballots are void sat like all
    /// others, and count for neither side.
    pub(crate) fn end_jury(subject: &Subject, record: RecordOf<T>) -> DispatchResult {
        let seats = Self::mark_absent(subject, Seat::has_committed);
        let seats = Self::void_ballots(subject, &record, seats);
        let jurors = || seats.iter().filter(|seat| seat.sat_on_jury());
        let found = jurors().count() as u32;
        let all = seats.iter().filter(|seat| seat.role == Role::Juror).count() as u32;
        if all > found && found < T::JuryMinimum::get() {
            return Self::end_small_jury(subject, record, found);
        }
        let votes = |against: bool| jurors().filter(|seat| seat.dissents() == Some(against)).count() as u32;
        let (against, for_worker) = (votes(true), votes(false));
        let outcome = jury::count(found, against, for_worker);
        Self::deposit_event(Event::JuryDecided {
            subject: *subject,
            outcome,
            seats: found,
            against,
            for_worker,
        });
        Self::conclude(subject, record, Ruling::Jury(outcome))
    }
}
