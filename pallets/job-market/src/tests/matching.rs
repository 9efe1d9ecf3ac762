use crate::{mock::*, AssignedJobs, Event, NextClass, QueueEnds, QueueRange, WeightInfo};
use frame_support::weights::Weight;
use ogpu_primitives::{DeviceClass, JobHistoryEvent, JobId, JobState, MatchOutcome, Scorer};

fn submit_many(count: u64, class: impl Fn(u64) -> u8) -> Vec<JobId> {
    register();
    (0..count)
        .map(|nonce| {
            let mut request = request(nonce);
            request.limits.requirements.min_class = DeviceClass(class(nonce));
            submit_as(CLIENT, request)
        })
        .collect()
}

fn states(ids: &[JobId]) -> Vec<JobState> {
    ids.iter().map(|id| job(id).state).collect()
}

/// Weight for looking at `steps` places and making `matches` matches in one block.
fn share(steps: u64, matches: u64) -> Weight {
    <() as WeightInfo>::service_supply_base()
        + <() as WeightInfo>::service_queues_base()
        + <() as WeightInfo>::service_queue_step() * steps
        + JobMarket::match_weight() * matches
}

#[test]
fn job_should_be_assigned_two_blocks_later_when_a_worker_fits() {
    ExtBuilder.build_and_execute(|| {
        add_worker(WORKER, MockWorker::default());
        let id = submit();
        run_block();
        assert_eq!(job(&id).state, JobState::Open);
        run_block();
        let found = job(&id);
        assert_eq!(
            (found.state, found.attempt, found.queue_index),
            (JobState::Assigned, 0, None)
        );
        let assignment = found.assignment.expect("assigned");
        assert_eq!(
            (assignment.worker, assignment.owner, assignment.price_max),
            (WORKER, OWNER, 19_000)
        );
        assert_eq!(
            (assignment.index_planck_per_cu, assignment.ask_permille),
            (1_000, 1_000)
        );
        assert_eq!(assignment.acknowledge_by, 3 + 15);
        assert!(AssignedJobs::<Test>::contains_key(WORKER, id));
        assert_eq!(
            (Workers::get()[&WORKER].used, Workers::get()[&WORKER].exposure),
            (1, 19_000)
        );
        let record = JobMarket::explain(&id).remove(0);
        assert_eq!(
            (record.scorer, record.outcome, record.assigned_at),
            (Scorer::Plain, MatchOutcome::Pending, 3)
        );
        assert!(!record.features.is_empty());
        assert_eq!(
            JobMarket::history(&id),
            vec![
                (1, JobHistoryEvent::Submitted),
                (
                    3,
                    JobHistoryEvent::Assigned {
                        worker: WORKER,
                        attempt: 0
                    }
                )
            ]
        );
        System::assert_last_event(
            Event::JobAssigned {
                job: id,
                attempt: 0,
                worker: WORKER,
                owner: OWNER,
                price_max: 19_000,
                acknowledge_by: 18,
            }
            .into(),
        );
    });
}

#[test]
fn price_should_be_fixed_when_the_index_moves_after_the_assignment() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        Index::set(5_000);
        frame_support::assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&id, 0),
            commitment(60)
        ));
        assert_eq!(
            job(&id).assignment.expect("assigned").committed_price,
            Some(19_000)
        );
    });
}

#[test]
fn jobs_should_be_matched_in_order_when_the_meter_allows_two_a_block() {
    ExtBuilder.build_and_execute(|| {
        add_worker(
            WORKER,
            MockWorker {
                slots: 100,
                ..Default::default()
            },
        );
        let ids = submit_many(5, |_| 0);
        run_block();
        MatchShare::set(share(2, 2));
        let open = JobState::Open;
        let given = JobState::Assigned;
        run_block();
        assert_eq!(states(&ids), [given, given, open, open, open]);
        run_block();
        assert_eq!(states(&ids), [given, given, given, given, open]);
        run_block();
        assert_eq!(states(&ids), [given; 5]);
        assert_eq!(
            QueueEnds::<Test>::get(DeviceClass(0)),
            QueueRange { head: 5, tail: 5 }
        );
    });
}

