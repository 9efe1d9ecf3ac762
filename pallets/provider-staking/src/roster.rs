//! Lists of workers to draw from, in constant time.
//!
//! A roster is an array without gaps in storage: joining appends, leaving moves the last entry into the hole. A
//! weighted draw looks at random places and accepts each with a chance of its weight over a bound (rejection
//! sampling), so that its cost depends on how many are asked for, never on how many workers there are.

use crate::{
    ClassStake, Config, Owner, Owners, Pallet, RosterKey, RosterLength, RosterMember, RosterOwners,
    RosterPosition, RosterWorkersOf, Served, SupplyChanged, Worker, WorkerStatus, Workers, SUPPLY_NOTICES,
};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use ogpu_primitives::{tagged_hash, Balance, Candidate, DeviceClass, ModelId, H256};
use sp_runtime::traits::Get;

/// Tries of a draw for each worker asked for.
const TRIES_PER_DRAWN: u32 = 2;

/// A draw from a long roster fills at least `count` / this many places, however much is rejected.
const LEAST_SHARE: u32 = 4;

/// What a call did to the rosters; for its weight.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// Rosters of models that the worker joined or left.
    pub moved: u32,
    /// Models whose waiters were told.
    pub told: u32,
}

impl<T: Config> Pallet<T> {
    /// Draws up to `count` workers that serve `model`, with what matching needs to know of them.
    ///
    /// The same seed over the same state gives the same workers. Busy workers are drawn too; matching says why
    /// it leaves them out.
    pub fn draw_for_model(model: &ModelId, seed: &H256, count: u32) -> Vec<Candidate<T::AccountId>> {
        Self::draw_workers(&RosterKey::Model(*model), seed, count)
            .into_iter()
            .filter_map(|(account, worker, owner)| Self::to_candidate(account, &worker, &owner, true))
            .collect()
    }

    /// Draws up to `count` workers from a roster, by weight.
    pub fn draw(key: &RosterKey, seed: &H256, count: u32) -> Vec<T::AccountId> {
        Self::draw_workers(key, seed, count)
            .into_iter()
            .map(|(account, _, _)| account)
            .collect()
    }

    /// Most entries that a draw of `count` workers looks at.
    pub fn draw_tries(count: u32) -> u32 {
        count.saturating_mul(TRIES_PER_DRAWN).min(T::MaxDrawTries::get())
    }

    fn draw_workers(
        key: &RosterKey,
        seed: &H256,
        count: u32,
    ) -> Vec<(T::AccountId, Worker<T::AccountId>, Owner)> {
        let tries = Self::draw_tries(count);
        let length = RosterLength::<T>::get(key);
        sample(length, seed, count, tries, T::MaxDrawWeight::get(), |index| {
            let account = RosterMember::<T>::get(key, index)?;
            let worker = Workers::<T>::get(&account)?;
            // Its stake may be less than what it allotted.
            let owner = Owners::<T>::get(&worker.owner)?;
            let weight = Self::draw_weight(&worker, &owner);
            Some(((account, worker, owner), weight))
        })
    }

    /// Weight in draws: the allotted stake, as far as the hardware justifies it. Neither splitting stake nor
    /// putting more of it behind a weak card gains anything.
    pub(crate) fn draw_weight(worker: &Worker<T::AccountId>, owner: &Owner) -> Balance {
        let throughput = worker
            .capability
            .map_or(0, |capability| capability.throughput_gmac_s);
        owner
            .backed(worker.allotted)
            .min(T::CapabilityStakeFactor::get().saturating_mul(Balance::from(throughput)))
    }

    /// Whether the worker belongs in the rosters.
    pub(crate) fn is_eligible(worker: &Worker<T::AccountId>, owner: &Owner) -> bool {
        worker.status == WorkerStatus::Active
            && worker.capability.is_some()
            && owner.backed(worker.allotted) >= T::MinWorkerStake::get()
    }

