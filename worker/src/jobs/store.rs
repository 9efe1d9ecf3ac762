//! The attempts of this worker on disk.
//!
//! One redb file holds three tables keyed by the encoded [`WorkKey`]: the record, the sealed input and the
//! sealed output. Every write is one transaction that is synced before it returns: a commitment is on disk,
//! together with the very ciphertext whose hash it names, before anybody can learn of it. Inputs and outputs
//! are kept as they came over the wire, encrypted.

use super::record::JobRecord;
use codec::{Decode, Encode};
use ogpu_primitives::{Tick, WorkKey};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{path::Path, sync::Arc};

const JOBS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("jobs");
const INPUTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("inputs");
const OUTPUTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("outputs");
const META: TableDefinition<&str, u32> = TableDefinition::new("meta");

/// Version of the layout; a file of another version is refused, never guessed at.
const VERSION: u32 = 1;

/// Why the store could not be read or written.
#[derive(thiserror::Error, Debug)]
pub enum StoreError {
    /// Another process has it open.
    #[error("{path} is in use: another ogpu-worker runs with this data folder; stop it or pass another --data-dir")]
    InUse {
        /// The file.
        path: String,
    },
    /// Written by another version of the program.
    #[error("the job store has layout {found}, this program reads {VERSION}; use the program that wrote it, or move jobs.redb away once no job is open")]
    Version {
        /// What the file says.
        found: u32,
    },
    /// A row does not decode.
    #[error("a row of the job store is damaged ({0}); restore the data folder or move jobs.redb away")]
    Damaged(#[from] codec::Error),
    /// The database or the disk failed.
    #[error("the job store failed: {0}; check free space and permissions of the data folder")]
    Database(Box<redb::Error>),
}

/// The attempts on disk; cheap to clone.
#[derive(Clone)]
pub struct JobStore {
    database: Arc<Database>,
}

impl JobStore {
    /// Opens the file, or creates it, readable by its owner only.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
                path: path.display().to_string(),
            },
            other => database_error(other),
        })?;
        restrict(path);
        let store = Self {
            database: Arc::new(database),
        };
        store.initialise()?;
        Ok(store)
    }

    fn initialise(&self) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().map_err(database_error)?;
        {
            let mut meta = transaction.open_table(META).map_err(database_error)?;
            let found = meta
                .get("version")
                .map_err(database_error)?
                .map(|version| version.value());
            match found {
                None => drop(meta.insert("version", VERSION).map_err(database_error)?),
                Some(VERSION) => (),
                Some(found) => return Err(StoreError::Version { found }),
            }
            transaction.open_table(JOBS).map_err(database_error)?;
            transaction.open_table(INPUTS).map_err(database_error)?;
            transaction.open_table(OUTPUTS).map_err(database_error)?;
        }
        transaction.commit().map_err(database_error)
    }

    /// Writes a record, synced.
    pub fn put(&self, record: &JobRecord) -> Result<(), StoreError> {
        self.write(record, None, None)
    }

    /// Writes a record together with its sealed input, synced.
    pub fn put_with_input(&self, record: &JobRecord, sealed: &[u8]) -> Result<(), StoreError> {
        self.write(record, Some(sealed), None)
    }

    /// Writes a record together with its sealed output, synced.
    pub fn put_with_output(&self, record: &JobRecord, sealed: &[u8]) -> Result<(), StoreError> {
        self.write(record, None, Some(sealed))
    }

    fn write(
        &self,
        record: &JobRecord,
        input: Option<&[u8]>,
        output: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let key = record.work().encode();
        let transaction = self.database.begin_write().map_err(database_error)?;
        {
            let mut jobs = transaction.open_table(JOBS).map_err(database_error)?;
            jobs.insert(key.as_slice(), record.encode().as_slice())
                .map_err(database_error)?;
            for (table, blob) in [(INPUTS, input), (OUTPUTS, output)] {
                if let Some(blob) = blob {
                    let mut table = transaction.open_table(table).map_err(database_error)?;
                    table.insert(key.as_slice(), blob).map_err(database_error)?;
                }
            }
        }
        // redb's default durability: the data is synced when this returns.
        transaction.commit().map_err(database_error)
    }

    /// Deletes an input that no rerun can need.
    pub fn forget_input(&self, work: &WorkKey) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().map_err(database_error)?;
        {
            let mut inputs = transaction.open_table(INPUTS).map_err(database_error)?;
            inputs.remove(work.encode().as_slice()).map_err(database_error)?;
        }
        transaction.commit().map_err(database_error)
    }

    /// One record.
    pub fn get(&self, work: &WorkKey) -> Result<Option<JobRecord>, StoreError> {
        self.read(JOBS, work)?
            .map(|bytes| JobRecord::decode(&mut &bytes[..]).map_err(Into::into))
            .transpose()
    }

    /// The sealed input of an attempt.
    pub fn input(&self, work: &WorkKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(INPUTS, work)
    }

    /// The sealed output of an attempt.
    pub fn output(&self, work: &WorkKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(OUTPUTS, work)
    }

    fn read(
        &self,
        table: TableDefinition<&'static [u8], &'static [u8]>,
        work: &WorkKey,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.begin_read().map_err(database_error)?;
        let table = transaction.open_table(table).map_err(database_error)?;
        let found = table.get(work.encode().as_slice()).map_err(database_error)?;
        Ok(found.map(|bytes| bytes.value().to_vec()))
    }

    /// Every record, in the order of its key.
    pub fn all(&self) -> Result<Vec<JobRecord>, StoreError> {
        let transaction = self.database.begin_read().map_err(database_error)?;
        let table = transaction.open_table(JOBS).map_err(database_error)?;
        let mut records = Vec::new();
        for row in table.iter().map_err(database_error)? {
            let (_, bytes) = row.map_err(database_error)?;
            records.push(JobRecord::decode(&mut bytes.value())?);
        }
        Ok(records)
    }

    /// Deletes finished attempts that last changed before `before`, with their blobs; returns how many.
    pub fn prune(&self, before: Tick) -> Result<usize, StoreError> {
        let old: Vec<WorkKey> = self
            .all()?
            .into_iter()
            .filter(|record| record.state.is_final() && record.changed_at < before)
            .map(|record| record.work())
            .collect();
        if old.is_empty() {
            return Ok(0);
        }
        let transaction = self.database.begin_write().map_err(database_error)?;
        for table in [JOBS, INPUTS, OUTPUTS] {
            let mut table = transaction.open_table(table).map_err(database_error)?;
            for work in &old {
                table.remove(work.encode().as_slice()).map_err(database_error)?;
            }
        }
        transaction.commit().map_err(database_error)?;
        Ok(old.len())
    }
}

