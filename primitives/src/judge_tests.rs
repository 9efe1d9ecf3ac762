//! Tests of the verdict.

use super::*;
use crate::{
    evidence::ChunkRecord,
    token_test::{ChunkTally, OUTSIDE_MARGIN_Q16},
    NumericProfile,
};
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use sp_core::H256;

const BF16: ProfileParams = ProfileParams::starting(NumericProfile::Bf16);
const A8: ProfileParams = ProfileParams::starting(NumericProfile::A8);

/// Sketches of `tokens` tokens whose sums are all `sum`.
fn sketches(tokens: u32, sum: i16) -> Vec<ChunkSketch> {
    (0..chunk_count(tokens))
        .map(|chunk| ChunkSketch::from_tokens(&vec![[sum; 8]; chunk_len(tokens, chunk)]).unwrap())
        .collect()
}

struct Case {
    margins: Vec<u32>,
    worker: Vec<ChunkSketch>,
    ended_right: bool,
    by_end_token: bool,
    params: ProfileParams,
}

impl Case {
    /// An honest output.
    fn of(tokens: u32, params: ProfileParams) -> Self {
        Self {
            margins: vec![0; tokens as usize],
            worker: sketches(tokens, 1_000),
            ended_right: true,
            by_end_token: false,
            params,
        }
    }

    fn tokens(&self) -> u32 {
        self.margins.len() as u32
    }

    fn report(&self) -> AuditReport {
        let records = sketches(self.tokens(), 1_000)
            .into_iter()
            .map(|sketch| ChunkRecord {
                sketch,
                hidden: H256::zero(),
            })
            .collect();
        let report = GenerateReport::new(
            &self.margins,
            records,
            self.ended_right,
            self.by_end_token,
            &self.params,
        );
        AuditReport::Generate(report.unwrap())
    }

    fn findings_of(&self, chunks: &[u32]) -> Findings {
        let shown: Vec<(u32, &ChunkSketch)> = chunks
            .iter()
            .map(|chunk| (*chunk, &self.worker[*chunk as usize]))
            .collect();
        judge(
            &self.report(),
            Shown::Generate(&shown),
            &self.params,
            self.tokens(),
        )
        .unwrap()
    }

    fn findings(&self) -> Findings {
        let all: Vec<u32> = (0..chunk_count(self.tokens())).collect();
        self.findings_of(&all)
    }
}

#[test]
fn judge_should_pass_an_honest_output_and_explain_it() {
    let mut case = Case::of(256, BF16);
    case.worker[3] = ChunkSketch::from_tokens(&[[1_100; 8]; 32]).unwrap();
    case.margins[7] = 10_000;
    let findings = case.findings();
    assert_eq!(findings.judgement, Judgement::Pass);
    // One chunk of eight with e = 0.1: √(0.01 / 8) = 0.0354 over all.
    assert_eq!(findings.e_milli, 36);
    assert_eq!(findings.worst_chunk, Some((3, 100)));
    assert_eq!(
        (findings.tokens, findings.u, findings.x, findings.k, findings.b),
        (256, 9, 1, Some(11), 0)
    );
}

#[test]
fn judge_should_fail_when_the_sketches_lie_too_far_apart() {
    let mut case = Case::of(256, BF16);
    case.worker = sketches(256, 1_121);
    assert_eq!(
        case.findings().judgement,
        Judgement::Fail(FailReason::OutputSketch)
    );
    // Two chunks are judged by the chunk's own threshold alone.
    assert_eq!(case.findings_of(&[0, 5]).judgement, Judgement::Pass);
    case.worker = sketches(256, 1_120);
    assert_eq!(case.findings().judgement, Judgement::Pass);

    let mut case = Case::of(256, BF16);
    case.worker[5] = ChunkSketch::from_tokens(&[[1_181; 8]; 32]).unwrap();
    let failed = Judgement::Fail(FailReason::ChunkSketch { chunk: 5 });
    assert_eq!(case.findings().judgement, failed);
    assert_eq!(case.findings_of(&[5]).judgement, failed);
    assert_eq!(case.findings_of(&[4]).judgement, Judgement::Pass);
}

