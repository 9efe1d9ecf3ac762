//! The jury: drawn after a dissent, counted once its reports are open.

use super::*;
use alloc::vec::Vec;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{jury, tagged_hash, Candidate, CheckStage, CheckedWork, Role, Subject};
use ruling::Ruling;

impl<T: Config> Pallet<T> {
    /// Seats of a jury.
    pub(crate) fn jury_seats() -> u32 {
        T::JurySeats::get().min(MAX_JURY)
    }

    /// Draws the jury: one seat an owner, nobody who had a part before. With too few nobody is blamed.
    pub(crate) fn draw_jury(subject: &Subject, mut record: RecordOf<T>) -> DispatchResult {
        let what = (b"jury", subject).encode();
        let Some(seed) = Self::randomness(subject, &mut record, &what)? else {
            return Ok(());
        };
        let seed = tagged_hash(b"ogpu/jury/v1", seed.as_bytes());
        let wanted = Self::jury_seats();
        let candidates = T::SeatDraw::draw_seats(
            &record.work.model,
            &seed,
            wanted.saturating_mul(CANDIDATES_PER_JUROR),
        );
        let found = Self::seat_jurors(subject, &record.work, candidates, wanted);
        if found == 0 || found < T::JuryMinimum::get() {
            Self::deposit_event(Event::JuryTooSmall {
                subject: *subject,
                found,
            });
            return Self::conclude(subject, record, Ruling::JuryTooSmall);
        }
        Self::deposit_event(Event::JurySeated {
            subject: *subject,
            seats: found,
        });
        Self::enter(subject, &mut record, CheckStage::Auditing(Role::Juror))
    }

    /// Seats up to `wanted` jurors and returns how many there are.
    pub(crate) fn seat_jurors(
        subject: &Subject,
        work: &CheckedWork<T::AccountId>,
        candidates: Vec<Candidate<T::AccountId>>,
        wanted: u32,
    ) -> u32 {
        let mut seats = Seats::<T>::get(subject);
        let mut found = 0u32;
        for candidate in candidates {
            if found >= wanted {
                break;
            }
            if seats::is_independent(&candidate, work, &seats)
                && Self::sit(subject, &mut seats, candidate, Role::Juror)
            {
                found = found.saturating_add(1);
            }
        }
        Seats::<T>::insert(subject, seats);
        found
    }

    /// Counts the jury.
    pub(crate) fn end_jury(subject: &Subject, record: RecordOf<T>) -> DispatchResult {
        let seats = Self::mark_absent(subject, Seat::has_committed);
        let jurors = || seats.iter().filter(|seat| seat.role == Role::Juror);
        let votes = |against: bool| jurors().filter(|seat| seat.dissents() == Some(against)).count() as u32;
        let (drawn, against, for_worker) = (jurors().count() as u32, votes(true), votes(false));
        let outcome = jury::count(drawn, against, for_worker);
        Self::deposit_event(Event::JuryDecided {
            subject: *subject,
            outcome,
            seats: drawn,
            against,
            for_worker,
        });
        Self::conclude(subject, record, Ruling::Jury(outcome))
    }
}
