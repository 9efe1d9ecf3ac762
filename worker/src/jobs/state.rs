//! One attempt at a job, from its assignment to its end, as a pure function.
//!
//! ```text
//! Assigned → InputHeld → Acknowledging → Running → Finished → Committing → Committed → Done
//!     └──────────┴──────────────┴────────────┴─────────┴───────────┴───────────┴─→ Abandoned(why)
//! ```
//!
//! [`step`] takes a state and an event and returns the next state with the actions that the daemon has to carry
//! out. It touches no disk, no chain and no clock, so every path is tested here. The daemon persists the new
//! state *before* it acts; [`resume`] says what to do again after a restart, so an action that was lost with the
//! process is only late. Every action may happen twice: the transaction queue joins equal requests, and a rerun
//! of the engine gives the same tokens.
//!
//! The engine is started as soon as the acknowledgement is queued, not when the chain shows it: that saves a
//! block's time, and a job whose acknowledgement fails costs at most one wasted run.

use codec::{Decode, Encode};
use ogpu_primitives::Tick;

/// Where an attempt stands on this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The chain gave it to this worker; the client has not delivered the input.
    #[codec(index = 0)]
    Assigned,
    /// The input is on disk and fits its commitment.
    #[codec(index = 1)]
    InputHeld,
    /// The acknowledgement is in the transaction queue and the engine may run.
    #[codec(index = 2)]
    Acknowledging,
    /// The chain shows the acknowledgement; the engine computes.
    #[codec(index = 3)]
    Running,
    /// Encrypted output and commitment are on disk.
    #[codec(index = 4)]
    Finished,
    /// The commit is in the transaction queue.
    #[codec(index = 5)]
    Committing,
    /// The chain shows the commitment; the check window runs.
    #[codec(index = 6)]
    Committed,
    /// Settled.
    #[codec(index = 7)]
    Done,
    /// Over without pay.
    #[codec(index = 8)]
    Abandoned(Reason),
}

/// Why an attempt ended without pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The client delivered no input that fits its commitment in time; said on chain, nobody is blamed.
    #[codec(index = 0)]
    NoInput,
    /// The chain took the job back: a deadline passed, or another attempt is running.
    #[codec(index = 1)]
    TakenBack,
    /// The engine cannot run it on this machine; the deadline will pass it on.
    #[codec(index = 2)]
    EngineFailed,
    /// The chain refunded the client after the commitment.
    #[codec(index = 3)]
    Refunded,
    /// It cannot be finished before its deadline on this machine. No message on chain says that honestly, so the
    /// acknowledgement is left out and the chain gives the job to another worker.
    #[codec(index = 4)]
    DeadlineTooNear,
}

impl State {
    /// Nothing more will happen, unless a fork returns a job that was taken back.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Abandoned(_))
    }

    /// A client that delivers the input now still helps.
    pub fn takes_input(self) -> bool {
        self == Self::Assigned
    }

    /// The output is on disk and may be served.
    pub fn has_output(self) -> bool {
        matches!(
            self,
            Self::Finished | Self::Committing | Self::Committed | Self::Done
        ) || self == Self::Abandoned(Reason::Refunded)
    }
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The input is on disk and fits its commitment.
    InputStored,
    /// The transaction queue has taken the acknowledgement and keeps it over restarts.
    AcknowledgeQueued,
    /// The chain shows the acknowledgement.
    Acknowledged,
    /// Encrypted output and commitment are on disk.
    OutputStored,
    /// The engine gave up; a rerun would give up as well.
    RunFailed,
    /// The transaction queue has taken the commit and keeps it over restarts.
    CommitQueued,
    /// The chain shows the commitment.
    Committed,
    /// The chain paid.
    Settled,
    /// The chain refunded the client.
    Refunded,
    /// The job is no longer this worker's.
    TakenBack,
    /// The deadline comes before this machine could be done.
    CannotFinish,
    /// The work clock moved.
    Clock(Tick),
    /// The chain shows the attempt as this worker's again: the block that took it back left the best chain.
    Returned {
        /// Its input is still on disk.
        input_held: bool,
    },
}

/// What the daemon has to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Put `acknowledge` into the transaction queue, then say [`Event::AcknowledgeQueued`].
    Acknowledge,
    /// Put `no_input` into the transaction queue.
    ReportNoInput,
    /// Run the engine, store its result, then say [`Event::OutputStored`].
    Run,
    /// Stop the engine if it works on this attempt.
    CancelRun,
    /// Put `commit` into the transaction queue, then say [`Event::CommitQueued`].
    Commit,
    /// The input is of no more use; delete it.
    ForgetInput,
}

