//! What `submit` and `resume` share: following a job and printing what came out. Two replicas: see [`super::replicas`].

use super::{
    forget::forget_over,
    show::{ledger_json, ledger_table},
};
use crate::{context::Context, output, resolve};
use clap::Args;
use ogpu_client::{
    amount,
    chain::Chain,
    jobs::{drive, Acceptance, DriveOptions, JobError, JobResult, JobSecrets, PendingJobs, Progress, Until},
    models::ModelTokenizer,
    sealed::OutputMessage,
};
use ogpu_primitives::JobId;
use serde_json::json;
use std::time::{Duration, Instant};

/// How far to follow a job.
#[derive(Args, Debug, Clone)]
pub struct FollowArguments {
    /// Wait until the job is settled, not only until the answer is here.
    #[arg(long)]
    pub wait: bool,
    /// Print where every planck went, once the job is settled; implies --wait.
    #[arg(long)]
    pub ledger: bool,
    /// Give up following after this many seconds; the job itself goes on.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub timeout: u64,
}

impl FollowArguments {
    /// Whether to stay until the job is settled.
    pub fn waits(&self) -> bool {
        self.wait || self.ledger
    }

    /// How to follow a job.
    pub fn options(&self, context: &Context) -> DriveOptions {
        DriveOptions {
            until: match self.waits() {
                true => Until::Settled,
                false => Until::Output,
            },
            limit: Duration::from_secs(self.timeout),
            // Without a key the answer can still be read.
            signer: context.key().ok(),
        }
    }
}

/// Tells of one job's progress.
pub struct Teller<'a> {
    /// Where.
    pub progress: &'a output::Progress,
    /// Stands before each line, where there are several jobs.
    pub prefix: &'static str,
}

impl Teller<'_> {
    fn step(&self, text: impl std::fmt::Display) {
        self.progress.step(format!("{}{text}", self.prefix));
    }

    /// Says what has happened, to stay on the screen.
    pub fn done(&self, text: impl std::fmt::Display) {
        self.progress.done(format!("{}{text}", self.prefix));
    }
}

/// Follows a job to its end and prints the answer.
pub async fn follow(
    context: &Context,
    chain: &Chain,
    job: JobId,
    secrets: &JobSecrets,
    tokenizer: &ModelTokenizer,
    arguments: &FollowArguments,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let progress = context.progress();
    let teller = Teller {
        progress: &progress,
        prefix: "",
    };
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    forget_over(chain, &pending, &[job]).await;
    let result = drive(chain, job, secrets, arguments.options(context), |step| {
        report(&teller, &pending, job, step, arguments.waits())
    })
    .await;
    let result = finish(&teller, &pending, job, result)?;
    drop(progress);
    print(context, &result, tokenizer, arguments.ledger, started.elapsed())?;
    put_away(&pending, &job, result.job.job.state.is_final());
    Ok(())
}

/// Says of a result what is still to come, and forgets a job that ended without one: nothing will ever come of it.
pub fn finish(
    teller: &Teller,
    pending: &PendingJobs,
    job: JobId,
    result: Result<JobResult, JobError>,
) -> Result<JobResult, JobError> {
    match &result {
        Ok(result) if !result.job.job.state.is_final() => teller.done(format_args!(
            "the result is still being checked: if it is judged wrong, another worker needs the input from this machine; `ogpu job resume {job:?} --wait` stays until the job is over"
        )),
        Err(JobError::Ended { .. }) => pending.remove(&job),
        _ => {}
    }
    result
}

/// Keeps the secrets of a job whose answer was printed as long as the job may need them: to be done again, or to be
/// accepted later; those of a replica as long as the other one's are here.
pub fn put_away(pending: &PendingJobs, job: &JobId, over: bool) {
    let secrets = pending.load(job).ok();
    let sibling = secrets.and_then(|secrets| secrets.sibling.as_ref().map(|sibling| sibling.job));
    let alone = sibling.is_none_or(|sibling| pending.load(&sibling).is_err());
    match over && alone {
        true => pending.remove(job),
        false => pending.answered(job),
    }
}

