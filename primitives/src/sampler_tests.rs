//! Tests of the sampler. The vectors of an independent implementation are in `tests/vectors.rs`.

use super::*;
use proptest::prelude::*;
use rand_chacha::rand_core::RngCore;
use sp_core::{bounded::BoundedVec, ConstU32};

const SEED: H256 = H256([9; 32]);
const OFF: SamplerParams = SamplerParams {
    temperature_milli: 1_000,
    top_k: 0,
    top_p_ppm: 1_000_000,
    min_p_ppm: 0,
};

fn q16(logit: f64) -> i64 {
    (logit * 65_536.0).round() as i64
}

fn generate_params() -> GenerateParams {
    GenerateParams {
        max_output_tokens: 64,
        temperature_milli: 800,
        top_k: 40,
        top_p_ppm: 950_000,
        min_p_ppm: 10_000,
        repetition_penalty_milli: 1_100,
        presence_penalty_milli: -5,
        frequency_penalty_milli: 7,
        seed: [3; 32],
        stop_tokens: BoundedVec::<u32, ConstU32<8>>::truncate_from(alloc::vec![2, 5]),
    }
}

#[test]
fn seed_should_differ_when_any_parameter_differs() {
    let (genesis, model) = (H256([1; 32]), H256([2; 32]));
    let base = generate_params();
    let changed = [
        GenerateParams {
            max_output_tokens: 65,
            ..base.clone()
        },
        GenerateParams {
            temperature_milli: 801,
            ..base.clone()
        },
        GenerateParams {
            top_k: 41,
            ..base.clone()
        },
        GenerateParams {
            top_p_ppm: 950_001,
            ..base.clone()
        },
        GenerateParams {
            min_p_ppm: 10_001,
            ..base.clone()
        },
        GenerateParams {
            repetition_penalty_milli: 1_101,
            ..base.clone()
        },
        GenerateParams {
            presence_penalty_milli: -4,
            ..base.clone()
        },
        GenerateParams {
            frequency_penalty_milli: 8,
            ..base.clone()
        },
        GenerateParams {
            seed: [4; 32],
            ..base.clone()
        },
        GenerateParams {
            stop_tokens: Default::default(),
            ..base.clone()
        },
    ];
    let mut seeds: Vec<H256> = changed
        .iter()
        .map(|params| seed(&genesis, &model, params))
        .collect();
    seeds.push(seed(&genesis, &model, &base));
    seeds.push(seed(&model, &model, &base));
    seeds.push(seed(&genesis, &genesis, &base));
    let count = seeds.len();
    seeds.sort();
    seeds.dedup();
    assert_eq!(seeds.len(), count);
}

#[test]
fn gumbel_should_follow_the_quantiles_when_compared_with_floats() {
    for step in 0..=1 << 16 {
        let word = ((step << 16) as u64).min(u64::from(u32::MAX)) as u32;
        let tail = f64::from((word << 1) | 1) / 2f64.powi(33);
        // ln(1 − p) by ln_1p, or p far out would be lost.
        let exponential = if word >> 31 == 1 {
            -(-tail).ln_1p()
        } else {
            -tail.ln()
        };
        let exact = -exponential.ln();
        let got = f64::from(gumbel(word)) / 65_536.0;
        assert!(
            (got - exact).abs() < 5e-5,
            "word {word:#x}: {got} against {exact}"
        );
    }
}

#[test]
fn gumbel_should_rise_with_the_quantile_when_walking_outwards() {
    // Word 0 is the far end of the lower tail, 0x7fff_ffff its middle; the upper tail is mirrored.
    for words in [
        [0u32, 1],
        [1, 2],
        [63, 64],
        [0x7fff_fffe, 0x7fff_ffff],
        [0x3fff_ffff, 0x4000_0000],
    ] {
        assert!(gumbel(words[0]) <= gumbel(words[1]));
        assert!(gumbel(words[0] | 1 << 31) >= gumbel(words[1] | 1 << 31));
    }
    assert!((gumbel(0x7fff_ffff) - gumbel(0xffff_ffff)).abs() <= 1);
    assert_eq!(gumbel(0), *GUMBEL_Q16.first().unwrap());
    assert_eq!(gumbel(1 << 31), *GUMBEL_Q16.last().unwrap());
}

#[test]
fn noise_should_have_the_moments_of_gumbel_when_sampled_over_tokens() {
    const COUNT: u32 = 40_000;
    let values: Vec<f64> = (0..COUNT)
        .map(|token| f64::from(noise(&SEED, 3, token)) / 65_536.0)
        .collect();
    let mean = values.iter().sum::<f64>() / f64::from(COUNT);
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(COUNT);
    // Euler's constant and π²/6, each within about four standard errors.
    assert!((mean - 0.577_216).abs() < 0.026, "mean {mean}");
    assert!((variance - 1.644_934).abs() < 0.07, "variance {variance}");
}

#[test]
fn noise_should_be_the_same_word_when_read_in_sequence() {
    let mut words = ChaCha8Rng::from_seed(SEED.0);
    words.set_stream(5);
    for token in 0..200 {
        assert_eq!(noise(&SEED, 5, token), gumbel(words.next_u32()));
    }
}

