//! Stake in and out, and what it covers.

use crate::{asset, Config, Error, Event, Owner, Owners, Pallet, PendingSlashes, TotalStake, UnbondingChunk};
use frame_support::ensure;
use ogpu_primitives::{traits::Clock, Balance};
use sp_runtime::{traits::Get, ArithmeticError, DispatchResult, Permill};

impl<T: Config> Pallet<T> {
    /// Implements [`Pallet::stake`].
    pub(crate) fn do_stake(owner: T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        // A slash may wait that its stake of before was too little for.
        let mut record = Owners::<T>::get(&owner).unwrap_or_else(|| Owner {
            pending: T::PendingSlashes::of(&owner),
            ..Owner::default()
        });
        record.stake = record
            .stake
            .checked_add(amount)
            .ok_or(ArithmeticError::Overflow)?;
        // Also keeps dust from buying storage.
        ensure!(record.stake >= T::MinWorkerStake::get(), Error::<T>::StakeTooLow);
        asset::hold_stake::<T>(&owner, amount)?;
        let stake = record.stake;
        Self::add_to_total(amount);
        Owners::<T>::insert(&owner, record);
        Self::deposit_event(Event::Staked { owner, amount, stake });
        Ok(())
    }

    /// Implements [`Pallet::unstake`].
    pub(crate) fn do_unstake(owner: T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let mut record = Owners::<T>::get(&owner).ok_or(Error::<T>::NotAnOwner)?;
        let rest = record
            .stake
            .checked_sub(amount)
            .ok_or(Error::<T>::InsufficientStake)?;
        ensure!(record.allotted <= rest, Error::<T>::StakeAllotted);
        ensure!(
            record.exposure <= Self::exposure_limit(rest.saturating_sub(record.pending)),
            Error::<T>::StakeExposed
        );
        ensure!(
            rest == 0 || rest >= T::MinWorkerStake::get(),
            Error::<T>::StakeTooLow
        );

        let until = T::Clock::now().saturating_add(T::UnbondingTicks::get());
        match record.unbonding.iter_mut().find(|chunk| chunk.until == until) {
            Some(chunk) => chunk.amount = chunk.amount.saturating_add(amount),
            None => record
                .unbonding
                .try_push(UnbondingChunk { amount, until })
                .map_err(|_| Error::<T>::TooManyChunks)?,
        }
        record.stake = rest;
        Self::take_from_total(amount);
        Owners::<T>::insert(&owner, record);
        Self::deposit_event(Event::Unstaked { owner, amount, until });
        Ok(())
    }

    /// Implements [`Pallet::withdraw`].
    pub(crate) fn do_withdraw(owner: T::AccountId) -> DispatchResult {
        let mut record = Owners::<T>::get(&owner).ok_or(Error::<T>::NotAnOwner)?;
        let amount = Self::withdrawable(&record);
        ensure!(amount > 0, Error::<T>::NothingToWithdraw);
        let now = T::Clock::now();
        record.unbonding.retain(|chunk| chunk.until > now);
        asset::release_stake::<T>(&owner, amount)?;
        if record.is_empty() {
            Owners::<T>::remove(&owner);
        } else {
            Owners::<T>::insert(&owner, record);
        }
        Self::deposit_event(Event::Withdrawn { owner, amount });
        Ok(())
    }

    /// The owner's active stake in planck.
    pub fn owner_stake(owner: &T::AccountId) -> Balance {
        Owners::<T>::get(owner).map_or(0, |owner| owner.stake)
    }

    /// What of the owner's active stake covers work, in planck: all but what slashes that wait will take.
    pub fn covering_stake(owner: &T::AccountId) -> Balance {
        Owners::<T>::get(owner).map_or(0, |owner| owner.covering())
    }

    /// All that a slash can reach of an owner in planck: active stake, and stake on its way out.
    pub fn owner_held(owner: &T::AccountId) -> Balance {
        Owners::<T>::get(owner).map_or(0, |owner| owner.held())
    }

    /// Active stake of all owners in planck.
    pub fn total_stake() -> Balance {
        TotalStake::<T>::get()
    }

    /// Slashes that wait will take `amount` planck of the owner's stake at most: so much of it covers nothing more. An
    /// account without stake is left alone.
    ///
    /// Rosters stay as they are, as after a slash: draws and [`Pallet::reserve`] go by the owner's record.
    pub fn set_pending(owner: &T::AccountId, amount: Balance) {
        Owners::<T>::mutate_extant(owner, |owner| owner.pending = amount);
    }

    pub(crate) fn add_to_total(amount: Balance) {
        TotalStake::<T>::mutate(|total| *total = total.saturating_add(amount));
    }

    pub(crate) fn take_from_total(amount: Balance) {
        TotalStake::<T>::mutate(|total| *total = total.saturating_sub(amount));
    }

    /// What has finished unbonding, in planck.
    pub(crate) fn withdrawable(owner: &Owner) -> Balance {
        let now = T::Clock::now();
        owner
            .unbonding
            .iter()
            .filter(|chunk| chunk.until <= now)
            .fold(0, |sum: Balance, chunk| sum.saturating_add(chunk.amount))
    }

    /// The most unsettled work that `stake` covers, in planck.
    pub(crate) fn exposure_limit(stake: Balance) -> Balance {
        Permill::from_parts(T::ExposureShare::get()).mul_floor(stake)
    }

    /// How much more unsettled work the owner's stake covers, in planck.
    pub(crate) fn exposure_room(owner: &Owner) -> Balance {
        Self::exposure_limit(owner.covering()).saturating_sub(owner.exposure)
    }
}
