//! What the runtime shows, in the shape in which its APIs and storage answer.
//!
//! These types repeat those of the pallets, which are not linked into clients; `shape_tests` compares every one
//! of them, field by field, with the committed metadata.

use crate::AccountId;
use codec::{Decode, Encode};
use ogpu_primitives::{
    matching::EXCLUSIONS, Balance, CheckTerms, Commitment, Costs, DeviceClass, JobId, JobLedger, JobRequest,
    JobState, ModelId, ModelSpec, NumericProfile, Tick, WorkerProfile,
};
use scale_info::TypeInfo;

/// A registered model.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Model {
    /// The immutable specification; its hash is the id.
    pub spec: ModelSpec<AccountId>,
    /// When it was registered.
    pub registered_at: Tick,
    /// What its owner has on hold for it, in planck.
    pub deposit: Balance,
    /// Jobs that were paid.
    pub jobs_settled: u64,
}

/// Who has a job, and at what price.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Assignment {
    /// The hot account of the machine.
    pub worker: AccountId,
    /// Its owner at the assignment, who is paid.
    pub owner: AccountId,
    /// Its device class at the assignment.
    pub class: DeviceClass,
    /// Price index at the assignment in planck per compute unit.
    pub index_planck_per_cu: Balance,
    /// The worker's ask at the assignment in 1/1000.
    pub ask_permille: u32,
    /// Price in planck if all output tokens are produced.
    pub price_max: Balance,
    /// Tick from which a missing acknowledgement counts as missed.
    pub acknowledge_by: Tick,
    /// Price of the committed result in planck.
    pub committed_price: Option<Balance>,
    /// What the result's check goes by.
    pub terms: CheckTerms,
    /// Planck of the committed price that pays for the expected audits of such results.
    pub audit_premium: Balance,
}

/// A match that found nobody: why each candidate was dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub struct FruitlessTry {
    /// When.
    pub at: Tick,
    /// How many candidates were drawn.
    pub candidates: u8,
    /// How many of them each exclusion dropped, by its index.
    pub excluded: [u8; EXCLUSIONS],
}

/// A job as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Job {
    /// Running number, for people only.
    pub number: u64,
    /// Who submitted it and pays.
    pub client: AccountId,
    /// What was submitted.
    pub request: JobRequest<AccountId>,
    /// Costs of its model.
    pub costs: Costs,
    /// Memory in MiB that its model needs.
    pub vram_mib: u32,
    /// Its model's arithmetic, which decides what a check can see.
    pub profile: NumericProfile,
    /// Where it is in its life.
    pub state: JobState,
    /// When it was submitted.
    pub submitted_at: Tick,
    /// Block at which it was last put into the queue.
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
    pub assignment: Option<Assignment>,
    /// Where its money is.
    pub ledger: JobLedger,
    /// Workers that failed at it.
    pub tried: Vec<AccountId>,
    /// Its place in its class's queue while it is open.
    pub queue_index: Option<u64>,
    /// The last match that found nobody.
    pub last_try: Option<FruitlessTry>,
    /// Tick from which it is pruned, once it is final.
    pub prune_at: Option<Tick>,
    /// The other replica of what was submitted, if it asked for two.
    pub sibling: Option<JobId>,
}

/// A job as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// All that is stored of it.
    pub job: Job,
    /// What the present attempt's worker committed to.
    pub commitment: Option<Commitment>,
}

/// Sums over all jobs ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo, serde::Serialize)]
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
    /// The protocol's part of `volume` in planck.
    pub fees: Balance,
}

/// Whether a worker takes jobs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub enum WorkerStatus {
    /// It takes jobs.
    #[codec(index = 0)]
    Active,
    /// It finishes what it has and takes no more.
    #[codec(index = 1)]
    Draining,
    /// It missed too often; its owner has to pay to rejoin.
    #[codec(index = 2)]
    Jailed,
}

/// What a worker's profile amounts to in matching.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub struct Capability {
    /// Class of the best device.
    pub class: DeviceClass,
    /// Largest memory of one device in MiB.
    pub max_vram_mib: u32,
    /// ISO 3166-1 numeric country code, unproved; 0 is "not said".
    pub region: u16,
    /// Jobs that it runs at once.
    pub slots: u16,
    /// Throughput that counts, in 10^9 multiply-adds/s.
    pub throughput_gmac_s: u32,
}

/// Why a worker gets no jobs, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub enum IdleReason {
    /// The account is no worker: its owner has to pair it.
    #[codec(index = 0)]
    NotPaired,
    /// Jailed after too many misses: its owner has to pay `rejoin_fee` planck with `rejoin`.
    #[codec(index = 1)]
    Jailed { rejoin_fee: Balance },
    /// It drains: `resume` it.
    #[codec(index = 2)]
    Draining,
    /// It has not said what it is: start the worker's daemon.
    #[codec(index = 3)]
    NoProfile,
    /// Too little stake is allotted: its owner has to `allot` at least `minimum` planck.
    #[codec(index = 4)]
    AllotmentTooLow { minimum: Balance },
    /// It serves no model.
    #[codec(index = 5)]
    NoModel,
    /// It left the rosters when the minimum stake was higher: `resume` it.
    #[codec(index = 6)]
    Unlisted,
    /// All its slots are taken: nothing to do.
    #[codec(index = 7)]
    SlotsFull,
    /// Its owner's unsettled work is as much as the stake allows.
    #[codec(index = 8)]
    ExposureFull,
}

