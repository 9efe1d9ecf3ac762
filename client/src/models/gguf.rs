//! The header of a GGUF file: metadata and the table of tensors, without the tensors' data.
//!
//! The file is hostile until proven otherwise: every count, length and dimension is checked against a
//! fixed limit and against what is left of the file before anything is allocated for it, and the data
//! ranges must lie inside the file without overlapping.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Most metadata entries; real files have some dozens.
const MAX_METADATA: u64 = 4_096;
/// Most tensors; the largest known models have some thousands.
const MAX_TENSORS: u64 = 65_536;
/// Longest key or tensor name in bytes.
const MAX_NAME_BYTES: u64 = 256;
/// Longest string value in bytes; chat templates are the longest in practice.
const MAX_STRING_BYTES: u64 = 1 << 20;
/// Most array elements in the whole header (vocabulary, scores, types and merges together).
const MAX_ARRAY_ELEMENTS: u64 = 1 << 22;
/// Longest header in bytes.
const MAX_HEADER_BYTES: u64 = 256 << 20;
/// Dimensions of a tensor.
const MAX_DIMENSIONS: u32 = 4;
/// Most elements in one tensor.
const MAX_ELEMENTS: u64 = 1 << 40;

/// Why a GGUF file was refused. The cure for all but `Io` is another copy of the file.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// The file could not be read; check that it is there and readable.
    #[error("cannot read the file: {0}; check that it exists and is readable")]
    Io(#[from] std::io::Error),
    /// The first four bytes are not `GGUF`; the file is something else or damaged.
    #[error("not a GGUF file (no GGUF magic); fetch the model file again")]
    Magic,
    /// Only versions 2 and 3 are read; convert the file with a newer tool.
    #[error("GGUF version {0} is not supported (2 and 3 are); convert the file with a newer tool")]
    Version(u32),
    /// The file ends inside its header; the download was cut.
    #[error("the file ends at byte {at} inside its header; fetch it again")]
    Truncated {
        /// Offset of the read that failed.
        at: u64,
    },
    /// A count or length is beyond its limit; the file is damaged or hostile.
    #[error("{what} is {found}, more than the limit of {limit}; the file is damaged or hostile")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// The value in the file.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// A string is not UTF-8, or empty where a name is needed.
    #[error("{0} is not a valid name or text; the file is damaged")]
    Text(&'static str),
    /// A metadata value has an unknown type number.
    #[error("metadata type {0} is unknown; the file is damaged or newer than this program")]
    ValueType(u32),
    /// Arrays of arrays are not part of any known model.
    #[error("nested array in `{0}`; the file is damaged or hostile")]
    NestedArray(String),
    /// The same key or tensor name appears twice.
    #[error("`{0}` appears twice; the file is damaged or hostile")]
    Duplicate(String),
    /// A tensor's number type is unknown.
    #[error("tensor `{name}` has unknown type {kind}; use a file in a supported quantisation")]
    TensorType {
        /// Tensor.
        name: String,
        /// Its type number.
        kind: u32,
    },
    /// A tensor has no dimension, a zero dimension, too many elements, or rows that are no whole blocks.
    #[error("tensor `{0}` has impossible dimensions; the file is damaged or hostile")]
    Dimensions(String),
    /// The alignment is no power of two between 8 and 65,536.
    #[error("alignment {0} is not allowed; the file is damaged")]
    Alignment(u64),
    /// A tensor's data is not aligned.
    #[error("tensor `{0}` starts at an unaligned offset; the file is damaged")]
    Unaligned(String),
    /// A tensor's data reaches beyond the file; the download was cut.
    #[error("tensor `{name}` needs bytes up to {end}, the file has {length}; fetch it again")]
    OutOfFile {
        /// Tensor.
        name: String,
        /// First byte after its data.
        end: u64,
        /// Length of the file.
        length: u64,
    },
    /// The data of two tensors overlap.
    #[error("the data of `{first}` and `{second}` overlap; the file is damaged or hostile")]
    Overlap {
        /// Tensor that starts first.
        first: String,
        /// Tensor that starts inside it.
        second: String,
    },
    /// A metadata key that the reader needs is missing or of another type.
    #[error("metadata `{0}` is missing or of the wrong type; use a complete model file")]
    Missing(String),
}

/// Number types of tensors that are known, with block sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TensorType {
    F32,
    F16,
    Bf16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    Q8K,
}

