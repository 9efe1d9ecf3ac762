//! Secrets of jobs that are not finished, so that a client that was killed can still read its answer, and so that a
//! job whose result is judged wrong can be done again.

use crate::keys::{self, EncryptionKey, KeyError};
use codec::{Decode, Encode};
use ogpu_primitives::{JobId, ModelId, SignedReceipt};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
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
    /// What the client adds to the draw of an audit when it accepts the answer; the request holds its hash.
    pub secret: Option<[u8; 32]>,
    /// The job's other replica.
    pub sibling: Option<Sibling>,
}

/// The other replica of a job.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Sibling {
    /// Its id.
    pub job: JobId,
    /// The key of the sketches by which both answers are compared; both workers get it.
    pub comparison_key: [u8; 32],
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
        self.secret.zeroize();
        if let Some(sibling) = &mut self.sibling {
            sibling.comparison_key.zeroize();
        }
    }
}

impl std::fmt::Debug for JobSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "JobSecrets({} tokens)", self.token_ids.len())
    }
}

/// Ending of a file whose job has no answer yet.
const WAITING: &str = "secret";

/// Ending of a file whose job's answer was read.
const ANSWERED: &str = "answered";

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
        keys::write_new_secret(&self.path(job, WAITING), &Zeroizing::new(secrets.encode()))
    }

    /// The secrets of a job.
    pub fn load(&self, job: &JobId) -> Result<JobSecrets, KeyError> {
        let answered = self.path(job, ANSWERED);
        let path = match answered.exists() {
            true => answered,
            false => self.path(job, WAITING),
        };
        let bytes = keys::read_secret(&path)?;
        JobSecrets::decode(&mut bytes.as_slice()).map_err(|_| KeyError::Damaged(path.display().to_string()))
    }

    /// Notes that a job's answer was read: once the job is over, nothing needs its secrets any more.
    pub fn answered(&self, job: &JobId) {
        // What cannot be renamed is kept for longer than it must be, or was renamed before.
        let _ = std::fs::rename(self.path(job, WAITING), self.path(job, ANSWERED));
    }

    /// The jobs whose answer was read and whose secrets are kept, each with the time since they were stored.
    pub fn all_answered(&self) -> Vec<(JobId, Duration)> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let job = job_of(entry.file_name().to_str()?, ANSWERED)?;
                // A clock that was set back counts as no time.
                let age = entry.metadata().ok()?.modified().ok()?.elapsed();
                Some((job, age.unwrap_or_default()))
            })
            .collect()
    }

    /// Forgets a job that is finished.
    pub fn remove(&self, job: &JobId) {
        // What cannot be removed only takes space.
        let _ = std::fs::remove_file(self.path(job, WAITING));
        let _ = std::fs::remove_file(self.path(job, ANSWERED));
    }

    /// Keeps a receipt that proves an equivocation, as text that can be passed on. The same one is kept once.
    pub fn store_receipt(&self, receipt: &SignedReceipt) -> Result<PathBuf, KeyError> {
        let job = receipt.receipt.work.job;
        let text = receipt_text(receipt);
        let name = format!(
            "{}.{}.receipt",
            hex::encode(job.0),
            &blake3::hash(text.as_bytes()).to_hex()[..16]
        );
        let path = self.folder.join(name);
        if !path.exists() {
            keys::write_new_secret(&path, text.as_bytes())?;
        }
        Ok(path)
    }

    /// The receipts that were kept of a job, those that cannot be read left out; they stay after the job's end.
    pub fn receipts(&self, job: &JobId) -> Vec<SignedReceipt> {
        let prefix = format!("{}.", hex::encode(job.0));
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                name.starts_with(&prefix) && name.ends_with(".receipt")
            })
            .collect();
        paths.sort();
        paths
            .iter()
            .filter_map(|path| parse_receipt(&std::fs::read_to_string(path).ok()?))
            .collect()
    }

    fn path(&self, job: &JobId, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", hex::encode(job.0)))
    }
}

/// The job that a file of this ending is named after.
fn job_of(name: &str, ending: &str) -> Option<JobId> {
    let digits = name.strip_suffix(ending)?.strip_suffix('.')?;
    let mut id = [0u8; 32];
    hex::decode_to_slice(digits, &mut id).ok()?;
    Some(JobId::from(id))
}