    /// Stores the worker, puts it into its rosters or takes it out as its record says, and then tells those who
    /// wait for its models if it has newly joined.
    pub(crate) fn save_and_list(account: &T::AccountId, mut worker: Worker<T::AccountId>) -> Change {
        let eligible = Self::may_be_listed(&worker);
        if eligible == worker.listed {
            Workers::<T>::insert(account, worker);
            return Change::default();
        }
        if !eligible {
            let moved = Self::unlist(account, &mut worker);
            Workers::<T>::insert(account, worker);
            return Change { moved, told: 0 };
        }
        let models: Vec<ModelId> = Served::<T>::iter_key_prefix(account).collect();
        for key in Self::roster_keys(&worker, &models) {
            Self::roster_insert(&key, account, &worker);
        }
        worker.listed = true;
        let free = worker.free_slots() > 0;
        Workers::<T>::insert(account, worker);
        let moved = models.len() as u32;
        if free {
            Self::tell(&models);
        }
        Change {
            moved,
            told: if free { moved } else { 0 },
        }
    }

    /// Takes the worker out of all rosters; the caller stores it. Returns the number of its models.
    pub(crate) fn unlist(account: &T::AccountId, worker: &mut Worker<T::AccountId>) -> u32 {
        if !worker.listed {
            return 0;
        }
        let models: Vec<ModelId> = Served::<T>::iter_key_prefix(account).collect();
        for key in Self::roster_keys(worker, &models) {
            Self::roster_remove(&key, account, worker);
        }
        worker.listed = false;
        models.len() as u32
    }

    fn roster_keys(worker: &Worker<T::AccountId>, models: &[ModelId]) -> Vec<RosterKey> {
        let class = worker
            .capability
            .map(|capability| RosterKey::Class(capability.class));
        class
            .into_iter()
            .chain(models.iter().copied().map(RosterKey::Model))
            .collect()
    }

    /// Appends the worker to a roster that it is not in.
    pub(crate) fn roster_insert(key: &RosterKey, account: &T::AccountId, worker: &Worker<T::AccountId>) {
        if RosterPosition::<T>::contains_key(account, key) {
            return;
        }
        let position = RosterLength::<T>::get(key);
        let Some(length) = position.checked_add(1) else {
            return;
        };
        RosterMember::<T>::insert(key, position, account);
        RosterPosition::<T>::insert(account, key, position);
        RosterLength::<T>::insert(key, length);
        if let RosterKey::Class(class) = key {
            Self::change_class_stake(*class, 0, worker.allotted);
        }
        let owner = &worker.owner;
        let workers = RosterWorkersOf::<T>::get(key, owner);
        if workers == 0 {
            RosterOwners::<T>::mutate(key, |owners| *owners = owners.saturating_add(1));
        }
        RosterWorkersOf::<T>::insert(key, owner, workers.saturating_add(1));
    }

    /// Takes the worker out of a roster; the last entry takes its place.
    pub(crate) fn roster_remove(key: &RosterKey, account: &T::AccountId, worker: &Worker<T::AccountId>) {
        let Some(position) = RosterPosition::<T>::take(account, key) else {
            return;
        };
        let last = RosterLength::<T>::get(key).saturating_sub(1);
        if let Some(moved) = RosterMember::<T>::take(key, last) {
            if position != last {
                RosterPosition::<T>::insert(&moved, key, position);
                RosterMember::<T>::insert(key, position, moved);
            }
        }
        if last == 0 {
            RosterLength::<T>::remove(key);
        } else {
            RosterLength::<T>::insert(key, last);
        }
        if let RosterKey::Class(class) = key {
            Self::change_class_stake(*class, worker.allotted, 0);
        }
        let owner = &worker.owner;
        let workers = RosterWorkersOf::<T>::get(key, owner).saturating_sub(1);
        if workers > 0 {
            RosterWorkersOf::<T>::insert(key, owner, workers);
            return;
        }
        RosterWorkersOf::<T>::remove(key, owner);
        match RosterOwners::<T>::get(key).saturating_sub(1) {
            0 => RosterOwners::<T>::remove(key),
            owners => RosterOwners::<T>::insert(key, owners),
        }
    }

    /// A listed worker of `class` has `new` planck allotted instead of `old`.
    pub(crate) fn change_class_stake(class: DeviceClass, old: Balance, new: Balance) {
        match ClassStake::<T>::get(class)
            .saturating_add(new)
            .saturating_sub(old)
        {
            0 => ClassStake::<T>::remove(class),
            stake => ClassStake::<T>::insert(class, stake),
        }
    }

