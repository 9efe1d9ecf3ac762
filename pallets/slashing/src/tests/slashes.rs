use crate::{mock::*, Error, Event, Pending, PendingSums, MAX_PAYOUTS};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{Offence, OGPU};
use sp_runtime::DispatchError;

#[test]
fn slash_should_be_applied_when_its_time_has_come() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        let id = Slashing::report(
            &1,
            Some(101),
            Offence::WrongResult,
            5 * OGPU,
            Some(subject(3)),
            Vec::new(),
        );
        assert_eq!(id, Some(0));
        assert_eq!(
            last_event(),
            Event::SlashDeferred {
                id: 0,
                owner: 1,
                offence: Offence::WrongResult,
                amount: 5 * OGPU,
                due: 1 + DEFERRAL,
            }
        );
        let slash = Pending::<Test>::get(0).expect("it waits");
        assert_eq!((slash.worker, slash.subject), (Some(101), Some(subject(3))));
        run_ticks(DEFERRAL - 1);
        assert_eq!(Stakes::get()[&1], 100 * OGPU);
        run_ticks(1);
        assert_eq!(Stakes::get()[&1], 95 * OGPU);
        assert_eq!(
            last_event(),
            Event::SlashApplied {
                id: 0,
                owner: 1,
                amount: 5 * OGPU,
                paid: 0,
                to_reserve: 5 * OGPU,
            }
        );
        run_ticks(2 * DEFERRAL);
        assert_eq!(Stakes::get()[&1], 95 * OGPU, "once");
    });
}

#[test]
fn slash_should_wait_when_the_clock_stands_still() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        reported(1, Offence::WrongResult, OGPU);
        run_ticks(DEFERRAL - 1);
        for _ in 0..50 {
            run_block();
        }
        assert_eq!(Stakes::get()[&1], 100 * OGPU);
    });
}

#[test]
fn slash_should_not_happen_when_it_is_cancelled() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        reported(1, Offence::WrongResult, OGPU);
        assert_noop!(
            Slashing::cancel(RuntimeOrigin::signed(1), 0),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Slashing::cancel(RuntimeOrigin::root(), 7),
            Error::<Test>::NotPending
        );
        assert_ok!(Slashing::cancel(RuntimeOrigin::root(), 0));
        assert_eq!(
            last_event(),
            Event::SlashCancelled {
                id: 0,
                owner: 1,
                amount: OGPU
            }
        );
        assert_noop!(
            Slashing::cancel(RuntimeOrigin::root(), 0),
            Error::<Test>::NotPending
        );
        run_ticks(2 * DEFERRAL);
        assert_eq!(Stakes::get()[&1], 100 * OGPU);
    });
}

#[test]
fn slash_should_be_no_more_than_all_stake_when_the_owner_unbonds() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 10 * OGPU);
        unbond(1);
        reported(1, Offence::WrongResult, 1_000 * OGPU);
        assert_eq!(
            last_event(),
            Event::SlashDeferred {
                id: 0,
                owner: 1,
                offence: Offence::WrongResult,
                amount: 10 * OGPU,
                due: 1 + DEFERRAL,
            }
        );
        run_ticks(DEFERRAL);
        assert_eq!(Unbonding::get()[&1], 0);
    });
}

#[test]
fn slash_should_not_be_made_when_there_is_nothing_to_take() {
    ExtBuilder.build_and_execute(|| {
        assert_eq!(reported(1, Offence::WrongResult, OGPU), None);
        stake(2, OGPU);
        assert_eq!(reported(2, Offence::WrongResult, 0), None);
        assert!(events().is_empty());
        assert_eq!(Pending::<Test>::iter().count(), 0);
    });
}

#[test]
fn slash_should_come_next_tick_when_there_is_no_deferral() {
    ExtBuilder.build_and_execute(|| {
        DeferralTicks::set(0);
        stake(1, 10 * OGPU);
        reported(1, Offence::WrongResult, OGPU);
        run_ticks(1);
        assert_eq!(Stakes::get()[&1], 9 * OGPU);
    });
}

#[test]
fn payouts_should_be_cut_when_there_are_too_many() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        let payouts = (0..100).map(|n| (2_000 + n, OGPU)).collect();
        Slashing::report(&1, None, Offence::WrongResult, 100 * OGPU, None, payouts);
        assert_eq!(
            Pending::<Test>::get(0).map(|slash| slash.payouts.len() as u32),
            Some(MAX_PAYOUTS)
        );
    });
}

#[test]
fn pending_sum_should_follow_what_waits_when_slashes_come_and_go() {
    ExtBuilder.build_and_execute(|| {
        for owner in [1, 2] {
            stake(owner, 100 * OGPU);
        }
        // Each costs twice the one before.
        reported(1, Offence::WrongResult, OGPU);
        run_ticks(1);
        reported(1, Offence::WrongResult, OGPU);
        reported(1, Offence::WrongResult, OGPU);
        reported(2, Offence::WrongResult, 8 * OGPU);
        assert_eq!(Slashing::pending_of(&1), 7 * OGPU);
        assert_eq!(Slashing::pending_of(&2), 8 * OGPU);
        assert_ok!(Slashing::cancel(RuntimeOrigin::root(), 1));
        assert_eq!(Slashing::pending_of(&1), 5 * OGPU);
        run_ticks(DEFERRAL - 1);
        assert_eq!(Slashing::pending_of(&1), 4 * OGPU);
        run_ticks(1);
        assert_eq!((Slashing::pending_of(&1), Slashing::pending_of(&2)), (0, 0));
        assert_eq!(PendingSums::<Test>::iter().count(), 0);
    });
}
