//! A runtime for tests.

use crate as pallet_provider_staking;
use crate::*;
use frame_support::{derive_impl, parameter_types};
use ogpu_primitives::{
    pairing::pairing_message, traits::Clock, Balance, BoundedVec, Device, DeviceKind, ModelId,
    NetworkProfile, Tick, WorkerProfile, OGPU,
};
use sp_core::{ed25519, Pair, H256};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchResult, MultiSignature};

pub type AccountId = AccountId32;

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
    #[runtime::pallet_index(12)]
    pub type ProviderStaking = pallet_provider_staking::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

pub const EXISTENTIAL_DEPOSIT: Balance = OGPU / 10_000;

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
}

pub const MIN_STAKE: Balance = 50 * OGPU;
pub const FLOAT: Balance = OGPU / 2;
pub const REJOIN_FEE: Balance = OGPU;
pub const UNBONDING: Tick = 100;
pub const PROFILE_INTERVAL: Tick = 10;
/// What a funded account has at genesis.
pub const ENDOWMENT: Balance = 10_000 * OGPU;

parameter_types! {
    pub static Now: Tick = 1;
    pub static MinWorkerStake: Balance = MIN_STAKE;
    pub static ExposureShare: u32 = 250_000;
    pub static UnbondingTicks: Tick = UNBONDING;
    pub static MaxDrawTries: u32 = 128;
    /// What slashes that wait will take of owners, in planck.
    pub static Waiting: Vec<(AccountId, Balance)> = Vec::new();
    pub const CapabilityStakeFactor: Balance = OGPU / 10;
    pub const MaxDrawWeight: Balance = 1_000 * OGPU;
    pub const WorkerFloat: Balance = FLOAT;
    pub const MaxStrikes: u32 = 3;
    pub const RejoinFee: Balance = REJOIN_FEE;
    pub const ProfileInterval: Tick = PROFILE_INTERVAL;
    /// Models that were told of supply, in order.
    pub static Told: Vec<ModelId> = Vec::new();
    /// Registered models and their memory in MiB.
    pub static Registered: Vec<(ModelId, u32)> = (0..40).map(|n| (model(n), 1_000)).collect();
    pub Treasury: AccountId = account(250);
}

pub struct MockClock;
impl Clock for MockClock {
    fn now() -> Tick {
        Now::get()
    }
}

pub struct MockModels;
impl Models for MockModels {
    fn exists(model: &ModelId) -> bool {
        Self::vram_mib(model).is_some()
    }

    fn vram_mib(model: &ModelId) -> Option<u32> {
        Registered::get()
            .into_iter()
            .find(|(id, _)| id == model)
            .map(|(_, vram)| vram)
    }
}

pub struct MockSupply;
impl SupplyChanged for MockSupply {
    fn supply_changed(model: &ModelId) {
        Told::mutate(|told| told.push(*model));
    }
}

pub struct MockSlashes;
impl PendingSlashes<AccountId> for MockSlashes {
    fn of(owner: &AccountId) -> Balance {
        Waiting::get()
            .into_iter()
            .filter(|(slashed, _)| slashed == owner)
            .map(|(_, amount)| amount)
            .sum()
    }
}

#[cfg(feature = "runtime-benchmarks")]
pub struct MockHelper;
#[cfg(feature = "runtime-benchmarks")]
impl benchmarking::BenchmarkHelper<AccountId, MultiSignature> for MockHelper {
    fn sign(message: &[u8]) -> (AccountId, MultiSignature) {
        parameter_types! { pub static NextKey: u64 = 0; }
        NextKey::mutate(|next| *next += 1);
        let mut seed = [77; 32];
        seed[..8].copy_from_slice(&NextKey::get().to_le_bytes());
        let pair = ed25519::Pair::from_seed(&seed);
        (
            AccountId::from(pair.public()),
            MultiSignature::Ed25519(pair.sign(message)),
        )
    }

    fn model(n: u32) -> ModelId {
        model(n as u8)
    }
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = MockClock;
    type Models = MockModels;
    type SupplyChanged = MockSupply;
    type PendingSlashes = MockSlashes;
    type Signature = MultiSignature;
    type RejoinBeneficiary = Treasury;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = MockHelper;
    type UnbondingTicks = UnbondingTicks;
    type MinWorkerStake = MinWorkerStake;
    type CapabilityStakeFactor = CapabilityStakeFactor;
    type MaxDrawWeight = MaxDrawWeight;
    type MaxDrawTries = MaxDrawTries;
    type WorkerFloat = WorkerFloat;
    type MaxStrikes = MaxStrikes;
    type RejoinFee = RejoinFee;
    type ProfileInterval = ProfileInterval;
    type ExposureShare = ExposureShare;
}

pub fn key(n: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[n; 32])
}

pub fn account(n: u8) -> AccountId {
    AccountId::from(key(n).public())
}

/// Owners are 1 to 9, with money.
pub fn owner(n: u8) -> AccountId {
    account(n)
}

/// Workers are 100 and above, without money.
pub fn worker(n: u8) -> AccountId {
    account(100 + n)
}

