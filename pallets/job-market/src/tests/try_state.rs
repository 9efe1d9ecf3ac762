use crate::{mock::*, *};
use frame_support::{assert_err, assert_ok, traits::fungible::Mutate, traits::tokens::Preservation};
use ogpu_primitives::{job::replica_id, JobId, JobState, Verdict, H256};
use sp_runtime::TryRuntimeError;

fn corrupted(make: fn() -> JobId, break_it: impl FnOnce(JobId), message: &'static str) {
    ExtBuilder.build().execute_with(|| {
        let id = make();
        assert_ok!(JobMarket::do_try_state());
        break_it(id);
        assert_err!(JobMarket::do_try_state(), TryRuntimeError::Other(message));
    });
}

fn change(id: JobId, change: impl FnOnce(&mut Job<AccountId>)) {
    Jobs::<Test>::mutate_extant(id, change);
}

fn settled() -> JobId {
    let id = committed();
    assert_ok!(verdict(&id, 0, Verdict::Pass));
    id
}

#[test]
fn try_state_should_pass_when_somebody_gives_to_the_pot() {
    ExtBuilder.build().execute_with(|| {
        committed();
        let pot = JobMarket::pot_account();
        assert_ok!(<Balances as Mutate<_>>::transfer(
            &OTHER,
            &pot,
            77,
            Preservation::Preserve
        ));
        assert_ok!(JobMarket::do_try_state());
    });
}

#[test]
fn try_state_should_fail_when_a_planck_is_missing_from_the_pot() {
    corrupted(
        submit,
        |_| {
            Earnings::<Test>::insert(OWNER, 1);
        },
        "the pot holds less than it owes",
    );
}

#[test]
fn try_state_should_fail_when_a_ledger_does_not_add_up() {
    corrupted(
        settled,
        |id| change(id, |job| job.ledger.provider += 1),
        "a job's ledger does not add up",
    );
}

#[test]
fn try_state_should_fail_when_a_job_escrowed_another_sum() {
    corrupted(
        settled,
        |id| {
            change(id, |job| {
                job.ledger.escrowed += 1;
                job.ledger.provider += 1;
            })
        },
        "a job escrowed another sum",
    );
}

#[test]
fn try_state_should_fail_when_a_final_job_holds_money() {
    corrupted(
        submit,
        |id| change(id, |job| job.state = JobState::Cancelled),
        "a job holds what its state does not allow",
    );
}

#[test]
fn try_state_should_fail_when_a_number_names_another_job() {
    corrupted(
        submit,
        |_| JobNumbers::<Test>::insert(0, H256::zero()),
        "a job's number names another job",
    );
    corrupted(
        submit,
        |_| JobNumbers::<Test>::insert(1, H256::zero()),
        "a number names no job",
    );
    corrupted(
        submit,
        |_| NextJobNumber::<Test>::put(0),
        "a job's number was not given yet",
    );
}

#[test]
fn try_state_should_fail_when_a_history_is_lost_or_left() {
    corrupted(submit, History::<Test>::remove, "a job has no history");
    corrupted(
        submit,
        |id| {
            let history = History::<Test>::get(id);
            History::<Test>::insert(H256::zero(), history);
        },
        "a history without a job",
    );
}

#[test]
fn try_state_should_fail_when_a_nonce_can_be_used_again() {
    corrupted(
        submit,
        |_| LastNonce::<Test>::remove(CLIENT),
        "a job's nonce counts as unused",
    );
}

#[test]
fn try_state_should_fail_when_a_match_record_has_no_attempt() {
    corrupted(
        assigned,
        |id| {
            if let Some(record) = MatchRecords::<Test>::get(id, 0) {
                MatchRecords::<Test>::insert(id, 1, record);
            }
        },
        "a match record without an attempt",
    );
}

#[test]
fn try_state_should_fail_when_a_job_waits_nowhere() {
    let message = "a job is not where its state says";
    corrupted(
        submit,
        |_| Queue::<Test>::remove(ogpu_primitives::DeviceClass(0), 0),
        message,
    );
    corrupted(
        submit,
        |id| change(id, |job| job.state = JobState::Parked),
        message,
    );
    corrupted(assigned, |id| AssignedJobs::<Test>::remove(WORKER, id), message);
    corrupted(
        assigned,
        |id| change(id, |job| job.state = JobState::Committed),
        message,
    );
    corrupted(
        committed,
        |id| change(id, |job| job.state = JobState::Acknowledged),
        message,
    );
    corrupted(
        settled,
        |id| AssignedJobs::<Test>::insert(WORKER, id, ()),
        message,
    );
}

#[test]
fn try_state_should_fail_when_an_index_points_to_nothing() {
    corrupted(
        submit,
        |id| {
            let entry = QueueEntry {
                job: id,
                attempt: 0,
                fixed_at_block: 1,
            };
            Queue::<Test>::insert(ogpu_primitives::DeviceClass(1), 0, entry);
        },
        "a queue entry without an open job",
    );
    corrupted(
        submit,
        |id| ParkedJobs::<Test>::insert(H256::zero(), id, ()),
        "a parked entry without a parked job",
    );
    corrupted(
        submit,
        |id| AssignedJobs::<Test>::insert(WORKER, id, ()),
        "an assigned entry without an assigned job",
    );
}

