//! Which of the drawn workers gets a job: hard requirements first, then a score. The chain decides with it, and
//! the same function over the same state explains a match and gives a quote.

use crate::{pricing, units::BLOCK_TIME_MS, Balance, DeviceClass, Requirements, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Number of [`Exclusion`]s: the length of a count by exclusion.
pub const EXCLUSIONS: usize = 14;

/// Version of the layout of [`features`].
pub const FEATURES_VERSION: u8 = 1;

/// Ticks that a deadline leaves besides acknowledging and computing: for the input's transfer, for a busy machine
/// and for a commitment that full blocks put off.
pub const DEADLINE_MARGIN_TICKS: Tick = 10;

/// Most bytes of features in a [`MatchRecord`].
pub const MAX_FEATURE_BYTES: u32 = 64;

/// The numbers on which a match was decided; laid out as `features_version` says.
pub type MatchFeatures = BoundedVec<u8, ConstU32<MAX_FEATURE_BYTES>>;

/// A drawn worker as the matching sees it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Candidate<AccountId> {
    /// The worker.
    pub worker: AccountId,
    /// Its owner.
    pub owner: AccountId,
    /// Its device class.
    pub class: DeviceClass,
    /// Largest memory of one of its devices in MiB.
    pub max_vram_mib: u32,
    /// Its declared region (ISO 3166-1 numeric), 0 when not said.
    pub region: u16,
    /// Its multiplier on the price index in 1/1000.
    pub ask_permille: u32,
    /// Its reputation in 1/1000.
    pub reputation_permille: u16,
    /// Jobs that it runs at once, which share its throughput.
    pub slots: u16,
    /// Jobs that it can take besides those it has.
    pub free_slots: u16,
    /// How much more unsettled work its owner's stake covers, in planck.
    pub exposure_room: Balance,
    /// Its throughput in 10^9 multiply-adds/s.
    pub throughput_gmac_s: u32,
    /// It is active (neither draining nor jailed) and serves the job's model.
    pub serving: bool,
}

/// What a job asks of a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand<'a, AccountId> {
    /// The job's client.
    pub client: &'a AccountId,
    /// Its hard requirements.
    pub requirements: &'a Requirements<AccountId>,
    /// Memory that the model needs on one device, in MiB.
    pub vram_mib: u32,
    /// The most work that the job can be, in milli compute units.
    pub work_milli_cu: u128,
    /// The most that the client pays, in planck.
    pub max_price: Balance,
    /// What the job adds to its owner's unsettled work, in planck.
    pub exposure: Balance,
    /// Workers that failed at the job.
    pub tried: &'a [AccountId],
    /// Their owners.
    pub tried_owners: &'a [AccountId],
    /// Who has, or had, the job's other replica.
    pub sibling_owner: Option<&'a AccountId>,
    /// Time from now to the job's deadline.
    pub ticks_left: Tick,
    /// Time that a worker has to acknowledge.
    pub acknowledge_ticks: Tick,
    /// Part of its throughput that a worker must at least bring to a job, in 1/1000.
    pub efficiency_permille: u32,
}

/// Why a candidate cannot have a job; the first reason that holds, in the order of [`exclusion`].
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Exclusion {
    /// It is draining, jailed or no longer serves the model.
    #[codec(index = 0)]
    NotServing,
    /// The client is the worker or its owner.
    #[codec(index = 1)]
    OwnJob,
    /// Its device class is lower than required.
    #[codec(index = 2)]
    Class,
    /// No device of it has the memory that the model needs.
    #[codec(index = 3)]
    Vram,
    /// It did not declare the required region.
    #[codec(index = 4)]
    Region,
    /// Its reputation is lower than required.
    #[codec(index = 5)]
    Reputation,
    /// All its slots are taken.
    #[codec(index = 6)]
    NoSlot,
    /// Its owner's stake does not cover more unsettled work.
    #[codec(index = 7)]
    Exposure,
    /// Its price is above the client's limit.
    #[codec(index = 8)]
    Price,
    /// It already failed at this job.
    #[codec(index = 9)]
    Tried,
    /// The client asked for another worker.
    #[codec(index = 10)]
    NotChosen,
    /// It is too slow for so much work by the job's deadline.
    #[codec(index = 11)]
    Deadline,
    /// Another worker of its owner already failed at this job.
    #[codec(index = 12)]
    OwnerTried,
    /// Its owner has the job's other replica.
    #[codec(index = 13)]
    SiblingOwner,
}

