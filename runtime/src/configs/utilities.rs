//! Batches, multisigs, proxies, identities and vesting.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    parameter_types,
    traits::{ConstU32, InstanceFilter, WithdrawReasons},
};
use frame_system::EnsureRoot;
use sp_runtime::traits::{BlakeTwo256, ConvertInto, Verify};

/// Deposit for `items` storage items of `bytes` bytes in total.
const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * OGPU / 10 + bytes as Balance * OGPU / 10_000
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const MultisigDepositBase: Balance = deposit(1, 88);
    pub const MultisigDepositFactor: Balance = deposit(0, 32);
    pub const ProxyDepositBase: Balance = deposit(1, 8);
    pub const ProxyDepositFactor: Balance = deposit(0, 33);
    pub const AnnouncementDepositBase: Balance = deposit(1, 8);
    pub const AnnouncementDepositFactor: Balance = deposit(0, 66);
    pub const IdentityBasicDeposit: Balance = deposit(1, 258);
    pub const IdentityByteDeposit: Balance = deposit(0, 1);
    pub const UsernameDeposit: Balance = deposit(0, 32);
    pub const SubAccountDeposit: Balance = deposit(1, 53);
    pub const MinVestedTransfer: Balance = OGPU;
    pub UnvestedReasons: WithdrawReasons =
        WithdrawReasons::except(WithdrawReasons::TRANSFER | WithdrawReasons::RESERVE);
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = MultisigDepositBase;
    type DepositFactor = MultisigDepositFactor;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

/// What a proxy may do. Indexes are fixed for ever.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    scale_info::TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    #[codec(index = 0)]
    Any,
    /// Everything that moves no balance out.
    #[codec(index = 1)]
    NonTransfer,
    /// Votes, referenda, treasury and parameters.
    #[codec(index = 2)]
    Governance,
    /// Validators' and nominators' staking, pools and session keys.
    #[codec(index = 3)]
    Staking,
    /// Compute: workers, models and jobs. It can spend the free balance on them.
    #[codec(index = 4)]
    Compute,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => !matches!(
                call,
                RuntimeCall::Balances(_)
                    | RuntimeCall::Vesting(pallet_vesting::Call::vested_transfer { .. })
                    | RuntimeCall::JobMarket(pallet_job_market::Call::submit { .. })
                    | RuntimeCall::ProviderStaking(
                        pallet_provider_staking::Call::pair { .. }
                            | pallet_provider_staking::Call::top_up { .. }
                    )
                    | RuntimeCall::Utility(pallet_utility::Call::dispatch_as { .. })
            ),
            Self::Governance => matches!(
                call,
                RuntimeCall::Referenda(_)
                    | RuntimeCall::ConvictionVoting(_)
                    | RuntimeCall::Preimage(_)
                    | RuntimeCall::Treasury(_)
                    | RuntimeCall::Bounties(_)
                    | RuntimeCall::Utility(_)
            ),
            Self::Staking => matches!(
                call,
                RuntimeCall::Staking(_)
                    | RuntimeCall::NominationPools(_)
                    | RuntimeCall::VoterList(_)
                    | RuntimeCall::Session(_)
                    | RuntimeCall::Utility(_)
            ),
            Self::Compute => {
                matches!(
                    call,
                    RuntimeCall::ProviderStaking(_)
                        | RuntimeCall::JobMarket(_)
                        | RuntimeCall::Verification(_)
                        | RuntimeCall::Utility(_)
                )
            }
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        self == other
            || matches!(self, Self::Any)
            || (matches!(self, Self::NonTransfer) && !matches!(other, Self::Any | Self::Compute))
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ProxyDepositBase;
    type ProxyDepositFactor = ProxyDepositFactor;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = AnnouncementDepositBase;
    type AnnouncementDepositFactor = AnnouncementDepositFactor;
    type BlockNumberProvider = System;
}

impl pallet_identity::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type BasicDeposit = IdentityBasicDeposit;
    type ByteDeposit = IdentityByteDeposit;
    type UsernameDeposit = UsernameDeposit;
    type SubAccountDeposit = SubAccountDeposit;
    type MaxSubAccounts = ConstU32<100>;
    type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<16>>;
    type MaxRegistrars = ConstU32<20>;
    type Slashed = governance::ToTreasuryLegacy;
    type ForceOrigin = EnsureRoot<AccountId>;
    type RegistrarOrigin = EnsureRoot<AccountId>;
    type OffchainSignature = Signature;
    type SigningPublicKey = <Signature as Verify>::Signer;
    type UsernameAuthorityOrigin = EnsureRoot<AccountId>;
    type PendingUsernameExpiration = ConstU32<{ 7 * times::DAYS }>;
    type UsernameGracePeriod = ConstU32<{ 30 * times::DAYS }>;
    type MaxSuffixLength = ConstU32<7>;
    type MaxUsernameLength = ConstU32<32>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
    type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
}

impl pallet_vesting::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type BlockNumberToBalance = ConvertInto;
    type MinVestedTransfer = MinVestedTransfer;
    type WeightInfo = pallet_vesting::weights::SubstrateWeight<Runtime>;
    type UnvestedFundsAllowedWithdrawReasons = UnvestedReasons;
    type BlockNumberProvider = System;
    const MAX_VESTING_SCHEDULES: u32 = 28;
}
