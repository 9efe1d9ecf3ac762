//! A runtime with balances and this pallet; the siblings are small models that tests set up and look into.

use crate::{
    self as pallet_job_market, FeeSink, JobOf, Jobs, PriceIndex, ReportOffence, ResultCheck, Roster,
};
use frame_support::{
    assert_ok, derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::Preservation,
        OnInitialize,
    },
    weights::Weight,
    PalletId,
};
use ogpu_primitives::{
    tagged_hash,
    traits::{Clock, Draw},
    work::Verdict,
    Balance, Candidate, CheckTerms, CheckedWork, Commitment, Costs, DeviceClass, FeeRates, FeeSplit,
    FileEntry, FinishReason, GenerateParams, JobId, JobKind, JobParams, JobRequest, JobState, Limits,
    ModelId, ModelSpec, NumericProfile, Offence, ProfileParams, Requirements, Subject, Tick, WorkKey, H256,
};
use sp_runtime::{BuildStorage, DispatchError};
use std::collections::BTreeMap;

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlock<Test>;

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
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;

    #[runtime::pallet_index(3)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(13)]
    pub type JobMarket = pallet_job_market;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

/// Existential deposit of the mock in planck.
pub const ED: Balance = 100;

parameter_types! {
    pub const ExistentialDeposit: Balance = ED;
    pub const MarketPot: PalletId = PalletId(*b"ogpu/mkt");
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ExistentialDeposit;
}

/// Accounts of the mock.
pub const CLIENT: AccountId = 1;
pub const OTHER: AccountId = 2;
pub const MODEL_OWNER: AccountId = 3;
/// Account with no balance at all.
pub const POOR: AccountId = 9;
/// Fee sink's pots.
pub const FEE_POT: AccountId = 70;
pub const TREASURY: AccountId = 71;
pub const AUDIT_FUND: AccountId = 72;
/// Workers are 100.., their owners 200...
pub const WORKER: AccountId = 100;
pub const OWNER: AccountId = 200;

/// Balance of the funded accounts at genesis in planck.
pub const FUNDS: Balance = 1_000_000_000;

/// A worker as the mock's roster keeps it.
#[derive(Clone, Debug)]
pub struct MockWorker {
    pub owner: AccountId,
    pub class: u8,
    pub vram_mib: u32,
    pub region: u16,
    pub ask_permille: u32,
    pub reputation_permille: u16,
    pub slots: u16,
    pub used: u16,
    pub room: Balance,
    pub exposure: Balance,
    pub throughput: u32,
    pub serving: bool,
}

impl Default for MockWorker {
    fn default() -> Self {
        Self {
            owner: OWNER,
            class: 3,
            vram_mib: 12_000,
            region: 276,
            ask_permille: 1_000,
            reputation_permille: 500,
            slots: 4,
            used: 0,
            room: 1_000_000_000,
            exposure: 0,
            throughput: 1_000,
            serving: true,
        }
    }
}

parameter_types! {
    pub static Now: Tick = 1;
    pub static Workers: BTreeMap<AccountId, MockWorker> = BTreeMap::new();
    pub static FloatGap: BTreeMap<AccountId, Balance> = BTreeMap::new();
    pub static Offences: Vec<(AccountId, Offence)> = Vec::new();
    pub static Successes: Vec<AccountId> = Vec::new();
    pub static Committed: BTreeMap<WorkKey, (Commitment, CheckedWork<AccountId>)> = BTreeMap::new();
    /// Whom terms were asked for.
    pub static TermsOf: Vec<(AccountId, ModelId, NumericProfile, JobKind, bool)> = Vec::new();
    /// Chances of audits and of second auditors, in parts per million.
    pub static AuditRate: u32 = 21_111;
    pub static SecondRate: u32 = 250_000;
    /// The highest price of a job of each owner; no limit where none is said.
    pub static JobCaps: BTreeMap<AccountId, Balance> = BTreeMap::new();
    /// Whether draws have to do without the client's secret.
    pub static SecretMissing: bool = false;
    pub static SinkFails: bool = false;
    pub static Rates: FeeRates = FeeRates {
        protocol_ppm: 50_000,
        validators_ppm: 500_000,
        treasury_ppm: 300_000,
    };
    pub static Index: Balance = 1_000;
    pub static ModelDeposit: Balance = 5_000;
    pub static WhiteningDepositPerByte: Balance = 3;
    pub static NoInputFee: Balance = 37;
    pub static AcknowledgeTicks: Tick = 15;
    pub static MaxDeadlineTicks: Tick = 10_000;
    pub static PruneTicks: Tick = 1_000;
    pub static CandidatesPerMatch: u32 = 32;
    pub static MaxMatchTries: u32 = 8;
    pub static MaxAttempts: u32 = 5;
    pub static EfficiencyPermille: u32 = 20;
    /// What one report weighs, and weighs at most.
    pub static ReportWeight: Weight = Weight::zero();
    pub static MaxReportWeight: Weight = Weight::zero();
    pub static RejectedWeight: Weight = Weight::zero();
    pub static NewsWeight: Weight = Weight::zero();
    pub static AgendaShare: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
    pub static MatchShare: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
    pub static DrawWorks: bool = true;
}

