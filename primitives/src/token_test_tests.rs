//! Tests of the token test, above all of what its two sets promise.

use super::*;
use crate::{
    sampler::{candidate_set, pick, top_candidates},
    NumericProfile,
};
use proptest::prelude::*;
use rand_chacha::{
    rand_core::{RngCore, SeedableRng},
    ChaCha8Rng,
};

const SEED: H256 = H256([5; 32]);
const OFF: SamplerParams = SamplerParams {
    temperature_milli: 1_000,
    top_k: 0,
    top_p_ppm: 1_000_000,
    min_p_ppm: 0,
};

fn test_of(sampling: SamplerParams, slack_q16: i64) -> TokenTest<'static> {
    TokenTest {
        seed: &SEED,
        sampling,
        slack_q16,
    }
}

fn logit_of(logits: &[TokenLogit], token: u32) -> TokenLogit {
    *logits.iter().find(|(id, _)| *id == token).unwrap()
}

fn sampled(logits: &[TokenLogit], sampling: &SamplerParams, position: u32) -> u32 {
    let candidates = top_candidates(logits.iter().copied());
    let kept = candidate_set(&candidates, sampling);
    pick(&SEED, position, &candidates[..kept], sampling.temperature_milli).unwrap()
}

/// Logits of a vocabulary with a few likely tokens and a long tail.
fn vocabulary(words: &mut ChaCha8Rng, size: u32) -> Vec<TokenLogit> {
    (0..size)
        .map(|token| {
            let spread = 1 + words.next_u32() % 12;
            let logit = i64::from(words.next_u32() % (spread << 16));
            (token, logit)
        })
        .collect()
}

