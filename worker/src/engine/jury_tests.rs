//! The sketches of jurors, with the tiny model.

use super::batch_tests::{evidence, long, output, profile, INPUT};
use super::tests::{spec, tiny};
use super::*;
use ogpu_primitives::{
    jury_sketch::{shared_by_most, sketched_tokens},
    GenerateReport,
};

const KEY: H256 = H256([5; 32]);

/// Reports on an output of 40 tokens.
struct Jury {
    output: Generation,
    seed: H256,
}

impl Jury {
    fn report(&self, engine: &Engine, key: Option<&H256>, step: usize) -> GenerateReport {
        let (params, profile) = (long(), profile());
        let request = AuditRequest {
            input: &INPUT,
            output: &self.output.tokens,
            finish: self.output.finish,
            params: &params,
            seed: &self.seed,
            evidence: evidence(),
            profile: &profile,
            jury_key: key,
        };
        let audit = engine.audit_in_steps(&request, step, false, &AtomicBool::new(false));
        audit.unwrap().report
    }

    fn sketch(&self, engine: &Engine, key: &H256) -> ChunkSketch {
        self.report(engine, Some(key), 512).jury_sketch.unwrap()
    }
}

/// The model in `folder` without what its second layer adds.
fn skipping(folder: &Path) -> Engine {
    let path = folder.join("model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let mut at = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut skipped = 0;
    for tensor in tiny::tensors(tiny::Family::Llama) {
        let end = at + 4 * tensor.values.len();
        let adds = [
            "model.layers.1.self_attn.o_proj.weight",
            "model.layers.1.mlp.down_proj.weight",
        ];
        if adds.contains(&tensor.name.as_str()) {
            bytes[at..end].fill(0);
            skipped += 1;
        }
        at = end;
    }
    assert_eq!((skipped, at), (2, bytes.len()));
    std::fs::write(&path, bytes).unwrap();
    Engine::load(folder, &spec(), DeviceChoice::Cpu).unwrap()
}

#[test]
fn jury_sketch_should_be_shared_only_by_those_who_computed_the_same() {
    let (folder, honest) = tiny();
    let (output, seed) = output(&honest);
    let jury = Jury { output, seed };
    let options = Options::default().with_kernels(Kernels::Library);
    let library = Engine::load_with(folder.path(), &spec(), DeviceChoice::Cpu, &options).unwrap();
    let lazy = skipping(folder.path());

    let own = jury.sketch(&honest, &KEY);
    assert!(own.covers(sketched_tokens(40)) && own.tokens() == 32);
    let other_kernels = jury.sketch(&library, &KEY);
    let skipped = jury.sketch(&lazy, &KEY);
    // Of another jury, whose key was known.
    let old = jury.sketch(&honest, &H256([6; 32]));
    let votes = [
        Some(&own),
        Some(&other_kernels),
        Some(&own),
        Some(&own),
        Some(&skipped),
        Some(&old),
        None,
    ];
    let shared = shared_by_most(&votes, &profile());
    assert_eq!(shared, [true, true, true, true, false, false, false]);
}

#[test]
fn jury_sketch_should_be_the_same_and_change_nothing_else_when_the_pass_is_cut_into_steps() {
    let (_folder, engine) = tiny();
    let (output, seed) = output(&engine);
    let jury = Jury { output, seed };
    let auditors = jury.report(&engine, None, 512);
    assert_eq!(auditors.jury_sketch, None);
    let jurors = jury.report(&engine, Some(&KEY), 512);
    for step in [1, 3, 17] {
        assert_eq!(jury.report(&engine, Some(&KEY), step), jurors, "{step} tokens");
    }
    assert_eq!(jurors.clone().with_jury_sketch(None), auditors);
    assert!(jurors.jury_sketch.is_some());
}
