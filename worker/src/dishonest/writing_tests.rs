use super::*;
use crate::engine::{tiny, EngineSpec, EvidenceSpec};
use ogpu_primitives::{
    judge, AuditReport, FailReason, Findings, JobId, JobKind, Judgement, Shown, SoftReason, H256,
};
use std::path::PathBuf;

const INPUT: [u32; 3] = [256, 104, 105];
const SEED: H256 = H256([3; 32]);
/// Most that sketches differ by in 1/1000 where one model writes and reads: the tensor library computes these files, and
/// does not fix the order of its sums.
const SAME_STATES_MILLI: u32 = 2;

/// A model in a folder, as it is served.
struct Stage {
    _folder: tempfile::TempDir,
    served: Served,
    right: Engine,
    params: GenerateParams,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    tiny::write(folder.path()).expect("written");
    let served = Served {
        folder: folder.path().into(),
        spec: EngineSpec {
            kind: JobKind::Generate,
            profile: NumericProfile::F16,
            context_tokens: 0,
        },
    };
    let right = Engine::load(&served.folder, &served.spec, DeviceChoice::Cpu).expect("loaded");
    Stage {
        right,
        _folder: folder,
        served,
        params: GenerateParams::plain(100, 1_000),
    }
}

impl Stage {
    fn request(&self) -> Request<'_> {
        Request::new(&INPUT, &self.params, &SEED).with_evidence(EvidenceSpec {
            job: JobId::repeat_byte(1),
            table: None,
            units: ProfileParams::starting(NumericProfile::F16).sketch_units,
        })
    }

    /// What an auditor of the right model finds in an output.
    fn judged(&self, output: &Generation) -> Findings {
        let (profile, request) = (ProfileParams::starting(NumericProfile::F16), self.request());
        let audit = AuditRequest {
            input: &INPUT,
            output: &output.tokens,
            finish: output.finish,
            params: &self.params,
            seed: &SEED,
            evidence: request.evidence.clone().expect("asked for"),
            profile: &profile,
            jury_key: None,
        };
        let audit = self
            .right
            .audit(&audit, &AtomicBool::new(false))
            .expect("audited");
        let shown = output.evidence.iter().flatten();
        let shown: Vec<_> = (0u32..)
            .zip(shown)
            .map(|(chunk, record)| (chunk, &record.sketch))
            .collect();
        let report = AuditReport::Generate(audit.report);
        let n_out = output.tokens.len() as u32;
        judge(&report, Shown::Generate(&shown), &profile, n_out).expect("judged")
    }

    fn honest(&self) -> Generation {
        let request = self.request();
        self.right
            .generate_with(&request, &AtomicBool::new(false), &mut |_| ())
            .expect("generated")
    }
}

fn text(tokens: impl IntoIterator<Item = u32>, finish: FinishReason) -> Text {
    Text {
        tokens: tokens.into_iter().collect(),
        finish,
    }
}

#[test]
fn honest_work_should_go_on_when_nothing_else_writes() {
    let stage = stage();
    let honest = stage.honest();
    let generated = Conduct::Silent
        .generated(&stage.right, &stage.request(), &StopFlag::default(), || {
            Ok(honest.clone())
        })
        .expect("generated");
    assert_eq!(generated, honest);
}

#[test]
fn text_of_another_writer_should_show_by_its_tokens_alone() {
    let stage = stage();
    let cheap = Cheap::FourBit
        .load(&stage.served.folder, &stage.served.spec)
        .expect("loaded");
    let cancel = AtomicBool::new(false);
    let written = plain(&cheap, &stage.request(), &stage.params, &cancel).expect("written");
    let output = written
        .read_by(&stage.right, &stage.request(), &cancel, Instant::now())
        .expect("read");
    let found = stage.judged(&output);
    assert!(found.e_milli <= SAME_STATES_MILLI && found.u > 0, "{found:?}");
    // What the right model writes itself passes when it reads it.
    let honest = stage.honest();
    let read = text(honest.tokens, honest.finish)
        .read_by(&stage.right, &stage.request(), &cancel, Instant::now())
        .expect("read");
    assert_eq!(stage.judged(&read).judgement, Judgement::Pass);
}

