//! What the daemon keeps of one seat.

use super::state::{Held, State};
use codec::{Decode, Encode};
use ogpu_client::AccountId;
use ogpu_primitives::{
    Commitment, JobKind, JobRequest, ModelId, ProfileParams, Role, Subject, Tick, WorkKey, H256,
};

/// A committed result as its auditors have to look at it; all of it is from the chain and none of it changes, unless a
/// fork replaces the commitment or the jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Case {
    /// The attempt.
    pub work: WorkKey,
    /// Who committed.
    pub worker: AccountId,
    /// The model.
    pub model: ModelId,
    /// Kind of the job.
    pub kind: JobKind,
    /// The job as its client submitted it.
    pub request: JobRequest<AccountId>,
    /// What was committed.
    pub commitment: Commitment,
    /// Thresholds that were fixed when the job was assigned.
    pub thresholds: ProfileParams,
    /// Whether sketches use the model's whitening table.
    pub whitened: bool,
    /// The jury's key, for a juror's seat: its report carries a sketch under it, and no other report may.
    pub jury_key: Option<H256>,
}

/// A demand for data that this worker made.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct DemandKey {
    /// Secret half of the key that was named in the demand.
    pub secret: [u8; 32],
    /// Best block when the demand was made; the data is posted in a later one.
    pub from_block: u64,
    /// When it was last put into the transaction queue.
    pub queued_at: Tick,
}

impl std::fmt::Debug for DemandKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DemandKey(from block {})", self.from_block)
    }
}

/// A seat with its progress; one row of the store.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SeatRecord {
    /// The result under audit.
    pub case: Case,
    /// What the seat is for.
    pub role: Role,
    /// How far it is.
    pub state: State,
    /// Salt of the report's hash, drawn before anything else.
    pub salt: [u8; 32],
    /// Hash of salt and report, once there is a report.
    pub hash: Option<H256>,
    /// The demand for data, once one was made.
    pub demand: Option<DemandKey>,
    /// Whether the data on disk is sealed to the demand's key instead of this worker's own.
    pub by_demand: bool,
    /// What is on disk beside this row.
    pub held: Holding,
    /// Tick from which data that was not served is demanded on chain.
    pub demand_from: Tick,
    /// Tick at which the chain looks at the seat next.
    pub due: Tick,
    /// Tick of the last change, from which retention counts.
    pub changed_at: Tick,
}

impl std::fmt::Debug for SeatRecord {
    /// Without the salt, which has to stay secret until the report is opened.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SeatRecord")
            .field("work", &self.case.work)
            .field("role", &self.role)
            .field("state", &self.state)
            .field("held", &self.held)
            .field("demand", &self.demand)
            .finish_non_exhaustive()
    }
}

/// [`Held`] as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Holding {
    /// Nothing.
    #[codec(index = 0)]
    Nothing,
    /// The data.
    #[codec(index = 1)]
    Data,
    /// The report.
    #[codec(index = 2)]
    Report,
}

impl From<Holding> for Held {
    fn from(holding: Holding) -> Self {
        match holding {
            Holding::Nothing => Self::Nothing,
            Holding::Data => Self::Data,
            Holding::Report => Self::Report,
        }
    }
}

impl SeatRecord {
    /// A fresh seat whose stage ends at `due`. Data is demanded after a third of the time that is left.
    pub fn new(case: Case, role: Role, salt: [u8; 32], now: Tick, due: Tick) -> Self {
        Self {
            case,
            role,
            state: State::Drawn,
            salt,
            hash: None,
            demand: None,
            by_demand: false,
            held: Holding::Nothing,
            demand_from: Self::demand_from(now, due),
            due,
            changed_at: now,
        }
    }

    /// Tick from which data is demanded by a seat that is first seen at `now`.
    pub fn demand_from(now: Tick, due: Tick) -> Tick {
        now.saturating_add(due.saturating_sub(now) / 3)
    }

    /// Whether the chain shows no key for a juror that needs one. Embeddings are compared without.
    pub fn lacks_jury_key(&self) -> bool {
        let Case { kind, jury_key, .. } = &self.case;
        self.role == Role::Juror && *kind == JobKind::Generate && jury_key.is_none()
    }

    /// The key.
    pub fn work(&self) -> WorkKey {
        self.case.work
    }

    /// What is audited.
    pub fn subject(&self) -> Subject {
        Subject::Work(self.case.work)
    }
}
