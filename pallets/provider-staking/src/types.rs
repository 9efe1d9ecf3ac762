//! What is stored about owners and workers, and how it is shown.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use ogpu_primitives::{Balance, DeviceClass, ModelId, Tick, WorkerProfile};
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// Most withdrawals of one owner that wait for the end of unbonding.
pub const MAX_UNBONDING_CHUNKS: u32 = 32;

/// Most models that one worker serves.
pub const MAX_MODELS: u32 = 32;

/// Most models that are told of one freed slot or one lower ask.
///
/// These happen with every job, so telling all 32 would make each settlement as dear as 32. The worker keeps a
/// cursor and tells the next four the next time, so that every model has its turn.
pub const SUPPLY_NOTICES: u32 = 4;

/// Most jobs that one worker runs at once.
pub const MAX_SLOTS: u16 = 256;

/// Lowest ask of a worker in ‰ of the price index.
pub const MIN_ASK_PERMILLE: u32 = 100;

/// Highest ask of a worker in ‰ of the price index.
pub const MAX_ASK_PERMILLE: u32 = 10_000;

/// Ask of a worker that has not set one: the price index itself.
pub const DEFAULT_ASK_PERMILLE: u32 = 1_000;

/// Reputation of a new worker in ‰.
pub const STARTING_REPUTATION_PERMILLE: u16 = 500;

/// Throughput in 10^9 multiply-adds/s that an unattested worker of each device class counts as, at most;
/// version 1 of the table, like the classes.
///
/// Without it, a false throughput would buy any weight in draws and the best place in every match.
const STARTING_THROUGHPUT_GMAC_S: [u32; 8] = [200, 5_000, 12_000, 15_000, 25_000, 50_000, 90_000, 250_000];

/// Stake that waits to be withdrawn.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct UnbondingChunk {
    /// Amount in planck.
    pub amount: Balance,
    /// First tick at which it can be withdrawn.
    pub until: Tick,
}

/// A cold account that stakes for workers and is paid for their work.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Owner {
    /// Active stake in planck; held.
    pub stake: Balance,
    /// Part of the active stake that is allotted to workers, in planck; more than the stake after a slash, until
    /// the owner stakes more or allots less. Each worker then counts for its part of the stake.
    pub allotted: Balance,
    /// Stake on its way out; held until withdrawn.
    pub unbonding: BoundedVec<UnbondingChunk, ConstU32<MAX_UNBONDING_CHUNKS>>,
    /// Number of paired workers.
    pub workers: u32,
    /// Largest pay of all unsettled work of all workers, in planck.
    pub exposure: Balance,
    /// Strikes of workers that left; the next paired worker begins with them, so that leaving and coming back
    /// does not wipe them out.
    pub strikes: u8,
    /// Active stake lost to slashes in planck, ever; what bounds how far allotments and exposure can lie above
    /// the stake.
    pub slashed: Balance,
    /// What slashes that wait will take at most, in planck; kept here so that draws read it with the rest.
    pub pending: Balance,
}

impl Owner {
    /// Stake on its way out in planck.
    pub fn unbonding_total(&self) -> Balance {
        self.unbonding
            .iter()
            .fold(0, |sum, chunk| sum.saturating_add(chunk.amount))
    }

    /// All that is held of the owner's balance, in planck.
    pub fn held(&self) -> Balance {
        self.stake.saturating_add(self.unbonding_total())
    }

    /// Active stake that no worker has, in planck.
    pub fn free_stake(&self) -> Balance {
        self.stake.saturating_sub(self.allotted)
    }

    /// Active stake that covers work, in planck: all but what slashes that wait will take.
    pub fn covering(&self) -> Balance {
        self.stake.saturating_sub(self.pending)
    }

    /// What an allotment of `allotted` planck comes to: its part of the stake, in planck, where slashes, those that
    /// wait among them, leave less than what is allotted. Parts add up to no more than what is left, however it was
    /// split.
    pub fn backed(&self, allotted: Balance) -> Balance {
        let left = self.covering();
        if self.allotted <= left {
            return allotted;
        }
        // Never zero here: more than what is left is allotted. A part is at most the whole.
        multiply_by_rational_with_rounding(left, allotted.min(self.allotted), self.allotted, Rounding::Down)
            .unwrap_or(0)
    }

    /// Whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        self.stake == 0 && self.unbonding.is_empty() && self.workers == 0 && self.exposure == 0
    }
}

/// Whether a worker takes jobs.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
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

/// What matching needs of a profile; kept apart from it so that a draw reads 30 bytes a worker, not 3 KiB.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Capability {
    /// Class of the best device.
    pub class: DeviceClass,
    /// Largest memory of one device in MiB.
    pub max_vram_mib: u32,
    /// ISO 3166-1 numeric country code, unproved; 0 is "not said".
    pub region: u16,
    /// Jobs that it runs at once.
    pub slots: u16,
    /// Throughput of the best device in 10^9 multiply-adds/s: declared, and at most the starting value of the
    /// class until a capability audit has attested it; that value where none is declared.
    pub throughput_gmac_s: u32,
}

