//! The engine and the tokenizers beside other implementations: `golden/README.md` says which and how.

use ogpu_client::models::{ChatMessage, ChatTemplate, ModelTokenizer};
use ogpu_primitives::{FinishReason, GenerateParams, JobKind, NumericProfile, H256};
use ogpu_worker::engine::{DeviceChoice, Engine, EngineSpec};
use serde::{de::DeserializeOwned, Deserialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

#[derive(Deserialize)]
struct SmolLm {
    end_tokens: Vec<u32>,
    prompts: Vec<Prompt>,
}

#[derive(Deserialize)]
struct Prompt {
    text: String,
    messages: Option<Vec<ChatMessage>>,
    parse_special: bool,
    ids: Vec<u32>,
    greedy_ids: Vec<u32>,
    greedy_text: String,
    top1: Vec<u32>,
    top1_margins: Vec<f32>,
    f32_top1: Vec<u32>,
    f32_top1_margins: Vec<f32>,
}

#[derive(Deserialize)]
struct MiniLm {
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    text: String,
    ids: Vec<u32>,
    vector: Vec<f32>,
}

fn golden<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn folder(model: &str) -> PathBuf {
    let root = match std::env::var_os("OGPU_MODELS_DIR") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache/opengpu/models"),
    };
    let folder = root.join(model);
    assert!(
        folder.is_dir(),
        "{} is missing; run scripts/fetch-models",
        folder.display()
    );
    folder
}

fn load(model: &str, kind: JobKind, profile: NumericProfile) -> Engine {
    let spec = EngineSpec {
        kind,
        profile,
        context_tokens: 0,
    };
    Engine::load(&folder(model), &spec, DeviceChoice::Cpu).unwrap()
}

fn greedy(max_output_tokens: u32) -> GenerateParams {
    GenerateParams {
        max_output_tokens,
        temperature_milli: 0,
        top_k: 0,
        top_p_ppm: 1_000_000,
        min_p_ppm: 0,
        repetition_penalty_milli: 1_000,
        presence_penalty_milli: 0,
        frequency_penalty_milli: 0,
        seed: [0; 32],
        stop_tokens: Default::default(),
    }
}

fn best(logits: &[f32]) -> u32 {
    let (id, _) = logits
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1))
        .unwrap();
    id as u32
}

const SMOLLM: &str = "smollm2-135m-instruct";
const MINILM: &str = "all-minilm-l6-v2";

#[test]
fn smollm2_tokenizer_should_give_the_ids_of_llama_cpp() {
    let golden: SmolLm = golden("smollm2.json");
    let tokenizer = ModelTokenizer::from_folder(&folder(SMOLLM)).unwrap();
    assert_eq!(tokenizer.end_tokens(), golden.end_tokens);
    for prompt in &golden.prompts {
        let ids = match prompt.parse_special {
            true => tokenizer.encode(&prompt.text, false),
            false => tokenizer.encode_plain(&prompt.text),
        };
        assert_eq!(ids.unwrap(), prompt.ids, "{}", prompt.text);
        let end = prompt
            .greedy_ids
            .iter()
            .position(|id| golden.end_tokens.contains(id));
        let output = &prompt.greedy_ids[..end.unwrap_or(prompt.greedy_ids.len())];
        let mut stream = tokenizer.stream();
        let mut text: String = output.iter().map(|id| stream.push(*id).unwrap()).collect();
        text += &stream.finish().unwrap();
        assert_eq!(text, prompt.greedy_text);
        assert_eq!(tokenizer.decode(output).unwrap(), prompt.greedy_text);
    }
}

#[test]
fn smollm2_template_should_give_the_text_of_hugging_faces_implementation() {
    let golden: SmolLm = golden("smollm2.json");
    let folder = folder(SMOLLM);
    let tokenizer = ModelTokenizer::from_folder(&folder).unwrap();
    let template = ChatTemplate::from_folder(&folder, tokenizer.bos(), tokenizer.eos())
        .unwrap()
        .unwrap();
    let mut compared = 0;
    for prompt in golden.prompts {
        if let Some(messages) = prompt.messages {
            assert_eq!(template.render(&messages, true).unwrap(), prompt.text);
            compared += 1;
        }
    }
    assert!(compared >= 3);
}

/// How often the best token differs from a reference's, and by how many logits the reference preferred its
/// own at the worst of these positions.
fn compare(profile: NumericProfile, reference: impl Fn(&Prompt) -> (&[u32], &[f32])) -> (usize, usize, f32) {
    let golden: SmolLm = golden("smollm2.json");
    let engine = load(SMOLLM, JobKind::Generate, profile);
    let (mut different, mut total, mut worst) = (0, 0, 0.0f32);
    for prompt in &golden.prompts {
        let ids: Vec<u32> = prompt.ids.iter().chain(&prompt.greedy_ids).copied().collect();
        let logits = engine.logits(&ids[..ids.len() - 1]).unwrap();
        let (expected, margins) = reference(prompt);
        assert_eq!(logits.len(), expected.len());
        for (position, logits) in logits.iter().enumerate() {
            if best(logits) != expected[position] {
                different += 1;
                worst = worst.max(margins[position]);
            }
            total += 1;
        }
    }
    println!("{profile:?}: {different} of {total} positions differ, at leads of at most {worst}");
    (different, total, worst)
}

