//! What a job on chain means to one attempt of this worker. Pure.

use crate::jobs::{Assignment, ChainJob, ChainStatus};
use ogpu_client::{chain::Job, AccountId};
use ogpu_primitives::{JobId, JobState, WorkKey};

/// The attempt that the chain has given to `worker` now, if it has.
pub fn current_attempt(id: JobId, job: &Job, worker: &AccountId) -> Option<WorkKey> {
    let ours = job
        .assignment
        .as_ref()
        .is_some_and(|assignment| assignment.worker == *worker);
    ours.then_some(WorkKey {
        job: id,
        segment: 0,
        attempt: job.attempt,
    })
}

/// How the chain sees attempt `work` of `worker`; `job` is `None` when the chain no longer keeps the job.
pub fn chain_job(work: WorkKey, job: Option<&Job>, worker: &AccountId) -> ChainJob {
    let lost = ChainJob {
        work,
        assignment: None,
        status: ChainStatus::TakenBack,
    };
    let Some(job) = job else { return lost };
    let ours = job
        .assignment
        .as_ref()
        .filter(|assignment| assignment.worker == *worker);
    if job.attempt != work.attempt {
        return lost;
    }
    let status = match (job.state, ours.is_some()) {
        (JobState::Assigned, true) => ChainStatus::Assigned,
        (JobState::Acknowledged, true) => ChainStatus::Acknowledged,
        (JobState::Committed | JobState::Auditing | JobState::Disputed, true) => ChainStatus::Committed,
        // A final job may have dropped its assignment; the attempt's number still says whose it was.
        (JobState::Settled, _) => ChainStatus::Settled,
        (JobState::Refunded, _) => ChainStatus::Refunded,
        _ => ChainStatus::TakenBack,
    };
    let assignment = ours.map(|assignment| Assignment {
        work,
        model: job.request.model,
        client: job.client.0,
        params: job.request.params.clone(),
        input_commitment: job.request.input_commitment,
        input_tokens: job.request.input_tokens,
        acknowledge_by: assignment.acknowledge_by,
        deadline: job.deadline,
        terms: assignment.terms,
    });
    ChainJob {
        work,
        assignment,
        status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::fixtures;
    use ogpu_client::chain;
    use ogpu_primitives::{Costs, DeviceClass, JobRequest, Limits, NumericProfile, Requirements};

    fn us() -> AccountId {
        AccountId::from([1; 32])
    }

    fn other() -> AccountId {
        AccountId::from([2; 32])
    }

    fn view(state: JobState, attempt: u8, worker: Option<AccountId>) -> Job {
        let fixture = fixtures::assignment(1);
        Job {
            number: 1,
            client: AccountId::from(fixture.client),
            request: JobRequest {
                nonce: 1,
                model: fixture.model,
                params: fixture.params,
                input_commitment: fixture.input_commitment,
                input_tokens: fixture.input_tokens,
                secret_hash: None,
                replica_secret_hash: None,
                limits: Limits {
                    max_price: 1,
                    deadline_ticks: 1_000,
                    replicas: 1,
                    requirements: Requirements {
                        min_class: DeviceClass(0),
                        region: None,
                        min_reputation_permille: 0,
                        worker: None,
                    },
                },
            },
            costs: Costs {
                input_milli_cu: 1,
                output_milli_cu: 1,
            },
            vram_mib: 1,
            profile: NumericProfile::F16,
            state,
            submitted_at: 0,
            fixed_at_block: 1,
            deadline: fixture.deadline,
            attempt,
            match_tries: 0,
            no_input_count: 0,
            assignment: worker.map(|worker| chain::Assignment {
                worker,
                owner: other(),
                class: DeviceClass(0),
                index_planck_per_cu: 1,
                ask_permille: 1_000,
                price_max: 1,
                terms: fixture.terms,
                audit_premium: 0,
                acknowledge_by: fixture.acknowledge_by,
                committed_price: None,
            }),
            ledger: Default::default(),
            tried: Vec::new(),
            queue_index: None,
            last_try: None,
            prune_at: None,
            sibling: None,
        }
    }

    fn status(view: Option<Job>) -> ChainStatus {
        chain_job(fixtures::assignment(1).work, view.as_ref(), &us()).status
    }

    #[test]
    fn chain_job_should_follow_the_state_when_the_attempt_is_ours() {
        for (state, expected) in [
            (JobState::Assigned, ChainStatus::Assigned),
            (JobState::Acknowledged, ChainStatus::Acknowledged),
            (JobState::Committed, ChainStatus::Committed),
            (JobState::Auditing, ChainStatus::Committed),
            (JobState::Settled, ChainStatus::Settled),
            (JobState::Refunded, ChainStatus::Refunded),
            (JobState::Expired, ChainStatus::TakenBack),
        ] {
            assert_eq!(status(Some(view(state, 0, Some(us())))), expected, "{state:?}");
        }
        assert_eq!(
            status(Some(view(JobState::Settled, 0, None))),
            ChainStatus::Settled
        );
    }

    #[test]
    fn chain_job_should_be_lost_when_it_is_another_workers_attempt_or_pruned() {
        assert_eq!(
            status(Some(view(JobState::Assigned, 0, Some(other())))),
            ChainStatus::TakenBack
        );
        assert_eq!(
            status(Some(view(JobState::Assigned, 1, Some(us())))),
            ChainStatus::TakenBack
        );
        assert_eq!(
            status(Some(view(JobState::Settled, 1, Some(other())))),
            ChainStatus::TakenBack
        );
        assert_eq!(
            status(Some(view(JobState::Open, 1, None))),
            ChainStatus::TakenBack
        );
        assert_eq!(status(None), ChainStatus::TakenBack);
    }

    #[test]
    fn chain_job_should_carry_the_assignment_when_it_is_ours() {
        let job = chain_job(
            fixtures::assignment(1).work,
            Some(&view(JobState::Assigned, 0, Some(us()))),
            &us(),
        );
        assert_eq!(job.assignment, Some(fixtures::assignment(1)));
    }

    #[test]
    fn current_attempt_should_be_none_when_another_worker_has_the_job() {
        let job = fixtures::assignment(1).work.job;
        assert_eq!(
            current_attempt(job, &view(JobState::Assigned, 3, Some(us())), &us()),
            Some(WorkKey {
                job,
                segment: 0,
                attempt: 3
            })
        );
        assert_eq!(
            current_attempt(job, &view(JobState::Assigned, 3, Some(other())), &us()),
            None
        );
    }
}
