//! Weights of this pallet's hook.
//!
//! Reasoned from reads and writes until `scripts/weights` replaces this file with measured ones: about
//! 5 µs of work a storage item, and the database's own cost.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the steps of the hook.
pub trait WeightInfo {
    /// Reading and writing the cursor.
    fn service_base() -> Weight;
    /// Opening one tick of the agenda.
    fn service_tick() -> Weight;
    /// Taking one subject and giving its verdict, without what the verdict causes.
    fn service_item() -> Weight;
}

/// Weights under the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn service_base() -> Weight {
        Weight::from_parts(4_000_000, 1_500).saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn service_tick() -> Weight {
        Weight::from_parts(4_000_000, 2_500).saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }

    fn service_item() -> Weight {
        Weight::from_parts(25_000_000, 6_500).saturating_add(T::DbWeight::get().reads_writes(3, 4))
    }
}

/// For tests: the same figures without a database.
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
