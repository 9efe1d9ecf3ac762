use crate::{mock::*, *};
use codec::{Decode, Encode};
use frame_support::{
    assert_ok,
    storage::with_transaction,
    traits::{fungible::Mutate, tokens::Preservation},
    BoundedVec,
};
use ogpu_primitives::{
    running_sum::{Level, RunningSum, SoftSums},
    JobKind, Offence, OGPU,
};
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
        for owner in 1..6 {
            stake(owner, 100 * OGPU);
        }
        // An outage with two slashes, a window with one, and one for a wrong result.
        Slashing::note_silence(&5);
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
        noticed("an owner's sum is not what its slashes that wait take", || {
            PendingSums::<Test>::remove(4)
        });
        noticed("an owner's sum is not what its slashes that wait take", || {
            // Silence is in no sum.
            PendingSums::<Test>::insert(1, OGPU)
        });
        noticed("an owner's sum is not what its slashes that wait take", || {
            PendingSums::<Test>::insert(9, 0)
        });
        noticed("an owner's sum is not what its slashes that wait take", || {
            change_slash(3, |slash| slash.amount += 1)
        });
        noticed("an outage is kept that nothing waits for", || {
            Outages::<Test>::mutate(|outages| outages[0].pending = 0)
        });
        noticed("an outage does not count the slashes that wait", || {
            Slashing::take_pending(0);
        });
        noticed("outages overlap", || {
            Outages::<Test>::mutate(|outages| {
                let _ = outages.try_push(outages[0]);
            })
        });
        noticed("a window of silence does not count the slashes that wait", || {
            Slashing::take_pending(2);
        });
        noticed("an empty list of offences is stored", || {
            Offences::<Test>::insert(9, BoundedVec::default())
        });
        noticed("offences are out of order", || {
            Offences::<Test>::mutate(4, |offences| offences[1].at = 0)
        });
        noticed("a client counted twice within a day", || {
            Standings::<Test>::mutate(1, JobKind::Generate, |record| {
                let _ = record.recent.try_push(RecentAudit {
                    client: 7,
                    at: 3,
                    weight_milli: 1_000,
                });
            })
        });
        for weight_milli in [0, 1_001] {
            noticed("an audit counts nothing, or more than it may", || {
                Standings::<Test>::mutate(1, JobKind::Generate, |record| {
                    record.recent[0].weight_milli = weight_milli;
                })
            });
        }
        noticed("an outage was forgiven before it came", || {
            Forgiven::<Test>::insert(1, 9_999)
        });
        noticed("a running sum has seen nothing", || {
            Precision::<Test>::insert(101, work(7, OGPU).model, SoftSums::default())
        });
        noticed("a running sum stands above what it reached", || {
            Precision::<Test>::mutate(101, work(7, OGPU).model, |sums| {
                let never = (u128::MAX / 4, 0u128, 0u128, 1u32, Level::Quiet);
                sums.tokens = RunningSum::decode(&mut &never.encode()[..]).expect("the same fields");
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
