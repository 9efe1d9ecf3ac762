//! The pallets of the compute market, and the supply that pays for it.

use crate::{
    parameters::{dynamic_params as governed, Governed, GovernedSwitch},
    *,
};
use frame_support::{parameter_types, traits::EitherOf, PalletId};
use frame_system::EnsureRoot;
use sp_runtime::Perbill;

parameter_types! {
    /// Part of a block that, when used, keeps the work clock from ticking: reports may have been squeezed out.
    pub const FullBlock: Perbill = Perbill::from_percent(90);
    /// Weight of one block for expiring deadlines.
    pub AgendaShare: Weight = Perbill::from_percent(10) * system::MAX_BLOCK_WEIGHT;
    /// Weight of one block for matching.
    pub MatchShare: Weight = Perbill::from_percent(15) * system::MAX_BLOCK_WEIGHT;
    /// Weight of one block for closing check windows.
    pub WindowShare: Weight = Perbill::from_percent(15) * system::MAX_BLOCK_WEIGHT;
    /// Weight of one block for applying slashes.
    pub SlashShare: Weight = Perbill::from_percent(3) * system::MAX_BLOCK_WEIGHT;
    pub const SlashingPalletId: PalletId = PalletId(*b"ogpu/sla");
    pub const MarketPalletId: PalletId = PalletId(*b"ogpu/mkt");
}

impl pallet_token_reserve::Config for Runtime {
    type Currency = Balances;
    type Treasury = money::TreasuryAccount;
    type EraIndex = wiring::ActiveEra;
    type ChainTimes = times::GenesisTimes;
    type WeightInfo = weights::pallet_token_reserve::WeightInfo<Runtime>;
    type EraBudget = Governed<governed::supply::EraBudget>;
    type HalvingEras = Governed<governed::supply::HalvingEras>;
    type ProtocolFee = Governed<governed::fees::ProtocolFeePpm>;
    type ValidatorsShare = Governed<governed::fees::ValidatorsPpm>;
    type TreasuryShare = Governed<governed::fees::TreasuryPpm>;
    type TransactionFeeTreasuryShare = Governed<governed::fees::TransactionTreasuryPpm>;
}

impl pallet_beacon::Config for Runtime {
    type Vrf = wiring::AuthorVrf;
    type ClockPaused = wiring::ClockPaused;
    type WeightInfo = weights::pallet_beacon::WeightInfo<Runtime>;
    type FullBlock = FullBlock;
}

impl pallet_dao::Config for Runtime {
    type Parameters = wiring::ApplyGenesisParameters;
}

impl pallet_verification::Config for Runtime {
    type AdminOrigin = EitherOf<EnsureRoot<AccountId>, pallet_dao::EnsureParameters>;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = Beacon;
    type Draw = Beacon;
    type SeatDraw = wiring::ProviderRoster;
    type Enforce = wiring::Penalties;
    type AuditFund = wiring::ReserveFund;
    type OnVerdict = wiring::SettleJobs;
    type WeightInfo = weights::pallet_verification::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarking::Helper;
    type CheckWindowTicks = Governed<governed::market::CheckWindowTicks>;
    type AuditTicks = Governed<governed::audits::AuditTicks>;
    type OpenTicks = Governed<governed::audits::OpenTicks>;
    type ReportTicks = Governed<governed::audits::ReportTicks>;
    type JurySeats = Governed<governed::audits::JurySeats>;
    type JuryMinimum = Governed<governed::audits::JuryMinimum>;
    type JuryTicks = Governed<governed::audits::JuryTicks>;
    type SmallModelOwners = Governed<governed::audits::SmallModelOwners>;
    type MaxRedraws = Governed<governed::audits::MaxRedraws>;
    type DataTicks = Governed<governed::audits::DataTicks>;
    type DataDeadlineTicks = Governed<governed::audits::DataDeadlineTicks>;
    type DataBond = Governed<governed::audits::DataBond>;
    type JuryFundLimit = Governed<governed::audits::JuryFundLimit>;
    type SlashUncalibrated = GovernedSwitch<governed::audits::SlashUncalibrated>;
    type ServiceShare = WindowShare;
}

