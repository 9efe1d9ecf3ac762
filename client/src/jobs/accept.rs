//! Accepting a result: the client's secret goes into the draw that decides whether the result is audited.

use super::JobSecrets;
use crate::{
    chain::{Call, Chain, ChainError, CommitmentRecord, Wait},
    keys::AccountKey,
};
use ogpu_primitives::{CheckStage, Subject, WorkKey};
use rand::{rngs::OsRng, RngCore};

/// How often a transaction is signed again when another one of the account took its number.
const TRIES: u32 = 3;

/// What became of the client's part in the draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// The job has no secret, or nobody to sign for it.
    None,
    /// The secret is in the draw.
    Sent,
    /// The check had gone on without it.
    TooLate,
    /// It could not be sent: the draw goes on without it, at twice the rate, and the client may have to pay a second
    /// audit premium.
    Failed(String),
}

/// A new secret.
pub fn new_secret() -> [u8; 32] {
    let mut secret = [0u8; 32];
    OsRng.fill_bytes(&mut secret);
    secret
}

/// Whether the chain still takes an acceptance.
pub fn can_accept(record: &CommitmentRecord) -> bool {
    record.stage == CheckStage::Window && record.secret.is_none() && record.challenge.is_none()
}

/// Sends the secret of a job, once its output was checked.
pub(super) async fn accept(
    chain: &Chain,
    key: &AccountKey,
    secrets: &JobSecrets,
    work: WorkKey,
) -> Acceptance {
    let Some(secret) = secrets.secret else {
        return Acceptance::None;
    };
    match try_accept(chain, key, secret, Subject::Work(work)).await {
        Ok(true) => Acceptance::Sent,
        Ok(false) => Acceptance::TooLate,
        Err(error) => Acceptance::Failed(error.to_string()),
    }
}

async fn try_accept(
    chain: &Chain,
    key: &AccountKey,
    secret: [u8; 32],
    subject: Subject,
) -> Result<bool, ChainError> {
    let mut tries = 0;
    loop {
        let record = chain.commitment(&chain.best().await?, subject).await?;
        let Some(record) = record else {
            return Ok(false);
        };
        if record.secret == Some(secret) {
            return Ok(true);
        }
        if !can_accept(&record) {
            return Ok(false);
        }
        tries += 1;
        let call = Call::Accept { subject, secret };
        match chain.submit(&call, key, Wait::Best, |_| ()).await {
            Ok(_) => return Ok(true),
            Err(ChainError::InvalidTransaction(_)) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountId;
    use ogpu_primitives::{
        job::secret_hash, CheckTerms, CheckedWork, Commitment, FinishReason, JobKind, NumericProfile,
        ProfileParams, H256,
    };

    fn record() -> CommitmentRecord {
        let account = AccountId::from([1; 32]);
        CommitmentRecord {
            work: CheckedWork {
                worker: account,
                owner: account,
                client: account,
                model: H256::zero(),
                kind: JobKind::Generate,
                greedy: false,
                secret_hash: Some(secret_hash(&[2; 32])),
                price: 1,
                audit_fee: 1,
                surcharge: false,
                terms: CheckTerms {
                    params: ProfileParams::starting(NumericProfile::F16),
                    whitened: false,
                    rate_ppm: 1,
                    second_ppm: 1,
                },
            },
            commitment: Commitment {
                root: H256::zero(),
                output: H256::zero(),
                n_in: 1,
                n_out: 1,
                finish: FinishReason::Stop,
            },
            committed_at: 1,
            fixed_at: 1,
            stage: CheckStage::Window,
            due: 31,
            secret: None,
            accepted_at: None,
            challenge: None,
            open_demands: 0,
            redraws: 0,
            audited: false,
            late: false,
            equivocated: false,
            verdict: None,
        }
    }

    #[test]
    fn acceptance_should_be_open_only_in_the_window_and_without_secret_or_challenge() {
        assert!(can_accept(&record()));
        let changed = |change: fn(&mut CommitmentRecord)| {
            let mut record = record();
            change(&mut record);
            can_accept(&record)
        };
        assert!(!changed(|record| record.stage = CheckStage::Closed));
        assert!(!changed(|record| record.secret = Some([2; 32])));
        assert!(!changed(|record| record.challenge = Some(1)));
    }

    #[test]
    fn secrets_should_differ_when_they_are_made() {
        assert_ne!(new_secret(), new_secret());
    }
}
