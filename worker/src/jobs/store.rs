//! The attempts of this worker on disk.
//!
//! One redb file holds four tables keyed by the encoded [`WorkKey`]: the record, the sealed input, the sealed
//! output, and the proof. Every write is one transaction that is synced before it returns: a commitment is on
//! disk, together with the very ciphertext whose hash it names and with all that it can be asked to show, before
//! anybody can learn of it. Inputs and outputs are kept as they came over the wire, encrypted; a proof is not,
//! and only the file's mode protects it.

use super::{migrate, proof::Proof, record::JobRecord};
use crate::database::open_private;
use codec::{Decode, Encode};
use ogpu_primitives::{Tick, WorkKey};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{collections::BTreeSet, path::Path, sync::Arc};

const JOBS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("jobs");
const INPUTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("inputs");
const OUTPUTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("outputs");
const PROOFS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("proofs");
const META: TableDefinition<&str, u32> = TableDefinition::new("meta");

/// Version of the layout; a file of a version that is not known is refused, never guessed at.
const VERSION: u32 = 2;

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
    /// Written by an earlier version, which did not keep what an audit asks for.
    #[error("the job store was written by an earlier version and job {job} is not over; let the program that wrote it finish the job, then start this one")]
    OpenAttempt {
        /// The job.
        job: String,
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
        let database = open_private(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
                path: path.display().to_string(),
            },
            other => database_error(other),
        })?;
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
            let mut jobs = transaction.open_table(JOBS).map_err(database_error)?;
            match found {
                None | Some(VERSION) => (),
                Some(1) => {
                    for (key, record) in rows(&jobs)? {
                        let record = migrate::record_from_v1(&record)?.encode();
                        jobs.insert(key.as_slice(), record.as_slice())
                            .map_err(database_error)?;
                    }
                }
                Some(found) => return Err(StoreError::Version { found }),
            }
            meta.insert("version", VERSION).map_err(database_error)?;
            for table in [INPUTS, OUTPUTS, PROOFS] {
                transaction.open_table(table).map_err(database_error)?;
            }
        }
        transaction.commit().map_err(database_error)
    }

    /// Writes a record, synced.
    pub fn put(&self, record: &JobRecord) -> Result<(), StoreError> {
        self.write(record, &[])
    }

    /// Writes a record together with its sealed input, synced.
    pub fn put_with_input(&self, record: &JobRecord, sealed: &[u8]) -> Result<(), StoreError> {
        self.write(record, &[(INPUTS, sealed)])
    }

    /// Writes a record together with its sealed output and its proof, synced.
    pub fn put_finished(&self, record: &JobRecord, sealed: &[u8], proof: &Proof) -> Result<(), StoreError> {
        self.write(record, &[(OUTPUTS, sealed), (PROOFS, &proof.encode())])
    }

    fn write(
        &self,
        record: &JobRecord,
        blobs: &[(TableDefinition<'static, &'static [u8], &'static [u8]>, &[u8])],
    ) -> Result<(), StoreError> {
        let key = record.work().encode();
        let transaction = self.database.begin_write().map_err(database_error)?;
        {
            let mut jobs = transaction.open_table(JOBS).map_err(database_error)?;
            jobs.insert(key.as_slice(), record.encode().as_slice())
                .map_err(database_error)?;
            for (table, blob) in blobs {
                let mut table = transaction.open_table(*table).map_err(database_error)?;
                table.insert(key.as_slice(), *blob).map_err(database_error)?;
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

    /// What an attempt's result can be shown with.
    pub fn proof(&self, work: &WorkKey) -> Result<Option<Proof>, StoreError> {
        self.read(PROOFS, work)?
            .map(|bytes| Proof::decode(&mut &bytes[..]).map_err(Into::into))
            .transpose()
    }

    fn read(
        &self,
        table: TableDefinition<'static, &'static [u8], &'static [u8]>,
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
        rows(&table)?
            .into_iter()
            .map(|(_, bytes)| JobRecord::decode(&mut &bytes[..]).map_err(Into::into))
            .collect()
    }

    /// Deletes finished attempts that last changed before `before` and are not in `keep`, with all that belongs to
    /// them; returns them.
    pub fn prune(&self, before: Tick, keep: &BTreeSet<WorkKey>) -> Result<Vec<WorkKey>, StoreError> {
        let old: Vec<WorkKey> = self
            .all()?
            .into_iter()
            .filter(|record| record.state.is_final() && record.changed_at < before)
            .map(|record| record.work())
            .filter(|work| !keep.contains(work))
            .collect();
        if old.is_empty() {
            return Ok(old);
        }
        let transaction = self.database.begin_write().map_err(database_error)?;
        for table in [JOBS, INPUTS, OUTPUTS, PROOFS] {
            let mut table = transaction.open_table(table).map_err(database_error)?;
            for work in &old {
                table.remove(work.encode().as_slice()).map_err(database_error)?;
            }
        }
        transaction.commit().map_err(database_error)?;
        Ok(old)
    }
}

/// All rows of a table.
fn rows(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
    table
        .iter()
        .map_err(database_error)?
        .map(|row| {
            let (key, value) = row.map_err(database_error)?;
            Ok((key.value().to_vec(), value.value().to_vec()))
        })
        .collect()
}

fn database_error(error: impl Into<redb::Error>) -> StoreError {
    StoreError::Database(Box::new(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{
        fixtures::{assignment, commitment, proof, text_proof},
        migrate::tests::record_v1,
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
        store
            .put_finished(&record, b"sealed output", &text_proof(40))
            .expect("written");
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
        assert_eq!(again.proof(&record.work()).expect("read"), Some(text_proof(40)));
    }

    fn write_v1(path: &Path, records: &[Vec<u8>]) {
        let database = Database::create(path).expect("a new file");
        let transaction = database.begin_write().expect("begun");
        {
            let mut meta = transaction.open_table(META).expect("a table");
            meta.insert("version", 1).expect("written");
            let mut jobs = transaction.open_table(JOBS).expect("a table");
            for record in records {
                // A record begins with its key.
                let key = WorkKey::decode(&mut &record[..]).expect("a key").encode();
                jobs.insert(key.as_slice(), record.as_slice()).expect("written");
            }
        }
        transaction.commit().expect("synced");
    }

    #[test]
    fn store_should_keep_what_is_over_when_an_earlier_version_wrote_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("jobs.redb");
        write_v1(&path, &[record_v1(1, State::Done), record_v1(2, State::Done)]);
        for _ in 0..2 {
            let store = JobStore::open(&path).expect("brought to the present layout");
            let works: Vec<_> = store.all().expect("read").iter().map(JobRecord::work).collect();
            assert_eq!(works, [assignment(1).work, assignment(2).work]);
            assert_eq!(store.proof(&works[0]).expect("read"), None);
        }
    }

    #[test]
    fn store_should_be_refused_unchanged_when_an_earlier_version_left_a_job_open() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("jobs.redb");
        write_v1(
            &path,
            &[record_v1(1, State::Done), record_v1(2, State::Committed)],
        );
        for _ in 0..2 {
            let error = JobStore::open(&path).err().expect("an open job");
            assert!(matches!(error, StoreError::OpenAttempt { .. }), "{error}");
        }
    }

    #[test]
    fn store_should_be_refused_when_a_later_version_wrote_it() {
        let (folder, store) = store();
        let transaction = store.database.begin_write().expect("begun");
        transaction
            .open_table(META)
            .expect("a table")
            .insert("version", VERSION + 1)
            .expect("written");
        transaction.commit().expect("synced");
        drop(store);
        let error = JobStore::open(&folder.path().join("jobs.redb"))
            .err()
            .expect("refused");
        assert!(matches!(error, StoreError::Version { found: 3 }), "{error}");
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
    fn prune_should_delete_only_what_is_over_and_old_and_not_kept() {
        let (_folder, store) = store();
        let mut old = JobRecord::new(assignment(1), 5);
        old.state = State::Abandoned(Reason::TakenBack);
        let mut recent = JobRecord::new(assignment(2), 50);
        recent.state = State::Done;
        let open = JobRecord::new(assignment(3), 5);
        for record in [&old, &recent, &open] {
            store.put_finished(record, b"out", &proof()).expect("written");
        }
        let keep = BTreeSet::from([old.work()]);
        assert_eq!(store.prune(20, &keep).expect("nothing to do"), []);
        assert_eq!(store.proof(&old.work()).expect("read"), Some(proof()));
        assert_eq!(store.prune(20, &BTreeSet::new()).expect("pruned"), [old.work()]);
        assert_eq!(store.get(&old.work()).expect("read"), None);
        assert_eq!(store.output(&old.work()).expect("read"), None);
        assert_eq!(store.proof(&old.work()).expect("read"), None);
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