impl pallet_slashing::Config for Runtime {
    type CancelOrigin = EitherOf<EnsureRoot<AccountId>, pallet_dao::EnsureCanceller>;
    type Currency = Balances;
    type Clock = Beacon;
    type Stake = wiring::ProviderStake;
    type Delist = wiring::ModelRoster;
    type Reserve = wiring::ReserveAccount;
    type WeightInfo = weights::pallet_slashing::WeightInfo<Runtime>;
    type PalletId = SlashingPalletId;
    type LeastRatePpm = Governed<governed::audits::LeastRatePpm>;
    type MostRatePpm = Governed<governed::audits::MostRatePpm>;
    type DetectionPpm = Governed<governed::slashing::DetectionPpm>;
    type WithholdingPpm = Governed<governed::slashing::WithholdingPpm>;
    type EvasionPpm = wiring::EvasionPpm;
    type DeferralTicks = Governed<governed::slashing::DeferralTicks>;
    type RepetitionTicks = Governed<governed::slashing::RepetitionTicks>;
    type ForcedAudits = Governed<governed::slashing::ForcedAudits>;
    type NetworkWindowTicks = Governed<governed::slashing::NetworkWindowTicks>;
    type NetworkFaultPpm = Governed<governed::slashing::NetworkFaultPpm>;
    type DayTicks = Governed<governed::slashing::DayTicks>;
    type CountedADay = Governed<governed::slashing::CountedADay>;
    type ServiceShare = SlashShare;
}

impl pallet_provider_staking::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = Beacon;
    type Models = wiring::MarketModels;
    type SupplyChanged = wiring::MarketModels;
    type PendingSlashes = wiring::SlashesThatWait;
    type Signature = Signature;
    type RejoinBeneficiary = money::TreasuryAccount;
    type WeightInfo = weights::pallet_provider_staking::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarking::Helper;
    type UnbondingTicks = Governed<governed::providers::UnbondingTicks>;
    type MinWorkerStake = Governed<governed::providers::MinWorkerStake>;
    type CapabilityStakeFactor = Governed<governed::providers::StakePerThroughput>;
    type MaxDrawWeight = Governed<governed::providers::MaxDrawWeight>;
    type MaxDrawTries = Governed<governed::providers::MaxDrawTries>;
    type WorkerFloat = Governed<governed::providers::WorkerFloat>;
    type MaxStrikes = Governed<governed::providers::MaxStrikes>;
    type RejoinFee = Governed<governed::providers::RejoinFee>;
    type ProfileInterval = Governed<governed::providers::ProfileIntervalTicks>;
    type ExposureShare = Governed<governed::providers::ExposureSharePpm>;
}

impl pallet_job_market::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = Beacon;
    type Draw = Beacon;
    type Roster = wiring::ProviderRoster;
    type ResultCheck = wiring::CheckedResults;
    type ReportOffence = wiring::ProviderRoster;
    type FeeSink = wiring::ReserveFees;
    type PriceIndex = wiring::GovernedIndex;
    type WeightInfo = weights::pallet_job_market::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarking::Helper;
    type PalletId = MarketPalletId;
    type ModelDeposit = Governed<governed::market::ModelDeposit>;
    type WhiteningDepositPerByte = Governed<governed::audits::WhiteningDepositPerByte>;
    type NoInputFee = Governed<governed::market::NoInputFee>;
    type AcknowledgeTicks = Governed<governed::market::AcknowledgeTicks>;
    type MaxDeadlineTicks = Governed<governed::market::MaxDeadlineTicks>;
    type PruneTicks = Governed<governed::market::PruneTicks>;
    type CandidatesPerMatch = Governed<governed::market::CandidatesPerMatch>;
    type MaxMatchTries = Governed<governed::market::MaxMatchTries>;
    type MaxAttempts = Governed<governed::market::MaxAttempts>;
    type EfficiencyPermille = Governed<governed::market::EfficiencyPermille>;
    type AgendaShare = AgendaShare;
    type MatchShare = MatchShare;
}
