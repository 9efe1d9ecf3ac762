//! A registered model's files from a hub.
//!
//! The chain knows a model's files by their hashes and its name, which is for people. A name `OWNER/NAME`, or
//! `OWNER/NAME@REVISION`, is taken for the repository; for a name alone the hub is searched. Names prove nothing: a
//! repository is the right one when it has every file with its length, and a file when its BLAKE3 is the registered
//! one. The small files come first, so that another model is mostly noticed before its weights are paid for; what was
//! found wrong is remembered ([`super::wrong`]).

use super::{error::NotProvided, shelf::clear_parts_but, wrong::WrongSources};
use ogpu_client::{
    hub::{Hub, HubError, HubFile, Repository, Revision},
    models::manifest::{hash_file, Manifest, ManifestError},
};
use ogpu_primitives::{BlobHash, ModelId};
use std::path::{Path, PathBuf};

/// Most repositories that are looked at for one model.
const CANDIDATES: usize = 5;
/// The revision where none is named.
const MAIN: &str = "main";
/// How files may end that a model is made of: weights, settings and text. Nothing of it is ever run.
const FORMS: [&str; 9] = [
    ".safetensors",
    ".gguf",
    ".json",
    ".jinja",
    ".txt",
    ".md",
    ".html",
    "LICENSE",
    "NOTICE",
];

/// The first file that no model needs; one in a form that could be run is refused unseen.
pub fn foreign_file(manifest: &Manifest) -> Option<String> {
    let known = |name: &str| FORMS.iter().any(|form| name.ends_with(form));
    let mut names = manifest.files().map(|(name, ..)| name);
    names.find(|name| !known(name)).map(str::to_owned)
}

/// A model that is looked for.
pub struct Sought<'a> {
    /// Which one.
    pub id: ModelId,
    /// The name under which it is registered.
    pub name: &'a str,
    /// Its files.
    pub manifest: &'a Manifest,
    /// Where they belong.
    pub dir: &'a Path,
    /// What was found in its place before.
    pub wrong: &'a WrongSources,
}

/// Fetches whatever is not there yet. `progress` hears how many bytes of all files are here.
pub async fn fetch(
    hub: &Hub,
    sought: &Sought<'_>,
    mut progress: impl FnMut(u64) + Send,
) -> Result<(), NotProvided> {
    let Sought {
        id, manifest, wrong, ..
    } = *sought;
    let mut looked = Vec::new();
    for (repository, revision) in candidates(hub, sought).await? {
        let wrong_bytes = wrong.bytes(&id);
        if wrong_bytes > manifest.total_bytes() {
            looked.push(format!(
                "no further repository is tried today, after {} MiB of other content",
                wrong_bytes >> 20
            ));
            break;
        }
        let found = match hub.revision(&repository, revision).await {
            Ok(found) => found,
            Err(
                error @ (HubError::NotFound { .. } | HubError::NoAccess { .. } | HubError::Unreadable { .. }),
            ) => {
                looked.push(error.to_string());
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(files) = files_of(&found, manifest) else {
            looked.push(format!("{repository} has other files at {revision}"));
            continue;
        };
        if let Some(cause) = wrong.cause(&id, &repository, &found.commit) {
            looked.push(cause);
            continue;
        }
        let Some(other) =
            fetch_from(hub, &repository, &found.commit, &files, sought.dir, &mut progress).await?
        else {
            return Ok(());
        };
        let cause = format!("{repository} has another content in {}", other.name);
        wrong.note(id, &repository, &found.commit, cause.clone(), other.size_bytes);
        looked.push(cause);
    }
    let name = sought.name.to_owned();
    Err(NotProvided::NoSource { name, looked })
}

/// Where a model of this name may be; those that had something else before come last.
async fn candidates<'a>(hub: &Hub, sought: &Sought<'a>) -> Result<Vec<(Repository, &'a str)>, NotProvided> {
    let Some((named, revision)) = Repository::with_revision(sought.name) else {
        return Ok(Vec::new());
    };
    let revision = revision.unwrap_or(MAIN);
    let mut repositories = match named.has_owner() {
        true => vec![named],
        false => hub.search(&named).await?,
    };
    repositories.sort_by_key(|repository| sought.wrong.times(&sought.id, repository));
    let repositories = repositories.into_iter().take(CANDIDATES);
    Ok(repositories.map(|repository| (repository, revision)).collect())
}

/// The repository's files that the manifest lists, the smallest first; `None` when one is missing or has another
/// length.
fn files_of(found: &Revision, manifest: &Manifest) -> Option<Vec<(HubFile, BlobHash)>> {
    let of_manifest = manifest.files().map(|(name, hash, size_bytes)| {
        let same = |file: &&HubFile| file.name == name && file.size_bytes == size_bytes;
        found.files.iter().find(same).map(|file| (file.clone(), hash))
    });
    let mut files = of_manifest.collect::<Option<Vec<_>>>()?;
    files.sort_by_key(|(file, _)| file.size_bytes);
    Some(files)
}

/// All files from one repository. Gives the first one that is another than the registered one.
async fn fetch_from<'a>(
    hub: &Hub,
    repository: &Repository,
    commit: &str,
    files: &'a [(HubFile, BlobHash)],
    dir: &Path,
    progress: &mut (impl FnMut(u64) + Send),
) -> Result<Option<&'a HubFile>, NotProvided> {
    clear_other_parts(commit, files, dir)?;
    let mut done = 0u64;
    for (file, hash) in files {
        let path = dir.join(&file.name);
        let mut is_here = is_registered(path.clone(), *hash).await?;
        // Without the hub's SHA-256 a part that was damaged on the disk looks like another content: such a file is
        // fetched once more, from its beginning.
        let mut tries = if file.sha256.is_some() { 1 } else { 2 };
        while !is_here && tries > 0 {
            tries -= 1;
            // Left by another repository or by the try before, or damaged since.
            remove(&path)?;
            let say = |here: u64| progress(done.saturating_add(here));
            hub.download(repository, commit, file, dir, say).await?;
            is_here = is_registered(path.clone(), *hash).await?;
        }
        if !is_here {
            remove(&path)?;
            return Ok(Some(file));
        }
        done = done.saturating_add(file.size_bytes);
        progress(done);
    }
    Ok(None)
}

