//! What a job, an audit, a jury and a demand for data cost: bytes, weights and fees of real transactions and hooks, and
//! how many of each a block takes.
//!
//! An ordinary run checks the figures that must not slip. With `OGPU_SIZES` set to a folder the tables are written
//! there as `sizes.md`, for `scripts/economics --sizes`.

mod cost;
mod table;

use super::{chain, meter, network, Client, Conduct, Network, Provider, Quality, Settings, Task};
use crate::{AccountId, Runtime, OGPU};
use cost::{Cost, Party};
use meter::Sent;
use ogpu_primitives::{fees::PPM, JobId, JobKind, JobState, Role};
use std::collections::BTreeMap;

/// Providers besides the worker: a jury of fifteen, auditors, and some to choose from.
const OTHERS: usize = 20;

/// What may happen to a job.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Flow {
    /// It is submitted, acknowledged, committed and accepted.
    Unaudited,
    /// One auditor finds nothing.
    Audited,
    /// Two auditors find nothing.
    AuditedTwice,
    /// One auditor dissents from a wrong result; a jury of fifteen convicts, and the slash is applied.
    Disputed,
    /// The client demands the output of an unaudited job on chain.
    Demanded,
}

const FLOWS: [Flow; 5] = [
    Flow::Unaudited,
    Flow::Audited,
    Flow::AuditedTwice,
    Flow::Disputed,
    Flow::Demanded,
];

/// What the tables are about.
fn tasks() -> [(&'static str, Task); 3] {
    let task = |kind, input_tokens, output| Task {
        kind,
        input_tokens,
        output,
    };
    [
        ("64 tokens", task(JobKind::Generate, 1_000, 64)),
        ("256 tokens", task(JobKind::Generate, 1_000, 256)),
        ("embedding of 384", task(JobKind::Embed, 256, 384)),
    ]
}

/// What a flow cost, with its transactions.
struct Run {
    cost: Cost,
    sent: Vec<Sent>,
}

fn run(task: Task, flow: Flow) -> Run {
    let (rate, second) = match flow {
        Flow::Unaudited | Flow::Demanded => (1_000, 0),
        Flow::Audited | Flow::Disputed => (PPM, 0),
        Flow::AuditedTwice => (PPM, PPM),
    };
    let settings = Settings {
        most_rate_ppm: rate,
        least_rate_ppm: rate,
        second_ppm: second,
        jury: 15,
        jury_minimum: 9,
        price: OGPU / 100,
        task,
        ..Settings::default()
    };
    let mut run = None;
    network(settings, |network| run = Some(measure(network, flow)));
    run.expect("the network ran")
}

fn measure(network: &mut Network, flow: Flow) -> Run {
    // So much stake that every seat is filled.
    const STAKE: u128 = 5_000 * OGPU;
    network.check_every = 50;
    let worker = network.provider(STAKE);
    network.providers(OTHERS, STAKE);
    let client = network.rich();
    if flow == Flow::Disputed {
        let cheats = Conduct::delivering(Quality::OtherModel);
        network.conduct.insert(worker.worker.clone(), cheats);
    }
    let demands = flow == Flow::Demanded;
    network.clients.insert(
        client.clone(),
        Client {
            demands,
            ..Client::default()
        },
    );
    // News of the providers are through.
    network.ticks(5);
    network.sent = Some(Vec::new());
    let mut cost = Cost::default();
    let idle = next_block(network, &mut cost);
    cost = Cost::default();
    let job = network.submit(&client, Some(&worker.worker));
    for _ in 0..500 {
        if is_over(job) {
            break;
        }
        next_block(network, &mut cost);
        cost.hooks = cost.hooks.combine(&idle, u64::saturating_sub);
    }
    let sent = network.sent.take().expect("it was metered");
    assert_eq!(state(job), flow.ends_with(), "{flow:?}");
    let parties = parties(job, &client, &worker);
    for one in &sent {
        // Nothing is given back: what a block must have free for a flow is what the flow takes.
        assert_eq!(one.used, one.declared, "{one:?}");
        cost.add(one, parties[&one.who]);
    }
    Run { cost, sent }
}

impl Flow {
    fn ends_with(self) -> JobState {
        match self {
            Self::Disputed => JobState::Refunded,
            _ => JobState::Settled,
        }
    }
}

fn state(job: JobId) -> JobState {
    pallet_job_market::Jobs::<Runtime>::get(job).expect("kept").state
}

/// The job is final and nothing follows from it.
fn is_over(job: JobId) -> bool {
    state(job).is_final() && pallet_slashing::Pending::<Runtime>::iter().next().is_none()
}

/// Makes a block; adds the weight of its hooks to `cost`, and returns it.
fn next_block(network: &mut Network, cost: &mut Cost) -> meter::HookWeights {
    network.end_and_check();
    let hooks = meter::next_hooks();
    cost.hooks = cost.hooks.combine(&hooks, |sum, more| sum + more);
    chain::begin_block();
    network.act();
    hooks
}

/// Who is what in a job.
fn parties(job: JobId, client: &AccountId, worker: &Provider) -> BTreeMap<AccountId, Party> {
    let seats = pallet_verification::Seats::<Runtime>::get(pallet_job_market::types::subject(job, 0));
    let seated = seats.into_iter().map(|seat| match seat.role {
        Role::Juror => (seat.worker, Party::Jurors),
        Role::First | Role::Second => (seat.worker, Party::Auditors),
    });
    seated
        .chain([
            (client.clone(), Party::Client),
            (worker.worker.clone(), Party::Worker),
        ])
        .collect()
}

/// What each flow of a task costs.
fn measured(task: Task) -> BTreeMap<Flow, Run> {
    FLOWS.into_iter().map(|flow| (flow, run(task, flow))).collect()
}

#[test]
fn block_should_take_enough_jobs_audits_and_juries_whatever_is_asked_for() {
    let mut tables = table::Tables::new();
    for (name, task) in tasks() {
        let runs = measured(task);
        let cost = |flow| &runs[&flow].cost;
        let job = cost(Flow::Unaudited);
        // Submit, acknowledge, commit, accept; an auditor and the opening; fifteen jurors.
        assert_eq!(job.transactions, 4);
        assert_eq!(cost(Flow::Audited).transactions, 7);
        assert_eq!(cost(Flow::AuditedTwice).transactions, 9);
        assert_eq!(cost(Flow::Disputed).transactions, 7 + 30);
        assert_eq!(cost(Flow::Demanded).transactions, 6);
        for (flow, run) in &runs {
            let fees = &run.cost.fees;
            assert_eq!(fees.keys().collect::<Vec<_>>(), [&Party::Client], "{flow:?}");
            assert!(fees[&Party::Client] < OGPU / 25, "{flow:?}: {fees:?}");
        }
        // Fewer than five a second would bound the whole market; disputes are rare, but one must not stop the others.
        assert!(job.a_second() >= 5.0, "{name}: {:?}", job.bounds());
        let jury = cost(Flow::Disputed).without(cost(Flow::Audited));
        assert!(jury.in_a_block() >= 1.0, "{name}: {:?}", jury.bounds());
        tables.add(name, &runs);
    }
    let text = tables.text();
    println!("{text}");
    if let Some(folder) = std::env::var_os("OGPU_SIZES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join("sizes.md"), text).expect("the tables can be written");
    }
}
