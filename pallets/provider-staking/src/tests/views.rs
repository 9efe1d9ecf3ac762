use crate::{mock::*, *};
use frame_support::assert_ok;
use ogpu_primitives::{DeviceKind, Offence, WorkerProfile, OGPU};

#[test]
fn idle_reason_should_name_what_is_in_the_way() {
    ExtBuilder.build_and_execute(|| {
        let (owner, worker) = (owner(1), worker(1));
        let reason = || ProviderStaking::idle_reason(&self::worker(1));
        assert_eq!(reason(), Some(IdleReason::NotPaired));
        assert_ok!(ProviderStaking::stake(signed(&owner), 200 * OGPU));
        assert_ok!(pair(&owner, 1, 100 * OGPU));
        assert_eq!(reason(), Some(IdleReason::NoProfile));
        assert_ok!(ProviderStaking::set_profile(signed(&worker), profile(1)));
        assert_eq!(reason(), Some(IdleReason::NoModel));
        assert_ok!(ProviderStaking::serve_model(signed(&worker), model(0)));
        assert_eq!(reason(), None);
        MinWorkerStake::set(101 * OGPU);
        assert_eq!(
            reason(),
            Some(IdleReason::AllotmentTooLow { minimum: 101 * OGPU })
        );
        assert_ok!(ProviderStaking::resume(signed(&worker), worker.clone()));
        MinWorkerStake::set(MIN_STAKE);
        assert_eq!(reason(), Some(IdleReason::Unlisted));
        assert_ok!(ProviderStaking::resume(signed(&worker), worker.clone()));
        assert_ok!(ProviderStaking::reserve(&worker, 50 * OGPU));
        assert_eq!(reason(), Some(IdleReason::ExposureFull));
        assert_ok!(ProviderStaking::set_profile(
            signed(&worker),
            WorkerProfile {
                slots: 1,
                ..profile(1)
            }
        ));
        assert_eq!(reason(), Some(IdleReason::SlotsFull));
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        assert_eq!(reason(), Some(IdleReason::Draining));
        for _ in 0..3 {
            ProviderStaking::strike(&worker, Offence::MissedDeadline);
        }
        assert_eq!(
            reason(),
            Some(IdleReason::Jailed {
                rejoin_fee: REJOIN_FEE
            })
        );
    });
}

#[test]
fn views_should_show_what_is_stored() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let view = ProviderStaking::worker_view(worker.clone()).expect("it is paired");
        assert_eq!(
            (view.owner, view.models, view.profile),
            (owner(1), vec![model(0)], Some(profile(1)))
        );
        assert_ok!(ProviderStaking::unstake(signed(&owner(1)), 100 * OGPU));
        let view = ProviderStaking::owner_view(owner(1)).expect("it has stake");
        assert_eq!((view.stake, view.withdrawable), (900 * OGPU, 0));
        assert_eq!(view.worker_accounts, vec![worker]);
        Now::set(1 + UNBONDING);
        let view = ProviderStaking::owner_view(owner(1)).expect("it has stake");
        assert_eq!(view.withdrawable, 100 * OGPU);
        assert!(ProviderStaking::worker_view(owner(1)).is_none());
        assert!(ProviderStaking::owner_view(owner(2)).is_none());
    });
}

#[test]
fn providers_should_page_through_all_classes_when_no_model_is_named() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..6 {
            let worker = listed(n);
            if n > 3 {
                let mut cpu = profile(n);
                cpu.devices[0] = device(DeviceKind::Cpu, 4_000);
                assert_ok!(ProviderStaking::set_profile(signed(&worker), cpu));
            }
        }
        assert_eq!(ProviderStaking::providers(Some(model(0)), 0, 100).len(), 5);
        assert_eq!(ProviderStaking::providers(Some(model(0)), 4, 100).len(), 1);
        assert_eq!(ProviderStaking::providers(Some(model(1)), 0, 100).len(), 0);
        let mut paged = Vec::new();
        for start in 0..7 {
            paged.extend(
                ProviderStaking::providers(None, start, 1)
                    .into_iter()
                    .map(|view| view.worker),
            );
        }
        let all: Vec<_> = ProviderStaking::providers(None, 0, u32::MAX)
            .into_iter()
            .map(|view| view.worker)
            .collect();
        assert_eq!(paged, all);
        assert_eq!(all.len(), 5);
        assert!(ProviderStaking::providers(None, u32::MAX, 1).is_empty());
    });
}
