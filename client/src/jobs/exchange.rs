//! What passes between a client and the worker that has its job.

use super::{
    receipt::{check_receipt, ReceiptSays},
    verify::{check_blob, check_output},
    JobError, JobSecrets,
};
use crate::{
    chain::{Chain, ChainError},
    sealed::{self, InputMessage, OutputMessage},
    transport::{self, JobClient, TransportError},
    AccountId,
};
use ogpu_primitives::{CheckTerms, Commitment, NetworkProfile, SignedReceipt, Subject, WorkKey};
use std::time::{Duration, Instant};
use tracing::{debug, warn};

/// Longest time to hand the input to one worker; it has 15 ticks to acknowledge it.
const PUSH_PATIENCE: Duration = Duration::from_secs(40);

/// Longest time to fetch an output that the chain says is there.
const FETCH_PATIENCE: Duration = Duration::from_secs(90);

/// Longest time to try one published address before the profile is read again.
const ONE_ADDRESS: Duration = Duration::from_secs(8);

/// Pause before a worker is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// An output that is the committed one.
pub(super) struct Fetched {
    pub work: WorkKey,
    pub worker: AccountId,
    pub output: OutputMessage,
    pub commitment: Commitment,
    pub terms: CheckTerms,
    pub bytes: usize,
}

/// Asks a worker, again and again until `patience` is over. Each time its profile is read anew: a worker that
/// was restarted listens elsewhere.
async fn ask_worker<T, F, Fut>(
    chain: &Chain,
    worker: &AccountId,
    patience: Duration,
    mut ask: F,
) -> Result<T, TransportError>
where
    F: FnMut(NetworkProfile) -> Fut,
    Fut: std::future::Future<Output = Result<T, TransportError>>,
{
    let until = Instant::now() + patience;
    loop {
        let result = match network_profile(chain, worker).await {
            Ok(profile) => ask(profile).await,
            Err(error) => Err(error),
        };
        match result {
            Err(error) if error.is_passing() && Instant::now() < until => {
                debug!(%worker, "asking again: {error}");
                tokio::time::sleep(ASK_AGAIN).await;
            }
            result => return result,
        }
    }
}

async fn network_profile(chain: &Chain, worker: &AccountId) -> Result<NetworkProfile, TransportError> {
    let ask = async { chain.worker(&chain.best().await?, worker).await };
    let view = ask
        .await
        .map_err(|error: ChainError| TransportError::Broken(error.to_string()))?;
    let profile = view.and_then(|worker| worker.profile);
    Ok(profile
        .ok_or_else(|| TransportError::NoAddress("it has no profile".into()))?
        .network)
}

/// Seals the input to the worker's key and hands it over.
pub(super) async fn push_input(
    chain: &Chain,
    client: &JobClient,
    secrets: &JobSecrets,
    work: WorkKey,
    worker: &AccountId,
) -> Result<(), TransportError> {
    let message = InputMessage {
        salt: secrets.salt,
        token_ids: secrets.token_ids.clone(),
        reply_key: secrets.reply_key().public(),
        comparison_key: secrets.sibling.as_ref().map(|sibling| sibling.comparison_key),
    };
    ask_worker(chain, worker, PUSH_PATIENCE, |profile| {
        let sealed = sealed::seal_input(&chain.genesis(), &work, &profile.encryption_key, &message);
        async move {
            let sealed = sealed.map_err(|error| TransportError::NoAddress(error.to_string()))?;
            transport::push_input_with_retries(client, &profile, work, &sealed, ONE_ADDRESS).await
        }
    })
    .await
}

/// Fetches, checks and opens the output of one attempt. A receipt that proves an equivocation goes to `proof`,
/// whatever becomes of the output.
pub(super) async fn fetch_output(
    chain: &Chain,
    client: &JobClient,
    secrets: &JobSecrets,
    work: WorkKey,
    proof: &mut Option<SignedReceipt>,
) -> Result<Fetched, JobError> {
    let at = chain.best().await?;
    let record = chain
        .commitment(&at, Subject::Work(work))
        .await?
        .ok_or(JobError::Gone { job: work.job })?;
    let (worker, commitment) = (record.work.worker, record.commitment);
    let served = ask_worker(chain, &worker, FETCH_PATIENCE, |profile| async move {
        transport::fetch_output_with_retries(client, &profile, work, ONE_ADDRESS).await
    })
    .await?;
    if let Some(signed) = served.receipt {
        match check_receipt(&signed, &chain.genesis(), &worker, &work, &commitment) {
            Ok(ReceiptSays::Same) => {}
            Ok(ReceiptSays::Else) => *proof = Some(signed),
            // It proves nothing against the worker, and the output is checked against the chain in any case.
            Err(error) => warn!(job = ?work.job, %worker, "{error}"),
        }
    }
    check_blob(&served.sealed, &commitment)?;
    let output = sealed::open_output(&chain.genesis(), &work, &secrets.reply_secret, &served.sealed)?;
    check_output(&worker, &work, &output, &commitment)?;
    Ok(Fetched {
        work,
        worker,
        output,
        commitment,
        terms: record.work.terms,
        bytes: served.sealed.len(),
    })
}
