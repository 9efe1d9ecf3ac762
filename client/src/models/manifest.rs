//! The list of a model's files with their BLAKE3 hashes, and the check of a folder against it.

use ogpu_primitives::{BlobHash, FileEntry};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Most files of a model.
pub const MAX_FILES: usize = 32;
/// Longest file name in bytes.
pub const MAX_NAME_BYTES: usize = 96;

/// Why a folder does not match, or cannot have, a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A file or folder could not be read; check that it is there and readable.
    #[error("cannot read {path}: {source}; check the path and its permissions")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder has no plain file; put the model's files directly into it.
    #[error("{0} holds no file; put the model's files directly into it")]
    Empty(PathBuf),
    /// More files than a manifest can list; leave only what the model needs.
    #[error("{found} files are more than the limit of {MAX_FILES}; leave only what the model needs")]
    TooManyFiles {
        /// Files found.
        found: usize,
    },
    /// A name is too long, has a folder in it, begins with a dot or is no UTF-8; rename the file.
    #[error("file name `{0}` cannot be used: plain UTF-8 names of at most 96 bytes without leading dot only; rename it")]
    Name(String),
    /// A file of the manifest is not there; fetch the model again.
    #[error("file `{0}` is missing; fetch the model again")]
    Missing(String),
    /// A file has another length; it was cut or replaced: fetch it again.
    #[error("file `{name}` has {found} bytes instead of {expected}; delete it and fetch the model again")]
    Size {
        /// File.
        name: String,
        /// Bytes by the manifest.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// A file has another content; it was damaged or replaced: fetch it again.
    #[error(
        "file `{name}` has BLAKE3 {found:?} instead of {expected:?}; delete it and fetch the model again"
    )]
    Hash {
        /// File.
        name: String,
        /// Hash by the manifest.
        expected: BlobHash,
        /// Hash found.
        found: BlobHash,
    },
    /// A file is there that the manifest does not list: it could be taken for the model; remove it.
    #[error("file `{0}` is not part of the model; remove it from the model's folder")]
    Unlisted(String),
}

/// Files of a model by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    files: BTreeMap<String, (BlobHash, u64)>,
}

impl Manifest {
    /// Hashes the plain files directly inside `folder`; subfolders and names with a leading dot are left out.
    pub fn of_folder(folder: &Path) -> Result<Self, ManifestError> {
        let names = plain_files(folder)?;
        if names.is_empty() {
            return Err(ManifestError::Empty(folder.into()));
        }
        if names.len() > MAX_FILES {
            return Err(ManifestError::TooManyFiles { found: names.len() });
        }
        let mut files = BTreeMap::new();
        for name in names {
            check_name(&name)?;
            let path = folder.join(&name);
            let (hash, size) = hash_file(&path)?;
            files.insert(name, (hash, size));
        }
        Ok(Self { files })
    }

    /// From a registered model's entries.
    pub fn from_entries(entries: &[FileEntry]) -> Result<Self, ManifestError> {
        let mut files = BTreeMap::new();
        for entry in entries {
            let name = String::from_utf8(entry.name.to_vec())
                .map_err(|error| ManifestError::Name(error.to_string()))?;
            check_name(&name)?;
            files.insert(name, (entry.blake3, entry.size_bytes));
        }
        Ok(Self { files })
    }

    /// Entries as a model registers them: sorted by name.
    pub fn entries(&self) -> Result<Vec<FileEntry>, ManifestError> {
        self.files
            .iter()
            .map(|(name, (blake3, size_bytes))| {
                let bytes = name.as_bytes().to_vec();
                let name = bytes.try_into().map_err(|_| ManifestError::Name(name.clone()))?;
                Ok(FileEntry {
                    name,
                    blake3: *blake3,
                    size_bytes: *size_bytes,
                })
            })
            .collect()
    }

