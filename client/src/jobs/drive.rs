//! From a submitted job to a checked output, through every reassignment.

use super::{
    verify::{check_blob, check_output},
    JobError, JobSecrets,
};
use crate::{
    chain::{Chain, ChainError, JobView},
    follow,
    sealed::{self, InputMessage, OutputMessage},
    transport::{self, JobClient, TransportError},
    AccountId,
};
use ogpu_primitives::{
    Balance, Commitment, JobHistoryEvent, JobId, JobState, NetworkProfile, RefundReason, Subject, WorkKey,
};
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, task::JoinHandle};
use tracing::debug;

/// Longest time to hand the input to one worker; it has 15 ticks to acknowledge it.
const PUSH_PATIENCE: Duration = Duration::from_secs(40);

/// Longest time to fetch an output that the chain says is there.
const FETCH_PATIENCE: Duration = Duration::from_secs(90);

/// Longest time to try one published address before the profile is read again.
const ONE_ADDRESS: Duration = Duration::from_secs(8);

/// Pause before a worker is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// How far to follow a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until the output is here and fits its commitment.
    Output,
    /// Until it is paid as well.
    Settled,
}

/// What happens on the way, for progress lines.
#[derive(Debug, Clone)]
pub enum Progress {
    /// The job waits to be matched.
    Open,
    /// No worker fits at present; it waits for one.
    Parked,
    /// A worker has it.
    Assigned {
        worker: AccountId,
        attempt: u8,
        price_max: Balance,
    },
    /// The input could not be handed over; the chain will try another worker.
    PushFailed { worker: AccountId, error: String },
    /// The worker has the input.
    Pushed { worker: AccountId },
    /// The worker computes.
    Acknowledged,
    /// The result is on the chain.
    Committed,
    /// The output is here and fits; `settled` says whether it is paid already.
    Fetched { bytes: usize, settled: bool },
    /// Paid.
    Settled,
}

/// A finished job.
#[derive(Debug, Clone)]
pub struct JobResult {
    /// The attempt that succeeded.
    pub work: WorkKey,
    /// Who computed it.
    pub worker: AccountId,
    /// What came out, checked against the commitment.
    pub output: OutputMessage,
    /// The commitment.
    pub commitment: Commitment,
    /// The job as it was last seen.
    pub job: JobView,
}

struct Fetched {
    work: WorkKey,
    worker: AccountId,
    output: OutputMessage,
    commitment: Commitment,
    bytes: usize,
}

enum Done {
    Pushed(u8, AccountId, Result<(), TransportError>),
    Fetched(u8, Result<Fetched, JobError>),
}

struct Driver<'a> {
    chain: &'a Chain,
    client: JobClient,
    secrets: &'a JobSecrets,
    id: JobId,
    done: mpsc::Sender<Done>,
    pushing: Option<(u8, JoinHandle<()>)>,
    fetching: Option<(u8, JoinHandle<()>)>,
}

/// Follows `job` until `until` or `limit`.
pub async fn drive(
    chain: &Chain,
    job: JobId,
    secrets: &JobSecrets,
    until: Until,
    limit: Duration,
    mut progress: impl FnMut(Progress),
) -> Result<JobResult, JobError> {
    let (done, mut finished) = mpsc::channel(8);
    let client = JobClient::bind().await?;
    let mut driver = Driver {
        chain,
        client,
        secrets,
        id: job,
        done,
        pushing: None,
        fetching: None,
    };
    let mut updates = follow::job(chain.clone(), job);
    let started = Instant::now();
    let mut fetched: Option<Fetched> = None;
    let mut last: Option<JobView> = None;
    let mut seen_state: Option<(JobState, u8)> = None;
    let result = loop {
        let Some(left) = limit.checked_sub(started.elapsed()) else {
            break Err(JobError::TimedOut {
                job,
                seconds: limit.as_secs(),
            });
        };
        tokio::select! {
            update = updates.recv() => match update {
                Some((_, Some(update))) => {
                    let state = (update.job.state, update.job.attempt);
                    if seen_state != Some(state) {
                        seen_state = Some(state);
                        report(&update, &mut progress);
                    }
                    match update.job.state {
                        JobState::Assigned | JobState::Acknowledged => driver.push(&update),
                        JobState::Committed | JobState::Auditing | JobState::Disputed | JobState::Settled
                            if fetched.is_none() => driver.fetch(&update),
                        JobState::Refunded | JobState::Cancelled | JobState::Expired => {
                            let reason = refund_reason(chain, job).await;
                            break Err(JobError::Ended { job, state: update.job.state, reason });
                        }
                        _ => {}
                    }
                    last = Some(update);
                }
                // A fork can undo a submission for a moment: only a job that we had seen can be gone.
                Some((_, None)) if last.is_some() && fetched.is_none() => break Err(JobError::Gone { job }),
                Some((_, None)) => {}
                None => break Err(match ask(chain, job).await {
                    Err(error) => error.into(),
                    Ok(_) => JobError::TimedOut { job, seconds: started.elapsed().as_secs() },
                }),
            },
            event = finished.recv() => match event {
                Some(Done::Pushed(_, worker, Ok(()))) => progress(Progress::Pushed { worker }),
                Some(Done::Pushed(attempt, worker, Err(error))) => {
                    progress(Progress::PushFailed { worker, error: error.to_string() });
                    debug!(?job, attempt, "the input was not handed over: {error}");
                }
                Some(Done::Fetched(_, Ok(output))) => {
                    let settled = last.as_ref().is_some_and(|job| job.job.state == JobState::Settled);
                    progress(Progress::Fetched { bytes: output.bytes, settled });
                    fetched = Some(output);
                }
                Some(Done::Fetched(attempt, Err(error))) => {
                    // The attempt may have been taken back by a fork or given to another worker since.
                    let stale = last.as_ref().is_some_and(|job| job.job.attempt != attempt);
                    if !stale {
                        break Err(error);
                    }
                }
                None => {}
            },
            () = tokio::time::sleep(left) => {}
        }
        let settled = last
            .as_ref()
            .is_some_and(|job| job.job.state == JobState::Settled);
        if until == Until::Output || settled {
            if let (Some(output), Some(job)) = (fetched.take(), last.clone()) {
                let Fetched {
                    work,
                    worker,
                    output,
                    commitment,
                    ..
                } = output;
                break Ok(JobResult {
                    work,
                    worker,
                    output,
                    commitment,
                    job,
                });
            }
        }
    };
    for (_, task) in [driver.pushing.take(), driver.fetching.take()]
        .into_iter()
        .flatten()
    {
        task.abort();
    }
    driver.client.close().await;
    result
}

