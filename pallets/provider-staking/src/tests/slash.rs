//! Stake that is taken, and what is left of an owner afterwards.

use crate::{mock::*, slash::take, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Inspect, InspectHold},
        LockableCurrency, WithdrawReasons,
    },
};
use ogpu_primitives::{Balance, BoundedVec, H256, OGPU};
use proptest::prelude::*;

fn held(account: &AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::ProviderStake.into(), account)
}

fn record(n: u8) -> Owner {
    Owners::<Test>::get(owner(n)).expect("the owner has a record")
}

/// Where slashes go in these tests; it has money already.
fn pot() -> AccountId {
    owner(9)
}

#[test]
fn slash_should_take_active_and_unbonding_stake_alike_when_both_are_held() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_ok!(ProviderStaking::stake(signed(&owner), 1_000 * OGPU));
        assert_ok!(ProviderStaking::unstake(signed(&owner), 100 * OGPU));
        Now::mutate(|now| *now += 1);
        assert_ok!(ProviderStaking::unstake(signed(&owner), 300 * OGPU));
        let before = Balances::balance(&pot());
        assert_eq!(ProviderStaking::slash(&owner, 200 * OGPU, &pot()), 200 * OGPU);
        let left = record(1);
        assert_eq!((left.stake, left.slashed), (480 * OGPU, 120 * OGPU));
        let chunks: Vec<_> = left.unbonding.iter().map(|chunk| chunk.amount).collect();
        assert_eq!(chunks, [80 * OGPU, 240 * OGPU]);
        assert_eq!(held(&owner), 800 * OGPU);
        assert_eq!(Balances::balance(&pot()), before + 200 * OGPU);
        assert_eq!(ProviderStaking::total_stake(), 480 * OGPU);
        assert_eq!(
            last_event(),
            Some(Event::Slashed {
                owner,
                active: 120 * OGPU,
                unbonding: 80 * OGPU
            })
        );
    });
}

#[test]
fn slash_should_take_what_there_is_when_it_asks_for_more() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(ProviderStaking::stake(signed(&owner(1)), 100 * OGPU));
        assert_eq!(ProviderStaking::slash(&owner(1), u128::MAX, &pot()), 100 * OGPU);
        assert!(Owners::<Test>::get(owner(1)).is_none());
        assert_eq!(ProviderStaking::slash(&owner(1), 1, &pot()), 0);
        assert_eq!(ProviderStaking::slash(&owner(5), 1, &pot()), 0, "never staked");
        assert_eq!(ProviderStaking::total_stake(), 0);
    });
}

#[test]
fn slash_should_reach_stake_when_the_owner_has_locked_its_balance() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(ProviderStaking::stake(signed(&owner(1)), 100 * OGPU));
        Balances::set_lock(*b"pyconvot", &owner(1), ENDOWMENT, WithdrawReasons::all());
        assert_eq!(ProviderStaking::slash(&owner(1), 10 * OGPU, &pot()), 10 * OGPU);
    });
}

#[test]
fn slash_should_take_nothing_when_the_receiver_cannot_exist() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(ProviderStaking::stake(signed(&owner(1)), 100 * OGPU));
        let nobody = account(77);
        assert_eq!(
            ProviderStaking::slash(&owner(1), EXISTENTIAL_DEPOSIT - 1, &nobody),
            0
        );
        assert_eq!(record(1).stake, 100 * OGPU);
        assert_eq!(held(&owner(1)), 100 * OGPU);
        assert_eq!(
            ProviderStaking::slash(&owner(1), EXISTENTIAL_DEPOSIT, &nobody),
            EXISTENTIAL_DEPOSIT
        );
    });
}

#[test]
fn workers_should_count_for_their_part_when_less_is_left_than_allotted() {
    ExtBuilder.build_and_execute(|| {
        // Two workers of 400 each out of 1,000.
        listed(1);
        listed(2);
        for n in [1, 2] {
            assert_ok!(ProviderStaking::allot(signed(&owner(1)), worker(n), 400 * OGPU));
        }
        ProviderStaking::slash(&owner(1), 600 * OGPU, &pot());
        let owner = record(1);
        assert_eq!((owner.stake, owner.allotted), (400 * OGPU, 800 * OGPU));
        assert_eq!(owner.backed(400 * OGPU), 200 * OGPU);
        assert_eq!(
            ProviderStaking::seat_weight(&stored(&worker(1)), &owner),
            200 * OGPU
        );
        // Still enough to work.
        assert_ok!(ProviderStaking::reserve(&worker(1), OGPU));
        // Another 320 leave 40 for each: too little.
        ProviderStaking::slash(&self::owner(1), 320 * OGPU, &pot());
        let drawn = ProviderStaking::draw_for_model(&model(0), &H256::zero(), 16);
        assert!(drawn.len() == 2 && drawn.iter().all(|candidate| !candidate.serving));
        assert_noop!(ProviderStaking::reserve(&worker(2), 1), Error::<Test>::NotListed);
        assert_eq!(
            ProviderStaking::idle_reason(&worker(2)),
            Some(IdleReason::AllotmentTooLow { minimum: MIN_STAKE })
        );
        // The owner stakes more: they are back without another call.
        assert_ok!(ProviderStaking::stake(signed(&self::owner(1)), 40 * OGPU));
        let drawn = ProviderStaking::draw_for_model(&model(0), &H256::zero(), 16);
        assert!(drawn.iter().all(|candidate| candidate.serving));
        assert_eq!(ProviderStaking::idle_reason(&worker(2)), None);
    });
}