    /// Names, hashes and lengths in bytes, sorted by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, BlobHash, u64)> {
        self.files
            .iter()
            .map(|(name, (hash, size))| (name.as_str(), *hash, *size))
    }

    /// Sum of all lengths in bytes.
    pub fn total_bytes(&self) -> u64 {
        self.files
            .values()
            .fold(0, |sum, (_, size)| sum.saturating_add(*size))
    }

    /// Checks that `folder` holds exactly these files. Lengths first, as they cost nothing.
    pub fn verify(&self, folder: &Path) -> Result<(), ManifestError> {
        for (name, (_, expected)) in &self.files {
            let path = folder.join(name);
            let found = match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => metadata.len(),
                Ok(_) => return Err(ManifestError::Missing(name.clone())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(ManifestError::Missing(name.clone()))
                }
                Err(source) => return Err(ManifestError::Io { path, source }),
            };
            if found != *expected {
                return Err(ManifestError::Size {
                    name: name.clone(),
                    expected: *expected,
                    found,
                });
            }
        }
        if let Some(name) = plain_files(folder)?
            .into_iter()
            .find(|name| !self.files.contains_key(name))
        {
            return Err(ManifestError::Unlisted(name));
        }
        for (name, (expected, _)) in &self.files {
            let (found, _) = hash_file(&folder.join(name))?;
            if found != *expected {
                return Err(ManifestError::Hash {
                    name: name.clone(),
                    expected: *expected,
                    found,
                });
            }
        }
        Ok(())
    }
}

/// BLAKE3 and length in bytes of a file.
pub fn hash_file(path: &Path) -> Result<(BlobHash, u64), ManifestError> {
    let io = |source| ManifestError::Io {
        path: path.into(),
        source,
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).map_err(io)?).map_err(io)?;
    Ok((BlobHash::from(*hasher.finalize().as_bytes()), hasher.count()))
}

fn check_name(name: &str) -> Result<(), ManifestError> {
    let plain = !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\0'])
        && !name.chars().any(char::is_control);
    match plain {
        true => Ok(()),
        false => Err(ManifestError::Name(name.into())),
    }
}

fn plain_files(folder: &Path) -> Result<Vec<String>, ManifestError> {
    let io = |source| ManifestError::Io {
        path: folder.into(),
        source,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| ManifestError::Name(name.to_string_lossy().into_owned()))?;
        if !name.starts_with('.') && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.json"), "{}").unwrap();
        std::fs::write(folder.path().join("a.gguf"), "abc").unwrap();
        std::fs::write(folder.path().join(".part"), "x").unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        folder
    }

    #[test]
    fn manifest_should_list_plain_files_by_name_and_survive_its_entries() {
        let folder = folder();
        let manifest = Manifest::of_folder(folder.path()).unwrap();
        let names: Vec<&str> = manifest.files().map(|(name, ..)| name).collect();
        assert_eq!(names, ["a.gguf", "b.json"]);
        assert_eq!(manifest.total_bytes(), 5);
        let abc = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(hex::encode(manifest.files().next().unwrap().1), abc);
        assert_eq!(
            Manifest::from_entries(&manifest.entries().unwrap()).unwrap(),
            manifest
        );
        manifest.verify(folder.path()).unwrap();
    }

    #[test]
    fn verification_should_name_the_file_when_something_does_not_match() {
        let folder = folder();
        let manifest = Manifest::of_folder(folder.path()).unwrap();
        let check = || manifest.verify(folder.path()).unwrap_err();
        std::fs::write(folder.path().join("a.gguf"), "abd").unwrap();
        assert!(matches!(check(), ManifestError::Hash { name, .. } if name == "a.gguf"));
        std::fs::write(folder.path().join("a.gguf"), "ab").unwrap();
        assert!(matches!(
            check(),
            ManifestError::Size {
                expected: 3,
                found: 2,
                ..
            }
        ));
        std::fs::remove_file(folder.path().join("a.gguf")).unwrap();
        assert!(matches!(check(), ManifestError::Missing(name) if name == "a.gguf"));
        std::fs::write(folder.path().join("a.gguf"), "abc").unwrap();
        std::fs::write(folder.path().join("c.gguf"), "evil").unwrap();
        assert!(matches!(check(), ManifestError::Unlisted(name) if name == "c.gguf"));
    }

    #[test]
    fn manifest_should_be_refused_when_a_name_leaves_the_folder() {
        for name in ["../x", "a/b", "", ".hidden", "a\nb", "c\\d"] {
            let entry = FileEntry {
                name: name.as_bytes().to_vec().try_into().unwrap(),
                blake3: BlobHash::default(),
                size_bytes: 0,
            };
            assert!(
                matches!(Manifest::from_entries(&[entry]), Err(ManifestError::Name(_))),
                "{name:?}"
            );
        }
    }
}
