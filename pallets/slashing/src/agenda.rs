//! Pending slashes, applied when they are due.

use crate::*;
use frame_support::weights::{Weight, WeightMeter};
use ogpu_primitives::{traits::Clock, Tick};
use sp_runtime::traits::Get;

impl<T: Config> Pallet<T> {
    /// Puts a slash on the agenda and returns the tick at which it is due.
    pub(crate) fn schedule(id: u32, now: Tick) -> Tick {
        // This tick's hook may have run already, so the earliest tick that is surely served is the next.
        let due = now.saturating_add(T::DeferralTicks::get().max(1));
        // Fewer slashes than ids, and those are counted in the same 32 bits.
        let seq = AgendaLength::<T>::get(due);
        AgendaLength::<T>::insert(due, seq.saturating_add(1));
        Agenda::<T>::insert(due, seq, id);
        due
    }

    /// Applies the slashes that are due at `now`, as far as `meter` allows; the rest waits for the next block.
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
                // Only the slash itself says how many it pays.
                if !meter.can_consume(Self::item_weight(MAX_PAYOUTS)) {
                    break 'ticks;
                }
                let payouts = Agenda::<T>::take(tick, seq).map_or(0, Self::end_slash);
                meter.consume(Self::item_weight(payouts));
                seq = seq.saturating_add(1);
            }
            AgendaLength::<T>::remove(tick);
            let Some(next) = tick.checked_add(1) else { break };
            tick = next;
            seq = 0;
        }
        AgendaCursor::<T>::put((tick, seq));
    }

    /// Most weight of one slash that pays `payouts` accounts.
    pub(crate) fn item_weight(payouts: u32) -> Weight {
        T::WeightInfo::service_item()
            .saturating_add(T::WeightInfo::payouts(payouts))
            .saturating_add(T::Stake::weight())
    }

    /// Applies a slash, unless it was cancelled or is excused by a network fault. Returns how many it pays.
    fn end_slash(id: u32) -> u32 {
        let Some(slash) = Self::take_pending(id) else {
            return 0;
        };
        let in_fault = slash.offence.is_silence() && Self::silence_gone(slash.reported_at);
        if in_fault && Self::forgive(&slash.owner, slash.reported_at) {
            Self::drop_slash(id, slash);
            return 0;
        }
        let amount = T::Stake::slash(&slash.owner, slash.amount, &Self::pot_account());
        let (paid, to_reserve) = Self::distribute(amount, &slash.payouts);
        Self::deposit_event(Event::SlashApplied {
            id,
            owner: slash.owner,
            amount,
            paid,
            to_reserve,
        });
        slash.payouts.len() as u32
    }

    /// The work clock's tick.
    pub(crate) fn now() -> Tick {
        T::Clock::now()
    }
}
