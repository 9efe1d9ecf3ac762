//! # Job market pallet
//!
//! Registers models, takes jobs with their money, gives each job to a worker, and settles or refunds it.
//!
//! ## Terms
//!
//! - **Model**: immutable; its id is the hash of all that it declares.
//! - **Job**: a request for one run of a model, with limits. Its maximum price is in the **pot** from
//!   submission until it is final.
//! - **Replica**: one of two jobs of one submission, given to workers of different owners, so that their client can
//!   compare two answers. Each has its own escrow, check and end; the other one's id is in its record.
//! - **Attempt**: one worker's try at a job. Work is keyed by (job, segment, attempt).
//! - **Queue**: open jobs of one device class, first in, first out. **Parked** jobs found nobody for a while.
//! - **Agenda**: what is due at a tick: an acknowledgement, a deadline, the removal of a record.
//! - **Ledger**: where every planck of a job came from and went to.
//!
//! ## Flow
//!
//! ```text
//! submit -> Open --match--> Assigned --acknowledge--> Acknowledged --commit--> Committed --verdict--> Settled
//!             | no candidate   | no_input / missed: next attempt                            \-------> Refunded
//!             v                v
//!           Parked          Open again, or Refunded when attempts are used up
//! Committed --drawn--> Auditing --dissent--> Disputed;  judged wrong: next attempt, with the escrow still held
//! Open, Parked --cancel--> Cancelled;  uncommitted at the deadline --agenda--> Expired
//! ```
//!
//! `on_initialize` first does what the agenda says, then matches, each under a weight meter of its own with
//! carry-over, so that a block's work is bounded however many jobs wait. Both deadlines and records are
//! "not before": a crowded block makes them later, never earlier. Anyone may `poke` a job to have what is due
//! done at once.
//!
//! ## Money
//!
//! Escrow moves into the pot by a plain transfer. Everything that leaves goes to the provider, the fee sink or
//! back to the client. Each paid job bears the expected cost of its own audits: an audit premium out of the
//! provider's part, and a second one out of what is left of the escrow where the draw had to do without the
//! client's secret, at twice the rate. Everything is itemised; the ledger of a final job adds up to its escrow. A pay-out that cannot reach an account
//! stays in [`Earnings`] for it. `try_state` compares the pot with the sum of all of it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod asset;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod deadlines;
mod matching;
#[cfg(test)]
mod mock;
mod models;
mod premium;
mod queue;
mod replicas;
mod reports;
pub mod runtime_api;
mod settlement;
mod submission;
#[cfg(test)]
mod tests;
pub mod traits;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
mod verdict;
mod views;
pub mod weights;
mod whitening;

#[cfg(feature = "runtime-benchmarks")]
pub use traits::BenchmarkHelper;
pub use traits::{FeeSink, PriceIndex, ReportOffence, ResultCheck, Roster};
pub use types::*;
pub use weights::WeightInfo;

pub use pallet::*;

