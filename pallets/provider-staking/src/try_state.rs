//! What must always hold; run after every test and by `try-runtime`.

use crate::{
    asset, Capability, ClassStake, Config, Owners, Pallet, PendingSlashes, Profiles, RosterKey, RosterLength,
    RosterMember, RosterOwners, RosterPosition, RosterWorkersOf, Served, TotalStake, TransportKeys, Worker,
    WorkerStatus, Workers, WorkersOf, MAX_ASK_PERMILLE, MAX_MODELS, MIN_ASK_PERMILLE,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::ensure;
use ogpu_primitives::{Balance, DeviceClass, ModelId};
use sp_runtime::TryRuntimeError;

/// What the workers of an owner add up to.
#[derive(Default)]
struct Sums {
    allotted: Balance,
    exposure: Balance,
    workers: u32,
}

impl<T: Config> Pallet<T> {
    /// Checks every invariant of this pallet.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<T::AccountId, Sums>::new();
        for (account, worker) in Workers::<T>::iter() {
            Self::check_worker(&account, &worker)?;
            let sum = sums.entry(worker.owner).or_default();
            sum.allotted = sum.allotted.saturating_add(worker.allotted);
            sum.exposure = sum.exposure.saturating_add(worker.exposure);
            sum.workers = sum.workers.saturating_add(1);
        }
        Self::check_owners(sums)?;
        Self::check_rosters()?;
        Self::check_strays()
    }

    fn check_owners(mut sums: BTreeMap<T::AccountId, Sums>) -> Result<(), TryRuntimeError> {
        let mut total: Balance = 0;
        for (account, owner) in Owners::<T>::iter() {
            total = total.saturating_add(owner.stake);
            let sum = sums.remove(&account).unwrap_or_default();
            ensure!(!owner.is_empty(), "an owner's record is empty");
            ensure!(
                asset::held_stake::<T>(&account) == owner.held(),
                "an owner's hold is not its stake and unbonding"
            );
            ensure!(
                owner.unbonding.iter().all(|chunk| chunk.amount > 0),
                "an unbonding chunk is empty"
            );
            ensure!(
                owner.allotted <= owner.stake.saturating_add(owner.slashed),
                "an owner allotted more than its stake was"
            );
            ensure!(
                owner.allotted == sum.allotted,
                "an owner's allotment is not its workers'"
            );
            ensure!(
                owner.exposure == sum.exposure,
                "an owner's exposure is not its workers'"
            );
            ensure!(
                owner.exposure <= owner.stake.saturating_add(owner.slashed),
                "an owner's exposure is above what its stake was"
            );
            ensure!(
                owner.pending == T::PendingSlashes::of(&account),
                "an owner's pending slashes are not those that wait"
            );
            ensure!(
                owner.workers == sum.workers,
                "an owner's number of workers is wrong"
            );
        }
        ensure!(sums.is_empty(), "a worker's owner has no record");
        ensure!(
            TotalStake::<T>::get() == total,
            "the total stake is not the owners'"
        );
        Ok(())
    }

    fn check_worker(account: &T::AccountId, worker: &Worker<T::AccountId>) -> Result<(), TryRuntimeError> {
        ensure!(worker.owner != *account, "a worker is its own owner");
        ensure!(
            WorkersOf::<T>::contains_key(&worker.owner, account),
            "an owner's list lacks a worker"
        );
        ensure!(
            (MIN_ASK_PERMILLE..=MAX_ASK_PERMILLE).contains(&worker.ask_permille),
            "a worker's ask is out of range"
        );

        let profile = Profiles::<T>::get(account);
        ensure!(
            worker.capability == profile.as_ref().map(Capability::of),
            "a worker's capability is not its profile's"
        );
        if let Some(profile) = profile {
            ensure!(
                TransportKeys::<T>::get(profile.network.transport_key).as_ref() == Some(account),
                "a worker's transport key is not registered to it"
            );
        }

        let models: Vec<ModelId> = Served::<T>::iter_key_prefix(account).collect();
        ensure!(
            models.len() as u32 == worker.models,
            "a worker's number of models is wrong"
        );
        ensure!(worker.models <= MAX_MODELS, "a worker serves too many models");
        ensure!(
            models.is_empty() || worker.capability.is_some(),
            "a worker without a profile serves models"
        );

        let positions = RosterPosition::<T>::iter_key_prefix(account).count() as u32;
        let expected = if worker.listed {
            worker.models.saturating_add(1)
        } else {
            0
        };
        ensure!(
            positions == expected,
            "a worker is in too many or too few rosters"
        );
        ensure!(
            !worker.listed || (worker.status == WorkerStatus::Active && worker.capability.is_some()),
            "a worker is listed that takes no jobs"
        );
        Ok(())
    }

    fn check_rosters() -> Result<(), TryRuntimeError> {
        let mut total = 0usize;
        let mut workers_of = BTreeMap::<(RosterKey, T::AccountId), u32>::new();
        let mut stakes = BTreeMap::<DeviceClass, Balance>::new();
        for (key, length) in RosterLength::<T>::iter() {
            ensure!(length > 0, "an empty roster is stored");
            total = total.saturating_add(length as usize);
            for index in 0..length {
                let account = RosterMember::<T>::get(key, index).ok_or("a roster has a gap")?;
                ensure!(
                    RosterPosition::<T>::get(&account, key) == Some(index),
                    "a roster's member is said to be elsewhere"
                );
                let worker = Workers::<T>::get(&account).ok_or("a roster has a member that is not paired")?;
                let belongs = match key {
                    RosterKey::Model(model) => Served::<T>::contains_key(&account, model),
                    RosterKey::Class(class) => worker.capability.is_some_and(|found| found.class == class),
                };
                ensure!(worker.listed && belongs, "a roster has a stale member");
                if let RosterKey::Class(class) = key {
                    let stake = stakes.entry(class).or_default();
                    *stake = stake.saturating_add(worker.allotted);
                }
                let workers = workers_of.entry((key, worker.owner)).or_default();
                *workers = workers.saturating_add(1);
            }
        }
        ensure!(
            ClassStake::<T>::iter().collect::<BTreeMap<_, _>>() == stakes,
            "a class's stake is not its workers'"
        );
        ensure!(
            RosterMember::<T>::iter_keys().count() == total,
            "members lie outside their roster"
        );
        ensure!(
            RosterPosition::<T>::iter_keys().count() == total,
            "positions outnumber the rosters' members"
        );
        Self::check_roster_owners(workers_of)
    }

    /// `workers_of` is what the rosters themselves say.
    fn check_roster_owners(
        workers_of: BTreeMap<(RosterKey, T::AccountId), u32>,
    ) -> Result<(), TryRuntimeError> {
        let mut owners = BTreeMap::<RosterKey, u32>::new();
        for (key, _) in workers_of.keys() {
            let count = owners.entry(*key).or_default();
            *count = count.saturating_add(1);
        }
        let counted: BTreeMap<_, _> = RosterWorkersOf::<T>::iter()
            .map(|(key, owner, workers)| ((key, owner), workers))
            .collect();
        ensure!(
            counted == workers_of,
            "an owner's workers in a roster are miscounted"
        );
        let counted: BTreeMap<_, _> = RosterOwners::<T>::iter().collect();
        ensure!(counted == owners, "a roster's owners are miscounted");
        Ok(())
    }

    /// Nothing is kept for accounts that are not workers. What workers have was checked with them, so counting is
    /// enough where the relation is one to one.
    fn check_strays() -> Result<(), TryRuntimeError> {
        let workers = Workers::<T>::iter_keys().count();
        ensure!(
            WorkersOf::<T>::iter_keys().count() == workers,
            "owners' lists name accounts that are not workers"
        );
        ensure!(
            Served::<T>::iter_keys().all(|(account, _)| Workers::<T>::contains_key(account)),
            "a model is served by an account that is not a worker"
        );
        ensure!(
            Profiles::<T>::iter_keys().all(Workers::<T>::contains_key),
            "a profile belongs to an account that is not a worker"
        );
        ensure!(
            TransportKeys::<T>::iter_keys().count() == Profiles::<T>::iter_keys().count(),
            "a transport key is kept that no worker uses"
        );
        Ok(())
    }
}
