use super::*;
use proptest::prelude::*;

const OURS: Standing = Standing::Committed { ours: true };
const OPEN: Standing = Standing::MayOpen { ours: true };

fn seen(standing: Standing) -> Event {
    Event::Seen(standing, Held::Report)
}

fn after(state: State, events: &[Event]) -> (State, Vec<Action>) {
    events
        .iter()
        .fold((state, Vec::new()), |(state, mut actions), event| {
            let Some((next, more)) = step(state, *event) else {
                return (state, actions);
            };
            actions.extend_from_slice(more);
            (next, actions)
        })
}

#[test]
fn seat_should_end_done_when_all_goes_well() {
    let life = [
        Event::Seen(Standing::MayCommit, Held::Nothing),
        Event::DataStored,
        Event::Seen(Standing::MayCommit, Held::Data),
        Event::ReportStored,
        Event::CommitQueued,
        seen(Standing::MayCommit),
        seen(OURS),
        seen(OURS),
        seen(OPEN),
        seen(OPEN),
        seen(Standing::Voted),
        seen(Standing::Gone),
    ];
    let (state, actions) = after(State::Drawn, &life);
    assert_eq!(state, State::Done);
    use Action::*;
    assert_eq!(actions, [Compute, Commit, Stop, Stop, Open, Stop]);
}

#[test]
fn seat_should_be_done_when_its_opening_closed_the_audit_at_once() {
    assert_eq!(
        step(State::Opening, seen(Standing::Gone)),
        Some((State::Done, &[Action::Stop][..]))
    );
}

#[test]
fn seat_should_be_void_when_the_jury_was_counted_without_it() {
    let void = State::Abandoned(Reason::Void);
    for state in [State::Opening, State::Done] {
        assert_eq!(
            step(state, seen(Standing::Void)),
            Some((void, &[Action::Stop][..]))
        );
    }
    for again in [Standing::Void, Standing::Gone] {
        assert_eq!(step(void, seen(again)), None);
    }
    // A fork undid the count.
    let (state, _) = step(void, seen(Standing::Voted)).expect("it changes the state");
    assert_eq!(state, State::Done);
}

#[test]
fn seat_should_be_abandoned_when_the_chain_goes_on_without_it() {
    for (standing, reason) in [
        (Standing::Gone, Reason::Gone),
        (Standing::Absent, Reason::Absent),
        (Standing::Void, Reason::Void),
        (Standing::Late, Reason::Late),
        (Standing::Committed { ours: false }, Reason::Foreign),
    ] {
        for state in [State::Drawn, State::Fetched, State::Computed, State::Committing] {
            let (next, actions) = step(state, seen(standing)).expect("it changes the state");
            assert_eq!(next, State::Abandoned(reason), "{state:?}");
            assert!(actions.contains(&Action::Stop));
        }
    }
}

#[test]
fn seat_should_go_on_with_what_is_on_disk_when_a_fork_gives_it_back() {
    for (held, state, action) in [
        (Held::Nothing, State::Drawn, Action::Fetch),
        (Held::Data, State::Fetched, Action::Compute),
        (Held::Report, State::Computed, Action::Commit),
    ] {
        for reason in [
            Reason::Gone,
            Reason::Absent,
            Reason::Void,
            Reason::Late,
            Reason::Foreign,
        ] {
            assert_eq!(
                step(State::Abandoned(reason), Event::Seen(Standing::MayCommit, held)),
                Some((state, &[action][..]))
            );
        }
    }
    // The hash stayed, the seat came back.
    let (state, _) = step(State::Abandoned(Reason::Gone), seen(OURS)).expect("it changes the state");
    assert_eq!(state, State::Committed);
}

