//! `ogpu slashes`.

use crate::{context::Context, output};
use clap::Args;
use ogpu_client::{amount, chain::PendingSlash};
use ogpu_primitives::Subject;
use serde_json::json;

/// Arguments of `slashes`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Only those of this owner: SS58 address or name of a key.
    #[arg(long, value_name = "ACCOUNT")]
    owner: Option<String>,
}

/// Lists slashes that were decided and are not applied yet.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let owner = arguments
        .owner
        .as_deref()
        .map(|text| context.account(Some(text)))
        .transpose()?;
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let slashes = chain.pending_slashes(&at, owner.as_ref()).await?;
    if context.json {
        return output::json(&slashes.iter().map(|(id, slash)| slash_json(*id, slash)).collect());
    }
    if slashes.is_empty() {
        eprintln!("No slash is pending.");
        return Ok(());
    }
    let mut table = output::table(["id", "owner", "offence", "OGPU", "decided", "due", "job"]);
    for (id, slash) in &slashes {
        table.add_row([
            id.to_string(),
            slash.owner.to_string(),
            format!("{:?}", slash.offence),
            amount::format(slash.amount),
            format!("tick {}", slash.reported_at),
            format!("tick {}", slash.due),
            slash.subject.map_or_else(
                || "-".into(),
                |Subject::Work(work)| format!("{:?}, attempt {}", work.job, work.attempt + 1),
            ),
        ]);
    }
    output::line(&output::trim(&table))?;
    let tick = chain.tick(&at).await?;
    output::line(&format!(
        "\nNow it is tick {tick}; until a slash is due, the canceller of the DAO can take it back."
    ))
}

fn slash_json(id: u32, slash: &PendingSlash) -> serde_json::Value {
    json!({
        "id": id,
        "owner": slash.owner.to_string(),
        "worker": slash.worker.map(|worker| worker.to_string()),
        "offence": slash.offence,
        "amount": slash.amount.to_string(),
        "reported_at": slash.reported_at,
        "due": slash.due,
        "work": slash.subject.map(|Subject::Work(work)| work),
        "payouts": slash.payouts.iter().map(|(account, amount)| json!({
            "account": account.to_string(),
            "amount": amount.to_string(),
        })).collect::<Vec<_>>(),
        "unit": "planck",
    })
}
