//! The phase `cost`: what an audit costs beside the generation that it checks, in one run.

use crate::{
    generate::evidence_spec,
    job::{Job, Reader},
    lines::Cell,
    models::Model,
    progress::Clock,
    store::Store,
    variants::name,
};
use anyhow::{Context, Result};
use ogpu_primitives::ProfileParams;
use ogpu_worker::engine::{AuditRequest, Batch, Generation, Options, Progress, Request};
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::{atomic::AtomicBool, Arc},
    time::Instant,
};

/// Prompts of a round, and streams of its batch.
const STREAMS: usize = 8;

/// One round of measurements.
#[derive(Serialize, Deserialize)]
struct CostLine {
    profile: String,
    threads: usize,
    input_tokens: usize,
    output_tokens: usize,
    /// Seconds for all outputs one after another, without and with evidence.
    one_stream: f64,
    one_stream_evidence: f64,
    /// Seconds for all outputs at once, without and with evidence.
    eight_streams: f64,
    eight_streams_evidence: f64,
    /// Seconds for one prefill over each.
    audits: f64,
}

/// Appends `rounds` rounds, each with other prompts.
pub fn run(model: &Model, data: &Path, cell: &Cell, rounds: usize, clock: &mut Clock) -> Result<bool> {
    let path = data.join("cost").join(name(&cell.profile) + ".jsonl");
    let (mut store, lines) = Store::open::<CostLine>(&path)?;
    clock.start(rounds.saturating_sub(lines.len()), lines.len());
    let table = Arc::new(model.table(data)?);
    let reader = Reader::new(&model.folder)?;
    let engine = model.load(cell.profile.into(), &Options::default())?;
    let thresholds = ProfileParams::starting(cell.profile.into());
    for round in lines.len()..rounds {
        if clock.is_over() {
            return Ok(false);
        }
        let jobs: Vec<(Vec<u32>, Job)> = (STREAMS * round..STREAMS * (round + 1))
            .map(|prompt| {
                let job = Job::new(cell, prompt, cell.temperature, 0);
                Ok((reader.input(cell.set, prompt)?, job))
            })
            .collect::<Result<_>>()?;
        let request = |(input, job): &'_ (Vec<u32>, Job), evidence: bool| {
            let spec = evidence.then(|| evidence_spec(cell, job, &table));
            (input.clone(), job.params.clone(), job.seed, spec)
        };
        // All at once, or one after another: gives the outputs in their order and the time.
        let timed = |width: usize, evidence: bool| -> Result<(Vec<Generation>, f64)> {
            let start = Instant::now();
            let mut outputs = Vec::new();
            for jobs in jobs.chunks(width) {
                let mut batch = Batch::new(&engine);
                let mut ids = Vec::new();
                for job in jobs {
                    let (input, params, seed, evidence) = request(job, evidence);
                    ids.push(batch.join(&Request {
                        evidence,
                        ..Request::new(&input, &params, &seed)
                    })?);
                }
                let mut finished = vec![None; jobs.len()];
                while !batch.is_empty() {
                    for (id, progress) in batch.step()? {
                        match progress {
                            Progress::Token(_) => {}
                            Progress::Failed(error) => return Err(error.into()),
                            Progress::Finished(generation) => {
                                let at = ids.iter().position(|other| *other == id);
                                finished[at.context("a stream that nobody started")?] = Some(generation);
                            }
                        }
                    }
                }
                outputs.extend(finished.into_iter().flatten());
            }
            Ok((outputs, start.elapsed().as_secs_f64()))
        };
        // Alternating, so that a change of the machine's load hits both alike.
        let both = |width: usize| -> Result<(Vec<Generation>, f64, f64)> {
            let first = round % 2 == 1;
            let (outputs, one) = timed(width, first)?;
            let (_, other) = timed(width, !first)?;
            Ok(if first {
                (outputs, other, one)
            } else {
                (outputs, one, other)
            })
        };
        let (outputs, eight_streams, eight_streams_evidence) = both(STREAMS)?;
        let (_, one_stream, one_stream_evidence) = both(1)?;
        let start = Instant::now();
        for ((input, job), output) in jobs.iter().zip(&outputs) {
            let request = AuditRequest {
                input,
                output: &output.tokens,
                finish: output.finish,
                params: &job.params,
                seed: &job.seed,
                evidence: evidence_spec(cell, job, &table),
                profile: &thresholds,
                jury_key: None,
            };
            engine.audit(&request, &AtomicBool::new(false))?;
        }
        store.append(&CostLine {
            profile: name(&cell.profile),
            threads: ogpu_worker::engine::cpu::threads(),
            input_tokens: jobs.iter().map(|(input, _)| input.len()).sum(),
            output_tokens: outputs.iter().map(|output| output.tokens.len()).sum(),
            one_stream,
            one_stream_evidence,
            eight_streams,
            eight_streams_evidence,
            audits: start.elapsed().as_secs_f64(),
        })?;
        clock.step();
    }
    Ok(true)
}