/// The clock that tests move.
pub struct MockClock;
impl Clock for MockClock {
    fn now() -> Tick {
        Now::get()
    }
}

/// Randomness as the beacon has it: two blocks after it was fixed, and for 256 blocks.
pub struct MockDraw;
impl Draw for MockDraw {
    fn draw(fixed_at_block: u32, blocks: u32, subject: &[u8]) -> Option<H256> {
        let block = System::block_number() as u32;
        let end = fixed_at_block + blocks;
        let known = end < block && block - end <= 256;
        (DrawWorks::get() && known)
            .then(|| tagged_hash(b"mock/draw", &[end.to_le_bytes().as_slice(), subject].concat()))
    }
}

/// A roster that draws every worker, in an order that the seed turns.
pub struct MockRoster;

impl MockRoster {
    fn show(account: AccountId, worker: &MockWorker) -> Candidate<AccountId> {
        Candidate {
            worker: account,
            owner: worker.owner,
            class: DeviceClass(worker.class),
            max_vram_mib: worker.vram_mib,
            region: worker.region,
            ask_permille: worker.ask_permille,
            reputation_permille: worker.reputation_permille,
            slots: worker.slots,
            free_slots: worker.slots - worker.used,
            exposure_room: worker.room - worker.exposure,
            throughput_gmac_s: worker.throughput,
            serving: worker.serving,
        }
    }
}

impl Roster<AccountId> for MockRoster {
    fn draw(_: &ModelId, seed: &H256, count: u32) -> Vec<Candidate<AccountId>> {
        let mut all: Vec<_> = Workers::get()
            .iter()
            .map(|(account, worker)| Self::show(*account, worker))
            .collect();
        if !all.is_empty() {
            let turn = usize::from(seed.0[0]) % all.len();
            all.rotate_left(turn);
        }
        all.truncate(count as usize);
        all
    }

    fn candidate(worker: &AccountId, _: &ModelId) -> Option<Candidate<AccountId>> {
        Workers::get().get(worker).map(|found| Self::show(*worker, found))
    }

    fn owner_of(worker: &AccountId) -> Option<AccountId> {
        Workers::get().get(worker).map(|found| found.owner)
    }

    fn reserve(worker: &AccountId, exposure: Balance) -> DispatchResult {
        Workers::mutate(|workers| {
            let worker = workers.get_mut(worker).ok_or(DispatchError::Unavailable)?;
            if worker.used >= worker.slots || worker.room - worker.exposure < exposure {
                return Err(DispatchError::Unavailable);
            }
            worker.used += 1;
            worker.exposure += exposure;
            Ok(())
        })
    }

    fn free_slot(worker: &AccountId) {
        Workers::mutate(|workers| {
            workers
                .get_mut(worker)
                .expect("a slot is freed of a worker that is there")
                .used -= 1
        })
    }

    fn release_exposure(worker: &AccountId, exposure: Balance) {
        Workers::mutate(|workers| {
            workers
                .get_mut(worker)
                .expect("exposure is freed of a worker that is there")
                .exposure -= exposure
        })
    }

    fn rejected_weight(count: u32) -> Weight {
        RejectedWeight::get().saturating_mul(count.into())
    }

    fn news_weight() -> Weight {
        NewsWeight::get()
    }

    fn succeeded(worker: &AccountId) {
        Successes::mutate(|successes| successes.push(*worker))
    }

    fn float_gap(worker: &AccountId) -> Balance {
        FloatGap::get().get(worker).copied().unwrap_or(0)
    }
}

