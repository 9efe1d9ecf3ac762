//! The engine with the tiny model; real models are compared in `tests/engine_golden.rs`.

use super::*;

pub(super) fn tiny() -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path()).unwrap();
    let engine = Engine::load(folder.path(), &spec(), DeviceChoice::Cpu).unwrap();
    (folder, engine)
}

pub(super) fn spec() -> EngineSpec {
    EngineSpec {
        kind: JobKind::Generate,
        profile: NumericProfile::F16,
        context_tokens: 64,
    }
}

pub(super) fn params() -> GenerateParams {
    GenerateParams::plain(20, 1_000)
}

fn generate(
    engine: &Engine,
    input: &[u32],
    params: &GenerateParams,
    seed: u8,
) -> Result<Generation, EngineError> {
    let seed = H256([seed; 32]);
    let request = Request {
        keep_hidden: true,
        ..Request::new(input, params, &seed)
    };
    engine.generate_with(&request, &AtomicBool::new(false), &mut |_| ())
}

#[test]
fn tiny_model_should_be_the_same_bytes_when_written_twice() {
    let (first, _) = tiny();
    let (second, _) = tiny();
    for name in ["model.safetensors", "config.json", "tokenizer.json"] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(name)).unwrap();
        assert_eq!(read(&first), read(&second), "{name}");
    }
    let tokenizer = ogpu_client::models::ModelTokenizer::from_folder(first.path()).unwrap();
    let ids = tokenizer.encode("<|start|>aé\n", false).unwrap();
    assert_eq!(ids, [256, 97, 0xc3, 0xa9, 10]);
    assert_eq!(tokenizer.decode(&ids).unwrap(), "aé\n");
}

#[test]
fn output_should_repeat_when_the_seed_does_and_part_when_not() {
    let (_folder, engine) = tiny();
    let first = generate(&engine, &[256, 1, 2], &params(), 1).unwrap();
    let again = generate(&engine, &[256, 1, 2], &params(), 1).unwrap();
    assert_eq!((&first.tokens, &first.hidden), (&again.tokens, &again.hidden));
    assert_ne!(
        first.tokens,
        generate(&engine, &[256, 1, 2], &params(), 2).unwrap().tokens
    );
}

#[test]
fn output_should_end_when_a_limit_or_a_stop_token_is_reached() {
    let (_folder, engine) = tiny();
    assert_eq!(engine.end_tokens(), [tiny::END]);
    let free = generate(&engine, &[256, 1, 2], &params(), 1).unwrap();
    assert!(free.tokens.len() == 20 || free.finish == FinishReason::Stop);
    let stop = free.tokens[3];
    let first = free.tokens.iter().position(|id| *id == stop).unwrap();
    let stopping = GenerateParams {
        stop_tokens: vec![stop].try_into().unwrap(),
        ..params()
    };
    let stopped = generate(&engine, &[256, 1, 2], &stopping, 1).unwrap();
    assert_eq!(
        (stopped.tokens.as_slice(), stopped.finish),
        (&free.tokens[..=first], FinishReason::Stop)
    );
    let endless = GenerateParams {
        max_output_tokens: 1_000,
        temperature_milli: 0,
        ..params()
    };
    let full = generate(&engine, &[5; 60], &endless, 1).unwrap();
    assert!(full.finish == FinishReason::Stop || full.tokens.len() == 4);
    let none = GenerateParams {
        max_output_tokens: 0,
        ..params()
    };
    assert!(generate(&engine, &[5], &none, 1).unwrap().tokens.is_empty());
}

#[test]
fn job_should_be_refused_when_its_input_cannot_be_computed() {
    let (_folder, engine) = tiny();
    assert!(matches!(
        generate(&engine, &[], &params(), 1),
        Err(EngineError::EmptyInput)
    ));
    let foreign = generate(&engine, &[258], &params(), 1);
    assert!(matches!(
        foreign,
        Err(EngineError::TokenOutOfRange {
            id: 258,
            vocabulary: 258
        })
    ));
    assert!(matches!(
        generate(&engine, &[1; 64], &params(), 1),
        Err(EngineError::TooLong { limit: 63, .. })
    ));
    assert!(matches!(engine.embed(&[1], true), Err(EngineError::Kind { .. })));
    let cancel = AtomicBool::new(true);
    let cancelled = engine.generate(&[1], &params(), &H256::zero(), &cancel, &mut |_| ());
    assert!(matches!(cancelled, Err(EngineError::Cancelled)));
}

