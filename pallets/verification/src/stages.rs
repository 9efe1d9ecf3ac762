//! How a check moves from stage to stage, and how long each lasts.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    check::DRAW_BLOCKS,
    traits::{Clock, Draw},
    CheckStage, Role, SeatPool, Subject, Tick, H256,
};
use sp_runtime::SaturatedConversion;

/// Ticks until the hook can draw from the blocks after this one.
pub(crate) const DRAW_TICKS: Tick = DRAW_BLOCKS + 1;

/// Blocks after which a beacon may have forgotten what a draw needs.
const DRAW_MEMORY_BLOCKS: u32 = 250;

impl<T: Config> Pallet<T> {
    /// The block's number.
    pub(crate) fn this_block() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Ticks that `record`'s stage lasts when it begins now.
    pub(crate) fn stage_ticks(subject: &Subject, record: &RecordOf<T>) -> Tick {
        match record.stage {
            CheckStage::Window if record.secret.is_some() => Self::ticks_to_draw(record.fixed_at),
            CheckStage::Window if record.challenge.is_some() => Self::ticks_to_draw(record.fixed_at),
            CheckStage::Window => T::CheckWindowTicks::get(),
            CheckStage::Drawing(_) => Self::ticks_to_draw(record.fixed_at),
            CheckStage::Auditing(role) => Self::seat_ticks(role, &Self::pool_now(subject, record, role)),
            CheckStage::Opening => T::OpenTicks::get(),
            CheckStage::Reporting(_) => T::ReportTicks::get(),
            CheckStage::Closed => 0,
        }
    }

    /// Ticks that a seat drawn from `pool` has to commit to its report.
    pub(crate) fn seat_ticks(role: Role, pool: &SeatPool) -> Tick {
        let ticks = match role {
            Role::Juror => T::JuryTicks::get(),
            Role::First | Role::Second => T::AuditTicks::get(),
        };
        match pool {
            SeatPool::Model => ticks,
            SeatPool::Class(_) => ticks.saturating_mul(CLASS_SEAT_TIMES),
        }
    }

    /// Whom the present seats of `role` were drawn from; all of one stage from the same.
    fn pool_now(subject: &Subject, record: &RecordOf<T>, role: Role) -> SeatPool {
        if record.class.is_none() {
            return SeatPool::Model;
        }
        let seats = Seats::<T>::get(subject);
        let last = seats.iter().rev().find(|seat| seat.role == role);
        last.map_or(SeatPool::Model, |seat| seat.pool)
    }

    /// Ticks until a draw about something fixed in block `fixed_at` can be made, at least 1. Ticks are never
    /// faster than blocks.
    fn ticks_to_draw(fixed_at: u32) -> Tick {
        fixed_at
            .saturating_add(DRAW_TICKS)
            .saturating_sub(Self::this_block())
            .max(1)
    }

    /// Enters `stage` and stores the record.
    pub(crate) fn enter(subject: &Subject, record: &mut RecordOf<T>, stage: CheckStage) -> DispatchResult {
        record.stage = stage;
        if matches!(stage, CheckStage::Drawing(_)) {
            record.fixed_at = Self::this_block();
        }
        Self::look_again(subject, record, Self::stage_ticks(subject, record))
    }

    /// Makes the agenda look at the check after `ticks`, 1 at least since this tick's hook may have run, and stores
    /// the record.
    pub(crate) fn look_again(subject: &Subject, record: &mut RecordOf<T>, ticks: Tick) -> DispatchResult {
        let now = T::Clock::now();
        let due = now.checked_add(ticks.max(1)).ok_or(Error::<T>::ClockOverflow)?;
        // What is due later than now still has its item.
        if record.due != due {
            Self::schedule(AgendaItem::Check(*subject), due)?;
            record.due = due;
        }
        Commitments::<T>::insert(subject, record);
        Ok(())
    }

    /// Randomness that nobody knew when the pending draw was fixed, about `what`. `None` while it is not there: the
    /// agenda then looks again. Only in the hook.
    pub(crate) fn randomness(
        subject: &Subject,
        record: &mut RecordOf<T>,
        what: &[u8],
    ) -> Result<Option<H256>, DispatchError> {
        if let Some(seed) = T::Draw::draw(record.fixed_at, DRAW_BLOCKS, what) {
            return Ok(Some(seed));
        }
        let block = Self::this_block();
        let forgotten = block.saturating_sub(record.fixed_at) > DRAW_MEMORY_BLOCKS;
        if forgotten {
            record.fixed_at = block;
        }
        Self::look_again(subject, record, if forgotten { DRAW_TICKS } else { 1 })?;
        Ok(None)
    }

    /// The record of a check that is open, and its work.
    pub(crate) fn open_check(subject: &Subject) -> Result<RecordOf<T>, DispatchError> {
        let record = Commitments::<T>::get(subject).ok_or(Error::<T>::UnknownSubject)?;
        ensure!(!record.is_closed(), Error::<T>::AlreadyJudged);
        Ok(record)
    }
}
