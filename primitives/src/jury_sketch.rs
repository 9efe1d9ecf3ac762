//! What shows that a juror computed: a sketch of states that nobody has shown before (`verification.md` 3).
//!
//! When a jury sits, the worker's sketches and the auditors' reports can be read on chain, so a juror could vote
//! without computing. Each jury therefore has a key, drawn after all of that was bound. It names at most 32 output
//! tokens and fresh ±1 signs; the sums of their final hidden states under these signs cannot be made out of sums under
//! other ones. Jurors put them into the report that they commit to, and once all are open they are compared with each
//! other, never with the worker's: a vote counts where more than half of the jurors who reported have the same.

use crate::{
    difference::Difference,
    evidence::CHUNK_TOKENS,
    hash::tagged_hash,
    profile::ProfileParams,
    sketch::{ChunkSketch, Sketcher, TokenSketch},
    whitening::{HiddenError, WhiteningTable},
};
use alloc::vec::Vec;
use codec::Encode;
use rand_chacha::{
    rand_core::{RngCore, SeedableRng},
    ChaCha8Rng,
};
use sp_core::H256;

/// How many tokens a jury's sketch covers of an output of `n_out` tokens.
pub fn sketched_tokens(n_out: u32) -> usize {
    (n_out as usize).min(CHUNK_TOKENS)
}

/// The positions that a jury's sketch covers, in rising order: one in each of [`sketched_tokens`] equal parts of the
/// output, drawn by the ChaCha8 stream of H("ogpu/jtokens/v1", key).
pub fn positions(key: &H256, n_out: u32) -> Vec<u32> {
    let parts = sketched_tokens(n_out) as u64;
    let mut stream = ChaCha8Rng::from_seed(tagged_hash(b"ogpu/jtokens/v1", &key.encode()).0);
    // A part's begin; no product reaches 2³⁸.
    let begin = |part: u64| part * u64::from(n_out) / parts;
    (0..parts)
        .map(|part| {
            let length = begin(part + 1) - begin(part);
            let within = (u64::from(stream.next_u32()) * length) >> 32;
            (begin(part) + within) as u32
        })
        .collect()
}

/// Makes a juror's sketch, of one output token after another.
#[derive(Clone, Debug)]
pub struct JurySketcher {
    sketcher: Sketcher,
    /// Positions still to come, the next one last.
    ahead: Vec<u32>,
    sums: Vec<TokenSketch>,
}

impl JurySketcher {
    /// `key` is the jury's, `n_out` the committed number of output tokens, `units` the profile's `sketch_units`.
    pub fn new(key: &H256, n_out: u32, units: u16) -> Self {
        let mut ahead = positions(key, n_out);
        ahead.reverse();
        Self {
            sketcher: Sketcher::with_key(tagged_hash(b"ogpu/jsigns/v1", &key.encode()), units),
            ahead,
            sums: Vec::with_capacity(CHUNK_TOKENS),
        }
    }

    /// Takes the final hidden state whose logits chose the token at `position`, as bf16 bits, if the jury's sketch
    /// covers it. Positions must come in rising order.
    pub fn push(&mut self, table: &WhiteningTable, position: u32, hidden: &[u16]) -> Result<(), HiddenError> {
        if self.ahead.last() == Some(&position) {
            self.sums.push(self.sketcher.token(table, position, hidden)?);
            self.ahead.pop();
        }
        Ok(())
    }

    /// The sketch; `None` when a token that it has to cover did not come.
    pub fn finish(self) -> Option<ChunkSketch> {
        self.ahead
            .is_empty()
            .then(|| ChunkSketch::from_tokens(&self.sums))
            .flatten()
    }
}

/// Which of a jury's reports carry what most of its jurors computed, in the order of `sketches`: one for each juror
/// that reported, `None` where its report has no sketch.
///
/// A report does when more than half of all have the same as it, itself among them. At most n·(n−1)/2 comparisons.
pub fn shared_by_most(sketches: &[Option<&ChunkSketch>], params: &ProfileParams) -> Vec<bool> {
    let mut same = alloc::vec![1usize; sketches.len()];
    for (at, sketch) in sketches.iter().enumerate() {
        for (before, other) in sketches.iter().enumerate().take(at) {
            if are_same(*sketch, *other, params) {
                same[at] += 1;
                same[before] += 1;
            }
        }
    }
    same.into_iter().map(|same| 2 * same > sketches.len()).collect()
}

/// Whether two jurors computed the same: neither lies too far from the other. Without sketches they do: the kind of
/// job has none, or both found a result that no honest worker commits to.
fn are_same(one: Option<&ChunkSketch>, other: Option<&ChunkSketch>, params: &ProfileParams) -> bool {
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return one.is_none() && other.is_none(),
    };
    let is_near = |a: &ChunkSketch, b: &ChunkSketch| {
        Difference::between(a, b, params.kept_of_32).is_some_and(|found| !params.chunk_differs(&found))
    };
    is_near(one, other) && is_near(other, one)
}

#[cfg(test)]
#[path = "jury_sketch_tests.rs"]
mod tests;
