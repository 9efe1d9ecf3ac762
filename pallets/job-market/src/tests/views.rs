use crate::{mock::*, Totals};
use frame_support::assert_ok;
use ogpu_primitives::{DeviceClass, JobState, H256};

#[test]
fn job_should_be_shown_with_its_commitment_when_it_is_committed() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        let view = JobMarket::job_view(&id).expect("known");
        assert_eq!(
            (view.id, view.job.state, view.commitment),
            (id, JobState::Committed, Some(commitment(50)))
        );
        assert_eq!(JobMarket::ledger(&id), Some(view.job.ledger));
        assert_eq!(JobMarket::job_view(&H256::zero()), None);
        assert_eq!(JobMarket::ledger(&H256::zero()), None);
        assert!(JobMarket::history(&H256::zero()).is_empty());
        assert!(JobMarket::explain(&H256::zero()).is_empty());
    });
}

#[test]
fn quote_should_be_the_price_of_an_ordinary_ask_when_the_model_is_known() {
    ExtBuilder.build_and_execute(|| {
        let model = register();
        assert_eq!(JobMarket::quote(&model, 40, 60, DeviceClass(0)), Some(19_000));
        assert_eq!(JobMarket::quote(&model, 40, 60, DeviceClass(8)), None);
        assert_eq!(JobMarket::quote(&H256::zero(), 40, 60, DeviceClass(0)), None);
    });
}

#[test]
fn assignments_should_be_listed_when_a_worker_asks_after_a_restart() {
    ExtBuilder.build_and_execute(|| {
        let first = assigned();
        let second = submit_as(CLIENT, request(1));
        run_blocks(2);
        let mut expected = vec![first, second];
        let mut found = JobMarket::assigned_to(&WORKER);
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&first, 0),
            commitment(1)
        ));
        assert_eq!(JobMarket::assigned_to(&WORKER), vec![second]);
    });
}

#[test]
fn next_nonce_should_follow_the_last_one_when_there_is_one() {
    ExtBuilder.build_and_execute(|| {
        register();
        assert_eq!(JobMarket::next_nonce(&CLIENT), Some(0));
        submit_as(CLIENT, request(41));
        assert_eq!(JobMarket::next_nonce(&CLIENT), Some(42));
        submit_as(CLIENT, request(u64::MAX));
        assert_eq!(JobMarket::next_nonce(&CLIENT), None);
        assert_eq!(Totals::<Test>::get().submitted, 2);
    });
}
