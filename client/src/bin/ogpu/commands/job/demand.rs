//! `ogpu job demand`.

use super::follow::{print, put_away, tokenizer};
use crate::{context::Context, resolve};
use anyhow::Context as _;
use clap::Args;
use ogpu_client::jobs::{demand_output, DemandStep, PendingJobs};
use ogpu_primitives::JobId;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Arguments of `job demand`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The job's id.
    job: String,
    /// Folder of the model; `<models-dir>/<name>` when it is missing.
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,
    /// Give up waiting after this many seconds; the demand itself goes on.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    timeout: u64,
}

/// Demands the answer of a job whose secrets are on this machine, waits for it and prints it.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let job = JobId::from(resolve::hash(&arguments.job)?);
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    let secrets = pending.load(&job).context(
        "only the machine that submitted a job can read its answer, until that was received and paid",
    )?;
    let key = context.key()?;
    let chain = context.chain_of(secrets.genesis).await?;
    let tokenizer = tokenizer(context, &chain, &secrets, arguments.model_dir.as_deref()).await?;
    let started = Instant::now();
    let progress = context.progress();
    let limit = Duration::from_secs(arguments.timeout);
    let result = demand_output(&chain, &key, job, &secrets, limit, |step| match step {
        DemandStep::Demanding => progress.step("demanding the answer on the chain; a bond is held"),
        DemandStep::Waiting => progress.step("waiting for the worker to post the answer"),
    })
    .await?;
    progress.done("answer posted on the chain, opened and checked");
    drop(progress);
    print(context, &result, &tokenizer, false, started.elapsed())?;
    put_away(&pending, &job, result.job.job.state.is_final());
    Ok(())
}
