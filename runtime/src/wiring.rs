//! Who talks to whom: the answers to the questions that our pallets ask of each other and of upstream's.
//!
//! | asks | trait | answered by |
//! |---|---|---|
//! | `Beacon` | `Vrf`, `ClockPaused` | `Babe`, `SafeMode` and `Migrations` |
//! | `TokenReserve` | `EraIndex` | `Staking` |
//! | `Dao` | `ApplyParameters` | `Parameters` |
//! | `ProviderStaking` | `Models`, `SupplyChanged` | `JobMarket` |
//! | `ProviderStaking` | `PendingSlashes` | `Slashing` |
//! | `JobMarket` | `Roster`, `ReportOffence` | `ProviderStaking` |
//! | `JobMarket` | `ResultCheck` | `Verification`, and `Slashing` for rates and caps |
//! | `JobMarket` | `FeeSink` | `TokenReserve` |
//! | `JobMarket` | `PriceIndex` | `Parameters` |
//! | `Verification` | `OnVerdict` | `JobMarket` |
//! | `Verification` | `SeatDraw` | `ProviderStaking` |
//! | `Verification` | `Enforce` | `Slashing` for stake, `ProviderStaking` for strikes |
//! | `Verification` | `AuditFund` | `TokenReserve` |
//! | `Slashing` | `SlashStake`, `Delist` | `ProviderStaking` |
//! | all that draw or wait | `Draw`, `Clock` | `Beacon` |

use crate::{
    parameters::{
        dynamic_params::{audits, market, providers, slashing},
        Governed, RuntimeParameters,
    },
    *,
};
use codec::DecodeAll;
use frame_support::{dispatch::DispatchResult, migrations::MultiStepMigrator, traits::Get};
use ogpu_primitives::{
    conviction,
    device::DEVICE_CLASSES,
    fees::{FeeRates, FeeSplit},
    matching::Candidate,
    offence::Offence,
    penalty,
    work::Verdict,
    CheckTerms, CheckedWork, Commitment, DeviceClass, JobKind, JobState, ModelId, NumericProfile,
    Observation, SeatPool, Subject,
};
use pallet_provider_staking::SUPPLY_NOTICES;
use sp_core::H256;
use sp_runtime::DispatchError;

type SlashingWeights = <Runtime as pallet_slashing::Config>::WeightInfo;
type StakingWeights = <Runtime as pallet_provider_staking::Config>::WeightInfo;

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

/// Stake that slashes will take covers nothing.
pub struct SlashesThatWait;

impl pallet_provider_staking::PendingSlashes<AccountId> for SlashesThatWait {
    fn of(owner: &AccountId) -> Balance {
        Slashing::pending_of(owner)
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
        <StakingWeights as pallet_provider_staking::WeightInfo>::draw_for_model(rejected)
    }

    fn news_weight() -> Weight {
        let told = JobMarket::supply_changed_weight().saturating_mul(SUPPLY_NOTICES.into());
        <StakingWeights as pallet_provider_staking::WeightInfo>::free_slot().saturating_add(told)
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
        strike_weight(strike_silent(worker, offence))
    }

    fn weight() -> Weight {
        strike_weight(pallet_provider_staking::MAX_MODELS)
    }
}

/// Strikes a worker for silence, which may turn out to be the network's fault. Returns the number of models whose
/// rosters it left.
fn strike_silent(worker: &AccountId, offence: Offence) -> u32 {
    if let Some(owner) = ProviderStaking::owner_of(worker) {
        Slashing::note_silence(&owner);
    }
    ProviderStaking::strike(worker, offence)
}

/// Weight of a strike after which a worker leaves the rosters of `models` models, and of noting its silence.
fn strike_weight(models: u32) -> Weight {
    <StakingWeights as pallet_provider_staking::WeightInfo>::strike(models)
        .saturating_add(<SlashingWeights as pallet_slashing::WeightInfo>::report())
}

impl pallet_verification::SeatDraw<AccountId> for ProviderRoster {
    fn owners(model: &ModelId) -> u32 {
        ProviderStaking::model_owners(model)
    }

    fn class_of(model: &ModelId, least: u32) -> DeviceClass {
        ProviderStaking::judging_class(model, least)
    }

    fn draw_seats(
        pool: &SeatPool,
        model: &ModelId,
        seed: &H256,
        seats: u32,
        tries: u32,
        is_fit: &mut dyn FnMut(&Candidate<AccountId>) -> bool,
    ) -> Vec<Candidate<AccountId>> {
        ProviderStaking::draw_seats(pool, model, seed, seats, tries, is_fit)
    }

    fn weight(tries: u32) -> Weight {
        // The model and its owners; owners and stake of each class.
        let asked = u64::from(DEVICE_CLASSES).saturating_mul(2).saturating_add(2);
        let tries = tries.min(Governed::<providers::MaxDrawTries>::get());
        <StakingWeights as pallet_provider_staking::WeightInfo>::draw_seats(tries)
            .saturating_add(<Runtime as frame_system::Config>::DbWeight::get().reads(asked))
    }
}

