//! One submission, two jobs: different owners, and otherwise nothing in common.

use crate::{mock::*, Error, Event, JobNumbers, Jobs, LastNonce, Totals};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{
    job::replica_id, Exclusion, JobId, JobRequest, JobState, MatchOutcome, Offence, RefundReason, Verdict,
    H256,
};

/// The escrow of one job.
const ESCROW: ogpu_primitives::Balance = 25_001;

/// Worker `n` of an owner of its own.
fn worker(n: u64) {
    let worker = MockWorker {
        owner: OWNER + n,
        ..Default::default()
    };
    add_worker(WORKER + n, worker);
}

fn twice(nonce: u64) -> JobRequest<AccountId> {
    let mut request = request(nonce);
    request.limits.replicas = 2;
    request.secret_hash = Some(H256::repeat_byte(1));
    request.replica_secret_hash = Some(H256::repeat_byte(2));
    request
}

/// Submits a job of two replicas and returns the ids of both.
fn submit_twice() -> [JobId; 2] {
    register();
    let primary = submit_as(CLIENT, twice(0));
    [primary, replica_id(&primary, 1)]
}

/// Two replicas, each with a worker of another owner.
fn assigned_twice() -> [JobId; 2] {
    worker(0);
    worker(1);
    let ids = submit_twice();
    run_blocks(2);
    ids
}

fn worker_of(id: &JobId) -> AccountId {
    job(id).assignment.expect("assigned").worker
}

fn commit(id: &JobId, n_out: u32) {
    let (worker, attempt) = (worker_of(id), job(id).attempt);
    assert_ok!(JobMarket::commit(
        RuntimeOrigin::signed(worker),
        work(id, attempt),
        commitment(n_out)
    ));
}

#[test]
fn both_jobs_should_be_open_with_an_escrow_each_when_two_replicas_are_submitted() {
    ExtBuilder.build_and_execute(|| {
        let ids = submit_twice();
        let [primary, replica] = ids.map(|id| job(&id));
        assert_eq!((primary.sibling, replica.sibling), (Some(ids[1]), Some(ids[0])));
        assert_eq!((primary.number, replica.number), (0, 1));
        for (job, secret) in [(&primary, 1), (&replica, 2)] {
            assert_eq!((job.state, job.deadline), (JobState::Open, 201));
            assert_eq!((job.ledger.escrowed, job.ledger.held), (ESCROW, ESCROW));
            assert_eq!(job.request.secret_hash, Some(H256::repeat_byte(secret)));
        }
        assert_eq!(balance(CLIENT), FUNDS - 2 * ESCROW);
        assert_eq!(JobMarket::pot_balance(), ED + 2 * ESCROW);
        assert_eq!(LastNonce::<Test>::get(CLIENT), Some(0));
        assert_eq!(Totals::<Test>::get().submitted, 2);
        for (number, id) in (0u64..).zip(ids) {
            assert_eq!(JobNumbers::<Test>::get(number), Some(id));
            System::assert_has_event(
                Event::JobSubmitted {
                    job: id,
                    number,
                    client: CLIENT,
                    model: primary.request.model,
                    escrowed: ESCROW,
                    deadline: 201,
                }
                .into(),
            );
        }
        // One nonce, used once.
        assert_noop!(
            JobMarket::submit(RuntimeOrigin::signed(CLIENT), twice(0)),
            Error::<Test>::NonceUsed
        );
    });
}

#[test]
fn job_should_know_no_replica_when_it_asks_for_one() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        assert_eq!(job(&id).sibling, None);
        assert_eq!(Jobs::<Test>::iter().count(), 1);
    });
}

#[test]
fn replicas_should_be_refused_when_they_cannot_be() {
    ExtBuilder.build_and_execute(|| {
        register();
        worker(0);
        let refused = |change: &dyn Fn(&mut JobRequest<AccountId>), error: Error<Test>| {
            let mut request = twice(0);
            change(&mut request);
            assert_noop!(JobMarket::submit(RuntimeOrigin::signed(CLIENT), request), error);
        };
        for replicas in [0, 3, u8::MAX] {
            refused(
                &|request| request.limits.replicas = replicas,
                Error::ReplicasUnsupported,
            );
        }
        refused(
            &|request| request.limits.requirements.worker = Some(WORKER),
            Error::ChosenWorkerWithReplicas,
        );
        refused(
            &|request| request.replica_secret_hash = request.secret_hash,
            Error::ReplicaSecret,
        );
        refused(&|request| request.limits.replicas = 1, Error::ReplicaSecret);
        // Both escrows have to be there.
        refused(
            &|request| request.limits.max_price = (FUNDS - ED) / 2 + 1,
            Error::InsufficientBalance,
        );
        refused(
            &|request| request.limits.max_price = u128::MAX,
            Error::InsufficientBalance,
        );
        assert_eq!((balance(CLIENT), Jobs::<Test>::iter().count()), (FUNDS, 0));

        let mut request = twice(0);
        (request.secret_hash, request.replica_secret_hash) = (None, None);
        request.limits.max_price = (FUNDS - ED) / 2;
        submit_as(CLIENT, request);
        assert_eq!(balance(CLIENT), ED);
    });
}

