//! What this pallet asks of its siblings.

use frame_support::weights::Weight;
use ogpu_primitives::{Balance, ModelId};

/// The stake that is slashed, and the workers whose reputation it shows.
pub trait SlashStake<AccountId> {
    /// Active stake of an owner, in planck.
    fn stake(owner: &AccountId) -> Balance;

    /// All that a slash can reach of an owner, in planck: active stake, and stake on its way out.
    fn reachable(owner: &AccountId) -> Balance;

    /// Moves up to `amount` planck of an owner's stake to the account `to` and returns what was moved. Never
    /// burns; moves everything or, where `to` can't take it, nothing.
    fn slash(owner: &AccountId, amount: Balance, to: &AccountId) -> Balance;

    /// Slashes that wait, but for those for silence, will take `amount` planck of an owner's stake at most: so much
    /// covers nothing more.
    fn set_pending(owner: &AccountId, amount: Balance);

    /// Active stake of all owners, in planck.
    fn total() -> Balance;

    /// Sets a worker's reputation in 1/1000; an account that is no worker is left alone.
    fn set_reputation(worker: &AccountId, permille: u16);

    /// Most weight of one [`Self::slash`].
    fn weight() -> Weight;
}

/// Nobody has stake.
impl<AccountId> SlashStake<AccountId> for () {
    fn stake(_: &AccountId) -> Balance {
        0
    }

    fn reachable(_: &AccountId) -> Balance {
        0
    }

    fn slash(_: &AccountId, _: Balance, _: &AccountId) -> Balance {
        0
    }

    fn set_pending(_: &AccountId, _: Balance) {}

    fn total() -> Balance {
        0
    }

    fn set_reputation(_: &AccountId, _: u16) {}

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Takes workers off models.
pub trait Delist<AccountId> {
    /// Takes `worker` off the roster of `model`. Whether it was on it.
    fn remove_model(worker: &AccountId, model: &ModelId) -> bool;

    /// Most weight of it.
    fn weight() -> Weight;
}

/// Nobody serves anything.
impl<AccountId> Delist<AccountId> for () {
    fn remove_model(_: &AccountId, _: &ModelId) -> bool {
        false
    }

    fn weight() -> Weight {
        Weight::zero()
    }
}
