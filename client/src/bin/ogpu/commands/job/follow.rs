//! What `submit` and `resume` share: following a job and printing what came out.

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

/// Follows a job to its end and prints the answer.
pub async fn follow(
    context: &Context,
    chain: &Chain,
    job: JobId,
    secrets: &JobSecrets,
    tokenizer: &ModelTokenizer,
    arguments: &FollowArguments,
) -> anyhow::Result<()> {
    let wait = arguments.wait || arguments.ledger;
    let until = if wait { Until::Settled } else { Until::Output };
    let started = Instant::now();
    let progress = context.progress();
    let options = DriveOptions {
        until,
        limit: Duration::from_secs(arguments.timeout),
        // Without a key the answer can still be read.
        signer: context.key().ok(),
    };
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    forget_over(chain, &pending, job).await;
    let result = drive(chain, job, secrets, options, |step| {
        if let Progress::ReceiptDiffers { receipt } = &step {
            if let Err(error) = pending.store_receipt(receipt) {
                progress.done(format!("the receipt cannot be kept: {error}"));
            }
        }
        report(&progress, job, step, wait)
    })
    .await;
    let result = match result {
        Ok(result) => result,
        Err(error) => {
            // Nothing will ever come of a job that ended without a result.
            if matches!(error, JobError::Ended { .. }) {
                pending.remove(&job);
            }
            return Err(error.into());
        }
    };
    let over = result.job.job.state.is_final();
    if !over {
        progress.done(format!(
            "the result is still being checked: if it is judged wrong, another worker needs the input from this machine; `ogpu job resume {job:?} --wait` stays until the job is over"
        ));
    }
    drop(progress);
    print(context, &result, tokenizer, arguments.ledger, started.elapsed())?;
    put_away(&pending, &job, over);
    Ok(())
}

/// Keeps the secrets of a job whose answer was printed as long as the job may need them: to be done again, or to be
/// accepted later.
pub fn put_away(pending: &PendingJobs, job: &JobId, over: bool) {
    match over {
        true => pending.remove(job),
        false => pending.answered(job),
    }
}

fn report(progress: &output::Progress, job: JobId, step: Progress, wait: bool) {
    match step {
        Progress::Open => progress.step("waiting to be matched"),
        Progress::Parked => progress.step("no worker fits at present; waiting for one"),
        Progress::Assigned {
            worker,
            attempt,
            price_max,
        } => progress.done(format!(
            "attempt {}: worker {worker}, at most {} OGPU",
            attempt + 1,
            amount::format(price_max)
        )),
        Progress::Pushed { worker } => progress.step(format!("{worker} has the input")),
        Progress::PushFailed { worker, error } => {
            progress.done(format!(
                "{worker} did not get the input: {error}; the chain will try another worker"
            ));
        }
        Progress::Acknowledged => progress.step("computing"),
        Progress::Committed => progress.step("the result is on the chain; fetching it"),
        Progress::Fetched { bytes, settled } => {
            progress.done(format!(
                "answer received ({bytes} bytes, sealed) and checked against the chain"
            ));
            if wait && !settled {
                progress.step("waiting for the settlement");
            }
        }
        Progress::ReceiptDiffers { .. } => progress.done(format!(
            "the worker signed another result than it committed to; the receipt is kept: `ogpu job report-equivocation {job:?}` gets it punished"
        )),
        Progress::Accepted(Acceptance::Sent) => {
            progress.done("accepted: your secret is in the draw of an audit");
        }
        Progress::Accepted(Acceptance::Failed(error)) => progress.done(format!(
            "the answer was not accepted: {error}; `ogpu job accept {job:?}` tries again within the window"
        )),
        Progress::Accepted(Acceptance::TooLate | Acceptance::None) => {}
        Progress::JudgedWrong => {
            progress.done("the result was judged wrong; the job goes to another worker");
        }
        Progress::Audited => progress.step("drawn for an audit"),
        Progress::Disputed => progress.step("an auditor dissents; a jury decides"),
        Progress::Settled => progress.done("settled"),
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
    let job = &result.job.job;
    if context.json {
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
        return output::json(&value);
    }
    match &result.output {
        OutputMessage::Tokens { ids, .. } => output::line(&tokenizer.decode(ids)?)?,
        OutputMessage::Vector(_) => {
            output::line(&json!(result.output.floats().unwrap_or_default()).to_string())?;
        }
    }
    if ledger {
        // The answer alone is the result; the ledger is told beside it.
        eprintln!("\n{}", ledger_table(&job.ledger));
    }
    Ok(())
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
    let folder = resolve::model_folder(context, folder, &model.spec);
    Ok(resolve::local_model(&folder, &model.spec)?.tokenizer)
}
