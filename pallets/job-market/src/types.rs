//! What is stored of models and jobs.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use ogpu_primitives::{
    matching::EXCLUSIONS, Balance, CheckTerms, Commitment, Costs, DeviceClass, JobId, JobLedger, JobRequest,
    JobState, ModelSpec, NumericProfile, Subject, Tick, WorkKey,
};
use scale_info::TypeInfo;

/// Most workers that one job can be tried with, whatever is governed.
pub const MAX_TRIED: u32 = 8;

/// Most steps of a job's life that are kept; the last place is kept free for its end. [`MAX_TRIED`] attempts that
/// are all audited, disputed and judged wrong take 57.
pub const MAX_HISTORY: u32 = 72;

/// Most reports of one `report_many`.
pub const MAX_REPORTS: u32 = 16;

/// Most parked jobs that one change of supply puts back into the queue.
pub const UNPARK_BATCH: usize = 8;

/// Models whose parked jobs are looked at in one block after news of supply.
pub const NEWS_PER_BLOCK: usize = 2;

/// Queue entries of one class that a block looks at beyond the first.
pub const LOOKAHEAD: u64 = 64;

/// Blocks after which a waiting job's randomness is fixed anew. Less than the beacon's memory of 256 blocks.
pub const STALE_AFTER_BLOCKS: u32 = 200;

/// "No input" reports after which the client gets its money back.
pub const NO_INPUT_REPORTS: u8 = 2;

/// A registered model.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Model<AccountId> {
    /// All that it declares; its id is the hash of this.
    pub spec: ModelSpec<AccountId>,
    /// When it was registered, in ticks.
    pub registered_at: Tick,
    /// Held of its owner's balance, in planck: for its place, and for its whitening table once it has one.
    pub deposit: Balance,
    /// Jobs that were paid.
    pub jobs_settled: u64,
}

/// Who has a job, and at what price.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Assignment<AccountId> {
    /// The worker.
    pub worker: AccountId,
    /// Its owner at the assignment, who is paid.
    pub owner: AccountId,
    /// The worker's device class at the assignment.
    pub class: DeviceClass,
    /// Price index at the assignment in planck per compute unit.
    pub index_planck_per_cu: Balance,
    /// The worker's ask at the assignment in 1/1000.
    pub ask_permille: u32,
    /// Price in planck if all output tokens are produced; reserved of the owner's exposure.
    pub price_max: Balance,
    /// Tick from which a missing acknowledgement counts as missed.
    pub acknowledge_by: Tick,
    /// Price of the committed result in planck.
    pub committed_price: Option<Balance>,
    /// What the result's check goes by.
    pub terms: CheckTerms,
    /// Planck of the committed price that pays for the expected audits of such results; 0 before there is one.
    pub audit_premium: Balance,
}

/// A match that found nobody: why each candidate was dropped.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FruitlessTry {
    /// When, in ticks.
    pub at: Tick,
    /// How many candidates were drawn.
    pub candidates: u8,
    /// How many of them each exclusion dropped, by its index.
    pub excluded: [u8; EXCLUSIONS],
}

