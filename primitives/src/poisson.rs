//! How many rare events are too many: the smallest k that a Poisson count reaches with at most 10⁻⁷.

use crate::evidence::MAX_OUTPUT_TOKENS;
use alloc::vec::Vec;

/// The tail is at most 1 / this.
pub const TAIL_DENOMINATOR: u128 = 10_000_000;

/// Largest rate that [`limit`] computes with; a higher one counts as this.
pub const MAX_RATE_PPM: u32 = 100_000;

const PPM: u128 = 1_000_000;

/// The weight of the most likely count; all others are relative to it.
const ONE: u128 = 1 << 64;

/// The smallest k with P(X ≥ k) ≤ 10⁻⁷ for X Poisson of mean `rate_ppm`·`tokens`/10⁶.
///
/// Weights are relative to the mode's, in Q64: the body's are rounded down and the tail's up, so k is never
/// too small; it is one too large only where the tail lies within a relative 10⁻⁹ of 10⁻⁷. Rates and tokens
/// above their bounds ([`MAX_RATE_PPM`], [`MAX_OUTPUT_TOKENS`]) count as the bounds.
pub fn limit(rate_ppm: u32, tokens: u32) -> u32 {
    let mean = u128::from(rate_ppm.min(MAX_RATE_PPM)) * u128::from(tokens.min(MAX_OUTPUT_TOKENS));
    if mean == 0 {
        return 1;
    }
    let mode = mean / PPM;

    // From the mode down: t(i − 1) = t(i) · i / mean.
    let (mut body, mut weight, mut count) = (ONE, ONE, mode);
    while count > 0 && weight > 0 {
        weight = weight * count * PPM / mean;
        body += weight;
        count -= 1;
    }

    // From the mode up: t(i + 1) = t(i) · mean / (i + 1), until what follows is below half a unit each.
    let mut above: Vec<u128> = Vec::new();
    let (mut low, mut high, mut count) = (ONE, ONE, mode);
    while high > 1 || (count + 1) * PPM < 2 * mean {
        count += 1;
        low = low * mean / (count * PPM);
        high = (high * mean).div_ceil(count * PPM);
        body += low;
        above.push(high);
    }

    // The weights left out halve from one to the next, so they are below two units together.
    let (mut tail, mut k) = (2u128, count + 1);
    for weight in above.iter().rev() {
        tail += weight;
        if tail * TAIL_DENOMINATOR > body {
            break;
        }
        k -= 1;
    }
    u32::try_from(k).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limit_should_be_the_published_one_when_the_rates_are() {
        for (rate, tokens, k) in [
            (4_000, 32, 6),
            (4_000, 128, 8),
            (4_000, 256, 11),
            (4_000, 1_024, 19),
        ] {
            assert_eq!(limit(rate, tokens), k, "{rate} ppm, {tokens} tokens");
        }
        assert_eq!(limit(14_000, 256), 18);
        assert_eq!(limit(0, 256), 1);
        assert_eq!(limit(u32::MAX, u32::MAX), limit(MAX_RATE_PPM, MAX_OUTPUT_TOKENS));
    }

    /// P(X ≥ k) in floats, summed from its small end.
    fn tail(mean: f64, k: u32) -> f64 {
        let mut log = -mean;
        for i in 1..=k {
            log += (mean / f64::from(i)).ln();
        }
        let (mut weight, mut sum, mut i) = (log.exp(), 0.0, k);
        while weight > sum * 1e-17 {
            sum += weight;
            i += 1;
            weight *= mean / f64::from(i);
        }
        sum
    }

    proptest! {
        #[test]
        fn limit_should_be_the_smallest_count_with_the_tail(rate in 1u32..=MAX_RATE_PPM, tokens in 1u32..=8_192) {
            let k = limit(rate, tokens);
            let mean = f64::from(rate) * f64::from(tokens) / 1e6;
            prop_assert!(tail(mean, k) <= 1e-7 * (1.0 + 1e-9));
            prop_assert!(tail(mean, k - 1) >= 1e-7 * (1.0 - 1e-9));
        }

        #[test]
        fn limit_should_never_fall_when_rate_or_tokens_rise(rate in 1u32..MAX_RATE_PPM, tokens in 1u32..8_192) {
            prop_assert!(limit(rate, tokens) <= limit(rate + 1, tokens));
            prop_assert!(limit(rate, tokens) <= limit(rate, tokens + 1));
        }
    }
}
