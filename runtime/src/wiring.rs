//! Who talks to whom: the answers to the questions that our pallets ask of each other and of upstream's.
//!
//! | asks | trait | answered by |
//! |---|---|---|
//! | `Beacon` | `Vrf`, `ClockPaused` | `Babe`, `SafeMode` and `Migrations` |
//! | `TokenReserve` | `EraIndex` | `Staking` |
//! | `Dao` | `ApplyParameters` | `Parameters` |
//! | `ProviderStaking` | `Models`, `SupplyChanged` | `JobMarket` |
//! | `JobMarket` | `Roster`, `ReportOffence` | `ProviderStaking` |
//! | `JobMarket` | `ResultCheck` | `Verification` |
//! | `JobMarket` | `FeeSink` | `TokenReserve` |
//! | `JobMarket` | `PriceIndex` | `Parameters` |
//! | `Verification` | `OnVerdict` | `JobMarket` |
//! | all that draw or wait | `Draw`, `Clock` | `Beacon` |

use crate::{
    parameters::{dynamic_params::market, Governed, RuntimeParameters},
    *,
};
use codec::DecodeAll;
use frame_support::{dispatch::DispatchResult, migrations::MultiStepMigrator, traits::Get};
use ogpu_primitives::{
    fees::{FeeRates, FeeSplit},
    matching::Candidate,
    offence::Offence,
    work::Verdict,
    Commitment, DeviceClass, ModelId, Subject,
};
use pallet_provider_staking::{WeightInfo as _, SUPPLY_NOTICES};
use sp_core::H256;
use sp_runtime::DispatchError;

/// The era that is being paid.
pub struct ActiveEra;

impl Get<u32> for ActiveEra {
    fn get() -> u32 {
        pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index)
    }
}

/// The VRF output of the last block's author.
pub struct AuthorVrf;

impl Get<Option<[u8; 32]>> for AuthorVrf {
    fn get() -> Option<[u8; 32]> {
        pallet_babe::AuthorVrfRandomness::<Runtime>::get()
    }
}

/// True while reports cannot be sent.
pub struct ClockPaused;

impl Get<bool> for ClockPaused {
    fn get() -> bool {
        SafeMode::is_entered() || <Migrations as MultiStepMigrator>::ongoing()
    }
}

/// Sets governed values at genesis, as root would.
pub struct ApplyGenesisParameters;

impl pallet_dao::ApplyParameters for ApplyGenesisParameters {
    fn apply(encoded: &[u8]) -> DispatchResult {
        let parameter = RuntimeParameters::decode_all(&mut &*encoded)
            .map_err(|_| DispatchError::Other("no governed parameter, or out of its bounds"))?;
        Parameters::set_parameter(RuntimeOrigin::root(), parameter)
    }
}

/// Answers from the market's registry of models.
pub struct MarketModels;

impl pallet_provider_staking::Models for MarketModels {
    fn exists(model: &ModelId) -> bool {
        JobMarket::model_exists(model)
    }

    fn vram_mib(model: &ModelId) -> Option<u32> {
        JobMarket::model_vram_mib(model)
    }
}

impl pallet_provider_staking::SupplyChanged for MarketModels {
    fn supply_changed(model: &ModelId) {
        JobMarket::supply_changed(model)
    }

    fn weight() -> Weight {
        JobMarket::supply_changed_weight()
    }
}

/// Answers from the providers' stake and roster.
pub struct ProviderRoster;

impl pallet_job_market::Roster<AccountId> for ProviderRoster {
    fn draw(model: &ModelId, seed: &H256, count: u32) -> Vec<Candidate<AccountId>> {
        ProviderStaking::draw_for_model(model, seed, count)
    }

    fn candidate(worker: &AccountId, model: &ModelId) -> Option<Candidate<AccountId>> {
        ProviderStaking::candidate(worker, model)
    }

    fn owner_of(worker: &AccountId) -> Option<AccountId> {
        ProviderStaking::owner_of(worker)
    }

    fn reserve(worker: &AccountId, exposure: Balance) -> DispatchResult {
        ProviderStaking::reserve(worker, exposure)
    }

    fn free_slot(worker: &AccountId) {
        ProviderStaking::free_slot(worker)
    }

    fn release_exposure(worker: &AccountId, exposure: Balance) {
        ProviderStaking::release_exposure(worker, exposure)
    }

    fn rejected_weight(count: u32) -> Weight {
        // A rejected entry costs less than a drawn one, whose owner is read too.
        let rejected = ProviderStaking::draw_tries(count).saturating_sub(count);
        <Runtime as pallet_provider_staking::Config>::WeightInfo::draw_for_model(rejected)
    }

    fn news_weight() -> Weight {
        let told = JobMarket::supply_changed_weight().saturating_mul(SUPPLY_NOTICES.into());
        <Runtime as pallet_provider_staking::Config>::WeightInfo::free_slot().saturating_add(told)
    }

    fn succeeded(worker: &AccountId) {
        ProviderStaking::succeeded(worker)
    }

    fn float_gap(worker: &AccountId) -> Balance {
        ProviderStaking::float_gap(worker)
    }
}

impl pallet_job_market::ReportOffence<AccountId> for ProviderRoster {
    fn report(worker: &AccountId, offence: Offence) -> Weight {
        strike_weight(ProviderStaking::strike(worker, offence))
    }

    fn weight() -> Weight {
        strike_weight(pallet_provider_staking::MAX_MODELS)
    }
}

/// Weight of a strike after which a worker leaves the rosters of `models` models.
fn strike_weight(models: u32) -> Weight {
    <Runtime as pallet_provider_staking::Config>::WeightInfo::strike(models)
}

/// Results are kept and checked by `Verification`.
pub struct CheckedResults;

impl pallet_job_market::ResultCheck<AccountId> for CheckedResults {
    fn committed(
        subject: &Subject,
        worker: &AccountId,
        commitment: &Commitment,
        price: Balance,
    ) -> DispatchResult {
        Verification::committed(subject, worker, commitment, price)
    }

    fn commitment(subject: &Subject) -> Option<Commitment> {
        Verification::commitment(subject)
    }

    fn forget(subject: &Subject) {
        Verification::forget(subject)
    }
}

/// Verdicts settle or refund jobs.
pub struct SettleJobs;

impl pallet_verification::OnVerdict for SettleJobs {
    fn on_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult {
        JobMarket::do_verdict(subject, verdict)
    }

    fn weight() -> Weight {
        JobMarket::verdict_weight()
    }
}

/// Fees go where the reserve's pallet splits them to.
pub struct ReserveFees;

impl pallet_job_market::FeeSink<AccountId> for ReserveFees {
    fn rates() -> FeeRates {
        TokenReserve::rates()
    }

    fn collect(from: &AccountId, split: &FeeSplit) -> DispatchResult {
        TokenReserve::collect(from, split)
    }
}

/// One governed index for every device class, until utilisation moves it.
pub struct GovernedIndex;

impl pallet_job_market::PriceIndex for GovernedIndex {
    fn planck_per_cu(_class: DeviceClass) -> Balance {
        Governed::<market::PriceIndex>::get()
    }
}
