//! Referenda over conviction voting, treasury, bounties and governed parameters.

use crate::{
    parameters::{RuntimeParameters, RuntimeParametersKey},
    *,
};
use alloc::borrow::Cow;
use frame_support::{
    parameter_types,
    traits::{
        fungible::HoldConsideration,
        tokens::{PayFromAccount, UnityAssetBalanceConversion},
        ConstU32, EitherOf, EnsureOriginWithArg, EqualPrivilegeOnly, LinearStoragePrice, OriginTrait,
    },
    PalletId,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned};
use pallet_referenda::{Curve, Track, TrackInfo};
use sp_runtime::{str_array, traits::IdentityLookup, Perbill, Permill};

parameter_types! {
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    pub const PreimageBaseDeposit: Balance = OGPU;
    pub const PreimageByteDeposit: Balance = OGPU / 1_000;
    pub MaxSchedulerWeight: Weight = Perbill::from_percent(60) * system::MAX_BLOCK_WEIGHT;
    pub const SubmissionDeposit: Balance = 10 * OGPU;
    pub const TreasuryPalletId: PalletId = PalletId(*b"ogpu/tre");
    pub const NoBurn: Permill = Permill::zero();
    pub const MaxSpend: Balance = Balance::MAX;
    pub const BountyDeposit: Balance = 10 * OGPU;
    pub const BountyValueMinimum: Balance = 50 * OGPU;
    pub const BountyByteDeposit: Balance = OGPU / 1_000;
    pub const CuratorDepositMultiplier: Permill = Permill::from_percent(50);
    pub const CuratorDepositMax: Option<Balance> = Some(10_000 * OGPU);
    pub const CuratorDepositMin: Option<Balance> = Some(10 * OGPU);
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHoldReason,
        LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
    >;
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaxSchedulerWeight;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    // Governance only: users' work is on our own agendas, which cannot be filled against a referendum.
    type MaxScheduledPerBlock = ConstU32<256>;
    type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

/// The tracks of referenda; their periods are the chain's genesis values.
pub struct Tracks;

/// A track that decides slowly where little support is given: approval falls from 100 % to `approval_floor`,
/// support from `support_ceiling` to `support_floor` over the decision period.
fn track(
    id: u16,
    name: &str,
    max_deciding: u32,
    decision_deposit: Balance,
    approval_floor: Perbill,
    support: (Perbill, Perbill),
) -> Track<u16, Balance, BlockNumber> {
    let linear = |ceil, floor| Curve::LinearDecreasing {
        length: Perbill::one(),
        floor,
        ceil,
    };
    Track {
        id,
        info: TrackInfo {
            name: str_array(name),
            max_deciding,
            decision_deposit,
            prepare_period: times::ReferendumPrepare::get(),
            decision_period: times::ReferendumDecision::get(),
            confirm_period: times::ReferendumConfirm::get(),
            min_enactment_period: times::ReferendumEnactment::get(),
            min_approval: linear(Perbill::one(), approval_floor),
            min_support: linear(support.0, support.1),
        },
    }
}

impl pallet_referenda::TracksInfo<Balance, BlockNumber> for Tracks {
    type Id = u16;
    type RuntimeOrigin = <RuntimeOrigin as OriginTrait>::PalletsOrigin;

    fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
        let half = Perbill::from_percent(50);
        [
            track(
                0,
                "root",
                1,
                10_000 * OGPU,
                half,
                (half, Perbill::from_percent(1)),
            ),
            track(
                10,
                "parameters",
                10,
                500 * OGPU,
                half,
                (Perbill::from_percent(25), Perbill::from_perthousand(5)),
            ),
            track(
                20,
                "treasurer",
                10,
                500 * OGPU,
                half,
                (Perbill::from_percent(25), Perbill::from_perthousand(5)),
            ),
            track(
                30,
                "canceller",
                10,
                1_000 * OGPU,
                Perbill::from_percent(60),
                (Perbill::from_percent(10), Perbill::from_percent(1)),
            ),
        ]
        .into_iter()
        .map(Cow::Owned)
    }

    fn track_for(origin: &Self::RuntimeOrigin) -> Result<u16, ()> {
        match origin {
            OriginCaller::system(frame_system::RawOrigin::Root) => Ok(0),
            OriginCaller::Dao(pallet_dao::Origin::Parameters) => Ok(10),
            OriginCaller::Dao(pallet_dao::Origin::Treasurer) => Ok(20),
            OriginCaller::Dao(pallet_dao::Origin::Canceller) => Ok(30),
            _ => Err(()),
        }
    }
}

