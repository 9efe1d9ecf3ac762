//! From a submitted job to a checked output, through every reassignment.

use super::{
    accept::{accept, held_back, Acceptance},
    compare::Comparison,
    exchange::{fetch_output, push_input, Fetched},
    replicas::Held,
    JobError, JobSecrets,
};
use crate::{
    chain::{Chain, ChainError, JobView},
    follow,
    keys::AccountKey,
    sealed::OutputMessage,
    transport::{JobClient, TransportError},
    AccountId,
};
use ogpu_primitives::{
    Balance, Commitment, JobHistoryEvent, JobId, JobState, RefundReason, SignedReceipt, WorkKey,
};
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, task::JoinHandle};
use tracing::debug;

/// How far to follow a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until the output is here and fits its commitment.
    Output,
    /// Until it is paid as well.
    Settled,
}

/// How to follow a job.
#[derive(Debug, Clone)]
pub struct DriveOptions {
    /// How far.
    pub until: Until,
    /// For how long.
    pub limit: Duration,
    /// The key to accept the result with when the job has a secret; without it, or when it is not the client's,
    /// nothing is accepted.
    pub signer: Option<AccountKey>,
}

/// What happens on the way, for progress lines; [`Progress::ReceiptDiffers`] is to be kept as well.
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
    /// The worker signed another result than it committed to: with this receipt anybody can prove it.
    ReceiptDiffers { receipt: SignedReceipt },
    /// The output is here and fits; `settled` says whether it is paid already.
    Fetched {
        bytes: usize,
        settled: bool,
        output: OutputMessage,
    },
    /// How the answer differs from that of the job's other replica; told as soon as both are here.
    Compared(Comparison),
    /// The client's part in the draw of an audit.
    Accepted(Acceptance),
    /// The result was judged wrong; the job is done again by another worker.
    JudgedWrong,
    /// Drawn for an audit.
    Audited,
    /// An auditor dissents; a jury decides.
    Disputed,
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
    /// What became of the client's part in the draw of an audit.
    pub acceptance: Acceptance,
}

enum Done {
    Pushed(u8, AccountId, Result<(), TransportError>),
    Fetched(u8, Option<Box<SignedReceipt>>, Result<Box<Fetched>, JobError>),
    Accepted(u8, Acceptance),
}

struct Driver<'a> {
    chain: &'a Chain,
    client: JobClient,
    secrets: &'a JobSecrets,
    signer: Option<AccountKey>,
    /// Decides whether to accept, where the job has another replica.
    held: Option<Held>,
    id: JobId,
    done: mpsc::Sender<Done>,
    pushing: Option<(u8, JoinHandle<()>)>,
    fetching: Option<(u8, JoinHandle<()>)>,
    accepting: Option<(u8, JoinHandle<()>)>,
}

/// Follows `job` as far and as long as `options` say.
pub async fn drive(
    chain: &Chain,
    job: JobId,
    secrets: &JobSecrets,
    options: DriveOptions,
    progress: impl FnMut(Progress),
) -> Result<JobResult, JobError> {
    drive_held(chain, job, secrets, options, None, progress).await
}

