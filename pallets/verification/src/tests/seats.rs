use super::fixture::*;
use crate::{
    mock::*,
    seats::{is_independent, stake_at_risk},
    Event, Seat, SeatState, Verdict,
};
use ogpu_primitives::{CheckStage, Role, SeatPool};

#[test]
fn candidate_should_be_dependent_when_it_has_a_part_already() {
    let taken = Seat {
        worker: seat(7),
        owner: seat_owner(7),
        role: Role::First,
        state: SeatState::Absent,
        findings: None,
        pool: SeatPool::Model,
    };
    let seats = [taken];
    let is = |change: fn(&mut ogpu_primitives::Candidate<AccountId>)| {
        let mut candidate = auditor(0);
        change(&mut candidate);
        is_independent(&candidate, &work(), &seats)
    };
    assert!(is(|_| {}));
    // Busy workers audit too.
    assert!(is(|candidate| candidate.free_slots = 0));
    assert!(!is(|candidate| candidate.serving = false));
    assert!(!is(|candidate| candidate.owner = prover_owner()));
    assert!(!is(|candidate| candidate.worker = prover()));
    assert!(!is(|candidate| candidate.owner = client()));
    assert!(!is(|candidate| candidate.worker = client()));
    assert!(!is(|candidate| candidate.owner = seat_owner(7)));
}

#[test]
fn first_seat_should_go_to_the_first_that_can_be_liable_when_others_cannot() {
    ExtBuilder::default().build_and_execute(|| {
        Candidates::mutate(|candidates| {
            candidates[0].exposure_room = stake_at_risk(PRICE) - 1;
            candidates[1].serving = false;
            candidates[2].exposure_room = stake_at_risk(PRICE);
        });
        commit(work());
        draw();
        assert_eq!(seats(), [(seat(2), SeatState::Drawn)]);
        assert!(events().contains(&Event::SeatDrawn {
            subject: it(),
            worker: seat(2),
            role: Role::First,
            pool: SeatPool::Model,
            until: Now::get() + 210,
        }));
    });
}

#[test]
fn stake_at_risk_should_be_five_halves_of_the_price_when_it_fits() {
    assert_eq!(stake_at_risk(101), 252);
    assert_eq!(stake_at_risk(u128::MAX), u128::MAX / 2);
}

#[test]
fn result_should_pass_as_unaudited_when_nobody_can_audit_it() {
    ExtBuilder::default().candidates(0).build_and_execute(|| {
        commit(work());
        run_ticks(31);
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Pass)]);
        assert!(!record().audited);
        let events = events();
        assert!(events.contains(&Event::NoAuditor { subject: it() }));
        assert!(events.contains(&Event::VerdictGiven {
            subject: it(),
            verdict: Verdict::Pass,
            audited: false,
        }));
    });
}

#[test]
fn audit_should_go_on_with_one_when_no_second_auditor_is_found() {
    ExtBuilder::default().candidates(1).build_and_execute(|| {
        commit(work_with_second());
        first_commits(&passing());
        assert_eq!(seats().len(), 1);
    });
}

#[test]
fn first_auditor_should_be_replaced_a_few_times_when_nobody_commits() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        for n in 0..3 {
            assert_eq!(
                seats().last(),
                Some(&(seat(n), SeatState::Drawn)),
                "an owner sits once"
            );
            run_ticks(210);
            let verdict = Told::Verdict(it(), Verdict::Pass);
            assert_eq!(heard(), if n == 2 { vec![verdict] } else { vec![] });
            run_ticks(1);
            assert_eq!(heard(), [absent(n)], "in the next tick");
            run_ticks(8);
        }
        assert!(!record().audited);
        assert!(events().contains(&Event::NoAuditor { subject: it() }));
    });
}

#[test]
fn replacement_should_audit_when_the_first_one_stays_away() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        run_ticks(210);
        assert_eq!(stage(), CheckStage::Drawing(Role::First));
        run_ticks(9);
        audit_commit(1, &passing());
        run_ticks(9);
        open();
        audit_open(1, passing());
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Pass));
        assert!(record().audited);
        assert_eq!(
            seats(),
            [
                (seat(0), SeatState::Absent),
                (seat(1), SeatState::Voted(ogpu_primitives::Judgement::Pass))
            ]
        );
    });
}

#[test]
fn first_seat_should_go_to_the_most_liable_when_nobody_has_enough_room() {
    ExtBuilder::default().build_and_execute(|| {
        Candidates::mutate(|candidates| {
            for candidate in candidates.iter_mut() {
                candidate.exposure_room = 1;
            }
            candidates[4].exposure_room = stake_at_risk(PRICE) - 2;
            // Has more room, but is the client's.
            candidates[5].exposure_room = stake_at_risk(PRICE) - 1;
            candidates[5].owner = client();
        });
        commit(work());
        draw();
        assert_eq!(seats(), [(seat(4), SeatState::Drawn)]);
    });
}

#[test]
fn second_seat_should_be_taken_when_nobody_has_any_room() {
    ExtBuilder::default().candidates(2).build_and_execute(|| {
        Candidates::mutate(|candidates| {
            for candidate in candidates.iter_mut() {
                candidate.exposure_room = 0;
            }
        });
        commit(work_with_second());
        draw();
        let first = seats()[0].0.clone();
        let n = (0..2).find(|n| seat(*n) == first).expect("one of the two");
        audit_commit(n, &passing());
        run_ticks(9);
        assert_eq!(stage(), CheckStage::Auditing(Role::Second));
        assert_eq!(seats()[1], (seat(1 - n), SeatState::Drawn));
    });
}
