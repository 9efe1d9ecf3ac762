//! One file a behaviour.

mod audit_fund;
mod era;
mod fees;
mod genesis;
mod try_state;

use crate::{mock::*, Pot};
use frame_support::traits::fungible::Inspect;
use ogpu_primitives::Balance;

fn pot(pot: Pot) -> Balance {
    TokenReserve::pot_balance(pot)
}

fn issuance() -> Balance {
    <Balances as Inspect<_>>::total_issuance()
}

fn active() -> Balance {
    <Balances as Inspect<_>>::active_issuance()
}