#[test]
fn seat_should_send_again_when_a_fork_undid_what_the_chain_showed() {
    for state in [State::Committed, State::Opening, State::Done] {
        assert_eq!(
            step(state, seen(Standing::MayCommit)),
            Some((State::Computed, &[Action::Commit][..]))
        );
    }
    let (state, actions) = step(State::Done, seen(OPEN)).expect("it changes the state");
    assert_eq!(state, State::Opening);
    assert!(actions.contains(&Action::Open));
    // The stage went back by a block: opened once more when it is there again.
    let (state, actions) = after(State::Opening, &[seen(OURS), seen(OPEN)]);
    assert_eq!(state, State::Opening);
    assert!(actions.contains(&Action::Open));
}

#[test]
fn seat_should_be_tried_again_only_after_a_restart_when_it_could_not_be_computed() {
    let (failed, _) = step(State::Fetched, Event::CannotCompute).expect("it changes the state");
    assert_eq!(failed, State::Abandoned(Reason::CannotCompute));
    assert_eq!(step(failed, Event::Seen(Standing::MayCommit, Held::Data)), None);
    assert_eq!(
        step(failed, Event::Restarted(Held::Data)),
        Some((State::Fetched, &[Action::Compute][..]))
    );
}

#[test]
fn restart_should_repeat_the_last_action_and_nothing_before_it() {
    for (state, actions) in [
        (State::Drawn, &[Action::Fetch][..]),
        (State::Fetched, &[Action::Compute]),
        (State::Computed, &[Action::Commit]),
        (State::Committing, &[Action::Commit]),
        (State::Opening, &[Action::Open]),
    ] {
        assert_eq!(
            step(state, Event::Restarted(Held::Nothing)),
            Some((state, actions))
        );
    }
    for state in [State::Committed, State::Done, State::Abandoned(Reason::Gone)] {
        assert_eq!(step(state, Event::Restarted(Held::Report)), None, "{state:?}");
    }
}

fn any_standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        Just(Standing::MayCommit),
        any::<bool>().prop_map(|ours| Standing::Committed { ours }),
        any::<bool>().prop_map(|ours| Standing::MayOpen { ours }),
        Just(Standing::Voted),
        Just(Standing::Absent),
        Just(Standing::Void),
        Just(Standing::Late),
        Just(Standing::Gone),
    ]
}

/// 0 data, 1 report, 2 failure, 3 queued, 4 restart, 5 the chain.
fn any_input() -> impl Strategy<Value = (u8, Standing)> {
    (0u8..6, any_standing())
}

proptest! {
    #[test]
    fn seat_should_compute_once_and_commit_only_what_is_on_disk(
        inputs in proptest::collection::vec(any_input(), 0..60)
    ) {
        let (mut state, mut held) = (State::Drawn, Held::Nothing);
        for (kind, standing) in inputs {
            let event = match kind {
                0 if held == Held::Nothing => Event::DataStored,
                1 if held == Held::Data => Event::ReportStored,
                2 => Event::CannotCompute,
                3 => Event::CommitQueued,
                4 => Event::Restarted(held),
                5 => {
                    // The chain can show our hash only of a report that we have.
                    let ours = held == Held::Report;
                    Event::Seen(match standing {
                        Standing::Committed { .. } => Standing::Committed { ours },
                        Standing::MayOpen { .. } => Standing::MayOpen { ours },
                        other => other,
                    }, held)
                }
                _ => continue,
            };
            let Some((next, actions)) = step(state, event) else { continue };
            match event {
                Event::DataStored => held = Held::Data,
                Event::ReportStored => held = Held::Report,
                _ => (),
            }
            prop_assert!(!actions.contains(&Action::Compute) || held == Held::Data);
            prop_assert!(!actions.contains(&Action::Fetch) || held == Held::Nothing);
            let sends = actions.contains(&Action::Commit) || actions.contains(&Action::Open);
            prop_assert!(!sends || held == Held::Report);
            state = next;
            // Whatever happened, a seat that the chain still gives is worked on, but for one that cannot be computed.
            if let Event::Seen(Standing::MayCommit, _) = event {
                prop_assert!(!state.is_final() || state == State::Abandoned(Reason::CannotCompute));
            }
        }
    }
}
