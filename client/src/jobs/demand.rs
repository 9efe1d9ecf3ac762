//! Getting an output that the worker did not hand over: demanded on the chain, where the worker has to post it.

use super::{accept::Acceptance, verify::check_output, JobError, JobResult, JobSecrets};
use crate::{
    chain::{AtBlock, AuditView, Call, Chain, ChainError, DemandState, JobView, Wait},
    follow::{self, Blocks},
    keys::AccountKey,
    sealed, AccountId,
};
use ogpu_primitives::{JobId, Subject, Tick, WorkKey};
use std::time::Duration;
use tokio::time::timeout;

/// Where a demand is, for progress lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemandStep {
    /// It is being sent; the bond is held.
    Demanding,
    /// The worker has to post the output.
    Waiting,
}

/// Demands the output of the job's present attempt on the chain, unless that was done already, and waits until it is
/// posted and fits the commitment.
pub async fn demand_output(
    chain: &Chain,
    key: &AccountKey,
    job: JobId,
    secrets: &JobSecrets,
    limit: Duration,
    mut progress: impl FnMut(DemandStep),
) -> Result<JobResult, JobError> {
    let at = chain.best().await?;
    let view = chain.job(&at, job).await?.ok_or(JobError::Gone { job })?;
    let work = WorkKey {
        job,
        segment: 0,
        attempt: view.job.attempt,
    };
    let subject = Subject::Work(work);
    let audit = chain.audit(&at, subject).await?.ok_or_else(|| {
        JobError::BadInput(format!(
            "attempt {} of job {job:?} has no committed result to demand; `ogpu job show` says where it is",
            work.attempt + 1
        ))
    })?;
    let demander = key.account_id();
    // Before the demand is sent, so that no block is missed.
    let mut blocks = follow::blocks(chain.clone(), Blocks::Final);
    let earlier = audit.demands.iter().find(|(account, _)| *account == demander);
    match earlier {
        None => {
            progress(DemandStep::Demanding);
            let call = Call::DemandData {
                subject,
                key: secrets.reply_key().public(),
            };
            chain.submit(&call, key, Wait::Best, |_| ()).await?;
        }
        Some((_, demand)) if demand.state == DemandState::Posted => {
            if let Some(sealed) = look_back(chain, &subject, &demander, demand.asked_at).await? {
                return opened(chain, secrets, work, &sealed, view, &audit);
            }
        }
        Some(_) => {}
    }
    progress(DemandStep::Waiting);
    let posted = async {
        while let Some(block) = blocks.recv().await {
            if let Some(sealed) = chain.posted_data(&block.at, &subject, &demander).await? {
                return Ok(sealed);
            }
        }
        Err(JobError::Chain(ChainError::Disconnected(
            "the stream of blocks ended".into(),
        )))
    };
    let sealed = timeout(limit, posted).await.unwrap_or(Err(JobError::NotPosted {
        job,
        seconds: limit.as_secs(),
    }))?;
    opened(chain, secrets, work, &sealed, view, &audit)
}

/// Looks for data that was posted already, from the last final block back to the demand.
async fn look_back(
    chain: &Chain,
    subject: &Subject,
    demander: &AccountId,
    asked_at: Tick,
) -> Result<Option<Vec<u8>>, ChainError> {
    let mut at: AtBlock = chain.finalized().await?;
    loop {
        if let Some(sealed) = chain.posted_data(&at, subject, demander).await? {
            return Ok(Some(sealed));
        }
        let number = at.block_number();
        if number == 0 || chain.tick(&at).await? < asked_at {
            return Ok(None);
        }
        at = chain.at_number(number - 1).await?;
    }
}

/// Opens what was posted and checks it. It may be encrypted anew, so that only its content has to fit.
fn opened(
    chain: &Chain,
    secrets: &JobSecrets,
    work: WorkKey,
    sealed: &[u8],
    job: JobView,
    audit: &AuditView,
) -> Result<JobResult, JobError> {
    let output = sealed::open_output(&chain.genesis(), &work, &secrets.reply_secret, sealed)?;
    let (worker, commitment) = (audit.record.work.worker, audit.record.commitment);
    check_output(&worker, &work, &output, &commitment)?;
    Ok(JobResult {
        work,
        worker,
        output,
        commitment,
        job,
        acceptance: Acceptance::None,
    })
}
