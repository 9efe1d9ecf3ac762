//! The verdict on one audit: worker's opening against auditor's report, under the profile's thresholds.

use crate::{
    difference::Difference,
    embedding,
    evidence::{chunk_count, chunk_len},
    explain::explain,
    profile::{ProfileParams, HARD_TOKENS},
    report::{AuditReport, Ending, GenerateReport, ReportError},
    sketch::ChunkSketch,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What the worker showed, with its proofs already verified ([`crate::opening`]).
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// Chunks of a generated text and their sketches. The output's own threshold applies only when all are
    /// shown, each once.
    Generate(&'a [(u32, &'a ChunkSketch)]),
    /// An embedding's f32 values, little-endian.
    Embed(&'a [u8]),
}

/// Why a result failed.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum FailReason {
    /// The output did not end as its header says.
    #[codec(index = 0)]
    Ending,
    /// All chunks together lie too far from the auditor's hidden states.
    #[codec(index = 1)]
    OutputSketch,
    /// This chunk lies too far from the auditor's hidden states.
    #[codec(index = 2)]
    ChunkSketch { chunk: u32 },
    /// This chunk was committed without a sketch although the profile asks for one.
    #[codec(index = 3)]
    NoSketch { chunk: u32 },
    /// Too many tokens lose the seeded arg-max: X ≥ k(N).
    #[codec(index = 4)]
    TokenMargins,
    /// Three or more tokens lose by 2 logits or could not be candidates at all.
    #[codec(index = 5)]
    HardTokens,
    /// The embedding lies too far from the auditor's.
    #[codec(index = 6)]
    EmbeddingError,
    /// The embedding has no usable values: NaN, infinity or another length.
    #[codec(index = 7)]
    EmbeddingUnusable,
}

/// What speaks against a result without making it wrong.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum SoftReason {
    /// The end token loses by 2 logits or more: the output seems to have been ended early.
    #[codec(index = 0)]
    EarlyStop,
    /// The tokens would fail, but there are fewer than the profile judges.
    #[codec(index = 1)]
    ShortOutput,
}

/// The verdict.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Judgement {
    /// Nothing speaks against the result.
    #[codec(index = 0)]
    Pass,
    /// The result is paid. Where two auditors say so, the owner's next ones are all audited.
    #[codec(index = 1)]
    Soft(SoftReason),
    /// The auditor dissents.
    #[codec(index = 2)]
    Fail(FailReason),
    /// There was nothing to judge by: no chunk shown and too few tokens for the token test.
    #[codec(index = 3)]
    Inconclusive,
}

/// The verdict and the figures that explain it.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Findings {
    /// The verdict.
    pub judgement: Judgement,
    /// The sums of e² over all chunks shown, or of the embedding; for the running sum of sketches.
    pub difference: Difference,
    /// e over all chunks shown, or of the embedding, in 1/1000, rounded up.
    pub e_milli: u32,
    /// The chunk shown that lies furthest off, and its e in 1/1000.
    pub worst_chunk: Option<(u32, u32)>,
    /// Output tokens.
    pub tokens: u32,
    /// Σ U.
    pub u: u32,
    /// X: tokens beyond the step.
    pub x: u32,
    /// k(N); `None` when the output is too short for it.
    pub k: Option<u32>,
    /// B: tokens that lose by 2 logits.
    pub b: u32,
}

/// Why there is no verdict. Nobody but the maker of the faulty message is to blame.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum JudgeError {
    /// The report does not fit the commitment: the auditor's fault.
    Report(ReportError),
    /// Report and opening are of different kinds of job; open and report on the job's kind.
    KindsDiffer,
    /// A chunk beyond the output, or one chunk twice; verify openings before judging.
    ShownChunk {
        /// The chunk.
        chunk: u32,
    },
    /// A sketch shown does not cover its chunk; verify openings before judging.
    ShownSketch {
        /// The chunk.
        chunk: u32,
    },
    /// The auditor's own embedding is unusable: the auditor's fault.
    AuditorEmbedding,
}

explain!(JudgeError {
    Self::Report(error) => "{error}";
    Self::KindsDiffer => "report and opening are of different kinds of job: use the job's kind for both";
    Self::ShownChunk { chunk } =>
        "chunk {chunk} is beyond the output or shown twice: verify openings before judging";
    Self::ShownSketch { chunk } =>
        "the sketch shown of chunk {chunk} does not cover it: verify openings before judging";
    Self::AuditorEmbedding => "the auditor's embedding is unusable: the report is at fault";
});

/// Judges an output of `n_out` tokens (0 for embeddings).
pub fn judge(
    report: &AuditReport,
    shown: Shown<'_>,
    params: &ProfileParams,
    n_out: u32,
) -> Result<Findings, JudgeError> {
    report.check(report.kind(), n_out).map_err(JudgeError::Report)?;
    match (report, shown) {
        (AuditReport::Generate(report), Shown::Generate(shown)) => {
            judge_generate(report, shown, params, n_out)
        }
        (AuditReport::Embed(auditor), Shown::Embed(worker)) => judge_embedding(worker, auditor, params),
        _ => Err(JudgeError::KindsDiffer),
    }
}

