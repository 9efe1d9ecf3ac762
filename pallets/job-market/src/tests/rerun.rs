//! A result that is judged wrong: somebody else does the job, or the money goes back.

use crate::{mock::*, Event, Jobs};
use frame_support::assert_ok;
use ogpu_primitives::{JobHistoryEvent, JobId, JobState, MatchOutcome, RefundReason, Verdict};

/// A committed job, and a second worker of another owner.
fn committed_with_another_worker() -> JobId {
    let id = committed();
    let other = MockWorker {
        owner: OWNER + 1,
        ..Default::default()
    };
    add_worker(WORKER + 1, other);
    id
}

/// The job ends with all of its money back at its client.
fn assert_refunded(id: &JobId) {
    let found = job(id);
    assert_eq!((found.state, found.ledger.refunded), (JobState::Refunded, 25_001));
    assert_eq!(balance(CLIENT), FUNDS);
    assert_eq!(Workers::get()[&WORKER].exposure, 0);
    assert!(Successes::get().is_empty());
    System::assert_last_event(
        Event::JobRefunded {
            job: *id,
            reason: RefundReason::WrongResult,
            refunded: 25_001,
        }
        .into(),
    );
}

#[test]
fn job_should_be_done_again_with_its_escrow_held_when_its_result_is_wrong() {
    ExtBuilder.build_and_execute(|| {
        let id = committed_with_another_worker();
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        let found = job(&id);
        assert_eq!((found.state, found.attempt), (JobState::Open, 1));
        assert_eq!((found.ledger.held, found.tried.to_vec()), (25_001, vec![WORKER]));
        assert!(found.assignment.is_none());
        assert_eq!(Workers::get()[&WORKER].exposure, 0);
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::Wrong);
        let steps: Vec<_> = JobMarket::history(&id)
            .into_iter()
            .map(|(_, step)| step)
            .collect();
        assert_eq!(
            steps[3..],
            [
                JobHistoryEvent::Committed { attempt: 0 },
                JobHistoryEvent::JudgedWrong { attempt: 0 },
                JobHistoryEvent::Reopened
            ]
        );
        System::assert_has_event(
            Event::ResultJudgedWrong {
                job: id,
                attempt: 0,
                worker: WORKER,
            }
            .into(),
        );

        run_blocks(2);
        let again = job(&id);
        assert_eq!(again.state, JobState::Assigned);
        let assignment = again.assignment.expect("assigned");
        assert_eq!(
            (
                assignment.worker,
                assignment.committed_price,
                assignment.audit_premium
            ),
            (WORKER + 1, None, 0)
        );
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER + 1),
            work(&id, 1),
            commitment(50)
        ));
        // The first attempt is closed for good.
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Committed);
        assert_ok!(verdict(&id, 1, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Settled);
        assert_eq!((balance(OWNER), balance(OWNER + 1)), (FUNDS, FUNDS + 15_458));
        assert_eq!(Successes::get(), vec![WORKER + 1]);
    });
}

#[test]
fn job_should_be_done_again_when_its_result_was_audited_and_disputed() {
    ExtBuilder.build_and_execute(|| {
        let id = committed_with_another_worker();
        stage(&id, 0, JobState::Auditing);
        stage(&id, 0, JobState::Disputed);
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        assert_eq!(job(&id).state, JobState::Open);
    });
}

#[test]
fn owner_should_not_get_its_wrong_job_again_when_it_has_another_worker() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        add_worker(WORKER + 1, MockWorker::default());
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        run_blocks(3);
        let found = job(&id);
        assert_eq!(found.state, JobState::Open);
        assert!(found.last_try.is_some());
    });
}

#[test]
fn rerun_should_expire_with_its_money_back_when_nobody_takes_it() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        run_blocks(250);
        let found = job(&id);
        assert_eq!((found.state, found.ledger.refunded), (JobState::Expired, 25_001));
    });
}

#[test]
fn client_should_be_refunded_when_the_wrong_result_was_the_last_attempt() {
    ExtBuilder.build_and_execute(|| {
        MaxAttempts::set(1);
        let id = committed_with_another_worker();
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        assert_refunded(&id);
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::Wrong);
    });
}

#[test]
fn client_should_be_refunded_when_the_deadline_leaves_no_time_for_another_worker() {
    for (ticks, state) in [(183, JobState::Open), (184, JobState::Refunded)] {
        ExtBuilder.build_and_execute(|| {
            let id = committed_with_another_worker();
            // The deadline is at 201, the clock at 3; a worker has 15 ticks to acknowledge.
            run_blocks(ticks);
            assert_ok!(verdict(&id, 0, Verdict::Wrong));
            assert_eq!(job(&id).state, state);
            if state == JobState::Refunded {
                assert_refunded(&id);
            }
        });
    }
}

#[test]
fn client_should_be_refunded_when_it_chose_the_worker_that_was_wrong() {
    ExtBuilder.build_and_execute(|| {
        add_worker(WORKER, MockWorker::default());
        register();
        let mut request = request(0);
        request.limits.requirements.worker = Some(WORKER);
        let id = submit_as(CLIENT, request);
        run_blocks(2);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&id, 0),
            commitment(50)
        ));
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        assert_refunded(&id);
    });
}

#[test]
fn job_should_keep_its_end_in_its_history_when_every_attempt_is_audited_disputed_and_wrong() {
    ExtBuilder.build_and_execute(|| {
        MaxAttempts::set(crate::MAX_TRIED);
        for n in 0..u64::from(crate::MAX_TRIED) {
            let worker = MockWorker {
                owner: 300 + n,
                ..Default::default()
            };
            add_worker(WORKER + n, worker);
        }
        let id = submit();
        for attempt in 0..crate::MAX_TRIED as u8 {
            run_blocks(2);
            let worker = job(&id).assignment.expect("somebody is left").worker;
            let origin = RuntimeOrigin::signed(worker);
            assert_ok!(JobMarket::acknowledge(origin.clone(), work(&id, attempt)));
            assert_ok!(JobMarket::commit(origin, work(&id, attempt), commitment(50)));
            stage(&id, attempt, JobState::Auditing);
            stage(&id, attempt, JobState::Disputed);
            assert_ok!(verdict(&id, attempt, Verdict::Wrong));
        }
        let history = JobMarket::history(&id);
        // Submission; assignment, acknowledgement, commitment, audit, dispute, judgement; seven reruns; the end.
        assert_eq!(history.len(), 1 + 6 * 8 + 7 + 1);
        let end = JobHistoryEvent::Refunded {
            reason: RefundReason::WrongResult,
        };
        assert_eq!(history.last().map(|(_, step)| step.clone()), Some(end));
        assert_eq!(Jobs::<Test>::get(id).map(|job| job.ledger.refunded), Some(25_001));
    });
}
