use crate::{mock::*, Error, Event, JobNumbers, LastNonce, Totals, WeightInfo};
use frame_support::traits::WithdrawReasons;
use frame_support::{assert_noop, assert_ok, traits::LockableCurrency};
use ogpu_primitives::{
    DeviceClass, EmbedParams, GenerateParams, JobHistoryEvent, JobParams, JobRequest, JobState, H256,
};

fn refused(change: impl FnOnce(&mut JobRequest<AccountId>), error: Error<Test>) {
    ExtBuilder.build_and_execute(|| {
        register();
        add_worker(
            WORKER,
            MockWorker {
                owner: CLIENT,
                ..Default::default()
            },
        );
        let mut request = request(0);
        change(&mut request);
        assert_noop!(JobMarket::submit(RuntimeOrigin::signed(CLIENT), request), error);
        assert_eq!(balance(CLIENT), FUNDS);
    });
}

fn refused_params(change: impl FnOnce(&mut GenerateParams), error: Error<Test>) {
    refused(
        |request| {
            if let JobParams::Generate(params) = &mut request.params {
                change(params);
            }
        },
        error,
    );
}

#[test]
fn job_should_be_open_with_its_money_in_the_pot_when_it_is_submitted() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        let job = job(&id);
        assert_eq!(
            (job.state, job.number, job.attempt, job.deadline),
            (JobState::Open, 0, 0, 201)
        );
        assert_eq!((job.ledger.escrowed, job.ledger.held), (25_001, 25_001));
        assert_eq!(balance(CLIENT), FUNDS - 25_001);
        assert_eq!(JobMarket::pot_balance(), ED + 25_001);
        assert_eq!(JobNumbers::<Test>::get(0), Some(id));
        assert_eq!(LastNonce::<Test>::get(CLIENT), Some(0));
        assert_eq!(Totals::<Test>::get().submitted, 1);
        assert_eq!(JobMarket::history(&id), vec![(1, JobHistoryEvent::Submitted)]);
        System::assert_last_event(
            Event::JobSubmitted {
                job: id,
                number: 0,
                client: CLIENT,
                model: job.request.model,
                escrowed: 25_001,
                deadline: 201,
            }
            .into(),
        );
    });
}

#[test]
fn job_should_be_refused_when_its_model_is_unknown() {
    refused(|request| request.model = H256::zero(), Error::UnknownModel);
}

#[test]
fn job_should_be_refused_when_its_parameters_are_of_another_kind() {
    let embed = JobParams::Embed(EmbedParams { normalize: true });
    refused(|request| request.params = embed, Error::WrongKind);
}

#[test]
fn job_should_be_refused_when_its_input_is_empty() {
    refused(|request| request.input_tokens = 0, Error::EmptyInput);
}

#[test]
fn job_should_be_refused_when_its_input_is_too_long_for_an_audit() {
    ExtBuilder.build_and_execute(|| {
        let long = ogpu_primitives::ModelSpec {
            context_tokens: 100_000,
            ..spec()
        };
        let model = ogpu_primitives::model::model_id(&long);
        assert_ok!(JobMarket::register_model(
            RuntimeOrigin::signed(MODEL_OWNER),
            long
        ));
        let mut request = request(0);
        (request.model, request.input_tokens) = (model, 49_153);
        // Plenty for the job, and the client keeps what an account needs.
        request.limits.max_price = FUNDS / 2;
        assert_noop!(
            JobMarket::submit(RuntimeOrigin::signed(CLIENT), request.clone()),
            Error::<Test>::InputNotAuditable
        );
        request.input_tokens = 49_152;
        assert_ok!(JobMarket::submit(RuntimeOrigin::signed(CLIENT), request));
    });
}

#[test]
fn job_should_be_refused_when_its_prompt_is_over_the_limit() {
    // 60 output tokens are asked for.
    refused(|request| request.input_tokens = 4_037, Error::InputTooLong);
    refused(|request| request.input_tokens = u32::MAX, Error::InputTooLong);
    refused_params(|params| params.max_output_tokens = 4_057, Error::InputTooLong);
}

#[test]
fn job_should_be_taken_when_its_prompt_just_fits() {
    ExtBuilder.build_and_execute(|| {
        register();
        let mut request = request(0);
        request.input_tokens = 4_036;
        request.limits.max_price = 1_000_000;
        submit_as(CLIENT, request);
    });
}

#[test]
fn job_should_be_refused_when_a_sampling_parameter_is_out_of_range() {
    refused_params(|params| params.max_output_tokens = 0, Error::InvalidParams);
    refused_params(
        |params| params.max_output_tokens = ogpu_primitives::evidence::MAX_OUTPUT_TOKENS + 1,
        Error::InvalidParams,
    );
    refused_params(|params| params.top_p_ppm = 0, Error::InvalidParams);
    refused_params(|params| params.top_p_ppm = 1_000_001, Error::InvalidParams);
    refused_params(|params| params.min_p_ppm = 1_000_001, Error::InvalidParams);
    refused_params(|params| params.repetition_penalty_milli = 0, Error::InvalidParams);
}