#[test]
fn generation_should_stop_within_a_token_when_it_is_cancelled() {
    let (_folder, engine) = tiny();
    let cancel = AtomicBool::new(false);
    let mut seen = 0;
    let result = engine.generate(&[1], &params(), &H256::zero(), &cancel, &mut |_| {
        seen += 1;
        cancel.store(true, Ordering::Relaxed);
    });
    assert!(matches!(result, Err(EngineError::Cancelled)) || seen == 1);
    assert_eq!(seen, 1);
}

#[test]
fn tiny_models_should_give_the_logits_of_the_reference() {
    #[derive(serde::Deserialize)]
    struct Golden {
        ids: Vec<u32>,
        families: std::collections::BTreeMap<String, Logits>,
    }
    #[derive(serde::Deserialize)]
    struct Logits {
        best: Vec<u32>,
        last: Vec<f32>,
    }
    let golden: Golden = serde_json::from_str(include_str!("../../tests/golden/tiny.json")).unwrap();
    for (name, family) in [
        ("llama", tiny::Family::Llama),
        ("qwen2", tiny::Family::Qwen2),
        ("qwen3", tiny::Family::Qwen3),
        ("gemma3", tiny::Family::Gemma3),
    ] {
        let folder = tempfile::tempdir().unwrap();
        tiny::write_family(folder.path(), family).unwrap();
        for kernels in [Kernels::Own, Kernels::Library] {
            let options = Options::default().with_kernels(kernels);
            let engine = Engine::load_with(folder.path(), &spec(), DeviceChoice::Cpu, &options).unwrap();
            let logits = engine.logits(&golden.ids).unwrap();
            let expected = &golden.families[name];
            for (found, expected) in logits[logits.len() - 1].iter().zip(&expected.last) {
                assert!(
                    (found - expected).abs() < 2e-4,
                    "{name} {kernels:?}: {found}, not {expected}"
                );
            }
            let best = logits.iter().map(|logits| {
                let best = logits.iter().zip(0u32..).max_by(|a, b| a.0.total_cmp(b.0));
                best.unwrap().1
            });
            assert_eq!(best.collect::<Vec<_>>(), expected.best, "{name} {kernels:?}");
        }
    }
}

#[test]
fn model_should_be_refused_when_files_or_profile_do_not_fit() {
    let (folder, _) = tiny();
    let load = |spec: EngineSpec| {
        Engine::load(folder.path(), &spec, DeviceChoice::Cpu)
            .map(|_| ())
            .unwrap_err()
    };
    assert!(matches!(
        load(EngineSpec {
            profile: NumericProfile::A8,
            ..spec()
        }),
        EngineError::Profile { .. }
    ));
    let embed = EngineSpec {
        kind: JobKind::Embed,
        ..spec()
    };
    assert!(matches!(
        load(embed),
        EngineError::Config(_) | EngineError::Layout(_) | EngineError::Architecture { .. }
    ));

    let path = folder.path().join("config.json");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        config.replace("\"intermediate_size\":96", "\"intermediate_size\":97"),
    )
    .unwrap();
    assert!(matches!(load(spec()), EngineError::Shape { .. }));
    std::fs::write(
        &path,
        config.replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":3"),
    )
    .unwrap();
    assert!(matches!(load(spec()), EngineError::MissingTensor(_)));
    std::fs::write(
        &path,
        config.replace("\"num_attention_heads\":4", "\"num_attention_heads\":0"),
    )
    .unwrap();
    assert!(matches!(load(spec()), EngineError::Config(_)));
    std::fs::write(&path, config.replace("\"llama\"", "\"martian\"")).unwrap();
    assert!(matches!(load(spec()), EngineError::Architecture { .. }));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(load(spec()), EngineError::Layout(_)));
}
