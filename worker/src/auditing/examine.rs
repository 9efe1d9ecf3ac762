//! Computes the report on a result: one pass over input and output of a text, or an embedding once more.
//!
//! A result that no honest worker commits to is dissented from without arithmetic
//! ([`AuditReport::impossible`]): its output is empty, too long or not of the vocabulary, or its input is one that
//! the model cannot be computed on, so that there was nothing to commit to. Every other failure is this machine's own
//! and no verdict.
//!
//! A juror's report carries a sketch under its jury's key as well, made in the same pass; an auditor's must not.

use super::{
    data::DataError,
    engines::{Engines, LoadError},
    record::Case,
    source::SourceError,
};
use crate::{
    engine::{AuditRequest, Engine, EngineError, EvidenceSpec},
    jobs::{execute::StopFlag, record::short, tables::Tables},
};
use ogpu_client::{
    chain::Model,
    sealed::{AuditMessage, AuditedOutput},
};
use ogpu_primitives::{sampler, AuditReport, GenerateParams, JobParams, ModelId, ReportError, H256};
use std::sync::Arc;

/// Why there is no report.
#[derive(thiserror::Error, Debug)]
pub enum ExamineError {
    /// Asked to stop.
    #[error("stopped")]
    Stopped,
    /// The model is not here.
    #[error(transparent)]
    Model(#[from] LoadError),
    /// The model's whitening table cannot be had.
    #[error("{0}")]
    Table(String),
    /// This machine cannot compute it.
    #[error(transparent)]
    Engine(EngineError),
    /// It cannot be put into the format of reports.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The chain cannot be asked for the model.
    #[error("the model's specification cannot be read: {0}")]
    Chain(SourceError),
    /// The data on disk no longer fits.
    #[error("the audit data on disk: {0}")]
    Data(#[from] DataError),
    /// A juror without its jury's key cannot show that it computed.
    #[error("the chain shows no key for this jury, so the vote would be void; are node and worker of one version?")]
    NoJuryKey,
    /// The computation panicked.
    #[error("the engine panicked: {0}")]
    Panicked(String),
    /// The data is of another kind than the job; it was checked before.
    #[error("the audit data is of another kind than the job; this is a fault of the program, report it")]
    Kind,
}

/// Makes reports. Called on a thread of its own.
pub trait Examine: Send + Sync + 'static {
    /// Whether the model's specification is needed to load it.
    fn needs_model(&self, id: &ModelId) -> bool;

    /// The report on `case`. The same case and data give the same report each time.
    fn examine(
        &self,
        case: &Case,
        message: &AuditMessage,
        model: Option<&Model>,
        salt: &[u8; 32],
        stop: &StopFlag,
    ) -> Result<AuditReport, ExamineError>;
}

/// The real one.
pub struct Examiner {
    genesis: H256,
    engines: Arc<Engines>,
    tables: Arc<dyn Tables>,
}

impl Examiner {
    /// An examiner on this chain.
    pub fn new(genesis: H256, engines: Arc<Engines>, tables: Arc<dyn Tables>) -> Self {
        Self {
            genesis,
            engines,
            tables,
        }
    }

    fn text(
        &self,
        engine: &Engine,
        case: &Case,
        params: &GenerateParams,
        message: &AuditMessage,
        stop: &StopFlag,
    ) -> Result<AuditReport, ExamineError> {
        let AuditedOutput::Tokens { ids, .. } = &message.output else {
            return Err(ExamineError::Kind);
        };
        let table = match case.whitened {
            true => Some(self.tables.table(&case.model).map_err(ExamineError::Table)?),
            false => None,
        };
        let request = AuditRequest {
            input: &message.input_ids,
            output: ids,
            finish: case.commitment.finish,
            params,
            seed: &sampler::seed(&self.genesis, &case.model, params),
            evidence: EvidenceSpec {
                job: case.work.job,
                table,
                units: case.thresholds.sketch_units,
            },
            profile: &case.thresholds,
            jury_key: case.jury_key.as_ref(),
        };
        let audit = engine
            .audit(&request, stop.flag())
            .map_err(ExamineError::Engine)?;
        Ok(AuditReport::Generate(audit.report))
    }
}

impl Examine for Examiner {
    fn needs_model(&self, id: &ModelId) -> bool {
        !self.engines.is_loaded(id)
    }

    fn examine(
        &self,
        case: &Case,
        message: &AuditMessage,
        model: Option<&Model>,
        salt: &[u8; 32],
        stop: &StopFlag,
    ) -> Result<AuditReport, ExamineError> {
        #[cfg(feature = "dishonest")]
        if let Some(report) = crate::dishonest::conduct().report(case, salt) {
            return Ok(report);
        }
        let engine = self.engines.get(&case.model, model)?;
        let result = match &case.request.params {
            JobParams::Generate(params) => self.text(&engine, case, params, message, stop),
            JobParams::Embed(params) => engine
                .audit_embedding(&message.input_ids, params.normalize)
                .map_err(ExamineError::Engine),
        };
        match result {
            Err(ExamineError::Engine(EngineError::Cancelled)) => Err(ExamineError::Stopped),
            Err(ExamineError::Engine(fault)) if is_workers(&fault) => {
                tracing::warn!(job = short(&case.work), %fault, "no honest worker commits to this result; dissenting");
                let (kind, n_out) = (case.kind, case.commitment.n_out);
                Ok(AuditReport::impossible(kind, n_out, &case.thresholds, salt)?)
            }
            other => other,
        }
    }
}

/// Whether an error is one that every machine has, so that the worker under audit cannot have had a result.
fn is_workers(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Output(_)
            | EngineError::EmptyInput
            | EngineError::TokenOutOfRange { .. }
            | EngineError::TooLong { .. }
    )
}

#[cfg(test)]
#[path = "examine_tests.rs"]
mod tests;
