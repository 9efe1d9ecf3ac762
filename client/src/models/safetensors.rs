//! The header of a safetensors file, checked against hard limits before any tensor is read.

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Longest header in bytes; the format's own limit.
const MAX_HEADER_BYTES: u64 = 100_000_000;
/// Most tensors in a file.
const MAX_TENSORS: usize = 65_536;
/// Most dimensions of a tensor.
const MAX_DIMENSIONS: usize = 8;

/// Why a safetensors file was refused. The cure for all but `Io` is another copy of the file.
#[derive(Debug, thiserror::Error)]
pub enum SafetensorsError {
    /// The file could not be read; check that it is there and readable.
    #[error("cannot read the file: {0}; check that it exists and is readable")]
    Io(#[from] std::io::Error),
    /// The file ends inside its header; the download was cut.
    #[error("the file ends inside its header; fetch it again")]
    Truncated,
    /// The header is longer than the limit, or has too many tensors.
    #[error("{what} is {found}, more than the limit of {limit}; the file is damaged or hostile")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// The value in the file.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The header is no JSON of the right form.
    #[error("the header cannot be read: {0}; the file is damaged")]
    Json(String),
    /// A tensor appears twice.
    #[error("tensor `{0}` appears twice; the file is damaged or hostile")]
    Duplicate(String),
    /// Shape, number type and data range of a tensor contradict each other.
    #[error("tensor `{0}` has a shape that does not fit its data; the file is damaged or hostile")]
    Shape(String),
    /// The data of the tensors leave holes, overlap, or do not end with the file.
    #[error("the data of `{0}` overlap, leave a hole or leave the file; fetch the file again")]
    Range(String),
}

/// Number types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub enum Number {
    #[serde(rename = "F64")]
    F64,
    #[serde(rename = "F32")]
    F32,
    #[serde(rename = "F16")]
    F16,
    #[serde(rename = "BF16")]
    Bf16,
    #[serde(rename = "I64")]
    I64,
    #[serde(rename = "I32")]
    I32,
    #[serde(rename = "I16")]
    I16,
    #[serde(rename = "I8")]
    I8,
    #[serde(rename = "U64")]
    U64,
    #[serde(rename = "U32")]
    U32,
    #[serde(rename = "U16")]
    U16,
    #[serde(rename = "U8")]
    U8,
    #[serde(rename = "BOOL")]
    Bool,
}

impl Number {
    /// Bytes of one number.
    pub fn bytes(self) -> u64 {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }
}

/// One tensor of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeTensor {
    /// Number type.
    pub number: Number,
    /// Dimensions, slowest first.
    pub shape: Vec<usize>,
    /// Offset of the data from the start of the file, in bytes.
    pub offset: u64,
    /// Length of the data in bytes.
    pub bytes: u64,
}

/// A checked header.
#[derive(Clone, Debug)]
pub struct SafetensorsHeader {
    /// Tensors by name.
    pub tensors: BTreeMap<String, SafeTensor>,
}

impl SafetensorsHeader {
    /// Reads and checks the header of a file.
    pub fn open(path: &Path) -> Result<Self, SafetensorsError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Self::parse(file, length)
    }

    /// Reads and checks a header; `length` is the whole file's in bytes.
    pub fn parse(mut reader: impl Read, length: u64) -> Result<Self, SafetensorsError> {
        let mut prefix = [0; 8];
        reader.read_exact(&mut prefix).map_err(cut)?;
        let found = u64::from_le_bytes(prefix);
        if found > MAX_HEADER_BYTES {
            return Err(SafetensorsError::TooLarge {
                what: "the header",
                found,
                limit: MAX_HEADER_BYTES,
            });
        }
        let start = 8 + found;
        if start > length {
            return Err(SafetensorsError::Truncated);
        }
        let mut json = vec![0; found as usize];
        reader.read_exact(&mut json).map_err(cut)?;
        let entries: Entries =
            serde_json::from_slice(&json).map_err(|error| SafetensorsError::Json(error.to_string()))?;
        check(entries.0, start, length)
    }
}

fn cut(error: std::io::Error) -> SafetensorsError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => SafetensorsError::Truncated,
        _ => SafetensorsError::Io(error),
    }
}

