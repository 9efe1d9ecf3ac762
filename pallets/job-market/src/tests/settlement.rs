use crate::{mock::*, Event, Models, Totals};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{
    fees, FeeSplit, JobHistoryEvent, JobState, MatchOutcome, RefundReason, Subject, Verdict, WorkKey, H256,
};
use sp_runtime::DispatchError;

#[test]
fn job_should_be_settled_with_every_planck_named_when_its_check_passes() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        let found = job(&id);
        // 16,500 planck: protocol fee 825, of it 412 + 247 + 166. An audit of 90 tokens costs 9,000, but
        // counts with half of the price at most; 2.1111 % of 5/4 of 8,250 is the premium.
        let split = FeeSplit {
            provider: 15_458,
            validators: 412,
            treasury: 247,
            audit_fund: 166,
            audit_premium: 217,
        };
        assert_eq!(split, fees::split(16_500, &Rates::get(), 217));
        assert_eq!(found.state, JobState::Settled);
        let ledger = found.ledger;
        assert_eq!(
            (ledger.escrowed, ledger.held, ledger.refunded),
            (25_001, 0, 8_501)
        );
        assert_eq!(
            (ledger.provider, ledger.validators),
            (split.provider, split.validators)
        );
        assert_eq!(
            (ledger.treasury, ledger.audit_fund, ledger.audit_premium),
            (split.treasury, split.audit_fund, split.audit_premium)
        );
        assert_eq!(ledger.total(), Some(25_001));
        assert_eq!(balance(CLIENT), FUNDS - 16_500);
        assert_eq!(balance(OWNER), FUNDS + 15_458);
        assert_eq!(
            (balance(FEE_POT), balance(TREASURY), balance(AUDIT_FUND)),
            (ED + 412, ED + 247, ED + 166 + 217)
        );
        assert_eq!(JobMarket::pot_balance(), ED);
        assert_eq!(Successes::get(), vec![WORKER]);
        assert_eq!(Workers::get()[&WORKER].exposure, 0);
        assert_eq!(
            Models::<Test>::get(found.request.model).map(|model| model.jobs_settled),
            Some(1)
        );
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::Settled);
        assert_eq!(
            JobMarket::history(&id).last(),
            Some(&(3, JobHistoryEvent::Settled { price: 16_500 }))
        );
        let totals = Totals::<Test>::get();
        assert_eq!((totals.settled, totals.volume, totals.fees), (1, 16_500, 1_042));
        System::assert_last_event(
            Event::JobSettled {
                job: id,
                worker: WORKER,
                owner: OWNER,
                price: 16_500,
                split,
                refunded: 8_501,
                surcharge: 0,
            }
            .into(),
        );
    });
}

#[test]
fn hot_key_should_be_topped_up_first_when_its_float_is_low() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        FloatGap::mutate(|gaps| gaps.insert(WORKER, 1_000));
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!((balance(WORKER), balance(OWNER)), (1_000, FUNDS + 14_458));
        assert_eq!(job(&id).ledger.provider, 15_458);
    });
}

#[test]
fn hot_key_should_get_a_tenth_when_its_gap_is_larger() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        FloatGap::mutate(|gaps| gaps.insert(WORKER, 1_000_000));
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!((balance(WORKER), balance(OWNER)), (1_545, FUNDS + 13_913));
    });
}

#[test]
fn owner_should_get_all_when_the_float_cannot_reach_the_hot_key() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        FloatGap::mutate(|gaps| gaps.insert(WORKER, ED - 1));
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!((balance(WORKER), balance(OWNER)), (0, FUNDS + 15_458));
    });
}

#[test]
fn client_should_be_refunded_when_the_verdict_is_open() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Inconclusive));
        let found = job(&id);
        assert_eq!((found.state, found.ledger.refunded), (JobState::Refunded, 25_001));
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(Workers::get()[&WORKER].exposure, 0);
        assert!(Successes::get().is_empty());
        assert_eq!(JobMarket::explain(&id)[0].outcome, MatchOutcome::Refunded);
        System::assert_last_event(
            Event::JobRefunded {
                job: id,
                reason: RefundReason::Inconclusive,
                refunded: 25_001,
            }
            .into(),
        );
    });
}

#[test]
fn verdict_should_change_nothing_when_its_subject_is_closed_or_unknown() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        assert_ok!(verdict(&id, 1, Verdict::Wrong));
        assert_ok!(JobMarket::do_verdict(
            &Subject::Work(WorkKey {
                segment: 1,
                ..work(&id, 0)
            }),
            Verdict::Wrong
        ));
        assert_ok!(verdict(&H256::zero(), 0, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Committed);
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        let settled = job(&id);
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!(job(&id), settled);
    });
}

#[test]
fn verdict_should_change_nothing_when_the_job_is_not_committed() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Acknowledged);
    });
}

#[test]
fn settlement_should_leave_everything_when_the_fee_sink_fails() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        SinkFails::set(true);
        assert_noop!(
            verdict(&id, 0, Verdict::Pass),
            DispatchError::Other("the sink is closed")
        );
        assert_eq!(Workers::get()[&WORKER].exposure, 19_000);
        SinkFails::set(false);
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        assert_eq!(job(&id).state, JobState::Settled);
    });
}

#[test]
fn committed_job_should_wait_for_its_verdict_when_the_deadline_passes() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        run_blocks(500);
        assert_eq!(job(&id).state, JobState::Committed);
        assert_ok!(verdict(&id, 0, Verdict::Pass));
    });
}