    /// Tells those who wait for `models`; everything must be stored before.
    pub(crate) fn tell(models: &[ModelId]) {
        for model in models {
            T::SupplyChanged::supply_changed(model);
        }
    }

    /// Tells of a slot that became free, cheaper or covered by stake: the next [`SUPPLY_NOTICES`] models in turn. Returns how many
    /// were told; none when the worker cannot take a job now.
    pub(crate) fn tell_of_slot(account: &T::AccountId) -> u32 {
        let Some(mut worker) = Workers::<T>::get(account) else {
            return 0;
        };
        if !worker.listed || worker.free_slots() == 0 {
            return 0;
        }
        let many = SUPPLY_NOTICES.min(worker.models) as usize;
        let after = Served::<T>::hashed_key_for(account, worker.notice_cursor);
        let mut models: Vec<ModelId> = Served::<T>::iter_key_prefix_from(account, after)
            .take(many)
            .collect();
        // Around the end: distinct, because no more than there are models.
        let missing = many.saturating_sub(models.len());
        models.extend(Served::<T>::iter_key_prefix(account).take(missing));
        let Some(last) = models.last() else { return 0 };
        worker.notice_cursor = *last;
        Workers::<T>::insert(account, worker);
        Self::tell(&models);
        models.len() as u32
    }
}

/// Draws up to `count` distinct members of a list of `length`, each by its weight; those who were luckiest for
/// their weight come first.
///
/// `member(index)` gives a member and its weight; it is called at most `tries` times when the list is longer than
/// `count`, else once for each member, and all are returned. A member is accepted with a chance of weight /
/// `bound`, so that splitting a weight gains nothing. When tries run out, those rejected fill up no more than a
/// [`LEAST_SHARE`]th of the places: with all places filled, nearly everybody who was tried would be drawn, and
/// eight workers of an eighth of the stake would be tried eight times as often as one.
pub(crate) fn sample<M>(
    length: u32,
    seed: &H256,
    count: u32,
    tries: u32,
    bound: Balance,
    mut member: impl FnMut(u32) -> Option<(M, Balance)>,
) -> Vec<M> {
    let bound = bound.max(1);
    let mut drawn = Vec::new();
    let places = if length <= count {
        for index in 0..length {
            let (_, luck) = dice(seed, index);
            if let Some((member, weight)) = member(index) {
                drawn.push((race(luck, weight, bound), member));
            }
        }
        length
    } else {
        // luck · 2^64 / weight ≤ 2^128 / bound  ⇔  luck / 2^64 ≤ weight / bound
        let accepted_to = Balance::MAX / bound;
        let mut accepted = 0;
        let mut seen = BTreeSet::new();
        for n in 0..tries {
            if accepted == count {
                break;
            }
            let (at, luck) = dice(seed, n);
            let index = place(at, length);
            if !seen.insert(index) {
                continue;
            }
            let Some((member, weight)) = member(index) else {
                continue;
            };
            let time = race(luck, weight, bound);
            if time <= accepted_to {
                accepted += 1;
            }
            drawn.push((time, member));
        }
        accepted.max(count.div_ceil(LEAST_SHARE))
    };
    drawn.sort_by_key(|(time, _)| *time);
    drawn.truncate(places as usize);
    drawn.into_iter().map(|(_, member)| member).collect()
}

/// How long a member takes to arrive, as in an exponential race: the heavier, the sooner.
fn race(luck: u64, weight: Balance, bound: Balance) -> Balance {
    (Balance::from(luck) << 64) / weight.clamp(1, bound)
}

/// Two random numbers for the `n`-th try.
pub(crate) fn dice(seed: &H256, n: u32) -> (u64, u64) {
    let hash = tagged_hash(b"ogpu/roster/v1", &(seed, n).encode());
    let half = |from: usize| {
        hash.0[from..from + 8]
            .iter()
            .fold(0u64, |number, byte| (number << 8) | u64::from(*byte))
    };
    (half(0), half(8))
}

/// Scales a random number to `0..length`; the bias is below 2^-32.
pub(crate) fn place(random: u64, length: u32) -> u32 {
    ((u128::from(random) * u128::from(length)) >> 64) as u32
}
