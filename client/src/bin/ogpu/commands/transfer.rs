//! `ogpu transfer`.

use crate::{context::Context, output, resolve};
use clap::Args;
use ogpu_client::{amount, chain::Call};
use ogpu_primitives::Balance;
use serde_json::json;

/// Arguments of `transfer`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// SS58 address or name of a key.
    to: String,
    /// OGPU, or planck as in 1000planck.
    #[arg(value_parser = resolve::amount)]
    amount: Balance,
}

/// Sends OGPU and keeps the sender alive.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let to = context.account(Some(&arguments.to))?;
    let chain = context.chain().await?;
    let call = Call::Transfer {
        to,
        amount: arguments.amount,
    };
    let what = format!("sending {} OGPU to {to}", amount::format(arguments.amount));
    let included = context.send(&chain, &call, &what).await?;
    if context.json {
        return output::json(&json!({
            "to": to.to_string(),
            "amount": arguments.amount.to_string(),
            "included": included,
        }));
    }
    output::line(&format!("{:?}", included.extrinsic_hash))
}
