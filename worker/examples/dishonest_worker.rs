//! The worker that breaks one of its promises: to see cheats found out on a real chain.
//!
//! It is `ogpu-worker` in everything else, with the same command line. `OGPU_DISHONEST` says how it cheats; without it
//! nothing starts, so that nobody runs it by mistake. Accomplices leave each other sketches in the folder
//! `OGPU_DISHONEST_LEAK`. An auditor that stays away needs no cheat: `ogpu-worker --audit=false`. A cheat's engines also
//! audit others, and dissent wrongly.

use ogpu_client::models::{Gguf, ModelFiles};
use ogpu_primitives::JobKind;
use ogpu_worker::{
    cli,
    dishonest::{self, Conduct},
    engine::{
        load,
        options::{Dishonest, Requantise},
        DeviceChoice, Engine, EngineError, EngineSpec, Kernels, Load, Options,
    },
};
use std::{path::Path, path::PathBuf, process::ExitCode};

/// Environment variable that names the cheat.
const VARIABLE: &str = "OGPU_DISHONEST";
/// Environment variable that names the folder of leaked sketches.
const LEAK_VARIABLE: &str = "OGPU_DISHONEST_LEAK";

/// A way to cheat.
struct Cheat {
    name: &'static str,
    what: &'static str,
    load: Load,
    conduct: Conduct,
}

/// A cheat of the engine.
const fn engine(name: &'static str, what: &'static str, load: Load) -> Cheat {
    let conduct = Conduct::Honest;
    Cheat {
        name,
        what,
        load,
        conduct,
    }
}

/// A cheat with a right engine.
const fn daemon(name: &'static str, what: &'static str, conduct: Conduct) -> Cheat {
    let load: Load = load::as_registered;
    Cheat {
        name,
        what,
        load,
        conduct,
    }
}

const CHEATS: [Cheat; 16] = [
    engine("skip-layers", "every fifth layer left out", skip_layers),
    engine("four-bit", "weights rounded to 4 bits", four_bit),
    engine(
        "other-kernels",
        "honest, on the tensor library's kernels",
        other_kernels,
    ),
    daemon(
        "other-prompt",
        "reads the second half of the prompt only",
        Conduct::OtherPrompt,
    ),
    daemon("wrong-seed", "samples with noise of its own", Conduct::WrongSeed),
    daemon("wrong-temperature", "samples without noise", Conduct::Greedy),
    daemon(
        "truncated",
        "delivers half of its output as all",
        Conduct::Truncated,
    ),
    daemon(
        "replayed-sketches",
        "shows sketches made for another job",
        Conduct::ReplayedSketches,
    ),
    daemon("silent", "opens nothing when it is audited", Conduct::Silent),
    daemon(
        "two-faces",
        "signs another result than it commits to",
        Conduct::TwoFaces,
    ),
    daemon(
        "no-delivery",
        "keeps the output from its client",
        Conduct::NoDelivery,
    ),
    daemon(
        "refuses-auditors",
        "keeps the data from its auditors",
        Conduct::RefusesAuditors,
    ),
    daemon("lazy-auditor", "audits with zeros", Conduct::LazyAuditor),
    daemon(
        "lying-dissent",
        "dissents without computing",
        Conduct::LyingDissent,
    ),
    daemon(
        "lying-pass",
        "audits with what the worker leaked to it",
        Conduct::LyingPass,
    ),
    daemon(
        "copying-auditor",
        "commits to another auditor's hash",
        Conduct::CopyingAuditor,
    ),
];

fn main() -> ExitCode {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let Some(cheat) = CHEATS.iter().find(|cheat| cheat.name == name) else {
        eprintln!("error: {VARIABLE}='{name}' is no cheat: set it to one of");
        for Cheat { name, what, .. } in &CHEATS {
            eprintln!("  {name}: {what}");
        }
        return ExitCode::from(2);
    };
    dishonest::plan(cheat.conduct, std::env::var_os(LEAK_VARIABLE).map(PathBuf::from));
    cli::main_with(cheat.load)
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
