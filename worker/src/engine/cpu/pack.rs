//! Block-quantised weights, rewritten at load into tiles that vector units can stream.
//!
//! The rewriting is exact: quants are moved, scales and minima are moved or multiplied out without rounding.
//! It covers every quantised format of GGUF: those with blocks of 32 (`Q4_0`, `Q4_1`, `Q5_0`, `Q5_1`, `Q8_0`),
//! for which candle has no vector code or only for rows of whole 256s, and those with blocks of 256 (`Q2_K` to
//! `Q6_K`). A weight is `scale · (quant - zero) + minimum`.

use super::kquants;
use ogpu_client::models::TensorType;

/// Weights in a block, all of one row.
pub const BLOCK: usize = 32;
/// Rows in a tile.
pub const TILE_ROWS: usize = 16;

/// 64 aligned bytes, the unit of storage.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A matrix in tiles of 16 rows by 32 columns.
///
/// A tile holds its quants as unsigned integers, then 16 scales, then 16 minima when it has any. They are IEEE
/// half floats, or single floats when `single`; with `halves` there are 16 more of both for columns 16 to 31,
/// after those for columns 0 to 15. Quants are ordered so that 64 consecutive bytes are 16 rows of 4 columns;
/// with nibbles, the low half of line `l` is columns `4l..`, the high half columns `16 + 4l..`.
pub struct Packed {
    /// Rows of the matrix (outputs).
    pub rows: usize,
    /// Columns of the matrix (inputs), whole blocks.
    pub columns: usize,
    /// Bytes from one tile to the next.
    pub stride: usize,
    /// What tiles hold.
    pub format: Format,
    lines: Vec<Line>,
}

/// What tiles hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Two quants a byte.
    pub nibbles: bool,
    /// Scales and minima are single floats.
    pub single: bool,
    /// The two halves of a block have scales and minima of their own.
    pub halves: bool,
    /// Tiles carry minima.
    pub minima: bool,
    /// What is subtracted from each quant.
    pub zero: i32,
}

/// One block of one row: quants, then scale and minimum for each half.
pub struct Block {
    /// Quants as unsigned integers.
    pub quants: [u8; BLOCK],
    /// Scales; equal where halves share one.
    pub scales: [f32; 2],
    /// Minima, 0 where the format has none.
    pub minima: [f32; 2],
}

impl Format {
    fn of(kind: TensorType) -> Option<Self> {
        let format = |nibbles, single, halves, minima, zero| Self {
            nibbles,
            single,
            halves,
            minima,
            zero,
        };
        Some(match kind {
            TensorType::Q4_0 => format(true, false, false, false, 8),
            TensorType::Q4_1 => format(true, false, false, true, 0),
            TensorType::Q5_0 => format(false, false, false, false, 16),
            TensorType::Q5_1 => format(false, false, false, true, 0),
            TensorType::Q8_0 => format(false, false, false, false, 128),
            TensorType::Q2K => format(true, true, true, true, 0),
            TensorType::Q3K => format(true, true, true, false, 4),
            TensorType::Q4K => format(true, true, false, true, 0),
            TensorType::Q5K => format(false, true, false, true, 0),
            TensorType::Q6K => format(false, true, true, false, 32),
            TensorType::F32 | TensorType::F16 | TensorType::Bf16 | TensorType::Q8K => return None,
        })
    }

    /// Bytes of quants in a tile.
    pub fn quant_bytes(self) -> usize {
        if self.nibbles {
            256
        } else {
            512
        }
    }

    /// Bytes of 16 scales.
    pub fn scale_bytes(self) -> usize {
        if self.single {
            64
        } else {
            32
        }
    }

    /// Where the minima are after their scales.
    pub fn minima_offset(self) -> usize {
        self.scale_bytes() * if self.halves { 2 } else { 1 }
    }

    fn stride(self) -> usize {
        self.quant_bytes() + self.minima_offset() * if self.minima { 2 } else { 1 }
    }
}