/// How candidates that break no requirement are ranked.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Scorer {
    /// By [`plain_score`].
    #[default]
    #[codec(index = 0)]
    Plain,
    /// By the allocation network of this hash.
    #[codec(index = 1)]
    Network(H256),
}

/// What became of a match.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum MatchOutcome {
    /// Not known yet.
    #[default]
    #[codec(index = 0)]
    Pending,
    /// The worker was paid.
    #[codec(index = 1)]
    Settled,
    /// The worker missed a deadline.
    #[codec(index = 2)]
    Missed,
    /// The worker said that no input came.
    #[codec(index = 3)]
    NoInput,
    /// The client got its money back for another reason.
    #[codec(index = 4)]
    Refunded,
    /// The result was judged wrong.
    #[codec(index = 5)]
    Wrong,
}

/// One attempt's match, kept until it is pruned.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct MatchRecord<AccountId> {
    /// Who got the job.
    pub worker: AccountId,
    /// The attempt.
    pub attempt: u8,
    /// How candidates were ranked.
    pub scorer: Scorer,
    /// Layout of `features`.
    pub features_version: u8,
    /// The chosen worker's numbers at that moment.
    pub features: MatchFeatures,
    /// How many candidates were drawn.
    pub candidates: u8,
    /// How many of them each [`Exclusion`] dropped, by its index.
    pub excluded: [u8; EXCLUSIONS],
    /// The highest price of the job with this worker, in planck.
    pub price: Balance,
    /// When it was assigned.
    pub assigned_at: Tick,
    /// What became of it.
    pub outcome: MatchOutcome,
    /// When that was known.
    pub finished_at: Option<Tick>,
}

/// The result of [`choose`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Index of the best candidate; `None` when each was excluded.
    pub best: Option<usize>,
    /// Its highest price for the job in planck; 0 without a best.
    pub price: Balance,
    /// How many candidates each [`Exclusion`] dropped, by its index.
    pub excluded: [u8; EXCLUSIONS],
}

/// Ticks that a job of `work_milli_cu` takes a worker in the worst case that it answers for: all of the time to
/// acknowledge, the work at a part of its declared throughput, and [`DEADLINE_MARGIN_TICKS`].
///
/// The efficiency is low because a throughput is measured on large products of matrices, while one job's output
/// tokens are bound by memory. A worker without throughput never gets done.
pub fn ticks_needed(
    work_milli_cu: u128,
    throughput_gmac_s: u32,
    efficiency_permille: u32,
    acknowledge_ticks: Tick,
) -> Tick {
    // 1 CU is 10^9 multiply-adds, so that the thousandths of work and efficiency cancel out.
    let per_second = u128::from(throughput_gmac_s).saturating_mul(efficiency_permille.into());
    let per_tick_milli = per_second.saturating_mul(BLOCK_TIME_MS.into());
    if per_tick_milli == 0 {
        return Tick::MAX;
    }
    let compute = work_milli_cu.saturating_mul(1_000).div_ceil(per_tick_milli);
    Tick::try_from(compute)
        .unwrap_or(Tick::MAX)
        .saturating_add(acknowledge_ticks)
        .saturating_add(DEADLINE_MARGIN_TICKS)
}

/// Whether `candidate` gets the job done in time even when all its slots compute.
fn is_fast_enough<AccountId>(candidate: &Candidate<AccountId>, demand: &Demand<AccountId>) -> bool {
    // Rather more work than less throughput: a share of one slot may be below one unit.
    let shared = demand.work_milli_cu.saturating_mul(candidate.slots.max(1).into());
    let needed = ticks_needed(
        shared,
        candidate.throughput_gmac_s,
        demand.efficiency_permille,
        demand.acknowledge_ticks,
    );
    needed <= demand.ticks_left
}