/// The job now, or why the chain cannot be asked.
async fn ask(chain: &Chain, job: JobId) -> Result<Option<JobView>, ChainError> {
    chain.job(&chain.best().await?, job).await
}

fn report(job: &JobView, progress: &mut impl FnMut(Progress)) {
    match job.job.state {
        JobState::Open => progress(Progress::Open),
        JobState::Parked => progress(Progress::Parked),
        JobState::Assigned => {
            if let Some(assignment) = &job.job.assignment {
                progress(Progress::Assigned {
                    worker: assignment.worker,
                    attempt: job.job.attempt,
                    price_max: assignment.price_max,
                });
            }
        }
        JobState::Acknowledged => progress(Progress::Acknowledged),
        JobState::Committed => progress(Progress::Committed),
        JobState::Settled => progress(Progress::Settled),
        _ => {}
    }
}

async fn refund_reason(chain: &Chain, job: JobId) -> Option<RefundReason> {
    let at = chain.best().await.ok()?;
    let history = chain.history(&at, job).await.ok()?;
    history.iter().rev().find_map(|(_, event)| match event {
        JobHistoryEvent::Refunded { reason } => Some(*reason),
        _ => None,
    })
}

impl Driver<'_> {
    fn work(&self, attempt: u8) -> WorkKey {
        WorkKey {
            job: self.id,
            segment: 0,
            attempt,
        }
    }

    /// Starts to hand the input to the worker of this attempt, once an attempt.
    fn push(&mut self, job: &JobView) {
        let attempt = job.job.attempt;
        if self
            .pushing
            .as_ref()
            .is_some_and(|(pushed, _)| *pushed == attempt)
        {
            return;
        }
        let Some(worker) = job.job.assignment.as_ref().map(|assignment| assignment.worker) else {
            return;
        };
        let (chain, client, done) = (self.chain.clone(), self.client.clone(), self.done.clone());
        let (secrets, work) = (self.secrets.clone(), self.work(attempt));
        let task = tokio::spawn(async move {
            let result = push_input(&chain, &client, &secrets, work, &worker).await;
            let _ = done.send(Done::Pushed(attempt, worker, result)).await;
        });
        if let Some((_, old)) = self.pushing.replace((attempt, task)) {
            old.abort();
        }
    }

    /// Starts to fetch the output of this attempt, once an attempt.
    fn fetch(&mut self, job: &JobView) {
        let attempt = job.job.attempt;
        if self
            .fetching
            .as_ref()
            .is_some_and(|(fetched, _)| *fetched == attempt)
        {
            return;
        }
        let (chain, client, done) = (self.chain.clone(), self.client.clone(), self.done.clone());
        let (secrets, work) = (self.secrets.clone(), self.work(attempt));
        let task = tokio::spawn(async move {
            let result = fetch_output(&chain, &client, &secrets, work).await;
            let _ = done.send(Done::Fetched(attempt, result)).await;
        });
        if let Some((_, old)) = self.fetching.replace((attempt, task)) {
            old.abort();
        }
    }
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
async fn push_input(
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

/// Fetches, checks and opens the output of one attempt.
async fn fetch_output(
    chain: &Chain,
    client: &JobClient,
    secrets: &JobSecrets,
    work: WorkKey,
) -> Result<Fetched, JobError> {
    let at = chain.best().await?;
    let record = chain
        .commitment(&at, Subject::Work(work))
        .await?
        .ok_or(JobError::Gone { job: work.job })?;
    let (worker, commitment) = (record.worker, record.commitment);
    let sealed = ask_worker(chain, &worker, FETCH_PATIENCE, |profile| async move {
        transport::fetch_output_with_retries(client, &profile, work, ONE_ADDRESS).await
    })
    .await?;
    check_blob(&sealed, &commitment)?;
    let output = sealed::open_output(&chain.genesis(), &work, &secrets.reply_secret, &sealed)?;
    check_output(&worker, &work, &output, &commitment)?;
    Ok(Fetched {
        work,
        worker,
        output,
        commitment,
        bytes: sealed.len(),
    })
}
