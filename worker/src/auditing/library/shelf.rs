//! The models that were fetched for audits alone: a folder each inside the data folder, named after its id.
//!
//! They never take more than a budget; what was not used for longest goes first. What an interrupted fetch left counts
//! like the rest and goes the same way.

use super::error::NotProvided;
use ogpu_primitives::{ModelId, H256};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Inside the data folder.
const SHELF: &str = "audit-models";
/// Its time of change says when a model was used last. The dot keeps it out of the model.
const USED: &str = ".used";
/// What stays free on the disk: a job's results have to be on disk before they count.
pub const RESERVE_BYTES: u64 = 2 << 30;

/// The folder of fetched models.
#[derive(Clone, Debug)]
pub struct Shelf {
    root: PathBuf,
    /// Bytes that are free on a folder's disk.
    free: fn(&Path) -> io::Result<u64>,
}

/// A model on the shelf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shelved {
    /// Which one.
    pub id: ModelId,
    /// All its files, whole or not.
    pub bytes: u64,
    /// When it was used last.
    pub used: SystemTime,
}

impl Shelf {
    /// The shelf of a data folder. Nothing is made before something is put there.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            root: data_dir.join(SHELF),
            free: |path| fs4::available_space(path),
        }
    }

    /// A model's folder, whether it is there or not.
    pub fn dir(&self, id: &ModelId) -> PathBuf {
        self.root.join(hex::encode(id))
    }

    /// What is there, used longest ago first.
    pub fn all(&self) -> io::Result<Vec<Shelved>> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut all = Vec::new();
        for entry in entries {
            let entry = entry?;
            let mut id = [0u8; 32];
            let named = entry.file_name();
            // What somebody else put there is theirs.
            if hex::decode_to_slice(named.as_encoded_bytes(), &mut id).is_err()
                || !entry.file_type()?.is_dir()
            {
                continue;
            }
            let dir = entry.path();
            all.push(Shelved {
                id: H256(id),
                bytes: bytes_in(&dir)?,
                used: used(&dir).unwrap_or(SystemTime::UNIX_EPOCH),
            });
        }
        all.sort_by_key(|shelved| shelved.used);
        Ok(all)
    }

    /// Notes that a model is used now.
    pub fn touch(&self, id: &ModelId) -> io::Result<()> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.dir(id).join(USED))?;
        file.set_modified(SystemTime::now())
    }

    /// Makes the folder of a model whose files take `bytes`, and room for them: models that are not `needed` are
    /// removed, those first that were used longest ago, until `budget_bytes` are kept and the disk's reserve stays
    /// free. Nothing is removed where that would not be enough.
    pub fn make_room(
        &self,
        id: &ModelId,
        bytes: u64,
        budget_bytes: u64,
        needed: &BTreeSet<ModelId>,
    ) -> Result<PathBuf, NotProvided> {
        let room = self.find_room(id, bytes, budget_bytes, needed)?;
        let (mut held, mut free) = (room.held, room.free);
        for model in room.removable {
            if held <= budget_bytes && free >= room.to_come {
                break;
            }
            let old = self.dir(&model.id);
            fs::remove_dir_all(&old).map_err(failed(&old))?;
            tracing::info!(id = ?model.id, mib = model.bytes >> 20, "removed a model that was fetched for audits");
            held = held.saturating_sub(model.bytes);
            free = free.saturating_add(model.bytes);
        }
        let dir = self.dir(id);
        fs::create_dir_all(&dir).map_err(failed(&dir))?;
        self.touch(id).map_err(failed(&dir))?;
        Ok(dir)
    }

    /// Whether [`Self::make_room`] would find room. Nothing is removed.
    pub fn has_room(
        &self,
        id: &ModelId,
        bytes: u64,
        budget_bytes: u64,
        needed: &BTreeSet<ModelId>,
    ) -> Result<(), NotProvided> {
        self.find_room(id, bytes, budget_bytes, needed).map(|_| ())
    }

    fn find_room(
        &self,
        id: &ModelId,
        bytes: u64,
        budget_bytes: u64,
        needed: &BTreeSet<ModelId>,
    ) -> Result<Room, NotProvided> {
        fs::create_dir_all(&self.root).map_err(failed(&self.root))?;
        let all = self.all().map_err(failed(&self.root))?;
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|shelved| shelved.id == *id);
        let (kept, removable): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|shelved| needed.contains(&shelved.id));
        let free = (self.free)(&self.root).map_err(failed(&self.root))?;

        let least = total_bytes(&kept).saturating_add(bytes);
        if least > budget_bytes {
            return Err(NotProvided::Budget {
                bytes: least,
                budget_bytes,
            });
        }
        let to_come = bytes
            .saturating_sub(total_bytes(&own))
            .saturating_add(RESERVE_BYTES);
        let to_remove = total_bytes(&removable);
        let missing_bytes = to_come.saturating_sub(free.saturating_add(to_remove));
        if missing_bytes > 0 {
            let dir = self.dir(id);
            return Err(NotProvided::Disk { missing_bytes, dir });
        }
        Ok(Room {
            removable,
            held: least.saturating_add(to_remove),
            free,
            to_come,
        })
    }

    /// Bytes of a model's files that are here, whole or not.
    pub fn bytes_of(&self, id: &ModelId) -> io::Result<u64> {
        match bytes_in(&self.dir(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            bytes => bytes,
        }
    }

    /// Deletes what interrupted fetches left beside a model that is whole.
    pub fn clear_parts(&self, id: &ModelId) -> io::Result<()> {
        clear_parts_but(&self.dir(id), &BTreeSet::new())
    }
}

