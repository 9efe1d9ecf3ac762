//! Tests of the jury's sketch. Vectors of an independent implementation are in `tests/vectors.rs`.

use super::*;
use crate::NumericProfile;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;

const KEY: H256 = H256([7; 32]);
const PARAMS: ProfileParams = ProfileParams::starting(NumericProfile::A8);

/// A juror's sketch of states that are all of the bf16 number `bits` but for the first dimension's.
fn computed(key: &H256, n_out: u32, bits: u16) -> ChunkSketch {
    let table = WhiteningTable::unit(64).unwrap();
    let mut sketcher = JurySketcher::new(key, n_out, PARAMS.sketch_units);
    for position in 0..n_out {
        // ±1 by position and dimension, and one dimension that tells the jurors apart.
        let mut hidden: Vec<u16> = (0..64)
            .map(|i| {
                if (i * 7 + position) % 3 == 0 {
                    0x3f80
                } else {
                    0xbf80
                }
            })
            .collect();
        hidden[0] = bits;
        sketcher.push(&table, position, &hidden).unwrap();
    }
    sketcher.finish().unwrap()
}

#[test]
fn sketch_should_be_the_same_only_under_the_same_key() {
    assert_eq!(computed(&KEY, 100, 0), computed(&KEY, 100, 0));
    assert_ne!(computed(&KEY, 100, 0), computed(&H256([8; 32]), 100, 0));
    assert_eq!(computed(&KEY, 100, 0).tokens(), 32);
    assert_eq!(computed(&KEY, 9, 0).tokens(), 9);
}

#[test]
fn sketch_should_be_missing_when_a_token_is() {
    let table = WhiteningTable::unit(1).unwrap();
    let mut sketcher = JurySketcher::new(&KEY, 3, 256);
    for position in [0, 2] {
        sketcher.push(&table, position, &[0x3f80]).unwrap();
    }
    assert_eq!(sketcher.finish(), None);
    // Of no tokens there is an empty one.
    assert_eq!(
        JurySketcher::new(&KEY, 0, 256).finish(),
        Some(ChunkSketch::default())
    );
}

#[test]
fn votes_should_count_only_of_jurors_who_computed_what_most_did() {
    let (honest, near, lazy) = (
        computed(&KEY, 64, 0x3f80),
        computed(&KEY, 64, 0x3f00),
        ChunkSketch::from_sums(vec![0; 256]).unwrap(),
    );
    let other_key = computed(&H256([9; 32]), 64, 0x3f80);
    let shared = |sketches: &[Option<&ChunkSketch>]| shared_by_most(sketches, &PARAMS);
    // Half a unit in one of 64 dimensions is no difference.
    assert_eq!(shared(&[Some(&honest), Some(&near)]), [true, true]);
    assert_eq!(
        shared(&[Some(&honest), Some(&lazy), Some(&near)]),
        [true, false, true]
    );
    assert_eq!(
        shared(&[Some(&honest), None, Some(&near), Some(&other_key)]),
        [false; 4],
        "two of four are not most"
    );
    assert_eq!(
        shared(&[None, None, Some(&honest)]),
        [true, true, false],
        "most find a result that no honest worker commits to"
    );
    assert_eq!(shared(&[Some(&lazy)]), [true]);
    assert_eq!(shared(&[]), [false; 0]);
}

#[test]
fn votes_should_not_count_when_lengths_differ() {
    let (long, short) = (computed(&KEY, 64, 0), computed(&KEY, 9, 0));
    assert_eq!(shared_by_most(&[Some(&long), Some(&short)], &PARAMS), [false; 2]);
}

proptest! {
    #[test]
    fn positions_should_be_one_in_each_part(key in any::<[u8; 32]>(), n_out in 0u32..9_000) {
        let found = positions(&H256(key), n_out);
        prop_assert_eq!(found.len(), sketched_tokens(n_out));
        let parts = found.len() as u32;
        for (part, position) in (0u32..).zip(&found) {
            prop_assert!(part * n_out / parts <= *position && *position < (part + 1) * n_out / parts);
        }
    }

    #[test]
    fn majority_should_be_of_one_mind(votes in proptest::collection::vec(0u8..3, 0..22)) {
        let kinds = [computed(&KEY, 32, 0x3f80), computed(&H256([1; 32]), 32, 0), computed(&H256([2; 32]), 32, 0)];
        let sketches: Vec<_> = votes.iter().map(|vote| Some(&kinds[usize::from(*vote)])).collect();
        let shared = shared_by_most(&sketches, &PARAMS);
        for (vote, shared) in votes.iter().zip(shared) {
            let same = votes.iter().filter(|other| *other == vote).count();
            prop_assert_eq!(shared, 2 * same > votes.len());
        }
    }
}
