//! `audit`: checks one recorded output by one prefill over it, as an auditor of the network does, and says why it
//! passes or fails. With `--make` it computes an output and records it.

pub mod make;
pub mod record;
#[cfg(test)]
mod tests;

use super::output;
use crate::engine::{AuditRequest, DeviceChoice, Engine, EngineError, EngineSpec, EvidenceSpec};
use anyhow::Result;
use clap::{Args, ValueEnum};
use ogpu_client::models::{TemplateError, TokenizerError};
use ogpu_primitives::{
    difference::Difference, judge, profile::HARD_TOKENS, AuditReport, ChunkSketch, FailReason, Findings,
    JobKind, JudgeError, Judgement, NumericProfile, Shown, SoftReason,
};
use record::{files_hash, Record, RecordError};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::{atomic::AtomicBool, Arc},
};

/// Arguments of `audit`.
///
/// Exit codes: 0 it passes, 1 it fails, 2 the record cannot be audited, which says nothing about the output.
#[derive(Args, Debug)]
pub struct Audit {
    /// The record to check; with --make, to write.
    #[arg(long, value_name = "RECORD")]
    pub file: PathBuf,
    /// Folder of the model [default: the one that the record names].
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Numeric profile; a record of another one is refused.
    #[arg(long)]
    pub profile: Option<Profile>,
    /// Whitening table [default: the one that the record names, or none with --make].
    #[arg(long, value_name = "TABLE")]
    pub whitening: Option<PathBuf>,
    /// Compute an output for the prompt in this text file and record it.
    #[arg(long, value_name = "PROMPT-FILE", requires = "model", requires = "profile")]
    pub make: Option<PathBuf>,
    /// With --make: most output tokens.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub tokens: u32,
    /// With --make: temperature; 0 is greedy.
    #[arg(long, value_name = "T", default_value_t = 0.8)]
    pub temperature: f32,
    /// With --make: number from which the noise comes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A numeric profile as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// f32 or f16 activations.
    F16,
    /// bf16 activations.
    Bf16,
    /// int8 activations.
    A8,
}

impl From<Profile> for NumericProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::F16 => Self::F16,
            Profile::Bf16 => Self::Bf16,
            Profile::A8 => Self::A8,
        }
    }
}

/// Why nothing can be said about an output.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The record or what it names is at fault.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The model cannot be loaded or computed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The prompt cannot be put into tokens.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The prompt does not go through the chat template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Report and record are not about the same output.
    #[error("the report is not one on this output: {0:?}; this is a fault of the program, report it")]
    Judge(JudgeError),
    /// A file cannot be read or written.
    #[error("{path}: {source}; check path and permissions")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A temperature that no job can have.
    #[error("temperature {0} is not possible; give 0 to 65.5")]
    Temperature(f32),
}

/// What an audit found, with the limits that it was judged by.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Whether the auditor accepts the output.
    pub passes: bool,
    /// Why, for people.
    pub verdict: String,
    /// Arithmetic.
    pub profile: NumericProfile,
    /// Input tokens.
    pub input_tokens: usize,
    /// The chunks; empty when the output is impossible.
    pub chunks: Vec<Chunk>,
    /// Totals and verdict as the runtime computes them; `None` when the output is impossible.
    pub findings: Option<Findings>,
    /// τ of the output and of a chunk in 1/1000.
    pub limits_milli: (u16, u16),
}

/// One chunk of the output.
#[derive(Debug, Serialize)]
pub struct Chunk {
    /// Tokens.
    pub tokens: usize,
    /// Σ of margins, cut.
    pub u: u16,
    /// Tokens beyond the step.
    pub x: u8,
    /// Tokens that lose by two logits.
    pub b: u8,
    /// Difference of the sketches in 1/1000.
    pub e_milli: u32,
}

/// Checks and prints, or makes a record. False when the output fails.
pub fn run(arguments: &Audit) -> Result<bool> {
    if let (Some(prompt), Some(model), Some(profile)) = (&arguments.make, &arguments.model, arguments.profile)
    {
        let made = make::run(&make::Wish {
            prompt,
            model,
            profile: profile.into(),
            whitening: arguments.whitening.as_deref(),
            tokens: arguments.tokens,
            temperature: arguments.temperature,
            seed: arguments.seed,
        })?;
        make::write(&made, &arguments.file)?;
        eprintln!(
            "{} output tokens recorded in {}",
            made.output.len(),
            arguments.file.display()
        );
        return Ok(true);
    }
    let record = Record::read(&arguments.file)?;
    let asked = arguments.profile.map(NumericProfile::from);
    let outcome = check(
        &record,
        arguments.model.as_deref(),
        asked,
        arguments.whitening.as_deref(),
    )?;
    match arguments.json {
        true => output::json(&outcome)?,
        false => print(&outcome),
    }
    Ok(outcome.passes)
}