/// A job of a runtime.
pub type JobOf<T> = Job<<T as frame_system::Config>::AccountId>;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use crate::deadlines::Poked;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{InspectHold, Mutate, MutateHold},
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::{
        job::MAX_REPLICAS,
        traits::{Clock, Draw},
        Balance, Commitment, DeviceClass, FeeSplit, JobHistoryEvent, JobId, JobRequest, MatchRecord, ModelId,
        ModelSpec, Offence, RefundReason, Tick, WhiteningTable, WorkKey, H256,
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>, Hash = H256> {
        // Interfaces.

        /// The currency of escrow, pay and deposits.
        type Currency: Mutate<Self::AccountId, Balance = Balance>
            + InspectHold<Self::AccountId, Balance = Balance>
            + MutateHold<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// Reasons of holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// The work clock.
        type Clock: Clock;

        /// Randomness for drawing candidates.
        type Draw: Draw;

        /// The workers.
        type Roster: Roster<Self::AccountId>;

        /// Who checks results.
        type ResultCheck: ResultCheck<Self::AccountId>;

        /// Where missed duties are reported.
        type ReportOffence: ReportOffence<Self::AccountId>;

        /// Where fees go.
        type FeeSink: FeeSink<Self::AccountId>;

        /// The price index.
        type PriceIndex: PriceIndex;

        /// Weights of calls and hook.
        type WeightInfo: WeightInfo;

        /// Puts siblings into the states that benchmarks need.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;

        // Constants.

        /// Names the pot. Changing it live loses the pot: never do.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Planck held for a registered model. Lowered live it counts for later models only; near zero, state
        /// can be filled for nothing.
        type ModelDeposit: Get<Balance>;

        /// Planck held for a byte of a model's whitening table. Lowered live it counts for later tables only; near
        /// zero, state can be filled for nothing.
        type WhiteningDepositPerByte: Get<Balance>;

        /// Planck that the second worker without input gets from the client. Lowered to zero, clients can keep
        /// workers waiting for free.
        type NoInputFee: Get<Balance>;

        /// Ticks that a worker has to acknowledge. Lowered live it counts for later assignments; below the time
        /// of an input's transfer, honest workers are struck.
        type AcknowledgeTicks: Get<Tick>;

        /// Most ticks from submission to deadline. Lowered live it refuses longer ones from then on; below
        /// twice `AcknowledgeTicks` no job can be submitted.
        type MaxDeadlineTicks: Get<Tick>;

        /// Ticks that a final job's record is kept. Lowered live it counts for jobs that end later; below the
        /// slash window, evidence is gone before it is needed.
        type PruneTicks: Get<Tick>;

        /// Candidates drawn for one match. Lowered live, matches get worse; at 1 there is no choice at all.
        type CandidatesPerMatch: Get<u32>;

        /// Fruitless matches after which a job is parked, at most 255; `submit` and a paid `poke` pay for as many.
        /// Lowered live it parks sooner.
        type MaxMatchTries: Get<u32>;

        /// Part of its declared throughput, in 1/1000, at which a worker must get a job done by its deadline to be
        /// given it. Lowered live, jobs with near deadlines find fewer workers; at zero no job finds any. Raised
        /// above what workers reach, clients can have them struck with deadlines that they cannot meet.
        type EfficiencyPermille: Get<u32>;

        /// Workers that are tried for one job, at most [`MAX_TRIED`]. Lowered live, jobs that used up more are
        /// refunded at their next failure.
        type MaxAttempts: Get<u32>;

        /// Most weight that the agenda uses in one block. Lowered below one item's weight, nothing expires.
        type AgendaShare: Get<Weight>;

        /// Most weight that matching uses in one block. Lowered below one match's weight, nothing is matched.
        type MatchShare: Get<Weight>;
    }

    /// Why a balance is held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The place that a registered model and its whitening table take. No call gives it back: a model stays, since jobs, rosters and
        /// disputes may name it for ever, and so does its deposit.
        #[codec(index = 0)]
        ModelDeposit,
    }

    /// Registered models; they stay, and with them their owners' deposits. Blake2_128Concat: a user chooses what is hashed to the key.
    #[pallet::storage]
    pub type Models<T: Config> = StorageMap<_, Blake2_128Concat, ModelId, Model<T::AccountId>>;

    /// Whitening tables of models; they stay, as the models do. Blake2_128Concat: as [`Models`].
    #[pallet::storage]
    pub type Whitening<T: Config> = StorageMap<_, Blake2_128Concat, ModelId, WhiteningTable>;

    /// Jobs until they are pruned. Blake2_128Concat: a user chooses what is hashed to the key.
    #[pallet::storage]
    pub type Jobs<T: Config> = StorageMap<_, Blake2_128Concat, JobId, Job<T::AccountId>>;

    /// Job ids by running number. Twox64Concat: the key is a counter of ours.
    #[pallet::storage]
    pub type JobNumbers<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

    /// The next job's running number.
    #[pallet::storage]
    pub type NextJobNumber<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Each client's last nonce; stays for ever, so that no job id comes twice. Blake2_128Concat: users choose
    /// their account.
    #[pallet::storage]
    pub type LastNonce<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u64>;

    /// What happened to a job, with its ticks. Blake2_128Concat: as [`Jobs`].
    #[pallet::storage]
    pub type History<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        JobId,
        BoundedVec<(Tick, JobHistoryEvent<T::AccountId>), ConstU32<MAX_HISTORY>>,
        ValueQuery,
    >;

    /// How each attempt's worker was chosen. Blake2_128Concat: as [`Jobs`]; Twox64Concat: a counter of ours.
    #[pallet::storage]
    pub type MatchRecords<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, JobId, Twox64Concat, u8, MatchRecord<T::AccountId>>;

    /// Open jobs of a device class, in order. Twox64Concat: few classes, and a counter of ours.
    #[pallet::storage]
    pub type Queue<T: Config> = StorageDoubleMap<_, Twox64Concat, DeviceClass, Twox64Concat, u64, QueueEntry>;

    /// The used part of each class's queue. Twox64Concat: few classes.
    #[pallet::storage]
    pub type QueueEnds<T: Config> = StorageMap<_, Twox64Concat, DeviceClass, QueueRange, ValueQuery>;

    /// The class that the next block serves first.
    #[pallet::storage]
    pub type NextClass<T: Config> = StorageValue<_, u8, ValueQuery>;

    /// Jobs that wait for supply, by model. Blake2_128Concat: users choose what is hashed to both keys.
    #[pallet::storage]
    pub type ParkedJobs<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, ModelId, Blake2_128Concat, JobId, ()>;

    /// The parked job of a model that had its turn last. Blake2_128Concat: as [`Models`].
    #[pallet::storage]
    pub type ParkedCursor<T: Config> = StorageMap<_, Blake2_128Concat, ModelId, JobId>;

    /// Models with parked jobs whose supply changed since the last block. Blake2_128Concat: as [`Models`].
    #[pallet::storage]
    pub type SupplyNews<T: Config> = StorageMap<_, Blake2_128Concat, ModelId, ()>;

    /// Jobs that a worker has and has not committed; a worker that restarts finds its work here.
    /// Blake2_128Concat: users choose both keys.
    #[pallet::storage]
    pub type AssignedJobs<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, JobId, ()>;

    /// What is due, by tick and order. Twox64Concat: both keys are counters of ours.
    #[pallet::storage]
    pub type Agenda<T: Config> = StorageDoubleMap<_, Twox64Concat, Tick, Twox64Concat, u32, AgendaItem>;

    /// Number of agenda items ever written for a tick; removed once all are done. Twox64Concat: a counter.
    #[pallet::storage]
    pub type AgendaLength<T: Config> = StorageMap<_, Twox64Concat, Tick, u32, ValueQuery>;

    /// Tick and order of the oldest unfinished agenda item.
    #[pallet::storage]
    pub type AgendaCursor<T: Config> = StorageValue<_, (Tick, u32), ValueQuery>;

    /// Pay-outs that could not reach their account, in planck; they lie in the pot. Blake2_128Concat: users
    /// choose their account.
    #[pallet::storage]
    pub type Earnings<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

    /// Sums over all jobs ever.
    #[pallet::storage]
    pub type Totals<T: Config> = StorageValue<_, MarketTotals, ValueQuery>;

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Nothing is configured; the pot's endowment is in the balances.
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            // The pot lives on whatever its balance is.
            frame_system::Pallet::<T>::inc_providers(&Pallet::<T>::pot_account());
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A model was registered.
        ModelRegistered {
            /// The model.
            model: ModelId,
            /// Who registered it.
            owner: T::AccountId,
            /// Held of its owner's balance, in planck.
            deposit: Balance,
        },
        /// A job was submitted and its money is in the pot.
        JobSubmitted {
            /// The job.
            job: JobId,
            /// Its running number.
            number: u64,
            /// Who pays.
            client: T::AccountId,
            /// The model.
            model: ModelId,
            /// Moved to the pot, in planck.
            escrowed: Balance,
            /// Tick from which it expires.
            deadline: Tick,
        },
        /// A job was given to a worker.
        JobAssigned {
            /// The job.
            job: JobId,
            /// The attempt.
            attempt: u8,
            /// The worker.
            worker: T::AccountId,
            /// Its owner.
            owner: T::AccountId,
            /// Price if all output tokens are produced, in planck.
            price_max: Balance,
            /// Tick from which a missing acknowledgement counts as missed.
            acknowledge_by: Tick,
        },
        /// A worker holds a job's input.
        JobAcknowledged {
            /// The job.
            job: JobId,
            /// The attempt.
            attempt: u8,
            /// The worker.
            worker: T::AccountId,
        },
        /// A worker said that a job's input did not come.
        InputMissing {
            /// The job.
            job: JobId,
            /// The attempt.
            attempt: u8,
            /// The worker.
            worker: T::AccountId,
        },
        /// A worker missed what it owed.
        AttemptMissed {
            /// The job.
            job: JobId,
            /// The attempt.
            attempt: u8,
            /// The worker.
            worker: T::AccountId,
            /// What it missed.
            offence: Offence,
        },
        /// A result was committed.
        JobCommitted {
            /// The job.
            job: JobId,
            /// The attempt.
            attempt: u8,
            /// The worker.
            worker: T::AccountId,
            /// What it will be paid with, fees included, in planck.
            price: Balance,
        },
        /// A job found nobody and waits for supply or a poke.
        JobParked {
            /// The job.
            job: JobId,
        },
        /// A job is back in its queue.
        JobReopened {
            /// The job.
            job: JobId,
            /// The attempt that it waits for.
            attempt: u8,
        },
        /// A job was paid.
        JobSettled {
            /// The job.
            job: JobId,
            /// Who did it.
            worker: T::AccountId,
            /// Who was paid.
            owner: T::AccountId,
            /// The price in planck.
            price: Balance,
            /// Who got what of the price, and of the surcharge: it is in `audit_premium`.
            split: FeeSplit,
            /// Back to the client, in planck.
            refunded: Balance,
            /// Second audit premium, which the client paid besides the price, in planck.
            surcharge: Balance,
        },
        /// A job's client got its money back.
        JobRefunded {
            /// The job.
            job: JobId,
            /// Why.
            reason: RefundReason,
            /// Back to the client, in planck.
            refunded: Balance,
        },
        /// A client took its job back.
        JobCancelled {
            /// The job.
            job: JobId,
            /// Back to the client, in planck.
            refunded: Balance,
        },
        /// A job's deadline came without a result.
        JobExpired {
            /// The job.
            job: JobId,
            /// Back to the client, in planck.
            refunded: Balance,
        },
        /// A finished job's record was removed.
        JobPruned {
            /// The job.
            job: JobId,
            /// Its running number.
            number: u64,
        },
        /// A pay-out could not reach its account and can be withdrawn.
        EarningsKept {
            /// For whom it is kept.
            who: T::AccountId,
            /// Amount in planck.
            amount: Balance,
        },
        /// Kept pay-outs were withdrawn.
        EarningsWithdrawn {
            /// Who withdrew.
            who: T::AccountId,
            /// Amount in planck.
            amount: Balance,
        },
        /// One report of many was not taken.
        ReportSkipped {
            /// Its place in the list.
            index: u32,
            /// Why.
            error: DispatchError,
        },
        /// A worker's result was judged wrong; the job is open again or refunded.
        ResultJudgedWrong {
            /// The job.
            job: JobId,
            /// The attempt.
            attempt: u8,
            /// The worker.
            worker: T::AccountId,
        },
        /// A model got its whitening table.
        WhiteningAdded {
            /// The model.
            model: ModelId,
            /// H("ogpu/whiten/v1", SCALE(table)).
            hash: H256,
            /// Dimensions of the hidden state.
            dimensions: u32,
            /// Held of the model's owner besides the model's deposit, in planck.
            deposit: Balance,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// No model of this id is registered; check the id or register the model first.
        UnknownModel,
        /// This very model is registered already; use its id.
        ModelExists,
        /// The spec names another owner; put the signing account in.
        NotModelOwner,
        /// The model's name is blank, not UTF-8 or has control characters; choose a printable one.
        InvalidModelName,
        /// The manifest lists no file; list every file of the model.
        EmptyManifest,
        /// A file name is blank, hidden, a path or not printable; use plain file names.
        InvalidFileName,
        /// A file of the manifest has no content; leave it out.
        EmptyFile,
        /// The manifest is not sorted by name or lists a name twice; sort it and remove doubles.
        ManifestNotSorted,
        /// The tokenizer's hash is not that of a listed file; add the file or correct the hash.
        TokenizerNotInManifest,
        /// The sampler's version is not known to this chain; use version 1.
        UnknownSampler,
        /// The costs do not fit the kind; both above zero to generate, only the input's to embed.
        InvalidCosts,
        /// The context is shorter than two tokens, or no memory is declared; state the real figures.
        InvalidModelSize,
        /// Free balance above the existential deposit is below the model deposit; fund the account.
        InsufficientDeposit,
        /// The nonce is not above the account's last one; take a greater one.
        NonceUsed,
        /// The parameters are for another kind of model; choose a model that does this kind of work.
        WrongKind,
        /// The input has no token; send a prompt.
        EmptyInput,
        /// Input and output exceed the model's context; shorten the prompt or ask for fewer tokens.
        InputTooLong,
        /// A sampling parameter is out of range, or more than 8,192 output tokens are asked for; see the ranges in
        /// their descriptions.
        InvalidParams,
        /// No replica, or more than two; ask for 1 or 2.
        ReplicasUnsupported,
        /// The deadline leaves no time for a worker to acknowledge; allow more ticks.
        DeadlineTooShort,
        /// The deadline is later than the chain allows; allow fewer ticks.
        DeadlineTooLong,
        /// There is no such device class; use one of 0 to 7.
        UnknownDeviceClass,
        /// A reputation above 1000 in 1/1000 does not exist; ask for less.
        InvalidReputation,
        /// The maximum price is below the lowest possible price; ask for a quote and offer at least that.
        PriceTooLow,
        /// The chosen worker is the client's own; choose another or none.
        SelfDealing,
        /// Free balance above the existential deposit is below the maximum price of all replicas; fund the account or
        /// offer less.
        InsufficientBalance,
        /// Enough balance is there, but a vote or vesting locks it; wait, unlock it or use another account.
        BalanceLocked,
        /// No such job; it never existed or its record was pruned.
        UnknownJob,
        /// Another account submitted the job; sign with the client's account.
        NotYourJob,
        /// The job is not in a state for this call; look at its state.
        WrongState,
        /// The job is final; nothing can be done about it.
        JobFinished,
        /// The deadline passed and the job was refunded; drop the work.
        DeadlinePassed,
        /// The report is about another segment or an earlier attempt; drop it.
        StaleWork,
        /// The job is not assigned to this worker; report only assigned work.
        NotAssigned,
        /// A result was committed before; a commitment can't be changed.
        AlreadyCommitted,
        /// The number of input tokens differs from the job's; commit what was asked.
        WrongInputCount,
        /// More output tokens than the job allows; stop at its limit.
        TooManyOutputTokens,
        /// The finish reason does not fit the kind of job; use Stop or Length to generate, Complete to embed.
        WrongFinishReason,
        /// Nothing is due for this job, or the list is empty; try later.
        NothingToDo,
        /// Nothing is kept for this account.
        NoEarnings,
        /// What is kept would leave the account below the existential deposit; fund the account first.
        EarningsTooSmall,
        /// The model has a whitening table, which stays for ever; use that one.
        WhiteningExists,
        /// The whitening table has no dimensions or no scale, lengths that differ or an exponent out of range; make
        /// it again.
        InvalidWhitening,
        /// Only hidden states of models that generate are sketched; this model needs no whitening table.
        NotSketched,
        /// The input has more than 49,152 tokens, too many for an audit; send a shorter prompt.
        InputNotAuditable,
        /// Replicas go to different owners, but one worker was chosen; choose none or ask for 1 replica.
        ChosenWorkerWithReplicas,
        /// The replica's secret is that of the job itself, or there is no replica for it; take one for each job.
        ReplicaSecret,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let left = frame_system::Pallet::<T>::remaining_block_weight();
            let mut agenda = left.clone().limit_to(T::AgendaShare::get());
            Self::service_agenda(&mut agenda, T::Clock::now());
            // The system learns of this hook's weight only when it returns.
            let rest = left.remaining().saturating_sub(agenda.consumed());
            let mut matching = left.limit_to(rest.min(T::MatchShare::get()));
            Self::service_supply(&mut matching);
            Self::service_queues(&mut matching);
            agenda.consumed().saturating_add(matching.consumed())
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            let agenda = T::WeightInfo::service_agenda_base()
                .saturating_add(T::WeightInfo::service_agenda_tick())
                .saturating_add(Self::agenda_look_weight())
                .saturating_add(Self::agenda_item_weight());
            assert!(
                agenda.all_lte(T::AgendaShare::get()),
                "an agenda item does not fit its share of a block"
            );
            let supply = T::WeightInfo::service_supply_base().saturating_add(T::WeightInfo::service_supply());
            let matching = T::WeightInfo::service_queues_base()
                .saturating_add(supply)
                .saturating_add(T::WeightInfo::service_queue_step())
                .saturating_add(Self::match_weight());
            assert!(
                matching.all_lte(T::MatchShare::get()),
                "a match does not fit its share of a block"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a model. Its deposit is held of the signer, who must be the spec's owner, for as long as the
        /// model is registered; there is no call that removes a model.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register_model(spec.manifest.len() as u32))]
        pub fn register_model(origin: OriginFor<T>, spec: ModelSpec<T::AccountId>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_register_model(&who, spec)?;
            Ok(())
        }

        /// Submits a job. Its maximum price moves to the market; what is not used returns. The fee pays for
        /// the work that the job will cause in hooks. A second replica is a job of its own and costs as much again.
        #[pallet::call_index(1)]
        #[pallet::weight(Pallet::<T>::submit_weight(request.limits.replicas))]
        pub fn submit(origin: OriginFor<T>, request: JobRequest<T::AccountId>) -> DispatchResult {
            let client = ensure_signed(origin)?;
            Self::do_submit(&client, request)
        }

        /// Takes a job back that no worker has. All of its maximum price returns.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResult {
            let client = ensure_signed(origin)?;
            Self::do_cancel(&client, &job)
        }

        /// The worker holds the input and it is the committed one. Free on success.
        #[pallet::call_index(3)]
        #[pallet::weight((T::WeightInfo::acknowledge(), DispatchClass::Operational))]
        pub fn acknowledge(origin: OriginFor<T>, work: WorkKey) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_acknowledge(&worker, &work)?;
            Ok(Pays::No.into())
        }

        /// The worker got no input. Free on success.
        #[pallet::call_index(4)]
        #[pallet::weight((Pallet::<T>::and_news(T::WeightInfo::no_input()), DispatchClass::Operational))]
        pub fn no_input(origin: OriginFor<T>, work: WorkKey) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_no_input(&worker, &work)?;
            Ok(Pays::No.into())
        }

        /// The worker's result. Free on success.
        #[pallet::call_index(5)]
        #[pallet::weight((Pallet::<T>::and_news(T::WeightInfo::commit()), DispatchClass::Operational))]
        pub fn commit(
            origin: OriginFor<T>,
            work: WorkKey,
            commitment: Commitment,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_commit(&worker, &work, &commitment)?;
            Ok(Pays::No.into())
        }

        /// Many reports in one transaction. Those that can't be taken are skipped with an event; free when all
        /// were taken.
        #[pallet::call_index(6)]
        #[pallet::weight((Pallet::<T>::report_many_weight(reports.len() as u32), DispatchClass::Operational))]
        pub fn report_many(
            origin: OriginFor<T>,
            reports: BoundedVec<Report, ConstU32<MAX_REPORTS>>,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            let all_taken = Self::do_report_many(&worker, &reports)?;
            Ok(if all_taken { Pays::No } else { Pays::Yes }.into())
        }

        /// Does at once what is due for a job: expire it, take it from a silent worker, remove its record; free
        /// when it did. Puts a parked job back into its queue; paid.
        #[pallet::call_index(7)]
        #[pallet::weight(Pallet::<T>::poke_weight())]
        pub fn poke(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Ok(match Self::do_poke(&job)? {
                Poked::Due => Pays::No.into(),
                Poked::Reopened => Some(Self::reopen_weight()).into(),
            })
        }

        /// Pays out what could not reach the signer's account before.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::withdraw_earnings())]
        pub fn withdraw_earnings(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw_earnings(&who)
        }

        /// Gives a model its whitening table, once and for ever. A deposit for each of its bytes is held of the
        /// signer, who must be the model's owner. Jobs that are assigned already are checked without it.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::add_whitening(table.means.len().max(table.scales.len()) as u32))]
        pub fn add_whitening(origin: OriginFor<T>, model: ModelId, table: WhiteningTable) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_add_whitening(&who, &model, table)
        }
    }

    impl<T: Config> Pallet<T> {
        /// A submission with what its client can cause in hooks, for each of its replicas: the matches until the job
        /// is parked, one more for an input that was not delivered, the deadline, the removal of the record. Matches
        /// after a worker's miss are paid for by its strike.
        pub fn submit_weight(replicas: u8) -> Weight {
            // Any other number is refused.
            let jobs = replicas.clamp(1, MAX_REPLICAS);
            T::WeightInfo::submit()
                .saturating_add(Self::tries_weight())
                .saturating_add(Self::match_weight())
                .saturating_add(T::WeightInfo::service_deadline())
                .saturating_add(T::WeightInfo::service_prune())
                .saturating_mul(jobs.into())
        }

        /// The dearer branch of a poke: what is due, or a parked job's new matches.
        pub(crate) fn poke_weight() -> Weight {
            let due = T::WeightInfo::poke().saturating_add(Self::agenda_item_weight());
            due.max(Self::reopen_weight())
        }

        /// A poke that puts a parked job back into its queue.
        pub(crate) fn reopen_weight() -> Weight {
            T::WeightInfo::poke().saturating_add(Self::tries_weight())
        }

        /// All matches of a job from when it is opened until it is parked.
        fn tries_weight() -> Weight {
            Self::match_weight().saturating_mul(Self::max_match_tries().into())
        }

        /// Most weight of one [`Pallet::do_verdict`] or [`Pallet::do_stage`]: a result that is paid, or one that is
        /// wrong and whose job is queued again. The matches of a rerun are paid for by the slash.
        pub fn verdict_weight() -> Weight {
            Self::and_news(T::WeightInfo::settle().max(T::WeightInfo::judged_wrong()))
                .max(T::WeightInfo::stage())
        }

        /// `weight` of something that frees a worker's slot or exposure, with telling those who wait for it.
        pub(crate) fn and_news(weight: Weight) -> Weight {
            weight.saturating_add(T::Roster::news_weight())
        }

        /// Most weight of `count` reports in one call.
        pub(crate) fn report_many_weight(count: u32) -> Weight {
            let news = T::Roster::news_weight().saturating_mul(count.into());
            T::WeightInfo::report_many(count).saturating_add(news)
        }

        /// Most weight of one [`Pallet::supply_changed`].
        pub fn supply_changed_weight() -> Weight {
            T::WeightInfo::supply_changed()
        }
    }
}