impl TensorType {
    fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            10 => Self::Q2K,
            11 => Self::Q3K,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            15 => Self::Q8K,
            30 => Self::Bf16,
            _ => return None,
        })
    }

    /// Elements in a block.
    pub fn block_elements(self) -> u64 {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K | Self::Q8K => 256,
        }
    }

    /// Bytes of a block.
    pub fn block_bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
            Self::Q8K => 292,
        }
    }
}

/// A metadata value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any unsigned integer.
    Unsigned(u64),
    /// Any signed integer.
    Signed(i64),
    /// Either float type.
    Float(f64),
    /// Boolean.
    Bool(bool),
    /// Text.
    Text(String),
    /// Array of texts.
    Texts(Vec<String>),
    /// Array of numbers or booleans; integers beyond 2^53 lose precision, which no known key has.
    Numbers(Vec<f64>),
}

/// One tensor of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorInfo {
    /// Dimensions, slowest first: `[rows, columns]` for a matrix (GGUF stores them the other way).
    pub dimensions: Vec<usize>,
    /// Number type.
    pub kind: TensorType,
    /// Offset of the data from the start of the file, in bytes.
    pub offset: u64,
    /// Length of the data in bytes.
    pub bytes: u64,
}

/// A checked header.
#[derive(Clone, Debug)]
pub struct Gguf {
    /// Metadata by key.
    pub metadata: BTreeMap<String, Value>,
    /// Tensors by name.
    pub tensors: BTreeMap<String, TensorInfo>,
}

impl Gguf {
    /// Reads and checks the header of a file.
    pub fn open(path: &Path) -> Result<Self, GgufError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Self::parse(BufReader::with_capacity(1 << 16, file), length)
    }

    /// Reads and checks a header; `length` is the whole file's in bytes.
    pub fn parse(reader: impl Read, length: u64) -> Result<Self, GgufError> {
        let mut source = Source {
            reader,
            at: 0,
            length,
            elements: 0,
        };
        if source.array::<4>()? != *b"GGUF" {
            return Err(GgufError::Magic);
        }
        let version = source.u32()?;
        if !(2..=3).contains(&version) {
            return Err(GgufError::Version(version));
        }
        let tensor_count = source.count("number of tensors", MAX_TENSORS)?;
        let metadata_count = source.count("number of metadata entries", MAX_METADATA)?;

        let mut metadata = BTreeMap::new();
        for _ in 0..metadata_count {
            let key = source.name("metadata key")?;
            let kind = source.u32()?;
            let value = source.value(&key, kind)?;
            if metadata.insert(key.clone(), value).is_some() {
                return Err(GgufError::Duplicate(key));
            }
        }
        let alignment = match metadata.get("general.alignment") {
            None => 32,
            Some(Value::Unsigned(value)) => *value,
            Some(_) => return Err(GgufError::Missing("general.alignment".into())),
        };
        if !alignment.is_power_of_two() || !(8..=65_536).contains(&alignment) {
            return Err(GgufError::Alignment(alignment));
        }

        let mut tensors = BTreeMap::new();
        for _ in 0..tensor_count {
            let name = source.name("tensor name")?;
            let info = source.tensor(&name)?;
            if info.offset % alignment != 0 {
                return Err(GgufError::Unaligned(name));
            }
            if tensors.insert(name.clone(), info).is_some() {
                return Err(GgufError::Duplicate(name));
            }
        }
        let data_start = source.at.next_multiple_of(alignment);
        place(&mut tensors, data_start, length)?;
        Ok(Self { metadata, tensors })
    }

    /// A text value.
    pub fn text(&self, key: &str) -> Result<&str, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(GgufError::Missing(key.into())),
        }
    }

    /// A non-negative integer value.
    pub fn unsigned(&self, key: &str) -> Result<u64, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Unsigned(value)) => Ok(*value),
            Some(Value::Signed(value)) if *value >= 0 => Ok(*value as u64),
            _ => Err(GgufError::Missing(key.into())),
        }
    }

    /// A float value.
    pub fn float(&self, key: &str) -> Result<f64, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Float(value)) => Ok(*value),
            _ => Err(GgufError::Missing(key.into())),
        }
    }

    /// A boolean value.
    pub fn boolean(&self, key: &str) -> Result<bool, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Bool(value)) => Ok(*value),
            _ => Err(GgufError::Missing(key.into())),
        }
    }

    /// An array of texts.
    pub fn texts(&self, key: &str) -> Result<&[String], GgufError> {
        match self.metadata.get(key) {
            Some(Value::Texts(values)) => Ok(values),
            _ => Err(GgufError::Missing(key.into())),
        }
    }

    /// An array of numbers.
    pub fn numbers(&self, key: &str) -> Result<&[f64], GgufError> {
        match self.metadata.get(key) {
            Some(Value::Numbers(values)) => Ok(values),
            _ => Err(GgufError::Missing(key.into())),
        }
    }
}

