//! Audits of models that few owners serve.

use super::fixture::*;
use crate::{mock::*, seats::pools, Event, SeatState, Seats, Verdict};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{jury::JuryOutcome, AuditReport, CheckStage, Judgement, Role, SeatPool, H256};

/// The pool of seats from the class.
const OF_CLASS: SeatPool = SeatPool::Class(CLASS);

/// Two owners serve the model; so many others, from number 5 on, have the same class of device.
fn small(class: u8) {
    ModelOwners::set(2);
    ClassCandidates::set((5..5 + class).map(auditor).collect());
}

/// Nobody serves the model who could audit it: seats come from the class whatever the coin says.
fn only_class(class: u8) {
    small(class);
    Candidates::set(Vec::new());
}

fn pools_drawn() -> Vec<SeatPool> {
    Seats::<Test>::get(it())
        .into_iter()
        .map(|seat| seat.pool)
        .collect()
}

#[test]
fn auditors_should_come_from_both_pools_when_the_model_is_small() {
    let firsts = |class| (0..1_000).map(move |n| pools(class, &H256::from_low_u64_be(n))[0]);
    let of_class = firsts(Some(CLASS)).filter(|pool| *pool == OF_CLASS).count();
    assert!((440..560).contains(&of_class), "{of_class}");
    assert!(firsts(None).all(|pool| pool == SeatPool::Model));
    assert_eq!(pools(None, &H256::zero()).len(), 1);
    for n in 0..20 {
        let mut both = pools(Some(CLASS), &H256::from_low_u64_be(n));
        both.sort();
        assert_eq!(both, [SeatPool::Model, OF_CLASS]);
    }
}

#[test]
fn model_should_be_small_when_fewer_owners_serve_it_than_is_governed() {
    for (owners, least, class) in [
        (7, 8, Some(CLASS)),
        (8, 8, None),
        (2, 3, Some(CLASS)),
        (0, 0, None),
    ] {
        ExtBuilder::default().build_and_execute(|| {
            ClassCandidates::set((5..9).map(auditor).collect());
            ModelOwners::set(owners);
            SmallModelOwners::set(least);
            commit(work());
            assert_eq!(record().class, None, "not before the draw");
            draw();
            assert_eq!(record().class, class, "{owners} of {least}");
        });
    }
}

#[test]
fn class_seat_should_have_six_times_as_long_when_it_is_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(4);
        commit(work());
        draw();
        let now = Now::get();
        assert_eq!(pools_drawn(), [OF_CLASS]);
        assert_eq!(record().due, now + 6 * 210);
        assert!(events().contains(&Event::SeatDrawn {
            subject: it(),
            worker: seat(5),
            role: Role::First,
            pool: OF_CLASS,
            until: now + 6 * 210,
        }));
        run_ticks(6 * 210 - 1);
        audit_commit(5, &passing());
        assert_eq!(stage(), CheckStage::Drawing(Role::Second));
    });
}

#[test]
fn deadline_should_stay_when_others_begin_to_serve_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(4);
        commit(work());
        draw();
        ModelOwners::set(20);
        assert_ok!(Verification::demand_data(signed(seat(5)), it(), [1; 32]));
        assert_ok!(Verification::post_data(
            signed(prover()),
            it(),
            seat(5),
            Default::default()
        ));
        assert_eq!(record().due, Now::get() + 6 * 210);
        run_ticks(6 * 210 + 9);
        // Its successor is drawn as it was.
        assert_eq!(record().class, Some(CLASS));
        assert_eq!(pools_drawn(), [OF_CLASS, OF_CLASS]);
    });
}

#[test]
fn seat_should_come_from_those_who_serve_the_model_when_nobody_of_the_class_can() {
    ExtBuilder::default().build_and_execute(|| {
        small(0);
        commit(work());
        draw();
        assert_eq!(pools_drawn(), [SeatPool::Model]);
        assert_eq!(record().due, Now::get() + 210);
        run_ticks(211);
        // Who serves the model has no excuse.
        assert_eq!(heard(), [absent(0)]);
        assert_eq!(seats(), [(seat(0), SeatState::Absent)]);
    });
}