fn any_sampling() -> impl Strategy<Value = SamplerParams> {
    let top_k = prop_oneof![Just(0u16), 1u16..80, Just(64), Just(1), Just(2)];
    let top_p = prop_oneof![Just(1_000_000u32), 100_000u32..1_000_000, Just(950_000), Just(1)];
    let min_p = prop_oneof![Just(0u32), 1u32..300_000, Just(50_000), Just(1_000_000)];
    (1u16..2_000, top_k, top_p, min_p).prop_map(|(temperature_milli, top_k, top_p_ppm, min_p_ppm)| {
        SamplerParams {
            temperature_milli,
            top_k,
            top_p_ppm,
            min_p_ppm,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn margin_should_stay_within_the_slack_when_logits_differ_by_half_of_it(
        key in any::<u64>(), size in prop_oneof![1u32..70, 60u32..300], sampling in any_sampling(),
        slack_256 in 1i64..512, shift in -1_000_000i64..1_000_000, position in any::<u32>(),
    ) {
        let slack = slack_256 << 8;
        let mut words = ChaCha8Rng::seed_from_u64(key);
        let auditor = vocabulary(&mut words, size);
        // Each logit moves by at most σ/2, less the rounding of the exponentials, and all by a common shift.
        let most = (slack / 2 - 2).max(0);
        let worker: Vec<TokenLogit> = auditor
            .iter()
            .map(|(token, logit)| {
                let noise = match words.next_u32() % 4 {
                    0 => most,
                    1 => -most,
                    _ => i64::from(words.next_u32()) % (2 * most + 1) - most,
                };
                (*token, logit + noise + shift)
            })
            .collect();
        let emitted = logit_of(&auditor, sampled(&worker, &sampling, position));
        let candidates = top_candidates(auditor);
        let margin = test_of(sampling, slack).margin_q16(position, &candidates, emitted).unwrap();
        prop_assert!(i64::from(margin) <= slack + 2, "margin {} with slack {}", margin, slack);
    }

    #[test]
    fn margin_should_be_zero_when_the_logits_are_the_same(
        key in any::<u64>(), size in 1u32..300, sampling in any_sampling(), slack in 0i64..100_000, position in any::<u32>(),
    ) {
        let logits = vocabulary(&mut ChaCha8Rng::seed_from_u64(key), size);
        let emitted = logit_of(&logits, sampled(&logits, &sampling, position));
        let greedy = SamplerParams { temperature_milli: 0, ..sampling };
        let best = logit_of(&logits, sampled(&logits, &greedy, position));
        let candidates = top_candidates(logits);
        prop_assert_eq!(test_of(sampling, slack).margin_q16(position, &candidates, emitted), Ok(0));
        prop_assert_eq!(test_of(greedy, slack).margin_q16(position, &candidates, best), Ok(0));
    }

    #[test]
    fn margin_should_be_the_loss_to_the_winner_when_no_border_is_near(
        key in any::<u64>(), size in 2u32..60, position in any::<u32>(), pick in any::<u32>(),
    ) {
        // No cut, fewer than 64 tokens: everything is narrow and wide.
        let logits = vocabulary(&mut ChaCha8Rng::seed_from_u64(key), size);
        let score = |(token, logit): TokenLogit| perturbed(logit, 1_000, noise(&SEED, position, token));
        let winner = logits.iter().map(|candidate| score(*candidate)).max().unwrap();
        let emitted = logits[(pick % size) as usize];
        let candidates = top_candidates(logits);
        let margin = test_of(OFF, 1 << 16).margin_q16(position, &candidates, emitted).unwrap();
        prop_assert_eq!(i64::from(margin), winner - score(emitted));
    }
}

#[test]
fn margin_should_leave_the_slack_when_logits_differ_by_more_than_half_of_it() {
    // The promise above would be empty if the narrow set were, or if the wide set held everything.
    let slack = 64i64 << 8;
    let (mut beyond, mut outside) = (0, 0);
    for key in 0..2_000 {
        let mut words = ChaCha8Rng::seed_from_u64(key);
        let sampling = SamplerParams {
            top_k: 3,
            top_p_ppm: 900_000,
            min_p_ppm: 10_000,
            ..OFF
        };
        let auditor = vocabulary(&mut words, 300);
        let worker: Vec<TokenLogit> = auditor
            .iter()
            .map(|(token, logit)| {
                (
                    *token,
                    logit + i64::from(words.next_u32()) % (4 * slack) - 2 * slack,
                )
            })
            .collect();
        let emitted = logit_of(&auditor, sampled(&worker, &sampling, 7));
        let candidates = top_candidates(auditor);
        let margin = test_of(sampling, slack)
            .margin_q16(7, &candidates, emitted)
            .unwrap();
        outside += u32::from(margin == OUTSIDE_MARGIN_Q16);
        beyond += u32::from(margin != OUTSIDE_MARGIN_Q16 && i64::from(margin) > slack);
    }
    assert!(beyond > 20 && outside > 20, "{beyond} beyond, {outside} outside");
}

#[test]
fn margin_should_be_the_largest_when_the_token_is_outside_the_wide_set() {
    let logits: Vec<TokenLogit> = (0..100).map(|token| (token, -i64::from(token) << 14)).collect();
    let candidates = top_candidates(logits.clone());
    // A quarter of a logit a rank; a slack of one logit reaches four ranks further.
    let cases = [
        (SamplerParams { top_k: 2, ..OFF }, 5, 6),
        (
            SamplerParams {
                // e^(−1) is rank 4.
                min_p_ppm: 367_000,
                ..OFF
            },
            8,
            9,
        ),
        (OFF, 67, 68),
    ];
    for (sampling, inside, outside) in cases {
        let margin = |rank: usize| {
            test_of(sampling, 1 << 16)
                .margin_q16(3, &candidates, logits[rank])
                .unwrap()
        };
        assert_ne!(margin(inside), OUTSIDE_MARGIN_Q16, "{sampling:?}");
        assert_eq!(margin(outside), OUTSIDE_MARGIN_Q16, "{sampling:?}");
    }
}

#[test]
fn margin_should_be_the_largest_when_top_p_leaves_no_room_for_the_token() {
    // Two tokens hold nearly everything; the third is far below.
    let candidates = [(0, 10 << 16), (1, 9 << 16), (2, 2 << 16)];
    let sampling = SamplerParams {
        top_p_ppm: 900_000,
        ..OFF
    };
    let test = test_of(sampling, 1 << 14);
    assert_eq!(
        test.margin_q16(0, &candidates, candidates[2]),
        Ok(OUTSIDE_MARGIN_Q16)
    );
    assert_ne!(
        test.margin_q16(0, &candidates, candidates[1]),
        Ok(OUTSIDE_MARGIN_Q16)
    );
}

#[test]
fn margin_should_ignore_borders_when_greedy() {
    let candidates = [(0, 10 << 16), (1, 9 << 16)];
    let sampling = SamplerParams {
        temperature_milli: 0,
        top_k: 1,
        ..OFF
    };
    let test = test_of(sampling, 0);
    assert_eq!(test.margin_q16(0, &candidates, candidates[0]), Ok(0));
    assert_eq!(test.margin_q16(0, &candidates, candidates[1]), Ok(1 << 16));
    let mut many: Vec<TokenLogit> = (0..64).map(|token| (token, 1_000 - i64::from(token))).collect();
    many[0].1 = i64::MAX;
    let absurd = (999, i64::MIN);
    assert_eq!(test.margin_q16(0, &many, absurd), Ok(OUTSIDE_MARGIN_Q16));
}

#[test]
fn margin_should_be_refused_when_the_auditors_input_contradicts_itself() {
    let test = test_of(OFF, 0);
    let ranked = [(3, 30), (1, 20), (2, 20)];
    let full: Vec<TokenLogit> = (0..64).map(|token| (token, 1_000 - i64::from(token))).collect();
    let many: Vec<TokenLogit> = (0..65).map(|token| (token, 1_000 - i64::from(token))).collect();
    let cases: [(&[TokenLogit], TokenLogit, TokenTestError); 8] = [
        (&[], (1, 1), TokenTestError::NoCandidates),
        (&many, (0, 1_000), TokenTestError::NotRanked),
        (&[(1, 20), (3, 30)], (1, 20), TokenTestError::NotRanked),
        (&[(2, 20), (1, 20)], (1, 20), TokenTestError::NotRanked),
        (&[(1, 20), (1, 20)], (1, 20), TokenTestError::NotRanked),
        (&ranked, (1, 21), TokenTestError::EmittedContradicts),
        (&ranked, (9, 1), TokenTestError::NotInVocabulary),
        (&full, (64, 938), TokenTestError::EmittedContradicts),
    ];
    for (candidates, emitted, error) in cases {
        assert_eq!(test.margin_q16(0, candidates, emitted), Err(error));
    }
    assert!(test.margin_q16(0, &full, (64, 937)).is_ok());
}

#[test]
fn tally_should_count_at_the_exact_borders() {
    let params = ProfileParams::starting(NumericProfile::A8);
    let cases = [
        (0, (0, 0, 0)),
        (1_023, (0, 0, 0)),
        (1_024, (1, 0, 0)),
        // Half a logit is the step: above it, not at it.
        (32_768, (32, 0, 0)),
        (32_769, (32, 1, 0)),
        (131_071, (32, 1, 0)),
        (131_072, (32, 1, 1)),
        (OUTSIDE_MARGIN_Q16, (32, 1, 1)),
    ];
    for (margin, (u, x, b)) in cases {
        let mut tally = ChunkTally::default();
        tally.add(margin, &params);
        assert_eq!(tally, ChunkTally { u, x, b }, "{margin}");
        assert!(tally.is_possible(1));
    }
}

#[test]
fn tally_should_be_impossible_when_its_numbers_contradict_each_other() {
    let tally = |u, x, b| ChunkTally { u, x, b };
    assert!(tally(0, 0, 0).is_possible(0));
    assert!(tally(1_024, 32, 32).is_possible(32));
    for (wrong, tokens) in [
        (tally(33, 0, 0), 1),
        (tally(32, 2, 0), 1),
        (tally(64, 1, 2), 2),
        (tally(31, 1, 1), 1),
        (tally(0, 0, 0), 33),
    ] {
        assert!(!wrong.is_possible(tokens), "{wrong:?}");
    }
}

#[test]
fn token_test_should_fail_256_tokens_when_sampler_differs() {
    let params = ProfileParams::starting(NumericProfile::Bf16);
    let declared = SamplerParams {
        temperature_milli: 800,
        ..OFF
    };
    let hotter = SamplerParams {
        temperature_milli: 1_000,
        ..OFF
    };
    let greedy = SamplerParams {
        temperature_milli: 0,
        ..OFF
    };
    let mut words = ChaCha8Rng::seed_from_u64(1);
    let positions: Vec<Vec<TokenLogit>> = (0..256).map(|_| vocabulary(&mut words, 200)).collect();
    let counts = |used: &SamplerParams, moved: u32| {
        let (mut x, mut b) = (0u32, 0u32);
        for (position, logits) in (0u32..).zip(&positions) {
            let emitted = logit_of(logits, sampled(logits, used, position + moved));
            let candidates = top_candidates(logits.iter().copied());
            let margin = test_of(declared, params.border_slack_q16())
                .margin_q16(position, &candidates, emitted)
                .unwrap();
            x += u32::from(margin > params.step_q16());
            b += u32::from(is_hard(margin));
        }
        (x, b)
    };
    let k = params.token_limit(256).unwrap();
    assert_eq!(counts(&declared, 0), (0, 0));
    assert!(counts(&hotter, 0).0 >= k);
    assert!(counts(&greedy, 0).0 >= k);
    // Another seed is noise at other places.
    assert!(counts(&declared, 1_000).1 >= 3);
}
