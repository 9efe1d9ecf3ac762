//! What a job's check goes by, and which prices an owner's stake covers.

use crate::{mock::*, Event};
use frame_support::assert_ok;
use ogpu_primitives::{
    CheckTerms, CheckedWork, Exclusion, JobId, JobKind, JobParams, JobState, NumericProfile, ProfileParams,
    Verdict, H256,
};

/// A job with changed parameters whose result is committed.
fn committed_with(change: impl FnOnce(&mut ogpu_primitives::JobRequest<AccountId>)) -> JobId {
    add_worker(WORKER, MockWorker::default());
    register();
    let mut request = request(0);
    change(&mut request);
    let id = submit_as(CLIENT, request);
    run_blocks(2);
    assert_ok!(JobMarket::commit(
        RuntimeOrigin::signed(WORKER),
        work(&id, 0),
        commitment(50)
    ));
    id
}

fn checked(id: &JobId) -> CheckedWork<AccountId> {
    Committed::get()[&work(id, 0)].1.clone()
}

#[test]
fn terms_should_be_fixed_at_assignment_when_the_rate_changes_later() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        let model = job(&id).request.model;
        assert_eq!(
            TermsOf::get(),
            vec![(OWNER, model, NumericProfile::A8, JobKind::Generate, false)]
        );
        AuditRate::set(999_999);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&id, 0),
            commitment(50)
        ));
        let terms = CheckTerms {
            params: ProfileParams::starting(NumericProfile::A8),
            whitened: false,
            rate_ppm: 21_111,
            second_ppm: 250_000,
        };
        let assignment = job(&id).assignment.expect("committed");
        assert_eq!((assignment.terms, assignment.audit_premium), (terms, 217));
        assert_eq!(checked(&id).terms, terms);
    });
}

#[test]
fn checker_should_learn_all_of_a_job_when_its_result_is_committed() {
    ExtBuilder.build_and_execute(|| {
        let id = committed_with(|request| request.secret_hash = Some(H256::repeat_byte(6)));
        let assignment = job(&id).assignment.expect("committed");
        assert_eq!(
            checked(&id),
            CheckedWork {
                worker: WORKER,
                owner: OWNER,
                client: CLIENT,
                model: job(&id).request.model,
                kind: JobKind::Generate,
                greedy: false,
                secret_hash: Some(H256::repeat_byte(6)),
                price: 16_500,
                // 90 tokens at 100 milli-CU and 1,000 planck a CU cost 9,000; half of the price is less.
                audit_fee: 8_250,
                surcharge: true,
                terms: assignment.terms,
            }
        );
    });
}

#[test]
fn audit_fee_should_not_depend_on_the_ask_when_a_worker_is_dear() {
    ExtBuilder.build_and_execute(|| {
        let dear = MockWorker {
            ask_permille: 1_300,
            ..Default::default()
        };
        add_worker(WORKER, dear);
        let id = submit();
        run_blocks(2);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER),
            work(&id, 0),
            commitment(50)
        ));
        assert_eq!((checked(&id).price, checked(&id).audit_fee), (21_450, 9_000));
    });
}

#[test]
fn audit_fee_should_be_at_most_half_of_the_price_when_a_worker_is_cheap() {
    // Half of the price is less than the 9,000 that an audit of 90 tokens costs, just as much, or more.
    let cases = [
        (500, 8_250, 4_125),
        (1_000, 16_500, 8_250),
        (1_091, 18_002, 9_000),
        (2_000, 33_000, 9_000),
    ];
    for (ask_permille, price, audit_fee) in cases {
        ExtBuilder.build_and_execute(|| {
            let worker = MockWorker {
                ask_permille,
                ..Default::default()
            };
            add_worker(WORKER, worker);
            register();
            let mut request = request(0);
            request.limits.max_price = 100_000;
            let id = submit_as(CLIENT, request);
            run_blocks(2);
            assert_ok!(JobMarket::commit(
                RuntimeOrigin::signed(WORKER),
                work(&id, 0),
                commitment(50)
            ));
            assert_eq!((checked(&id).price, checked(&id).audit_fee), (price, audit_fee));
        });
    }
}

#[test]
fn premium_should_pay_for_the_audit_and_its_chance_of_a_second_when_audits_are_certain() {
    ExtBuilder.build_and_execute(|| {
        AuditRate::set(1_000_000);
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        let ledger = job(&id).ledger;
        // 8,250 × 5/4, out of 15,675 that are the provider's: the fund gets all that it may pay.
        assert_eq!((ledger.audit_premium, ledger.provider), (10_312, 15_675 - 10_312));
    });
}

#[test]
fn premium_should_be_twice_when_the_noise_has_no_say() {
    let changes: [fn(&mut ogpu_primitives::GenerateParams); 2] =
        [|params| params.temperature_milli = 0, |params| params.top_k = 1];
    for change in changes {
        ExtBuilder.build_and_execute(|| {
            let id = committed_with(|request| {
                if let JobParams::Generate(params) = &mut request.params {
                    change(params);
                }
            });
            assert!(checked(&id).greedy);
            assert_ok!(verdict(&id, 0, Verdict::Pass));
            // 8,250 × 4.2222 % × 5/4.
            assert_eq!(job(&id).ledger.audit_premium, 435);
        });
    }
}

