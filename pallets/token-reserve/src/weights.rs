//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::Weight;

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

/// For tests: reasoned, not measured, without a database.
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
