//! A runtime with balances and this pallet; the siblings are models that tests set up and look into.

use crate::{self as pallet_verification, AuditFund, Enforce, OnVerdict, SeatDraw, Verdict};
use frame_support::{
    derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Preservation},
        Hooks, OnInitialize,
    },
    weights::Weight,
};
use frame_system::EnsureRoot;
use ogpu_primitives::{
    tagged_hash,
    traits::{Clock, Draw},
    Balance, Candidate, CheckedWork, DeviceClass, JobKind, JobState, ModelId, Observation, Offence, SeatPool,
    Subject, Tick, H256, OGPU,
};
use sp_core::{sr25519, Pair};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchError};
use std::collections::BTreeSet;

pub type AccountId = AccountId32;
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

    #[runtime::pallet_index(14)]
    pub type Verification = pallet_verification;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
}

/// What siblings were told, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Verdict(Subject, Verdict),
    Stage(Subject, JobState),
    Passed { counted: bool },
    Observed(Observation),
    Wrong(Offence, Vec<(AccountId, Balance)>),
    Refunded,
    Absent(AccountId, AccountId),
    FalsePass(AccountId, AccountId),
    FalseDissent(AccountId, AccountId, Balance),
    Equivocated(AccountId, AccountId),
    LateData(AccountId),
}

/// Weight of one thing that a sibling does.
pub const SIBLING: Weight = Weight::from_parts(1_000_000, 100);

/// Weight of blaming one absence.
pub const ABSENCE: Weight = Weight::from_parts(1_000, 10);

/// Device class of the worker under audit.
pub const CLASS: DeviceClass = DeviceClass(4);

/// What every account of a test has at its beginning, in planck.
pub const FUNDS: Balance = 1_000 * OGPU;

parameter_types! {
    pub const ExistentialDeposit: Balance = OGPU / 100;
    pub const AuditTicks: Tick = 210;
    pub const OpenTicks: Tick = 60;
    pub const ReportTicks: Tick = 60;
    pub const JuryTicks: Tick = 300;
    pub const DataTicks: Tick = 30;
    pub const DataBond: Balance = OGPU + 1;
    pub static Now: Tick = 1;
    pub static Window: Tick = 31;
    pub static JurySeats: u32 = 9;
    pub static JuryMinimum: u32 = 3;
    pub static MaxRedraws: u32 = 2;
    pub static DataDeadlineTicks: Tick = 10_800;
    pub static SlashUncalibrated: bool = false;
    pub static JuryFundLimit: Balance = OGPU;
    pub static Share: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
    /// Who can be drawn, in the order in which they are.
    pub static Candidates: Vec<Candidate<AccountId>> = Vec::new();
    /// Who can be drawn from the device class, in the order in which they are.
    pub static ClassCandidates: Vec<Candidate<AccountId>> = Vec::new();
    /// Owners who serve the model.
    pub static ModelOwners: u32 = 8;
    pub static SmallModelOwners: u32 = 8;
    /// Everything that siblings were told.
    pub static Heard: Vec<Told> = Vec::new();
    /// Whether acting on a verdict fails.
    pub static Failing: bool = false;
    /// Whether all results are audited.
    pub static Forced: bool = false;
    /// Whether the beacon has no randomness.
    pub static Dark: bool = false;
}

fn hear(told: Told) {
    Heard::mutate(|heard| heard.push(told));
}

/// What siblings were told since the last time, except of stages.
pub fn heard() -> Vec<Told> {
    Heard::take()
        .into_iter()
        .filter(|told| !matches!(told, Told::Stage(..)))
        .collect()
}

/// The clock that tests set.
pub struct TestClock;
impl Clock for TestClock {
    fn now() -> Tick {
        Now::get()
    }
}

/// Randomness that is there once its blocks are over, for 256 blocks.
pub struct TestBeacon;
impl Draw for TestBeacon {
    fn draw(fixed_at_block: u32, blocks: u32, subject: &[u8]) -> Option<H256> {
        let block = System::block_number() as u32;
        let end = fixed_at_block + blocks;
        let known = end < block && end + 256 >= block && !Dark::get();
        known.then(|| tagged_hash(b"test/beacon", &[&end.to_le_bytes(), subject].concat()))
    }
}

/// Draws candidates in the order in which the test lists them.
pub struct TestSeats;
impl SeatDraw<AccountId> for TestSeats {
    fn owners(_: &ModelId) -> u32 {
        ModelOwners::get()
    }

    fn class_of(_: &ModelId, _: u32) -> DeviceClass {
        CLASS
    }

