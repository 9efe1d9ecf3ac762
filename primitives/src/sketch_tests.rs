//! Tests of the sketch. The vectors of an independent implementation are in `tests/vectors.rs`.

use super::*;
use crate::whitening::{MAX_DIMENSIONS, WHITE_LIMIT};
use alloc::vec;
use proptest::prelude::*;

const SEED: H256 = H256([1; 32]);
const JOB: JobId = H256([2; 32]);

fn sketch(units: u16, position: u32, hidden: &[u16]) -> TokenSketch {
    let table = WhiteningTable::unit(hidden.len() as u32).unwrap();
    Sketcher::new(&SEED, &JOB, units)
        .token(&table, position, hidden)
        .unwrap()
}

#[test]
fn signs_should_differ_when_seed_job_or_position_differ() {
    let signs = |seed, job, position| {
        let mut signs = [0; 64];
        fill_signs(
            &signs_key(&H256([seed; 32]), &H256([job; 32])),
            position,
            &mut signs,
        );
        signs
    };
    let base = signs(1, 2, 0);
    assert_eq!(base, signs(1, 2, 0));
    for other in [signs(2, 2, 0), signs(1, 1, 0), signs(1, 2, 1)] {
        assert_ne!(base, other);
    }
}

#[test]
fn sums_should_have_the_grid_as_their_deviation_when_the_state_is_white() {
    // ±1 in every dimension: each sum of d signs over √d has variance 1.
    let hidden: Vec<u16> = (0..640)
        .map(|i| if i % 3 == 0 { 0x3f80 } else { 0xbf80 })
        .collect();
    let (mut sum, mut squares, count) = (0.0, 0.0, 8.0 * 2_000.0);
    for position in 0..2_000 {
        for value in sketch(1_024, position, &hidden) {
            let value = f64::from(value) / 1_024.0;
            sum += value;
            squares += value * value;
        }
    }
    assert!((sum / count).abs() < 0.04);
    assert!((squares / count - 1.0).abs() < 0.05);
}

#[test]
fn sum_should_be_extreme_but_right_when_all_signs_agree_in_the_most_dimensions() {
    let (white, signs) = (
        vec![WHITE_LIMIT; MAX_DIMENSIONS as usize],
        vec![0; MAX_DIMENSIONS as usize],
    );
    let sums = signed_sums(&white, &signs);
    assert_eq!(sums, [WHITE_LIMIT * MAX_DIMENSIONS as i32; SUMS]);
    assert_eq!(on_grid(sums[0], root_q16(white.len()), 4_096), i16::MAX);
    assert_eq!(on_grid(-sums[0], root_q16(white.len()), 4_096), -i16::MAX);
    let sums = signed_sums(&white, &vec![0b0101_0101; white.len()]);
    assert_eq!(sums[0], -sums[1]);
}

#[test]
fn on_grid_should_round_halves_up() {
    // One dimension: √1; a sum of 4096 is one unit.
    let root = root_q16(1);
    for (sum, expected) in [
        (4_096, 1),
        (2_048, 1),
        (2_047, 0),
        (-2_048, 0),
        (-2_049, -1),
        (0, 0),
    ] {
        assert_eq!(on_grid(sum, root, 1), expected, "{sum}");
    }
}

#[test]
fn sketcher_should_refuse_when_the_hidden_state_is_not_usable_and_go_on_after_it() {
    let table = WhiteningTable::unit(4).unwrap();
    let mut sketcher = Sketcher::new(&SEED, &JOB, 1_024);
    let good = [0x3f80, 0x4000, 0xc000, 0x0000];
    let before = sketcher.token(&table, 5, &good);
    let refused = sketcher.token(&table, 6, &[0x3f80, 0x7fc0, 0, 0]);
    assert_eq!(refused, Err(HiddenError::NotFinite { dimension: 1 }));
    assert!(sketcher.token(&table, 6, &good[..3]).is_err());
    assert_eq!(sketcher.token(&table, 5, &good), before);
}

#[test]
fn chunk_sketch_should_be_512_bytes_when_full_and_refuse_more() {
    let full = ChunkSketch::from_tokens(&[[1; SUMS]; 32]).unwrap();
    assert_eq!(full.to_bytes().len(), 512);
    assert_eq!(full.tokens(), 32);
    assert!(full.covers(32) && !full.covers(31) && !full.covers(usize::MAX));
    assert_eq!(ChunkSketch::from_tokens(&[[1; SUMS]; 33]), None);
    assert_eq!(ChunkSketch::from_bytes(&[0; 528]), None);
    assert_eq!(ChunkSketch::from_bytes(&[0; 15]), None);
    assert_eq!(ChunkSketch::from_bytes(&[0; 14]), None);
    assert_eq!(ChunkSketch::from_bytes(&[]), Some(ChunkSketch::default()));
}

proptest! {
    #[test]
    fn sums_should_follow_the_formula(
        hidden in proptest::collection::vec(-20f32..20.0, 1..80), units in 16u16..=4_096, position in any::<u32>(),
    ) {
        let bits: Vec<u16> =
            hidden.iter().map(|value| crate::float_bits::bf16_from_f32(value.to_bits()).unwrap()).collect();
        let mut signs = vec![0; bits.len()];
        fill_signs(&signs_key(&SEED, &JOB), position, &mut signs);
        for (j, got) in sketch(units, position, &bits).into_iter().enumerate() {
            let sum: f64 = bits
                .iter()
                .zip(&signs)
                .map(|(bits, signs)| {
                    let value = f64::from(f32::from_bits(u32::from(*bits) << 16));
                    if (signs >> j) & 1 == 1 { -value } else { value }
                })
                .sum();
            let exact = (sum / (bits.len() as f64).sqrt() * f64::from(units)).clamp(-32_767.0, 32_767.0);
            // Half a step of the grid, and half a step of 1/4096 a dimension.
            let slack = 0.51 + 0.5 * (bits.len() as f64).sqrt() * f64::from(units) / 4_096.0;
            prop_assert!((f64::from(got) - exact).abs() <= slack, "{} against {}", got, exact);
        }
    }

    #[test]
    fn chunk_sketch_should_survive_its_bytes_and_scale(tokens in proptest::collection::vec(any::<[i16; SUMS]>(), 0..=32)) {
        let sketch = ChunkSketch::from_tokens(&tokens).unwrap();
        prop_assert_eq!(ChunkSketch::from_bytes(&sketch.to_bytes()), Some(sketch.clone()));
        prop_assert_eq!(ChunkSketch::decode(&mut &sketch.encode()[..]), Ok(sketch));
    }
}
