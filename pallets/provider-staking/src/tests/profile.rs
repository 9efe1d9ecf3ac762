use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo, Pays},
};
use ogpu_primitives::{BoundedVec, DeviceClass, DeviceKind, WorkerProfile, OGPU};

fn paired(n: u8) -> AccountId {
    let owner = owner(n);
    assert_ok!(ProviderStaking::stake(signed(&owner), 1_000 * OGPU));
    assert_ok!(pair(&owner, n, 100 * OGPU));
    worker(n)
}

fn set(worker: &AccountId, profile: WorkerProfile) -> Result<Pays, sp_runtime::DispatchError> {
    ProviderStaking::set_profile(signed(worker), profile)
        .map(|info| info.pays_fee)
        .map_err(|e| e.error)
}

#[test]
fn set_profile_should_list_the_worker_when_it_is_the_first() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        assert!(!stored(&worker).listed);
        assert_eq!(set(&worker, profile(1)), Ok(Pays::No));
        let record = stored(&worker);
        assert!(record.listed);
        assert_eq!(record.free_slots(), 2);
        assert_eq!(RosterLength::<Test>::get(RosterKey::Class(DeviceClass(5))), 1);
        assert_eq!(
            TransportKeys::<Test>::get(profile(1).network.transport_key),
            Some(worker)
        );
    });
}

#[test]
fn set_profile_should_be_operational_when_dispatched() {
    let call = Call::<Test>::set_profile { profile: profile(1) };
    assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
}

#[test]
fn set_profile_should_cost_a_fee_when_it_comes_too_soon() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        let at = |slots| WorkerProfile { slots, ..profile(1) };
        assert_eq!(set(&worker, at(1)), Ok(Pays::No));
        assert_eq!(set(&worker, at(2)), Ok(Pays::Yes));
        Now::set(PROFILE_INTERVAL);
        assert_eq!(set(&worker, at(3)), Ok(Pays::Yes));
        // The paid ones did not put it off.
        Now::set(1 + PROFILE_INTERVAL);
        assert_eq!(set(&worker, at(4)), Ok(Pays::No));
        assert_eq!(set(&worker, at(5)), Ok(Pays::Yes));
    });
}

#[test]
fn set_profile_should_fail_and_pay_when_nothing_changes() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        assert_eq!(set(&worker, profile(1)), Ok(Pays::No));
        Now::set(1_000);
        assert_noop!(
            ProviderStaking::set_profile(signed(&worker), profile(1)),
            Error::<Test>::ProfileUnchanged
        );
    });
}

#[test]
fn set_profile_should_refuse_when_it_is_impossible() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        let mut bad = profile(1);
        bad.devices = Default::default();
        assert_noop!(
            ProviderStaking::set_profile(signed(&worker), bad),
            Error::<Test>::NoDevice
        );
        for slots in [0, MAX_SLOTS + 1] {
            let bad = WorkerProfile { slots, ..profile(1) };
            assert_noop!(
                ProviderStaking::set_profile(signed(&worker), bad),
                Error::<Test>::SlotsOutOfRange
            );
        }
        let mut bad = profile(1);
        bad.network.encryption_key = [0; 32];
        assert_noop!(
            ProviderStaking::set_profile(signed(&worker), bad),
            Error::<Test>::MissingKey
        );
        let mut bad = profile(1);
        bad.devices[0].name = BoundedVec::truncate_from(vec![0xff]);
        assert_noop!(
            ProviderStaking::set_profile(signed(&worker), bad),
            Error::<Test>::NotUtf8
        );
        assert_noop!(
            ProviderStaking::set_profile(signed(&owner(1)), profile(1)),
            Error::<Test>::NotAWorker
        );
    });
}

#[test]
fn transport_key_should_belong_to_one_worker_until_it_is_given_up() {
    ExtBuilder.build_and_execute(|| {
        let (first, second) = (paired(1), paired(2));
        assert_ok!(set(&first, profile(1)));
        assert_noop!(
            ProviderStaking::set_profile(signed(&second), profile(1)),
            Error::<Test>::TransportKeyTaken
        );
        assert_ok!(set(&first, profile(9)));
        assert_ok!(set(&second, profile(1)));
    });
}

#[test]
fn set_profile_should_move_the_worker_between_rosters_when_its_class_changes() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let mut cpu = profile(1);
        cpu.devices[0] = device(DeviceKind::Cpu, 24_000);
        assert_ok!(set(&worker, cpu));
        assert_eq!(RosterLength::<Test>::get(RosterKey::Class(DeviceClass(5))), 0);
        assert_eq!(RosterLength::<Test>::get(RosterKey::Class(DeviceClass(0))), 1);
        assert_eq!(RosterLength::<Test>::get(RosterKey::Model(model(0))), 1);
    });
}

#[test]
fn throughput_should_be_capped_by_the_class_when_it_is_only_declared() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        let mut liar = profile(1);
        liar.devices[0] = device(DeviceKind::Cpu, 24_000);
        liar.devices[0].throughput_gmac_s = u32::MAX;
        assert_ok!(set(&worker, liar));
        let counted = stored(&worker)
            .capability
            .map(|capability| capability.throughput_gmac_s);
        assert_eq!(counted, Some(starting_throughput(DeviceClass(0))));
    });
}

