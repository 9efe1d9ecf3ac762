use super::fixture::*;
use crate::{mock::*, window::challenge_fee, Event, Verdict};
use frame_support::{
    assert_ok,
    traits::{fungible::Mutate, tokens::Preservation},
};

fn free(who: AccountId) -> u128 {
    Balances::free_balance(who)
}

/// Challenges, and takes the audit to its opening; returns the fee.
fn challenged(report: &ogpu_primitives::AuditReport) -> u128 {
    commit(work());
    assert_ok!(Verification::challenge(signed(client()), it()));
    run_ticks(9);
    audit_commit(0, report);
    run_ticks(9);
    open();
    audit_open(0, report.clone());
    run_ticks(1);
    challenge_fee(FEE, 0)
}

#[test]
fn challenge_fee_should_cover_audit_and_second_auditor_when_summed() {
    assert_eq!(challenge_fee(1_001, 0), 1_001);
    assert_eq!(challenge_fee(1_001, 250_000), 1_251);
    assert_eq!(challenge_fee(1_001, 1_000_000), 2_002);
    assert_eq!(challenge_fee(u128::MAX, u32::MAX), u128::MAX);
}

#[test]
fn challenge_fee_should_go_to_the_audit_fund_when_the_result_is_right() {
    ExtBuilder::default().build_and_execute(|| {
        let fee = challenged(&passing());
        assert_eq!(record().verdict, Some(Verdict::Pass));
        assert_eq!(free(client()), FUNDS - fee);
        assert_eq!(free(fund()), FUNDS + fee - FEE);
    });
}

#[test]
fn challenge_fee_should_come_back_when_the_result_is_wrong() {
    ExtBuilder::default().build_and_execute(|| {
        challenged(&dissenting());
        run_ticks(9);
        jury_votes(&votes(9, 0));
        assert_eq!(record().verdict, Some(Verdict::Wrong));
        assert_eq!(free(client()), FUNDS);
    });
}

#[test]
fn challenge_fee_should_come_back_when_nobody_can_say() {
    ExtBuilder::default().candidates(2).build_and_execute(|| {
        challenged(&dissenting());
        run_ticks(9);
        assert_eq!(record().verdict, Some(Verdict::Inconclusive));
        assert_eq!(free(client()), FUNDS);
    });
}

#[test]
fn challenge_fee_should_come_back_when_nobody_audits() {
    ExtBuilder::default().candidates(0).build_and_execute(|| {
        commit(work());
        assert_ok!(Verification::challenge(signed(client()), it()));
        run_ticks(9);
        assert_eq!(record().verdict, Some(Verdict::Pass));
        assert_eq!(free(client()), FUNDS);
    });
}

#[test]
fn challenge_fee_should_be_held_once_when_the_verdict_has_to_wait() {
    ExtBuilder::default().build_and_execute(|| {
        Failing::set(true);
        let fee = challenged(&passing());
        assert_eq!(record().verdict, None);
        assert_eq!((free(client()), free(fund())), (FUNDS - fee, FUNDS));
        assert_eq!(free(seat_owner(0)), FUNDS);
        Failing::set(false);
        run_ticks(31);
        assert_eq!((free(client()), free(fund())), (FUNDS - fee, FUNDS + fee - FEE));
        assert_eq!(free(seat_owner(0)), FUNDS + FEE);
    });
}

#[test]
fn both_auditors_should_be_paid_when_the_result_passes() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        audit_commit(0, &passing());
        run_ticks(9);
        audit_commit(1, &passing());
        open();
        audit_open(0, passing());
        audit_open(1, passing());
        run_ticks(1);
        for n in 0..2 {
            assert_eq!(free(seat_owner(n)), FUNDS + FEE);
            assert_eq!(free(seat(n)), FUNDS);
        }
        assert_eq!(free(fund()), FUNDS - 2 * FEE);
        assert!(events().contains(&Event::SeatPaid {
            subject: it(),
            worker: seat(1),
            owner: seat_owner(1),
            amount: FEE,
        }));
    });
}

#[test]
fn jurors_should_be_paid_when_they_vote_with_the_outcome() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        jury_votes(&votes(2, 6));
        // The dissenting auditor, two jurors and one that stayed away get nothing.
        for (n, paid) in [(0, 0), (1, 0), (2, 0), (3, FEE), (8, FEE), (9, 0)] {
            assert_eq!(free(seat_owner(n)), FUNDS + paid, "seat {n}");
        }
        assert_eq!(free(fund()), FUNDS - 6 * FEE);
    });
}

#[test]
fn all_that_voted_should_be_paid_when_no_side_prevails() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        jury_votes(&votes(4, 4));
        assert_eq!(free(fund()), FUNDS - 9 * FEE);
        assert_eq!(free(seat_owner(9)), FUNDS);
    });
}

#[test]
fn verdict_should_be_given_when_the_audit_fund_is_empty() {
    ExtBuilder::default().build_and_execute(|| {
        let left = FEE / 2;
        let drained = FUNDS - ExistentialDeposit::get() - left;
        assert_ok!(Balances::transfer(
            &fund(),
            &client(),
            drained,
            Preservation::Preserve
        ));
        commit(work());
        dispute();
        jury_votes(&votes(9, 0));
        assert_eq!(record().verdict, Some(Verdict::Wrong));
        let heard = heard();
        let Told::Wrong(_, payouts) = &heard[0] else {
            panic!("heard {heard:?}");
        };
        // Rewards in full, and back to the fund what it paid.
        assert_eq!(payouts.len(), 11);
        assert_eq!(payouts.last(), Some(&(fund(), left)));
        assert_eq!(free(seat_owner(0)), FUNDS + left);
    });
}

#[test]
fn nobody_should_be_paid_when_no_audit_is_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.rate_ppm = 0;
        commit(work);
        run_ticks(31);
        assert_eq!(free(fund()), FUNDS);
    });
}
