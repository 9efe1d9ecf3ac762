//! Secrets of jobs that are not finished, so that a client that was killed can still read its answer.

use crate::keys::{self, EncryptionKey, KeyError};
use codec::{Decode, Encode};
use ogpu_primitives::{JobId, ModelId};
use std::path::{Path, PathBuf};
use subxt::utils::H256;
use zeroize::{Zeroize, Zeroizing};

/// What only the client knows of its job.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct JobSecrets {
    /// Genesis hash of the network that it was submitted to.
    pub genesis: H256,
    /// The model, to decode the answer with.
    pub model: ModelId,
    /// Salt of the input commitment.
    pub salt: [u8; 32],
    /// The input.
    pub token_ids: Vec<u32>,
    /// Secret half of the key that the answer is sealed to.
    pub reply_secret: [u8; 32],
}

impl JobSecrets {
    /// The key that the answer is sealed to.
    pub fn reply_key(&self) -> EncryptionKey {
        EncryptionKey::from_secret(self.reply_secret)
    }
}

impl Drop for JobSecrets {
    fn drop(&mut self) {
        self.salt.zeroize();
        self.token_ids.zeroize();
        self.reply_secret.zeroize();
    }
}

impl std::fmt::Debug for JobSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "JobSecrets({} tokens)", self.token_ids.len())
    }
}

/// The folder with the secrets of unfinished jobs; one file a job, mode 0600.
#[derive(Debug, Clone)]
pub struct PendingJobs {
    folder: PathBuf,
}

impl PendingJobs {
    /// The folder inside a data folder.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("jobs"),
        }
    }

    /// Keeps a job's secrets; call it before the job is submitted.
    pub fn store(&self, job: &JobId, secrets: &JobSecrets) -> Result<(), KeyError> {
        keys::write_new_secret(&self.path(job), &Zeroizing::new(secrets.encode()))
    }

    /// The secrets of a job.
    pub fn load(&self, job: &JobId) -> Result<JobSecrets, KeyError> {
        let path = self.path(job);
        let bytes = keys::read_secret(&path)?;
        JobSecrets::decode(&mut bytes.as_slice()).map_err(|_| KeyError::Damaged(path.display().to_string()))
    }

    /// Forgets a job that is finished.
    pub fn remove(&self, job: &JobId) {
        // What cannot be removed only takes space.
        let _ = std::fs::remove_file(self.path(job));
    }

    fn path(&self, job: &JobId) -> PathBuf {
        self.folder.join(format!("{}.secret", hex::encode(job.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_should_come_back_when_the_client_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let pending = PendingJobs::in_data_dir(folder.path());
        let secrets = JobSecrets {
            genesis: H256::repeat_byte(4),
            model: ModelId::zero(),
            salt: [1; 32],
            token_ids: vec![1, 2],
            reply_secret: [2; 32],
        };
        let job = JobId::repeat_byte(3);
        pending.store(&job, &secrets).unwrap();
        assert_eq!(pending.load(&job).unwrap(), secrets);
        pending.remove(&job);
        assert!(pending.load(&job).is_err());
    }
}
