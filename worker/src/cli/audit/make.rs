//! Computes an output as a worker does and records it.

use super::{
    record::{files_hash, read_table, Record, RecordError, RecordedChunk, FORMAT},
    AuditError,
};
use crate::engine::{evidence::unit_table, DeviceChoice, Engine, EngineSpec, EvidenceSpec, Request};
use codec::Encode;
use ogpu_client::models::{ChatMessage, ChatTemplate, ModelTokenizer};
use ogpu_primitives::{
    sampler, tagged_hash, GenerateParams, JobKind, NumericProfile, ProfileParams, WorkKey, H256,
};
use std::{
    path::Path,
    sync::{atomic::AtomicBool, Arc},
};

/// What to compute.
pub struct Wish<'a> {
    /// Text file.
    pub prompt: &'a Path,
    /// Folder.
    pub model: &'a Path,
    /// Arithmetic.
    pub profile: NumericProfile,
    /// Table; `None` for the one that changes nothing.
    pub whitening: Option<&'a Path>,
    /// Most output tokens.
    pub tokens: u32,
    /// Temperature.
    pub temperature: f32,
    /// Number from which the noise comes.
    pub seed: u64,
}

/// Computes it, under the thresholds with which a profile starts.
pub fn run(wish: &Wish<'_>) -> Result<Record, AuditError> {
    let temperature = (wish.temperature * 1_000.0).round();
    if !(0.0..=f32::from(u16::MAX)).contains(&temperature) {
        return Err(AuditError::Temperature(wish.temperature));
    }
    let text = std::fs::read_to_string(wish.prompt).map_err(|source| AuditError::Io {
        path: wish.prompt.into(),
        source,
    })?;
    let input = input(wish.model, text.trim_end())?;
    let spec = EngineSpec {
        kind: JobKind::Generate,
        profile: wish.profile,
        context_tokens: 0,
    };
    let engine = Engine::load(wish.model, &spec, DeviceChoice::Auto)?;
    let params = GenerateParams {
        seed: tagged_hash(b"ogpu/audit/seed", &wish.seed.encode()).0,
        ..GenerateParams::plain(wish.tokens, temperature as u16)
    };
    let files = files_hash(wish.model).map_err(RecordError::from)?;
    let (genesis, model_id) = (H256::zero(), files);
    let seed = sampler::seed(&genesis, &model_id, &params);
    let table = match wish.whitening {
        Some(path) => Arc::new(read_table(path)?),
        None => unit_table(engine.hidden_size()?)?,
    };
    let thresholds = ProfileParams::starting(wish.profile);
    let job = tagged_hash(b"ogpu/audit/job", &(&input, &seed).encode());
    let evidence = EvidenceSpec {
        job,
        table: Some(table.clone()),
        units: thresholds.sketch_units,
    };
    let request = Request::new(&input, &params, &seed).with_evidence(evidence);
    let generation = engine.generate_with(&request, &AtomicBool::new(false), &mut |_| ())?;
    let mut record = Record {
        format: FORMAT,
        model: absolute(wish.model)?,
        files,
        model_id,
        genesis,
        worker: H256::zero(),
        work: WorkKey {
            job,
            segment: 0,
            attempt: 0,
        },
        thresholds,
        whitening: wish.whitening.map(absolute).transpose()?,
        whitening_hash: table.hash(),
        params,
        input,
        output: generation.tokens,
        finish: generation.finish,
        chunks: generation
            .evidence
            .unwrap_or_default()
            .iter()
            .map(RecordedChunk::from)
            .collect(),
        root: H256::zero(),
    };
    record.root = record.computed_root()?;
    record.check()?;
    Ok(record)
}

/// Writes the record whole or not at all.
pub fn write(record: &Record, path: &Path) -> Result<(), AuditError> {
    let failed = |source| AuditError::Io {
        path: path.into(),
        source,
    };
    let partial = path.with_extension("partial");
    let text = serde_json::to_string(record).map_err(|error| failed(error.into()))?;
    std::fs::write(&partial, text + "\n").map_err(failed)?;
    std::fs::rename(&partial, path).map_err(failed)
}

/// The prompt's ids: through the chat template, or as plain text for a model without one.
fn input(model: &Path, text: &str) -> Result<Vec<u32>, AuditError> {
    let tokenizer = ModelTokenizer::from_folder(model)?;
    Ok(
        match ChatTemplate::from_folder(model, tokenizer.bos(), tokenizer.eos())? {
            Some(template) => {
                let rendered = template.render(&[ChatMessage::new("user", text)], true)?;
                tokenizer.encode(&rendered, false)?
            }
            None => tokenizer.encode(text, true)?,
        },
    )
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, AuditError> {
    std::path::absolute(path).map_err(|source| AuditError::Io {
        path: path.into(),
        source,
    })
}
