//! Streams, evidence and audits with the tiny model.

use super::tests::{params, spec, tiny};
use super::*;
use ogpu_primitives::{judge, AuditReport, Ending, Judgement, ProfileParams, Shown, WhiteningTable};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const INPUT: [u32; 3] = [256, 1, 2];

pub(super) fn evidence() -> EvidenceSpec {
    EvidenceSpec {
        job: H256([7; 32]),
        table: None,
        units: profile().sketch_units,
    }
}

pub(super) fn profile() -> ProfileParams {
    ProfileParams::starting(NumericProfile::F16)
}

pub(super) fn long() -> GenerateParams {
    GenerateParams {
        max_output_tokens: 40,
        ..params()
    }
}

/// An output of 40 tokens with its evidence, and the seed that led to it.
pub(super) fn output(engine: &Engine) -> (Generation, H256) {
    output_with(engine, &long())
}

fn output_with(engine: &Engine, params: &GenerateParams) -> (Generation, H256) {
    (1u8..)
        .map(|seed| H256([seed; 32]))
        .find_map(|seed| {
            let request = Request::new(&INPUT, params, &seed).with_evidence(evidence());
            let output = engine
                .generate_with(&request, &AtomicBool::new(false), &mut |_| ())
                .unwrap();
            (output.finish == FinishReason::Length).then_some((output, seed))
        })
        .unwrap()
}

fn audit(
    engine: &Engine,
    output: &[u32],
    finish: FinishReason,
    params: &GenerateParams,
    seed: &H256,
) -> Result<Audit, EngineError> {
    let request = AuditRequest {
        input: &INPUT,
        output,
        finish,
        params,
        seed,
        evidence: evidence(),
        profile: &profile(),
        jury_key: None,
    };
    engine.audit(&request, &AtomicBool::new(false))
}

#[test]
fn audit_should_pass_when_the_output_is_honest() {
    let (_folder, engine) = tiny();
    let narrowed = GenerateParams {
        temperature_milli: 700,
        top_k: 20,
        top_p_ppm: 900_000,
        repetition_penalty_milli: 1_300,
        presence_penalty_milli: 200,
        frequency_penalty_milli: 300,
        ..long()
    };
    for params in [long(), narrowed] {
        let (output, seed) = output_with(&engine, &params);
        let records = output.evidence.unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records[1].sketch.tokens(), 8);
        let audit = audit(&engine, &output.tokens, output.finish, &params, &seed).unwrap();
        assert!(
            audit.margins_q16.iter().all(|margin| *margin < 100),
            "{:?}",
            audit.margins_q16
        );
        assert_eq!(audit.report.ending, Ending::AtLimit);
        let shown: Vec<_> = (0u32..)
            .zip(records.iter().map(|record| &record.sketch))
            .collect();
        let report = AuditReport::Generate(audit.report);
        let findings = judge(&report, Shown::Generate(&shown), &profile(), 40).unwrap();
        assert_eq!(findings.judgement, Judgement::Pass, "{findings:?}");
    }
}

#[test]
fn audit_should_be_the_same_when_it_is_cut_into_steps() {
    let (_folder, engine) = tiny();
    let (output, seed) = output(&engine);
    let (params, profile) = (long(), profile());
    let request = AuditRequest {
        input: &INPUT,
        output: &output.tokens,
        finish: output.finish,
        params: &params,
        seed: &seed,
        evidence: evidence(),
        profile: &profile,
        jury_key: None,
    };
    let cancel = AtomicBool::new(false);
    let whole = engine.audit_in_steps(&request, 512, true, &cancel).unwrap();
    for step in [1, 2, 3, 17] {
        let cut = engine.audit_in_steps(&request, step, true, &cancel).unwrap();
        let pairs = whole.hidden.iter().flatten().zip(cut.hidden.iter().flatten());
        for (whole, cut) in pairs {
            assert!((whole - cut).abs() < 1e-4);
        }
        assert_eq!(
            whole.hidden.as_ref().map(Vec::len),
            cut.hidden.as_ref().map(Vec::len)
        );
        assert!(cut.margins_q16.iter().all(|margin| *margin < 100));
    }
    cancel.store(true, Ordering::Relaxed);
    assert!(matches!(
        engine.audit(&request, &cancel),
        Err(EngineError::Cancelled)
    ));
}

