use super::fixture::*;
use crate::{mock::*, Error, Event, Openings, SeatState, Verdict};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use ogpu_primitives::{CheckStage, FailReason, JobState, Judgement, Role, SoftReason};

#[test]
fn result_should_pass_when_its_only_auditor_finds_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        audit_commit(0, &passing());
        assert_eq!(stage(), CheckStage::Drawing(Role::Second));
        run_ticks(9);
        assert_eq!(stage(), CheckStage::Opening);
        open();
        assert_eq!(stage(), CheckStage::Reporting(Role::First));
        audit_open(0, passing());
        assert_eq!(seats(), [(seat(0), SeatState::Voted(Judgement::Pass))]);
        assert_eq!(heard(), []);
        run_ticks(1);
        assert_eq!(
            heard(),
            [Told::Passed { counted: true }, Told::Verdict(it(), Verdict::Pass)]
        );
        assert!(record().audited && !Openings::<Test>::contains_key(it()));
        assert_eq!(
            events().last(),
            Some(&Event::VerdictGiven {
                subject: it(),
                verdict: Verdict::Pass,
                audited: true,
            })
        );
    });
}

#[test]
fn second_auditor_should_be_drawn_only_once_the_first_is_bound() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        run_ticks(100);
        assert_eq!(seats().len(), 1);
        audit_commit(0, &passing());
        assert_eq!(record().fixed_at, System::block_number() as u32);
        run_ticks(8);
        assert_eq!(seats().len(), 1);
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Auditing(Role::Second));
        assert_eq!(seats()[1], (seat(1), SeatState::Drawn));
        audit_commit(1, &passing());
        assert_eq!(stage(), CheckStage::Opening);
        open();
        audit_open(1, passing());
        run_ticks(1);
        // One report is missing still.
        assert_eq!(stage(), CheckStage::Reporting(Role::First));
        audit_open(0, passing());
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Pass));
    });
}

#[test]
fn dissent_should_bring_a_jury_when_only_the_second_auditor_dissents() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        audit_commit(0, &passing());
        run_ticks(9);
        audit_commit(1, &dissenting());
        open();
        audit_open(0, passing());
        audit_open(1, dissenting());
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Drawing(Role::Juror));
        assert_eq!(
            Heard::get(),
            [
                Told::Stage(it(), JobState::Auditing),
                Told::Stage(it(), JobState::Disputed)
            ]
        );
        assert!(events().contains(&Event::Disputed { subject: it() }));
        assert!(matches!(
            seats()[1].1,
            SeatState::Voted(Judgement::Fail(FailReason::ChunkSketch { .. }))
        ));
    });
}

#[test]
fn soft_finding_should_be_paid_and_have_no_consequence_when_one_auditor_makes_it() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        audit(soft());
        let judgement = Judgement::Soft(SoftReason::EarlyStop);
        assert_eq!(seats()[0].1, SeatState::Voted(judgement));
        assert_eq!(
            heard(),
            [Told::Passed { counted: true }, Told::Verdict(it(), Verdict::Pass)]
        );
    });
}

#[test]
fn passed_audit_should_not_count_when_the_client_chose_it() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert_ok!(Verification::challenge(signed(client()), it()));
        run_ticks(9);
        audit_commit(0, &passing());
        run_ticks(9);
        open();
        audit_open(0, passing());
        run_ticks(1);
        assert_eq!(heard()[0], Told::Passed { counted: false });
    });
}

#[test]
fn audit_commit_should_be_refused_when_it_is_not_the_signers_turn() {
    ExtBuilder::default().build_and_execute(|| {
        let commits = |n| Verification::audit_commit(signed(seat(n)), it(), hash(&seat(n), &passing()));
        assert_noop!(commits(0), Error::<Test>::UnknownSubject);
        commit(work_with_second());
        assert_noop!(commits(0), Error::<Test>::WrongStage);
        draw();
        assert_noop!(commits(1), Error::<Test>::NotSeated);
        let info = commits(0).expect("the drawn auditor commits");
        assert_eq!(info.pays_fee, Pays::No);
        assert_noop!(commits(0), Error::<Test>::WrongStage);
        run_ticks(9);
        // The first one has committed; it is the second one's turn.
        assert_noop!(commits(0), Error::<Test>::NotSeated);
        assert_ok!(commits(1));
    });
}

#[test]
fn audit_open_should_be_refused_when_it_is_not_what_was_committed() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&passing());
        let opens = |n, report, salt| Verification::audit_open(signed(seat(n)), it(), report, salt);
        assert_noop!(opens(0, passing(), SALT), Error::<Test>::WrongStage);
        open();
        assert_noop!(opens(1, passing(), SALT), Error::<Test>::NotSeated);
        assert_noop!(opens(0, dissenting(), SALT), Error::<Test>::ReportDiffers);
        assert_noop!(opens(0, passing(), [0; 32]), Error::<Test>::ReportDiffers);
        let info = opens(0, passing(), SALT).expect("the committed report");
        assert_eq!(info.pays_fee, Pays::No);
        assert_noop!(opens(0, passing(), SALT), Error::<Test>::AlreadyReported);
    });
}

#[test]
fn report_should_be_useless_to_others_when_its_hash_is_copied() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        audit_commit(0, &passing());
        run_ticks(9);
        let copied = hash(&seat(0), &passing());
        assert_ok!(Verification::audit_commit(signed(seat(1)), it(), copied));
        open();
        audit_open(0, passing());
        assert_noop!(
            Verification::audit_open(signed(seat(1)), it(), passing(), SALT),
            Error::<Test>::ReportDiffers
        );
    });
}

#[test]
fn nothing_should_be_taken_any_more_when_the_verdict_is_given() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        audit(passing());
        assert_noop!(
            Verification::audit_open(signed(seat(0)), it(), passing(), SALT),
            Error::<Test>::AlreadyJudged
        );
        assert_noop!(
            Verification::open(signed(prover()), it(), opening()),
            Error::<Test>::AlreadyJudged
        );
        assert_noop!(
            Verification::accept(signed(client()), it(), SECRET),
            Error::<Test>::AlreadyJudged
        );
        assert_noop!(
            Verification::demand_data(signed(client()), it(), [1; 32]),
            Error::<Test>::AlreadyJudged
        );
    });
}
