//! Why a model's files are not on this machine.

use super::memory::ShortOfMemory;
use crate::{auditing::source::SourceError, models::ModelError};
use ogpu_client::{hub::HubError, models::manifest::ManifestError};
use std::path::PathBuf;

/// Why a model that an audit needs cannot be had.
#[derive(thiserror::Error, Debug)]
pub enum NotProvided {
    /// The provider does not want it.
    #[error("fetching models for audits is switched off (`fetch_models_for_audits`); set it to true")]
    Off,
    /// The chain does not know it.
    #[error("the chain has no such model")]
    Unknown,
    /// The chain cannot be asked.
    #[error("its registration cannot be read: {0}")]
    Chain(SourceError),
    /// Its registration lists files that nobody can have.
    #[error("its list of files cannot be used: {0}")]
    Manifest(#[from] ManifestError),
    /// A file that no model needs.
    #[error("{0} is neither weights nor settings nor text, and such files are never fetched; its owner has to register it without this file")]
    Form(String),
    /// It would not fit into memory.
    #[error(transparent)]
    Memory(#[from] ShortOfMemory),
    /// It is larger than everything that may be kept.
    #[error("its {} MiB do not fit into the {} MiB for models that are fetched for audits; raise `audit_models_max_bytes`", .bytes >> 20, .budget_bytes >> 20)]
    Budget {
        /// Its files, and those that other open seats need.
        bytes: u64,
        /// What may be kept.
        budget_bytes: u64,
    },
    /// The disk is full.
    #[error("{} MiB are missing on the disk of {dir}, where {} MiB stay free for jobs; free some space", .missing_bytes >> 20, super::shelf::RESERVE_BYTES >> 20)]
    Disk {
        /// How much more would have to be free.
        missing_bytes: u64,
        /// The folder.
        dir: PathBuf,
    },
    /// No line is so fast. A seat that is drawn meanwhile may have more time.
    #[error("its {} MiB cannot come in the {seconds} s that its audits have; fetch it before the next one", .bytes >> 20)]
    Late {
        /// What is not here yet.
        bytes: u64,
        /// Time that is left.
        seconds: u64,
    },
    /// No repository has these files.
    #[error("no repository of the hub has its files: {}", shown(.name, .looked))]
    NoSource {
        /// The name under which it is registered.
        name: String,
        /// What was looked at, and why it is not it.
        looked: Vec<String>,
    },
    /// It was looked for a while ago.
    #[error("{0} (as found before; the hub is asked again after an hour, or after a restart)")]
    Before(String),
    /// The hub does not answer, or refuses.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// What was fetched is not the model after all.
    #[error("what was fetched: {0}")]
    Files(ModelError),
    /// The disk fails.
    #[error("cannot use {path}: {source}; check the disk and the folder's permissions")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A fault of the program.
    #[error("looking for its files panicked: {0}; this is a fault of the program, report it")]
    Panicked(String),
}

/// What was looked at. The name is a stranger's: its control characters must not reach a terminal.
fn shown(name: &str, looked: &[String]) -> String {
    match looked.is_empty() {
        true => format!("none is called {name:?}"),
        false => looked.join("; "),
    }
}

impl NotProvided {
    /// Whether it may be otherwise in a few minutes.
    pub fn is_passing(&self) -> bool {
        match self {
            // Jobs that run now give their memory back; another seat has more time.
            Self::Chain(_) | Self::Memory(_) | Self::Late { .. } => true,
            Self::Hub(error) => error.is_passing(),
            _ => false,
        }
    }
}
