//! `ogpu job`.

mod cancel;
mod check;
mod comparison;
mod demand;
mod dispute;
mod follow;
mod forget;
mod replicas;
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
    /// Go on with a job that this machine submitted, and with its other replica: hand over the input, fetch the answer.
    Resume(resume::Arguments),
    /// Show a job's state, checks, history and ledger.
    Show(show::Arguments),
    /// Take back a job that no worker has yet, and its other replica if no worker has that.
    Cancel {
        /// The job's id.
        job: String,
    },
    /// Put this machine's secret of a job into the draw of an audit, if that was not done with the answer.
    Accept {
        /// The job's id.
        job: String,
    },
    /// Have a result audited for certain, within the window after its commitment and instead of accepting it.
    ///
    /// The audit's fee is held; it comes back unless the result is right.
    Challenge {
        /// The job's id.
        job: String,
    },
    /// Demand an answer that the worker does not hand over on the chain, wait for it and print it.
    ///
    /// A bond is held. Half of it goes to the audit fund once the answer is posted, the other half comes back; all of it
    /// comes back when nothing is posted.
    Demand(demand::Arguments),
    /// Prove that a worker signed another result than it committed to; it loses a fifth of its stake.
    ReportEquivocation(dispute::EquivocationArguments),
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
        Command::Accept { job } => dispute::accept(context, &job).await,
        Command::Challenge { job } => dispute::challenge(context, &job).await,
        Command::Demand(arguments) => demand::run(context, arguments).await,
        Command::ReportEquivocation(arguments) => dispute::report_equivocation(context, arguments).await,
        Command::Cancel { job } => cancel::run(context, &job).await,
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