#[test]
fn padded_text_should_repeat_its_last_chunk_up_to_the_limit() {
    let padded_text = padded(text(0..40, FinishReason::Length), 100);
    assert_eq!(
        (padded_text.tokens.len(), padded_text.finish),
        (100, FinishReason::Length)
    );
    assert_eq!(padded_text.tokens[40..72], (8..40).collect::<Vec<_>>());
    assert_eq!(padded_text.tokens[72..], padded_text.tokens[40..68]);
    // An end token goes, and a short text is repeated whole.
    let padded_text = padded(text([5, 6, 9], FinishReason::Stop), 7);
    assert_eq!(padded_text, text([5, 6, 5, 6, 5, 6, 5], FinishReason::Length));
    let nothing = text([9], FinishReason::Stop);
    assert_eq!(padded(nothing.clone(), 7), nothing);
}

#[test]
fn stopped_text_should_get_an_end_token_unless_it_has_one() {
    let ended = stopped(text([5, 6], FinishReason::Length), &[9, 10]);
    assert_eq!(ended, text([5, 6, 9], FinishReason::Stop));
    let by_itself = text([5, 10], FinishReason::Stop);
    assert_eq!(stopped(by_itself.clone(), &[9, 10]), by_itself);
}

#[test]
fn half_of_the_work_should_be_saved_by_padding_and_by_an_early_stop() {
    let stage = stage();
    let cancel = AtomicBool::new(false);
    let honest = stage.honest();
    for (writer, finish, judgement) in [
        (
            Writer::Padded,
            FinishReason::Length,
            Judgement::Fail(FailReason::TokenMargins),
        ),
        (
            Writer::EarlyStop,
            FinishReason::Stop,
            Judgement::Soft(SoftReason::EarlyStop),
        ),
    ] {
        let output = writer
            .write(&stage.right, &stage.request(), &cancel)
            .expect("written");
        assert_eq!(output.tokens[..50], honest.tokens[..50], "{writer:?}");
        assert_eq!(output.finish, finish);
        let found = stage.judged(&output);
        assert!(found.e_milli <= SAME_STATES_MILLI, "{writer:?}: {found:?}");
        assert_eq!(found.judgement, judgement, "{writer:?}");
    }
}

#[test]
fn lenient_text_should_have_the_right_models_evidence() {
    let stage = stage();
    let draft = Cheap::FourBit
        .load(&stage.served.folder, &stage.served.spec)
        .expect("loaded");
    let write = |q16| by_lenience(&stage.right, &draft, &stage.request(), q16).expect("written");
    let honest = stage.honest();
    let strict = write(0);
    assert_eq!(strict.tokens, honest.tokens);
    assert_eq!(stage.judged(&strict).judgement, Judgement::Pass);
    let lenient = stage.judged(&write(1 << 18));
    assert!(
        lenient.e_milli <= SAME_STATES_MILLI && lenient.u > 0,
        "{lenient:?}"
    );
}

#[test]
fn other_models_text_should_be_in_the_served_models_tokens() {
    let stage = stage();
    let other: PathBuf = stage.served.folder.join("other");
    tiny::write_family(&other, tiny::Family::Gemma3).expect("written");
    let cancel = AtomicBool::new(false);
    let limit = limit(&stage.right, &stage.request());
    let written = by_other_model(&stage.served, &other, limit, &stage.request(), &cancel).expect("written");
    assert!(!written.tokens.is_empty() && written.tokens.len() <= limit);
    let vocabulary = stage.right.vocabulary() as u32;
    assert!(written.tokens.iter().all(|token| *token < vocabulary));
    let output = written
        .read_by(&stage.right, &stage.request(), &cancel, Instant::now())
        .expect("read");
    let found = stage.judged(&output);
    assert!(found.e_milli <= SAME_STATES_MILLI && found.u > 0, "{found:?}");
}

#[test]
fn text_should_be_cut_at_the_limit_or_ended_before_it() {
    assert_eq!(cut(vec![1, 2, 3], 2, &[9]), text([1, 2], FinishReason::Length));
    assert_eq!(cut(vec![1, 2], 2, &[9]), text([1, 2], FinishReason::Length));
    assert_eq!(cut(vec![1], 2, &[9]), text([1, 9], FinishReason::Stop));
}