/// What an attempt's decisions about time depend on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadlines {
    /// Last tick at which the acknowledgement (or `no_input`) counts.
    pub acknowledge_by: Tick,
    /// `no_input` is sent this many ticks before that.
    pub no_input_margin: Tick,
}

impl Deadlines {
    fn gives_up_on_input(&self, now: Tick) -> bool {
        now.saturating_add(self.no_input_margin) >= self.acknowledge_by
    }
}

/// The next state and its actions; `None` when the event changes nothing (an echo, or out of date).
pub fn step(state: State, event: Event, deadlines: &Deadlines) -> Option<(State, &'static [Action])> {
    use Action::*;
    use State as S;
    Some(match (state, event) {
        (S::Abandoned(Reason::TakenBack), Event::Returned { input_held: true }) => {
            (S::InputHeld, &[Acknowledge])
        }
        (S::Abandoned(Reason::TakenBack), Event::Returned { input_held: false }) => (S::Assigned, &[]),
        (S::Done | S::Abandoned(_), _) => return None,

        (S::Assigned, Event::InputStored) => (S::InputHeld, &[Acknowledge]),
        (S::Assigned, Event::Clock(now)) if deadlines.gives_up_on_input(now) => {
            (S::Abandoned(Reason::NoInput), &[ReportNoInput])
        }

        // `no_input` would be a lie that costs the client a fee, and an acknowledgement would hold the job until
        // its deadline for nothing.
        (S::Assigned, Event::CannotFinish) => (S::Abandoned(Reason::DeadlineTooNear), &[]),

        (S::InputHeld, Event::AcknowledgeQueued) => (S::Acknowledging, &[Run]),
        // Seen after a restart: the acknowledgement was sent by the process that died.
        (S::InputHeld, Event::Acknowledged) => (S::Running, &[Run]),
        (S::Acknowledging, Event::Acknowledged) => (S::Running, &[]),

        (S::InputHeld | S::Acknowledging | S::Running, Event::OutputStored) => (S::Finished, &[Commit]),
        (S::InputHeld | S::Acknowledging | S::Running, Event::RunFailed) => {
            (S::Abandoned(Reason::EngineFailed), &[ForgetInput])
        }

        (S::Finished, Event::CommitQueued) => (S::Committing, &[]),
        (S::Finished | S::Committing, Event::Committed) => (S::Committed, &[ForgetInput]),

        // A commitment on chain for work that this machine no longer holds: it was made by an earlier life of
        // the worker whose disk is gone. There is nothing to serve and nothing to redo.
        (S::Assigned | S::InputHeld | S::Acknowledging | S::Running, Event::Committed) => {
            (S::Committed, &[CancelRun, ForgetInput])
        }

        (_, Event::Settled) => (S::Done, &[CancelRun, ForgetInput]),
        (S::Committed, Event::Refunded) => (S::Abandoned(Reason::Refunded), &[CancelRun, ForgetInput]),
        // The input stays until the record is pruned: a fork may bring the job back.
        (_, Event::Refunded | Event::TakenBack) => (S::Abandoned(Reason::TakenBack), &[CancelRun]),

        _ => return None,
    })
}

