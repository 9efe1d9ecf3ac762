use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::Preservation,
    },
};
use ogpu_primitives::{H256, OGPU};
use sp_runtime::MultiSignature;

fn staked(n: u8) -> AccountId {
    let owner = owner(n);
    assert_ok!(ProviderStaking::stake(signed(&owner), 1_000 * OGPU));
    owner
}

#[test]
fn pair_should_allot_and_fund_when_the_worker_agreed() {
    ExtBuilder.build_and_execute(|| {
        let owner = staked(1);
        assert_ok!(pair(&owner, 1, 100 * OGPU));
        assert_eq!(Balances::balance(&worker(1)), FLOAT);
        assert_eq!(ProviderStaking::owner_of(&worker(1)), Some(owner.clone()));
        assert_eq!(ProviderStaking::float_gap(&worker(1)), 0);
        let record = Owners::<Test>::get(&owner).expect("the owner has stake");
        assert_eq!((record.workers, record.allotted), (1, 100 * OGPU));
        assert_eq!(
            last_event(),
            Some(Event::Paired {
                owner,
                worker: worker(1),
                allotted: 100 * OGPU
            })
        );
    });
}

#[test]
fn pair_should_refuse_when_the_proof_is_for_another_chain_owner_or_key() {
    ExtBuilder.build_and_execute(|| {
        let (owner, thief) = (staked(1), staked(2));
        let bad = [
            proof_on(H256::repeat_byte(0xbb), 1, &owner), // another chain
            proof_on(genesis(), 1, &thief),               // another owner
            proof_on(genesis(), 2, &owner),               // another worker's key
            MultiSignature::Ed25519([0u8; 64].into()),
        ];
        for proof in bad {
            assert_noop!(
                ProviderStaking::pair(signed(&owner), worker(1), proof, 100 * OGPU),
                Error::<Test>::BadPairingProof
            );
        }
        // What the thief saw in the pool is of no use to it.
        assert_noop!(
            ProviderStaking::pair(
                signed(&thief),
                worker(1),
                proof_on(genesis(), 1, &owner),
                100 * OGPU
            ),
            Error::<Test>::BadPairingProof
        );
    });
}

#[test]
fn pair_should_refuse_when_the_worker_is_paired_already() {
    ExtBuilder.build_and_execute(|| {
        let (first, second) = (staked(1), staked(2));
        assert_ok!(pair(&first, 1, 100 * OGPU));
        assert_noop!(pair(&first, 1, 100 * OGPU), Error::<Test>::AlreadyPaired);
        assert_noop!(pair(&second, 1, 100 * OGPU), Error::<Test>::AlreadyPaired);
    });
}

#[test]
fn pair_should_refuse_when_stake_does_not_suffice() {
    ExtBuilder.build_and_execute(|| {
        assert_noop!(pair(&owner(1), 1, MIN_STAKE), Error::<Test>::NotAnOwner);
        let owner = staked(1);
        assert_noop!(pair(&owner, 1, MIN_STAKE - 1), Error::<Test>::AllotmentTooLow);
        assert_noop!(pair(&owner, 1, 1_001 * OGPU), Error::<Test>::StakeAllotted);
        assert_noop!(pair(&owner, 1, u128::MAX), Error::<Test>::StakeAllotted);
        assert_ok!(pair(&owner, 1, 960 * OGPU));
        assert_noop!(pair(&owner, 2, MIN_STAKE), Error::<Test>::StakeAllotted);
    });
}

#[test]
fn pair_should_refuse_when_the_owner_is_the_worker() {
    ExtBuilder.build_and_execute(|| {
        let itself = worker(1);
        assert_ok!(Balances::mint_into(&itself, 1_000 * OGPU));
        assert_ok!(ProviderStaking::stake(signed(&itself), 100 * OGPU));
        assert_noop!(pair(&itself, 1, 100 * OGPU), Error::<Test>::OwnerIsWorker);
    });
}

#[test]
fn pair_should_only_fill_the_gap_when_the_worker_has_money() {
    ExtBuilder.build_and_execute(|| {
        let owner = staked(1);
        assert_ok!(pair(&owner, 1, MIN_STAKE));
        let before = Balances::balance(&owner);
        for _ in 0..3 {
            assert_ok!(ProviderStaking::unpair(signed(&owner), worker(1)));
            assert_ok!(pair(&owner, 1, MIN_STAKE));
        }
        assert_eq!(Balances::balance(&owner), before);
    });
}

#[test]
fn pair_should_refuse_when_the_float_would_take_the_owners_last() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_ok!(ProviderStaking::stake(signed(&owner), ENDOWMENT - FLOAT));
        assert_noop!(pair(&owner, 1, MIN_STAKE), Error::<Test>::InsufficientBalance);
        assert!(Workers::<Test>::get(worker(1)).is_none());
    });
}

