//! Products of packed weights with activations rounded to 8 bits per block of 32 (profile `A8`).
//!
//! Per block the integer dot product is exact; then `sum += dot · (scale · activation scale)` and, with
//! minima, `sum += minimum · (activation scale · sum of quants)`, both fused, block after block. Where the
//! halves of a block have scales of their own, the first half's dot product and minimum come before the second's.
//! Every instruction level does exactly this, so results are equal bit for bit.

// Indices name registers of several arrays at once.
#![allow(clippy::needless_range_loop)]

#[cfg(target_arch = "x86_64")]
use super::pack::load;
use super::pack::{Packed, BLOCK, TILE_ROWS};
use super::{by_level, level, parallel, Level, Shared};

/// Rows of activations that share one pass over a weight tile.
const ROWS: usize = 4;

/// Activations rounded to 8 bits.
pub struct Activations {
    columns: usize,
    quants: Vec<i8>,
    scales: Vec<f32>,
    /// Of the quants of a block.
    sums: Vec<i32>,
    /// Of the quants of a block's first half; empty where no weights need them.
    first_sums: Vec<i32>,
}

#[inline(always)]
fn quantise_body(x: &[f32], quants: &mut [i8], scales: &mut [f32], sums: &mut [i32]) {
    for (((x, quants), scale), sum) in x
        .chunks_exact(BLOCK)
        .zip(quants.chunks_exact_mut(BLOCK))
        .zip(scales)
        .zip(sums)
    {
        let mut largest = 0.0f32;
        for value in x {
            // What is not a number must stay visible: as the scale it spoils the whole product.
            let size = value.abs();
            largest = if size > largest || size.is_nan() {
                size
            } else {
                largest
            };
        }
        *scale = largest / 127.0;
        let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        let mut total = 0i32;
        for (quant, value) in quants.iter_mut().zip(x) {
            // Adding and subtracting 1.5 · 2^23 rounds to the nearest integer, ties to even.
            let rounded = value * inverse + 12_582_912.0;
            *quant = (rounded.to_bits() as i32).wrapping_sub(0x4b40_0000) as i8;
            total += i32::from(*quant);
        }
        *sum = total;
    }
}

by_level! {
    fn quantise_row(x: &[f32], quants: &mut [i8], scales: &mut [f32], sums: &mut [i32]) = quantise_body
}

impl Activations {
    /// Rounds rows of `columns` values, which must be whole blocks.
    pub fn new(x: &[f32], columns: usize) -> Self {
        let (rows, blocks) = (x.len() / columns, columns / BLOCK);
        let mut this = Self {
            columns,
            quants: vec![0; x.len()],
            scales: vec![0.0; rows * blocks],
            sums: vec![0; rows * blocks],
            first_sums: Vec::new(),
        };
        let quants = this.quants.as_mut_ptr() as usize;
        let scales = this.scales.as_mut_ptr() as usize;
        let sums = this.sums.as_mut_ptr() as usize;
        parallel(rows, rows >= 4, |range| {
            let (at, count) = (range.start * blocks, range.len() * blocks);
            // SAFETY: each row of the three buffers is written by one unit only.
            unsafe {
                let quants =
                    std::slice::from_raw_parts_mut((quants as *mut i8).add(at * BLOCK), count * BLOCK);
                let scales = std::slice::from_raw_parts_mut((scales as *mut f32).add(at), count);
                let sums = std::slice::from_raw_parts_mut((sums as *mut i32).add(at), count);
                quantise_row(
                    &x[range.start * columns..range.end * columns],
                    quants,
                    scales,
                    sums,
                );
            }
        });
        this
    }

    /// The same for weights whose blocks' halves have scales of their own.
    pub fn with_halves(mut self) -> Self {
        let first = |block: &[i8]| block[..BLOCK / 2].iter().map(|quant| i32::from(*quant)).sum();
        self.first_sums = self.quants.chunks_exact(BLOCK).map(first).collect();
        self
    }

    fn rows(&self) -> usize {
        self.quants.len() / self.columns
    }
}

/// What one unit of work computes: one row of tiles with up to four rows of activations.
struct Unit<'a> {
    weights: &'a Packed,
    tiles: &'a [u8],
    activations: &'a Activations,
    first: usize,
}

