//! `ogpu job`.

mod follow;
mod resume;
mod show;
mod submit;

use crate::{context::Context, output, resolve};
use clap::Subcommand;
use ogpu_client::chain::Call;
use serde_json::json;

/// `ogpu job …`
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Submit a job and print its answer.
    Submit(Box<submit::Arguments>),
    /// Go on with a job that this machine submitted: hand over its input, fetch its answer.
    Resume(resume::Arguments),
    /// Show a job's state, history and ledger.
    Show(show::Arguments),
    /// Take back a job that no worker has yet.
    Cancel {
        /// The job's id.
        job: String,
    },
    /// Wake a parked job, or end one whose time is over.
    Poke {
        /// The job's id.
        job: String,
    },
}

/// Runs `ogpu job`.
pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Submit(arguments) => submit::run(context, *arguments).await,
        Command::Resume(arguments) => resume::run(context, arguments).await,
        Command::Show(arguments) => show::run(context, arguments).await,
        Command::Cancel { job } => {
            let job = resolve::hash(&job)?.into();
            send(context, &Call::CancelJob(job), "cancelling the job").await
        }
        Command::Poke { job } => {
            let job = resolve::hash(&job)?.into();
            send(context, &Call::PokeJob(job), "poking the job").await
        }
    }
}

async fn send(context: &Context, call: &Call, what: &str) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let included = context.send(&chain, call, what).await?;
    if context.json {
        return output::json(&json!({ "included": included }));
    }
    output::line(&format!("{:?}", included.extrinsic_hash))
}
