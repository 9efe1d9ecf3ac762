//! Secrets of jobs that were answered earlier and are over since.

use ogpu_client::{
    chain::{Chain, ChainError},
    jobs::PendingJobs,
};
use ogpu_primitives::{JobId, JobState};
use std::{future::Future, time::Duration};
use subxt::utils::H256;
use tracing::debug;

/// No job runs for longer: the longest deadline that the chain can be set to is 30 days.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3_600);

/// Removes the secrets of answered jobs that are over, `but` some. Those are few: each stays only until its check ends.
pub async fn forget_over(chain: &Chain, pending: &PendingJobs, but: &[JobId]) {
    forget(pending, chain.genesis(), but, |job| state(chain, job)).await;
}

/// The same of the network with this genesis, whose jobs are in the states that `ask` tells.
async fn forget<F>(pending: &PendingJobs, genesis: H256, but: &[JobId], ask: impl Fn(JobId) -> F)
where
    F: Future<Output = Result<Option<JobState>, ChainError>>,
{
    let over = |job, age| {
        let state = ask(job);
        async move {
            match state.await {
                Ok(state) => is_over(state, age),
                // The next time will do.
                Err(error) => {
                    debug!(?job, "cannot say whether the job is over: {error}");
                    false
                }
            }
        }
    };
    for (job, age) in pending.all_answered() {
        let Ok(secrets) = pending.load(&job) else { continue };
        if but.contains(&job) || secrets.genesis != genesis || !over(job, age).await {
            continue;
        }
        // While the other replica is open its answer is compared with this one. It was stored at the same time.
        let sibling = secrets.sibling.as_ref().map(|sibling| sibling.job);
        let open = match sibling.filter(|sibling| pending.load(sibling).is_ok()) {
            Some(sibling) => !over(sibling, age).await,
            None => false,
        };
        if !open {
            pending.remove(&job);
        }
    }
}

async fn state(chain: &Chain, job: JobId) -> Result<Option<JobState>, ChainError> {
    // Final: a fork can undo a settlement.
    let view = chain.job(&chain.finalized().await?, job).await?;
    Ok(view.map(|view| view.job.state))
}

/// Whether a job in this state can need nothing of its client any more. One that the chain does not have may be
/// pruned, or the node may be behind.
fn is_over(state: Option<JobState>, age: Duration) -> bool {
    state.map_or(age > LONGEST, JobState::is_final)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_client::jobs::{JobSecrets, Sibling};
    use std::future::ready;

    fn secrets(sibling: Option<JobId>) -> JobSecrets {
        JobSecrets {
            genesis: H256::zero(),
            model: Default::default(),
            salt: [1; 32],
            token_ids: vec![1],
            reply_secret: [2; 32],
            secret: None,
            sibling: sibling.map(|job| Sibling {
                job,
                comparison_key: [3; 32],
            }),
        }
    }

    #[tokio::test]
    async fn replica_should_not_be_forgotten_when_the_other_one_is_open() {
        let [one, two, alone] = [1, 2, 3].map(JobId::repeat_byte);
        for (other, kept) in [
            (JobState::Assigned, true),
            (JobState::Auditing, true),
            (JobState::Settled, false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let pending = PendingJobs::in_data_dir(folder.path());
            for (job, sibling) in [(one, Some(two)), (two, Some(one)), (alone, None)] {
                pending.store(&job, &secrets(sibling)).unwrap();
            }
            // The second one was not read yet.
            pending.answered(&one);
            pending.answered(&alone);
            let state = |job| match job == two {
                true => other,
                false => JobState::Settled,
            };
            forget(&pending, H256::zero(), &[], |job| ready(Ok(Some(state(job))))).await;
            assert_eq!(pending.load(&one).is_ok(), kept, "{other:?}");
            assert!(pending.load(&two).is_ok() && pending.load(&alone).is_err());
        }
    }

    #[test]
    fn job_should_be_over_when_it_is_final_or_older_than_a_job_can_be() {
        let minute = Duration::from_secs(60);
        for state in [JobState::Settled, JobState::Refunded, JobState::Expired] {
            assert!(is_over(Some(state), minute), "{state:?}");
        }
        for state in [
            JobState::Open,
            JobState::Assigned,
            JobState::Committed,
            JobState::Disputed,
        ] {
            assert!(
                !is_over(Some(state), minute) && !is_over(Some(state), 2 * LONGEST),
                "{state:?}"
            );
        }
        assert!(
            !is_over(None, minute),
            "a node that is behind does not know it yet"
        );
        assert!(is_over(None, LONGEST + minute));
    }
}
