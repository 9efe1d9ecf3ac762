//! The phase `generate`: outputs of one writer, several streams at once.

use crate::{
    job::{Job, Reader},
    lines::{AuditMade, Cell, OutputLine},
    measure,
    models::Model,
    progress::Clock,
    store::{self, Store},
    variants::{Auditor, Told, Writer},
};
use anyhow::Result;
use ogpu_primitives::{ProfileParams, WhiteningTable};
use ogpu_worker::{
    dishonest::writing,
    engine::{cpu, Batch, Engine, EvidenceSpec, Options, Progress, Request, StreamId},
};
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    path::Path,
    sync::Arc,
};

/// Writes the outputs of those of `prompts` that were not audited yet; false when the time ran out.
///
/// An audit that was made elsewhere may have left no output here; where another audit needs it, it is computed again.
pub fn run(
    model: &Model,
    data: &Path,
    cell: &Cell,
    prompts: &BTreeSet<usize>,
    clock: &mut Clock,
) -> Result<bool> {
    let audits = cell.audits(data, Auditor::Own, Told::Truth);
    let audited: BTreeSet<usize> = store::read::<AuditMade>(&audits)?
        .iter()
        .map(|line| line.prompt)
        .collect();
    let wanted = prompts.difference(&audited).copied().collect();
    write(model, data, cell, &wanted, clock)
}

/// Writes those of the `wanted` outputs that are not there yet; false when the time ran out.
pub fn write(
    model: &Model,
    data: &Path,
    cell: &Cell,
    wanted: &BTreeSet<usize>,
    clock: &mut Clock,
) -> Result<bool> {
    let (mut store, lines) = Store::open::<OutputLine>(&cell.outputs(data))?;
    let done: BTreeSet<usize> = lines.iter().map(|line| line.prompt).collect();
    let missing: VecDeque<usize> = wanted.difference(&done).copied().collect();
    clock.start(missing.len(), wanted.len() - missing.len());
    if missing.is_empty() {
        return Ok(true);
    }
    let table = Arc::new(model.table(data)?);
    let reader = Reader::new(&model.folder)?;
    if cell.writer == Writer::OtherModel {
        return other_model(model, cell, &reader, missing, &mut store, clock);
    }
    if let Some(lenience) = cell.writer.lenience_q16() {
        return crate::lenient::run(model, cell, lenience, missing, &mut store, clock, &table);
    }
    if cell.writer == Writer::HonestOneThread {
        cpu::use_threads(1);
    }
    let engine = model.load(cell.profile.into(), &cell.writer.options(model.layers))?;
    let inputs = |prompt| reader.input(cell.set, prompt);
    stream(
        &engine,
        cell,
        Some(table),
        inputs,
        missing,
        clock,
        |prompt, input, generation| {
            store.append(&OutputLine {
                prompt,
                input,
                finish: generation.finish,
                output: generation.tokens,
                sketches: measure::to_hex(&generation.evidence.unwrap_or_default()),
                let_in: None,
            })
        },
    )
}

/// Runs prompts through one engine; `finished` gets each output as it comes.
fn stream(
    engine: &Engine,
    cell: &Cell,
    table: Option<Arc<WhiteningTable>>,
    inputs: impl Fn(usize) -> Result<Vec<u32>>,
    mut missing: VecDeque<usize>,
    clock: &mut Clock,
    mut finished: impl FnMut(usize, Vec<u32>, ogpu_worker::engine::Generation) -> Result<()>,
) -> Result<bool> {
    let mut batch = Batch::new(engine);
    if let Some(tokens) = cell.writer.prefill_tokens() {
        batch = batch.with_prefill_tokens(tokens);
    }
    let mut running: HashMap<StreamId, (usize, Vec<u32>)> = HashMap::new();
    loop {
        while batch.len() < cell.writer.batch() && !clock.is_over() {
            let Some(prompt) = missing.pop_front() else { break };
            let input = inputs(prompt)?;
            let job = Job::new(cell, prompt, cell.temperature, 0);
            let request = Request::new(&input, &job.params, &job.seed);
            let request = match &table {
                Some(table) => request.with_evidence(evidence_spec(cell, &job, table)),
                None => request,
            };
            let id = batch.join(&request)?;
            running.insert(id, (prompt, input));
        }
        if batch.is_empty() {
            return Ok(missing.is_empty());
        }
        for (id, progress) in batch.step()? {
            match progress {
                Progress::Token(_) => {}
                Progress::Failed(error) => return Err(error.into()),
                Progress::Finished(generation) => {
                    if let Some((prompt, input)) = running.remove(&id) {
                        finished(prompt, input, generation)?;
                        clock.step();
                    }
                }
            }
        }
    }
}

/// What the evidence of a job is made with.
pub fn evidence_spec(cell: &Cell, job: &Job, table: &Arc<WhiteningTable>) -> EvidenceSpec {
    EvidenceSpec {
        job: job.id,
        table: Some(table.clone()),
        units: ProfileParams::starting(cell.profile.into()).sketch_units,
    }
}

/// Another model answers the same prompts; its text is put into this model's tokens and cut to the limit.
fn other_model(
    model: &Model,
    cell: &Cell,
    reader: &Reader,
    missing: VecDeque<usize>,
    store: &mut Store,
    clock: &mut Clock,
) -> Result<bool> {
    let other = model.other()?;
    let engine = other.load(cell.profile.into(), &Options::default())?;
    let theirs = Reader::new(&other.folder)?;
    let limit = crate::job::OUTPUT_TOKENS as usize;
    let inputs = |prompt| theirs.input(cell.set, prompt);
    stream(
        &engine,
        cell,
        None,
        inputs,
        missing,
        clock,
        |prompt, _, generation| {
            let text = theirs.tokenizer.decode(&generation.tokens)?;
            let ours = reader.tokenizer.encode_plain(&text)?;
            let output = writing::cut(ours, limit, reader.tokenizer.end_tokens());
            store.append(&OutputLine {
                prompt,
                input: reader.input(cell.set, prompt)?,
                output: output.tokens,
                finish: output.finish,
                sketches: Vec::new(),
                let_in: None,
            })
        },
    )
}
