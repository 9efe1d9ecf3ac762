use crate::{
    mock::*, silence::is_fault, Event, Forgiven, Offences, Outages, Pending, PendingSums, Silence, MAX_SILENT,
};
use frame_support::assert_ok;
use ogpu_primitives::{Balance, JobKind, Offence, OGPU};

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
fn silence_should_cost_nothing_when_others_of_much_stake_are_silent_at_once() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        assert_eq!(silent(1), Some(0));
        run_ticks(50);
        assert_eq!(silent(2), Some(1));
        assert_eq!(silent(5), Some(2));
        reported(4, Offence::WrongResult, OGPU);
        run_ticks(WINDOW - 51);
        // The last tick of the window.
        assert_eq!(silent(3), None);
        assert!(events().contains(&Event::NetworkFault { window: 1, owners: 4 }));
        assert_eq!(
            last_event(),
            Event::SlashExcused {
                owner: 3,
                offence: Offence::SilentUnderAudit
            }
        );
        // The others were due before; the window is longer than the deferral of this test.
        assert_eq!(slashed(), 4 * OGPU);
    });
}

#[test]
fn silence_should_be_slashed_when_only_the_owners_own_weight_makes_a_fault() {
    ExtBuilder.build_and_execute(|| {
        // 300 of 1,200 OGPU are one owner's; three accomplices have the least.
        stake(1, 300 * OGPU);
        for accomplice in 2..5 {
            stake(accomplice, OGPU);
            Slashing::note_silence(&accomplice);
        }
        stake(9, 897 * OGPU);
        assert!(silent(1).is_some());
        // Nor does its weight excuse them, or any further owner of little.
        assert!(silent(2).is_some());
        stake(5, 50 * OGPU);
        assert!(silent(5).is_some());
        assert!(!events()
            .iter()
            .any(|event| matches!(event, Event::NetworkFault { .. })));
        run_ticks(DEFERRAL);
        assert_eq!(Stakes::get()[&1], 299 * OGPU);
    });
}

#[test]
fn accomplices_should_excuse_one_day_only_when_they_hold_enough_themselves() {
    ExtBuilder.build_and_execute(|| {
        DeferralTicks::set(400);
        ten_owners();
        // Three with 300 of 1,000 OGPU miss a duty each, which costs them strikes, to excuse owner 1.
        let accomplices = || (2..5).for_each(|owner| Slashing::note_silence(&owner));
        accomplices();
        assert_eq!(silent(1), None);
        assert_eq!(Forgiven::<Test>::get(1), Some(1));
        // The same outage may go on.
        run_ticks(WINDOW);
        assert!(silent(1).is_some(), "nobody else is silent yet");
        accomplices();
        assert_eq!(silent(1), None);
        run_ticks(400);
        assert_eq!(slashed(), 0);
        // Not so another one: it is slashed at once or, if the fault shows only later, when due.
        run_ticks(DAY - 700);
        accomplices();
        assert!(silent(1).is_some());
        assert_eq!(silent(5), None, "who was not forgiven before is");
        run_ticks(WINDOW);
        assert!(silent(1).is_some());
        accomplices();
        assert_eq!(Slashing::pending(Some(1)).len(), 2);
        run_ticks(400);
        assert_eq!(slashed(), (1 + 2) * OGPU);
        assert!(Outages::<Test>::get().is_empty());
        // But it is after the time in which an offence makes the next one dearer.
        Now::set(1 + REPETITION);
        accomplices();
        assert_eq!(silent(1), None);
        assert_eq!(Forgiven::<Test>::get(1), Some(1 + REPETITION));
    });
}

#[test]
fn pending_silence_should_be_dropped_when_the_network_was_at_fault() {
    ExtBuilder.build_and_execute(|| {
        DeferralTicks::set(1_000);
        ten_owners();
        Slashing::note_silence(&5);
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
fn stake_should_cover_work_until_a_slash_for_silence_is_due() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        // A fault of the network may still excuse it.
        assert!(silent(1).is_some());
        assert!(reported(1, Offence::DataNotPosted, OGPU).is_some());
        assert_eq!(Slashing::pending_of(&1), 0);
        assert!(!PendingSums::<Test>::contains_key(1));
        // All of its results are audited meanwhile, of whatever kind.
        for kind in [JobKind::Generate, JobKind::Embed] {
            assert!(Slashing::is_forced(&1, kind));
        }
        assert_whole();
        // What no fault excuses counts at once, beside it. The amount is doubled twice.
        reported(1, Offence::WrongResult, OGPU);
        assert_eq!(Slashing::pending_of(&1), 4 * OGPU);
        assert_ok!(Slashing::cancel(RuntimeOrigin::root(), 1));
        assert_eq!(Slashing::pending_of(&1), 4 * OGPU);
        run_ticks(DEFERRAL);
        assert_eq!((slashed(), Slashing::pending_of(&1)), ((1 + 4) * OGPU, 0));
    });
}

#[test]
fn results_should_not_be_audited_more_when_an_auditor_was_absent() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        reported(1, Offence::AuditorAbsent, OGPU);
        assert!(!Slashing::is_forced(&1, JobKind::Generate));
        assert_eq!(Slashing::pending_of(&1), 0);
    });
}

#[test]
fn silence_should_be_slashed_when_it_lies_in_different_windows() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        Slashing::note_silence(&5);
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
        stake(11, 150 * OGPU);
        assert!(silent(11).is_some(), "a thousand without the largest");
        stake(12, 150 * OGPU);
        assert_eq!(silent(12), None, "1,150 of 11,300 without the largest");
    });
}

#[test]
fn strikes_should_count_towards_a_fault_when_they_are_noted() {
    ExtBuilder.build_and_execute(|| {
        ten_owners();
        for owner in [1, 2, 2, 4] {
            Slashing::note_silence(&owner);
        }
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
        // The largest are noted in the place of the least, and alone make no fault.
        assert!(reported(500, Offence::LateData, OGPU / 100).is_some());
        stake(502, 3_000 * OGPU);
        assert_eq!(reported(502, Offence::LateData, OGPU / 100), None);
        assert_eq!(Outages::<Test>::get()[0].pending, MAX_SILENT + 2);
        let noted = Silence::<Test>::get().expect("there was silence").owners;
        assert!([500, 502]
            .iter()
            .all(|owner| noted.iter().any(|(silent, _)| silent == owner)));
        assert_eq!(noted.len() as u32, MAX_SILENT);
        run_ticks(DEFERRAL);
        assert_eq!(Stakes::get()[&501], OGPU);
    });
}

#[test]
fn fault_should_need_three_owners_besides_the_largest_and_more_than_the_share() {
    assert!(is_fault(4, 11, 100, 100_000));
    assert!(!is_fault(4, 10, 100, 100_000));
    assert!(!is_fault(3, 90, 100, 100_000));
    assert!(!is_fault(4, 0, 0, 100_000));
    assert!(is_fault(4, u128::MAX, u128::MAX, 999_999));
}
