//! # Slashing
//!
//! Takes stake from those who were shown to be at fault, after a time in which it can be undone, and keeps the
//! record of audits from which audit rates and reputation follow.
//!
//! ## Terms
//!
//! - **Slash**: planck of an owner's stake for one offence. It is **pending** from its report until it is **due**,
//!   [`Config::DeferralTicks`] later; until then [`Config::CancelOrigin`] can cancel it.
//! - **Repetition**: an offence within [`Config::RepetitionTicks`] of earlier ones costs twice as much for each.
//!   An absent auditor is neither doubled nor counted.
//! - **Silence**: an offence that consists in not answering. When in one window owners are silent of whom, without
//!   the largest, at least three hold more than [`Config::NetworkFaultPpm`] of all active stake, it is a **network
//!   fault**: silence in that window is forgiven, to each owner for one day in [`Config::RepetitionTicks`].
//! - **Standing**: passed and failed audits of an owner with one kind of job, weighted by price and fading. Of a
//!   client's audits in a day the heaviest counts, and of all clients' the [`Config::CountedADay`] heaviest, because
//!   accounts cost nothing.
//! - **Precision**: two running sums of each worker on each model, of what both auditors of one result saw. They see
//!   what no single audit can, and never slash.
//! - **Forced**: coming results of an owner that are audited for certain.
//!
//! ## Flow
//!
//! ```text
//! verdict ──report──> Pending + Agenda ──due──> SlashStake::slash ──> pot ──> payouts in order, rest to reserve
//!                          └──cancel (canceller) or network fault──> dropped
//! audit passed ──counted──> Standings ──> rate_ppm, catch_ppm, reputation of the worker
//! audit failed ──failed───> Standings: passed audits lost, the next ForcedAudits results audited
//! seen by two auditors ──observed──> Precision: forced audits, then a mark, then off the model's roster
//! ```
//!
//! ## Money
//!
//! A slash moves stake through this pallet's pot, which holds no more than its existential deposit between two
//! slashes; nothing is burnt. What cannot be paid to an account (it would not come to exist) goes to the reserve.
//!
//! The agenda is a double map of tick and sequence number with a cursor at the oldest unfinished item: a block
//! that runs out of weight carries on in the next one, and nothing is ever dropped.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
mod asset;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod precision;
mod report;
pub mod runtime_api;
mod silence;
mod standing;
#[cfg(test)]
mod tests;
pub mod traits;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

