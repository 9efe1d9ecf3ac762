//! The phase `audit`: one prefill over each output of a cell, told the truth or something else.

use crate::{
    generate::{self, evidence_spec},
    job::{Job, Reader},
    lines::{AuditLine, AuditMade, Cell, OutputLine},
    measure,
    models::Model,
    progress::Clock,
    store::{self, Store},
    variants::{Auditor, Told},
};
use anyhow::{Context, Result};
use ogpu_primitives::{AuditReport, ChunkSketch, FinishReason, ProfileParams};
use ogpu_worker::engine::AuditRequest;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{atomic::AtomicBool, Arc},
    time::Instant,
};

/// Distance of a prompt of the same kind, for [`Told::OtherPrompt`].
const SAME_KIND: usize = 8;

/// Audits the outputs of those of `prompts` that were not audited yet, and computes those that are not here; false
/// when the time ran out.
pub fn run(
    model: &Model,
    data: &Path,
    cell: &Cell,
    auditor: Auditor,
    told: Told,
    prompts: &BTreeSet<usize>,
    clock: &mut Clock,
) -> Result<bool> {
    let (mut store, lines) = Store::open::<AuditMade>(&cell.audits(data, auditor, told))?;
    let done: BTreeSet<usize> = lines.iter().map(|line| line.prompt).collect();
    let missing: BTreeSet<usize> = prompts.difference(&done).copied().collect();
    if missing.is_empty() {
        clock.start(0, done.len());
        return Ok(true);
    }
    if !generate::write(model, data, cell, &missing, clock)? {
        return Ok(false);
    }
    let outputs: Vec<OutputLine> = store::read(&cell.outputs(data))?;
    let wanted: Vec<&OutputLine> = outputs
        .iter()
        .filter(|line| missing.contains(&line.prompt))
        .collect();
    clock.start(wanted.len(), done.len());
    let table = Arc::new(model.table(data)?);
    let reader = Reader::new(&model.folder)?;
    let engine = model.load(auditor.profile(cell.profile).into(), &auditor.options())?;
    // An honest prefill of the same ids: what a worker shows that lets the right model read another's text.
    let prefills: BTreeMap<usize, Vec<String>> = match (auditor, told) {
        (Auditor::Own, _) | (_, Told::OtherPrompt | Told::TokenLess) => BTreeMap::new(),
        _ => store::read::<AuditMade>(&cell.audits(data, Auditor::Own, told))?
            .into_iter()
            .filter(|line| !line.sketches.is_empty())
            .map(|line| (line.prompt, line.sketches))
            .collect(),
    };
    let thresholds = ProfileParams::starting(cell.profile.into());
    let end_token = *engine
        .end_tokens()
        .first()
        .context("the model has no end token, so nothing can be stopped early")?;

    for line in wanted {
        if clock.is_over() {
            return Ok(false);
        }
        let Some(claim) = Claim::new(cell, line, told, end_token, &reader)? else {
            clock.step();
            continue;
        };
        let start = Instant::now();
        let found = engine.audit(
            &AuditRequest {
                input: &claim.input,
                output: &claim.output,
                finish: claim.finish,
                params: &claim.job.params,
                seed: &claim.job.seed,
                evidence: evidence_spec(cell, &claim.job, &table),
                profile: &thresholds,
                jury_key: None,
            },
            &AtomicBool::new(false),
        )?;
        let seconds = start.elapsed().as_secs_f64();
        let (ending, tallies) = (
            found.report.ending,
            found.report.chunks.iter().map(|chunk| chunk.tally).collect(),
        );
        let report = AuditReport::Generate(found.report);

        let n_out = claim.output.len();
        let mut shown: Vec<(&str, Vec<ChunkSketch>)> = Vec::new();
        let own = measure::from_hex(&line.sketches)?;
        if told.keeps_sketches() && !own.is_empty() {
            shown.extend(measure::first_tokens(&own, n_out).map(|sketches| ("own", sketches)));
        }
        match prefills.get(&line.prompt) {
            Some(sketches) => shown.push(("prefill", measure::from_hex(sketches)?)),
            // Our kernels give the same bits however the tokens are computed, so its own sketches are the prefill's.
            None if auditor == Auditor::Own => {
                let own = found
                    .evidence
                    .iter()
                    .map(|record| record.sketch.clone())
                    .collect();
                shown.push(("prefill", own));
            }
            None => {}
        }
        if told == Told::Truth && auditor == Auditor::Own {
            let longer = |other: &&OutputLine| other.prompt != line.prompt && other.output.len() >= n_out;
            let mut others = outputs.iter().filter(longer);
            let next = others
                .clone()
                .find(|other| other.prompt > line.prompt)
                .or_else(|| others.next());
            if let Some(other) = next {
                let sketches = measure::first_tokens(&measure::from_hex(&other.sketches)?, n_out);
                shown.extend(sketches.map(|sketches| ("replayed", sketches)));
            }
        }
        let evidence = shown
            .into_iter()
            .map(|(name, sketches)| {
                Ok((
                    name.to_string(),
                    measure::compare(&report, &sketches, &thresholds)?,
                ))
            })
            .collect::<Result<_>>()?;
        store.append(&AuditLine {
            prompt: line.prompt,
            n_in: claim.input.len(),
            n_out,
            ending,
            margins: (0u32..)
                .zip(&found.margins_q16)
                .filter(|(_, margin)| **margin > 0)
                .map(|(position, margin)| (position, *margin))
                .collect(),
            tallies,
            evidence,
            seconds,
            sketches: measure::to_hex(&found.evidence),
        })?;
        clock.step();
    }
    Ok(true)
}

