//! `ogpu job show`.

use super::check;
use crate::{context::Context, output, resolve::JobReference};
use anyhow::Context as _;
use clap::Args;
use ogpu_client::{
    amount,
    chain::{AtBlock, AuditView, Chain, JobView},
    jobs::{receipt_text, JobError, PendingJobs},
    AccountId,
};
use ogpu_primitives::{
    job::replica_id, Exclusion, JobHistoryEvent, JobLedger, JobParams, MatchRecord, Subject, Tick, WorkKey,
};
use serde_json::json;

/// Arguments of `job show`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The job's id, or its running number. Every other command takes the id alone: a fork can give a number to
    /// another job.
    job: String,
    /// Also show how each attempt was matched.
    #[arg(long)]
    explain: bool,
}

/// Names of the exclusions by index.
const EXCLUSIONS: [Exclusion; ogpu_primitives::matching::EXCLUSIONS] = [
    Exclusion::NotServing,
    Exclusion::OwnJob,
    Exclusion::Class,
    Exclusion::Vram,
    Exclusion::Region,
    Exclusion::Reputation,
    Exclusion::NoSlot,
    Exclusion::Exposure,
    Exclusion::Price,
    Exclusion::Tried,
    Exclusion::NotChosen,
    Exclusion::Deadline,
    Exclusion::OwnerTried,
    Exclusion::SiblingOwner,
];

/// Prints state, history and ledger.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let reference: JobReference = arguments.job.parse()?;
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let id = match reference {
        JobReference::Id(id) => id,
        JobReference::Number(number) => chain.job_by_number(&at, number).await?.with_context(|| {
            format!("no job has the number {number}: it was pruned after its time, or never submitted; give the job's id")
        })?,
    };
    let job = chain.job(&at, id).await?.ok_or(JobError::Gone { job: id })?;
    let history = chain.history(&at, id).await?;
    let records = if arguments.explain {
        chain.explain(&at, id).await?
    } else {
        Vec::new()
    };
    let checks = checks(&chain, &at, &job).await?;
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    let receipts = pending.receipts(&id);
    if context.json {
        let mut value = job_json(&job);
        value["checks"] = checks
            .iter()
            .map(|(work, view)| check::json(work, view))
            .collect();
        value["receipts_that_differ"] = receipts.iter().map(receipt_text).collect();
        value["history"] = history
            .iter()
            .map(|(tick, event)| json!({ "tick": tick, "event": event_json(event) }))
            .collect();
        if arguments.explain {
            value["matches"] = records.iter().map(record_json).collect();
        }
        return output::json(&value);
    }
    output::line(&summary(&job))?;
    for (work, view) in &checks {
        output::line("\ncheck")?;
        output::line(&check::text(work, view))?;
    }
    for receipt in &receipts {
        output::line(&format!(
            "\nIn attempt {} the worker signed another result than it committed to; `ogpu job report-equivocation {id:?}` proves it.",
            receipt.receipt.work.attempt + 1
        ))?;
    }
    output::line("\nhistory")?;
    output::line(&history_table(&history))?;
    output::line("\nledger")?;
    output::line(&ledger_table(&job.job.ledger))?;
    if arguments.explain {
        output::line("\nmatches")?;
        for record in &records {
            output::line(&record_text(record))?;
        }
        if let Some(last) = &job.job.last_try {
            output::line(&format!(
                "the last try at tick {} found nobody among {}: {}",
                last.at,
                last.candidates,
                exclusions(&last.excluded)
            ))?;
        }
    }
    Ok(())
}

/// The checks of all attempts that have a result, until they are pruned.
async fn checks(chain: &Chain, at: &AtBlock, view: &JobView) -> anyhow::Result<Vec<(WorkKey, AuditView)>> {
    let mut checks = Vec::new();
    for attempt in 0..=view.job.attempt {
        let work = WorkKey {
            job: view.id,
            segment: 0,
            attempt,
        };
        if let Some(check) = chain.audit(at, Subject::Work(work)).await? {
            checks.push((work, check));
        }
    }
    Ok(checks)
}

