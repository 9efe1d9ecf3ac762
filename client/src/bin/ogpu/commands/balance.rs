//! `ogpu balance`.

use crate::{context::Context, output};
use clap::Args;
use ogpu_client::amount;
use serde_json::json;

/// Arguments of `balance`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// SS58 address or name of a key; the key to sign with when it is missing.
    // With the id `account` it would be the same argument as the global --account.
    #[arg(id = "of", value_name = "ACCOUNT")]
    of: Option<String>,
}

/// Prints what an account has and what it can spend.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let account = context.account(arguments.of.as_deref())?;
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let balance = chain.balance(&at, &account).await?;
    let earnings = chain.earnings(&at, &account).await?;
    if context.json {
        return output::json(&json!({
            "account": account.to_string(),
            "free": balance.free.to_string(),
            "held": balance.held.to_string(),
            "frozen": balance.frozen.to_string(),
            "spendable": balance.spendable.to_string(),
            "earnings": earnings.to_string(),
            "unit": "planck",
        }));
    }
    let rows = [
        ("account", account.to_string()),
        ("spendable", ogpu(balance.spendable)),
        ("free", ogpu(balance.free)),
        ("held (stake, deposits)", ogpu(balance.held)),
        ("frozen (votes, vesting)", ogpu(balance.frozen)),
        ("waiting for `ogpu provider collect`", ogpu(earnings)),
    ];
    output::line(&output::pairs(rows))
}

fn ogpu(planck: u128) -> String {
    format!("{} OGPU", amount::format(planck))
}
