//! What a worker commits to: a Merkle root over worker-bound leaves (`verification.md` 2).
//!
//! Leaf 0 is the header (counts and finish reason), leaf 1 + c is chunk c of the output. The worker's id is
//! inside each leaf, so a copied root is useless to the copier and no salt is needed. The worker commits the
//! root and the client recomputes it from the ids that it received.
//!
//! While generating, a worker feeds each token's final hidden state to a [`Recorder`]; an auditor does the
//! same with the states of its prefill. [`crate::opening`] opens single leaves later.

use crate::{
    hash::tagged_hash,
    merkle,
    sketch::{ChunkSketch, Sketcher, TokenSketch},
    whitening::{HiddenError, WhiteningTable},
    FinishReason, JobId, WorkKey,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use sp_core::H256;

/// Output tokens of a chunk; the last one may be shorter.
pub const CHUNK_TOKENS: usize = 32;

/// Most chunks of an output that openings and reports can carry.
pub const MAX_CHUNKS: u32 = 256;

/// Most output tokens that openings and reports can carry.
pub const MAX_OUTPUT_TOKENS: u32 = MAX_CHUNKS * CHUNK_TOKENS as u32;

/// How many chunks `tokens` output tokens have.
pub fn chunk_count(tokens: u32) -> u32 {
    tokens.div_ceil(CHUNK_TOKENS as u32)
}

/// How many tokens chunk `chunk` of an output of `tokens` has; 0 when there is no such chunk.
pub fn chunk_len(tokens: u32, chunk: u32) -> usize {
    let before = chunk.saturating_mul(CHUNK_TOKENS as u32);
    (tokens.saturating_sub(before) as usize).min(CHUNK_TOKENS)
}

/// Hashes of a chunk's numeric evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChunkEvidence {
    /// H("ogpu/sketch/v1", sketch bytes): see [`sketch_hash`].
    pub sketch: H256,
    /// Merkle root over the chunk's final hidden vectors.
    pub hidden: H256,
}

impl ChunkEvidence {
    /// The value of both where the numeric profile produces no such evidence: [`merkle::empty`].
    pub fn missing() -> Self {
        Self {
            sketch: merkle::empty(),
            hidden: merkle::empty(),
        }
    }
}

/// H("ogpu/sketch/v1", bytes) of a chunk's sketch.
pub fn sketch_hash(sketch_bytes: &[u8]) -> H256 {
    tagged_hash(b"ogpu/sketch/v1", sketch_bytes)
}

/// H("ogpu/hidden/v1", the vector's bf16 values as two bytes each, little-endian): one token's leaf in the
/// tree over a chunk's final hidden vectors, whose root is [`ChunkEvidence::hidden`].
pub fn hidden_leaf(hidden: &[u16]) -> H256 {
    let bytes: Vec<u8> = hidden.iter().flat_map(|value| value.to_le_bytes()).collect();
    tagged_hash(b"ogpu/hidden/v1", &bytes)
}

/// Numeric evidence of one chunk as its maker keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ChunkRecord {
    /// The sums of the chunk's tokens.
    pub sketch: ChunkSketch,
    /// Root over the chunk's final hidden vectors.
    pub hidden: H256,
}

impl ChunkRecord {
    /// What of it enters the chunk's leaf.
    pub fn evidence(&self) -> ChunkEvidence {
        ChunkEvidence {
            sketch: self.sketch.hash(),
            hidden: self.hidden,
        }
    }
}

/// Makes the records of one output, token by token.
#[derive(Clone, Debug)]
pub struct Recorder {
    sketcher: Sketcher,
    position: u32,
    sums: Vec<TokenSketch>,
    leaves: Vec<H256>,
    records: Vec<ChunkRecord>,
}

impl Recorder {
    /// `seed` is the sampler's, `units` the profile's `sketch_units`.
    pub fn new(seed: &H256, job: &JobId, units: u16) -> Self {
        Self {
            sketcher: Sketcher::new(seed, job, units),
            position: 0,
            sums: Vec::with_capacity(CHUNK_TOKENS),
            leaves: Vec::with_capacity(CHUNK_TOKENS),
            records: Vec::new(),
        }
    }

