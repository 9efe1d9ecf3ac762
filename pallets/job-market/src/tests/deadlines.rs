use crate::{mock::*, Event};
use frame_support::assert_ok;
use ogpu_primitives::{JobHistoryEvent, JobState, MatchOutcome, Offence, RefundReason};

#[test]
fn worker_should_be_struck_and_the_job_reopened_when_it_does_not_acknowledge() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        run_blocks(14);
        assert_eq!(job(&id).state, JobState::Assigned);
        run_block();
        let found = job(&id);
        assert_eq!((found.state, found.attempt), (JobState::Open, 1));
        assert_eq!(found.tried.to_vec(), vec![WORKER]);
        assert_eq!(Offences::get(), vec![(WORKER, Offence::MissedAcknowledge)]);
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::Missed);
        assert_eq!(JobMarket::explain(&id)[0].finished_at, Some(18));
        assert_eq!(
            (Workers::get()[&WORKER].used, Workers::get()[&WORKER].exposure),
            (0, 0)
        );
        let steps: Vec<_> = JobMarket::history(&id)
            .into_iter()
            .map(|(_, step)| step)
            .collect();
        assert_eq!(
            steps[2..],
            [JobHistoryEvent::Missed { attempt: 0 }, JobHistoryEvent::Reopened]
        );
    });
}

#[test]
fn deadlines_should_wait_when_the_clock_stands_still() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        run_blocks(14);
        for _ in 0..100 {
            run_block_without_tick();
        }
        assert_eq!(job(&id).state, JobState::Assigned);
        run_block();
        assert_eq!(job(&id).state, JobState::Open);
    });
}

#[test]
fn job_should_be_refunded_when_all_attempts_are_used_up() {
    ExtBuilder.build_and_execute(|| {
        MaxAttempts::set(3);
        for n in 0..4 {
            add_worker(
                WORKER + n,
                MockWorker {
                    owner: OWNER + n,
                    ..Default::default()
                },
            );
        }
        let id = submit();
        run_blocks(3 * 17);
        let found = job(&id);
        assert_eq!((found.state, found.attempt), (JobState::Refunded, 2));
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(Offences::get().len(), 3);
        let reason = RefundReason::AttemptsExhausted;
        assert_eq!(
            JobMarket::history(&id).last(),
            Some(&(52, JobHistoryEvent::Refunded { reason }))
        );
        System::assert_has_event(
            Event::JobRefunded {
                job: id,
                reason,
                refunded: 25_001,
            }
            .into(),
        );
    });
}

#[test]
fn job_should_expire_with_all_money_back_when_nothing_was_committed() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        run_blocks(197);
        assert_eq!(job(&id).state, JobState::Acknowledged);
        run_block();
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(Offences::get(), vec![(WORKER, Offence::MissedDeadline)]);
        assert_eq!(
            (Workers::get()[&WORKER].used, Workers::get()[&WORKER].exposure),
            (0, 0)
        );
        let steps = JobMarket::history(&id);
        assert_eq!(steps[steps.len() - 2].1, JobHistoryEvent::Missed { attempt: 0 });
        assert_eq!(steps[steps.len() - 1].1, JobHistoryEvent::Expired);
    });
}

#[test]
fn job_should_expire_when_it_is_parked() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        run_blocks(200);
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!(balance(CLIENT), FUNDS);
        assert!(Offences::get().is_empty());
    });
}

#[test]
fn worker_should_not_be_blamed_when_the_job_expires_before_its_acknowledgement_is_due() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        run_blocks(165);
        add_worker(WORKER, MockWorker::default());
        assert_ok!(JobMarket::poke(RuntimeOrigin::signed(OTHER), id));
        run_blocks(4);
        // Assigned at tick 168; both its acknowledgement (183) and the deadline (201) are to come.
        assert_eq!(job(&id).state, JobState::Assigned);
        crate::Jobs::<Test>::mutate_extant(id, |job| {
            if let Some(assignment) = &mut job.assignment {
                assignment.acknowledge_by = 250;
            }
        });
        crate::Agenda::<Test>::iter()
            .filter(|(_, _, item)| item.what == crate::AgendaKind::Acknowledge)
            .for_each(|(tick, seq, item)| {
                crate::Agenda::<Test>::remove(tick, seq);
                JobMarket::schedule(250, item);
            });
        run_blocks(35);
        assert_eq!(job(&id).state, JobState::Expired);
        assert!(Offences::get().is_empty());
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::Refunded);
        // The late entry finds nothing to do.
        run_blocks(60);
        assert!(Offences::get().is_empty());
    });
}

#[test]
fn job_should_expire_at_once_when_the_deadline_is_too_near_for_another_worker() {
    ExtBuilder.build_and_execute(|| {
        add_worker(WORKER, MockWorker::default());
        register();
        let mut request = request(0);
        request.limits.deadline_ticks = 30;
        let id = submit_as(CLIENT, request);
        // Assigned at 3, missed at 18, and the deadline is 31: thirteen ticks are not enough.
        run_blocks(17);
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!(balance(CLIENT), FUNDS);
    });
}

#[test]
fn history_should_keep_its_last_place_for_the_end_when_a_job_is_poked_for_ever() {
    ExtBuilder.build_and_execute(|| {
        MaxMatchTries::set(1);
        register();
        let mut request = request(0);
        request.limits.deadline_ticks = 500;
        let id = submit_as(CLIENT, request);
        for _ in 0..60 {
            run_blocks(2);
            assert_ok!(JobMarket::poke(RuntimeOrigin::signed(OTHER), id));
        }
        assert_eq!(JobMarket::history(&id).len(), crate::MAX_HISTORY as usize - 1);
        run_blocks(500);
        assert_eq!(JobMarket::history(&id).len(), crate::MAX_HISTORY as usize);
        assert_eq!(
            JobMarket::history(&id).last(),
            Some(&(501, JobHistoryEvent::Expired))
        );
    });
}
