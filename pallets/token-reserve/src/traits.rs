//! What this pallet asks of the runtime.

use crate::ChainTimes;

/// Keeps the times of a chain where the pallets that use them look for them.
pub trait StoreTimes {
    /// Writes the times. Called once, by the genesis build.
    fn store(times: &ChainTimes);
}

impl StoreTimes for () {
    fn store(_times: &ChainTimes) {}
}