/// Tells of a step, and keeps what is proof.
pub fn report(teller: &Teller, pending: &PendingJobs, job: JobId, step: Progress, wait: bool) {
    match step {
        Progress::Open => teller.step("waiting to be matched"),
        Progress::Parked => teller.step("no worker fits at present; waiting for one"),
        Progress::Assigned {
            worker,
            attempt,
            price_max,
        } => teller.done(format_args!(
            "attempt {}: worker {worker}, at most {} OGPU",
            attempt + 1,
            amount::format(price_max)
        )),
        Progress::Pushed { worker } => teller.step(format_args!("{worker} has the input")),
        Progress::PushFailed { worker, error } => {
            teller.done(format_args!(
                "{worker} did not get the input: {error}; the chain will try another worker"
            ));
        }
        Progress::Acknowledged => teller.step("computing"),
        Progress::Committed => teller.step("the result is on the chain; fetching it"),
        Progress::Fetched { bytes, settled, .. } => {
            teller.done(format_args!(
                "answer received ({bytes} bytes, sealed) and checked against the chain"
            ));
            if wait && !settled {
                teller.step("waiting for the settlement");
            }
        }
        Progress::ReceiptDiffers { receipt } => {
            if let Err(error) = pending.store_receipt(&receipt) {
                teller.done(format_args!("the receipt cannot be kept: {error}"));
            }
            teller.done(format_args!(
                "the worker signed another result than it committed to; the receipt is kept: `ogpu job report-equivocation {job:?}` gets it punished"
            ));
        }
        Progress::Accepted(Acceptance::Sent) => {
            teller.done("accepted: your secret is in the draw of an audit");
        }
        Progress::Accepted(Acceptance::Failed(error)) => teller.done(format_args!(
            "the answer was not accepted: {error}; `ogpu job accept {job:?}` tries again within the window"
        )),
        // `Verdict` tells it, of two replicas.
        Progress::Compared(_)
        | Progress::Accepted(Acceptance::TooLate | Acceptance::None | Acceptance::HeldBack) => {}
        Progress::JudgedWrong => {
            teller.done("the result was judged wrong; the job goes to another worker");
        }
        Progress::Audited => teller.step("drawn for an audit"),
        Progress::Disputed => teller.step("an auditor dissents; a jury decides"),
        Progress::Settled => teller.done("settled"),
    }
}

/// Prints an answer.
pub fn print(
    context: &Context,
    result: &JobResult,
    tokenizer: &ModelTokenizer,
    ledger: bool,
    took: Duration,
) -> anyhow::Result<()> {
    if context.json {
        return output::json(&answer_json(result, tokenizer, took)?);
    }
    print_output(&result.output, tokenizer)?;
    if ledger {
        // The answer alone is the result; the ledger is told beside it.
        eprintln!("\n{}", ledger_table(&result.job.job.ledger));
    }
    Ok(())
}

/// Prints an output as text.
pub fn print_output(output: &OutputMessage, tokenizer: &ModelTokenizer) -> anyhow::Result<()> {
    match output {
        OutputMessage::Tokens { ids, .. } => output::line(&tokenizer.decode(ids)?),
        OutputMessage::Vector(_) => output::line(&json!(output.floats().unwrap_or_default()).to_string()),
    }
}

/// An answer as JSON.
pub fn answer_json(
    result: &JobResult,
    tokenizer: &ModelTokenizer,
    took: Duration,
) -> anyhow::Result<serde_json::Value> {
    let job = &result.job.job;
    let mut value = json!({
        "job": format!("{:?}", result.work.job),
        "attempt": result.work.attempt,
        "worker": result.worker.to_string(),
        "state": job.state,
        "n_in": result.commitment.n_in,
        "n_out": result.commitment.n_out,
        "finish": result.commitment.finish,
        "root": format!("{:?}", result.commitment.root),
        "output_blake3": hex::encode(result.commitment.output),
        "accepted": result.acceptance == Acceptance::Sent,
        "seconds": took.as_secs_f64(),
        "ledger": ledger_json(&job.ledger),
    });
    match &result.output {
        OutputMessage::Tokens { ids, .. } => {
            value["token_ids"] = json!(ids);
            value["text"] = json!(tokenizer.decode(ids)?);
        }
        OutputMessage::Vector(_) => value["vector"] = json!(result.output.floats().unwrap_or_default()),
    }
    Ok(value)
}

/// Opens the tokenizer of the job's model.
pub async fn tokenizer(
    context: &Context,
    chain: &Chain,
    secrets: &JobSecrets,
    folder: Option<&std::path::Path>,
) -> anyhow::Result<ModelTokenizer> {
    let at = chain.best().await?;
    let (_, model) = resolve::model(chain, &at, &format!("{:?}", secrets.model)).await?;
    let folder = resolve::model_folder(context, folder, &model.spec)?;
    Ok(resolve::local_model(&folder, &model.spec)?.tokenizer)
}
