//! What juries cost the audit fund where nothing comes back.

use super::fixture::*;
use crate::{mock::*, Event, JuryOutlays, Outlay, Verdict, OUTLAY_DAY_TICKS};
use ogpu_primitives::{Balance, CheckedWork, Tick};

/// Has a result of `work` judged by a jury of nine, and returns what that cost the fund.
fn judged(work: CheckedWork<AccountId>, against: usize, for_worker: usize) -> Balance {
    Verification::forget(&it());
    let before = Balances::free_balance(fund());
    commit(work);
    dispute();
    jury_votes(&votes(against, for_worker));
    assert!(record().verdict.is_some());
    before - Balances::free_balance(fund())
}

fn spent() -> Option<(Tick, Balance)> {
    JuryOutlays::<Test>::get(prover_owner()).map(|Outlay { since, planck }| (since, planck))
}

/// Payments that were told since the last time.
fn payments() -> usize {
    let paid = |event: &&Event<Test>| matches!(event, Event::SeatPaid { .. });
    events().iter().filter(paid).count()
}

fn uncalibrated() -> CheckedWork<AccountId> {
    let mut work = work();
    work.terms.params.slash_enabled = false;
    work
}

#[test]
fn fund_should_pay_no_more_than_its_limit_when_juries_stay_undecided_for_a_day() {
    ExtBuilder::default().build_and_execute(|| {
        let limit = 12 * FEE + 3;
        JuryFundLimit::set(limit);
        // The auditor and eight jurors voted.
        assert_eq!(judged(work(), 4, 4), 9 * FEE);
        let since = spent().expect("nothing came back").0;
        assert_eq!(spent(), Some((since, 9 * FEE)));
        assert_eq!(judged(work(), 4, 4), 3 * FEE + 3);
        assert_eq!(payments(), 9 + 4);
        assert_eq!(judged(work(), 5, 4), 0);
        assert_eq!(payments(), 0, "nothing paid is no news");
        assert_eq!(record().verdict, Some(Verdict::Inconclusive));
        assert_eq!(spent(), Some((since, limit)));
        // The day ends while the last jury sits.
        run_ticks(since + OUTLAY_DAY_TICKS - Now::get() - 1);
        assert_eq!(judged(work(), 4, 4), 9 * FEE);
        assert!(spent().is_some_and(|(begin, planck)| begin > since && planck == 9 * FEE));
    });
}

#[test]
fn fund_should_count_every_owner_for_itself_when_one_has_spent_all() {
    ExtBuilder::default().build_and_execute(|| {
        JuryFundLimit::set(9 * FEE);
        judged(work(), 4, 4);
        assert_eq!(judged(work(), 4, 4), 0);
        let mut other = work();
        other.owner = seat_owner(30);
        assert_eq!(judged(other, 4, 4), 9 * FEE);
    });
}

#[test]
fn fund_should_pay_all_when_a_slash_gives_it_back() {
    ExtBuilder::default().build_and_execute(|| {
        JuryFundLimit::set(0);
        assert_eq!(judged(work(), 9, 0), 10 * FEE);
        assert_eq!(judged(work(), 0, 9), 9 * FEE);
        assert_eq!(spent(), None);
    });
}

#[test]
fn fund_should_be_limited_when_thresholds_may_not_slash() {
    ExtBuilder::default().build_and_execute(|| {
        JuryFundLimit::set(12 * FEE);
        assert_eq!(judged(uncalibrated(), 9, 0), 10 * FEE);
        assert_eq!(judged(uncalibrated(), 0, 9), 2 * FEE);
        assert_eq!(spent().map(|(_, planck)| planck), Some(12 * FEE));
    });
}

#[test]
fn fund_should_pay_auditors_when_the_limit_is_spent_and_nobody_dissents() {
    ExtBuilder::default().build_and_execute(|| {
        JuryFundLimit::set(0);
        commit(uncalibrated());
        audit(passing());
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS + FEE);
        assert_eq!(spent(), None);
    });
}
