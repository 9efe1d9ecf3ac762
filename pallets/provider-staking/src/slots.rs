//! Work that siblings give to workers: slots and exposure.

use crate::{Config, Error, Owner, Owners, Pallet, Served, Worker, Workers};
use frame_support::{defensive, ensure};
use ogpu_primitives::{Balance, Candidate, ModelId};
use sp_runtime::{ArithmeticError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// What matching needs to know of a worker; `None` when it is not paired or has no profile.
    pub fn candidate(account: &T::AccountId, model: &ModelId) -> Option<Candidate<T::AccountId>> {
        let worker = Workers::<T>::get(account)?;
        let owner = Owners::<T>::get(&worker.owner)?;
        let serves = Served::<T>::contains_key(account, model);
        Self::to_candidate(account.clone(), &worker, &owner, serves)
    }

    pub(crate) fn to_candidate(
        account: T::AccountId,
        worker: &Worker<T::AccountId>,
        owner: &Owner,
        serves: bool,
    ) -> Option<Candidate<T::AccountId>> {
        let capability = worker.capability?;
        Some(Candidate {
            worker: account,
            owner: worker.owner.clone(),
            class: capability.class,
            max_vram_mib: capability.max_vram_mib,
            region: capability.region,
            ask_permille: worker.ask_permille,
            reputation_permille: worker.reputation_permille,
            slots: capability.slots,
            free_slots: worker.free_slots(),
            exposure_room: Self::exposure_room(owner),
            throughput_gmac_s: capability.throughput_gmac_s,
            // The roster may lag behind a minimum stake that was raised, and behind a slash that was decided; this does not.
            serving: serves && worker.listed && Self::is_eligible(worker, owner),
        })
    }

    /// Takes a slot of a worker for work that pays at most `exposure` planck.
    ///
    /// Nothing is written on an error, so that hooks need no storage layer around it.
    pub fn reserve(account: &T::AccountId, exposure: Balance) -> DispatchResult {
        let mut worker = Workers::<T>::get(account).ok_or(Error::<T>::NotAWorker)?;
        let mut owner = Owners::<T>::get(&worker.owner).ok_or(Error::<T>::NotAnOwner)?;
        ensure!(
            worker.listed && Self::is_eligible(&worker, &owner),
            Error::<T>::NotListed
        );
        ensure!(worker.free_slots() > 0, Error::<T>::NoFreeSlot);
        ensure!(
            exposure <= Self::exposure_room(&owner),
            Error::<T>::ExposureTooHigh
        );
        worker.used_slots = worker
            .used_slots
            .checked_add(1)
            .ok_or(ArithmeticError::Overflow)?;
        worker.exposure = worker
            .exposure
            .checked_add(exposure)
            .ok_or(ArithmeticError::Overflow)?;
        owner.exposure = owner
            .exposure
            .checked_add(exposure)
            .ok_or(ArithmeticError::Overflow)?;
        Owners::<T>::insert(&worker.owner, owner);
        Workers::<T>::insert(account, worker);
        Ok(())
    }

    /// Gives a slot back that was reserved: the work is done or given up. Its exposure stays until
    /// [`Pallet::release_exposure`], so that a worker can take the next job while its last result is checked.
    ///
    /// If all slots were taken, those who wait for the next [`crate::SUPPLY_NOTICES`] models of the worker are
    /// told. A worker without a used slot is left alone.
    pub fn free_slot(account: &T::AccountId) {
        let Some(mut worker) = Workers::<T>::get(account) else {
            defensive!("a worker with a reserved slot is paired");
            return;
        };
        let Some(used) = worker.used_slots.checked_sub(1) else {
            defensive!("a freed slot was reserved");
            return;
        };
        let was_full = worker.free_slots() == 0;
        worker.used_slots = used;
        Workers::<T>::insert(account, worker);
        if was_full {
            Self::tell_of_slot(account);
        }
    }

    /// Gives back `exposure` planck that were reserved with a slot: the work is settled or refunded.
    ///
    /// Room that opened is news: those who wait for the next [`crate::SUPPLY_NOTICES`] models of the worker are
    /// told, if it can take a job. Other workers of its owner are not looked for; there may be any number.
    ///
    /// No more leaves than the worker has, so that a mistaken caller can never free what covers other workers'
    /// work.
    pub fn release_exposure(account: &T::AccountId, exposure: Balance) {
        let Some(mut worker) = Workers::<T>::get(account) else {
            defensive!("a worker with exposure is paired");
            return;
        };
        let freed = exposure.min(worker.exposure);
        worker.exposure = worker.exposure.saturating_sub(freed);
        Owners::<T>::mutate_extant(&worker.owner, |owner| {
            owner.exposure = owner.exposure.saturating_sub(freed);
        });
        Workers::<T>::insert(account, worker);
        if freed > 0 {
            Self::tell_of_slot(account);
        }
    }
}
