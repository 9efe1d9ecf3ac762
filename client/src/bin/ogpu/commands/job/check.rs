//! The check of a result, for people and as JSON.

use crate::output;
use ogpu_client::{
    amount,
    chain::{AuditView, CommitmentRecord, Seat, SeatState},
    jobs::can_accept,
};
use ogpu_primitives::{
    judge::{FailReason, SoftReason},
    work::Verdict,
    CheckStage, Findings, Judgement, Role, SeatPool, WorkKey,
};
use serde_json::json;

/// The check of one attempt as text.
pub fn text(work: &WorkKey, view: &AuditView) -> String {
    let record = &view.record;
    let mut rows = vec![
        ("attempt", (work.attempt + 1).to_string()),
        ("stage", stage(record)),
        ("verdict", verdict(record)),
        ("audit", audit(record)),
        (
            "an auditor costs",
            format!("{} OGPU", amount::format(record.work.audit_fee)),
        ),
        ("client's part", client_part(record)),
    ];
    if view.opened {
        rows.push(("evidence", "opened by the worker".into()));
    }
    if record.equivocated {
        rows.push((
            "equivocation",
            "the worker was shown to have signed two different results".into(),
        ));
    }
    for (account, demand) in &view.demands {
        rows.push((
            "data demanded",
            format!("by {account} at tick {}: {:?}", demand.asked_at, demand.state),
        ));
    }
    let mut text = output::pairs(rows);
    if !view.seats.is_empty() {
        let mut table = output::table(["seat", "worker", "state", "findings"]);
        for seat in &view.seats {
            table.add_row([
                role(seat.role).to_owned(),
                seat.worker.to_string(),
                state(seat),
                seat.findings.as_ref().map_or_else(String::new, findings),
            ]);
        }
        text = format!("{text}\n{}", output::trim(&table));
    }
    text
}

/// The check of one attempt as JSON.
pub fn json(work: &WorkKey, view: &AuditView) -> serde_json::Value {
    let record = &view.record;
    json!({
        "attempt": work.attempt,
        "worker": record.work.worker.to_string(),
        "owner": record.work.owner.to_string(),
        "stage": record.stage,
        "due": record.due,
        "committed_at": record.committed_at,
        "verdict": record.verdict,
        "audited": record.audited,
        "accepted": record.secret.is_some(),
        "challenge": record.challenge.map(|fee| fee.to_string()),
        "surcharge": record.work.surcharge,
        "greedy": record.work.greedy,
        "price": record.work.price.to_string(),
        "audit_fee": record.work.audit_fee.to_string(),
        "rate_ppm": record.work.terms.rate_ppm,
        "second_ppm": record.work.terms.second_ppm,
        "profile_params": record.work.terms.params,
        "equivocated": record.equivocated,
        "class": record.class,
        "jury_key": record.jury_key.map(|key| format!("{key:?}")),
        "opened": view.opened,
        "seats": view.seats.iter().map(|seat| json!({
            "worker": seat.worker.to_string(),
            "owner": seat.owner.to_string(),
            "role": seat.role,
            "pool": seat.pool,
            "state": match seat.state {
                SeatState::Drawn => "Drawn",
                SeatState::Committed(_) => "Committed",
                SeatState::Voted(_) => "Voted",
                SeatState::Absent => "Absent",
                SeatState::Excused => "Excused",
                SeatState::Void => "Void",
            },
            "judgement": match seat.state {
                SeatState::Voted(judgement) => Some(judgement),
                _ => None,
            },
            "findings": seat.findings.map(|findings| findings_json(&findings)),
        })).collect::<Vec<_>>(),
        "demands": view.demands.iter().map(|(account, demand)| json!({
            "demander": account.to_string(),
            "bond": demand.bond.to_string(),
            "asked_at": demand.asked_at,
            "state": demand.state,
        })).collect::<Vec<_>>(),
    })
}

fn findings_json(findings: &Findings) -> serde_json::Value {
    json!({
        "judgement": findings.judgement,
        "e_milli": findings.e_milli,
        "worst_chunk": findings.worst_chunk.map(|(chunk, e_milli)| json!({ "chunk": chunk, "e_milli": e_milli })),
        "tokens": findings.tokens,
        "u": findings.u,
        "x": findings.x,
        "k": findings.k,
        "b": findings.b,
    })
}

