use crate::{mock::*, Error, Event};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo, Pays},
};
use ogpu_primitives::{
    model::model_id, Commitment, EmbedParams, FinishReason, JobHistoryEvent, JobId, JobKind, JobParams,
    JobState, MatchOutcome, RefundReason, WorkKey, H256,
};

fn worker() -> RuntimeOrigin {
    RuntimeOrigin::signed(WORKER)
}

#[test]
fn report_should_be_free_and_operational_when_it_succeeds() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        let work = work(&id, 0);
        let pays =
            |result: frame_support::dispatch::DispatchResultWithPostInfo| result.expect("taken").pays_fee;
        assert_eq!(pays(JobMarket::acknowledge(worker(), work)), Pays::No);
        assert_eq!(pays(JobMarket::commit(worker(), work, commitment(1))), Pays::No);
        for call in [
            crate::Call::<Test>::acknowledge { work },
            crate::Call::no_input { work },
            crate::Call::commit {
                work,
                commitment: commitment(1),
            },
            crate::Call::report_many {
                reports: Default::default(),
            },
        ] {
            let info = call.get_dispatch_info();
            assert_eq!(
                (info.class, info.pays_fee),
                (DispatchClass::Operational, Pays::Yes)
            );
        }
    });
}

#[test]
fn job_should_be_acknowledged_when_its_worker_says_so() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        assert_eq!(job(&id).state, JobState::Acknowledged);
        assert_eq!(
            JobMarket::history(&id).last(),
            Some(&(3, JobHistoryEvent::Acknowledged { attempt: 0 }))
        );
        System::assert_last_event(
            Event::JobAcknowledged {
                job: id,
                attempt: 0,
                worker: WORKER,
            }
            .into(),
        );
    });
}

#[test]
fn report_should_be_refused_when_it_is_not_from_the_worker() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        let stranger = RuntimeOrigin::signed(OTHER);
        let work = work(&id, 0);
        assert_noop!(
            JobMarket::acknowledge(stranger.clone(), work),
            Error::<Test>::NotAssigned
        );
        assert_noop!(
            JobMarket::no_input(stranger.clone(), work),
            Error::<Test>::NotAssigned
        );
        assert_noop!(
            JobMarket::commit(stranger, work, commitment(1)),
            Error::<Test>::NotAssigned
        );
        // The owner's cold key does no work.
        assert_noop!(
            JobMarket::acknowledge(RuntimeOrigin::signed(OWNER), work),
            Error::<Test>::NotAssigned
        );
    });
}

#[test]
fn report_should_be_refused_when_nobody_has_the_job() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        assert_noop!(
            JobMarket::acknowledge(worker(), work(&id, 0)),
            Error::<Test>::NotAssigned
        );
        assert_noop!(
            JobMarket::acknowledge(worker(), work(&H256::zero(), 0)),
            Error::<Test>::UnknownJob
        );
    });
}

#[test]
fn report_should_be_refused_when_it_is_about_other_work() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        for stale in [
            WorkKey {
                segment: 1,
                ..work(&id, 0)
            },
            work(&id, 1),
        ] {
            assert_noop!(JobMarket::acknowledge(worker(), stale), Error::<Test>::StaleWork);
            assert_noop!(
                JobMarket::commit(worker(), stale, commitment(1)),
                Error::<Test>::StaleWork
            );
        }
        // After the next attempt began, the first one's worker is late.
        run_blocks(15);
        assert_noop!(
            JobMarket::acknowledge(worker(), work(&id, 0)),
            Error::<Test>::StaleWork
        );
        assert_noop!(
            JobMarket::commit(worker(), work(&id, 0), commitment(1)),
            Error::<Test>::StaleWork
        );
    });
}

#[test]
fn acknowledgement_should_be_refused_when_it_was_given_before() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        assert_noop!(
            JobMarket::acknowledge(worker(), work(&id, 0)),
            Error::<Test>::WrongState
        );
        assert_noop!(
            JobMarket::no_input(worker(), work(&id, 0)),
            Error::<Test>::WrongState
        );
    });
}

