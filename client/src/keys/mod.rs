//! Keys and the files that keep them.
//!
//! Every secret is a file of its own with mode 0600 in a folder with mode 0700, is written once and never
//! printed. A file that others can read is refused, because a key that leaked must be replaced, not used.

mod account;
mod files;
mod store;
mod worker;

#[cfg(test)]
mod tests;

pub use account::{new_mnemonic, verify, AccountKey, DEV_ACCOUNTS};
pub use files::{create_private_dir, read_secret, write_new_secret};
pub use store::{KeyInfo, KeyStore};
pub use worker::{EncryptionKey, WorkerKeys};

/// What can go wrong with a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No file of that name.
    #[error("there is no key '{name}' in {folder}; `ogpu keys new {name}` makes one, `ogpu keys list` shows those there are")]
    Unknown { name: String, folder: String },
    /// The name would leave the key folder or hide the file.
    #[error("'{0}' is no name for a key: use 1 to 48 letters, digits, '-' and '_'")]
    BadName(String),
    /// A key of that name is there already.
    #[error("a key '{0}' exists already; choose another name (keys are never overwritten)")]
    Exists(String),
    /// Others can read the file.
    #[error("{path} can be read by others (mode {mode:o}); if nobody else had access: chmod 600 {path}; otherwise make a new key and move the funds")]
    Exposed { path: String, mode: u32 },
    /// The secret is neither a mnemonic, a hex seed nor a development path.
    #[error("this is no secret: expected the 12 to 24 words of a mnemonic, a seed of 32 bytes as 0x… or //Name; nothing was stored")]
    BadSecret,
    /// The file was changed or cut off.
    #[error("{0} is damaged; restore it from your backup")]
    Damaged(String),
    /// Not one of the development accounts.
    #[error("'{0}' is no development account; known are alice, bob, charlie, dave, eve and ferdie")]
    NotADevAccount(String),
    /// The file system said no.
    #[error("{action} {path}: {source}")]
    Io {
        action: &'static str,
        path: String,
        source: std::io::Error,
    },
}
