//! Products of packed weights with f32 activations (profile `F16`).
//!
//! Each weight becomes the float that the format defines, `(quant - zero) · scale + minimum` with two
//! roundings, and is multiplied as such; it is only never stored, so that a token moves a sixth of the
//! memory. Even and odd columns have a sum each, in column order; the two are added at the end.
//!
//! Where many tokens are multiplied with a tile, the first few of them leave its floats in the core's cache for the rest.

#[cfg(target_arch = "x86_64")]
use super::pack::load;
use super::pack::{Packed, BLOCK, TILE_ROWS};
#[cfg(target_arch = "x86_64")]
use super::vector::{Avx2, Avx512};
use super::vector::{Lanes, Vector};
use super::{level, parallel, Level, Shared};
use std::cell::RefCell;

/// Rows of activations that share one pass over a weight tile.
const ROWS: usize = 6;

/// Most rows of activations in one unit of work.
const UNIT_ROWS: usize = 48;

thread_local! {
    /// The floats of one weight tile, column by column.
    static KEPT: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Rows of activations in each unit of work: all the same, in whole passes. Few rows are better spread over more threads.
fn unit_rows(rows: usize) -> usize {
    match rows < 2 * ROWS {
        true => ROWS,
        false => rows.div_ceil(rows.div_ceil(UNIT_ROWS)).next_multiple_of(ROWS),
    }
}

struct Unit<'a> {
    weights: &'a Packed,
    tiles: &'a [u8],
    x: &'a [f32],
}

/// Multiplies each matrix with the rows of `x`; matrix `i` fills columns `offset_i..` of `out`, whose rows
/// are `width` long.
pub fn multiply(parts: &[(&Packed, usize)], x: &[f32], columns: usize, width: usize, out: &mut [f32]) {
    let rows = x.len() / columns;
    let unit_rows = unit_rows(rows);
    let groups = rows.div_ceil(unit_rows);
    let mut starts = Vec::with_capacity(parts.len());
    let mut total = 0;
    for (weights, _) in parts {
        starts.push(total);
        total += weights.tiles() * groups;
    }
    let shared = Shared(out.as_mut_ptr());
    let unit = |index: usize, kept: &mut Vec<f32>| {
        let part = starts.partition_point(|start| *start <= index) - 1;
        let (weights, offset) = parts[part];
        let (tile, group) = ((index - starts[part]) / groups, (index - starts[part]) % groups);
        let first = group * unit_rows;
        let x = &x[first * columns..(first + unit_rows).min(rows) * columns];
        let keep = x.len() > ROWS * columns;
        if keep && kept.len() < columns * TILE_ROWS {
            kept.resize(columns * TILE_ROWS, 0.0);
        }
        let width_here = (weights.rows - tile * TILE_ROWS).min(TILE_ROWS);
        for (pass, x) in x.chunks(ROWS * columns).enumerate() {
            let mut results = [[0.0f32; TILE_ROWS]; ROWS];
            if pass == 0 {
                let tiles = weights.tile_row(tile);
                let unit = Unit { weights, tiles, x };
                match x.len() / columns {
                    1 => unit.run::<1, false>(&mut results, kept),
                    2 => unit.run::<2, false>(&mut results, kept),
                    3 => unit.run::<3, false>(&mut results, kept),
                    4 => unit.run::<4, false>(&mut results, kept),
                    5 => unit.run::<5, false>(&mut results, kept),
                    _ if keep => unit.run::<ROWS, true>(&mut results, kept),
                    _ => unit.run::<ROWS, false>(&mut results, kept),
                }
            } else {
                multiply_kept(kept, x, columns, &mut results);
            }
            for (i, result) in results[..x.len() / columns].iter().enumerate() {
                let at = (first + pass * ROWS + i) * width + offset + tile * TILE_ROWS;
                // SAFETY: this unit alone writes these columns of these rows.
                unsafe { shared.slice(at, width_here) }.copy_from_slice(&result[..width_here]);
            }
        }
    };
    parallel(total, true, |range| {
        KEPT.with_borrow_mut(|kept| range.for_each(|index| unit(index, kept)))
    });
}

