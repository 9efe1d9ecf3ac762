//! The call that does an action, out of what was kept of the result. Pure but for the randomness of encryption.

use super::step::{Action, Demanded, Reader};
use crate::jobs::{Proof, ProofError};
use ogpu_client::{
    chain::Call,
    sealed::{self, SealError},
    AccountId,
};
use ogpu_primitives::{Subject, H256};

/// Most bytes that `Verification.post_data` takes.
const MAX_POSTED_BYTES: usize = ogpu_primitives::check::MAX_POSTED_BYTES as usize;

/// Why an action cannot be done.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum MakeError {
    /// The chain's format is too small.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The demander's key is no key.
    #[error("the data cannot be encrypted for who demands it: {0}")]
    Seal(#[from] SealError),
    /// More than one transaction holds.
    #[error("the encrypted data has {0} bytes and the chain takes {MAX_POSTED_BYTES}; it can only be handed over directly")]
    TooLong(usize),
}

/// The call for `action`.
pub fn call(genesis: &H256, worker: &AccountId, action: &Action, proof: &Proof) -> Result<Call, MakeError> {
    let subject = Subject::Work(action.work());
    Ok(match action {
        Action::Open(work) => Call::Open {
            subject,
            opening: proof.opening(&worker.0, work)?,
        },
        Action::Post(demanded) => {
            let ciphertext = seal(genesis, demanded, proof)?;
            if ciphertext.len() > MAX_POSTED_BYTES {
                return Err(MakeError::TooLong(ciphertext.len()));
            }
            Call::PostData {
                subject,
                demander: demanded.demander,
                ciphertext,
            }
        }
    })
}

fn seal(genesis: &H256, demanded: &Demanded, proof: &Proof) -> Result<Vec<u8>, SealError> {
    let Demanded {
        work,
        demander,
        reader,
        key,
        ..
    } = demanded;
    match reader {
        // What the client asked for besides is not kept, and no part of what it can demand.
        Reader::Client => sealed::seal_output(genesis, work, key, &proof.for_client(Vec::new())),
        Reader::Auditor => sealed::seal_audit(genesis, work, demander, key, &proof.for_auditor()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jobs::{
            fixtures::{assignment, proof, text_proof},
            ProvedOutput,
        },
        proving::fixtures::{AUDITOR, CLIENT, WORKER},
    };
    use ogpu_client::keys::EncryptionKey;
    use ogpu_primitives::{
        check::{MAX_INPUT_TOKENS, POSTING_OVERHEAD_BYTES},
        evidence,
        report::MAX_EMBEDDING_BYTES,
        AuditOpening, WorkKey,
    };

    const GENESIS: H256 = H256([9; 32]);

    fn work() -> WorkKey {
        assignment(1).work
    }

    fn posted(
        demander: AccountId,
        reader: Reader,
        key: &EncryptionKey,
        proof: &Proof,
    ) -> Result<Vec<u8>, MakeError> {
        let action = Action::Post(Demanded {
            work: work(),
            demander,
            reader,
            key: key.public(),
            asked_at: 1,
        });
        match call(&GENESIS, &WORKER, &action, proof)? {
            Call::PostData {
                subject,
                demander: to,
                ciphertext,
            } => {
                assert_eq!((subject, to), (Subject::Work(work()), demander));
                Ok(ciphertext)
            }
            other => panic!("another call: {other:?}"),
        }
    }

    #[test]
    fn call_should_open_exactly_what_was_committed() {
        let made = call(&GENESIS, &WORKER, &Action::Open(work()), &proof()).expect("made");
        let Call::Open {
            subject,
            opening: AuditOpening::Embed(vector),
        } = made
        else {
            panic!("another call: {made:?}")
        };
        assert_eq!(subject, Subject::Work(work()));
        let root = proof().root(&WORKER.0, &work(), ogpu_primitives::FinishReason::Complete);
        assert_eq!(evidence::embedding_root(&WORKER.0, &work(), &vector, 3), root);
    }

    #[test]
    fn call_should_give_the_client_its_output_and_the_auditor_the_audit_data() {
        let (key, proof) = (EncryptionKey::generate(), text_proof(300));
        let output = posted(CLIENT, Reader::Client, &key, &proof).expect("made");
        let opened = sealed::open_output(&GENESIS, &work(), key.secret(), &output).expect("opened");
        assert_eq!(opened, proof.for_client(Vec::new()));

        let audit = posted(AUDITOR, Reader::Auditor, &key, &proof).expect("made");
        let opened = sealed::open_audit(&GENESIS, &work(), &AUDITOR, key.secret(), &audit).expect("opened");
        assert_eq!(opened, proof.for_auditor());
        // A ciphertext for one auditor is of no use to another one that takes it from the chain.
        assert!(sealed::open_audit(&GENESIS, &work(), &CLIENT, key.secret(), &audit).is_err());
    }

    #[test]
    fn call_should_fit_the_chain_when_input_and_output_are_as_long_as_they_can_be() {
        let (key, mut longest) = (EncryptionKey::generate(), text_proof(evidence::MAX_OUTPUT_TOKENS));
        longest.input_ids = vec![1; MAX_INPUT_TOKENS as usize];
        assert!(posted(CLIENT, Reader::Client, &key, &longest).is_ok());
        let audit = posted(AUDITOR, Reader::Auditor, &key, &longest).expect("made");
        // Not so far below that the limit could be missed by what a longer input adds.
        assert!(audit.len() > MAX_POSTED_BYTES - POSTING_OVERHEAD_BYTES as usize);
        assert!(call(&GENESIS, &WORKER, &Action::Open(work()), &longest).is_ok());
    }

    #[test]
    fn call_should_be_refused_when_the_data_is_longer_than_the_chain_takes() {
        let key = EncryptionKey::generate();
        let mut long = text_proof(evidence::MAX_OUTPUT_TOKENS + 1_000);
        long.input_ids = vec![1; MAX_INPUT_TOKENS as usize];
        let error = posted(AUDITOR, Reader::Auditor, &key, &long).expect_err("too long");
        assert!(
            matches!(error, MakeError::TooLong(bytes) if bytes > MAX_POSTED_BYTES),
            "{error}"
        );
        // Its client has the input already.
        assert!(posted(CLIENT, Reader::Client, &key, &long).is_ok());
    }

    #[test]
    fn call_should_post_no_more_than_the_chain_takes_for_these_counts() {
        let key = EncryptionKey::generate();
        // What the chain adds up: four bytes an id, 64 a chunk or a vector's most, and the overhead.
        let most = |proof: &Proof| {
            let (tokens, content) = match &proof.output {
                ProvedOutput::Tokens { ids, records } => (ids.len(), 64 * records.len()),
                ProvedOutput::Vector(_) => (0, MAX_EMBEDDING_BYTES as usize),
            };
            4 * (proof.input_ids.len() + tokens) + content + POSTING_OVERHEAD_BYTES as usize
        };
        let widest = Proof {
            output: ProvedOutput::Vector(vec![0; MAX_EMBEDDING_BYTES as usize]),
            ..proof()
        };
        for proof in [
            proof(),
            widest,
            text_proof(1),
            text_proof(evidence::MAX_OUTPUT_TOKENS),
        ] {
            for (demander, reader) in [(CLIENT, Reader::Client), (AUDITOR, Reader::Auditor)] {
                let data = posted(demander, reader, &key, &proof).expect("made");
                assert!(data.len() <= most(&proof), "{} of {}", data.len(), most(&proof));
            }
        }
    }
}
