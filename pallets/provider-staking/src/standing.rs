//! Draining, strikes, jail and the way back.

use crate::{asset, roster::Change, Config, Error, Event, Owners, Pallet, Worker, WorkerStatus, Workers};
use frame_support::ensure;
use ogpu_primitives::Offence;
use sp_runtime::{traits::Get, DispatchError};

impl<T: Config> Pallet<T> {
    /// Implements [`Pallet::drain`].
    pub(crate) fn do_drain(caller: T::AccountId, account: T::AccountId) -> Result<Change, DispatchError> {
        let mut worker = Self::worker_for(&caller, &account)?;
        match worker.status {
            WorkerStatus::Active => worker.status = WorkerStatus::Draining,
            WorkerStatus::Draining => return Err(Error::<T>::AlreadyDraining.into()),
            WorkerStatus::Jailed => return Err(Error::<T>::WorkerJailed.into()),
        }
        let change = Self::save_and_list(&account, worker);
        Self::deposit_event(Event::Draining { worker: account });
        Ok(change)
    }

    /// Implements [`Pallet::resume`].
    pub(crate) fn do_resume(caller: T::AccountId, account: T::AccountId) -> Result<Change, DispatchError> {
        let mut worker = Self::worker_for(&caller, &account)?;
        match worker.status {
            WorkerStatus::Draining => worker.status = WorkerStatus::Active,
            // The minimum stake was lowered, or it was raised, or stake was slashed or will be: the rosters follow.
            WorkerStatus::Active if worker.listed != Self::may_be_listed(&worker) => {}
            WorkerStatus::Active => return Err(Error::<T>::AlreadyActive.into()),
            WorkerStatus::Jailed => return Err(Error::<T>::WorkerJailed.into()),
        }
        let change = Self::save_and_list(&account, worker);
        Self::deposit_event(Event::Resumed { worker: account });
        Ok(change)
    }

    /// [`Self::is_eligible`], with the owner's record read for it.
    pub(crate) fn may_be_listed(worker: &Worker<T::AccountId>) -> bool {
        // A worker's owner has a record.
        Owners::<T>::get(&worker.owner).is_some_and(|owner| Self::is_eligible(worker, &owner))
    }

    /// Sets a worker's reputation in 1/1000, at most 1000. An account that is no worker is left alone.
    pub fn set_reputation(account: &T::AccountId, permille: u16) {
        Workers::<T>::mutate_extant(account, |worker| {
            worker.reputation_permille = permille.min(1_000);
        });
    }

    /// Implements [`Pallet::rejoin`].
    pub(crate) fn do_rejoin(caller: T::AccountId, account: T::AccountId) -> Result<Change, DispatchError> {
        let mut worker = Self::worker_of(&caller, &account)?;
        ensure!(worker.status == WorkerStatus::Jailed, Error::<T>::NotJailed);
        let fee = T::RejoinFee::get();
        asset::pay_rejoin_fee::<T>(&caller, fee)?;
        worker.status = WorkerStatus::Active;
        worker.strikes = 0;
        let change = Self::save_and_list(&account, worker);
        Self::deposit_event(Event::Rejoined { worker: account, fee });
        Ok(change)
    }

    /// Counts a missed duty against a worker and jails it when it has too many.
    ///
    /// Jobs that it has go on. An account that is no worker is left alone. Returns the number of models whose
    /// rosters it left, for the caller's weight.
    pub fn strike(account: &T::AccountId, offence: Offence) -> u32 {
        let Some(mut worker) = Workers::<T>::get(account) else {
            return 0;
        };
        worker.strikes = worker.strikes.saturating_add(1);
        let strikes = worker.strikes;
        let jailed = strikes >= Self::max_strikes() && worker.status != WorkerStatus::Jailed;
        if jailed {
            worker.status = WorkerStatus::Jailed;
        }
        // Jail alone moves it: a worker that may join the rosters again is not listed by a strike.
        let moved = if jailed {
            Self::unlist(account, &mut worker)
        } else {
            0
        };
        Workers::<T>::insert(account, worker);
        Self::deposit_event(Event::Struck {
            worker: account.clone(),
            offence,
            strikes,
        });
        if jailed {
            Self::deposit_event(Event::Jailed {
                worker: account.clone(),
            });
        }
        moved
    }

    /// Takes a strike off a worker for a settled job. It does not open the jail.
    pub fn succeeded(account: &T::AccountId) {
        let Some(mut worker) = Workers::<T>::get(account) else {
            return;
        };
        if worker.strikes == 0 {
            return;
        }
        worker.strikes = worker.strikes.saturating_sub(1);
        Workers::<T>::insert(account, worker);
    }

    /// Strikes at which a worker is jailed.
    pub(crate) fn max_strikes() -> u8 {
        T::MaxStrikes::get().clamp(1, u32::from(u8::MAX)) as u8
    }
}
