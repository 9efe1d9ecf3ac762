//! BABE, GRANDPA, sessions, offences, authorship and authority discovery.

use crate::*;
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64},
};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

/// Most validators of a set.
pub type MaxAuthorities = ConstU32<100>;

/// Blocks that an equivocation report stays valid: the whole bonding time.
const REPORT_LONGEVITY_BLOCKS: u64 = 28 * 6 * 1_800;

parameter_types! {
    pub const ReportLongevity: u64 = REPORT_LONGEVITY_BLOCKS;
    /// Sessions that GRANDPA remembers set ids of: the bonding time, or no old vote could be punished.
    pub MaxSetIdSessionEntries: u64 =
        u64::from(times::BondingDuration::get()) * u64::from(times::SessionsPerEra::get());
    /// Held while an account has session keys, so that key sets cannot fill the state for free.
    pub const KeyDeposit: Balance = OGPU / 10;
}

impl pallet_babe::Config for Runtime {
    type EpochDuration = times::EpochDuration;
    type ExpectedBlockTime = ConstU64<SLOT_DURATION_MS>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    type WeightInfo = ();
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = staking::MaxExposurePageSize;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = pallet_babe::EquivocationReportSystem<
        Self,
        pallet_staking::FilterHistoricalOffences<Staking, Offences>,
        Historical,
        ReportLongevity,
    >;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = staking::MaxExposurePageSize;
    type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = pallet_grandpa::EquivocationReportSystem<
        Self,
        pallet_staking::FilterHistoricalOffences<Staking, Offences>,
        Historical,
        ReportLongevity,
    >;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
    type EventHandler = Staking;
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Staking>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = KeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Self>;
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    type OnOffenceHandler = Staking;
}

impl pallet_authority_discovery::Config for Runtime {
    type MaxAuthorities = MaxAuthorities;
}
