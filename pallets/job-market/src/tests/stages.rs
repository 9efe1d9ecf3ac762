//! How far a result's check is, as the job shows it.

use crate::mock::*;
use frame_support::assert_ok;
use ogpu_primitives::{JobHistoryEvent, JobId, JobState, Verdict};

fn last_step(id: &JobId) -> JobHistoryEvent<AccountId> {
    JobMarket::history(id).pop().expect("a step").1
}

#[test]
fn job_should_show_audit_and_dispute_when_its_check_goes_on() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        stage(&id, 0, JobState::Auditing);
        assert_eq!(
            (job(&id).state, last_step(&id)),
            (JobState::Auditing, JobHistoryEvent::Audited)
        );
        stage(&id, 0, JobState::Disputed);
        assert_eq!(
            (job(&id).state, last_step(&id)),
            (JobState::Disputed, JobHistoryEvent::Disputed)
        );
        check_state();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Settled);
    });
}

#[test]
fn job_should_be_disputed_at_once_when_no_audit_was_shown() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        stage(&id, 0, JobState::Disputed);
        assert_eq!(job(&id).state, JobState::Disputed);
    });
}

#[test]
fn stage_should_change_nothing_when_it_leads_back_or_is_no_stage_of_a_check() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        for other in [JobState::Open, JobState::Committed, JobState::Settled] {
            stage(&id, 0, other);
            assert_eq!(job(&id).state, JobState::Committed);
        }
        stage(&id, 0, JobState::Disputed);
        let disputed = (job(&id), JobMarket::history(&id));
        stage(&id, 0, JobState::Auditing);
        stage(&id, 0, JobState::Disputed);
        assert_eq!((job(&id), JobMarket::history(&id)), disputed);
    });
}

#[test]
fn stage_should_change_nothing_when_its_subject_is_not_being_checked() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        stage(&id, 0, JobState::Auditing);
        assert_eq!(job(&id).state, JobState::Acknowledged);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&id, 0),
            commitment(50)
        ));
        stage(&id, 1, JobState::Auditing);
        stage(&ogpu_primitives::H256::zero(), 0, JobState::Auditing);
        assert_eq!(job(&id).state, JobState::Committed);
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        stage(&id, 0, JobState::Disputed);
        assert_eq!(job(&id).state, JobState::Settled);
    });
}