/// Multiplies each matrix with the same activations; matrix `i` fills columns `offset_i..` of `out`,
/// whose rows are `width` long. Matrices of formats with `halves` need [`Activations::with_halves`].
pub fn multiply(parts: &[(&Packed, usize)], activations: &Activations, width: usize, out: &mut [f32]) {
    let halves = parts.iter().any(|(weights, _)| weights.format.halves);
    assert!(!halves || activations.first_sums.len() == activations.sums.len());
    let rows = activations.rows();
    let groups = rows.div_ceil(ROWS);
    let mut starts = Vec::with_capacity(parts.len() + 1);
    let mut total = 0;
    for (weights, _) in parts {
        starts.push(total);
        total += weights.tiles() * groups;
    }
    let shared = Shared(out.as_mut_ptr());
    parallel(total, true, |range| {
        for index in range {
            let part = starts.partition_point(|start| *start <= index) - 1;
            let (weights, offset) = parts[part];
            let (tile, group) = ((index - starts[part]) / groups, (index - starts[part]) % groups);
            let first = group * ROWS;
            let count = (rows - first).min(ROWS);
            let unit = Unit {
                weights,
                tiles: weights.tile_row(tile),
                activations,
                first,
            };
            let mut results = [[0.0f32; TILE_ROWS]; ROWS];
            match count {
                1 => unit.run::<1>(&mut results),
                2 => unit.run::<2>(&mut results),
                3 => unit.run::<3>(&mut results),
                _ => unit.run::<4>(&mut results),
            }
            let columns = (weights.rows - tile * TILE_ROWS).min(TILE_ROWS);
            for (i, result) in results[..count].iter().enumerate() {
                let at = (first + i) * width + offset + tile * TILE_ROWS;
                // SAFETY: this unit alone writes these columns of these rows.
                unsafe { shared.slice(at, columns) }.copy_from_slice(&result[..columns]);
            }
        }
    });
}

