//! The service behind the line.

use super::{audit, input, EncryptionKeys};
use crate::{
    chain::duties::Duties,
    jobs::{record::short, InputRefused, JobRecord, ManagerHandle, State, StoreError},
};
use async_trait::async_trait;
use ogpu_client::{
    keys::{AccountKey, EncryptionKey},
    sealed,
    transport::{ErrorCode, JobService, Refusal, ServedOutput},
    AccountId,
};
use ogpu_primitives::{Receipt, SignedReceipt, WorkKey, H256};
use std::{sync::Arc, time::Duration};
use tokio::sync::{watch, Notify};

/// How long a request waits for a block that the asker's node has and ours has not.
const WAIT_FOR_BLOCK: Duration = Duration::from_secs(6);
/// How long a request for an output that is being made is held open before it is answered with "pending".
const WAIT_FOR_OUTPUT: Duration = Duration::from_secs(20);

/// Who answers.
#[derive(Clone)]
pub struct Identity {
    /// Hash of the chain's first block.
    pub genesis: H256,
    /// Signs receipts.
    pub account: AccountKey,
    /// Opens inputs.
    pub encryption: EncryptionKey,
}

/// Takes inputs and serves outputs and audit data for one worker.
pub struct WorkerService {
    identity: Identity,
    manager: ManagerHandle,
    /// Makes the chain follower look at once.
    look_now: Arc<Notify>,
    /// Who has a seat in the audit of a result of ours.
    duties: watch::Receiver<Duties>,
    keys: Arc<dyn EncryptionKeys>,
    /// [`WAIT_FOR_BLOCK`], shorter in tests.
    wait_for_block: Duration,
}

impl WorkerService {
    /// A service; `look_now` is notified when somebody names an attempt or a seat that is not known yet.
    pub fn new(
        identity: Identity,
        manager: ManagerHandle,
        look_now: Arc<Notify>,
        duties: watch::Receiver<Duties>,
        keys: Arc<dyn EncryptionKeys>,
    ) -> Self {
        Self {
            identity,
            manager,
            look_now,
            duties,
            keys,
            wait_for_block: WAIT_FOR_BLOCK,
        }
    }

    fn read(&self, work: &WorkKey) -> Result<Option<JobRecord>, Refusal> {
        self.manager
            .record(work)
            .map_err(|error| store_failed(work, &error))
    }

    /// The attempt's record, waiting a moment for a block that is under way.
    async fn find(&self, work: &WorkKey) -> Result<JobRecord, Refusal> {
        let mut attempts = self.manager.attempts();
        let end = tokio::time::Instant::now() + self.wait_for_block;
        loop {
            attempts.borrow_and_update();
            if let Some(record) = self.read(work)? {
                return Ok(record);
            }
            self.look_now.notify_one();
            if !matches!(tokio::time::timeout_at(end, attempts.changed()).await, Ok(Ok(()))) {
                return Err(Refusal::new(
                    ErrorCode::UnknownWork,
                    InputRefused::NotAssigned.to_string(),
                ));
            }
        }
    }

    /// Whether the chain gave `auditor` a seat, waiting a moment for a block that is under way.
    async fn check_seat(&self, work: &WorkKey, auditor: &AccountId) -> Result<(), Refusal> {
        let us = self.identity.account.account_id();
        let mut duties = self.duties.clone();
        let end = tokio::time::Instant::now() + self.wait_for_block;
        loop {
            let entitled = audit::entitled(&duties.borrow_and_update(), &us, work, auditor);
            let Err(error) = entitled else { return Ok(()) };
            self.look_now.notify_one();
            if !matches!(tokio::time::timeout_at(end, duties.changed()).await, Ok(Ok(()))) {
                return Err(error.refusal());
            }
        }
    }

    /// What this worker signs for a result that it is about to commit to, or has.
    fn receipt(&self, record: &JobRecord) -> Option<SignedReceipt> {
        let commitment = record.commitment.as_ref()?;
        #[cfg(feature = "dishonest")]
        let commitment = &crate::dishonest::conduct().signed(*commitment);
        let receipt = Receipt::new(self.identity.genesis, record.work(), commitment);
        Some(SignedReceipt {
            receipt,
            signature: self.identity.account.sign_bytes(&receipt.signing_payload()),
        })
    }
}