    /// Adds the next output token by the final hidden state whose logits chose it, as bf16 bits
    /// ([`crate::float_bits::bf16_from_f32`]). After an error nothing was added.
    pub fn push(&mut self, table: &WhiteningTable, hidden: &[u16]) -> Result<(), HiddenError> {
        self.sums.push(self.sketcher.token(table, self.position, hidden)?);
        self.leaves.push(hidden_leaf(hidden));
        self.position = self.position.saturating_add(1);
        if self.sums.len() == CHUNK_TOKENS {
            self.close_chunk();
        }
        Ok(())
    }

    /// Tokens added.
    pub fn len(&self) -> u32 {
        self.position
    }

    /// Whether no token was added.
    pub fn is_empty(&self) -> bool {
        self.position == 0
    }

    /// The records of all chunks, the last one perhaps short.
    pub fn finish(mut self) -> Vec<ChunkRecord> {
        if !self.sums.is_empty() {
            self.close_chunk();
        }
        self.records
    }

    fn close_chunk(&mut self) {
        // At most CHUNK_TOKENS were gathered, so the sketch always fits.
        let sketch = ChunkSketch::from_tokens(&self.sums).unwrap_or_default();
        let hidden = merkle::root(&self.leaves);
        self.records.push(ChunkRecord { sketch, hidden });
        self.sums.clear();
        self.leaves.clear();
    }
}

/// H("ogpu/header/v1", worker ‖ SCALE(work, n_in, n_out, finish)): leaf 0.
pub fn header_leaf(worker: &[u8; 32], work: &WorkKey, n_in: u32, n_out: u32, finish: FinishReason) -> H256 {
    tagged_hash(b"ogpu/header/v1", &(worker, work, n_in, n_out, finish).encode())
}

/// H("ogpu/ids/v1", worker ‖ SCALE(work, chunk, ids)): the part of a chunk's leaf that opens without the
/// sketch.
pub fn ids_hash(worker: &[u8; 32], work: &WorkKey, chunk: u32, ids: &[u32]) -> H256 {
    tagged_hash(b"ogpu/ids/v1", &(worker, work, chunk, ids).encode())
}

/// H("ogpu/chunk/v1", [`ids_hash`] ‖ sketch hash ‖ root of hidden vectors): the leaf of one chunk.
pub fn chunk_leaf(ids_hash: &H256, evidence: &ChunkEvidence) -> H256 {
    tagged_hash(
        b"ogpu/chunk/v1",
        &(ids_hash, evidence.sketch, evidence.hidden).encode(),
    )
}

/// All leaves of a text output in their order; `evidence` holds one entry a chunk, [`ChunkEvidence::missing`]
/// where it ends early.
pub fn generate_leaves(
    worker: &[u8; 32],
    work: &WorkKey,
    ids: &[u32],
    n_in: u32,
    finish: FinishReason,
    evidence: &[ChunkEvidence],
) -> Vec<H256> {
    let header = header_leaf(worker, work, n_in, ids.len() as u32, finish);
    let chunks = ids.chunks(CHUNK_TOKENS).enumerate().map(|(index, chunk)| {
        let evidence = evidence
            .get(index)
            .copied()
            .unwrap_or_else(ChunkEvidence::missing);
        chunk_leaf(&ids_hash(worker, work, index as u32, chunk), &evidence)
    });
    core::iter::once(header).chain(chunks).collect()
}

/// The root that commits to a text output whose numeric evidence is missing.
///
/// `ids` are the output's token ids, the end token included when one was sampled and billed.
pub fn commitment_root(
    worker: &[u8; 32],
    work: &WorkKey,
    ids: &[u32],
    n_in: u32,
    finish: FinishReason,
) -> H256 {
    merkle::root(&generate_leaves(worker, work, ids, n_in, finish, &[]))
}

