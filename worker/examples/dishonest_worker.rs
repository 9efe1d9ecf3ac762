//! The worker that breaks one of its promises: to see cheats found out on a real chain.
//!
//! It is `ogpu-worker` in everything else, with the same command line. `OGPU_DISHONEST` says how it cheats; without it
//! nothing starts, so that nobody runs it by mistake. Accomplices leave each other sketches in the folder
//! `OGPU_DISHONEST_LEAK`; the cheat `other-model` has the model in the folder `OGPU_DISHONEST_MODEL` write. An auditor
//! that stays away needs no cheat: `ogpu-worker --audit=false`. A cheat's engine also audits others, and where it is not
//! the right one it dissents wrongly.

use ogpu_worker::{
    cli,
    dishonest::{self, Cheap, Conduct, Plan, Writer},
    engine::{load, DeviceChoice, Engine, EngineError, EngineSpec, Kernels, Load, Options},
};
use std::{path::Path, path::PathBuf, process::ExitCode};

/// Environment variable that names the cheat.
const VARIABLE: &str = "OGPU_DISHONEST";
/// Environment variable that names the folder of leaked sketches.
const LEAK_VARIABLE: &str = "OGPU_DISHONEST_LEAK";
/// Environment variable that names the folder of the other model.
const MODEL_VARIABLE: &str = "OGPU_DISHONEST_MODEL";

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

/// A cheat with a right engine, which only reads what something else writes.
const fn written(name: &'static str, what: &'static str, writer: Writer) -> Cheat {
    let load: Load = dishonest::remembered;
    let conduct = Conduct::Writes(writer);
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

#[rustfmt::skip]
const CHEATS: [Cheat; 29] = [
    engine("smaller-model", "every fifth layer left out", |folder, spec| Cheap::Smaller.load(folder, spec)),
    engine("skip-layers", "two layers left out", |folder, spec| Cheap::SkipTwo.load(folder, spec)),
    engine("four-bit", "weights rounded to 4 bits", |folder, spec| Cheap::FourBit.load(folder, spec)),
    engine("eight-bit", "weights rounded to 8 bits", |folder, spec| Cheap::EightBit.load(folder, spec)),
    engine("other-kernels", "honest, on the tensor library's kernels", other_kernels),
    written("other-model", "another model writes, the right one reads", Writer::OtherModel),
    written("smaller-writes", "smaller-model writes, the right one reads", Writer::Cheap(Cheap::Smaller)),
    written("four-bit-writes", "four-bit writes, the right one reads", Writer::Cheap(Cheap::FourBit)),
    written("eight-bit-writes", "eight-bit writes, the right one reads", Writer::Cheap(Cheap::EightBit)),
    written("lenient-wide", "tokens of smaller-model pass within 1/2 logit", Writer::Lenient { q16: 1 << 15 }),
    written("lenient-narrow", "tokens of smaller-model pass within 1/16 logit", Writer::Lenient { q16: 1 << 12 }),
    written("padded", "writes half, repeats the end up to the limit", Writer::Padded),
    written("early-stop", "writes half and an end token", Writer::EarlyStop),
    daemon("other-prompt", "reads the second half of the prompt only", Conduct::OtherPrompt),
    daemon("token-less", "reads the prompt without one token", Conduct::TokenLess),
    daemon("wrong-seed", "samples with noise of its own", Conduct::WrongSeed),
    daemon("wrong-temperature", "samples at another temperature", Conduct::WrongTemperature),
    daemon("greedy-for-sampled", "samples without noise", Conduct::Greedy),
    daemon("truncated", "delivers half of its output as all", Conduct::Truncated),
    daemon("replayed-sketches", "shows sketches made for another job", Conduct::ReplayedSketches),
    daemon("silent", "opens nothing when it is audited", Conduct::Silent),
    daemon("two-faces", "signs another result than it commits to", Conduct::TwoFaces),
    daemon("no-delivery", "keeps the output from its client", Conduct::NoDelivery),
    daemon("refuses-auditors", "keeps the data from its auditors", Conduct::RefusesAuditors),
    daemon("lazy-auditor", "audits with zeros", Conduct::LazyAuditor),
    daemon("lying-dissent", "dissents without computing", Conduct::LyingDissent),
    daemon("lying-pass", "audits with what the worker leaked to it", Conduct::LyingPass),
    daemon("copying-auditor", "commits to another auditor's hash", Conduct::CopyingAuditor),
    daemon("copying-juror", "judges with the sketches of the worker under audit", Conduct::CopyingJuror),
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
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from);
    dishonest::plan(Plan {
        conduct: cheat.conduct,
        leak: folder(LEAK_VARIABLE),
        other_model: folder(MODEL_VARIABLE),
    });
    cli::main_with(cheat.load)
}

/// Honest: the promised arithmetic in another order, as on other hardware.
fn other_kernels(folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
    let options = Options::default().with_kernels(Kernels::Library);
    Engine::load_with(folder, spec, DeviceChoice::Cpu, &options)
}
