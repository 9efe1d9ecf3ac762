//! Tests of the whitening table. The vectors of an independent implementation are in `tests/vectors.rs`.

use super::*;
use alloc::vec;
use proptest::prelude::*;

const Q24: f64 = 16_777_216.0;

/// The bf16 nearest to a value, as bits.
fn bf16(value: f32) -> u16 {
    crate::float_bits::bf16_from_f32(value.to_bits()).unwrap()
}

fn whiten(table: &WhiteningTable, hidden: &[u16]) -> Result<Vec<i32>, HiddenError> {
    let mut white = vec![7; 3];
    table.whiten(hidden, &mut white).map(|()| white)
}

#[test]
fn table_should_be_refused_when_it_cannot_be_used() {
    let cases = [
        (WhiteningTable::new(0, 0, vec![], vec![]), WhiteningError::Empty),
        (
            WhiteningTable::new(0, 0, vec![0], vec![1, 1]),
            WhiteningError::LengthsDiffer,
        ),
        (
            WhiteningTable::new(0, 0, vec![0; 16_385], vec![1; 16_385]),
            WhiteningError::TooManyDimensions,
        ),
        (
            WhiteningTable::new(25, 0, vec![0], vec![1]),
            WhiteningError::ShiftTooLarge,
        ),
        (
            WhiteningTable::new(0, 49, vec![0], vec![1]),
            WhiteningError::ShiftTooLarge,
        ),
        (
            WhiteningTable::new(0, 0, vec![3, 4], vec![0, 0]),
            WhiteningError::NoScale,
        ),
        (WhiteningTable::unit(0), WhiteningError::Empty),
        (WhiteningTable::unit(u32::MAX), WhiteningError::TooManyDimensions),
        (WhiteningTable::fit(&[0], &[]), WhiteningError::LengthsDiffer),
        (WhiteningTable::fit(&[5, 6], &[0, 0]), WhiteningError::NoScale),
    ];
    for (table, error) in cases {
        assert_eq!(table, Err(error));
    }
}

#[test]
fn whiten_should_refuse_when_the_state_is_not_finite_or_of_another_length() {
    let table = WhiteningTable::unit(3).unwrap();
    for bits in [0x7f80, 0xff80, 0x7fc0] {
        let refused = whiten(&table, &[0, bits, 0]);
        assert_eq!(refused, Err(HiddenError::NotFinite { dimension: 1 }));
    }
    let refused = whiten(&table, &[0, 0]);
    assert_eq!(
        refused,
        Err(HiddenError::Dimensions {
            expected: 3,
            given: 2
        })
    );
}

#[test]
fn unit_table_should_keep_values_and_cut_at_32_deviations() {
    let table = WhiteningTable::unit(4).unwrap();
    let white = whiten(&table, &[bf16(1.5), bf16(-0.25), bf16(40.0), bf16(-1e30)]).unwrap();
    assert_eq!(white, [6_144, -1_024, WHITE_LIMIT, -WHITE_LIMIT]);
}

#[test]
fn white_values_of_the_most_dimensions_should_fit_a_sum() {
    let most = i64::from(MAX_DIMENSIONS) * i64::from(WHITE_LIMIT);
    assert!(most <= i64::from(i32::MAX));
}

#[test]
fn hash_should_differ_when_any_part_of_the_table_differs() {
    let base = WhiteningTable::new(3, 20, vec![1, 2], vec![3, 4]).unwrap();
    let others = [
        WhiteningTable::new(2, 20, vec![1, 2], vec![3, 4]),
        WhiteningTable::new(3, 21, vec![1, 2], vec![3, 4]),
        WhiteningTable::new(3, 20, vec![1, 3], vec![3, 4]),
        WhiteningTable::new(3, 20, vec![1, 2], vec![3, 5]),
    ];
    for other in others {
        assert_ne!(base.hash(), other.unwrap().hash());
    }
}

#[test]
fn whiten_should_not_overflow_when_table_and_state_are_extreme() {
    for (mean, scale) in [(i16::MIN, u16::MAX), (i16::MAX, 1)] {
        for (mean_shift, scale_shift) in [(0, 0), (MAX_MEAN_SHIFT, 0), (MAX_MEAN_SHIFT, MAX_SCALE_SHIFT)] {
            let table = WhiteningTable::new(mean_shift, scale_shift, vec![mean], vec![scale]).unwrap();
            for bits in [0x7f7f, 0xff7f, 0x0001, 0x8000] {
                assert!(whiten(&table, &[bits]).unwrap()[0].abs() <= WHITE_LIMIT);
            }
        }
    }
}

proptest! {
    #[test]
    fn fitted_table_should_give_deviations_from_the_mean(
        dimensions in proptest::collection::vec((-500f64..500.0, 0.01f64..50.0, -8f64..8.0), 1..50),
    ) {
        let means: Vec<i64> = dimensions.iter().map(|(mean, _, _)| (mean * Q24) as i64).collect();
        let deviations: Vec<u64> = dimensions.iter().map(|(_, deviation, _)| (deviation * Q24) as u64).collect();
        let hidden: Vec<u16> =
            dimensions.iter().map(|(mean, deviation, at)| bf16((mean + at * deviation) as f32)).collect();
        let table = WhiteningTable::fit(&means, &deviations).unwrap();
        let widest = dimensions.iter().map(|(mean, _, _)| mean.abs()).fold(0.0, f64::max);
        let narrowest = dimensions.iter().map(|(_, deviation, _)| *deviation).fold(f64::MAX, f64::min);
        for ((white, bits), (mean, deviation, _)) in whiten(&table, &hidden).unwrap().iter().zip(&hidden).zip(&dimensions) {
            let value = f64::from(f32::from_bits(u32::from(*bits) << 16));
            let exact = ((value - mean) / deviation).clamp(-31.9, 31.9);
            // The mean has 15 bits of the widest one, the scale 15 bits of that of the narrowest dimension.
            let of_mean = widest / 32_768.0 / deviation;
            let of_scale = exact.abs() * deviation / narrowest / 32_768.0;
            let got = f64::from(*white) / 4_096.0;
            prop_assert!((got - exact).abs() <= 1.1 * (of_mean + of_scale) + 2e-4, "{} against {}", got, exact);
        }
    }

    #[test]
    fn table_should_survive_scale_and_never_panic_when_decoded_from_anything(
        means in proptest::collection::vec(any::<i16>(), 1..20), bytes in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let scales = vec![9; means.len()];
        let table = WhiteningTable::new(1, 2, means, scales).unwrap();
        prop_assert_eq!(WhiteningTable::decode(&mut &table.encode()[..]), Ok(table));
        if let Ok(decoded) = WhiteningTable::decode(&mut &bytes[..]) {
            let hidden = vec![0x4000; decoded.means.len()];
            if decoded.check().is_ok() {
                prop_assert!(whiten(&decoded, &hidden).is_ok());
            }
        }
    }
}
