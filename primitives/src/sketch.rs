//! A few signed sums of each token's final hidden state, which identify the arithmetic (`verification.md` 2).
//!
//! For the token at `position` the whitened state ([`crate::whitening`]) is summed eight times with ±1 signs:
//! dimension i of sum j is negative when bit j of byte i of the ChaCha8 stream `position` (64-bit counter and
//! 64-bit stream, as djb's) is set, under the key H("ogpu/signs/v1", seed ‖ job). The sum S of d values in
//! 1/4096 is stored as
//!
//! ⌊S · units · 16 / ⌊√d·2¹⁶⌋ + ½⌋, cut to ±32,767:
//!
//! about normal with a deviation of `units`, the profile's grid. The state enters as bf16, the form in which
//! its Merkle leaf commits to it, so that an opened vector gives exactly the committed sketch. Rounding to
//! bf16 adds in quadrature about 0.0016 to e, more where a dimension's mean is many of its deviations.

use crate::{
    evidence::CHUNK_TOKENS,
    hash::tagged_hash,
    whitening::{HiddenError, WhiteningTable, WHITE_FRACTION_BITS},
    JobId,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use rand_chacha::{
    rand_core::{RngCore, SeedableRng},
    ChaCha8Rng,
};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Sums of a token.
pub const SUMS: usize = 8;

/// Sums of a full chunk.
pub const CHUNK_SUMS: u32 = (CHUNK_TOKENS * SUMS) as u32;

/// The sums of one token, in 1/`units`.
pub type TokenSketch = [i16; SUMS];

/// The sums of a chunk's tokens, [`SUMS`] a token in the order of the tokens; at most 512 bytes.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ChunkSketch(BoundedVec<i16, ConstU32<CHUNK_SUMS>>);

impl ChunkSketch {
    /// The sketch of a chunk of these tokens; `None` when there are more than [`CHUNK_TOKENS`].
    pub fn from_tokens(tokens: &[TokenSketch]) -> Option<Self> {
        BoundedVec::try_from(tokens.concat()).ok().map(Self)
    }

    /// The sketch of these sums; `None` when there are more than [`CHUNK_SUMS`].
    pub fn from_sums(sums: Vec<i16>) -> Option<Self> {
        BoundedVec::try_from(sums).ok().map(Self)
    }

    /// All sums.
    pub fn sums(&self) -> &[i16] {
        &self.0
    }

    /// Whole tokens that it covers.
    pub fn tokens(&self) -> usize {
        self.0.len() / SUMS
    }

    /// Whether it covers exactly `tokens` tokens.
    pub fn covers(&self, tokens: usize) -> bool {
        Some(self.0.len()) == tokens.checked_mul(SUMS)
    }

    /// The sums, each as two bytes, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|sum| sum.to_le_bytes()).collect()
    }

    /// The sketch of these bytes; `None` when they are not a whole number of tokens or more than a chunk's.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() % SUMS != 0 {
            return None;
        }
        Self::from_sums(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
    }

    /// H("ogpu/sketch/v1", [`Self::to_bytes`]): its part of the chunk's leaf.
    pub fn hash(&self) -> H256 {
        crate::evidence::sketch_hash(&self.to_bytes())
    }
}

/// Makes the sketches of one job's output. Its buffers are reused from token to token.
#[derive(Clone, Debug)]
pub struct Sketcher {
    key: H256,
    units: u16,
    white: Vec<i32>,
    signs: Vec<u8>,
}

impl Sketcher {
    /// `seed` is the sampler's, `units` the profile's `sketch_units`.
    pub fn new(seed: &H256, job: &JobId, units: u16) -> Self {
        Self::with_key(signs_key(seed, job), units)
    }

    /// With signs under a key that is not a job's.
    pub fn with_key(key: H256, units: u16) -> Self {
        Self {
            key,
            units,
            white: Vec::new(),
            signs: Vec::new(),
        }
    }

    /// The sums of the token at `position` (from 0), whose final hidden state `hidden` is given as bf16 bits.
    ///
    /// That state is the one whose logits chose the token, so position 0 is the state of the last input
    /// token.
    pub fn token(
        &mut self,
        table: &WhiteningTable,
        position: u32,
        hidden: &[u16],
    ) -> Result<TokenSketch, HiddenError> {
        table.whiten(hidden, &mut self.white)?;
        self.signs.resize(hidden.len(), 0);
        fill_signs(&self.key, position, &mut self.signs);
        let sums = signed_sums(&self.white, &self.signs);
        let root = root_q16(hidden.len());
        Ok(sums.map(|sum| on_grid(sum, root, self.units)))
    }
}

/// H("ogpu/signs/v1", seed ‖ job): the key of a job's signs.
pub fn signs_key(seed: &H256, job: &JobId) -> H256 {
    tagged_hash(b"ogpu/signs/v1", &(seed, job).encode())
}

/// The signs at `position`: one byte a dimension, bit j set where sum j takes it negative.
pub fn fill_signs(key: &H256, position: u32, signs: &mut [u8]) {
    let mut stream = ChaCha8Rng::from_seed(key.0);
    stream.set_stream(position.into());
    stream.fill_bytes(signs);
}

/// The eight signed sums.
fn signed_sums(white: &[i32], signs: &[u8]) -> [i32; SUMS] {
    const BITS: [i32; SUMS] = [1, 2, 4, 8, 16, 32, 64, 128];
    let mut sums = [0i32; SUMS];
    for (value, signs) in white.iter().zip(signs) {
        let signs = i32::from(*signs);
        // Eight equal lanes without a branch, which the compiler turns into vector instructions. The sums
        // fit: the bounds of a table's length and of a white value are chosen for that.
        for (sum, bit) in sums.iter_mut().zip(BITS) {
            let mask = -i32::from(signs & bit != 0);
            *sum = sum.wrapping_add((value ^ mask).wrapping_sub(mask));
        }
    }
    sums
}

/// ⌊√dimensions · 2¹⁶⌋.
fn root_q16(dimensions: usize) -> i64 {
    ((dimensions as u64) << 32).isqrt() as i64
}

/// Where a sum of white values lies on the grid.
fn on_grid(sum: i32, root_q16: i64, units: u16) -> i16 {
    // Below 2³¹ · 2¹⁶ · 2⁵.
    let numerator = (i64::from(sum) * i64::from(units)) << (16 - WHITE_FRACTION_BITS + 1);
    let root = root_q16.max(1);
    let rounded = (numerator + root).div_euclid(2 * root);
    rounded.clamp(-i64::from(i16::MAX), i64::from(i16::MAX)) as i16
}

#[cfg(test)]
#[path = "sketch_tests.rs"]
mod tests;
