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
        OutputMessage::Tokens(ids) => (
            ids.len() as u32,
            evidence::commitment_root(&worker.0, work, ids, commitment.n_in, commitment.finish),
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
    let complete = matches!(output, OutputMessage::Tokens(_)) || commitment.finish == FinishReason::Complete;
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

    fn committed(worker: &AccountId, ids: &[u32]) -> Commitment {
        let finish = FinishReason::Stop;
        Commitment {
            root: evidence::commitment_root(&worker.0, &work(), ids, 5, finish),
            output: sealed::blob_hash(b"sealed"),
            n_in: 5,
            n_out: ids.len() as u32,
            finish,
        }
    }

    #[test]
    fn output_should_pass_when_it_is_the_committed_one() {
        let worker = AccountId::from([1; 32]);
        let ids: Vec<u32> = (0..70).collect();
        let commitment = committed(&worker, &ids);
        assert_eq!(check_blob(b"sealed", &commitment), Ok(()));
        assert_eq!(
            check_output(&worker, &work(), &OutputMessage::Tokens(ids), &commitment),
            Ok(())
        );
    }

    #[test]
    fn output_should_be_refused_when_it_differs_from_the_commitment() {
        let worker = AccountId::from([1; 32]);
        let commitment = committed(&worker, &[1, 2, 3]);
        assert!(matches!(
            check_blob(b"other", &commitment),
            Err(VerifyError::WrongBlob { .. })
        ));
        let check = |worker: [u8; 32], ids: &[u32]| {
            check_output(
                &worker.into(),
                &work(),
                &OutputMessage::Tokens(ids.to_vec()),
                &commitment,
            )
        };
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
