//! What an auditor reports: first a hash of it, then, after the worker opened, the report itself.

use crate::{
    evidence::{chunk_count, chunk_len, ChunkRecord, CHUNK_TOKENS, MAX_CHUNKS, MAX_OUTPUT_TOKENS},
    explain::explain,
    hash::tagged_hash,
    jury_sketch::sketched_tokens,
    profile::ProfileParams,
    sketch::{ChunkSketch, SUMS},
    token_test::{ChunkTally, OUTSIDE_MARGIN_Q16},
    JobKind,
};
use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Most bytes of an embedding: 16,384 values.
pub const MAX_EMBEDDING_BYTES: u32 = 65_536;

/// An embedding's f32 values, little-endian.
pub type EmbeddingBytes = BoundedVec<u8, ConstU32<MAX_EMBEDDING_BYTES>>;

/// What an auditor found in one chunk.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChunkReport {
    /// The token test's numbers.
    pub tally: ChunkTally,
    /// The sketch of the auditor's own hidden states.
    pub sketch: ChunkSketch,
}

/// How the output ended, as an auditor sees it.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Ending {
    /// At the output limit or the end of the context, without an end token, and the header says so.
    #[codec(index = 0)]
    AtLimit,
    /// With an end token, and the header says so.
    #[codec(index = 1)]
    EndToken {
        /// min(255, ⌊64·margin⌋) of the end token: by how much it loses, so that an early stop shows.
        margin_64: u8,
    },
    /// Not as the header says: no end token at its end, an end token before its end, or short of the limit.
    #[codec(index = 2)]
    Contradicted,
}

/// A report on a generated text.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct GenerateReport {
    /// One entry a chunk of the output.
    pub chunks: BoundedVec<ChunkReport, ConstU32<MAX_CHUNKS>>,
    /// How the output ended.
    pub ending: Ending,
    /// Version of the profile's thresholds under which X was counted and the sketches were made.
    pub params_version: u32,
    /// What shows that a juror computed ([`crate::jury_sketch`]); `None` in an auditor's report, and where a juror
    /// dissents from what it cannot compute on.
    pub jury_sketch: Option<ChunkSketch>,
}

/// A report; the index is the job's kind.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum AuditReport {
    /// On a generated text.
    #[codec(index = 0)]
    Generate(GenerateReport),
    /// On an embedding: the auditor's own vector.
    #[codec(index = 1)]
    Embed(EmbeddingBytes),
}

/// Why a report is not one on the output that was committed.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ReportError {
    /// The report is on another kind of job; use the variant of the job's kind.
    WrongKind,
    /// The report has not as many chunks as the committed number of output tokens gives; audit exactly the
    /// committed ids.
    ChunkCount,
    /// A chunk's sketch does not cover that chunk's tokens; sketch each output token once, from position 0.
    SketchLength {
        /// The chunk.
        chunk: u32,
    },
    /// A chunk's U, X and B cannot come from its number of tokens; count with `ChunkTally::add`.
    ImpossibleTally {
        /// The chunk.
        chunk: u32,
    },
    /// The output has more than [`MAX_OUTPUT_TOKENS`] tokens; it cannot be audited in this format.
    TooLong,
    /// The report was made under another version of the profile's thresholds than the job's; audit with the
    /// ones that were fixed when the job was assigned.
    ParamsDiffer,
    /// There is not one margin and one sketched position for each output token; the audit was cut short.
    MarginCount,
    /// The embedding is empty or not a whole number of f32 values.
    VectorLength,
    /// The jury's sketch does not cover as many tokens as the jury drew; make it with `JurySketcher`.
    JurySketchLength,
}

explain!(ReportError {
    Self::WrongKind => "the report is on another kind of job: report on the job's kind";
    Self::ChunkCount => "the report has not as many chunks as the output: audit exactly the committed ids";
    Self::SketchLength { chunk } =>
        "the sketch of chunk {chunk} does not cover its tokens: sketch every token once";
    Self::ImpossibleTally { chunk } =>
        "U, X and B of chunk {chunk} cannot come from its tokens: count every token once";
    Self::TooLong =>
        "the output has more than {MAX_OUTPUT_TOKENS} tokens: it cannot be audited in this format";
    Self::ParamsDiffer =>
        "the report was made under other thresholds than the job's: audit with those of its assignment";
    Self::MarginCount =>
        "margins and sketches do not cover the same tokens: the audit was cut short, run it again";
    Self::VectorLength => "the embedding is empty or not a whole number of f32 values";
    Self::JurySketchLength =>
        "the jury's sketch does not cover as many tokens as the jury drew: sketch each of them once";
});

impl GenerateReport {
    /// The report of an auditor that measured a margin for each output token (`TokenTest::margin_q16`) and
    /// recorded the same positions.
    ///
    /// `ended_right` is false when the output did not end as its header says; `by_end_token` whether its last
    /// token is an end token of the model or the job.
    pub fn new(
        margins_q16: &[u32],
        records: Vec<ChunkRecord>,
        ended_right: bool,
        by_end_token: bool,
        params: &ProfileParams,
    ) -> Result<Self, ReportError> {
        let tokens = u32::try_from(margins_q16.len()).map_err(|_| ReportError::TooLong)?;
        if tokens > MAX_OUTPUT_TOKENS {
            return Err(ReportError::TooLong);
        }
        if records.len() != chunk_count(tokens) as usize {
            return Err(ReportError::MarginCount);
        }
        let chunks = margins_q16
            .chunks(CHUNK_TOKENS)
            .zip(records)
            .map(|(margins, record)| {
                let mut tally = ChunkTally::default();
                margins.iter().for_each(|margin| tally.add(*margin, params));
                ChunkReport {
                    tally,
                    sketch: record.sketch,
                }
            })
            .collect::<Vec<_>>();
        let report = Self {
            chunks: chunks.try_into().map_err(|_| ReportError::TooLong)?,
            ending: match (ended_right, by_end_token) {
                (false, _) => Ending::Contradicted,
                (true, false) => Ending::AtLimit,
                (true, true) => Ending::EndToken {
                    margin_64: margins_q16.last().map_or(0, |margin| end_margin_64(*margin)),
                },
            },
            params_version: params.version,
            jury_sketch: None,
        };
        report.check(tokens).map(|()| report)
    }