pub fn model(n: u8) -> ModelId {
    H256::repeat_byte(n + 1)
}

pub fn signed(account: &AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(account.clone())
}

/// The signature of worker `n` for `owner` on the chain of `genesis`.
pub fn proof_on(genesis: H256, n: u8, owner: &AccountId) -> MultiSignature {
    MultiSignature::Ed25519(key(100 + n).sign(&pairing_message(genesis.as_bytes(), owner)))
}

pub fn genesis() -> H256 {
    System::block_hash(0)
}

pub fn device(kind: DeviceKind, vram_mib: u32) -> Device {
    Device {
        kind,
        name: BoundedVec::truncate_from(b"card".to_vec()),
        vram_mib,
        bandwidth_mib_s: 900_000,
        throughput_gmac_s: 1_000,
    }
}

/// A GPU worker of 24 GB with two slots and a transport key of its own.
pub fn profile(n: u8) -> WorkerProfile {
    WorkerProfile {
        devices: BoundedVec::truncate_from(vec![device(DeviceKind::Cuda, 24_000)]),
        network: NetworkProfile {
            transport_key: [n.wrapping_add(1).max(1); 32],
            encryption_key: [9; 32],
            addresses: Default::default(),
            relays: Default::default(),
        },
        region: 276,
        slots: 2,
    }
}

pub fn pair(owner: &AccountId, n: u8, allotment: Balance) -> DispatchResult {
    ProviderStaking::pair(signed(owner), worker(n), proof_on(genesis(), n, owner), allotment)
}

/// Owner 1 with 1,000 OGPU of stake and worker `n` of it with 100, a profile and model 0.
pub fn listed(n: u8) -> AccountId {
    let owner = owner(1);
    if Owners::<Test>::get(&owner).is_none() {
        frame_support::assert_ok!(ProviderStaking::stake(signed(&owner), 1_000 * OGPU));
    }
    frame_support::assert_ok!(pair(&owner, n, 100 * OGPU));
    frame_support::assert_ok!(ProviderStaking::set_profile(signed(&worker(n)), profile(n)));
    frame_support::assert_ok!(ProviderStaking::serve_model(signed(&worker(n)), model(0)));
    worker(n)
}

pub fn stored(worker: &AccountId) -> Worker<AccountId> {
    Workers::<Test>::get(worker).expect("the worker is paired")
}

pub fn told() -> Vec<ModelId> {
    Told::mutate(core::mem::take)
}

pub fn last_event() -> Option<Event<Test>> {
    System::events()
        .into_iter()
        .rev()
        .find_map(|record| match record.event {
            RuntimeEvent::ProviderStaking(event) => Some(event),
            _ => None,
        })
}

pub struct ExtBuilder;

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        let mut storage = frame_system::GenesisConfig::<Test>::default()
            .build_storage()
            .expect("the genesis is valid");
        pallet_balances::GenesisConfig::<Test> {
            balances: (1..10).map(|n| (owner(n), ENDOWMENT)).collect(),
            ..Default::default()
        }
        .assimilate_storage(&mut storage)
        .expect("the balances are valid");
        let mut ext = sp_io::TestExternalities::from(storage);
        ext.execute_with(|| {
            Now::set(1);
            MinWorkerStake::set(MIN_STAKE);
            ExposureShare::set(250_000);
            MaxDrawTries::set(128);
            Waiting::set(Vec::new());
            Told::set(Vec::new());
            frame_system::BlockHash::<Test>::insert(0, H256::repeat_byte(0xaa));
            System::set_block_number(1);
        });
        ext
    }

    /// Runs a test that leaves the pallet's state whole.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            assert_whole();
        });
    }
}

/// Whether an owner ever lost stake, or will; its workers' rosters may then lag.
pub fn was_slashed(owner: &AccountId) -> bool {
    let awaits = Waiting::get().iter().any(|(slashed, _)| slashed == owner);
    awaits || Owners::<Test>::get(owner).is_some_and(|owner| owner.slashed > 0)
}

/// Everything that holds between two calls: `try_state`, and, as long as no test moved the minimum stake or slashed
/// the owner, that each worker that could take jobs is listed.
pub fn assert_whole() {
    frame_support::assert_ok!(ProviderStaking::do_try_state());
    if MinWorkerStake::get() == MIN_STAKE {
        for (_, worker) in Workers::<Test>::iter().filter(|(_, worker)| !was_slashed(&worker.owner)) {
            assert_eq!(worker.listed, ProviderStaking::may_be_listed(&worker));
        }
    }
}

/// Slashes that wait will take `amount` planck of `owner`.
pub fn await_slash(owner: &AccountId, amount: Balance) {
    Waiting::mutate(|waiting| {
        waiting.retain(|(slashed, _)| slashed != owner);
        waiting.push((owner.clone(), amount));
    });
    ProviderStaking::set_pending(owner, amount);
}

/// Gives work up: its exposure and its slot.
pub fn release(worker: &AccountId, exposure: u128) {
    ProviderStaking::release_exposure(worker, exposure);
    ProviderStaking::free_slot(worker);
}
