//! Every touch of the currency.

use crate::{Config, Deactivated, Pallet, Pot, SupplyView};
use frame_support::traits::{
    fungible::{Balanced, Credit, Debt, Inspect, Mutate, Unbalanced},
    tokens::{Fortitude, Preservation, Provenance},
    Get, Imbalance,
};
use ogpu_primitives::Balance;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// All tokens there are, in planck.
    pub(crate) fn total_issuance() -> Balance {
        T::Currency::total_issuance()
    }

    /// The existential deposit, in planck.
    pub(crate) fn existential_deposit() -> Balance {
        T::Currency::minimum_balance()
    }

    /// All that a pot holds, in planck.
    pub fn pot_balance(pot: Pot) -> Balance {
        T::Currency::total_balance(&Self::account(pot))
    }

    /// What a pot can pay without falling below its existential deposit, in planck.
    pub(crate) fn payable(pot: Pot) -> Balance {
        T::Currency::reducible_balance(&Self::account(pot), Preservation::Preserve, Fortitude::Polite)
    }

    /// Moves up to `amount` planck between pots and returns what was moved, which is what the caller may
    /// promise to others.
    pub(crate) fn move_between(from: Pot, to: Pot, amount: Balance) -> Balance {
        let amount = amount.min(Self::payable(from));
        if amount == 0 {
            return 0;
        }
        T::Currency::transfer(
            &Self::account(from),
            &Self::account(to),
            amount,
            Preservation::Preserve,
        )
        .unwrap_or(0)
    }

    /// Pays up to `amount` planck from the audit fund, which keeps its existential deposit, and returns what was
    /// paid: less where the fund has less, nothing where it cannot reach `to`, whose balance would stay below the
    /// existential deposit. Never fails, so that no verdict waits for money.
    pub fn pay_from_audit_fund(to: &T::AccountId, amount: Balance) -> Balance {
        let amount = amount.min(Self::payable(Pot::AuditFund));
        if amount == 0 {
            return 0;
        }
        T::Currency::transfer(&Self::audit_fund_account(), to, amount, Preservation::Preserve).unwrap_or(0)
    }

    /// Moves exactly `amount` planck from an account, which is kept alive, to a pot.
    pub(crate) fn pay_pot(from: &T::AccountId, pot: Pot, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        T::Currency::transfer(from, &Self::account(pot), amount, Preservation::Preserve).map(|_| ())
    }

    /// Moves exactly `amount` planck from an account, which is kept alive, to the treasury. A treasury that
    /// cannot take so little, because it is empty, leaves it to the fee pot: a settlement must not fail for it.
    pub(crate) fn pay_treasury(from: &T::AccountId, amount: Balance) -> DispatchResult {
        let treasury = T::Treasury::get();
        if T::Currency::can_deposit(&treasury, amount, Provenance::Extant)
            .into_result()
            .is_err()
        {
            return Self::pay_pot(from, Pot::Fees, amount);
        }
        if amount == 0 {
            return Ok(());
        }
        T::Currency::transfer(from, &treasury, amount, Preservation::Preserve).map(|_| ())
    }

    /// Settles as much of a debt as a pot can pay. Returns what was paid, in planck, and the rest of the debt.
    pub(crate) fn settle_from(
        pot: Pot,
        debt: Debt<T::AccountId, T::Currency>,
    ) -> (Balance, Debt<T::AccountId, T::Currency>) {
        let (part, rest) = debt.split(Self::payable(pot));
        let amount = part.peek();
        if amount == 0 {
            return (0, rest.merge(part));
        }
        match T::Currency::settle(&Self::account(pot), part, Preservation::Preserve) {
            Ok(change) => {
                // Nothing is left over while the pot is preserved; if something ever is, it stays in the pot.
                if change.peek() > 0 {
                    Self::resolve_into(pot, change);
                }
                (amount, rest)
            }
            Err(part) => (0, rest.merge(part)),
        }
    }

    /// Puts a credit into a pot.
    pub(crate) fn resolve_into(pot: Pot, credit: Credit<T::AccountId, T::Currency>) {
        if let Err(credit) = T::Currency::resolve(&Self::account(pot), credit) {
            // A dropped credit burns; pots exist for ever, so this needs an overflow of the balance.
            frame_support::defensive!("a pot refused a credit");
            drop(credit);
        }
    }

    /// Puts a credit into the treasury, or into the fee pot where the treasury cannot take so little.
    pub(crate) fn resolve_into_treasury(credit: Credit<T::AccountId, T::Currency>) {
        if let Err(credit) = T::Currency::resolve(&T::Treasury::get(), credit) {
            Self::resolve_into(Pot::Fees, credit);
        }
    }

    /// Brings inactive issuance in line with what the pots hold now.
    pub(crate) fn sync_inactive() {
        let held = Pot::ALL
            .iter()
            .fold(0, |sum: Balance, pot| sum.saturating_add(Self::pot_balance(*pot)));
        Deactivated::<T>::mutate(|deactivated| {
            if held > *deactivated {
                T::Currency::deactivate(held.saturating_sub(*deactivated));
            } else if held < *deactivated {
                T::Currency::reactivate(deactivated.saturating_sub(held));
            }
            *deactivated = held;
        });
    }

    /// Where the supply is, as the runtime API tells it.
    pub fn supply() -> SupplyView {
        SupplyView {
            total: Self::total_issuance(),
            reserve: Self::pot_balance(Pot::Reserve),
            staking_pot: Self::pot_balance(Pot::Staking),
            fee_pot: Self::pot_balance(Pot::Fees),
            audit_fund: Self::pot_balance(Pot::AuditFund),
        }
    }
}
