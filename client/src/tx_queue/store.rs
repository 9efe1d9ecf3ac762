//! What the queue keeps on disk.

use super::QueueError;
use crate::chain::{Call, DispatchFailure, Signed};
use codec::{Decode, Encode};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use subxt::utils::H256;

/// Number of a request; counts up and is never used again.
pub type RequestId = u64;

/// Requests by id: SCALE of [`StoredRequest`].
const REQUESTS: TableDefinition<u64, &[u8]> = TableDefinition::new("requests");

/// Requests that have a key.
const KEYS: TableDefinition<&str, u64> = TableDefinition::new("keys");

/// Requests that are done and kept, so that their keys still work.
const KEPT_DONE: usize = 10_000;

/// A request and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct StoredRequest {
    /// What is to be done.
    pub call: Call,
    /// Its key, when it must happen only once.
    pub key: Option<String>,
    /// Unix time in ms after which no new submission is made.
    pub give_up_at: Option<u64>,
    /// Where it is.
    pub state: SubmissionState,
}

/// Where a request is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum SubmissionState {
    /// Nothing that was sent for it can be included any more, or nothing was sent.
    #[codec(index = 0)]
    Waiting { submissions: u32 },
    /// A submission may be included.
    #[codec(index = 1)]
    Sent {
        nonce: u64,
        hash: H256,
        bytes: Vec<u8>,
        born_at: u64,
        submissions: u32,
    },
    /// Over.
    #[codec(index = 2)]
    Done { outcome: Outcome, at_unix_ms: u64 },
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// Its transaction is in a final block and succeeded.
    #[codec(index = 0)]
    Succeeded { block: H256, number: u64 },
    /// Its transaction is in a final block and failed.
    #[codec(index = 1)]
    Failed {
        pallet: String,
        error: String,
        docs: String,
    },
    /// It was not included before the caller's limit.
    #[codec(index = 2)]
    GaveUp { reason: String },
}

impl Outcome {
    /// From what the chain says of a final transaction.
    pub(super) fn from_chain(block: H256, outcome: Result<u64, DispatchFailure>) -> Self {
        match outcome {
            Ok(number) => Self::Succeeded { block, number },
            Err(DispatchFailure { pallet, error, docs }) => Self::Failed { pallet, error, docs },
        }
    }

    /// Whether the call took effect.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}

impl SubmissionState {
    pub(super) fn sent(signed: &Signed, nonce: u64, submissions: u32) -> Self {
        let Signed { bytes, hash, born_at } = signed.clone();
        Self::Sent {
            nonce,
            hash,
            bytes,
            born_at,
            submissions,
        }
    }
}

/// The present time in ms since 1970.
pub(super) fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

/// The file with the requests. Every write is on disk when it returns.
pub(super) struct Store {
    database: Database,
}

fn storage(error: impl std::fmt::Display) -> QueueError {
    QueueError::Storage(error.to_string())
}

fn decode(bytes: &[u8]) -> Result<StoredRequest, QueueError> {
    StoredRequest::decode(&mut &bytes[..]).map_err(storage)
}

impl Store {
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        let failed = |reason: String| QueueError::Open {
            path: path.display().to_string(),
            reason,
        };
        if let Some(folder) = path.parent() {
            crate::keys::create_private_dir(folder).map_err(|error| failed(error.to_string()))?;
        }
        let database = Database::create(path).map_err(|error| failed(error.to_string()))?;
        let store = Self { database };
        let transaction = store
            .database
            .begin_write()
            .map_err(|error| failed(error.to_string()))?;
        transaction
            .open_table(REQUESTS)
            .map_err(|error| failed(error.to_string()))?;
        transaction
            .open_table(KEYS)
            .map_err(|error| failed(error.to_string()))?;
        transaction.commit().map_err(|error| failed(error.to_string()))?;
        store.prune(KEPT_DONE)?;
        Ok(store)
    }

    /// Adds a request, or finds the one with the same key; says whether it was added.
    pub fn add(
        &self,
        call: Call,
        key: Option<&str>,
        give_up_at: Option<u64>,
    ) -> Result<(RequestId, bool), QueueError> {
        let transaction = self.database.begin_write().map_err(storage)?;
        let id = {
            let mut keys = transaction.open_table(KEYS).map_err(storage)?;
            if let Some(key) = key {
                if let Some(id) = keys.get(key).map_err(storage)? {
                    return Ok((id.value(), false));
                }
            }
            let mut requests = transaction.open_table(REQUESTS).map_err(storage)?;
            let id = requests
                .last()
                .map_err(storage)?
                .map_or(1, |(id, _)| id.value() + 1);
            let request = StoredRequest {
                call,
                key: key.map(str::to_owned),
                give_up_at,
                state: SubmissionState::Waiting { submissions: 0 },
            };
            requests
                .insert(id, request.encode().as_slice())
                .map_err(storage)?;
            if let Some(key) = key {
                keys.insert(key, id).map_err(storage)?;
            }
            id
        };
        transaction.commit().map_err(storage)?;
        Ok((id, true))
    }

