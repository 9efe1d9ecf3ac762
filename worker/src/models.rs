//! Local model folders, and which registered models they are.
//!
//! A folder is a registered model when it holds exactly the files of the model's manifest, each with that length
//! and BLAKE3: one more file could be loaded in the place of a listed one.
//! Hashes are kept by path, length and time of change, so that a start does not read hundreds of gigabytes.

mod hashes;

use crate::cli::config::ModelEntry;
use hashes::KeptHashes;
use ogpu_client::{
    chain::Model,
    models::manifest::{hash_file, ManifestError},
};
use ogpu_primitives::{ModelId, H256};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Most registered models that are compared.
pub const MAX_REGISTERED: usize = 10_000;
/// Most files in a folder that are looked at; a manifest has at most 32.
const MAX_FILES: usize = 256;

/// Why a folder cannot be served.
#[derive(thiserror::Error, Debug)]
pub enum ModelError {
    /// Not readable.
    #[error("cannot read {path}: {source}; check path and permissions")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be hashed.
    #[error(transparent)]
    Hash(#[from] ManifestError),
    /// Nothing in it.
    #[error("{0} holds no files; give the folder that the model's files are in")]
    Empty(PathBuf),
    /// No registered model has these files.
    #[error(
        "{dir} is none of the {registered} registered models{closest}; register it, or fetch the files again"
    )]
    Unregistered {
        /// The folder.
        dir: PathBuf,
        /// How many there are.
        registered: usize,
        /// The nearest miss, as a clause.
        closest: String,
    },
    /// The configured id or name is not registered.
    #[error("no registered model has the id or name `{0}`; see `ogpu models`")]
    UnknownId(String),
    /// The program does not know the model's sampler.
    #[error("{name} needs sampler version {version}, this program has 1; install a newer ogpu-worker")]
    Sampler {
        /// The model's name.
        name: String,
        /// What it needs.
        version: u8,
    },
}

/// A file of a local folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalFile {
    /// Length in bytes.
    pub size_bytes: u64,
    /// BLAKE3 of its content.
    pub blake3: H256,
}

/// A folder with its files' hashes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalModel {
    /// The folder.
    pub dir: PathBuf,
    /// The id or name that the settings give.
    pub wanted: Option<String>,
    /// Files by name.
    pub files: BTreeMap<String, LocalFile>,
}

impl LocalModel {
    /// Reads and hashes the plain files directly inside the folder. A file whose size and time of change are those
    /// of its kept hash is not read again.
    pub fn read(entry: &ModelEntry, data_dir: &Path) -> Result<Self, ModelError> {
        Self::read_trusting(entry, data_dir, true)
    }

    /// As [`Self::read`], but reads every file: a disk may have changed a bit without changing the time.
    pub fn read_anew(entry: &ModelEntry, data_dir: &Path) -> Result<Self, ModelError> {
        Self::read_trusting(entry, data_dir, false)
    }

