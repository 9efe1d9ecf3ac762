//! One seat in an audit or on a jury, from its draw to its vote, as a pure function.
//!
//! ```text
//! Drawn → Fetched → Computed → Committing → Committed → Opening → Done
//!   └────────┴─────────┴───────────┴────────────┴──────────┴────→ Abandoned(why)
//! ```
//!
//! [`step`] takes a state and an event and returns the next state with the actions that the daemon has to carry out.
//! It touches no disk, no chain and no clock. What the chain shows of the seat is an event too ([`Standing`]), told
//! again at every block, so a block that was missed, a fork and a restart all look the same: a seat that a fork took
//! away and gave back goes on with whatever is on disk, and a step that a fork undid is done again. Every action may
//! happen twice: the transaction queue joins equal requests, and a report that is on disk is never computed again.

use codec::{Decode, Encode};

/// Where a seat stands on this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The chain gave the seat to this worker; the data is not here.
    #[codec(index = 0)]
    Drawn,
    /// The data is on disk and fits the commitment.
    #[codec(index = 1)]
    Fetched,
    /// The report is on disk, together with the salt of its hash.
    #[codec(index = 2)]
    Computed,
    /// The hash of the report is in the transaction queue.
    #[codec(index = 3)]
    Committing,
    /// The chain shows the hash.
    #[codec(index = 4)]
    Committed,
    /// The chain asks for the report, which goes into the transaction queue.
    #[codec(index = 5)]
    Opening,
    /// The report was opened.
    #[codec(index = 6)]
    Done,
    /// Over without a vote that counts.
    #[codec(index = 7)]
    Abandoned(Reason),
}

/// Why a seat ended without a vote that counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The check was closed without this seat's vote, or a fork took the seat back.
    #[codec(index = 0)]
    Gone,
    /// The chain counts this worker as absent.
    #[codec(index = 1)]
    Absent,
    /// Too late to commit.
    #[codec(index = 2)]
    Late,
    /// The chain shows a hash that is not of this machine's report: its disk was lost, or another machine has the
    /// same key.
    #[codec(index = 3)]
    Foreign,
    /// This machine cannot compute the report.
    #[codec(index = 4)]
    CannotCompute,
    /// It voted on a jury, but its report is not what most jurors computed.
    #[codec(index = 5)]
    Void,
}

impl State {
    /// Nothing more will happen, unless a fork gives the seat back.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Abandoned(_))
    }
}

/// What of a seat is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// The data of the audit.
    Data,
    /// The report.
    Report,
}

/// How the chain sees a seat of this worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Drawn; a hash is waited for.
    MayCommit,
    /// A hash is there; `ours` when it is of the report on disk.
    Committed {
        /// Of the report on disk.
        ours: bool,
    },
    /// The report is waited for.
    MayOpen {
        /// The hash is of the report on disk.
        ours: bool,
    },
    /// The report was compared.
    Voted,
    /// Counted as absent.
    Absent,
    /// Its report was compared with those of the other jurors, and is not what most computed.
    Void,
    /// Drawn, but hashes are no longer taken.
    Late,
    /// The chain has no such seat, or the check is closed.
    Gone,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The data is on disk and fits the commitment.
    DataStored,
    /// The report is on disk.
    ReportStored,
    /// This machine cannot compute the report, and would fail again.
    CannotCompute,
    /// The transaction queue has taken the hash and keeps it over restarts.
    CommitQueued,
    /// The chain shows the seat like this.
    Seen(Standing, Held),
    /// The first word of the chain after a restart, which may have cured what was in the way.
    Restarted(Held),
}

/// What the daemon has to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Get the data, store it, then say [`Event::DataStored`].
    Fetch,
    /// Compute the report, store it, then say [`Event::ReportStored`].
    Compute,
    /// Put the report's hash into the transaction queue, then say [`Event::CommitQueued`].
    Commit,
    /// Put the report into the transaction queue.
    Open,
    /// Stop fetching and computing.
    Stop,
}

/// The next state and its actions; `None` when the event changes nothing (an echo, or out of date).
pub fn step(state: State, event: Event) -> Option<(State, &'static [Action])> {
    use Action::*;
    use Reason as R;
    use State as S;
    Some(match (state, event) {
        (S::Drawn, Event::DataStored) => (S::Fetched, &[Compute]),
        (S::Fetched, Event::ReportStored) => (S::Computed, &[Commit]),
        (S::Drawn | S::Fetched, Event::CannotCompute) => (S::Abandoned(R::CannotCompute), &[Stop]),
        (S::Computed, Event::CommitQueued) => (S::Committing, &[]),
        (_, Event::Seen(standing, held)) => return seen(state, standing, held),
        (S::Abandoned(R::CannotCompute), Event::Restarted(held)) => again(held),
        (_, Event::Restarted(_)) if !state.is_final() => {
            let actions = resume(state);
            (!actions.is_empty()).then_some((state, actions))?
        }
        _ => return None,
    })
}

fn seen(state: State, standing: Standing, held: Held) -> Option<(State, &'static [Action])> {
    use Action::*;
    use Reason as R;
    use Standing as C;
    use State as S;
    Some(match (state, standing) {
        // A machine that cannot compute it does not try at every block.
        (S::Abandoned(R::CannotCompute), C::MayCommit) => return None,
        (S::Drawn | S::Fetched | S::Computed | S::Committing, C::MayCommit) => return None,
        // A fork gave the seat back, or undid the hash.
        (_, C::MayCommit) => again(held),

        (S::Abandoned(R::Foreign), C::Committed { ours: false } | C::MayOpen { ours: false }) => return None,
        (_, C::Committed { ours: false } | C::MayOpen { ours: false }) => (S::Abandoned(R::Foreign), &[Stop]),
        (S::Committed, C::Committed { ours: true }) => return None,
        (_, C::Committed { ours: true }) => (S::Committed, &[Stop]),
        (S::Opening, C::MayOpen { ours: true }) => return None,
        (_, C::MayOpen { ours: true }) => (S::Opening, &[Stop, Open]),

        (S::Done, C::Voted | C::Gone) => return None,
        (_, C::Voted) => (S::Done, &[Stop]),
        (S::Abandoned(R::Void), C::Void) => return None,
        // After its vote as well: a jury's votes are compared when it is counted.
        (_, C::Void) => (S::Abandoned(R::Void), &[Stop]),
        // The last report that is opened closes the audit in the same block.
        (S::Opening, C::Gone) => (S::Done, &[Stop]),

        (S::Abandoned(_), C::Absent | C::Late | C::Gone) => return None,
        (_, C::Absent) => (S::Abandoned(R::Absent), &[Stop]),
        (_, C::Late) => (S::Abandoned(R::Late), &[Stop]),
        (_, C::Gone) => (S::Abandoned(R::Gone), &[Stop]),
    })
}

/// Begins where the disk allows.
fn again(held: Held) -> (State, &'static [Action]) {
    let state = match held {
        Held::Nothing => State::Drawn,
        Held::Data => State::Fetched,
        Held::Report => State::Computed,
    };
    (state, resume(state))
}

/// What to do again after a restart in this state.
fn resume(state: State) -> &'static [Action] {
    match state {
        State::Drawn => &[Action::Fetch],
        State::Fetched => &[Action::Compute],
        // The queue joins equal requests, so what it kept is not sent twice.
        State::Computed | State::Committing => &[Action::Commit],
        State::Opening => &[Action::Open],
        State::Committed | State::Done | State::Abandoned(_) => &[],
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
