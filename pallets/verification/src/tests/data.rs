use super::fixture::*;
use crate::{mock::*, DemandState, Demands, Error, Event, Involved, Verdict, MAX_OPEN_DEMANDS};
use frame_support::{assert_noop, assert_ok, dispatch::Pays, BoundedVec};
use ogpu_primitives::{CheckStage, Offence, Role};
use sp_runtime::traits::{BlakeTwo256, Hash};

const KEY: [u8; 32] = [8; 32];

fn demand(who: AccountId) {
    assert_ok!(Verification::demand_data(signed(who), it(), KEY));
}

fn post(demander: AccountId) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let ciphertext = BoundedVec::truncate_from(vec![1, 2, 3]);
    Verification::post_data(signed(prover()), it(), demander, ciphertext)
}

#[test]
fn both_should_pay_half_when_the_data_is_posted() {
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
        assert_eq!(Balances::free_balance(prover_owner()), FUNDS + share);
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
