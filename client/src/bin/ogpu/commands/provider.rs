//! `ogpu provider`: the owner's side.

use super::providers::{worker_json, worker_table};
use crate::{context::Context, output, resolve};
use anyhow::Context as _;
use clap::Subcommand;
use ogpu_client::{
    amount,
    chain::{Call, Chain},
    pairing::PairingCode,
    AccountId,
};
use ogpu_primitives::Balance;
use serde_json::json;

/// `ogpu provider …`; amounts are OGPU, or planck as in 1000planck.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Put OGPU at stake for your workers.
    Stake {
        /// OGPU, or planck as in 1000planck.
        #[arg(value_parser = resolve::amount)]
        amount: Balance,
    },
    /// Begin to take stake out; it can be withdrawn when unbonding is over.
    Unstake {
        /// OGPU, or planck as in 1000planck.
        #[arg(value_parser = resolve::amount)]
        amount: Balance,
    },
    /// Take out the stake whose unbonding is over.
    Withdraw,
    /// Take a worker, with the code that `ogpu-worker pair --owner ACCOUNT` prints.
    Pair {
        /// The code.
        code: PairingCode,
        /// Stake for it, in OGPU, or planck as in 1000planck.
        #[arg(long, value_parser = resolve::amount, default_value = "50", value_name = "AMOUNT")]
        allot: Balance,
    },
    /// Part with a worker; its allotted stake becomes free.
    Unpair {
        /// SS58 address.
        worker: String,
    },
    /// Change the stake that is allotted to a worker.
    Allot {
        /// SS58 address.
        worker: String,
        /// OGPU, or planck as in 1000planck.
        #[arg(value_parser = resolve::amount)]
        amount: Balance,
    },
    /// Set a worker's price: 1.0 is the index, 0.8 is a fifth cheaper.
    Ask {
        /// SS58 address.
        worker: String,
        /// From 0.1 to 10.
        multiplier: f64,
    },
    /// Let a worker finish what it has and take no more.
    Drain {
        /// SS58 address.
        worker: String,
    },
    /// Let a worker take jobs again.
    Resume {
        /// SS58 address.
        worker: String,
    },
    /// Pay for a jailed worker to take jobs again.
    Rejoin {
        /// SS58 address.
        worker: String,
    },
    /// Send a worker OGPU for its fees.
    TopUp {
        /// SS58 address.
        worker: String,
        /// OGPU, or planck as in 1000planck.
        #[arg(value_parser = resolve::amount)]
        amount: Balance,
    },
    /// Collect pay that could not be sent to the account before.
    Collect,
    /// Show stake and workers of an owner.
    Show {
        /// SS58 address or name of a key; the key to sign with when it is missing.
        owner: Option<String>,
    },
}

/// Runs `ogpu provider`.
pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let ogpu = |planck: Balance| format!("{} OGPU", amount::format(planck));
    let worker = |text: &str| context.account(Some(text));
    // What is typed wrong is said before the node is asked for anything.
    let (call, what) = match &command {
        Command::Show { owner } => {
            let owner = context.account(owner.as_deref())?;
            return show(context, &context.chain().await?, owner).await;
        }
        Command::Pair { code, allot } => {
            let chain = context.chain().await?;
            code.check(&chain.genesis(), &context.key()?.account_id())?;
            let call = Call::Pair {
                worker: code.worker,
                proof: code.proof,
                allotment: *allot,
            };
            let what = format!("taking worker {} with {}", code.worker, ogpu(*allot));
            return send(context, &chain, &call, &what).await;
        }
        Command::Stake { amount } => (Call::Stake(*amount), format!("staking {}", ogpu(*amount))),
        Command::Unstake { amount } => (Call::Unstake(*amount), format!("unstaking {}", ogpu(*amount))),
        Command::Withdraw => (Call::Withdraw, "withdrawing".into()),
        Command::Unpair { worker: text } => (Call::Unpair(worker(text)?), format!("parting with {text}")),
        Command::Allot { worker: text, amount } => {
            let call = Call::Allot {
                worker: worker(text)?,
                amount: *amount,
            };
            (call, format!("allotting {} to {text}", ogpu(*amount)))
        }
        Command::Ask {
            worker: text,
            multiplier,
        } => {
            let call = Call::SetAsk {
                worker: worker(text)?,
                ask_permille: permille(*multiplier)?,
            };
            (call, format!("asking {multiplier} times the index for {text}"))
        }
        Command::Drain { worker: text } => (Call::Drain(worker(text)?), format!("draining {text}")),
        Command::Resume { worker: text } => (Call::Resume(worker(text)?), format!("resuming {text}")),
        Command::Rejoin { worker: text } => (Call::Rejoin(worker(text)?), format!("rejoining {text}")),
        Command::TopUp { worker: text, amount } => {
            let call = Call::TopUp {
                worker: worker(text)?,
                amount: *amount,
            };
            (call, format!("sending {} to {text}", ogpu(*amount)))
        }
        Command::Collect => (Call::WithdrawEarnings, "collecting".into()),
    };
    send(context, &context.chain().await?, &call, &what).await
}

