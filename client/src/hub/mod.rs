//! Fetching a model's files from a Hugging Face hub.
//!
//! Only what a model needs is fetched ([`select`]). A file is made beside its place and moved there once it is
//! whole and its SHA-256 is the one that the hub names; what an interrupted fetch has left is gone on with. That
//! the files are a *registered* model is checked against the chain when they are used, never by the hub's word.
//!
//! The endpoint is `HF_ENDPOINT` (a mirror, or an own hub), the token for gated models `HF_TOKEN` or the file that
//! the hub's own tools keep it in.

mod download;
mod query;
mod select;

pub use select::select;

use std::{path::PathBuf, str::FromStr, time::Duration};
use zeroize::Zeroizing;

/// The hub that is asked when nothing else is said.
pub const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// Longest time to connect, and longest silence inside an answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// What can go wrong with a fetch.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The name has another form.
    #[error("'{0}' is no repository: expected OWNER/NAME as in the address of its page")]
    BadRepository(String),
    /// `HF_ENDPOINT` is no URL.
    #[error("HF_ENDPOINT '{endpoint}' cannot be used: {reason}; expected a URL such as {DEFAULT_ENDPOINT}")]
    BadEndpoint { endpoint: String, reason: String },
    /// Nobody answers, or the line breaks again and again.
    #[error("the hub at {endpoint} cannot be reached: {reason}; check the network, or name a mirror in HF_ENDPOINT. What was fetched is kept: the next try goes on from there")]
    Unreachable { endpoint: String, reason: String },
    /// There is no such repository, revision or file.
    #[error("{endpoint} has no {what}; check the spelling on its page")]
    NotFound { endpoint: String, what: String },
    /// Anonymous, or with a token that may not see it.
    #[error("{endpoint} does not give access to {repository}: it is gated or private, or it does not exist; accept its terms on its page and set HF_TOKEN in the environment{}", if *.with_token { " to a token that may read it (the present one may not)" } else { ", or keep the token in the hub's token file" })]
    NoAccess {
        endpoint: String,
        repository: String,
        with_token: bool,
    },
    /// The hub answers with an error of its own.
    #[error("the hub answers {status} to {url}; try again later")]
    Status { status: u16, url: String },
    /// The answer is not what it should be.
    #[error("the hub's answer about {repository} cannot be read: {reason}; is {endpoint} a hub?")]
    Unreadable {
        endpoint: String,
        repository: String,
        reason: String,
    },
    /// Nothing in it that we can run.
    #[error("{0} holds no model that can be run: neither config.json with model.safetensors (or its numbered parts) nor a *.gguf file at its top; look for one in these forms")]
    NoModel(String),
    /// Several models, or another one than is there.
    #[error("choose one file with --gguf: {repository} has {}", .files.join(", "))]
    Choose { repository: String, files: Vec<String> },
    /// What came is not what the hub says it has.
    #[error("{name} arrived damaged: {reason}; it was thrown away, try again")]
    Damaged { name: String, reason: String },
    /// The file system said no.
    #[error("cannot {action} {path}: {source}; check free space and permissions")]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
}

impl HubError {
    /// Whether the same question may be answered later, without anything being changed here.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Damaged { .. } => true,
            // Too many requests, or the hub's own trouble.
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}

/// The name of a repository: `owner/name`, or a name alone for the oldest ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repository(String);

impl Repository {
    /// `OWNER/NAME`, `NAME`, or one of them with `@REVISION` after it; `None` when the text has another form.
    pub fn with_revision(text: &str) -> Option<(Self, Option<&str>)> {
        let (repository, revision) = match text.split_once('@') {
            Some((repository, revision)) => (repository, Some(revision)),
            None => (text, None),
        };
        if revision == Some("") {
            return None;
        }
        Some((repository.parse().ok()?, revision))
    }

    /// Whether it says who keeps it.
    pub fn has_owner(&self) -> bool {
        self.0.contains('/')
    }

    /// The part after the owner.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl FromStr for Repository {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        // The name becomes a folder: nothing that leads out of one, or hides it.
        let plain = |part: &str| {
            let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
            (1..=96).contains(&part.len()) && !part.starts_with('.') && part.chars().all(allowed)
        };
        match text.split('/').count() <= 2 && text.split('/').all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(HubError::BadRepository(text.to_owned())),
        }
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A file as the hub describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HubFile {
    /// Its path inside the repository.
    pub name: String,
    /// Its length.
    pub size_bytes: u64,
    /// SHA-256 of its content, in lower-case hexadecimal; the hub knows it of large files only.
    pub sha256: Option<String>,
}

/// A repository at one commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revision {
    /// The commit.
    pub commit: String,
    /// All its files.
    pub files: Vec<HubFile>,
}

/// A line to a hub.
pub struct Hub {
    client: reqwest::Client,
    endpoint: reqwest::Url,
    token: Option<Zeroizing<String>>,
}

