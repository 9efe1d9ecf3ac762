//! `status`: what the worker does, and why it does nothing when it does nothing.

use super::{config::Config, output};
use crate::{
    check_status::{self, SlashStatus},
    status_file::StatusFile,
};
use anyhow::{Context, Result};
use clap::Args;
use ogpu_client::{
    amount,
    chain::{Chain, PrecisionView},
    keys::WorkerKeys,
};
use ogpu_primitives::Level;
use serde::Serialize;

/// Arguments of `status`.
#[derive(Args, Debug)]
pub struct Status {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// All that is known.
#[derive(Serialize)]
struct Report {
    /// The worker's account.
    account: String,
    /// The daemon writes its status.
    running: bool,
    /// What the daemon last said; `None` when it never ran.
    daemon: Option<StatusFile>,
    /// What the chain says; `None` when the node cannot be asked.
    chain: Option<OnChain>,
    /// Why the node cannot be asked.
    chain_error: Option<String>,
}

#[derive(Serialize)]
struct OnChain {
    block: u64,
    paired: bool,
    owner: Option<String>,
    status: Option<ogpu_client::chain::WorkerStatus>,
    allotted_planck: Option<String>,
    hot_key_planck: String,
    owner_earnings_planck: Option<String>,
    used_slots: Option<u16>,
    slots: Option<u16>,
    ask_permille: Option<u32>,
    strikes: Option<u8>,
    reputation_permille: Option<u16>,
    models: Vec<String>,
    /// How precise its results are, by model, as far as two auditors saw them.
    precision: Vec<ModelPrecision>,
    idle: Option<ogpu_client::chain::IdleReason>,
    /// Slashes of its owner that are decided and not applied yet.
    pending_slashes: Vec<SlashStatus>,
}

#[derive(Serialize)]
struct ModelPrecision {
    model: String,
    #[serde(flatten)]
    view: PrecisionView,
}

/// Prints the report. False when no job can come in: the daemon is down or the node cannot be asked.
pub async fn run(arguments: &Status, config: &Config) -> Result<bool> {
    let account_file = config.keys_dir().join("account.secret");
    anyhow::ensure!(
        account_file.is_file(),
        "there is no worker in {}: run `ogpu-worker pair --owner OWNER` first, or pass --data-dir",
        config.data_dir.display()
    );
    let keys = WorkerKeys::load_or_create(&config.keys_dir()).context("reading the worker's keys")?;
    let account = keys.account.account_id();
    let daemon = StatusFile::read(&config.status_file()).context("reading status.json")?;
    let (chain, chain_error) = match on_chain(config, &account).await {
        Ok(chain) => (Some(chain), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let report = Report {
        account: account.to_string(),
        running: daemon.as_ref().is_some_and(StatusFile::is_alive),
        daemon,
        chain,
        chain_error,
    };
    if arguments.json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(report.running && report.chain_error.is_none())
}

async fn on_chain(
    config: &Config,
    account: &ogpu_client::AccountId,
) -> Result<OnChain, ogpu_client::chain::ChainError> {
    let chain = Chain::connect(&config.url, config.genesis.map(Into::into)).await?;
    let at = chain.best().await?;
    let worker = chain.worker(&at, account).await?;
    let balance = chain.balance(&at, account).await?;
    let idle = chain.idle_reason(&at, account).await?;
    let owner_earnings_planck = match &worker {
        Some(worker) => Some(chain.earnings(&at, &worker.owner).await?.to_string()),
        None => None,
    };
    let worker = worker.as_ref();
    let pending = match worker {
        Some(worker) => chain.pending_slashes(&at, Some(&worker.owner)).await?,
        None => Vec::new(),
    };
    let precision = chain.precision(&at, account).await?;
    Ok(OnChain {
        block: at.block_number(),
        paired: worker.is_some(),
        owner: worker.map(|worker| worker.owner.to_string()),
        status: worker.map(|worker| worker.status),
        allotted_planck: worker.map(|worker| worker.allotted.to_string()),
        hot_key_planck: balance.free.to_string(),
        owner_earnings_planck,
        used_slots: worker.map(|worker| worker.used_slots),
        slots: worker
            .and_then(|worker| worker.profile.as_ref())
            .map(|profile| profile.slots),
        ask_permille: worker.map(|worker| worker.ask_permille),
        strikes: worker.map(|worker| worker.strikes),
        reputation_permille: worker.map(|worker| worker.reputation_permille),
        models: worker.map_or_else(Vec::new, |worker| {
            worker.models.iter().map(|model| format!("{model:?}")).collect()
        }),
        precision: precision
            .into_iter()
            .map(|(model, view)| ModelPrecision {
                model: format!("{model:?}"),
                view,
            })
            .collect(),
        idle,
        pending_slashes: pending
            .iter()
            .map(|(id, slash)| check_status::slash(*id, slash))
            .collect(),
    })
}

fn print(report: &Report) {
    let mut rows = vec![["account".to_owned(), report.account.clone()]];
    let mut row = |name: &str, value: String| rows.push([name.to_owned(), value]);
    match &report.daemon {
        Some(daemon) if report.running => {
            row("daemon", format!("{}, process {}", daemon.phase, daemon.pid));
            // Before it serves there is neither yet.
            if !daemon.listening.is_empty() {
                row("listening", daemon.listening.join(", "));
            }
            if daemon.best_block > 0 {
                row(
                    "followed",
                    format!("block {}, tick {}", daemon.best_block, daemon.tick),
                );
            }
            row(
                "jobs here",
                format!("{} settled, {} without pay", daemon.settled, daemon.abandoned),
            );
            for attempt in &daemon.attempts {
                row(
                    "open job",
                    format!("{} attempt {}: {:?}", attempt.job, attempt.attempt, attempt.state),
                );
            }
            for check in &daemon.checks {
                row("check", check.to_string());
            }
            for line in daemon.auditing.lines() {
                row("audits", line);
            }
        }
        Some(_) => row("daemon", "not running: start it with `ogpu-worker run`".into()),
        None => row(
            "daemon",
            "has never run with this data folder: start it with `ogpu-worker run`".into(),
        ),
    }
    let ogpu = |planck: &str| planck.parse().map_or_else(|_| planck.to_owned(), amount::format);
    if let Some(error) = &report.chain_error {
        row("chain", error.clone());
    }
    if let Some(chain) = &report.chain {
        row("hot key", format!("{} OGPU", ogpu(&chain.hot_key_planck)));
        if let Some(owner) = &chain.owner {
            row("owner", owner.clone());
        }
        if let (Some(status), Some(allotted)) = (&chain.status, &chain.allotted_planck) {
            row(
                "standing",
                format!("{status:?}, {} OGPU allotted", ogpu(allotted)),
            );
        }
        if let (Some(strikes), Some(reputation)) = (chain.strikes, chain.reputation_permille) {
            row("record", format!("{strikes} strikes, reputation {reputation} ‰"));
        }
        if let (Some(used), Some(slots)) = (chain.used_slots, chain.slots) {
            row("slots", format!("{used} of {slots} used"));
        }
        for slash in &chain.pending_slashes {
            row("pending slash", slash.to_string());
        }
        for model in &chain.models {
            row("serves", model.clone());
        }
        for seen in chain
            .precision
            .iter()
            .filter(|seen| seen.view.reached > Level::Quiet)
        {
            row("precision", format!("{}: {}", seen.model, seen.view.words()));
        }
        row(
            "matching",
            match &chain.idle {
                None => "can be given jobs; idle only because none is open for it".into(),
                Some(reason) => format!("gets no jobs: {reason}"),
            },
        );
    }
    output::table(&[], rows);
}
