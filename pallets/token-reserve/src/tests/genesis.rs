use super::*;
use crate::ChainTimes;
use ogpu_primitives::units::{RESERVE_SUPPLY, TOTAL_SUPPLY};
use sp_runtime::BuildStorage;

fn genesis(balances: Vec<(sp_runtime::AccountId32, Balance)>, times: ChainTimes) -> sp_io::TestExternalities {
    RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances,
            ..Default::default()
        },
        token_reserve: crate::GenesisConfig {
            times,
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("storage builds")
    .into()
}

#[test]
fn genesis_should_store_the_times_when_there_are_no_balances() {
    genesis(vec![], ChainTimes::default()).execute_with(|| {
        assert_eq!(StoredTimes::get(), Some(ChainTimes::default()));
        assert_eq!(issuance(), 0);
    });
}

#[test]
fn genesis_should_store_the_given_times_when_they_are_short() {
    let times = ChainTimes {
        epoch_duration_blocks: 20,
        sessions_per_era: 3,
        ..ChainTimes::default()
    };
    genesis(ExtBuilder::default().balances(), times.clone()).execute_with(|| {
        assert_eq!(StoredTimes::get(), Some(times));
    });
}

#[test]
fn genesis_should_keep_the_pots_out_of_active_issuance_when_they_are_endowed() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(issuance(), TOTAL_SUPPLY);
        assert_eq!(active(), TOTAL_SUPPLY - RESERVE_SUPPLY);
        let view = TokenReserve::supply();
        assert_eq!(view.total, TOTAL_SUPPLY);
        assert_eq!(
            view.reserve + view.staking_pot + view.fee_pot + view.audit_fund,
            RESERVE_SUPPLY
        );
    });
}

#[test]
#[should_panic(expected = "genesis balances add up to")]
fn genesis_should_be_refused_when_a_planck_is_missing() {
    let mut balances = ExtBuilder::default().balances();
    balances[0].1 -= 1;
    genesis(balances, ChainTimes::default());
}

#[test]
#[should_panic(expected = "without its existential deposit")]
fn genesis_should_be_refused_when_a_pot_is_empty() {
    let mut balances = ExtBuilder::default().balances();
    let (_, fee_pot) = balances.remove(2);
    balances[0].1 += fee_pot;
    genesis(balances, ChainTimes::default());
}

#[test]
#[should_panic(expected = "slashes must be deferred")]
fn genesis_should_be_refused_when_slashes_come_after_the_bond_is_gone() {
    let times = ChainTimes {
        slash_defer_duration_eras: 28,
        ..ChainTimes::default()
    };
    genesis(vec![], times);
}

#[test]
fn times_should_be_camel_case_when_written_as_json() {
    let json = serde_json::to_string(&ChainTimes::default()).expect("times are plain numbers");
    assert!(
        json.starts_with(r#"{"epochDurationBlocks":1800,"sessionsPerEra":6,"#),
        "{json}"
    );
    assert_eq!(
        serde_json::from_str::<ChainTimes>(&json).expect("round trip"),
        ChainTimes::default()
    );
}

#[test]
fn pots_should_have_accounts_of_their_own_when_derived() {
    use frame_support::traits::Hooks;
    ExtBuilder::default().build_and_execute(<TokenReserve as Hooks<u64>>::integrity_test);
}
