//! The OpenGPU runtime: which pallets there are, in which order, and the interfaces that nodes, workers and
//! wallets call.
//!
//! - `configs/` configures the pallets, one file a concern;
//! - `fee_multiplier.rs` moves the price of weight with the fullness of blocks;
//! - `wiring.rs` answers the questions that our pallets ask of each other;
//! - `parameters.rs` holds every governed figure, `times.rs` the lengths that only a genesis sets;
//! - `genesis.rs` makes the presets `development`, `local_testnet` and `staging`;
//! - `weights/` holds what `scripts/weights` measured, `benchmarking.rs` what it measures;
//! - `apis.rs` implements the runtime interfaces.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod configs;
pub mod fee_multiplier;
pub mod genesis;
pub mod parameters;
pub mod times;
pub mod weights;
pub mod wiring;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use frame_support::weights::Weight;
use sp_core::OpaqueMetadata;
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

#[cfg(feature = "std")]
pub use apis::api;
pub use apis::RuntimeApi;
pub use configs::{consensus, governance, money, staking, system, utilities};
pub use money::ToTreasury;
pub use ogpu_primitives::{
    units::{EXISTENTIAL_DEPOSIT, RESERVE_SUPPLY, TOTAL_SUPPLY},
    Balance, OGPU,
};

/// Milliseconds of a BABE slot: the block time.
pub const SLOT_DURATION_MS: u64 = ogpu_primitives::units::BLOCK_TIME_MS;

/// Signature of a transaction.
pub type Signature = MultiSignature;
/// An account: 32 bytes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Number of transactions of an account.
pub type Nonce = u32;
/// Hash of blocks and state.
pub type Hash = sp_core::H256;
/// Height of a block.
pub type BlockNumber = u32;
/// Address in transactions.
pub type Address = MultiAddress<AccountId, ()>;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// The transaction extensions, in their order for ever.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckMortality<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);
/// A transaction.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signature signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// Executes blocks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

impl_opaque_keys! {
    /// Keys of a validator's session.
    pub struct SessionKeys {
        pub grandpa: Grandpa,
        pub babe: Babe,
        pub authority_discovery: AuthorityDiscovery,
    }
}

/// Name and versions of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("ogpu"),
    impl_name: alloc::borrow::Cow::Borrowed("ogpu-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    // Indexes are fixed for ever. Hooks and genesis run in their order: ours come before Session, whose
    // rotation takes the whole block's weight.
    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(3)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(5)]
    pub type TransactionPayment = pallet_transaction_payment;

    #[runtime::pallet_index(10)]
    pub type TokenReserve = pallet_token_reserve;
    #[runtime::pallet_index(11)]
    pub type Beacon = pallet_beacon;
    #[runtime::pallet_index(12)]
    pub type ProviderStaking = pallet_provider_staking;
    #[runtime::pallet_index(13)]
    pub type JobMarket = pallet_job_market;
    #[runtime::pallet_index(14)]
    pub type Verification = pallet_verification;
    #[runtime::pallet_index(15)]
    pub type Slashing = pallet_slashing;
    #[runtime::pallet_index(18)]
    pub type Dao = pallet_dao;

    #[runtime::pallet_index(30)]
    pub type Staking = pallet_staking;
    #[runtime::pallet_index(31)]
    pub type VoterList = pallet_bags_list;
    #[runtime::pallet_index(32)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(33)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(34)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(35)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(36)]
    pub type AuthorityDiscovery = pallet_authority_discovery;
    #[runtime::pallet_index(37)]
    pub type DelegatedStaking = pallet_delegated_staking;
    #[runtime::pallet_index(38)]
    pub type NominationPools = pallet_nomination_pools;

    #[runtime::pallet_index(40)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(41)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(42)]
    pub type Referenda = pallet_referenda;
    #[runtime::pallet_index(43)]
    pub type ConvictionVoting = pallet_conviction_voting;
    #[runtime::pallet_index(44)]
    pub type Treasury = pallet_treasury;
    #[runtime::pallet_index(45)]
    pub type Bounties = pallet_bounties;
    #[runtime::pallet_index(46)]
    pub type Parameters = pallet_parameters;

    #[runtime::pallet_index(60)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(61)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(62)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(63)]
    pub type Identity = pallet_identity;
    #[runtime::pallet_index(64)]
    pub type Vesting = pallet_vesting;
    #[runtime::pallet_index(65)]
    pub type SafeMode = pallet_safe_mode;
    #[runtime::pallet_index(66)]
    pub type TxPause = pallet_tx_pause;
    #[runtime::pallet_index(67)]
    pub type Migrations = pallet_migrations;
}

impl frame_system::offchain::SigningTypes for Runtime {
    type Public = <Signature as Verify>::Signer;
    type Signature = Signature;
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

// Equivocation reports are unsigned transactions that the node hands to its own pool.
impl<LocalCall> frame_system::offchain::CreateBare<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}