#[test]
fn judge_should_fail_when_a_sketch_was_not_committed() {
    let mut case = Case::of(64, BF16);
    case.worker[1] = ChunkSketch::default();
    assert_eq!(
        case.findings().judgement,
        Judgement::Fail(FailReason::NoSketch { chunk: 1 })
    );
}

#[test]
fn judge_should_forgive_a_quarter_of_the_positions_when_experts_may_flip() {
    let mut tokens = [[1_000; 8]; 32];
    tokens[3..11].fill([-30_000; 8]);
    let mut case = Case::of(32, BF16);
    case.worker[0] = ChunkSketch::from_tokens(&tokens).unwrap();
    assert!(matches!(case.findings().judgement, Judgement::Fail(_)));
    case.params.kept_of_32 = 24;
    assert_eq!(case.findings().judgement, Judgement::Pass);
}

#[test]
fn judge_should_fail_from_exactly_k_tokens_on() {
    for params in [BF16, A8] {
        let mut case = Case::of(256, params);
        let k = params.token_limit(256).unwrap() as usize;
        case.margins[..k - 1].fill(params.step_q16() + 1);
        assert_eq!(case.findings().judgement, Judgement::Pass);
        case.margins[k - 1] = params.step_q16() + 1;
        assert_eq!(
            case.findings().judgement,
            Judgement::Fail(FailReason::TokenMargins)
        );
    }
}

#[test]
fn judge_should_fail_from_three_hard_tokens_on() {
    let mut case = Case::of(256, BF16);
    case.margins[..2].fill(OUTSIDE_MARGIN_Q16);
    assert_eq!(case.findings().judgement, Judgement::Pass);
    case.margins[200] = 2 << 16;
    assert_eq!(case.findings().judgement, Judgement::Fail(FailReason::HardTokens));
}

#[test]
fn judge_should_only_warn_when_the_output_is_too_short_for_the_token_test() {
    let mut case = Case::of(255, A8);
    case.margins[..20].fill(3 << 16);
    assert_eq!(
        case.findings().judgement,
        Judgement::Soft(SoftReason::ShortOutput)
    );
    case.margins.push(0);
    case.worker = sketches(256, 1_000);
    assert!(matches!(case.findings().judgement, Judgement::Fail(_)));
    // A far sketch fails at any length.
    let mut case = Case::of(255, A8);
    case.worker = sketches(255, 3_000);
    assert!(matches!(case.findings().judgement, Judgement::Fail(_)));
}

#[test]
fn judge_should_be_inconclusive_when_there_is_nothing_to_judge_by() {
    let case = Case::of(40, A8);
    assert_eq!(case.findings_of(&[]).judgement, Judgement::Inconclusive);
    assert_eq!(case.findings_of(&[1]).judgement, Judgement::Pass);
    assert_eq!(Case::of(0, A8).findings().judgement, Judgement::Inconclusive);
    // 256 tokens are judged by their margins alone.
    assert_eq!(Case::of(256, A8).findings_of(&[]).judgement, Judgement::Pass);
}

#[test]
fn judge_should_weigh_the_ending() {
    let mut case = Case::of(256, BF16);
    case.by_end_token = true;
    assert_eq!(case.findings().judgement, Judgement::Pass);
    case.margins[255] = 2 << 16;
    assert_eq!(case.findings().judgement, Judgement::Soft(SoftReason::EarlyStop));
    case.ended_right = false;
    assert_eq!(case.findings().judgement, Judgement::Fail(FailReason::Ending));
}