    pub fn get(&self, id: RequestId) -> Result<Option<StoredRequest>, QueueError> {
        let transaction = self.database.begin_read().map_err(storage)?;
        let requests = transaction.open_table(REQUESTS).map_err(storage)?;
        let found = requests.get(id).map_err(storage)?;
        found.map(|bytes| decode(bytes.value())).transpose()
    }

    pub fn by_key(&self, key: &str) -> Result<Option<RequestId>, QueueError> {
        let transaction = self.database.begin_read().map_err(storage)?;
        let keys = transaction.open_table(KEYS).map_err(storage)?;
        Ok(keys.get(key).map_err(storage)?.map(|id| id.value()))
    }

    pub fn unfinished(&self) -> Result<Vec<(RequestId, StoredRequest)>, QueueError> {
        let mut all = self.all()?;
        all.retain(|(_, request)| !matches!(request.state, SubmissionState::Done { .. }));
        Ok(all)
    }

    pub fn set_state(&self, id: RequestId, state: SubmissionState) -> Result<(), QueueError> {
        let transaction = self.database.begin_write().map_err(storage)?;
        {
            let mut requests = transaction.open_table(REQUESTS).map_err(storage)?;
            let mut request = match requests.get(id).map_err(storage)? {
                Some(bytes) => decode(bytes.value())?,
                None => return Err(QueueError::Unknown(id)),
            };
            request.state = state;
            requests
                .insert(id, request.encode().as_slice())
                .map_err(storage)?;
        }
        transaction.commit().map_err(storage)
    }

    fn all(&self) -> Result<Vec<(RequestId, StoredRequest)>, QueueError> {
        let transaction = self.database.begin_read().map_err(storage)?;
        let requests = transaction.open_table(REQUESTS).map_err(storage)?;
        let mut all = Vec::new();
        for entry in requests.iter().map_err(storage)? {
            let (id, bytes) = entry.map_err(storage)?;
            all.push((id.value(), decode(bytes.value())?));
        }
        Ok(all)
    }

    /// Forgets the oldest requests that are done, all but `keep`. The newest request always stays, because the
    /// next id is taken from it.
    fn prune(&self, keep: usize) -> Result<(), QueueError> {
        let done: Vec<_> = self
            .all()?
            .into_iter()
            .filter(|(_, request)| matches!(request.state, SubmissionState::Done { .. }))
            .collect();
        let Some(surplus) = done.len().checked_sub(keep.max(1)).filter(|surplus| *surplus > 0) else {
            return Ok(());
        };
        let transaction = self.database.begin_write().map_err(storage)?;
        {
            let mut requests = transaction.open_table(REQUESTS).map_err(storage)?;
            let mut keys = transaction.open_table(KEYS).map_err(storage)?;
            for (id, request) in &done[..surplus] {
                requests.remove(id).map_err(storage)?;
                if let Some(key) = &request.key {
                    keys.remove(key.as_str()).map_err(storage)?;
                }
            }
        }
        transaction.commit().map_err(storage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_should_be_found_when_its_key_is_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.redb")).unwrap();
        let (first, added) = store.add(Call::WithdrawEarnings, Some("commit/1"), None).unwrap();
        assert!(added);
        assert_eq!(
            store.add(Call::WithdrawEarnings, Some("commit/1"), None).unwrap(),
            (first, false)
        );
        assert_ne!(store.add(Call::WithdrawEarnings, None, None).unwrap().0, first);
        assert_eq!(store.by_key("commit/1").unwrap(), Some(first));
    }

    #[test]
    fn requests_should_be_pruned_when_they_are_done_and_old() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.redb")).unwrap();
        let done = SubmissionState::Done {
            outcome: Outcome::GaveUp {
                reason: String::new(),
            },
            at_unix_ms: 0,
        };
        for number in 0..5 {
            let (id, _) = store
                .add(Call::WithdrawEarnings, Some(&number.to_string()), None)
                .unwrap();
            if number != 0 {
                store.set_state(id, done.clone()).unwrap();
            }
        }
        store.prune(2).unwrap();
        let left: Vec<_> = store.all().unwrap().into_iter().map(|(id, _)| id).collect();
        assert_eq!(left, vec![1, 4, 5]);
        assert_eq!(store.by_key("1").unwrap(), None);
    }

    #[test]
    fn queue_should_be_refused_when_it_is_open_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.redb");
        let _first = Store::open(&path).unwrap();
        assert!(matches!(Store::open(&path), Err(QueueError::Open { .. })));
    }
}
