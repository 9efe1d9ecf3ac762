//! Draws of auditors and jurors: by stake alone, in proportion, one seat an owner.

use crate::{
    mock::*,
    seats::{assign, Entry},
    ClassStake,
};
use frame_support::assert_ok;
use ogpu_primitives::{Balance, Candidate, DeviceClass, DeviceKind, ModelId, SeatPool, H256, OGPU};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn seed(n: u64) -> H256 {
    H256::from_low_u64_be(n)
}

/// One entry for each weight, each of an owner of its own.
fn entries(weights: &[Balance]) -> Vec<Entry<u32, u32>> {
    (0..)
        .zip(weights)
        .map(|(n, weight)| Entry {
            owner: n,
            weight: *weight,
            member: n,
        })
        .collect()
}

/// How often each of `weights` is among the `seats` in `draws` draws.
fn frequencies(weights: &[Balance], seats: u32, draws: u64) -> Vec<u32> {
    let mut drawn = vec![0; weights.len()];
    for n in 0..draws {
        for member in assign(&seed(n), seats, entries(weights)) {
            drawn[member as usize] += 1;
        }
    }
    drawn
}

#[test]
fn seats_should_follow_weight_when_there_are_few_or_many() {
    // Half of all stake in one hand has one of two seats for certain, and one seat in half of the draws, however
    // the other half is split.
    let weights: Vec<Balance> = [800]
        .into_iter()
        .chain([100; 8])
        .map(|units| units * OGPU)
        .collect();
    let one = frequencies(&weights, 1, 4_000);
    assert!((1_900..2_100).contains(&one[0]), "{one:?}");
    assert!(one[1..].iter().all(|drawn| (190..310).contains(drawn)), "{one:?}");
    let two = frequencies(&weights, 2, 4_000);
    assert_eq!(two[0], 4_000);
    assert!(two[1..].iter().all(|drawn| (420..580).contains(drawn)), "{two:?}");
    let all = frequencies(&weights, 9, 10);
    assert!(all.iter().all(|drawn| *drawn == 10));
}

#[test]
fn seats_should_be_filled_when_all_stakes_are_small() {
    // 120 that were looked at, of the least stake, for fifteen seats.
    let weights = [50 * OGPU; 120];
    for n in 0..50 {
        assert_eq!(assign(&seed(n), 15, entries(&weights)).len(), 15);
    }
    let drawn = frequencies(&weights, 15, 2_000);
    assert!(drawn.iter().all(|times| (190..310).contains(times)), "{drawn:?}");
}

#[test]
fn seats_should_not_pay_for_splitting_or_joining_when_stakes_are_small() {
    // 500 OGPU in one hand, or split into ten, among a hundred and ten of the least stake.
    let whole: Vec<Balance> = [500]
        .into_iter()
        .chain([50; 110])
        .map(|units| units * OGPU)
        .collect();
    let split = vec![50 * OGPU; 120];
    for seats in [1, 3, 9] {
        let one = frequencies(&whole, seats, 12_000)[0];
        let ten: u32 = frequencies(&split, seats, 12_000)[..10].iter().sum();
        let gain = f64::from(ten) / f64::from(one);
        assert!((0.88..1.12).contains(&gain), "{gain} with {seats} seats");
    }
}

#[test]
fn seats_should_not_follow_places_when_somebody_chose_them() {
    // Every eighth place of 120, at the distance of fifteen seats: never all of them, nor most.
    let weights = [50 * OGPU; 120];
    let most = (0..1_000)
        .map(|n| {
            let drawn = assign(&seed(n), 15, entries(&weights));
            drawn.iter().filter(|member| **member % 8 == 0).count()
        })
        .max();
    assert!(most.is_some_and(|most| (3..10).contains(&most)), "{most:?}");
}

#[test]
fn owner_should_sit_once_when_it_has_many_workers() {
    // The first owner's stake is spread over three workers; the second has as much in one.
    let workers = || {
        let entry = |owner, weight, member| Entry {
            owner,
            weight,
            member,
        };
        let mut workers: Vec<Entry<u32, u32>> = (0..3).map(|n| entry(0, 100, n)).collect();
        workers.push(entry(1, 300, 3));
        workers.extend((4..10).map(|n| entry(n, 100, n)));
        workers
    };
    let (mut first, mut second) = (0, 0);
    for n in 0..4_000 {
        let drawn = assign(&seed(n), 3, workers());
        let of_first = drawn.iter().filter(|member| **member < 3).count();
        assert!(drawn.len() == 3 && of_first <= 1);
        first += of_first;
        second += drawn.iter().filter(|member| **member == 3).count();
    }
    // A quarter of all stake for three seats.
    let (first, second) = (first as f64 / 4_000.0, second as f64 / 4_000.0);
    assert!((first - second).abs() < 0.06, "{first} {second}");
    assert!((0.7..0.85).contains(&first), "{first}");
}

