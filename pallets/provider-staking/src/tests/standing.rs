use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use ogpu_primitives::{Offence, OGPU};

fn jail(worker: &AccountId) {
    for _ in 0..3 {
        ProviderStaking::strike(worker, Offence::MissedDeadline);
    }
}

#[test]
fn drain_should_take_the_worker_off_until_it_resumes() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        assert_noop!(
            ProviderStaking::drain(signed(&self::owner(2)), worker.clone()),
            Error::<Test>::NotYourWorker
        );
        assert_noop!(
            ProviderStaking::resume(signed(&owner), worker.clone()),
            Error::<Test>::AlreadyActive
        );
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        assert_noop!(
            ProviderStaking::drain(signed(&owner), worker.clone()),
            Error::<Test>::AlreadyDraining
        );
        assert!(ProviderStaking::candidate(&worker, &model(0)).is_some_and(|found| !found.serving));
        assert_eq!(RosterLength::<Test>::iter().count(), 0);
        assert_ok!(ProviderStaking::resume(signed(&owner), worker.clone()));
        assert!(ProviderStaking::candidate(&worker, &model(0)).is_some_and(|found| found.serving));
        assert_eq!(last_event(), Some(Event::Resumed { worker }));
    });
}

#[test]
fn strike_should_jail_when_there_are_three() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        ProviderStaking::strike(&worker, Offence::MissedAcknowledge);
        ProviderStaking::strike(&worker, Offence::MissedLiveness);
        assert!(stored(&worker).listed);
        ProviderStaking::strike(&worker, Offence::MissedDeadline);
        let record = stored(&worker);
        assert_eq!(
            (record.status, record.listed, record.strikes),
            (WorkerStatus::Jailed, false, 3)
        );
        assert_eq!(
            last_event(),
            Some(Event::Jailed {
                worker: worker.clone()
            })
        );
        // More of the same does no more than count.
        ProviderStaking::strike(&worker, Offence::MissedDeadline);
        assert_eq!(
            last_event(),
            Some(Event::Struck {
                worker,
                offence: Offence::MissedDeadline,
                strikes: 4
            })
        );
    });
}

#[test]
fn strike_should_say_how_many_rosters_it_moved_when_it_jails() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        for n in 1..5 {
            assert_ok!(ProviderStaking::serve_model(signed(&worker), model(n)));
        }
        let moved: Vec<u32> = (0..4)
            .map(|_| ProviderStaking::strike(&worker, Offence::MissedDeadline))
            .collect();
        assert_eq!(moved, vec![0, 0, 5, 0]);
        assert_eq!(
            ProviderStaking::strike(&self::worker(9), Offence::MissedDeadline),
            0
        );
    });
}

#[test]
fn strike_should_list_nobody_when_the_minimum_stake_was_lowered() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        MinWorkerStake::set(200 * OGPU);
        assert_ok!(ProviderStaking::drain(signed(&worker), worker.clone()));
        assert_ok!(ProviderStaking::resume(signed(&worker), worker.clone()));
        MinWorkerStake::set(100 * OGPU);
        assert!(ProviderStaking::may_be_listed(&stored(&worker)) && !stored(&worker).listed);
        told();
        ProviderStaking::strike(&worker, Offence::MissedDeadline);
        assert!(!stored(&worker).listed, "coming back is not what a strike is for");
        assert!(told().is_empty());
    });
}

#[test]
fn strike_should_be_taken_off_when_jobs_succeed() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        ProviderStaking::succeeded(&worker);
        for _ in 0..5 {
            ProviderStaking::strike(&worker, Offence::MissedDeadline);
            ProviderStaking::strike(&worker, Offence::MissedDeadline);
            ProviderStaking::succeeded(&worker);
            ProviderStaking::succeeded(&worker);
        }
        assert_eq!(stored(&worker).strikes, 0);
        jail(&worker);
        ProviderStaking::succeeded(&worker);
        assert_eq!(
            stored(&worker).status,
            WorkerStatus::Jailed,
            "success does not open the jail"
        );
        ProviderStaking::strike(&self::worker(9), Offence::MissedDeadline);
        ProviderStaking::succeeded(&self::worker(9));
    });
}

#[test]
fn strikes_should_not_overflow_when_there_are_many() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        for _ in 0..300 {
            ProviderStaking::strike(&worker, Offence::MissedLiveness);
        }
        assert_eq!(stored(&worker).strikes, u8::MAX);
    });
}

#[test]
fn jailed_worker_should_come_back_only_when_its_owner_pays() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        assert_noop!(
            ProviderStaking::rejoin(signed(&owner), worker.clone()),
            Error::<Test>::NotJailed
        );
        jail(&worker);
        for caller in [&owner, &worker] {
            assert_noop!(
                ProviderStaking::resume(signed(caller), worker.clone()),
                Error::<Test>::WorkerJailed
            );
            assert_noop!(
                ProviderStaking::drain(signed(caller), worker.clone()),
                Error::<Test>::WorkerJailed
            );
            assert_noop!(
                ProviderStaking::unpair(signed(caller), worker.clone()),
                Error::<Test>::WorkerJailed
            );
        }
        assert_noop!(
            ProviderStaking::rejoin(signed(&worker), worker.clone()),
            Error::<Test>::NotYourWorker
        );
        told();
        assert_ok!(ProviderStaking::rejoin(signed(&owner), worker.clone()));
        assert_eq!(told(), vec![model(0)]);
        assert_eq!(Balances::balance(&Treasury::get()), REJOIN_FEE);
        let record = stored(&worker);
        assert_eq!(
            (record.status, record.strikes, record.listed),
            (WorkerStatus::Active, 0, true)
        );
    });
}

#[test]
fn rejoin_should_refuse_when_the_owner_cannot_pay() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        jail(&worker);
        let rest = Balances::balance(&owner) - REJOIN_FEE;
        assert_ok!(ProviderStaking::stake(signed(&owner), rest));
        assert_noop!(
            ProviderStaking::rejoin(signed(&owner), worker),
            Error::<Test>::InsufficientBalance
        );
    });
}

#[test]
fn strikes_should_pass_to_the_next_worker_when_one_leaves() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        ProviderStaking::strike(&worker, Offence::MissedDeadline);
        ProviderStaking::strike(&worker, Offence::MissedDeadline);
        assert_ok!(ProviderStaking::unpair(signed(&owner), worker));
        assert_eq!(Owners::<Test>::get(&owner).map(|owner| owner.strikes), Some(2));
        assert_ok!(pair(&owner, 2, 100 * OGPU));
        assert_eq!(stored(&self::worker(2)).strikes, 2);
        assert_eq!(Owners::<Test>::get(&owner).map(|owner| owner.strikes), Some(0));
    });
}

#[test]
fn new_worker_should_not_begin_in_jail_when_many_strikes_wait() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        for n in 1..4 {
            let worker = listed(n);
            ProviderStaking::strike(&worker, Offence::MissedDeadline);
            if stored(&worker).status == WorkerStatus::Active {
                assert_ok!(ProviderStaking::unpair(signed(&owner), worker));
            } else {
                assert_eq!(n, 3, "the third miss jails, whoever makes it");
            }
        }
    });
}