/// What the auditor is given.
struct Claim {
    input: Vec<u32>,
    output: Vec<u32>,
    finish: FinishReason,
    job: Job,
}

impl Claim {
    /// `None` where the cheat is not possible with this output.
    fn new(
        cell: &Cell,
        line: &OutputLine,
        told: Told,
        end_token: u32,
        reader: &Reader,
    ) -> Result<Option<Self>> {
        let mut claim = Self {
            input: line.input.clone(),
            output: line.output.clone(),
            finish: line.finish,
            job: Job::new(cell, line.prompt, cell.temperature, 0),
        };
        let half = line.output.len() / 2;
        match told {
            Told::Truth => {}
            Told::OtherPrompt => {
                let other = (line.prompt + SAME_KIND) % crate::prompts::COUNT;
                claim.input = reader.input(cell.set, other)?;
            }
            Told::TokenLess => {
                claim.input.remove(line.input.len() / 2);
            }
            Told::WrongSeed => claim.job = Job::new(cell, line.prompt, cell.temperature, 1),
            Told::WrongTemperature => {
                let other = match cell.temperature {
                    800 => 1_000,
                    1_000 => 800,
                    _ => return Ok(None),
                };
                // The noise is the same: only its weight differs, as in a worker that ignores the parameter.
                let seed = claim.job.seed;
                claim.job = Job::new(cell, line.prompt, other, 0);
                claim.job.seed = seed;
            }
            Told::GreedyForSampled => claim.job = Job::new(cell, line.prompt, 800, 0),
            Told::Truncated => {
                claim.output.truncate(half);
                claim.finish = FinishReason::Length;
            }
            Told::Padded => {
                let limit = claim.job.params.max_output_tokens as usize;
                if line.finish == FinishReason::Stop {
                    claim.output.pop();
                } else {
                    claim.output.truncate(3 * limit / 4);
                }
                // The last 32 tokens again and again.
                if claim.output.len() < 32 {
                    return Ok(None);
                }
                while claim.output.len() < limit {
                    claim.output.push(claim.output[claim.output.len() - 32]);
                }
                claim.finish = FinishReason::Length;
            }
            Told::EarlyStop => {
                claim.output.truncate(half);
                claim.output.push(end_token);
                claim.finish = FinishReason::Stop;
            }
        }
        Ok(Some(claim).filter(|claim| !claim.output.is_empty()))
    }
}
