//! The only file that touches currency. Everything else moves money by intent.

use super::*;
use frame_support::{
    defensive,
    pallet_prelude::*,
    traits::{
        fungible::{Inspect, InspectHold, MutateHold},
        tokens::{Fortitude, Precision, Preservation, Restriction},
    },
};
use ogpu_primitives::Balance;

impl<T: Config> Pallet<T> {
    /// Holds a challenge's fee or a demand's bond.
    pub(crate) fn put_up(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
        let free = T::Currency::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
        ensure!(free >= amount, Error::<T>::InsufficientBalance);
        if amount == 0 {
            return Ok(());
        }
        T::Currency::hold(&reason.into(), who, amount)
    }

    /// Gives back what was put up.
    pub(crate) fn give_back(reason: HoldReason, who: &T::AccountId, amount: Balance) {
        if amount == 0 {
            return;
        }
        // All that this pallet holds of an account is on record, so the hold covers it.
        let released = T::Currency::release(&reason.into(), who, amount, Precision::BestEffort);
        if released != Ok(amount) {
            defensive!("what was put up is held");
        }
    }

    /// Moves what was put up by `from` to `to`; given back where `to` cannot take it.
    pub(crate) fn forfeit(reason: HoldReason, from: &T::AccountId, to: &T::AccountId, amount: Balance) {
        if amount == 0 {
            return;
        }
        let moved = T::Currency::transfer_on_hold(
            &reason.into(),
            from,
            to,
            amount,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Force,
        );
        if moved.is_err() {
            Self::give_back(reason, from, amount);
        }
    }

    /// What is held of `who`, in planck.
    pub fn held(reason: HoldReason, who: &T::AccountId) -> Balance {
        T::Currency::balance_on_hold(&reason.into(), who)
    }
}