impl std::fmt::Display for IdleReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use crate::amount::format as ogpu;
        match self {
            Self::NotPaired => {
                formatter.write_str("it is not paired: its owner runs `ogpu provider pair CODE`")
            }
            Self::Jailed { rejoin_fee } => write!(
                formatter,
                "it is jailed after too many misses: its owner runs `ogpu provider rejoin WORKER` ({} OGPU)",
                ogpu(*rejoin_fee)
            ),
            Self::Draining => formatter.write_str("it drains: `ogpu provider resume WORKER`"),
            Self::NoProfile => {
                formatter.write_str("it has not said what it is: start ogpu-worker on the machine")
            }
            Self::AllotmentTooLow { minimum } => write!(
                formatter,
                "too little stake is allotted: `ogpu provider allot WORKER {}` or more",
                ogpu(*minimum)
            ),
            Self::NoModel => {
                formatter.write_str("it serves no model: put one into the worker's model folder")
            }
            Self::Unlisted => formatter.write_str("it left the rosters: `ogpu provider resume WORKER`"),
            Self::SlotsFull => formatter.write_str("all its slots are taken: nothing to do"),
            Self::ExposureFull => formatter
                .write_str("its owner's unsettled work is as much as the stake allows: stake more or wait"),
        }
    }
}

/// A worker as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct WorkerView {
    /// Its account.
    pub worker: AccountId,
    /// Who stakes for it and is paid.
    pub owner: AccountId,
    /// Stake allotted to it in planck.
    pub allotted: Balance,
    /// Whether it takes jobs.
    pub status: WorkerStatus,
    /// Its devices, keys and addresses.
    pub profile: Option<WorkerProfile>,
    /// What the profile amounts to in matching.
    pub capability: Option<Capability>,
    /// Multiplier on the price index in 1/1000.
    pub ask_permille: u32,
    /// Jobs that it has now.
    pub used_slots: u16,
    /// Largest pay of its unsettled work in planck.
    pub exposure: Balance,
    /// The models that it serves.
    pub models: Vec<ModelId>,
    /// Misses that count against it.
    pub strikes: u8,
    /// Reputation in 1/1000.
    pub reputation_permille: u16,
    /// When it was paired.
    pub paired_at: Tick,
    /// What its account lacks to the float for fees, in planck.
    pub float_gap: Balance,
    /// Why it gets no jobs, if something is in the way.
    pub idle: Option<IdleReason>,
}

/// Stake that waits to be withdrawn.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub struct UnbondingChunk {
    /// Amount in planck.
    pub amount: Balance,
    /// First tick at which it can be withdrawn.
    pub until: Tick,
}

/// An owner as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct OwnerView {
    /// Active stake in planck.
    pub stake: Balance,
    /// Part of it that is allotted to workers, in planck.
    pub allotted: Balance,
    /// Stake on its way out.
    pub unbonding: Vec<UnbondingChunk>,
    /// Part of that which `withdraw` would pay out now, in planck.
    pub withdrawable: Balance,
    /// Largest pay of all unsettled work, in planck.
    pub exposure: Balance,
    /// Further unsettled work that the stake allows, in planck.
    pub exposure_room: Balance,
    /// Number of paired workers.
    pub workers: u32,
    /// The first 100 of them.
    pub worker_accounts: Vec<AccountId>,
}

/// Where the supply is, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub struct SupplyView {
    /// All there is.
    pub total: Balance,
    /// In the reserve.
    pub reserve: Balance,
    /// In the pot that pays validators.
    pub staking_pot: Balance,
    /// In the pot that collects validators' fees.
    pub fee_pot: Balance,
    /// In the audit fund.
    pub audit_fund: Balance,
}

/// An account's balance by what can be done with it, all in planck.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct AccountBalance {
    /// Not held.
    pub free: Balance,
    /// Held: stake and deposits.
    pub held: Balance,
    /// Frozen: votes and vesting; overlaps with free and held.
    pub frozen: Balance,
    /// What a transfer or an escrow can take and keep the account alive.
    pub spendable: Balance,
}

/// `System.Account`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
pub(crate) struct AccountInfo {
    pub nonce: u32,
    pub consumers: u32,
    pub providers: u32,
    pub sufficients: u32,
    pub data: AccountData,
}

/// `pallet_balances::AccountData`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
pub(crate) struct AccountData {
    pub free: Balance,
    pub reserved: Balance,
    pub frozen: Balance,
    pub flags: u128,
}
