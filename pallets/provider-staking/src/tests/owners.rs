//! How many owners are in a roster.

use crate::{mock::*, *};
use frame_support::assert_ok;
use ogpu_primitives::{DeviceClass, DeviceKind, Offence, OGPU};

/// A worker `n` of owner `of` that serves model 0.
fn add(of: u8, n: u8) {
    if Owners::<Test>::get(owner(of)).is_none() {
        assert_ok!(ProviderStaking::stake(signed(&owner(of)), 1_000 * OGPU));
    }
    assert_ok!(pair(&owner(of), n, 100 * OGPU));
    assert_ok!(ProviderStaking::set_profile(signed(&worker(n)), profile(n)));
    assert_ok!(ProviderStaking::serve_model(signed(&worker(n)), model(0)));
}

fn owners() -> u32 {
    ProviderStaking::model_owners(&model(0))
}

fn of_class(class: u8) -> u32 {
    RosterOwners::<Test>::get(RosterKey::Class(DeviceClass(class)))
}

#[test]
fn owner_should_count_once_when_it_has_many_workers() {
    ExtBuilder.build_and_execute(|| {
        assert_eq!(owners(), 0);
        for (of, n) in [(1, 1), (1, 2), (2, 3)] {
            add(of, n);
        }
        assert_eq!((owners(), of_class(5)), (2, 2));
        assert_ok!(ProviderStaking::stop_serving(signed(&worker(1)), model(0)));
        assert_eq!(owners(), 2, "its other worker serves it");
        assert_ok!(ProviderStaking::stop_serving(signed(&worker(2)), model(0)));
        assert_eq!((owners(), of_class(5)), (1, 2));
        assert_ok!(ProviderStaking::serve_model(signed(&worker(2)), model(0)));
        assert_eq!(owners(), 2);
    });
}

#[test]
fn owner_should_not_count_when_its_workers_take_no_jobs() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..5 {
            add(n, n);
        }
        assert_eq!(owners(), 4);
        assert_ok!(ProviderStaking::drain(signed(&owner(1)), worker(1)));
        assert_eq!(owners(), 3);
        assert_ok!(ProviderStaking::unpair(signed(&owner(2)), worker(2)));
        assert_eq!(owners(), 2);
        for _ in 0..3 {
            ProviderStaking::strike(&worker(3), Offence::MissedDeadline);
        }
        assert_eq!((owners(), of_class(5)), (1, 1));
        assert_ok!(ProviderStaking::resume(signed(&owner(1)), worker(1)));
        assert_ok!(ProviderStaking::rejoin(signed(&owner(3)), worker(3)));
        assert_eq!((owners(), of_class(5)), (3, 3));
    });
}

#[test]
fn owner_should_count_in_the_new_class_when_its_worker_changes() {
    ExtBuilder.build_and_execute(|| {
        add(1, 1);
        add(2, 2);
        let mut changed = profile(1);
        changed.devices[0] = device(DeviceKind::Cpu, 8_000);
        assert_ok!(ProviderStaking::set_profile(signed(&worker(1)), changed));
        assert_eq!((of_class(5), of_class(0), owners()), (1, 1, 2));
    });
}
