//! Hashes of model files, kept in the data folder by path, length and time of change.
//!
//! Several threads look at model folders, and other commands do while the daemon runs. A reader sees an old file or a
//! new one, never half of one; what a second process writes at the same moment may be lost, and is hashed again.

use super::parse_hash;
use ogpu_primitives::H256;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::Metadata,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

/// Inside the data folder.
const HASHES: &str = "model-hashes.json";
/// Held from reading the file to replacing it.
static WRITING: Mutex<()> = Mutex::new(());

/// A kept hash.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    size_bytes: u64,
    changed_ns: u128,
    blake3: String,
}

/// What was kept when it was read, and what is new since.
pub struct KeptHashes {
    path: PathBuf,
    kept: BTreeMap<String, Kept>,
    new: BTreeMap<String, Kept>,
}

impl KeptHashes {
    /// Those of a data folder; none where nothing can be read.
    pub fn read(data_dir: &Path) -> Self {
        let path = data_dir.join(HASHES);
        Self {
            kept: read(&path),
            path,
            new: BTreeMap::new(),
        }
    }

    /// The hash of a file that has not changed since.
    pub fn get(&self, file: &Path, metadata: &Metadata) -> Option<H256> {
        let kept = self.kept.get(&file.display().to_string())?;
        let unchanged = kept.size_bytes == metadata.len() && kept.changed_ns == changed_ns(metadata);
        unchanged.then(|| parse_hash(&kept.blake3))?
    }

    /// Notes the hash of a file.
    pub fn put(&mut self, file: &Path, metadata: &Metadata, blake3: H256) {
        let kept = Kept {
            size_bytes: metadata.len(),
            changed_ns: changed_ns(metadata),
            blake3: hex::encode(blake3),
        };
        self.new.insert(file.display().to_string(), kept);
    }

    /// Puts what is new beside what others have kept meanwhile; files that are gone are forgotten.
    pub fn write(self) -> io::Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = read(&self.path);
        all.extend(self.new);
        all.retain(|file, _| Path::new(file).exists());
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let part = self
            .path
            .with_extension(format!("json.{}.part", std::process::id()));
        std::fs::write(&part, serde_json::to_vec(&all).map_err(io::Error::other)?)?;
        std::fs::rename(part, self.path)
    }
}

fn read(path: &Path) -> BTreeMap<String, Kept> {
    let bytes = std::fs::read(path).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

fn changed_ns(metadata: &Metadata) -> u128 {
    let changed = metadata.modified().ok();
    changed
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |elapsed| elapsed.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str) -> (PathBuf, Metadata) {
        let path = folder.join(name);
        std::fs::write(&path, name).expect("written");
        let metadata = std::fs::metadata(&path).expect("there");
        (path, metadata)
    }

    fn hash(number: usize) -> H256 {
        H256::from_low_u64_be(number as u64)
    }

    #[test]
    fn hashes_should_all_be_kept_when_many_write_them_at_once() {
        let data = tempfile::tempdir().expect("a folder");
        let files: Vec<_> = (0..32)
            .map(|number| file(data.path(), &format!("{number}.gguf")))
            .collect();
        std::thread::scope(|scope| {
            for (number, (path, metadata)) in files.iter().enumerate() {
                scope.spawn(move || {
                    let mut hashes = KeptHashes::read(path.parent().expect("a folder"));
                    hashes.put(path, metadata, hash(number));
                    hashes.write().expect("written");
                });
            }
        });
        let hashes = KeptHashes::read(data.path());
        for (number, (path, metadata)) in files.iter().enumerate() {
            assert_eq!(hashes.get(path, metadata), Some(hash(number)));
        }
        let parts = std::fs::read_dir(data.path()).expect("read").flatten();
        let part = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "part");
        assert_eq!(parts.filter(part).count(), 0);
    }

    #[test]
    fn hashes_should_be_forgotten_when_their_files_are_gone() {
        let data = tempfile::tempdir().expect("a folder");
        let ((gone, metadata), (other, of_other)) = (file(data.path(), "a"), file(data.path(), "b"));
        let mut hashes = KeptHashes::read(data.path());
        hashes.put(&gone, &metadata, hash(1));
        hashes.write().expect("written");
        std::fs::remove_file(&gone).expect("there");
        let mut hashes = KeptHashes::read(data.path());
        assert_eq!(hashes.get(&gone, &metadata), Some(hash(1)));
        hashes.put(&other, &of_other, hash(2));
        hashes.write().expect("written");
        let hashes = KeptHashes::read(data.path());
        assert_eq!(hashes.get(&gone, &metadata), None);
        assert_eq!(hashes.get(&other, &of_other), Some(hash(2)));
    }
}
