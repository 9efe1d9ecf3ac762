//! Draws of auditors and jurors: by own stake alone, in proportion to it, and one seat an owner.
//!
//! A draw looks at a bounded number of random places of a roster, or at all of a short one, leaves out who cannot
//! have a seat, and lays the stake of the rest side by side in a random order. Seats are marks at equal distances on
//! that line, the first at a random place. So each owner that was looked at has a seat with a chance in proportion to
//! its stake: seats are filled from rosters of small stakes as from those of large ones, and where all of a roster is
//! looked at, neither splitting nor joining stake gains anything. A bound on the stake that counts would pay those who
//! split it. An owner with more than a seat's part of the line has one seat for certain; the marks that it leaves over
//! are set anew among the rest.
//!
//! Of a longer roster, places are looked at whatever stake lies at them. A draw that misses most of the large stakes
//! favours small ones, so that splitting gains something, the less the more places there are. A third of all
//! stake in workers of 50 OGPU, where the others have 1,000 (2,000, 5,000) in each, has 35 % (36 %, 41 %) of the seats
//! with 120 places, 39 % (46 %, 63 %) with 32.
//! Rosters in buckets by powers of two of stake, a bucket drawn by its sum, would make it exact.

use crate::{
    roster::{dice, place},
    ClassStake, Config, Models, Owner, Owners, Pallet, RosterKey, RosterLength, RosterMember, RosterOwners,
    Worker, Workers,
};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use ogpu_primitives::{
    device::DEVICE_CLASSES, tagged_hash, Balance, Candidate, DeviceClass, ModelId, SeatPool, H256,
};
use sp_runtime::traits::Get;

/// One who can have a seat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry<Owner, Member> {
    /// Who has at most one seat.
    pub owner: Owner,
    /// Stake that counts, in planck.
    pub weight: Balance,
    /// Who would sit.
    pub member: Member,
}

impl<T: Config> Pallet<T> {
    /// Owners with a listed worker that serves `model`.
    pub fn model_owners(model: &ModelId) -> u32 {
        RosterOwners::<T>::get(RosterKey::Model(*model))
    }

    /// The device class whose workers judge results of `model` where few owners serve it: of those that may have the
    /// memory for it and have `least` owners or more, the one with the most stake allotted to its workers; where none
    /// has as many owners, the one of all those with the most.
    ///
    /// The worker has no say in it. Workers say themselves what they are, and would name a class that only friends are
    /// in: to make a class judge, friends must have more stake in it than anybody else has in one.
    pub fn judging_class(model: &ModelId, least: u32) -> DeviceClass {
        // Nobody can run a model that is not registered.
        let needed_mib = T::Models::vram_mib(model).unwrap_or(u32::MAX);
        let rank = |class: &DeviceClass| {
            let has_owners = RosterOwners::<T>::get(RosterKey::Class(*class)) >= least;
            (has_owners, ClassStake::<T>::get(class))
        };
        (0..DEVICE_CLASSES)
            .map(DeviceClass)
            .filter(|class| class.may_hold(needed_mib))
            .max_by_key(rank)
            .unwrap_or_default()
    }

    /// Draws up to `seats` workers of different owners for seats in an audit of `model`, of those of `pool` for which
    /// `is_fit` holds, each owner with a chance in proportion to the stake behind those of its workers that were
    /// looked at. At most `tries` entries of a roster, and [`Config::MaxDrawTries`], are looked at. From a device
    /// class only workers come that have the memory for the model.
    ///
    /// The same seed over the same state gives the same workers. `serving` is false for those that take no work now.
    pub fn draw_seats(
        pool: &SeatPool,
        model: &ModelId,
        seed: &H256,
        seats: u32,
        tries: u32,
        is_fit: &mut dyn FnMut(&Candidate<T::AccountId>) -> bool,
    ) -> Vec<Candidate<T::AccountId>> {
        let (key, needed_mib) = match pool {
            SeatPool::Model => (RosterKey::Model(*model), 0),
            SeatPool::Class(class) => {
                // Nobody can run a model that is not registered.
                let needed = T::Models::vram_mib(model).unwrap_or(u32::MAX);
                (RosterKey::Class(*class), needed)
            }
        };
        let tries = tries.min(T::MaxDrawTries::get());
        let entries = places(RosterLength::<T>::get(key), seed, tries)
            .into_iter()
            .filter_map(|index| Self::seat_entry(&key, index))
            .filter(|entry| entry.member.max_vram_mib >= needed_mib && is_fit(&entry.member));
        assign(seed, seats, entries.collect())
    }