/// A job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Job<AccountId> {
    /// Running number, for people.
    pub number: u64,
    /// Who submitted it and pays.
    pub client: AccountId,
    /// What was submitted.
    pub request: JobRequest<AccountId>,
    /// Costs of its model, so that matching and settling need not read the model.
    pub costs: Costs,
    /// Memory in MiB that its model needs.
    pub vram_mib: u32,
    /// Its model's arithmetic, which decides what a check can see.
    pub profile: NumericProfile,
    /// State.
    pub state: JobState,
    /// When it was submitted, in ticks.
    pub submitted_at: Tick,
    /// Block at which it was last put into the queue; the draw takes the randomness of the block after it.
    pub fixed_at_block: u32,
    /// Tick from which it expires if nothing is committed.
    pub deadline: Tick,
    /// The present attempt; 0 for the first worker.
    pub attempt: u8,
    /// Fruitless matches since it was last opened.
    pub match_tries: u8,
    /// How many workers said that no input came.
    pub no_input_count: u8,
    /// Who has it.
    pub assignment: Option<Assignment<AccountId>>,
    /// Where its money is.
    pub ledger: JobLedger,
    /// Workers that failed at it.
    pub tried: BoundedVec<AccountId, ConstU32<MAX_TRIED>>,
    /// Its place in its class's queue while it is open.
    pub queue_index: Option<u64>,
    /// The last match that found nobody.
    pub last_try: Option<FruitlessTry>,
    /// Tick from which it is pruned, once it is final.
    pub prune_at: Option<Tick>,
    /// The other replica of what was submitted, if it asked for two; that one may be pruned already.
    pub sibling: Option<JobId>,
}

impl<AccountId> Job<AccountId> {
    /// The class in whose queue it waits, and whose price index it pays.
    pub fn class(&self) -> DeviceClass {
        self.request.limits.requirements.min_class
    }

    /// Whether it has neither a result nor an end, so that its deadline counts.
    pub fn is_uncommitted(&self) -> bool {
        matches!(
            self.state,
            JobState::Open | JobState::Parked | JobState::Assigned | JobState::Acknowledged
        )
    }
}

/// The key of an attempt at a job of one part.
pub fn work_key(job: JobId, attempt: u8) -> WorkKey {
    WorkKey {
        job,
        segment: 0,
        attempt,
    }
}

/// What is checked of an attempt at a job of one part.
pub fn subject(job: JobId, attempt: u8) -> Subject {
    Subject::Work(work_key(job, attempt))
}

/// A place in a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueueEntry {
    /// The job.
    pub job: JobId,
    /// Its present attempt, part of what is drawn for.
    pub attempt: u8,
    /// Block at which it entered; the draw takes the randomness of the block after it.
    pub fixed_at_block: u32,
}

/// The used part of a queue: places `head..tail`, with holes where jobs left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueueRange {
    /// The oldest place in use.
    pub head: u64,
    /// The next free place.
    pub tail: u64,
}

/// What an agenda item asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum AgendaKind {
    /// The acknowledgement of an attempt is due.
    #[codec(index = 0)]
    Acknowledge,
    /// The result is due.
    #[codec(index = 1)]
    Deadline,
    /// The record is kept no longer.
    #[codec(index = 2)]
    Prune,
}

/// Something to look at when its tick has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct AgendaItem {
    /// The job.
    pub job: JobId,
    /// The attempt that it is about.
    pub attempt: u8,
    /// What is due.
    pub what: AgendaKind,
}

/// One of many reports of a worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Report {
    /// The input is held and matches its commitment.
    #[codec(index = 0)]
    Acknowledge(WorkKey),
    /// No input came.
    #[codec(index = 1)]
    NoInput(WorkKey),
    /// The result.
    #[codec(index = 2)]
    Commit(WorkKey, Commitment),
}

/// Sums over all jobs ever; they stay when jobs are pruned.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct MarketTotals {
    /// Jobs submitted.
    pub submitted: u64,
    /// Jobs paid.
    pub settled: u64,
    /// Jobs refunded for a reason.
    pub refunded: u64,
    /// Jobs cancelled by their clients.
    pub cancelled: u64,
    /// Jobs that passed their deadline.
    pub expired: u64,
    /// Prices of all paid jobs in planck.
    pub volume: Balance,
    /// What went to validators, treasury and audit fund, in planck: out of `volume`, and surcharges of clients.
    pub fees: Balance,
}

/// A job as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct JobView<AccountId> {
    /// Its id.
    pub id: JobId,
    /// All that is stored of it.
    pub job: Job<AccountId>,
    /// What the present attempt's worker committed to.
    pub commitment: Option<Commitment>,
}
