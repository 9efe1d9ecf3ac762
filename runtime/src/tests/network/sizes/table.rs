//! The tables, as Markdown.

use super::{
    super::meter::Sent,
    cost::{Cost, Party},
    Flow, Run,
};
use crate::{Balance, OGPU};
use frame_support::dispatch::DispatchClass;
use std::{collections::BTreeMap, fmt::Write};

const HEAD: &str = "# What a job, an audit, a jury and a demand for data cost

Made by `scripts/economics --sizes`: each is run through the runtime with signed transactions; its weights are those of the
calls as they were charged and of the hooks of all blocks, less those of blocks in which nothing happens. Inputs have 1,000
tokens, of the embedding 256. *In a block* is how many of a kind blocks of 2 s take for ever when nothing else is in them:
until the class of normal transactions (70 % of the weight and the length) is full, or nine tenths of the whole weight, above
which the work clock stands, or a hook's share (matching with deadlines 25 %, checks 15 %, slashes 3 %), or the length of 5 MiB.
*Jury* and *demand* are what they add to the job. Hooks are matching with deadlines + checks + slashes. Fees are those of the
least multiplier. Reports of workers, auditors and jurors are free.
";

const FLOWS_HEAD: &str = "
| output | what | transactions | bytes | calls, ms | hooks, ms | client's fees, OGPU | others' | in a block | a second | bound by |
|---|---|---|---|---|---|---|---|---|---|---|
";

const CALLS_HEAD: &str = "
| transaction | output | bytes | weight, µs | fee, OGPU | class |
|---|---|---|---|---|---|
";

/// Tables in the making.
pub struct Tables {
    flows: String,
    /// Bytes, weight, fee and class by call and what the job asks for.
    calls: BTreeMap<(String, String), Sent>,
}

impl Tables {
    pub fn new() -> Self {
        Self {
            flows: String::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Adds the flows of one kind of job.
    pub fn add(&mut self, task: &str, runs: &BTreeMap<Flow, Run>) {
        let cost = |flow| runs[&flow].cost.clone();
        let rows = [
            ("job, not audited", cost(Flow::Unaudited)),
            ("job, audited", cost(Flow::Audited)),
            ("job, audited twice", cost(Flow::AuditedTwice)),
            ("job before a jury", cost(Flow::Disputed)),
            ("jury", cost(Flow::Disputed).without(&cost(Flow::Audited))),
            ("demand", cost(Flow::Demanded).without(&cost(Flow::Unaudited))),
        ];
        for (name, cost) in rows {
            self.flows += &row(task, name, &cost);
        }
        for run in runs.values() {
            for sent in &run.sent {
                let call = format!("{}.{}", sent.call.pallet_name, sent.call.function_name);
                self.calls.entry((call, task.into())).or_insert(sent.clone());
            }
        }
    }

    /// All of it.
    pub fn text(&self) -> String {
        let mut text = String::from(HEAD);
        text += FLOWS_HEAD;
        text += &self.flows;
        text += CALLS_HEAD;
        for ((call, task), sent) in &self.calls {
            let class = match sent.class {
                DispatchClass::Normal => "normal",
                DispatchClass::Operational => "operational",
                DispatchClass::Mandatory => "mandatory",
            };
            let micros = sent.used / 1_000_000;
            let fee = ogpu(sent.fee);
            writeln!(
                text,
                "| `{call}` | {task} | {} | {micros} | {fee} | {class} |",
                sent.bytes
            )
            .expect("a string takes it");
        }
        text
    }
}

fn ogpu(amount: Balance) -> String {
    match amount {
        0 => "0".into(),
        _ => format!("{:.6}", amount as f64 / OGPU as f64),
    }
}

fn row(task: &str, name: &str, cost: &Cost) -> String {
    let millis = |picoseconds: u64| format!("{:.2}", picoseconds as f64 / 1e9);
    let hooks = [cost.hooks.market, cost.hooks.verification, cost.hooks.slashing]
        .map(millis)
        .join(" + ");
    let client = cost.fees.get(&Party::Client).copied().unwrap_or(0);
    let others: Balance = cost.fees.values().sum::<Balance>() - client;
    let count = |number: f64| match number {
        few if few < 10.0 => format!("{few:.1}"),
        many => format!("{many:.0}"),
    };
    format!(
        "| {task} | {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        cost.transactions,
        cost.bytes,
        millis(cost.calls),
        hooks,
        ogpu(client),
        ogpu(others),
        count(cost.in_a_block()),
        count(cost.a_second()),
        cost.bounds()[0].0,
    )
}
