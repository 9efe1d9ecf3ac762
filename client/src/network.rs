//! Which network a data folder belongs to.
//!
//! Jobs, transactions and their keys that a program keeps between two starts mean something on one chain only.
//! The first node that it reaches binds the folder to its network; from then on a node of another one is refused
//! before anything of what is kept is sent.

use crate::keys::{create_private_dir, KeyError};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use subxt::utils::H256;

/// The file with the genesis hash, inside the data folder.
const FILE: &str = "genesis";

/// Why a data folder cannot be used with a network.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// It holds the jobs and transactions of another network.
    #[error("{folder} belongs to another network: it was made for genesis {want:?}, the node's is {have:?}, and what is kept there is never sent to another network; choose a node of its network with --url, or pass another --data-dir")]
    Other {
        /// The data folder.
        folder: PathBuf,
        /// Genesis of the network that the node is of.
        have: H256,
        /// Genesis of the network that the folder is of.
        want: H256,
    },
    /// The file holds no hash.
    #[error("{path} is damaged: expected a genesis hash, 0x and 64 hexadecimal digits; restore it, or pass another --data-dir")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The folder cannot be made.
    #[error(transparent)]
    Folder(#[from] KeyError),
    /// The file system said no.
    #[error("cannot {action} {path}: {source}; check free space and permissions of the data folder")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Genesis of the network that the folder is bound to; `None` when it is bound to none yet.
pub fn bound_to(folder: &Path) -> Result<Option<H256>, NetworkError> {
    let path = folder.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("read", &path)(error)),
    };
    let mut genesis = H256::zero();
    let digits = text.trim().trim_start_matches("0x");
    hex::decode_to_slice(digits, &mut genesis.0).map_err(|_| NetworkError::Damaged { path })?;
    Ok(Some(genesis))
}

/// Binds the folder to the network of `genesis`, or checks that it is bound to it.
pub fn bind(folder: &Path, genesis: H256) -> Result<(), NetworkError> {
    match bound_to(folder)? {
        Some(want) if want == genesis => return Ok(()),
        Some(want) => {
            return Err(NetworkError::Other {
                folder: folder.to_owned(),
                have: genesis,
                want,
            })
        }
        None => create_private_dir(folder)?,
    }
    let (path, part) = (folder.join(FILE), folder.join(format!("{FILE}.part")));
    // Renamed when it is on disk, so that a power cut leaves the whole hash or none.
    let written = fs::File::create(&part).and_then(|mut file| {
        writeln!(file, "{genesis:?}")?;
        file.sync_all()
    });
    written.map_err(io_error("write", &part))?;
    fs::rename(&part, &path).map_err(io_error("write", &path))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> NetworkError {
    let path = path.to_owned();
    move |source| NetworkError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_should_be_refused_when_the_node_is_of_another_network() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("worker");
        let (ours, other) = (H256::repeat_byte(1), H256::repeat_byte(2));
        assert_eq!(bound_to(&folder).unwrap(), None);
        bind(&folder, ours).unwrap();
        bind(&folder, ours).unwrap();
        assert_eq!(bound_to(&folder).unwrap(), Some(ours));
        let error = bind(&folder, other).unwrap_err();
        assert!(matches!(error, NetworkError::Other { have, want, .. } if have == other && want == ours));
        let text = error.to_string();
        assert!(text.contains("--url") && text.contains("--data-dir"), "{text}");
        // The refusal changed nothing.
        bind(&folder, ours).unwrap();
    }

    #[test]
    fn folder_should_be_refused_when_its_genesis_file_is_damaged() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(FILE), "0x12").unwrap();
        let error = bind(data.path(), H256::zero()).unwrap_err();
        assert!(matches!(error, NetworkError::Damaged { .. }), "{error}");
    }
}