/// The block `index` of a row in one of the formats with blocks of 32.
fn block_of_32(kind: TensorType, row: &[u8], index: usize) -> Block {
    let bytes = kind.block_bytes() as usize;
    let block = &row[index * bytes..][..bytes];
    let (minima, mut quants) = (matches!(kind, TensorType::Q4_1 | TensorType::Q5_1), [0; BLOCK]);
    let low_nibbles = |out: &mut [u8; BLOCK], bytes: &[u8]| {
        for j in 0..16 {
            out[j] = bytes[j] & 15;
            out[j + 16] = bytes[j] >> 4;
        }
    };
    let fifth_bits = |out: &mut [u8; BLOCK], bytes: &[u8]| {
        for (j, out) in out.iter_mut().enumerate() {
            *out |= (bytes[j / 8] >> (j % 8) & 1) << 4;
        }
    };
    match kind {
        TensorType::Q4_0 => low_nibbles(&mut quants, &block[2..18]),
        TensorType::Q4_1 => low_nibbles(&mut quants, &block[4..20]),
        TensorType::Q5_0 => {
            low_nibbles(&mut quants, &block[6..22]);
            fifth_bits(&mut quants, &block[2..6]);
        }
        TensorType::Q5_1 => {
            low_nibbles(&mut quants, &block[8..24]);
            fifth_bits(&mut quants, &block[4..8]);
        }
        _ => {
            for j in 0..BLOCK {
                quants[j] = block[2 + j] ^ 128;
            }
        }
    }
    Block {
        quants,
        scales: [half(block, 0); 2],
        minima: [if minima { half(block, 2) } else { 0.0 }; 2],
    }
}

impl Packed {
    /// Rewrites a matrix of `rows` by `columns`; `None` when the format has no exact form here.
    pub fn new(kind: TensorType, rows: usize, columns: usize, data: &[u8]) -> Option<Self> {
        let format = Format::of(kind)?;
        let elements = kind.block_elements() as usize;
        let row_bytes = columns / elements * kind.block_bytes() as usize;
        if !columns.is_multiple_of(elements) || row_bytes == 0 || data.len() != rows * row_bytes {
            return None;
        }
        let (blocks, stride) = (columns / BLOCK, format.stride());
        let tiles = rows.div_ceil(TILE_ROWS);
        let mut lines = vec![Line([0; 64]); (tiles * blocks * stride).div_ceil(64)];
        let bytes = as_bytes_mut(&mut lines);
        for (row, data) in data.chunks_exact(row_bytes).enumerate() {
            let (tile_row, lane) = (row / TILE_ROWS, row % TILE_ROWS);
            for b in 0..blocks {
                let block = match elements {
                    BLOCK => block_of_32(kind, data, b),
                    _ => kquants::block(kind, data, b),
                };
                let tile = &mut bytes[(tile_row * blocks + b) * stride..][..stride];
                format.write(tile, lane, &block);
            }
        }
        Some(Self {
            rows,
            columns,
            stride,
            format,
            lines,
        })
    }

    /// Blocks in a row.
    pub fn blocks(&self) -> usize {
        self.columns / BLOCK
    }

    /// Tiles on top of each other.
    pub fn tiles(&self) -> usize {
        self.rows.div_ceil(TILE_ROWS)
    }

    /// The tiles of rows `16 · tile..`, one after another.
    pub fn tile_row(&self, tile: usize) -> &[u8] {
        let length = self.blocks() * self.stride;
        &as_bytes(&self.lines)[tile * length..][..length]
    }

    /// One row as floats, rounded as the format defines it.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        let tiles = self.tile_row(row / TILE_ROWS);
        let lane = row % TILE_ROWS;
        for (tile, out) in tiles.chunks_exact(self.stride).zip(out.chunks_exact_mut(BLOCK)) {
            for (column, out) in out.iter_mut().enumerate() {
                *out = self.format.weight(tile, lane, column);
            }
        }
    }
}

