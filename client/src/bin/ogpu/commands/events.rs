//! `ogpu events`.

use crate::{context::Context, output, resolve};
use clap::Args;
use ogpu_client::follow::{self, Blocks, EventFilter};

/// Arguments of `events`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Only events that name this job.
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// Only events that name this account.
    #[arg(long, value_name = "ACCOUNT")]
    of: Option<String>,
    /// Best blocks instead of final ones: earlier, but a fork can undo them.
    #[arg(long)]
    best: bool,
}

/// Prints one JSON object a line until it is interrupted.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let filter = EventFilter {
        job: arguments
            .job
            .as_deref()
            .map(resolve::hash)
            .transpose()?
            .map(Into::into),
        account: arguments
            .of
            .as_deref()
            .map(|text| context.account(Some(text)))
            .transpose()?,
    };
    let chain = context.chain().await?;
    let which = if arguments.best {
        Blocks::Best
    } else {
        Blocks::Final
    };
    let mut events = follow::events(chain, which, filter);
    while let Some(event) = events.recv().await {
        output::json(&serde_json::to_value(event)?)?;
    }
    Ok(())
}
