//! Owners and their workers.

use crate::{
    asset, roster::Change, Config, Error, Event, Owners, Pallet, Profiles, Served, TransportKeys, Worker,
    WorkerStatus, Workers, WorkersOf, DEFAULT_ASK_PERMILLE, MAX_MODELS, STARTING_REPUTATION_PERMILLE,
};
use frame_support::{defensive, ensure};
use frame_system::pallet_prelude::BlockNumberFor;
use ogpu_primitives::{pairing::pairing_message, traits::Clock, Balance, ModelId};
use sp_runtime::{
    traits::{Get, Verify, Zero},
    ArithmeticError, DispatchError, DispatchResult,
};

impl<T: Config> Pallet<T> {
    /// Implements [`Pallet::pair`].
    pub(crate) fn do_pair(
        owner: T::AccountId,
        account: T::AccountId,
        proof: T::Signature,
        allotment: Balance,
    ) -> DispatchResult {
        ensure!(owner != account, Error::<T>::OwnerIsWorker);
        ensure!(!Workers::<T>::contains_key(&account), Error::<T>::AlreadyPaired);
        ensure!(allotment >= T::MinWorkerStake::get(), Error::<T>::AllotmentTooLow);
        let mut record = Owners::<T>::get(&owner).ok_or(Error::<T>::NotAnOwner)?;
        ensure!(allotment <= record.free_stake(), Error::<T>::StakeAllotted);
        // Last, because it costs the most.
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let message = pairing_message(genesis.as_ref(), &owner);
        ensure!(proof.verify(&message[..], &account), Error::<T>::BadPairingProof);

        record.allotted = record
            .allotted
            .checked_add(allotment)
            .ok_or(ArithmeticError::Overflow)?;
        record.workers = record.workers.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        // A new worker never begins in jail: the rest waits for the next one.
        let strikes = record.strikes.min(Self::max_strikes().saturating_sub(1));
        record.strikes = record.strikes.saturating_sub(strikes);
        Owners::<T>::insert(&owner, record);
        Workers::<T>::insert(
            &account,
            Worker {
                owner: owner.clone(),
                allotted: allotment,
                status: WorkerStatus::Active,
                capability: None,
                ask_permille: DEFAULT_ASK_PERMILLE,
                used_slots: 0,
                exposure: 0,
                models: 0,
                strikes,
                reputation_permille: STARTING_REPUTATION_PERMILLE,
                paired_at: T::Clock::now(),
                free_profile_at: None,
                listed: false,
                notice_cursor: ModelId::zero(),
            },
        );
        WorkersOf::<T>::insert(&owner, &account, ());
        // Without it, a hot key that spends its last planck is reaped: its nonce starts again at zero and old
        // transactions could be sent once more.
        frame_system::Pallet::<T>::inc_providers(&account);
        asset::fund_worker::<T>(&owner, &account, Self::float_gap(&account))?;
        Self::deposit_event(Event::Paired {
            owner,
            worker: account,
            allotted: allotment,
        });
        Ok(())
    }