fn summary(view: &JobView) -> String {
    let job = &view.job;
    let params = match &job.request.params {
        JobParams::Generate(params) => format!(
            "generate up to {} tokens, temperature {:.3}",
            params.max_output_tokens,
            f64::from(params.temperature_milli) / 1000.0
        ),
        JobParams::Embed(params) => format!("embed{}", if params.normalize { ", normalised" } else { "" }),
    };
    let mut rows = vec![
        ("job", format!("{:?}", view.id)),
        ("number", job.number.to_string()),
        ("state", format!("{:?}", job.state)),
        ("client", job.client.to_string()),
        ("model", format!("{:?}", job.request.model)),
        ("work", params),
        ("input", format!("{} tokens", job.request.input_tokens)),
        (
            "limit",
            format!("{} OGPU", amount::format(job.request.limits.max_price)),
        ),
        ("submitted", format!("tick {}", job.submitted_at)),
        ("deadline", format!("tick {}", job.deadline)),
        ("attempt", (job.attempt + 1).to_string()),
    ];
    if let Some(sibling) = job.sibling {
        let name = match sibling == replica_id(&view.id, 1) {
            true => "second replica",
            false => "first replica",
        };
        rows.push((name, format!("{sibling:?}")));
    }
    if let Some(assignment) = &job.assignment {
        rows.push(("worker", assignment.worker.to_string()));
        rows.push(("owner", assignment.owner.to_string()));
        rows.push((
            "price at most",
            format!("{} OGPU", amount::format(assignment.price_max)),
        ));
        if let Some(price) = assignment.committed_price {
            rows.push(("price", format!("{} OGPU", amount::format(price))));
        }
    }
    if let Some(commitment) = &view.commitment {
        rows.push((
            "output",
            format!("{} tokens, {:?}", commitment.n_out, commitment.finish),
        ));
        rows.push(("root", format!("{:?}", commitment.root)));
        rows.push(("ciphertext", format!("{:?}", commitment.output)));
    }
    output::pairs(rows)
}

fn history_table(history: &[(Tick, JobHistoryEvent<AccountId>)]) -> String {
    let mut table = output::table(["tick", "what"]);
    for (tick, event) in history {
        table.add_row([tick.to_string(), event_text(event)]);
    }
    output::trim(&table)
}

fn event_text(event: &JobHistoryEvent<AccountId>) -> String {
    match event {
        JobHistoryEvent::Submitted => "submitted".into(),
        JobHistoryEvent::Assigned { worker, attempt } => {
            format!("attempt {}: given to {worker}", attempt + 1)
        }
        JobHistoryEvent::Acknowledged { attempt } => {
            format!("attempt {}: the worker has the input", attempt + 1)
        }
        JobHistoryEvent::NoInput { attempt } => format!("attempt {}: no input came", attempt + 1),
        JobHistoryEvent::Missed { attempt } => format!("attempt {}: the worker missed its time", attempt + 1),
        JobHistoryEvent::Committed { attempt } => format!("attempt {}: result committed", attempt + 1),
        JobHistoryEvent::Parked => "parked: no worker fits".into(),
        JobHistoryEvent::Reopened => "back in the queue".into(),
        JobHistoryEvent::Settled { price } => format!("settled for {} OGPU", amount::format(*price)),
        JobHistoryEvent::Refunded { reason } => format!("refunded: {reason:?}"),
        JobHistoryEvent::Cancelled => "cancelled by its client".into(),
        JobHistoryEvent::Expired => "expired: no result in time, refunded".into(),
        JobHistoryEvent::Audited => "drawn for an audit".into(),
        JobHistoryEvent::Disputed => "an auditor dissents: a jury is drawn".into(),
        JobHistoryEvent::JudgedWrong { attempt } => {
            format!("attempt {}: the result was judged wrong", attempt + 1)
        }
    }
}

fn event_json(event: &JobHistoryEvent<AccountId>) -> serde_json::Value {
    // Amounts as strings: they are beyond what JSON readers take as numbers.
    match event {
        JobHistoryEvent::Settled { price } => json!({ "Settled": { "price": price.to_string() } }),
        other => json!(other),
    }
}

/// Every planck of a job as a table; the last line is the sum.
pub fn ledger_table(ledger: &JobLedger) -> String {
    let mut table = output::table(["ledger", "OGPU"]);
    for (name, planck) in ledger_rows(ledger) {
        table.add_row([name.to_owned(), amount::format(planck)]);
    }
    let total = ledger.total().map_or_else(|| "overflow".into(), amount::format);
    table.add_row(["sum of what went out and is held".to_owned(), total]);
    output::trim(&table)
}

