use super::{commitment, subject};
use crate::{mock::*, Commitments, Event, Verdict};
use frame_support::assert_ok;

#[test]
fn verdict_should_be_given_once_when_the_window_is_over() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        run_ticks(30);
        assert!(Verdicts::get().is_empty());
        run_ticks(1);
        assert_eq!(Verdicts::get(), vec![(subject(1), Verdict::Pass)]);
        System::assert_last_event(
            Event::VerdictGiven {
                subject: subject(1),
                verdict: Verdict::Pass,
            }
            .into(),
        );
        run_ticks(100);
        assert_eq!(Verdicts::get().len(), 1);
        assert_eq!(
            Commitments::<Test>::get(subject(1)).and_then(|r| r.verdict),
            Some(Verdict::Pass)
        );
    });
}

#[test]
fn verdict_should_wait_when_the_clock_stands_still() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        run_ticks(30);
        for _ in 0..50 {
            run_block();
        }
        assert!(Verdicts::get().is_empty());
        run_ticks(1);
        assert_eq!(Verdicts::get().len(), 1);
    });
}

#[test]
fn verdict_should_be_tried_again_when_the_sibling_fails() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        Failing::set(true);
        run_ticks(31);
        assert!(Verdicts::get().is_empty());
        let record = Commitments::<Test>::get(subject(1)).expect("kept");
        assert_eq!((record.window_end, record.verdict), (63, None));
        Failing::set(false);
        run_ticks(31);
        assert_eq!(Verdicts::get(), vec![(subject(1), Verdict::Pass)]);
    });
}

#[test]
fn verdict_should_be_given_next_tick_when_the_window_is_zero() {
    ExtBuilder.build_and_execute(|| {
        run_ticks(3);
        Window::set(0);
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        run_ticks(1);
        assert_eq!(Verdicts::get().len(), 1);
    });
}