#[test]
fn audit_should_see_it_when_ids_end_seed_or_temperature_are_not_as_promised() {
    let (_folder, engine) = tiny();
    let (output, seed) = output(&engine);
    let lost = |output: &[u32], finish, params: &GenerateParams, seed: &H256| {
        let audit = audit(&engine, output, finish, params, seed).unwrap();
        let hard = audit.margins_q16.iter().filter(|margin| **margin > 8_192).count();
        (hard, audit.report.ending)
    };
    let length = FinishReason::Length;
    let mut other = output.tokens.clone();
    other[20] = (other[20] + 1) % 256;
    assert!(lost(&other, length, &long(), &seed).0 >= 1);
    assert!(lost(&output.tokens, length, &long(), &H256([99; 32])).0 > 10);
    let greedy = GenerateParams {
        temperature_milli: 0,
        ..long()
    };
    assert!(lost(&output.tokens, length, &greedy, &seed).0 > 10);
    let endings = [
        (&output.tokens[..39], length),
        (&output.tokens[..], FinishReason::Stop),
        (&output.tokens[..], FinishReason::Complete),
    ];
    for (tokens, finish) in endings {
        assert_eq!(lost(tokens, finish, &long(), &seed).1, Ending::Contradicted);
    }
    let stopping = GenerateParams {
        stop_tokens: vec![output.tokens[39]].try_into().unwrap(),
        ..long()
    };
    let first = output
        .tokens
        .iter()
        .position(|id| *id == output.tokens[39])
        .unwrap();
    let (_, ending) = lost(&output.tokens[..=first], FinishReason::Stop, &stopping, &seed);
    assert!(matches!(ending, Ending::EndToken { margin_64: 0 }), "{ending:?}");
}

