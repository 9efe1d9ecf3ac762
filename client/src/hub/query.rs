//! What the hub says of its repositories.

use super::{Hub, HubError, HubFile, Repository, Revision};
use serde::{de::DeserializeOwned, Deserialize};

/// Longest description of a repository, or of what a search found.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// Most repositories that a search looks at.
const FOUND: usize = 20;

impl Hub {
    fn unreadable(&self, about: &Repository, reason: String) -> HubError {
        HubError::Unreadable {
            endpoint: self.shown(),
            repository: about.to_string(),
            reason,
        }
    }

    /// What the hub says in JSON `about` something, of bounded length. `what` is missing when it knows nothing.
    async fn described<T: DeserializeOwned>(
        &self,
        url: reqwest::Url,
        about: &Repository,
        what: String,
    ) -> Result<T, HubError> {
        let request = self.get(url.clone());
        let mut answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        if !answer.status().is_success() {
            return Err(self.refusal(answer.status().as_u16(), &url, about, what));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(self.unreadable(about, "it is longer than 16 MiB".into()));
            }
            bytes.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(about, error.to_string()))
    }

    /// Repositories whose own name, without the owner, is `wanted`, in the hub's order and letters of either case;
    /// the first [`FOUND`] that it lists are looked at.
    pub async fn search(&self, wanted: &Repository) -> Result<Vec<Repository>, HubError> {
        let name = wanted.name();
        let mut url = self.url(&["api", "models"])?;
        url.query_pairs_mut()
            .append_pair("search", name)
            .append_pair("limit", &FOUND.to_string());
        let what = format!("search for '{name}'");
        let found: Vec<Found> = self.described(url, wanted, what).await?;
        let repositories = found.iter().take(FOUND).filter_map(|found| found.id.parse().ok());
        Ok(repositories
            .filter(|found: &Repository| found.name().eq_ignore_ascii_case(name))
            .collect())
    }

    /// The files of a repository at a branch, tag or commit.
    pub async fn revision(&self, repository: &Repository, revision: &str) -> Result<Revision, HubError> {
        let mut url = self.repository_url(&["api", "models"], repository, &["revision", revision])?;
        url.set_query(Some("blobs=true"));
        let what = format!("repository {repository} with a revision '{revision}'");
        let info: Info = self.described(url, repository, what).await?;
        let hexadecimal = |text: &str| text.chars().all(|digit| digit.is_ascii_hexdigit());
        if info.sha.is_empty() || !hexadecimal(&info.sha) {
            return Err(self.unreadable(repository, format!("'{}' is no commit", info.sha)));
        }
        let files = info.siblings.into_iter().filter_map(|file| {
            let sha256 = file.lfs.and_then(|lfs| lfs.sha256);
            Some(HubFile {
                name: file.rfilename,
                size_bytes: file.size?,
                sha256: sha256.map(|digits| digits.to_ascii_lowercase()),
            })
        });
        Ok(Revision {
            commit: info.sha,
            files: files.collect(),
        })
    }
}

/// A repository that a search found.
#[derive(Deserialize)]
struct Found {
    id: String,
}

/// What the hub says of a repository, as far as we read it.
#[derive(Deserialize)]
struct Info {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
}
