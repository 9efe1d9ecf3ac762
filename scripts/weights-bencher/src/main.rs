//! Runs the benchmarks inside a runtime's wasm: `weights-bencher --runtime FILE --pallet NAME --extrinsic ''`.
//!
//! All options are those of upstream's `benchmark pallet`.

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;
use tracing_subscriber::EnvFilter;

fn main() -> sc_cli::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,frame=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // The runtime calls no host functions beyond the standard ones, which the command adds itself.
    PalletCmd::parse().run_with_spec::<BlakeTwo256, ()>(None)
}
