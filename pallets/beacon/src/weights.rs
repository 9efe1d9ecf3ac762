//! Weights of the hooks: reasoned bounds, until measured ones replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the hooks.
pub trait WeightInfo {
    /// The start of a block, in which `filled` accumulators are written, and its end.
    fn on_initialize(filled: u32) -> Weight;
    /// One draw.
    fn draw() -> Weight;
}

// Start and end of a block read the VRF output, the head, the counter, the fullness, the clock, two switches of
// the pause and the block's weight; they write head, counter, fullness and clock, and each filled accumulator.

/// Weights for a runtime, by its database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn on_initialize(filled: u32) -> Weight {
        let filled = u64::from(filled);
        Weight::from_parts(15_000_000, 0)
            .saturating_add(Weight::from_parts(2_000_000, 0).saturating_mul(filled))
            .saturating_add(T::DbWeight::get().reads_writes(8, 4))
            .saturating_add(T::DbWeight::get().writes(filled))
    }
    fn draw() -> Weight {
        Weight::from_parts(5_000_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }
}

/// Weights for tests.
impl WeightInfo for () {
    fn on_initialize(filled: u32) -> Weight {
        Weight::from_parts(15_000_000, 0)
            .saturating_add(Weight::from_parts(2_000_000, 0).saturating_mul(u64::from(filled)))
    }
    fn draw() -> Weight {
        Weight::from_parts(5_000_000, 0)
    }
}