#[test]
fn nothing_should_be_matched_when_the_meter_allows_nothing() {
    ExtBuilder.build_and_execute(|| {
        add_worker(WORKER, MockWorker::default());
        let id = submit();
        MatchShare::set(Weight::zero());
        run_blocks(5);
        assert_eq!(job(&id).state, JobState::Open);
        MatchShare::set(share(1, 0));
        run_blocks(5);
        assert_eq!(job(&id).state, JobState::Open);
        MatchShare::set(share(1, 1));
        run_block();
        assert_eq!(job(&id).state, JobState::Assigned);
    });
}

#[test]
fn classes_should_take_turns_when_one_of_them_has_a_long_queue() {
    ExtBuilder.build_and_execute(|| {
        add_worker(
            WORKER,
            MockWorker {
                slots: 100,
                class: 7,
                ..Default::default()
            },
        );
        let ids = submit_many(10, |nonce| if nonce == 9 { 5 } else { 1 });
        run_block();
        MatchShare::set(share(1, 1));
        run_block();
        assert_eq!(job(&ids[0]).state, JobState::Assigned);
        assert_eq!(NextClass::<Test>::get(), 5);
        run_block();
        assert_eq!(job(&ids[9]).state, JobState::Assigned);
        assert_eq!(job(&ids[1]).state, JobState::Open);
    });
}

#[test]
fn queue_should_skip_holes_when_jobs_were_cancelled() {
    ExtBuilder.build_and_execute(|| {
        add_worker(
            WORKER,
            MockWorker {
                slots: 100,
                ..Default::default()
            },
        );
        let ids = submit_many(4, |_| 0);
        for id in &ids[0..2] {
            frame_support::assert_ok!(JobMarket::cancel(RuntimeOrigin::signed(CLIENT), *id));
        }
        run_blocks(2);
        assert_eq!(states(&ids[2..]), [JobState::Assigned; 2]);
        assert_eq!(
            QueueEnds::<Test>::get(DeviceClass(0)),
            QueueRange { head: 4, tail: 4 }
        );
    });
}

#[test]
fn job_should_get_new_randomness_when_it_waited_longer_than_the_beacon_remembers() {
    ExtBuilder.build_and_execute(|| {
        add_worker(
            WORKER,
            MockWorker {
                slots: 100,
                ..Default::default()
            },
        );
        register();
        let mut request = request(0);
        request.limits.deadline_ticks = 1_000;
        let id = submit_as(CLIENT, request);
        MatchShare::set(Weight::zero());
        run_blocks(300);
        MatchShare::set(share(10, 10));
        run_block();
        assert_eq!((job(&id).state, job(&id).fixed_at_block), (JobState::Open, 302));
        check_state();
        run_blocks(2);
        assert_eq!(job(&id).state, JobState::Assigned);
    });
}

#[test]
fn job_should_wait_when_the_beacon_has_no_randomness() {
    ExtBuilder.build_and_execute(|| {
        add_worker(WORKER, MockWorker::default());
        let id = submit();
        DrawWorks::set(false);
        run_blocks(20);
        assert_eq!((job(&id).state, job(&id).match_tries), (JobState::Open, 0));
        DrawWorks::set(true);
        run_block();
        assert_eq!(job(&id).state, JobState::Assigned);
    });
}

#[test]
fn job_should_expire_at_once_when_no_worker_could_acknowledge_in_time() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        MatchShare::set(Weight::zero());
        run_blocks(190);
        MatchShare::set(share(10, 10));
        add_worker(WORKER, MockWorker::default());
        run_block();
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(Workers::get()[&WORKER].used, 0);
    });
}
