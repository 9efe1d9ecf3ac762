//! What is stored of a check.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use ogpu_primitives::{
    check::MAX_POSTED_BYTES, work::Verdict, Balance, CheckStage, CheckedWork, Commitment, DeviceClass,
    Findings, Judgement, Role, SeatPool, Subject, Tick, H256,
};
use scale_info::TypeInfo;

/// Most seats of one check: three first auditors, the second one and the largest jury, with room to spare.
pub const MAX_SEATS: u32 = 32;

/// Largest jury, whatever is governed.
pub const MAX_JURY: u32 = 21;

/// Most demands for data that one check can wait for at a time.
pub const MAX_OPEN_DEMANDS: u8 = 8;

/// Entries of rosters looked at for one auditor: in a longer roster, the fewer they are, the more small stakes are
/// favoured.
pub const AUDITOR_TRIES: u32 = 128;

/// Entries of a roster looked at for one seat of a jury.
pub const TRIES_PER_JUROR: u32 = 8;

/// How many times as long a seat drawn from a device class has: it must fetch the model first.
pub const CLASS_SEAT_TIMES: Tick = 6;

/// Most involvements of one worker that a view lists.
pub const MAX_DUTIES: u32 = 256;

/// A ciphertext posted on chain.
pub type PostedData = BoundedVec<u8, ConstU32<MAX_POSTED_BYTES>>;

/// The seats of one check, in the order in which they were drawn.
pub type SeatsOf<AccountId> = BoundedVec<Seat<AccountId>, ConstU32<MAX_SEATS>>;

/// A commitment and how far its check is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CommitmentRecord<AccountId> {
    /// The work, with the terms of its check.
    pub work: CheckedWork<AccountId>,
    /// What was committed.
    pub commitment: Commitment,
    /// When it was committed, in ticks.
    pub committed_at: Tick,
    /// Block whose successors decide the pending draw.
    pub fixed_at: u32,
    /// How far the check is.
    pub stage: CheckStage,
    /// Tick at which the agenda looks next. Waits while data is demanded.
    pub due: Tick,
    /// The client's secret, once it accepted.
    pub secret: Option<[u8; 32]>,
    /// Block in which the client accepted.
    pub accepted_at: Option<u32>,
    /// What the client put up, in planck, to have the result audited for certain.
    pub challenge: Option<Balance>,
    /// Demands for data that are neither answered nor given up.
    pub open_demands: u8,
    /// First auditors that were replaced because they stayed away.
    pub redraws: u8,
    /// Whether an audit was drawn. `false` again when nobody was found who did it.
    pub audited: bool,
    /// Whether its worker got a strike because data that was demanded came late; one a check, whoever demands.
    pub late: bool,
    /// Whether its worker was shown to have signed two different results.
    pub equivocated: bool,
    /// The verdict, once it was acted on.
    pub verdict: Option<Verdict>,
    /// Device class of half of the auditors and all jurors, fixed when the audit is drawn, where few owners serve the
    /// model.
    pub class: Option<DeviceClass>,
    /// Key of the jury's sketches ([`ogpu_primitives::jury_sketch`]). Known once the jury is drawn, and so only after
    /// worker and auditors were bound to what they show.
    pub jury_key: Option<H256>,
}

impl<AccountId> CommitmentRecord<AccountId> {
    /// Whether nothing more happens to it.
    pub fn is_closed(&self) -> bool {
        self.verdict.is_some()
    }
}

/// A seat in an audit or on a jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Seat<AccountId> {
    /// The worker that computes.
    pub worker: AccountId,
    /// Its owner when it was drawn, who is paid and liable.
    pub owner: AccountId,
    /// What the seat is for.
    pub role: Role,
    /// What was heard of it.
    pub state: SeatState,
    /// The figures behind its vote.
    pub findings: Option<Findings>,
    /// Whom it was drawn from. Of a device class it has [`CLASS_SEAT_TIMES`] as long.
    pub pool: SeatPool,
}

impl<AccountId> Seat<AccountId> {
    /// Whether it is a part of its jury: all jurors but those who are excused.
    pub fn sat_on_jury(&self) -> bool {
        self.role == Role::Juror && self.state != SeatState::Excused
    }

    /// Whether it is a juror's whose vote stands.
    pub fn voted_on_jury(&self) -> bool {
        self.role == Role::Juror && matches!(self.state, SeatState::Voted(_))
    }

    /// Whether it committed to a report that is not opened yet.
    pub fn has_committed(&self) -> bool {
        matches!(self.state, SeatState::Committed(_))
    }

    /// Whether it voted against the worker, or for it; `None` when it did neither.
    pub fn dissents(&self) -> Option<bool> {
        match self.state {
            SeatState::Voted(Judgement::Fail(_)) => Some(true),
            SeatState::Voted(Judgement::Pass | Judgement::Soft(_)) => Some(false),
            _ => None,
        }
    }
}

/// What was heard of a seat.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum SeatState {
    /// Nothing yet.
    #[codec(index = 0)]
    Drawn,
    /// It committed to a report.
    #[codec(index = 1)]
    Committed(H256),
    /// Its report was opened and compared.
    #[codec(index = 2)]
    Voted(Judgement),
    /// It stayed away, or its report did not fit the result.
    #[codec(index = 3)]
    Absent,
    /// It did not commit in time, but was drawn from a device class and may not have got the model: nobody's fault.
    #[codec(index = 4)]
    Excused,
    /// A juror voted, but its sketch is not what most jurors computed: its ballot counts for neither side.
    #[codec(index = 5)]
    Void,
}

/// A demand for data that the worker did not hand over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Demand {
    /// Held of the demander, in planck.
    pub bond: Balance,
    /// X25519 key to encrypt for.
    pub key: [u8; 32],
    /// When it was made, in ticks.
    pub asked_at: Tick,
    /// Tick at which the agenda looks next.
    pub due: Tick,
    /// What became of it.
    pub state: DemandState,
}

impl Demand {
    /// Whether it is still waited for.
    pub fn is_open(&self) -> bool {
        self.state != DemandState::Posted
    }
}

/// What became of a demand.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum DemandState {
    /// The worker has to post.
    #[codec(index = 0)]
    Open,
    /// The first time is over; the worker got a strike and can still post.
    #[codec(index = 1)]
    Late,
    /// The data was posted.
    #[codec(index = 2)]
    Posted,
}

/// Ticks of a day, in which what juries cost the audit fund is limited.
pub const OUTLAY_DAY_TICKS: Tick = 43_200;

/// What juries on an owner's results cost the audit fund without anything coming back.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Outlay {
    /// Tick of the first of the day.
    pub since: Tick,
    /// All of the day, in planck.
    pub planck: Balance,
}

/// What the agenda has to look at.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum AgendaItem<AccountId> {
    /// The stage of a check ends.
    #[codec(index = 0)]
    Check(Subject),
    /// A demand for data by this account is not answered in time.
    #[codec(index = 1)]
    Demand(Subject, AccountId),
    /// This worker of this owner left a seat empty, or filled it without computing. An item of its own, so that a jury that stays away altogether
    /// fits into blocks.
    #[codec(index = 2)]
    Absence(AccountId, AccountId),
}

/// All that is known of a check.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AuditView<AccountId> {
    /// The commitment and how far its check is.
    pub record: CommitmentRecord<AccountId>,
    /// All seats, in the order in which they were drawn.
    pub seats: Vec<Seat<AccountId>>,
    /// Demands for data, by demander.
    pub demands: Vec<(AccountId, Demand)>,
    /// Whether the worker's opening is on chain.
    pub opened: bool,
}
