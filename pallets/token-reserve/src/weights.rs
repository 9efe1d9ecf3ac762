//! Weights of the reserve's work: reasoned bounds, until measured ones replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the work this pallet does for others.
pub trait WeightInfo {
    /// The end of an era: two moves between pots, and the account of inactive issuance.
    fn fund_era() -> Weight;
    /// Settling a claim of stakers that takes all the pots there are.
    fn pay_claim() -> Weight;
    /// Sharing out the protocol fee of a job.
    fn collect() -> Weight;
    /// Sharing out the fee of a transaction.
    fn split_transaction_fee() -> Weight;
}

// Per account touched: 25 µs of computing for a transfer, one read and one write of its record.
// `Deactivated` and inactive issuance are one read and one write each.

/// Weights for a runtime, by its database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn fund_era() -> Weight {
        Weight::from_parts(120_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(12, 5))
    }
    fn pay_claim() -> Weight {
        Weight::from_parts(120_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(7, 6))
    }
    fn collect() -> Weight {
        Weight::from_parts(90_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
    }
    fn split_transaction_fee() -> Weight {
        Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 2))
    }
}

/// Weights for tests.
impl WeightInfo for () {
    fn fund_era() -> Weight {
        Weight::from_parts(120_000_000, 0)
    }
    fn pay_claim() -> Weight {
        Weight::from_parts(120_000_000, 0)
    }
    fn collect() -> Weight {
        Weight::from_parts(90_000_000, 0)
    }
    fn split_transaction_fee() -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
}