#[test]
fn result_should_be_committed_with_its_price_when_it_fits_the_job() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        let found = job(&id);
        assert_eq!(found.state, JobState::Committed);
        assert_eq!(found.assignment.expect("kept").committed_price, Some(16_500));
        let (kept, checked) = Committed::get()[&work(&id, 0)].clone();
        assert_eq!((kept, checked.price), (commitment(50), 16_500));
        // The slot is free for the next job; the exposure stays until the verdict.
        assert_eq!(
            (Workers::get()[&WORKER].used, Workers::get()[&WORKER].exposure),
            (0, 19_000)
        );
        assert_eq!(JobMarket::assigned_to(&WORKER), vec![]);
        System::assert_last_event(
            Event::JobCommitted {
                job: id,
                attempt: 0,
                worker: WORKER,
                price: 16_500,
            }
            .into(),
        );
    });
}

#[test]
fn result_should_be_committed_when_the_acknowledgement_was_skipped() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        assert_ok!(JobMarket::commit(worker(), work(&id, 0), commitment(60)));
        assert_eq!(job(&id).state, JobState::Committed);
        // The acknowledgement's deadline finds a job that moved on.
        run_blocks(20);
        assert_eq!(job(&id).state, JobState::Committed);
        assert!(Offences::get().is_empty());
    });
}

#[test]
fn second_commitment_should_be_refused_when_there_is_one() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        for second in [commitment(50), commitment(49)] {
            assert_noop!(
                JobMarket::commit(worker(), work(&id, 0), second),
                Error::<Test>::AlreadyCommitted
            );
        }
    });
}

#[test]
fn wrong_commitment_should_be_refused_when_it_does_not_fit_the_job() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        let cases = [
            (
                Commitment {
                    n_in: 39,
                    ..commitment(50)
                },
                Error::<Test>::WrongInputCount,
            ),
            (
                Commitment {
                    n_in: 41,
                    ..commitment(50)
                },
                Error::<Test>::WrongInputCount,
            ),
            (commitment(61), Error::<Test>::TooManyOutputTokens),
            (commitment(u32::MAX), Error::<Test>::TooManyOutputTokens),
            (
                Commitment {
                    finish: FinishReason::Complete,
                    ..commitment(50)
                },
                Error::<Test>::WrongFinishReason,
            ),
        ];
        for (wrong, error) in cases {
            assert_noop!(JobMarket::commit(worker(), work(&id, 0), wrong), error);
        }
        assert_ok!(JobMarket::commit(worker(), work(&id, 0), commitment(0)));
    });
}

#[test]
fn embedding_should_be_committed_only_when_it_is_complete_and_has_no_tokens() {
    ExtBuilder.build_and_execute(|| {
        add_worker(WORKER, MockWorker::default());
        let mut spec = spec();
        spec.kind = JobKind::Embed;
        spec.costs.output_milli_cu = 0;
        let mut request = request(0);
        request.model = model_id(&spec);
        request.params = JobParams::Embed(EmbedParams { normalize: true });
        assert_ok!(JobMarket::register_model(
            RuntimeOrigin::signed(MODEL_OWNER),
            spec
        ));
        let id = submit_as(CLIENT, request);
        run_blocks(2);
        let whole = Commitment {
            finish: FinishReason::Complete,
            ..commitment(0)
        };
        let cases = [
            (commitment(0), Error::<Test>::WrongFinishReason),
            (
                Commitment { n_out: 1, ..whole },
                Error::<Test>::TooManyOutputTokens,
            ),
        ];
        for (wrong, error) in cases {
            assert_noop!(JobMarket::commit(worker(), work(&id, 0), wrong), error);
        }
        assert_ok!(JobMarket::commit(worker(), work(&id, 0), whole));
        assert_eq!(job(&id).assignment.expect("kept").committed_price, Some(4_000));
    });
}

