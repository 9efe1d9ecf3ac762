//! Evidence of an output: what its final hidden states leave behind for an auditor, made token by token.
//!
//! The rules are `ogpu_primitives::evidence`; here floats become the bits that those rules are about.

use super::EngineError;
use ogpu_primitives::evidence::{ChunkRecord, Recorder};
use ogpu_primitives::float_bits::bf16_from_f32;
use ogpu_primitives::{ChunkSketch, HiddenError, JobId, JurySketcher, WhiteningTable, H256};
use std::sync::Arc;

/// What evidence is made for and with.
#[derive(Clone, Debug)]
pub struct EvidenceSpec {
    /// The job, which is inside every sketch.
    pub job: JobId,
    /// The model's table; `None` while it has none takes the one that changes nothing.
    pub table: Option<Arc<WhiteningTable>>,
    /// The profile's `sketch_units`.
    pub units: u16,
}

/// The evidence of one output in the making.
pub(super) struct Recording {
    recorder: Recorder,
    /// The same states once more, for the client's comparison with another worker.
    comparison: Option<Recorder>,
    /// And once more, for the other jurors.
    jury: Option<JurySketcher>,
    table: Arc<WhiteningTable>,
    bits: Vec<u16>,
}

impl Recording {
    /// Before the first token of a model with states of `dimensions` values.
    pub fn new(spec: &EvidenceSpec, seed: &H256, dimensions: usize) -> Result<Self, EngineError> {
        let table = match &spec.table {
            Some(table) => table.clone(),
            None => unit_table(dimensions)?,
        };
        if table.check().is_err() || table.dimensions() as usize != dimensions {
            return Err(EngineError::WhiteningTable {
                expected: dimensions,
                found: table.dimensions() as usize,
            });
        }
        Ok(Self {
            recorder: Recorder::new(seed, &spec.job, spec.units),
            comparison: None,
            jury: None,
            table,
            bits: Vec::with_capacity(dimensions),
        })
    }

    /// Makes sketches for `comparison` as well, which stands for the job in them.
    pub fn with_comparison(mut self, spec: &EvidenceSpec, seed: &H256, comparison: Option<JobId>) -> Self {
        self.comparison = comparison.map(|id| Recorder::new(seed, &id, spec.units));
        self
    }

    /// Makes the sketch of a juror of the jury with this key as well, of an output of `n_out` tokens.
    pub fn with_jury(mut self, spec: &EvidenceSpec, key: Option<&H256>, n_out: u32) -> Self {
        self.jury = key.map(|key| JurySketcher::new(key, n_out, spec.units));
        self
    }

    /// Adds the token that was chosen from this state.
    pub fn push(&mut self, state: &[f32]) -> Result<(), EngineError> {
        let position = self.recorder.len();
        let broken = EngineError::NotFinite(position);
        self.bits.clear();
        for value in state {
            match bf16_from_f32(value.to_bits()) {
                Some(bits) => self.bits.push(bits),
                None => return Err(broken),
            }
        }
        match self.sketch(position) {
            Ok(()) => Ok(()),
            Err(HiddenError::NotFinite { .. }) => Err(broken),
            Err(HiddenError::Dimensions { expected, given }) => Err(EngineError::WhiteningTable {
                expected: given as usize,
                found: expected as usize,
            }),
        }
    }

    /// Puts the state in `bits` into all sketches that are made.
    fn sketch(&mut self, position: u32) -> Result<(), HiddenError> {
        self.recorder.push(&self.table, &self.bits)?;
        if let Some(comparison) = &mut self.comparison {
            comparison.push(&self.table, &self.bits)?;
        }
        match &mut self.jury {
            Some(jury) => jury.push(&self.table, position, &self.bits),
            None => Ok(()),
        }
    }

    /// The sketches for the comparison, where there is one.
    pub fn take_comparison(&mut self) -> Option<Vec<ChunkSketch>> {
        let records = self.comparison.take()?.finish();
        Some(records.into_iter().map(|record| record.sketch).collect())
    }

    /// The juror's sketch, where there is a jury.
    pub fn take_jury(&mut self) -> Option<ChunkSketch> {
        self.jury.take()?.finish()
    }

    /// The records of all chunks.
    pub fn finish(self) -> Vec<ChunkRecord> {
        self.recorder.finish()
    }
}

/// The table of a model that has none yet.
pub fn unit_table(dimensions: usize) -> Result<Arc<WhiteningTable>, EngineError> {
    let unsuitable = |_| EngineError::WhiteningTable {
        expected: dimensions,
        found: 0,
    };
    Ok(Arc::new(
        WhiteningTable::unit(dimensions as u32).map_err(unsuitable)?,
    ))
}
