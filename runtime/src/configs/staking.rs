//! Validators: classic nominated proof of stake, paid from a pot instead of minting.

use crate::*;
use frame_election_provider_support::{
    bounds::{ElectionBounds, ElectionBoundsBuilder},
    onchain, SequentialPhragmen,
};
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU8, EitherOf},
    PalletId,
};
use frame_system::EnsureRoot;
use sp_core::U256;
use sp_runtime::{traits::Convert, transaction_validity::TransactionPriority, FixedU128, Perbill};

/// Candidates of an election. Staking admits no more validators than this: one too many would make every
/// election fail.
pub const MAX_TARGETS: u32 = 200;

/// Bags of the voters' list.
const BAGS: usize = 200;

/// Geometric thresholds (ratio 1.139) from the vote weight of the existential deposit to `u64::MAX`.
///
/// The weight of 1 planck is 1 / 1,138,412 (issuance / `u64::MAX`): the supply never moves, so scores never go
/// stale.
const fn bag_thresholds() -> [u64; BAGS] {
    let mut thresholds = [0u64; BAGS];
    let mut threshold: u128 = EXISTENTIAL_DEPOSIT / 1_138_412;
    let mut bag = 0;
    while bag < BAGS - 1 {
        thresholds[bag] = if threshold < u64::MAX as u128 {
            threshold as u64
        } else {
            u64::MAX - (BAGS - bag) as u64
        };
        threshold = threshold * 1_139 / 1_000;
        bag += 1;
    }
    thresholds[BAGS - 1] = u64::MAX;
    thresholds
}

static BAG_THRESHOLDS: [u64; BAGS] = bag_thresholds();

parameter_types! {
    pub const BagThresholds: &'static [u64] = &BAG_THRESHOLDS;
    /// An election takes 33 µs a voter (chain-wide phragmén): these bounds keep it near 100 ms, once an era.
    pub ElectionLimits: ElectionBounds =
        ElectionBoundsBuilder::default().voters_count(2_000.into()).targets_count(MAX_TARGETS.into()).build();
    pub const HistoryDepth: u32 = 84;
    pub const MaxExposurePageSize: u32 = 256;
    pub const MaxValidatorSet: u32 = 100;
    pub const MaxBackersPerWinner: u32 = 2_000;
    pub const PoolsPalletId: PalletId = PalletId(*b"py/nopls");
    pub const DelegationPalletId: PalletId = PalletId(*b"py/dlstk");
    pub const SlashRewardFraction: Perbill = Perbill::from_percent(0);
    pub const StakingPriority: TransactionPriority = TransactionPriority::MAX / 2;
}

/// Elects on chain, at the end of an era.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
    type Sort = frame_support::traits::ConstBool<true>;
    type System = Runtime;
    type Solver = SequentialPhragmen<AccountId, Perbill>;
    type DataProvider = Staking;
    type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
    type MaxBackersPerWinner = MaxBackersPerWinner;
    type MaxWinnersPerPage = MaxValidatorSet;
    type Bounds = ElectionLimits;
}

/// Sizes for upstream's staking benchmarks.
pub struct StakingBenchmarks;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarks {
    type MaxNominators = ConstU32<1_000>;
    type MaxValidators = ConstU32<100>;
}

impl pallet_staking::Config for Runtime {
    type OldCurrency = Balances;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type CurrencyBalance = Balance;
    type UnixTime = Timestamp;
    // 21e24 planck do not fit u64: the saturating conversion would cap every stake at 18.4 OGPU.
    type CurrencyToVote = sp_staking::currency_to_vote::U128CurrencyToVote;
    type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
    type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
    type NominationsQuota = pallet_staking::FixedNominationsQuota<16>;
    type HistoryDepth = HistoryDepth;
    // `EraPayout` returns no remainder; anything else here could mint.
    type RewardRemainder = ();
    type RuntimeEvent = RuntimeEvent;
    type Slash = ToTreasury;
    type Reward = pallet_token_reserve::PayFromPot<Runtime>;
    type SessionsPerEra = times::SessionsPerEra;
    type BondingDuration = times::BondingDuration;
    type SlashDeferDuration = times::SlashDeferDuration;
    // Cancels deferred slashes.
    type AdminOrigin = EitherOf<EnsureRoot<AccountId>, pallet_dao::EnsureCanceller>;
    type SessionInterface = Self;
    type EraPayout = TokenReserve;
    type NextNewSession = Session;
    type MaxExposurePageSize = MaxExposurePageSize;
    type MaxValidatorSet = MaxValidatorSet;
    type VoterList = VoterList;
    type TargetList = pallet_staking::UseValidatorsMap<Self>;
    type MaxUnlockingChunks = ConstU32<32>;
    type MaxControllersInDeprecationBatch = ConstU32<100>;
    type EventListeners = (NominationPools, DelegatedStaking);
    type Filter = pallet_nomination_pools::AllPoolMembers<Self>;
    type BenchmarkingConfig = StakingBenchmarks;
    type WeightInfo = pallet_staking::weights::SubstrateWeight<Runtime>;
}

impl pallet_bags_list::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_bags_list::weights::SubstrateWeight<Runtime>;
    type ScoreProvider = Staking;
    type BagThresholds = BagThresholds;
    type MaxAutoRebagPerBlock = ConstU32<0>;
    type Score = u64;
}

impl pallet_delegated_staking::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type PalletId = DelegationPalletId;
    type Currency = Balances;
    type OnSlash = ToTreasury;
    type SlashRewardFraction = SlashRewardFraction;
    type RuntimeHoldReason = RuntimeHoldReason;
    type CoreStaking = Staking;
}

/// Planck to `U256`.
pub struct BalanceToU256;

impl Convert<Balance, U256> for BalanceToU256 {
    fn convert(balance: Balance) -> U256 {
        U256::from(balance)
    }
}

/// `U256` to planck, saturating: no balance exceeds the supply.
pub struct U256ToBalance;

impl Convert<U256, Balance> for U256ToBalance {
    fn convert(value: U256) -> Balance {
        value.try_into().unwrap_or(Balance::MAX)
    }
}

impl pallet_nomination_pools::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_nomination_pools::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RewardCounter = FixedU128;
    type PalletId = PoolsPalletId;
    type MaxPointsToBalance = ConstU8<10>;
    type MaxUnbonding = ConstU32<8>;
    type BalanceToU256 = BalanceToU256;
    type U256ToBalance = U256ToBalance;
    type StakeAdapter = pallet_nomination_pools::adapter::DelegateStake<Self, Staking, DelegatedStaking>;
    // More than the bonding time in eras, so that every unbonding pool can be kept apart.
    type MaxUnbondingPools = ConstU32<32>;
    type MaxMetadataLen = ConstU32<256>;
    type AdminOrigin = EnsureRoot<AccountId>;
    type BlockNumberProvider = System;
    type Filter = pallet_staking::AllStakers<Runtime>;
}
