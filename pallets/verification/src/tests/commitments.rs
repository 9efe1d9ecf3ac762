use super::{commitment, subject};
use crate::{mock::*, Commitments, Error, Event};
use frame_support::{assert_noop, assert_ok};

#[test]
fn commitment_should_be_kept_with_its_window_when_it_is_the_first() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        let record = Commitments::<Test>::get(subject(1)).expect("just committed");
        assert_eq!((record.worker, record.price, record.committed_at), (7, 1_001, 1));
        assert_eq!((record.window_end, record.verdict), (32, None));
        assert_eq!(Verification::commitment(&subject(1)), Some(commitment()));
        System::assert_last_event(
            Event::Committed {
                subject: subject(1),
                worker: 7,
                window_end: 32,
            }
            .into(),
        );
    });
}

#[test]
fn commitment_should_be_refused_when_the_subject_has_one() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        assert_noop!(
            Verification::committed(&subject(1), &7, &commitment(), 1_001),
            Error::<Test>::AlreadyCommitted
        );
    });
}

#[test]
fn commitment_should_be_refused_when_the_clock_is_at_its_end() {
    ExtBuilder.build_and_execute(|| {
        Now::set(u32::MAX);
        assert_noop!(
            Verification::committed(&subject(1), &7, &commitment(), 1),
            Error::<Test>::ClockOverflow
        );
        Now::set(1);
    });
}

#[test]
fn commitment_should_be_gone_when_it_is_forgotten() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        Verification::forget(&subject(1));
        assert_eq!(Verification::commitment(&subject(1)), None);
        run_ticks(40);
        assert!(Verdicts::get().is_empty());
    });
}
