//! What the running daemon says of itself, in a small JSON file that `status` and `doctor` read.
//!
//! The job store is locked by the daemon, so other processes cannot look into it; this file is replaced as a
//! whole after each block and may be read at any time. A ticker rewrites it from the first moment on: reaching
//! the node or hashing a large model takes minutes, and must not look like a dead daemon.

use crate::{auditing, check_status::CheckStatus};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The file is rewritten at least this often.
pub const WRITE_EVERY: Duration = Duration::from_secs(5);
/// A daemon that has not written for this long does not run, or is stuck.
const STALE_AFTER: Duration = Duration::from_secs(30);
/// Phase of a daemon that has ended in order.
const STOPPED: &str = "stopped";

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
    /// Open checks of results that it made.
    #[serde(default)]
    pub checks: Vec<CheckStatus>,
    /// Its work as an auditor.
    #[serde(default)]
    pub auditing: auditing::Status,
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

    /// The daemon did not say goodbye, wrote lately, and its process is there.
    pub fn is_alive(&self) -> bool {
        // A clock that was set back makes the last word lie in the future: that proves as little as an old one.
        let age = unix_seconds().abs_diff(self.updated_at);
        self.phase != STOPPED && age < STALE_AFTER.as_secs() && process_exists(self.pid)
    }
}

/// Whether a process has this id. Only Linux is asked; elsewhere the time of the last word has to do.
fn process_exists(pid: u32) -> bool {
    let processes = Path::new("/proc");
    // Without a mounted /proc nothing can be said.
    !processes.join("self").exists() || processes.join(pid.to_string()).exists()
}

/// The status of a daemon that runs: written at every change and every [`WRITE_EVERY`], and "stopped" when it is
/// dropped, whatever ended the daemon.
pub struct StatusBoard {
    shared: Arc<Shared>,
    ticker: tokio::task::JoinHandle<()>,
}

struct Shared {
    status: Mutex<StatusFile>,
    path: PathBuf,
}

impl StatusBoard {
    /// Writes the file and keeps it fresh. To be called inside a runtime whose threads are not all blocked.
    pub fn start(status: StatusFile, path: PathBuf) -> Self {
        Self::start_with(status, path, WRITE_EVERY)
    }

    fn start_with(status: StatusFile, path: PathBuf, every: Duration) -> Self {
        let shared = Arc::new(Shared {
            status: Mutex::new(status),
            path,
        });
        let ticking = shared.clone();
        let ticker = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(every);
            loop {
                ticks.tick().await;
                ticking.update(|_| ());
            }
        });
        shared.update(|_| ());
        Self { shared, ticker }
    }

    /// Changes the status and writes it.
    pub fn update(&self, change: impl FnOnce(&mut StatusFile)) {
        self.shared.update(change);
    }

    /// Says what the daemon does now.
    pub fn phase(&self, phase: &str) {
        self.update(|status| status.phase = phase.into());
    }
}

impl Drop for StatusBoard {
    fn drop(&mut self) {
        self.ticker.abort();
        self.phase(STOPPED);
    }
}

impl Shared {
    fn update(&self, change: impl FnOnce(&mut StatusFile)) {
        // A panic while the lock was held leaves plain values behind, which are as good as before.
        let mut status: MutexGuard<StatusFile> = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut status);
        if let Err(error) = status.write(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the status file cannot be written");
        }
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

    fn running() -> StatusFile {
        StatusFile {
            pid: std::process::id(),
            updated_at: unix_seconds(),
            phase: "serving".into(),
            ..StatusFile::default()
        }
    }

    #[test]
    fn status_should_read_back_when_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("status.json");
        assert_eq!(StatusFile::read(&path).expect("no file is no error"), None);
        let mut status = running();
        status.write(&path).expect("written");
        let read = StatusFile::read(&path).expect("read").expect("there");
        assert_eq!(read, status);
        assert!(read.is_alive());
    }

    #[test]
    fn status_should_not_count_as_alive_when_it_is_old_or_stopped_or_from_another_time() {
        assert!(running().is_alive());
        for seconds in [-3_600, -60, 60, 3_600] {
            let status = StatusFile {
                updated_at: unix_seconds().saturating_add_signed(seconds),
                ..running()
            };
            assert!(!status.is_alive(), "{seconds} s from now");
        }
        let stopped = StatusFile {
            phase: STOPPED.into(),
            ..running()
        };
        assert!(!stopped.is_alive());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn status_should_not_count_as_alive_when_its_process_was_killed_a_moment_ago() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .expect("started");
        let status = StatusFile {
            pid: child.id(),
            ..running()
        };
        assert!(status.is_alive());
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert!(!status.is_alive());
    }

    #[tokio::test]
    async fn board_should_keep_the_file_fresh_when_nothing_changes_and_say_so_when_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("status.json");
        let read = || StatusFile::read(&path).expect("read").expect("there");
        let board = StatusBoard::start_with(running(), path.clone(), Duration::from_millis(10));
        board.phase("connecting to the node");
        assert_eq!(read().phase, "connecting to the node");
        std::fs::remove_file(&path).expect("removed");
        let again = async {
            while !path.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), again)
            .await
            .expect("the ticker writes it again");
        assert!(read().is_alive());
        drop(board);
        assert_eq!(read().phase, STOPPED);
    }
}
