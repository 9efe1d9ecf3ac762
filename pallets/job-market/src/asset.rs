//! The only file that touches currency. Everything else moves money by intent.

use super::*;
use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{Inspect, InspectHold, Mutate, MutateHold},
        tokens::{Fortitude, Preservation},
    },
};
use ogpu_primitives::Balance;
use sp_runtime::traits::AccountIdConversion;

impl<T: Config> Pallet<T> {
    /// The account that holds every job's escrow.
    pub fn pot_account() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// What lies in the pot, in planck.
    pub fn pot_balance() -> Balance {
        T::Currency::total_balance(&Self::pot_account())
    }

    /// The least balance of an account, in planck.
    #[cfg(any(feature = "std", feature = "try-runtime"))]
    pub(crate) fn existential_deposit() -> Balance {
        T::Currency::minimum_balance()
    }

    /// Moves a job's maximum price from its client to the pot.
    ///
    /// A plain transfer, not a hold: tokens that are locked in a vote cannot be spent, so nobody can block a
    /// settlement by locking what was promised.
    pub(crate) fn escrow(client: &T::AccountId, amount: Balance) -> DispatchResult {
        let spendable = |force| T::Currency::reducible_balance(client, Preservation::Preserve, force);
        if spendable(Fortitude::Polite) < amount {
            let only_locked = spendable(Fortitude::Force) >= amount;
            return Err(if only_locked {
                Error::<T>::BalanceLocked
            } else {
                Error::<T>::InsufficientBalance
            }
            .into());
        }
        T::Currency::transfer(client, &Self::pot_account(), amount, Preservation::Preserve)?;
        Ok(())
    }

    /// Pays `amount` out of the pot. What cannot reach the account (its balance would stay below the
    /// existential deposit) is kept for it, to be withdrawn: no dead account blocks a settlement.
    pub(crate) fn pay(to: &T::AccountId, amount: Balance) {
        if amount == 0 {
            return;
        }
        if Self::transfer_from_pot(to, amount).is_err() {
            Earnings::<T>::mutate(to, |earnings| *earnings = earnings.saturating_add(amount));
            Self::deposit_event(Event::EarningsKept {
                who: to.clone(),
                amount,
            });
        }
    }

    /// Pays a provider: what its hot key lacks of its float, a tenth of the pay at most, and the rest to its
    /// owner, so that a stolen hot key cannot drain the earnings.
    pub(crate) fn pay_provider(worker: &T::AccountId, owner: &T::AccountId, amount: Balance) {
        let float = T::Roster::float_gap(worker).min(amount / 10);
        let floated = float > 0 && Self::transfer_from_pot(worker, float).is_ok();
        Self::pay(
            owner,
            if floated {
                amount.saturating_sub(float)
            } else {
                amount
            },
        );
    }

    /// Moves the fee shares of a split price out of the pot.
    pub(crate) fn collect_fees(split: &ogpu_primitives::FeeSplit) -> DispatchResult {
        if split.fees() == 0 {
            return Ok(());
        }
        T::FeeSink::collect(&Self::pot_account(), split)
    }

    /// Pays out all that was kept for `who`.
    pub(crate) fn do_withdraw_earnings(who: &T::AccountId) -> DispatchResult {
        let amount = Earnings::<T>::take(who);
        ensure!(amount > 0, Error::<T>::NoEarnings);
        Self::transfer_from_pot(who, amount).map_err(|_| Error::<T>::EarningsTooSmall)?;
        Self::deposit_event(Event::EarningsWithdrawn {
            who: who.clone(),
            amount,
        });
        Ok(())
    }

    /// Holds a model's deposit.
    pub(crate) fn hold_deposit(owner: &T::AccountId, amount: Balance) -> DispatchResult {
        let reason = HoldReason::ModelDeposit.into();
        let free = T::Currency::reducible_balance(owner, Preservation::Preserve, Fortitude::Polite);
        ensure!(free >= amount, Error::<T>::InsufficientDeposit);
        T::Currency::hold(&reason, owner, amount)
    }

    /// What is held of `owner` for its models, in planck.
    pub fn deposits_of(owner: &T::AccountId) -> Balance {
        T::Currency::balance_on_hold(&HoldReason::ModelDeposit.into(), owner)
    }

    fn transfer_from_pot(to: &T::AccountId, amount: Balance) -> DispatchResult {
        // `Preserve`: the pot's own endowment never leaves it.
        T::Currency::transfer(&Self::pot_account(), to, amount, Preservation::Preserve)?;
        Ok(())
    }
}
