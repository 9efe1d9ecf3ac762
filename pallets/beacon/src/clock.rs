//! The work clock.

use crate::{Config, LastBlockFull, Now, Pallet};
use frame_support::traits::Get;
use ogpu_primitives::{traits::Clock, Tick};

impl<T: Config> Pallet<T> {
    /// One tick, unless reports found no place in the last block or cannot be sent now.
    pub(crate) fn advance_clock() {
        if LastBlockFull::<T>::get() || T::ClockPaused::get() {
            return;
        }
        Now::<T>::mutate(|now| *now = now.saturating_add(1));
    }

    /// Notes at the end of a block whether it was full.
    pub(crate) fn note_fullness() {
        let used = frame_system::Pallet::<T>::block_weight().total().ref_time();
        let limit = T::FullBlock::get().mul_floor(T::BlockWeights::get().max_block.ref_time());
        LastBlockFull::<T>::put(used >= limit);
    }
}

impl<T: Config> Clock for Pallet<T> {
    fn now() -> Tick {
        Now::<T>::get()
    }
}