/// Results are kept and checked by `Verification`, at rates that follow from their owners' standing.
pub struct CheckedResults;

impl pallet_job_market::ResultCheck<AccountId> for CheckedResults {
    fn terms(
        owner: &AccountId,
        model: &ModelId,
        profile: NumericProfile,
        kind: JobKind,
        whitened: bool,
    ) -> CheckTerms {
        CheckTerms {
            params: Verification::terms_params(model, profile),
            whitened,
            rate_ppm: Slashing::rate_ppm(owner, kind),
            second_ppm: Governed::<audits::SecondPpm>::get(),
        }
    }

    fn job_cap(owner: &AccountId, kind: JobKind) -> Balance {
        let catch = Slashing::catch_ppm(Slashing::rate_ppm(owner, kind));
        penalty::job_cap(ProviderStaking::covering_stake(owner), catch)
    }

    fn committed(subject: &Subject, work: CheckedWork<AccountId>, commitment: &Commitment) -> DispatchResult {
        Verification::committed(subject, work, commitment)
    }

    fn commitment(subject: &Subject) -> Option<Commitment> {
        Verification::commitment(subject)
    }

    fn forget(subject: &Subject) {
        Verification::forget(subject)
    }

    fn surcharged(subject: &Subject) -> bool {
        Verification::surcharged(subject)
    }
}

/// Verdicts settle, rerun or refund jobs.
pub struct SettleJobs;

impl pallet_verification::OnVerdict for SettleJobs {
    fn on_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult {
        JobMarket::do_verdict(subject, verdict)
    }

    fn on_stage(subject: &Subject, state: JobState) {
        JobMarket::do_stage(subject, state)
    }

    fn weight() -> Weight {
        JobMarket::verdict_weight()
    }
}

fn is_jailed(worker: &AccountId) -> bool {
    pallet_provider_staking::Workers::<Runtime>::get(worker)
        .is_some_and(|worker| worker.status == pallet_provider_staking::WorkerStatus::Jailed)
}

/// What a check costs whoever was at fault: stake is slashed, mere absence costs strikes first.
pub struct Penalties;

impl Penalties {
    /// Has `amount` planck of an owner's stake slashed, a first offence's: repetition is the slashing pallet's to count.
    fn slash(
        owner: &AccountId,
        worker: &AccountId,
        offence: Offence,
        amount: Balance,
        subject: Option<&Subject>,
        payouts: Vec<(AccountId, Balance)>,
    ) {
        Slashing::report(
            owner,
            Some(worker.clone()),
            offence,
            amount,
            subject.copied(),
            payouts,
        );
    }

    /// What a wrong result of `work` costs its owner, in planck.
    fn of_wrong_result(work: &CheckedWork<AccountId>) -> Balance {
        let catch = Slashing::catch_ppm(work.terms.rate_ppm);
        penalty::wrong_result(ProviderStaking::owner_held(&work.owner), work.price, catch, 0)
    }
}

impl pallet_verification::Enforce<AccountId> for Penalties {
    fn is_forced(owner: &AccountId, kind: JobKind) -> bool {
        Slashing::is_forced(owner, kind)
    }

    fn passed(work: &CheckedWork<AccountId>, counted: bool) {
        if counted {
            Slashing::counted(work)
        } else {
            Slashing::uncounted(&work.owner, work.kind)
        }
    }

    fn observed(work: &CheckedWork<AccountId>, seen: &Observation) {
        Slashing::observed(work, seen)
    }

    fn wrong(
        work: &CheckedWork<AccountId>,
        offence: Offence,
        subject: &Subject,
        payouts: Vec<(AccountId, Balance)>,
    ) {
        let amount = Self::of_wrong_result(work);
        Slashing::failed(work);
        Self::slash(&work.owner, &work.worker, offence, amount, Some(subject), payouts);
    }

    fn refunded(work: &CheckedWork<AccountId>) {
        Slashing::force(&work.owner, work.kind)
    }

    fn absent(worker: &AccountId, owner: &AccountId) {
        strike_silent(worker, Offence::AuditorAbsent);
        // A worker that was unpaired with a seat cannot be struck, so its owner pays at once.
        if is_jailed(worker) || ProviderStaking::owner_of(worker).is_none() {
            let amount = penalty::absence(ProviderStaking::owner_held(owner));
            Self::slash(owner, worker, Offence::AuditorAbsent, amount, None, Vec::new());
        }
    }

    fn false_pass(worker: &AccountId, owner: &AccountId, work: &CheckedWork<AccountId>) {
        let stake = ProviderStaking::owner_held(owner);
        let amount = penalty::false_pass(stake, work.price, work.audit_fee);
        Self::slash(owner, worker, Offence::FalsePass, amount, None, Vec::new());
    }

