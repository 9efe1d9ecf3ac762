//! The seats of this worker on disk.
//!
//! One redb file holds three tables keyed by the encoded [`WorkKey`]: the record, the data of the audit as it came,
//! encrypted, and the report. Every write is one transaction that is synced before it returns: salt and report are on
//! disk before anybody can learn of their hash, and the secret of a demand before the demand.

use super::record::{Holding, SeatRecord};
use crate::database::open_private;
use codec::{Decode, Encode};
use ogpu_primitives::{AuditReport, Tick, WorkKey};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{path::Path, sync::Arc};

const SEATS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("seats");
const DATA: TableDefinition<&[u8], &[u8]> = TableDefinition::new("data");
const REPORTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("reports");
const META: TableDefinition<&str, u32> = TableDefinition::new("meta");

/// Version of the layout; a file of a version that is not known is refused, never guessed at.
const VERSION: u32 = 2;

/// Layout of the time before juries had keys. Nothing in it is of use: the chain takes no report of that form, and it
/// names the seats that are open.
const WITHOUT_JURY_KEYS: u32 = 1;

const TABLES: [TableDefinition<&[u8], &[u8]>; 3] = [SEATS, DATA, REPORTS];

/// Why the store could not be read or written.
#[derive(thiserror::Error, Debug)]
pub enum AuditStoreError {
    /// Another process has it open.
    #[error("{path} is in use: another ogpu-worker runs with this data folder; stop it or pass another --data-dir")]
    InUse {
        /// The file.
        path: String,
    },
    /// Written by another version of the program.
    #[error("the audit store has layout {found}, this program reads {VERSION}; use the program that wrote it, or move audits.redb away once no audit is open")]
    Version {
        /// What the file says.
        found: u32,
    },
    /// A row does not decode.
    #[error("a row of the audit store is damaged ({0}); restore the data folder or move audits.redb away")]
    Damaged(#[from] codec::Error),
    /// The database or the disk failed.
    #[error("the audit store failed: {0}; check free space and permissions of the data folder")]
    Database(Box<redb::Error>),
}

/// The seats on disk; cheap to clone.
#[derive(Clone)]
pub struct AuditStore {
    database: Arc<Database>,
}

impl AuditStore {
    /// Opens the file, or creates it, readable by its owner only: it holds secrets of demands.
    pub fn open(path: &Path) -> Result<Self, AuditStoreError> {
        let database = open_private(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => AuditStoreError::InUse {
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

    fn initialise(&self) -> Result<(), AuditStoreError> {
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
                Some(WITHOUT_JURY_KEYS) => {
                    tracing::warn!(
                        "dropping audits of an earlier version, whose reports the chain does not take"
                    );
                    for table in TABLES {
                        transaction.delete_table(table).map_err(database_error)?;
                    }
                    meta.insert("version", VERSION).map_err(database_error)?;
                }
                Some(found) => return Err(AuditStoreError::Version { found }),
            }
            for table in TABLES {
                transaction.open_table(table).map_err(database_error)?;
            }
        }
        transaction.commit().map_err(database_error)
    }

    /// Writes a record, synced. What lies beside it and its `held` does not name any more goes with it.
    pub fn put(&self, record: &SeatRecord) -> Result<(), AuditStoreError> {
        self.write(record, None)
    }

    /// Writes a record together with the data of its audit, synced.
    pub fn put_with_data(&self, record: &SeatRecord, sealed: &[u8]) -> Result<(), AuditStoreError> {
        self.write(record, Some((DATA, sealed)))
    }

    /// Writes a record together with its report, synced. The data, which is a stranger's prompt, is deleted.
    pub fn put_with_report(&self, record: &SeatRecord, report: &AuditReport) -> Result<(), AuditStoreError> {
        self.write(record, Some((REPORTS, &report.encode())))
    }

    fn write(
        &self,
        record: &SeatRecord,
        blob: Option<(TableDefinition<&'static [u8], &'static [u8]>, &[u8])>,
    ) -> Result<(), AuditStoreError> {
        let key = record.work().encode();
        let transaction = self.database.begin_write().map_err(database_error)?;
        {
            let mut seats = transaction.open_table(SEATS).map_err(database_error)?;
            seats
                .insert(key.as_slice(), record.encode().as_slice())
                .map_err(database_error)?;
            for (table, kept) in [(DATA, Holding::Data), (REPORTS, Holding::Report)] {
                if record.held != kept {
                    let mut table = transaction.open_table(table).map_err(database_error)?;
                    table.remove(key.as_slice()).map_err(database_error)?;
                }
            }
            if let Some((table, blob)) = blob {
                let mut table = transaction.open_table(table).map_err(database_error)?;
                table.insert(key.as_slice(), blob).map_err(database_error)?;
            }
        }
        // redb's default durability: the data is synced when this returns.
        transaction.commit().map_err(database_error)
    }

    /// One record.
    pub fn get(&self, work: &WorkKey) -> Result<Option<SeatRecord>, AuditStoreError> {
        self.read(SEATS, work)?
            .map(|bytes| SeatRecord::decode(&mut &bytes[..]).map_err(Into::into))
            .transpose()
    }

    /// The sealed data of an audit.
    pub fn data(&self, work: &WorkKey) -> Result<Option<Vec<u8>>, AuditStoreError> {
        self.read(DATA, work)
    }

    /// The report on a result.
    pub fn report(&self, work: &WorkKey) -> Result<Option<AuditReport>, AuditStoreError> {
        self.read(REPORTS, work)?
            .map(|bytes| AuditReport::decode(&mut &bytes[..]).map_err(Into::into))
            .transpose()
    }

    fn read(
        &self,
        table: TableDefinition<&'static [u8], &'static [u8]>,
        work: &WorkKey,
    ) -> Result<Option<Vec<u8>>, AuditStoreError> {
        let transaction = self.database.begin_read().map_err(database_error)?;
        let table = transaction.open_table(table).map_err(database_error)?;
        let found = table.get(work.encode().as_slice()).map_err(database_error)?;
        Ok(found.map(|bytes| bytes.value().to_vec()))
    }

    /// Every record, in the order of its key.
    pub fn all(&self) -> Result<Vec<SeatRecord>, AuditStoreError> {
        let transaction = self.database.begin_read().map_err(database_error)?;
        let table = transaction.open_table(SEATS).map_err(database_error)?;
        let mut records = Vec::new();
        for row in table.iter().map_err(database_error)? {
            let (_, bytes) = row.map_err(database_error)?;
            records.push(SeatRecord::decode(&mut bytes.value())?);
        }
        Ok(records)
    }

    /// Deletes seats that are over and last changed before `before`, with what lies beside them; returns which.
    pub fn prune(&self, before: Tick) -> Result<Vec<WorkKey>, AuditStoreError> {
        let old: Vec<WorkKey> = self
            .all()?
            .into_iter()
            .filter(|record| record.state.is_final() && record.changed_at < before)
            .map(|record| record.work())
            .collect();
        if old.is_empty() {
            return Ok(old);
        }
        let transaction = self.database.begin_write().map_err(database_error)?;
        for table in TABLES {
            let mut table = transaction.open_table(table).map_err(database_error)?;
            for work in &old {
                table.remove(work.encode().as_slice()).map_err(database_error)?;
            }
        }
        transaction.commit().map_err(database_error)?;
        Ok(old)
    }
}

fn database_error(error: impl Into<redb::Error>) -> AuditStoreError {
    AuditStoreError::Database(Box::new(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::{
        fixtures::{record, report},
        state::{Reason, State},
    };
    use ogpu_primitives::{Role, H256};

    fn store() -> (tempfile::TempDir, AuditStore) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = AuditStore::open(&folder.path().join("audits.redb")).expect("a new store");
        (folder, store)
    }

    #[test]
    fn store_should_give_back_record_data_and_report_when_it_is_opened_again() {
        let (folder, store) = store();
        let mut record = record(1);
        (record.role, record.case.jury_key) = (Role::Juror, Some(H256::repeat_byte(7)));
        record.held = Holding::Data;
        store.put_with_data(&record, b"sealed").expect("written");
        drop(store);
        let store = AuditStore::open(&folder.path().join("audits.redb")).expect("opened");
        assert_eq!(store.all().expect("read"), vec![record.clone()]);
        assert_eq!(
            store.data(&record.work()).expect("read").as_deref(),
            Some(&b"sealed"[..])
        );
        record.held = Holding::Report;
        store.put_with_report(&record, &report(40)).expect("written");
        drop(store);
        let store = AuditStore::open(&folder.path().join("audits.redb")).expect("opened");
        assert_eq!(store.report(&record.work()).expect("read"), Some(report(40)));
        assert_eq!(store.get(&record.work()).expect("read"), Some(record));
    }

    #[test]
    fn store_should_delete_the_prompt_when_the_report_is_there() {
        let (_folder, store) = store();
        let mut record = record(1);
        record.held = Holding::Data;
        store.put_with_data(&record, b"sealed").expect("written");
        record.held = Holding::Report;
        store.put_with_report(&record, &report(40)).expect("written");
        assert_eq!(store.data(&record.work()).expect("read"), None);
        // And all of it when the case has become another.
        record.held = Holding::Nothing;
        store.put(&record).expect("written");
        assert_eq!(store.report(&record.work()).expect("read"), None);
    }

    /// The file of `store` once another version has written to it.
    fn written_by(version: u32) -> tempfile::TempDir {
        let (folder, store) = store();
        let transaction = store.database.begin_write().expect("a transaction");
        {
            let mut meta = transaction.open_table(META).expect("a table");
            meta.insert("version", version).expect("written");
            let mut seats = transaction.open_table(SEATS).expect("a table");
            seats
                .insert(&b"work"[..], &b"of another form"[..])
                .expect("written");
        }
        transaction.commit().expect("written");
        folder
    }

    #[test]
    fn store_should_begin_anew_when_it_was_written_before_juries_had_keys() {
        let folder = written_by(WITHOUT_JURY_KEYS);
        for _ in 0..2 {
            let store = AuditStore::open(&folder.path().join("audits.redb")).expect("opened");
            assert_eq!(store.all().expect("read"), []);
        }
    }

    #[test]
    fn store_should_be_refused_when_a_later_version_wrote_it() {
        let folder = written_by(VERSION + 1);
        let error = AuditStore::open(&folder.path().join("audits.redb"))
            .err()
            .expect("refused");
        assert!(matches!(error, AuditStoreError::Version { .. }), "{error}");
    }

    #[test]
    fn store_should_refuse_a_second_process_when_it_is_open() {
        let (folder, _store) = store();
        let error = AuditStore::open(&folder.path().join("audits.redb"))
            .err()
            .expect("in use");
        assert!(matches!(error, AuditStoreError::InUse { .. }), "{error}");
    }

    #[test]
    fn prune_should_delete_only_what_is_over_and_old() {
        let (_folder, store) = store();
        let mut old = record(1);
        (old.state, old.held, old.changed_at) = (State::Abandoned(Reason::Gone), Holding::Data, 5);
        let mut recent = record(2);
        (recent.state, recent.changed_at) = (State::Done, 50);
        let mut open = record(3);
        open.changed_at = 5;
        for record in [&old, &recent, &open] {
            store.put_with_data(record, b"sealed").expect("written");
        }
        assert_eq!(store.prune(20).expect("pruned"), [old.work()]);
        assert_eq!(store.get(&old.work()).expect("read"), None);
        assert_eq!(store.data(&old.work()).expect("read"), None);
        assert_eq!(store.all().expect("read").len(), 2);
    }
}
