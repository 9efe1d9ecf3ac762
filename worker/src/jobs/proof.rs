//! What a worker keeps of a result in order to show it later: to its client, to an auditor, to the chain.
//!
//! Everything that is shown comes from here and not from another run of the engine, so it is exactly what was
//! committed, whatever happened to model, machine or configuration in between.

use codec::{Decode, Encode};
use ogpu_client::sealed::{AuditMessage, AuditedOutput, EvidencePair, OutputMessage};
use ogpu_primitives::{
    evidence::{self, ChunkEvidence, ChunkRecord},
    merkle, AuditOpening, ChunkSketch, FinishReason, OpeningError, Origin, SketchesOpening, WorkKey, H256,
};

/// Input and output of an attempt, with the evidence of the output.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Proof {
    /// Salt of the input's commitment.
    pub salt: [u8; 32],
    /// The input.
    pub input_ids: Vec<u32>,
    /// The output.
    pub output: ProvedOutput,
}

/// An output as it was computed; the variant is the job's kind.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum ProvedOutput {
    /// A generated text.
    #[codec(index = 0)]
    Tokens {
        /// Its token ids.
        ids: Vec<u32>,
        /// Evidence of each chunk.
        records: Vec<ChunkRecord>,
    },
    /// An embedding: its values as f32, little-endian.
    #[codec(index = 1)]
    Vector(Vec<u8>),
}

/// Why a result cannot be opened on the chain.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum ProofError {
    /// Longer than the chain's format takes; the chain takes no job of such a length.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// More values than the chain's format takes.
    #[error("the embedding has {0} bytes, more than an opening on the chain holds")]
    VectorTooLong(usize),
}

impl std::fmt::Debug for Proof {
    /// Without what client and worker said to each other, which does not belong into logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let output = match &self.output {
            ProvedOutput::Tokens { ids, .. } => format!("{} tokens", ids.len()),
            ProvedOutput::Vector(bytes) => format!("{} values", bytes.len() / 4),
        };
        write!(
            formatter,
            "Proof({} tokens in, {output} out)",
            self.input_ids.len()
        )
    }
}

impl Proof {
    /// Billed output tokens.
    pub fn output_tokens(&self) -> u32 {
        match &self.output {
            ProvedOutput::Tokens { ids, .. } => ids.len() as u32,
            ProvedOutput::Vector(_) => 0,
        }
    }

    /// The root that commits to the result.
    pub fn root(&self, worker: &[u8; 32], work: &WorkKey, finish: FinishReason) -> H256 {
        let n_in = self.input_ids.len() as u32;
        match &self.output {
            ProvedOutput::Tokens { ids, records } => {
                let evidence: Vec<ChunkEvidence> = records.iter().map(ChunkRecord::evidence).collect();
                merkle::root(&evidence::generate_leaves(
                    worker, work, ids, n_in, finish, &evidence,
                ))
            }
            ProvedOutput::Vector(bytes) => evidence::embedding_root(worker, work, bytes, n_in),
        }
    }

    /// What the chain compares with the auditors' reports.
    pub fn opening(&self, worker: &[u8; 32], work: &WorkKey) -> Result<AuditOpening, ProofError> {
        Ok(match &self.output {
            ProvedOutput::Tokens { ids, records } => {
                let origin = Origin {
                    worker: *worker,
                    work: *work,
                };
                AuditOpening::Generate(SketchesOpening::new(&origin, ids, records)?)
            }
            ProvedOutput::Vector(bytes) => AuditOpening::Embed(
                bytes
                    .clone()
                    .try_into()
                    .map_err(|_| ProofError::VectorTooLong(bytes.len()))?,
            ),
        })
    }