#[test]
fn f16_should_follow_float32_arithmetic_even_when_it_is_nearly_undecided() {
    let (_, _, worst) = compare(NumericProfile::F16, |prompt| {
        (&prompt.f32_top1, &prompt.f32_top1_margins)
    });
    assert!(worst < 0.002);
}

// llama.cpp in 8 bits parts from float32 at 44 of the 1,420 positions, at leads up to 0.51. Two such
// implementations can be twice as far from each other as each is from the exact answer.
#[test]
fn a8_should_be_as_near_to_float32_arithmetic_as_llama_cpp() {
    let (different, total, worst) = compare(NumericProfile::A8, |prompt| {
        (&prompt.f32_top1, &prompt.f32_top1_margins)
    });
    assert!(
        different * 100 < total * 5 && worst < 1.0,
        "{different} differ, at leads up to {worst}"
    );
}

#[test]
fn a8_should_follow_llama_cpp_but_for_near_ties() {
    let (different, total, worst) =
        compare(NumericProfile::A8, |prompt| (&prompt.top1, &prompt.top1_margins));
    assert!(
        different * 100 < total * 6 && worst < 1.2,
        "{different} differ, at leads up to {worst}"
    );
}

#[test]
fn a8_should_generate_the_text_of_llama_cpp_until_a_near_tie() {
    let golden: SmolLm = golden("smollm2.json");
    let engine = load(SMOLLM, JobKind::Generate, NumericProfile::A8);
    let cancel = AtomicBool::new(false);
    let (mut equal, mut total) = (0, 0);
    for prompt in &golden.prompts {
        let mut streamed = Vec::new();
        let output = engine
            .generate(&prompt.ids, &greedy(48), &H256::zero(), &cancel, &mut |id| {
                streamed.push(id)
            })
            .unwrap();
        assert_eq!(streamed, output.tokens);
        let stopped = output
            .tokens
            .last()
            .is_some_and(|id| golden.end_tokens.contains(id));
        assert_eq!(stopped, output.finish == FinishReason::Stop);
        total += output.tokens.len();
        match output
            .tokens
            .iter()
            .zip(&prompt.greedy_ids)
            .position(|(ours, theirs)| ours != theirs)
        {
            None => equal += output.tokens.len(),
            Some(at) => {
                equal += at;
                let margin = prompt.top1_margins[prompt.ids.len() - 1 + at];
                assert!(margin < 0.6, "{:?} parts at {at}, margin {margin}", prompt.text);
            }
        }
    }
    println!("{equal} of {total} tokens come before the first near-tie that was decided otherwise");
    assert!(equal * 3 > total);
}

#[test]
fn a8_should_give_equal_bits_when_tokens_come_one_by_one_or_all_at_once() {
    let golden: SmolLm = golden("smollm2.json");
    let engine = load(SMOLLM, JobKind::Generate, NumericProfile::A8);
    let prompt = &golden.prompts[0];
    let cancel = AtomicBool::new(false);
    let output = engine
        .generate(&prompt.ids, &greedy(24), &H256::zero(), &cancel, &mut |_| ())
        .unwrap();
    let ids: Vec<u32> = prompt.ids.iter().chain(&output.tokens).copied().collect();
    let all_at_once = engine.hidden(&ids[..ids.len() - 1]).unwrap();
    let first = prompt.ids.len() - 1;
    let hidden = output.hidden.unwrap();
    let width = hidden.len() / output.tokens.len();
    assert_eq!(hidden, all_at_once[first * width..]);
}

#[test]
fn minilm_should_give_ids_and_vectors_of_the_reference() {
    let golden: MiniLm = golden("minilm.json");
    let tokenizer = ModelTokenizer::from_folder(&folder(MINILM)).unwrap();
    let engine = load(MINILM, JobKind::Embed, NumericProfile::F16);
    for sentence in golden.sentences {
        let ids = tokenizer.encode(&sentence.text, true).unwrap();
        assert_eq!(ids, sentence.ids, "{}", sentence.text);
        let vector = engine.embed(&ids, true).unwrap();
        assert_eq!(vector.len(), sentence.vector.len());
        for (found, expected) in vector.iter().zip(&sentence.vector) {
            assert!(
                (found - expected).abs() < 2e-6,
                "{}: {found} instead of {expected}",
                sentence.text
            );
        }
    }
}
