use super::fixture::*;
use crate::{mock::*, Error, Event, SeatState, Verdict};
use frame_support::{assert_noop, dispatch::Pays};
use ogpu_primitives::{CheckStage, JobState, Judgement, Offence, Role};

#[test]
fn result_should_be_wrong_when_the_worker_does_not_open() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&passing());
        run_ticks(59);
        assert_eq!(heard(), []);
        run_ticks(1);
        // The auditor did its work, so it is paid; the slash gives the fund that back.
        assert_eq!(
            heard(),
            [
                Told::Wrong(Offence::SilentUnderAudit, vec![(fund(), FEE)]),
                Told::Verdict(it(), Verdict::Wrong)
            ]
        );
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS + FEE);
    });
}

#[test]
fn silence_should_be_slashed_when_thresholds_are_not_calibrated_too() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.params.slash_enabled = false;
        commit(work);
        first_commits(&passing());
        run_ticks(60);
        assert!(matches!(heard()[0], Told::Wrong(Offence::SilentUnderAudit, _)));
    });
}

#[test]
fn audit_should_go_on_when_the_second_auditor_stays_away() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        audit_commit(0, &passing());
        run_ticks(9 + 210);
        assert_eq!(stage(), CheckStage::Opening);
        assert_eq!(heard(), []);
        run_ticks(1);
        assert_eq!(heard(), [absent(1)]);
        assert_noop!(
            Verification::audit_commit(signed(seat(1)), it(), hash(&seat(1), &passing())),
            Error::<Test>::WrongStage
        );
        open();
        audit_open(0, passing());
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Pass));
    });
}

#[test]
fn audit_should_be_judged_without_it_when_one_report_is_not_opened() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        audit_commit(0, &passing());
        run_ticks(9);
        audit_commit(1, &passing());
        open();
        audit_open(1, passing());
        run_ticks(60);
        let heard_now = heard();
        let [Told::Passed { counted: true }, Told::Observed(seen), Told::Verdict(_, Verdict::Pass)] =
            &heard_now[..]
        else {
            panic!("heard {heard_now:?}");
        };
        assert!(seen.alone);
        run_ticks(1);
        assert_eq!(heard(), [absent(0)]);
        assert_eq!(
            seats(),
            [
                (seat(0), SeatState::Absent),
                (seat(1), SeatState::Voted(Judgement::Pass))
            ]
        );
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS);
    });
}

/// Nine jurors that find nothing wrong.
fn jury_acquits() {
    run_ticks(9);
    assert_eq!(stage(), CheckStage::Auditing(Role::Juror));
    jury_votes(&votes(0, 9));
}

#[test]
fn result_should_go_to_a_jury_when_no_report_is_opened() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&passing());
        open();
        run_ticks(59);
        assert_eq!(stage(), CheckStage::Reporting(Role::First));
        run_ticks(1);
        // Who found something and was bought would do just this.
        assert_eq!(stage(), CheckStage::Drawing(Role::Juror));
        assert_eq!(Heard::get().last(), Some(&Told::Stage(it(), JobState::Disputed)));
        assert!(events().contains(&Event::Disputed { subject: it() }));
        heard();
        run_ticks(1);
        assert_eq!(heard(), [absent(0)]);
        jury_acquits();
        // No vote was given that the jury could have overturned.
        assert_eq!(
            heard(),
            [Told::Passed { counted: true }, Told::Verdict(it(), Verdict::Pass)]
        );
        assert!(record().audited);
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS);
    });
}

#[test]
fn worker_should_be_found_guilty_when_the_auditor_hid_what_it_found() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&dissenting());
        open();
        run_ticks(60 + 9);
        heard();
        jury_votes(&votes(9, 0));
        // Jurors alone are paid, and once more out of the slash; the auditor has nothing of either.
        let mut payouts: Vec<_> = (1..10).map(|n| (seat_owner(n), FEE)).collect();
        payouts.push((fund(), 9 * FEE));
        assert_eq!(
            heard(),
            [
                Told::Wrong(Offence::WrongResult, payouts),
                Told::Verdict(it(), Verdict::Wrong)
            ]
        );
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS);
    });
}

#[test]
fn report_should_cost_its_maker_when_it_does_not_fit_the_result() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&unfit());
        open();
        let info = Verification::audit_open(signed(seat(0)), it(), unfit(), SALT).expect("it is taken");
        assert_eq!(info.pays_fee, Pays::Yes);
        assert_eq!(seats(), [(seat(0), SeatState::Absent)]);
        assert!(events().contains(&Event::ReportUnfit {
            subject: it(),
            worker: seat(0),
        }));
        run_ticks(1);
        // Nobody has spoken for the result, so that a jury has to.
        assert_eq!(heard(), [absent(0)]);
        assert_eq!(stage(), CheckStage::Drawing(Role::Juror));
        jury_acquits();
        assert_eq!(record().verdict, Some(Verdict::Pass));
        assert!(record().audited);
    });
}

#[test]
fn absence_should_be_blamed_once_when_the_verdict_has_to_wait() {
    ExtBuilder::default().build_and_execute(|| {
        MaxRedraws::set(0);
        commit(work());
        draw();
        Failing::set(true);
        run_ticks(210 + 31);
        // All of the step was undone, the blame with it.
        assert_eq!((heard(), record().verdict), (vec![], None));
        Failing::set(false);
        run_ticks(31 + 31);
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Pass), absent(0)]);
    });
}

#[test]
fn absence_should_be_blamed_on_its_own_when_the_check_is_forgotten() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        run_ticks(210);
        Verification::forget(&it());
        run_ticks(1);
        assert_eq!(heard(), [absent(0)]);
    });
}
