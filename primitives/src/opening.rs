//! Parts of a committed output, shown with the proof that they are under its root.

use crate::{
    evidence::{
        chunk_count, chunk_leaf, chunk_len, header_leaf, hidden_leaf, ids_hash, ChunkEvidence, ChunkRecord,
        CHUNK_TOKENS, MAX_CHUNKS, MAX_OUTPUT_TOKENS,
    },
    explain::explain,
    merkle,
    sketch::ChunkSketch,
    whitening::MAX_DIMENSIONS,
    Commitment, WorkKey,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Most siblings of a leaf of an output of [`MAX_OUTPUT_TOKENS`]: 257 leaves.
pub const MAX_PATH: u32 = 9;

/// Most siblings of a vector of a chunk.
pub const MAX_HIDDEN_PATH: u32 = 5;

/// Whose output at what.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Origin {
    /// The worker's account.
    pub worker: [u8; 32],
    /// The work.
    pub work: WorkKey,
}

/// One chunk of an output: its ids and its sketch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Opening {
    /// Whose it is; checked against what the verifier expects, so that a mix-up is named.
    pub origin: Origin,
    /// The chunk, from 0.
    pub chunk: u32,
    /// Its token ids.
    pub ids: BoundedVec<u32, ConstU32<{ CHUNK_TOKENS as u32 }>>,
    /// Its sketch; empty where the evidence is missing.
    pub sketch: ChunkSketch,
    /// Root over its final hidden vectors; [`merkle::empty`] where the evidence is missing.
    pub hidden: H256,
    /// Siblings from the bottom up.
    pub path: BoundedVec<H256, ConstU32<MAX_PATH>>,
}

/// The header of an output: its counts and why it ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HeaderOpening {
    /// Whose it is.
    pub origin: Origin,
    /// Siblings from the bottom up.
    pub path: BoundedVec<H256, ConstU32<MAX_PATH>>,
}

/// One chunk without its ids.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SketchedChunk {
    /// `evidence::ids_hash` of the chunk.
    pub ids: H256,
    /// Its sketch; empty where the evidence is missing.
    pub sketch: ChunkSketch,
    /// Root over its final hidden vectors.
    pub hidden: H256,
}

/// The sketches of a whole output without its ids, header included: all leaves, so it needs no paths. About
/// 18 bytes a token, which lets the runtime judge the whole output and find the worst chunk itself.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SketchesOpening {
    /// Whose it is.
    pub origin: Origin,
    /// All chunks in their order.
    pub chunks: BoundedVec<SketchedChunk, ConstU32<MAX_CHUNKS>>,
}

/// One final hidden vector of an opened chunk, for the token fraud proof.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct VectorOpening {
    /// The token in its chunk, from 0.
    pub position: u32,
    /// The vector as bf16 bits.
    pub hidden: BoundedVec<u16, ConstU32<MAX_DIMENSIONS>>,
    /// Siblings from the bottom up.
    pub path: BoundedVec<H256, ConstU32<MAX_HIDDEN_PATH>>,
}

/// Why an opening does not show what it should.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum OpeningError {
    /// It is another worker's output; open your own.
    OtherWorker,
    /// It is of another job or segment; open the work that was asked for.
    OtherWork,
    /// It is of another attempt at the same job; open the attempt that was asked for.
    OtherAttempt,
    /// The output is longer than [`MAX_OUTPUT_TOKENS`]; it cannot be opened in this format.
    TooLong,
    /// The output has no such chunk, or the chunk no such token; count from 0.
    IndexOutOfRange,
    /// There are not as many chunks as the committed number of output tokens gives; open all of them.
    ChunkCount,
    /// There are not as many ids as the chunk has tokens; open the whole chunk.
    IdsLength,
    /// The sketch neither covers the chunk's tokens nor is empty; open the sketch that was committed.
    SketchLength,
    /// There are not as many siblings as this leaf has; make the path with `merkle::proof` over all leaves.
    PathLength,
    /// Something shown is not what was committed: ids, sketch, hidden vectors, counts or path were altered.
    RootDiffers,
}

explain!(OpeningError {
    Self::OtherWorker => "the opening is of another worker's output: open your own";
    Self::OtherWork => "the opening is of another job or segment: open the work that was asked for";
    Self::OtherAttempt => "the opening is of another attempt: open the attempt that was asked for";
    Self::TooLong =>
        "the output has more than {MAX_OUTPUT_TOKENS} tokens: it cannot be opened in this format";
    Self::IndexOutOfRange => "the output has no such chunk or the chunk no such token: count from 0";
    Self::ChunkCount => "the opening has not as many chunks as the output: open all of them";
    Self::IdsLength => "the opening has not as many ids as the chunk: open the whole chunk";
    Self::SketchLength => "the sketch does not cover the chunk's tokens: open the sketch that was committed";
    Self::PathLength => "the path has not as many siblings as this leaf: make it over all leaves";
    Self::RootDiffers => "ids, sketch, hidden vectors, counts or path are not those that were committed";
});

