use super::*;
use frame_support::{assert_ok, traits::fungible::Mutate, traits::tokens::Preservation};
use ogpu_primitives::{
    units::{EXISTENTIAL_DEPOSIT, TOTAL_SUPPLY},
    OGPU,
};

/// Gives the audit fund `amount` planck besides its endowment.
fn fund(amount: Balance) {
    assert_ok!(Balances::transfer(
        &holder(),
        &TokenReserve::audit_fund_account(),
        amount,
        Preservation::Preserve
    ));
}

#[test]
fn auditor_should_be_paid_all_when_the_fund_has_enough() {
    ExtBuilder::default().build_and_execute(|| {
        fund(10 * OGPU);
        let before = Balances::total_balance(&holder());
        assert_eq!(TokenReserve::pay_from_audit_fund(&holder(), 3 * OGPU), 3 * OGPU);
        assert_eq!(Balances::total_balance(&holder()), before + 3 * OGPU);
        assert_eq!(pot(Pot::AuditFund), EXISTENTIAL_DEPOSIT + 7 * OGPU);
        assert_eq!(issuance(), TOTAL_SUPPLY);
    });
}

#[test]
fn auditor_should_be_paid_what_is_there_when_the_fund_has_less() {
    ExtBuilder::default().build_and_execute(|| {
        fund(OGPU);
        assert_eq!(TokenReserve::pay_from_audit_fund(&holder(), 5 * OGPU), OGPU);
        assert_eq!(pot(Pot::AuditFund), EXISTENTIAL_DEPOSIT);
        assert_eq!(TokenReserve::pay_from_audit_fund(&holder(), 1), 0);
        assert_eq!(pot(Pot::AuditFund), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn audit_fund_should_keep_its_money_when_the_pay_cannot_reach_an_account() {
    ExtBuilder::default().build_and_execute(|| {
        fund(OGPU);
        let nobody = account(77);
        assert_eq!(
            TokenReserve::pay_from_audit_fund(&nobody, EXISTENTIAL_DEPOSIT - 1),
            0
        );
        assert_eq!(pot(Pot::AuditFund), EXISTENTIAL_DEPOSIT + OGPU);
        assert_eq!(
            TokenReserve::pay_from_audit_fund(&nobody, EXISTENTIAL_DEPOSIT),
            EXISTENTIAL_DEPOSIT
        );
    });
}

#[test]
fn accounts_should_be_those_of_the_pots_when_siblings_ask() {
    assert_eq!(
        TokenReserve::audit_fund_account(),
        TokenReserve::account(Pot::AuditFund)
    );
    assert_eq!(
        TokenReserve::reserve_account(),
        TokenReserve::account(Pot::Reserve)
    );
}
