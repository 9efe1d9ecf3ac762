//! Measures what audits see of a real model: honest work in every arithmetic, and what cheats really do.
//!
//! `scripts/calibrate` runs its phases in the right order and makes the report; `docs/verification.md` explains both.
//! A phase adds the lines that its files do not have yet, so it can be stopped at any time and run again.

mod audit;
mod cost;
mod generate;
mod job;
mod lenient;
mod lines;
mod measure;
mod models;
mod progress;
mod prompts;
mod starting;
mod store;
mod variants;
mod whiten;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};
use variants::{name, Auditor, Profile, Told, Writer};

/// Calibration of audits. Exit codes: 0 all lines are there, 1 failed, 3 the time ran out.
#[derive(Parser)]
struct Cli {
    /// Folder of the model (GGUF).
    #[arg(long)]
    model: PathBuf,
    /// Folder of the model that a cheat serves instead.
    #[arg(long)]
    other_model: Option<PathBuf>,
    /// Folder of the results.
    #[arg(long)]
    data: PathBuf,
    /// Begin nothing new after this many minutes.
    #[arg(long)]
    minutes: Option<f64>,
    #[command(subcommand)]
    phase: Phase,
}

#[derive(Args)]
struct CellFlags {
    /// Arithmetic that the job asks for.
    #[arg(long)]
    profile: Profile,
    /// Temperature in 1/1000.
    #[arg(long, default_value_t = 800)]
    temperature: u16,
    /// Prompts.
    #[arg(long, default_value = "test")]
    set: prompts::Set,
    /// Who writes.
    #[arg(long, default_value = "honest")]
    writer: Writer,
    /// How many prompts.
    #[arg(long)]
    count: usize,
    /// The first of them; after the last prompt of the set comes its first.
    #[arg(long, default_value_t = 0)]
    first: usize,
}

#[derive(Subcommand)]
enum Phase {
    /// Write down the thresholds that audits are judged by, or check that they are still the same.
    Starting,
    /// Make the model's whitening table.
    Whiten {
        /// How many prompts.
        #[arg(long, default_value_t = 96)]
        count: usize,
    },
    /// Compute outputs.
    Generate(CellFlags),
    /// Audit outputs.
    Audit {
        #[command(flatten)]
        cell: CellFlags,
        /// Who checks.
        #[arg(long, default_value = "own")]
        auditor: Auditor,
        /// What it is told.
        #[arg(long, default_value = "truth")]
        told: Told,
    },
    /// Time generation and audits; `--count` is the number of rounds of eight prompts.
    Cost(CellFlags),
}

impl CellFlags {
    fn cell(&self) -> Result<lines::Cell> {
        anyhow::ensure!(
            self.count <= prompts::COUNT,
            "a set has {} prompts, not {}",
            prompts::COUNT,
            self.count
        );
        Ok(lines::Cell {
            profile: self.profile,
            temperature: self.temperature,
            set: self.set,
            writer: self.writer,
        })
    }

    fn prompts(&self) -> BTreeSet<usize> {
        (0..self.count)
            .map(|number| (self.first + number) % prompts::COUNT)
            .collect()
    }

    fn text(&self) -> String {
        let (profile, set, writer) = (name(&self.profile), name(&self.set), name(&self.writer));
        format!(
            "{profile} T {} {set} {writer}",
            f32::from(self.temperature) / 1_000.0
        )
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            eprintln!("calibrate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<bool> {
    let model = models::Model::new(cli.model.clone(), cli.other_model.clone())?;
    let clock = |what: String| progress::Clock::new(cli.minutes, what);
    let data = &cli.data;
    match &cli.phase {
        Phase::Starting => starting::run(data).map(|()| true),
        Phase::Whiten { count } => {
            let count = (*count).min(prompts::COUNT);
            whiten::run(&model, data, count, &mut clock("whitening table".into()))
        }
        Phase::Generate(flags) => {
            let mut clock = clock(format!("outputs: {}", flags.text()));
            generate::run(&model, data, &flags.cell()?, &flags.prompts(), &mut clock)
        }
        Phase::Audit { cell, auditor, told } => {
            let what = format!(
                "audits: {} by {}, told {}",
                cell.text(),
                name(auditor),
                name(told)
            );
            audit::run(
                &model,
                data,
                &cell.cell()?,
                *auditor,
                *told,
                &cell.prompts(),
                &mut clock(what),
            )
        }
        Phase::Cost(flags) => {
            let mut clock = clock(format!("costs: {}", flags.text()));
            cost::run(&model, data, &flags.cell()?, flags.count, &mut clock)
        }
    }
}
