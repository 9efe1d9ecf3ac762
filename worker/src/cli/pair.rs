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
    #[arg(long, env = "OGPU_OWNER", value_name = "ACCOUNT", value_parser = account)]
    pub owner: AccountId,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::from_str(text).map_err(|_| "it is no account: give the owner's SS58 address".into())
}

/// Makes the keys if there are none yet, and prints the code. The node is asked for nothing but its genesis.
pub async fn run(arguments: &Pair, config: &Config) -> Result<()> {
    let owner = arguments.owner;
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