/// What to do again after a restart in this state. The chain is read first and its events are applied, so a
/// job that was lost in the meantime is already final here.
pub fn resume(state: State) -> &'static [Action] {
    match state {
        State::Assigned | State::Committed | State::Done | State::Abandoned(_) => &[],
        State::InputHeld => &[Action::Acknowledge],
        State::Acknowledging => &[Action::Acknowledge, Action::Run],
        State::Running => &[Action::Run],
        // The queue joins equal requests, so a commit that it kept is not sent twice.
        State::Finished | State::Committing => &[Action::Commit],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEADLINES: Deadlines = Deadlines {
        acknowledge_by: 100,
        no_input_margin: 3,
    };

    fn after(state: State, events: &[Event]) -> (State, Vec<Action>) {
        events
            .iter()
            .fold((state, Vec::new()), |(state, mut actions), event| {
                match step(state, *event, &DEADLINES) {
                    Some((next, more)) => {
                        actions.extend_from_slice(more);
                        (next, actions)
                    }
                    None => (state, actions),
                }
            })
    }

    #[test]
    fn attempt_should_end_done_when_all_goes_well() {
        let (state, actions) = after(
            State::Assigned,
            &[
                Event::InputStored,
                Event::AcknowledgeQueued,
                Event::Acknowledged,
                Event::OutputStored,
                Event::CommitQueued,
                Event::Committed,
                Event::Settled,
            ],
        );
        assert_eq!(state, State::Done);
        assert_eq!(
            actions,
            [
                Action::Acknowledge,
                Action::Run,
                Action::Commit,
                Action::ForgetInput,
                Action::CancelRun,
                Action::ForgetInput
            ]
        );
    }

    #[test]
    fn attempt_should_commit_when_the_engine_is_faster_than_the_chain() {
        let (state, actions) = after(
            State::Assigned,
            &[Event::InputStored, Event::AcknowledgeQueued, Event::OutputStored],
        );
        assert_eq!(state, State::Finished);
        assert_eq!(actions.last(), Some(&Action::Commit));
        assert_eq!(step(state, Event::Acknowledged, &DEADLINES), None);
    }

    #[test]
    fn attempt_should_say_no_input_when_the_margin_is_reached() {
        assert_eq!(step(State::Assigned, Event::Clock(96), &DEADLINES), None);
        assert_eq!(
            step(State::Assigned, Event::Clock(97), &DEADLINES),
            Some((State::Abandoned(Reason::NoInput), &[Action::ReportNoInput][..]))
        );
    }

    #[test]
    fn attempt_should_stay_silent_when_it_cannot_be_finished() {
        let (state, actions) = after(
            State::Assigned,
            &[Event::CannotFinish, Event::InputStored, Event::Clock(99)],
        );
        assert_eq!(state, State::Abandoned(Reason::DeadlineTooNear));
        assert!(actions.is_empty(), "{actions:?}");
        // What was begun is brought to its end.
        assert_eq!(step(State::InputHeld, Event::CannotFinish, &DEADLINES), None);
    }

    #[test]
    fn attempt_should_not_say_no_input_when_the_input_is_held() {
        for state in [
            State::InputHeld,
            State::Acknowledging,
            State::Running,
            State::Finished,
        ] {
            assert_eq!(step(state, Event::Clock(1_000), &DEADLINES), None);
        }
    }

    #[test]
    fn attempt_should_stop_the_engine_when_the_chain_takes_it_back() {
        for state in [
            State::InputHeld,
            State::Acknowledging,
            State::Running,
            State::Finished,
            State::Committing,
        ] {
            let (next, actions) = step(state, Event::TakenBack, &DEADLINES).expect("it changes the state");
            assert_eq!(next, State::Abandoned(Reason::TakenBack));
            assert!(actions.contains(&Action::CancelRun));
        }
    }

    #[test]
    fn attempt_should_go_on_when_a_fork_brings_it_back() {
        let taken = State::Abandoned(Reason::TakenBack);
        let (next, actions) =
            step(taken, Event::Returned { input_held: true }, &DEADLINES).expect("it changes the state");
        assert_eq!((next, actions), (State::InputHeld, &[Action::Acknowledge][..]));
        let (next, _) = step(taken, Event::Returned { input_held: false }, &DEADLINES).expect("it changes");
        assert_eq!(next, State::Assigned);
        assert_eq!(
            step(State::Done, Event::Returned { input_held: true }, &DEADLINES),
            None
        );
    }

    #[test]
    fn resume_should_run_again_when_no_output_is_on_disk() {
        assert!(resume(State::Running).contains(&Action::Run));
        assert!(resume(State::Acknowledging).contains(&Action::Run));
    }

    #[test]
    fn resume_should_only_commit_when_the_output_is_on_disk() {
        assert_eq!(resume(State::Finished), [Action::Commit]);
        assert_eq!(resume(State::Committing), [Action::Commit]);
    }

    #[test]
    fn resume_should_do_nothing_when_the_attempt_is_over() {
        assert!(resume(State::Done).is_empty());
        assert!(resume(State::Abandoned(Reason::TakenBack)).is_empty());
    }

    fn any_event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::InputStored),
            Just(Event::AcknowledgeQueued),
            Just(Event::Acknowledged),
            Just(Event::OutputStored),
            Just(Event::RunFailed),
            Just(Event::CommitQueued),
            Just(Event::Committed),
            Just(Event::Settled),
            Just(Event::Refunded),
            Just(Event::TakenBack),
            Just(Event::CannotFinish),
            (0u32..200).prop_map(Event::Clock),
        ]
    }

    proptest! {
        #[test]
        fn attempt_should_never_leave_an_end_nor_commit_without_output(
            events in proptest::collection::vec(any_event(), 0..40)
        ) {
            let mut state = State::Assigned;
            let mut stored = false;
            for event in events {
                let Some((next, actions)) = step(state, event, &DEADLINES) else { continue };
                prop_assert!(!state.is_final());
                stored |= event == Event::OutputStored;
                prop_assert!(!actions.contains(&Action::Commit) || stored);
                // no_input is a lie once the input is held
                prop_assert!(!actions.contains(&Action::ReportNoInput) || state == State::Assigned);
                state = next;
            }
        }
    }
}