#[test]
fn paired_worker_should_keep_its_nonce_when_it_spends_its_last_planck() {
    ExtBuilder.build_and_execute(|| {
        let owner = staked(1);
        assert_ok!(pair(&owner, 1, MIN_STAKE));
        System::inc_account_nonce(worker(1));
        assert_ok!(Balances::transfer(
            &worker(1),
            &owner,
            FLOAT,
            Preservation::Expendable
        ));
        assert_eq!(System::account_nonce(worker(1)), 1);
        assert_ok!(ProviderStaking::unpair(signed(&owner), worker(1)));
        assert!(!System::account_exists(&worker(1)));
    });
}

#[test]
fn unpair_should_leave_nothing_when_it_succeeds() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        assert_ok!(ProviderStaking::serve_model(signed(&worker), model(1)));
        assert_noop!(
            ProviderStaking::unpair(signed(&self::owner(2)), worker.clone()),
            Error::<Test>::NotYourWorker
        );
        assert_ok!(ProviderStaking::unpair(signed(&owner), worker.clone()));
        let record = Owners::<Test>::get(&owner).expect("the stake stays");
        assert_eq!((record.workers, record.allotted), (0, 0));
        assert!(Profiles::<Test>::get(&worker).is_none());
        assert_eq!(TransportKeys::<Test>::iter().count(), 0);
        assert_eq!(Served::<Test>::iter().count(), 0);
        assert_eq!(RosterMember::<Test>::iter().count(), 0);
        assert_eq!(RosterPosition::<Test>::iter().count(), 0);
        assert_eq!(RosterLength::<Test>::iter().count(), 0);
        assert_noop!(
            ProviderStaking::unpair(signed(&owner), worker),
            Error::<Test>::NotAWorker
        );
    });
}

#[test]
fn unpair_should_succeed_when_the_worker_itself_leaves() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let before = Balances::balance(&worker);
        assert_ok!(ProviderStaking::unpair(signed(&worker), worker.clone()));
        assert_eq!(Balances::balance(&worker), before);
        // Its new owner is not held up by the old one.
        let second = staked(2);
        assert_ok!(pair(&second, 1, MIN_STAKE));
    });
}

#[test]
fn unpair_should_refuse_when_jobs_are_unsettled() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, OGPU));
        assert_noop!(
            ProviderStaking::unpair(signed(&owner(1)), worker.clone()),
            Error::<Test>::WorkerBusy
        );
        release(&worker, OGPU);
        assert_ok!(ProviderStaking::unpair(signed(&owner(1)), worker));
    });
}

#[test]
fn allot_should_move_stake_between_workers_when_it_is_free() {
    ExtBuilder.build_and_execute(|| {
        let owner = staked(1);
        assert_ok!(pair(&owner, 1, 500 * OGPU));
        assert_ok!(pair(&owner, 2, 500 * OGPU));
        let allot = |n, amount| ProviderStaking::allot(signed(&owner), worker(n), amount);
        assert_eq!(
            allot(1, 501 * OGPU).map_err(|e| e.error),
            Err(Error::<Test>::StakeAllotted.into())
        );
        assert_eq!(
            allot(1, u128::MAX).map_err(|e| e.error),
            Err(sp_runtime::ArithmeticError::Overflow.into())
        );
        assert_eq!(
            allot(1, MIN_STAKE - 1).map_err(|e| e.error),
            Err(Error::<Test>::AllotmentTooLow.into())
        );
        assert_ok!(allot(1, 100 * OGPU));
        assert_ok!(allot(2, 900 * OGPU));
        assert_eq!(
            Owners::<Test>::get(&owner).map(|owner| owner.free_stake()),
            Some(0)
        );
        assert_eq!(
            ProviderStaking::allot(signed(&worker(1)), worker(1), 100 * OGPU).map_err(|e| e.error),
            Err(Error::<Test>::NotYourWorker.into())
        );
    });
}

#[test]
fn top_up_should_move_money_only_from_the_owner() {
    ExtBuilder.build_and_execute(|| {
        let owner = staked(1);
        assert_ok!(pair(&owner, 1, MIN_STAKE));
        assert_ok!(ProviderStaking::top_up(signed(&owner), worker(1), OGPU));
        assert_eq!(Balances::balance(&worker(1)), FLOAT + OGPU);
        assert_noop!(
            ProviderStaking::top_up(signed(&owner), worker(1), 0),
            Error::<Test>::ZeroAmount
        );
        assert_noop!(
            ProviderStaking::top_up(signed(&owner), worker(2), 1),
            Error::<Test>::NotAWorker
        );
        assert_noop!(
            ProviderStaking::top_up(signed(&owner), worker(1), ENDOWMENT),
            Error::<Test>::InsufficientBalance
        );
        assert_noop!(
            ProviderStaking::top_up(signed(&self::owner(2)), worker(1), 1),
            Error::<Test>::NotYourWorker
        );
    });
}
