//! Lengths of epochs, eras and periods: written once by `TokenReserve`'s genesis build and never again, so that
//! the `dev`, `local` and `staging` chains share one wasm. The values here are the production numbers, which a
//! chain whose genesis says nothing else gets.

use crate::{BlockNumber, SLOT_DURATION_MS};
use frame_support::parameter_types;
use pallet_token_reserve::{ChainTimes, StoreTimes};

/// Blocks in an hour at the nominal block time.
pub const HOURS: BlockNumber = (3_600_000 / SLOT_DURATION_MS) as BlockNumber;
/// Blocks in a day at the nominal block time.
pub const DAYS: BlockNumber = 24 * HOURS;

parameter_types! {
    /// Slots of an epoch. BABE cannot bear a change of it on a running chain.
    pub storage EpochDuration: u64 = 1_800;
    /// Sessions of an era.
    pub storage SessionsPerEra: u32 = 6;
    /// Eras that bonded OGPU stays slashable after unbonding.
    pub storage BondingDuration: u32 = 28;
    /// Eras between an offence and its slash; less than `BondingDuration`.
    pub storage SlashDeferDuration: u32 = 27;
    /// Blocks between two rounds of treasury spending.
    pub storage TreasurySpendPeriod: BlockNumber = 7 * DAYS;
    /// Blocks that a vote of conviction 1 stays locked.
    pub storage VoteLockPeriod: BlockNumber = 7 * DAYS;
    /// Blocks before a referendum can be decided.
    pub storage ReferendumPrepare: BlockNumber = 2 * HOURS;
    /// Blocks that a referendum may be decided in.
    pub storage ReferendumDecision: BlockNumber = 14 * DAYS;
    /// Blocks that a referendum must stay approved.
    pub storage ReferendumConfirm: BlockNumber = DAYS;
    /// Fewest blocks between approval and enactment: the window for a veto.
    pub storage ReferendumEnactment: BlockNumber = DAYS;
}

/// Writes the lengths that a genesis gives.
pub struct GenesisTimes;

impl StoreTimes for GenesisTimes {
    fn store(times: &ChainTimes) {
        EpochDuration::set(&times.epoch_duration_blocks);
        SessionsPerEra::set(&times.sessions_per_era);
        BondingDuration::set(&times.bonding_duration_eras);
        SlashDeferDuration::set(&times.slash_defer_duration_eras);
        TreasurySpendPeriod::set(&times.treasury_spend_period_blocks);
        VoteLockPeriod::set(&times.vote_lock_period_blocks);
        ReferendumPrepare::set(&times.referendum_prepare_blocks);
        ReferendumDecision::set(&times.referendum_decision_blocks);
        ReferendumConfirm::set(&times.referendum_confirm_blocks);
        ReferendumEnactment::set(&times.referendum_enactment_blocks);
    }
}