impl pallet_referenda::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
    type Scheduler = Scheduler;
    type Currency = Balances;
    type SubmitOrigin = frame_support::traits::AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type CancelOrigin = EitherOf<EnsureRoot<AccountId>, pallet_dao::EnsureCanceller>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Slash = ToTreasuryLegacy;
    type Votes = pallet_conviction_voting::VotesOf<Runtime>;
    type Tally = pallet_conviction_voting::TallyOf<Runtime>;
    type SubmissionDeposit = SubmissionDeposit;
    type MaxQueued = ConstU32<100>;
    type UndecidingTimeout = ConstU32<{ 14 * times::DAYS }>;
    type AlarmInterval = ConstU32<1>;
    type Tracks = Tracks;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

/// Slashed deposits of pallets on the older currency trait go to the treasury as well.
pub type ToTreasuryLegacy = Treasury;

impl pallet_conviction_voting::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type Polls = Referenda;
    // Reserve, pots and treasury are inactive issuance and count for no turnout.
    type MaxTurnout = frame_support::traits::tokens::currency::ActiveIssuanceOf<Balances, AccountId>;
    type MaxVotes = ConstU32<512>;
    type VoteLockingPeriod = times::VoteLockPeriod;
    type BlockNumberProvider = System;
    type VotingHooks = ();
}

/// Who may spend from the treasury, and up to how much at once.
pub type SpendOrigin =
    EitherOf<EnsureRootWithSuccess<AccountId, MaxSpend>, pallet_dao::EnsureTreasurer<TreasurerSpend>>;

parameter_types! {
    /// Most that the treasurer's track spends at once; more needs a root referendum.
    pub const TreasurerSpend: Balance = 10_000 * OGPU;
}

impl pallet_treasury::Config for Runtime {
    type Currency = Balances;
    type RejectOrigin = EitherOf<EnsureRoot<AccountId>, pallet_dao::EnsureCanceller>;
    type RuntimeEvent = RuntimeEvent;
    type SpendPeriod = times::TreasurySpendPeriod;
    type Burn = NoBurn;
    type PalletId = TreasuryPalletId;
    type BurnDestination = ();
    type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
    type SpendFunds = Bounties;
    type MaxApprovals = ConstU32<100>;
    type SpendOrigin = SpendOrigin;
    type AssetKind = ();
    type Beneficiary = AccountId;
    type BeneficiaryLookup = IdentityLookup<AccountId>;
    type Paymaster = PayFromAccount<Balances, money::TreasuryAccount>;
    type BalanceConverter = UnityAssetBalanceConversion;
    type PayoutPeriod = ConstU32<{ 30 * times::DAYS }>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
    type BlockNumberProvider = System;
}

impl pallet_bounties::Config for Runtime {
    type BountyDepositBase = BountyDeposit;
    type BountyDepositPayoutDelay = ConstU32<{ 7 * times::DAYS }>;
    type BountyUpdatePeriod = ConstU32<{ 90 * times::DAYS }>;
    type CuratorDepositMultiplier = CuratorDepositMultiplier;
    type CuratorDepositMax = CuratorDepositMax;
    type CuratorDepositMin = CuratorDepositMin;
    type BountyValueMinimum = BountyValueMinimum;
    type DataDepositPerByte = BountyByteDeposit;
    type RuntimeEvent = RuntimeEvent;
    type MaximumReasonLength = ConstU32<16_384>;
    type WeightInfo = pallet_bounties::weights::SubstrateWeight<Runtime>;
    type ChildBountyManager = ();
    type OnSlash = ToTreasuryLegacy;
    type TransferAllAssets = ();
}

/// Root and the parameters track set every group.
pub struct SetParameters;

impl EnsureOriginWithArg<RuntimeOrigin, RuntimeParametersKey> for SetParameters {
    type Success = ();

    fn try_origin(origin: RuntimeOrigin, _key: &RuntimeParametersKey) -> Result<(), RuntimeOrigin> {
        use frame_support::traits::EnsureOrigin;
        EitherOf::<EnsureRoot<AccountId>, pallet_dao::EnsureParameters>::try_origin(origin).map(|_| ())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin(_key: &RuntimeParametersKey) -> Result<RuntimeOrigin, ()> {
        Ok(RuntimeOrigin::root())
    }
}

impl pallet_parameters::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeParameters = RuntimeParameters;
    type AdminOrigin = SetParameters;
    type WeightInfo = ();
}
