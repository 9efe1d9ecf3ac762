//! Genesis presets. All share one wasm; every preset endows exactly 21,000,000 OGPU.
//!
//! | preset | validators | epochs and periods |
//! |---|---|---|
//! | `development` | Alice | minutes |
//! | `local_testnet` | Alice, Bob, Charlie, Dave | minutes |
//! | `staging` | Alice, Bob, Charlie, Dave (replace before use) | production |

use crate::{
    configs::money::TreasuryAccount,
    parameters::{dynamic_params as governed, RuntimeParameters},
    AccountId, Balance, RuntimeGenesisConfig, SessionKeys, TokenReserve, EXISTENTIAL_DEPOSIT, OGPU,
    RESERVE_SUPPLY, TOTAL_SUPPLY,
};
use alloc::{string::ToString, vec, vec::Vec};
use codec::Encode;
use frame_support::build_struct_json_patch;
use ogpu_primitives::governed::BoundedU32;
use pallet_token_reserve::{ChainTimes, Pot};
use serde_json::Value;
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Perbill;

/// Probability 1/4 of a primary slot; secondary slots carry a VRF output too, which the beacon needs.
pub const BABE_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
    c: (1, 4),
    allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

/// Preset with production periods.
pub const STAGING_PRESET: &str = "staging";

/// What a validator of a preset bonds.
const VALIDATOR_BOND: Balance = 100_000 * OGPU;
/// What every well-known account gets.
const ENDOWMENT: Balance = 1_000_000 * OGPU;
/// Endowment of the staking pot above the existential deposit: covers the rounding of claims.
const STAKING_POT_FLOAT: Balance = OGPU;
/// Endowment of the audit fund above the existential deposit: audits are paid before premiums have come in.
const AUDIT_FUND_FLOAT: Balance = 1_000 * OGPU;

/// Epochs of a minute, referenda of minutes: for development and local networks.
fn short_times() -> ChainTimes {
    ChainTimes {
        epoch_duration_blocks: 30,
        sessions_per_era: 3,
        bonding_duration_eras: 4,
        slash_defer_duration_eras: 3,
        treasury_spend_period_blocks: 60,
        vote_lock_period_blocks: 30,
        referendum_prepare_blocks: 2,
        referendum_decision_blocks: 30,
        referendum_confirm_blocks: 3,
        referendum_enactment_blocks: 2,
    }
}

/// Governed values that make a short chain usable by hand.
fn short_parameters() -> Vec<RuntimeParameters> {
    use governed::{audits, market, providers, slashing};
    vec![
        // As long as the draw of an audit takes, and one tick for the clock to lag.
        RuntimeParameters::Market(market::Parameters::CheckWindowTicks(
            market::CheckWindowTicks,
            Some(BoundedU32::from_const(10)),
        )),
        RuntimeParameters::Audits(audits::Parameters::JurySeats(
            audits::JurySeats,
            Some(BoundedU32::from_const(3)),
        )),
        RuntimeParameters::Audits(audits::Parameters::JuryMinimum(
            audits::JuryMinimum,
            Some(BoundedU32::from_const(3)),
        )),
        // A demonstration with seven owners is no small model's.
        RuntimeParameters::Audits(audits::Parameters::SmallModelOwners(
            audits::SmallModelOwners,
            Some(BoundedU32::from_const(3)),
        )),
        RuntimeParameters::Audits(audits::Parameters::SlashUncalibrated(
            audits::SlashUncalibrated,
            Some(BoundedU32::from_const(1)),
        )),
        RuntimeParameters::Slashing(slashing::Parameters::DeferralTicks(
            slashing::DeferralTicks,
            Some(BoundedU32::from_const(15)),
        )),
        RuntimeParameters::Providers(providers::Parameters::UnbondingTicks(
            providers::UnbondingTicks,
            // Longer than the longest check, of a model that auditors and jurors have to fetch.
            Some(BoundedU32::from_const(7_200)),
        )),
        RuntimeParameters::Providers(providers::Parameters::ProfileIntervalTicks(
            providers::ProfileIntervalTicks,
            Some(BoundedU32::from_const(5)),
        )),
    ]
}

fn session_keys(sr25519: Sr25519Keyring, ed25519: Ed25519Keyring) -> SessionKeys {
    SessionKeys {
        grandpa: ed25519.public().into(),
        babe: sr25519.public().into(),
        authority_discovery: sr25519.public().into(),
    }
}

