//! One file from the hub to its place.

use super::{Hub, HubError, HubFile, Repository};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::io::AsyncWriteExt;

/// Broken lines in a row, with nothing received on any of them, after which a fetch gives up.
const MAX_FRUITLESS: u32 = 4;
/// Pause before the line is tried again, times the tries so far.
const PAUSE: Duration = Duration::from_secs(1);

impl HubFile {
    /// The name that the file has until it is whole. It says which content is meant, so that what another revision
    /// has left is not gone on with. The leading dot keeps it out of the model.
    pub fn part_name(&self, commit: &str) -> String {
        let id = self.sha256.as_deref().unwrap_or(commit);
        let id: String = id.chars().take(16).filter(char::is_ascii_alphanumeric).collect();
        format!(".{}.{id}.part", self.name)
    }
}

impl Hub {
    /// Fetches a file into `folder` unless it is there already; says how many bytes were received.
    ///
    /// `progress` hears how much of the file is here.
    pub async fn download(
        &self,
        repository: &Repository,
        commit: &str,
        file: &HubFile,
        folder: &Path,
        mut progress: impl FnMut(u64),
    ) -> Result<u64, HubError> {
        // Nothing that the hub says leads out of the folder.
        if file.name.contains(['/', '\\']) || file.name.starts_with('.') {
            return Err(HubError::Unreadable {
                endpoint: self.shown(),
                repository: repository.to_string(),
                reason: format!("'{}' is no plain file name", file.name),
            });
        }
        let place = folder.join(&file.name);
        if is_whole(&place, file).await? {
            progress(file.size_bytes);
            return Ok(0);
        }
        std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
        let part = folder.join(file.part_name(commit));
        let received = self
            .receive(repository, commit, file, &part, &mut progress)
            .await?;
        if let Some(reason) = fault(&part, file).await? {
            let _ = std::fs::remove_file(&part);
            return Err(HubError::Damaged {
                name: file.name.clone(),
                reason,
            });
        }
        std::fs::rename(&part, &place).map_err(io_error("write", &place))?;
        Ok(received)
    }

    /// Receives until the file is complete, going on where a broken line has left off.
    async fn receive(
        &self,
        repository: &Repository,
        commit: &str,
        file: &HubFile,
        part: &Path,
        progress: &mut impl FnMut(u64),
    ) -> Result<u64, HubError> {
        let mut fruitless = 0;
        let mut received = 0;
        loop {
            let have = std::fs::metadata(part).map_or(0, |metadata| metadata.len());
            if have == file.size_bytes && part.exists() {
                return Ok(received);
            }
            let (more, result) = self
                .receive_once(repository, commit, file, part, have, progress)
                .await;
            received += more;
            match result {
                Ok(()) => (),
                Err(HubError::Unreachable { .. }) if fruitless < MAX_FRUITLESS && received > 0 => {
                    fruitless = if more > 0 { 0 } else { fruitless + 1 };
                    tokio::time::sleep(PAUSE * (fruitless + 1)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// One request; what it brought is in the file even when it fails.
    async fn receive_once(
        &self,
        repository: &Repository,
        commit: &str,
        file: &HubFile,
        part: &Path,
        have: u64,
        progress: &mut impl FnMut(u64),
    ) -> (u64, Result<(), HubError>) {
        let mut received = 0;
        let result = async {
            let url = self.repository_url(&[], repository, &["resolve", commit, &file.name])?;
            let mut request = self.get(url.clone());
            let resumes = (1..file.size_bytes).contains(&have);
            if resumes {
                request = request.header("Range", format!("bytes={have}-"));
            }
            let mut answer = request.send().await.map_err(|error| self.unreachable(&error))?;
            let status = answer.status().as_u16();
            if !answer.status().is_success() {
                let what = format!("file {} in {repository} at {commit}", file.name);
                return Err(self.refusal(status, &url, repository, what));
            }
            // A server that knows no ranges sends all of it again.
            let start = if status == 206 && resumes { have } else { 0 };
            let mut options = tokio::fs::OpenOptions::new();
            options.create(true).write(true);
            if start > 0 {
                options.append(true);
            } else {
                options.truncate(true);
            }
            let mut output = options.open(part).await.map_err(io_error("write", part))?;
            let mut here = start;
            progress(here);
            loop {
                let chunk = answer.chunk().await.map_err(|error| self.unreachable(&error));
                let Ok(Some(chunk)) = &chunk else {
                    // What has come is kept, however the answer ended.
                    output.flush().await.map_err(io_error("write", part))?;
                    output.sync_all().await.map_err(io_error("write", part))?;
                    chunk?;
                    break;
                };
                here += chunk.len() as u64;
                if here > file.size_bytes {
                    drop(output);
                    let _ = std::fs::remove_file(part);
                    return Err(HubError::Damaged {
                        name: file.name.clone(),
                        reason: format!("more than {} bytes", file.size_bytes),
                    });
                }
                output.write_all(chunk).await.map_err(io_error("write", part))?;
                received += chunk.len() as u64;
                progress(here);
            }
            match here == file.size_bytes {
                true => Ok(()),
                false => Err(HubError::Unreachable {
                    endpoint: self.shown(),
                    reason: format!("{} ended after {here} of {} bytes", file.name, file.size_bytes),
                }),
            }
        }
        .await;
        (received, result)
    }
}

/// Whether the file is in its place already.
async fn is_whole(place: &Path, file: &HubFile) -> Result<bool, HubError> {
    Ok(place.is_file() && fault(place, file).await?.is_none())
}

/// What is wrong with a file.
async fn fault(path: &Path, file: &HubFile) -> Result<Option<String>, HubError> {
    let length = std::fs::metadata(path).map_err(io_error("read", path))?.len();
    if length != file.size_bytes {
        return Ok(Some(format!("{length} bytes instead of {}", file.size_bytes)));
    }
    let Some(expected) = file.sha256.clone() else {
        return Ok(None);
    };
    let hashing = path.to_owned();
    let found = tokio::task::spawn_blocking(move || sha256(&hashing))
        .await
        .map_err(io::Error::other)
        .and_then(|result| result)
        .map_err(io_error("read", path))?;
    Ok((found != expected).then(|| format!("its SHA-256 is {found} instead of {expected}")))
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HubError {
    let path: PathBuf = path.to_owned();
    move |source| HubError::Io { action, path, source }
}
