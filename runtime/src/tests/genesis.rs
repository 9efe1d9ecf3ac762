//! Every preset endows the whole supply, and writes its own times and parameters.

use super::chain;
use crate::{genesis::preset_names, times, Balances, TokenReserve, RESERVE_SUPPLY, TOTAL_SUPPLY};
use frame_support::traits::{fungible::Inspect, Get};
use pallet_token_reserve::Pot;

#[test]
fn every_preset_should_issue_the_whole_supply_to_the_planck() {
    for name in preset_names() {
        chain(&name).execute_with(|| assert_eq!(Balances::total_issuance(), TOTAL_SUPPLY, "{name}"));
    }
}

#[test]
fn every_preset_should_keep_the_reserve_share_in_pots() {
    for name in preset_names() {
        chain(&name).execute_with(|| {
            let accounts = [
                TokenReserve::account(Pot::Reserve),
                TokenReserve::account(Pot::Staking),
                TokenReserve::account(Pot::Fees),
                TokenReserve::account(Pot::AuditFund),
                crate::JobMarket::pot_account(),
                crate::Slashing::pot_account(),
                crate::Treasury::account_id(),
            ];
            let sum: u128 = accounts.iter().map(Balances::total_balance).sum();
            assert_eq!(sum, RESERVE_SUPPLY, "{name}");
        });
    }
}

#[test]
fn presets_should_differ_in_times_when_they_share_one_runtime() {
    chain("development").execute_with(|| assert_eq!(<times::EpochDuration as Get<u64>>::get(), 30));
    chain("staging").execute_with(|| assert_eq!(<times::EpochDuration as Get<u64>>::get(), 1_800));
}

#[test]
fn active_issuance_should_leave_reserve_and_pots_out() {
    chain("staging").execute_with(|| {
        let inactive = TOTAL_SUPPLY - Balances::active_issuance();
        assert!(inactive >= RESERVE_SUPPLY - 10 * crate::OGPU, "{inactive}");
    });
}
