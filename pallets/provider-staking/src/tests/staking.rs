use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Inspect, InspectHold, Mutate},
        LockableCurrency, WithdrawReasons,
    },
};
use ogpu_primitives::OGPU;

fn held(account: &AccountId) -> u128 {
    Balances::balance_on_hold(&HoldReason::ProviderStake.into(), account)
}

#[test]
fn stake_should_be_held_when_it_reaches_the_minimum() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_noop!(
            ProviderStaking::stake(signed(&owner), 0),
            Error::<Test>::ZeroAmount
        );
        assert_noop!(
            ProviderStaking::stake(signed(&owner), MIN_STAKE - 1),
            Error::<Test>::StakeTooLow
        );
        assert_ok!(ProviderStaking::stake(signed(&owner), MIN_STAKE));
        assert_ok!(ProviderStaking::stake(signed(&owner), 1));
        assert_eq!(held(&owner), MIN_STAKE + 1);
        assert_eq!(
            last_event(),
            Some(Event::Staked {
                owner,
                amount: 1,
                stake: MIN_STAKE + 1
            })
        );
    });
}

#[test]
fn stake_should_leave_the_existential_deposit_when_all_is_staked() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_noop!(
            ProviderStaking::stake(signed(&owner), ENDOWMENT),
            Error::<Test>::InsufficientBalance
        );
        assert_noop!(
            ProviderStaking::stake(signed(&owner), ENDOWMENT - EXISTENTIAL_DEPOSIT + 1),
            Error::<Test>::InsufficientBalance
        );
        assert_ok!(ProviderStaking::stake(
            signed(&owner),
            ENDOWMENT - EXISTENTIAL_DEPOSIT
        ));
        assert_eq!(Balances::balance(&owner), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn stake_should_leave_the_existential_deposit_when_the_account_has_another_provider() {
    ExtBuilder.build_and_execute(|| {
        // Balances alone would let the last planck be held, because the account lives on without it.
        let owner = owner(1);
        System::inc_providers(&owner);
        assert_noop!(
            ProviderStaking::stake(signed(&owner), ENDOWMENT),
            Error::<Test>::InsufficientBalance
        );
    });
}

#[test]
fn stake_should_take_frozen_funds_when_they_are_locked_in_a_vote() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        Balances::set_lock(*b"pyconvot", &owner, ENDOWMENT, WithdrawReasons::all());
        assert_ok!(ProviderStaking::stake(signed(&owner), MIN_STAKE));
        // The float is a transfer, which the lock stops.
        assert_noop!(pair(&owner, 1, MIN_STAKE), Error::<Test>::InsufficientBalance);
    });
}

#[test]
fn unstake_should_refuse_when_stake_is_allotted_or_dust_would_stay() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), 1),
            Error::<Test>::NotAnOwner
        );
        assert_ok!(ProviderStaking::stake(signed(&owner), 3 * MIN_STAKE));
        assert_ok!(pair(&owner, 1, 2 * MIN_STAKE));
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), 0),
            Error::<Test>::ZeroAmount
        );
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), 4 * MIN_STAKE),
            Error::<Test>::InsufficientStake
        );
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), MIN_STAKE + 1),
            Error::<Test>::StakeAllotted
        );
        assert_ok!(ProviderStaking::unstake(signed(&owner), MIN_STAKE));
        assert_ok!(ProviderStaking::unpair(signed(&owner), worker(1)));
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), 2 * MIN_STAKE - 1),
            Error::<Test>::StakeTooLow
        );
        assert_ok!(ProviderStaking::unstake(signed(&owner), 2 * MIN_STAKE));
    });
}

#[test]
fn unstake_should_refuse_when_the_rest_does_not_cover_unsettled_work() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let owner = owner(1);
        // 1,000 OGPU of stake cover 250.
        assert_ok!(ProviderStaking::reserve(&worker, 200 * OGPU));
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), 201 * OGPU),
            Error::<Test>::StakeExposed
        );
        assert_ok!(ProviderStaking::unstake(signed(&owner), 200 * OGPU));
        release(&worker, 200 * OGPU);
        assert_ok!(ProviderStaking::unstake(signed(&owner), 700 * OGPU));
    });
}

#[test]
fn withdraw_should_pay_only_what_has_finished_unbonding() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_ok!(ProviderStaking::stake(signed(&owner), 4 * MIN_STAKE));
        assert_ok!(ProviderStaking::unstake(signed(&owner), MIN_STAKE));
        Now::set(11);
        assert_ok!(ProviderStaking::unstake(signed(&owner), MIN_STAKE));
        Now::set(UNBONDING);
        assert_noop!(
            ProviderStaking::withdraw(signed(&owner)),
            Error::<Test>::NothingToWithdraw
        );
        Now::set(UNBONDING + 1);
        assert_ok!(ProviderStaking::withdraw(signed(&owner)));
        assert_eq!(held(&owner), 3 * MIN_STAKE);
        assert_noop!(
            ProviderStaking::withdraw(signed(&owner)),
            Error::<Test>::NothingToWithdraw
        );
        Now::set(UNBONDING + 11);
        assert_ok!(ProviderStaking::withdraw(signed(&owner)));
        assert_eq!(held(&owner), 2 * MIN_STAKE);
    });
}

#[test]
fn withdraw_should_forget_the_owner_when_nothing_is_left() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_ok!(ProviderStaking::stake(signed(&owner), MIN_STAKE));
        assert_ok!(ProviderStaking::unstake(signed(&owner), MIN_STAKE));
        Now::set(1 + UNBONDING);
        assert_ok!(ProviderStaking::withdraw(signed(&owner)));
        assert!(Owners::<Test>::get(&owner).is_none());
        assert_eq!(Balances::balance(&owner), ENDOWMENT);
        assert_eq!(held(&owner), 0);
    });
}

#[test]
fn unstake_should_refuse_when_thirty_two_withdrawals_wait() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_ok!(ProviderStaking::stake(signed(&owner), 2 * MIN_STAKE));
        for tick in 0..MAX_UNBONDING_CHUNKS {
            Now::set(tick);
            assert_ok!(ProviderStaking::unstake(signed(&owner), 1));
        }
        // In the same tick it joins the last.
        assert_ok!(ProviderStaking::unstake(signed(&owner), 1));
        Now::set(MAX_UNBONDING_CHUNKS);
        assert_noop!(
            ProviderStaking::unstake(signed(&owner), 1),
            Error::<Test>::TooManyChunks
        );
        Now::set(UNBONDING);
        assert_ok!(ProviderStaking::withdraw(signed(&owner)));
        assert_ok!(ProviderStaking::unstake(signed(&owner), 1));
    });
}

#[test]
fn stake_should_not_overflow_when_somebody_is_very_rich() {
    ExtBuilder.build_and_execute(|| {
        let owner = owner(1);
        assert_ok!(Balances::mint_into(&owner, u128::MAX / 2));
        assert_ok!(ProviderStaking::stake(signed(&owner), u128::MAX / 2));
        assert_noop!(
            ProviderStaking::stake(signed(&owner), u128::MAX),
            sp_runtime::ArithmeticError::Overflow
        );
    });
}
