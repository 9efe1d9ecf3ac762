use super::fixture::*;
use crate::{mock::*, Commitments, Error, Event};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::CheckStage;

#[test]
fn commitment_should_be_kept_with_its_window_when_it_is_the_first() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        let record = record();
        assert_eq!((record.work, record.commitment), (work(), commitment()));
        assert_eq!((record.committed_at, record.fixed_at, record.due), (1, 1, 32));
        assert_eq!((record.stage, record.verdict), (CheckStage::Window, None));
        assert_eq!(Verification::commitment(&it()), Some(commitment()));
        assert_eq!(
            events(),
            [Event::Committed {
                subject: it(),
                worker: prover(),
                window_end: 32,
            }]
        );
    });
}

#[test]
fn commitment_should_be_refused_when_the_subject_has_one() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert_noop!(
            Verification::committed(&it(), work(), &commitment()),
            Error::<Test>::AlreadyCommitted
        );
    });
}

#[test]
fn commitment_should_be_refused_when_no_audit_could_carry_the_output() {
    ExtBuilder::default().build_and_execute(|| {
        let mut long = commitment();
        long.n_out = 8_193;
        assert_noop!(
            Verification::committed(&it(), work(), &long),
            Error::<Test>::OutputTooLong
        );
        long.n_out = 8_192;
        assert_ok!(Verification::committed(&it(), work(), &long));
    });
}

#[test]
fn commitment_should_be_refused_when_the_clock_is_at_its_end() {
    ExtBuilder::default().build_and_execute(|| {
        Now::set(u32::MAX);
        assert_noop!(
            Verification::committed(&it(), work(), &commitment()),
            Error::<Test>::ClockOverflow
        );
        Now::set(1);
    });
}

#[test]
fn commitment_should_be_gone_with_all_of_its_check_when_it_is_forgotten() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert_ok!(Verification::challenge(signed(client()), it()));
        assert_ok!(Verification::demand_data(signed(client()), it(), [1; 32]));
        run_ticks(9);
        Verification::forget(&it());
        assert_eq!(Verification::commitment(&it()), None);
        assert!(seats().is_empty());
        assert_eq!(Balances::free_balance(client()), FUNDS);
        run_ticks(400);
        assert_eq!(heard(), []);
    });
}

#[test]
fn commitment_should_be_forgotten_when_its_check_is_closed() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        audit(passing());
        assert_eq!(seats().len(), 1);
        Verification::forget(&it());
        assert!(seats().is_empty());
        assert_eq!(Commitments::<Test>::iter().count(), 0);
        // A subject that nobody knows is nothing to forget.
        Verification::forget(&it());
    });
}
