//! Where things are: the configuration file and the data folder, for every program of ours.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What can go wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not readable.
    #[error("cannot read the configuration {path}: {source}; check --config and the file's permissions")]
    Io { path: String, source: std::io::Error },
    /// Not TOML, or with unknown keys.
    #[error("{path} is no valid configuration: {reason}; correct the line, known keys are url, genesis, account, data_dir and models_dir")]
    Invalid { path: String, reason: String },
    /// Neither `HOME` nor anything like it.
    #[error("there is no home folder; give one with --data-dir")]
    NoHome,
}

/// `config.toml`; every value can also be given by flag or environment, which win.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// URL of the node's JSON-RPC over WebSocket.
    pub url: Option<String>,
    /// Genesis hash of the network (0x…); a node of another network is refused.
    pub genesis: Option<String>,
    /// Name of the key to use.
    pub account: Option<String>,
    /// Folder of keys and unfinished jobs.
    pub data_dir: Option<PathBuf>,
    /// Folder of models.
    pub models_dir: Option<PathBuf>,
}

impl ClientConfig {
    /// Reads `path`, or the default place when it is `None`; a missing default file is an empty configuration.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let (path, required) = match path {
            Some(path) => (path.to_path_buf(), true),
            None => match default_config_path() {
                Some(path) => (path, false),
                None => return Ok(Self::default()),
            },
        };
        let shown = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| ConfigError::Invalid {
                path: shown,
                reason: error.to_string(),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => Ok(Self::default()),
            Err(source) => Err(ConfigError::Io { path: shown, source }),
        }
    }
}

/// `~/.config/opengpu/config.toml` or what the system has for it.
pub fn default_config_path() -> Option<PathBuf> {
    Some(
        directories::ProjectDirs::from("", "", "opengpu")?
            .config_dir()
            .join("config.toml"),
    )
}

/// `~/.local/share/opengpu` or what the system has for it.
pub fn default_data_dir() -> Result<PathBuf, ConfigError> {
    let dirs = directories::ProjectDirs::from("", "", "opengpu").ok_or(ConfigError::NoHome)?;
    Ok(dirs.data_dir().to_path_buf())
}

/// `~/.cache/opengpu/models`, where `scripts/fetch-models` puts models.
pub fn default_models_dir() -> Result<PathBuf, ConfigError> {
    let dirs = directories::BaseDirs::new().ok_or(ConfigError::NoHome)?;
    Ok(dirs.home_dir().join(".cache/opengpu/models"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_should_be_read_when_it_is_valid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "url = \"ws://node:9944\"\naccount = \"mine\"\n").unwrap();
        let config = ClientConfig::load(Some(&path)).unwrap();
        assert_eq!(config.url.as_deref(), Some("ws://node:9944"));
        assert_eq!(config.account.as_deref(), Some("mine"));
    }

    #[test]
    fn config_should_be_refused_when_a_key_is_unknown_or_the_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert!(matches!(
            ClientConfig::load(Some(&path)),
            Err(ConfigError::Io { .. })
        ));
        std::fs::write(&path, "ulr = \"ws://node:9944\"\n").unwrap();
        assert!(matches!(
            ClientConfig::load(Some(&path)),
            Err(ConfigError::Invalid { .. })
        ));
    }
}
