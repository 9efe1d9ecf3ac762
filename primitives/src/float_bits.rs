//! Floats as bits: conversions in integers alone, so that every machine gives the same result.

/// Bits below the unit in the fixed-point form of hidden values.
pub const HIDDEN_FRACTION_BITS: u32 = 24;

/// Largest magnitude of a hidden value in fixed point: 32,768.
pub const HIDDEN_LIMIT_Q24: i64 = 1 << (15 + HIDDEN_FRACTION_BITS);

const BF16_BIAS: u32 = 127;
const BF16_FRACTION_BITS: u32 = 7;
const F32_FRACTION_BITS: u32 = 23;

/// The bf16 nearest to an f32, both as bits, ties to even. `None` for NaN and infinity, and for a value that
/// rounds to infinity.
pub fn bf16_from_f32(bits: u32) -> Option<u16> {
    // Adding just under half of what is dropped, and one more when the kept part is odd, rounds to even; a
    // carry runs into the exponent as it should.
    let rounded = u64::from(bits) + 0x7fff + u64::from((bits >> 16) & 1);
    let kept = (rounded >> 16) as u16;
    let finite = |exponent: u32| exponent != 0xff;
    (finite((bits >> 23) & 0xff) && finite(u32::from(kept >> 7) & 0xff)).then_some(kept)
}

/// Whether a bf16 is neither NaN nor infinite.
pub fn is_finite_bf16(bits: u16) -> bool {
    bits & 0x7f80 != 0x7f80
}

/// A finite bf16 as Q24: exact from 2⁻¹⁷ on, below it rounded half away from zero; magnitudes from 32,768 on
/// count as 32,768, and so do NaN and infinity: ask [`is_finite_bf16`] before.
pub fn q24_from_bf16(bits: u16) -> i64 {
    // Where the exponent says that the significand's last bit is worth 2⁻²⁴.
    const UNIT: u32 = BF16_BIAS + BF16_FRACTION_BITS - HIDDEN_FRACTION_BITS;
    let exponent = u32::from(bits >> BF16_FRACTION_BITS) & 0xff;
    let significand = i64::from(bits & 0x7f) | 0x80;
    let magnitude = if exponent >= BF16_BIAS + 15 {
        HIDDEN_LIMIT_Q24
    } else if exponent >= UNIT {
        significand << (exponent - UNIT)
    } else {
        // Nine bits further down nothing is left of an eight-bit significand; subnormals are far below that.
        let dropped = (UNIT - exponent).min(9);
        (significand + (1 << (dropped - 1))) >> dropped
    };
    if bits >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

/// An f32 as (significand, exponent) with value = significand · 2^exponent; the significand has at most 24
/// bits. `None` for NaN and infinity.
pub fn parts_of_f32(bits: u32) -> Option<(i32, i32)> {
    let exponent = (bits >> F32_FRACTION_BITS) & 0xff;
    let fraction = (bits & 0x7f_ffff) as i32;
    let (magnitude, exponent) = match exponent {
        0xff => return None,
        0 => (fraction, -149),
        exponent => (fraction | 0x80_0000, exponent as i32 - 150),
    };
    Some((if bits >> 31 == 1 { -magnitude } else { magnitude }, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The value of a bf16.
    fn real(bits: u16) -> f64 {
        f64::from(f32::from_bits(u32::from(bits) << 16))
    }

    #[test]
    fn q24_from_bf16_should_equal_the_rounded_float_for_every_bit_pattern() {
        for bits in 0..=u16::MAX {
            let value = real(bits);
            assert_eq!(is_finite_bf16(bits), value.is_finite());
            if value.is_finite() {
                let expected = (value.clamp(-32_768.0, 32_768.0) * 16_777_216.0).round() as i64;
                assert_eq!(q24_from_bf16(bits), expected, "{bits:#06x}");
            }
        }
    }

    #[test]
    fn bf16_from_f32_should_round_ties_to_even_and_refuse_what_is_not_finite() {
        assert_eq!(bf16_from_f32(0x3f80_8000), Some(0x3f80));
        assert_eq!(bf16_from_f32(0x3f81_8000), Some(0x3f82));
        assert_eq!(bf16_from_f32(0x3f80_8001), Some(0x3f81));
        assert_eq!(bf16_from_f32(0x8000_0000), Some(0x8000));
        for bits in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            assert_eq!(bf16_from_f32(bits.to_bits()), None);
        }
    }

    proptest! {
        #[test]
        fn bf16_from_f32_should_be_the_nearest_when_finite(bits in any::<u32>()) {
            if let Some(kept) = bf16_from_f32(bits) {
                let exact = f64::from(f32::from_bits(bits));
                let error = (real(kept) - exact).abs();
                for neighbour in [kept.wrapping_sub(1), kept.wrapping_add(1)] {
                    if real(neighbour).is_finite() {
                        prop_assert!(error <= (real(neighbour) - exact).abs());
                    }
                }
            }
        }

        #[test]
        fn parts_of_f32_should_give_the_value_when_finite(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            match parts_of_f32(bits) {
                Some((significand, exponent)) => {
                    prop_assert_eq!(f64::from(significand) * 2f64.powi(exponent), f64::from(value));
                    prop_assert!(significand.unsigned_abs() < 1 << 24);
                }
                None => prop_assert!(!value.is_finite()),
            }
        }
    }
}
