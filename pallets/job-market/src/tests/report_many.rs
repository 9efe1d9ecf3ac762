use crate::{mock::*, Error, Event, Report};
use frame_support::{
    assert_noop,
    dispatch::{DispatchResultWithPostInfo, Pays},
};
use ogpu_primitives::{JobId, JobState};

fn report(reports: Vec<Report>) -> DispatchResultWithPostInfo {
    JobMarket::report_many(
        RuntimeOrigin::signed(WORKER),
        reports.try_into().expect("at most 16"),
    )
}

fn four_jobs() -> Vec<JobId> {
    add_worker(
        WORKER,
        MockWorker {
            slots: 16,
            ..Default::default()
        },
    );
    register();
    let ids = (0..4).map(|nonce| submit_as(CLIENT, request(nonce))).collect();
    run_blocks(2);
    ids
}

#[test]
fn reports_should_be_free_when_all_are_taken() {
    ExtBuilder.build_and_execute(|| {
        let ids = four_jobs();
        let result = report(vec![
            Report::Acknowledge(work(&ids[0], 0)),
            Report::Acknowledge(work(&ids[1], 0)),
            Report::Commit(work(&ids[0], 0), commitment(3)),
            Report::NoInput(work(&ids[2], 0)),
            Report::Commit(work(&ids[3], 0), commitment(4)),
        ]);
        assert_eq!(result.expect("taken").pays_fee, Pays::No);
        let states: Vec<_> = ids.iter().map(|id| job(id).state).collect();
        assert_eq!(
            states,
            [
                JobState::Committed,
                JobState::Acknowledged,
                JobState::Open,
                JobState::Committed
            ]
        );
    });
}

#[test]
fn stale_reports_should_be_skipped_and_paid_when_others_are_taken() {
    ExtBuilder.build_and_execute(|| {
        let ids = four_jobs();
        let result = report(vec![
            Report::Acknowledge(work(&ids[0], 0)),
            Report::Acknowledge(work(&ids[0], 0)),
            Report::Commit(work(&ids[1], 7), commitment(3)),
            Report::Commit(work(&ids[1], 0), commitment(61)),
            Report::Commit(work(&ids[1], 0), commitment(60)),
        ]);
        assert_eq!(result.expect("partly taken").pays_fee, Pays::Yes);
        assert_eq!(
            (job(&ids[0]).state, job(&ids[1]).state),
            (JobState::Acknowledged, JobState::Committed)
        );
        let skipped: Vec<_> = System::events()
            .into_iter()
            .filter_map(|record| match record.event {
                RuntimeEvent::JobMarket(Event::ReportSkipped { index, error }) => Some((index, error)),
                _ => None,
            })
            .collect();
        let expected = [
            (1, Error::<Test>::WrongState.into()),
            (2, Error::<Test>::StaleWork.into()),
            (3, Error::<Test>::TooManyOutputTokens.into()),
        ];
        assert_eq!(skipped, expected);
    });
}

#[test]
fn reports_should_be_refused_when_there_are_none() {
    ExtBuilder.build_and_execute(|| {
        assert_noop!(report(vec![]), Error::<Test>::NothingToDo);
    });
}

#[test]
fn reports_should_change_nothing_but_events_when_all_are_stale() {
    ExtBuilder.build_and_execute(|| {
        let ids = four_jobs();
        let before = job(&ids[0]);
        let result = report(vec![Report::Acknowledge(work(&ids[0], 3)); 16]);
        assert_eq!(result.expect("skipped").pays_fee, Pays::Yes);
        assert_eq!(job(&ids[0]), before);
    });
}