impl Format {
    fn write(self, tile: &mut [u8], lane: usize, block: &Block) {
        for (column, quant) in block.quants.into_iter().enumerate() {
            if self.nibbles {
                let line = column % 16 / 4;
                let shift = if column < 16 { 0 } else { 4 };
                tile[line * 64 + lane * 4 + column % 4] |= quant << shift;
            } else {
                tile[column / 4 * 64 + lane * 4 + column % 4] = quant;
            }
        }
        let mut put = |at: usize, value: f32| match self.single {
            true => tile[at + 4 * lane..][..4].copy_from_slice(&value.to_le_bytes()),
            // Values that came from half floats: the conversion back is exact.
            false => tile[at + 2 * lane..][..2].copy_from_slice(&half_bits(value).to_le_bytes()),
        };
        for side in 0..if self.halves { 2 } else { 1 } {
            let at = self.quant_bytes() + side * self.scale_bytes();
            put(at, block.scales[side]);
            if self.minima {
                put(at + self.minima_offset(), block.minima[side]);
            }
        }
    }

    /// One weight of a tile, with the two roundings that its format has.
    pub fn weight(self, tile: &[u8], lane: usize, column: usize) -> f32 {
        let side = column / 16;
        (self.quant(tile, lane, column) - self.zero) as f32 * self.scale(tile, lane, side)
            + self.minimum(tile, lane, side)
    }

    /// One quant of a tile, before `zero` is subtracted.
    pub fn quant(self, tile: &[u8], lane: usize, column: usize) -> i32 {
        let quant = if self.nibbles {
            tile[column % 16 / 4 * 64 + lane * 4 + column % 4] >> (column / 16 * 4) & 15
        } else {
            tile[column / 4 * 64 + lane * 4 + column % 4]
        };
        quant.into()
    }

    /// The scale of one half of a block.
    pub fn scale(self, tile: &[u8], lane: usize, side: usize) -> f32 {
        let side = if self.halves { side } else { 0 };
        self.value(tile, self.quant_bytes() + side * self.scale_bytes(), lane)
    }

    /// The minimum of one half of a block; 0 when there are none.
    pub fn minimum(self, tile: &[u8], lane: usize, side: usize) -> f32 {
        if !self.minima {
            return 0.0;
        }
        let side = if self.halves { side } else { 0 };
        let at = self.quant_bytes() + self.minima_offset() + side * self.scale_bytes();
        self.value(tile, at, lane)
    }

    fn value(self, tile: &[u8], at: usize, lane: usize) -> f32 {
        match self.single {
            true => {
                let at = at + 4 * lane;
                f32::from_le_bytes([tile[at], tile[at + 1], tile[at + 2], tile[at + 3]])
            }
            false => half(tile, at + 2 * lane),
        }
    }
}

/// The 16 single or half floats at `at`, as they stand in a tile.
#[cfg(target_arch = "x86_64")]
pub mod load {
    use std::arch::x86_64::*;

    /// All 16.
    ///
    /// # Safety
    /// 64 (or 32) bytes can be read, and the machine has AVX-512.
    #[inline(always)]
    pub unsafe fn sixteen(at: *const u8, single: bool) -> __m512 {
        match single {
            true => _mm512_loadu_ps(at.cast()),
            false => _mm512_cvtph_ps(_mm256_loadu_si256(at.cast())),
        }
    }

    /// The first or second 8.
    ///
    /// # Safety
    /// 64 (or 32) bytes can be read, and the machine has AVX2 and F16C.
    #[inline(always)]
    pub unsafe fn eight(at: *const u8, single: bool, side: usize) -> __m256 {
        match single {
            true => _mm256_loadu_ps(at.add(side * 32).cast()),
            false => _mm256_cvtph_ps(_mm_loadu_si128(at.add(side * 16).cast())),
        }
    }
}

/// The half float at byte `at`.
pub fn half(bytes: &[u8], at: usize) -> f32 {
    let bits = u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10 & 31);
    let fraction = u32::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => return f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        31 => 0x7f80_0000 | fraction << 13,
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

