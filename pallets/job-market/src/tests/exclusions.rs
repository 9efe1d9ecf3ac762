//! A job among three unequal workers: each exclusion drops exactly the ones it should.

use crate::mock::*;
use ogpu_primitives::{matching::EXCLUSIONS, DeviceClass, Exclusion, JobRequest, JobState, MatchRecord};

const SMALL: AccountId = WORKER;
const MIDDLE: AccountId = WORKER + 1;
const LARGE: AccountId = WORKER + 2;

/// A cheap old card, an ordinary one, and a large dear one abroad that is little known yet.
fn three_workers() {
    add_worker(
        SMALL,
        MockWorker {
            owner: OWNER,
            class: 2,
            vram_mib: 9_000,
            ask_permille: 500,
            reputation_permille: 900,
            throughput: 500,
            ..Default::default()
        },
    );
    add_worker(
        MIDDLE,
        MockWorker {
            owner: OWNER + 1,
            class: 4,
            vram_mib: 16_000,
            ..Default::default()
        },
    );
    add_worker(
        LARGE,
        MockWorker {
            owner: OWNER + 2,
            class: 6,
            vram_mib: 48_000,
            region: 756,
            ask_permille: 1_300,
            reputation_permille: 100,
            throughput: 1_500,
            ..Default::default()
        },
    );
}

fn matched(change: impl FnOnce(&mut JobRequest<AccountId>)) -> MatchRecord<AccountId> {
    register();
    let mut request = request(0);
    change(&mut request);
    let id = submit_as(CLIENT, request);
    run_blocks(2);
    assert_eq!(job(&id).state, JobState::Assigned, "{:?}", job(&id).last_try);
    check_state();
    JobMarket::explain(&id).remove(0)
}

fn counts(expected: &[(Exclusion, u8)]) -> [u8; EXCLUSIONS] {
    let mut counts = [0; EXCLUSIONS];
    for (exclusion, count) in expected {
        counts[*exclusion as usize] = *count;
    }
    counts
}

#[test]
fn job_should_go_to_the_cheapest_when_nothing_is_required() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let record = matched(|_| ());
        assert_eq!(
            (record.worker, record.candidates, record.excluded),
            (SMALL, 3, counts(&[]))
        );
        assert_eq!(record.price, 9_500);
    });
}

#[test]
fn small_worker_should_be_excluded_when_a_higher_class_is_required() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let record = matched(|request| request.limits.requirements.min_class = DeviceClass(3));
        assert_eq!(
            (record.worker, record.excluded),
            (MIDDLE, counts(&[(Exclusion::Class, 1)]))
        );
    });
}

#[test]
fn two_workers_should_be_excluded_when_only_the_largest_has_the_memory() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let mut big = spec();
        big.vram_mib = 40_000;
        frame_support::assert_ok!(JobMarket::register_model(
            RuntimeOrigin::signed(MODEL_OWNER),
            big.clone()
        ));
        let record = matched(|request| request.model = ogpu_primitives::model::model_id(&big));
        assert_eq!(
            (record.worker, record.excluded),
            (LARGE, counts(&[(Exclusion::Vram, 2)]))
        );
    });
}

#[test]
fn two_workers_should_be_excluded_when_a_region_is_required() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let record = matched(|request| request.limits.requirements.region = Some(756));
        assert_eq!(
            (record.worker, record.excluded),
            (LARGE, counts(&[(Exclusion::Region, 2)]))
        );
        assert_eq!(record.price, 24_700);
    });
}

#[test]
fn unknown_worker_should_be_excluded_when_reputation_is_required() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let record = matched(|request| request.limits.requirements.min_reputation_permille = 501);
        assert_eq!(
            (record.worker, record.excluded),
            (SMALL, counts(&[(Exclusion::Reputation, 2)]))
        );
    });
}

#[test]
fn dear_workers_should_be_excluded_when_the_limit_is_below_their_price() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let record = matched(|request| request.limits.max_price = 18_999);
        assert_eq!(
            (record.worker, record.excluded),
            (SMALL, counts(&[(Exclusion::Price, 2)]))
        );
    });
}

#[test]
fn busy_worker_should_be_excluded_when_all_its_slots_are_taken() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        Workers::mutate(|workers| workers.get_mut(&SMALL).expect("there").slots = 0);
        let record = matched(|_| ());
        assert_eq!(
            (record.worker, record.excluded),
            (MIDDLE, counts(&[(Exclusion::NoSlot, 1)]))
        );
    });
}

#[test]
fn worker_should_be_excluded_when_its_owner_has_too_much_unsettled_work() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        // Its price is 9,500: one planck of room is missing.
        Workers::mutate(|workers| workers.get_mut(&SMALL).expect("there").room = 9_499);
        let record = matched(|_| ());
        assert_eq!(
            (record.worker, record.excluded),
            (MIDDLE, counts(&[(Exclusion::Exposure, 1)]))
        );
    });
}

#[test]
fn worker_should_not_be_excluded_when_its_room_is_exactly_the_price() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        Workers::mutate(|workers| workers.get_mut(&SMALL).expect("there").room = 9_500);
        assert_eq!(matched(|_| ()).worker, SMALL);
    });
}