    /// Implements [`Pallet::unpair`]; returns the number of models that the worker served.
    pub(crate) fn do_unpair(caller: T::AccountId, account: T::AccountId) -> Result<u32, DispatchError> {
        let mut worker = Self::worker_for(&caller, &account)?;
        // Else leaving and coming back would be a way round the fee.
        ensure!(worker.status != WorkerStatus::Jailed, Error::<T>::WorkerJailed);
        ensure!(
            worker.used_slots == 0 && worker.exposure == 0,
            Error::<T>::WorkerBusy
        );
        let models = worker.models;

        Self::unlist(&account, &mut worker);
        // At most MAX_MODELS entries, so that one pass takes them all.
        let _ = Served::<T>::clear_prefix(&account, MAX_MODELS, None);
        if let Some(profile) = Profiles::<T>::take(&account) {
            TransportKeys::<T>::remove(profile.network.transport_key);
        }
        Workers::<T>::remove(&account);
        WorkersOf::<T>::remove(&worker.owner, &account);
        match Owners::<T>::get(&worker.owner) {
            Some(mut record) => {
                record.allotted = record.allotted.saturating_sub(worker.allotted);
                record.workers = record.workers.saturating_sub(1);
                record.strikes = record.strikes.saturating_add(worker.strikes);
                // A slash may have taken everything before.
                if record.is_empty() {
                    Owners::<T>::remove(&worker.owner);
                } else {
                    Owners::<T>::insert(&worker.owner, record);
                }
            }
            None => {
                defensive!("a worker's owner has a record");
            }
        }
        // Fails only while something else of the account's needs it to live; it then lives on, to nobody's harm,
        // whereas failing here would let a stolen hot key chain its owner.
        let _ = frame_system::Pallet::<T>::dec_providers(&account);
        Self::deposit_event(Event::Unpaired {
            owner: worker.owner,
            worker: account,
        });
        Ok(models)
    }

    /// Implements [`Pallet::allot`].
    pub(crate) fn do_allot(
        caller: T::AccountId,
        account: T::AccountId,
        amount: Balance,
    ) -> Result<Change, DispatchError> {
        let mut worker = Self::worker_of(&caller, &account)?;
        ensure!(amount >= T::MinWorkerStake::get(), Error::<T>::AllotmentTooLow);
        let mut record = Owners::<T>::get(&caller).ok_or(Error::<T>::NotAnOwner)?;
        let others = record.allotted.saturating_sub(worker.allotted);
        let allotted = others.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
        // After a slash more may be allotted than there is; then an allotment can only be made smaller.
        ensure!(
            allotted <= record.stake || amount < worker.allotted,
            Error::<T>::StakeAllotted
        );
        if let Some(capability) = worker.capability.filter(|_| worker.listed) {
            Self::change_class_stake(capability.class, worker.allotted, amount);
        }
        record.allotted = allotted;
        worker.allotted = amount;
        Owners::<T>::insert(&caller, record);
        let change = Self::save_and_list(&account, worker);
        Self::deposit_event(Event::Allotted {
            worker: account,
            allotted: amount,
        });
        Ok(change)
    }

    /// Implements [`Pallet::top_up`].
    pub(crate) fn do_top_up(caller: T::AccountId, account: T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        Self::worker_of(&caller, &account)?;
        asset::fund_worker::<T>(&caller, &account, amount)?;
        Self::deposit_event(Event::ToppedUp {
            worker: account,
            amount,
        });
        Ok(())
    }

    /// The owner of a paired worker.
    pub fn owner_of(worker: &T::AccountId) -> Option<T::AccountId> {
        Workers::<T>::get(worker).map(|worker| worker.owner)
    }

    /// What the worker's account lacks to the float for fees, in planck; zero when it has enough.
    pub fn float_gap(worker: &T::AccountId) -> Balance {
        asset::gap_to::<T>(worker, T::WorkerFloat::get())
    }

    /// The worker, when `caller` is its owner.
    pub(crate) fn worker_of(
        caller: &T::AccountId,
        account: &T::AccountId,
    ) -> Result<Worker<T::AccountId>, DispatchError> {
        let worker = Workers::<T>::get(account).ok_or(Error::<T>::NotAWorker)?;
        ensure!(worker.owner == *caller, Error::<T>::NotYourWorker);
        Ok(worker)
    }

    /// The worker, when `caller` is its owner or itself.
    pub(crate) fn worker_for(
        caller: &T::AccountId,
        account: &T::AccountId,
    ) -> Result<Worker<T::AccountId>, DispatchError> {
        let worker = Workers::<T>::get(account).ok_or(Error::<T>::NotAWorker)?;
        ensure!(
            worker.owner == *caller || account == caller,
            Error::<T>::NotYourWorker
        );
        Ok(worker)
    }
}