    fn draw_seats(
        pool: &SeatPool,
        _: &ModelId,
        _: &H256,
        seats: u32,
        tries: u32,
        is_fit: &mut dyn FnMut(&Candidate<AccountId>) -> bool,
    ) -> Vec<Candidate<AccountId>> {
        let listed = match pool {
            SeatPool::Model => Candidates::get(),
            SeatPool::Class(class) => {
                assert_eq!(*class, CLASS);
                ClassCandidates::get()
            }
        };
        let mut owners = BTreeSet::new();
        let mut drawn: Vec<_> = listed
            .into_iter()
            .take(tries as usize)
            .filter(|found| is_fit(found))
            .collect();
        drawn.retain(|found| owners.insert(found.owner.clone()));
        drawn.truncate(seats as usize);
        drawn
    }

    fn weight(count: u32) -> Weight {
        SIBLING * u64::from(count)
    }
}

/// Notes what it is told.
pub struct Sibling;
impl OnVerdict for Sibling {
    fn on_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult {
        if Failing::get() {
            return Err(DispatchError::Other("sibling fails"));
        }
        hear(Told::Verdict(*subject, verdict));
        Ok(())
    }

    fn on_stage(subject: &Subject, state: JobState) {
        hear(Told::Stage(*subject, state));
    }

    fn weight() -> Weight {
        SIBLING
    }
}

impl Enforce<AccountId> for Sibling {
    fn is_forced(_: &AccountId, _: JobKind) -> bool {
        Forced::get()
    }

    fn passed(_: &CheckedWork<AccountId>, counted: bool) {
        hear(Told::Passed { counted });
    }

    fn observed(_: &CheckedWork<AccountId>, seen: &Observation) {
        hear(Told::Observed(*seen));
    }

    fn wrong(_: &CheckedWork<AccountId>, offence: Offence, _: &Subject, payouts: Vec<(AccountId, Balance)>) {
        hear(Told::Wrong(offence, payouts));
    }

    fn refunded(_: &CheckedWork<AccountId>) {
        hear(Told::Refunded);
    }

    fn absent(worker: &AccountId, owner: &AccountId) {
        hear(Told::Absent(worker.clone(), owner.clone()));
    }

    fn false_pass(worker: &AccountId, owner: &AccountId, _: &CheckedWork<AccountId>) {
        hear(Told::FalsePass(worker.clone(), owner.clone()));
    }

    fn false_dissent(worker: &AccountId, owner: &AccountId, jury_cost: Balance) {
        hear(Told::FalseDissent(worker.clone(), owner.clone(), jury_cost));
    }

    fn equivocated(worker: &AccountId, owner: &AccountId, _: &Subject) {
        hear(Told::Equivocated(worker.clone(), owner.clone()));
    }

    fn late_data(worker: &AccountId) {
        hear(Told::LateData(worker.clone()));
    }

    fn absent_weight() -> Weight {
        ABSENCE
    }

    fn weight() -> Weight {
        SIBLING
    }
}

/// Pays as far as it reaches.
pub struct TestFund;
impl AuditFund<AccountId> for TestFund {
    fn pay(to: &AccountId, amount: Balance) -> Balance {
        let fund = Self::account();
        let spendable = Balances::reducible_balance(&fund, Preservation::Preserve, Fortitude::Polite);
        let amount = amount.min(spendable);
        Balances::transfer(&fund, to, amount, Preservation::Preserve).unwrap_or_default()
    }

    fn account() -> AccountId {
        fund()
    }

    fn weight() -> Weight {
        SIBLING
    }
}

impl pallet_verification::Config for Test {
    type AdminOrigin = EnsureRoot<AccountId>;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = TestClock;
    type Draw = TestBeacon;
    type SeatDraw = TestSeats;
    type Enforce = Sibling;
    type AuditFund = TestFund;
    type OnVerdict = Sibling;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = TestHelper;
    type CheckWindowTicks = Window;
    type AuditTicks = AuditTicks;
    type OpenTicks = OpenTicks;
    type ReportTicks = ReportTicks;
    type JurySeats = JurySeats;
    type JuryMinimum = JuryMinimum;
    type JuryTicks = JuryTicks;
    type SmallModelOwners = SmallModelOwners;
    type MaxRedraws = MaxRedraws;
    type DataTicks = DataTicks;
    type DataDeadlineTicks = DataDeadlineTicks;
    type DataBond = DataBond;
    type SlashUncalibrated = SlashUncalibrated;
    type JuryFundLimit = JuryFundLimit;
    type ServiceShare = Share;
}

/// What benchmarks ask of the mock.
#[cfg(feature = "runtime-benchmarks")]
pub struct TestHelper;
#[cfg(feature = "runtime-benchmarks")]
impl pallet_verification::BenchmarkHelper<AccountId> for TestHelper {
    fn model() -> ModelId {
        H256::repeat_byte(9)
    }

