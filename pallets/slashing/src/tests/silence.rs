use crate::{mock::*, silence::is_fault, Event, Offences, Outages, Pending, Silence, MAX_SILENT};
use frame_support::assert_ok;
use ogpu_primitives::{Balance, Offence, OGPU};

/// Ten owners of 100 OGPU each.
fn ten_owners() {
    for owner in 1..11 {
        stake(owner, 100 * OGPU);
    }
}

fn silent(owner: u64) -> Option<u32> {
    reported(owner, Offence::SilentUnderAudit, OGPU)
}

fn slashed() -> Balance {
    1_000 * OGPU - Stakes::get().values().sum::<Balance>()
}

#[test]
fn silence_should_cost_nothing_when_three_owners_of_much_stake_are_silent_at_once() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        assert_eq!(silent(1), Some(0));
        run_ticks(50);
        assert_eq!(silent(2), Some(1));
        reported(4, Offence::WrongResult, OGPU);
        run_ticks(WINDOW - 51);
        // The last tick of the window.
        assert_eq!(silent(3), None);
        assert!(events().contains(&Event::NetworkFault { window: 1, owners: 3 }));
        assert_eq!(
            last_event(),
            Event::SlashExcused {
                owner: 3,
                offence: Offence::SilentUnderAudit
            }
        );
        // Both were due before; the window is longer than the deferral of this test.
        assert_eq!(slashed(), 3 * OGPU);
    });
}

#[test]
fn pending_silence_should_be_dropped_when_the_network_was_at_fault() {
    ExtBuilder.build_and_execute(|| {
        DeferralTicks::set(1_000);
        ten_owners();
        silent(1);
        silent(1);
        silent(2);
        reported(3, Offence::WrongResult, OGPU);
        assert_eq!(Outages::<Test>::get().len(), 0);
        assert_eq!(Slashing::pending(None).len(), 4);
        assert_eq!(silent(3), None);
        assert_eq!(
            (Outages::<Test>::get()[0].pending, Pending::<Test>::iter().count()),
            (3, 4)
        );
        assert_eq!(Slashing::pending(None).len(), 1, "only the wrong result");
        // Others in the same window are excused at once, and none of it counts as an earlier offence.
        assert_eq!(silent(4), None);
        reported(2, Offence::WrongResult, OGPU);
        assert!(matches!(last_event(), Event::SlashDeferred { amount: OGPU, .. }));
        // One is cancelled by hand; the others are dropped when due.
        assert_ok!(Slashing::cancel(RuntimeOrigin::root(), 0));
        assert_ok!(Slashing::do_try_state());
        run_ticks(1_000);
        assert_eq!(slashed(), 2 * OGPU, "the two wrong results");
        assert!(Outages::<Test>::get().is_empty());
        assert!(!Offences::<Test>::contains_key(1));
        let dropped = events()
            .iter()
            .filter(|event| matches!(event, Event::SlashCancelled { .. }))
            .count();
        assert_eq!(dropped, 3);
    });
}

#[test]
fn silence_should_be_slashed_when_it_lies_in_different_windows() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        silent(1);
        silent(2);
        run_ticks(WINDOW);
        assert_eq!(silent(3), Some(2));
        let window = Silence::<Test>::get().expect("there was silence");
        assert_eq!((window.since, window.owners.len()), (1 + WINDOW, 1));
        run_ticks(DEFERRAL);
        assert_eq!(slashed(), 3 * OGPU);
    });
}

#[test]
fn silence_should_be_slashed_when_one_owner_repeats_it() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        for _ in 0..4 {
            assert!(silent(1).is_some());
        }
        assert!(silent(2).is_some());
        run_ticks(DEFERRAL);
        assert_eq!(slashed(), (1 + 2 + 4 + 8 + 1) * OGPU);
    });
}

#[test]
fn silence_should_be_slashed_when_the_silent_hold_little() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        stake(50, 10_000 * OGPU);
        for owner in 1..11 {
            assert!(silent(owner).is_some(), "a thousand of eleven thousand");
        }
        stake(11, 200 * OGPU);
        assert_eq!(
            silent(11),
            None,
            "twelve hundred of eleven thousand and two hundred"
        );
    });
}

#[test]
fn strikes_should_count_towards_a_fault_when_they_are_noted() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        Slashing::note_silence(&1);
        Slashing::note_silence(&2);
        Slashing::note_silence(&2);
        assert!(events().is_empty());
        assert_eq!(silent(3), None);
        assert!(Outages::<Test>::get().is_empty(), "nothing waits");
        run_ticks(WINDOW);
        assert!(silent(3).is_some(), "a new window");
    });
}

#[test]
fn fault_should_be_found_when_the_list_of_the_silent_is_full() {
    ExtBuilder.build_and_execute(|| {
        stake(500, 10_000 * OGPU);
        for owner in 1..=u64::from(MAX_SILENT) {
            stake(owner, OGPU);
            assert!(reported(owner, Offence::LateData, OGPU / 100).is_some());
        }
        stake(501, OGPU);
        assert!(reported(501, Offence::LateData, OGPU / 100).is_some());
        assert_eq!(reported(500, Offence::LateData, OGPU / 100), None);
        assert_eq!(Outages::<Test>::get()[0].pending, MAX_SILENT + 1);
        run_ticks(DEFERRAL);
        assert_eq!(Stakes::get()[&501], OGPU);
    });
}

#[test]
fn fault_should_need_three_owners_and_more_than_the_share_when_it_is_judged() {
    assert!(is_fault(3, 11, 100, 100_000));
    assert!(!is_fault(3, 10, 100, 100_000));
    assert!(!is_fault(2, 90, 100, 100_000));
    assert!(!is_fault(3, 0, 0, 100_000));
    assert!(is_fault(3, u128::MAX, u128::MAX, 999_999));
}