#[test]
fn judge_should_refuse_when_report_or_opening_do_not_fit_the_output() {
    let case = Case::of(40, BF16);
    let report = case.report();
    let ask = |shown: &[(u32, &ChunkSketch)], n_out| judge(&report, Shown::Generate(shown), &BF16, n_out);
    let (full, short) = (&case.worker[0], &case.worker[1]);
    assert_eq!(
        ask(&[], 33),
        Err(JudgeError::Report(ReportError::SketchLength { chunk: 1 }))
    );
    assert_eq!(ask(&[], 65), Err(JudgeError::Report(ReportError::ChunkCount)));
    assert_eq!(ask(&[(2, full)], 40), Err(JudgeError::ShownChunk { chunk: 2 }));
    assert_eq!(
        ask(&[(0, full), (0, full)], 40),
        Err(JudgeError::ShownChunk { chunk: 0 })
    );
    assert_eq!(ask(&[(0, short)], 40), Err(JudgeError::ShownSketch { chunk: 0 }));
    let governed = ProfileParams {
        version: BF16.version + 1,
        ..BF16
    };
    assert_eq!(
        judge(&report, Shown::Generate(&[]), &governed, 40),
        Err(JudgeError::Report(ReportError::ParamsDiffer))
    );
    assert_eq!(
        judge(&report, Shown::Embed(&[0; 4]), &BF16, 40),
        Err(JudgeError::KindsDiffer)
    );
    let vector = AuditReport::Embed(vec![0; 4].try_into().unwrap());
    assert_eq!(
        judge(&vector, Shown::Generate(&[]), &BF16, 0),
        Err(JudgeError::KindsDiffer)
    );
}

#[test]
fn judge_should_compare_embeddings_by_their_relative_error() {
    let bytes = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
    let report = |values: &[f32]| AuditReport::Embed(bytes(values).try_into().unwrap());
    let judged = |worker: &[f32], auditor: &[f32]| {
        judge(&report(auditor), Shown::Embed(&bytes(worker)), &BF16, 0).map(|findings| findings.judgement)
    };
    assert_eq!(judged(&[0.5, 0.5], &[0.5, 0.5]), Ok(Judgement::Pass));
    assert_eq!(judged(&[0.51, 0.5], &[0.5, 0.5]), Ok(Judgement::Pass));
    assert_eq!(
        judged(&[0.55, 0.5], &[0.5, 0.5]),
        Ok(Judgement::Fail(FailReason::EmbeddingError))
    );
    for unusable in [&[0.5, f32::NAN][..], &[0.5][..], &[][..]] {
        assert_eq!(
            judged(unusable, &[0.5, 0.5]),
            Ok(Judgement::Fail(FailReason::EmbeddingUnusable))
        );
    }
    assert_eq!(
        judged(&[0.5], &[f32::INFINITY]),
        Err(JudgeError::AuditorEmbedding)
    );
}

proptest! {
    #[test]
    fn judge_should_answer_without_panic_when_all_figures_are_arbitrary(
        tokens in 0u32..100, margins in proptest::collection::vec(any::<u32>(), 100),
        sums in proptest::collection::vec(any::<[i16; 8]>(), 100), figures in any::<[u16; 8]>(),
    ) {
        let params = ProfileParams {
            tau_output_milli: figures[0],
            tau_chunk_milli: figures[1],
            kept_of_32: figures[2] as u8,
            step_256: figures[3],
            honest_rate_ppm: figures[4].into(),
            min_tokens: figures[5].into(),
            ..BF16
        };
        let mut case = Case::of(tokens, params);
        case.margins.copy_from_slice(&margins[..tokens as usize]);
        case.worker = sums[..tokens as usize].chunks(32).map(|sums| ChunkSketch::from_tokens(sums).unwrap()).collect();
        // A step of 2 logits or more lets B exceed X, which the report's check refuses.
        if params.step_256 < 512 {
            let findings = case.findings();
            let tally = ChunkTally { u: findings.u as u16, x: findings.x as u8, b: findings.b as u8 };
            prop_assert!(tally.b <= tally.x && findings.x <= tokens && findings.u <= 32 * tokens);
        }
    }
}