#[test]
fn try_state_should_fail_when_the_agenda_lost_something() {
    corrupted(
        submit,
        |_| Agenda::<Test>::remove(201, 0),
        "an unfinished agenda item is missing",
    );
    corrupted(
        submit,
        |_| {
            Agenda::<Test>::remove(201, 0);
            AgendaLength::<Test>::remove(201);
        },
        "a job without its deadline",
    );
    corrupted(
        assigned,
        |_| {
            Agenda::<Test>::remove(18, 0);
            AgendaLength::<Test>::remove(18);
        },
        "an assigned job without its acknowledgement's deadline",
    );
    corrupted(
        settled,
        |_| {
            Agenda::<Test>::remove(1_003, 0);
            AgendaLength::<Test>::remove(1_003);
        },
        "a final job that is never pruned",
    );
    corrupted(
        submit,
        |_| AgendaCursor::<Test>::put((500, 0)),
        "an agenda item lies behind the cursor",
    );
    corrupted(
        submit,
        |_| AgendaLength::<Test>::remove(201),
        "an agenda item lies beyond its tick's length",
    );
    corrupted(
        submit,
        |_| {
            AgendaLength::<Test>::insert(0, 1);
            AgendaCursor::<Test>::put((1, 0));
        },
        "an agenda length lies behind the cursor",
    );
}

#[test]
fn try_state_should_fail_when_a_model_is_not_what_its_id_says() {
    corrupted(
        submit,
        |id| {
            let model = job(&id).request.model;
            Models::<Test>::mutate_extant(model, |model| model.spec.vram_mib += 1);
        },
        "a model's id is not its hash",
    );
    corrupted(
        submit,
        |id| {
            let model = job(&id).request.model;
            Models::<Test>::mutate_extant(model, |model| model.deposit += 1);
        },
        "held deposits differ from those of the models",
    );
}

#[test]
fn try_state_should_fail_when_an_audit_premium_is_not_that_of_the_result() {
    let message = "a job's audit premium is not that of its result";
    corrupted(
        committed,
        |id| {
            change(id, |job| {
                if let Some(assignment) = &mut job.assignment {
                    assignment.audit_premium += 1;
                }
            })
        },
        message,
    );
    corrupted(
        assigned,
        |id| {
            change(id, |job| {
                if let Some(assignment) = &mut job.assignment {
                    assignment.audit_premium = 1;
                }
            })
        },
        message,
    );
}

#[test]
fn try_state_should_fail_when_a_whitening_table_is_of_no_model_or_of_no_use() {
    let table = || ogpu_primitives::WhiteningTable::unit(8).expect("a valid table");
    corrupted(
        submit,
        |_| Whitening::<Test>::insert(H256::zero(), table()),
        "a whitening table without a model",
    );
    corrupted(
        submit,
        |id| {
            let mut table = table();
            table.scales.clear();
            Whitening::<Test>::insert(job(&id).request.model, table);
        },
        "a whitening table that cannot be used",
    );
}

/// The first of two replicas, both with workers.
fn replicated() -> JobId {
    for n in 0..2 {
        let worker = MockWorker {
            owner: OWNER + n,
            ..Default::default()
        };
        add_worker(WORKER + n, worker);
    }
    register();
    let mut request = request(0);
    request.limits.replicas = 2;
    let id = submit_as(CLIENT, request);
    run_blocks(2);
    id
}

/// Says of both replicas that `sibling` is the other one.
fn rebind(id: JobId, sibling: Option<JobId>) {
    let second = job(&id).sibling.expect("two replicas");
    for id in [id, second] {
        change(id, |job| job.sibling = sibling);
    }
}

#[test]
fn try_state_should_fail_when_replicas_are_not_bound_to_each_other() {
    let message = "a job has not the replicas that it asked for";
    corrupted(replicated, |id| rebind(id, None), message);
    corrupted(submit, |id| change(id, |job| job.sibling = Some(id)), message);
    corrupted(
        replicated,
        |id| rebind(id, Some(H256::zero())),
        "a job's replica is that of another job",
    );
    corrupted(
        replicated,
        |id| {
            // The first one is left, and the second one names a replica of its own.
            let second = job(&id).sibling.expect("two replicas");
            change(second, |job| job.sibling = Some(replica_id(&second, 1)));
        },
        "a job's replica does not name the job",
    );
    corrupted(
        replicated,
        |id| {
            let second = job(&id).sibling.expect("two replicas");
            LastNonce::<Test>::insert(OTHER, 0);
            change(second, |job| job.client = OTHER);
        },
        "two replicas are of different submissions",
    );
}

#[test]
fn try_state_should_fail_when_one_owner_has_both_replicas() {
    corrupted(
        replicated,
        |id| {
            let second = job(&id).sibling.expect("two replicas");
            let owner = job(&second).assignment.expect("assigned").owner;
            change(id, |job| {
                if let Some(assignment) = &mut job.assignment {
                    assignment.owner = owner;
                }
            });
        },
        "one owner has both replicas",
    );
}

#[test]
fn try_state_should_pass_when_the_other_replica_is_pruned() {
    ExtBuilder.build_and_execute(|| {
        PruneTicks::set(10);
        let id = replicated();
        let worker = job(&id).assignment.expect("assigned").worker;
        let origin = RuntimeOrigin::signed(worker);
        assert_ok!(JobMarket::commit(origin, work(&id, 0), commitment(50)));
        assert_ok!(verdict(&id, 0, Verdict::Pass));
        run_blocks(12);
        assert!(!Jobs::<Test>::contains_key(id));
    });
}
