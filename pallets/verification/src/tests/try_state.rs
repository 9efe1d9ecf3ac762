use super::{commitment, subject};
use crate::{mock::*, Agenda, AgendaCursor, AgendaLength, Commitments};
use frame_support::{assert_err, assert_ok};

fn corrupted(break_it: impl FnOnce(), message: &'static str) {
    ExtBuilder.build().execute_with(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1_001));
        assert_ok!(Verification::do_try_state());
        break_it();
        assert_err!(
            Verification::do_try_state(),
            sp_runtime::TryRuntimeError::Other(message)
        );
    });
}

#[test]
fn try_state_should_fail_when_an_item_lies_behind_the_cursor() {
    corrupted(
        || AgendaCursor::<Test>::put((33, 0)),
        "agenda item lies behind the cursor",
    );
}

#[test]
fn try_state_should_fail_when_a_length_is_too_small() {
    corrupted(
        || AgendaLength::<Test>::remove(32),
        "agenda item lies beyond its tick's length",
    );
}

#[test]
fn try_state_should_fail_when_an_item_is_missing() {
    corrupted(
        || Agenda::<Test>::remove(32, 0),
        "an unfinished agenda item is missing",
    );
}

#[test]
fn try_state_should_fail_when_an_open_window_is_not_on_the_agenda() {
    corrupted(
        || Agenda::<Test>::insert(32, 0, subject(2)),
        "an open window is not on the agenda",
    );
}

#[test]
fn try_state_should_fail_when_a_window_ends_before_it_opens() {
    corrupted(
        || {
            Commitments::<Test>::mutate(subject(1), |record| {
                if let Some(record) = record {
                    record.committed_at = 99;
                }
            })
        },
        "a window ends before it opens",
    );
}
