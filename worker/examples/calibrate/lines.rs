//! What is written: one line an output, one line an audit.

use crate::{
    prompts::Set,
    variants::{name, Auditor, Profile, Told, Writer},
};
use ogpu_primitives::{report::Ending, ChunkTally, Findings, FinishReason};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// An output and its worker's sketches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutputLine {
    /// Number of the prompt in its set.
    pub prompt: usize,
    /// Token ids of the prompt.
    pub input: Vec<u32>,
    /// Token ids, the end token included.
    pub output: Vec<u32>,
    /// Why it ended.
    pub finish: FinishReason,
    /// The sketch of each chunk, in hex; empty where another model wrote.
    pub sketches: Vec<String>,
    /// Tokens that only lenience let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub let_in: Option<usize>,
}

/// What one prefill found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditLine {
    /// Number of the prompt in its set.
    pub prompt: usize,
    /// Input tokens.
    pub n_in: usize,
    /// Output tokens.
    pub n_out: usize,
    /// How the output ended, as the auditor sees it.
    pub ending: Ending,
    /// Position and margin (1/65536 logit) of each token that is not the seeded arg-max.
    pub margins: Vec<(u32, u32)>,
    /// U, X and B of each chunk under the starting thresholds.
    pub tallies: Vec<ChunkTally>,
    /// By whose sketches were shown: see [`Evidence`].
    pub evidence: BTreeMap<String, Evidence>,
    /// Duration of the audit in seconds.
    pub seconds: f64,
    /// The auditor's own sketch of each chunk, in hex; left out of the published results.
    pub sketches: Vec<String>,
}

/// What is needed of an audit that was made before: published results have no more.
#[derive(Clone, Debug, Deserialize)]
pub struct AuditMade {
    /// Number of the prompt in its set.
    pub prompt: usize,
    /// The auditor's own sketch of each chunk, in hex; empty where it was not kept.
    #[serde(default)]
    pub sketches: Vec<String>,
}

/// The comparison with one set of sketches: `own` were made while generating, `prefill` by an honest prefill over
/// the same ids (the right prefill), `replayed` belong to another job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Σ(a−b)² and Σb² of each chunk.
    pub chunks: Vec<(u64, u64)>,
    /// The verdict under the starting thresholds, all chunks shown.
    pub findings: Findings,
}

/// Jobs of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Arithmetic that the job asks for.
    pub profile: Profile,
    /// Temperature in 1/1000 that the writer used.
    pub temperature: u16,
    /// Prompts.
    pub set: Set,
    /// Who wrote.
    pub writer: Writer,
}

impl Cell {
    fn name(&self) -> String {
        let (profile, set, writer) = (name(&self.profile), name(&self.set), name(&self.writer));
        format!("{profile}-{}-{set}-{writer}", self.temperature)
    }

    /// The file of its outputs.
    pub fn outputs(&self, data: &Path) -> PathBuf {
        data.join("outputs").join(self.name() + ".jsonl")
    }

    /// The file of audits of it.
    pub fn audits(&self, data: &Path, auditor: Auditor, told: Told) -> PathBuf {
        let file = format!("{}-{}-{}.jsonl", self.name(), name(&auditor), name(&told));
        data.join("audits").join(file)
    }
}
