//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::Weight;

/// Weights of the hooks.
pub trait WeightInfo {
    /// The start of a block, in which `filled` accumulators are written, and its end.
    fn on_initialize(filled: u32) -> Weight;
    /// One draw.
    fn draw() -> Weight;
}

/// For tests: reasoned, not measured, without a database.
impl WeightInfo for () {
    fn on_initialize(filled: u32) -> Weight {
        Weight::from_parts(15_000_000, 0)
            .saturating_add(Weight::from_parts(2_000_000, 0).saturating_mul(u64::from(filled)))
    }
    fn draw() -> Weight {
        Weight::from_parts(5_000_000, 0)
    }
}