#[test]
fn job_should_be_refused_when_its_deadline_is_out_of_range() {
    refused(
        |request| request.limits.deadline_ticks = 0,
        Error::DeadlineTooShort,
    );
    refused(
        |request| request.limits.deadline_ticks = 29,
        Error::DeadlineTooShort,
    );
    refused(
        |request| request.limits.deadline_ticks = 10_001,
        Error::DeadlineTooLong,
    );
}

#[test]
fn job_should_be_refused_when_it_asks_for_what_does_not_exist() {
    refused(
        |request| request.limits.requirements.min_class = DeviceClass(8),
        Error::UnknownDeviceClass,
    );
    refused(
        |request| request.limits.requirements.min_reputation_permille = 1_001,
        Error::InvalidReputation,
    );
}

#[test]
fn job_should_be_refused_when_its_price_is_below_the_lowest_ask() {
    // 19 CU at 1,000 planck and an ask of 100 ‰.
    refused(|request| request.limits.max_price = 1_899, Error::PriceTooLow);
    refused(|request| request.limits.max_price = 0, Error::PriceTooLow);
}

#[test]
fn job_should_be_taken_when_its_price_is_that_of_the_lowest_ask() {
    ExtBuilder.build_and_execute(|| {
        register();
        let mut request = request(0);
        request.limits.max_price = 1_900;
        submit_as(CLIENT, request);
    });
}

#[test]
fn job_should_be_refused_when_it_is_to_oneself() {
    refused(
        |request| request.limits.requirements.worker = Some(WORKER),
        Error::SelfDealing,
    );
    refused(
        |request| request.limits.requirements.worker = Some(CLIENT),
        Error::SelfDealing,
    );
}

#[test]
fn job_should_be_refused_when_its_nonce_is_used_or_older() {
    ExtBuilder.build_and_execute(|| {
        register();
        submit_as(CLIENT, request(5));
        for nonce in [5, 4, 0] {
            assert_noop!(
                JobMarket::submit(RuntimeOrigin::signed(CLIENT), request(nonce)),
                Error::<Test>::NonceUsed
            );
        }
        submit_as(CLIENT, request(6));
        // Another client's nonces are its own.
        submit_as(OTHER, request(5));
    });
}

#[test]
fn job_should_be_refused_when_there_is_no_free_balance() {
    ExtBuilder.build_and_execute(|| {
        register();
        assert_noop!(
            JobMarket::submit(RuntimeOrigin::signed(POOR), request(0)),
            Error::<Test>::InsufficientBalance
        );
        // The existential deposit stays.
        let mut request = request(0);
        request.limits.max_price = FUNDS - ED + 1;
        assert_noop!(
            JobMarket::submit(RuntimeOrigin::signed(CLIENT), request.clone()),
            Error::<Test>::InsufficientBalance
        );
        request.limits.max_price = FUNDS - ED;
        submit_as(CLIENT, request);
        assert_eq!(balance(CLIENT), ED);
    });
}

#[test]
fn job_should_be_refused_when_the_balance_is_locked_in_a_vote() {
    ExtBuilder.build_and_execute(|| {
        register();
        Balances::set_lock(*b"pyconvot", &CLIENT, FUNDS, WithdrawReasons::all());
        assert_noop!(
            JobMarket::submit(RuntimeOrigin::signed(CLIENT), request(0)),
            Error::<Test>::BalanceLocked
        );
        Balances::remove_lock(*b"pyconvot", &CLIENT);
        assert_ok!(JobMarket::submit(RuntimeOrigin::signed(CLIENT), request(0)));
    });
}

#[test]
fn job_should_settle_when_the_client_locks_its_balance_after_submitting() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        Balances::set_lock(*b"pyconvot", &CLIENT, FUNDS, WithdrawReasons::all());
        assert_ok!(verdict(&id, 0, ogpu_primitives::Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Settled);
    });
}

#[test]
fn submission_should_pay_for_every_match_that_its_client_can_cause() {
    ExtBuilder.build_and_execute(|| {
        let one_more = |tries| {
            MaxMatchTries::set(tries + 1);
            let more = JobMarket::submit_weight(1);
            MaxMatchTries::set(tries);
            more - JobMarket::submit_weight(1)
        };
        assert_eq!(one_more(3), JobMarket::match_weight());
        // And one for an input that was not delivered: after one more match in vain the job is parked.
        add_worker(WORKER, MockWorker::default());
        let id = submit();
        run_blocks(2);
        assert_ok!(JobMarket::no_input(RuntimeOrigin::signed(WORKER), work(&id, 0)));
        run_block();
        assert_eq!(job(&id).state, JobState::Open);
        run_block();
        assert_eq!(job(&id).state, JobState::Parked);
        let rest = JobMarket::submit_weight(1) - JobMarket::match_weight() * 4;
        let named = <() as WeightInfo>::submit()
            + <() as WeightInfo>::service_deadline()
            + <() as WeightInfo>::service_prune();
        assert_eq!(rest, named);
    });
}
