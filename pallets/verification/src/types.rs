//! What is stored of a commitment.

use codec::{Decode, Encode, MaxEncodedLen};
use ogpu_primitives::{work::Verdict, Balance, Commitment, Tick};
use scale_info::TypeInfo;

/// A commitment and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CommitmentRecord<AccountId, BlockNumber> {
    /// Who committed.
    pub worker: AccountId,
    /// What was committed.
    pub commitment: Commitment,
    /// What the result is paid with, in planck, fees included.
    pub price: Balance,
    /// When it was committed, in ticks.
    pub committed_at: Tick,
    /// Block of the commitment; draws take their randomness from the blocks after it.
    pub block: BlockNumber,
    /// Tick from which the verdict can be given.
    pub window_end: Tick,
    /// The verdict, once it was acted on.
    pub verdict: Option<Verdict>,
}