#[test]
fn provider_should_pay_no_more_than_its_part_when_audits_are_certain() {
    ExtBuilder.build_and_execute(|| {
        AuditRate::set(1_000_000);
        SecondRate::set(1_000_000);
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        let ledger = job(&id).ledger;
        // Two audits cost 16,500; the protocol fee is 825.
        assert_eq!((ledger.provider, ledger.audit_premium), (0, 16_500 - 825));
        assert_eq!(balance(OWNER), FUNDS);
    });
}

#[test]
fn client_should_pay_a_second_premium_when_its_secret_was_missing() {
    ExtBuilder.build_and_execute(|| {
        SecretMissing::set(true);
        let id = committed();
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        let ledger = job(&id).ledger;
        assert_eq!(
            (ledger.provider, ledger.audit_premium, ledger.refunded),
            (15_458, 2 * 217, 8_501 - 217)
        );
        assert_eq!(ledger.total(), Some(25_001));
        assert_eq!(balance(CLIENT), FUNDS - 16_500 - 217);
        assert_eq!(balance(AUDIT_FUND), ED + 166 + 2 * 217);
        assert_eq!(JobMarket::pot_balance(), ED);
        let paid = System::events()
            .into_iter()
            .find_map(|record| match record.event {
                RuntimeEvent::JobMarket(Event::JobSettled {
                    split,
                    refunded,
                    surcharge,
                    ..
                }) => Some((split.total(), refunded, surcharge)),
                _ => None,
            });
        assert_eq!(paid, Some((16_500 + 217, 8_501 - 217, 217)));
    });
}

#[test]
fn client_should_pay_no_second_premium_when_its_escrow_has_no_room_for_it() {
    // The result costs 16,500 and its premium 217; the job could have cost 19,000.
    for (max_price, surcharge) in [(19_000, true), (16_716, false), (16_717, true)] {
        ExtBuilder.build_and_execute(|| {
            SecretMissing::set(true);
            // Cheap enough for the smallest escrow, and 1,000 planck a CU all the same.
            let id = committed_with(|request| {
                request.limits.max_price = max_price;
                if let JobParams::Generate(params) = &mut request.params {
                    params.max_output_tokens = 50;
                }
            });
            assert_eq!(checked(&id).surcharge, surcharge);
            assert_ok!(verdict(&id, 0, Verdict::Pass));
            let expected = if surcharge { 2 * 217 } else { 217 };
            assert_eq!(job(&id).ledger.audit_premium, expected);
        });
    }
}

#[test]
fn client_should_pay_no_second_premium_when_its_job_is_done_again() {
    ExtBuilder.build_and_execute(|| {
        SecretMissing::set(true);
        let id = committed();
        assert!(checked(&id).surcharge);
        let other = MockWorker {
            owner: OWNER + 1,
            ..Default::default()
        };
        add_worker(WORKER + 1, other);
        assert_ok!(verdict(&id, 0, Verdict::Wrong));
        run_blocks(2);
        assert_ok!(JobMarket::commit(
            RuntimeOrigin::signed(WORKER + 1),
            work(&id, 1),
            commitment(50)
        ));
        // The escrow has room for it, but the client gave its secret away for another worker's cheat.
        let again = Committed::get()[&work(&id, 1)].1.clone();
        assert_eq!((again.price, again.surcharge), (16_500, false));
        assert!(job(&id).ledger.held >= 16_500 + 217);
        assert_ok!(verdict(&id, 1, Verdict::Pass));
        assert_eq!(job(&id).ledger.audit_premium, 217);
        assert_eq!(balance(CLIENT), FUNDS - 16_500);
    });
}

#[test]
fn worker_should_not_get_a_job_when_its_price_is_above_what_its_owners_stake_covers() {
    for (cap, state) in [(18_999, JobState::Open), (19_000, JobState::Assigned)] {
        ExtBuilder.build_and_execute(|| {
            add_worker(WORKER, MockWorker::default());
            JobCaps::set([(OWNER, cap)].into());
            let id = submit();
            run_blocks(2);
            assert_eq!(job(&id).state, state);
            if state == JobState::Open {
                let excluded = job(&id).last_try.expect("a fruitless try").excluded;
                assert_eq!(excluded[Exclusion::Exposure as usize], 1);
            }
        });
    }
}

#[test]
fn job_should_go_to_a_dearer_worker_when_the_cheap_ones_stake_does_not_cover_it() {
    ExtBuilder.build_and_execute(|| {
        let cheap = MockWorker {
            ask_permille: 500,
            ..Default::default()
        };
        let dear = MockWorker {
            owner: OWNER + 1,
            ..Default::default()
        };
        add_worker(WORKER, cheap);
        add_worker(WORKER + 1, dear);
        // The cap is compared with each worker's own price: 9,500 here.
        JobCaps::set([(OWNER, 9_499), (OWNER + 1, 19_000)].into());
        let id = submit();
        run_blocks(2);
        assert_eq!(job(&id).assignment.map(|given| given.worker), Some(WORKER + 1));
    });
}