/// Three auditors of the class are drawn in turn, and none gets the model.
fn nobody_comes() {
    for n in 5..8 {
        assert_eq!(seats().last(), Some(&(seat(n), SeatState::Drawn)));
        run_ticks(6 * 210);
        assert_eq!(seats().last(), Some(&(seat(n), SeatState::Excused)));
        run_ticks(9);
    }
}

#[test]
fn challenged_result_should_be_paid_when_nobody_gets_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(9);
        commit(work());
        assert_ok!(Verification::challenge(signed(client()), it()));
        run_ticks(9);
        nobody_comes();
        // No refund for the asking: nothing was decided, and the fee of the challenge came back.
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Pass)]);
        assert!(!record().audited);
        assert_eq!(Balances::free_balance(client()), FUNDS);
    });
}

#[test]
fn class_auditors_should_be_replaced_and_the_client_refunded_when_nobody_gets_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(9);
        commit(work());
        draw();
        nobody_comes();
        // No strike, no slash, no pay, and where audits are forced, one less.
        assert_eq!(
            heard(),
            [
                Told::Passed { counted: false },
                Told::Verdict(it(), Verdict::Inconclusive)
            ]
        );
        assert!(!record().audited);
        assert_eq!(Balances::free_balance(client()), FUNDS);
        let events = events();
        assert!(events.contains(&Event::NoAuditor { subject: it() }));
        assert!(events.contains(&Event::SeatAbsent {
            subject: it(),
            worker: seat(7),
            role: Role::First,
        }));
    });
}

#[test]
fn friend_should_not_audit_when_one_of_the_class_did_not_get_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(1);
        commit(work());
        draw();
        // By the time of the second draw the class has nobody else, and a friend of the worker's serves the model.
        Candidates::set(vec![auditor(0)]);
        run_ticks(6 * 210 + 9);
        assert_eq!(pools_drawn(), [OF_CLASS]);
        assert_eq!(record().verdict, Some(Verdict::Inconclusive));
    });
}

#[test]
fn auditor_should_be_liable_when_only_one_pool_has_such_a_one() {
    // Whichever pool the coin puts first.
    for (model_room, class_room, expected) in [(1, 0, 0), (0, 1, 5)] {
        ExtBuilder::default().build_and_execute(|| {
            small(3);
            let room = |is_liable: u128| crate::seats::stake_at_risk(PRICE) - 1 + is_liable;
            let with_room = |of: Vec<u8>, room| {
                of.into_iter()
                    .map(|n| ogpu_primitives::Candidate {
                        exposure_room: room,
                        ..auditor(n)
                    })
                    .collect::<Vec<_>>()
            };
            Candidates::set(with_room((0..3).collect(), room(model_room)));
            ClassCandidates::set(with_room((5..8).collect(), room(class_room)));
            commit(work());
            draw();
            assert_eq!(seats(), [(seat(expected), SeatState::Drawn)]);
        });
    }
}

#[test]
fn jurors_should_be_blamed_when_half_of_the_jury_got_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        JuryMinimum::set(9);
        class_dispute();
        class_votes(5, 0);
        // Four who stay away neither make the jury too small nor five of nine two thirds.
        assert!(events().contains(&Event::JuryDecided {
            subject: it(),
            outcome: JuryOutcome::Unclear,
            seats: 9,
            against: 5,
            for_worker: 0,
        }));
        let heard = heard();
        for n in 11..15 {
            assert!(heard.contains(&absent(n)), "{n} in {heard:?}");
        }
    });
}