    fn seat_entry(key: &RosterKey, index: u32) -> Option<Entry<T::AccountId, Candidate<T::AccountId>>> {
        let account = RosterMember::<T>::get(key, index)?;
        let worker = Workers::<T>::get(&account)?;
        let owner = Owners::<T>::get(&worker.owner)?;
        let weight = Self::seat_weight(&worker, &owner);
        Some(Entry {
            owner: worker.owner.clone(),
            weight,
            member: Self::to_candidate(account, &worker, &owner, true)?,
        })
    }

    /// Weight in draws of seats: the stake that backs the worker. Any weight that grows more slowly than stake would pay
    /// those who split it.
    pub(crate) fn seat_weight(worker: &Worker<T::AccountId>, owner: &Owner) -> Balance {
        owner.backed(worker.allotted)
    }
}

/// The places of a list of `length` that a draw looks at: all where `tries` reach, else different random ones.
fn places(length: u32, seed: &H256, tries: u32) -> Vec<u32> {
    if length <= tries {
        return (0..length).collect();
    }
    let mut seen = BTreeSet::new();
    (0..tries)
        .map(|n| place(dice(seed, n).0, length))
        .filter(|index| seen.insert(*index))
        .collect()
}

/// Gives up to `seats` of `entries` a seat, one an owner and each owner with a chance of `seats` times its part of
/// all weight, or for certain where that is more than one; an owner's seat goes to its entries by their weight.
/// Entries without weight get none.
pub(crate) fn assign<O: Clone + Ord + Encode, M>(
    seed: &H256,
    seats: u32,
    mut entries: Vec<Entry<O, M>>,
) -> Vec<M> {
    // An owner's lie side by side. Owners, who choose their places in the rosters, do not choose the order here.
    entries.sort_by_cached_key(|entry| tagged_hash(b"ogpu/seats/v1", &(seed, &entry.owner).encode()));
    let mut seated = Vec::new();
    let mut owners = BTreeSet::new();
    // A round seats one at least, so that as many as there are seats suffice. Nearly always one does.
    for round in 0..seats {
        let missing = Balance::from(seats).saturating_sub(owners.len() as Balance);
        let total = entries
            .iter()
            .fold(0, |sum: Balance, entry| sum.saturating_add(entry.weight));
        if missing == 0 || total == 0 {
            break;
        }
        // Below 2^87 planck of stake, and fewer than 2^5 seats: nothing saturates.
        let start = random_below(seed, round, total);
        let mark = |n: Balance| start.saturating_add(n.saturating_mul(total)) / missing;
        let (mut marks, mut end) = (0, 0);
        let mut left = Vec::with_capacity(entries.len());
        for entry in entries {
            end = entry.weight.saturating_add(end);
            let before: Balance = marks;
            while marks < missing && mark(marks) < end {
                marks = marks.saturating_add(1);
            }
            if marks > before && owners.insert(entry.owner.clone()) {
                seated.push(entry.member);
            } else {
                left.push(entry);
            }
        }
        left.retain(|entry| !owners.contains(&entry.owner));
        entries = left;
    }
    seated
}

/// A random number below `bound`, which is not zero; the bias is below 2^-40.
fn random_below(seed: &H256, round: u32, bound: Balance) -> Balance {
    let hash = tagged_hash(b"ogpu/seats/v1", &(seed, round).encode());
    let number = hash
        .as_bytes()
        .iter()
        .take(16)
        .fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    number.checked_rem(bound).unwrap_or(0)
}