impl Origin {
    /// Whether this is the expected one, and if not in what it differs.
    fn check(&self, expected: &Self) -> Result<(), OpeningError> {
        if self.worker != expected.worker {
            return Err(OpeningError::OtherWorker);
        }
        if (self.work.job, self.work.segment) != (expected.work.job, expected.work.segment) {
            return Err(OpeningError::OtherWork);
        }
        if self.work.attempt != expected.work.attempt {
            return Err(OpeningError::OtherAttempt);
        }
        Ok(())
    }

    fn header(&self, commitment: &Commitment) -> H256 {
        header_leaf(
            &self.worker,
            &self.work,
            commitment.n_in,
            commitment.n_out,
            commitment.finish,
        )
    }

    /// All leaves of an output, in their order.
    fn leaves(&self, commitment: &Commitment, ids: &[u32], records: &[ChunkRecord]) -> Vec<H256> {
        let evidence: Vec<ChunkEvidence> = records.iter().map(ChunkRecord::evidence).collect();
        crate::evidence::generate_leaves(
            &self.worker,
            &self.work,
            ids,
            commitment.n_in,
            commitment.finish,
            &evidence,
        )
    }
}

/// Leaves of an output of this commitment.
fn leaf_count(commitment: &Commitment) -> Result<u32, OpeningError> {
    if commitment.n_out > MAX_OUTPUT_TOKENS {
        return Err(OpeningError::TooLong);
    }
    Ok(1 + chunk_count(commitment.n_out))
}

fn check_path(root: &H256, leaf: &H256, index: u32, leaves: u32, path: &[H256]) -> Result<(), OpeningError> {
    let expected = merkle::proof_len(index, leaves).ok_or(OpeningError::IndexOutOfRange)?;
    if path.len() != expected {
        return Err(OpeningError::PathLength);
    }
    if merkle::verify(root, leaf, index, leaves, path) {
        Ok(())
    } else {
        Err(OpeningError::RootDiffers)
    }
}

fn path_of<const MOST: u32>(
    leaves: &[H256],
    index: u32,
) -> Result<BoundedVec<H256, ConstU32<MOST>>, OpeningError> {
    let path = merkle::proof(leaves, index).ok_or(OpeningError::IndexOutOfRange)?;
    path.try_into().map_err(|_| OpeningError::TooLong)
}

/// What enters a leaf for this sketch; a chunk without one has no evidence.
fn evidence_of(sketch: &ChunkSketch, hidden: H256) -> ChunkEvidence {
    let missing = ChunkEvidence::missing();
    ChunkEvidence {
        sketch: if sketch.sums().is_empty() {
            missing.sketch
        } else {
            sketch.hash()
        },
        hidden,
    }
}

fn check_sketch(sketch: &ChunkSketch, tokens: usize) -> Result<(), OpeningError> {
    if sketch.sums().is_empty() || sketch.covers(tokens) {
        Ok(())
    } else {
        Err(OpeningError::SketchLength)
    }
}

impl Opening {
    /// Opens `chunk` of the output `ids`; `records` are those that were committed with it, none where the
    /// evidence is missing.
    pub fn new(
        origin: &Origin,
        commitment: &Commitment,
        ids: &[u32],
        records: &[ChunkRecord],
        chunk: u32,
    ) -> Result<Self, OpeningError> {
        let leaves = origin.leaves(commitment, ids, records);
        let own = ids
            .chunks(CHUNK_TOKENS)
            .nth(chunk as usize)
            .ok_or(OpeningError::IndexOutOfRange)?;
        let record = records.get(chunk as usize);
        Ok(Self {
            origin: *origin,
            chunk,
            ids: own.to_vec().try_into().map_err(|_| OpeningError::IdsLength)?,
            sketch: record.map(|record| record.sketch.clone()).unwrap_or_default(),
            hidden: record.map_or_else(merkle::empty, |record| record.hidden),
            path: path_of(&leaves, chunk.saturating_add(1))?,
        })
    }

