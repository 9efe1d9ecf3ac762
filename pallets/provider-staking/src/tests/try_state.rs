use crate::{mock::*, *};
use frame_support::{assert_ok, storage::with_transaction};
use ogpu_primitives::{DeviceClass, OGPU};
use sp_runtime::{DispatchError, TransactionOutcome};

/// Corrupts a whole state, asserts that `do_try_state` notices, and takes the corruption back.
fn noticed(what: &str, corrupt: impl FnOnce()) {
    let outcome: Result<bool, DispatchError> = with_transaction(|| {
        corrupt();
        TransactionOutcome::Rollback(Ok(ProviderStaking::do_try_state().is_err()))
    });
    assert_eq!(outcome, Ok(true), "{what} went unnoticed");
}

fn change_owner(change: impl FnOnce(&mut Owner)) {
    Owners::<Test>::mutate_extant(owner(1), change);
}

fn change_worker(change: impl FnOnce(&mut Worker<AccountId>)) {
    Workers::<Test>::mutate_extant(worker(1), change);
}

#[test]
fn try_state_should_notice_when_storage_is_corrupted() {
    ExtBuilder.build_and_execute(|| {
        let first = listed(1);
        listed(2);
        assert_ok!(ProviderStaking::reserve(&first, OGPU));
        assert_ok!(ProviderStaking::unstake(signed(&owner(1)), OGPU));
        assert_ok!(ProviderStaking::do_try_state());
        let model = RosterKey::Model(model(0));

        noticed("stake beyond the hold", || change_owner(|owner| owner.stake += 1));
        noticed("a lost unbonding chunk", || {
            change_owner(|owner| owner.unbonding.clear())
        });
        noticed("a wrong allotment", || change_owner(|owner| owner.allotted += 1));
        noticed("a total that is not the owners'", || {
            TotalStake::<Test>::mutate(|total| *total -= 1)
        });
        noticed("more allotted than there ever was", || {
            change_owner(|owner| owner.allotted = 1_001 * OGPU);
            change_worker(|worker| worker.allotted = 901 * OGPU);
        });
        noticed("more exposed than there ever was", || {
            change_owner(|owner| owner.exposure = 1_001 * OGPU);
            change_worker(|worker| worker.exposure = 1_001 * OGPU);
        });
        noticed("a slash that waits and is not known", || {
            Waiting::set(Vec::from([(owner(1), 1)]));
        });
        Waiting::set(Vec::new());
        noticed("a slash that does not wait", || {
            change_owner(|owner| owner.pending = 1)
        });
        noticed("a wrong exposure", || change_owner(|owner| owner.exposure += 1));
        noticed("a wrong number of workers", || {
            change_owner(|owner| owner.workers += 1)
        });
        noticed("a lost owner", || Owners::<Test>::remove(owner(1)));
        noticed("an empty owner", || {
            Owners::<Test>::insert(owner(5), Owner::default())
        });
        noticed("a worker's wrong allotment", || {
            change_worker(|worker| worker.allotted += 1)
        });
        noticed("a worker's wrong exposure", || {
            change_worker(|worker| worker.exposure += 1)
        });
        noticed("an ask out of range", || {
            change_worker(|worker| worker.ask_permille = 1)
        });
        noticed("a wrong number of models", || {
            change_worker(|worker| worker.models += 1)
        });
        noticed("a lost capability", || {
            change_worker(|worker| worker.capability = None)
        });
        noticed("a draining worker in the rosters", || {
            change_worker(|worker| worker.status = WorkerStatus::Draining);
        });
        noticed("an unlisted worker in the rosters", || {
            change_worker(|worker| worker.listed = false)
        });
        noticed("another owner", || {
            change_worker(|worker| worker.owner = owner(2))
        });
        noticed("a lost worker", || Workers::<Test>::remove(worker(1)));
        noticed("a lost list entry", || {
            WorkersOf::<Test>::remove(owner(1), worker(1))
        });
        noticed("a stray list entry", || {
            WorkersOf::<Test>::insert(owner(1), worker(7), ())
        });
        noticed("a lost profile", || Profiles::<Test>::remove(worker(1)));
        noticed("a stray profile", || {
            Profiles::<Test>::insert(worker(7), profile(7))
        });
        noticed("a lost transport key", || {
            TransportKeys::<Test>::remove(profile(1).network.transport_key);
        });
        noticed("a stray transport key", || {
            TransportKeys::<Test>::insert([77; 32], worker(1))
        });
        noticed("a lost served model", || {
            Served::<Test>::remove(worker(1), self::model(0))
        });
        noticed("a stray served model", || {
            Served::<Test>::insert(worker(7), self::model(0), ())
        });
        noticed("a short roster", || RosterLength::<Test>::insert(model, 1));
        noticed("a long roster", || RosterLength::<Test>::insert(model, 3));
        noticed("an empty roster", || {
            RosterLength::<Test>::insert(RosterKey::Class(DeviceClass(1)), 0);
        });
        noticed("a miscounted roster", || RosterOwners::<Test>::insert(model, 2));
        noticed("a lost count of owners", || RosterOwners::<Test>::remove(model));
        noticed("a count of owners of no roster", || {
            RosterOwners::<Test>::insert(RosterKey::Class(DeviceClass(1)), 0)
        });
        noticed("an owner's miscounted workers", || {
            RosterWorkersOf::<Test>::insert(model, owner(1), 1)
        });
        noticed("an owner's lost workers", || {
            RosterWorkersOf::<Test>::remove(model, owner(1))
        });
        noticed("an owner without workers in a roster", || {
            RosterWorkersOf::<Test>::insert(model, owner(2), 0)
        });
        noticed("a class's wrong stake", || {
            ClassStake::<Test>::mutate(DeviceClass(5), |stake| *stake += 1)
        });
        noticed("a class's lost stake", || {
            ClassStake::<Test>::remove(DeviceClass(5))
        });
        noticed("stake of a class without workers", || {
            ClassStake::<Test>::insert(DeviceClass(1), 0)
        });
        noticed("a gap", || RosterMember::<Test>::remove(model, 0));
        noticed("a member twice", || {
            RosterMember::<Test>::insert(model, 1, worker(1))
        });
        noticed("a member that is not paired", || {
            RosterMember::<Test>::insert(model, 1, worker(7))
        });
        noticed("a lost position", || {
            RosterPosition::<Test>::remove(worker(1), model)
        });
        noticed("a wrong position", || {
            RosterPosition::<Test>::insert(worker(1), model, 1)
        });
        noticed("a stray position", || {
            RosterPosition::<Test>::insert(worker(7), model, 0)
        });
    });
}
