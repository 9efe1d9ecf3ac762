//! `bench`: times the engine with one model folder, and with `--hardware` the devices themselves.

use super::{config::Config, output};
use crate::{engine::bench, hardware::Inventory};
use anyhow::{Context, Result};
use clap::Args;
use ogpu_primitives::NumericProfile;
use serde::Serialize;
use std::path::PathBuf;

/// Arguments of `bench`.
#[derive(Args, Debug)]
pub struct Bench {
    /// Folder of a language model.
    #[arg(value_name = "DIR", required_unless_present = "hardware")]
    pub dir: Option<PathBuf>,
    /// Tokens of the prompt.
    #[arg(long, default_value_t = 256)]
    pub prompt: usize,
    /// Tokens to generate.
    #[arg(long, default_value_t = 64)]
    pub decode: usize,
    /// Measure the devices again and keep the figures for the profile.
    #[arg(long)]
    pub hardware: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// One line of the table.
#[derive(Serialize)]
struct Line {
    profile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<bench::BenchReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Measures and prints. Fails when no profile of the model could be timed.
pub fn run(arguments: &Bench, config: &Config) -> Result<()> {
    if arguments.hardware {
        hardware(arguments, config)?;
    }
    let Some(dir) = &arguments.dir else { return Ok(()) };
    let mut lines = Vec::new();
    for profile in [NumericProfile::A8, NumericProfile::F16] {
        eprintln!("timing {} in {profile:?} …", dir.display());
        let line = match bench::run(dir, profile, arguments.prompt, arguments.decode) {
            Ok(report) => Line {
                profile: format!("{profile:?}"),
                report: Some(report),
                error: None,
            },
            Err(error) => Line {
                profile: format!("{profile:?}"),
                report: None,
                error: Some(error.to_string()),
            },
        };
        lines.push(line);
    }
    anyhow::ensure!(
        lines.iter().any(|line| line.report.is_some()),
        "no profile of {} could be timed: {}",
        dir.display(),
        lines
            .iter()
            .filter_map(|line| line.error.as_deref())
            .collect::<Vec<_>>()
            .join("; ")
    );
    if arguments.json {
        return output::json(&lines);
    }
    output::table(
        &["profile", "load s", "prefill tok/s", "decode tok/s", "on"],
        lines.iter().map(|line| match &line.report {
            Some(report) => vec![
                line.profile.clone(),
                format!("{:.2}", report.load_s),
                format!("{:.1} ({} tokens)", report.prefill_tokens_s, report.prompt_tokens),
                format!("{:.1} ({} tokens)", report.decode_tokens_s, report.decode_tokens),
                if report.gpu {
                    "GPU".into()
                } else {
                    format!("CPU, {} threads", report.threads)
                },
            ],
            None => vec![
                line.profile.clone(),
                "–".into(),
                line.error.clone().unwrap_or_default(),
            ],
        }),
    );
    Ok(())
}

fn hardware(arguments: &Bench, config: &Config) -> Result<()> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("making {}", config.data_dir.display()))?;
    let inventory = Inventory::take(&config.hardware_options(true), &config.hardware_file());
    for note in &inventory.notes {
        eprintln!("{note}");
    }
    let shown = |device: &ogpu_primitives::Device| {
        vec![
            format!("{:?}", device.kind),
            String::from_utf8_lossy(&device.name).into_owned(),
            device.vram_mib.to_string(),
            device.bandwidth_mib_s.to_string(),
            device.throughput_gmac_s.to_string(),
            device.class().0.to_string(),
        ]
    };
    let header = ["kind", "name", "memory MiB", "bandwidth MiB/s", "Gmac/s", "class"];
    if !arguments.json {
        output::table(&header, inventory.devices.iter().map(shown));
        return Ok(());
    }
    let devices: Vec<_> = inventory
        .devices
        .iter()
        .map(|device| {
            serde_json::json!({
                "kind": format!("{:?}", device.kind),
                "name": String::from_utf8_lossy(&device.name),
                "memory_mib": device.vram_mib,
                "bandwidth_mib_s": device.bandwidth_mib_s,
                "throughput_gmac_s": device.throughput_gmac_s,
                "class": device.class().0,
            })
        })
        .collect();
    output::json(&devices)
}
