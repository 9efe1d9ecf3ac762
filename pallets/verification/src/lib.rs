//! # Verification pallet
//!
//! Keeps what workers commit to, draws who checks it, compares what worker and auditors show, and says when a
//! result is paid. It compares figures only: which arithmetic they come from is the model's numeric profile.
//!
//! ## Terms
//!
//! - **Subject**: what is checked; today one attempt at a job.
//! - **Commitment**: the Merkle root of the evidence, the output's hash and the token counts.
//! - **Check window**: the ticks in which the client may accept (and mix its secret into the draw) or challenge.
//! - **Audit**: another worker computes the same and commits to a report before it sees the worker's evidence.
//!   With some chance a second, hidden one is drawn after that.
//! - **Opening**: the evidence behind the commitment, which the worker shows once all auditors have committed.
//! - **Jury**: drawn once an auditor dissents; same report and a sketch under the jury's own key, which shows that the
//!   juror computed ([`ogpu_primitives::jury_sketch`]); counted by [`ogpu_primitives::jury`].
//! - **Verdict**: what the owner of the subject acts on: pay, rerun or refund, or refund without blame.
//!
//! ## Flow
//!
//! ```text
//! committed ─ Window ─┬─ not drawn ──────────────────────────────────────────────────► Pass
//!                     └─ Auditing(First) ─ Drawing(Second) ─ [Auditing(Second)] ─ Opening ─► silent: Wrong
//!                              │ absent: Drawing(First), a few times                 │
//!                              └──────────────► Pass as unaudited          Reporting(First)
//!                                                                                    │
//!                Pass ◄── all pass ──────────────────────────────────────────────────┤
//!                                                                             any dissent
//! Wrong, Pass or Inconclusive ◄─ Reporting(Juror) ◄─ Auditing(Juror) ◄─ Drawing(Juror)
//! ```
//!
//! All draws and verdicts happen in the hook: inside an extrinsic the author of the block would choose the block
//! and with it the draw, and a verdict weighs more than its last report. Calls only write what they bring and
//! bring the agenda's next look forward.
//!
//! Where few owners serve a model, others with the same class of device judge it too; see `seats.rs`.
//!
//! Whoever is entitled to data and was not served demands it on chain; while it waits, so does the check.
//!
//! The agenda is a double map of tick and sequence number with a cursor at the oldest unfinished item: a block
//! that runs out of weight carries on in the next one, and nothing is ever dropped. An item counts only if what it
//! names is due; whatever moves a due tick writes a new item and lets the old one lapse.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
mod asset;
mod ballots;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod conclude;
mod data;
mod equivocation;
mod jury;
#[cfg(test)]
mod mock;
mod profiles;
mod reports;
mod ruling;
pub mod runtime_api;
mod seats;
mod stages;
#[cfg(test)]
mod tests;
pub mod traits;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;
mod window;

pub use ogpu_primitives::work::Verdict;
pub use pallet::*;
#[cfg(feature = "runtime-benchmarks")]
pub use traits::BenchmarkHelper;
pub use traits::{AuditFund, Enforce, OnVerdict, SeatDraw};
pub use types::{
    AgendaItem, AuditView, CommitmentRecord, Demand, DemandState, Outlay, PostedData, Seat, SeatState,
    SeatsOf, AUDITOR_TRIES, CLASS_SEAT_TIMES, MAX_DUTIES, MAX_JURY, MAX_OPEN_DEMANDS, MAX_SEATS,
    OUTLAY_DAY_TICKS, TRIES_PER_JUROR,
};
pub use weights::WeightInfo;

