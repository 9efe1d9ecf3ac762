//! What the daemon keeps of one attempt.

use super::state::{Deadlines, State};
use codec::{Decode, Encode};
use ogpu_primitives::{CheckTerms, Commitment, JobParams, ModelId, Tick, WorkKey, H256};

/// The assignment as the chain states it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Assignment {
    /// The attempt.
    pub work: WorkKey,
    /// The model to run.
    pub model: ModelId,
    /// Account of the client.
    pub client: [u8; 32],
    /// Parameters of the model's kind.
    pub params: JobParams,
    /// Commitment to salt and token ids.
    pub input_commitment: H256,
    /// Number of input tokens.
    pub input_tokens: u32,
    /// Last tick at which the acknowledgement counts.
    pub acknowledge_by: Tick,
    /// Last tick at which the commitment counts.
    pub deadline: Tick,
    /// How the result will be checked; its evidence is made by them.
    pub terms: CheckTerms,
}

/// An attempt with its progress; one row of the store.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct JobRecord {
    /// What the chain asked for.
    pub assignment: Assignment,
    /// How far it is.
    pub state: State,
    /// What was, or is about to be, committed.
    pub commitment: Option<Commitment>,
    /// Tick of the last change, from which retention counts.
    pub changed_at: Tick,
}

impl JobRecord {
    /// A fresh assignment.
    pub fn new(assignment: Assignment, now: Tick) -> Self {
        Self {
            assignment,
            state: State::Assigned,
            commitment: None,
            changed_at: now,
        }
    }

    /// The key.
    pub fn work(&self) -> WorkKey {
        self.assignment.work
    }

    /// What its decisions about time depend on.
    pub fn deadlines(&self, no_input_margin: Tick) -> Deadlines {
        Deadlines {
            acknowledge_by: self.assignment.acknowledge_by,
            no_input_margin,
        }
    }
}

/// A short name of an attempt for log lines: the first eight hexadecimal digits of the job and the attempt.
pub fn short(work: &WorkKey) -> String {
    format!("{}/{}", hex::encode(&work.job.as_bytes()[..4]), work.attempt)
}