/// Multiplies rows of `x` with the floats that [`Unit::run`] kept, each to the same bits as there.
fn multiply_kept(kept: &[f32], x: &[f32], columns: usize, results: &mut [[f32; TILE_ROWS]; ROWS]) {
    assert!(kept.len() >= columns * TILE_ROWS && x.len() <= ROWS * columns && columns.is_multiple_of(BLOCK));
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")]
        unsafe fn avx512(kept: &[f32], x: &[f32], columns: usize, results: &mut [[f32; TILE_ROWS]; ROWS]) {
            kept_passes::<Avx512, ROWS>(kept, x, columns, results)
        }
        // Half as many rows: a vector takes two of the 16 registers.
        #[target_feature(enable = "avx2,fma,f16c")]
        unsafe fn avx2(kept: &[f32], x: &[f32], columns: usize, results: &mut [[f32; TILE_ROWS]; ROWS]) {
            kept_passes::<Avx2, { ROWS / 2 }>(kept, x, columns, results)
        }
        match level() {
            // SAFETY: `level` has detected exactly these features; the lengths were looked at above.
            Level::Avx512 => return unsafe { avx512(kept, x, columns, results) },
            Level::Avx2 => return unsafe { avx2(kept, x, columns, results) },
            Level::Portable => {}
        }
    }
    // SAFETY: the portable form needs no instructions of its own; the lengths were looked at above.
    unsafe { kept_passes::<Lanes, ROWS>(kept, x, columns, results) }
}

/// [`multiply_kept`], `W` rows at a time.
#[inline(always)]
unsafe fn kept_passes<V: Vector, const W: usize>(
    kept: &[f32],
    x: &[f32],
    columns: usize,
    results: &mut [[f32; TILE_ROWS]; ROWS],
) {
    for (x, results) in x.chunks(W * columns).zip(results.chunks_mut(W)) {
        match x.len() / columns {
            1 => kept_rows::<V, 1>(kept, x, columns, results),
            2 => kept_rows::<V, 2>(kept, x, columns, results),
            3 => kept_rows::<V, 3>(kept, x, columns, results),
            4 => kept_rows::<V, 4>(kept, x, columns, results),
            5 => kept_rows::<V, 5>(kept, x, columns, results),
            _ => kept_rows::<V, ROWS>(kept, x, columns, results),
        }
    }
}

#[inline(always)]
unsafe fn kept_rows<V: Vector, const R: usize>(
    kept: &[f32],
    x: &[f32],
    columns: usize,
    results: &mut [[f32; TILE_ROWS]],
) {
    let mut even = [V::splat(0.0); R];
    let mut odd = [V::splat(0.0); R];
    for column in (0..columns).step_by(2) {
        for (side, sums) in [&mut even, &mut odd].into_iter().enumerate() {
            let weight = V::load(kept.as_ptr().add((column + side) * TILE_ROWS));
            for (i, sum) in sums.iter_mut().enumerate() {
                let x = V::splat(*x.as_ptr().add(i * columns + column + side));
                *sum = weight.fused(x, *sum);
            }
        }
    }
    for (result, (even, odd)) in results.iter_mut().zip(even.into_iter().zip(odd)) {
        // A product with 1 is exact, so this is the sum.
        even.fused(V::splat(1.0), odd).store(result.as_mut_ptr());
    }
}

