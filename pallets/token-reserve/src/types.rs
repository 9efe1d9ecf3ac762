//! Stored and shown types.

use codec::{Decode, Encode, MaxEncodedLen};
use ogpu_primitives::Balance;
use scale_info::TypeInfo;

/// Blocks in a day at one block every two seconds.
const DAY: u32 = 43_200;

/// Times of a chain that are fixed at its genesis: one runtime serves networks with long and short eras.
#[derive(
    Encode, Decode, TypeInfo, MaxEncodedLen, Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChainTimes {
    /// Length of an epoch (a session), in slots of two seconds.
    pub epoch_duration_blocks: u64,
    /// Sessions in an era.
    pub sessions_per_era: u32,
    /// Eras that bonded tokens stay bonded after unbonding.
    pub bonding_duration_eras: u32,
    /// Eras between the report of an offence and its slash; less than the bonding duration.
    pub slash_defer_duration_eras: u32,
    /// Blocks between two spending rounds of the treasury.
    pub treasury_spend_period_blocks: u32,
    /// Blocks that a vote of conviction 1 locks its tokens after the referendum.
    pub vote_lock_period_blocks: u32,
    /// Blocks before a referendum can be decided.
    pub referendum_prepare_blocks: u32,
    /// Blocks in which a referendum is decided at the latest.
    pub referendum_decision_blocks: u32,
    /// Blocks that a referendum has to stay approved.
    pub referendum_confirm_blocks: u32,
    /// Blocks between approval and enactment at the least.
    pub referendum_enactment_blocks: u32,
}

/// The times of a production network: epochs of 1 h, eras of 6 h, bonds of 7 d, votes of 14 d.
impl Default for ChainTimes {
    fn default() -> Self {
        Self {
            epoch_duration_blocks: 1_800,
            sessions_per_era: 6,
            bonding_duration_eras: 28,
            slash_defer_duration_eras: 27,
            treasury_spend_period_blocks: 7 * DAY,
            vote_lock_period_blocks: 7 * DAY,
            referendum_prepare_blocks: DAY / 12,
            referendum_decision_blocks: 14 * DAY,
            referendum_confirm_blocks: DAY,
            referendum_enactment_blocks: DAY,
        }
    }
}

impl ChainTimes {
    /// What a chain could not live with: a length of zero, or slashes that come after the bond is gone.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.epoch_duration_blocks == 0 || self.sessions_per_era == 0 {
            return Err("epochs and eras must have a length");
        }
        if self.slash_defer_duration_eras >= self.bonding_duration_eras {
            return Err("slashes must be deferred for less than the bonding duration");
        }
        if self.treasury_spend_period_blocks == 0
            || self.vote_lock_period_blocks == 0
            || self.referendum_decision_blocks == 0
            || self.referendum_confirm_blocks == 0
            || self.referendum_enactment_blocks == 0
        {
            return Err("spending and voting periods must have a length");
        }
        Ok(())
    }
}

/// Where the supply is, in planck.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct SupplyView {
    /// All tokens there are.
    pub total: Balance,
    /// What is left for the pay of coming eras.
    pub reserve: Balance,
    /// Earned and not yet claimed by stakers.
    pub staking_pot: Balance,
    /// Validators' part of fees since the last era.
    pub fee_pot: Balance,
    /// What pays auditors and juries.
    pub audit_fund: Balance,
}
