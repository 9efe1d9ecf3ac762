//! Element-wise functions with the same bits on every machine: plain multiplications, additions and
//! fused multiply-adds in a fixed order, and an own exponential.

use super::{by_level, parallel, Shared};

/// Lanes of every sum; also the most that one vector register holds.
pub const LANES: usize = 16;

/// e^x, within 2 units in the last place; below -87 it gives e^-87.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4f32;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_65;
    let p = p * r + 0.5;
    let e = p * (r * r) + r + 1.0;
    let power = (shifted.to_bits().wrapping_sub(0x4b40_0000).wrapping_add(127)) << 23;
    e * f32::from_bits(power)
}

/// Adds the lanes in a fixed order.
#[inline(always)]
pub fn sum_lanes(lanes: [f32; LANES]) -> f32 {
    let mut half = [0.0f32; 8];
    for i in 0..8 {
        half[i] = lanes[i] + lanes[i + 8];
    }
    let quarter = [
        half[0] + half[4],
        half[1] + half[5],
        half[2] + half[6],
        half[3] + half[7],
    ];
    (quarter[0] + quarter[2]) + (quarter[1] + quarter[3])
}

#[inline(always)]
fn rms_norm_body(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    let columns = weight.len();
    for (x, out) in x.chunks_exact(columns).zip(out.chunks_exact_mut(columns)) {
        let mut lanes = [0.0f32; LANES];
        let mut chunks = x.chunks_exact(LANES);
        for chunk in &mut chunks {
            for i in 0..LANES {
                lanes[i] += chunk[i] * chunk[i];
            }
        }
        for (lane, value) in lanes.iter_mut().zip(chunks.remainder()) {
            *lane += value * value;
        }
        let scale = 1.0 / (sum_lanes(lanes) / columns as f32 + epsilon).sqrt();
        for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
            *out = x * scale * weight;
        }
    }
}

by_level! {
    /// [`rms_norm`] on the calling thread.
    pub fn rms_norm_rows(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) = rms_norm_body
}

/// Root-mean-square norm of each row of `x`, times `weight`.
pub fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32) -> Vec<f32> {
    let columns = weight.len();
    let rows = x.len() / columns;
    let mut out = vec![0.0; x.len()];
    let shared = Shared(out.as_mut_ptr());
    parallel(rows, rows >= 16, |range| {
        // SAFETY: each row is written by one unit only.
        let out = unsafe { shared.slice(range.start * columns, range.len() * columns) };
        rms_norm_rows(
            &x[range.start * columns..range.end * columns],
            weight,
            epsilon,
            out,
        );
    });
    out
}

#[inline(always)]
fn swiglu_body(gate: &[f32], up: &[f32], out: &mut [f32]) {
    for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
        *out = gate / (1.0 + exp(-gate)) * up;
    }
}

by_level! {
    fn swiglu_row(gate: &[f32], up: &[f32], out: &mut [f32]) = swiglu_body
}

/// (1 + tanh(y)) / 2 = 1 / (1 + e^(-2y)), so the tanh form of GELU is x / (1 + e^(-2y)) with
/// y = √(2/π) · (x + 0.044715 · x³).
#[inline(always)]
fn geglu_body(gate: &[f32], up: &[f32], out: &mut [f32]) {
    for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
        let y = 0.797_884_6 * gate * (1.0 + 0.044_715 * gate * gate);
        *out = gate / (1.0 + exp(-2.0 * y)) * up;
    }
}

by_level! {
    fn geglu_row(gate: &[f32], up: &[f32], out: &mut [f32]) = geglu_body
}

/// SiLU(gate) · up for rows that hold `gate` in their first half and `up` in their second.
pub fn swiglu(x: &[f32], width: usize) -> Vec<f32> {
    gated(x, width, swiglu_row)
}

/// GELU(gate) · up, otherwise as [`swiglu`].
pub fn geglu(x: &[f32], width: usize) -> Vec<f32> {
    gated(x, width, geglu_row)
}

fn gated(x: &[f32], width: usize, row_of: impl Fn(&[f32], &[f32], &mut [f32]) + Sync) -> Vec<f32> {
    let rows = x.len() / (2 * width);
    let mut out = vec![0.0; rows * width];
    let shared = Shared(out.as_mut_ptr());
    parallel(rows, rows >= 4, |range| {
        for row in range {
            let (gate, up) = x[row * 2 * width..(row + 1) * 2 * width].split_at(width);
            // SAFETY: each row is written by one unit only.
            row_of(gate, up, unsafe { shared.slice(row * width, width) });
        }
    });
    out
}

/// Rounds to the nearest value that bf16 can hold, ties to even; what is not a number stays none.
pub fn round_bf16(values: &mut [f32]) {
    for value in values {
        let bits = value.to_bits();
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) & 0xffff_0000;
        *value = if value.is_nan() {
            *value
        } else {
            f32::from_bits(rounded)
        };
    }
}

/// Adds `y` to `x`.
pub fn add(x: &[f32], y: &[f32]) -> Vec<f32> {
    x.iter().zip(y).map(|(x, y)| x + y).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_should_stay_within_a_few_units_when_compared_with_the_library() {
        for step in -8_000..8_000 {
            let x = step as f32 / 100.0;
            let (ours, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!(
                (ours / exact - 1.0).abs() < 3e-7,
                "exp({x}) = {ours}, not {exact}"
            );
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn geglu_should_equal_the_definition_when_computed_in_double() {
        let gate: Vec<f32> = (-400..400).map(|i| i as f32 / 37.0).collect();
        let up: Vec<f32> = gate.iter().map(|x| x * 0.3 + 1.0).collect();
        let out = geglu(&[gate.clone(), up.clone()].concat(), gate.len());
        for ((x, up), out) in gate.iter().zip(&up).zip(out) {
            let x = f64::from(*x);
            let y = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            let exact = 0.5 * x * (1.0 + y.tanh()) * f64::from(*up);
            assert!(
                (exact - f64::from(out)).abs() < 4e-6 * exact.abs().max(1.0),
                "{x}: {out}, not {exact}"
            );
        }
    }

    #[test]
    fn bf16_should_be_rounded_to_the_nearest_and_ties_to_even() {
        let ulp = f32::from_bits(0x3f81_0000) - 1.0;
        let mut values = [
            1.0,
            1.0 + ulp * 0.5,
            1.0 + ulp * 1.5,
            1.0 + ulp * 0.51,
            -3.3e38,
            f32::INFINITY,
            f32::NAN,
        ];
        round_bf16(&mut values);
        assert_eq!(values[..4], [1.0, 1.0, 1.0 + 2.0 * ulp, 1.0 + ulp]);
        assert!(values[4].is_finite() && values[5] == f32::INFINITY && values[6].is_nan());
    }

    #[test]
    fn rms_norm_should_give_equal_bits_when_rows_are_computed_together_or_alone() {
        let x: Vec<f32> = (0..40 * 72)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0)
            .collect();
        let weight: Vec<f32> = (0..72).map(|i| 1.0 + i as f32 / 72.0).collect();
        let together = rms_norm(&x, &weight, 1e-5);
        for (row, expected) in x.chunks(72).zip(together.chunks(72)) {
            assert_eq!(rms_norm(row, &weight, 1e-5), expected);
        }
    }
}
