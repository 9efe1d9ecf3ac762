//! A recorded output: what a worker committed to and what an auditor needs to check it, in one JSON file.

use ogpu_client::models::{Manifest, ManifestError};
use ogpu_primitives::{
    evidence::{chunk_count, chunk_len, generate_leaves, ChunkEvidence, ChunkRecord, MAX_OUTPUT_TOKENS},
    merkle, sampler, tagged_hash, ChunkSketch, FinishReason, GenerateParams, ProfileError, ProfileParams,
    WhiteningError, WhiteningTable, WorkKey, H256,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The only version there is.
pub const FORMAT: u32 = 1;

/// Largest record or table that is read, in bytes; an output of 8,192 tokens needs under 1 MiB.
const MAX_BYTES: u64 = 32 << 20;

/// One output with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`FORMAT`].
    pub format: u32,
    /// Folder of the model.
    pub model: PathBuf,
    /// [`files_hash`] of that folder.
    pub files: H256,
    /// The model's id, which is part of the sampler's seed.
    pub model_id: H256,
    /// The chain's genesis hash.
    pub genesis: H256,
    /// The worker's account.
    pub worker: H256,
    /// The job, its segment and attempt.
    pub work: WorkKey,
    /// Thresholds, and the numeric profile that worker and auditor follow.
    pub thresholds: ProfileParams,
    /// SCALE file of the whitening table; `None` for the table that changes nothing.
    pub whitening: Option<PathBuf>,
    /// Hash of the table.
    pub whitening_hash: H256,
    /// Sampling and limits.
    pub params: GenerateParams,
    /// Input token ids.
    pub input: Vec<u32>,
    /// Output token ids, the end token included when one was sampled.
    pub output: Vec<u32>,
    /// Why it ended.
    pub finish: FinishReason,
    /// Evidence of each 32 tokens of the output.
    pub chunks: Vec<RecordedChunk>,
    /// What the worker committed to.
    pub root: H256,
}

/// A chunk's evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedChunk {
    /// The sums as little-endian bytes, in hex.
    pub sketch: String,
    /// Root over the final hidden vectors.
    pub hidden: H256,
}

/// Why a record cannot be audited. None of them says anything about the worker.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not readable; check path and permissions.
    #[error("cannot read {path}: {source}; check path and permissions")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Too long to be one.
    #[error("{path} has {bytes} bytes, and no record or table has more than {MAX_BYTES}; give another file")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// Cut off, or something else.
    #[error("{path} is no record: {source}; it was cut off or is another file")]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: serde_json::Error,
    },
    /// Made by another version of the program.
    #[error("record format {0} is not known, only {FORMAT} is; use the program that wrote it")]
    Format(u32),
    /// The thresholds contradict themselves.
    #[error("the record's thresholds cannot be used: {0:?}; take them from the chain or from calibration")]
    Thresholds(ProfileError),
    /// The auditor was told another arithmetic than the worker's.
    #[error("the record is of profile {record:?}, not {asked:?}; audit it in its own profile")]
    Profile {
        /// The record's.
        record: ogpu_primitives::NumericProfile,
        /// The one asked for.
        asked: ogpu_primitives::NumericProfile,
    },
    /// A chunk's sketch is not hex, or not whole tokens.
    #[error("the sketch of chunk {0} is damaged; the record was altered or cut off")]
    Sketch(u32),
    /// Evidence of another length than the output.
    #[error("the record has evidence of {found} chunks for {tokens} output tokens, which have {expected}; it was altered")]
    ChunkCount {
        /// Chunks with evidence.
        found: usize,
        /// Chunks of the output.
        expected: u32,
        /// Output tokens.
        tokens: usize,
    },
    /// A chunk's sketch covers another number of tokens than the chunk has.
    #[error(
        "the sketch of chunk {chunk} covers {found} tokens instead of {expected}; the record was altered"
    )]
    SketchLength {
        /// The chunk.
        chunk: u32,
        /// Tokens covered.
        found: usize,
        /// Tokens of the chunk.
        expected: usize,
    },
    /// No input or no output.
    #[error("the record has no {0} tokens; there is nothing to audit")]
    Empty(&'static str),
    /// More output than any audit can report.
    #[error("the output has {0} tokens, and an audit takes at most {MAX_OUTPUT_TOKENS}")]
    TooLong(usize),
    /// More output than the job asked for.
    #[error("the output has {found} tokens although the job allows {limit}; the record was altered")]
    OverLimit {
        /// Output tokens.
        found: usize,
        /// The job's limit.
        limit: u32,
    },
    /// A text cannot end as embeddings do.
    #[error(
        "the record says that the text is `Complete`, which only embeddings are; the record was altered"
    )]
    Finish,
    /// Ids, counts or evidence are not those that were committed.
    #[error(
        "the record does not give its own root {recorded:?} but {computed:?}; ids, counts or evidence were altered"
    )]
    Root {
        /// The root in the record.
        recorded: H256,
        /// The root of its content.
        computed: H256,
    },
    /// An id that the model does not have.
    #[error("{part} id {id} at position {at} is not in the model's vocabulary of {vocabulary}; it was made with another tokenizer")]
    Vocabulary {
        /// `input` or `output`.
        part: &'static str,
        /// Its place.
        at: usize,
        /// The id.
        id: u32,
        /// Number of ids.
        vocabulary: usize,
    },
    /// The folder's files are not those of the record.
    #[error(
        "{dir} does not hold the files that the record was made with; give the right folder with --model"
    )]
    Files {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder cannot be hashed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Not a table.
    #[error("{0} is no whitening table; make it with scripts/calibrate or fetch it again")]
    Whitening(PathBuf),
    /// The table cannot be used.
    #[error("the whitening table cannot be used: {0:?}; make it again with scripts/calibrate")]
    Table(WhiteningError),
    /// Another table than the one that the worker used.
    #[error("the whitening table is not the one that the record names; fetch the model's own")]
    OtherWhitening,
}

