//! A model's whitening table in a file: its SCALE encoding, as calibration writes it.

use codec::Decode;
use ogpu_primitives::{WhiteningError, WhiteningTable};
use std::{io::Read, path::Path};

/// Longest file: the largest table has 64 KiB.
const MAX_BYTES: u64 = 1 << 20;

/// Why a file holds no whitening table that can be used.
#[derive(Debug, thiserror::Error)]
pub enum WhiteningFileError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is something else, or cut off.
    #[error("this is no whitening table, or only part of one; calibration writes it as whitening.scale")]
    Format,
    /// It is one that no sketch can be made with.
    #[error("{0}")]
    Table(WhiteningError),
}

/// Reads a table and checks that it can be used.
pub fn read_whitening(path: &Path) -> Result<WhiteningTable, WhiteningFileError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    let mut input = bytes.as_slice();
    let table = WhiteningTable::decode(&mut input).map_err(|_| WhiteningFileError::Format)?;
    if !input.is_empty() {
        return Err(WhiteningFileError::Format);
    }
    table.check().map_err(WhiteningFileError::Table)?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    fn read(bytes: &[u8]) -> Result<WhiteningTable, WhiteningFileError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("whitening.scale");
        std::fs::write(&path, bytes).unwrap();
        read_whitening(&path)
    }

    #[test]
    fn table_should_come_back_when_it_is_whole() {
        let table = WhiteningTable::unit(576).unwrap();
        assert_eq!(read(&table.encode()).unwrap(), table);
    }

    #[test]
    fn table_should_be_refused_when_it_is_cut_off_longer_or_unusable() {
        let mut table = WhiteningTable::unit(4).unwrap();
        let bytes = table.encode();
        for bad in [&bytes[..bytes.len() - 1], &[bytes.as_slice(), &[0]].concat(), &[]] {
            assert!(matches!(read(bad), Err(WhiteningFileError::Format)));
        }
        table.scales.pop();
        assert!(matches!(
            read(&table.encode()),
            Err(WhiteningFileError::Table(WhiteningError::LengthsDiffer))
        ));
        assert!(matches!(
            read_whitening(Path::new("/no/such/file")),
            Err(WhiteningFileError::Io(_))
        ));
    }
}
