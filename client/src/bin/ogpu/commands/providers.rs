//! `ogpu providers`.

use crate::{context::Context, output, resolve};
use clap::Args;
use ogpu_client::{
    amount,
    chain::{WorkerStatus, WorkerView},
    transport::to_socket_addr,
};
use serde_json::json;

/// Arguments of `providers`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Only workers that serve this model (name or id).
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Most workers to list.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// Lists workers in the rosters.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let model = match &arguments.model {
        Some(reference) => Some(resolve::model(&chain, &at, reference).await?.0),
        None => None,
    };
    let workers = chain.providers(&at, model, arguments.limit).await?;
    if context.json {
        return output::json(&workers.iter().map(worker_json).collect());
    }
    if workers.is_empty() {
        eprintln!("No worker takes such jobs at present.");
        return Ok(());
    }
    output::line(&worker_table(&workers))
}

/// A table of workers.
pub fn worker_table(workers: &[WorkerView]) -> String {
    let mut table = output::table([
        "worker",
        "status",
        "class",
        "device",
        "jobs",
        "ask",
        "reputation",
        "stake",
    ]);
    for worker in workers {
        let device = worker.profile.as_ref().and_then(|profile| {
            let best = profile.devices.iter().max_by_key(|device| device.class())?;
            Some(format!(
                "{} ({} MiB)",
                String::from_utf8_lossy(&best.name),
                best.vram_mib
            ))
        });
        table.add_row([
            worker.worker.to_string(),
            status(worker),
            worker
                .capability
                .map_or("-".into(), |capability| capability.class.0.to_string()),
            device.unwrap_or_else(|| "-".into()),
            format!(
                "{}/{}",
                worker.used_slots,
                worker.capability.map_or(0, |capability| capability.slots)
            ),
            format!("{:.3}", f64::from(worker.ask_permille) / 1000.0),
            format!("{:.3}", f64::from(worker.reputation_permille) / 1000.0),
            amount::format(worker.allotted),
        ]);
    }
    output::trim(&table)
}

fn status(worker: &WorkerView) -> String {
    match worker.status {
        WorkerStatus::Active if worker.idle.is_some() => "idle",
        WorkerStatus::Active => "active",
        WorkerStatus::Draining => "draining",
        WorkerStatus::Jailed => "jailed",
    }
    .into()
}

/// A worker as JSON.
pub fn worker_json(worker: &WorkerView) -> serde_json::Value {
    let profile = worker.profile.as_ref().map(|profile| {
        json!({
            "region": profile.region,
            "slots": profile.slots,
            "transport_key": hex::encode(profile.network.transport_key),
            "encryption_key": hex::encode(profile.network.encryption_key),
            "addresses": profile.network.addresses.iter().map(|address| to_socket_addr(address).to_string())
                .collect::<Vec<_>>(),
            "devices": profile.devices.iter().map(|device| json!({
                "kind": device.kind,
                "name": String::from_utf8_lossy(&device.name),
                "vram_mib": device.vram_mib,
                "bandwidth_mib_s": device.bandwidth_mib_s,
                "throughput_gmac_s": device.throughput_gmac_s,
            })).collect::<Vec<_>>(),
        })
    });
    json!({
        "worker": worker.worker.to_string(),
        "owner": worker.owner.to_string(),
        "status": worker.status,
        "allotted": worker.allotted.to_string(),
        "profile": profile,
        "capability": worker.capability,
        "ask_permille": worker.ask_permille,
        "used_slots": worker.used_slots,
        "exposure": worker.exposure.to_string(),
        "models": worker.models.iter().map(|id| format!("{id:?}")).collect::<Vec<_>>(),
        "strikes": worker.strikes,
        "reputation_permille": worker.reputation_permille,
        "paired_at": worker.paired_at,
        "float_gap": worker.float_gap.to_string(),
        "idle": worker.idle.as_ref().map(ToString::to_string),
    })
}
