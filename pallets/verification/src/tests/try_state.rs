use super::fixture::*;
use crate::{
    mock::*, Agenda, AgendaCursor, AgendaItem, AgendaLength, Commitments, Demands, Involved, JuryOutlays,
    JurySketches, Openings, Outlay, SeatState, Seats,
};
use frame_support::{assert_err, assert_ok};
use ogpu_primitives::{CheckStage, Role, H256};

/// A check whose worker has opened, with a challenge and a demand, broken in one place.
fn corrupted(break_it: impl FnOnce(), message: &'static str) {
    ExtBuilder::default().build().execute_with(|| {
        commit(work());
        assert_ok!(Verification::challenge(signed(client()), it()));
        run_ticks(9);
        assert_ok!(Verification::demand_data(signed(client()), it(), [1; 32]));
        audit_commit(0, &passing());
        assert_ok!(Verification::post_data(
            signed(prover()),
            it(),
            client(),
            Default::default()
        ));
        run_ticks(9);
        open();
        assert_ok!(Verification::committed(
            &subject(2),
            work(),
            &commitment_of(2, TOKENS)
        ));
        assert_ok!(Verification::demand_data(signed(client()), subject(2), [1; 32]));
        assert_ok!(Verification::do_try_state());
        break_it();
        assert_err!(
            Verification::do_try_state(),
            sp_runtime::TryRuntimeError::Other(message)
        );
    });
}

fn mutate(change: impl FnOnce(&mut crate::CommitmentRecord<AccountId>)) {
    Commitments::<Test>::mutate(it(), |record| {
        if let Some(record) = record {
            change(record)
        }
    });
}

#[test]
fn try_state_should_fail_when_an_item_lies_behind_the_cursor() {
    corrupted(
        || AgendaCursor::<Test>::put((10_000, 0)),
        "agenda item lies behind the cursor",
    );
}

#[test]
fn try_state_should_fail_when_a_length_is_too_small() {
    corrupted(
        || AgendaLength::<Test>::remove(record().due),
        "agenda item lies beyond its tick's length",
    );
}

#[test]
fn try_state_should_fail_when_an_item_is_missing() {
    corrupted(
        || Agenda::<Test>::remove(record().due, 0),
        "an unfinished agenda item is missing",
    );
}

#[test]
fn try_state_should_fail_when_a_length_lies_behind_the_cursor() {
    corrupted(
        || AgendaLength::<Test>::insert(0, 0),
        "a length lies behind the cursor",
    );
}

#[test]
fn try_state_should_fail_when_an_open_check_is_not_on_the_agenda() {
    corrupted(
        || Agenda::<Test>::insert(record().due, 0, AgendaItem::Check(subject(3))),
        "an open check is not on the agenda",
    );
}

#[test]
fn try_state_should_fail_when_an_open_demand_is_not_on_the_agenda() {
    corrupted(
        || {
            let demand = Demands::<Test>::get(subject(2), client()).expect("it was made");
            Agenda::<Test>::insert(demand.due, 0, AgendaItem::Check(subject(3)));
        },
        "an open demand is not on the agenda",
    );
}

#[test]
fn try_state_should_fail_when_a_stage_ends_before_it_begins() {
    corrupted(
        || mutate(|record| record.committed_at = 10_000),
        "a stage ends before it begins",
    );
}

#[test]
fn try_state_should_fail_when_a_check_is_closed_without_a_verdict() {
    corrupted(
        || mutate(|record| record.stage = CheckStage::Closed),
        "a check is closed without a verdict, or open with one",
    );
}

#[test]
fn try_state_should_fail_when_open_demands_are_miscounted() {
    corrupted(
        || mutate(|record| record.open_demands = 1),
        "open demands are miscounted",
    );
}

#[test]
fn try_state_should_fail_when_a_closed_check_has_demands() {
    corrupted(
        || {
            mutate(|record| {
                record.stage = CheckStage::Closed;
                record.verdict = Some(crate::Verdict::Pass);
            })
        },
        "a closed check has demands",
    );
}

#[test]
fn try_state_should_fail_when_a_closed_check_has_an_opening() {
    corrupted(
        || {
            Demands::<Test>::remove(it(), client());
            mutate(|record| {
                record.stage = CheckStage::Closed;
                record.verdict = Some(crate::Verdict::Pass);
            })
        },
        "a closed check has an opening",
    );
}

#[test]
fn try_state_should_fail_when_an_opening_is_kept_too_early() {
    corrupted(
        || Openings::<Test>::insert(subject(2), opening()),
        "an opening is missing, or kept at a stage without one",
    );
}

#[test]
fn try_state_should_fail_when_an_opening_is_missing() {
    corrupted(
        || Openings::<Test>::remove(it()),
        "an opening is missing, or kept at a stage without one",
    );
}

#[test]
fn try_state_should_fail_when_a_part_is_not_listed() {
    corrupted(
        || Involved::<Test>::remove(seat(0), it()),
        "parts in open checks are not those that are listed",
    );
}