    /// What the client gets, with the sketches that it asked for besides.
    pub fn for_client(&self, comparison: Vec<ChunkSketch>) -> OutputMessage {
        match &self.output {
            ProvedOutput::Tokens { ids, records } => OutputMessage::Tokens {
                ids: ids.clone(),
                evidence: pairs(records),
                comparison,
            },
            ProvedOutput::Vector(bytes) => {
                let (words, _) = bytes.as_chunks::<4>();
                OutputMessage::Vector(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
            }
        }
    }

    /// What an auditor gets: no sketches, which it could copy, and nothing of an embedding.
    pub fn for_auditor(&self) -> AuditMessage {
        AuditMessage {
            salt: self.salt,
            input_ids: self.input_ids.clone(),
            output: match &self.output {
                ProvedOutput::Tokens { ids, records } => AuditedOutput::Tokens {
                    ids: ids.clone(),
                    evidence: pairs(records),
                },
                ProvedOutput::Vector(_) => AuditedOutput::Embedding,
            },
        }
    }
}

fn pairs(records: &[ChunkRecord]) -> Vec<EvidencePair> {
    records
        .iter()
        .map(|record| {
            let evidence = record.evidence();
            (evidence.sketch, evidence.hidden)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::fixtures::{proof, text_proof, TOKENS};
    use ogpu_client::{
        sealed::{tokens_root, MAX_OUTPUT_ITEMS},
        AccountId,
    };
    use ogpu_primitives::{Commitment, JobId};

    const WORKER: [u8; 32] = [5; 32];

    fn work() -> WorkKey {
        WorkKey {
            job: JobId::repeat_byte(1),
            segment: 0,
            attempt: 2,
        }
    }

    #[test]
    fn proof_should_open_to_its_own_root_when_it_is_a_text() {
        let proof = text_proof(70);
        let finish = FinishReason::Length;
        let commitment = Commitment {
            root: proof.root(&WORKER, &work(), finish),
            output: H256::zero(),
            n_in: TOKENS.len() as u32,
            n_out: 70,
            finish,
        };
        let origin = Origin {
            worker: WORKER,
            work: work(),
        };
        let AuditOpening::Generate(opening) = proof.opening(&WORKER, &work()).expect("made") else {
            panic!("a text");
        };
        assert_eq!(opening.verify(&origin, &commitment), Ok(()));
    }

    #[test]
    fn client_and_auditor_should_compute_the_committed_root_from_what_they_get() {
        let proof = text_proof(33);
        let root = proof.root(&WORKER, &work(), FinishReason::Stop);
        let OutputMessage::Tokens { ids, evidence, .. } = proof.for_client(Vec::new()) else {
            panic!("a text");
        };
        let recomputed = |ids: &[u32], evidence: &[EvidencePair]| {
            tokens_root(
                &AccountId::from(WORKER),
                &work(),
                ids,
                evidence,
                3,
                FinishReason::Stop,
            )
        };
        assert_eq!(recomputed(&ids, &evidence), root);
        let AuditedOutput::Tokens { ids, evidence } = &proof.for_auditor().output else {
            panic!("a text");
        };
        assert_eq!(recomputed(ids, evidence), root);
    }

    #[test]
    fn auditor_should_see_nothing_of_a_vector_while_client_and_chain_see_its_bits() {
        let proof = proof();
        let ProvedOutput::Vector(bytes) = &proof.output else {
            panic!("a vector");
        };
        assert!(matches!(proof.for_auditor().output, AuditedOutput::Embedding));
        let floats = proof.for_client(Vec::new()).floats().expect("a vector");
        let back: Vec<u8> = floats.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(back, *bytes);
        let AuditOpening::Embed(opened) = proof.opening(&WORKER, &work()).expect("made") else {
            panic!("a vector");
        };
        assert_eq!(opened.to_vec(), *bytes);
        assert_eq!(
            proof.root(&WORKER, &work(), FinishReason::Complete),
            evidence::embedding_root(&WORKER, &work(), bytes, 3)
        );
    }

    #[test]
    fn opening_should_be_refused_when_the_vector_is_longer_than_the_chain_takes() {
        let mut proof = proof();
        proof.output = ProvedOutput::Vector(vec![0; 4 * MAX_OUTPUT_ITEMS]);
        assert_eq!(
            proof.opening(&WORKER, &work()),
            Err(ProofError::VectorTooLong(4 * MAX_OUTPUT_ITEMS))
        );
    }

    #[test]
    fn proof_should_not_show_its_content_when_it_is_logged() {
        let shown = format!("{:?}", text_proof(40));
        assert_eq!(shown, "Proof(3 tokens in, 40 tokens out)");
    }
}
