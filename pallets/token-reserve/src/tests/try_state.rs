use super::*;
use crate::Deactivated;
use frame_support::{assert_err, traits::fungible::Mutate};
use ogpu_primitives::OGPU;
use sp_runtime::TryRuntimeError;

fn corrupted(corrupt: impl FnOnce(), expected: &'static str) {
    ExtBuilder::default().build().execute_with(|| {
        corrupt();
        assert_err!(TokenReserve::do_try_state(), TryRuntimeError::Other(expected));
    });
}

#[test]
fn try_state_should_notice_when_tokens_were_minted() {
    corrupted(
        || {
            Balances::mint_into(&holder(), 1).expect("mints");
        },
        "total issuance is not 21,000,000 OGPU",
    );
}

#[test]
fn try_state_should_notice_when_a_pot_was_drained() {
    corrupted(
        || {
            let pot = TokenReserve::account(Pot::AuditFund);
            let amount = Balances::total_balance(&pot);
            frame_system::Account::<Test>::mutate(&pot, |account| account.data.free = 0);
            frame_system::Account::<Test>::mutate(holder(), |account| account.data.free += amount);
        },
        "a pot is below its existential deposit",
    );
}

#[test]
fn try_state_should_notice_when_a_pot_lost_its_provider() {
    corrupted(
        || {
            frame_system::Account::<Test>::mutate(TokenReserve::account(Pot::Staking), |account| {
                account.providers = 0
            })
        },
        "a pot lost its provider reference",
    );
}

#[test]
fn try_state_should_notice_when_the_pots_count_as_active() {
    corrupted(
        || Deactivated::<Test>::mutate(|amount| *amount += OGPU),
        "the pots' tokens count as active",
    );
}
