//! Tests of the running sums, above all of the bound that they promise.

use super::*;
use crate::{
    evidence::{chunk_count, chunk_len, ChunkRecord},
    ChunkSketch, NumericProfile,
};
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use rand_chacha::{
    rand_core::{RngCore, SeedableRng},
    ChaCha8Rng,
};
use sp_core::H256;

const ONE: u128 = 1 << CAPITAL_BITS;

/// A value of mean 100: rare and large, as honest margins are, or steady.
fn honest(words: &mut ChaCha8Rng, kind: u64) -> u64 {
    let word = words.next_u32();
    match kind {
        0 => 100,
        1 => u64::from(word % 201),
        2 if word.is_multiple_of(10) => 1_000,
        3 if word.is_multiple_of(100) => 10_000,
        _ => 0,
    }
}

#[test]
fn honest_lives_should_reach_a_capital_no_more_often_than_its_inverse() {
    // The mean is exactly the declared one, the worst that the assumption allows. The capital that bounds the
    // chance of 1/20 is looked at instead of 1000, so that a wrong bound would show in this many lives.
    let (lives, steps, least) = (2_000, 500, 20 * ONE);
    for kind in 0..4 {
        let mut words = ChaCha8Rng::seed_from_u64(kind);
        let mut crossed = 0;
        for _ in 0..lives {
            let mut sum = RunningSum::default();
            let mut seen = false;
            for _ in 0..steps {
                sum.add(honest(&mut words, kind), 100);
                seen |= sum.total() >= least;
            }
            crossed += u32::from(seen);
        }
        assert!(crossed <= lives / 20, "kind {kind}: {crossed} of {lives}");
    }
}

#[test]
fn bound_should_be_needed_when_the_mean_is_above_the_declared_one() {
    // The same simulation must see what breaks the assumption, or it would prove nothing.
    let mut words = ChaCha8Rng::seed_from_u64(9);
    let mut crossed = 0;
    for _ in 0..100 {
        let mut sum = RunningSum::default();
        (0..2_000).for_each(|_| {
            sum.add(2 * honest(&mut words, 2), 100);
        });
        crossed += u32::from(sum.level() >= Level::PrecisionDiffers);
    }
    assert!(crossed > 95, "{crossed}");
}

#[test]
fn sum_should_see_a_change_when_it_comes_after_a_long_honest_life() {
    let mut words = ChaCha8Rng::seed_from_u64(3);
    let mut old = RunningSum::default();
    for _ in 0..20_000 {
        old.add(honest(&mut words, 2) / 2, 100);
    }
    assert_eq!(old.level(), Level::Quiet);
    let chunks = (1..10_000).find(|_| old.add(300, 100) == Level::Remove);
    // Three times the mean: ln(1 + ¾·2) a chunk against ln 10⁹ and twice ln of the age.
    assert!(chunks.is_some_and(|chunks| chunks < 60), "{chunks:?}");
}

#[test]
fn level_should_rise_in_order_and_never_fall() {
    let mut sum = RunningSum::default();
    let mut levels = vec![Level::Quiet];
    for _ in 0..200 {
        levels.push(sum.add(250, 100));
    }
    assert!(levels.is_sorted());
    levels.dedup();
    assert_eq!(
        levels,
        [
            Level::Quiet,
            Level::RaiseAudits,
            Level::PrecisionDiffers,
            Level::Remove
        ]
    );
    (0..1_000).for_each(|_| {
        sum.add(0, 100);
    });
    assert_eq!(sum.level(), Level::Remove);
    assert!(sum.capital_milli() < 1_000);
}

#[test]
fn one_observation_should_not_remove_when_it_is_absurd() {
    let mut sum = RunningSum::default();
    // 2¹⁵ times the mean at the most, and half of the weight in the first bet.
    assert_eq!(sum.add(u64::MAX, 1), Level::RaiseAudits);
}

