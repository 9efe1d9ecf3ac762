//! What is stored of slashes, offences and audits, and how it is shown.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use ogpu_primitives::{reputation::Standing, running_sum::Level, Balance, Offence, Subject, Tick};
use scale_info::TypeInfo;

/// Most accounts that are paid out of one slash: a jury of 21, its auditors, the fund, and room.
pub const MAX_PAYOUTS: u32 = 40;

/// Most offences of one owner that are remembered; beyond them the oldest is forgotten, by when doubling has long
/// taken everything.
pub const MAX_OFFENCES: u32 = 16;

/// Most audits of one owner and kind that count in one day, whatever is governed.
pub const MAX_RECENT: u32 = 64;

/// Most owners whose silence is noted in one window; of more, those with the most stake.
pub const MAX_SILENT: u32 = 64;

/// Most network faults with slashes that still wait.
pub const MAX_FAULTS: u32 = 64;

/// Fewest owners whose silence at once is a fault of the network: three besides the largest.
pub const FAULT_OWNERS: usize = 4;

/// Who is paid out of a slash, in this order, with how many planck.
pub type Payouts<AccountId> = BoundedVec<(AccountId, Balance), ConstU32<MAX_PAYOUTS>>;

/// A slash that was decided and is not applied yet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PendingSlash<AccountId> {
    /// Whose stake.
    pub owner: AccountId,
    /// The machine, where it is one machine's doing.
    pub worker: Option<AccountId>,
    /// What for.
    pub offence: Offence,
    /// The result that it is about.
    pub subject: Option<Subject>,
    /// How much, in planck.
    pub amount: Balance,
    /// When it was decided.
    pub reported_at: Tick,
    /// Tick from which it is applied.
    pub due: Tick,
    /// Who is paid out of it, in this order and as far as it reaches.
    pub payouts: Payouts<AccountId>,
}

/// An offence that makes the next one dearer.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NotedOffence {
    /// When.
    pub at: Tick,
    /// Whether it was mere silence, which a network fault excuses.
    pub silence: bool,
}

/// A passed audit that counts in a standing, for a day.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RecentAudit<AccountId> {
    /// Whose job it was.
    pub client: AccountId,
    /// When it counted.
    pub at: Tick,
    /// What it counts, in 1/1000, with what was there in its place before.
    pub weight_milli: u32,
}

/// What is remembered of an owner's audits of one kind.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(AccountId))]
pub struct AuditRecord<AccountId> {
    /// Passed and failed audits by weight.
    pub standing: Standing,
    /// Coming results that are audited for certain.
    pub forced: u8,
    /// Audits that counted within the last day, at most one a client.
    pub recent: BoundedVec<RecentAudit<AccountId>, ConstU32<MAX_RECENT>>,
}

impl<AccountId> Default for AuditRecord<AccountId> {
    fn default() -> Self {
        Self {
            standing: Standing::default(),
            forced: 0,
            recent: BoundedVec::new(),
        }
    }
}

/// The present window of silence: who did not answer, and what hangs on it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SilenceWindow<AccountId> {
    /// Its first tick: that of its first silence.
    pub since: Tick,
    /// The first tick after it.
    pub until: Tick,
    /// Owners that were silent in it, with their active stake in planck.
    pub owners: BoundedVec<(AccountId, Balance), ConstU32<MAX_SILENT>>,
    /// Slashes for silence in it that wait; 0 once it is a fault.
    pub pending: u32,
    /// Whether so many were silent that it is the network's fault.
    pub faulted: bool,
}

impl<AccountId> SilenceWindow<AccountId> {
    /// Whether `tick` lies in it.
    pub fn holds(&self, tick: Tick) -> bool {
        (self.since..self.until).contains(&tick)
    }
}

/// A window in which silence was the network's fault, while slashes for it wait.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NetworkOutage {
    /// Its first tick.
    pub since: Tick,
    /// The first tick after it.
    pub until: Tick,
    /// Slashes for silence in it that wait, to be dropped when due.
    pub pending: u32,
}

impl NetworkOutage {
    /// Whether `tick` lies in it.
    pub fn holds(&self, tick: Tick) -> bool {
        (self.since..self.until).contains(&tick)
    }
}

/// An owner's standing with one kind of job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct StandingView {
    /// Reputation in 1/1000; 500 without audits.
    pub permille: u16,
    /// Passed audits by weight, in 1/1000.
    pub passed_milli: u64,
    /// Failed audits by weight, in 1/1000.
    pub failed_milli: u64,
    /// Chance of an audit, in parts per million.
    pub rate_ppm: u32,
    /// Chance that a cheat is caught, in parts per million.
    pub catch_ppm: u32,
    /// Coming results that are audited for certain.
    pub forced: u8,
}

/// How precise a worker's results on a model are, as far as two auditors saw them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct PrecisionView {
    /// The highest level ever reached. From `PrecisionDiffers` on the worker is marked.
    pub reached: Level,
    /// The level at which its sums stand now.
    pub present: Level,
    /// Results that two auditors saw.
    pub results: u32,
    /// Capital of the sum over tokens in 1/1000; honest work stays about or below 1000, and reaches 10⁶ with a chance
    /// of 1/1000.
    pub tokens_milli: u64,
    /// Capital of the sum over sketches in 1/1000.
    pub sketches_milli: u64,
}