/// Balances that sum up to the whole supply: pots and treasury out of the reserve's part, the well-known
/// accounts, and the rest of the holders' part with `Alice//stash`.
fn balances() -> Vec<(AccountId, Balance)> {
    let pots = [
        (
            TokenReserve::account(Pot::Staking),
            EXISTENTIAL_DEPOSIT + STAKING_POT_FLOAT,
        ),
        (TokenReserve::account(Pot::Fees), EXISTENTIAL_DEPOSIT),
        (
            TokenReserve::account(Pot::AuditFund),
            EXISTENTIAL_DEPOSIT + AUDIT_FUND_FLOAT,
        ),
        (crate::Slashing::pot_account(), EXISTENTIAL_DEPOSIT),
        (crate::JobMarket::pot_account(), EXISTENTIAL_DEPOSIT),
        (TreasuryAccount::get(), EXISTENTIAL_DEPOSIT),
    ];
    let in_pots: Balance = pots.iter().map(|(_, amount)| *amount).sum();
    let accounts = [
        Sr25519Keyring::Alice,
        Sr25519Keyring::Bob,
        Sr25519Keyring::Charlie,
        Sr25519Keyring::Dave,
        Sr25519Keyring::Eve,
        Sr25519Keyring::Ferdie,
    ];
    let holders = TOTAL_SUPPLY - RESERVE_SUPPLY;
    let rest = holders - accounts.len() as Balance * ENDOWMENT;
    pots.into_iter()
        .chain([(TokenReserve::account(Pot::Reserve), RESERVE_SUPPLY - in_pots)])
        .chain(
            accounts
                .into_iter()
                .map(|account| (account.to_account_id(), ENDOWMENT)),
        )
        .chain([(Sr25519Keyring::AliceStash.to_account_id(), rest)])
        .collect()
}

fn chain(
    validators: Vec<(Sr25519Keyring, Ed25519Keyring)>,
    times: ChainTimes,
    parameters: Vec<RuntimeParameters>,
) -> Value {
    let count = validators.len() as u32;
    let keys = validators
        .iter()
        .map(|(sr25519, ed25519)| {
            let account = sr25519.to_account_id();
            (account.clone(), account, session_keys(*sr25519, *ed25519))
        })
        .collect::<Vec<_>>();
    let stakers = validators
        .iter()
        .map(|(sr25519, _)| {
            let account = sr25519.to_account_id();
            (
                account.clone(),
                account,
                VALIDATOR_BOND,
                pallet_staking::StakerStatus::<AccountId>::Validator,
            )
        })
        .collect::<Vec<_>>();
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: balances() },
        babe: pallet_babe::GenesisConfig {
            epoch_config: BABE_EPOCH_CONFIG
        },
        token_reserve: pallet_token_reserve::GenesisConfig { times },
        dao: pallet_dao::GenesisConfig {
            parameters: parameters.iter().map(Encode::encode).collect::<Vec<_>>()
        },
        session: pallet_session::GenesisConfig { keys },
        staking: pallet_staking::GenesisConfig {
            validator_count: count.max(4),
            minimum_validator_count: 1,
            slash_reward_fraction: Perbill::zero(),
            min_nominator_bond: 10 * OGPU,
            min_validator_bond: 1_000 * OGPU,
            // More candidates than the election takes would stop elections for good.
            max_validator_count: Some(crate::staking::MAX_TARGETS),
            max_nominator_count: Some(20_000),
            stakers,
        },
        nomination_pools: pallet_nomination_pools::GenesisConfig {
            min_create_bond: 100 * OGPU,
            min_join_bond: OGPU,
        },
    })
}

/// The JSON patch of a preset, `None` for an unknown name.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    use Sr25519Keyring as Sr;
    let four = || {
        vec![
            (Sr::Alice, Ed25519Keyring::Alice),
            (Sr::Bob, Ed25519Keyring::Bob),
            (Sr::Charlie, Ed25519Keyring::Charlie),
            (Sr::Dave, Ed25519Keyring::Dave),
        ]
    };
    let patch = match id.as_ref() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => chain(
            vec![(Sr::Alice, Ed25519Keyring::Alice)],
            short_times(),
            short_parameters(),
        ),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => chain(four(), short_times(), short_parameters()),
        STAGING_PRESET => chain(four(), ChainTimes::default(), Vec::new()),
        _ => return None,
    };
    Some(patch.to_string().into_bytes())
}

/// Names of the presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
        PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
        PresetId::from(STAGING_PRESET),
    ]
}