    /// The report on an output of `n_out` tokens that no honest worker commits to, whatever the arithmetic says: every
    /// token counts as lost and the ending as contradicted, so it fails whatever the worker opens. Sketches are zeros.
    pub fn impossible(n_out: u32, params: &ProfileParams) -> Result<Self, ReportError> {
        if n_out > MAX_OUTPUT_TOKENS {
            return Err(ReportError::TooLong);
        }
        let chunks = (0..chunk_count(n_out))
            .map(|chunk| {
                let tokens = chunk_len(n_out, chunk);
                let mut tally = ChunkTally::default();
                (0..tokens).for_each(|_| tally.add(OUTSIDE_MARGIN_Q16, params));
                // At most CHUNK_TOKENS, so the sketch always fits.
                let sketch = ChunkSketch::from_sums(vec![0; tokens * SUMS]).unwrap_or_default();
                ChunkReport { tally, sketch }
            })
            .collect::<Vec<_>>();
        Ok(Self {
            chunks: chunks.try_into().map_err(|_| ReportError::TooLong)?,
            ending: Ending::Contradicted,
            params_version: params.version,
            jury_sketch: None,
        })
    }

    /// The same report with a juror's sketch.
    pub fn with_jury_sketch(mut self, sketch: Option<ChunkSketch>) -> Self {
        self.jury_sketch = sketch;
        self
    }

    /// Whether the report can be one on an output of `n_out` tokens.
    pub fn check(&self, n_out: u32) -> Result<(), ReportError> {
        if n_out > MAX_OUTPUT_TOKENS {
            return Err(ReportError::TooLong);
        }
        if self.chunks.len() != chunk_count(n_out) as usize {
            return Err(ReportError::ChunkCount);
        }
        for (chunk, report) in (0u32..).zip(&self.chunks) {
            let tokens = chunk_len(n_out, chunk);
            if !report.sketch.covers(tokens) {
                return Err(ReportError::SketchLength { chunk });
            }
            if !report.tally.is_possible(tokens) {
                return Err(ReportError::ImpossibleTally { chunk });
            }
        }
        match &self.jury_sketch {
            Some(sketch) if !sketch.covers(sketched_tokens(n_out)) => Err(ReportError::JurySketchLength),
            _ => Ok(()),
        }
    }
}

/// min(255, ⌊64·margin⌋): unlike in U, 2 logits still show.
fn end_margin_64(margin_q16: u32) -> u8 {
    u8::try_from(margin_q16 >> 10).unwrap_or(u8::MAX)
}

impl AuditReport {
    /// The dissent from a result that no honest worker commits to: [`GenerateReport::impossible`], or a vector that is
    /// no embedding's. That one has a single value, taken from `salt`, so that no worker can have committed to it.
    pub fn impossible(
        kind: JobKind,
        n_out: u32,
        params: &ProfileParams,
        salt: &[u8; 32],
    ) -> Result<Self, ReportError> {
        match kind {
            JobKind::Generate => GenerateReport::impossible(n_out, params).map(Self::Generate),
            JobKind::Embed => {
                let [a, b, c, d, ..] = *salt;
                // Any f32 but for NaN and infinity, whose exponent is all ones.
                let exponent_full = d & 0x7F == 0x7F && c & 0x80 != 0;
                let value = [a, b, if exponent_full { c & 0x7F } else { c }, d];
                let bytes = value.to_vec().try_into().map_err(|_| ReportError::VectorLength)?;
                Ok(Self::Embed(bytes))
            }
        }
    }

    /// What shows that a juror computed, where it says so.
    pub fn jury_sketch(&self) -> Option<&ChunkSketch> {
        match self {
            Self::Generate(report) => report.jury_sketch.as_ref(),
            Self::Embed(_) => None,
        }
    }

    /// The kind of job that it is on.
    pub fn kind(&self) -> JobKind {
        match self {
            Self::Generate(_) => JobKind::Generate,
            Self::Embed(_) => JobKind::Embed,
        }
    }

    /// Whether it can be a report on a job of `kind` whose commitment has `n_out` output tokens.
    pub fn check(&self, kind: JobKind, n_out: u32) -> Result<(), ReportError> {
        match (self, kind) {
            (Self::Generate(report), JobKind::Generate) => report.check(n_out),
            (Self::Embed(vector), JobKind::Embed) if vector.is_empty() || vector.len() % 4 != 0 => {
                Err(ReportError::VectorLength)
            }
            (Self::Embed(_), JobKind::Embed) => Ok(()),
            _ => Err(ReportError::WrongKind),
        }
    }

    /// H("ogpu/report/v1", auditor ‖ salt ‖ SCALE(report)): what an auditor commits to, so that nobody can
    /// copy its report and it cannot wait for the worker's opening.
    pub fn commitment(&self, auditor: &[u8; 32], salt: &[u8; 32]) -> H256 {
        tagged_hash(b"ogpu/report/v1", &(auditor, salt, self).encode())
    }
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
