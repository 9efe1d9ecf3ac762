use crate::{mock::*, Event, ParkedJobs, SupplyNews, UNPARK_BATCH};
use frame_support::weights::Weight;
use ogpu_primitives::{JobHistoryEvent, JobId, JobState, ModelId};
use std::collections::BTreeSet;

fn parked(count: u64) -> (ModelId, Vec<JobId>) {
    let model = register();
    let ids = (0..count)
        .map(|nonce| submit_as(CLIENT, request(nonce)))
        .collect();
    run_blocks(8 * 2 + 1);
    (model, ids)
}

#[test]
fn job_should_be_parked_when_all_tries_were_fruitless() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        run_blocks(15);
        assert_eq!((job(&id).state, job(&id).match_tries), (JobState::Open, 7));
        run_block();
        assert_eq!((job(&id).state, job(&id).match_tries), (JobState::Parked, 8));
        assert_eq!(job(&id).last_try.map(|last| last.candidates), Some(0));
        System::assert_last_event(Event::JobParked { job: id }.into());
        assert_eq!(
            JobMarket::history(&id).last(),
            Some(&(17, JobHistoryEvent::Parked))
        );
        // It costs nothing more until something happens.
        run_blocks(50);
        assert_eq!(job(&id).match_tries, 8);
    });
}

#[test]
fn parked_job_should_be_matched_when_a_worker_begins_to_serve() {
    ExtBuilder.build_and_execute(|| {
        let (model, ids) = parked(1);
        add_worker(WORKER, MockWorker::default());
        JobMarket::supply_changed(&model);
        run_block();
        assert_eq!(job(&ids[0]).state, JobState::Open);
        System::assert_last_event(
            Event::JobReopened {
                job: ids[0],
                attempt: 0,
            }
            .into(),
        );
        run_blocks(2);
        assert_eq!(job(&ids[0]).state, JobState::Assigned);
    });
}

#[test]
fn parked_job_should_get_one_try_when_supply_changes_in_vain() {
    ExtBuilder.build_and_execute(|| {
        let (model, ids) = parked(1);
        JobMarket::supply_changed(&model);
        run_block();
        assert_eq!(job(&ids[0]).state, JobState::Open);
        run_blocks(2);
        assert_eq!(job(&ids[0]).state, JobState::Parked);
    });
}

#[test]
fn parked_jobs_should_take_turns_when_there_are_more_than_a_batch() {
    ExtBuilder.build_and_execute(|| {
        let (model, ids) = parked(20);
        assert_eq!(ParkedJobs::<Test>::iter().count(), 20);
        let mut tried: BTreeSet<JobId> = BTreeSet::new();
        for round in 1..=3 {
            JobMarket::supply_changed(&model);
            run_block();
            let open: Vec<_> = ids
                .iter()
                .copied()
                .filter(|id| job(id).state == JobState::Open)
                .collect();
            assert_eq!(open.len(), UNPARK_BATCH);
            tried.extend(open);
            assert_eq!(tried.len(), (round * UNPARK_BATCH).min(20));
            run_blocks(2);
        }
    });
}

#[test]
fn supply_change_should_do_nothing_when_nothing_is_parked() {
    ExtBuilder.build_and_execute(|| {
        let model = register();
        let open = submit_as(CLIENT, request(0));
        JobMarket::supply_changed(&model);
        assert_eq!(SupplyNews::<Test>::iter().count(), 0);
        assert_eq!(job(&open).match_tries, 0);
    });
}

#[test]
fn news_of_supply_should_wait_when_the_meter_allows_nothing() {
    ExtBuilder.build_and_execute(|| {
        let (model, ids) = parked(1);
        let share = MatchShare::get();
        MatchShare::set(Weight::zero());
        JobMarket::supply_changed(&model);
        run_blocks(3);
        assert_eq!(job(&ids[0]).state, JobState::Parked);
        MatchShare::set(share);
        run_block();
        assert_eq!(job(&ids[0]).state, JobState::Open);
    });
}
