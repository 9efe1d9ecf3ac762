//! What the running daemon says of itself, in a small JSON file that `status` and `doctor` read.
//!
//! The job store is locked by the daemon, so other processes cannot look into it; this file is replaced as a
//! whole after each block and may be read at any time.

use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A daemon that has not written for this long does not run, or is stuck.
const STALE_AFTER: Duration = Duration::from_secs(30);

/// The daemon's word.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StatusFile {
    /// Process id.
    pub pid: u32,
    /// Unix time in seconds.
    pub started_at: u64,
    /// Unix time in seconds.
    pub updated_at: u64,
    /// The worker's account.
    pub account: String,
    /// The node that it follows.
    pub url: String,
    /// Best block, and the work clock there.
    pub best_block: u32,
    /// The work clock.
    pub tick: u32,
    /// What it is doing now.
    pub phase: String,
    /// Bound UDP addresses.
    pub listening: Vec<String>,
    /// Models that it serves: id and folder.
    pub models: Vec<ServedModel>,
    /// Attempts that are not over.
    pub attempts: Vec<AttemptStatus>,
    /// Attempts settled since the store began.
    pub settled: usize,
    /// Attempts that ended without pay.
    pub abandoned: usize,
}

/// One served model.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServedModel {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where its files are.
    pub dir: String,
}

/// One open attempt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttemptStatus {
    /// The job.
    pub job: String,
    /// The attempt.
    pub attempt: u8,
    /// How far it is.
    pub state: crate::jobs::State,
}

impl StatusFile {
    /// Replaces the file; a reader sees the old or the new one, never half of one.
    pub fn write(&mut self, path: &Path) -> std::io::Result<()> {
        self.updated_at = unix_seconds();
        let part = path.with_extension("json.part");
        std::fs::write(
            &part,
            serde_json::to_vec_pretty(self).map_err(std::io::Error::other)?,
        )?;
        std::fs::rename(part, path)
    }

    /// Reads the file; `None` when the daemon has never run with this data folder.
    pub fn read(path: &Path) -> std::io::Result<Option<Self>> {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(std::io::Error::other),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The daemon wrote lately.
    pub fn is_alive(&self) -> bool {
        self.phase != "stopped" && unix_seconds().saturating_sub(self.updated_at) < STALE_AFTER.as_secs()
    }
}

/// Now as Unix time in seconds.
pub fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_should_read_back_when_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("status.json");
        assert_eq!(StatusFile::read(&path).expect("no file is no error"), None);
        let mut status = StatusFile {
            pid: 7,
            phase: "serving".into(),
            ..StatusFile::default()
        };
        status.write(&path).expect("written");
        let read = StatusFile::read(&path).expect("read").expect("there");
        assert_eq!(read, status);
        assert!(read.is_alive());
    }

    #[test]
    fn status_should_not_count_as_alive_when_it_is_old_or_stopped() {
        let old = StatusFile {
            updated_at: unix_seconds() - 60,
            ..StatusFile::default()
        };
        assert!(!old.is_alive());
        let stopped = StatusFile {
            updated_at: unix_seconds(),
            phase: "stopped".into(),
            ..StatusFile::default()
        };
        assert!(!stopped.is_alive());
    }
}