/// The root that commits to an embedding: a header of no output tokens, and
/// H("ogpu/vector/v1", worker ‖ SCALE(work, bytes)) of the vector's f32 values, little-endian.
pub fn embedding_root(worker: &[u8; 32], work: &WorkKey, vector_le_bytes: &[u8], n_in: u32) -> H256 {
    let header = header_leaf(worker, work, n_in, 0, FinishReason::Complete);
    let vector = tagged_hash(b"ogpu/vector/v1", &(worker, work, vector_le_bytes).encode());
    merkle::root(&[header, vector])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORK: WorkKey = WorkKey {
        job: H256([7; 32]),
        segment: 0,
        attempt: 0,
    };
    const WORKER: [u8; 32] = [1; 32];

    fn root_of(ids: &[u32]) -> H256 {
        commitment_root(&WORKER, &WORK, ids, 5, FinishReason::Stop)
    }

    #[test]
    fn commitment_root_should_differ_when_any_bound_value_differs() {
        let ids: Vec<u32> = (0..70).collect();
        let base = root_of(&ids);
        let other_attempt = WorkKey { attempt: 1, ..WORK };
        let other_segment = WorkKey { segment: 1, ..WORK };
        let other_job = WorkKey {
            job: H256([8; 32]),
            ..WORK
        };
        let finish = FinishReason::Stop;
        assert_ne!(base, commitment_root(&[2; 32], &WORK, &ids, 5, finish));
        assert_ne!(base, commitment_root(&WORKER, &other_attempt, &ids, 5, finish));
        assert_ne!(base, commitment_root(&WORKER, &other_segment, &ids, 5, finish));
        assert_ne!(base, commitment_root(&WORKER, &other_job, &ids, 5, finish));
        assert_ne!(base, commitment_root(&WORKER, &WORK, &ids, 6, finish));
        assert_ne!(
            base,
            commitment_root(&WORKER, &WORK, &ids, 5, FinishReason::Length)
        );
    }

    #[test]
    fn commitment_root_should_have_a_leaf_for_each_chunk_when_the_last_is_short() {
        for (tokens, leaves) in [(0, 1), (1, 2), (32, 2), (33, 3), (64, 3), (65, 4)] {
            let ids: Vec<u32> = (0..tokens).collect();
            assert_eq!(
                generate_leaves(&WORKER, &WORK, &ids, 5, FinishReason::Stop, &[]).len(),
                leaves
            );
        }
    }

    #[test]
    fn chunk_should_open_under_the_root_when_its_path_is_given() {
        let ids: Vec<u32> = (0..100).collect();
        let leaves = generate_leaves(&WORKER, &WORK, &ids, 5, FinishReason::Stop, &[]);
        let leaf = chunk_leaf(
            &ids_hash(&WORKER, &WORK, 2, &ids[64..96]),
            &ChunkEvidence::missing(),
        );
        let path = merkle::proof(&leaves, 3).unwrap();
        assert!(merkle::verify(
            &root_of(&ids),
            &leaf,
            3,
            leaves.len() as u32,
            &path
        ));
    }

    #[test]
    fn embedding_root_should_differ_when_one_bit_of_the_vector_differs() {
        let base = embedding_root(&WORKER, &WORK, &[0; 8], 3);
        assert_ne!(base, embedding_root(&WORKER, &WORK, &[0, 0, 0, 0, 0, 0, 0, 1], 3));
        assert_ne!(base, embedding_root(&[2; 32], &WORK, &[0; 8], 3));
        assert_ne!(base, embedding_root(&WORKER, &WORK, &[0; 8], 4));
    }

    proptest! {
        #[test]
        fn commitment_root_should_differ_when_a_token_differs(
            ids in proptest::collection::vec(any::<u32>(), 1..100), at in any::<usize>(), change in 1..u32::MAX,
        ) {
            let mut other = ids.clone();
            let at = at % ids.len();
            other[at] ^= change;
            prop_assert_ne!(root_of(&ids), root_of(&other));
            prop_assert_ne!(root_of(&ids), root_of(&ids[..ids.len() - 1]));
        }
    }
}
