//! Sketches in text, and their comparison with an auditor's.

use crate::lines::Evidence;
use anyhow::{anyhow, Result};
use ogpu_primitives::{
    difference::Difference, evidence::ChunkRecord, judge, AuditReport, ChunkSketch, ProfileParams, Shown,
};

/// Sketches in hex.
pub fn to_hex(records: &[ChunkRecord]) -> Vec<String> {
    records
        .iter()
        .map(|record| hex::encode(record.sketch.to_bytes()))
        .collect()
}

/// Sketches from hex.
pub fn from_hex(sketches: &[String]) -> Result<Vec<ChunkSketch>> {
    sketches
        .iter()
        .map(|sketch| ChunkSketch::from_bytes(&hex::decode(sketch)?).ok_or_else(|| anyhow!("not a sketch")))
        .collect()
}

/// The first `tokens` tokens of an output's sketches; `None` when there are not that many.
pub fn first_tokens(sketches: &[ChunkSketch], tokens: usize) -> Option<Vec<ChunkSketch>> {
    let sums: Vec<i16> = sketches.iter().flat_map(ChunkSketch::sums).copied().collect();
    let sums = sums.get(..tokens * ogpu_primitives::sketch::SUMS)?;
    sums.chunks(ogpu_primitives::sketch::CHUNK_SUMS as usize)
        .map(|chunk| ChunkSketch::from_sums(chunk.to_vec()))
        .collect()
}

/// What the chain would say if the worker showed all of `sketches`.
pub fn compare(
    report: &AuditReport,
    sketches: &[ChunkSketch],
    thresholds: &ProfileParams,
) -> Result<Evidence> {
    let AuditReport::Generate(found) = report else {
        return Err(anyhow!("not a text"));
    };
    let n_out = found
        .chunks
        .iter()
        .map(|chunk| chunk.sketch.tokens())
        .sum::<usize>() as u32;
    let shown: Vec<(u32, &ChunkSketch)> = (0u32..).zip(sketches).collect();
    let findings =
        judge(report, Shown::Generate(&shown), thresholds, n_out).map_err(|error| anyhow!("{error:?}"))?;
    let chunks = sketches
        .iter()
        .zip(&found.chunks)
        .map(|(worker, auditor)| {
            Difference::between(worker, &auditor.sketch, thresholds.kept_of_32)
                .map(|difference| (difference.squares, difference.reference))
                .ok_or_else(|| anyhow!("sketches of different lengths"))
        })
        .collect::<Result<_>>()?;
    Ok(Evidence { chunks, findings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::sketch::SUMS;

    fn sketches(tokens: usize) -> Vec<ChunkSketch> {
        let sums: Vec<i16> = (0..tokens * SUMS).map(|i| i as i16).collect();
        sums.chunks(32 * SUMS)
            .filter_map(|chunk| ChunkSketch::from_sums(chunk.to_vec()))
            .collect()
    }

    #[test]
    fn first_tokens_should_be_those_of_a_shorter_output() {
        let all = sketches(100);
        for tokens in [1, 31, 32, 33, 64, 100] {
            assert_eq!(first_tokens(&all, tokens), Some(sketches(tokens)), "{tokens}");
        }
        assert_eq!(first_tokens(&all, 101), None);
    }

    #[test]
    fn from_hex_should_refuse_when_the_text_is_no_sketch() {
        let good: Vec<String> = sketches(40)
            .iter()
            .map(|sketch| hex::encode(sketch.to_bytes()))
            .collect();
        assert_eq!(from_hex(&good).expect("sketches"), sketches(40));
        assert!(from_hex(&["00".into()]).is_err());
        assert!(from_hex(&["zz".into()]).is_err());
    }
}