#[test]
fn submission_should_weigh_twice_when_it_asks_for_two_replicas() {
    ExtBuilder.build_and_execute(|| {
        let one = JobMarket::submit_weight(1);
        assert_eq!(JobMarket::submit_weight(2), one * 2);
        // They are refused.
        assert_eq!(JobMarket::submit_weight(0), one);
        assert_eq!(JobMarket::submit_weight(u8::MAX), one * 2);
    });
}

#[test]
fn replicas_should_go_to_different_owners_when_one_owner_has_the_best_workers() {
    ExtBuilder.build_and_execute(|| {
        for (n, owner, ask_permille) in [(0, OWNER, 500), (1, OWNER, 500), (2, OWNER + 1, 1_300)] {
            let worker = MockWorker {
                owner,
                ask_permille,
                ..Default::default()
            };
            add_worker(WORKER + n, worker);
        }
        let ids = submit_twice();
        run_blocks(2);
        let owners = ids.map(|id| job(&id).assignment.expect("assigned").owner);
        assert_eq!(owners, [OWNER, OWNER + 1]);
        let record = JobMarket::explain(&ids[1]).remove(0);
        assert_eq!(record.excluded[Exclusion::SiblingOwner as usize], 2);
        // The first one knew of nobody.
        assert_eq!(
            JobMarket::explain(&ids[0])[0].excluded,
            [0; ogpu_primitives::matching::EXCLUSIONS]
        );
    });
}

#[test]
fn second_replica_should_expire_with_its_money_back_when_there_is_only_one_owner() {
    ExtBuilder.build_and_execute(|| {
        worker(0);
        let ids = submit_twice();
        run_blocks(2);
        assert_eq!(ids.map(|id| job(&id).state), [JobState::Assigned, JobState::Open]);
        let last_try = job(&ids[1]).last_try.expect("it was tried");
        assert_eq!(last_try.excluded[Exclusion::SiblingOwner as usize], 1);
        commit(&ids[0], 50);
        // Committed, it still has an owner.
        run_blocks(20);
        assert_eq!(job(&ids[1]).state, JobState::Parked);
        assert_ok!(verdict(&ids[0], 0, Verdict::Pass));
        // Paid, it has one as well.
        assert_ok!(JobMarket::poke(RuntimeOrigin::signed(OTHER), ids[1]));
        run_blocks(250);
        let [primary, replica] = ids.map(|id| job(&id));
        assert_eq!(
            (primary.state, replica.state),
            (JobState::Settled, JobState::Expired)
        );
        assert_eq!(
            (primary.ledger.refunded, replica.ledger.refunded),
            (ESCROW - 16_500, ESCROW)
        );
        assert!(Offences::get().is_empty());
        assert_eq!(balance(CLIENT), FUNDS - 16_500);
    });
}

#[test]
fn parked_replica_should_be_matched_when_another_owner_comes() {
    ExtBuilder.build_and_execute(|| {
        worker(0);
        let ids = submit_twice();
        run_blocks(2);
        commit(&ids[0], 50);
        run_blocks(20);
        assert_eq!(job(&ids[1]).state, JobState::Parked);
        worker(1);
        JobMarket::supply_changed(&job(&ids[1]).request.model);
        run_blocks(3);
        assert_eq!(worker_of(&ids[1]), WORKER + 1);
    });
}

#[test]
fn each_replica_should_have_its_own_end_when_one_is_right_and_one_wrong() {
    ExtBuilder.build_and_execute(|| {
        let ids = assigned_twice();
        let first = worker_of(&ids[0]);
        commit(&ids[0], 50);
        commit(&ids[1], 50);
        assert_ok!(verdict(&ids[0], 0, Verdict::Pass));
        assert_ok!(verdict(&ids[1], 0, Verdict::Inconclusive));
        let [primary, replica] = ids.map(|id| job(&id));
        assert_eq!(
            (primary.state, replica.state),
            (JobState::Settled, JobState::Refunded)
        );
        assert_eq!(
            (primary.ledger.refunded, replica.ledger.refunded),
            (ESCROW - 16_500, ESCROW)
        );
        assert_eq!(balance(CLIENT), FUNDS - 16_500);
        assert_eq!(Successes::get(), vec![first]);
    });
}