/// Deletes parts that no fetch goes on with: of other repositories, of other commits, and of files that are here.
/// Without that, whoever pushes other weights again and again would fill the disk, a part at a time.
fn clear_other_parts(commit: &str, files: &[(HubFile, BlobHash)], dir: &Path) -> Result<(), NotProvided> {
    let missing = files.iter().filter(|(file, _)| !dir.join(&file.name).exists());
    let kept = missing.map(|(file, _)| file.part_name(commit)).collect();
    clear_parts_but(dir, &kept).map_err(|source| NotProvided::Io {
        path: dir.to_owned(),
        source,
    })
}

/// Whether the file is there and has the registered content.
async fn is_registered(path: PathBuf, hash: BlobHash) -> Result<bool, NotProvided> {
    if !path.is_file() {
        return Ok(false);
    }
    let hashed = tokio::task::spawn_blocking(move || hash_file(&path)).await;
    let (found, _) = hashed
        .map_err(|error| NotProvided::Panicked(error.to_string()))?
        .map_err(|error| match error {
            ManifestError::Io { path, source } => NotProvided::Io { path, source },
            other => other.into(),
        })?;
    Ok(found == hash)
}

fn remove(path: &Path) -> Result<(), NotProvided> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(NotProvided::Io {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::{FileEntry, H256};

    fn manifest(files: &[(&str, u64)]) -> Manifest {
        let entry = |(name, size_bytes): &(&str, u64)| FileEntry {
            name: name.as_bytes().to_vec().try_into().expect("short"),
            blake3: H256::zero(),
            size_bytes: *size_bytes,
        };
        let entries: Vec<FileEntry> = files.iter().map(entry).collect();
        Manifest::from_entries(&entries).expect("plain names")
    }

    #[test]
    fn foreign_file_should_be_whatever_could_be_run() {
        let good = [
            "model-00001-of-00002.safetensors",
            "a.gguf",
            "config.json",
            "LICENSE",
        ];
        assert_eq!(foreign_file(&manifest(&good.map(|name| (name, 1)))), None);
        for name in [
            "pytorch_model.bin",
            "modeling.py",
            "lib.so",
            "model",
            "x.gguf.exe",
        ] {
            let files = manifest(&[("config.json", 1), (name, 1)]);
            assert_eq!(foreign_file(&files).as_deref(), Some(name));
        }
    }

    #[test]
    fn files_should_be_all_of_the_manifest_and_nothing_else() {
        let file = |name: &str, size_bytes| HubFile {
            name: name.into(),
            size_bytes,
            sha256: None,
        };
        let found = Revision {
            commit: "00".into(),
            files: vec![file("b.gguf", 50), file("README.md", 9), file("a.json", 5)],
        };
        let names = |files: &[(&str, u64)]| {
            let chosen = files_of(&found, &manifest(files))?;
            Some(chosen.into_iter().map(|(file, _)| file.name).collect::<Vec<_>>())
        };
        let both = names(&[("a.json", 5), ("b.gguf", 50)]).expect("both are there");
        assert_eq!(both, ["a.json", "b.gguf"], "the small one first");
        assert_eq!(names(&[("b.gguf", 51)]), None, "another length");
        assert_eq!(names(&[("c.gguf", 50)]), None, "missing");
    }
}
