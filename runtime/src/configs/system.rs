//! System, timestamp, migrations and the emergency brakes.

use crate::*;
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    migrations::FreezeChainOnFailedMigration,
    parameter_types,
    traits::{ConstU32, ConstU64, Contains, InsideBoth},
    weights::{
        constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, WEIGHT_REF_TIME_PER_MILLIS},
        Weight,
    },
};
use frame_system::limits::{BlockLength, BlockWeights};
use pallet_tx_pause::RuntimeCallNameOf;
use sp_runtime::{traits::AccountIdLookup, Perbill};

/// Share of a block that normal transactions may fill.
const NORMAL_SHARE: Perbill = Perbill::from_percent(70);
/// Share that is expected to go to hooks.
const INITIALIZATION_SHARE: Perbill = Perbill::from_percent(25);
/// Share kept for operational transactions: a full block must not make an honest worker late.
const OPERATIONAL_RESERVE: Perbill = Perbill::from_percent(25);
/// A solochain has no proof size to bound.
pub const MAX_BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_MILLIS * 700, u64::MAX);

parameter_types! {
    pub const Version: sp_version::RuntimeVersion = VERSION;
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(5 * 1024 * 1024)
        .modify_max_length_for_class(DispatchClass::Normal, |max| *max = NORMAL_SHARE * *max)
        .build();
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
        .base_block(BlockExecutionWeight::get())
        .for_class(DispatchClass::all(), |weights| {
            weights.base_extrinsic = ExtrinsicBaseWeight::get();
        })
        .for_class(DispatchClass::Normal, |weights| {
            weights.max_total = Some(NORMAL_SHARE * MAX_BLOCK_WEIGHT);
        })
        .for_class(DispatchClass::Operational, |weights| {
            weights.max_total = Some(MAX_BLOCK_WEIGHT);
            weights.reserved = Some(OPERATIONAL_RESERVE * MAX_BLOCK_WEIGHT);
        })
        .avg_block_initialization(INITIALIZATION_SHARE)
        .build_or_panic();
}

/// Calls that no signed account may make: `balances.burn` would break the fixed supply.
pub struct NeverAllowed;

impl Contains<RuntimeCall> for NeverAllowed {
    fn contains(call: &RuntimeCall) -> bool {
        !matches!(call, RuntimeCall::Balances(pallet_balances::Call::burn { .. }))
    }
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type BaseCallFilter = InsideBoth<NeverAllowed, InsideBoth<SafeMode, TxPause>>;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    type Block = Block;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type BlockHashCount = ConstU32<4_096>;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
    type SS58Prefix = SS58Prefix;
    type MaxConsumers = ConstU32<128>;
    type MultiBlockMigrator = Migrations;
}

parameter_types! {
    pub const SS58Prefix: u16 = 42;
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Babe;
    type MinimumPeriod = ConstU64<{ SLOT_DURATION_MS / 2 }>;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub MigrationsMaxServiceWeight: Weight = Perbill::from_percent(80) * MAX_BLOCK_WEIGHT;
}

impl pallet_migrations::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    #[cfg(not(feature = "runtime-benchmarks"))]
    type Migrations = ();
    #[cfg(feature = "runtime-benchmarks")]
    type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
    type CursorMaxLen = ConstU32<65_536>;
    type IdentifierMaxLen = ConstU32<256>;
    type MigrationStatusHandler = ();
    type FailedMigrationHandler =
        frame_support::migrations::EnterSafeModeOnFailedMigration<SafeMode, FreezeChainOnFailedMigration>;
    type MaxServiceWeight = MigrationsMaxServiceWeight;
    type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}

/// Reports that workers owe: they pass safe mode and pauses, so that nobody is late through no fault of theirs.
fn is_due_report(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::JobMarket(
            pallet_job_market::Call::acknowledge { .. }
                | pallet_job_market::Call::no_input { .. }
                | pallet_job_market::Call::commit { .. }
                | pallet_job_market::Call::report_many { .. }
        ) | RuntimeCall::Verification(
            pallet_verification::Call::audit_commit { .. }
                | pallet_verification::Call::open { .. }
                | pallet_verification::Call::audit_open { .. }
                | pallet_verification::Call::demand_data { .. }
                | pallet_verification::Call::post_data { .. }
        )
    )
}

/// What still runs in safe mode: the chain's own upkeep, governance that can end it, and due reports.
pub struct SafeModeWhitelist;

impl Contains<RuntimeCall> for SafeModeWhitelist {
    fn contains(call: &RuntimeCall) -> bool {
        is_due_report(call)
            || matches!(
                call,
                RuntimeCall::System(_)
                    | RuntimeCall::Timestamp(_)
                    | RuntimeCall::Babe(_)
                    | RuntimeCall::Grandpa(_)
                    | RuntimeCall::Session(_)
                    | RuntimeCall::SafeMode(_)
                    | RuntimeCall::TxPause(_)
                    | RuntimeCall::Preimage(_)
                    | RuntimeCall::Referenda(_)
                    | RuntimeCall::ConvictionVoting(_)
            )
    }
}

impl pallet_safe_mode::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WhitelistedCalls = SafeModeWhitelist;
    type EnterDuration = ConstU32<{ times::HOURS }>;
    type ExtendDuration = ConstU32<{ times::HOURS }>;
    // Nobody can buy a stop of the chain: only governance and failed migrations enter safe mode.
    type EnterDepositAmount = NoDeposit;
    type ExtendDepositAmount = NoDeposit;
    type ForceEnterOrigin = frame_system::EnsureRootWithSuccess<AccountId, ConstU32<{ times::HOURS }>>;
    type ForceExtendOrigin = frame_system::EnsureRootWithSuccess<AccountId, ConstU32<{ times::HOURS }>>;
    type ForceExitOrigin = frame_system::EnsureRoot<AccountId>;
    type ForceDepositOrigin = frame_system::EnsureRoot<AccountId>;
    type Notify = ();
    type ReleaseDelay = NoReleaseDelay;
    type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const NoDeposit: Option<Balance> = None;
    pub const NoReleaseDelay: Option<BlockNumber> = None;
}

/// Calls that can never be paused: due reports and the way to unpause.
pub struct TxPauseWhitelist;

impl Contains<RuntimeCallNameOf<Runtime>> for TxPauseWhitelist {
    fn contains(name: &RuntimeCallNameOf<Runtime>) -> bool {
        let (pallet, call) = (name.0.as_slice(), name.1.as_slice());
        match pallet {
            b"JobMarket" => matches!(call, b"acknowledge" | b"no_input" | b"commit" | b"report_many"),
            b"Verification" => matches!(
                call,
                b"audit_commit" | b"open" | b"audit_open" | b"demand_data" | b"post_data"
            ),
            b"Timestamp" | b"TxPause" | b"SafeMode" | b"Referenda" | b"ConvictionVoting" | b"Preimage" => {
                true
            }
            _ => false,
        }
    }
}

impl pallet_tx_pause::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PauseOrigin = frame_system::EnsureRoot<AccountId>;
    type UnpauseOrigin = frame_system::EnsureRoot<AccountId>;
    type WhitelistedCalls = TxPauseWhitelist;
    type MaxNameLen = ConstU32<256>;
    type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}