impl Hub {
    /// The hub, and the token, that the environment names.
    pub fn from_environment() -> Result<Self, HubError> {
        let endpoint = std::env::var("HF_ENDPOINT").ok().filter(|text| !text.is_empty());
        Self::new(endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT), token())
    }

    /// A hub at `endpoint`. The token goes to it alone, and only where nobody on the way can read it.
    pub fn new(endpoint: &str, token: Option<Zeroizing<String>>) -> Result<Self, HubError> {
        let bad = |reason: String| HubError::BadEndpoint {
            endpoint: endpoint.to_owned(),
            reason,
        };
        let url = reqwest::Url::parse(endpoint).map_err(|error| bad(error.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Err(bad("it is no http or https URL".into()));
        }
        let encrypted = url.scheme() == "https";
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        // A second program in this process may have chosen a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("ogpu/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .https_only(encrypted)
            .build()
            .map_err(|error| bad(error.to_string()))?;
        Ok(Self {
            client,
            endpoint: url,
            token: token.filter(|_| encrypted || loopback),
        })
    }

    /// The endpoint as it is shown.
    fn shown(&self) -> String {
        self.endpoint.as_str().trim_end_matches('/').to_owned()
    }

    /// An address below the endpoint; each part is escaped, slashes in it too.
    fn url(&self, parts: &[&str]) -> Result<reqwest::Url, HubError> {
        let mut url = self.endpoint.clone();
        url.path_segments_mut()
            .map_err(|()| HubError::BadEndpoint {
                endpoint: self.shown(),
                reason: "it has no path".into(),
            })?
            .pop_if_empty()
            .extend(parts);
        Ok(url)
    }

    /// A file of a repository; the same for every form of the name.
    fn repository_url(
        &self,
        before: &[&str],
        repository: &Repository,
        after: &[&str],
    ) -> Result<reqwest::Url, HubError> {
        let mut parts = before.to_vec();
        parts.extend(repository.0.split('/'));
        parts.extend_from_slice(after);
        self.url(&parts)
    }

    fn get(&self, url: reqwest::Url) -> reqwest::RequestBuilder {
        let request = self.client.get(url);
        match &self.token {
            // Taken off again by the client when an answer leads to another host.
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> HubError {
        HubError::Unreachable {
            endpoint: self.shown(),
            reason: crate::causes::one_line(error),
        }
    }

    /// What an answer other than success means.
    fn refusal(&self, status: u16, url: &reqwest::Url, repository: &Repository, what: String) -> HubError {
        let endpoint = self.shown();
        match status {
            401 | 403 => HubError::NoAccess {
                endpoint,
                repository: repository.to_string(),
                with_token: self.token.is_some(),
            },
            404 => HubError::NotFound { endpoint, what },
            status => HubError::Status {
                status,
                url: url.to_string(),
            },
        }
    }
}

/// The token of the environment, or of the file in which the hub's own tools keep it.
fn token() -> Option<Zeroizing<String>> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let text = match variable("HF_TOKEN") {
        Some(token) => Zeroizing::new(token.into_string().ok()?),
        None => {
            let home = || {
                let cache = directories::BaseDirs::new()?.cache_dir().join("huggingface");
                Some(variable("HF_HOME").map_or(cache, PathBuf::from).join("token"))
            };
            let path = variable("HF_TOKEN_PATH").map(PathBuf::from).or_else(home)?;
            Zeroizing::new(std::fs::read_to_string(path).ok()?)
        }
    };
    let token = Zeroizing::new(text.trim().to_owned());
    (!token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_should_be_refused_when_it_would_lead_elsewhere() {
        for text in ["owner/name", "gpt2", "Qwen/Qwen3-0.6B", "a_b/c.d"] {
            assert_eq!(text.parse::<Repository>().expect("a name").to_string(), text);
        }
        for text in [
            "",
            "/",
            "a/b/c",
            "../x",
            "a/..",
            ".a/b",
            "a b/c",
            "https://hub/a/b",
            "a/b?c",
        ] {
            assert!(text.parse::<Repository>().is_err(), "{text}");
        }
    }

    #[test]
    fn revision_should_be_told_from_the_repository_when_it_is_named() {
        let read = |text| {
            let (repository, revision) = Repository::with_revision(text)?;
            Some((repository.to_string(), revision))
        };
        for (text, repository, revision) in [
            ("owner/name", "owner/name", None),
            ("gpt2", "gpt2", None),
            ("owner/name@refs/pr/1", "owner/name", Some("refs/pr/1")),
            ("gpt2@a@b", "gpt2", Some("a@b")),
        ] {
            assert_eq!(read(text), Some((repository.into(), revision)), "{text}");
        }
        for text in ["", "@main", "owner/name@", "..", "owner/..@main", "a b"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn url_should_escape_what_a_revision_has_of_its_own() {
        let hub = Hub::new("http://127.0.0.1:1/mirror/", None).expect("a hub");
        let repository = "owner/name".parse().expect("a name");
        let url = hub
            .repository_url(&["api", "models"], &repository, &["revision", "refs/pr/1?"])
            .expect("a URL");
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/mirror/api/models/owner/name/revision/refs%2Fpr%2F1%3F"
        );
    }

    #[test]
    fn error_should_be_passing_only_when_the_hub_may_answer_later() {
        let status = |status| HubError::Status {
            status,
            url: "http://hub.example".into(),
        };
        assert!([429, 500, 503].map(status).iter().all(HubError::is_passing));
        assert!(![400, 416].map(status).iter().any(HubError::is_passing));
        let what = "repository owner/name".into();
        let endpoint = "http://hub.example".into();
        assert!(!HubError::NotFound { endpoint, what }.is_passing());
    }

    #[test]
    fn token_should_stay_here_when_the_line_can_be_read_by_others() {
        let sends = |endpoint| {
            let token = Some(Zeroizing::new("secret".to_owned()));
            Hub::new(endpoint, token).expect("a hub").token.is_some()
        };
        assert!(sends("https://hub.example"));
        assert!(sends("http://127.0.0.1:80"));
        assert!(!sends("http://hub.example"));
    }

    #[test]
    fn endpoint_should_be_refused_when_it_is_no_url() {
        for endpoint in ["", "hub.example", "ftp://hub.example", "mailto:a@b"] {
            assert!(
                matches!(Hub::new(endpoint, None), Err(HubError::BadEndpoint { .. })),
                "{endpoint}"
            );
        }
    }
}
