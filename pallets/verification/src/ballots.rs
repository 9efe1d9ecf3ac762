//! Which ballots of a jury count: those of jurors who computed.
//!
//! When a jury sits, the worker's sketches and the auditors' reports can be read on chain. A juror therefore adds a
//! sketch under the jury's own key ([`ogpu_primitives::jury_sketch`]), which it can only have by computing. Nobody can
//! say what it has to be; but most jurors have the same, and the ballots of the others are void. That shows who is
//! lazy, not who lies: a juror that computes can still vote against what it found.
//!
//! Embeddings have no such sketch, so all ballots about them count: an embedding is cheap to compute.

use super::*;
use alloc::vec::Vec;
use ogpu_primitives::{jury_sketch::shared_by_most, ChunkSketch, ProfileParams, Subject};

/// What becomes of the ballots of a jury.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Ballots {
    /// Whether each counts.
    pub(crate) counts: Vec<bool>,
    /// Whether the jurors whose ballots do not count are at fault.
    pub(crate) has_blame: bool,
}

impl Ballots {
    /// Of the jurors who voted, each with its sketch, on a jury of `seats`, under the thresholds of the check.
    pub(crate) fn of(sketches: &[Option<&ChunkSketch>], seats: usize, params: &ProfileParams) -> Self {
        let counts = shared_by_most(sketches, params);
        // Where no sketch is that of more than half, nobody can tell who is right. No ballot counts then, so that the
        // jury is undecided and the client refunded, and nobody is blamed. Nor is anybody where most of those who voted
        // are few of those who sat, so that friends have nothing of honest jurors who stay away, nor where thresholds
        // are not calibrated: they may be wrong about everybody.
        let sharing = counts.iter().filter(|counts| **counts).count();
        let has_blame = params.slash_enabled && sharing.saturating_mul(2) > seats;
        Self { counts, has_blame }
    }
}

impl<T: Config> Pallet<T> {
    /// Voids the ballots of jurors who did not compute what most did, at their cost, and returns all seats.
    pub(crate) fn void_ballots(
        subject: &Subject,
        record: &RecordOf<T>,
        mut seats: SeatsOf<T::AccountId>,
    ) -> SeatsOf<T::AccountId> {
        let sketches: Vec<_> = seats
            .iter()
            .filter(|seat| seat.voted_on_jury())
            .map(|seat| JurySketches::<T>::get(subject, &seat.worker))
            .collect();
        let sketches: Vec<_> = sketches.iter().map(Option::as_ref).collect();
        let sat = seats.iter().filter(|seat| seat.sat_on_jury()).count();
        let ballots = Ballots::of(&sketches, sat, &record.work.terms.params);
        if ballots.counts.iter().all(|counts| *counts) {
            return seats;
        }
        let voted = seats.iter_mut().filter(|seat| seat.voted_on_jury());
        for (seat, _) in voted.zip(ballots.counts).filter(|(_, counts)| !counts) {
            seat.state = SeatState::Void;
            if ballots.has_blame {
                Self::blame_absence(seat);
            }
            Self::deposit_event(Event::BallotVoid {
                subject: *subject,
                worker: seat.worker.clone(),
            });
        }
        Seats::<T>::insert(subject, &seats);
        seats
    }
}