/// A receipt as text: 0x and the digits of its SCALE encoding.
pub fn receipt_text(receipt: &SignedReceipt) -> String {
    format!("0x{}\n", hex::encode(receipt.encode()))
}

/// The receipt in a text that [`receipt_text`] made.
pub fn parse_receipt(text: &str) -> Option<SignedReceipt> {
    let bytes = hex::decode(text.trim().strip_prefix("0x")?).ok()?;
    let mut input = bytes.as_slice();
    let receipt = SignedReceipt::decode(&mut input).ok()?;
    input.is_empty().then_some(receipt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::{FinishReason, Receipt, WorkKey};

    fn secrets() -> JobSecrets {
        JobSecrets {
            genesis: H256::repeat_byte(4),
            model: ModelId::zero(),
            salt: [1; 32],
            token_ids: vec![1, 2],
            reply_secret: [2; 32],
            secret: Some([3; 32]),
            sibling: Some(Sibling {
                job: JobId::repeat_byte(9),
                comparison_key: [8; 32],
            }),
        }
    }

    #[test]
    fn secrets_should_stay_until_they_are_removed_when_the_answer_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let pending = PendingJobs::in_data_dir(folder.path());
        assert!(pending.all_answered().is_empty());
        let (read, waiting) = (JobId::repeat_byte(3), JobId::repeat_byte(4));
        pending.store(&read, &secrets()).unwrap();
        pending.store(&waiting, &secrets()).unwrap();
        pending.store_receipt(&receipt(3, 1)).unwrap();
        assert!(pending.all_answered().is_empty());
        for _ in 0..2 {
            pending.answered(&read);
            assert_eq!(pending.load(&read).unwrap(), secrets());
            let [(job, age)] = pending.all_answered()[..] else {
                panic!("not one: {:?}", pending.all_answered())
            };
            assert!(job == read && age < Duration::from_secs(600));
        }
        pending.remove(&read);
        assert!(pending.load(&read).is_err() && pending.all_answered().is_empty());
        assert_eq!(pending.load(&waiting).unwrap(), secrets());
        assert_eq!(pending.receipts(&read).len(), 1);
    }

    #[test]
    fn secrets_should_come_back_when_the_client_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let pending = PendingJobs::in_data_dir(folder.path());
        let secrets = secrets();
        let job = JobId::repeat_byte(3);
        pending.store(&job, &secrets).unwrap();
        assert_eq!(pending.load(&job).unwrap(), secrets);
        pending.remove(&job);
        assert!(pending.load(&job).is_err());
    }

    fn receipt(job: u8, root: u8) -> SignedReceipt {
        SignedReceipt {
            receipt: Receipt {
                genesis: H256::repeat_byte(4),
                work: WorkKey {
                    job: JobId::repeat_byte(job),
                    segment: 0,
                    attempt: 0,
                },
                root: H256::repeat_byte(root),
                n_in: 1,
                n_out: 2,
                finish: FinishReason::Stop,
            },
            signature: [5; 64],
        }
    }

    #[test]
    fn receipts_should_be_kept_once_each_and_by_job_when_they_are_stored() {
        let folder = tempfile::tempdir().unwrap();
        let pending = PendingJobs::in_data_dir(folder.path());
        let job = JobId::repeat_byte(1);
        assert!(pending.receipts(&job).is_empty());
        for receipt in [receipt(1, 1), receipt(1, 2), receipt(1, 1), receipt(2, 3)] {
            pending.store_receipt(&receipt).unwrap();
        }
        let mut roots: Vec<_> = pending
            .receipts(&job)
            .iter()
            .map(|kept| kept.receipt.root)
            .collect();
        roots.sort();
        assert_eq!(roots, [H256::repeat_byte(1), H256::repeat_byte(2)]);
        assert_eq!(pending.receipts(&JobId::repeat_byte(2)), [receipt(2, 3)]);
    }

    #[test]
    fn receipt_should_be_refused_when_its_text_is_damaged() {
        let text = receipt_text(&receipt(1, 1));
        assert_eq!(parse_receipt(&text), Some(receipt(1, 1)));
        for bad in [
            &text[2..],
            &text[..text.len() - 3],
            &format!("{}00", text.trim()),
            "",
        ] {
            assert_eq!(parse_receipt(bad), None, "{bad}");
        }
    }
}
