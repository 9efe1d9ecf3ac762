//! The only file that touches currency; the rest of the pallet calls it by intent.

use crate::{Config, Error, HoldReason};
use frame_support::{
    ensure,
    traits::{
        fungible::{hold::Mutate as HoldMutate, Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation, Restriction},
    },
};
use ogpu_primitives::Balance;
use sp_runtime::{traits::Get, DispatchResult};

/// Holds `amount` more of the owner's balance as stake.
///
/// Frozen funds may be staked (a freeze lies over holds), but the existential deposit always stays free, so
/// that "stake everything" can neither fail inside balances nor leave an account that cannot act.
pub fn hold_stake<T: Config>(owner: &T::AccountId, amount: Balance) -> DispatchResult {
    let available = T::Currency::reducible_balance(owner, Preservation::Preserve, Fortitude::Force);
    ensure!(amount <= available, Error::<T>::InsufficientBalance);
    T::Currency::hold(&HoldReason::ProviderStake.into(), owner, amount)
}

/// Gives `amount` of unbonded stake back to the owner.
pub fn release_stake<T: Config>(owner: &T::AccountId, amount: Balance) -> DispatchResult {
    T::Currency::release(&HoldReason::ProviderStake.into(), owner, amount, Precision::Exact).map(|_| ())
}

/// Moves `amount` of the owner's held stake to the account `to`, free there; all of it or nothing.
///
/// Whatever else locks or freezes the owner's balance does not keep a slash from it.
pub fn take_stake<T: Config>(owner: &T::AccountId, to: &T::AccountId, amount: Balance) -> DispatchResult {
    let reason = HoldReason::ProviderStake.into();
    T::Currency::transfer_on_hold(
        &reason,
        owner,
        to,
        amount,
        Precision::Exact,
        Restriction::Free,
        Fortitude::Force,
    )
    .map(|_| ())
}

/// What is held of the owner's balance as stake.
#[cfg(any(feature = "std", feature = "try-runtime"))]
pub fn held_stake<T: Config>(owner: &T::AccountId) -> Balance {
    use frame_support::traits::fungible::hold::Inspect as HoldInspect;
    T::Currency::balance_on_hold(&HoldReason::ProviderStake.into(), owner)
}

/// Moves `amount` for transaction fees from the owner to a worker.
pub fn fund_worker<T: Config>(
    owner: &T::AccountId,
    worker: &T::AccountId,
    amount: Balance,
) -> DispatchResult {
    if amount == 0 {
        return Ok(());
    }
    let available = T::Currency::reducible_balance(owner, Preservation::Preserve, Fortitude::Polite);
    ensure!(amount <= available, Error::<T>::InsufficientBalance);
    T::Currency::transfer(owner, worker, amount, Preservation::Preserve).map(|_| ())
}

/// Moves the fee for rejoining from the owner to its beneficiary.
pub fn pay_rejoin_fee<T: Config>(owner: &T::AccountId, fee: Balance) -> DispatchResult {
    if fee == 0 {
        return Ok(());
    }
    let available = T::Currency::reducible_balance(owner, Preservation::Preserve, Fortitude::Polite);
    ensure!(fee <= available, Error::<T>::InsufficientBalance);
    T::Currency::transfer(owner, &T::RejoinBeneficiary::get(), fee, Preservation::Preserve).map(|_| ())
}

/// What the worker's spendable balance lacks to `float`.
pub fn gap_to<T: Config>(worker: &T::AccountId, float: Balance) -> Balance {
    float.saturating_sub(T::Currency::balance(worker))
}
