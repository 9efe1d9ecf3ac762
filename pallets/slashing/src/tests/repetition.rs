use crate::{
    mock::*,
    report::{is_noted, repeated},
    Event, Offences, MAX_OFFENCES,
};
use frame_support::assert_ok;
use ogpu_primitives::{Balance, Offence, OGPU};

/// What a further wrong result of owner 1 that costs 1 OGPU the first time comes to.
fn next_costs() -> Balance {
    reported(1, Offence::WrongResult, OGPU);
    match last_event() {
        Event::SlashDeferred { amount, .. } => amount,
        event => panic!("{event:?}"),
    }
}

#[test]
fn slash_should_double_when_offences_repeat() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 10 * OGPU);
        stake(2, 10 * OGPU);
        assert_eq!(next_costs(), OGPU);
        assert_eq!(next_costs(), 2 * OGPU);
        reported(2, Offence::Equivocation, OGPU);
        assert_eq!(next_costs(), 4 * OGPU);
        assert_eq!(next_costs(), 8 * OGPU);
        assert_eq!(next_costs(), 10 * OGPU, "no more than there is");
    });
}

#[test]
fn slash_should_not_double_when_earlier_offences_are_old() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 1_000 * OGPU);
        assert_eq!(next_costs(), OGPU);
        Now::mutate(|now| *now += REPETITION);
        assert_eq!(next_costs(), 2 * OGPU);
        Now::mutate(|now| *now += 1);
        assert_eq!(
            next_costs(),
            2 * OGPU,
            "the first is forgotten, the second is not"
        );
        assert_eq!(Offences::<Test>::get(1).len(), 2);
    });
}

#[test]
fn absence_should_neither_double_nor_count_when_it_repeats() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        for _ in 0..3 {
            reported(1, Offence::AuditorAbsent, OGPU);
            assert!(matches!(last_event(), Event::SlashDeferred { amount: OGPU, .. }));
        }
        assert_eq!(next_costs(), OGPU);
        reported(1, Offence::AuditorAbsent, OGPU);
        assert!(matches!(last_event(), Event::SlashDeferred { amount: OGPU, .. }));
    });
}

#[test]
fn offence_should_not_count_when_its_slash_was_cancelled() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        assert_eq!(next_costs(), OGPU);
        assert_ok!(Slashing::cancel(RuntimeOrigin::root(), 0));
        assert!(!Offences::<Test>::contains_key(1));
        assert_eq!(next_costs(), OGPU);
        run_ticks(DEFERRAL);
        assert_eq!(next_costs(), 2 * OGPU, "an applied one counts on");
    });
}

#[test]
fn offences_should_be_bounded_when_there_are_many() {
    ExtBuilder.build_and_execute(|| {
        for n in 0..u64::from(MAX_OFFENCES) + 5 {
            assert_eq!(
                reported(1, Offence::WrongResult, OGPU),
                None,
                "no stake, but noted"
            );
            assert_eq!(
                Offences::<Test>::get(1).len() as u64,
                (n + 1).min(u64::from(MAX_OFFENCES))
            );
            Now::mutate(|now| *now += 1);
        }
        let offences = Offences::<Test>::get(1);
        assert_eq!(offences[0].at, 6, "the oldest went");
        stake(1, 100_000 * OGPU);
        assert_eq!(next_costs(), (1 << MAX_OFFENCES) * OGPU);
    });
}

#[test]
fn amount_should_not_overflow_when_it_is_doubled_often() {
    assert_eq!(repeated(3, 0), 3);
    assert_eq!(repeated(3, 4), 48);
    assert_eq!(repeated(3, 200), u128::MAX);
    assert_eq!(repeated(0, 200), 0);
    assert!(is_noted(Offence::WrongResult) && !is_noted(Offence::AuditorAbsent));
}