#[test]
fn nobody_should_sit_when_nobody_has_weight() {
    assert!(assign(&seed(1), 3, entries(&[0, 0])).is_empty());
    assert!(assign(&seed(1), 3, Vec::<Entry<u32, u8>>::new()).is_empty());
    assert!(assign(&seed(1), 0, entries(&[1])).is_empty());
    assert_eq!(assign(&seed(1), 3, entries(&[0, 7])), [1]);
    assert_eq!(
        assign(&seed(1), 2, entries(&[Balance::MAX, Balance::MAX])).len(),
        2
    );
}

proptest! {
    #[test]
    fn seats_should_be_filled_by_different_owners_when_there_are_as_many(
        of in prop::collection::vec((0u32..40, prop_oneof![Just(0), 1..=(21_000_000 * OGPU)]), 0..128),
        seats in 0u32..22,
        number in any::<u64>(),
    ) {
        let entries: Vec<Entry<u32, (u32, Balance)>> = of
            .iter()
            .map(|(owner, weight)| Entry { owner: *owner, weight: *weight, member: (*owner, *weight) })
            .collect();
        let able: BTreeSet<u32> =
            of.iter().filter(|(_, weight)| *weight > 0).map(|(owner, _)| *owner).collect();
        let drawn = assign(&seed(number), seats, entries.clone());
        prop_assert_eq!(&drawn, &assign(&seed(number), seats, entries));
        let owners: BTreeSet<u32> = drawn.iter().map(|(owner, _)| *owner).collect();
        prop_assert_eq!(owners.len(), drawn.len());
        prop_assert_eq!(drawn.len(), able.len().min(seats as usize));
        prop_assert!(drawn.iter().all(|(_, weight)| *weight > 0));
    }
}

/// A worker of its own for owner `n`, who allots it `units` OGPU; all are cards of 24 GB that serve model 0.
fn provider(n: u8, units: Balance) {
    assert_ok!(ProviderStaking::stake(signed(&owner(n)), units * OGPU));
    assert_ok!(pair(&owner(n), n, units * OGPU));
    assert_ok!(ProviderStaking::set_profile(signed(&worker(n)), profile(n)));
    assert_ok!(ProviderStaking::serve_model(signed(&worker(n)), model(0)));
}

fn draw_of(pool: SeatPool, model: &ModelId, n: u64, seats: u32) -> Vec<Candidate<AccountId>> {
    ProviderStaking::draw_seats(&pool, model, &seed(n), seats, 128, &mut |_| true)
}

fn workers_of(drawn: &[Candidate<AccountId>]) -> BTreeSet<AccountId> {
    drawn.iter().map(|candidate| candidate.worker.clone()).collect()
}

#[test]
fn seats_should_go_by_stake_when_the_hardware_is_the_same() {
    ExtBuilder.build_and_execute(|| {
        // Three hundred and a hundred OGPU behind cards that justify a hundred of priority.
        provider(1, 300);
        provider(2, 100);
        let heavy = |first: fn(u64) -> AccountId| (0..1_000).filter(|n| first(*n) == worker(1)).count();
        let seats = heavy(|n| draw_of(SeatPool::Model, &model(0), n, 1)[0].worker.clone());
        assert!((710..790).contains(&seats), "{seats}");
        let work = heavy(|n| {
            ProviderStaking::draw_for_model(&model(0), &seed(n), 16)[0]
                .worker
                .clone()
        });
        assert!((450..550).contains(&work), "{work}");
    });
}

#[test]
fn seats_should_be_drawn_alike_when_the_seed_is_the_same() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..6 {
            provider(n, 100);
        }
        let drawn = |n| draw_of(SeatPool::Model, &model(0), n, 3);
        assert_eq!(drawn(3).len(), 3);
        assert!(drawn(3).iter().all(|candidate| candidate.serving));
        assert_eq!(drawn(3), drawn(3));
        assert!((4..20).any(|n| drawn(n) != drawn(3)), "the seed decides");
        assert_eq!(draw_of(SeatPool::Model, &model(0), 3, 16).len(), 5);
        assert!(draw_of(SeatPool::Model, &model(1), 3, 16).is_empty());
    });
}

#[test]
fn seats_should_go_to_those_who_fit_when_others_do_not() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..6 {
            provider(n, 100);
        }
        // Who does not fit takes nobody's place.
        let mut looked_at = 0;
        let drawn = ProviderStaking::draw_seats(&SeatPool::Model, &model(0), &seed(1), 2, 16, &mut |found| {
            looked_at += 1;
            [worker(2), worker(4)].contains(&found.worker)
        });
        assert_eq!(workers_of(&drawn), BTreeSet::from([worker(2), worker(4)]));
        assert_eq!(looked_at, 5);
        // No more are looked at than is asked for, and no more than is governed.
        for (tries, most) in [(2, 128), (128, 2)] {
            MaxDrawTries::set(most);
            let mut looked_at = 0;
            ProviderStaking::draw_seats(&SeatPool::Model, &model(0), &seed(1), 2, tries, &mut |_| {
                looked_at += 1;
                false
            });
            assert!((1..=2).contains(&looked_at), "{looked_at}");
        }
    });
}

