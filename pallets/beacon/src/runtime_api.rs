//! What clients may ask without a transaction.

use ogpu_primitives::Tick;
use sp_core::H256;

sp_api::decl_runtime_apis! {
    /// The work clock and the randomness of draws.
    pub trait BeaconApi {
        /// The present tick.
        fn tick() -> Tick;
        /// The accumulator from which draws that end at a block are made: of that block, or of the first later
        /// one with a VRF output. `None` before it is there and after 256 blocks.
        fn accumulator(block: u32) -> Option<H256>;
    }
}
