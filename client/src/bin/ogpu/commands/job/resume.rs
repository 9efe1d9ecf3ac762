//! `ogpu job resume`.

use super::{
    follow::{follow, tokenizer, FollowArguments},
    replicas::{both, follow_replicas},
};
use crate::{context::Context, resolve};
use anyhow::Context as _;
use clap::Args;
use ogpu_client::jobs::PendingJobs;
use ogpu_primitives::JobId;
use std::path::PathBuf;

/// Arguments of `job resume`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The job's id.
    job: String,
    /// Folder of the model; `<models-dir>/<name>` when it is missing.
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,
    #[command(flatten)]
    follow: FollowArguments,
}

/// Goes on with a job whose secrets are on this machine, and with its other replica.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let job = JobId::from(resolve::hash(&arguments.job)?);
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    let secrets = pending.load(&job).context(
        "only the machine that submitted a job can go on with it, until its answer was received and paid",
    )?;
    let chain = context.chain_of(secrets.genesis).await?;
    let tokenizer = tokenizer(context, &chain, &secrets, arguments.model_dir.as_deref()).await?;
    match both(&pending, job, &secrets) {
        Some(pair) => follow_replicas(context, &chain, pair, &tokenizer, &arguments.follow).await,
        None => follow(context, &chain, job, &secrets, &tokenizer, &arguments.follow).await,
    }
}
