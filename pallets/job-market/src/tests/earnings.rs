use crate::{mock::*, Earnings, Error, Event};
use frame_support::{
    assert_noop, assert_ok,
    traits::{fungible::Mutate, tokens::Preservation},
};
use ogpu_primitives::{JobState, Verdict};

/// A committed job of a single output token at an ask and index that make it cost next to nothing.
fn tiny_job(client: AccountId) -> ogpu_primitives::JobId {
    Index::set(1);
    add_worker(
        WORKER,
        MockWorker {
            owner: POOR,
            ..Default::default()
        },
    );
    register();
    let mut request = request(0);
    request.limits.max_price = 90;
    let id = submit_as(client, request);
    run_blocks(2);
    assert_ok!(JobMarket::commit(
        RuntimeOrigin::signed(WORKER),
        work(&id, 0),
        commitment(1)
    ));
    id
}

fn reap(account: AccountId) {
    assert_ok!(<Balances as Mutate<_>>::transfer(
        &account,
        &OTHER,
        balance(account),
        Preservation::Expendable
    ));
    assert_eq!(balance(account), 0);
}

#[test]
fn pay_should_be_kept_when_it_is_below_the_existential_deposit_of_a_dead_owner() {
    ExtBuilder.build_and_execute(|| {
        let id = tiny_job(CLIENT);
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Settled);
        let pay = job(&id).ledger.provider;
        assert!(pay > 0 && pay < ED);
        assert_eq!((Earnings::<Test>::get(POOR), balance(POOR)), (pay, 0));
        System::assert_has_event(
            Event::EarningsKept {
                who: POOR,
                amount: pay,
            }
            .into(),
        );
        check_state();
        // It can be had once the account lives.
        assert_noop!(
            JobMarket::withdraw_earnings(RuntimeOrigin::signed(POOR)),
            Error::<Test>::EarningsTooSmall
        );
        assert_ok!(<Balances as Mutate<_>>::transfer(
            &OTHER,
            &POOR,
            ED,
            Preservation::Preserve
        ));
        assert_ok!(JobMarket::withdraw_earnings(RuntimeOrigin::signed(POOR)));
        assert_eq!((Earnings::<Test>::get(POOR), balance(POOR)), (0, ED + pay));
        System::assert_last_event(
            Event::EarningsWithdrawn {
                who: POOR,
                amount: pay,
            }
            .into(),
        );
    });
}

#[test]
fn change_should_be_kept_when_the_client_was_reaped() {
    ExtBuilder.build_and_execute(|| {
        let id = tiny_job(CLIENT);
        reap(CLIENT);
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        let change = job(&id).ledger.refunded;
        assert_eq!((Earnings::<Test>::get(CLIENT), balance(CLIENT)), (change, 0));
    });
}

#[test]
fn refund_should_revive_a_reaped_client_when_it_is_large_enough() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        reap(CLIENT);
        run_blocks(300);
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!((Earnings::<Test>::get(CLIENT), balance(CLIENT)), (0, 25_001));
    });
}

#[test]
fn kept_pay_should_add_up_when_it_is_not_withdrawn() {
    ExtBuilder.build_and_execute(|| {
        let first = tiny_job(CLIENT);
        assert_ok!(verdict(&first, 0, Verdict::Pass));
        let mut request = request(1);
        request.limits.max_price = 90;
        let second = submit_as(CLIENT, request);
        run_blocks(2);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&second, 0),
            commitment(1)
        ));
        assert_ok!(verdict(&second, 0, Verdict::Pass));
        assert_eq!(
            Earnings::<Test>::get(POOR),
            job(&first).ledger.provider + job(&second).ledger.provider
        );
    });
}

#[test]
fn withdrawal_should_be_refused_when_nothing_is_kept() {
    ExtBuilder.build_and_execute(|| {
        assert_noop!(
            JobMarket::withdraw_earnings(RuntimeOrigin::signed(CLIENT)),
            Error::<Test>::NoEarnings
        );
    });
}
