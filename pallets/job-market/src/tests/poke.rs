use crate::{mock::*, Error, Jobs};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResultWithPostInfo, Pays},
    weights::Weight,
};
use ogpu_primitives::{JobId, JobState, Offence, H256};

fn poke(id: JobId) -> DispatchResultWithPostInfo {
    JobMarket::poke(RuntimeOrigin::signed(OTHER), id)
}

fn pays(result: DispatchResultWithPostInfo) -> Pays {
    result.expect("the poke did something").pays_fee
}

#[test]
fn poke_should_expire_the_job_for_free_when_the_agenda_is_behind() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        AgendaShare::set(Weight::zero());
        run_blocks(200);
        assert_eq!(job(&id).state, JobState::Acknowledged);
        assert_eq!(pays(poke(id)), Pays::No);
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(Offences::get(), vec![(WORKER, Offence::MissedDeadline)]);
        // The agenda's own entry finds nothing left to do.
        AgendaShare::set(Weight::from_parts(1_000_000_000_000, u64::MAX));
        run_block();
        assert_eq!(Offences::get().len(), 1);
    });
}

#[test]
fn poke_should_take_the_job_from_a_silent_worker_when_the_agenda_is_behind() {
    ExtBuilder.build_and_execute(|| {
        let id = assigned();
        AgendaShare::set(Weight::zero());
        run_blocks(14);
        assert_noop!(poke(id), Error::<Test>::NothingToDo);
        run_block();
        assert_eq!(pays(poke(id)), Pays::No);
        assert_eq!((job(&id).state, job(&id).attempt), (JobState::Open, 1));
        assert_eq!(Offences::get(), vec![(WORKER, Offence::MissedAcknowledge)]);
    });
}

#[test]
fn poke_should_reopen_the_job_and_cost_when_it_is_parked() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        run_blocks(20);
        add_worker(WORKER, MockWorker::default());
        MaxReportWeight::set(Weight::from_parts(1_000_000_000_000, 0));
        let done = poke(id).expect("the poke did something");
        assert_eq!(done.pays_fee, Pays::Yes);
        // It is not charged for a report that it could have made.
        assert_eq!(done.actual_weight, Some(JobMarket::reopen_weight()));
        assert!(!JobMarket::reopen_weight().all_gte(MaxReportWeight::get()));
        // The poke paid for as many tries as a submission.
        assert_eq!((job(&id).state, job(&id).match_tries), (JobState::Open, 0));
        run_blocks(2);
        assert_eq!(job(&id).state, JobState::Assigned);
    });
}

#[test]
fn poke_should_prune_the_job_for_free_when_its_record_is_old() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        assert_ok!(JobMarket::cancel(RuntimeOrigin::signed(CLIENT), id));
        assert_noop!(poke(id), Error::<Test>::NothingToDo);
        AgendaShare::set(Weight::zero());
        run_blocks(1_000);
        assert_eq!(pays(poke(id)), Pays::No);
        assert!(!Jobs::<Test>::contains_key(id));
    });
}

#[test]
fn poke_should_be_refused_when_nothing_is_due() {
    ExtBuilder.build_and_execute(|| {
        assert_noop!(poke(H256::zero()), Error::<Test>::UnknownJob);
        let id = submit();
        assert_noop!(poke(id), Error::<Test>::NothingToDo);
    });
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        run_blocks(500);
        assert_noop!(poke(id), Error::<Test>::NothingToDo);
    });
}

#[test]
fn news_should_be_charged_when_a_slot_or_exposure_becomes_free() {
    ExtBuilder.build_and_execute(|| {
        let weights = || {
            use frame_support::dispatch::GetDispatchInfo;
            let id = H256::zero();
            let calls: [crate::Call<Test>; 4] = [
                crate::Call::no_input { work: work(&id, 0) },
                crate::Call::commit {
                    work: work(&id, 0),
                    commitment: commitment(1),
                },
                crate::Call::report_many {
                    reports: vec![crate::Report::NoInput(work(&id, 0)); 3]
                        .try_into()
                        .expect("few"),
                },
                crate::Call::acknowledge { work: work(&id, 0) },
            ];
            let calls = calls.map(|call| call.get_dispatch_info().call_weight);
            (
                calls,
                JobMarket::verdict_weight(),
                JobMarket::agenda_item_weight(),
            )
        };
        let (calls, verdict, agenda) = weights();
        let news = Weight::from_parts(1_000, 1);
        NewsWeight::set(news);
        let (with_news, verdict_with_news, agenda_with_news) = weights();
        let added: Vec<_> = (0..4).map(|n| with_news[n] - calls[n]).collect();
        assert_eq!(added, vec![news, news, news * 3, Weight::zero()]);
        assert_eq!(
            (verdict_with_news - verdict, agenda_with_news - agenda),
            (news, news)
        );
    });
}

#[test]
fn poke_should_be_charged_the_dearest_report_when_a_worker_may_be_late() {
    ExtBuilder.build_and_execute(|| {
        let without = JobMarket::poke_weight();
        let dearest = Weight::from_parts(1_000_000_000_000, 0);
        MaxReportWeight::set(dearest);
        assert!(JobMarket::poke_weight().all_gte(dearest));
        assert!(!without.all_gte(dearest));
    });
}

#[test]
fn submit_should_be_charged_rejected_draws_when_it_pays_for_matches() {
    ExtBuilder.build_and_execute(|| {
        let without = JobMarket::submit_weight(1);
        RejectedWeight::set(Weight::from_parts(1_000, 0));
        let matches = u64::from(MaxMatchTries::get()) + 1;
        let drawn = matches * u64::from(CandidatesPerMatch::get()) * 1_000;
        assert_eq!(
            JobMarket::submit_weight(1) - without,
            Weight::from_parts(drawn, 0)
        );
    });
}
