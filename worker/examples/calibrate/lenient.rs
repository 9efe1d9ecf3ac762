//! Outputs of lenient speculation: the draft is the model with every fifth layer left out.

use crate::{
    generate::evidence_spec,
    job::{Job, Reader},
    lines::{Cell, OutputLine},
    measure,
    models::Model,
    progress::Clock,
    store::Store,
    variants::Writer,
};
use anyhow::Result;
use ogpu_primitives::WhiteningTable;
use ogpu_worker::engine::{lenient, Options, Request};
use std::{collections::VecDeque, sync::Arc};

/// Writes the outputs of `missing`; false when the time ran out.
pub fn run(
    model: &Model,
    cell: &Cell,
    lenience_q16: u32,
    missing: VecDeque<usize>,
    store: &mut Store,
    clock: &mut Clock,
    table: &Arc<WhiteningTable>,
) -> Result<bool> {
    let profile = cell.profile.into();
    let target = model.load(profile, &Options::default())?;
    let draft = model.load(profile, &Writer::Smaller.options(model.layers))?;
    let reader = Reader::new(&model.folder)?;
    let missing: Vec<usize> = missing.into();
    for some in missing.chunks(cell.writer.batch()) {
        if clock.is_over() {
            return Ok(false);
        }
        let jobs: Vec<(Vec<u32>, Job)> = some
            .iter()
            .map(|prompt| {
                let job = Job::new(cell, *prompt, cell.temperature, 0);
                Ok((reader.input(cell.set, *prompt)?, job))
            })
            .collect::<Result<_>>()?;
        let requests: Vec<Request<'_>> = jobs
            .iter()
            .map(|(input, job)| {
                Request::new(input, &job.params, &job.seed).with_evidence(evidence_spec(cell, job, table))
            })
            .collect();
        let outputs = lenient::generate(&target, &draft, &requests, lenience_q16)?;
        for ((prompt, (input, _)), output) in some.iter().zip(&jobs).zip(outputs) {
            let generation = output.generation;
            store.append(&OutputLine {
                prompt: *prompt,
                input: input.clone(),
                finish: generation.finish,
                output: generation.tokens,
                sketches: measure::to_hex(&generation.evidence.unwrap_or_default()),
                let_in: Some(output.let_in),
            })?;
            clock.step();
        }
    }
    Ok(true)
}