#[test]
fn excused_seat_should_be_refused_when_it_reports_too_late() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(2);
        commit(work());
        draw();
        run_ticks(6 * 210 + 9);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        assert_noop!(
            Verification::audit_commit(signed(seat(5)), it(), hash(&seat(5), &passing())),
            crate::Error::<Test>::NotSeated
        );
        audit_commit(6, &passing());
    });
}

#[test]
fn audit_should_give_no_reputation_when_the_model_is_small() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(2);
        commit(work());
        draw();
        audit_commit(5, &passing());
        run_ticks(9);
        open();
        audit_open(5, passing());
        run_ticks(1);
        assert_eq!(
            heard(),
            [
                Told::Passed { counted: false },
                Told::Verdict(it(), Verdict::Pass)
            ]
        );
        assert_eq!(Balances::free_balance(seat_owner(5)), FUNDS + FEE);
    });
}

#[test]
fn class_seat_should_be_blamed_when_it_committed_and_does_not_open() {
    ExtBuilder::default().build_and_execute(|| {
        only_class(5);
        commit(work());
        draw();
        audit_commit(5, &passing());
        run_ticks(9);
        open();
        run_ticks(61);
        // It had the model, or could not have committed to anything.
        assert_eq!(heard(), [absent(5)]);
        assert_eq!(seats(), [(seat(5), SeatState::Absent)]);
    });
}

/// A dissent over a small model by the first of its class, and a jury of the next nine.
fn class_dispute() {
    only_class(12);
    commit(work());
    draw();
    audit_commit(5, &dissenting());
    run_ticks(9);
    open();
    audit_open(5, dissenting());
    run_ticks(10);
    assert_eq!(stage(), CheckStage::Auditing(Role::Juror));
    assert_eq!(pools_drawn(), [OF_CLASS; 10]);
    assert_eq!(record().due, Now::get() + 6 * 300);
}

/// Jurors from number 6 on report so; the others do not come.
fn class_votes(against: u8, for_worker: u8) {
    class_reports(&votes(against.into(), for_worker.into()));
}

/// Jurors from number 6 on send these reports; the others do not come.
fn class_reports(reports: &[AuditReport]) {
    for (n, report) in (6..).zip(reports) {
        audit_commit(n, report);
    }
    run_ticks(6 * 300);
    for (n, report) in (6..).zip(reports) {
        audit_open(n, report.clone());
    }
    run_ticks(1);
}

#[test]
fn jury_should_come_from_the_class_when_the_model_is_small() {
    ExtBuilder::default().build_and_execute(|| {
        class_dispute();
        // There are workers that serve the model; they would be no jury.
        Candidates::set((0..5).map(auditor).collect());
        class_votes(7, 1);
        // One of nine did not come: most did, so that it could have.
        assert!(events().contains(&Event::JuryDecided {
            subject: it(),
            outcome: JuryOutcome::Guilty,
            seats: 9,
            against: 7,
            for_worker: 1,
        }));
        let heard = heard();
        assert!(heard.iter().any(|told| matches!(told, Told::Wrong(..))));
        assert!(heard.contains(&absent(14)));
        assert_eq!(seats()[9], (seat(14), SeatState::Absent));
        assert_eq!(seats()[8], (seat(13), SeatState::Voted(Judgement::Pass)));
    });
}

#[test]
fn client_should_be_refunded_when_too_few_jurors_get_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        JuryMinimum::set(5);
        class_dispute();
        class_votes(4, 0);
        // Four of nine must not be the majority of a jury, though all of them agree.
        assert!(events().contains(&Event::JuryTooSmall {
            subject: it(),
            found: 4,
        }));
        assert_eq!(
            heard(),
            [Told::Refunded, Told::Verdict(it(), Verdict::Inconclusive)]
        );
        // They did their work. The auditor's dissent was not confirmed.
        for n in 6..10 {
            assert_eq!(Balances::free_balance(seat_owner(n)), FUNDS + FEE);
        }
        assert_eq!(Balances::free_balance(seat_owner(5)), FUNDS);
        run_ticks(1);
        assert_eq!(heard(), []);
    });
}

