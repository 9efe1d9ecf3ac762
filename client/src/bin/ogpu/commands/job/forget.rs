//! Secrets of jobs that were answered earlier and are over since.

use ogpu_client::{
    chain::{Chain, ChainError},
    jobs::PendingJobs,
};
use ogpu_primitives::{JobId, JobState};
use std::time::Duration;
use tracing::debug;

/// No job runs for longer: the longest deadline that the chain can be set to is 30 days.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3_600);

/// Removes the secrets of answered jobs that are over, `but` one. Those are few: each stays only until its check ends.
pub async fn forget_over(chain: &Chain, pending: &PendingJobs, but: JobId) {
    for (job, age) in pending.all_answered() {
        let here = || {
            pending
                .load(&job)
                .is_ok_and(|secrets| secrets.genesis == chain.genesis())
        };
        if job == but || !here() {
            continue;
        }
        match state(chain, job).await {
            Ok(state) if is_over(state, age) => pending.remove(&job),
            Ok(_) => {}
            // The next time will do.
            Err(error) => debug!(?job, "cannot say whether the job is over: {error}"),
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
