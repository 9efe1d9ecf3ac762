//! Database files of this worker.

use redb::{Database, DatabaseError};
use std::path::Path;

/// Opens the redb file at `path`, or creates it, readable by its owner only.
pub(crate) fn open_private(path: &Path) -> Result<Database, DatabaseError> {
    let database = Database::create(path)?;
    restrict(path);
    Ok(database)
}

/// Best effort: some file systems have no modes.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
            tracing::warn!(path = %path.display(), %error, "could not restrict the file to its owner");
        }
    }
}