pub use pallet::*;
pub use traits::{Delist, SlashStake};
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Inspect, Mutate},
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::{traits::Clock, Balance, JobKind, Level, ModelId, Offence, SoftSums, Tick};

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        // Origins.

        /// Who may cancel a slash: the DAO's canceller.
        type CancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        // Interfaces.

        /// The money that slashes consist of; balances in planck.
        type Currency: Inspect<Self::AccountId, Balance = Balance> + Mutate<Self::AccountId>;

        /// The work clock.
        type Clock: Clock;

        /// The stake that is slashed.
        type Stake: SlashStake<Self::AccountId>;

        /// Takes workers off a model whose results are not as precise as declared.
        type Delist: Delist<Self::AccountId>;

        /// Who gets what is left of a slash: the reserve.
        type Reserve: Get<Self::AccountId>;

        /// Weights of the call and of this pallet's hook.
        type WeightInfo: WeightInfo;

        // Constants.

        /// Id of the pot that slashes pass through. Changed live, the pot's existential deposit stays behind.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Least chance of an audit, in parts per million. When lowered live, owners with long records are
        /// audited less at once, and their job caps sink.
        type LeastRatePpm: Get<u32>;

        /// Chance of an audit of an owner without a record, in parts per million. When lowered live, new owners
        /// can cheat more often before they are caught, and their job caps sink.
        type MostRatePpm: Get<u32>;

        /// Chance that an audit by an honest auditor finds a cheat, in parts per million. When lowered live,
        /// slashes grow and job caps sink.
        type DetectionPpm: Get<u32>;

        /// Part of the blocks, in parts per million, whose authors would leave out a block that draws an audit they
        /// dislike. When lowered live, slashes sink and may fail to deter.
        type WithholdingPpm: Get<u32>;

        /// Chance that an audited cheat escapes because drawn auditors or jurors collude, in parts per million. When
        /// lowered live, slashes sink and may fail to deter.
        type EvasionPpm: Get<u32>;

        /// Ticks between a report and its slash. When lowered live, the canceller has less time for later ones;
        /// must stay below the unbonding time, or stake leaves first.
        type DeferralTicks: Get<Tick>;

        /// Ticks for which an offence makes the next one dearer. When lowered live, older ones no longer count.
        type RepetitionTicks: Get<Tick>;

        /// Results audited for certain after a failed audit; more than 255 count as 255. When lowered live, those
        /// that are forced already stay so.
        type ForcedAudits: Get<u32>;

        /// Length of a window of silence in ticks. When lowered live, outages that last longer are noticed only
        /// if enough owners miss something within the shorter time.
        type NetworkWindowTicks: Get<Tick>;

        /// Part of all active stake above which silence of several owners, the largest left out, is a network fault, in
        /// parts per million. When lowered live, fewer owners together can excuse their silence.
        type NetworkFaultPpm: Get<u32>;

        /// Ticks of a day: in it one audit of each client counts, and of all clients [`Config::CountedADay`]; an outage
        /// of the network is forgiven for as long. When lowered live, records can be made faster.
        type DayTicks: Get<Tick>;

        /// Most passed audits of an owner and kind that count in a day, at most [`MAX_RECENT`]; of more, the heaviest.
        /// When lowered live, records grow more slowly; raised, jobs among friends make them faster.
        type CountedADay: Get<u32>;

        /// Most weight that the hook uses in one block. Lowered below one slash's weight, none would ever be
        /// applied.
        type ServiceShare: Get<Weight>;
    }

    /// Slashes that wait. Twox64Concat: the key is a counter of ours.
    #[pallet::storage]
    pub type Pending<T: Config> = StorageMap<_, Twox64Concat, u32, PendingSlash<T::AccountId>>;

    /// What all slashes of an owner that wait take together but for those for silence, in planck; none where none
    /// waits. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type PendingSums<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

    /// Id of the next slash.
    #[pallet::storage]
    pub type NextId<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Slashes that are due at a tick, in order. Twox64Concat: both keys are counters of ours.
    #[pallet::storage]
    pub type Agenda<T: Config> = StorageDoubleMap<_, Twox64Concat, Tick, Twox64Concat, u32, u32>;

    /// Number of agenda items ever written for a tick; removed once all of them are done. Twox64Concat: the key is
    /// a counter of ours.
    #[pallet::storage]
    pub type AgendaLength<T: Config> = StorageMap<_, Twox64Concat, Tick, u32, ValueQuery>;

    /// Tick and sequence number of the oldest unfinished agenda item.
    #[pallet::storage]
    pub type AgendaCursor<T: Config> = StorageValue<_, (Tick, u32), ValueQuery>;

    /// What is remembered of owners' audits, by kind. The first key is chosen by users: Blake2; the second is one
    /// of a few: Twox.
    #[pallet::storage]
    pub type Standings<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Twox64Concat,
        JobKind,
        AuditRecord<T::AccountId>,
        ValueQuery,
    >;

    /// Owners' offences that make the next one dearer, oldest first. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type Offences<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<NotedOffence, ConstU32<MAX_OFFENCES>>,
        ValueQuery,
    >;

    /// The last window of silence, present or past.
    #[pallet::storage]
    pub type Silence<T: Config> = StorageValue<_, SilenceWindow<T::AccountId>>;

    /// Windows that were network faults, while slashes for silence in them wait.
    #[pallet::storage]
    pub type Outages<T: Config> =
        StorageValue<_, BoundedVec<NetworkOutage, ConstU32<MAX_FAULTS>>, ValueQuery>;

    /// First tick of the outage that was last forgiven to an owner. The key is chosen by users: Blake2.
    #[pallet::storage]
    pub type Forgiven<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Tick>;

    /// Running sums of workers on models, for good: forgotten with the roster, a bound for life could be begun anew by
    /// leaving. Entries come from results that were paid for and audited twice, and only of models whose thresholds are
    /// calibrated. Users choose both keys: Blake2.
    #[pallet::storage]
    pub type Precision<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, ModelId, SoftSums, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An owner will be slashed.
        SlashDeferred {
            /// The slash.
            id: u32,
            /// Whose stake.
            owner: T::AccountId,
            /// What for.
            offence: Offence,
            /// How much, in planck.
            amount: Balance,
            /// Tick from which it is applied.
            due: Tick,
        },
        /// An owner was slashed.
        SlashApplied {
            /// The slash.
            id: u32,
            /// Whose stake.
            owner: T::AccountId,
            /// What was really taken, in planck.
            amount: Balance,
            /// What of it was paid to those who found the fault and to those who suffered from it, in planck.
            paid: Balance,
            /// What went to the reserve, in planck.
            to_reserve: Balance,
        },
        /// A slash was cancelled, or excused by a network fault.
        SlashCancelled {
            /// The slash.
            id: u32,
            /// Whose stake.
            owner: T::AccountId,
            /// How much it would have been, in planck.
            amount: Balance,
        },
        /// Silence of an owner costs nothing because so many were silent at once.
        SlashExcused {
            /// Who was silent.
            owner: T::AccountId,
            /// What it did not do.
            offence: Offence,
        },
        /// So many owners were silent at once that none of them is slashed for it.
        NetworkFault {
            /// First tick of the window.
            window: Tick,
            /// Owners that were silent so far.
            owners: u32,
        },
        /// A passed audit counts in an owner's standing, by itself or in the place of a lighter one of that day.
        AuditCounted {
            /// The owner.
            owner: T::AccountId,
            /// The worker whose result it was.
            worker: T::AccountId,
            /// Whose job it was.
            client: T::AccountId,
            /// Kind of the job.
            kind: JobKind,
            /// What the job paid, in planck.
            price: Balance,
            /// What it adds, in 1/1000: its weight, less that of the one whose place it takes.
            weight_milli: u32,
            /// The owner's reputation now, in 1/1000.
            permille: u16,
        },
        /// A failed audit counts in an owner's standing; its passed ones are lost.
        AuditFailed {
            /// The owner.
            owner: T::AccountId,
            /// The worker whose result it was.
            worker: T::AccountId,
            /// Whose job it was.
            client: T::AccountId,
            /// Kind of the job.
            kind: JobKind,
            /// What the job paid, in planck.
            price: Balance,
            /// What the audit counts, in 1/1000.
            weight_milli: u32,
            /// The owner's reputation now, in 1/1000.
            permille: u16,
        },
        /// A running sum of a worker on a model reached a level for the first time: its results are less precise than
        /// the model's profile says, except by a chance that the level bounds.
        PrecisionDoubted {
            /// Who has the worker.
            owner: T::AccountId,
            /// The worker.
            worker: T::AccountId,
            /// The model.
            model: ModelId,
            /// The level. From `PrecisionDiffers` on the worker is marked for good.
            level: Level,
        },
        /// A worker was taken off a model, because its results are not as precise as declared.
        PrecisionRemoved {
            /// The worker.
            worker: T::AccountId,
            /// The model.
            model: ModelId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// No slash of this id waits: it was applied, cancelled, or never reported. Look up the pending ones.
        NotPending,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let mut meter =
                frame_system::Pallet::<T>::remaining_block_weight().limit_to(T::ServiceShare::get());
            Self::service_agenda(&mut meter, T::Clock::now());
            meter.consumed()
        }

        fn integrity_test() {
            assert!(
                Self::item_weight(MAX_PAYOUTS).all_lte(T::ServiceShare::get()),
                "a slash must fit into a block's share"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Drops a pending slash; it then does not count as an earlier offence either.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, id: u32) -> DispatchResult {
            T::CancelOrigin::ensure_origin(origin)?;
            Self::do_cancel(id)
        }
    }
}
