//! The worker with engines that do not compute what it promises: to see cheats found out on a real chain.
//!
//! It is `ogpu-worker` in everything else, with the same command line. `OGPU_DISHONEST` says how it cheats; without it
//! nothing starts, so that nobody runs it by mistake. A worker that stays silent needs no cheat: stop the real one
//! once it has committed (`OGPU_CRASH_AT=committed`). A cheat's engines also audit others, and dissent wrongly.

use ogpu_client::models::{Gguf, ModelFiles};
use ogpu_primitives::JobKind;
use ogpu_worker::{
    cli,
    engine::{
        options::{Dishonest, Requantise},
        DeviceChoice, Engine, EngineError, EngineSpec, Kernels, Options,
    },
};
use std::{path::Path, process::ExitCode};

/// Environment variable that names the cheat.
const VARIABLE: &str = "OGPU_DISHONEST";

fn main() -> ExitCode {
    let cheat = std::env::var(VARIABLE).unwrap_or_default();
    match cheat.as_str() {
        "skip-layers" => cli::main_with(skip_layers),
        "four-bit" => cli::main_with(four_bit),
        "other-kernels" => cli::main_with(other_kernels),
        other => {
            eprintln!(
                "error: {VARIABLE}='{other}' is no cheat: set it to skip-layers (every fifth layer left out), \
                 four-bit (weights rounded to 4 bits) or other-kernels (honest, on the tensor library's kernels)"
            );
            ExitCode::from(2)
        }
    }
}

/// Every fifth layer left out: stands for a smaller model of the same family.
fn skip_layers(folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
    let skip_layers = match spec.kind {
        JobKind::Generate => (0..layers(folder)?).filter(|layer| layer % 5 == 4).collect(),
        JobKind::Embed => Vec::new(),
    };
    cheating(
        folder,
        spec,
        Dishonest {
            skip_layers,
            ..Dishonest::default()
        },
    )
}

/// Weights rounded to 4 bits.
fn four_bit(folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
    cheating(
        folder,
        spec,
        Dishonest {
            requantise: Some(Requantise::FourBit),
            ..Dishonest::default()
        },
    )
}

/// Honest: the promised arithmetic in another order, as on other hardware.
fn other_kernels(folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
    let options = Options::default().with_kernels(Kernels::Library);
    Engine::load_with(folder, spec, DeviceChoice::Cpu, &options)
}

fn cheating(folder: &Path, spec: &EngineSpec, dishonest: Dishonest) -> Result<Engine, EngineError> {
    let options = Options {
        dishonest,
        ..Options::default()
    };
    Engine::load_with(folder, spec, DeviceChoice::Cpu, &options)
}

/// Layers of the model in `folder`; 0, which leaves none out, where its file does not say.
fn layers(folder: &Path) -> Result<usize, EngineError> {
    let ModelFiles::Gguf { path } = ModelFiles::find(folder)? else {
        return Ok(0);
    };
    let gguf = Gguf::open(&path)?;
    let family = gguf.text("general.architecture")?;
    let layers = gguf.unsigned(&format!("{family}.block_count"));
    Ok(layers.unwrap_or_default() as usize)
}
