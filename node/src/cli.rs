//! The command line.

use crate::{benchmark_machine::BenchmarkCmd, session_keys::SessionKeysCmd};
use sc_cli::RunCmd;

/// Arguments of `ogpu-node`.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// What to do; without one, the node runs.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// Options of a running node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// Skip the short measurement of this machine at start-up.
    #[arg(long)]
    pub no_hardware_benchmarks: bool,

    /// When to stop because the disk is full.
    #[clap(flatten)]
    pub storage_monitor: sc_storage_monitor::StorageMonitorParams,
}

/// Commands besides running.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Make session keys for an account and print the ready `session.setKeys` call.
    SessionKeys(SessionKeysCmd),

    /// Export a chain specification.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Validate blocks again.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Export blocks.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Export the state of a block as a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Import blocks.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove the chain's data.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take blocks back that are not final.
    Revert(sc_cli::RevertCmd),

    /// Print what the database holds.
    ChainInfo(sc_cli::ChainInfoCmd),

    /// Measure this machine.
    #[command(subcommand)]
    Benchmark(BenchmarkCmd),
}
