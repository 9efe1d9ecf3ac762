//! A runtime with this pallet, a clock that tests set, and stakes that are plain balances.

use crate as pallet_slashing;
use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::Preservation,
        Hooks, OnInitialize,
    },
    weights::Weight,
    PalletId,
};
use frame_system::EnsureRoot;
use ogpu_primitives::{
    running_sum::Observation, traits::Clock, Balance, CheckTerms, CheckedWork, JobKind, ModelId,
    NumericProfile, Offence, ProfileParams, Subject, Tick, WorkKey, H256, OGPU,
};
use sp_runtime::BuildStorage;

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
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(15)]
    pub type Slashing = pallet_slashing::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

pub const EXISTENTIAL_DEPOSIT: Balance = OGPU / 10_000;
pub const DEFERRAL: Tick = 100;
pub const REPETITION: Tick = 10_000;
pub const WINDOW: Tick = 300;
pub const DAY: Tick = 1_000;
/// What the reserve has at genesis.
pub const RESERVE_MONEY: Balance = OGPU;
/// The reserve's account.
pub const RESERVE: u64 = 1_000;
/// The most that tests let the hook use.
pub const WHOLE_SHARE: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
    pub const SlashPot: PalletId = PalletId(*b"ogpu/sla");
    pub const ReserveAccount: u64 = RESERVE;
    pub const LeastRatePpm: u32 = 20_000;
    pub const MostRatePpm: u32 = 250_000;
    pub const DetectionPpm: u32 = 990_000;
    pub const WithholdingPpm: u32 = 200_000;
    pub const EvasionPpm: u32 = 160_000;
    pub const RepetitionTicks: Tick = REPETITION;
    pub const NetworkWindowTicks: Tick = WINDOW;
    pub const NetworkFaultPpm: u32 = 100_000;
    pub const DayTicks: Tick = DAY;
    pub static ForcedAudits: u32 = 20;
    pub static CountedADay: u32 = 8;
    pub static DeferralTicks: Tick = DEFERRAL;
    pub static Now: Tick = 1;
    pub static Share: Weight = WHOLE_SHARE;
    /// Owners' active stake.
    pub static Stakes: BTreeMap<u64, Balance> = BTreeMap::new();
    /// Owners' stake on its way out.
    pub static Unbonding: BTreeMap<u64, Balance> = BTreeMap::new();
    /// Workers on the rosters of models.
    pub static Served: Vec<(u64, ModelId)> = Vec::new();
    /// Reputations that workers were given.
    pub static Reputations: Vec<(u64, u16)> = Vec::new();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
}

/// The clock that tests set.
pub struct TestClock;
impl Clock for TestClock {
    fn now() -> Tick {
        Now::get()
    }
}

/// Stake is what lies on the owner's account as far as `Stakes` and `Unbonding` say.
pub struct MockStake;
impl SlashStake<u64> for MockStake {
    fn stake(owner: &u64) -> Balance {
        Stakes::get().get(owner).copied().unwrap_or(0)
    }

    fn reachable(owner: &u64) -> Balance {
        Self::stake(owner) + Unbonding::get().get(owner).copied().unwrap_or(0)
    }

    fn slash(owner: &u64, amount: Balance, to: &u64) -> Balance {
        let amount = amount.min(Self::reachable(owner));
        if Balances::transfer(owner, to, amount, Preservation::Expendable).is_err() {
            return 0;
        }
        let active = amount.min(Self::stake(owner));
        Stakes::mutate(|stakes| *stakes.entry(*owner).or_default() -= active);
        Unbonding::mutate(|stakes| *stakes.entry(*owner).or_default() -= amount - active);
        amount
    }

    fn set_pending(owner: &u64, amount: Balance) {
        // In the state, so that what is rolled back takes it along.
        frame_support::storage::unhashed::put(&announced_key(owner), &amount);
    }

    fn total() -> Balance {
        Stakes::get().values().sum()
    }

    fn set_reputation(worker: &u64, permille: u16) {
        Reputations::mutate(|all| all.push((*worker, permille)));
    }

    fn weight() -> Weight {
        Weight::from_parts(1_000, 0)
    }
}

/// Where an owner's stake keeps what it was told that slashes will take.
fn announced_key(owner: &u64) -> Vec<u8> {
    [&b"announced"[..], &owner.to_le_bytes()].concat()
}

/// Takes workers out of `Served`.
pub struct MockRoster;
impl Delist<u64> for MockRoster {
    fn remove_model(worker: &u64, model: &ModelId) -> bool {
        Served::mutate(|served| {
            let before = served.len();
            served.retain(|entry| *entry != (*worker, *model));
            served.len() < before
        })
    }

