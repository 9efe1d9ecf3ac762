//! A user's account keys by name.

use super::{
    files::{io_error, read_secret, write_new_secret},
    AccountKey, KeyError,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// What is shown of a stored key.
#[derive(Debug, Clone, serde::Serialize)]
pub struct KeyInfo {
    /// Its name.
    pub name: String,
    /// Its account.
    pub account: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredKey {
    kind: String,
    account: String,
    secret: String,
}

impl Drop for StoredKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret);
    }
}

/// The folder with a user's account keys.
#[derive(Debug, Clone)]
pub struct KeyStore {
    folder: PathBuf,
}

impl KeyStore {
    /// The key folder inside a data folder; made when the first key is stored.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("keys"),
        }
    }

    /// Stores a secret under a new name and says which account it is.
    pub fn store(&self, name: &str, secret: &str) -> Result<KeyInfo, KeyError> {
        let path = self.path(name)?;
        let key = AccountKey::from_secret(secret)?;
        let stored = StoredKey {
            kind: "sr25519".into(),
            account: key.account_id().to_string(),
            secret: secret.trim().to_owned(),
        };
        let text = Zeroizing::new(toml::to_string(&stored).map_err(|_| KeyError::BadSecret)?);
        write_new_secret(&path, text.as_bytes()).map_err(|error| match error {
            KeyError::Io { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
                KeyError::Exists(name.to_owned())
            }
            other => other,
        })?;
        Ok(KeyInfo {
            name: name.to_owned(),
            account: stored.account.clone(),
        })
    }

    /// Loads the key of that name.
    pub fn load(&self, name: &str) -> Result<AccountKey, KeyError> {
        let path = self.path(name)?;
        if !path.exists() {
            return Err(KeyError::Unknown {
                name: name.to_owned(),
                folder: self.folder.display().to_string(),
            });
        }
        let stored = self.read(&path)?;
        let key = AccountKey::from_secret(&stored.secret)?;
        // A file whose account does not fit its secret was edited; using it would sign for another account.
        if key.account_id().to_string() != stored.account {
            return Err(KeyError::Damaged(path.display().to_string()));
        }
        Ok(key)
    }

    /// Names and accounts of all stored keys, sorted by name.
    pub fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error("read", &self.folder, source)),
        };
        let mut keys = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            let (Some(stem), Some("toml")) = (
                path.file_stem().and_then(|stem| stem.to_str()),
                path.extension().and_then(|extension| extension.to_str()),
            ) else {
                continue;
            };
            let stored = self.read(&path)?;
            keys.push(KeyInfo {
                name: stem.to_owned(),
                account: stored.account.clone(),
            });
        }
        keys.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(keys)
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeyError> {
        let allowed = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        if name.is_empty() || name.len() > 48 || !name.chars().all(allowed) {
            return Err(KeyError::BadName(name.to_owned()));
        }
        Ok(self.folder.join(format!("{name}.toml")))
    }

    fn read(&self, path: &Path) -> Result<StoredKey, KeyError> {
        let text = read_secret(path)?;
        let text = std::str::from_utf8(&text).map_err(|_| KeyError::Damaged(path.display().to_string()))?;
        toml::from_str(text).map_err(|_| KeyError::Damaged(path.display().to_string()))
    }
}