#[test]
fn juror_should_be_part_of_the_jury_when_its_ballot_is_void() {
    for (least, outcome) in [(4, Some(JuryOutcome::Guilty)), (5, None)] {
        ExtBuilder::default().build_and_execute(|| {
            JuryMinimum::set(least);
            class_dispute();
            let mut reports = votes(3, 0);
            reports.push(made_up(passing(), 1));
            class_reports(&reports);
            assert_eq!(seats()[4], (seat(9), SeatState::Void));
            // Four of nine came, so the others are excused; three of four is two thirds.
            let event = match outcome {
                Some(outcome) => Event::JuryDecided {
                    subject: it(),
                    outcome,
                    seats: 4,
                    against: 3,
                    for_worker: 0,
                },
                None => Event::JuryTooSmall {
                    subject: it(),
                    found: 4,
                },
            };
            assert!(events().contains(&event));
            // Whatever the jury is good for: who came and did not compute is not paid, and struck.
            assert_eq!(Balances::free_balance(seat_owner(6)), FUNDS + FEE);
            assert_eq!(Balances::free_balance(seat_owner(9)), FUNDS);
            run_ticks(1);
            assert!(heard().contains(&absent(9)));
        });
    }
}

#[test]
fn client_should_be_refunded_when_no_juror_gets_the_model() {
    ExtBuilder::default().build_and_execute(|| {
        class_dispute();
        run_ticks(6 * 300 + 1);
        assert!(events().contains(&Event::JuryTooSmall {
            subject: it(),
            found: 0,
        }));
        assert_eq!(
            heard(),
            [Told::Refunded, Told::Verdict(it(), Verdict::Inconclusive)]
        );
    });
}

#[test]
fn class_juror_should_count_and_be_blamed_when_it_does_not_open() {
    ExtBuilder::default().build_and_execute(|| {
        class_dispute();
        for n in 6..15 {
            audit_commit(n, &computed(dissenting()));
        }
        for n in 6..11 {
            audit_open(n, computed(dissenting()));
        }
        run_ticks(60);
        // Five of nine are a majority, but no two thirds of all who had the model.
        assert!(events().contains(&Event::JuryDecided {
            subject: it(),
            outcome: JuryOutcome::Unclear,
            seats: 9,
            against: 5,
            for_worker: 0,
        }));
        run_ticks(1);
        assert!(heard().contains(&absent(14)));
    });
}

#[test]
fn try_state_should_fail_when_seats_are_not_from_where_they_can_be() {
    let corrupted = |break_it: fn(), message: &'static str| {
        ExtBuilder::default().build().execute_with(|| {
            class_dispute();
            assert_ok!(Verification::do_try_state());
            break_it();
            frame_support::assert_err!(
                Verification::do_try_state(),
                sp_runtime::TryRuntimeError::Other(message)
            );
        });
    };
    corrupted(
        || {
            crate::Commitments::<Test>::mutate_extant(it(), |record| record.class = None);
        },
        "a seat was drawn from a class that is not the check's",
    );
    corrupted(
        || Seats::<Test>::mutate(it(), |seats| seats[4].pool = SeatPool::Model),
        "a juror was drawn from elsewhere than its jury",
    );
    corrupted(
        || {
            Seats::<Test>::mutate(it(), |seats| {
                seats[0].pool = SeatPool::Model;
                seats[0].state = SeatState::Excused;
            })
        },
        "a seat is excused that serves the model",
    );
    ExtBuilder::default().build().execute_with(|| {
        commit(work());
        crate::Commitments::<Test>::mutate_extant(it(), |record| record.class = Some(CLASS));
        frame_support::assert_err!(
            Verification::do_try_state(),
            sp_runtime::TryRuntimeError::Other("a class was fixed before the draw")
        );
    });
}