/// Keeps commitments; tests give the verdicts.
pub struct MockCheck;
impl ResultCheck<AccountId> for MockCheck {
    fn terms(
        owner: &AccountId,
        model: &ModelId,
        profile: NumericProfile,
        kind: JobKind,
        whitened: bool,
    ) -> CheckTerms {
        TermsOf::mutate(|asked| asked.push((*owner, *model, profile, kind, whitened)));
        CheckTerms {
            params: ProfileParams::starting(profile),
            whitened,
            rate_ppm: AuditRate::get(),
            second_ppm: SecondRate::get(),
        }
    }

    fn job_cap(owner: &AccountId, _: JobKind) -> Balance {
        JobCaps::get().get(owner).copied().unwrap_or(Balance::MAX)
    }

    fn committed(
        subject: &Subject,
        checked: CheckedWork<AccountId>,
        commitment: &Commitment,
    ) -> DispatchResult {
        let Subject::Work(work) = subject;
        Committed::mutate(|committed| committed.insert(*work, (*commitment, checked)));
        Ok(())
    }

    fn surcharged(subject: &Subject) -> bool {
        let Subject::Work(work) = subject;
        SecretMissing::get()
            && Committed::get()
                .get(work)
                .is_some_and(|(_, checked)| checked.surcharge)
    }

    fn commitment(subject: &Subject) -> Option<Commitment> {
        let Subject::Work(work) = subject;
        Committed::get().get(work).map(|(commitment, _)| *commitment)
    }

    fn forget(subject: &Subject) {
        let Subject::Work(work) = subject;
        Committed::mutate(|committed| committed.remove(work));
    }
}

/// Notes offences.
pub struct MockOffences;
impl ReportOffence<AccountId> for MockOffences {
    fn report(worker: &AccountId, offence: Offence) -> Weight {
        Offences::mutate(|offences| offences.push((*worker, offence)));
        ReportWeight::get()
    }

    fn weight() -> Weight {
        MaxReportWeight::get()
    }
}

/// Moves fees to three accounts.
pub struct MockSink;
impl FeeSink<AccountId> for MockSink {
    fn rates() -> FeeRates {
        Rates::get()
    }

    fn collect(from: &AccountId, split: &FeeSplit) -> DispatchResult {
        if SinkFails::get() {
            return Err(DispatchError::Other("the sink is closed"));
        }
        for (to, amount) in [
            (FEE_POT, split.validators),
            (TREASURY, split.treasury),
            (AUDIT_FUND, split.audit_fund + split.audit_premium),
        ] {
            Balances::transfer(from, &to, amount, Preservation::Preserve)?;
        }
        Ok(())
    }
}

/// One index for every class.
pub struct MockIndex;
impl PriceIndex for MockIndex {
    fn planck_per_cu(_: DeviceClass) -> Balance {
        Index::get()
    }
}

#[cfg(feature = "runtime-benchmarks")]
pub struct MockHelper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for MockHelper {
    fn add_worker(n: u32, _: &ModelId) -> (AccountId, AccountId) {
        let (worker, owner) = (WORKER + u64::from(n), OWNER + u64::from(n));
        let room = Balance::MAX / 2;
        let slots = crate::MAX_REPORTS as u16;
        add_worker(
            worker,
            MockWorker {
                owner,
                class: 7,
                vram_mib: u32::MAX,
                slots,
                room,
                ..Default::default()
            },
        );
        (worker, owner)
    }

    fn provide_randomness(block: u32) {
        System::set_block_number(u64::from(block) + 2);
    }

    fn advance_clock(ticks: Tick) {
        Now::mutate(|now| *now += ticks);
    }
}

impl pallet_job_market::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = MockClock;
    type Draw = MockDraw;
    type Roster = MockRoster;
    type ResultCheck = MockCheck;
    type ReportOffence = MockOffences;
    type FeeSink = MockSink;
    type PriceIndex = MockIndex;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = MockHelper;
    type PalletId = MarketPot;
    type ModelDeposit = ModelDeposit;
    type WhiteningDepositPerByte = WhiteningDepositPerByte;
    type NoInputFee = NoInputFee;
    type AcknowledgeTicks = AcknowledgeTicks;
    type MaxDeadlineTicks = MaxDeadlineTicks;
    type PruneTicks = PruneTicks;
    type CandidatesPerMatch = CandidatesPerMatch;
    type MaxMatchTries = MaxMatchTries;
    type MaxAttempts = MaxAttempts;
    type EfficiencyPermille = EfficiencyPermille;
    type AgendaShare = AgendaShare;
    type MatchShare = MatchShare;
}