fn store_failed(work: &WorkKey, error: &StoreError) -> Refusal {
    tracing::error!(job = short(work), %error, "the job store failed");
    Refusal::new(
        ErrorCode::Internal,
        "the worker's job store failed; try again later",
    )
}

#[async_trait]
impl JobService for WorkerService {
    async fn push_input(&self, _peer: [u8; 32], work: WorkKey, sealed: Vec<u8>) -> Result<(), Refusal> {
        let record = self.find(&work).await?;
        if !record.state.takes_input() && !record.state.is_final() {
            return Ok(()); // held already; a client that did not hear our answer asks again
        }
        input::check(
            &self.identity.genesis,
            &record.assignment,
            self.identity.encryption.secret(),
            &sealed,
        )
        .map_err(|error| {
            tracing::warn!(job = short(&work), %error, "an input was refused");
            error.refusal()
        })?;
        self.manager.input(work, sealed).await.map_err(|refused| {
            let code = match refused {
                InputRefused::NotAssigned => ErrorCode::UnknownWork,
                InputRefused::TooLate | InputRefused::DeadlineTooNear => ErrorCode::Gone,
                InputRefused::Storage(_) => ErrorCode::Internal,
                InputRefused::Closing => ErrorCode::Busy,
            };
            Refusal::new(code, refused.to_string())
        })
    }

    async fn fetch_output(&self, _peer: [u8; 32], work: WorkKey) -> Result<Option<ServedOutput>, Refusal> {
        // Anybody may fetch: it is ciphertext that only the client's reply key opens.
        self.find(&work).await?;
        #[cfg(feature = "dishonest")]
        if crate::dishonest::conduct().keeps_output() {
            tokio::time::sleep(WAIT_FOR_OUTPUT).await;
            return Ok(None);
        }
        let mut attempts = self.manager.attempts();
        let end = tokio::time::Instant::now() + WAIT_FOR_OUTPUT;
        loop {
            attempts.borrow_and_update();
            let record = self.read(&work)?.ok_or_else(|| gone("it is too old"))?;
            if record.state.has_output() {
                let output = self.manager.output(&work);
                let sealed = output
                    .map_err(|error| store_failed(&work, &error))?
                    .ok_or_else(|| gone("its output is no longer on disk"))?;
                let receipt = self.receipt(&record);
                return Ok(Some(ServedOutput { sealed, receipt }));
            }
            if let State::Abandoned(reason) = record.state {
                return Err(gone(&format!("the worker has no output for it ({reason:?})")));
            }
            if !matches!(tokio::time::timeout_at(end, attempts.changed()).await, Ok(Ok(()))) {
                return Ok(None);
            }
        }
    }

    async fn fetch_audit(
        &self,
        _peer: [u8; 32],
        work: WorkKey,
        auditor: [u8; 32],
    ) -> Result<Option<Vec<u8>>, Refusal> {
        // Whoever asks in an auditor's name gets what only the auditor can open.
        let auditor = AccountId::from(auditor);
        #[cfg(feature = "dishonest")]
        if crate::dishonest::conduct().refuses_auditors() {
            return Err(gone("its audit data is no longer on disk"));
        }
        self.check_seat(&work, &auditor).await?;
        let key = self.keys.encryption_key(&auditor).await.map_err(|error| {
            tracing::warn!(job = short(&work), %auditor, %error, "an auditor's key could not be read");
            Refusal::new(
                ErrorCode::Internal,
                "the worker's node does not answer; try again later",
            )
        })?;
        let key = key.ok_or_else(|| {
            Refusal::new(
                ErrorCode::NotEntitled,
                "this auditor has published no profile with a key to encrypt for: set its profile, then ask again",
            )
        })?;
        let proof = self.manager.proof(&work);
        let proof = proof
            .map_err(|error| store_failed(&work, &error))?
            .ok_or_else(|| gone("its audit data is no longer on disk"))?;
        let genesis = &self.identity.genesis;
        let sealed = sealed::seal_audit(genesis, &work, &auditor, &key, &proof.for_auditor());
        tracing::info!(job = short(&work), %auditor, "an auditor fetched its data");
        sealed
            .map(Some)
            .map_err(|error| Refusal::new(ErrorCode::Internal, error.to_string()))
    }
}

fn gone(why: &str) -> Refusal {
    Refusal::new(ErrorCode::Gone, format!("this attempt is over: {why}"))
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