#[test]
fn rerun_should_leave_out_the_other_replicas_owner_when_it_is_matched() {
    ExtBuilder.build_and_execute(|| {
        let ids = assigned_twice();
        let (wrong, right) = (worker_of(&ids[0]), worker_of(&ids[1]));
        commit(&ids[0], 50);
        assert_ok!(verdict(&ids[0], 0, Verdict::Wrong));
        // Only the other replica's owner is left, and one that failed.
        run_blocks(3);
        let last_try = job(&ids[0]).last_try.expect("it was tried");
        assert_eq!(last_try.excluded[Exclusion::SiblingOwner as usize], 1);
        assert_eq!(last_try.excluded[Exclusion::Tried as usize], 1);

        worker(2);
        run_blocks(3);
        assert_eq!((worker_of(&ids[0]), worker_of(&ids[1])), (WORKER + 2, right));
        // The other one does not care who failed here, but who has it now.
        assert_ok!(JobMarket::no_input(
            RuntimeOrigin::signed(right),
            work(&ids[1], 0)
        ));
        run_blocks(2);
        assert_eq!(worker_of(&ids[1]), wrong);
        check_state();
        for id in ids {
            commit(&id, 60);
            assert_ok!(verdict(&id, job(&id).attempt, Verdict::Pass));
        }
        assert_eq!(balance(CLIENT), FUNDS - 2 * 19_000);
    });
}

#[test]
fn replica_should_be_tried_again_alone_when_its_worker_is_silent() {
    ExtBuilder.build_and_execute(|| {
        let ids = assigned_twice();
        let silent = worker_of(&ids[1]);
        assert_ok!(JobMarket::acknowledge(
            RuntimeOrigin::signed(worker_of(&ids[0])),
            work(&ids[0], 0)
        ));
        worker(2);
        run_blocks(15 + 2);
        assert_eq!(Offences::get(), vec![(silent, Offence::MissedAcknowledge)]);
        assert_eq!((job(&ids[0]).attempt, job(&ids[1]).attempt), (0, 1));
        assert_eq!(worker_of(&ids[1]), WORKER + 2);
        assert_eq!(JobMarket::explain(&ids[1])[0].outcome, MatchOutcome::Missed);
    });
}

#[test]
fn other_replica_should_stay_when_one_is_cancelled() {
    ExtBuilder.build_and_execute(|| {
        let ids = submit_twice();
        assert_ok!(JobMarket::cancel(RuntimeOrigin::signed(CLIENT), ids[0]));
        assert_eq!(
            ids.map(|id| job(&id).state),
            [JobState::Cancelled, JobState::Open]
        );
        assert_eq!(balance(CLIENT), FUNDS - ESCROW);
        worker(0);
        run_blocks(2);
        assert_eq!(job(&ids[1]).state, JobState::Assigned);
        assert_noop!(
            JobMarket::cancel(RuntimeOrigin::signed(CLIENT), ids[1]),
            Error::<Test>::WrongState
        );
    });
}

#[test]
fn each_replica_should_be_pruned_in_its_own_time_when_they_end_apart() {
    ExtBuilder.build_and_execute(|| {
        let ids = assigned_twice();
        commit(&ids[0], 50);
        commit(&ids[1], 50);
        assert_ok!(verdict(&ids[0], 0, Verdict::Pass));
        run_blocks(100);
        assert_ok!(verdict(&ids[1], 0, Verdict::Wrong));
        // Too late for a rerun that could be found: one worker failed, the other has the sibling.
        run_blocks(900);
        assert!(!Jobs::<Test>::contains_key(ids[0]));
        check_state();
        let left = job(&ids[1]);
        assert_eq!((left.sibling, left.state), (Some(ids[0]), JobState::Expired));
        run_blocks(1_000);
        assert_eq!(Jobs::<Test>::iter().count(), 0);
        assert_eq!(JobNumbers::<Test>::iter().count(), 0);
        assert!(Committed::get().is_empty());
    });
}

#[test]
fn rerun_should_go_to_any_other_owner_when_the_other_replica_is_pruned() {
    ExtBuilder.build_and_execute(|| {
        PruneTicks::set(10);
        let ids = assigned_twice();
        let paid = worker_of(&ids[0]);
        commit(&ids[0], 50);
        commit(&ids[1], 50);
        assert_ok!(verdict(&ids[0], 0, Verdict::Pass));
        run_blocks(11);
        assert!(!Jobs::<Test>::contains_key(ids[0]));
        assert_ok!(verdict(&ids[1], 0, Verdict::Wrong));
        run_blocks(2);
        assert_eq!(worker_of(&ids[1]), paid);
    });
}

#[test]
fn both_clients_escrows_should_come_back_when_no_input_is_delivered() {
    ExtBuilder.build_and_execute(|| {
        NoInputFee::set(0);
        for n in 0..4 {
            worker(n);
        }
        let ids = submit_twice();
        for attempt in 0..2 {
            run_blocks(2);
            for id in ids {
                let origin = RuntimeOrigin::signed(worker_of(&id));
                assert_ok!(JobMarket::no_input(origin, work(&id, attempt)));
            }
        }
        for id in ids {
            assert_eq!(job(&id).state, JobState::Refunded);
            System::assert_has_event(
                Event::JobRefunded {
                    job: id,
                    reason: RefundReason::NoInput,
                    refunded: ESCROW,
                }
                .into(),
            );
        }
        assert_eq!(balance(CLIENT), FUNDS);
    });
}
