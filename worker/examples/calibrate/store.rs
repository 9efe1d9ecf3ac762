//! Results in JSON Lines: a line counts once it is whole and on the disk, so that a run can stop anywhere and go
//! on later.

use anyhow::{Context, Result};
use serde::{de::DeserializeOwned, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
};

/// A file that only grows.
pub struct Store {
    file: File,
}

impl Store {
    /// Opens or makes the file and gives the lines that it holds. A last line that was cut off is dropped.
    pub fn open<T: DeserializeOwned>(path: &Path) -> Result<(Self, Vec<T>)> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("opening {}", path.display()))?;
        let (lines, whole) = whole_lines(path)?;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self { file }, lines))
    }

    /// Appends a line and waits for the disk.
    pub fn append<T: Serialize>(&mut self, line: &T) -> Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        Ok(())
    }
}

/// All lines of a file; none when it is missing.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    match path.is_file() {
        true => Ok(whole_lines(path)?.0),
        false => Ok(Vec::new()),
    }
}

/// The whole lines of a file, and how many bytes they are.
fn whole_lines<T: DeserializeOwned>(path: &Path) -> Result<(Vec<T>, u64)> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {shown}"))?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let lines = text[..whole]
        .lines()
        .enumerate()
        .map(|(at, line)| {
            let place = || format!("{shown}, line {}: not one of ours; move the file away", at + 1);
            serde_json::from_str(line).with_context(place)
        })
        .collect::<Result<_>>()?;
    Ok((lines, whole as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_should_go_on_after_the_last_whole_line_when_it_was_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/lines.jsonl");
        let (mut store, lines) = Store::open::<u32>(&path).expect("made");
        assert!(lines.is_empty());
        store.append(&1).expect("written");
        store.append(&22).expect("written");
        drop(store);
        std::fs::write(&path, "1\n22\n33").expect("written");
        assert_eq!(read::<u32>(&path).expect("read"), [1, 22]);
        let (mut store, lines) = Store::open::<u32>(&path).expect("opened");
        assert_eq!(lines, [1, 22]);
        store.append(&4).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "1\n22\n4\n");
    }

    #[test]
    fn store_should_refuse_when_a_whole_line_is_not_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines.jsonl");
        std::fs::write(&path, "1\nno number\n").expect("written");
        let error = read::<u32>(&path).expect_err("refused");
        assert!(error.to_string().contains("line 2"), "{error}");
        let none = read::<u32>(&folder.path().join("none")).expect("nothing there");
        assert!(none.is_empty());
    }
}
