use super::{
    make::{self, Wish},
    record::{Record, RecordError, RecordedChunk},
    *,
};
use crate::engine::tiny;
use ogpu_primitives::{FinishReason, H256};

struct Case {
    folder: tempfile::TempDir,
    record: Record,
}

impl Case {
    fn file(&self) -> PathBuf {
        self.folder.path().join("record.json")
    }

    fn check(&self) -> Result<Outcome, AuditError> {
        check(&self.record, None, None, None)
    }

    /// A worker that committed to what the record now holds.
    fn commit(&mut self) {
        self.record.root = self.record.computed_root().expect("evidence for every chunk");
    }

    fn read_back(&self) -> Result<Record, RecordError> {
        make::write(&self.record, &self.file()).expect("written");
        Record::read(&self.file())
    }
}

fn case() -> Case {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, prompt) = (folder.path().join("model"), folder.path().join("prompt.txt"));
    tiny::write(&model).expect("written");
    std::fs::write(&prompt, "hello\n").expect("written");
    let record = make::run(&Wish {
        prompt: &prompt,
        model: &model,
        profile: NumericProfile::F16,
        whitening: None,
        tokens: 96,
        temperature: 1.0,
        seed: 3,
    });
    Case {
        record: record.expect("computed"),
        folder,
    }
}

fn failed(outcome: &Outcome) -> FailReason {
    match outcome.findings.as_ref().map(|findings| findings.judgement) {
        Some(Judgement::Fail(reason)) if !outcome.passes => reason,
        other => panic!("no failure: {other:?}"),
    }
}

#[test]
fn audit_should_pass_when_nothing_was_changed() {
    let case = case();
    assert_eq!(case.read_back().expect("whole"), case.record);
    let outcome = case.check().expect("audited");
    assert!(outcome.passes, "{}", outcome.verdict);
    let findings = outcome.findings.expect("judged");
    assert_eq!((findings.x, findings.b, findings.e_milli), (0, 0, 0));
    assert_eq!(outcome.chunks.len(), case.record.chunks.len());
}

#[test]
fn audit_should_fail_when_the_worker_committed_to_other_ids() {
    let mut case = case();
    for at in [2, 9, 17, 23] {
        case.record.output[at] = (case.record.output[at] + 1) % 256;
    }
    case.commit();
    let outcome = case.check().expect("audited");
    assert!(!outcome.passes);
    let findings = outcome.findings.expect("judged");
    assert!(
        findings.b >= 3 || findings.e_milli > 1_000 * 7 / 1_000,
        "{findings:?}"
    );
}

#[test]
fn audit_should_fail_when_the_worker_committed_to_another_sketch() {
    let mut case = case();
    let sketch = &mut case.record.chunks[1].sketch;
    let other: String = sketch
        .chars()
        .map(|digit| if digit == '0' { '1' } else { digit })
        .collect();
    assert_ne!(*sketch, other);
    *sketch = other;
    case.commit();
    let outcome = case.check().expect("audited");
    assert!(matches!(
        failed(&outcome),
        FailReason::ChunkSketch { chunk: 1 } | FailReason::OutputSketch
    ));
}

#[test]
fn audit_should_fail_when_the_output_is_cut_and_called_complete() {
    let mut case = case();
    case.record.output.truncate(64);
    case.record.chunks.truncate(2);
    case.record.finish = FinishReason::Length;
    case.commit();
    assert_eq!(failed(&case.check().expect("audited")), FailReason::Ending);
}

#[test]
fn audit_should_refuse_when_the_profile_is_another() {
    let case = case();
    let refused = check(&case.record, None, Some(NumericProfile::A8), None);
    assert!(matches!(
        refused,
        Err(AuditError::Record(RecordError::Profile { .. }))
    ));
    let mut case = case;
    case.record.thresholds = ogpu_primitives::ProfileParams::starting(NumericProfile::A8);
    assert!(matches!(
        case.check(),
        Err(AuditError::Engine(EngineError::Profile { .. }))
    ));
}

