//! Checks of results, slashes and reputations as the runtime shows them; see [`super::view`].

use crate::AccountId;
use codec::{Decode, Encode};
use ogpu_primitives::{
    running_sum::Level, work::Verdict, Balance, CheckStage, CheckedWork, Commitment, DeviceClass, Findings,
    Judgement, Offence, Role, SeatPool, Subject, Tick, H256,
};
use scale_info::TypeInfo;

/// A commitment and how far its check is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct CommitmentRecord {
    /// The work, with the terms of its check.
    pub work: CheckedWork<AccountId>,
    /// What was committed.
    pub commitment: Commitment,
    /// When it was committed.
    pub committed_at: Tick,
    /// Block whose successors decide the pending draw.
    pub fixed_at: u32,
    /// How far the check is.
    pub stage: CheckStage,
    /// Tick at which the stage ends; it moves on while data is demanded.
    pub due: Tick,
    /// The client's secret, once it accepted.
    pub secret: Option<[u8; 32]>,
    /// Block in which the client accepted.
    pub accepted_at: Option<u32>,
    /// What the client put up for a challenge, in planck.
    pub challenge: Option<Balance>,
    /// Demands for data that are neither answered nor given up.
    pub open_demands: u8,
    /// First auditors that were replaced because they stayed away.
    pub redraws: u8,
    /// Whether an audit was drawn. `false` again when nobody was found who did it.
    pub audited: bool,
    /// Whether the worker got its strike for data that it did not post in time.
    pub late: bool,
    /// Whether its worker was shown to have signed two different results.
    pub equivocated: bool,
    /// The verdict, once it was acted on.
    pub verdict: Option<Verdict>,
    /// Device class of half of the auditors and all jurors, where few owners serve the model.
    pub class: Option<DeviceClass>,
    /// Under which jurors sketch what they computed, once a jury was drawn.
    pub jury_key: Option<H256>,
}

/// A seat in an audit or on a jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Seat {
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
    /// Whom it was drawn from. Of a device class it has six times as long, to fetch the model.
    pub pool: SeatPool,
}

/// What was heard of a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
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
    /// A juror's whose sketch most jurors do not share: its vote does not count and is not paid.
    #[codec(index = 5)]
    Void,
}

/// A demand for data that the worker did not hand over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct DataDemand {
    /// Held of the demander, in planck.
    pub bond: Balance,
    /// X25519 key to encrypt for.
    pub key: [u8; 32],
    /// When it was made.
    pub asked_at: Tick,
    /// Tick at which the chain looks next.
    pub due: Tick,
    /// What became of it.
    pub state: DemandState,
}

/// What became of a demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
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

/// All that is known of a check.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AuditView {
    /// The commitment and how far its check is.
    pub record: CommitmentRecord,
    /// All seats, in the order in which they were drawn.
    pub seats: Vec<Seat>,
    /// Demands for data, by demander.
    pub demands: Vec<(AccountId, DataDemand)>,
    /// Whether the worker's opening is on the chain.
    pub opened: bool,
}

/// A slash that was decided and is not applied yet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct PendingSlash {
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
    pub payouts: Vec<(AccountId, Balance)>,
}

/// An owner's standing with one kind of job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize)]
pub struct PrecisionView {
    /// The highest level ever reached. From `PrecisionDiffers` on the worker is marked.
    pub reached: Level,
    /// The level at which its sums stand now.
    pub present: Level,
    /// Results that two auditors saw.
    pub results: u32,
    /// Capital of the sum over tokens in 1/1000; honest work stays about or below 1000.
    pub tokens_milli: u64,
    /// Capital of the sum over sketches in 1/1000.
    pub sketches_milli: u64,
}

impl PrecisionView {
    /// In words, what is known and what follows.
    pub fn words(&self) -> String {
        let now = match self.present {
            Level::Quiet => "as declared",
            Level::RaiseAudits => "doubted: its results are audited",
            Level::PrecisionDiffers => "less than declared: its results are audited",
            Level::Remove => "less than declared: taken off the model",
        };
        match self.reached {
            Level::PrecisionDiffers | Level::Remove if self.present == Level::Quiet => {
                format!("{now} now, marked: it was not once")
            }
            _ => now.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_should_be_said_with_the_mark_when_it_is_mended() {
        let words = |reached, present| {
            let view = PrecisionView {
                reached,
                present,
                results: 9,
                tokens_milli: 0,
                sketches_milli: 0,
            };
            view.words()
        };
        assert_eq!(words(Level::Quiet, Level::Quiet), "as declared");
        assert_eq!(words(Level::RaiseAudits, Level::Quiet), "as declared");
        assert!(words(Level::Remove, Level::Quiet).contains("marked"));
        assert!(words(Level::Remove, Level::Remove).contains("taken off"));
        assert!(words(Level::PrecisionDiffers, Level::PrecisionDiffers).starts_with("less than declared"));
    }
}
