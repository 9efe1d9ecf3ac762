use super::*;
use crate::{Event, PayFromPot};
use frame_support::traits::{
    fungible::{Balanced, Debt, Mutate},
    tokens::{Precision, Preservation},
    Imbalance, OnUnbalanced,
};
use ogpu_primitives::{
    units::{EXISTENTIAL_DEPOSIT, RESERVE_SUPPLY, TOTAL_SUPPLY},
    OGPU,
};
use proptest::prelude::*;
use sp_runtime::AccountId32;
use sp_staking::EraPayout;

/// Credits stakers as staking does and hands the debts to the handler in one piece.
fn claim(parts: &[(AccountId32, Balance)]) {
    let mut total = Debt::<AccountId32, Balances>::zero();
    for (who, amount) in parts {
        total.subsume(Balances::deposit(who, *amount, Precision::Exact).expect("staker can be credited"));
    }
    PayFromPot::<Test>::on_unbalanced(total);
}

fn era_payout() -> Balance {
    let (stakers, rest) = TokenReserve::era_payout(0, issuance(), 0);
    assert_eq!(rest, 0, "staking would issue the rest");
    stakers
}

#[test]
fn era_should_leave_issuance_unchanged_when_paid_and_claimed() {
    ExtBuilder::default().build_and_execute(|| {
        let reserve = pot(Pot::Reserve);
        let due = era_payout();
        assert_eq!(due, EraBudget::get());
        assert_eq!(issuance(), TOTAL_SUPPLY);
        assert_eq!(pot(Pot::Staking), STAKING_ENDOWMENT + due);
        assert_eq!(pot(Pot::Reserve), reserve - due);

        claim(&[
            (holder(), due / 3),
            (account(2), due / 3),
            (account(3), due - 2 * (due / 3)),
        ]);
        assert_eq!(issuance(), TOTAL_SUPPLY);
        assert_eq!(pot(Pot::Staking), STAKING_ENDOWMENT);
        assert_eq!(Balances::total_balance(&account(2)), due / 3);
        assert_eq!(
            active(),
            TOTAL_SUPPLY - RESERVE_SUPPLY + due,
            "what stakers hold may vote"
        );
    });
}

#[test]
fn era_should_tell_what_moved_when_paid() {
    ExtBuilder::default().build_and_execute(|| {
        EraIndex::set(3);
        assert_eq!(era_payout(), EraBudget::get());
        System::assert_last_event(
            Event::EraFunded {
                era: 3,
                from_reserve: EraBudget::get(),
                from_fees: 0,
            }
            .into(),
        );
    });
}

#[test]
fn era_should_add_the_fee_pot_when_fees_came_in() {
    ExtBuilder::default().build_and_execute(|| {
        TokenReserve::pay_pot(&holder(), Pot::Fees, 7 * OGPU).expect("holder can pay");
        assert_eq!(era_payout(), EraBudget::get() + 7 * OGPU);
        assert_eq!(pot(Pot::Fees), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn era_should_pay_half_when_a_halving_has_passed() {
    ExtBuilder::default().build_and_execute(|| {
        EraIndex::set(10);
        assert_eq!(era_payout(), EraBudget::get() / 2);
    });
}

#[test]
fn era_should_pay_only_what_is_there_when_the_reserve_runs_out() {
    ExtBuilder::default().build_and_execute(|| {
        let reserve = TokenReserve::account(Pot::Reserve);
        let left = EXISTENTIAL_DEPOSIT + 5;
        Balances::transfer(
            &reserve,
            &holder(),
            pot(Pot::Reserve) - left,
            Preservation::Preserve,
        )
        .expect("reserve can pay");
        assert_eq!(era_payout(), 5);
        assert_eq!(pot(Pot::Reserve), EXISTENTIAL_DEPOSIT);
        assert_eq!(era_payout(), 0);
    });
}

#[test]
fn claim_should_be_covered_by_the_reserve_when_the_staking_pot_is_too_small() {
    ExtBuilder::default().build_and_execute(|| {
        let reserve = pot(Pot::Reserve);
        claim(&[(account(2), 3 * OGPU)]);
        assert_eq!(issuance(), TOTAL_SUPPLY);
        assert_eq!(Balances::total_balance(&account(2)), 3 * OGPU);
        assert_eq!(pot(Pot::Staking), EXISTENTIAL_DEPOSIT);
        assert_eq!(pot(Pot::Reserve), reserve - 2 * OGPU);
        System::assert_last_event(
            Event::ClaimCovered {
                pot: Pot::Reserve,
                amount: 2 * OGPU,
            }
            .into(),
        );
    });
}

#[test]
fn claim_should_be_covered_by_the_fee_pot_when_the_reserve_is_empty_too() {
    ExtBuilder::default().build_and_execute(|| {
        let reserve = TokenReserve::account(Pot::Reserve);
        Balances::transfer(
            &reserve,
            &holder(),
            pot(Pot::Reserve) - EXISTENTIAL_DEPOSIT,
            Preservation::Preserve,
        )
        .expect("reserve can pay");
        TokenReserve::pay_pot(&holder(), Pot::Fees, 7 * OGPU).expect("holder can pay");
        claim(&[(account(2), 3 * OGPU)]);
        assert_eq!(issuance(), TOTAL_SUPPLY);
        assert_eq!(pot(Pot::Fees), EXISTENTIAL_DEPOSIT + 5 * OGPU);
    });
}

#[test]
fn claim_should_change_nothing_when_it_is_zero() {
    ExtBuilder::default().build_and_execute(|| {
        let before = TokenReserve::supply();
        claim(&[]);
        assert_eq!(TokenReserve::supply(), before);
        assert!(System::events().is_empty());
    });
}

#[test]
fn claims_should_leave_issuance_unchanged_when_rounding_exceeds_the_budget() {
    ExtBuilder::default().build_and_execute(|| {
        let due = era_payout();
        claim(&[(account(2), due + 3)]);
        assert_eq!(issuance(), TOTAL_SUPPLY);
        assert_eq!(pot(Pot::Staking), STAKING_ENDOWMENT - 3);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn supply_should_be_conserved_when_eras_fees_and_claims_follow_in_any_order(
        steps in prop::collection::vec((0u8..3, 0u128..2_000 * OGPU), 1..12),
    ) {
        ExtBuilder::default().build_and_execute(|| {
            for (kind, amount) in steps {
                match kind {
                    0 => {
                        EraIndex::mutate(|era| *era += 1);
                        let before = pot(Pot::Staking);
                        let paid = era_payout();
                        assert_eq!(pot(Pot::Staking), before + paid);
                    }
                    1 => TokenReserve::pay_pot(&holder(), Pot::Fees, amount).expect("holder can pay"),
                    _ => claim(&[(holder(), amount), (account(2), OGPU)]),
                }
                assert_eq!(issuance(), TOTAL_SUPPLY);
            }
        });
    }
}