    fn read_trusting(entry: &ModelEntry, data_dir: &Path, kept_hashes: bool) -> Result<Self, ModelError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ModelError::Io { path, source }
        };
        let dir = entry.dir.canonicalize().map_err(io(&entry.dir))?;
        let (mut hashes, mut files) = (KeptHashes::read(data_dir), BTreeMap::new());
        for item in std::fs::read_dir(&dir).map_err(io(&dir))?.take(MAX_FILES) {
            let path = item.map_err(io(&dir))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let metadata = std::fs::metadata(&path).map_err(io(&path))?;
            if !metadata.is_file() || name.starts_with('.') {
                continue;
            }
            let size_bytes = metadata.len();
            let known = kept_hashes.then(|| hashes.get(&path, &metadata)).flatten();
            let blake3 = match known {
                Some(hash) => hash,
                None => {
                    let (hash, _) = hash_file(&path)?;
                    hashes.put(&path, &metadata, hash);
                    hash
                }
            };
            files.insert(name.to_owned(), LocalFile { size_bytes, blake3 });
        }
        if files.is_empty() {
            return Err(ModelError::Empty(dir));
        }
        if let Err(error) = hashes.write() {
            tracing::warn!(%error, "hashes of model files could not be kept; they are taken again next time");
        }
        Ok(Self {
            dir,
            wanted: entry.id.clone(),
            files,
        })
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let bytes: u64 = self.files.values().map(|file| file.size_bytes).sum();
        format!(
            "{}: {} files, {} MiB",
            self.dir.display(),
            self.files.len(),
            bytes >> 20
        )
    }

    /// The registered model that this folder holds. Of several with the same files the settings choose, else the
    /// oldest: a copy that somebody registers later takes nobody's workers.
    pub fn matching<'a>(
        &self,
        registered: &'a [(ModelId, Model)],
    ) -> Result<(ModelId, &'a Model), ModelError> {
        let named: Vec<&(ModelId, Model)> = match &self.wanted {
            None => registered.iter().collect(),
            Some(wanted) => registered
                .iter()
                .filter(|(id, model)| is_named(id, model, wanted))
                .collect(),
        };
        if let (Some(wanted), true) = (&self.wanted, named.is_empty()) {
            return Err(ModelError::UnknownId(wanted.clone()));
        }
        let holds = named
            .iter()
            .filter(|(_, model)| self.first_difference(model).is_none());
        let Some((id, model)) = holds.min_by_key(|(id, model)| (model.registered_at, *id)) else {
            return Err(ModelError::Unregistered {
                dir: self.dir.clone(),
                registered: registered.len(),
                closest: self.closest(&named),
            });
        };
        if model.spec.sampler_version != 1 {
            return Err(ModelError::Sampler {
                name: name(model),
                version: model.spec.sampler_version,
            });
        }
        Ok((*id, model))
    }

    /// What keeps this folder from being that model; `None` when nothing does.
    fn first_difference(&self, model: &Model) -> Option<String> {
        if model.spec.manifest.is_empty() {
            return Some("it names no files".into());
        }
        let listed = |name: &str| {
            model
                .spec
                .manifest
                .iter()
                .any(|entry| entry.name.as_slice() == name.as_bytes())
        };
        let wrong = model.spec.manifest.iter().find_map(|entry| {
            let name = String::from_utf8_lossy(&entry.name);
            match self.files.get(name.as_ref()) {
                None => Some(format!("{name} is missing")),
                Some(file) if file.size_bytes != entry.size_bytes => Some(format!(
                    "{name} has {} bytes instead of {}",
                    file.size_bytes, entry.size_bytes
                )),
                Some(file) if file.blake3 != entry.blake3 => Some(format!("{name} has another content")),
                Some(_) => None,
            }
        });
        wrong.or_else(|| {
            let unlisted = self.files.keys().find(|name| !listed(name))?;
            Some(format!("{unlisted} is not part of it and has to be removed"))
        })
    }

    /// The model that shares most file names, and what is different there.
    fn closest(&self, models: &[&(ModelId, Model)]) -> String {
        let shared = |model: &Model| {
            let names = model
                .spec
                .manifest
                .iter()
                .map(|entry| String::from_utf8_lossy(&entry.name));
            names
                .filter(|name| self.files.contains_key(name.as_ref()))
                .count()
        };
        let best = models
            .iter()
            .max_by_key(|(_, model)| shared(model))
            .filter(|(_, model)| shared(model) > 0);
        best.map_or_else(String::new, |(_, model)| {
            let difference = self.first_difference(model).unwrap_or_default();
            format!(" (nearest: {}, but {difference})", name(model))
        })
    }
}

/// A model's name for people. It is a stranger's: control characters in it do not reach a terminal.
pub fn name(model: &Model) -> String {
    let shown = |character: char| match character.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => character,
    };
    String::from_utf8_lossy(&model.spec.name)
        .chars()
        .map(shown)
        .collect()
}

fn is_named(id: &ModelId, model: &Model, wanted: &str) -> bool {
    parse_hash(wanted).is_some_and(|hash| hash == *id) || model.spec.name.as_slice() == wanted.as_bytes()
}