#[test]
fn worker_should_be_excluded_when_it_does_not_serve() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        Workers::mutate(|workers| workers.get_mut(&SMALL).expect("there").serving = false);
        let record = matched(|_| ());
        assert_eq!(
            (record.worker, record.excluded),
            (MIDDLE, counts(&[(Exclusion::NotServing, 1)]))
        );
    });
}

#[test]
fn own_worker_should_be_excluded_when_its_owner_is_the_client() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        Workers::mutate(|workers| workers.get_mut(&SMALL).expect("there").owner = CLIENT);
        let record = matched(|_| ());
        assert_eq!(
            (record.worker, record.excluded),
            (MIDDLE, counts(&[(Exclusion::OwnJob, 1)]))
        );
    });
}

#[test]
fn failed_worker_should_be_excluded_when_the_job_is_tried_again() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        register();
        let id = submit_as(CLIENT, request(0));
        run_blocks(2 + 15);
        assert_eq!(job(&id).attempt, 1);
        run_blocks(2);
        let records = JobMarket::explain(&id);
        assert_eq!((records[0].worker, records[1].worker), (SMALL, MIDDLE));
        assert_eq!(records[1].excluded, counts(&[(Exclusion::Tried, 1)]));
    });
}

#[test]
fn sibling_should_be_excluded_when_another_worker_of_its_owner_failed() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        Workers::mutate(|workers| workers.get_mut(&MIDDLE).expect("there").owner = OWNER);
        register();
        let id = submit_as(CLIENT, request(0));
        run_blocks(2 + 15 + 2);
        let records = JobMarket::explain(&id);
        assert_eq!((records[0].worker, records[1].worker), (SMALL, LARGE));
        assert_eq!(
            records[1].excluded,
            counts(&[(Exclusion::Tried, 1), (Exclusion::OwnerTried, 1)])
        );
    });
}

#[test]
fn slow_workers_should_be_excluded_when_the_deadline_is_near() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        // 19 CU at 2 % of the throughput, shared by four slots, in ticks of 2 s: 4, 2 and 2 ticks. With the two
        // blocks until the match, 15 ticks to acknowledge and 10 in reserve, 30 leave 3.
        let record = matched(|request| request.limits.deadline_ticks = 30);
        assert_eq!(
            (record.worker, record.excluded),
            (MIDDLE, counts(&[(Exclusion::Deadline, 1)]))
        );
    });
}

#[test]
fn slow_worker_should_get_the_job_when_the_deadline_just_allows_it() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        assert_eq!(
            matched(|request| request.limits.deadline_ticks = 31).worker,
            SMALL
        );
    });
}

#[test]
fn chosen_worker_should_not_get_the_job_when_it_cannot_meet_the_deadline() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        register();
        let mut request = request(0);
        request.limits.requirements.worker = Some(SMALL);
        request.limits.deadline_ticks = 30;
        MaxMatchTries::set(3);
        let id = submit_as(CLIENT, request);
        run_blocks(2 * 3);
        let found = job(&id);
        assert_eq!(
            found.state,
            JobState::Parked,
            "the same path as for every exclusion"
        );
        let last_try = found.last_try.expect("it was tried");
        assert_eq!(last_try.excluded, counts(&[(Exclusion::Deadline, 1)]));
        run_blocks(24);
        assert_eq!(job(&id).state, JobState::Expired);
        assert!(Offences::get().is_empty());
        assert_eq!(balance(CLIENT), FUNDS);
    });
}

#[test]
fn efficiency_should_decide_who_is_fast_enough_when_it_is_governed_lower() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        // They need 76, 38 and 26 ticks now.
        EfficiencyPermille::set(1);
        register();
        let mut request = request(0);
        request.limits.deadline_ticks = 30;
        let id = submit_as(CLIENT, request);
        run_blocks(2);
        let last_try = job(&id).last_try.expect("it was tried");
        assert_eq!(last_try.excluded, counts(&[(Exclusion::Deadline, 3)]));
    });
}

#[test]
fn chosen_worker_should_get_the_job_when_it_is_not_the_best() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        let record = matched(|request| request.limits.requirements.worker = Some(LARGE));
        assert_eq!((record.worker, record.candidates), (LARGE, 1));
    });
}

#[test]
fn each_exclusion_should_be_told_when_nobody_fits() {
    ExtBuilder.build_and_execute(|| {
        three_workers();
        register();
        let mut request = request(0);
        request.limits.requirements.min_class = DeviceClass(3);
        request.limits.requirements.region = Some(276);
        Workers::mutate(|workers| workers.get_mut(&MIDDLE).expect("there").slots = 0);
        let id = submit_as(CLIENT, request);
        run_blocks(2);
        let last_try = job(&id).last_try.expect("one try was made");
        assert_eq!(last_try.candidates, 3);
        let expected = counts(&[
            (Exclusion::Class, 1),
            (Exclusion::NoSlot, 1),
            (Exclusion::Region, 1),
        ]);
        assert_eq!(last_try.excluded, expected);
    });
}
