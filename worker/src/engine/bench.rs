//! How fast a model runs on this machine.

use super::cache::Segment;
use super::evidence::{EvidenceSpec, Recording};
use super::{last_row, row, DeviceChoice, Engine, EngineError, EngineSpec, PREFILL_TOKENS};
use ogpu_primitives::{JobKind, NumericProfile, ProfileParams, H256};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

/// Speeds of one model. Times in seconds, speeds in tokens per second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchReport {
    /// Time to load the model.
    pub load_s: f64,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Speed on the prompt.
    pub prefill_tokens_s: f64,
    /// Tokens generated after the prompt.
    pub decode_tokens: usize,
    /// Speed of generation, sampling not included.
    pub decode_tokens_s: f64,
    /// What making evidence adds to the time of a token, as a share of it: faster quartiles of steps with and
    /// without, one after the other.
    pub evidence_share: f64,
    /// Threads used on the CPU.
    pub threads: usize,
    /// Whether a GPU computed.
    pub gpu: bool,
}

/// Loads the model and runs it on arbitrary tokens, once to warm up and once for the figures.
pub fn run(
    folder: &Path,
    profile: NumericProfile,
    prompt_tokens: usize,
    decode_tokens: usize,
) -> Result<BenchReport, EngineError> {
    run_on(folder, profile, prompt_tokens, decode_tokens, DeviceChoice::Auto)
}

/// As [`run`], on a chosen device.
pub fn run_on(
    folder: &Path,
    profile: NumericProfile,
    prompt_tokens: usize,
    decode_tokens: usize,
    choice: DeviceChoice,
) -> Result<BenchReport, EngineError> {
    let start = Instant::now();
    let spec = EngineSpec {
        kind: JobKind::Generate,
        profile,
        context_tokens: 0,
    };
    let engine = Engine::load(folder, &spec, choice)?;
    let load_s = start.elapsed().as_secs_f64();
    let model = engine.decoder()?;
    let (prompt_tokens, decode_tokens) = (prompt_tokens.max(1), decode_tokens.max(1));
    if prompt_tokens + decode_tokens > engine.context() {
        return Err(EngineError::TooLong {
            found: prompt_tokens + decode_tokens,
            limit: engine.context(),
        });
    }
    let vocabulary = model.vocabulary() as u32;
    let prompt: Vec<u32> = (0..prompt_tokens as u32)
        .map(|i| i.wrapping_mul(7_919) % vocabulary)
        .collect();

    let mut figures = (0.0, 0.0);
    for _ in 0..2 {
        let mut cache = model.cache(prompt_tokens + decode_tokens)?;
        let start = Instant::now();
        let mut state = None;
        for tokens in prompt.chunks(PREFILL_TOKENS) {
            state = Some(model.forward(&mut [Segment {
                tokens,
                cache: &mut cache,
            }])?);
        }
        let mut state = last_row(&state.ok_or(EngineError::EmptyInput)?)?;
        let mut logits = row(&model.logits(&state)?)?;
        let prefill = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for _ in 0..decode_tokens {
            let mut best = 0;
            for (id, logit) in logits.iter().enumerate() {
                if *logit > logits[best] {
                    best = id;
                }
            }
            state = model.forward(&mut [Segment {
                tokens: &[best as u32],
                cache: &mut cache,
            }])?;
            logits = row(&model.logits(&state)?)?;
        }
        figures = (prefill, start.elapsed().as_secs_f64());
    }
    Ok(BenchReport {
        load_s,
        prompt_tokens,
        prefill_tokens_s: prompt_tokens as f64 / figures.0,
        decode_tokens,
        decode_tokens_s: decode_tokens as f64 / figures.1,
        evidence_share: evidence_share(&engine, profile, &prompt, decode_tokens)?,
        threads: super::cpu::threads(),
        gpu: engine.on_gpu(),
    })
}

/// Decodes two streams in turn, of which one makes evidence.
fn evidence_share(
    engine: &Engine,
    profile: NumericProfile,
    prompt: &[u32],
    tokens: usize,
) -> Result<f64, EngineError> {
    let model = engine.decoder()?;
    let spec = EvidenceSpec {
        job: H256::zero(),
        table: None,
        units: ProfileParams::starting(profile).sketch_units,
    };
    let mut recording = Recording::new(&spec, &H256::zero(), model.hidden_size())?;
    let mut streams = [model.cache(tokens + 1)?, model.cache(tokens + 1)?];
    let mut times = [Vec::with_capacity(tokens), Vec::with_capacity(tokens)];
    for step in 0..=tokens {
        let token = &prompt[step % prompt.len()..][..1];
        for turn in 0..2 {
            // Whoever is second finds warmer caches, so they take turns in that too.
            let with_evidence = (turn + step) % 2;
            let start = Instant::now();
            let state = model.forward(&mut [Segment {
                tokens: token,
                cache: &mut streams[with_evidence],
            }])?;
            let logits = row(&model.logits(&state)?)?;
            if with_evidence == 1 {
                recording.push(&row(&state)?)?;
            }
            std::hint::black_box(logits);
            if step > 0 {
                times[with_evidence].push(start.elapsed().as_secs_f64());
            }
        }
    }
    std::hint::black_box(recording.finish());
    // The faster quarter: what the machine did besides is in the slower ones.
    let [without, with] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 4]
    });
    Ok(with / without - 1.0)
}
