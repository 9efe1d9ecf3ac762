use crate::{mock::*, Error, Event, History, JobNumbers, Jobs, MatchRecords, Totals};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::Verdict;

#[test]
fn record_should_be_gone_when_its_time_is_over() {
    ExtBuilder.build_and_execute(|| {
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        run_blocks(999);
        assert!(Jobs::<Test>::contains_key(id));
        run_block();
        assert!(!Jobs::<Test>::contains_key(id));
        assert_eq!(JobNumbers::<Test>::iter().count(), 0);
        assert_eq!(History::<Test>::iter().count(), 0);
        assert_eq!(MatchRecords::<Test>::iter().count(), 0);
        assert!(Committed::get().is_empty());
        System::assert_has_event(Event::JobPruned { job: id, number: 0 }.into());
        // Sums and the nonce stay.
        assert_eq!(
            (Totals::<Test>::get().settled, Totals::<Test>::get().volume),
            (1, 16_500)
        );
        assert_noop!(
            JobMarket::submit(RuntimeOrigin::signed(CLIENT), request(0)),
            Error::<Test>::NonceUsed
        );
    });
}

#[test]
fn records_of_all_attempts_should_be_gone_when_a_job_had_many() {
    ExtBuilder.build_and_execute(|| {
        for n in 0..3 {
            add_worker(
                WORKER + n,
                MockWorker {
                    owner: OWNER + n,
                    ..Default::default()
                },
            );
        }
        let id = submit();
        run_blocks(2 * 17 + 2);
        let attempt = job(&id).attempt;
        assert_eq!(attempt, 2);
        let worker = job(&id).assignment.expect("assigned").worker;
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(worker),
            work(&id, 2),
            commitment(60)
        ));
        assert_ok!(verdict(&id, 2, Verdict::Inconclusive));
        assert_eq!(MatchRecords::<Test>::iter().count(), 3);
        run_blocks(1_000);
        assert_eq!(MatchRecords::<Test>::iter().count(), 0);
        assert!(Committed::get().is_empty());
    });
}