#[test]
fn result_should_be_refused_when_the_deadline_has_passed() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        run_blocks(200);
        assert_noop!(
            JobMarket::commit(worker(), work(&id, 0), commitment(50)),
            Error::<Test>::DeadlinePassed
        );
    });
}

#[test]
fn report_should_be_refused_when_the_job_is_final() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        assert_ok!(verdict(&id, 0, ogpu_primitives::Verdict::Pass));
        assert_noop!(
            JobMarket::commit(worker(), work(&id, 0), commitment(50)),
            Error::<Test>::JobFinished
        );
        assert_noop!(
            JobMarket::acknowledge(worker(), work(&id, 0)),
            Error::<Test>::JobFinished
        );
    });
}

fn no_input(id: &JobId, account: AccountId, attempt: u8) {
    assert_ok!(JobMarket::no_input(
        RuntimeOrigin::signed(account),
        work(id, attempt)
    ));
}

#[test]
fn job_should_go_to_another_worker_when_no_input_came() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        no_input(&id, WORKER, 0);
        assert_eq!(
            (job(&id).state, job(&id).attempt, job(&id).no_input_count),
            (JobState::Open, 1, 1)
        );
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::NoInput);
        assert_eq!(Workers::get()[&WORKER].used, 0);
        assert!(Offences::get().is_empty());
        assert_eq!(job(&id).ledger.held, 25_001);
    });
}

#[test]
fn client_should_pay_the_second_worker_when_no_input_came_twice() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        no_input(&id, WORKER, 0);
        add_worker(
            WORKER + 1,
            MockWorker {
                owner: OWNER + 1,
                ..Default::default()
            },
        );
        run_blocks(2);
        no_input(&id, WORKER + 1, 1);
        let found = job(&id);
        assert_eq!((found.state, found.ledger.held), (JobState::Refunded, 0));
        assert_eq!((found.ledger.provider, found.ledger.refunded), (37, 25_001 - 37));
        assert_eq!((balance(OWNER), balance(OWNER + 1)), (FUNDS, FUNDS + 37));
        assert_eq!(balance(CLIENT), FUNDS - 37);
        System::assert_last_event(
            Event::JobRefunded {
                job: id,
                reason: RefundReason::NoInput,
                refunded: 25_001 - 37,
            }
            .into(),
        );
    });
}

#[test]
fn fee_should_be_a_tenth_of_the_price_when_it_is_higher() {
    ExtBuilder.build_and_execute(|| {
        NoInputFee::set(1_000_000);
        let id = assigned();
        no_input(&id, WORKER, 0);
        add_worker(
            WORKER + 1,
            MockWorker {
                owner: OWNER + 1,
                ..Default::default()
            },
        );
        run_blocks(2);
        no_input(&id, WORKER + 1, 1);
        assert_eq!(
            (job(&id).ledger.provider, job(&id).ledger.refunded),
            (1_900, 23_101)
        );
    });
}

#[test]
fn job_should_go_to_another_owner_when_one_of_an_owners_workers_says_no_input() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        add_worker(WORKER + 1, MockWorker::default());
        no_input(&id, WORKER, 0);
        run_blocks(4);
        assert_eq!(job(&id).assignment, None, "its sibling cannot confirm it");
        let last_try = job(&id).last_try.expect("one try was made");
        assert_eq!(
            last_try.excluded[ogpu_primitives::Exclusion::OwnerTried as usize],
            1
        );
        assert_eq!(last_try.excluded[ogpu_primitives::Exclusion::Tried as usize], 1);
        // It had the one try that its client paid for.
        assert_eq!(job(&id).state, JobState::Parked);
        add_worker(
            WORKER + 2,
            MockWorker {
                owner: OWNER + 1,
                ..Default::default()
            },
        );
        JobMarket::supply_changed(&job(&id).request.model);
        run_blocks(4);
        let found = job(&id).assignment.map(|assignment| assignment.worker);
        assert_eq!(found, Some(WORKER + 2));
    });
}