    fn weight() -> Weight {
        Weight::from_parts(1_000, 0)
    }
}

impl Config for Test {
    type CancelOrigin = EnsureRoot<u64>;
    type Currency = Balances;
    type Clock = TestClock;
    type Stake = MockStake;
    type Delist = MockRoster;
    type Reserve = ReserveAccount;
    type WeightInfo = ();
    type PalletId = SlashPot;
    type LeastRatePpm = LeastRatePpm;
    type MostRatePpm = MostRatePpm;
    type DetectionPpm = DetectionPpm;
    type WithholdingPpm = WithholdingPpm;
    type EvasionPpm = EvasionPpm;
    type DeferralTicks = DeferralTicks;
    type RepetitionTicks = RepetitionTicks;
    type ForcedAudits = ForcedAudits;
    type NetworkWindowTicks = NetworkWindowTicks;
    type NetworkFaultPpm = NetworkFaultPpm;
    type DayTicks = DayTicks;
    type CountedADay = CountedADay;
    type ServiceShare = Share;
}

/// Gives an owner stake, and the money for it.
pub fn stake(owner: u64, amount: Balance) {
    Balances::mint_into(&owner, amount).expect("it can be minted");
    Stakes::mutate(|stakes| *stakes.entry(owner).or_default() += amount);
}

/// Lets all of an owner's stake be on its way out.
pub fn unbond(owner: u64) {
    let amount = Stakes::mutate(|stakes| stakes.remove(&owner)).unwrap_or(0);
    Unbonding::mutate(|stakes| *stakes.entry(owner).or_default() += amount);
}

pub fn subject(n: u8) -> Subject {
    Subject::Work(WorkKey {
        job: H256::repeat_byte(n),
        segment: 0,
        attempt: 0,
    })
}

/// A result of owner 1's worker 101 for `client` that pays `price`.
pub fn work(client: u64, price: Balance) -> CheckedWork<u64> {
    CheckedWork {
        worker: 101,
        owner: 1,
        client,
        model: H256::repeat_byte(9),
        kind: JobKind::Generate,
        greedy: false,
        secret_hash: None,
        price,
        audit_fee: price / 10,
        surcharge: false,
        terms: CheckTerms {
            params: ProfileParams::starting(NumericProfile::F16),
            whitened: false,
            rate_ppm: 250_000,
            second_ppm: 250_000,
        },
    }
}

/// What two auditors saw of a result of 256 tokens.
pub fn saw(u: u32, e2_ppm: u32) -> Observation {
    Observation {
        tokens: 256,
        u,
        e2_ppm: Some(e2_ppm),
        doubted: false,
        alone: false,
        picked: false,
    }
}

/// Reports an offence of `owner` that costs `amount` and pays nobody.
pub fn reported(owner: u64, offence: Offence, amount: Balance) -> Option<u32> {
    Slashing::report(&owner, None, offence, amount, None, Vec::new())
}

pub fn events() -> Vec<Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Slashing(event) => Some(event),
            _ => None,
        })
        .collect()
}

pub fn last_event() -> Event<Test> {
    events().pop().expect("something was said")
}

/// Builds the state and checks it after every test.
#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        // Tests may share a thread.
        Now::set(1);
        Share::set(WHOLE_SHARE);
        DeferralTicks::set(DEFERRAL);
        ForcedAudits::set(20);
        CountedADay::set(8);
        Served::set(Vec::new());
        Stakes::set(BTreeMap::new());
        Unbonding::set(BTreeMap::new());
        Reputations::set(Vec::new());
        let mut storage = frame_system::GenesisConfig::<Test>::default()
            .build_storage()
            .expect("valid genesis");
        pallet_balances::GenesisConfig::<Test> {
            balances: vec![
                (Slashing::pot_account(), EXISTENTIAL_DEPOSIT),
                (RESERVE, RESERVE_MONEY),
            ],
            ..Default::default()
        }
        .assimilate_storage(&mut storage)
        .expect("valid balances");
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            assert_whole();
        });
    }
}

/// The state is sound, and nothing stayed in the pot.
pub fn assert_whole() {
    frame_support::assert_ok!(Slashing::do_try_state());
    let owners = PendingSums::<Test>::iter_keys().chain(Stakes::get().into_keys());
    for owner in owners {
        let announced: Balance = frame_support::storage::unhashed::get_or_default(&announced_key(&owner));
        assert_eq!(announced, Slashing::pending_of(&owner));
    }
    assert_eq!(Balances::balance(&Slashing::pot_account()), EXISTENTIAL_DEPOSIT);
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
    <Slashing as OnInitialize<u64>>::on_initialize(block);
    <Slashing as Hooks<u64>>::on_finalize(block);
}
