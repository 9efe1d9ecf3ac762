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
        assert_eq!(pays(poke(id)), Pays::Yes);
        // As many tries are left as the poke paid for.
        let left = MaxMatchTries::get() - u32::from(job(&id).match_tries);
        assert_eq!(
            (job(&id).state, u64::from(left)),
            (JobState::Open, crate::PREPAID_TRIES)
        );
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