#[test]
fn audit_should_name_the_fault_when_the_output_cannot_be_honest() {
    let (_folder, engine) = tiny();
    let (output, seed) = output(&engine);
    let fault = |output: &[u32]| match audit(&engine, output, FinishReason::Length, &long(), &seed) {
        Err(EngineError::Output(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(&[]), OutputFault::Empty);
    let mut foreign = output.tokens.clone();
    foreign[39] = 258;
    let expected = OutputFault::TokenOutOfRange {
        id: 258,
        vocabulary: 258,
    };
    assert_eq!(fault(&foreign), expected);
    foreign.push(1);
    assert_eq!(fault(&foreign), OutputFault::TooLong { found: 41, limit: 40 });
    let wrong = EvidenceSpec {
        table: Some(Arc::new(WhiteningTable::unit(63).unwrap())),
        ..evidence()
    };
    let params = long();
    let request = Request::new(&INPUT, &params, &seed).with_evidence(wrong);
    assert!(matches!(
        engine.generate_with(&request, &AtomicBool::new(false), &mut |_| ()),
        Err(EngineError::WhiteningTable {
            expected: 64,
            found: 63
        })
    ));
}

#[test]
fn output_and_audit_should_fail_when_the_weights_are_not_numbers() {
    for broken in [f32::NAN, f32::INFINITY] {
        let folder = tempfile::tempdir().unwrap();
        tiny::write(folder.path()).unwrap();
        let path = folder.path().join("model.safetensors");
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 4;
        bytes[last..].copy_from_slice(&broken.to_le_bytes());
        std::fs::write(&path, bytes).unwrap();
        let engine = Engine::load(folder.path(), &spec(), DeviceChoice::Cpu).unwrap();
        let (params, seed) = (long(), H256::zero());
        let request = Request::new(&INPUT, &params, &seed).with_evidence(evidence());
        let made = engine.generate_with(&request, &AtomicBool::new(false), &mut |_| ());
        assert!(matches!(made, Err(EngineError::NotFinite(0))), "{made:?}");
        let audited = audit(&engine, &[1, 2, 3], FinishReason::Length, &params, &seed);
        assert!(matches!(audited, Err(EngineError::NotFinite(0))), "{audited:?}");
    }
}

#[test]
fn streams_should_give_what_they_give_alone_when_they_join_and_leave_at_any_time() {
    let (_folder, engine) = tiny();
    let prompts: Vec<Vec<u32>> = (1..=9u32)
        .map(|n| (0..n * 3).map(|i| i * n % 250).collect())
        .collect();
    let (params, none) = (
        params(),
        GenerateParams {
            max_output_tokens: 0,
            ..params()
        },
    );
    let seeds: Vec<H256> = (0..9).map(|i| H256([i; 32])).collect();
    let alone: Vec<Vec<u32>> = prompts
        .iter()
        .zip(&seeds)
        .map(|(prompt, seed)| {
            let cancel = AtomicBool::new(false);
            engine
                .generate(prompt, &params, seed, &cancel, &mut |_| ())
                .unwrap()
                .tokens
        })
        .collect();

    let mut batch = Batch::new(&engine).with_prefill_tokens(4);
    let (mut streamed, mut finished) = (HashMap::<StreamId, Vec<u32>>::new(), HashMap::new());
    let mut ids = Vec::new();
    let mut steps = 0;
    while ids.len() < prompts.len() || !batch.is_empty() {
        if let Some(prompt) = prompts.get(ids.len()) {
            ids.push(
                batch
                    .join(&Request::new(prompt, &params, &seeds[ids.len()]))
                    .unwrap(),
            );
        }
        if steps == 3 {
            assert!(batch.leave(ids[1]) && !batch.leave(ids[1]));
            let empty = batch.join(&Request::new(&[1], &none, &seeds[0])).unwrap();
            let progress = batch.step().unwrap();
            assert!(progress.iter().any(|(id, progress)| *id == empty
                && matches!(progress, Progress::Finished(generation) if generation.tokens.is_empty())));
            record(progress, &mut streamed, &mut finished);
        }
        let progress = batch.step().unwrap();
        record(progress, &mut streamed, &mut finished);
        steps += 1;
    }
    for (index, (id, alone)) in ids.iter().zip(&alone).enumerate() {
        match index {
            1 => assert!(!finished.contains_key(id)),
            _ => {
                assert_eq!(&finished[id], alone, "stream {index}");
                assert_eq!(&streamed[id], alone);
            }
        }
    }
}

fn record(
    progress: Vec<(StreamId, Progress)>,
    streamed: &mut HashMap<StreamId, Vec<u32>>,
    finished: &mut HashMap<StreamId, Vec<u32>>,
) {
    for (id, progress) in progress {
        match progress {
            Progress::Token(token) => streamed.entry(id).or_default().push(token),
            Progress::Finished(generation) => assert!(finished.insert(id, generation.tokens).is_none()),
            Progress::Failed(error) => panic!("{error}"),
        }
    }
}

#[test]
fn bf16_should_round_every_state_and_stay_near_f32() {
    let (folder, exact) = tiny();
    let bf16 = EngineSpec {
        profile: NumericProfile::Bf16,
        ..spec()
    };
    let rounded = Engine::load(folder.path(), &bf16, DeviceChoice::Cpu).unwrap();
    let ids = [3, 1, 4, 1, 5, 9, 2, 6];
    let (exact, rounded) = (exact.hidden(&ids).unwrap(), rounded.hidden(&ids).unwrap());
    assert!(rounded.iter().all(|value| value.to_bits() & 0xffff == 0));
    let difference: f32 = exact.iter().zip(&rounded).map(|(a, b)| (a - b).powi(2)).sum();
    let size: f32 = exact.iter().map(|value| value * value).sum();
    let error = (difference / size).sqrt();
    assert!(error > 1e-4 && error < 0.05, "{error}");
}

#[cfg(feature = "dishonest")]
#[test]
fn hidden_states_should_move_further_when_a_cheat_saves_more() {
    use super::options::{Dishonest, Requantise};
    let (folder, honest) = tiny();
    let ids = [3, 1, 4, 1, 5, 9, 2, 6];
    let expected = honest.hidden(&ids).unwrap();
    let error = |dishonest: Dishonest| {
        let options = Options {
            dishonest,
            ..Options::default()
        };
        let engine = Engine::load_with(folder.path(), &spec(), DeviceChoice::Cpu, &options).unwrap();
        let found = engine.hidden(&ids).unwrap();
        let difference: f32 = expected.iter().zip(&found).map(|(a, b)| (a - b).powi(2)).sum();
        (difference / expected.iter().map(|value| value * value).sum::<f32>()).sqrt()
    };
    let requantised = |format| Dishonest {
        requantise: Some(format),
        ..Dishonest::default()
    };
    let skipped = error(Dishonest {
        skip_layers: vec![1],
        ..Dishonest::default()
    });
    let (four, eight) = (
        error(requantised(Requantise::FourBit)),
        error(requantised(Requantise::EightBit)),
    );
    assert!(
        eight > 1e-3 && four > 5.0 * eight && skipped > four,
        "{eight} {four} {skipped}"
    );
    assert_eq!(error(Dishonest::default()), 0.0);
}
