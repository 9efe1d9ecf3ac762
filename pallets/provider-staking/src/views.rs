//! What the runtime API shows.

use crate::{
    Config, IdleReason, OwnerView, Owners, Pallet, Profiles, RosterKey, RosterLength, RosterMember, Served,
    Worker, WorkerStatus, WorkerView, Workers, WorkersOf,
};
use alloc::vec::Vec;
use ogpu_primitives::{device::DEVICE_CLASSES, DeviceClass, ModelId};
use sp_runtime::traits::Get;

/// Most workers in one answer.
const MAX_LISTED: u32 = 100;

impl<T: Config> Pallet<T> {
    /// All about a worker.
    pub fn worker_view(account: T::AccountId) -> Option<WorkerView<T::AccountId>> {
        let worker = Workers::<T>::get(&account)?;
        let idle = Self::idle_reason_of(&worker);
        Some(WorkerView {
            profile: Profiles::<T>::get(&account),
            models: Served::<T>::iter_key_prefix(&account).collect(),
            float_gap: Self::float_gap(&account),
            worker: account,
            owner: worker.owner,
            allotted: worker.allotted,
            status: worker.status,
            capability: worker.capability,
            ask_permille: worker.ask_permille,
            used_slots: worker.used_slots,
            exposure: worker.exposure,
            strikes: worker.strikes,
            reputation_permille: worker.reputation_permille,
            paired_at: worker.paired_at,
            idle,
        })
    }

    /// All about an owner.
    pub fn owner_view(account: T::AccountId) -> Option<OwnerView<T::AccountId>> {
        let owner = Owners::<T>::get(&account)?;
        Some(OwnerView {
            withdrawable: Self::withdrawable(&owner),
            exposure_room: Self::exposure_room(&owner),
            worker_accounts: WorkersOf::<T>::iter_key_prefix(&account)
                .take(MAX_LISTED as usize)
                .collect(),
            stake: owner.stake,
            allotted: owner.allotted,
            unbonding: owner.unbonding.into_inner(),
            exposure: owner.exposure,
            workers: owner.workers,
        })
    }

    /// The listed workers of a model, or of all device classes, from the `start`-th on; at most 100.
    pub fn providers(model: Option<ModelId>, start: u32, limit: u32) -> Vec<WorkerView<T::AccountId>> {
        let keys: Vec<RosterKey> = match model {
            Some(model) => Vec::from([RosterKey::Model(model)]),
            None => (0..DEVICE_CLASSES)
                .map(|class| RosterKey::Class(DeviceClass(class)))
                .collect(),
        };
        let limit = limit.min(MAX_LISTED) as usize;
        let mut skip = start;
        let mut views = Vec::new();
        for key in keys {
            let length = RosterLength::<T>::get(key);
            let missing = limit.saturating_sub(views.len());
            let page = (skip.min(length)..length).take(missing);
            let accounts = page.filter_map(|index| RosterMember::<T>::get(key, index));
            views.extend(accounts.filter_map(Self::worker_view));
            skip = skip.saturating_sub(length);
        }
        views
    }

    /// Why a worker gets no jobs; `None` when nothing is in the way and it only waits for one.
    pub fn idle_reason(account: &T::AccountId) -> Option<IdleReason> {
        match Workers::<T>::get(account) {
            Some(worker) => Self::idle_reason_of(&worker),
            None => Some(IdleReason::NotPaired),
        }
    }

    fn idle_reason_of(worker: &Worker<T::AccountId>) -> Option<IdleReason> {
        let minimum = T::MinWorkerStake::get();
        let owner = Owners::<T>::get(&worker.owner)?;
        match worker.status {
            WorkerStatus::Jailed => {
                return Some(IdleReason::Jailed {
                    rejoin_fee: T::RejoinFee::get(),
                })
            }
            WorkerStatus::Draining => return Some(IdleReason::Draining),
            WorkerStatus::Active => {}
        }
        if worker.capability.is_none() {
            Some(IdleReason::NoProfile)
        } else if owner.backed(worker.allotted) < minimum {
            Some(IdleReason::AllotmentTooLow { minimum })
        } else if worker.models == 0 {
            Some(IdleReason::NoModel)
        } else if !worker.listed {
            Some(IdleReason::Unlisted)
        } else if worker.free_slots() == 0 {
            Some(IdleReason::SlotsFull)
        } else {
            (Self::exposure_room(&owner) == 0).then_some(IdleReason::ExposureFull)
        }
    }
}
