use super::fixture::*;
use crate::{mock::*, DemandState, Demands, Error, Event, Involved, SeatState, Verdict, MAX_OPEN_DEMANDS};
use frame_support::{assert_noop, assert_ok, dispatch::Pays, BoundedVec};
use ogpu_primitives::{
    check::{MAX_INPUT_TOKENS, MAX_POSTED_BYTES},
    CheckStage, Offence, Role,
};
use sp_runtime::traits::{BlakeTwo256, Hash};

const KEY: [u8; 32] = [8; 32];

fn demand(who: AccountId) {
    assert_ok!(Verification::demand_data(signed(who), it(), KEY));
}

fn post(demander: AccountId) -> frame_support::dispatch::DispatchResultWithPostInfo {
    post_bytes(demander, vec![1, 2, 3])
}

fn post_bytes(demander: AccountId, bytes: Vec<u8>) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let ciphertext = BoundedVec::try_from(bytes).expect("no longer than any posting");
    Verification::post_data(signed(prover()), it(), demander, ciphertext)
}

#[test]
fn bond_should_be_half_the_audit_funds_when_the_data_is_posted() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        run_ticks(5);
        demand(client());
        let bond = DataBond::get();
        assert_eq!(Balances::free_balance(client()), FUNDS - bond);
        assert!(Involved::<Test>::contains_key(prover(), it()));
        assert_eq!(
            events().last(),
            Some(&Event::DataDemanded {
                subject: it(),
                demander: client(),
                key: KEY,
                bond,
                until: 36,
            })
        );
        let info = post(client()).expect("it is demanded");
        assert_eq!(info.pays_fee, Pays::No);
        let share = bond / 2;
        assert_eq!(Balances::free_balance(client()), FUNDS - share);
        // Not the worker's, or it would be a business not to hand data over.
        assert_eq!(Balances::free_balance(fund()), FUNDS + share);
        assert_eq!(Balances::free_balance(prover_owner()), FUNDS);
        assert_eq!(Balances::free_balance(prover()), 0);
        assert_eq!(
            events().last(),
            Some(&Event::DataPosted {
                subject: it(),
                demander: client(),
                hash: BlakeTwo256::hash(&[1, 2, 3]),
            })
        );
    });
}

#[test]
fn check_should_wait_and_begin_its_stage_anew_when_data_is_demanded() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        run_ticks(20);
        demand(client());
        run_ticks(29);
        assert_eq!(stage(), CheckStage::Window);
        assert_ok!(post(client()));
        // The client has the output now, and time to look at it.
        assert_eq!(record().due, Now::get() + 31);
        run_ticks(31);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        demand(seat(0));
        run_ticks(500);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        assert_ok!(post(seat(0)));
        run_ticks(209);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Drawing(Role::First));
    });
}

#[test]
fn check_should_go_on_when_data_is_posted_before_its_stage_ends() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        demand(client());
        assert_ok!(post(client()));
        assert_ok!(Verification::accept(signed(client()), it(), SECRET));
        run_ticks(9);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
    });
}

#[test]
fn worker_should_be_struck_once_when_data_comes_late() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        demand(client());
        run_ticks(1);
        demand(seat(0));
        run_ticks(28);
        assert_eq!(heard(), []);
        run_ticks(2);
        // Two demands are late, one outage.
        assert_eq!(heard(), [Told::LateData(prover())]);
        let states: Vec<_> = Demands::<Test>::iter_values()
            .map(|demand| demand.state)
            .collect();
        assert_eq!(states, [DemandState::Late, DemandState::Late]);
        assert_ok!(post(client()));
        assert_ok!(post(seat(0)));
        run_ticks(1_000);
        assert!(!heard().contains(&Told::LateData(prover())));
    });
}

#[test]
fn result_should_be_wrong_when_data_is_never_posted() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        demand(client());
        run_ticks(10_799);
        assert_eq!(heard(), [Told::LateData(prover())]);
        run_ticks(1);
        assert_eq!(
            heard(),
            [
                Told::Wrong(Offence::DataNotPosted, vec![]),
                Told::Verdict(it(), Verdict::Wrong)
            ]
        );
        assert_eq!(Balances::free_balance(client()), FUNDS);
        assert_noop!(post(client()), Error::<Test>::AlreadyJudged);
    });
}

#[test]
fn verdict_on_missing_data_should_be_tried_again_when_the_sibling_fails() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        demand(client());
        run_ticks(10_799);
        Failing::set(true);
        run_ticks(1);
        assert_eq!(record().verdict, None);
        assert_ok!(Verification::do_try_state());
        Failing::set(false);
        run_ticks(31);
        assert_eq!(record().verdict, Some(Verdict::Wrong));
    });
}

#[test]
fn demand_should_be_refused_when_the_signer_is_not_entitled() {
    ExtBuilder::default().build_and_execute(|| {
        let demands = |who| Verification::demand_data(signed(who), it(), KEY);
        assert_noop!(demands(client()), Error::<Test>::UnknownSubject);
        commit(work());
        assert_noop!(demands(prover_owner()), Error::<Test>::NotEntitled);
        assert_noop!(demands(seat(0)), Error::<Test>::NotEntitled);
        draw();
        assert_ok!(demands(seat(0)));
        assert_noop!(demands(seat(0)), Error::<Test>::AlreadyDemanded);
        assert_ok!(post(seat(0)));
        assert_noop!(demands(seat(0)), Error::<Test>::AlreadyDemanded);
        audit_commit(0, &passing());
        assert_ok!(demands(client()));
    });
}

