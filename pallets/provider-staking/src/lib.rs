//! # Provider staking
//!
//! Who computes, with which machines, for which stake.
//!
//! ## Terms
//!
//! An **owner** is a cold account: it stakes, and is paid. A **worker** is a hot account: one machine. An owner
//! pairs any number of workers, each with the worker's own signature, and **allots** a part of its stake to each.
//! A worker says what it is ([`WorkerProfile`]) and which models it **serves**. An active worker with a profile and
//! enough stake is **listed** in the **rosters** of its device class and of its models, from which matching draws
//! in constant time. **Exposure** is the largest pay of all unsettled work; it is bounded by a share of the owner's
//! stake, so that cheating never pays. What slashes that wait will take covers nothing.
//!
//! ## Flow
//!
//! ```text
//! owner:  stake ── pair ── allot ─────────────── unpair ── unstake ··· unbonding ··· withdraw
//! worker:            └ set_profile ── serve_model ── drain ⇄ resume
//! siblings:                draw_for_model → reserve → release, succeeded
//!                                                └ strike ×n → jailed ── rejoin (owner pays)
//! ```
//!
//! ## What a stolen hot key can do
//!
//! Spend the worker's float on fees, lie about the machine, drain it or leave the owner. It cannot reach stake or
//! earnings. A pairing proof names the chain and the owner, so that it is of no use elsewhere; one account is the
//! worker of one owner at most, and the hot key can leave an owner by itself.
//!
//! ## Money
//!
//! One hold per owner: active stake plus unbonding chunks; only `asset.rs` touches it. Nothing here pays rewards.
//!
//! A slash takes from active stake and unbonding chunks alike, in proportion, and moves it to the caller's account;
//! nothing is burnt. An owner can have any number of workers, so a slash touches none of them: where less is left
//! than is allotted, each worker counts for its part of what is left ([`Owner::backed`]), in draws and for the
//! minimum stake. Their place in the rosters stays, so that they are back as soon as their owner stakes more.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod asset;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod pairing;
mod profile;
mod roster;
pub mod runtime_api;
mod seats;
mod slash;
mod slots;
mod stake;
mod standing;
pub mod traits;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use traits::{Models, PendingSlashes, SupplyChanged};
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{hold, Inspect, Mutate},
    };
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::{traits::Clock, Balance, DeviceClass, ModelId, Offence, Tick, WorkerProfile};
    use sp_runtime::traits::{IdentifyAccount, Verify};

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        // Interfaces.

        /// The money that is staked; balances in planck.
        type Currency: Inspect<Self::AccountId, Balance = Balance>
            + Mutate<Self::AccountId>
            + hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + hold::Mutate<Self::AccountId>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// The work clock.
        type Clock: Clock;

        /// Registered models.
        type Models: Models;

        /// Who waits for workers.
        type SupplyChanged: SupplyChanged;

        /// Slashes that wait.
        type PendingSlashes: PendingSlashes<Self::AccountId>;

        /// A signature of a worker's account key, as it comes with a pairing.
        type Signature: Verify<Signer: IdentifyAccount<AccountId = Self::AccountId>> + Parameter;

        /// Who gets the fee for rejoining: the treasury.
        type RejoinBeneficiary: Get<Self::AccountId>;

        /// Weights of calls and services.
        type WeightInfo: WeightInfo;

        /// Accounts and models for benchmarks.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: benchmarking::BenchmarkHelper<Self::AccountId, Self::Signature>;

        // Constants.

        /// Ticks between `unstake` and `withdraw`. Must be longer than slash deferral and the longest dispute:
        /// when lowered live, later withdrawals can leave before a slash is applied. Chunks that wait keep
        /// their end.
        type UnbondingTicks: Get<Tick>;

        /// Least stake in planck that is allotted to a worker, and least active stake of an owner. When raised
        /// live, workers below it get no jobs until more is allotted; when lowered, unlisted workers `resume`.
        type MinWorkerStake: Get<Balance>;

        /// Stake in planck that counts in draws for each 10^9 multiply-adds/s of a worker. When lowered live,
        /// stake beyond what the hardware justifies counts less.
        type CapabilityStakeFactor: Get<Balance>;

        /// Draw weight in planck at which a worker drawn for a job is always accepted; larger weights count as this.
        /// When lowered live, workers with more stake lose their priority over those at the bound; when raised far
        /// above usual stakes, draws are rejected more often and fall back to the best of those tried. Draws of
        /// auditors and jurors have no bound.
        type MaxDrawWeight: Get<Balance>;

        /// Most roster entries looked at in one draw. When lowered live, draws from large rosters return fewer
        /// workers, or favour stake less.
        type MaxDrawTries: Get<u32>;

        /// Balance in planck that a worker is brought up to for fees; at least the existential deposit and some
        /// fifty fees. When lowered live, workers may run dry between two settlements.
        type WorkerFloat: Get<Balance>;

        /// Strikes at which a worker is jailed, 1 to 255. When lowered live, workers at the new number are
        /// jailed by their next strike.
        type MaxStrikes: Get<u32>;

        /// What leaving jail costs the owner in planck. When lowered live, missing jobs gets cheaper.
        type RejoinFee: Get<Balance>;

        /// Ticks between two profile changes of a worker that cost no fee. When lowered live, free changes can
        /// fill more of the blocks.
        type ProfileInterval: Get<Tick>;

        /// Unsettled work that an owner's stake covers, in millionths of the stake (more than 10^6 counts as
        /// 10^6). When lowered live, owners above the new bound get no jobs until enough of theirs are settled;
        /// when raised, a slash may not cover what was cheated.
        type ExposureShare: Get<u32>;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Stake of a provider, unbonding included.
        #[codec(index = 0)]
        ProviderStake,
    }

    /// Owners with stake, active or unbonding. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type Owners<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Owner>;

    /// Active stake of all owners in planck: what a share of all stake is measured by.
    #[pallet::storage]
    pub type TotalStake<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// Paired workers. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type Workers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Worker<T::AccountId>>;

    /// The workers of each owner. Both keys are chosen by users: Blake2.
    #[pallet::storage]
    pub type WorkersOf<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, T::AccountId, ()>;

    /// What workers say of themselves; read to reach a worker, not to match. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type Profiles<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, WorkerProfile>;

    /// Which worker uses a transport key, while it does. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type TransportKeys<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 32], T::AccountId>;

    /// The models that each worker serves, at most [`MAX_MODELS`]. Both keys are chosen by users: Blake2.
    #[pallet::storage]
    pub type Served<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, ModelId, ()>;

    /// Number of workers in each roster. The key holds a user's model: Blake2.
    #[pallet::storage]
    pub type RosterLength<T: Config> = StorageMap<_, Blake2_128Concat, RosterKey, u32, ValueQuery>;

    /// The workers of each roster at `0..length`, without gaps. The first key holds a user's model: Blake2; the
    /// second counts: Twox.
    #[pallet::storage]
    pub type RosterMember<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, RosterKey, Twox64Concat, u32, T::AccountId>;

    /// Where each worker is in each roster. Both keys hold users' choices: Blake2.
    #[pallet::storage]
    pub type RosterPosition<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, RosterKey, u32>;

    /// Owners with a worker in each roster. The key holds a user's model: Blake2.
    #[pallet::storage]
    pub type RosterOwners<T: Config> = StorageMap<_, Blake2_128Concat, RosterKey, u32, ValueQuery>;

    /// Workers of each owner in each roster; what [`RosterOwners`] is counted by. Both keys hold users' choices:
    /// Blake2.
    #[pallet::storage]
    pub type RosterWorkersOf<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, RosterKey, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

    /// Stake in planck that is allotted to the workers in the roster of each device class: what the class that judges
    /// a model of few owners is chosen by. There are [`ogpu_primitives::device::DEVICE_CLASSES`] keys: Twox.
    #[pallet::storage]
    pub type ClassStake<T: Config> = StorageMap<_, Twox64Concat, DeviceClass, Balance, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An owner staked.
        Staked {
            /// The owner.
            owner: T::AccountId,
            /// What was added in planck.
            amount: Balance,
            /// Its active stake now in planck.
            stake: Balance,
        },
        /// Stake began to unbond.
        Unstaked {
            /// The owner.
            owner: T::AccountId,
            /// What was taken from the active stake in planck.
            amount: Balance,
            /// First tick at which it can be withdrawn.
            until: Tick,
        },
        /// Unbonded stake was given back.
        Withdrawn {
            /// The owner.
            owner: T::AccountId,
            /// How much, in planck.
            amount: Balance,
        },
        /// An owner and a worker were paired.
        Paired {
            /// The owner.
            owner: T::AccountId,
            /// The worker.
            worker: T::AccountId,
            /// Stake allotted to it in planck.
            allotted: Balance,
        },
        /// A worker left its owner.
        Unpaired {
            /// The owner.
            owner: T::AccountId,
            /// The worker.
            worker: T::AccountId,
        },
        /// The stake allotted to a worker was changed.
        Allotted {
            /// The worker.
            worker: T::AccountId,
            /// Stake allotted to it now in planck.
            allotted: Balance,
        },
        /// A worker said what it is.
        ProfileSet {
            /// The worker.
            worker: T::AccountId,
            /// What it amounts to in matching.
            capability: Capability,
        },
        /// A worker's ask was changed.
        AskSet {
            /// The worker.
            worker: T::AccountId,
            /// The multiplier on the price index in ‰.
            ask_permille: u32,
        },
        /// A worker began to serve a model.
        ModelServed {
            /// The worker.
            worker: T::AccountId,
            /// The model.
            model: ModelId,
        },
        /// A worker stopped serving a model.
        ServingStopped {
            /// The worker.
            worker: T::AccountId,
            /// The model.
            model: ModelId,
        },
        /// A worker takes no more jobs.
        Draining {
            /// The worker.
            worker: T::AccountId,
        },
        /// A worker takes jobs again.
        Resumed {
            /// The worker.
            worker: T::AccountId,
        },
        /// A worker missed a duty.
        Struck {
            /// The worker.
            worker: T::AccountId,
            /// What it missed.
            offence: Offence,
            /// Strikes that count against it now.
            strikes: u8,
        },
        /// A worker missed too often and takes no jobs until its owner pays.
        Jailed {
            /// The worker.
            worker: T::AccountId,
        },
        /// An owner paid to get a worker out of jail.
        Rejoined {
            /// The worker.
            worker: T::AccountId,
            /// What was paid in planck.
            fee: Balance,
        },
        /// An owner sent money for fees to a worker.
        ToppedUp {
            /// The worker.
            worker: T::AccountId,
            /// How much, in planck.
            amount: Balance,
        },
        /// An owner lost stake for an offence.
        Slashed {
            /// The owner.
            owner: T::AccountId,
            /// What was taken from its active stake in planck.
            active: Balance,
            /// What was taken from its stake on the way out in planck.
            unbonding: Balance,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The amount is zero. Give one above zero.
        ZeroAmount,
        /// The spendable balance, less the existential deposit that stays, is too low. Ask for less or add funds.
        InsufficientBalance,
        /// The active stake would be above zero but below the minimum of one worker. Stake more, or unstake all.
        StakeTooLow,
        /// The active stake is lower than the amount. Unstake less.
        InsufficientStake,
        /// The stake is allotted to workers. Stake more, or allot less to them or unpair one first.
        StakeAllotted,
        /// The stake covers work that is not settled. Wait until its check windows have passed, or unstake less.
        StakeExposed,
        /// Too many withdrawals wait. Call `withdraw`, or wait until the oldest is due.
        TooManyChunks,
        /// Nothing has finished unbonding. Wait until the tick that the owner's record shows.
        NothingToWithdraw,
        /// The account has no stake. Call `stake` first.
        NotAnOwner,
        /// The account is not a paired worker. Let its owner call `pair` first.
        NotAWorker,
        /// The worker belongs to another owner. Sign with its owner's account.
        NotYourWorker,
        /// An account cannot be its own worker. Give the worker a key of its own.
        OwnerIsWorker,
        /// The worker is paired already. Let it be unpaired first.
        AlreadyPaired,
        /// The proof is not the worker's signature over this chain's genesis hash and this owner. Let the worker
        /// print a new invitation for your account.
        BadPairingProof,
        /// The allotment is below the minimum of one worker. Allot more; to take a worker off, drain or unpair it.
        AllotmentTooLow,
        /// The worker has unsettled jobs. Drain it and wait until they are settled.
        WorkerBusy,
        /// The worker is jailed. Let its owner call `rejoin`.
        WorkerJailed,
        /// The worker is not jailed. There is nothing to pay.
        NotJailed,
        /// The worker drains already. Nothing to do.
        AlreadyDraining,
        /// The worker takes jobs already. Nothing to do.
        AlreadyActive,
        /// The profile names no device. Name at least one.
        NoDevice,
        /// The number of slots is zero or above 256. Give one in between.
        SlotsOutOfRange,
        /// A key of the network profile is all zeros. Send the worker's own keys.
        MissingKey,
        /// A device name or relay is not UTF-8. Send valid text.
        NotUtf8,
        /// Another worker uses this transport key. Make a new one.
        TransportKeyTaken,
        /// The profile is the present one. Send it only when something has changed.
        ProfileUnchanged,
        /// The worker has no profile. Call `set_profile` first.
        NoProfile,
        /// The ask is outside 100 to 10,000 ‰ of the price index. Give one in between.
        AskOutOfRange,
        /// The model is not registered. Register it, or check its id.
        UnknownModel,
        /// No device of the worker has the memory that the model needs. Serve a smaller model.
        ModelTooLarge,
        /// The worker serves the model already. Nothing to do.
        AlreadyServed,
        /// The worker does not serve the model. Nothing to do.
        NotServed,
        /// The worker serves 32 models. Stop serving one first.
        TooManyModels,
        /// The worker is not in the rosters: draining, jailed, without a profile or with too little stake. Give
        /// the work to another.
        NotListed,
        /// All slots of the worker are taken. Give the work to another.
        NoFreeSlot,
        /// The owner's stake does not cover more unsettled work. Give the work to another, or stake more.
        ExposureTooHigh,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxDrawTries::get() > 0, "a draw needs a try");
            assert!(
                (1..=255).contains(&T::MaxStrikes::get()),
                "strikes are counted in 8 bits"
            );
            assert!(T::UnbondingTicks::get() > 0, "stake must not leave at once");
            assert!(
                T::WorkerFloat::get() >= T::Currency::minimum_balance(),
                "a worker's account must come to exist by its float"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Adds `amount` planck of the caller's balance to its active stake.
        ///
        /// The existential deposit stays free; vote-locked funds may be staked. The active stake must come to
        /// the minimum of one worker.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::stake())]
        pub fn stake(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_stake(owner, amount)
        }

        /// Takes `amount` planck from the caller's active stake; it can be withdrawn when unbonding is over.
        ///
        /// Only stake that is neither allotted to a worker nor needed for unsettled work can leave.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::unstake())]
        pub fn unstake(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_unstake(owner, amount)
        }

        /// Gives the caller all its stake that has finished unbonding.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_withdraw(owner)
        }

        /// Makes `worker` a worker of the caller with `allotment` planck of its free stake.
        ///
        /// `proof` is the worker's signature over [`ogpu_primitives::pairing::pairing_message`]. The worker's
        /// balance is brought up to the float, from the caller's.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::pair())]
        pub fn pair(
            origin: OriginFor<T>,
            worker: T::AccountId,
            proof: T::Signature,
            allotment: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_pair(owner, worker, proof, allotment)
        }

        /// Ends a pairing; by the owner or the worker.
        ///
        /// The worker must have no unsettled job and not be jailed. Its allotment is free again; its strikes pass
        /// to the next worker that the owner pairs.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::unpair(MAX_MODELS))]
        pub fn unpair(origin: OriginFor<T>, worker: T::AccountId) -> DispatchResultWithPostInfo {
            let caller = ensure_signed(origin)?;
            let models = Self::do_unpair(caller, worker)?;
            Ok(Some(T::WeightInfo::unpair(models)).into())
        }

        /// Sets the stake that is allotted to one of the caller's workers to `amount` planck.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::allot(MAX_MODELS).saturating_add(Pallet::<T>::notices(MAX_MODELS)))]
        pub fn allot(
            origin: OriginFor<T>,
            worker: T::AccountId,
            amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let owner = ensure_signed(origin)?;
            let change = Self::do_allot(owner, worker, amount)?;
            let weight = T::WeightInfo::allot(change.moved);
            Ok(Some(weight.saturating_add(Self::notices(change.told))).into())
        }

        /// Says what the calling worker is and how to reach it.
        ///
        /// Costs no fee when it changes something and the last free change was `ProfileInterval` ticks ago.
        #[pallet::call_index(6)]
        #[pallet::weight((
            T::WeightInfo::set_profile(MAX_MODELS).saturating_add(Pallet::<T>::notices(MAX_MODELS)),
            DispatchClass::Operational,
        ))]
        pub fn set_profile(origin: OriginFor<T>, profile: WorkerProfile) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            let (change, pays_fee) = Self::do_set_profile(worker, profile)?;
            let weight = T::WeightInfo::set_profile(change.moved);
            Ok((Some(weight.saturating_add(Self::notices(change.told))), pays_fee).into())
        }

        /// Sets the multiplier on the price index of one of the caller's workers: 100 to 10,000 ‰.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_ask().saturating_add(Pallet::<T>::notices(SUPPLY_NOTICES)))]
        pub fn set_ask(
            origin: OriginFor<T>,
            worker: T::AccountId,
            ask_permille: u32,
        ) -> DispatchResultWithPostInfo {
            let owner = ensure_signed(origin)?;
            let told = Self::do_set_ask(owner, worker, ask_permille)?;
            Ok(Some(T::WeightInfo::set_ask().saturating_add(Self::notices(told))).into())
        }

        /// Says that the calling worker serves a registered model that fits on one of its devices.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::serve_model().saturating_add(Pallet::<T>::notices(1)))]
        pub fn serve_model(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_serve_model(worker, model)
        }

        /// Says that the calling worker serves a model no more. Jobs that it has go on.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::stop_serving())]
        pub fn stop_serving(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_stop_serving(worker, model)
        }

        /// Lets a worker finish what it has and take no more jobs; by the owner or the worker. No penalty.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::drain(MAX_MODELS))]
        pub fn drain(origin: OriginFor<T>, worker: T::AccountId) -> DispatchResultWithPostInfo {
            let caller = ensure_signed(origin)?;
            let change = Self::do_drain(caller, worker)?;
            Ok(Some(T::WeightInfo::drain(change.moved)).into())
        }

        /// Lets a draining worker take jobs again; by the owner or the worker.
        ///
        /// Also lists an active worker that left the rosters because the minimum stake was higher.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::resume(MAX_MODELS).saturating_add(Pallet::<T>::notices(MAX_MODELS)))]
        pub fn resume(origin: OriginFor<T>, worker: T::AccountId) -> DispatchResultWithPostInfo {
            let caller = ensure_signed(origin)?;
            let change = Self::do_resume(caller, worker)?;
            let weight = T::WeightInfo::resume(change.moved);
            Ok(Some(weight.saturating_add(Self::notices(change.told))).into())
        }

        /// Pays the fee that lets one of the caller's jailed workers take jobs again, without strikes.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::rejoin(MAX_MODELS).saturating_add(Pallet::<T>::notices(MAX_MODELS)))]
        pub fn rejoin(origin: OriginFor<T>, worker: T::AccountId) -> DispatchResultWithPostInfo {
            let owner = ensure_signed(origin)?;
            let change = Self::do_rejoin(owner, worker)?;
            let weight = T::WeightInfo::rejoin(change.moved);
            Ok(Some(weight.saturating_add(Self::notices(change.told))).into())
        }

        /// Sends `amount` planck of the caller's balance to one of its workers for fees.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::top_up())]
        pub fn top_up(origin: OriginFor<T>, worker: T::AccountId, amount: Balance) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_top_up(owner, worker, amount)
        }
    }

    impl<T: Config> Pallet<T> {
        /// Most weight of telling `count` models' waiters.
        pub(crate) fn notices(count: u32) -> Weight {
            T::SupplyChanged::weight().saturating_mul(u64::from(count))
        }
    }
}