fn judge_generate(
    report: &GenerateReport,
    shown: &[(u32, &ChunkSketch)],
    params: &ProfileParams,
    n_out: u32,
) -> Result<Findings, JudgeError> {
    if report.params_version != params.version {
        return Err(JudgeError::Report(ReportError::ParamsDiffer));
    }
    let sketches = compare_sketches(report, shown, params, n_out)?;
    let (mut u, mut x, mut b) = (0u32, 0u32, 0u32);
    for chunk in &report.chunks {
        u = u.saturating_add(chunk.tally.u.into());
        x = x.saturating_add(chunk.tally.x.into());
        b = b.saturating_add(chunk.tally.b.into());
    }
    let k = params.token_limit(n_out);
    let complete = n_out > 0 && shown.len() == chunk_count(n_out) as usize;
    let judgement = if report.ending == Ending::Contradicted {
        Judgement::Fail(FailReason::Ending)
    } else if let Some(reason) = sketches.failure {
        Judgement::Fail(reason)
    } else if complete && params.output_differs(&sketches.total) {
        Judgement::Fail(FailReason::OutputSketch)
    } else {
        judge_tokens(report, params, n_out, (x, b, k), shown.is_empty())
    };
    Ok(Findings {
        judgement,
        difference: sketches.total,
        e_milli: sketches.total.e_milli(),
        worst_chunk: sketches.worst,
        tokens: n_out,
        u,
        x,
        k,
        b,
    })
}

fn judge_tokens(
    report: &GenerateReport,
    params: &ProfileParams,
    n_out: u32,
    (x, b, k): (u32, u32, Option<u32>),
    nothing_shown: bool,
) -> Judgement {
    /// 64·2 logits.
    const EARLY_STOP_64: u8 = 128;
    let early = matches!(report.ending, Ending::EndToken { margin_64 } if margin_64 >= EARLY_STOP_64);
    let Some(k) = k else {
        let would_fail = x >= crate::poisson::limit(params.honest_rate_ppm, n_out);
        return if b >= HARD_TOKENS || would_fail {
            Judgement::Soft(SoftReason::ShortOutput)
        } else if early {
            Judgement::Soft(SoftReason::EarlyStop)
        } else if nothing_shown {
            Judgement::Inconclusive
        } else {
            Judgement::Pass
        };
    };
    if x >= k {
        Judgement::Fail(FailReason::TokenMargins)
    } else if b >= HARD_TOKENS {
        Judgement::Fail(FailReason::HardTokens)
    } else if early {
        Judgement::Soft(SoftReason::EarlyStop)
    } else {
        Judgement::Pass
    }
}

struct Sketches {
    total: Difference,
    worst: Option<(u32, u32)>,
    failure: Option<FailReason>,
}

fn compare_sketches(
    report: &GenerateReport,
    shown: &[(u32, &ChunkSketch)],
    params: &ProfileParams,
    n_out: u32,
) -> Result<Sketches, JudgeError> {
    let mut found = Sketches {
        total: Difference::default(),
        worst: None,
        failure: None,
    };
    for (at, (chunk, worker)) in shown.iter().enumerate() {
        let chunk = *chunk;
        let twice = shown[..at].iter().any(|(other, _)| *other == chunk);
        let auditor = report.chunks.get(chunk as usize);
        let Some(auditor) = auditor.filter(|_| !twice) else {
            return Err(JudgeError::ShownChunk { chunk });
        };
        if worker.sums().is_empty() {
            found.failure = found.failure.or(Some(FailReason::NoSketch { chunk }));
            continue;
        }
        if !worker.covers(chunk_len(n_out, chunk)) {
            return Err(JudgeError::ShownSketch { chunk });
        }
        let difference = Difference::between(worker, &auditor.sketch, params.kept_of_32)
            .ok_or(JudgeError::ShownSketch { chunk })?;
        let e_milli = difference.e_milli();
        if found.worst.is_none_or(|(_, worst)| e_milli > worst) {
            found.worst = Some((chunk, e_milli));
        }
        if params.chunk_differs(&difference) {
            found.failure = found.failure.or(Some(FailReason::ChunkSketch { chunk }));
        }
        found.total = found.total.plus(difference);
    }
    Ok(found)
}

fn judge_embedding(worker: &[u8], auditor: &[u8], params: &ProfileParams) -> Result<Findings, JudgeError> {
    embedding::difference(auditor, auditor).map_err(|_| JudgeError::AuditorEmbedding)?;
    let compared = embedding::difference(worker, auditor);
    let difference = compared.unwrap_or_default();
    let judgement = match compared {
        Err(_) => Judgement::Fail(FailReason::EmbeddingUnusable),
        Ok(found) if embedding::exceeds(&found, params.embed_tolerance_ppm) => {
            Judgement::Fail(FailReason::EmbeddingError)
        }
        Ok(_) => Judgement::Pass,
    };
    Ok(Findings {
        judgement,
        difference,
        e_milli: difference.e_milli(),
        worst_chunk: None,
        tokens: 0,
        u: 0,
        x: 0,
        k: None,
        b: 0,
    })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
