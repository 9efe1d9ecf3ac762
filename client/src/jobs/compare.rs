//! Two answers to one request, compared as an auditor compares: by their outputs and by the arithmetic behind them.
//!
//! Honest machines may part at a token where two choices are nearly equal, and from there on write different texts. So
//! different tokens alone say little. What tells a cheat is the arithmetic up to there: sketches of the hidden states,
//! which the client asks both workers for under a key that only they know.

use crate::sealed::OutputMessage;
use ogpu_primitives::{
    difference::Difference, embedding, evidence::CHUNK_TOKENS, sketch::SUMS, CheckTerms, ChunkSketch,
    ProfileParams,
};

/// How two answers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The first token, or value of an embedding, that is not the same in both, from 0; `None` when the outputs are
    /// equal.
    pub first_difference: Option<u32>,
    /// The arithmetic behind what is the same in both.
    pub arithmetic: Arithmetic,
}

/// How far the arithmetic of two answers is apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// As little as between honest machines: e in 1/1000.
    Near { e_milli: u32 },
    /// Further than an audit lets pass: e in 1/1000.
    Apart { e_milli: u32 },
    /// Nothing to go by.
    Unknown(Unknown),
}

/// Why the arithmetic of two answers cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They differ from the first token on, or are empty.
    NothingInCommon,
    /// A worker sent no sketches, or some that do not fit its text.
    NoSketches,
    /// They were assigned under different terms: the model's thresholds or its whitening table changed in between.
    OtherTerms,
}

impl Comparison {
    /// Whether one of the two answers is likely wrong, so that neither should be accepted unseen: the arithmetic is
    /// apart, or the outputs differ and nothing excuses it.
    pub fn is_in_doubt(&self) -> bool {
        match self.arithmetic {
            Arithmetic::Near { .. } => false,
            Arithmetic::Apart { .. } => true,
            Arithmetic::Unknown(_) => self.first_difference.is_some(),
        }
    }
}

/// Compares two answers to one request. `terms` are those that each was assigned under.
pub fn compare(first: (&OutputMessage, &CheckTerms), second: (&OutputMessage, &CheckTerms)) -> Comparison {
    let ((first, terms), (second, other_terms)) = (first, second);
    let first_difference = first_difference(first, second);
    let comparable = terms.params == other_terms.params && terms.whitened == other_terms.whitened;
    let found = match comparable {
        true => arithmetic(first, second, &terms.params),
        false => Err(Unknown::OtherTerms),
    };
    Comparison {
        first_difference,
        arithmetic: found.unwrap_or_else(Arithmetic::Unknown),
    }
}

fn first_difference(first: &OutputMessage, second: &OutputMessage) -> Option<u32> {
    let (first, second) = match (first, second) {
        (OutputMessage::Tokens { ids: first, .. }, OutputMessage::Tokens { ids: second, .. })
        | (OutputMessage::Vector(first), OutputMessage::Vector(second)) => (first, second),
        _ => return Some(0),
    };
    let common = common(first, second);
    (common < first.len().max(second.len())).then_some(common as u32)
}

/// How many items from the start are the same.
fn common(first: &[u32], second: &[u32]) -> usize {
    first.iter().zip(second).take_while(|(a, b)| a == b).count()
}

fn arithmetic(
    first: &OutputMessage,
    second: &OutputMessage,
    params: &ProfileParams,
) -> Result<Arithmetic, Unknown> {
    let (difference, apart) = match (first, second) {
        (
            OutputMessage::Tokens { ids, comparison, .. },
            OutputMessage::Tokens {
                ids: other_ids,
                comparison: other,
                ..
            },
        ) => states_apart(comparison, other, common(ids, other_ids), params)?,
        (OutputMessage::Vector(first), OutputMessage::Vector(second)) => {
            let bytes =
                |bits: &[u32]| -> Vec<u8> { bits.iter().flat_map(|bits| bits.to_le_bytes()).collect() };
            let difference =
                embedding::difference(&bytes(second), &bytes(first)).map_err(|_| Unknown::NothingInCommon)?;
            (
                difference,
                embedding::exceeds(&difference, params.embed_tolerance_ppm),
            )
        }
        _ => return Err(Unknown::NothingInCommon),
    };
    let e_milli = difference.e_milli();
    Ok(match apart {
        true => Arithmetic::Apart { e_milli },
        false => Arithmetic::Near { e_milli },
    })
}

/// How far the hidden states of the first `common` tokens are apart, judged as those of an output of that length.
fn states_apart(
    first: &[ChunkSketch],
    second: &[ChunkSketch],
    common: usize,
    params: &ProfileParams,
) -> Result<(Difference, bool), Unknown> {
    if common == 0 {
        return Err(Unknown::NothingInCommon);
    }
    let (mut total, mut apart) = (Difference::default(), false);
    for chunk in 0..common.div_ceil(CHUNK_TOKENS) {
        let tokens = (common - chunk * CHUNK_TOKENS).min(CHUNK_TOKENS);
        let sketch_of = |sketches: &[ChunkSketch]| beginning(sketches.get(chunk)?, tokens);
        let difference = sketch_of(second)
            .zip(sketch_of(first))
            .and_then(|(sketch, reference)| Difference::between(&sketch, &reference, params.kept_of_32))
            .ok_or(Unknown::NoSketches)?;
        apart |= params.chunk_differs(&difference);
        total = total.plus(difference);
    }
    Ok((total, apart || params.output_differs(&total)))
}

/// The sums of a chunk's first `tokens` tokens; `None` when it has fewer.
fn beginning(sketch: &ChunkSketch, tokens: usize) -> Option<ChunkSketch> {
    let sums = sketch.sums().get(..tokens.checked_mul(SUMS)?)?;
    ChunkSketch::from_sums(sums.to_vec())
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
