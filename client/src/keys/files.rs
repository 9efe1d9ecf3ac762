//! Secret files.

use super::KeyError;
use rand::{rngs::OsRng, RngCore};
use std::{fs, io::Write, path::Path};
use zeroize::Zeroizing;

/// Writes a secret to a new file with mode 0600 and fails when the file exists.
///
/// The bytes go to a temporary file first, so that a crash leaves either the whole secret or none.
pub fn write_new_secret(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_dir(folder)?;
    let mut suffix = [0u8; 8];
    OsRng.fill_bytes(&mut suffix);
    let temporary = folder.join(format!(".{}.tmp", hex::encode(suffix)));
    let result = (|| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // Unlike a rename, a hard link never replaces a key that appeared in the meantime.
        fs::hard_link(&temporary, path)
    })();
    let _ = fs::remove_file(&temporary);
    result.map_err(|source| io_error("write", path, source))
}

/// Reads a secret file, refusing one that others can read.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bytes = Zeroizing::new(fs::read(path).map_err(|source| io_error("read", path, source))?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(path).map_err(|source| io_error("read", path, source))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed {
                path: path.display().to_string(),
                mode,
            });
        }
    }
    Ok(bytes)
}

/// Makes a folder that only its owner can enter.
pub fn create_private_dir(folder: &Path) -> Result<(), KeyError> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|source| io_error("make", folder, source))
}

/// An error of the file system with its path.
pub(super) fn io_error(action: &'static str, path: &Path, source: std::io::Error) -> KeyError {
    KeyError::Io {
        action,
        path: path.display().to_string(),
        source,
    }
}
