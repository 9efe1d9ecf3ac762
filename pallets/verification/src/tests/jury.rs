use super::fixture::*;
use crate::{mock::*, Event, SeatState, Verdict};
use frame_support::assert_ok;
use ogpu_primitives::{jury::JuryOutcome, CheckStage, Offence, Role};

fn decided(outcome: JuryOutcome, against: u32, for_worker: u32) -> Event<Test> {
    Event::JuryDecided {
        subject: it(),
        outcome,
        seats: 9,
        against,
        for_worker,
    }
}

#[test]
fn jury_should_be_drawn_from_others_when_an_auditor_dissents() {
    ExtBuilder::default().build_and_execute(|| {
        Candidates::mutate(|candidates| {
            // A juror risks nothing of its stake, and sits once an owner.
            candidates[1].exposure_room = 0;
            candidates[3].owner = seat_owner(2);
            candidates[4].serving = false;
        });
        commit(work());
        dispute();
        assert_eq!(stage(), CheckStage::Auditing(Role::Juror));
        let drawn: Vec<_> = seats().into_iter().map(|(worker, _)| worker).collect();
        let expected = [0, 1, 2, 5, 6, 7, 8, 9, 10, 11].map(seat);
        assert_eq!(drawn, expected);
        assert!(events().contains(&Event::JurySeated {
            subject: it(),
            seats: 9,
        }));
    });
}

#[test]
fn worker_should_be_slashed_when_two_thirds_find_it_guilty() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        jury_votes(&votes(6, 3));
        assert!(events().contains(&decided(JuryOutcome::Guilty, 6, 3)));
        let owners = (0..7).map(seat_owner);
        let mut payouts: Vec<_> = owners.map(|owner| (owner, FEE)).collect();
        payouts.push((fund(), 7 * FEE));
        assert_eq!(
            heard(),
            [
                Told::Wrong(Offence::WrongResult, payouts),
                Told::Verdict(it(), Verdict::Wrong)
            ]
        );
        // Jurors of the minority are not blamed, but sat for nothing.
        for owner in (7..10).map(seat_owner) {
            assert_eq!(Balances::free_balance(owner), FUNDS);
        }
    });
}

#[test]
fn auditor_should_answer_for_its_pass_when_the_second_one_and_a_jury_dissent() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        audit_commit(0, &passing());
        run_ticks(9);
        audit_commit(1, &dissenting());
        open();
        audit_open(0, passing());
        audit_open(1, dissenting());
        run_ticks(10);
        for n in 2..11 {
            audit_commit(n, &computed(dissenting()));
        }
        for n in 2..11 {
            audit_open(n, computed(dissenting()));
        }
        run_ticks(1);
        let heard = heard();
        assert!(heard.contains(&Told::FalsePass(seat(0), seat_owner(0))));
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS);
        assert_eq!(Balances::free_balance(seat_owner(1)), FUNDS + FEE);
    });
}

#[test]
fn verdict_should_be_logged_only_when_thresholds_are_not_calibrated() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.params.slash_enabled = false;
        commit(work);
        dispute();
        jury_votes(&votes(8, 1));
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Wrong)]);
        assert!(events().contains(&Event::VerdictLogged {
            subject: it(),
            offence: Offence::WrongResult,
        }));
    });
}

#[test]
fn nobody_should_be_blamed_when_a_majority_is_no_two_thirds() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        jury_votes(&votes(5, 4));
        assert!(events().contains(&decided(JuryOutcome::Unclear, 5, 4)));
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Inconclusive)]);
    });
}

#[test]
fn dissenter_should_pay_the_jury_when_it_finds_nothing_wrong() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        jury_votes(&votes(2, 7));
        assert!(events().contains(&decided(JuryOutcome::Innocent, 2, 7)));
        assert_eq!(
            heard(),
            [
                Told::Passed { counted: true },
                Told::FalseDissent(seat(0), seat_owner(0), 7 * FEE),
                Told::Verdict(it(), Verdict::Pass)
            ]
        );
    });
}