/// Room for a model, once enough of the others is removed.
struct Room {
    /// What may be removed, used longest ago first.
    removable: Vec<Shelved>,
    /// Bytes on the shelf with the model and all others.
    held: u64,
    /// Bytes free on the disk.
    free: u64,
    /// Bytes that have to be free: what is still to come of the model, and the reserve.
    to_come: u64,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> NotProvided {
    let path = path.to_owned();
    move |source| NotProvided::Io { path, source }
}

/// Bytes of all these models together.
pub fn total_bytes(models: &[Shelved]) -> u64 {
    let bytes = models.iter().map(|model| model.bytes);
    bytes.fold(0, u64::saturating_add)
}

/// Deletes what interrupted fetches left in a folder, except the files of these names.
pub fn clear_parts_but(dir: &Path, kept: &BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_part = path.extension().is_some_and(|extension| extension == "part");
        let name = path.file_name().and_then(|name| name.to_str());
        if is_part && !name.is_some_and(|name| kept.contains(name)) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn bytes_in(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0u64;
    for entry in fs::read_dir(dir)? {
        bytes = bytes.saturating_add(entry?.metadata()?.len());
    }
    Ok(bytes)
}

fn used(dir: &Path) -> io::Result<SystemTime> {
    fs::metadata(dir.join(USED))?.modified()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const GIB: u64 = 1 << 30;

    /// A shelf on a disk with 10 GiB free.
    fn shelf() -> (tempfile::TempDir, Shelf) {
        let data = tempfile::tempdir().expect("a folder");
        let shelf = Shelf {
            free: |_| Ok(10 * GIB),
            ..Shelf::new(data.path())
        };
        (data, shelf)
    }

    fn id(number: u8) -> ModelId {
        ModelId::repeat_byte(number)
    }

    /// A model of so many bytes, the lower numbers used longer ago.
    fn put(shelf: &Shelf, number: u8, bytes: u64) {
        let dir = shelf.dir(&id(number));
        fs::create_dir_all(&dir).expect("made");
        // A hole in the file takes no space of the disk.
        let file = File::create(dir.join("model.gguf")).expect("made");
        file.set_len(bytes).expect("long");
        shelf.touch(&id(number)).expect("touched");
        let used = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + u64::from(number));
        let marker = File::options().write(true).open(dir.join(USED)).expect("there");
        marker.set_modified(used).expect("set");
    }

    fn left(shelf: &Shelf) -> Vec<ModelId> {
        let all = shelf.all().expect("read");
        all.into_iter().map(|shelved| shelved.id).collect()
    }

    #[test]
    fn room_should_be_made_by_removing_what_was_used_longest_ago() {
        let (_data, shelf) = shelf();
        for number in [3, 1, 2] {
            put(&shelf, number, 100);
        }
        assert_eq!(left(&shelf), [id(1), id(2), id(3)]);
        shelf.touch(&id(1)).expect("touched");
        let dir = shelf.make_room(&id(9), 100, 300, &BTreeSet::new()).expect("room");
        assert_eq!(dir, shelf.dir(&id(9)));
        assert_eq!(left(&shelf), [id(3), id(1), id(9)]);
        // What is here already is not counted twice.
        shelf.make_room(&id(3), 100, 300, &BTreeSet::new()).expect("room");
        assert_eq!(left(&shelf), [id(1), id(9), id(3)]);
    }

    #[test]
    fn room_should_not_be_made_of_what_open_seats_need() {
        let (_data, shelf) = shelf();
        for number in [1, 2] {
            put(&shelf, number, 100);
        }
        let needed = BTreeSet::from([id(1), id(2)]);
        let error = shelf.make_room(&id(9), 101, 300, &needed).expect_err("no room");
        assert!(matches!(error, NotProvided::Budget { bytes: 301, .. }), "{error}");
        let needed = BTreeSet::from([id(1)]);
        shelf.make_room(&id(9), 101, 300, &needed).expect("room");
        assert_eq!(left(&shelf), [id(1), id(9)]);
    }

    #[test]
    fn room_should_be_refused_with_nothing_removed_when_the_disk_is_too_full() {
        let (_data, shelf) = shelf();
        put(&shelf, 1, GIB);
        let budget = 100 * GIB;
        let error = shelf.make_room(&id(9), 9 * GIB + 1, budget, &BTreeSet::new());
        assert!(
            matches!(error, Err(NotProvided::Disk { missing_bytes: 1, .. })),
            "{error:?}"
        );
        assert_eq!(left(&shelf), [id(1)]);
        // A GiB less than is free and reserved, with what was removed.
        shelf
            .make_room(&id(9), 9 * GIB, budget, &BTreeSet::new())
            .expect("room");
        assert_eq!(left(&shelf), [id(9)]);
        // What has come of it before needs no space any more.
        put(&shelf, 9, 3 * GIB);
        shelf
            .make_room(&id(9), 11 * GIB, budget, &BTreeSet::new())
            .expect("room");
    }

    #[test]
    fn shelf_should_leave_alone_what_others_put_beside_it() {
        let (data, shelf) = shelf();
        assert_eq!(shelf.all().expect("none yet"), []);
        put(&shelf, 1, 100);
        let stranger = data.path().join(SHELF).join("notes");
        fs::create_dir(&stranger).expect("made");
        shelf.make_room(&id(9), 100, 100, &BTreeSet::new()).expect("room");
        assert!(stranger.is_dir());
        assert_eq!(left(&shelf), [id(9)]);
    }

    #[test]
    fn parts_should_be_cleared_and_files_kept() {
        let (_data, shelf) = shelf();
        put(&shelf, 1, 100);
        assert_eq!(shelf.bytes_of(&id(2)).expect("nothing is there"), 0);
        let dir = shelf.dir(&id(1));
        let parts = [".model.gguf.00ff.part", ".model.gguf.11ff.part"].map(|name| dir.join(name));
        for part in &parts {
            fs::write(part, b"half").expect("written");
        }
        assert_eq!(shelf.bytes_of(&id(1)).expect("read"), 108);
        let kept = BTreeSet::from([".model.gguf.11ff.part".to_owned()]);
        clear_parts_but(&dir, &kept).expect("cleared");
        assert_eq!(parts.each_ref().map(|part| part.exists()), [false, true]);
        shelf.clear_parts(&id(1)).expect("cleared");
        assert!(!parts[1].exists());
        assert_eq!(shelf.bytes_of(&id(1)).expect("read"), 100);
    }
}
