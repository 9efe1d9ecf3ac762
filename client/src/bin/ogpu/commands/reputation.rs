//! `ogpu reputation`.

use super::models::Kind;
use crate::{context::Context, output};
use clap::Args;
use ogpu_client::{
    chain::{AtBlock, Chain, ChainError, PrecisionView, StandingView},
    reputation::{recount, Recount},
    AccountId,
};
use ogpu_primitives::{JobKind, ModelId};
use serde_json::json;

/// Blocks between two lines of progress.
const PROGRESS_BLOCKS: u64 = 500;

/// Arguments of `reputation`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The owner of workers: SS58 address or name of a key.
    owner: String,
    /// Only this kind of job.
    #[arg(long)]
    kind: Option<Kind>,
    /// Count it again from all audits since the first block, and compare with what the chain says. Needs a node that
    /// keeps all states: one that runs with --state-pruning archive.
    #[arg(long)]
    verify: bool,
}

/// How precise the results of one worker are on one model.
type Precision = (AccountId, ModelId, PrecisionView);

/// Shows what an owner's audits amount to, and how precise its workers are.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let owner = context.account(Some(&arguments.owner))?;
    let kinds = match arguments.kind {
        Some(kind) => vec![kind.into()],
        None => vec![JobKind::Generate, JobKind::Embed],
    };
    let chain = context.chain().await?;
    let progress = context.progress();
    let mut rows: Vec<(JobKind, StandingView, Option<Recount>)> = Vec::new();
    for kind in kinds {
        if arguments.verify {
            let recount = recount(&chain, &owner, kind, |read, all| {
                if read % PROGRESS_BLOCKS == 0 {
                    progress.step(format!("{} audits: block {read} of {all}", name(kind)));
                }
            })
            .await?;
            rows.push((kind, recount.chain, Some(recount)));
        } else {
            let at = chain.best().await?;
            rows.push((kind, chain.standing(&at, &owner, kind).await?, None));
        }
    }
    drop(progress);
    let precision = precision_of(&chain, &chain.best().await?, &owner).await?;
    if context.json {
        let values = rows
            .iter()
            .map(|(kind, standing, recount)| row_json(*kind, standing, recount.as_ref()));
        output::json(&json!({
            "owner": owner.to_string(),
            "kinds": values.collect::<Vec<_>>(),
            "precision": precision.iter().map(precision_json).collect::<Vec<_>>(),
        }))?;
    } else {
        output::line(&table(&rows))?;
        if !precision.is_empty() {
            output::line(&format!("\n{}", precision_table(&precision)))?;
        }
    }
    let differing: Vec<_> = rows
        .iter()
        .filter_map(|(kind, _, recount)| {
            recount
                .filter(|recount| !recount.agrees())
                .map(|recount| (kind, recount))
        })
        .collect();
    for (kind, recount) in &differing {
        let now = recount.counted.decayed(recount.tick);
        eprintln!(
            "{}: counted again, {} audits give a reputation of {}/1000 from {}/1000 passed and {}/1000 failed",
            name(**kind),
            recount.audits,
            now.permille(recount.tick),
            now.passed_milli,
            now.failed_milli
        );
    }
    anyhow::ensure!(
        differing.is_empty(),
        "what the chain says of {owner} does not follow from its audits"
    );
    Ok(())
}

/// Of the owner's first 100 workers, what two auditors saw.
async fn precision_of(chain: &Chain, at: &AtBlock, owner: &AccountId) -> Result<Vec<Precision>, ChainError> {
    let workers = chain.owner(at, owner).await?;
    let mut found = Vec::new();
    for worker in workers.map(|owner| owner.worker_accounts).unwrap_or_default() {
        let seen = chain.precision(at, &worker).await?;
        found.extend(seen.into_iter().map(|(model, view)| (worker, model, view)));
    }
    Ok(found)
}

fn precision_table(precision: &[Precision]) -> String {
    let mut table = output::table(["worker", "model", "seen by two auditors", "precision"]);
    for (worker, model, view) in precision {
        table.add_row([
            worker.to_string(),
            format!("{model:?}"),
            format!("{} results", view.results),
            view.words(),
        ]);
    }
    output::trim(&table)
}

fn precision_json((worker, model, view): &Precision) -> serde_json::Value {
    json!({ "worker": worker.to_string(), "model": format!("{model:?}"), "precision": view })
}

fn table(rows: &[(JobKind, StandingView, Option<Recount>)]) -> String {
    let mut table = output::table([
        "kind",
        "reputation",
        "passed",
        "failed",
        "audit rate",
        "a cheat is caught",
        "certain audits",
        "counted again",
    ]);
    let milli = |value: u64| format!("{}.{:03}", value / 1_000, value % 1_000);
    let percent = |ppm: u32| format!("{:.2} %", f64::from(ppm) / 10_000.0);
    for (kind, standing, recount) in rows {
        table.add_row([
            name(*kind).into(),
            format!("{:.3}", f64::from(standing.permille) / 1_000.0),
            milli(standing.passed_milli),
            milli(standing.failed_milli),
            percent(standing.rate_ppm),
            percent(standing.catch_ppm),
            standing.forced.to_string(),
            match recount {
                None => "-".into(),
                Some(recount) => format!(
                    "{}, from {} audits in blocks 1 to {}, at most {} passed in a day",
                    if recount.agrees() { "the same" } else { "DIFFERENT" },
                    recount.audits,
                    recount.block,
                    recount.most_a_day
                ),
            },
        ]);
    }
    output::trim(&table)
}

fn row_json(kind: JobKind, standing: &StandingView, recount: Option<&Recount>) -> serde_json::Value {
    json!({
        "kind": kind,
        "standing": standing,
        "recount": recount.map(|recount| json!({
            "agrees": recount.agrees(),
            "block": recount.block,
            "audits": recount.audits,
            "most_a_day": recount.most_a_day,
            "standing": recount.counted.decayed(recount.tick),
            "permille": recount.counted.permille(recount.tick),
        })),
    })
}

fn name(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Generate => "generate",
        JobKind::Embed => "embed",
    }
}
