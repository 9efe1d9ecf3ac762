use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::OGPU;

fn exposure() -> u128 {
    Owners::<Test>::get(owner(1))
        .map(|owner| owner.exposure)
        .unwrap_or_default()
}

#[test]
fn reserve_should_take_a_slot_and_exposure_when_both_are_free() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let before = ProviderStaking::candidate(&worker, &model(0)).expect("it is a candidate");
        assert_eq!((before.free_slots, before.exposure_room), (2, 250 * OGPU));
        assert_ok!(ProviderStaking::reserve(&worker, 10 * OGPU));
        let after = ProviderStaking::candidate(&worker, &model(0)).expect("it is a candidate");
        assert_eq!((after.free_slots, after.exposure_room), (1, 240 * OGPU));
        assert_ok!(ProviderStaking::reserve(&worker, 240 * OGPU));
        assert_noop!(ProviderStaking::reserve(&worker, 0), Error::<Test>::NoFreeSlot);
    });
}

#[test]
fn reserve_should_refuse_when_the_owners_stake_covers_no_more() {
    ExtBuilder.build_and_execute(|| {
        // Exposure is the owner's: two workers do not cover twice as much.
        let (first, second) = (listed(1), listed(2));
        assert_ok!(ProviderStaking::reserve(&first, 200 * OGPU));
        assert_noop!(
            ProviderStaking::reserve(&second, 51 * OGPU),
            Error::<Test>::ExposureTooHigh
        );
        assert_noop!(
            ProviderStaking::reserve(&second, u128::MAX),
            Error::<Test>::ExposureTooHigh
        );
        assert_ok!(ProviderStaking::reserve(&second, 50 * OGPU));
        assert_eq!(exposure(), 250 * OGPU);
    });
}

#[test]
fn reserve_should_refuse_when_the_worker_takes_no_jobs() {
    ExtBuilder.build_and_execute(|| {
        assert_noop!(ProviderStaking::reserve(&worker(1), 1), Error::<Test>::NotAWorker);
        let worker = listed(1);
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        assert_noop!(ProviderStaking::reserve(&worker, 1), Error::<Test>::NotListed);
    });
}

#[test]
fn release_should_free_no_more_than_was_reserved_when_the_caller_errs() {
    ExtBuilder.build_and_execute(|| {
        let (first, second) = (listed(1), listed(2));
        assert_ok!(ProviderStaking::reserve(&first, 10 * OGPU));
        assert_ok!(ProviderStaking::reserve(&first, 10 * OGPU));
        assert_ok!(ProviderStaking::reserve(&second, 30 * OGPU));
        release(&first, u128::MAX);
        assert_eq!(exposure(), 30 * OGPU, "the other worker's work stays covered");
        assert_eq!(stored(&first).used_slots, 1);
    });
}

#[test]
fn exposure_should_outlive_its_slot_when_the_result_is_still_checked() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, 10 * OGPU));
        ProviderStaking::free_slot(&worker);
        assert_eq!((exposure(), stored(&worker).used_slots), (10 * OGPU, 0));
        assert_noop!(
            ProviderStaking::unpair(signed(&owner(1)), worker.clone()),
            Error::<Test>::WorkerBusy
        );
        ProviderStaking::release_exposure(&worker, 10 * OGPU);
        assert_eq!(exposure(), 0);
        assert_ok!(ProviderStaking::unpair(signed(&owner(1)), worker));
    });
}

#[test]
fn release_should_keep_the_account_of_others_when_the_worker_drains_or_is_jailed() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, 10 * OGPU));
        assert_ok!(ProviderStaking::reserve(&worker, 10 * OGPU));
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        told();
        release(&worker, 10 * OGPU);
        release(&worker, 10 * OGPU);
        assert!(told().is_empty(), "it takes no jobs");
        assert_eq!((exposure(), stored(&worker).used_slots), (0, 0));
    });
}

