use crate::{mock::*, *};
use frame_support::{
    assert_ok,
    storage::with_transaction,
    traits::{fungible::Mutate, tokens::Preservation},
    BoundedVec,
};
use ogpu_primitives::{JobKind, Offence, OGPU};
use sp_runtime::{DispatchError, TransactionOutcome};

/// Corrupts a whole state, asserts that `do_try_state` says `message`, and takes the corruption back.
fn noticed(message: &'static str, corrupt: impl FnOnce()) {
    let outcome: Result<_, DispatchError> = with_transaction(|| {
        corrupt();
        TransactionOutcome::Rollback(Ok(Slashing::do_try_state()))
    });
    let error = outcome
        .expect("the outcome is passed through")
        .expect_err(message);
    assert_eq!(error, sp_runtime::TryRuntimeError::Other(message));
}

fn change_slash(id: u32, change: impl FnOnce(&mut PendingSlash<u64>)) {
    Pending::<Test>::mutate_extant(id, change);
}

#[test]
fn try_state_should_notice_when_storage_is_corrupted() {
    ExtBuilder.build_and_execute(|| {
        DeferralTicks::set(1_000);
        for owner in 1..5 {
            stake(owner, 100 * OGPU);
        }
        // An outage with two slashes, a window with one, and one for a wrong result.
        for owner in 1..4 {
            reported(owner, Offence::SilentUnderAudit, OGPU);
        }
        run_ticks(WINDOW);
        reported(4, Offence::LateData, OGPU);
        reported(4, Offence::WrongResult, OGPU);
        Slashing::counted(&work(7, OGPU));
        assert_ok!(Slashing::do_try_state());

        noticed("agenda item lies behind the cursor", || {
            AgendaCursor::<Test>::put((1_002, 0))
        });
        noticed("agenda item lies beyond its tick's length", || {
            AgendaLength::<Test>::remove(1_001)
        });
        noticed("a length lies behind the cursor", || {
            AgendaLength::<Test>::insert(3, 0)
        });
        noticed("an unfinished agenda item is missing", || {
            Agenda::<Test>::remove(1_001, 0)
        });
        noticed("a slash has an id that was not given", || NextId::<Test>::put(3));
        noticed("a slash is due before it is reported", || {
            change_slash(3, |slash| slash.reported_at = 9_999)
        });
        noticed("a slash takes nothing", || {
            change_slash(3, |slash| slash.amount = 0)
        });
        noticed("a slash is not on the agenda once, at its tick", || {
            change_slash(3, |slash| slash.due += 1)
        });
        noticed("a slash is not on the agenda once, at its tick", || {
            Agenda::<Test>::insert(1_001, 2, 3);
            AgendaLength::<Test>::insert(1_001, 3);
        });
        noticed("an outage is kept that nothing waits for", || {
            Outages::<Test>::mutate(|outages| outages[0].pending = 0)
        });
        noticed("an outage does not count the slashes that wait", || {
            Pending::<Test>::remove(0)
        });
        noticed("outages overlap", || {
            Outages::<Test>::mutate(|outages| {
                let _ = outages.try_push(outages[0]);
            })
        });
        noticed("a window of silence does not count the slashes that wait", || {
            Pending::<Test>::remove(2)
        });
        noticed("an empty list of offences is stored", || {
            Offences::<Test>::insert(9, BoundedVec::default())
        });
        noticed("offences are out of order", || {
            Offences::<Test>::mutate(4, |offences| offences[1].at = 0)
        });
        noticed("a client counted twice within a day", || {
            Standings::<Test>::mutate(1, JobKind::Generate, |record| {
                let _ = record.recent.try_push((7, 3));
            })
        });
        noticed("the pot lacks its existential deposit", || {
            assert_ok!(Balances::transfer(
                &Slashing::pot_account(),
                &RESERVE,
                EXISTENTIAL_DEPOSIT,
                Preservation::Expendable
            ));
        });
    });
}
