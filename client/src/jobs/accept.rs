//! Accepting a result: the client's secret goes into the draw that decides whether the result is audited.

use super::JobSecrets;
use crate::{
    chain::{Call, Chain, ChainError, CommitmentRecord, Wait},
    keys::AccountKey,
};
use ogpu_primitives::{job::secret_hash, CheckStage, Subject, WorkKey};
use rand::{rngs::OsRng, RngCore};

/// How often a transaction is signed again when another one of the account took its number.
const TRIES: u32 = 3;

/// What became of the client's part in the draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// The job has no secret, it lost its part in the draw when it was done again, or there is nobody to sign for it.
    None,
    /// The secret is in the draw.
    Sent,
    /// It was not sent, since this answer and that of the job's other replica are in doubt: the client can challenge.
    HeldBack,
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

/// Whether the chain still takes an acceptance. It takes none of a job that is done again: its secret could be known
/// to the worker of the attempt before.
pub fn can_accept(record: &CommitmentRecord) -> bool {
    record.work.secret_hash.is_some()
        && record.stage == CheckStage::Window
        && record.secret.is_none()
        && record.challenge.is_none()
}

/// What became of a part in the draw with `secret`; `None` while it can be sent.
fn settled(record: Option<&CommitmentRecord>, secret: &[u8; 32]) -> Option<Acceptance> {
    let Some(record) = record else {
        return Some(Acceptance::TooLate);
    };
    if record.work.secret_hash != Some(secret_hash(secret)) {
        return Some(Acceptance::None);
    }
    if record.secret.as_ref() == Some(secret) {
        return Some(Acceptance::Sent);
    }
    (!can_accept(record)).then_some(Acceptance::TooLate)
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
    try_accept(chain, key, secret, Subject::Work(work))
        .await
        .unwrap_or_else(|error| Acceptance::Failed(error.to_string()))
}

/// What became of the part in the draw of a job whose answer is in doubt: it may have been sent before, or be too late.
pub(super) async fn held_back(chain: &Chain, secrets: &JobSecrets, work: WorkKey) -> Acceptance {
    let Some(secret) = secrets.secret else {
        return Acceptance::None;
    };
    let ask = async { chain.commitment(&chain.best().await?, Subject::Work(work)).await };
    not_sent(ask.await, &secret)
}

/// The same by the chain's record.
fn not_sent(record: Result<Option<CommitmentRecord>, ChainError>, secret: &[u8; 32]) -> Acceptance {
    match record {
        Ok(record) => settled(record.as_ref(), secret).unwrap_or(Acceptance::HeldBack),
        // Nothing was sent by us now, and a challenge says whether it comes too late.
        Err(_) => Acceptance::HeldBack,
    }
}

async fn try_accept(
    chain: &Chain,
    key: &AccountKey,
    secret: [u8; 32],
    subject: Subject,
) -> Result<Acceptance, ChainError> {
    let mut tries = 0;
    loop {
        let record = chain.commitment(&chain.best().await?, subject).await?;
        if let Some(acceptance) = settled(record.as_ref(), &secret) {
            return Ok(acceptance);
        }
        tries += 1;
        let call = Call::Accept { subject, secret };
        match chain.submit(&call, key, Wait::Best, |_| ()).await {
            Ok(_) => return Ok(Acceptance::Sent),
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
        CheckTerms, CheckedWork, Commitment, FinishReason, JobKind, NumericProfile, ProfileParams, H256,
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
            class: None,
            jury_key: None,
        }
    }

    #[test]
    fn acceptance_should_be_open_only_in_the_window_with_a_secret_that_is_not_in_and_without_challenge() {
        assert!(can_accept(&record()));
        let changed = |change: fn(&mut CommitmentRecord)| {
            let mut record = record();
            change(&mut record);
            can_accept(&record)
        };
        assert!(!changed(|record| record.stage = CheckStage::Closed));
        assert!(!changed(|record| record.secret = Some([2; 32])));
        assert!(!changed(|record| record.challenge = Some(1)));
        assert!(!changed(|record| record.work.secret_hash = None), "done again");
    }

    #[test]
    fn nothing_should_be_sent_or_tried_again_when_the_job_is_done_again_without_its_secret() {
        let secret = [2; 32];
        assert_eq!(settled(Some(&record()), &secret), None, "it is to be sent");
        let changed = |change: fn(&mut CommitmentRecord)| {
            let mut record = record();
            change(&mut record);
            settled(Some(&record), &secret)
        };
        assert_eq!(
            changed(|record| record.work.secret_hash = None),
            Some(Acceptance::None)
        );
        assert_eq!(
            changed(|record| record.secret = Some([2; 32])),
            Some(Acceptance::Sent)
        );
        assert_eq!(
            changed(|record| record.challenge = Some(1)),
            Some(Acceptance::TooLate)
        );
        assert_eq!(
            changed(|record| record.stage = CheckStage::Closed),
            Some(Acceptance::TooLate)
        );
        assert_eq!(
            settled(Some(&record()), &[3; 32]),
            Some(Acceptance::None),
            "another secret"
        );
        assert_eq!(settled(None, &secret), Some(Acceptance::TooLate), "pruned");
    }

    #[test]
    fn answer_in_doubt_should_be_called_accepted_or_late_when_it_was_before() {
        let secret = [2; 32];
        let changed = |change: fn(&mut CommitmentRecord)| {
            let mut record = record();
            change(&mut record);
            not_sent(Ok(Some(record)), &secret)
        };
        assert_eq!(changed(|_| ()), Acceptance::HeldBack);
        assert_eq!(changed(|record| record.secret = Some([2; 32])), Acceptance::Sent);
        assert_eq!(
            changed(|record| record.stage = CheckStage::Closed),
            Acceptance::TooLate
        );
        assert_eq!(changed(|record| record.work.secret_hash = None), Acceptance::None);
        assert_eq!(not_sent(Ok(None), &secret), Acceptance::TooLate);
        let away = ChainError::Disconnected("the node is away".into());
        assert_eq!(not_sent(Err(away), &secret), Acceptance::HeldBack);
    }

    #[test]
    fn secrets_should_differ_when_they_are_made() {
        assert_ne!(new_secret(), new_secret());
    }
}
