//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::Weight;

/// Weights of the steps of the hook.
pub trait WeightInfo {
    /// Reading and writing the cursor.
    fn service_base() -> Weight;
    /// Opening one tick of the agenda.
    fn service_tick() -> Weight;
    /// Taking one subject and giving its verdict, without what the verdict causes.
    fn service_item() -> Weight;
}

/// For tests: reasoned, not measured, without a database.
impl WeightInfo for () {
    fn service_base() -> Weight {
        Weight::from_parts(4_000_000, 1_500)
    }

    fn service_tick() -> Weight {
        Weight::from_parts(4_000_000, 2_500)
    }

    fn service_item() -> Weight {
        Weight::from_parts(25_000_000, 6_500)
    }
}