fn stage(record: &CommitmentRecord) -> String {
    let what = match record.stage {
        CheckStage::Window => "the client may accept or challenge".into(),
        CheckStage::Drawing(Role::First) => "an auditor is being drawn".into(),
        CheckStage::Drawing(Role::Second) => "it is drawn whether a second auditor looks".into(),
        CheckStage::Drawing(Role::Juror) => "a jury is being drawn".into(),
        CheckStage::Auditing(role) => format!("{} computes", role_of(role)),
        CheckStage::Opening => "the worker has to open its evidence".into(),
        CheckStage::Reporting(role) => format!("{} opens its report", role_of(role)),
        CheckStage::Closed => return "closed".into(),
    };
    let waits = match record.open_demands {
        0 => String::new(),
        open => format!("; waits for {open} demand(s) of data"),
    };
    format!("{what}, until tick {}{waits}", record.due)
}

fn role_of(role: Role) -> &'static str {
    match role {
        Role::First => "the auditor",
        Role::Second => "the second auditor",
        Role::Juror => "the jury",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::First => "auditor",
        Role::Second => "second auditor",
        Role::Juror => "juror",
    }
}

fn verdict(record: &CommitmentRecord) -> String {
    match (record.verdict, record.audited) {
        (None, _) => "none yet".into(),
        (Some(Verdict::Pass), true) => "passed its audit".into(),
        (Some(Verdict::Pass), false) => "paid without an audit".into(),
        (Some(Verdict::Wrong), _) => "wrong".into(),
        (Some(Verdict::Inconclusive), _) => "open: nobody could say".into(),
    }
}

fn audit(record: &CommitmentRecord) -> String {
    let percent = |ppm: u32| format!("{:.2} %", f64::from(ppm) / 10_000.0);
    let terms = &record.work.terms;
    if record.audited {
        return match record.challenge {
            Some(_) => "made for certain: the client challenged the result".into(),
            None => "drawn".into(),
        };
    }
    format!(
        "not drawn; chance {}{}, then {} for a second auditor",
        percent(terms.rate_ppm),
        match record.work.greedy {
            true => " (doubled: greedy)",
            false => "",
        },
        percent(terms.second_ppm)
    )
}

fn client_part(record: &CommitmentRecord) -> String {
    match (record.challenge, record.secret) {
        (Some(fee), _) => format!("challenged, with {} OGPU on hold", amount::format(fee)),
        (None, Some(_)) => "accepted: its secret is in the draw".into(),
        (None, None) if can_accept(record) => {
            "not accepted yet: `ogpu job accept` or `ogpu job challenge`".into()
        }
        (None, None) => "none".into(),
    }
}

fn state(seat: &Seat) -> String {
    match seat.state {
        SeatState::Drawn if seat.pool != SeatPool::Model => "computes, and may fetch the model first".into(),
        SeatState::Drawn => "computes".into(),
        SeatState::Committed(_) => "committed to a report".into(),
        SeatState::Voted(Judgement::Pass) => "passes it".into(),
        SeatState::Voted(Judgement::Inconclusive) => "cannot say".into(),
        SeatState::Voted(Judgement::Soft(SoftReason::EarlyStop)) => {
            "passes it: may have stopped early".into()
        }
        SeatState::Voted(Judgement::Soft(SoftReason::ShortOutput)) => {
            "passes it: too short to fail by its tokens".into()
        }
        SeatState::Voted(Judgement::Fail(reason)) => format!("dissents: {}", fail(reason)),
        SeatState::Absent => "absent".into(),
        SeatState::Excused => "did not have the model in time".into(),
        SeatState::Void => "void: not what most jurors computed".into(),
    }
}

fn fail(reason: FailReason) -> String {
    match reason {
        FailReason::Ending => "it did not end as it says".into(),
        FailReason::OutputSketch => "all hidden states together are too far off".into(),
        FailReason::ChunkSketch { chunk } => format!("the hidden states of chunk {chunk} are too far off"),
        FailReason::NoSketch { chunk } => format!("chunk {chunk} was committed without a sketch"),
        FailReason::TokenMargins => "too many tokens are not the model's choice".into(),
        FailReason::HardTokens => "tokens that the model cannot have chosen".into(),
        FailReason::EmbeddingError => "the embedding is too far off".into(),
        FailReason::EmbeddingUnusable => "the embedding has no usable values".into(),
    }
}

fn findings(findings: &Findings) -> String {
    let mut text = format!("e {:.3}", f64::from(findings.e_milli) / 1_000.0);
    if let Some((chunk, e_milli)) = findings.worst_chunk {
        text += &format!(" (chunk {chunk}: {:.3})", f64::from(e_milli) / 1_000.0);
    }
    if findings.tokens > 0 {
        let limit = findings.k.map_or_else(|| "none".into(), |k| k.to_string());
        text += &format!(
            ", {} tokens: U {}, X {} (limit {limit}), B {}",
            findings.tokens, findings.u, findings.x, findings.b
        );
    }
    text
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