/// Audits a record that was read. `model` and `whitening` replace the paths in it.
pub fn check(
    record: &Record,
    model: Option<&Path>,
    profile: Option<NumericProfile>,
    whitening: Option<&Path>,
) -> Result<Outcome, AuditError> {
    let thresholds = &record.thresholds;
    if let Some(asked) = profile.filter(|asked| *asked != thresholds.profile) {
        let record = thresholds.profile;
        return Err(RecordError::Profile { record, asked }.into());
    }
    let dir = model.unwrap_or(&record.model);
    if files_hash(dir).map_err(RecordError::from)? != record.files {
        return Err(RecordError::Files { dir: dir.into() }.into());
    }
    let spec = EngineSpec {
        kind: JobKind::Generate,
        profile: thresholds.profile,
        context_tokens: 0,
    };
    let engine = Engine::load(dir, &spec, DeviceChoice::Auto)?;
    record.check_vocabulary(engine.vocabulary())?;
    let table = record.table(engine.hidden_size()? as u32, whitening)?;
    let evidence = EvidenceSpec {
        job: record.work.job,
        table: Some(Arc::new(table)),
        units: thresholds.sketch_units,
    };
    let request = AuditRequest {
        input: &record.input,
        output: &record.output,
        finish: record.finish,
        params: &record.params,
        seed: &record.seed(),
        evidence,
        profile: thresholds,
        jury_key: None,
    };
    let mut outcome = Outcome {
        passes: false,
        verdict: String::new(),
        profile: thresholds.profile,
        input_tokens: record.input.len(),
        chunks: Vec::new(),
        findings: None,
        limits_milli: (thresholds.tau_output_milli, thresholds.tau_chunk_milli),
    };
    let audit = match engine.audit(&request, &AtomicBool::new(false)) {
        Ok(audit) => audit,
        Err(error @ EngineError::Output(_)) => {
            outcome.verdict = error.to_string();
            return Ok(outcome);
        }
        Err(error) => return Err(error.into()),
    };
    let records = record.records()?;
    outcome.chunks = records
        .iter()
        .zip(&audit.report.chunks)
        .map(|(worker, auditor)| Chunk {
            tokens: worker.sketch.tokens(),
            u: auditor.tally.u,
            x: auditor.tally.x,
            b: auditor.tally.b,
            e_milli: Difference::between(&worker.sketch, &auditor.sketch, thresholds.kept_of_32)
                .map_or(u32::MAX, |difference| difference.e_milli()),
        })
        .collect();
    let shown: Vec<(u32, &ChunkSketch)> = (0u32..)
        .zip(records.iter().map(|record| &record.sketch))
        .collect();
    let report = AuditReport::Generate(audit.report);
    let n_out = record.output.len() as u32;
    let findings = judge(&report, Shown::Generate(&shown), thresholds, n_out).map_err(AuditError::Judge)?;
    outcome.passes = matches!(findings.judgement, Judgement::Pass | Judgement::Soft(_));
    outcome.verdict = explain(&findings, &outcome, thresholds.step_256);
    outcome.findings = Some(findings);
    Ok(outcome)
}

/// The verdict in words.
fn explain(findings: &Findings, outcome: &Outcome, step_256: u16) -> String {
    let (output, chunk) = outcome.limits_milli;
    let fraction = |milli: u32| f64::from(milli) / 1_000.0;
    let at = |index: u32| {
        outcome
            .chunks
            .get(index as usize)
            .map_or(0, |chunk| chunk.e_milli)
    };
    match findings.judgement {
        Judgement::Pass => "nothing speaks against it".into(),
        Judgement::Soft(SoftReason::EarlyStop) => {
            "accepted, but counted: its end token loses by two logits or more, so it seems to end early".into()
        }
        Judgement::Soft(SoftReason::ShortOutput) => {
            "accepted, but counted: its tokens would fail if there were enough of them to judge".into()
        }
        Judgement::Inconclusive => "there is nothing to judge it by".into(),
        Judgement::Fail(reason) => match reason {
            FailReason::Ending => "it does not end as the record says".into(),
            FailReason::OutputSketch => format!(
                "its hidden states lie {:.3} from this machine's, and {:.3} is allowed",
                fraction(findings.e_milli),
                fraction(output.into())
            ),
            FailReason::ChunkSketch { chunk: index } => format!(
                "the hidden states of chunk {index} lie {:.3} from this machine's, and {:.3} is allowed",
                fraction(at(index)),
                fraction(chunk.into())
            ),
            FailReason::NoSketch { chunk } => format!("chunk {chunk} has no sketch"),
            FailReason::TokenMargins => format!(
                "{} of {} tokens lose the seeded draw by more than {:.3} logit, and {} fail it",
                findings.x,
                findings.tokens,
                f64::from(step_256) / 256.0,
                findings.k.unwrap_or_default()
            ),
            FailReason::HardTokens => format!(
                "{} tokens lose the seeded draw by two logits or could not be drawn at all, and {HARD_TOKENS} fail it",
                findings.b
            ),
            FailReason::EmbeddingError | FailReason::EmbeddingUnusable => "its vector is another one".into(),
        },
    }
}

fn print(outcome: &Outcome) {
    let (output, chunk) = outcome.limits_milli;
    let shown = |milli: u32| format!("{:.3}", f64::from(milli) / 1_000.0);
    if let Some(findings) = &outcome.findings {
        let rows = outcome.chunks.iter().enumerate().map(|(index, chunk)| {
            let Chunk {
                tokens,
                u,
                x,
                b,
                e_milli,
            } = chunk;
            vec![
                index.to_string(),
                tokens.to_string(),
                u.to_string(),
                x.to_string(),
                b.to_string(),
                shown(*e_milli),
            ]
        });
        let total = vec![
            "all".into(),
            findings.tokens.to_string(),
            findings.u.to_string(),
            findings.x.to_string(),
            findings.b.to_string(),
            shown(findings.e_milli),
        ];
        let limits = vec![
            "limit".into(),
            String::new(),
            String::new(),
            findings
                .k
                .map_or_else(|| "too short".into(), |k| format!("< {k}")),
            format!("< {HARD_TOKENS}"),
            format!("≤ {}, chunk ≤ {}", shown(output.into()), shown(chunk.into())),
        ];
        output::table(
            &["chunk", "tokens", "U", "X", "B", "e"],
            rows.chain([total, limits]),
        );
    }
    let word = if outcome.passes { "pass" } else { "FAIL" };
    output::line(&format!("{word} ({:?}): {}", outcome.profile, outcome.verdict));
}