#[test]
fn demand_should_be_refused_when_the_bond_cannot_be_held() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        use frame_support::traits::{fungible::Mutate, tokens::Preservation};
        let left = FUNDS - ExistentialDeposit::get();
        assert_ok!(Balances::transfer(
            &client(),
            &fund(),
            left,
            Preservation::Preserve
        ));
        assert_noop!(
            Verification::demand_data(signed(client()), it(), KEY),
            Error::<Test>::InsufficientBalance
        );
    });
}

#[test]
fn demand_should_be_refused_when_many_wait_already() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        for n in 0..MAX_OPEN_DEMANDS {
            demand(seat(n + 1));
        }
        assert_noop!(
            Verification::demand_data(signed(seat(9)), it(), KEY),
            Error::<Test>::TooManyDemands
        );
        assert_ok!(post(seat(1)));
        demand(seat(9));
    });
}

#[test]
fn post_should_be_refused_when_nobody_demands_it() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert_noop!(post(client()), Error::<Test>::UnknownDemand);
        demand(client());
        let ciphertext = BoundedVec::truncate_from(vec![1]);
        assert_noop!(
            Verification::post_data(signed(seat(0)), it(), client(), ciphertext),
            Error::<Test>::NotWorker
        );
        assert_ok!(post(client()));
        assert_noop!(post(client()), Error::<Test>::AlreadyPosted);
    });
}

#[test]
fn unanswered_bonds_should_come_back_when_the_check_ends() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        demand(client());
        demand(seat(0));
        run_ticks(10_800);
        assert_eq!(record().verdict, Some(Verdict::Wrong));
        assert_eq!(Balances::free_balance(client()), FUNDS);
        assert_eq!(Balances::free_balance(seat(0)), FUNDS);
        assert_eq!(Demands::<Test>::iter().count(), 0);
    });
}

#[test]
fn post_should_be_refused_when_it_is_longer_than_a_texts_data() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        demand(client());
        // 80 ids, the hashes of three chunks, and the overhead.
        let most = 80 * 4 + 3 * 64 + 4_096;
        let posts = |bytes| post_bytes(client(), vec![1; bytes]);
        assert_noop!(posts(most + 1), Error::<Test>::DataTooLong);
        assert_ok!(posts(most));
    });
}

#[test]
fn post_should_be_refused_when_it_is_longer_than_an_embeddings_data() {
    ExtBuilder::default().build_and_execute(|| {
        let (work, commitment, _) = embedding();
        assert_ok!(Verification::committed(&it(), work, &commitment));
        demand(client());
        // Ten ids, the longest vector, and the overhead.
        let most = 10 * 4 + 65_536 + 4_096;
        let posts = |bytes| post_bytes(client(), vec![1; bytes]);
        assert_noop!(posts(most + 1), Error::<Test>::DataTooLong);
        assert_ok!(posts(most));
    });
}

#[test]
fn post_should_be_as_long_as_any_can_be_when_the_job_is_the_largest() {
    ExtBuilder::default().build_and_execute(|| {
        let mut largest = commitment();
        (largest.n_in, largest.n_out) = (MAX_INPUT_TOKENS, 8_192);
        assert_ok!(Verification::committed(&it(), work(), &largest));
        demand(client());
        assert_ok!(post_bytes(client(), vec![1; MAX_POSTED_BYTES as usize]));
    });
}

#[test]
fn audit_should_be_certain_when_demanded_data_came_late() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.rate_ppm = 0;
        commit(work);
        demand(client());
        run_ticks(30);
        assert!(record().late);
        assert_ok!(post(client()));
        draw();
        assert!(events().contains(&Event::AuditDrawn {
            subject: it(),
            rate_ppm: 1_000_000,
        }));
    });
}

#[test]
fn audit_should_be_left_to_chance_when_demanded_data_came_in_time() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.rate_ppm = 0;
        commit(work);
        demand(client());
        run_ticks(29);
        assert_ok!(post(client()));
        run_ticks(31);
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Pass)]);
        assert!(!record().audited);
    });
}

/// A challenged result whose auditors all stay away, the first after `who` demanded data and was posted something.
fn unaudited_after_demand(who: AccountId) {
    commit(work());
    assert_ok!(Verification::challenge(signed(client()), it()));
    run_ticks(9);
    assert_eq!(seats(), [(seat(0), SeatState::Drawn)]);
    demand(who.clone());
    assert_ok!(post(who));
    run_ticks(3 * 210 + 2 * 9);
    assert!(events().contains(&Event::NoAuditor { subject: it() }));
}

#[test]
fn worker_should_not_be_paid_when_an_auditor_had_to_demand_data_and_nobody_audited() {
    ExtBuilder::default().build_and_execute(|| {
        unaudited_after_demand(seat(0));
        assert_eq!(record().verdict, Some(Verdict::Inconclusive));
        assert!(!record().audited);
        // No auditor is paid either, the fee of the challenge comes back, and nobody is blamed for the result.
        let half = DataBond::get() / 2;
        assert_eq!(Balances::free_balance(client()), FUNDS);
        assert_eq!(Balances::free_balance(seat(0)), FUNDS - half);
        assert_eq!(Balances::free_balance(fund()), FUNDS + half);
        run_ticks(1);
        let mut told = heard();
        told.retain(|told| !matches!(told, Told::Absent(..)));
        assert_eq!(told, [Told::Verdict(it(), Verdict::Inconclusive)]);
    });
}

#[test]
fn worker_should_be_paid_when_only_the_client_demanded_data_and_nobody_audited() {
    ExtBuilder::default().build_and_execute(|| {
        unaudited_after_demand(client());
        assert_eq!(record().verdict, Some(Verdict::Pass));
        assert!(!record().audited);
    });
}