impl Unit<'_> {
    fn run<const R: usize>(&self, results: &mut [[f32; TILE_ROWS]; ROWS]) {
        #[cfg(target_arch = "x86_64")]
        {
            let format = self.weights.format;
            // SAFETY: `level` has detected the features; tiles and activations have whole blocks.
            match (level(), format.nibbles, format.single, format.halves) {
                (Level::Portable, ..) => {}
                (level, nibbles, false, _) => return unsafe { self.vector::<R, 0>(level, nibbles, results) },
                (level, nibbles, true, false) => {
                    return unsafe { self.vector::<R, 1>(level, nibbles, results) }
                }
                (level, nibbles, true, true) => {
                    return unsafe { self.vector::<R, 2>(level, nibbles, results) }
                }
            }
        }
        self.portable(R, results);
    }

    /// With scales of `KIND` 0: half floats, 1: single floats, 2: single floats for each half of a block.
    ///
    /// # Safety
    /// The machine has the instructions of `level`, which is not the portable one; tiles and activations have
    /// whole blocks.
    #[cfg(target_arch = "x86_64")]
    unsafe fn vector<const R: usize, const KIND: u8>(
        &self,
        level: Level,
        nibbles: bool,
        results: &mut [[f32; TILE_ROWS]; ROWS],
    ) {
        match (level, nibbles) {
            (Level::Avx512, true) => self.avx512::<R, true, KIND>(results),
            (Level::Avx512, false) => self.avx512::<R, false, KIND>(results),
            (_, true) => self.avx2::<R, true, KIND>(results),
            (_, false) => self.avx2::<R, false, KIND>(results),
        }
    }

    /// Quants, scale and sums of block `block` of the `i`th row.
    #[inline(always)]
    fn block(&self, i: usize, block: usize) -> (&[i8], f32, [i32; 2]) {
        let at = (self.first + i) * (self.activations.columns / BLOCK) + block;
        let quants = &self.activations.quants[at * BLOCK..(at + 1) * BLOCK];
        let first = self.activations.first_sums.get(at).copied().unwrap_or_default();
        let sums = [first, self.activations.sums[at] - first];
        (quants, self.activations.scales[at], sums)
    }

    /// The definition that the vector versions must equal.
    fn portable(&self, rows: usize, results: &mut [[f32; TILE_ROWS]; ROWS]) {
        let format = self.weights.format;
        for (b, tile) in self.tiles.chunks_exact(self.weights.stride).enumerate() {
            for (i, result) in results[..rows].iter_mut().enumerate() {
                let (quants, activation, sums) = self.block(i, b);
                for (lane, result) in result.iter_mut().enumerate() {
                    let mut dots = sums.map(|sum| -format.zero * sum);
                    for (column, quant) in quants.iter().enumerate() {
                        dots[column / 16] += format.quant(tile, lane, column) * i32::from(*quant);
                    }
                    let mut add = |side: usize, dot: i32, sum: i32| {
                        let scale = format.scale(tile, lane, side);
                        *result = (dot as f32).mul_add(scale * activation, *result);
                        if format.minima {
                            let minimum = format.minimum(tile, lane, side);
                            *result = minimum.mul_add(activation * sum as f32, *result);
                        }
                    };
                    if format.halves {
                        add(0, dots[0], sums[0]);
                        add(1, dots[1], sums[1]);
                    } else {
                        add(0, dots[0] + dots[1], sums[0] + sums[1]);
                    }
                }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")]
    unsafe fn avx512<const R: usize, const NIBBLES: bool, const KIND: u8>(
        &self,
        results: &mut [[f32; TILE_ROWS]; ROWS],
    ) {
        use std::arch::x86_64::*;
        let (weights, format) = (self.weights, self.weights.format);
        let (minima, single, halves) = (format.minima, KIND > 0, KIND == 2);
        let blocks = weights.blocks();
        let quant_bytes = if NIBBLES { 256 } else { 512 };
        let mask = _mm512_set1_epi8(15);
        let base = self.first * blocks;
        let quants = self.activations.quants.as_ptr();
        let broadcast = |at: usize| _mm512_set1_epi32(quants.add(at).cast::<i32>().read_unaligned());
        let mut sums = [_mm512_setzero_ps(); R];
        for b in 0..blocks {
            let tile = self.tiles.as_ptr().add(b * weights.stride);
            let mut low = [_mm512_setzero_si512(); R];
            let mut high = [_mm512_setzero_si512(); R];
            for i in 0..R {
                let mut sum = *self.activations.sums.get_unchecked(base + i * blocks + b);
                if halves {
                    let first = *self.activations.first_sums.get_unchecked(base + i * blocks + b);
                    high[i] = _mm512_set1_epi32(-format.zero * (sum - first));
                    sum = first;
                }
                low[i] = _mm512_set1_epi32(-format.zero * sum);
            }
            for line in 0..4 {
                let bytes = _mm512_loadu_si512(tile.add(line * 64).cast());
                let (first, second) = if NIBBLES {
                    (
                        _mm512_and_si512(bytes, mask),
                        _mm512_and_si512(_mm512_srli_epi16(bytes, 4), mask),
                    )
                } else {
                    (bytes, _mm512_loadu_si512(tile.add((line + 4) * 64).cast()))
                };
                for i in 0..R {
                    let at = (base + i * blocks + b) * BLOCK + line * 4;
                    low[i] = _mm512_dpbusd_epi32(low[i], first, broadcast(at));
                    high[i] = _mm512_dpbusd_epi32(high[i], second, broadcast(at + 16));
                }
            }
            let at = tile.add(quant_bytes);
            let scale = load::sixteen(at, single);
            for i in 0..R {
                let activation = *self.activations.scales.get_unchecked(base + i * blocks + b);
                let dot = match halves {
                    true => low[i],
                    false => _mm512_add_epi32(low[i], high[i]),
                };
                let factor = _mm512_mul_ps(scale, _mm512_set1_ps(activation));
                sums[i] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), factor, sums[i]);
            }
            if minima {
                let minimum = load::sixteen(at.add(format.minima_offset()), single);
                for i in 0..R {
                    let at = base + i * blocks + b;
                    let sum = match halves {
                        true => *self.activations.first_sums.get_unchecked(at),
                        false => *self.activations.sums.get_unchecked(at),
                    };
                    let factor = _mm512_set1_ps(*self.activations.scales.get_unchecked(at) * sum as f32);
                    sums[i] = _mm512_fmadd_ps(minimum, factor, sums[i]);
                }
            }
            if !halves {
                continue;
            }
            let at = at.add(64);
            let scale = load::sixteen(at, true);
            for i in 0..R {
                let activation = *self.activations.scales.get_unchecked(base + i * blocks + b);
                let factor = _mm512_mul_ps(scale, _mm512_set1_ps(activation));
                sums[i] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(high[i]), factor, sums[i]);
            }
            if minima {
                let minimum = load::sixteen(at.add(format.minima_offset()), true);
                for i in 0..R {
                    let at = base + i * blocks + b;
                    let (sum, first) = (self.activations.sums[at], self.activations.first_sums[at]);
                    let factor = *self.activations.scales.get_unchecked(at) * (sum - first) as f32;
                    sums[i] = _mm512_fmadd_ps(minimum, _mm512_set1_ps(factor), sums[i]);
                }
            }
        }
        for i in 0..R {
            _mm512_storeu_ps(results[i].as_mut_ptr(), sums[i]);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn avx2<const R: usize, const NIBBLES: bool, const KIND: u8>(
        &self,
        results: &mut [[f32; TILE_ROWS]; ROWS],
    ) {
        use std::arch::x86_64::*;
        let (weights, format) = (self.weights, self.weights.format);
        let (single, halves) = (KIND > 0, KIND == 2);
        let blocks = weights.blocks();
        let quant_bytes = if NIBBLES { 256 } else { 512 };
        let mask = _mm256_set1_epi8(15);
        let ones = _mm256_set1_epi16(1);
        let base = self.first * blocks;
        let quants = self.activations.quants.as_ptr();
        let broadcast = |at: usize| _mm256_set1_epi32(quants.add(at).cast::<i32>().read_unaligned());
        // Quants are at most 63 here, so the pairs that maddubs adds up cannot leave 16 bits.
        let dot = |sum, quants, activation| {
            _mm256_add_epi32(
                sum,
                _mm256_madd_epi16(_mm256_maddubs_epi16(quants, activation), ones),
            )
        };
        for side in 0..2 {
            let mut sums = [_mm256_setzero_ps(); R];
            for b in 0..blocks {
                let tile = self.tiles.as_ptr().add(b * weights.stride);
                let mut dots = [[_mm256_setzero_si256(); 2]; R];
                for line in 0..(if NIBBLES { 4 } else { 8 }) {
                    let bytes = _mm256_loadu_si256(tile.add(line * 64 + side * 32).cast());
                    let at = |i: usize| (base + i * blocks + b) * BLOCK + line * 4;
                    if halves && !NIBBLES {
                        for i in 0..R {
                            dots[i][line / 4] = dot(dots[i][line / 4], bytes, broadcast(at(i)));
                        }
                        continue;
                    }
                    // Without nibbles these are the lower and upper halves of quants of up to 255.
                    let first = _mm256_and_si256(bytes, mask);
                    let second = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask);
                    for i in 0..R {
                        let at = at(i);
                        dots[i][0] = dot(dots[i][0], first, broadcast(at));
                        dots[i][1] = dot(dots[i][1], second, broadcast(if NIBBLES { at + 16 } else { at }));
                    }
                }
                for half in 0..if halves { 2 } else { 1 } {
                    let at = tile.add(quant_bytes + half * format.scale_bytes());
                    let scale = load::eight(at, single, side);
                    let minimum = match format.minima {
                        true => load::eight(at.add(format.minima_offset()), single, side),
                        false => _mm256_setzero_ps(),
                    };
                    for i in 0..R {
                        let (_, activation, [first, second]) = self.block(i, b);
                        let (dot, sum) = match (halves, half) {
                            (true, 0) => (dots[i][0], first),
                            (true, _) => (dots[i][1], second),
                            (false, _) => {
                                let high = match NIBBLES {
                                    true => dots[i][1],
                                    false => _mm256_slli_epi32(dots[i][1], 4),
                                };
                                (_mm256_add_epi32(dots[i][0], high), first + second)
                            }
                        };
                        let dot = _mm256_add_epi32(dot, _mm256_set1_epi32(-format.zero * sum));
                        let factor = _mm256_mul_ps(scale, _mm256_set1_ps(activation));
                        sums[i] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot), factor, sums[i]);
                        if format.minima {
                            let factor = _mm256_set1_ps(activation * sum as f32);
                            sums[i] = _mm256_fmadd_ps(minimum, factor, sums[i]);
                        }
                    }
                }
            }
            for i in 0..R {
                _mm256_storeu_ps(results[i].as_mut_ptr().add(side * 8), sums[i]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::tests::{quantised, sample, COLUMNS, KINDS};
    use super::*;

    fn product(weights: &Packed, x: &[f32]) -> Vec<f32> {
        let activations = Activations::new(x, weights.columns).with_halves();
        let mut out = vec![0.0; x.len() / weights.columns * weights.rows];
        multiply(&[(weights, 0)], &activations, weights.rows, &mut out);
        out
    }

    #[test]
    fn product_should_be_near_the_exact_one_when_only_activations_are_rounded() {
        for (kind, dtype) in KINDS {
            let (data, dense) = quantised(dtype, 40, COLUMNS);
            let weights = Packed::new(kind, 40, COLUMNS, &data).unwrap();
            let dense = dense.to_vec2::<f32>().unwrap();
            let x = sample(7 * COLUMNS, 83);
            for (x, out) in x.chunks(COLUMNS).zip(product(&weights, &x).chunks(40)) {
                for (row, out) in dense.iter().zip(out) {
                    let exact: f32 = row.iter().zip(x).map(|(a, b)| a * b).sum();
                    let size: f32 = row.iter().zip(x).map(|(a, b)| (a * b).abs()).sum();
                    assert!(
                        (exact - out).abs() <= size * 0.01,
                        "{kind:?}: {out} is not {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn product_should_give_equal_bits_when_rows_are_alone_or_together() {
        for (kind, dtype) in KINDS {
            let (data, _) = quantised(dtype, 40, COLUMNS);
            let weights = Packed::new(kind, 40, COLUMNS, &data).unwrap();
            let x = sample(11 * COLUMNS, 83);
            let together = product(&weights, &x);
            for (x, expected) in x.chunks(COLUMNS).zip(together.chunks(40)) {
                assert_eq!(product(&weights, x), expected, "{kind:?}");
            }
        }
    }

    #[test]
    fn product_should_not_be_a_number_when_an_activation_is_not() {
        let (data, _) = quantised(KINDS[1].1, 16, COLUMNS);
        let weights = Packed::new(KINDS[1].0, 16, COLUMNS, &data).unwrap();
        for broken in [f32::NAN, f32::INFINITY] {
            let mut x = sample(COLUMNS, 83);
            x[40] = broken;
            assert!(product(&weights, &x).iter().all(|value| !value.is_finite()));
        }
    }

    #[cfg(target_arch = "x86_64")]
    unsafe fn run(unit: &Unit, level: Level, results: &mut [[f32; TILE_ROWS]; ROWS]) {
        let format = unit.weights.format;
        match (format.single, format.halves) {
            (false, _) => unit.vector::<4, 0>(level, format.nibbles, results),
            (true, false) => unit.vector::<4, 1>(level, format.nibbles, results),
            (true, true) => unit.vector::<4, 2>(level, format.nibbles, results),
        }
    }

    #[test]
    fn product_should_give_equal_bits_on_every_instruction_level() {
        for (kind, dtype) in KINDS {
            let (data, _) = quantised(dtype, 16, COLUMNS);
            let weights = Packed::new(kind, 16, COLUMNS, &data).unwrap();
            let activations = Activations::new(&sample(4 * COLUMNS, 83), COLUMNS).with_halves();
            let unit = Unit {
                weights: &weights,
                tiles: weights.tile_row(0),
                activations: &activations,
                first: 0,
            };
            let mut expected = [[0.0; TILE_ROWS]; ROWS];
            unit.portable(4, &mut expected);
            #[cfg(target_arch = "x86_64")]
            {
                let mut found = [[0.0; TILE_ROWS]; ROWS];
                if level() != Level::Portable {
                    // SAFETY: the machine has at least AVX2.
                    unsafe {
                        run(&unit, Level::Avx2, &mut found);
                    }
                    assert_eq!(found, expected, "{kind:?} avx2");
                }
                if level() == Level::Avx512 {
                    // SAFETY: the machine has AVX-512 with VNNI.
                    unsafe {
                        run(&unit, Level::Avx512, &mut found);
                    }
                    assert_eq!(found, expected, "{kind:?} avx512");
                }
            }
        }
    }
}
