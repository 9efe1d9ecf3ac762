//! The command line: one file a command. Results go to stdout, progress and the log to stderr.

pub mod audit;
pub mod bench;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod log;
pub mod models;
pub mod output;
pub mod pair;
pub mod run;
pub mod status;

use crate::engine::{load, Load};
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The provider's daemon of OpenGPU: measures a machine, runs its jobs, commits the results.
///
/// Exit codes: 0 done, 1 failed, or a check that did not pass, 2 wrong usage or settings.
#[derive(Parser, Debug)]
#[command(name = "ogpu-worker", version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    flags: config::Flags,
    #[command(flatten)]
    log: log::LogFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve jobs until told to stop.
    Run(run::Run),
    /// Print the code with which an owner takes this worker.
    Pair(pair::Pair),
    /// Check everything that a worker needs; non-zero exit when something fails.
    Doctor(doctor::Doctor),
    /// Show what the worker does, or why it is idle.
    Status(status::Status),
    /// Time the engine with a model folder, in both numeric profiles.
    Bench(bench::Bench),
    /// Check a recorded output, or record one.
    Audit(audit::Audit),
    /// List and verify local model folders.
    Models(models::Models),
    /// Print a shell's completion script.
    Completions(completions::Completions),
}

/// Wrong usage; clap exits with the same.
const USAGE: u8 = 2;

/// Runs the program; what the process exits with.
pub fn main() -> ExitCode {
    main_with(load::as_registered)
}

/// As [`main`], with a daemon whose engines `load` gives.
pub fn main_with(load: Load) -> ExitCode {
    let cli = Cli::parse();
    let daemon = matches!(cli.command, Command::Run(_));
    cli.log.start(daemon);
    match dispatch(cli, load) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", ogpu_client::causes::one_line(error.as_ref()));
            let usage = error.is::<config::ConfigError>()
                || error.is::<crate::daemon::NoModels>()
                || error.is::<audit::AuditError>()
                || error.is::<audit::record::RecordError>();
            match usage {
                true => ExitCode::from(USAGE),
                false => ExitCode::FAILURE,
            }
        }
    }
}

fn dispatch(cli: Cli, load: Load) -> Result<bool> {
    if let Command::Completions(arguments) = &cli.command {
        completions::run::<Cli>(arguments);
        return Ok(true);
    }
    let config = config::Config::load(&cli.flags)?;
    if let Some(threads) = config.threads {
        // Read once by the thread pools, none of which exists yet.
        for variable in ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"] {
            std::env::set_var(variable, threads.to_string());
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        match &cli.command {
            Command::Run(arguments) => run::run(arguments, config, load).await.map(|()| true),
            Command::Pair(arguments) => pair::run(arguments, &config).await.map(|()| true),
            Command::Doctor(arguments) => doctor::run(arguments, &config).await,
            Command::Status(arguments) => status::run(arguments, &config).await,
            Command::Bench(arguments) => bench::run(arguments, &config).map(|()| true),
            Command::Audit(arguments) => audit::run(arguments),
            Command::Models(arguments) => models::run(arguments, &config).await,
            Command::Completions(_) => Ok(true),
        }
    });
    // A computation that was told to stop may still be inside one long step; it must not hold up the exit.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn cli_should_be_consistent() {
        Cli::command().debug_assert();
    }
}
