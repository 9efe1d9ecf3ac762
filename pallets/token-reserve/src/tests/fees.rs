use super::*;
use crate::SplitTransactionFees;
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Balanced, Credit},
        tokens::{Fortitude, Precision, Preservation},
        OnUnbalanced,
    },
};
use ogpu_primitives::{
    fees::{split, FeeSplit},
    units::{EXISTENTIAL_DEPOSIT, TOTAL_SUPPLY},
    OGPU,
};
use sp_runtime::{AccountId32, TokenError};

fn take(amount: Balance) -> Credit<AccountId32, Balances> {
    Balances::withdraw(
        &holder(),
        amount,
        Precision::Exact,
        Preservation::Preserve,
        Fortitude::Polite,
    )
    .expect("holder can pay")
}

#[test]
fn fees_of_a_job_should_be_conserved_when_collected() {
    ExtBuilder::default().build_and_execute(|| {
        let price = 1_000 * OGPU + 7;
        let parts = split(price, &TokenReserve::rates(), 20 * OGPU + 3);
        let (payer, fees, audit) = (
            Balances::total_balance(&holder()),
            pot(Pot::Fees),
            pot(Pot::AuditFund),
        );
        let treasury = Balances::total_balance(&TreasuryAccount::get());

        assert_ok!(TokenReserve::collect(&holder(), &parts));

        assert_eq!(pot(Pot::Fees), fees + parts.validators);
        assert_eq!(
            pot(Pot::AuditFund),
            audit + parts.audit_fund + parts.audit_premium
        );
        assert_eq!(
            Balances::total_balance(&TreasuryAccount::get()),
            treasury + parts.treasury
        );
        assert_eq!(
            Balances::total_balance(&holder()),
            payer - (price - parts.provider)
        );
        assert!(parts.validators > 0 && parts.treasury > 0 && parts.audit_fund > 0);
        assert_eq!(parts.audit_premium, 20 * OGPU + 3);
        assert_eq!(issuance(), TOTAL_SUPPLY);
    });
}

#[test]
fn fees_of_a_job_should_all_stay_when_one_part_cannot_be_paid() {
    ExtBuilder::default().build_and_execute(|| {
        let all = Balances::total_balance(&holder());
        let parts = FeeSplit {
            provider: 0,
            validators: OGPU,
            treasury: OGPU,
            audit_fund: all,
            audit_premium: 0,
        };
        assert_noop!(
            TokenReserve::collect(&holder(), &parts),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn treasury_part_should_go_to_the_fee_pot_when_an_empty_treasury_cannot_take_it() {
    ExtBuilder::default().treasury(0).build_and_execute(|| {
        let small = EXISTENTIAL_DEPOSIT - 1;
        let parts = FeeSplit {
            provider: 0,
            validators: 5,
            treasury: small,
            audit_fund: 0,
            audit_premium: 0,
        };
        assert_ok!(TokenReserve::collect(&holder(), &parts));
        assert_eq!(pot(Pot::Fees), EXISTENTIAL_DEPOSIT + 5 + small);

        SplitTransactionFees::<Test>::on_unbalanced(take(small));
        assert_eq!(pot(Pot::Fees), EXISTENTIAL_DEPOSIT + 5 + 2 * small);
        assert_eq!(Balances::total_balance(&TreasuryAccount::get()), 0);
    });
}

#[test]
fn fees_of_transactions_should_be_conserved_when_fee_and_tip_are_split() {
    ExtBuilder::default().build_and_execute(|| {
        let treasury = Balances::total_balance(&TreasuryAccount::get());
        SplitTransactionFees::<Test>::on_unbalanceds([take(1_003), take(4)].into_iter());
        assert_eq!(Balances::total_balance(&TreasuryAccount::get()), treasury + 201);
        assert_eq!(pot(Pot::Fees), EXISTENTIAL_DEPOSIT + 806);
        assert_eq!(issuance(), TOTAL_SUPPLY);
    });
}

#[test]
fn fees_of_transactions_should_all_go_to_the_treasury_when_its_share_is_set_beyond_the_whole() {
    ExtBuilder::default().build_and_execute(|| {
        TreasuryFeeShare::set(u32::MAX);
        let treasury = Balances::total_balance(&TreasuryAccount::get());
        SplitTransactionFees::<Test>::on_unbalanced(take(1_003));
        assert_eq!(Balances::total_balance(&TreasuryAccount::get()), treasury + 1_003);
        assert_eq!(issuance(), TOTAL_SUPPLY);
    });
}
