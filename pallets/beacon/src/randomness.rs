//! The accumulator of VRF outputs, and draws from it.

use crate::{Accumulators, Config, Head, LatestHead, Pallet, VrfBlocks, RING};
use ogpu_primitives::{tagged_hash, traits::Draw};
use sp_core::H256;

/// acc(block) = H("ogpu/beacon/v1", acc ‖ vrf ‖ block as four little-endian bytes).
pub fn mix(accumulator: H256, vrf: &[u8; 32], block: u32) -> H256 {
    let mut data = [0u8; 68];
    data[..32].copy_from_slice(accumulator.as_bytes());
    data[32..64].copy_from_slice(vrf);
    data[64..].copy_from_slice(&block.to_le_bytes());
    tagged_hash(b"ogpu/beacon/v1", &data)
}

impl<T: Config> Pallet<T> {
    /// Mixes in the VRF output of `block` and returns how many entries were written: one, and one for each
    /// block before it that had no output and therefore takes this accumulator.
    pub(crate) fn record(block: u32, vrf: Option<[u8; 32]>) -> u32 {
        let head = LatestHead::<T>::get();
        // Where a slot brings no output, BABE leaves the one before in place. Two authors never have the same.
        let Some(vrf) = vrf.filter(|vrf| head.as_ref().is_none_or(|head| head.vrf != *vrf)) else {
            return 0;
        };
        let (before, next) = match head {
            Some(head) if head.block >= block => return 0,
            Some(head) => (head.accumulator, head.block.saturating_add(1)),
            None => (H256::zero(), block.min(1)),
        };
        let accumulator = mix(before, &vrf, block);
        // Filling the gap now makes every later draw a single read.
        let first = next.max(block.saturating_sub(RING.saturating_sub(1)));
        for filled in first..=block {
            Accumulators::<T>::insert(filled % RING, (filled, accumulator));
        }
        LatestHead::<T>::put(Head {
            block,
            accumulator,
            vrf,
        });
        VrfBlocks::<T>::mutate(|count| *count = count.saturating_add(1));
        block.saturating_sub(first).saturating_add(1)
    }

    /// The accumulator of a block, or of the first later block with a VRF output where it had none. `None`
    /// while there is no such block, and when the block has left the memory.
    pub fn accumulator(block: u32) -> Option<H256> {
        Accumulators::<T>::get(block % RING)
            .filter(|(recorded, _)| *recorded == block)
            .map(|(_, accumulator)| accumulator)
    }
}

impl<T: Config> Draw for Pallet<T> {
    fn draw(fixed_at_block: u32, blocks: u32, subject: &[u8]) -> Option<H256> {
        // Over no block at all the result would be known when the subject is fixed.
        let end = fixed_at_block.checked_add(blocks.max(1))?;
        let accumulator = Self::accumulator(end)?;
        Some(tagged_hash(
            b"ogpu/draw/v1",
            &[accumulator.as_bytes(), subject].concat(),
        ))
    }
}