/// Why `candidate` cannot have the job at `price` planck; `None` when it can.
pub fn exclusion<AccountId: PartialEq>(
    candidate: &Candidate<AccountId>,
    demand: &Demand<AccountId>,
    price: Balance,
) -> Option<Exclusion> {
    let required = demand.requirements;
    let checks = [
        (!candidate.serving, Exclusion::NotServing),
        (
            required
                .worker
                .as_ref()
                .is_some_and(|only| *only != candidate.worker),
            Exclusion::NotChosen,
        ),
        (
            candidate.owner == *demand.client || candidate.worker == *demand.client,
            Exclusion::OwnJob,
        ),
        (demand.tried.contains(&candidate.worker), Exclusion::Tried),
        (
            demand.tried_owners.contains(&candidate.owner),
            Exclusion::OwnerTried,
        ),
        (
            demand.sibling_owner == Some(&candidate.owner),
            Exclusion::SiblingOwner,
        ),
        (candidate.class < required.min_class, Exclusion::Class),
        (candidate.max_vram_mib < demand.vram_mib, Exclusion::Vram),
        (
            required.region.is_some_and(|region| region != candidate.region),
            Exclusion::Region,
        ),
        (
            candidate.reputation_permille < required.min_reputation_permille,
            Exclusion::Reputation,
        ),
        (!is_fast_enough(candidate, demand), Exclusion::Deadline),
        (candidate.free_slots == 0, Exclusion::NoSlot),
        (candidate.exposure_room < demand.exposure, Exclusion::Exposure),
        (price > demand.max_price, Exclusion::Price),
    ];
    checks
        .into_iter()
        .find_map(|(broken, reason)| broken.then_some(reason))
}

/// 256 × log₂(value), linear between powers of two; 0 for 0 and 1. Never falls as the value grows.
fn log2_q8(value: u128) -> u64 {
    let Some(exponent) = value.checked_ilog2() else {
        return 0;
    };
    // The eight bits below the leading one.
    let mantissa = if exponent >= 8 {
        value >> (exponent - 8)
    } else {
        value << (8 - exponent)
    };
    u64::from(exponent) * 256 + (mantissa as u64 & 0xff)
}

/// Score of a candidate at `price` planck; higher is better.
///
/// In steps of 1/256 of a doubling: half the price counts two doublings, twice the throughput one, the whole
/// range of reputation about four, and each free slot up to the fourth a quarter.
pub fn plain_score<AccountId>(candidate: &Candidate<AccountId>, price: Balance) -> u64 {
    // 2 × log2_q8(u128::MAX), rounded up: the difference cannot be negative.
    const BASE: u64 = 2 * 256 * 128;
    BASE.saturating_sub(2 * log2_q8(price))
        + log2_q8(candidate.throughput_gmac_s.into())
        + u64::from(candidate.reputation_permille.min(1_000))
        + 64 * u64::from(candidate.free_slots.min(4))
}

/// The candidate's numbers in layout [`FEATURES_VERSION`]: SCALE of (class, region, VRAM MiB, throughput,
/// reputation, free slots, ask, work, price, max price), the work cut to 64 bits; 59 bytes.
pub fn features<AccountId>(
    candidate: &Candidate<AccountId>,
    demand: &Demand<AccountId>,
    price: Balance,
) -> MatchFeatures {
    let work = u64::try_from(demand.work_milli_cu).unwrap_or(u64::MAX);
    let numbers = (
        (
            candidate.class,
            candidate.region,
            candidate.max_vram_mib,
            candidate.throughput_gmac_s,
        ),
        (
            candidate.reputation_permille,
            candidate.free_slots,
            candidate.ask_permille,
        ),
        (work, price, demand.max_price),
    );
    BoundedVec::truncate_from(numbers.encode())
}

/// The best candidate of a draw. Among equal scores the first drawn wins.
///
/// `index_planck_per_cu` is the price index of the device class that the job asks for.
pub fn choose<AccountId: PartialEq>(
    candidates: &[Candidate<AccountId>],
    demand: &Demand<AccountId>,
    index_planck_per_cu: Balance,
) -> Choice {
    let mut choice = Choice {
        best: None,
        price: 0,
        excluded: [0; EXCLUSIONS],
    };
    let mut best_score = 0;
    for (index, candidate) in candidates.iter().enumerate() {
        let price = pricing::price(demand.work_milli_cu, index_planck_per_cu, candidate.ask_permille);
        if let Some(reason) = exclusion(candidate, demand, price) {
            let count = &mut choice.excluded[reason as usize];
            *count = count.saturating_add(1);
            continue;
        }
        let score = plain_score(candidate, price);
        if choice.best.is_none() || score > best_score {
            best_score = score;
            choice.best = Some(index);
            choice.price = price;
        }
    }
    choice
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