#[test]
fn class_seats_should_go_to_those_with_the_memory_when_the_model_is_large() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..4 {
            provider(n, 100);
        }
        // It has no model at all.
        assert_ok!(ProviderStaking::stop_serving(signed(&worker(1)), model(0)));
        let class = SeatPool::Class(DeviceClass(5));
        // Nobody serves model 1; all have the memory for it.
        let drawn = draw_of(class, &model(1), 1, 9);
        assert_eq!(drawn.len(), 3);
        assert!(drawn.iter().all(|candidate| candidate.serving));
        assert!(draw_of(SeatPool::Class(DeviceClass(4)), &model(1), 1, 9).is_empty());
        // One card of the class has more memory than the others.
        let mut larger = profile(2);
        larger.devices[0].vram_mib = 32_000;
        assert_ok!(ProviderStaking::set_profile(signed(&worker(2)), larger));
        Registered::mutate(|models| models[1].1 = 30_000);
        assert_eq!(
            workers_of(&draw_of(class, &model(1), 1, 9)),
            BTreeSet::from([worker(2)])
        );
        Registered::mutate(|models| models.retain(|(id, _)| *id != model(1)));
        assert!(draw_of(class, &model(1), 1, 9).is_empty());
        Registered::set((0..40).map(|n| (model(n), 1_000)).collect());
    });
}

/// The class that judges results of model 0.
fn judging(least: u32) -> u8 {
    ProviderStaking::judging_class(&model(0), least).0
}

fn class_stake(class: u8) -> Balance {
    ClassStake::<Test>::get(DeviceClass(class)) / OGPU
}

/// Owner 1 with 400 OGPU in class 5; owners 2 and 3 with 100 each in class 7; owners 4, 5 and 6 in class 0.
fn three_classes() {
    for n in 1..7 {
        provider(n, if n == 1 { 400 } else { 100 });
        move_to(n, [5, 7, 7, 0, 0, 0][usize::from(n) - 1]);
    }
}

fn move_to(n: u8, class: u8) {
    let mut changed = profile(n);
    match class {
        0 => changed.devices[0] = device(DeviceKind::Cpu, 8_000),
        7 => {
            changed.devices[0].vram_mib = 100_000;
            changed.devices[0].bandwidth_mib_s = 2_000_000;
        }
        _ => return,
    }
    assert_ok!(ProviderStaking::set_profile(signed(&worker(n)), changed));
}

#[test]
fn judging_class_should_have_the_most_stake_of_those_with_enough_owners() {
    ExtBuilder.build_and_execute(|| {
        three_classes();
        assert_eq!([5, 7, 0].map(class_stake), [400, 200, 300]);
        assert_eq!([0, 1, 2, 3].map(judging), [5, 5, 0, 0]);
        assert_eq!(judging(4), 5, "of all, when none has enough owners");
        // Allotments count as they are.
        assert_ok!(ProviderStaking::stake(signed(&owner(2)), 150 * OGPU));
        assert_ok!(ProviderStaking::allot(signed(&owner(2)), worker(2), 250 * OGPU));
        assert_eq!((class_stake(7), judging(2)), (350, 7));
        assert_ok!(ProviderStaking::drain(signed(&owner(2)), worker(2)));
        assert_ok!(ProviderStaking::allot(signed(&owner(2)), worker(2), 200 * OGPU));
        assert_eq!((class_stake(7), judging(2)), (100, 0));
        assert_ok!(ProviderStaking::resume(signed(&owner(2)), worker(2)));
        assert_eq!((class_stake(7), judging(2)), (300, 7));
        assert_ok!(ProviderStaking::unpair(signed(&owner(2)), worker(2)));
        assert_eq!((class_stake(7), judging(2)), (100, 0));
    });
}

#[test]
fn judging_class_should_not_be_bought_when_many_owners_have_little_stake() {
    ExtBuilder.build_and_execute(|| {
        three_classes();
        for n in [2, 3] {
            assert_ok!(ProviderStaking::unpair(signed(&owner(n)), worker(n)));
        }
        // A cheat declares a class in which only three friends with the least stake are.
        for n in 7..10 {
            provider(n, MIN_STAKE / OGPU);
            move_to(n, 7);
        }
        move_to(1, 7);
        assert_ok!(ProviderStaking::drain(signed(&owner(1)), worker(1)));
        assert_eq!((class_stake(7), class_stake(0)), (3 * MIN_STAKE / OGPU, 300));
        assert_eq!([1, 2, 3].map(judging), [0; 3]);
    });
}

#[test]
fn judging_class_should_have_the_memory_when_the_model_is_large() {
    ExtBuilder.build_and_execute(|| {
        three_classes();
        let judging_for = |vram_mib| {
            Registered::mutate(|models| models[0].1 = vram_mib);
            judging(2)
        };
        assert_eq!([7_499, 7_500, 40_001, 500_000].map(judging_for), [0, 7, 7, 7]);
        Registered::set((0..40).map(|n| (model(n), 1_000)).collect());
    });
}
