use crate::{mock::*, Error, Event, Queue, Totals};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{JobHistoryEvent, JobState, H256};

#[test]
fn job_should_be_cancelled_with_all_money_back_when_it_is_open() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        assert_ok!(JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id));
        let job = job(&id);
        assert_eq!(
            (job.state, job.ledger.held, job.ledger.refunded),
            (JobState::Cancelled, 0, 25_001)
        );
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(Queue::<Test>::iter().count(), 0);
        assert_eq!(Totals::<Test>::get().cancelled, 1);
        assert_eq!(
            JobMarket::history(&id).last(),
            Some(&(1, JobHistoryEvent::Cancelled))
        );
        System::assert_last_event(
            Event::JobCancelled {
                job: id,
                refunded: 25_001,
            }
            .into(),
        );
        // Its place in the queue is skipped.
        run_blocks(3);
    });
}

#[test]
fn job_should_be_cancelled_when_it_is_parked() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        run_blocks(20);
        assert_eq!(job(&id).state, JobState::Parked);
        assert_ok!(JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id));
        assert_eq!(balance(CLIENT), FUNDS);
    });
}

#[test]
fn job_should_not_be_cancelled_when_another_account_asks() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        assert_noop!(
            JobMarket::cancel(RuntimeOrigin::signed(OTHER), id),
            Error::<Test>::NotYourJob
        );
    });
}

#[test]
fn job_should_not_be_cancelled_when_a_worker_has_it() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        assert_noop!(
            JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id),
            Error::<Test>::WrongState
        );
        assert_ok!(JobMarket::acknowledge(
            RuntimeOrigin::signed(WORKER),
            work(&id, 0)
        ));
        assert_noop!(
            JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id),
            Error::<Test>::WrongState
        );
    });
}

#[test]
fn job_should_not_be_cancelled_when_it_is_final_or_unknown() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        assert_ok!(JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id));
        assert_noop!(
            JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id),
            Error::<Test>::JobFinished
        );
        assert_noop!(
            JobMarket::cancel(RuntimeOrigin::signed(CLIENT), H256::zero()),
            Error::<Test>::UnknownJob
        );
    });
}