    fn false_dissent(worker: &AccountId, owner: &AccountId, jury_cost: Balance) {
        let amount = penalty::false_dissent(ProviderStaking::owner_held(owner), jury_cost);
        let fund = Vec::from([(TokenReserve::audit_fund_account(), jury_cost)]);
        Self::slash(owner, worker, Offence::FalseDissent, amount, None, fund);
    }

    fn equivocated(worker: &AccountId, owner: &AccountId, subject: &Subject) {
        let record = pallet_verification::Commitments::<Runtime>::get(subject);
        // As dear as a wrong result at least: it may be reported to end the check of one.
        let wrong = record
            .as_ref()
            .map_or(0, |record| Self::of_wrong_result(&record.work));
        if let Some(record) = record {
            Slashing::failed(&record.work);
        }
        let amount = penalty::equivocation(ProviderStaking::owner_held(owner)).max(wrong);
        Self::slash(
            owner,
            worker,
            Offence::Equivocation,
            amount,
            Some(subject),
            Vec::new(),
        );
    }

    fn late_data(worker: &AccountId) {
        strike_silent(worker, Offence::LateData);
    }

    fn absent_weight() -> Weight {
        strike_weight(pallet_provider_staking::MAX_MODELS)
            .saturating_add(<SlashingWeights as pallet_slashing::WeightInfo>::report())
    }

    fn weight() -> Weight {
        // One report, and the record of a failed audit with the reputation that it shows.
        let wrong = <SlashingWeights as pallet_slashing::WeightInfo>::report()
            .saturating_add(<SlashingWeights as pallet_slashing::WeightInfo>::failed())
            .saturating_add(<StakingWeights as pallet_provider_staking::WeightInfo>::set_reputation());
        let observed = <SlashingWeights as pallet_slashing::WeightInfo>::observed()
            .saturating_add(<ModelRoster as pallet_slashing::Delist<AccountId>>::weight());
        wrong.max(observed)
    }
}

/// The chance that an audited cheat escapes, because drawn auditors or jurors collude, from the governed assumption.
pub struct EvasionPpm;

impl Get<u32> for EvasionPpm {
    fn get() -> u32 {
        conviction::escape_ppm(
            Governed::<slashing::ColludingPpm>::get(),
            Governed::<audits::SecondPpm>::get(),
            Governed::<audits::JurySeats>::get(),
        )
    }
}

/// Slashes reach the providers' stake.
pub struct ProviderStake;

impl pallet_slashing::SlashStake<AccountId> for ProviderStake {
    fn stake(owner: &AccountId) -> Balance {
        ProviderStaking::owner_stake(owner)
    }

    fn reachable(owner: &AccountId) -> Balance {
        ProviderStaking::owner_held(owner)
    }

    fn slash(owner: &AccountId, amount: Balance, to: &AccountId) -> Balance {
        ProviderStaking::slash(owner, amount, to)
    }

    fn set_pending(owner: &AccountId, amount: Balance) {
        ProviderStaking::set_pending(owner, amount)
    }

    fn total() -> Balance {
        ProviderStaking::total_stake()
    }

    fn set_reputation(worker: &AccountId, permille: u16) {
        ProviderStaking::set_reputation(worker, permille)
    }

    fn weight() -> Weight {
        <StakingWeights as pallet_provider_staking::WeightInfo>::slash()
    }
}

/// Workers whose results are not as precise as declared leave the model's roster.
pub struct ModelRoster;

impl pallet_slashing::Delist<AccountId> for ModelRoster {
    fn remove_model(worker: &AccountId, model: &ModelId) -> bool {
        // As if the worker had asked for it. It may have left by itself.
        ProviderStaking::stop_serving(RuntimeOrigin::signed(worker.clone()), *model).is_ok()
    }

    fn weight() -> Weight {
        <StakingWeights as pallet_provider_staking::WeightInfo>::stop_serving()
    }
}

/// What is left of slashes.
pub struct ReserveAccount;

impl Get<AccountId> for ReserveAccount {
    fn get() -> AccountId {
        TokenReserve::reserve_account()
    }
}

/// Auditors and jurors are paid from the audit fund.
pub struct ReserveFund;

impl pallet_verification::AuditFund<AccountId> for ReserveFund {
    fn pay(to: &AccountId, amount: Balance) -> Balance {
        TokenReserve::pay_from_audit_fund(to, amount)
    }

    fn account() -> AccountId {
        TokenReserve::audit_fund_account()
    }

    fn weight() -> Weight {
        // One transfer, as each part of a fee is.
        <<Runtime as pallet_token_reserve::Config>::WeightInfo as pallet_token_reserve::WeightInfo>::collect()
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