impl Capability {
    /// What `profile` amounts to.
    pub fn of(profile: &WorkerProfile) -> Self {
        let class = profile.class();
        let most = starting_throughput(class);
        let declared = profile
            .devices
            .iter()
            .map(|device| device.throughput_gmac_s)
            .max()
            .filter(|declared| *declared > 0)
            .unwrap_or(most);
        Self {
            class,
            max_vram_mib: profile.max_vram_mib(),
            region: profile.region,
            slots: profile.slots,
            throughput_gmac_s: declared.min(most),
        }
    }
}

/// The most that an unattested worker of `class` counts as, in 10^9 multiply-adds/s.
pub fn starting_throughput(class: DeviceClass) -> u32 {
    STARTING_THROUGHPUT_GMAC_S
        .get(usize::from(class.0))
        .copied()
        .unwrap_or(STARTING_THROUGHPUT_GMAC_S[0])
}

/// A hot account: one machine of an owner.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Worker<AccountId> {
    /// Who stakes for it and is paid.
    pub owner: AccountId,
    /// Stake allotted to it in planck.
    pub allotted: Balance,
    /// Whether it takes jobs.
    pub status: WorkerStatus,
    /// What its profile amounts to; `None` until it has sent one.
    pub capability: Option<Capability>,
    /// Multiplier on the price index in ‰.
    pub ask_permille: u32,
    /// Jobs that it has now.
    pub used_slots: u16,
    /// Largest pay of its unsettled work in planck.
    pub exposure: Balance,
    /// Number of models that it serves.
    pub models: u32,
    /// Misses that count against it.
    pub strikes: u8,
    /// Reputation in ‰.
    pub reputation_permille: u16,
    /// When it was paired.
    pub paired_at: Tick,
    /// When it last changed its profile without a fee; `None` until the first.
    pub free_profile_at: Option<Tick>,
    /// Whether it is in the rosters.
    pub listed: bool,
    /// The last model that was told of a freed slot; the next turn begins behind it.
    pub notice_cursor: ModelId,
}

impl<AccountId> Worker<AccountId> {
    /// Jobs that it can still take.
    pub fn free_slots(&self) -> u16 {
        self.capability
            .map_or(0, |capability| capability.slots.saturating_sub(self.used_slots))
    }
}

/// A list of workers that draws are made from.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum RosterKey {
    /// Those that serve a model.
    #[codec(index = 0)]
    Model(ModelId),
    /// Those of a device class.
    #[codec(index = 1)]
    Class(DeviceClass),
}

/// Why a worker gets no jobs, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum IdleReason {
    /// The account is no worker: its owner has to pair it.
    #[codec(index = 0)]
    NotPaired,
    /// Jailed after too many misses: its owner has to pay `rejoin_fee` planck with `rejoin`.
    #[codec(index = 1)]
    Jailed {
        /// What rejoining costs in planck.
        rejoin_fee: Balance,
    },
    /// It drains: `resume` it.
    #[codec(index = 2)]
    Draining,
    /// It has not said what it is: start the worker's daemon, which sends `set_profile`.
    #[codec(index = 3)]
    NoProfile,
    /// Too little stake is allotted: its owner has to `allot` at least `minimum` planck.
    #[codec(index = 4)]
    AllotmentTooLow {
        /// What a worker needs in planck.
        minimum: Balance,
    },
    /// It serves no model: `serve_model` one.
    #[codec(index = 5)]
    NoModel,
    /// It left the rosters when the minimum stake was higher: `resume` it.
    #[codec(index = 6)]
    Unlisted,
    /// All its slots are taken: nothing to do.
    #[codec(index = 7)]
    SlotsFull,
    /// Its owner's unsettled work is as much as the stake allows: stake more, or wait for check windows to end.
    #[codec(index = 8)]
    ExposureFull,
}

/// A worker as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct WorkerView<AccountId> {
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
    /// Multiplier on the price index in ‰.
    pub ask_permille: u32,
    /// Jobs that it has now.
    pub used_slots: u16,
    /// Largest pay of its unsettled work in planck.
    pub exposure: Balance,
    /// The models that it serves.
    pub models: Vec<ModelId>,
    /// Misses that count against it.
    pub strikes: u8,
    /// Reputation in ‰.
    pub reputation_permille: u16,
    /// When it was paired.
    pub paired_at: Tick,
    /// What its account lacks to the float for fees, in planck.
    pub float_gap: Balance,
    /// Why it gets no jobs, if something is in the way.
    pub idle: Option<IdleReason>,
}

/// An owner as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct OwnerView<AccountId> {
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
