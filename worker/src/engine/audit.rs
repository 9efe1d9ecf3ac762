//! The auditor's path: one pass over input and output instead of a token at a time, and what it says of the output.

use super::error::OutputFault;
use super::evidence::{EvidenceSpec, Recording};
use super::sampling::TokenSampler;
use super::{Engine, EngineError, PREFILL_TOKENS};
use ogpu_primitives::evidence::{ChunkRecord, MAX_OUTPUT_TOKENS};
use ogpu_primitives::{
    AuditReport, FinishReason, GenerateParams, GenerateReport, ProfileParams, TokenTest, H256,
};
use std::sync::atomic::AtomicBool;

/// An output as its worker committed to it, and how to judge it.
#[derive(Clone)]
pub struct AuditRequest<'a> {
    /// The job's input.
    pub input: &'a [u32],
    /// The committed output.
    pub output: &'a [u32],
    /// The committed reason for its end.
    pub finish: FinishReason,
    /// The job's parameters.
    pub params: &'a GenerateParams,
    /// The sampler's seed (`ogpu_primitives::sampler::seed`).
    pub seed: &'a H256,
    /// What the worker's evidence was made for and with; its `units` must be the profile's.
    pub evidence: EvidenceSpec,
    /// The thresholds that the job was assigned with.
    pub profile: &'a ProfileParams,
    /// The jury's key in a juror's audit, whose report then carries a sketch under it; `None` in an auditor's.
    pub jury_key: Option<&'a H256>,
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The report to commit to.
    pub report: GenerateReport,
    /// By how much each output token loses the seeded arg-max, in Q16.16 logits.
    pub margins_q16: Vec<u32>,
    /// The auditor's own evidence, chunk by chunk.
    pub evidence: Vec<ChunkRecord>,
    /// The final hidden states that the output tokens were chosen from, one after another, where they were asked
    /// for.
    pub hidden: Option<Vec<f32>>,
}

impl Engine {
    /// Checks a generated output. Logits exist for some rows at a time only, so memory is that of a prefill.
    ///
    /// [`EngineError::Output`] is the worker's fault: no honest worker commits to such an output, and a dissent
    /// needs no arithmetic. Every other error is this machine's or the request's, and no verdict on the output.
    pub fn audit(&self, request: &AuditRequest<'_>, cancel: &AtomicBool) -> Result<Audit, EngineError> {
        self.audit_in_steps(request, PREFILL_TOKENS, false, cancel)
    }

    /// As [`Engine::audit`], with at most `step` tokens in one pass, and with the hidden states when asked for.
    pub fn audit_in_steps(
        &self,
        request: &AuditRequest<'_>,
        step: usize,
        keep_hidden: bool,
        cancel: &AtomicBool,
    ) -> Result<Audit, EngineError> {
        let model = self.decoder()?;
        let AuditRequest {
            input,
            output,
            params,
            seed,
            ..
        } = *request;
        self.check_input(input, model.vocabulary(), self.context.saturating_sub(1))?;
        let limit = (self.context - input.len()).min(params.max_output_tokens as usize);
        check_output(output, model.vocabulary(), limit)?;

        // At most MAX_OUTPUT_TOKENS.
        let n_out = output.len() as u32;
        let mut recording = Recording::new(&request.evidence, seed, model.hidden_size())?.with_jury(
            &request.evidence,
            request.jury_key,
            n_out,
        );
        let mut sampler = TokenSampler::new(input, params, seed);
        let test = TokenTest {
            seed,
            sampling: params.into(),
            slack_q16: request.profile.border_slack_q16(),
        };
        let mut margins_q16 = Vec::with_capacity(output.len());
        let mut hidden = keep_hidden.then(Vec::new);
        // The last output token is judged by the state before it and never computed itself.
        let tokens: Vec<u32> = input.iter().chain(output).copied().collect();
        let tokens = &tokens[..tokens.len() - 1];
        let tokens = if output.is_empty() { &[] } else { tokens };
        self.visit_rows(tokens, input.len() - 1, step, cancel, &mut |logits, state| {
            let position = margins_q16.len();
            if logits.iter().any(|logit| !logit.is_finite()) {
                return Err(EngineError::NotFinite(position as u32));
            }
            let (candidates, emitted) = sampler.judge(logits, output[position])?;
            let margin = test
                .margin_q16(position as u32, &candidates, emitted)
                .map_err(EngineError::TokenTest)?;
            recording.push(state)?;
            if let Some(hidden) = &mut hidden {
                hidden.extend(state);
            }
            margins_q16.push(margin);
            Ok(())
        })?;

        let jury_sketch = recording.take_jury();
        let evidence = recording.finish();
        let by_end_token = request.finish == FinishReason::Stop;
        let report = GenerateReport::new(
            &margins_q16,
            evidence.clone(),
            self.ended_right(request, limit),
            by_end_token,
            request.profile,
        )
        .map_err(EngineError::Report)?;
        Ok(Audit {
            report: report.with_jury_sketch(jury_sketch),
            margins_q16,
            evidence,
            hidden,
        })
    }

    /// Checks an embedding: the report holds this machine's own vector.
    pub fn audit_embedding(&self, input: &[u32], normalize: bool) -> Result<AuditReport, EngineError> {
        let vector = self.embed(input, normalize)?;
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        let bytes = bytes
            .try_into()
            .map_err(|_| EngineError::Report(ogpu_primitives::ReportError::VectorLength))?;
        Ok(AuditReport::Embed(bytes))
    }

    /// Whether the output ends as its header says: with its first end token, or at its limit without one.
    fn ended_right(&self, request: &AuditRequest<'_>, limit: usize) -> bool {
        let ends = |id: &u32| self.end_tokens.contains(id) || request.params.stop_tokens.contains(id);
        let first_end = request.output.iter().position(ends);
        match request.finish {
            FinishReason::Stop => first_end.is_some_and(|at| at + 1 == request.output.len()),
            FinishReason::Length => first_end.is_none() && request.output.len() == limit,
            _ => false,
        }
    }
}

fn check_output(output: &[u32], vocabulary: usize, limit: usize) -> Result<(), EngineError> {
    let limit = limit.min(MAX_OUTPUT_TOKENS as usize);
    let fault = if output.is_empty() && limit > 0 {
        OutputFault::Empty
    } else if output.len() > limit {
        OutputFault::TooLong {
            found: output.len(),
            limit,
        }
    } else if let Some(id) = output.iter().find(|id| **id as usize >= vocabulary) {
        OutputFault::TokenOutOfRange { id: *id, vocabulary }
    } else {
        return Ok(());
    };
    Err(EngineError::Output(fault))
}
