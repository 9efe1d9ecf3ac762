//! What an auditor or juror gets to see of a result: everything that it has to compute with, and nothing that its
//! own report could be copied from.

use super::{decode_all, open, seal, tokens_fit, Direction, SealError, MAX_INPUT_TOKENS};
use crate::AccountId;
use codec::{Decode, Encode};
use ogpu_primitives::{
    evidence::{generate_leaves, ChunkEvidence},
    job::input_commitment,
    merkle, Commitment, FinishReason, JobKind, JobRequest, WorkKey,
};
use subxt::utils::H256;
use zeroize::{Zeroize, Zeroizing};

/// Numeric evidence of one chunk: the hash of its sketch, and the root over its final hidden vectors.
pub type EvidencePair = (H256, H256);

/// What a worker hands to one auditor or juror of its result.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct AuditMessage {
    /// Salt of the input commitment, so that the auditor can check that this is the client's input.
    pub salt: [u8; 32],
    /// The tokenised input.
    pub input_ids: Vec<u32>,
    /// What came out.
    pub output: AuditedOutput,
}

/// The result as an auditor sees it; the variant is the job's kind.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum AuditedOutput {
    /// A generated text: its ids, and hashes of the numeric evidence in place of the sketches themselves.
    #[codec(index = 0)]
    Tokens {
        /// All output token ids.
        ids: Vec<u32>,
        /// One entry a chunk.
        evidence: Vec<EvidencePair>,
    },
    /// An embedding, of which an auditor sees nothing: it computes its own vector.
    #[codec(index = 1)]
    Embedding,
}

impl std::fmt::Debug for AuditMessage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let output = match &self.output {
            AuditedOutput::Tokens { ids, .. } => format!("{} tokens", ids.len()),
            AuditedOutput::Embedding => "an embedding".into(),
        };
        write!(
            formatter,
            "AuditMessage({} tokens in, {output} out)",
            self.input_ids.len()
        )
    }
}

impl Drop for AuditMessage {
    fn drop(&mut self) {
        self.salt.zeroize();
        self.input_ids.zeroize();
        if let AuditedOutput::Tokens { ids, .. } = &mut self.output {
            ids.zeroize();
        }
    }
}

impl AuditMessage {
    fn fits(&self) -> bool {
        let output = match &self.output {
            AuditedOutput::Tokens { ids, evidence } => tokens_fit(ids, evidence),
            AuditedOutput::Embedding => true,
        };
        output && self.input_ids.len() <= MAX_INPUT_TOKENS
    }
}

/// Why audit data is not that of the committed result. The worker is to blame; the cure is `demand_data`, which
/// makes it post the right data on the chain or be taken for silent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditDataError {
    /// Salt and input ids do not hash to the client's input commitment.
    #[error("the input is not the one that the client committed to; demand the data on the chain")]
    WrongInput,
    /// Another number of input tokens than the request or the commitment says.
    #[error("the input has {have} tokens, {want} were committed to; demand the data on the chain")]
    WrongInputCount { have: usize, want: u32 },
    /// A text where an embedding is due, or the other way round.
    #[error("the output is of another kind than the job; demand the data on the chain")]
    WrongKind,
    /// Another number of output tokens than committed to.
    #[error("the output has {have} tokens, {want} were committed to; demand the data on the chain")]
    WrongOutputCount { have: usize, want: u32 },
    /// Output and evidence do not lead to the committed root.
    #[error(
        "the output leads to the root {have:?}, {want:?} was committed to; demand the data on the chain"
    )]
    WrongRoot { have: H256, want: H256 },
}

/// Seals audit data to the key of one auditor or juror: that of its profile, or the one that it named with
/// `demand_data`.
pub fn seal_audit(
    genesis: &H256,
    work: &WorkKey,
    auditor: &AccountId,
    auditor_key: &[u8; 32],
    message: &AuditMessage,
) -> Result<Vec<u8>, SealError> {
    if !message.fits() {
        return Err(SealError::BadContent);
    }
    let plain = Zeroizing::new(message.encode());
    seal(Direction::Audit(*auditor), genesis, work, auditor_key, &plain)
}

/// Opens audit data with the auditor's secret key; check it with [`check_audit`] before using it.
pub fn open_audit(
    genesis: &H256,
    work: &WorkKey,
    auditor: &AccountId,
    secret: &[u8; 32],
    sealed: &[u8],
) -> Result<AuditMessage, SealError> {
    let plain = open(Direction::Audit(*auditor), genesis, work, secret, sealed)?;
    let message = decode_all::<AuditMessage>(&plain)?;
    match message.fits() {
        true => Ok(message),
        false => Err(SealError::BadContent),
    }
}

/// Checks that audit data is the input of `request` and the output of `commitment`. An embedding cannot be checked
/// here: its root follows from the vector, which the worker opens after the auditor committed to its own.
pub fn check_audit<Account>(
    message: &AuditMessage,
    worker: &AccountId,
    work: &WorkKey,
    commitment: &Commitment,
    request: &JobRequest<Account>,
) -> Result<(), AuditDataError> {
    let have = message.input_ids.len();
    for want in [request.input_tokens, commitment.n_in] {
        if have != want as usize {
            return Err(AuditDataError::WrongInputCount { have, want });
        }
    }
    if input_commitment(&message.salt, &message.input_ids) != request.input_commitment {
        return Err(AuditDataError::WrongInput);
    }
    match (&message.output, request.params.kind()) {
        (AuditedOutput::Embedding, JobKind::Embed) => Ok(()),
        (AuditedOutput::Tokens { ids, evidence }, JobKind::Generate) => {
            if ids.len() != commitment.n_out as usize {
                return Err(AuditDataError::WrongOutputCount {
                    have: ids.len(),
                    want: commitment.n_out,
                });
            }
            let have = tokens_root(worker, work, ids, evidence, commitment.n_in, commitment.finish);
            match have == commitment.root {
                true => Ok(()),
                false => Err(AuditDataError::WrongRoot {
                    have,
                    want: commitment.root,
                }),
            }
        }
        _ => Err(AuditDataError::WrongKind),
    }
}

/// The root that commits to a generated text and its numeric evidence.
pub fn tokens_root(
    worker: &AccountId,
    work: &WorkKey,
    ids: &[u32],
    evidence: &[EvidencePair],
    n_in: u32,
    finish: FinishReason,
) -> H256 {
    let evidence: Vec<_> = evidence
        .iter()
        .map(|(sketch, hidden)| ChunkEvidence {
            sketch: *sketch,
            hidden: *hidden,
        })
        .collect();
    merkle::root(&generate_leaves(&worker.0, work, ids, n_in, finish, &evidence))
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