/// Moves the offsets from data-relative to file-relative, and checks that no range leaves the file or
/// touches another.
fn place(tensors: &mut BTreeMap<String, TensorInfo>, start: u64, length: u64) -> Result<(), GgufError> {
    for (name, info) in tensors.iter_mut() {
        let offset = info.offset.saturating_add(start);
        let end = offset.saturating_add(info.bytes);
        if end > length {
            return Err(GgufError::OutOfFile {
                name: name.clone(),
                end,
                length,
            });
        }
        info.offset = offset;
    }
    let mut ranges: Vec<_> = tensors
        .iter()
        .map(|(name, info)| (info.offset, info.bytes, name))
        .collect();
    ranges.sort();
    for pair in ranges.windows(2) {
        if pair[0].0 + pair[0].1 > pair[1].0 {
            return Err(GgufError::Overlap {
                first: pair[0].2.clone(),
                second: pair[1].2.clone(),
            });
        }
    }
    Ok(())
}

/// A reader that knows how far it is and how much may still come.
struct Source<R> {
    reader: R,
    at: u64,
    length: u64,
    elements: u64,
}

impl<R: Read> Source<R> {
    /// Makes sure that `bytes` more are there before somebody allocates them.
    fn reserve(&mut self, bytes: u64) -> Result<(), GgufError> {
        let end = self.at.saturating_add(bytes);
        if end > self.length {
            return Err(GgufError::Truncated { at: self.at });
        }
        if end > MAX_HEADER_BYTES {
            return Err(GgufError::TooLarge {
                what: "the header",
                found: end,
                limit: MAX_HEADER_BYTES,
            });
        }
        Ok(())
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), GgufError> {
        self.reserve(buffer.len() as u64)?;
        self.reader
            .read_exact(buffer)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => GgufError::Truncated { at: self.at },
                _ => GgufError::Io(error),
            })?;
        self.at += buffer.len() as u64;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let mut buffer = [0; N];
        self.fill(&mut buffer)?;
        Ok(buffer)
    }

    fn u32(&mut self) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn count(&mut self, what: &'static str, limit: u64) -> Result<u64, GgufError> {
        let found = self.u64()?;
        if found > limit {
            return Err(GgufError::TooLarge { what, found, limit });
        }
        Ok(found)
    }

    fn string(&mut self, what: &'static str, limit: u64) -> Result<String, GgufError> {
        let bytes = self.count(what, limit)?;
        self.reserve(bytes)?;
        let mut buffer = vec![0; bytes as usize];
        self.fill(&mut buffer)?;
        String::from_utf8(buffer).map_err(|_| GgufError::Text(what))
    }

    fn name(&mut self, what: &'static str) -> Result<String, GgufError> {
        let name = self.string(what, MAX_NAME_BYTES)?;
        if name.is_empty() {
            return Err(GgufError::Text(what));
        }
        Ok(name)
    }

    fn value(&mut self, key: &str, kind: u32) -> Result<Value, GgufError> {
        Ok(match kind {
            8 => Value::Text(self.string("text value", MAX_STRING_BYTES)?),
            9 => self.values(key)?,
            _ => self.scalar(kind)?,
        })
    }

    fn scalar(&mut self, kind: u32) -> Result<Value, GgufError> {
        Ok(match kind {
            0 => Value::Unsigned(self.array::<1>()?[0].into()),
            1 => Value::Signed(i8::from_le_bytes(self.array()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.array()?).into()),
            3 => Value::Signed(i16::from_le_bytes(self.array()?).into()),
            4 => Value::Unsigned(self.u32()?.into()),
            5 => Value::Signed(i32::from_le_bytes(self.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array()?).into()),
            7 => Value::Bool(self.array::<1>()?[0] != 0),
            10 => Value::Unsigned(self.u64()?),
            11 => Value::Signed(i64::from_le_bytes(self.array()?)),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            other => return Err(GgufError::ValueType(other)),
        })
    }

    fn values(&mut self, key: &str) -> Result<Value, GgufError> {
        let kind = self.u32()?;
        let found = self.u64()?;
        self.elements = self.elements.saturating_add(found);
        if self.elements > MAX_ARRAY_ELEMENTS {
            let (found, limit) = (self.elements, MAX_ARRAY_ELEMENTS);
            return Err(GgufError::TooLarge {
                what: "number of array elements",
                found,
                limit,
            });
        }
        // Every element takes at least one byte, a text at least its length.
        self.reserve(if kind == 8 { found.saturating_mul(8) } else { found })?;
        match kind {
            8 => (0..found)
                .map(|_| self.string("array text", MAX_STRING_BYTES))
                .collect::<Result<_, _>>()
                .map(Value::Texts),
            9 => Err(GgufError::NestedArray(key.into())),
            _ => (0..found)
                .map(|_| {
                    Ok(match self.scalar(kind)? {
                        Value::Unsigned(value) => value as f64,
                        Value::Signed(value) => value as f64,
                        Value::Float(value) => value,
                        Value::Bool(value) => f64::from(u8::from(value)),
                        Value::Text(_) | Value::Texts(_) | Value::Numbers(_) => {
                            return Err(GgufError::ValueType(kind))
                        }
                    })
                })
                .collect::<Result<_, _>>()
                .map(Value::Numbers),
        }
    }

    fn tensor(&mut self, name: &str) -> Result<TensorInfo, GgufError> {
        let rank = self.u32()?;
        if rank == 0 || rank > MAX_DIMENSIONS {
            return Err(GgufError::Dimensions(name.into()));
        }
        let mut dimensions = Vec::with_capacity(rank as usize);
        let mut elements = 1u64;
        for _ in 0..rank {
            let size = self.u64()?;
            elements = elements.saturating_mul(size);
            if elements == 0 || elements > MAX_ELEMENTS {
                return Err(GgufError::Dimensions(name.into()));
            }
            dimensions.push(size as usize);
        }
        let number = self.u32()?;
        let kind = TensorType::from_number(number).ok_or_else(|| GgufError::TensorType {
            name: name.into(),
            kind: number,
        })?;
        if !(dimensions[0] as u64).is_multiple_of(kind.block_elements()) {
            return Err(GgufError::Dimensions(name.into()));
        }
        let offset = self.u64()?;
        dimensions.reverse();
        let bytes = elements / kind.block_elements() * kind.block_bytes();
        Ok(TensorInfo {
            dimensions,
            kind,
            offset,
            bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &mut Vec<u8>, value: &str) {
        bytes.extend((value.len() as u64).to_le_bytes());
        bytes.extend(value.as_bytes());
    }

    fn header(tensors: u64, metadata: u64) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(metadata.to_le_bytes());
        bytes
    }

    fn tensor(bytes: &mut Vec<u8>, name: &str, dimensions: &[u64], kind: u32, offset: u64) {
        text(bytes, name);
        bytes.extend((dimensions.len() as u32).to_le_bytes());
        dimensions
            .iter()
            .for_each(|size| bytes.extend(size.to_le_bytes()));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
    }

    fn parse(bytes: &[u8], data: u64) -> Result<Gguf, GgufError> {
        Gguf::parse(bytes, (bytes.len() as u64).next_multiple_of(32) + data)
    }

    fn two(second_name: &str, second_offset: u64, data: u64) -> Result<Gguf, GgufError> {
        let mut bytes = header(2, 0);
        tensor(&mut bytes, "a", &[32], 0, 0);
        tensor(&mut bytes, second_name, &[32, 2], 8, second_offset);
        parse(&bytes, data)
    }

    #[test]
    fn header_should_give_file_offsets_and_lengths_when_it_is_sound() {
        let gguf = two("b", 128, 196).unwrap();
        assert_eq!(gguf.tensors["b"].bytes, 68);
        assert_eq!(gguf.tensors["b"].dimensions, vec![2, 32]);
        assert_eq!(gguf.tensors["b"].offset - gguf.tensors["a"].offset, 128);
    }

    #[test]
    fn header_should_be_refused_when_tensors_overlap_repeat_or_leave_the_file() {
        assert!(matches!(two("b", 96, 196), Err(GgufError::Overlap { .. })));
        assert!(matches!(two("a", 128, 196), Err(GgufError::Duplicate(name)) if name == "a"));
        assert!(matches!(two("b", 128, 195), Err(GgufError::OutOfFile { .. })));
        assert!(matches!(
            two("b", u64::MAX - 31, 196),
            Err(GgufError::OutOfFile { .. })
        ));
        assert!(matches!(two("b", 129, 300), Err(GgufError::Unaligned(_))));
    }

    #[test]
    fn header_should_be_refused_when_counts_are_huge() {
        assert!(matches!(
            parse(&header(u64::MAX, 0), 0),
            Err(GgufError::TooLarge { .. })
        ));
        assert!(matches!(
            parse(&header(0, u64::MAX), 0),
            Err(GgufError::TooLarge { .. })
        ));
        let mut bytes = header(0, 1);
        bytes.extend(u64::MAX.to_le_bytes());
        assert!(matches!(parse(&bytes, 0), Err(GgufError::TooLarge { .. })));
        let mut bytes = header(0, 1);
        text(&mut bytes, "k");
        bytes.extend(9u32.to_le_bytes());
        bytes.extend(0u32.to_le_bytes());
        bytes.extend((MAX_ARRAY_ELEMENTS + 1).to_le_bytes());
        assert!(matches!(parse(&bytes, 1 << 40), Err(GgufError::TooLarge { .. })));
    }

    #[test]
    fn header_should_be_refused_when_dimensions_overflow_or_vanish() {
        for dimensions in [&[u64::MAX, u64::MAX][..], &[0], &[], &[1, 1, 1, 1, 1], &[1 << 41]] {
            let mut bytes = header(1, 0);
            tensor(&mut bytes, "a", dimensions, 0, 0);
            assert!(
                matches!(parse(&bytes, 1 << 50), Err(GgufError::Dimensions(_))),
                "{dimensions:?}"
            );
        }
        let mut bytes = header(1, 0);
        tensor(&mut bytes, "a", &[33], 8, 0);
        assert!(matches!(parse(&bytes, 1 << 20), Err(GgufError::Dimensions(_))));
        let mut bytes = header(1, 0);
        tensor(&mut bytes, "a", &[32], 99, 0);
        assert!(matches!(
            parse(&bytes, 1 << 20),
            Err(GgufError::TensorType { kind: 99, .. })
        ));
    }

    #[test]
    fn header_should_be_refused_when_it_is_cut_anywhere() {
        let mut bytes = header(1, 1);
        text(&mut bytes, "general.name");
        bytes.extend(8u32.to_le_bytes());
        text(&mut bytes, "tiny");
        tensor(&mut bytes, "a", &[32], 0, 0);
        assert!(parse(&bytes, 128).is_ok());
        for cut in 0..bytes.len() {
            assert!(Gguf::parse(&bytes[..cut], cut as u64).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn header_should_be_refused_when_magic_version_or_alignment_is_wrong() {
        assert!(matches!(parse(b"GGML\x03\0\0\0", 64), Err(GgufError::Magic)));
        assert!(matches!(
            parse(b"GGUF\x00\0\0\x03", 64),
            Err(GgufError::Version(_))
        ));
        let mut bytes = header(0, 1);
        text(&mut bytes, "general.alignment");
        bytes.extend(4u32.to_le_bytes());
        bytes.extend(48u32.to_le_bytes());
        assert!(matches!(parse(&bytes, 64), Err(GgufError::Alignment(48))));
    }

    proptest! {
        #[test]
        fn parser_should_never_panic_when_bytes_are_arbitrary(tail in proptest::collection::vec(any::<u8>(), 0..512)) {
            let mut bytes = header(3, 3);
            bytes.extend(tail);
            let _ = parse(&bytes, 1 << 16);
        }
    }
}