fn parse_hash(text: &str) -> Option<H256> {
    let mut hash = [0u8; 32];
    hex::decode_to_slice(text.trim_start_matches("0x"), &mut hash).ok()?;
    Some(H256(hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_client::AccountId;
    use ogpu_primitives::{model::model_id, Costs, FileEntry, JobKind, ModelSpec, NumericProfile};

    fn folder(content: &[u8]) -> (tempfile::TempDir, LocalModel) {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("model");
        std::fs::create_dir(&dir).expect("made");
        std::fs::write(dir.join("model.gguf"), content).expect("written");
        let local = read(&folder, None).expect("read");
        (folder, local)
    }

    fn read(folder: &tempfile::TempDir, id: Option<String>) -> Result<LocalModel, ModelError> {
        LocalModel::read(
            &ModelEntry {
                dir: folder.path().join("model"),
                id,
            },
            &folder.path().join("data"),
        )
    }

    fn registered(content: &[u8], name: &str, registered_at: u32) -> (ModelId, Model) {
        let entry = FileEntry {
            name: b"model.gguf".to_vec().try_into().unwrap_or_default(),
            blake3: H256(*blake3::hash(content).as_bytes()),
            size_bytes: content.len() as u64,
        };
        let spec = ModelSpec {
            owner: AccountId::from([1; 32]),
            name: name.as_bytes().to_vec().try_into().unwrap_or_default(),
            kind: JobKind::Generate,
            manifest: vec![entry].try_into().unwrap_or_default(),
            tokenizer: H256::zero(),
            template: None,
            profile: NumericProfile::A8,
            sampler_version: 1,
            costs: Costs {
                input_milli_cu: 1,
                output_milli_cu: 1,
            },
            context_tokens: 100,
            vram_mib: 1,
        };
        (
            model_id(&spec),
            Model {
                spec,
                registered_at,
                deposit: 0,
                jobs_settled: 0,
            },
        )
    }

    #[test]
    fn name_should_have_no_control_characters() {
        let (_, model) = registered(b"weights", "smol \u{1b}[2J\n", 3);
        assert_eq!(name(&model), "smol \u{fffd}[2J\u{fffd}");
    }

    #[test]
    fn matching_should_find_the_oldest_when_several_have_the_same_files() {
        let (_folder, local) = folder(b"weights");
        let models = [
            registered(b"weights", "copy", 9),
            registered(b"weights", "first", 3),
        ];
        let (_, model) = local.matching(&models).expect("found");
        assert_eq!(name(model), "first");
    }

    #[test]
    fn matching_should_follow_the_settings_when_they_name_one() {
        let (folder, _) = folder(b"weights");
        let models = [
            registered(b"weights", "copy", 9),
            registered(b"weights", "first", 3),
        ];
        let by_name = read(&folder, Some("copy".into())).expect("read");
        assert_eq!(by_name.matching(&models).expect("found").0, models[0].0);
        let by_id = read(&folder, Some(format!("{:?}", models[0].0))).expect("read");
        assert_eq!(by_id.matching(&models).expect("found").0, models[0].0);
        let unknown = read(&folder, Some("other".into())).expect("read");
        assert!(matches!(unknown.matching(&models), Err(ModelError::UnknownId(_))));
    }

    #[test]
    fn matching_should_say_what_differs_when_a_file_was_changed() {
        let (_folder, local) = folder(b"wEights");
        let error = local
            .matching(&[registered(b"weights", "first", 3)])
            .expect_err("another content");
        assert!(
            error.to_string().contains("model.gguf has another content"),
            "{error}"
        );
        let error = local
            .matching(&[registered(b"weights and more", "first", 3)])
            .expect_err("shorter");
        assert!(error.to_string().contains("has 7 bytes instead of 16"), "{error}");
    }

    #[test]
    fn matching_should_refuse_when_a_file_was_added() {
        let (folder, _) = folder(b"weights");
        std::fs::write(folder.path().join("model/other.gguf"), b"evil").expect("written");
        let local = read(&folder, None).expect("read");
        let error = local
            .matching(&[registered(b"weights", "first", 3)])
            .expect_err("one too many");
        assert!(
            error.to_string().contains("other.gguf is not part of it"),
            "{error}"
        );
    }

    #[test]
    fn matching_should_refuse_when_the_sampler_is_newer() {
        let (_folder, local) = folder(b"weights");
        let mut model = registered(b"weights", "first", 3);
        model.1.spec.sampler_version = 2;
        assert!(matches!(
            local.matching(&[model]),
            Err(ModelError::Sampler { version: 2, .. })
        ));
    }

    #[test]
    fn read_should_notice_when_a_file_changes_after_its_hash_was_kept() {
        let (folder, local) = folder(b"weights");
        std::fs::write(folder.path().join("model/model.gguf"), b"others!!").expect("written");
        assert_ne!(read(&folder, None).expect("read").files, local.files);
    }

    #[test]
    fn read_anew_should_notice_when_a_bit_changes_and_the_time_does_not() {
        let (folder, local) = folder(b"weights");
        let path = folder.path().join("model/model.gguf");
        let changed = std::fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .expect("a time");
        std::fs::write(&path, b"weightz").expect("written");
        let file = std::fs::File::options().write(true).open(&path).expect("open");
        file.set_modified(changed).expect("set back");
        assert_eq!(read(&folder, None).expect("read").files, local.files);
        let entry = ModelEntry {
            dir: folder.path().join("model"),
            id: None,
        };
        let anew = LocalModel::read_anew(&entry, &folder.path().join("data")).expect("read");
        assert_ne!(anew.files, local.files);
    }

    #[test]
    fn read_should_fail_with_the_path_when_there_is_no_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(read(&folder, None), Err(ModelError::Io { .. })));
    }
}