impl Record {
    /// Reads and checks everything that can be checked without the model.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        let bytes = read_bounded(path)?;
        let record: Self = serde_json::from_slice(&bytes).map_err(|source| RecordError::Json {
            path: path.into(),
            source,
        })?;
        record.check()?;
        Ok(record)
    }

    /// Whether the record is whole and gives its own root.
    pub fn check(&self) -> Result<(), RecordError> {
        if self.format != FORMAT {
            return Err(RecordError::Format(self.format));
        }
        self.thresholds.checked().map_err(RecordError::Thresholds)?;
        let tokens = self.output.len();
        if self.input.is_empty() || tokens == 0 {
            return Err(RecordError::Empty(if tokens == 0 { "output" } else { "input" }));
        }
        if tokens > MAX_OUTPUT_TOKENS as usize {
            return Err(RecordError::TooLong(tokens));
        }
        let limit = self.params.max_output_tokens;
        if tokens > limit as usize {
            return Err(RecordError::OverLimit { found: tokens, limit });
        }
        if self.finish == FinishReason::Complete {
            return Err(RecordError::Finish);
        }
        let computed = self.computed_root()?;
        match computed == self.root {
            true => Ok(()),
            false => Err(RecordError::Root {
                recorded: self.root,
                computed,
            }),
        }
    }

    /// The root of what the record holds.
    pub fn computed_root(&self) -> Result<H256, RecordError> {
        let evidence: Vec<ChunkEvidence> = self.records()?.iter().map(ChunkRecord::evidence).collect();
        Ok(merkle::root(&generate_leaves(
            &self.worker.0,
            &self.work,
            &self.output,
            self.input.len() as u32,
            self.finish,
            &evidence,
        )))
    }

    /// The evidence, chunk by chunk.
    pub fn records(&self) -> Result<Vec<ChunkRecord>, RecordError> {
        let tokens = self.output.len();
        let expected = chunk_count(u32::try_from(tokens).map_err(|_| RecordError::TooLong(tokens))?);
        if self.chunks.len() != expected as usize {
            return Err(RecordError::ChunkCount {
                found: self.chunks.len(),
                expected,
                tokens,
            });
        }
        (0u32..)
            .zip(&self.chunks)
            .map(|(chunk, recorded)| {
                let bytes = hex::decode(&recorded.sketch).map_err(|_| RecordError::Sketch(chunk))?;
                let sketch = ChunkSketch::from_bytes(&bytes).ok_or(RecordError::Sketch(chunk))?;
                let expected = chunk_len(tokens as u32, chunk);
                match sketch.covers(expected) {
                    true => Ok(ChunkRecord {
                        sketch,
                        hidden: recorded.hidden,
                    }),
                    false => Err(RecordError::SketchLength {
                        chunk,
                        found: sketch.tokens(),
                        expected,
                    }),
                }
            })
            .collect()
    }

    /// The sampler's seed.
    pub fn seed(&self) -> H256 {
        sampler::seed(&self.genesis, &self.model_id, &self.params)
    }

    /// Refuses ids that a model of `vocabulary` tokens does not have.
    pub fn check_vocabulary(&self, vocabulary: usize) -> Result<(), RecordError> {
        for (part, ids) in [("input", &self.input), ("output", &self.output)] {
            if let Some((at, id)) = ids.iter().enumerate().find(|(_, id)| **id as usize >= vocabulary) {
                return Err(RecordError::Vocabulary {
                    part,
                    at,
                    id: *id,
                    vocabulary,
                });
            }
        }
        Ok(())
    }

    /// The table that the worker used, for hidden states of `dimensions`; `path` replaces the record's.
    pub fn table(&self, dimensions: u32, path: Option<&Path>) -> Result<WhiteningTable, RecordError> {
        let table = match path.or(self.whitening.as_deref()) {
            Some(path) => read_table(path)?,
            None => WhiteningTable::unit(dimensions).map_err(RecordError::Table)?,
        };
        match table.hash() == self.whitening_hash {
            true => Ok(table),
            false => Err(RecordError::OtherWhitening),
        }
    }
}

impl From<&ChunkRecord> for RecordedChunk {
    fn from(record: &ChunkRecord) -> Self {
        Self {
            sketch: hex::encode(record.sketch.to_bytes()),
            hidden: record.hidden,
        }
    }
}

/// A whitening table from its SCALE file.
pub fn read_table(path: &Path) -> Result<WhiteningTable, RecordError> {
    use codec::DecodeAll;
    let bytes = read_bounded(path)?;
    let table =
        WhiteningTable::decode_all(&mut &bytes[..]).map_err(|_| RecordError::Whitening(path.into()))?;
    table.check().map_err(RecordError::Table)?;
    Ok(table)
}

/// H("ogpu/files/v1", SCALE(names, hashes and lengths)) of a model's folder, its tokenizer included.
pub fn files_hash(folder: &Path) -> Result<H256, ManifestError> {
    use codec::Encode;
    let entries = Manifest::of_folder(folder)?.entries()?;
    Ok(tagged_hash(b"ogpu/files/v1", &entries.encode()))
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, RecordError> {
    let failed = |source| RecordError::Io {
        path: path.into(),
        source,
    };
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > MAX_BYTES {
        return Err(RecordError::TooLarge {
            path: path.into(),
            bytes,
        });
    }
    std::fs::read(path).map_err(failed)
}