/// The bits of a value that is a half float, as [`half`] gives it.
fn half_bits(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let exponent = (bits >> 23 & 255) as i32 - 112;
    let fraction = (bits >> 13 & 0x3ff) as u16;
    match exponent {
        ..=0 => sign | (value.abs() * 16_777_216.0) as u16,
        1..=30 => sign | (exponent as u16) << 10 | fraction,
        _ => sign | 0x7c00 | fraction,
    }
}

fn as_bytes(lines: &[Line]) -> &[u8] {
    // SAFETY: `Line` is 64 plain bytes without padding.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * 64) }
}

fn as_bytes_mut(lines: &mut [Line]) -> &mut [u8] {
    // SAFETY: as above, and the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * 64) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QStorage, QTensor};
    use candle_core::{Device, Tensor};

    pub(crate) const KINDS: [(TensorType, GgmlDType); 10] = [
        (TensorType::Q4_0, GgmlDType::Q4_0),
        (TensorType::Q4_1, GgmlDType::Q4_1),
        (TensorType::Q5_0, GgmlDType::Q5_0),
        (TensorType::Q5_1, GgmlDType::Q5_1),
        (TensorType::Q8_0, GgmlDType::Q8_0),
        (TensorType::Q2K, GgmlDType::Q2K),
        (TensorType::Q3K, GgmlDType::Q3K),
        (TensorType::Q4K, GgmlDType::Q4K),
        (TensorType::Q5K, GgmlDType::Q5K),
        (TensorType::Q6K, GgmlDType::Q6K),
    ];

    /// Columns that are whole blocks in every format.
    pub(crate) const COLUMNS: usize = 512;

    pub(crate) fn sample(count: usize, step: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * step % 977) as f32 - 488.0) / 97.0)
            .collect()
    }

    pub(crate) fn quantised(dtype: GgmlDType, rows: usize, columns: usize) -> (Vec<u8>, Tensor) {
        let dense = Tensor::from_vec(sample(rows * columns, 61), (rows, columns), &Device::Cpu).unwrap();
        let quantised = QTensor::quantize(&dense, dtype).unwrap();
        let data = quantised.data().unwrap().to_vec();
        let again = QStorage::from_data(data.clone().into(), &Device::Cpu, dtype).unwrap();
        (
            data,
            QTensor::new(again, (rows, columns))
                .unwrap()
                .dequantize(&Device::Cpu)
                .unwrap(),
        )
    }

    #[test]
    fn packed_rows_should_equal_candles_bit_for_bit_when_dequantised() {
        for (kind, dtype) in KINDS {
            let (data, dense) = quantised(dtype, 19, COLUMNS);
            let packed = Packed::new(kind, 19, COLUMNS, &data).unwrap();
            let mut row = vec![0.0; COLUMNS];
            for (i, expected) in dense.to_vec2::<f32>().unwrap().into_iter().enumerate() {
                packed.row(i, &mut row);
                assert_eq!(row, expected, "{kind:?} row {i}");
            }
        }
    }

    #[test]
    fn packed_should_be_refused_when_the_format_or_the_length_does_not_fit() {
        assert!(Packed::new(TensorType::Q4K, 1, 128, &[0; 72]).is_none());
        assert!(Packed::new(TensorType::Q8K, 1, 256, &[0; 292]).is_none());
        assert!(Packed::new(TensorType::Q8_0, 1, 32, &[0; 33]).is_none());
    }

    #[test]
    fn half_should_read_every_class_of_number() {
        let read = |bits: u16| half(&bits.to_le_bytes(), 0);
        assert_eq!(read(0x3c00), 1.0);
        assert_eq!(read(0xc000), -2.0);
        assert_eq!(read(0x0001), 5.960_464_5e-8);
        assert_eq!(read(0x8000).to_bits(), 0x8000_0000);
        assert_eq!(read(0x7c00), f32::INFINITY);
        for bits in 0..=u16::MAX {
            let value = read(bits);
            assert_eq!(half_bits(value), bits, "{value}");
        }
    }
}