/// Sets all that lives outside storage back, for tests that share a thread.
fn reset() {
    Now::set(1);
    Workers::set(BTreeMap::new());
    FloatGap::set(BTreeMap::new());
    Offences::set(Vec::new());
    Successes::set(Vec::new());
    Committed::set(BTreeMap::new());
    TermsOf::set(Vec::new());
    AuditRate::set(21_111);
    SecondRate::set(250_000);
    JobCaps::set(BTreeMap::new());
    SecretMissing::set(false);
    SinkFails::set(false);
    Index::set(1_000);
    NoInputFee::set(37);
    MaxMatchTries::set(8);
    MaxAttempts::set(5);
    EfficiencyPermille::set(20);
    ReportWeight::set(Weight::zero());
    MaxReportWeight::set(Weight::zero());
    RejectedWeight::set(Weight::zero());
    NewsWeight::set(Weight::zero());
    PruneTicks::set(1_000);
    DrawWorks::set(true);
    AgendaShare::set(Weight::from_parts(1_000_000_000_000, u64::MAX));
    MatchShare::set(Weight::from_parts(1_000_000_000_000, u64::MAX));
}

/// Builds the state and checks it after every test.
pub struct ExtBuilder;

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        reset();
        let mut storage = frame_system::GenesisConfig::<Test>::default()
            .build_storage()
            .expect("valid genesis");
        let funded =
            [CLIENT, OTHER, MODEL_OWNER, OWNER, OWNER + 1, OWNER + 2].map(|account| (account, FUNDS));
        let pots = [FEE_POT, TREASURY, AUDIT_FUND, JobMarket::pot_account()].map(|account| (account, ED));
        pallet_balances::GenesisConfig::<Test> {
            balances: funded.into_iter().chain(pots).collect(),
            ..Default::default()
        }
        .assimilate_storage(&mut storage)
        .expect("valid balances");
        pallet_job_market::GenesisConfig::<Test>::default()
            .assimilate_storage(&mut storage)
            .expect("valid market");
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            check_state();
        });
    }
}

/// `try_state`, and what only a closed test world can promise: nothing came or went but through the market.
pub fn check_state() {
    JobMarket::do_try_state().expect("the state is sound");
    assert_eq!(
        JobMarket::pot_balance(),
        JobMarket::owed() + ED,
        "the pot holds what it owes"
    );
    let busy = Jobs::<Test>::iter_values().filter(|job| job.assignment.is_some());
    let (mut slots, mut exposure) = (BTreeMap::new(), BTreeMap::new());
    for job in busy.filter(|job| !job.state.is_final()) {
        let assignment = job.assignment.expect("filtered");
        *exposure.entry(assignment.worker).or_insert(0) += assignment.price_max;
        if assignment.committed_price.is_none() {
            *slots.entry(assignment.worker).or_insert(0u16) += 1;
        }
    }
    for (account, worker) in Workers::get() {
        assert_eq!(
            worker.used,
            slots.get(&account).copied().unwrap_or(0),
            "slots in use are those of jobs"
        );
        assert_eq!(
            worker.exposure,
            exposure.get(&account).copied().unwrap_or(0),
            "exposure is that of jobs"
        );
    }
}

/// Puts a worker into the roster.
pub fn add_worker(account: AccountId, worker: MockWorker) {
    Workers::mutate(|workers| workers.insert(account, worker));
}

/// The hook of one more block, one tick later.
pub fn run_block() {
    Now::mutate(|now| *now += 1);
    run_block_without_tick();
}

/// The hook of one more block while the clock stands still.
pub fn run_block_without_tick() {
    let block = System::block_number() + 1;
    System::set_block_number(block);
    <JobMarket as OnInitialize<u64>>::on_initialize(block);
}

/// The hooks of `blocks` blocks, one tick each.
pub fn run_blocks(blocks: u32) {
    for _ in 0..blocks {
        run_block();
    }
}