/// A check of this runtime.
pub(crate) type RecordOf<T> = CommitmentRecord<<T as frame_system::Config>::AccountId>;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::boxed::Box;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{InspectHold, Mutate, MutateHold},
    };
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::{
        jury::JuryOutcome,
        receipt::SignedReceipt,
        traits::{Clock, Draw},
        AuditOpening, AuditReport, Balance, ChunkSketch, Findings, ModelId, Offence, ProfileParams, Role,
        SeatPool, Subject, Tick, H256,
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>, Hash = H256, AccountId: Into<[u8; 32]>>
    {
        // Origins.

        /// Who sets the thresholds of a model's numeric profile.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        // Interfaces.

        /// The currency of challenge fees and bonds.
        type Currency: Mutate<Self::AccountId, Balance = Balance>
            + InspectHold<Self::AccountId, Balance = Balance>
            + MutateHold<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// Reasons of holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// The work clock.
        type Clock: Clock;

        /// Randomness for draws.
        type Draw: Draw;

        /// Who can audit and judge.
        type SeatDraw: SeatDraw<Self::AccountId>;

        /// What a check costs or brings those who took part.
        type Enforce: Enforce<Self::AccountId>;

        /// What pays auditors and jurors.
        type AuditFund: AuditFund<Self::AccountId>;

        /// Who acts on a verdict.
        type OnVerdict: OnVerdict;

        /// Weights of calls and hook.
        type WeightInfo: WeightInfo;

        /// Puts siblings into the states that benchmarks need.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;

        // Constants.

        /// Ticks between a commitment and its draw when the client does not accept. Lowering it live shortens only
        /// windows that open afterwards; below the blocks of a draw it only makes the hook ask in vain.
        type CheckWindowTicks: Get<Tick>;

        /// Ticks that an auditor has to commit to its report. Lowered live it counts for later seats; below an
        /// honest auditor's time for one prefill, auditors are struck and results go unaudited.
        type AuditTicks: Get<Tick>;

        /// Ticks that a worker has to show its evidence. Lowered live it counts for later audits; below an honest
        /// worker's reaction, silence is slashed that is none.
        type OpenTicks: Get<Tick>;

        /// Ticks that auditors or jurors have to open their reports. Lowered live it counts for later audits;
        /// below their reaction, they are struck and dissents are lost.
        type ReportTicks: Get<Tick>;

        /// Seats of a jury, at most [`MAX_JURY`]. Lowered live, later juries are more easily packed.
        type JurySeats: Get<u32>;

        /// Least seats with which a jury decides. Lowered live, later juries are more easily packed; above
        /// `JurySeats` none ever decides.
        type JuryMinimum: Get<u32>;

        /// Ticks that a juror has to commit to its report, the model's transfer included. Lowered live it counts
        /// for later juries; too low, juries stay undecided.
        type JuryTicks: Get<Tick>;

        /// Owners below which a model counts as served by few: half of its auditors and its whole jury are then drawn
        /// from a device class. Lowered live, auditors of later audits may all be the worker's friends; at 0 no
        /// seat is drawn from a class.
        type SmallModelOwners: Get<u32>;

        /// How often a first auditor that stayed away is replaced. Lowered live, more drawn results go unaudited.
        type MaxRedraws: Get<u32>;

        /// Ticks in which demanded data must be posted before the worker gets a strike.
        type DataTicks: Get<Tick>;

        /// Ticks after which demanded data that was not posted makes the result count as wrong. Lowered live it
        /// counts for demands that become late afterwards; below an ordinary outage, honest workers are slashed.
        type DataDeadlineTicks: Get<Tick>;

        /// Planck held of who demands data; half of it is the audit fund's once the data is posted. Lowered live it
        /// counts for later demands; near zero, clients can have everything written on chain.
        type DataBond: Get<Balance>;

        /// Planck that the audit fund pays for juries on one owner's results in a day where no slash pays it back.
        /// Lowered live, jurors of undecided cases go unpaid; raised, friends can hold juries at the fund's cost.
        type JuryFundLimit: Get<Balance>;

        /// Whether thresholds that were not set for a model, hence not calibrated, may slash. Only for networks
        /// without value.
        type SlashUncalibrated: Get<bool>;

        /// Most weight that the hook uses in one block. Lowered below [`Pallet::largest_step`], checks stand still.
        type ServiceShare: Get<Weight>;
    }

    /// Why a balance is held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A client wants a result audited for certain. Back when the result is not found right, else the audit
        /// fund's.
        #[codec(index = 0)]
        ChallengeFee,
        /// Data is demanded on chain. Back by half once it is posted, back in full when it is not.
        #[codec(index = 1)]
        DataBond,
    }

    /// What was committed and how far its check is, by subject, until it is pruned. Blake2_128Concat: a worker
    /// chooses part of the key.
    #[pallet::storage]
    pub type Commitments<T: Config> =
        StorageMap<_, Blake2_128Concat, Subject, CommitmentRecord<T::AccountId>>;

    /// Who was drawn to check a subject, until it is pruned. Blake2_128Concat: as [`Commitments`].
    #[pallet::storage]
    pub type Seats<T: Config> = StorageMap<_, Blake2_128Concat, Subject, SeatsOf<T::AccountId>, ValueQuery>;

    /// What the worker showed of an audited result, until the verdict. Blake2_128Concat: as [`Commitments`].
    #[pallet::storage]
    pub type Openings<T: Config> = StorageMap<_, Blake2_128Concat, Subject, AuditOpening>;

    /// What jurors showed to have computed, by their workers: of those whose reports fit, until the verdict; at most one a
    /// seat. Blake2_128Concat: users choose both keys.
    #[pallet::storage]
    pub type JurySketches<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, Subject, Blake2_128Concat, T::AccountId, ChunkSketch>;

    /// Open checks in which a worker has a part, as prover once there is an audit or a demand for data, or with a
    /// seat; a worker that restarts finds its duties here. Blake2_128Concat: users choose both keys.
    #[pallet::storage]
    pub type Involved<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, Subject, ()>;

    /// Demands for data of open checks. Blake2_128Concat: users choose both keys.
    #[pallet::storage]
    pub type Demands<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, Subject, Blake2_128Concat, T::AccountId, Demand>;

    /// What juries on owners' results cost the audit fund within a day. Blake2_128Concat: users choose their account.
    #[pallet::storage]
    pub type JuryOutlays<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Outlay>;

    /// Thresholds that were set for a model; others start with [`ProfileParams::starting`]. Blake2_128Concat: a
    /// user chooses what is hashed to the key.
    #[pallet::storage]
    pub type Profiles<T: Config> = StorageMap<_, Blake2_128Concat, ModelId, ProfileParams>;

    /// What is due at a tick, in order. Twox64Concat: both keys are counters of ours.
    #[pallet::storage]
    pub type Agenda<T: Config> =
        StorageDoubleMap<_, Twox64Concat, Tick, Twox64Concat, u32, AgendaItem<T::AccountId>>;

    /// Number of agenda items ever written for a tick; removed once all of them are done. Twox64Concat: the
    /// key is a counter of ours.
    #[pallet::storage]
    pub type AgendaLength<T: Config> = StorageMap<_, Twox64Concat, Tick, u32, ValueQuery>;

    /// Tick and sequence number of the oldest unfinished agenda item.
    #[pallet::storage]
    pub type AgendaCursor<T: Config> = StorageValue<_, (Tick, u32), ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A worker committed to a result.
        Committed {
            /// What was committed.
            subject: Subject,
            /// The worker.
            worker: T::AccountId,
            /// Tick from which it is drawn whether there is an audit.
            window_end: Tick,
        },
        /// A verdict was given and acted on.
        VerdictGiven {
            /// What was judged.
            subject: Subject,
            /// The verdict.
            verdict: Verdict,
            /// Whether anybody checked the result.
            audited: bool,
        },
        /// A step of a check could not be done; it is tried again after another check window.
        VerdictPostponed {
            /// What is checked.
            subject: Subject,
            /// Why it could not be done.
            error: DispatchError,
        },
        /// The client took the result; its secret is part of the draw.
        Accepted {
            /// What was accepted.
            subject: Subject,
        },
        /// The client doubts the result; it is audited for certain.
        Challenged {
            /// What is challenged.
            subject: Subject,
            /// The client.
            client: T::AccountId,
            /// What is held of it, in planck.
            fee: Balance,
        },
        /// It was drawn that the result is audited.
        AuditDrawn {
            /// What is audited.
            subject: Subject,
            /// The chance with which it was, in parts per million.
            rate_ppm: u32,
        },
        /// A worker was drawn for a seat.
        SeatDrawn {
            /// What is audited.
            subject: Subject,
            /// The worker.
            worker: T::AccountId,
            /// What the seat is for.
            role: Role,
            /// Whom it was drawn from.
            pool: SeatPool,
            /// Tick until which it has to commit to a report, longer where data is demanded.
            until: Tick,
        },
        /// Nobody was found, or nobody stayed, to audit a result that was drawn; it is paid as unaudited, or refunded
        /// where it may be that nobody could get the model.
        NoAuditor {
            /// What is not audited.
            subject: Subject,
        },
        /// A worker did not do in time what its seat asks for.
        SeatAbsent {
            /// What is audited.
            subject: Subject,
            /// The worker.
            worker: T::AccountId,
            /// What the seat is for.
            role: Role,
        },
        /// An auditor or juror committed to a report.
        ReportCommitted {
            /// What is audited.
            subject: Subject,
            /// The auditor or juror.
            worker: T::AccountId,
            /// The hash of its report.
            hash: H256,
        },
        /// The worker showed its evidence; reports have to be opened.
        Opened {
            /// What is audited.
            subject: Subject,
            /// Tick until which reports can be opened.
            until: Tick,
        },
        /// An auditor's or juror's report was compared with the worker's evidence.
        ReportOpened {
            /// What is audited.
            subject: Subject,
            /// The auditor or juror.
            worker: T::AccountId,
            /// What the comparison says.
            findings: Findings,
        },
        /// A report does not fit the result, to its maker's cost; it counts as absent.
        ReportUnfit {
            /// What is audited.
            subject: Subject,
            /// The auditor or juror.
            worker: T::AccountId,
        },
        /// An auditor dissents; a jury is drawn.
        Disputed {
            /// What is disputed.
            subject: Subject,
        },
        /// A jury was drawn.
        JurySeated {
            /// What is disputed.
            subject: Subject,
            /// Its seats.
            seats: u32,
        },
        /// Fewer jurors were found than a jury needs; nobody is blamed. Of interest to whoever cancels slashes.
        JuryTooSmall {
            /// What is disputed.
            subject: Subject,
            /// Jurors found.
            found: u32,
        },
        /// A jury decided.
        JuryDecided {
            /// What was disputed.
            subject: Subject,
            /// What it found.
            outcome: JuryOutcome,
            /// Its seats.
            seats: u32,
            /// Votes against the worker.
            against: u32,
            /// Votes for the worker.
            for_worker: u32,
        },
        /// The verdict would slash, but the profile's thresholds are not calibrated: nobody is slashed.
        VerdictLogged {
            /// What was judged.
            subject: Subject,
            /// What was found.
            offence: Offence,
        },
        /// An auditor's or juror's owner was paid.
        SeatPaid {
            /// What was audited.
            subject: Subject,
            /// The auditor or juror.
            worker: T::AccountId,
            /// Its owner.
            owner: T::AccountId,
            /// What was paid, in planck.
            amount: Balance,
        },
        /// Data that was not handed over is demanded on chain.
        DataDemanded {
            /// What it belongs to.
            subject: Subject,
            /// Who demands it.
            demander: T::AccountId,
            /// X25519 key to encrypt it for.
            key: [u8; 32],
            /// What is held of the demander, in planck.
            bond: Balance,
            /// Tick until which the worker can post it unpunished.
            until: Tick,
        },
        /// Demanded data was posted; it is an argument of the call.
        DataPosted {
            /// What it belongs to.
            subject: Subject,
            /// Who demanded it.
            demander: T::AccountId,
            /// BLAKE2b-256 of the ciphertext.
            hash: H256,
        },
        /// Demanded data was not posted in the first, short time.
        DataLate {
            /// What it belongs to.
            subject: Subject,
            /// Who demands it.
            demander: T::AccountId,
            /// Tick from which the result counts as wrong.
            until: Tick,
        },
        /// A worker signed two different results for one piece of work.
        EquivocationProved {
            /// The work.
            subject: Subject,
            /// The worker.
            worker: T::AccountId,
        },
        /// The thresholds of a model's numeric profile were set; they count for jobs assigned from now on.
        ProfileParamsSet {
            /// The model.
            model: ModelId,
            /// Their version.
            version: u32,
        },
        /// A juror's vote does not count: it did not compute what most of its jury did, or there is nothing that most of
        /// them did.
        BallotVoid {
            /// What is disputed.
            subject: Subject,
            /// The juror.
            worker: T::AccountId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// This result was committed before; a commitment can't be changed, so do nothing.
        AlreadyCommitted,
        /// The clock ran out of ticks; nothing can be scheduled any more.
        ClockOverflow,
        /// The output has more tokens than an audit can carry (8,192); generate at most as many.
        OutputTooLong,
        /// Nothing is known of this work: it was not committed, or was pruned; look at the job's state.
        UnknownSubject,
        /// The verdict was given; nothing more can be done.
        AlreadyJudged,
        /// Only the job's client can do this; sign with the account that submitted the job.
        NotClient,
        /// The check window is over; whether there is an audit was drawn.
        WindowClosed,
        /// The result was accepted before; it is drawn soon.
        AlreadyAccepted,
        /// The result was challenged before; it is audited for certain.
        AlreadyChallenged,
        /// The job was submitted without a secret's hash; it is drawn without one, so do nothing.
        NoSecret,
        /// This is not the secret whose hash was submitted with the job; send that one.
        WrongSecret,
        /// The free balance does not cover what is held; add funds.
        InsufficientBalance,
        /// The signer has no seat in this audit at this stage; only drawn auditors and jurors report.
        NotSeated,
        /// The seat has committed to a report before; it can't be changed, so do nothing.
        AlreadyReported,
        /// The check is not at the stage where this is due; look at its state and wait.
        WrongStage,
        /// Report and salt do not give the hash that was committed to; open what you committed to.
        ReportDiffers,
        /// Only the worker that committed can do this; sign with its account.
        NotWorker,
        /// The opening is of another kind of job than the one audited; open the job's kind.
        OpeningOfOtherKind,
        /// The opening is of another worker, job or attempt; open the work that is audited.
        OpeningOfOtherWork,
        /// The opening lacks chunks, or sketches do not cover theirs; open all that was committed.
        OpeningIncomplete,
        /// Something shown is not what was committed; open exactly what is under the committed root.
        OpeningDiffers,
        /// Opening and report cannot be compared; the opening is at fault, nobody is blamed for now.
        NotComparable,
        /// Only the client, and auditors and jurors that have not committed yet, are entitled to data.
        NotEntitled,
        /// The signer demanded this data before; wait for the worker to post it.
        AlreadyDemanded,
        /// Too many demands wait for this worker already; try again once one was answered.
        TooManyDemands,
        /// This account demands no data of this work; do nothing.
        UnknownDemand,
        /// The data was posted before; do nothing.
        AlreadyPosted,
        /// A receipt holds for another chain; only receipts of this chain prove anything here.
        ReceiptOfOtherChain,
        /// The receipts are of different work; two receipts of one work are needed.
        ReceiptOfOtherWork,
        /// A receipt is not signed by the worker that committed; only its own receipts prove anything.
        BadReceiptSignature,
        /// What was signed agrees; nothing is proved.
        ReceiptsAgree,
        /// The worker was shown to have equivocated before; do nothing.
        AlreadyProved,
        /// A threshold is out of its range; see `ProfileParams::checked`.
        InvalidParams,
        /// The version is not above the present one; raise it, so that auditors can tell them apart.
        ParamsNotNewer,
        /// The ciphertext is longer than what was demanded can be; post the demanded data alone.
        DataTooLong,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let mut meter =
                frame_system::Pallet::<T>::remaining_block_weight().limit_to(T::ServiceShare::get());
            Self::service_agenda(&mut meter, T::Clock::now());
            meter.consumed()
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            assert!(
                Self::largest_step().all_lte(T::ServiceShare::get()),
                "the largest step of a check must fit into the hook's share"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// The client takes the result: `secret`, whose hash came with the job, becomes part of the draw, which then
        /// need not wait for the end of the window. Without it an audit is twice as likely, at the client's cost.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::accept())]
        pub fn accept(origin: OriginFor<T>, subject: Subject, secret: [u8; 32]) -> DispatchResult {
            let client = ensure_signed(origin)?;
            Self::do_accept(&client, &subject, secret)
        }

        /// The client doubts the result: it is audited for certain. The audit's cost is held of the client; it is
        /// given back unless the result is found right.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::challenge())]
        pub fn challenge(origin: OriginFor<T>, subject: Subject) -> DispatchResult {
            let client = ensure_signed(origin)?;
            Self::do_challenge(&client, &subject)
        }

        /// An auditor or juror commits to its report: `hash` is `AuditReport::commitment` of it. Free on success.
        #[pallet::call_index(2)]
        #[pallet::weight((T::WeightInfo::audit_commit(), DispatchClass::Operational))]
        pub fn audit_commit(
            origin: OriginFor<T>,
            subject: Subject,
            hash: H256,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_audit_commit(&worker, &subject, hash)?;
            Ok(Pays::No.into())
        }

        /// The worker shows the evidence behind its commitment. Free on success.
        #[pallet::call_index(3)]
        #[pallet::weight((Pallet::<T>::open_weight(opening), DispatchClass::Operational))]
        pub fn open(
            origin: OriginFor<T>,
            subject: Subject,
            opening: AuditOpening,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_open(&worker, &subject, opening)?;
            Ok(Pays::No.into())
        }

        /// An auditor or juror opens its report, which is compared with the worker's evidence at once. Free if it
        /// can be compared.
        #[pallet::call_index(4)]
        #[pallet::weight((Pallet::<T>::audit_open_weight(report), DispatchClass::Operational))]
        pub fn audit_open(
            origin: OriginFor<T>,
            subject: Subject,
            report: AuditReport,
            salt: [u8; 32],
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            let fits = Self::do_audit_open(&worker, &subject, &report, &salt)?;
            Ok(if fits { Pays::No } else { Pays::Yes }.into())
        }

        /// The client (to the output) or an auditor or juror (to the audit's data) was not served: the worker has
        /// to post it, encrypted for the X25519 `key`. A bond is held. The check waits meanwhile.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::demand_data())]
        pub fn demand_data(origin: OriginFor<T>, subject: Subject, key: [u8; 32]) -> DispatchResult {
            let demander = ensure_signed(origin)?;
            Self::do_demand_data(&demander, &subject, key)
        }

        /// The worker posts what `demander` demands. Half of the bond is the audit fund's, half goes back. Free on
        /// success.
        #[pallet::call_index(6)]
        #[pallet::weight((T::WeightInfo::post_data(ciphertext.len() as u32), DispatchClass::Operational))]
        pub fn post_data(
            origin: OriginFor<T>,
            subject: Subject,
            demander: T::AccountId,
            ciphertext: PostedData,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_post_data(&worker, &subject, &demander, &ciphertext)?;
            Ok(Pays::No.into())
        }

        /// Proves that a worker signed two different results for one piece of work: two receipts that contradict
        /// each other, or one that contradicts the commitment. By anybody; free on success.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::report_equivocation().saturating_add(T::Enforce::weight()))]
        pub fn report_equivocation(
            origin: OriginFor<T>,
            first: Box<SignedReceipt>,
            second: Option<Box<SignedReceipt>>,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_report_equivocation(&first, second.as_deref())?;
            Ok(Pays::No.into())
        }

        /// Sets the thresholds of a model's numeric profile for jobs assigned from now on.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_profile_params())]
        pub fn set_profile_params(
            origin: OriginFor<T>,
            model: ModelId,
            params: ProfileParams,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_set_profile_params(&model, params)
        }
    }
}