#[test]
fn try_state_should_fail_when_a_part_is_listed_that_is_none() {
    corrupted(
        || Involved::<Test>::insert(seat(9), it(), ()),
        "parts in open checks are not those that are listed",
    );
}

#[test]
fn try_state_should_fail_when_something_is_kept_of_a_subject_that_is_not() {
    corrupted(
        || Seats::<Test>::insert(subject(3), Seats::<Test>::get(it())),
        "something is kept of a subject that is not",
    );
}

#[test]
fn try_state_should_fail_when_fees_held_are_not_those_of_challenges() {
    corrupted(
        || mutate(|record| record.challenge = Some(1)),
        "fees held are not those of open challenges",
    );
}

#[test]
fn try_state_should_fail_when_bonds_held_are_not_those_of_demands() {
    corrupted(
        || {
            Demands::<Test>::mutate(subject(2), client(), |demand| {
                if let Some(demand) = demand {
                    demand.bond += 1;
                }
            })
        },
        "bonds held are not those of open demands",
    );
}

#[test]
fn try_state_should_fail_when_an_absence_is_blamed_too_late() {
    corrupted(
        || {
            let item = AgendaItem::Absence(seat(0), seat_owner(0));
            assert_ok!(Verification::schedule(item.clone(), Now::get() + 1));
            assert_ok!(Verification::do_try_state());
            assert_ok!(Verification::schedule(item, Now::get() + 2));
        },
        "an absence is blamed too late",
    );
}

#[test]
fn try_state_should_fail_when_an_outlay_is_of_a_day_to_come() {
    corrupted(
        || {
            let (since, planck) = (Now::get(), 1);
            JuryOutlays::<Test>::insert(prover_owner(), Outlay { since, planck });
            assert_ok!(Verification::do_try_state());
            let since = since + 1;
            JuryOutlays::<Test>::insert(prover_owner(), Outlay { since, planck });
        },
        "an outlay for juries is empty, or of a day to come",
    );
}

#[test]
fn try_state_should_fail_when_an_outlay_is_empty() {
    corrupted(
        || {
            let (since, planck) = (Now::get(), 0);
            JuryOutlays::<Test>::insert(prover_owner(), Outlay { since, planck });
        },
        "an outlay for juries is empty, or of a day to come",
    );
}

/// A check whose jury has committed, and whose first juror has opened, broken in one place.
fn corrupted_jury(break_it: impl FnOnce(), message: &'static str) {
    ExtBuilder::default().build().execute_with(|| {
        commit(work());
        dispute();
        let report = computed(passing());
        (1..10).for_each(|n| audit_commit(n, &report));
        audit_open(1, report);
        assert_ok!(Verification::do_try_state());
        break_it();
        assert_err!(
            Verification::do_try_state(),
            sp_runtime::TryRuntimeError::Other(message)
        );
    });
}

/// What is said of a jury's sketch that should not be there.
const STRAY_SKETCH: &str = "a jury's sketch is kept of a seat that did not vote, or for too long";

#[test]
fn try_state_should_fail_when_a_sketch_is_kept_of_who_did_not_vote() {
    corrupted_jury(
        || JurySketches::<Test>::insert(it(), seat(2), jury_sketch(0)),
        STRAY_SKETCH,
    );
    // The auditor voted, but is no juror.
    corrupted_jury(
        || JurySketches::<Test>::insert(it(), seat(0), jury_sketch(0)),
        STRAY_SKETCH,
    );
}

#[test]
fn try_state_should_fail_when_a_sketch_is_kept_at_a_stage_without_one() {
    corrupted_jury(
        || mutate(|record| record.stage = CheckStage::Auditing(Role::Juror)),
        STRAY_SKETCH,
    );
    corrupted(
        || JurySketches::<Test>::insert(it(), seat(0), jury_sketch(0)),
        STRAY_SKETCH,
    );
}

#[test]
fn try_state_should_fail_when_a_sketch_is_kept_of_a_subject_that_is_not() {
    corrupted_jury(
        || JurySketches::<Test>::insert(subject(3), seat(1), jury_sketch(0)),
        STRAY_SKETCH,
    );
}

#[test]
fn try_state_should_fail_when_a_jury_has_no_key() {
    corrupted_jury(
        || mutate(|record| record.jury_key = None),
        "a jury has no key, or a key no jury",
    );
}

#[test]
fn try_state_should_fail_when_there_is_a_key_without_a_jury() {
    corrupted(
        || mutate(|record| record.jury_key = Some(H256::zero())),
        "a jury has no key, or a key no jury",
    );
}

#[test]
fn try_state_should_fail_when_a_ballot_is_void_before_the_count() {
    corrupted_jury(
        || Seats::<Test>::mutate(it(), |seats| seats[1].state = SeatState::Void),
        "a ballot is void that was not counted",
    );
}