    /// Whether this is a chunk of what `expected` committed to. Costs at most 13 hashes.
    pub fn verify(&self, expected: &Origin, commitment: &Commitment) -> Result<(), OpeningError> {
        self.origin.check(expected)?;
        let leaves = leaf_count(commitment)?;
        let tokens = chunk_len(commitment.n_out, self.chunk);
        if tokens == 0 {
            return Err(OpeningError::IndexOutOfRange);
        }
        if self.ids.len() != tokens {
            return Err(OpeningError::IdsLength);
        }
        check_sketch(&self.sketch, tokens)?;
        let ids = ids_hash(&expected.worker, &expected.work, self.chunk, &self.ids);
        let leaf = chunk_leaf(&ids, &evidence_of(&self.sketch, self.hidden));
        let index = self.chunk.saturating_add(1);
        check_path(&commitment.root, &leaf, index, leaves, &self.path)
    }
}

impl HeaderOpening {
    /// Opens the header of the output `ids`.
    pub fn new(
        origin: &Origin,
        commitment: &Commitment,
        ids: &[u32],
        records: &[ChunkRecord],
    ) -> Result<Self, OpeningError> {
        let leaves = origin.leaves(commitment, ids, records);
        Ok(Self {
            origin: *origin,
            path: path_of(&leaves, 0)?,
        })
    }

    /// Whether the counts and the finish reason of the commitment are those under its root.
    pub fn verify(&self, expected: &Origin, commitment: &Commitment) -> Result<(), OpeningError> {
        self.origin.check(expected)?;
        let leaves = leaf_count(commitment)?;
        let header = expected.header(commitment);
        check_path(&commitment.root, &header, 0, leaves, &self.path)
    }
}

impl SketchesOpening {
    /// Opens all sketches of the output `ids`.
    pub fn new(origin: &Origin, ids: &[u32], records: &[ChunkRecord]) -> Result<Self, OpeningError> {
        let chunks: Vec<SketchedChunk> = (0u32..)
            .zip(ids.chunks(CHUNK_TOKENS))
            .map(|(chunk, own)| {
                let record = records.get(chunk as usize);
                SketchedChunk {
                    ids: ids_hash(&origin.worker, &origin.work, chunk, own),
                    sketch: record.map(|record| record.sketch.clone()).unwrap_or_default(),
                    hidden: record.map_or_else(merkle::empty, |record| record.hidden),
                }
            })
            .collect();
        Ok(Self {
            origin: *origin,
            chunks: chunks.try_into().map_err(|_| OpeningError::TooLong)?,
        })
    }

    /// Whether these are the sketches of all chunks, under the root together with the commitment's header.
    /// Costs four hashes a chunk.
    pub fn verify(&self, expected: &Origin, commitment: &Commitment) -> Result<(), OpeningError> {
        self.origin.check(expected)?;
        let leaves = leaf_count(commitment)?;
        if self.chunks.len() as u32 + 1 != leaves {
            return Err(OpeningError::ChunkCount);
        }
        let mut hashes = Vec::with_capacity(leaves as usize);
        hashes.push(expected.header(commitment));
        for (chunk, shown) in (0u32..).zip(&self.chunks) {
            check_sketch(&shown.sketch, chunk_len(commitment.n_out, chunk))?;
            hashes.push(chunk_leaf(&shown.ids, &evidence_of(&shown.sketch, shown.hidden)));
        }
        if merkle::root(&hashes) == commitment.root {
            Ok(())
        } else {
            Err(OpeningError::RootDiffers)
        }
    }
}

impl VectorOpening {
    /// Opens token `position` of a chunk whose final hidden vectors are `chunk`.
    pub fn new<V: AsRef<[u16]>>(chunk: &[V], position: u32) -> Result<Self, OpeningError> {
        let leaves: Vec<H256> = chunk.iter().map(|hidden| hidden_leaf(hidden.as_ref())).collect();
        let hidden = chunk
            .get(position as usize)
            .ok_or(OpeningError::IndexOutOfRange)?;
        Ok(Self {
            position,
            hidden: BoundedVec::try_from(hidden.as_ref().to_vec()).map_err(|_| OpeningError::TooLong)?,
            path: path_of(&leaves, position)?,
        })
    }

    /// Whether this is a vector of the chunk of `tokens` tokens whose verified opening shows `hidden_root`.
    pub fn verify(&self, hidden_root: &H256, tokens: u32) -> Result<(), OpeningError> {
        let leaf = hidden_leaf(&self.hidden);
        check_path(hidden_root, &leaf, self.position, tokens, &self.path)
    }
}

#[cfg(test)]
#[path = "opening_tests.rs"]
mod tests;