/// Pearson's χ² of `COUNT` picks against the softmax of `logits` at `temperature`.
fn chi_square(logits: &[f64], temperature_milli: u16) -> f64 {
    const COUNT: u32 = 20_000;
    let candidates: Vec<TokenLogit> = logits
        .iter()
        .enumerate()
        .map(|(index, logit)| (17 * index as u32 + 1_000, q16(*logit)))
        .collect();
    let mut hits = alloc::vec![0u32; logits.len()];
    for position in 0..COUNT {
        let token = pick(&SEED, position, &candidates, temperature_milli).unwrap();
        hits[(token as usize - 1_000) / 17] += 1;
    }
    let temperature = f64::from(temperature_milli) / 1_000.0;
    let total: f64 = logits.iter().map(|logit| (logit / temperature).exp()).sum();
    let cell = |(logit, hits): (&f64, &u32)| {
        let expected = f64::from(COUNT) * (logit / temperature).exp() / total;
        (f64::from(*hits) - expected).powi(2) / expected
    };
    logits.iter().zip(&hits).map(cell).sum()
}

#[test]
fn pick_should_follow_the_softmax_when_the_noise_is_seeded() {
    // The 99.9 % bound of χ² with 5 degrees of freedom is 20.5.
    for temperature_milli in [500, 1_000, 1_500] {
        let chi_square = chi_square(&[2.0, 1.0, 0.5, 0.0, -1.0, -1.5], temperature_milli);
        assert!(
            chi_square < 20.5,
            "χ² {chi_square} at temperature {temperature_milli}"
        );
    }
}

#[test]
fn pick_should_take_the_lowest_id_when_scores_are_equal() {
    assert_eq!(
        pick(&SEED, 0, &[(7, 100), (3, 100), (5, 100), (1, 99)], 0),
        Some(3)
    );
    assert_eq!(pick(&SEED, 0, &[], 1_000), None);
}

#[test]
fn candidate_set_should_cut_by_each_rule_when_probabilities_are_known() {
    // Probabilities 1/2, 1/4, 1/8, 1/8 at temperature 1.
    let ln2 = core::f64::consts::LN_2;
    let sorted: Vec<TokenLogit> = [0.0, -ln2, -2.0 * ln2, -2.0 * ln2]
        .iter()
        .zip(0..)
        .map(|(logit, id)| (id, q16(*logit)))
        .collect();
    let kept = |params: SamplerParams| candidate_set(&sorted, &params);
    assert_eq!(kept(OFF), 4);
    assert_eq!(kept(SamplerParams { top_k: 3, ..OFF }), 3);
    assert_eq!(kept(SamplerParams { top_k: 100, ..OFF }), 4);
    assert_eq!(kept(SamplerParams { top_p_ppm: 0, ..OFF }), 1);
    assert_eq!(
        kept(SamplerParams {
            top_p_ppm: 499_000,
            ..OFF
        }),
        1
    );
    assert_eq!(
        kept(SamplerParams {
            top_p_ppm: 501_000,
            ..OFF
        }),
        2
    );
    assert_eq!(
        kept(SamplerParams {
            top_p_ppm: 760_000,
            ..OFF
        }),
        3
    );
    assert_eq!(
        kept(SamplerParams {
            min_p_ppm: 501_000,
            ..OFF
        }),
        1
    );
    assert_eq!(
        kept(SamplerParams {
            min_p_ppm: 499_000,
            ..OFF
        }),
        2
    );
    assert_eq!(
        kept(SamplerParams {
            min_p_ppm: 249_000,
            ..OFF
        }),
        4
    );
    assert_eq!(
        kept(SamplerParams {
            min_p_ppm: u32::MAX,
            ..OFF
        }),
        1
    );
    // top_p counts among what top_k left: 2/3 and 1/3.
    assert_eq!(
        kept(SamplerParams {
            top_k: 2,
            top_p_ppm: 600_000,
            ..OFF
        }),
        1
    );
    assert_eq!(candidate_set(&[], &OFF), 0);
}

#[test]
fn top_candidates_should_prefer_the_lower_id_when_the_border_is_a_tie() {
    let best = top_candidates((0..500u32).rev().map(|token| (token, i64::from(token % 3 == 0))));
    let expected: Vec<TokenLogit> = (0..64).map(|index| (3 * index, 1)).collect();
    assert_eq!(best, expected);
}

#[test]
fn exp_neg_should_be_exact_at_zero_and_vanish_far_out() {
    assert_eq!(exp_neg_q31(0), 1 << 31);
    assert_eq!(exp_neg_q31(22 << 16), 0);
    assert_eq!(exp_neg_q31(u64::MAX), 0);
}

#[test]
fn next_token_should_be_the_best_when_greedy() {
    let params = GenerateParams {
        temperature_milli: 0,
        ..generate_params()
    };
    let sampler = Sampler::new(&H256([1; 32]), &H256([2; 32]), &params);
    let candidates = top_candidates([(4, 10), (9, 30), (2, 20)]);
    assert_eq!(sampler.next_token(0, &candidates), Some(9));
    assert_eq!(sampler.next_token(0, &[]), None);
}

