//! Questions that several pallets ask of `Beacon`.

use crate::Tick;
use sp_core::H256;

/// The work clock.
pub trait Clock {
    /// The present tick.
    fn now() -> Tick;
}

/// Randomness for draws about things fixed before a block.
pub trait Draw {
    /// Randomness over blocks `fixed_at_block + 1 ..= fixed_at_block + blocks` for one subject.
    ///
    /// `None` while it is not there yet or has left the beacon's memory; callers ask again in a later block
    /// and never fall back to a block hash. Call it in hooks only, never inside an extrinsic.
    fn draw(fixed_at_block: u32, blocks: u32, subject: &[u8]) -> Option<H256>;
}