#[test]
fn allotments_should_only_shrink_when_less_is_left_than_allotted() {
    ExtBuilder.build_and_execute(|| {
        listed(1);
        listed(2);
        let by = || signed(&owner(1));
        ProviderStaking::slash(&owner(1), 880 * OGPU, &pot());
        assert_noop!(
            ProviderStaking::allot(by(), worker(1), 101 * OGPU),
            Error::<Test>::StakeAllotted
        );
        assert_noop!(
            ProviderStaking::allot(by(), worker(1), 100 * OGPU),
            Error::<Test>::StakeAllotted
        );
        assert_noop!(
            ProviderStaking::unstake(by(), 120 * OGPU),
            Error::<Test>::StakeAllotted
        );
        assert_noop!(pair(&owner(1), 3, MIN_STAKE), Error::<Test>::StakeAllotted);
        assert_ok!(ProviderStaking::allot(by(), worker(1), 60 * OGPU));
        assert_ok!(ProviderStaking::allot(by(), worker(2), 60 * OGPU));
        assert_eq!(record(1).free_stake(), 0);
        assert_eq!(record(1).backed(60 * OGPU), 60 * OGPU);
    });
}

#[test]
fn room_should_be_zero_when_unsettled_work_is_more_than_the_rest_covers() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, 200 * OGPU));
        ProviderStaking::slash(&owner(1), 500 * OGPU, &pot());
        assert_eq!(ProviderStaking::exposure_room(&record(1)), 0);
        assert_noop!(
            ProviderStaking::reserve(&worker, 1),
            Error::<Test>::ExposureTooHigh
        );
        ProviderStaking::slash(&owner(1), 500 * OGPU, &pot());
        assert_ok!(ProviderStaking::do_try_state());
        release(&worker, 200 * OGPU);
        assert_eq!(record(1).exposure, 0);
    });
}

#[test]
fn reputation_should_be_the_workers_when_it_is_set() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        ProviderStaking::set_reputation(&worker, 812);
        assert_eq!(stored(&worker).reputation_permille, 812);
        ProviderStaking::set_reputation(&worker, 2_000);
        assert_eq!(stored(&worker).reputation_permille, 1_000);
        ProviderStaking::set_reputation(&self::worker(9), 1);
        assert!(!Workers::<Test>::contains_key(self::worker(9)));
    });
}

#[test]
fn take_should_empty_chunks_when_no_active_stake_takes_the_remainder() {
    let chunk = |amount| UnbondingChunk { amount, until: 9 };
    let mut owner = Owner {
        unbonding: BoundedVec::truncate_from(vec![chunk(1), chunk(1), chunk(1)]),
        ..Default::default()
    };
    let taken = take(&mut owner, 2);
    assert_eq!((taken.active, taken.unbonding), (0, 2));
    assert_eq!(owner.unbonding_total(), 1);
    assert_eq!(owner.unbonding.len(), 1);
}

proptest! {
    #[test]
    fn take_should_lose_no_planck_when_anything_is_held(
        stake in 0..=(21_000_000 * OGPU),
        chunks in prop::collection::vec(1..=(21_000_000 * OGPU), 0..33),
        amount in prop_oneof![0..=(42_000_000 * OGPU), Just(1), Just(u128::MAX)],
    ) {
        let mut owner = Owner {
            stake,
            unbonding: BoundedVec::truncate_from(
                chunks.iter().map(|amount| UnbondingChunk { amount: *amount, until: 9 }).collect(),
            ),
            ..Default::default()
        };
        let before = owner.clone();
        let taken = take(&mut owner, amount);
        let all = amount.min(before.held());
        prop_assert_eq!(taken.active + taken.unbonding, all);
        prop_assert_eq!(owner.held() + all, before.held());
        prop_assert_eq!(owner.stake + taken.active, before.stake);
        prop_assert!(owner.unbonding.iter().all(|chunk| chunk.amount > 0));
        // No part pays more than its share and the planck that rounding leaves.
        let share = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
            before.stake, all, before.held().max(1), sp_runtime::Rounding::Down,
        ).expect("a part of the stake");
        prop_assert!(taken.active >= share.min(before.stake));
        prop_assert!(taken.active <= share + 33);
    }

    #[test]
    fn backed_should_add_up_to_the_stake_at_most_when_it_is_less_than_allotted(
        stake in 0..=(21_000_000 * OGPU),
        allotments in prop::collection::vec(1..=(1_000_000 * OGPU), 1..20),
    ) {
        let allotted: Balance = allotments.iter().sum();
        let owner = Owner { stake, allotted, ..Default::default() };
        let parts: Balance = allotments.iter().map(|part| owner.backed(*part)).sum();
        prop_assert!(parts <= stake.max(allotted));
        if stake < allotted {
            prop_assert!(parts <= stake && parts + 20 >= stake);
        } else {
            prop_assert_eq!(parts, allotted);
        }
    }
}