fn any_logits() -> impl Strategy<Value = Vec<TokenLogit>> {
    proptest::collection::btree_map(any::<u32>(), -LOGIT_LIMIT_Q16..=LOGIT_LIMIT_Q16, 1..200)
        .prop_map(|logits| logits.into_iter().collect())
}

/// Logits close enough that several candidates count.
fn close_logits() -> impl Strategy<Value = Vec<TokenLogit>> {
    proptest::collection::btree_map(any::<u32>(), -300_000i64..300_000, 1..200)
        .prop_map(|logits| logits.into_iter().collect())
}

fn any_params() -> impl Strategy<Value = SamplerParams> {
    (any::<u16>(), 0u16..80, 0u32..1_100_000, 0u32..1_100_000).prop_map(
        |(temperature_milli, top_k, top_p_ppm, min_p_ppm)| SamplerParams {
            temperature_milli,
            top_k,
            top_p_ppm,
            min_p_ppm,
        },
    )
}

proptest! {
    #[test]
    fn exp_neg_should_stay_close_and_never_rise(x in 0u64..22 << 16, more in 0u64..1 << 20) {
        let exact = (-(x as f64) / 65_536.0).exp() * 2f64.powi(31);
        let got = exp_neg_q31(x) as f64;
        prop_assert!((got - exact).abs() <= exact * 1e-6 + 1.0);
        prop_assert!(exp_neg_q31(x + more) <= exp_neg_q31(x));
    }

    #[test]
    fn gumbel_should_never_fall_with_the_quantile(word in 0u32..0x7fff_ffff) {
        prop_assert!(gumbel(word) <= gumbel(word + 1));
        prop_assert!(gumbel(word | 1 << 31) >= gumbel((word + 1) | 1 << 31));
    }

    #[test]
    fn top_candidates_should_equal_a_full_sort_in_any_order(logits in any_logits(), turn in any::<usize>()) {
        let mut sorted = logits.clone();
        rank(&mut sorted);
        sorted.truncate(MAX_CANDIDATES);
        let mut turned = logits.clone();
        turned.rotate_left(turn % logits.len());
        prop_assert_eq!(top_candidates(turned), sorted);
    }

    #[test]
    fn pick_should_not_depend_on_order_or_on_a_common_offset(
        logits in close_logits(), turn in any::<usize>(), offset in -1_000_000i64..1_000_000, position in any::<u32>(),
        temperature in any::<u16>(),
    ) {
        let winner = pick(&SEED, position, &logits, temperature);
        let mut other = logits.clone();
        other.rotate_left(turn % logits.len());
        for (_, logit) in &mut other {
            *logit += offset;
        }
        prop_assert_eq!(pick(&SEED, position, &other, temperature), winner);
    }

    #[test]
    fn pick_should_not_change_when_a_loser_is_left_out(
        logits in close_logits(), at in any::<usize>(), position in any::<u32>(),
    ) {
        let winner = pick(&SEED, position, &logits, 1_000);
        let mut fewer = logits.clone();
        let (gone, _) = fewer.remove(at % logits.len());
        if Some(gone) != winner {
            prop_assert_eq!(pick(&SEED, position, &fewer, 1_000), winner);
        }
    }

    #[test]
    fn candidate_set_should_be_bounded_and_not_depend_on_a_common_offset(
        logits in close_logits(), params in any_params(), offset in -1_000_000i64..1_000_000,
    ) {
        let sorted = top_candidates(logits);
        let kept = candidate_set(&sorted, &params);
        prop_assert!(kept >= 1 && kept <= sorted.len());
        prop_assert!(params.top_k == 0 || kept <= usize::from(params.top_k));
        let moved: Vec<TokenLogit> = sorted.iter().map(|(token, logit)| (*token, logit + offset)).collect();
        prop_assert_eq!(candidate_set(&moved, &params), kept);
    }

    #[test]
    fn candidate_set_should_not_grow_when_a_rule_gets_stricter(logits in close_logits(), params in any_params()) {
        let sorted = top_candidates(logits);
        let kept = candidate_set(&sorted, &params);
        let stricter = SamplerParams { top_p_ppm: params.top_p_ppm / 2, ..params };
        prop_assert!(candidate_set(&sorted, &stricter) <= kept);
        let stricter = SamplerParams { min_p_ppm: params.min_p_ppm.saturating_mul(2), ..params };
        prop_assert!(candidate_set(&sorted, &stricter) <= kept);
    }

    #[test]
    fn next_token_should_come_from_the_candidate_set(logits in any_logits(), position in any::<u32>()) {
        let params = generate_params();
        let sampler = Sampler::new(&H256([1; 32]), &H256([2; 32]), &params);
        let sorted = top_candidates(logits);
        let token = sampler.next_token(position, &sorted).unwrap();
        let kept = candidate_set(&sorted, &SamplerParams::from(&params));
        prop_assert!(sorted[..kept].iter().any(|(id, _)| *id == token));
    }
}
