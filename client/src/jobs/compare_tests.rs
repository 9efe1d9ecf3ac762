//! Two answers: the same, a little apart as honest machines are, and further.

use super::*;
use ogpu_primitives::NumericProfile;

fn terms() -> CheckTerms {
    CheckTerms {
        // τ is 0.12 over an output and 0.18 over a chunk.
        params: ProfileParams::starting(NumericProfile::Bf16),
        whitened: false,
        rate_ppm: 1,
        second_ppm: 1,
    }
}

/// A text whose sums are all `sum`.
fn text(ids: &[u32], sum: i16) -> OutputMessage {
    let chunks = ids.chunks(CHUNK_TOKENS);
    OutputMessage::Tokens {
        ids: ids.to_vec(),
        evidence: vec![Default::default(); chunks.len()],
        comparison: chunks
            .map(|chunk| ChunkSketch::from_sums(vec![sum; chunk.len() * SUMS]).unwrap())
            .collect(),
    }
}

fn compared(first: &OutputMessage, second: &OutputMessage) -> Comparison {
    compare((first, &terms()), (second, &terms()))
}

/// 70 tokens that part from those of `0..70` at `at`.
fn parted(at: u32) -> Vec<u32> {
    (0..70).map(|id| if id < at { id } else { 1_000 + id }).collect()
}

#[test]
fn answers_should_agree_when_outputs_and_arithmetic_are_the_same() {
    let ids: Vec<u32> = (0..70).collect();
    let found = compared(&text(&ids, 1_000), &text(&ids, 1_000));
    assert_eq!(
        found,
        Comparison {
            first_difference: None,
            arithmetic: Arithmetic::Near { e_milli: 0 }
        }
    );
    assert!(!found.is_in_doubt());
}

#[test]
fn first_difference_should_be_named_when_texts_part_or_one_is_longer() {
    let ids: Vec<u32> = (0..70).collect();
    for at in [1, 31, 32, 69] {
        let found = compared(&text(&ids, 1_000), &text(&parted(at), 1_000));
        assert_eq!(found.first_difference, Some(at));
        assert!(!found.is_in_doubt(), "parted at {at} by equal arithmetic");
    }
    let found = compared(&text(&ids, 1_000), &text(&ids[..40], 1_000));
    assert_eq!(found.first_difference, Some(40));
    assert!(!found.is_in_doubt());
}

#[test]
fn answers_should_be_in_doubt_when_the_arithmetic_before_the_difference_is_further_apart_than_tau() {
    let ids: Vec<u32> = (0..70).collect();
    for (sum, in_doubt) in [
        (1_120, false),
        (1_121, true),
        (880, false),
        (879, true),
        (-1_000, true),
    ] {
        for second in [&ids, &parted(40), &parted(8)] {
            let found = compared(&text(&ids, 1_000), &text(second, sum));
            assert_eq!(found.is_in_doubt(), in_doubt, "{sum}: {found:?}");
        }
    }
    let found = compared(&text(&ids, 1_000), &text(&parted(40), 1_300));
    assert_eq!(found.arithmetic, Arithmetic::Apart { e_milli: 300 });
}

#[test]
fn arithmetic_after_the_difference_should_not_count_when_texts_part() {
    let ids: Vec<u32> = (0..70).collect();
    let OutputMessage::Tokens {
        ids: other,
        evidence,
        mut comparison,
    } = text(&parted(40), 1_000)
    else {
        panic!("a text")
    };
    // From token 40 on, in the middle of the second chunk, the states are those of another text.
    let mut sums = vec![1_000; 8 * SUMS];
    sums.resize(32 * SUMS, -1_000);
    comparison[1] = ChunkSketch::from_sums(sums).unwrap();
    comparison[2] = ChunkSketch::from_sums(vec![-1_000; 6 * SUMS]).unwrap();
    let other = OutputMessage::Tokens {
        ids: other,
        evidence,
        comparison,
    };
    let found = compared(&text(&ids, 1_000), &other);
    assert_eq!(found.arithmetic, Arithmetic::Near { e_milli: 0 });
}

#[test]
fn one_chunk_should_put_answers_in_doubt_when_the_others_are_near() {
    let ids: Vec<u32> = (0..320).collect();
    let OutputMessage::Tokens {
        ids: same,
        evidence,
        mut comparison,
    } = text(&ids, 1_000)
    else {
        panic!("a text")
    };
    comparison[4] = ChunkSketch::from_sums(vec![1_181; 32 * SUMS]).unwrap();
    let other = OutputMessage::Tokens {
        ids: same,
        evidence,
        comparison,
    };
    let found = compared(&text(&ids, 1_000), &other);
    // Over all, e is 0.058.
    assert_eq!(found.arithmetic, Arithmetic::Apart { e_milli: 58 });
}

#[test]
fn different_answers_should_be_in_doubt_when_nothing_can_be_compared() {
    let ids: Vec<u32> = (0..70).collect();
    let silent = |ids: &[u32]| OutputMessage::Tokens {
        ids: ids.to_vec(),
        evidence: vec![Default::default(); 3],
        comparison: Vec::new(),
    };
    let first = text(&ids, 1_000);
    for (second, in_doubt) in [(silent(&ids), false), (silent(&parted(50)), true)] {
        for (one, other) in [(&first, &second), (&second, &first)] {
            let found = compared(one, other);
            assert_eq!(found.arithmetic, Arithmetic::Unknown(Unknown::NoSketches));
            assert_eq!(found.is_in_doubt(), in_doubt);
        }
    }
    let found = compared(&first, &text(&parted(0), 1_000));
    assert_eq!(
        (found.first_difference, found.arithmetic),
        (Some(0), Arithmetic::Unknown(Unknown::NothingInCommon))
    );
    assert!(found.is_in_doubt());
    let mut finer = terms();
    finer.params.sketch_units *= 2;
    let found = compare((&first, &terms()), (&text(&ids, 2_000), &finer));
    assert_eq!(found.arithmetic, Arithmetic::Unknown(Unknown::OtherTerms));
    assert!(!found.is_in_doubt());
    assert!(compared(&first, &OutputMessage::from_floats(&[1.0])).is_in_doubt());
}

#[test]
fn embeddings_should_be_compared_by_their_relative_error() {
    // The tolerance is 0.04.
    let first = OutputMessage::from_floats(&[3.0, 4.0]);
    for (value, in_doubt) in [(4.0f32, false), (4.19, false), (4.21, true), (f32::NAN, true)] {
        let second = OutputMessage::from_floats(&[3.0, value]);
        let found = compared(&first, &second);
        assert_eq!(found.first_difference, (value != 4.0).then_some(1));
        assert_eq!(found.is_in_doubt(), in_doubt, "{value}: {found:?}");
    }
}