fn check(
    entries: Vec<(String, Entry)>,
    start: u64,
    length: u64,
) -> Result<SafetensorsHeader, SafetensorsError> {
    if entries.len() > MAX_TENSORS {
        let (found, limit) = (entries.len() as u64, MAX_TENSORS as u64);
        return Err(SafetensorsError::TooLarge {
            what: "number of tensors",
            found,
            limit,
        });
    }
    let mut tensors = BTreeMap::new();
    for (name, entry) in entries {
        let [from, to] = entry.data_offsets;
        let elements = entry
            .shape
            .iter()
            .try_fold(1u64, |product, size| product.checked_mul(*size));
        let bytes = elements.and_then(|elements| elements.checked_mul(entry.dtype.bytes()));
        if entry.shape.len() > MAX_DIMENSIONS || bytes.is_none() || bytes != to.checked_sub(from) {
            return Err(SafetensorsError::Shape(name));
        }
        let shape = entry.shape.iter().map(|size| *size as usize).collect();
        let tensor = SafeTensor {
            number: entry.dtype,
            shape,
            offset: start.saturating_add(from),
            bytes: bytes.unwrap_or_default(),
        };
        if tensors.insert(name.clone(), tensor).is_some() {
            return Err(SafetensorsError::Duplicate(name));
        }
    }
    let mut ranges: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (tensor.offset, tensor.bytes, name))
        .collect();
    ranges.sort();
    let mut end = start;
    for (offset, bytes, name) in ranges {
        if offset != end {
            return Err(SafetensorsError::Range(name.clone()));
        }
        end += bytes;
        if end > length {
            return Err(SafetensorsError::Range(name.clone()));
        }
    }
    if end != length {
        return Err(SafetensorsError::Range("the last tensor".into()));
    }
    Ok(SafetensorsHeader { tensors })
}

#[derive(Deserialize)]
struct Entry {
    dtype: Number,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// Entries in file order, repeated names kept so that they can be refused.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Entries;
            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        entries.push((name, map.next_value()?));
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(json: &str, data: u64) -> Result<SafetensorsHeader, SafetensorsError> {
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json.as_bytes());
        SafetensorsHeader::parse(&bytes[..], bytes.len() as u64 + data)
    }

    const A: &str = r#""a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}"#;

    #[test]
    fn header_should_give_file_offsets_when_it_is_sound() {
        let json = format!(
            r#"{{"__metadata__":{{"format":"pt"}},{A},"b":{{"dtype":"BF16","shape":[],"data_offsets":[24,26]}}}}"#
        );
        let header = parse(&json, 26).unwrap();
        assert_eq!(header.tensors["a"].offset, 8 + json.len() as u64);
        assert_eq!(header.tensors["b"].bytes, 2);
    }

    #[test]
    fn header_should_be_refused_when_tensors_repeat_or_ranges_do_not_fit() {
        assert!(matches!(
            parse(&format!("{{{A},{A}}}"), 24),
            Err(SafetensorsError::Duplicate(_))
        ));
        assert!(matches!(
            parse(&format!("{{{A}}}"), 23),
            Err(SafetensorsError::Range(_))
        ));
        assert!(matches!(
            parse(&format!("{{{A}}}"), 25),
            Err(SafetensorsError::Range(_))
        ));
        let overlap = format!(r#"{{{A},"b":{{"dtype":"F32","shape":[1],"data_offsets":[20,24]}}}}"#);
        assert!(matches!(parse(&overlap, 24), Err(SafetensorsError::Range(_))));
        let huge = r#"{"a":{"dtype":"F32","shape":[18446744073709551615,4],"data_offsets":[0,16]}}"#;
        assert!(matches!(parse(huge, 16), Err(SafetensorsError::Shape(_))));
        let backwards = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#;
        assert!(matches!(parse(backwards, 4), Err(SafetensorsError::Shape(_))));
    }

    #[test]
    fn header_should_be_refused_when_it_is_too_long_or_cut() {
        let long = (MAX_HEADER_BYTES + 1).to_le_bytes();
        let refused = SafetensorsHeader::parse(&long[..], 1 << 40);
        assert!(matches!(refused, Err(SafetensorsError::TooLarge { .. })));
        let cut = SafetensorsHeader::parse(&100u64.to_le_bytes()[..], 50);
        assert!(matches!(cut, Err(SafetensorsError::Truncated)));
        assert!(matches!(parse("[]", 0), Err(SafetensorsError::Json(_))));
    }

    proptest! {
        #[test]
        fn parser_should_never_panic_when_text_is_arbitrary(json in ".{0,200}") {
            let _ = parse(&json, 64);
        }
    }
}