/// The same; with `held` the output is accepted when that allows it.
pub(super) async fn drive_held(
    chain: &Chain,
    job: JobId,
    secrets: &JobSecrets,
    options: DriveOptions,
    held: Option<Held>,
    mut progress: impl FnMut(Progress),
) -> Result<JobResult, JobError> {
    let DriveOptions { until, limit, signer } = options;
    let (done, mut finished) = mpsc::channel(8);
    let client = JobClient::bind().await?;
    let mut driver = Driver {
        chain,
        client,
        secrets,
        signer,
        held,
        id: job,
        done,
        pushing: None,
        fetching: None,
        accepting: None,
    };
    let mut updates = follow::job(chain.clone(), job);
    let started = Instant::now();
    let mut fetched: Option<Fetched> = None;
    let mut acceptance: Option<Acceptance> = None;
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
                    // Judged wrong: the job is done again, and what came is not its result.
                    if fetched.as_ref().is_some_and(|output| output.work.attempt != update.job.attempt) {
                        (fetched, acceptance) = (None, None);
                        if let Some(held) = &driver.held {
                            held.discard();
                        }
                        progress(Progress::JudgedWrong);
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
                Some(Done::Fetched(attempt, proof, result)) => {
                    if let Some(receipt) = proof {
                        progress(Progress::ReceiptDiffers { receipt: *receipt });
                    }
                    // The attempt may have been taken back by a fork or given to another worker since.
                    let stale = last.as_ref().is_some_and(|job| job.job.attempt != attempt);
                    match result {
                        _ if stale => {}
                        Err(error) => break Err(error),
                        Ok(output) => {
                            let settled = last.as_ref().is_some_and(|job| job.job.state == JobState::Settled);
                            let held = driver.held.as_ref();
                            let comparison = held.and_then(|held| held.answer(&output.output, &output.terms));
                            progress(Progress::Fetched {
                                bytes: output.bytes,
                                settled,
                                output: output.output.clone(),
                            });
                            if let Some(comparison) = comparison {
                                progress(Progress::Compared(comparison));
                            }
                            let client = last.as_ref().map(|job| job.job.client);
                            acceptance = driver.accept(output.work, client);
                            if let Some(acceptance) = &acceptance {
                                progress(Progress::Accepted(acceptance.clone()));
                            }
                            fetched = Some(*output);
                        }
                    }
                }
                Some(Done::Accepted(attempt, result))
                    if fetched.as_ref().is_some_and(|output| output.work.attempt == attempt) =>
                {
                    progress(Progress::Accepted(result.clone()));
                    acceptance = Some(result);
                }
                Some(Done::Accepted(..)) => {}
                None => {}
            },
            () = tokio::time::sleep(left) => {}
        }
        let settled = last
            .as_ref()
            .is_some_and(|job| job.job.state == JobState::Settled);
        if (until == Until::Output || settled) && acceptance.is_some() {
            if let (Some(output), Some(acceptance), Some(job)) =
                (fetched.take(), acceptance.take(), last.clone())
            {
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
                    acceptance,
                });
            }
        }
    };
    let tasks = [
        driver.pushing.take(),
        driver.fetching.take(),
        driver.accepting.take(),
    ];
    for (_, task) in tasks.into_iter().flatten() {
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
        JobState::Auditing => progress(Progress::Audited),
        JobState::Disputed => progress(Progress::Disputed),
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
            let mut proof = None;
            let result = fetch_output(&chain, &client, &secrets, work, &mut proof).await;
            let (proof, result) = (proof.map(Box::new), result.map(Box::new));
            let _ = done.send(Done::Fetched(attempt, proof, result)).await;
        });
        if let Some((_, old)) = self.fetching.replace((attempt, task)) {
            old.abort();
        }
    }

    /// Starts to accept the output of this attempt; what became of it where there is nothing to send.
    fn accept(&mut self, work: WorkKey, client: Option<AccountId>) -> Option<Acceptance> {
        let ours = |key: &AccountKey| self.secrets.secret.is_some() && client == Some(key.account_id());
        let Some(signer) = self.signer.clone().filter(ours) else {
            return Some(Acceptance::None);
        };
        let (chain, done, secrets) = (self.chain.clone(), self.done.clone(), self.secrets.clone());
        let held = self.held.clone();
        let task = tokio::spawn(async move {
            let allowed = match held {
                Some(held) => held.may_accept(&chain, work).await,
                None => true,
            };
            let result = match allowed {
                true => accept(&chain, &signer, &secrets, work).await,
                false => held_back(&chain, &secrets, work).await,
            };
            let _ = done.send(Done::Accepted(work.attempt, result)).await;
        });
        if let Some((_, old)) = self.accepting.replace((work.attempt, task)) {
            old.abort();
        }
        None
    }
}