fn ledger_rows(ledger: &JobLedger) -> [(&'static str, u128); 8] {
    [
        ("escrowed by the client", ledger.escrowed),
        ("still held", ledger.held),
        ("to the provider", ledger.provider),
        ("to validators", ledger.validators),
        ("to the treasury", ledger.treasury),
        ("to the audit fund", ledger.audit_fund),
        ("for the chance of an audit", ledger.audit_premium),
        ("back to the client", ledger.refunded),
    ]
}

/// Every planck of a job as JSON, in strings.
pub fn ledger_json(ledger: &JobLedger) -> serde_json::Value {
    json!({
        "escrowed": ledger.escrowed.to_string(),
        "held": ledger.held.to_string(),
        "provider": ledger.provider.to_string(),
        "validators": ledger.validators.to_string(),
        "treasury": ledger.treasury.to_string(),
        "audit_fund": ledger.audit_fund.to_string(),
        "audit_premium": ledger.audit_premium.to_string(),
        "refunded": ledger.refunded.to_string(),
        "unit": "planck",
    })
}

fn job_json(view: &JobView) -> serde_json::Value {
    let job = &view.job;
    json!({
        "id": format!("{:?}", view.id),
        "number": job.number,
        "client": job.client.to_string(),
        "model": format!("{:?}", job.request.model),
        "params": job.request.params,
        "input_tokens": job.request.input_tokens,
        "input_commitment": format!("{:?}", job.request.input_commitment),
        "max_price": job.request.limits.max_price.to_string(),
        "sibling": job.sibling.map(|sibling| format!("{sibling:?}")),
        "state": job.state,
        "submitted_at": job.submitted_at,
        "deadline": job.deadline,
        "attempt": job.attempt,
        "assignment": job.assignment.as_ref().map(|assignment| json!({
            "worker": assignment.worker.to_string(),
            "owner": assignment.owner.to_string(),
            "class": assignment.class,
            "price_max": assignment.price_max.to_string(),
            "index_planck_per_cu": assignment.index_planck_per_cu.to_string(),
            "ask_permille": assignment.ask_permille,
            "acknowledge_by": assignment.acknowledge_by,
            "committed_price": assignment.committed_price.map(|price| price.to_string()),
        })),
        "commitment": view.commitment.as_ref().map(|commitment| json!({
            "root": format!("{:?}", commitment.root),
            "output_blake3": hex::encode(commitment.output),
            "n_in": commitment.n_in,
            "n_out": commitment.n_out,
            "finish": commitment.finish,
        })),
        "ledger": ledger_json(&job.ledger),
    })
}

fn exclusions(counts: &[u8]) -> String {
    let named: Vec<_> = EXCLUSIONS
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(exclusion, count)| format!("{count} × {exclusion:?}"))
        .collect();
    match named.is_empty() {
        true => "nobody excluded".into(),
        false => named.join(", "),
    }
}

fn record_text(record: &MatchRecord<AccountId>) -> String {
    format!(
        "attempt {}: {} of {} candidates, {:?}, at most {} OGPU, tick {}; excluded: {}; {:?}",
        record.attempt + 1,
        record.worker,
        record.candidates,
        record.scorer,
        amount::format(record.price),
        record.assigned_at,
        exclusions(&record.excluded),
        record.outcome
    )
}

fn record_json(record: &MatchRecord<AccountId>) -> serde_json::Value {
    let excluded: serde_json::Map<String, serde_json::Value> = EXCLUSIONS
        .iter()
        .zip(record.excluded)
        .map(|(exclusion, count)| (format!("{exclusion:?}"), json!(count)))
        .collect();
    json!({
        "attempt": record.attempt,
        "worker": record.worker.to_string(),
        "candidates": record.candidates,
        "excluded": excluded,
        "price": record.price.to_string(),
        "scorer": record.scorer,
        "features_version": record.features_version,
        "features": hex::encode(&record.features[..]),
        "assigned_at": record.assigned_at,
        "outcome": record.outcome,
        "finished_at": record.finished_at,
    })
}