impl Unit<'_> {
    /// Multiplies `R` rows; with `KEEP` it leaves the tile's floats in `kept`.
    fn run<const R: usize, const KEEP: bool>(
        &self,
        results: &mut [[f32; TILE_ROWS]; ROWS],
        kept: &mut [f32],
    ) {
        assert!(!KEEP || kept.len() >= self.weights.columns * TILE_ROWS);
        #[cfg(target_arch = "x86_64")]
        match (level(), self.weights.format.nibbles) {
            // SAFETY: `level` has detected the features; tiles and activations have whole blocks.
            (Level::Avx512, true) => return unsafe { self.avx512::<R, true, KEEP>(results, kept) },
            (Level::Avx512, false) => return unsafe { self.avx512::<R, false, KEEP>(results, kept) },
            (Level::Avx2, true) => return unsafe { self.avx2::<R, true, KEEP>(results, kept) },
            (Level::Avx2, false) => return unsafe { self.avx2::<R, false, KEEP>(results, kept) },
            (Level::Portable, _) => {}
        }
        self.portable::<KEEP>(R, results, kept);
    }

    /// The definition that the vector versions must equal.
    fn portable<const KEEP: bool>(
        &self,
        rows: usize,
        results: &mut [[f32; TILE_ROWS]; ROWS],
        kept: &mut [f32],
    ) {
        let weights = self.weights;
        for lane in 0..TILE_ROWS {
            let mut sums = [[0.0f32; 2]; ROWS];
            for (b, tile) in self.tiles.chunks_exact(weights.stride).enumerate() {
                for column in 0..BLOCK {
                    let weight = weights.format.weight(tile, lane, column);
                    if KEEP {
                        kept[(b * BLOCK + column) * TILE_ROWS + lane] = weight;
                    }
                    for (i, sums) in sums[..rows].iter_mut().enumerate() {
                        let x = self.x[i * weights.columns + b * BLOCK + column];
                        sums[column % 2] = weight.mul_add(x, sums[column % 2]);
                    }
                }
            }
            for (result, [even, odd]) in results[..rows].iter_mut().zip(sums) {
                result[lane] = even + odd;
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")]
    unsafe fn avx512<const R: usize, const NIBBLES: bool, const KEEP: bool>(
        &self,
        results: &mut [[f32; TILE_ROWS]; ROWS],
        kept: &mut [f32],
    ) {
        use std::arch::x86_64::*;
        let (weights, format) = (self.weights, self.weights.format);
        let quant_bytes = if NIBBLES { 256 } else { 512 };
        let byte = _mm512_set1_epi32(if NIBBLES { 15 } else { 255 });
        let zero = _mm512_set1_epi32(format.zero);
        let x = self.x.as_ptr();
        let mut even = [_mm512_setzero_ps(); R];
        let mut odd = [_mm512_setzero_ps(); R];
        for b in 0..weights.blocks() {
            let tile = self.tiles.as_ptr().add(b * weights.stride);
            let at = tile.add(quant_bytes);
            let factors = |half: usize| {
                let at = at.add(half * format.scale_bytes());
                let minimum = match format.minima {
                    true => load::sixteen(at.add(format.minima_offset()), format.single),
                    false => _mm512_setzero_ps(),
                };
                (load::sixteen(at, format.single), minimum)
            };
            let (mut scale, mut minimum) = factors(0);
            for group in 0..8 {
                if group == 4 && format.halves {
                    (scale, minimum) = factors(1);
                }
                // Four columns of 16 rows; with nibbles, groups 4.. are the upper halves of 0..4.
                let mut quants = match NIBBLES {
                    true => _mm512_loadu_si512(tile.add(group % 4 * 64).cast()),
                    false => _mm512_loadu_si512(tile.add(group * 64).cast()),
                };
                if NIBBLES && group >= 4 {
                    quants = _mm512_srli_epi32(quants, 4);
                }
                for j in 0..4 {
                    let quant = _mm512_sub_epi32(_mm512_and_si512(quants, byte), zero);
                    let weight = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(quant), scale), minimum);
                    quants = _mm512_srli_epi32(quants, 8);
                    if KEEP {
                        let column = b * BLOCK + group * 4 + j;
                        _mm512_storeu_ps(kept.as_mut_ptr().add(column * TILE_ROWS), weight);
                    }
                    let sums = if j % 2 == 0 { &mut even } else { &mut odd };
                    for (i, sum) in sums.iter_mut().enumerate() {
                        let x = _mm512_set1_ps(*x.add(i * weights.columns + b * BLOCK + group * 4 + j));
                        *sum = _mm512_fmadd_ps(weight, x, *sum);
                    }
                }
            }
        }
        for i in 0..R {
            _mm512_storeu_ps(results[i].as_mut_ptr(), _mm512_add_ps(even[i], odd[i]));
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn avx2<const R: usize, const NIBBLES: bool, const KEEP: bool>(
        &self,
        results: &mut [[f32; TILE_ROWS]; ROWS],
        kept: &mut [f32],
    ) {
        use std::arch::x86_64::*;
        let (weights, format) = (self.weights, self.weights.format);
        let quant_bytes = if NIBBLES { 256 } else { 512 };
        let byte = _mm256_set1_epi32(if NIBBLES { 15 } else { 255 });
        let zero = _mm256_set1_epi32(format.zero);
        let x = self.x.as_ptr();
        for side in 0..2 {
            let mut even = [_mm256_setzero_ps(); R];
            let mut odd = [_mm256_setzero_ps(); R];
            for b in 0..weights.blocks() {
                let tile = self.tiles.as_ptr().add(b * weights.stride);
                let at = tile.add(quant_bytes);
                let factors = |half: usize| {
                    let at = at.add(half * format.scale_bytes());
                    let minimum = match format.minima {
                        true => load::eight(at.add(format.minima_offset()), format.single, side),
                        false => _mm256_setzero_ps(),
                    };
                    (load::eight(at, format.single, side), minimum)
                };
                let (mut scale, mut minimum) = factors(0);
                for group in 0..8 {
                    if group == 4 && format.halves {
                        (scale, minimum) = factors(1);
                    }
                    let line = if NIBBLES { group % 4 } else { group };
                    let mut quants = _mm256_loadu_si256(tile.add(line * 64 + side * 32).cast());
                    if NIBBLES && group >= 4 {
                        quants = _mm256_srli_epi32(quants, 4);
                    }
                    for j in 0..4 {
                        let quant = _mm256_sub_epi32(_mm256_and_si256(quants, byte), zero);
                        let weight = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(quant), scale), minimum);
                        quants = _mm256_srli_epi32(quants, 8);
                        if KEEP {
                            let at = (b * BLOCK + group * 4 + j) * TILE_ROWS + side * 8;
                            _mm256_storeu_ps(kept.as_mut_ptr().add(at), weight);
                        }
                        let sums = if j % 2 == 0 { &mut even } else { &mut odd };
                        for (i, sum) in sums.iter_mut().enumerate() {
                            let x = _mm256_set1_ps(*x.add(i * weights.columns + b * BLOCK + group * 4 + j));
                            *sum = _mm256_fmadd_ps(weight, x, *sum);
                        }
                    }
                }
            }
            for i in 0..R {
                _mm256_storeu_ps(
                    results[i].as_mut_ptr().add(side * 8),
                    _mm256_add_ps(even[i], odd[i]),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::tests::{quantised, sample, COLUMNS, KINDS};
    use super::*;

    fn product(weights: &Packed, x: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; x.len() / weights.columns * weights.rows];
        multiply(&[(weights, 0)], x, weights.columns, weights.rows, &mut out);
        out
    }

    #[test]
    fn product_should_be_exact_but_for_rounding_and_equal_for_single_rows() {
        for (kind, dtype) in KINDS {
            let (data, dense) = quantised(dtype, 40, COLUMNS);
            let weights = Packed::new(kind, 40, COLUMNS, &data).unwrap();
            let dense = dense.to_vec2::<f32>().unwrap();
            // Few rows, and more than one unit of many with a last pass that is not whole.
            for rows in [11, UNIT_ROWS + 11] {
                let x = sample(rows * COLUMNS, 83);
                let together = product(&weights, &x);
                for (x, out) in x.chunks(COLUMNS).zip(together.chunks(40)) {
                    assert_eq!(product(&weights, x), out, "{kind:?}");
                    for (row, out) in dense.iter().zip(out) {
                        let exact: f64 = row
                            .iter()
                            .zip(x)
                            .map(|(a, b)| f64::from(*a) * f64::from(*b))
                            .sum();
                        let size: f64 = row.iter().zip(x).map(|(a, b)| f64::from(a * b).abs()).sum();
                        assert!(
                            (exact - f64::from(*out)).abs() <= size * 1e-6,
                            "{kind:?}: {out} is not {exact}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn product_should_give_equal_bits_on_every_instruction_level() {
        for (kind, dtype) in KINDS {
            let (data, _) = quantised(dtype, 16, COLUMNS);
            let weights = Packed::new(kind, 16, COLUMNS, &data).unwrap();
            let x = sample(6 * COLUMNS, 83);
            let unit = Unit {
                weights: &weights,
                tiles: weights.tile_row(0),
                x: &x,
            };
            let mut expected = [[0.0; TILE_ROWS]; ROWS];
            let mut expected_kept = vec![0.0; COLUMNS * TILE_ROWS];
            unit.portable::<true>(6, &mut expected, &mut expected_kept);
            let mut found = [[0.0; TILE_ROWS]; ROWS];
            // SAFETY: the portable form needs no instructions of its own.
            unsafe { kept_passes::<Lanes, ROWS>(&expected_kept, &x, COLUMNS, &mut found) };
            assert_eq!(found, expected, "{kind:?} kept");
            #[cfg(target_arch = "x86_64")]
            {
                let mut kept = vec![0.0; COLUMNS * TILE_ROWS];
                if level() != Level::Portable {
                    // SAFETY: the machine has at least AVX2.
                    unsafe {
                        match weights.format.nibbles {
                            true => unit.avx2::<6, true, true>(&mut found, &mut kept),
                            false => unit.avx2::<6, false, true>(&mut found, &mut kept),
                        }
                        assert_eq!(found, expected, "{kind:?} avx2");
                        assert_eq!(kept, expected_kept, "{kind:?} avx2");
                        kept_passes::<Avx2, { ROWS / 2 }>(&kept, &x, COLUMNS, &mut found);
                        assert_eq!(found, expected, "{kind:?} avx2, kept");
                    }
                }
                if level() == Level::Avx512 {
                    kept.fill(0.0);
                    // SAFETY: the machine has AVX-512.
                    unsafe {
                        match weights.format.nibbles {
                            true => unit.avx512::<6, true, true>(&mut found, &mut kept),
                            false => unit.avx512::<6, false, true>(&mut found, &mut kept),
                        }
                        assert_eq!(found, expected, "{kind:?} avx512");
                        assert_eq!(kept, expected_kept, "{kind:?} avx512");
                        kept_passes::<Avx512, ROWS>(&kept, &x, COLUMNS, &mut found);
                        assert_eq!(found, expected, "{kind:?} avx512, kept");
                    }
                }
            }
        }
    }
}
