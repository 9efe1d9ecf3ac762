//! Block-quantised weights, rewritten at load into tiles that vector units can stream.
//!
//! The rewriting is exact: quants, scales and minima are moved, never rounded. It covers every format
//! with blocks of 32 (`Q4_0`, `Q4_1`, `Q5_0`, `Q5_1`, `Q8_0`), for which candle has no vector code or
//! only for rows of whole 256s. A weight is `scale · (quant - zero) + minimum`.

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
/// A tile holds its quants as unsigned integers, then 16 scales, then 16 minima when it has any (both
/// IEEE half floats). Quants are ordered so that 64 consecutive bytes are 16 rows of 4 columns; with
/// nibbles, the low half of line `l` is columns `4l..`, the high half columns `16 + 4l..`.
pub struct Packed {
    /// Rows of the matrix (outputs).
    pub rows: usize,
    /// Columns of the matrix (inputs), whole blocks.
    pub columns: usize,
    /// Two quants a byte.
    pub nibbles: bool,
    /// Tiles carry minima.
    pub minima: bool,
    /// What is subtracted from each quant.
    pub zero: i32,
    /// Bytes from one tile to the next.
    pub stride: usize,
    lines: Vec<Line>,
}

struct Format {
    nibbles: bool,
    minima: bool,
    zero: i32,
    block_bytes: usize,
}

fn format(kind: TensorType) -> Option<Format> {
    let block_bytes = kind.block_bytes() as usize;
    let (nibbles, minima, zero) = match kind {
        TensorType::Q4_0 => (true, false, 8),
        TensorType::Q4_1 => (true, true, 0),
        TensorType::Q5_0 => (false, false, 16),
        TensorType::Q5_1 => (false, true, 0),
        TensorType::Q8_0 => (false, false, 128),
        _ => return None,
    };
    Some(Format {
        nibbles,
        minima,
        zero,
        block_bytes,
    })
}

/// Quants of one block as unsigned integers.
fn quants(kind: TensorType, block: &[u8]) -> [u8; BLOCK] {
    let mut out = [0; BLOCK];
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
        TensorType::Q4_0 => low_nibbles(&mut out, &block[2..18]),
        TensorType::Q4_1 => low_nibbles(&mut out, &block[4..20]),
        TensorType::Q5_0 => {
            low_nibbles(&mut out, &block[6..22]);
            fifth_bits(&mut out, &block[2..6]);
        }
        TensorType::Q5_1 => {
            low_nibbles(&mut out, &block[8..24]);
            fifth_bits(&mut out, &block[4..8]);
        }
        _ => {
            for j in 0..BLOCK {
                out[j] = block[2 + j] ^ 128;
            }
        }
    }
    out
}

impl Packed {
    /// Rewrites a matrix of `rows` by `columns`; `None` when the format has no exact form here.
    pub fn new(kind: TensorType, rows: usize, columns: usize, data: &[u8]) -> Option<Self> {
        let format = format(kind)?;
        let blocks = columns / BLOCK;
        if !columns.is_multiple_of(BLOCK) || data.len() != rows * blocks * format.block_bytes {
            return None;
        }
        let quant_bytes = if format.nibbles { 256 } else { 512 };
        let stride = quant_bytes + 32 + if format.minima { 32 } else { 0 };
        let tiles = rows.div_ceil(TILE_ROWS);
        let mut lines = vec![Line([0; 64]); (tiles * blocks * stride).div_ceil(64)];
        let bytes = as_bytes_mut(&mut lines);
        for row in 0..rows {
            let (tile_row, lane) = (row / TILE_ROWS, row % TILE_ROWS);
            for b in 0..blocks {
                let block = &data[(row * blocks + b) * format.block_bytes..][..format.block_bytes];
                let tile = &mut bytes[(tile_row * blocks + b) * stride..][..stride];
                let quants = quants(kind, block);
                for (column, quant) in quants.into_iter().enumerate() {
                    if format.nibbles {
                        let line = column % 16 / 4;
                        let shift = if column < 16 { 0 } else { 4 };
                        tile[line * 64 + lane * 4 + column % 4] |= quant << shift;
                    } else {
                        tile[column / 4 * 64 + lane * 4 + column % 4] = quant;
                    }
                }
                tile[quant_bytes + 2 * lane..][..2].copy_from_slice(&block[..2]);
                if format.minima {
                    tile[quant_bytes + 32 + 2 * lane..][..2].copy_from_slice(&block[2..4]);
                }
            }
        }
        let Format {
            nibbles,
            minima,
            zero,
            ..
        } = format;
        Some(Self {
            rows,
            columns,
            nibbles,
            minima,
            zero,
            stride,
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

    /// Bytes of quants in a tile.
    pub fn quant_bytes(&self) -> usize {
        if self.nibbles {
            256
        } else {
            512
        }
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
        let at = self.quant_bytes() + 2 * lane;
        for (tile, out) in tiles.chunks_exact(self.stride).zip(out.chunks_exact_mut(BLOCK)) {
            let scale = half(tile, at);
            let minimum = if self.minima { half(tile, at + 32) } else { 0.0 };
            for (column, out) in out.iter_mut().enumerate() {
                *out = (self.quant(tile, lane, column) - self.zero) as f32 * scale + minimum;
            }
        }
    }

    /// One quant of a tile, before `zero` is subtracted.
    pub fn quant(&self, tile: &[u8], lane: usize, column: usize) -> i32 {
        let quant = if self.nibbles {
            tile[column % 16 / 4 * 64 + lane * 4 + column % 4] >> (column / 16 * 4) & 15
        } else {
            tile[column / 4 * 64 + lane * 4 + column % 4]
        };
        quant.into()
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

    pub(crate) const KINDS: [(TensorType, GgmlDType); 5] = [
        (TensorType::Q4_0, GgmlDType::Q4_0),
        (TensorType::Q4_1, GgmlDType::Q4_1),
        (TensorType::Q5_0, GgmlDType::Q5_0),
        (TensorType::Q5_1, GgmlDType::Q5_1),
        (TensorType::Q8_0, GgmlDType::Q8_0),
    ];

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
            let (data, dense) = quantised(dtype, 19, 96);
            let packed = Packed::new(kind, 19, 96, &data).unwrap();
            let mut row = vec![0.0; 96];
            for (i, expected) in dense.to_vec2::<f32>().unwrap().into_iter().enumerate() {
                packed.row(i, &mut row);
                assert_eq!(row, expected, "{kind:?} row {i}");
            }
        }
    }

    #[test]
    fn packed_should_be_refused_when_the_format_or_the_length_does_not_fit() {
        assert!(Packed::new(TensorType::Q4K, 1, 256, &[0; 144]).is_none());
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
    }
}
