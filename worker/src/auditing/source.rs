//! Where audit data comes from: the worker under audit, over the line, or the chain, where it posted what was demanded
//! of it.

use super::record::Case;
use async_trait::async_trait;
use ogpu_client::{
    chain::{AuditView, Chain, ChainError, Model},
    transport::{JobClient, TransportError},
    AccountId,
};
use ogpu_primitives::{JobId, JobRequest, ModelId, Subject};
use tokio::sync::OnceCell;

/// Blocks that are looked at once more: a fork can move the posted data into one that was looked at already.
const FORK_BLOCKS: u64 = 8;

/// Most blocks that are looked at in one go; the rest comes with the next block.
const SCAN_BLOCKS: u64 = 64;

/// Why there is no data (yet).
#[derive(thiserror::Error, Debug)]
pub enum SourceError {
    /// The node cannot be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The worker under audit does not answer or refuses.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// It has no profile on chain, so nobody can reach it.
    #[error("the worker under audit has no profile on chain; its data is demanded there")]
    NoProfile,
    /// It says that the data is not ready, though it committed to the result.
    #[error("the worker under audit does not have its data ready")]
    NotReady,
}

/// Ciphertexts posted on chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Posted {
    /// All that were found, oldest first.
    pub ciphertexts: Vec<Vec<u8>>,
    /// The block from which to look next time.
    pub next: u64,
}

/// The outside world as the auditor needs it.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// The data of a case as its worker serves it now, sealed to this worker's own key.
    async fn served(&self, case: &Case) -> Result<Vec<u8>, SourceError>;

    /// What was posted for this worker in block `from` and after it.
    async fn posted(&self, subject: &Subject, from: u64) -> Result<Posted, SourceError>;

    /// What the client of a job submitted; `None` when the chain no longer keeps it.
    async fn request(&self, job: &JobId) -> Result<Option<JobRequest<AccountId>>, SourceError>;

    /// A check, closed or not; `None` when the chain no longer keeps it.
    async fn check(&self, subject: &Subject) -> Result<Option<AuditView>, SourceError>;

    /// A registered model.
    async fn model(&self, id: &ModelId) -> Result<Option<Model>, SourceError>;
}

/// The real one.
pub struct ChainSource {
    chain: Chain,
    us: AccountId,
    /// One socket for all fetches, opened by the first.
    client: OnceCell<JobClient>,
}

impl ChainSource {
    /// A source for the auditor `us`.
    pub fn new(chain: Chain, us: AccountId) -> Self {
        Self {
            chain,
            us,
            client: OnceCell::new(),
        }
    }
}

#[async_trait]
impl Source for ChainSource {
    async fn served(&self, case: &Case) -> Result<Vec<u8>, SourceError> {
        let at = self.chain.best().await?;
        // Read each time: a worker that restarted may listen elsewhere.
        let worker = self.chain.worker(&at, &case.worker).await?;
        let profile = worker
            .and_then(|worker| worker.profile)
            .ok_or(SourceError::NoProfile)?;
        let client = self.client.get_or_try_init(JobClient::bind).await?;
        let peer = client.dial(&profile.network).await?;
        let answer = peer.fetch_audit(case.work, self.us.0).await;
        peer.close();
        answer?.ok_or(SourceError::NotReady)
    }

    async fn posted(&self, subject: &Subject, from: u64) -> Result<Posted, SourceError> {
        let best = self.chain.best().await?.block_number();
        let (blocks, next) = blocks_to_scan(from, best);
        let mut ciphertexts = Vec::new();
        for number in blocks {
            let at = self.chain.at_number(number).await?;
            match self.chain.posted_data(&at, subject, &self.us).await {
                Ok(found) => ciphertexts.extend(found),
                // So old that the check has gone on without this seat.
                Err(ChainError::StateDiscarded(_)) => (),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Posted { ciphertexts, next })
    }

    async fn request(&self, job: &JobId) -> Result<Option<JobRequest<AccountId>>, SourceError> {
        let at = self.chain.best().await?;
        let view = self.chain.job(&at, *job).await?;
        Ok(view.map(|view| view.job.request))
    }

    async fn check(&self, subject: &Subject) -> Result<Option<AuditView>, SourceError> {
        let at = self.chain.best().await?;
        Ok(self.chain.audit(&at, *subject).await?)
    }

    async fn model(&self, id: &ModelId) -> Result<Option<Model>, SourceError> {
        let at = self.chain.best().await?;
        Ok(self.chain.model(&at, *id).await?)
    }
}

/// The blocks to look at, given where the last look ended, and where the next one begins.
fn blocks_to_scan(from: u64, best: u64) -> (std::ops::RangeInclusive<u64>, u64) {
    let last = best.min(from.saturating_add(SCAN_BLOCKS));
    let next = if last == best {
        best.saturating_sub(FORK_BLOCKS).max(from)
    } else {
        last
    };
    (from..=last, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_to_scan_should_leave_none_out_and_look_at_the_newest_again() {
        let (mut from, mut seen) = (100, 99);
        for best in [101, 102, 400, 401, 402, 403, 404, 405, 406, 420] {
            let (blocks, next) = blocks_to_scan(from, best);
            assert!(*blocks.start() <= seen + 1, "no gap before {blocks:?}");
            assert!(*blocks.end() <= best && blocks.end() - blocks.start() <= SCAN_BLOCKS);
            assert!(next >= from && next <= *blocks.end());
            seen = seen.max(*blocks.end());
            from = next;
        }
        assert_eq!(seen, 420);
        // A fork that is up to eight blocks long shows all of its blocks.
        let (_, next) = blocks_to_scan(100, 120);
        assert_eq!(next, 112);
        let (blocks, next) = blocks_to_scan(100, 90);
        assert!(blocks.is_empty() && next == 100, "not there yet");
    }
}
