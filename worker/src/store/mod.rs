//! The models that this worker keeps on its disk.
//!
//! Each model has a folder named by its id. A folder is opened only after every file in it was compared
//! with the manifest that the model registered: a file that does not match is never loaded.

use ogpu_client::models::{Manifest, ManifestError};
use ogpu_primitives::{FileEntry, ModelId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// Why a stored model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The model is not on this disk; fetch it.
    #[error("model {0:?} is not stored here; fetch it first")]
    Unknown(ModelId),
    /// Files and manifest differ.
    #[error("model {model:?}: {source}")]
    Manifest {
        /// Model.
        model: ModelId,
        /// What differs, and what to do.
        source: ManifestError,
    },
    /// The disk refused; check space and permissions.
    #[error("cannot use {path}: {source}; check space and permissions")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Length and time of change of each file when it was last hashed.
type Stamp = Vec<(String, u64, Option<SystemTime>)>;

/// Folders of models below one root.
pub struct ModelStore {
    root: PathBuf,
    /// Folders that were verified in this run; hashing gigabytes before every job would be too slow.
    verified: Mutex<HashMap<ModelId, Stamp>>,
}

impl ModelStore {
    /// A store at `root`, made when it is not there.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(|source| StoreError::Io {
            path: root.clone(),
            source,
        })?;
        Ok(Self {
            root,
            verified: Mutex::default(),
        })
    }

    /// Where a model's files are, or belong.
    pub fn folder(&self, model: &ModelId) -> PathBuf {
        self.root.join(hex::encode(model))
    }

    /// Whether a folder for the model is there; says nothing about its content.
    pub fn contains(&self, model: &ModelId) -> bool {
        self.folder(model).is_dir()
    }

    /// Ids of all folders, sorted.
    pub fn models(&self) -> Result<Vec<ModelId>, StoreError> {
        let io = |source| StoreError::Io {
            path: self.root.clone(),
            source,
        };
        let mut models = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(io)? {
            let entry = entry.map_err(io)?;
            let mut id = [0; 32];
            let name = entry.file_name();
            if entry.path().is_dir() && hex::decode_to_slice(name.as_encoded_bytes(), &mut id).is_ok() {
                models.push(ModelId::from(id));
            }
        }
        models.sort();
        Ok(models)
    }

    /// The folder of a model whose every file matches `manifest`.
    pub fn verified_folder(&self, model: &ModelId, manifest: &[FileEntry]) -> Result<PathBuf, StoreError> {
        let wrong = |source| StoreError::Manifest {
            model: *model,
            source,
        };
        let folder = self.folder(model);
        if !folder.is_dir() {
            return Err(StoreError::Unknown(*model));
        }
        let manifest = Manifest::from_entries(manifest).map_err(wrong)?;
        let stamp = stamp(&folder, &manifest)?;
        if self.lock().get(model).is_some_and(|known| *known == stamp) {
            return Ok(folder);
        }
        self.lock().remove(model);
        manifest.verify(&folder).map_err(wrong)?;
        self.lock().insert(*model, stamp);
        Ok(folder)
    }

    /// Copies files that are already on this disk into the model's folder. Nothing is left behind when they
    /// do not match.
    pub fn import(
        &self,
        model: &ModelId,
        manifest: &[FileEntry],
        from: &Path,
    ) -> Result<PathBuf, StoreError> {
        let wrong = |source| StoreError::Manifest {
            model: *model,
            source,
        };
        let files = Manifest::from_entries(manifest).map_err(wrong)?;
        let folder = self.folder(model);
        let partial = self.root.join(format!(".{}.partial", hex::encode(model)));
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| StoreError::Io { path, source }
        };
        if partial.exists() {
            std::fs::remove_dir_all(&partial).map_err(io(&partial))?;
        }
        std::fs::create_dir_all(&partial).map_err(io(&partial))?;
        let result = (|| {
            for (name, ..) in files.files() {
                let source = from.join(name);
                if !source.is_file() {
                    return Err(wrong(ManifestError::Missing(name.into())));
                }
                // A copy, not a link: what is served must not change with the original.
                std::fs::copy(&source, partial.join(name)).map_err(io(&source))?;
            }
            files.verify(&partial).map_err(wrong)?;
            if folder.exists() {
                std::fs::remove_dir_all(&folder).map_err(io(&folder))?;
            }
            std::fs::rename(&partial, &folder).map_err(io(&folder))
        })();
        if result.is_err() {
            let _ = std::fs::remove_dir_all(&partial);
        }
        result?;
        self.verified_folder(model, manifest)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ModelId, Stamp>> {
        self.verified
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn stamp(folder: &Path, manifest: &Manifest) -> Result<Stamp, StoreError> {
    let io = |source| StoreError::Io {
        path: folder.into(),
        source,
    };
    // Everything in the folder counts, so that an added file is noticed too.
    let mut stamp = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let metadata = std::fs::metadata(entry.path()).map_err(io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        stamp.push((name, metadata.len(), metadata.modified().ok()));
    }
    // The same folder under another manifest is another thing.
    stamp.extend(
        manifest
            .files()
            .map(|(name, hash, size)| (format!("{name}:{}", hex::encode(hash)), size, None)),
    );
    stamp.sort();
    Ok(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> (tempfile::TempDir, Vec<FileEntry>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.safetensors"), "weights").unwrap();
        std::fs::write(folder.path().join("config.json"), "{}").unwrap();
        let entries = Manifest::of_folder(folder.path()).unwrap().entries().unwrap();
        std::fs::write(folder.path().join("README.md"), "not part of it").unwrap();
        (folder, entries)
    }

    #[test]
    fn store_should_open_a_model_when_all_files_match() {
        let (from, manifest) = source();
        let root = tempfile::tempdir().unwrap();
        let store = ModelStore::open(root.path()).unwrap();
        let model = ModelId::from([7; 32]);
        assert!(matches!(
            store.verified_folder(&model, &manifest),
            Err(StoreError::Unknown(_))
        ));
        let folder = store.import(&model, &manifest, from.path()).unwrap();
        assert_eq!(store.verified_folder(&model, &manifest).unwrap(), folder);
        assert_eq!(store.models().unwrap(), [model]);
        assert!(!folder.join("README.md").exists());
    }

    #[test]
    fn store_should_refuse_a_model_when_a_file_changed_or_was_added() {
        let (from, manifest) = source();
        let root = tempfile::tempdir().unwrap();
        let store = ModelStore::open(root.path()).unwrap();
        let model = ModelId::from([7; 32]);
        let folder = store.import(&model, &manifest, from.path()).unwrap();
        std::fs::write(folder.join("evil.gguf"), "x").unwrap();
        let refused = store.verified_folder(&model, &manifest).unwrap_err();
        assert!(matches!(
            refused,
            StoreError::Manifest {
                source: ManifestError::Unlisted(_),
                ..
            }
        ));
        std::fs::remove_file(folder.join("evil.gguf")).unwrap();
        std::fs::write(folder.join("model.safetensors"), "WEIGHTS").unwrap();
        let refused = store.verified_folder(&model, &manifest).unwrap_err();
        assert!(matches!(
            refused,
            StoreError::Manifest {
                source: ManifestError::Hash { .. },
                ..
            }
        ));
    }

    #[test]
    fn import_should_leave_nothing_behind_when_the_files_do_not_match() {
        let (from, manifest) = source();
        std::fs::write(from.path().join("config.json"), "[]").unwrap();
        let root = tempfile::tempdir().unwrap();
        let store = ModelStore::open(root.path()).unwrap();
        let refused = store.import(&ModelId::from([7; 32]), &manifest, from.path());
        assert!(matches!(refused, Err(StoreError::Manifest { .. })));
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