fn permille(multiplier: f64) -> anyhow::Result<u32> {
    if !(0.1..=10.0).contains(&multiplier) {
        return Err(crate::exit::Usage(format!("an ask is between 0.1 and 10, not {multiplier}")).into());
    }
    Ok((multiplier * 1000.0).round() as u32)
}

async fn send(context: &Context, chain: &Chain, call: &Call, what: &str) -> anyhow::Result<()> {
    let included = context.send(chain, call, what).await?;
    if context.json {
        let (pallet, name) = call.target();
        return output::json(&json!({ "call": format!("{pallet}.{name}"), "included": included }));
    }
    output::line(&format!("{:?}", included.extrinsic_hash))
}

async fn show(context: &Context, chain: &Chain, account: AccountId) -> anyhow::Result<()> {
    let at = chain.best().await?;
    let owner = chain
        .owner(&at, &account)
        .await?
        .with_context(|| format!("{account} has no stake; `ogpu provider stake AMOUNT` begins"))?;
    let mut workers = Vec::new();
    for worker in &owner.worker_accounts {
        workers.extend(chain.worker(&at, worker).await?);
    }
    let slashes = chain.pending_slashes(&at, Some(&account)).await?;
    let pending: Balance = slashes.iter().map(|(_, slash)| slash.amount).sum();
    if context.json {
        return output::json(&json!({
            "pending_slashes": pending.to_string(),
            "owner": account.to_string(),
            "stake": owner.stake.to_string(),
            "allotted": owner.allotted.to_string(),
            "unbonding": owner.unbonding.iter().map(|chunk| {
                json!({ "amount": chunk.amount.to_string(), "until_tick": chunk.until })
            }).collect::<Vec<_>>(),
            "withdrawable": owner.withdrawable.to_string(),
            "exposure": owner.exposure.to_string(),
            "exposure_room": owner.exposure_room.to_string(),
            "workers": workers.iter().map(worker_json).collect::<Vec<_>>(),
            "unit": "planck",
        }));
    }
    let ogpu = |planck| format!("{} OGPU", amount::format(planck));
    output::line(&output::pairs([
        ("owner", account.to_string()),
        ("stake", ogpu(owner.stake)),
        ("allotted", ogpu(owner.allotted)),
        (
            "unbonding",
            ogpu(owner.unbonding.iter().map(|chunk| chunk.amount).sum()),
        ),
        ("withdrawable", ogpu(owner.withdrawable)),
        ("unsettled work", ogpu(owner.exposure)),
        ("room for more", ogpu(owner.exposure_room)),
        ("pending slashes", ogpu(pending)),
        ("workers", owner.workers.to_string()),
    ]))?;
    if workers.is_empty() {
        return Ok(());
    }
    output::line("")?;
    output::line(&worker_table(&workers))?;
    for worker in &workers {
        if let Some(reason) = &worker.idle {
            output::line(&format!("{} gets no jobs: {reason}", worker.worker))?;
        }
    }
    Ok(())
}
