//! `pair`: prints the code with which an owner takes this worker.

use super::{config::Config, output};
use anyhow::{Context, Result};
use clap::Args;
use ogpu_client::{chain::Chain, keys::WorkerKeys, pairing::PairingCode, AccountId};
use std::str::FromStr;

/// Arguments of `pair`.
#[derive(Args, Debug)]
pub struct Pair {
    /// The owner's account (SS58): who stakes for this machine and is paid.
    #[arg(long, env = "OGPU_OWNER", value_name = "ACCOUNT")]
    pub owner: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Makes the keys if there are none yet, and prints the code. The node is asked for nothing but its genesis.
pub async fn run(arguments: &Pair, config: &Config) -> Result<()> {
    let owner = AccountId::from_str(&arguments.owner).map_err(|_| {
        anyhow::anyhow!(
            "`{}` is no account: give the owner's SS58 address",
            arguments.owner
        )
    })?;
    let keys = WorkerKeys::load_or_create(&config.keys_dir()).context("reading or making the keys")?;
    let genesis = match config.genesis {
        Some(genesis) => genesis.into(),
        None => Chain::connect(&config.url, None).await?.genesis(),
    };
    let code = PairingCode::sign(&keys.account, &genesis, &owner);
    if arguments.json {
        return output::json(&serde_json::json!({
            "code": code.to_string(),
            "worker": code.worker.to_string(),
            "proof": format!("0x{}", hex::encode(code.proof)),
            "owner": owner.to_string(),
            "genesis": format!("{genesis:?}"),
        }));
    }
    output::line(&code.to_string());
    eprintln!("The owner {owner} takes this worker with:\n  ogpu provider pair {code}");
    Ok(())
}