#[test]
fn sum_should_leave_out_observations_without_a_mean_and_saturate() {
    let mut sum = RunningSum::default();
    assert_eq!(sum.add(5, 0), Level::Quiet);
    assert_eq!(sum.observations(), 0);
    (0..100).for_each(|_| {
        sum.add(u64::MAX, u64::MAX);
        sum.add(u64::MAX, 1);
    });
    assert!(sum.capital.iter().all(|capital| *capital <= CAPITAL_LIMIT));
}

#[test]
fn start_weights_should_not_exceed_one_together() {
    let total: u128 = (1..=100_000).map(start_weight).sum();
    assert!(total <= ONE && total > ONE - ONE / 50_000);
    assert_eq!(start_weight(u32::MAX), 0);
}

#[test]
fn soft_sums_should_take_every_chunk_and_the_audits_sketches() {
    let params = ProfileParams::starting(NumericProfile::A8);
    let audit = |margin: u32, tokens: u32| {
        let records: Vec<ChunkRecord> = (0..chunk_count(tokens))
            .map(|chunk| ChunkRecord {
                sketch: ChunkSketch::from_tokens(&vec![[1; 8]; chunk_len(tokens, chunk)]).unwrap(),
                hidden: H256::zero(),
            })
            .collect();
        GenerateReport::new(&vec![margin; tokens as usize], records, true, false, &params).unwrap()
    };
    let apart = |squares| Difference {
        squares,
        reference: 1_000_000,
    };
    // U of 2 a token with a declared mean of 2.5, e² of 0.01 with 0.012: quiet for ever.
    let mut sums = SoftSums::default();
    for _ in 0..500 {
        assert_eq!(
            sums.add_audit(&audit(2 << 10, 70), &apart(10_000), &params),
            Level::Quiet
        );
    }
    assert_eq!(
        (sums.tokens.observations(), sums.sketches.observations()),
        (1_500, 500)
    );
    // U of 5 a token: the tokens alone show it, within some audits of 8 chunks.
    let mut sums = SoftSums::default();
    let audits =
        (1..100).find(|_| sums.add_audit(&audit(5 << 10, 256), &apart(10_000), &params) == Level::Remove);
    assert!(audits.is_some_and(|audits| audits <= 8), "{audits:?}");
    assert_eq!(sums.sketches.level(), Level::Quiet);
    // e² of 0.036: the sketches alone.
    let mut sums = SoftSums::default();
    let audits = (1..200).find(|_| sums.add_audit(&audit(0, 256), &apart(36_000), &params) == Level::Remove);
    assert!(audits.is_some_and(|audits| audits < 60), "{audits:?}");
    assert_eq!(sums.tokens.level(), Level::Quiet);
    // Nothing shown says nothing.
    let before = sums.sketches;
    sums.add_audit(&audit(0, 32), &Difference::default(), &params);
    assert_eq!(sums.sketches, before);
}

#[test]
fn soft_sums_should_be_small_in_storage() {
    assert_eq!(SoftSums::max_encoded_len(), 2 * (3 * 16 + 4 + 1));
}

proptest! {
    #[test]
    fn factor_should_have_a_mean_of_at_most_one_when_the_value_has_the_declared_mean(
        low in 0u64..1_000_000, high in 0u64..1_000_000_000, mean in 1u64..1_000_000,
    ) {
        // The two-point distributions of this mean are the extreme ones; their average must not exceed 1.
        let (low, high) = (u128::from(low.min(mean)), u128::from(high.max(mean)));
        for fraction in FRACTIONS_16 {
            let at = |value: u128| factor(value as u64, mean, fraction);
            if low == high {
                prop_assert!(at(low) <= 1 << FACTOR_BITS);
            } else {
                let (mean, width) = (u128::from(mean), high - low);
                let average = at(low) * (high - mean) + at(high) * (mean - low);
                prop_assert!(average <= width << FACTOR_BITS);
            }
        }
    }
}
