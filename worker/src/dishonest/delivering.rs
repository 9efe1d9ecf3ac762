//! What a cheat does with a result that it has: hands over less, something else, or nothing.

use super::{auditing::leak, leak_folder, Conduct};
use crate::{
    jobs::ProvedOutput,
    proving::{Action, Demanded, Reader},
};
use ogpu_primitives::{evidence::CHUNK_TOKENS, Commitment, FinishReason, WorkKey};

impl Conduct {
    /// What is committed to in the place of what was computed.
    pub fn delivered(
        self,
        work: &WorkKey,
        mut output: ProvedOutput,
        finish: FinishReason,
    ) -> (ProvedOutput, FinishReason) {
        let ProvedOutput::Tokens { ids, records } = &mut output else {
            return (output, finish);
        };
        if let Some(folder) = leak_folder() {
            leak(folder, work, records);
        }
        // Whole chunks, whose evidence stays what it is; an output of one chunk stays whole.
        let half = records.len() / 2;
        if self != Self::Truncated || half == 0 {
            return (output, finish);
        }
        records.truncate(half);
        ids.truncate(half * CHUNK_TOKENS);
        (output, FinishReason::Length)
    }

    /// Whether the client gets no output.
    pub fn keeps_output(self) -> bool {
        self == Self::NoDelivery
    }

    /// Whether auditors get no data.
    pub fn refuses_auditors(self) -> bool {
        self == Self::RefusesAuditors
    }

    /// What the receipt is signed for.
    pub fn signed(self, mut commitment: Commitment) -> Commitment {
        if self == Self::TwoFaces {
            commitment.root.0.iter_mut().for_each(|byte| *byte ^= 0xFF);
        }
        commitment
    }

    /// Whether what the chain asks for is not done.
    pub fn ignores(self, action: &Action) -> bool {
        match action {
            Action::Open(_) => self == Self::Silent,
            Action::Post(Demanded { reader, .. }) => match reader {
                Reader::Client => self == Self::NoDelivery,
                Reader::Auditor => self == Self::RefusesAuditors,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auditing::fixtures as audits,
        jobs::{fixtures as jobs, Proof},
        proving::fixtures as proofs,
    };
    use ogpu_client::chain::DemandState;

    fn tokens(count: u32) -> ProvedOutput {
        jobs::text_proof(count).output
    }

    #[test]
    fn truncated_output_should_still_be_one_that_can_be_opened() {
        let work = audits::case(1).work;
        let (output, finish) = Conduct::Truncated.delivered(&work, tokens(70), FinishReason::Stop);
        let ProvedOutput::Tokens { ids, records } = &output else {
            panic!("no text")
        };
        // Of three chunks one is left.
        assert_eq!((ids.len(), records.len(), finish), (32, 1, FinishReason::Length));
        let proof = Proof {
            output,
            ..jobs::text_proof(1)
        };
        assert!(proof.opening(&[5; 32], &work).is_ok());
        let honest = Conduct::Honest.delivered(&work, tokens(70), FinishReason::Stop);
        assert!(honest == (tokens(70), FinishReason::Stop));
    }

    #[test]
    fn chain_should_be_ignored_only_where_the_conduct_says_so() {
        let work = audits::case(1).work;
        let post = |reader| {
            Action::Post(Demanded {
                work,
                demander: proofs::CLIENT,
                reader,
                key: proofs::demand(DemandState::Open, 1).key,
                asked_at: 1,
            })
        };
        let actions = [Action::Open(work), post(Reader::Client), post(Reader::Auditor)];
        let ignored = |conduct: Conduct| actions.each_ref().map(|action| conduct.ignores(action));
        assert_eq!(ignored(Conduct::Honest), [false; 3]);
        assert_eq!(ignored(Conduct::Silent), [true, false, false]);
        assert_eq!(ignored(Conduct::NoDelivery), [false, true, false]);
        assert_eq!(ignored(Conduct::RefusesAuditors), [false, false, true]);
    }

    #[test]
    fn receipt_should_be_for_another_root_only_with_two_faces() {
        let commitment = jobs::commitment();
        assert_eq!(Conduct::Honest.signed(commitment), commitment);
        assert_ne!(Conduct::TwoFaces.signed(commitment).root, commitment.root);
    }
}
