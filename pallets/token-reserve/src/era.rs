//! Pay of validators and nominators, without minting.

use crate::{Config, Event, Pallet, Pot, WeightInfo};
use core::marker::PhantomData;
use frame_support::{
    dispatch::DispatchClass,
    traits::{fungible::Debt, Get, Imbalance, OnUnbalanced},
};
use ogpu_primitives::{supply::era_budget, Balance};

impl<T: Config> Pallet<T> {
    /// Moves the pay of the ending era into the staking pot and returns what was moved, in planck.
    pub fn fund_era() -> Balance {
        let era = T::EraIndex::get();
        let budget = era_budget(era, T::EraBudget::get(), T::HalvingEras::get());
        let from_reserve = Self::move_between(Pot::Reserve, Pot::Staking, budget);
        let from_fees = Self::move_between(Pot::Fees, Pot::Staking, Self::payable(Pot::Fees));
        Self::sync_inactive();
        Self::deposit_event(Event::EraFunded {
            era,
            from_reserve,
            from_fees,
        });
        from_reserve.saturating_add(from_fees)
    }

    /// Settles a claim of stakers: from the staking pot, then from the reserve, then from the fee pot.
    fn pay_claim(debt: Debt<T::AccountId, T::Currency>) {
        let (_, mut debt) = Self::settle_from(Pot::Staking, debt);
        for pot in [Pot::Reserve, Pot::Fees] {
            if debt.peek() == 0 {
                break;
            }
            let (amount, rest) = Self::settle_from(pot, debt);
            if amount > 0 {
                Self::deposit_event(Event::ClaimCovered { pot, amount });
            }
            debt = rest;
        }
        if debt.peek() > 0 {
            Self::deposit_event(Event::ClaimUncovered { amount: debt.peek() });
            frame_support::defensive!("no pot can carry a claim of stakers");
        }
        drop(debt);
        Self::sync_inactive();
    }
}

impl<T: Config> sp_staking::EraPayout<Balance> for Pallet<T> {
    /// The remainder is always zero: staking would *issue* it.
    fn era_payout(_staked: Balance, _issuance: Balance, _era_millis: u64) -> (Balance, Balance) {
        // Staking's own weight of an era's end knows nothing of this work.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            T::WeightInfo::fund_era(),
            DispatchClass::Mandatory,
        );
        (Self::fund_era(), 0)
    }
}

/// Staking's `Reward` handler: pays claims out of the pots instead of minting them.
pub struct PayFromPot<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<Debt<T::AccountId, T::Currency>> for PayFromPot<T> {
    fn on_nonzero_unbalanced(debt: Debt<T::AccountId, T::Currency>) {
        Pallet::<T>::pay_claim(debt);
    }
}