/// A valid model: 100 milli-CU an input token, 250 an output token, 4,096 tokens of context, 8,000 MiB.
pub fn spec() -> ModelSpec<AccountId> {
    let file = |name: &[u8], n: u8| FileEntry {
        name: name.to_vec().try_into().expect("short"),
        blake3: H256::repeat_byte(n),
        size_bytes: 1_000,
    };
    ModelSpec {
        owner: MODEL_OWNER,
        name: b"tiny".to_vec().try_into().expect("short"),
        kind: JobKind::Generate,
        manifest: vec![file(b"config.json", 1), file(b"model.safetensors", 2)]
            .try_into()
            .expect("few"),
        tokenizer: H256::repeat_byte(1),
        template: None,
        profile: NumericProfile::A8,
        sampler_version: 1,
        costs: Costs {
            input_milli_cu: 100,
            output_milli_cu: 250,
        },
        context_tokens: 4_096,
        vram_mib: 8_000,
    }
}

/// Registers the valid model.
pub fn register() -> ModelId {
    assert_ok!(JobMarket::register_model(
        RuntimeOrigin::signed(MODEL_OWNER),
        spec()
    ));
    ogpu_primitives::model::model_id(&spec())
}

/// A request for 40 input and at most 60 output tokens that every default worker can take: at the index of
/// 1,000 planck a CU it costs 19,000 planck.
pub fn request(nonce: u64) -> JobRequest<AccountId> {
    JobRequest {
        nonce,
        model: ogpu_primitives::model::model_id(&spec()),
        params: JobParams::Generate(GenerateParams {
            max_output_tokens: 60,
            temperature_milli: 700,
            top_k: 40,
            top_p_ppm: 950_000,
            min_p_ppm: 0,
            repetition_penalty_milli: 1_000,
            presence_penalty_milli: 0,
            frequency_penalty_milli: 0,
            seed: [7; 32],
            stop_tokens: Default::default(),
        }),
        input_commitment: H256::repeat_byte(8),
        input_tokens: 40,
        secret_hash: None,
        replica_secret_hash: None,
        limits: Limits {
            max_price: 25_001,
            deadline_ticks: 200,
            replicas: 1,
            requirements: Requirements {
                min_class: DeviceClass(0),
                region: None,
                min_reputation_permille: 0,
                worker: None,
            },
        },
    }
}

/// Submits as `client` and returns the job's id.
pub fn submit_as(client: AccountId, request: JobRequest<AccountId>) -> JobId {
    let id = ogpu_primitives::job::job_id(&JobMarket::genesis_hash(), &client, request.nonce);
    assert_ok!(JobMarket::submit(RuntimeOrigin::signed(client), request));
    id
}

/// Registers the model and submits the valid request as [`CLIENT`].
pub fn submit() -> JobId {
    register();
    submit_as(CLIENT, request(0))
}

/// A job that [`WORKER`] has.
pub fn assigned() -> JobId {
    add_worker(WORKER, MockWorker::default());
    let id = submit();
    run_blocks(2);
    assert_eq!(job(&id).state, JobState::Assigned);
    id
}

/// A job that [`WORKER`] acknowledged.
pub fn acknowledged() -> JobId {
    let id = assigned();
    assert_ok!(JobMarket::acknowledge(
        RuntimeOrigin::signed(WORKER),
        work(&id, 0)
    ));
    id
}

/// A job whose result [`WORKER`] committed: 50 of 60 output tokens, 16,500 planck.
pub fn committed() -> JobId {
    let id = acknowledged();
    assert_ok!(JobMarket::commit(
        RuntimeOrigin::signed(WORKER),
        work(&id, 0),
        commitment(50)
    ));
    id
}

/// A job that is there.
pub fn job(id: &JobId) -> JobOf<Test> {
    Jobs::<Test>::get(id).expect("the job is there")
}

/// The key of an attempt.
pub fn work(id: &JobId, attempt: u8) -> WorkKey {
    WorkKey {
        job: *id,
        segment: 0,
        attempt,
    }
}

/// A commitment to `n_out` tokens.
pub fn commitment(n_out: u32) -> Commitment {
    Commitment {
        root: H256::repeat_byte(4),
        output: H256::repeat_byte(5),
        n_in: 40,
        n_out,
        finish: FinishReason::Stop,
    }
}

/// Gives a verdict on an attempt.
pub fn verdict(id: &JobId, attempt: u8, verdict: Verdict) -> DispatchResult {
    JobMarket::do_verdict(&Subject::Work(work(id, attempt)), verdict)
}

/// A step of an attempt's check.
pub fn stage(id: &JobId, attempt: u8, stage: JobState) {
    JobMarket::do_stage(&Subject::Work(work(id, attempt)), stage)
}

/// All that an account has, in planck.
pub fn balance(account: AccountId) -> Balance {
    Balances::total_balance(&account)
}
