//! Tests of the running sums, above all of the bound that they promise.

use super::*;
use crate::{difference::Difference, NumericProfile, SoftReason};
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use rand_chacha::{
    rand_core::{RngCore, SeedableRng},
    ChaCha8Rng,
};

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
            sum.add(2 * honest(&mut words, 1), 100);
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
    assert_eq!(
        sum.present(),
        Level::Quiet,
        "where it stands falls with good results"
    );
}

#[test]
fn levels_should_take_several_results_when_each_is_absurd() {
    // 8 times the mean at the most: the largest fraction grows by 6.25 a result.
    let mut sum = RunningSum::default();
    let levels: Vec<_> = (0..14).map(|_| sum.add(u64::MAX, 1)).collect();
    let first = |level| levels.iter().position(|reached| *reached >= level);
    let results = [Level::RaiseAudits, Level::PrecisionDiffers, Level::Remove].map(first);
    assert_eq!(results, [Some(4), Some(8), Some(12)]);
}

#[test]
fn no_level_should_be_reached_when_accomplices_lie_about_one_result_in_nine() {
    for first in 0..9 {
        let mut sum = RunningSum::default();
        for result in 0..20_000 {
            sum.add(if result % 9 == first { u64::MAX } else { 0 }, 100);
        }
        assert_eq!(sum.level(), Level::Quiet);
    }
    // One in three would grow, if only both auditors of so many were theirs.
    let mut sum = RunningSum::default();
    for result in 0..200 {
        sum.add(if result % 3 == 0 { u64::MAX } else { 0 }, 100);
    }
    assert_eq!(sum.level(), Level::Remove);
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

/// Findings of an auditor that passed 256 tokens: Σ U, and e² in parts per million.
fn findings(u: u32, e2_ppm: u64) -> Findings {
    Findings {
        judgement: Judgement::Pass,
        difference: Difference {
            squares: e2_ppm,
            reference: 1_000_000,
        },
        e_milli: 0,
        worst_chunk: None,
        tokens: 256,
        u,
        x: 0,
        k: Some(12),
        b: 0,
    }
}

fn seen(auditors: &[Findings]) -> Option<Observation> {
    Observation::of(auditors.iter(), false)
}

#[test]
fn observation_should_take_the_lesser_of_each_figure_when_two_auditors_were_heard() {
    let both = seen(&[findings(700, 90), findings(500, 120)]).unwrap();
    assert_eq!((both.tokens, both.u, both.e2_ppm), (256, 500, Some(90)));
    assert!(!both.alone && !both.doubted && !both.picked);
    let one = seen(&[findings(700, 90)]).unwrap();
    assert_eq!((one.u, one.e2_ppm, one.alone), (700, Some(90), true));
    assert_eq!(seen(&[]), None);
}

#[test]
fn observation_should_say_nothing_of_embeddings_and_of_what_was_not_shown() {
    let embedding = Findings {
        tokens: 0,
        ..findings(0, 90)
    };
    assert_eq!(seen(&[embedding; 2]), None);
    let nothing = Findings {
        difference: Difference::default(),
        ..findings(5, 0)
    };
    assert_eq!(seen(&[findings(5, 90), nothing]).unwrap().e2_ppm, None);
}

#[test]
fn result_should_be_doubted_only_when_both_auditors_do() {
    let soft = Findings {
        judgement: Judgement::Soft(SoftReason::EarlyStop),
        ..findings(5, 0)
    };
    assert!(seen(&[soft; 2]).unwrap().doubted);
    assert!(!seen(&[soft, findings(5, 0)]).unwrap().doubted);
    assert!(!seen(&[soft]).unwrap().doubted, "one auditor's word");
}

#[test]
fn excess_should_count_not_at_all_of_one_auditor_and_half_when_the_client_could_pick() {
    let two = seen(&[findings(5, 0); 2]).unwrap();
    let one = seen(&[findings(5, 0)]).unwrap();
    let picked = Observation { picked: true, ..two };
    for (value, expected) in [(60, (60, 60, 60)), (100, (100, 100, 100)), (161, (161, 100, 130))] {
        let counts = (
            two.counts(value, 100),
            one.counts(value, 100),
            picked.counts(value, 100),
        );
        assert_eq!(counts, expected);
    }
}

#[test]
fn soft_sums_should_show_each_deviation_alone_and_be_quiet_without() {
    let params = ProfileParams::starting(NumericProfile::A8);
    let life = |u: u32, e2_ppm: u64, results: u32| {
        let mut sums = SoftSums::default();
        let observation = seen(&[findings(u, e2_ppm); 2]).unwrap();
        let removed = (1..=results).find(|_| sums.add(&observation, &params) == Level::Remove);
        (sums, removed)
    };
    // U of 2 a token with a declared mean of 2.5, e² of 0.01 with 0.012: quiet for ever.
    let (sums, removed) = life(512, 10_000, 5_000);
    assert_eq!((sums.level(), removed), (Level::Quiet, None));
    assert_eq!(
        (sums.tokens.observations(), sums.sketches.observations()),
        (5_000, 5_000)
    );
    // U of 7.5 a token: the tokens alone.
    let (sums, removed) = life(7 * 256 + 128, 10_000, 100);
    assert!(removed.is_some_and(|results| results < 40), "{removed:?}");
    assert_eq!(
        (sums.present(), sums.sketches.level()),
        (Level::Remove, Level::Quiet)
    );
    // e² of 0.036: the sketches alone.
    let (sums, removed) = life(0, 36_000, 100);
    assert!(removed.is_some_and(|results| results < 40), "{removed:?}");
    assert_eq!(sums.tokens.level(), Level::Quiet);
}

#[test]
fn soft_sums_should_remove_eight_bit_copies_and_no_honest_work() {
    // Honest e² has the declared mean and is as rare and large as honest margins are; a copy of 8 bits where 16 are
    // declared differs by e = 0.0097 (`docs/verification.md`), against a mean of e² of 0.005².
    let params = ProfileParams::starting(NumericProfile::F16);
    let mut words = ChaCha8Rng::seed_from_u64(21);
    for _ in 0..200 {
        let mut sums = SoftSums::default();
        for _ in 0..1_000 {
            let auditors = [(); 2].map(|()| {
                let e2_ppm = u64::from(params.mean_e2_ppm) * honest(&mut words, 1) / 100;
                findings(honest(&mut words, 3) as u32 * 256 / 10_000, e2_ppm)
            });
            sums.add(&seen(&auditors).unwrap(), &params);
        }
        assert_eq!(sums.level(), Level::Quiet);
    }
    let mut sums = SoftSums::default();
    let copy = seen(&[findings(0, 94); 2]).unwrap();
    let results = (1..100).find(|_| sums.add(&copy, &params) == Level::Remove);
    assert!(results.is_some_and(|results| results < 30), "{results:?}");
}

#[test]
fn honest_lives_should_keep_the_bound_when_others_choose_what_is_audited() {
    // A client sees the result and lets those above the mean be audited twice as often; an accomplice in every second
    // seat stays away from those below. Looked at is the capital that bounds the chance of 1/20, as above.
    let params = ProfileParams::starting(NumericProfile::Bf16);
    let (lives, least) = (2_000, 20 * ONE);
    let mut words = ChaCha8Rng::seed_from_u64(5);
    let mut crossed = 0;
    for _ in 0..lives {
        let mut sums = SoftSums::default();
        let mut found = false;
        for _ in 0..1_000 {
            let value = honest(&mut words, 2);
            let above = value > 100;
            if !above && words.next_u32().is_multiple_of(2) {
                continue;
            }
            let figures = findings(0, value * u64::from(params.mean_e2_ppm) / 100);
            let heard = if above {
                2
            } else {
                1 + words.next_u32() as usize % 2
            };
            let observation = Observation::of([figures; 2][..heard].iter(), above).unwrap();
            sums.add(&observation, &params);
            found |= sums.sketches.total() >= least;
        }
        crossed += u32::from(found);
    }
    assert!(crossed <= lives / 20, "{crossed} of {lives}");
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