#[test]
fn dissenter_should_not_be_blamed_when_thresholds_are_not_calibrated() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.params.slash_enabled = false;
        commit(work);
        dispute();
        jury_votes(&votes(0, 9));
        assert_eq!(
            heard(),
            [Told::Passed { counted: true }, Told::Verdict(it(), Verdict::Pass)]
        );
    });
}

#[test]
fn next_results_should_all_be_audited_when_the_jury_is_undecided() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        jury_votes(&votes(4, 4));
        assert!(events().contains(&decided(JuryOutcome::Undecided, 4, 4)));
        assert_eq!(
            heard(),
            [
                absent(9),
                Told::Refunded,
                Told::Verdict(it(), Verdict::Inconclusive)
            ]
        );
    });
}

#[test]
fn jury_should_be_undecided_at_once_when_no_juror_commits() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        run_ticks(300);
        assert!(events().contains(&decided(JuryOutcome::Undecided, 0, 0)));
        assert_eq!(
            heard(),
            [Told::Refunded, Told::Verdict(it(), Verdict::Inconclusive)]
        );
        run_ticks(1);
        assert_eq!(heard(), (1..10).map(absent).collect::<Vec<_>>());
    });
}

#[test]
fn jurors_should_count_for_neither_when_they_do_not_open() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        for n in 1..10 {
            audit_commit(n, &computed(dissenting()));
        }
        assert_eq!(stage(), CheckStage::Reporting(Role::Juror));
        for n in 1..6 {
            audit_open(n, computed(dissenting()));
        }
        run_ticks(59);
        assert_eq!(record().verdict, None);
        run_ticks(1);
        // Five of nine are a majority, but no two thirds of all seats.
        assert!(events().contains(&decided(JuryOutcome::Unclear, 5, 0)));
        assert_eq!(seats()[9].1, SeatState::Absent);
    });
}

#[test]
fn reports_should_be_due_at_once_when_all_jurors_have_committed() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        for n in 1..9 {
            audit_commit(n, &computed(passing()));
        }
        assert_eq!(stage(), CheckStage::Auditing(Role::Juror));
        audit_commit(9, &computed(passing()));
        assert_eq!(stage(), CheckStage::Reporting(Role::Juror));
        for n in 1..10 {
            audit_open(n, computed(passing()));
        }
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Pass));
    });
}

#[test]
fn jury_should_be_as_large_as_there_are_owners_when_they_are_few() {
    ExtBuilder::default().candidates(5).build_and_execute(|| {
        commit(work());
        dispute();
        assert_eq!(seats().len(), 5);
        jury_votes(&votes(3, 1));
        assert!(events().contains(&Event::JuryDecided {
            subject: it(),
            outcome: JuryOutcome::Guilty,
            seats: 4,
            against: 3,
            for_worker: 1,
        }));
    });
}

#[test]
fn nobody_should_be_blamed_when_too_few_can_judge() {
    ExtBuilder::default().candidates(3).build_and_execute(|| {
        commit(work());
        dispute();
        assert!(events().contains(&Event::JuryTooSmall {
            subject: it(),
            found: 2,
        }));
        assert_eq!(
            heard(),
            [Told::Refunded, Told::Verdict(it(), Verdict::Inconclusive)]
        );
        // A dissent that nobody could confirm is no proof; paid, it would be a business.
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS);
        assert_eq!(Balances::free_balance(fund()), FUNDS);
    });
}

#[test]
fn jury_should_not_be_larger_than_seats_can_hold_when_more_is_governed() {
    ExtBuilder::default().candidates(40).build_and_execute(|| {
        JurySeats::set(1_000);
        commit(work());
        dispute();
        assert_eq!(seats().len(), 1 + crate::MAX_JURY as usize);
    });
}

#[test]
fn juror_should_be_refused_when_it_was_the_auditor() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        let commits = |n| Verification::audit_commit(signed(seat(n)), it(), hash(&seat(n), &passing()));
        frame_support::assert_noop!(commits(0), crate::Error::<Test>::NotSeated);
        assert_ok!(commits(1));
    });
}
