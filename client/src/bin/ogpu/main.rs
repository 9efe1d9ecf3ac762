//! `ogpu`: the user's command. Results go to stdout, progress to stderr; exit codes are in [`exit`].

mod commands;
mod context;
mod exit;
mod output;
mod resolve;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Use and serve OpenGPU from the command line.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 node not reachable or of another network or version, 4 rejected
/// by the chain, 5 not finished in time or refunded.
#[derive(Parser, Debug)]
#[command(name = "ogpu", version, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command. Flags win over the environment, which wins over the configuration file.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The node's WebSocket URL [default: ws://127.0.0.1:9944].
    #[arg(long, global = true, env = "OGPU_URL", value_name = "URL")]
    url: Option<String>,
    /// Genesis hash of the network; a node of another network is refused.
    #[arg(long, global = true, env = "OGPU_GENESIS", value_name = "HASH")]
    genesis: Option<String>,
    /// Name of the key to sign with [default: default].
    #[arg(long, global = true, env = "OGPU_ACCOUNT", value_name = "NAME")]
    account: Option<String>,
    /// Sign with a development account (alice, bob, …); only on development networks. Wins over --account.
    #[arg(long, global = true, value_name = "NAME")]
    dev_account: Option<String>,
    /// Folder of keys and unfinished jobs.
    #[arg(long, global = true, env = "OGPU_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Folder with one folder for each model [default: ~/.cache/opengpu/models].
    #[arg(long, global = true, env = "OGPU_MODELS_DIR", value_name = "DIR")]
    models_dir: Option<PathBuf>,
    /// Configuration file [default: ~/.config/opengpu/config.toml].
    #[arg(long, global = true, env = "OGPU_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Print no progress.
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make, import and list account keys.
    #[command(subcommand)]
    Keys(commands::keys::Command),
    /// Show an account's balance.
    Balance(commands::balance::Arguments),
    /// Send OGPU to an account.
    Transfer(commands::transfer::Arguments),
    /// List, show, fetch and register models.
    #[command(subcommand)]
    Models(commands::models::Command),
    /// List workers that take jobs.
    Providers(commands::providers::Arguments),
    /// Submit, follow, dispute and cancel jobs.
    #[command(subcommand)]
    Job(commands::job::Command),
    /// Stake, pair workers and be paid: the owner's side.
    #[command(subcommand)]
    Provider(commands::provider::Command),
    /// List slashes that were decided and are not applied yet.
    Slashes(commands::slashes::Arguments),
    /// Show what an owner's audits amount to, and count it again.
    Reputation(commands::reputation::Arguments),
    /// Show the state of the network.
    Network,
    /// Print events of jobs, providers, checks and slashes as JSON lines.
    Events(commands::events::Arguments),
    /// Print completions for a shell.
    Completions(commands::completions::Arguments),
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let json = cli.global.json;
    start_log();
    match run(cli).await {
        Ok(()) => exit::OK.into(),
        Err(error) => exit::report(&error, json).into(),
    }
}

fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("OGPU_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Completions(arguments) = &cli.command {
        return commands::completions::run(arguments);
    }
    let context = context::Context::new(&cli.global)?;
    match cli.command {
        Command::Keys(command) => commands::keys::run(&context, command),
        Command::Balance(arguments) => commands::balance::run(&context, arguments).await,
        Command::Transfer(arguments) => commands::transfer::run(&context, arguments).await,
        Command::Models(command) => commands::models::run(&context, command).await,
        Command::Providers(arguments) => commands::providers::run(&context, arguments).await,
        Command::Job(command) => commands::job::run(&context, command).await,
        Command::Provider(command) => commands::provider::run(&context, command).await,
        Command::Slashes(arguments) => commands::slashes::run(&context, arguments).await,
        Command::Reputation(arguments) => commands::reputation::run(&context, arguments).await,
        Command::Network => commands::network::run(&context).await,
        Command::Events(arguments) => commands::events::run(&context, arguments).await,
        Command::Completions(_) => Ok(()),
    }
}
