//! Whether an output is the one that its worker committed to on the chain.

use crate::{
    sealed::{self, OutputMessage},
    AccountId,
};
use ogpu_primitives::{evidence, BlobHash, Commitment, FinishReason, WorkKey};
use subxt::utils::H256;

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Other bytes than those committed to.
    #[error("the ciphertext hashes to {have:?}, the chain says {want:?}")]
    WrongBlob { have: BlobHash, want: BlobHash },
    /// Another number of tokens than is paid for.
    #[error("it has {have} tokens, the chain says {want}")]
    WrongCount { have: u32, want: u32 },
    /// The content does not lead to the committed root.
    #[error("its content leads to the root {have:?}, the chain says {want:?}")]
    WrongRoot { have: H256, want: H256 },
}

/// Checks the ciphertext against the commitment; do this before opening it.
pub fn check_blob(sealed: &[u8], commitment: &Commitment) -> Result<(), VerifyError> {
    let have = sealed::blob_hash(sealed);
    if have == commitment.output {
        Ok(())
    } else {
        Err(VerifyError::WrongBlob {
            have,
            want: commitment.output,
        })
    }
}

/// Checks the opened output against the commitment.
pub fn check_output(
    worker: &AccountId,
    work: &WorkKey,
    output: &OutputMessage,
    commitment: &Commitment,
) -> Result<(), VerifyError> {
    let (count, have) = match output {
        OutputMessage::Tokens { ids, evidence, .. } => (
            ids.len() as u32,
            sealed::tokens_root(worker, work, ids, evidence, commitment.n_in, commitment.finish),
        ),
        OutputMessage::Vector(bits) => {
            let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
            (
                0,
                evidence::embedding_root(&worker.0, work, &bytes, commitment.n_in),
            )
        }
    };
    if count != commitment.n_out {
        return Err(VerifyError::WrongCount {
            have: count,
            want: commitment.n_out,
        });
    }
    let complete =
        matches!(output, OutputMessage::Tokens { .. }) || commitment.finish == FinishReason::Complete;
    if have != commitment.root || !complete {
        return Err(VerifyError::WrongRoot {
            have,
            want: commitment.root,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::JobId;

    fn work() -> WorkKey {
        WorkKey {
            job: JobId::repeat_byte(1),
            segment: 0,
            attempt: 0,
        }
    }

    /// A text with evidence that differs from chunk to chunk.
    fn tokens(ids: &[u32]) -> OutputMessage {
        let hash = |chunk: usize, part: u8| H256::from([chunk as u8 + part; 32]);
        OutputMessage::Tokens {
            ids: ids.to_vec(),
            evidence: (0..ids.len().div_ceil(evidence::CHUNK_TOKENS))
                .map(|chunk| (hash(chunk, 1), hash(chunk, 101)))
                .collect(),
            comparison: Vec::new(),
        }
    }

    fn committed(worker: &AccountId, output: &OutputMessage) -> Commitment {
        let OutputMessage::Tokens { ids, evidence, .. } = output else {
            panic!("a text");
        };
        let finish = FinishReason::Stop;
        Commitment {
            root: sealed::tokens_root(worker, &work(), ids, evidence, 5, finish),
            output: sealed::blob_hash(b"sealed"),
            n_in: 5,
            n_out: ids.len() as u32,
            finish,
        }
    }

    #[test]
    fn output_should_pass_when_it_is_the_committed_one() {
        let worker = AccountId::from([1; 32]);
        let output = tokens(&(0..70).collect::<Vec<_>>());
        let commitment = committed(&worker, &output);
        assert_eq!(check_blob(b"sealed", &commitment), Ok(()));
        assert_eq!(check_output(&worker, &work(), &output, &commitment), Ok(()));
    }

    #[test]
    fn output_should_be_refused_when_its_evidence_differs() {
        let worker = AccountId::from([1; 32]);
        let ids: Vec<u32> = (0..70).collect();
        let commitment = committed(&worker, &tokens(&ids));
        for change in [
            |evidence: &mut Vec<sealed::EvidencePair>| evidence.clear(),
            |evidence: &mut Vec<sealed::EvidencePair>| evidence.swap(0, 2),
        ] {
            let mut output = tokens(&ids);
            if let OutputMessage::Tokens { evidence, .. } = &mut output {
                change(evidence);
            }
            assert!(matches!(
                check_output(&worker, &work(), &output, &commitment),
                Err(VerifyError::WrongRoot { .. })
            ));
        }
    }

    #[test]
    fn output_should_be_refused_when_it_differs_from_the_commitment() {
        let worker = AccountId::from([1; 32]);
        let commitment = committed(&worker, &tokens(&[1, 2, 3]));
        assert!(matches!(
            check_blob(b"other", &commitment),
            Err(VerifyError::WrongBlob { .. })
        ));
        let check =
            |worker: [u8; 32], ids: &[u32]| check_output(&worker.into(), &work(), &tokens(ids), &commitment);
        assert!(matches!(
            check([1; 32], &[1, 2, 4]),
            Err(VerifyError::WrongRoot { .. })
        ));
        assert!(matches!(
            check([1; 32], &[1, 2]),
            Err(VerifyError::WrongCount { .. })
        ));
        assert!(matches!(
            check([2; 32], &[1, 2, 3]),
            Err(VerifyError::WrongRoot { .. })
        ));
    }

    #[test]
    fn vector_should_pass_only_when_every_bit_is_the_committed_one() {
        let worker = AccountId::from([1; 32]);
        let vector = OutputMessage::from_floats(&[0.5, -0.25]);
        let bytes: Vec<u8> = [0.5f32, -0.25]
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let commitment = Commitment {
            root: evidence::embedding_root(&worker.0, &work(), &bytes, 3),
            output: BlobHash::zero(),
            n_in: 3,
            n_out: 0,
            finish: FinishReason::Complete,
        };
        assert_eq!(check_output(&worker, &work(), &vector, &commitment), Ok(()));
        let other = OutputMessage::from_floats(&[0.5, -0.250_000_03]);
        assert!(check_output(&worker, &work(), &other, &commitment).is_err());
    }
}