fn database_error(error: impl Into<redb::Error>) -> StoreError {
    StoreError::Database(Box::new(error.into()))
}

/// Best effort: the blobs inside are encrypted anyway.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
            tracing::warn!(path = %path.display(), %error, "could not restrict the job store to its owner");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{
        fixtures::{assignment, commitment},
        state::{Reason, State},
    };

    fn store() -> (tempfile::TempDir, JobStore) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = JobStore::open(&folder.path().join("jobs.redb")).expect("a new store");
        (folder, store)
    }

    #[test]
    fn store_should_give_back_record_and_blobs_when_it_is_opened_again() {
        let (folder, store) = store();
        let mut record = JobRecord::new(assignment(1), 5);
        store.put_with_input(&record, b"sealed input").expect("written");
        record.state = State::Finished;
        record.commitment = Some(commitment());
        store.put_with_output(&record, b"sealed output").expect("written");
        drop(store);

        let again = JobStore::open(&folder.path().join("jobs.redb")).expect("opened");
        assert_eq!(again.all().expect("read"), vec![record.clone()]);
        assert_eq!(
            again.input(&record.work()).expect("read").as_deref(),
            Some(&b"sealed input"[..])
        );
        assert_eq!(
            again.output(&record.work()).expect("read").as_deref(),
            Some(&b"sealed output"[..])
        );
    }

    #[test]
    fn store_should_refuse_a_second_process_when_it_is_open() {
        let (folder, _store) = store();
        let error = JobStore::open(&folder.path().join("jobs.redb"))
            .err()
            .expect("in use");
        assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    }

    #[test]
    fn store_should_keep_attempts_apart_when_the_job_is_the_same() {
        let (_folder, store) = store();
        let first = JobRecord::new(assignment(1), 5);
        let mut second = first.clone();
        second.assignment.work.attempt = 1;
        store.put_with_input(&first, b"a").expect("written");
        store.put_with_input(&second, b"b").expect("written");
        assert_eq!(
            store.input(&first.work()).expect("read").as_deref(),
            Some(&b"a"[..])
        );
        assert_eq!(store.all().expect("read").len(), 2);
    }

    #[test]
    fn prune_should_delete_only_what_is_over_and_old() {
        let (_folder, store) = store();
        let mut old = JobRecord::new(assignment(1), 5);
        old.state = State::Abandoned(Reason::TakenBack);
        let mut recent = JobRecord::new(assignment(2), 50);
        recent.state = State::Done;
        let open = JobRecord::new(assignment(3), 5);
        for record in [&old, &recent, &open] {
            store.put_with_output(record, b"out").expect("written");
        }
        assert_eq!(store.prune(20).expect("pruned"), 1);
        assert_eq!(store.get(&old.work()).expect("read"), None);
        assert_eq!(store.output(&old.work()).expect("read"), None);
        assert_eq!(store.all().expect("read").len(), 2);
    }

    #[test]
    fn forget_input_should_leave_the_record_in_place() {
        let (_folder, store) = store();
        let record = JobRecord::new(assignment(1), 5);
        store.put_with_input(&record, b"a").expect("written");
        store.forget_input(&record.work()).expect("forgotten");
        assert_eq!(store.input(&record.work()).expect("read"), None);
        assert_eq!(store.get(&record.work()).expect("read"), Some(record));
    }
}