#[test]
fn release_should_tell_of_four_models_in_turn_when_the_worker_was_full() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        for n in 1..10 {
            assert_ok!(ProviderStaking::serve_model(signed(&worker), model(n)));
        }
        assert_ok!(ProviderStaking::reserve(&worker, 1));
        told();
        ProviderStaking::free_slot(&worker);
        assert!(told().is_empty(), "it was not full");
        ProviderStaking::release_exposure(&worker, 1);

        assert_ok!(ProviderStaking::reserve(&worker, 1));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 {
            assert_ok!(ProviderStaking::reserve(&worker, 1));
            told();
            release(&worker, 1);
            let models = told();
            assert_eq!(models.len(), SUPPLY_NOTICES as usize);
            seen.extend(models);
        }
        assert_eq!(seen.len(), 10, "each had its turn within three");
    });
}

#[test]
fn freed_exposure_should_tell_of_four_models_in_turn_when_the_worker_has_a_free_slot() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        for n in 1..6 {
            assert_ok!(ProviderStaking::serve_model(signed(&worker), model(n)));
        }
        assert_ok!(ProviderStaking::reserve(&worker, 250 * OGPU));
        ProviderStaking::free_slot(&worker);
        let full = ProviderStaking::candidate(&worker, &model(0)).expect("it is a candidate");
        assert_eq!((full.free_slots, full.exposure_room), (2, 0));
        told();
        ProviderStaking::release_exposure(&worker, 100 * OGPU);
        let first = told();
        ProviderStaking::release_exposure(&worker, 150 * OGPU);
        let second = told();
        assert_eq!((first.len(), second.len()), (4, 4));
        let seen: std::collections::BTreeSet<_> = first.into_iter().chain(second).collect();
        assert_eq!(seen.len(), 6, "each had its turn within two");
        ProviderStaking::release_exposure(&worker, 1);
        assert!(told().is_empty(), "nothing was reserved any more");
    });
}

#[test]
fn freed_exposure_should_be_told_with_the_slot_when_all_slots_are_taken() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, OGPU));
        assert_ok!(ProviderStaking::reserve(&worker, OGPU));
        told();
        ProviderStaking::release_exposure(&worker, OGPU);
        assert!(told().is_empty(), "it can take no job yet");
        ProviderStaking::free_slot(&worker);
        assert_eq!(told(), vec![model(0)], "once, not twice");
    });
}

#[test]
fn freed_exposure_should_tell_nobody_when_the_worker_takes_no_jobs() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, OGPU));
        ProviderStaking::free_slot(&worker);
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        told();
        ProviderStaking::release_exposure(&worker, OGPU);
        assert!(told().is_empty());
    });
}

#[test]
fn candidate_should_say_that_it_does_not_serve_when_the_model_is_not_its() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert!(ProviderStaking::candidate(&worker, &model(0)).is_some_and(|found| found.serving));
        assert!(ProviderStaking::candidate(&worker, &model(1)).is_some_and(|found| !found.serving));
        assert!(ProviderStaking::candidate(&self::worker(9), &model(0)).is_none());
    });
}

#[test]
fn exposure_should_bar_new_work_only_when_the_share_is_lowered_live() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, 200 * OGPU));
        ExposureShare::set(100_000);
        let candidate = ProviderStaking::candidate(&worker, &model(0)).expect("it is a candidate");
        assert_eq!(candidate.exposure_room, 0);
        assert_noop!(
            ProviderStaking::reserve(&worker, 1),
            Error::<Test>::ExposureTooHigh
        );
        release(&worker, 200 * OGPU);
        assert_ok!(ProviderStaking::reserve(&worker, 100 * OGPU));
        ExposureShare::set(u32::MAX);
        let candidate = ProviderStaking::candidate(&worker, &model(0)).expect("it is a candidate");
        assert_eq!(candidate.exposure_room, 900 * OGPU, "never more than the stake");
    });
}