    fn add_worker(n: u32, _: &ModelId) -> (AccountId, AccountId) {
        let candidate = auditor(n as u8);
        Candidates::mutate(|candidates| candidates.push(candidate.clone()));
        (candidate.worker, candidate.owner)
    }

    fn provide_randomness(block: u32) {
        System::set_block_number(u64::from(block) + 9);
    }

    fn fill_audit_fund() {
        let _ = Balances::mint_into(&fund(), FUNDS);
    }
}

/// The key of the worker under audit.
pub fn prover_key() -> sr25519::Pair {
    sr25519::Pair::from_seed(&[42; 32])
}

/// The worker under audit.
pub fn prover() -> AccountId {
    prover_key().public().into()
}

/// Its owner.
pub fn prover_owner() -> AccountId {
    AccountId::new([43; 32])
}

/// Who pays.
pub fn client() -> AccountId {
    AccountId::new([44; 32])
}

/// The audit fund.
pub fn fund() -> AccountId {
    AccountId::new([45; 32])
}

/// The `n`-th worker that can be drawn.
pub fn seat(n: u8) -> AccountId {
    AccountId::new([100 + n; 32])
}

/// Its owner.
pub fn seat_owner(n: u8) -> AccountId {
    AccountId::new([180 + n; 32])
}

/// The `n`-th worker that can be drawn, as a draw shows it.
pub fn auditor(n: u8) -> Candidate<AccountId> {
    Candidate {
        worker: seat(n),
        owner: seat_owner(n),
        class: CLASS,
        max_vram_mib: 24_000,
        region: 276,
        ask_permille: 1_000,
        reputation_permille: 500,
        slots: 1,
        free_slots: 0,
        exposure_room: 1_000 * OGPU,
        throughput_gmac_s: 10_000,
        serving: true,
    }
}

/// Builds the state and checks it after every test.
pub struct ExtBuilder {
    candidates: u8,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self { candidates: 20 }
    }
}

impl ExtBuilder {
    /// That many workers can be drawn.
    pub fn candidates(self, candidates: u8) -> Self {
        Self { candidates }
    }

    pub fn build(self) -> sp_io::TestExternalities {
        // Tests may share a thread.
        Now::set(1);
        Window::set(31);
        JurySeats::set(9);
        JuryMinimum::set(3);
        MaxRedraws::set(2);
        DataDeadlineTicks::set(10_800);
        SlashUncalibrated::set(false);
        JuryFundLimit::set(OGPU);
        Share::set(Weight::from_parts(1_000_000_000_000, u64::MAX));
        Candidates::set((0..self.candidates).map(auditor).collect());
        ClassCandidates::set(Vec::new());
        ModelOwners::set(8);
        SmallModelOwners::set(8);
        Heard::set(Vec::new());
        Failing::set(false);
        Forced::set(false);
        Dark::set(false);
        let mut storage = frame_system::GenesisConfig::<Test>::default()
            .build_storage()
            .expect("valid genesis");
        let owners = (0..40).map(seat_owner);
        let others = [prover_owner(), client(), fund()];
        let seats = (0..40).map(seat);
        pallet_balances::GenesisConfig::<Test> {
            balances: owners
                .chain(seats)
                .chain(others)
                .map(|who| (who, FUNDS))
                .collect(),
            ..Default::default()
        }
        .assimilate_storage(&mut storage)
        .expect("valid genesis");
        let mut ext = sp_io::TestExternalities::new(storage);
        #[cfg(feature = "runtime-benchmarks")]
        ext.register_extension(sp_keystore::KeystoreExt::new(
            sp_keystore::testing::MemoryKeystore::new(),
        ));
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            let issued = Balances::total_issuance();
            test();
            Verification::do_try_state().expect("the state is sound after the test");
            assert_eq!(Balances::total_issuance(), issued, "no planck was made or lost");
        });
    }
}

/// Runs the hook of the next `ticks` blocks, one tick each.
pub fn run_ticks(ticks: Tick) {
    for _ in 0..ticks {
        Now::mutate(|now| *now += 1);
        run_block();
    }
}

/// Runs the hook of one more block of the same tick.
pub fn run_block() {
    let block = System::block_number() + 1;
    System::set_block_number(block);
    <Verification as OnInitialize<u64>>::on_initialize(block);
    <Verification as Hooks<u64>>::on_finalize(block);
}

/// What was deposited by this pallet since the last time.
pub fn events() -> Vec<crate::Event<Test>> {
    let events = System::events();
    System::reset_events();
    events
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Verification(event) => Some(event),
            _ => None,
        })
        .collect()
}