#[test]
fn throughput_should_be_that_of_the_class_when_none_is_declared() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        let mut unmeasured = profile(1);
        unmeasured.devices[0].throughput_gmac_s = 0;
        assert_ok!(set(&worker, unmeasured));
        let capability = stored(&worker).capability.expect("a profile was set");
        assert_eq!(
            capability.throughput_gmac_s,
            starting_throughput(capability.class)
        );
        // Where it is declared, it counts even when it is low.
        let mut slow = profile(1);
        slow.devices[0].throughput_gmac_s = 1;
        assert_ok!(set(&worker, slow));
        let counted = stored(&worker)
            .capability
            .map(|capability| capability.throughput_gmac_s);
        assert_eq!(counted, Some(1));
    });
}

#[test]
fn candidate_should_show_its_slots_and_throughput_when_it_has_a_profile() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, OGPU));
        let found = ProviderStaking::candidate(&worker, &model(0)).expect("it is a candidate");
        assert_eq!(
            (found.slots, found.free_slots, found.throughput_gmac_s),
            (2, 1, 1_000)
        );
    });
}

#[test]
fn set_ask_should_accept_only_what_is_in_range_and_from_the_owner() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        for ask in [0, 99, 10_001, u32::MAX] {
            assert_noop!(
                ProviderStaking::set_ask(signed(&owner), worker.clone(), ask),
                Error::<Test>::AskOutOfRange
            );
        }
        assert_noop!(
            ProviderStaking::set_ask(signed(&worker), worker.clone(), 500),
            Error::<Test>::NotYourWorker
        );
        told();
        assert_ok!(ProviderStaking::set_ask(signed(&owner), worker.clone(), 2_000));
        assert!(told().is_empty());
        assert_ok!(ProviderStaking::set_ask(signed(&owner), worker.clone(), 100));
        assert_eq!(told(), vec![model(0)]);
        assert_eq!(stored(&worker).ask_permille, 100);
    });
}

#[test]
fn serve_model_should_refuse_when_the_model_or_the_worker_does_not_fit() {
    ExtBuilder.build_and_execute(|| {
        let worker = paired(1);
        assert_noop!(
            ProviderStaking::serve_model(signed(&worker), model(0)),
            Error::<Test>::NoProfile
        );
        assert_ok!(set(&worker, profile(1)));
        assert_noop!(
            ProviderStaking::serve_model(signed(&worker), ogpu_primitives::H256::zero()),
            Error::<Test>::UnknownModel
        );
        Registered::mutate(|models| models[1].1 = 24_001);
        assert_noop!(
            ProviderStaking::serve_model(signed(&worker), model(1)),
            Error::<Test>::ModelTooLarge
        );
        Registered::mutate(|models| models[1].1 = 24_000);
        assert_ok!(ProviderStaking::serve_model(signed(&worker), model(1)));
        assert_noop!(
            ProviderStaking::serve_model(signed(&worker), model(1)),
            Error::<Test>::AlreadyServed
        );
        assert_noop!(
            ProviderStaking::stop_serving(signed(&worker), model(2)),
            Error::<Test>::NotServed
        );
        assert_noop!(
            ProviderStaking::serve_model(signed(&owner(1)), model(2)),
            Error::<Test>::NotAWorker
        );
    });
}

#[test]
fn serve_model_should_refuse_when_thirty_two_are_served() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        for n in 1..32 {
            assert_ok!(ProviderStaking::serve_model(signed(&worker), model(n)));
        }
        assert_noop!(
            ProviderStaking::serve_model(signed(&worker), model(32)),
            Error::<Test>::TooManyModels
        );
        assert_ok!(ProviderStaking::stop_serving(signed(&worker), model(5)));
        assert_ok!(ProviderStaking::serve_model(signed(&worker), model(32)));
        assert_eq!(stored(&worker).models, 32);
        assert_ok!(ProviderStaking::unpair(signed(&owner(1)), worker));
        assert_eq!(Served::<Test>::iter().count(), 0);
    });
}

#[test]
fn waiters_should_be_told_when_a_worker_newly_serves_or_joins() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_eq!(told(), vec![model(0)]);
        assert_ok!(ProviderStaking::serve_model(signed(&worker), model(1)));
        assert_eq!(told(), vec![model(1)]);
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        assert_ok!(ProviderStaking::serve_model(signed(&worker), model(2)));
        assert!(told().is_empty());
        assert_ok!(ProviderStaking::resume(signed(&worker), worker.clone()));
        let mut models = told();
        models.sort();
        assert_eq!(models, vec![model(0), model(1), model(2)]);
    });
}

#[test]
fn waiters_should_be_told_when_a_full_worker_gets_more_slots() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        for _ in 0..2 {
            assert_ok!(ProviderStaking::reserve(&worker, OGPU));
        }
        told();
        assert_ok!(set(
            &worker,
            WorkerProfile {
                slots: 3,
                ..profile(1)
            }
        ));
        assert_eq!(told(), vec![model(0)]);
        // Fewer slots than are used: none is free, and those used stay.
        assert_ok!(set(
            &worker,
            WorkerProfile {
                slots: 1,
                ..profile(1)
            }
        ));
        assert_eq!((stored(&worker).free_slots(), stored(&worker).used_slots), (0, 2));
        release(&worker, OGPU);
        assert!(told().is_empty());
        release(&worker, OGPU);
        assert_eq!(told(), vec![model(0)]);
    });
}
