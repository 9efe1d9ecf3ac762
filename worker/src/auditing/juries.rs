//! What became of this worker's seats on juries.
//!
//! The chain counts a jury and closes its check in one block, and lists open checks only: whether a vote was void has to
//! be asked for. What is counted while this program does not run is not asked for any more.

use super::{
    source::Source,
    view::{seat_now, SeatNow},
};
use crate::jobs::record::short;
use ogpu_client::AccountId;
use ogpu_primitives::{CheckStage, Role, Subject, WorkKey};
use std::collections::BTreeSet;

/// Seats on juries that were not counted when they were last seen.
#[derive(Default)]
pub struct Juries {
    waiting: BTreeSet<WorkKey>,
}

impl Juries {
    /// Adds to `seats`, those of `us` that the chain lists, the ones on juries that it listed before and does no more.
    pub async fn complete(&mut self, seats: &mut Vec<SeatNow>, source: &dyn Source, us: &AccountId) {
        let mut waiting = std::mem::take(&mut self.waiting);
        seats.iter().for_each(|seat| {
            waiting.remove(&seat.work);
        });
        for work in waiting {
            match source.check(&Subject::Work(work)).await {
                Ok(Some(view)) => {
                    let ours = view.seats.iter().find(|seat| seat.worker == *us);
                    seats.extend(ours.map(|seat| seat_now(work, seat, &view, us, None)));
                }
                Ok(None) => (),
                Err(error) => {
                    tracing::warn!(job = short(&work), %error, "it cannot be seen how the jury was counted; asking again");
                    self.waiting.insert(work);
                }
            }
        }
        let open = |seat: &&SeatNow| seat.role == Role::Juror && seat.stage != CheckStage::Closed;
        self.waiting
            .extend(seats.iter().filter(open).map(|seat| seat.work));
    }
}