#[test]
fn audit_should_refuse_when_the_model_is_another() {
    let case = case();
    let config = case.folder.path().join("model/config.json");
    let text = std::fs::read_to_string(&config).expect("read");
    std::fs::write(&config, text + "\n").expect("written");
    assert!(matches!(
        case.check(),
        Err(AuditError::Record(RecordError::Files { .. }))
    ));
}

#[test]
fn audit_should_refuse_when_an_id_is_not_in_the_vocabulary() {
    for part in ["input", "output"] {
        let mut case = case();
        match part {
            "input" => case.record.input[1] = 258,
            _ => case.record.output[5] = u32::MAX,
        }
        case.commit();
        let refused = case.check();
        assert!(
            matches!(&refused, Err(AuditError::Record(RecordError::Vocabulary { part: found, .. })) if *found == part),
            "{refused:?}"
        );
    }
}

#[test]
fn audit_should_refuse_when_the_whitening_table_is_another() {
    let mut case = case();
    case.record.whitening_hash = H256::zero();
    assert!(matches!(
        case.check(),
        Err(AuditError::Record(RecordError::OtherWhitening))
    ));
    let table = case.folder.path().join("table");
    std::fs::write(&table, b"no table").expect("written");
    case.record.whitening = Some(table);
    assert!(matches!(
        case.check(),
        Err(AuditError::Record(RecordError::Whitening(_)))
    ));
}

#[test]
fn record_should_be_refused_when_it_was_altered() {
    type Change = fn(&mut Record);
    type Expected = fn(&RecordError) -> bool;
    let changes: [(Change, Expected); 12] = [
        (|r| r.output[3] ^= 1, |e| matches!(e, RecordError::Root { .. })),
        (|r| r.input.push(1), |e| matches!(e, RecordError::Root { .. })),
        (
            |r| r.chunks[0].hidden = H256::zero(),
            |e| matches!(e, RecordError::Root { .. }),
        ),
        (|r| r.work.attempt = 1, |e| matches!(e, RecordError::Root { .. })),
        (
            |r| r.chunks[0].sketch.truncate(10),
            |e| matches!(e, RecordError::Sketch(0)),
        ),
        (
            |r| r.chunks[0].sketch.truncate(32),
            |e| {
                matches!(
                    e,
                    RecordError::SketchLength {
                        chunk: 0,
                        found: 1,
                        expected: 32
                    }
                )
            },
        ),
        (
            |r| r.chunks[1].sketch = "zz".into(),
            |e| matches!(e, RecordError::Sketch(1)),
        ),
        (
            |r| {
                let chunk: RecordedChunk = r.chunks[0].clone();
                r.chunks.push(chunk);
            },
            |e| matches!(e, RecordError::ChunkCount { .. }),
        ),
        (
            |r| r.output.clear(),
            |e| matches!(e, RecordError::Empty("output")),
        ),
        (
            |r| r.params.max_output_tokens = 10,
            |e| matches!(e, RecordError::OverLimit { limit: 10, .. }),
        ),
        (
            |r| r.thresholds.tau_output_milli = 0,
            |e| matches!(e, RecordError::Thresholds(_)),
        ),
        (|r| r.format = 2, |e| matches!(e, RecordError::Format(2))),
    ];
    let base = case();
    for (index, (change, expected)) in changes.into_iter().enumerate() {
        let mut record = base.record.clone();
        change(&mut record);
        make::write(&record, &base.file()).expect("written");
        let refused = Record::read(&base.file()).expect_err("altered");
        assert!(expected(&refused), "change {index}: {refused}");
    }
}

#[test]
fn record_should_be_refused_when_it_was_cut_off_anywhere() {
    let case = case();
    let text = serde_json::to_string(&case.record).expect("written");
    for at in (0..text.len()).step_by(text.len() / 50) {
        std::fs::write(case.file(), &text[..at]).expect("written");
        assert!(matches!(
            Record::read(&case.file()),
            Err(RecordError::Json { .. })
        ));
    }
    assert!(matches!(
        Record::read(&case.folder.path().join("none")),
        Err(RecordError::Io { .. })
    ));
}
