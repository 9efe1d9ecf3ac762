//! `ogpu-node benchmark machine`: is this machine fast enough for a validator?

use sc_sysinfo::{Metric, Requirement, Requirements, Throughput};
use std::path::PathBuf;

/// What a validator's machine should reach. The weights of 2 s blocks assume these figures (upstream's
/// reference machine).
pub fn requirements() -> Requirements {
    let mibs = Throughput::from_mibs;
    Requirements(
        [
            (Metric::Blake2256, mibs(1000.0)),
            (Metric::Blake2256Parallel { num_cores: 2 }, mibs(1000.0)),
            (Metric::Sr25519Verify, Throughput::from_kibs(637.619_999)),
            (Metric::MemCopy, Throughput::from_gibs(11.492_9)),
            (Metric::DiskSeqWrite, mibs(950.0)),
            (Metric::DiskRndWrite, mibs(420.0)),
        ]
        .map(|(metric, minimum)| Requirement {
            metric,
            minimum,
            validator_only: false,
        })
        .into(),
    )
}

/// Measurements.
#[derive(Debug, clap::Subcommand)]
pub enum BenchmarkCmd {
    /// Measure processor, memory and disk and compare them with what validators need.
    Machine(MachineCmd),
}

/// Options of `benchmark machine`.
#[derive(Debug, clap::Args)]
pub struct MachineCmd {
    /// A folder on the disk that will hold the chain.
    #[arg(long, default_value = ".")]
    disk: PathBuf,
    /// Exit with 0 even when the machine is too slow.
    #[arg(long)]
    allow_fail: bool,
}

impl BenchmarkCmd {
    /// Measures and prints.
    pub fn run(&self) -> sc_cli::Result<()> {
        let Self::Machine(cmd) = self;
        eprintln!("Measuring for about 15 seconds; let nothing else run…");
        let requirements = requirements();
        let measured = sc_sysinfo::gather_hwbench(Some(&cmd.disk), &requirements);
        println!("processor (BLAKE2-256)        {}", measured.cpu_hashrate_score);
        println!(
            "processor, {} cores            {}",
            measured.parallel_cpu_cores, measured.parallel_cpu_hashrate_score
        );
        println!("memory copy                   {}", measured.memory_memcpy_score);
        if let Some(score) = measured.disk_sequential_write_score {
            println!("disk, sequential write        {score}");
        }
        if let Some(score) = measured.disk_random_write_score {
            println!("disk, random write            {score}");
        }
        match requirements.check_hardware(&measured, false) {
            Ok(()) => println!("This machine meets what validators need."),
            Err(error) if cmd.allow_fail => println!("Too slow for a validator: {error}"),
            Err(error) => {
                return Err(sc_cli::Error::Input(format!(
                "too slow for a validator: {error} Use a faster machine, or run a node without --validator."
            )))
            }
        }
        Ok(())
    }
}
