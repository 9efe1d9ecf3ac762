//! What must hold after every block.

use crate::{Accumulators, Config, LatestHead, Now, Pallet, VrfBlocks, RING};
use frame_support::ensure;
use sp_runtime::{traits::SaturatedConversion, TryRuntimeError};

impl<T: Config> Pallet<T> {
    /// Every accumulator lies in its place and none is newer than the head; the clock is not ahead of the
    /// chain.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let block: u32 = frame_system::Pallet::<T>::block_number().saturated_into();
        ensure!(Now::<T>::get() <= block, "more ticks than blocks");
        ensure!(
            VrfBlocks::<T>::get() <= u64::from(block),
            "more VRF outputs than blocks"
        );

        let Some(head) = LatestHead::<T>::get() else {
            ensure!(
                Accumulators::<T>::iter_keys().next().is_none(),
                "accumulators without a head"
            );
            return Ok(());
        };
        ensure!(head.block < block, "the head is not in the past");
        ensure!(
            Self::accumulator(head.block) == Some(head.accumulator),
            "the head is not in the ring"
        );
        for (place, (block, _)) in Accumulators::<T>::iter() {
            ensure!(place == block % RING, "an accumulator lies in a wrong place");
            ensure!(block <= head.block, "an accumulator is newer than the head");
        }
        Ok(())
    }
}
