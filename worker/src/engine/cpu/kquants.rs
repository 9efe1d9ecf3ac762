//! The formats with blocks of 256 weights, of which each 16 or 32 have a small integer as their own scale.
//!
//! A scale here is that integer times the block's half float: at most 19 bits, exact as a single float.

use super::pack::{half, Block, BLOCK};
use ogpu_client::models::TensorType;

/// Block `index` of 32 weights of a row in one of `Q2_K` to `Q6_K`.
pub fn block(kind: TensorType, row: &[u8], index: usize) -> Block {
    let bytes = kind.block_bytes() as usize;
    let (whole, part) = (&row[index / 8 * bytes..][..bytes], index % 8);
    match kind {
        TensorType::Q2K => q2(whole, part),
        TensorType::Q3K => q3(whole, part),
        TensorType::Q4K => q4_or_q5(whole, part, None, &whole[16..]),
        TensorType::Q5K => q4_or_q5(whole, part, Some(&whole[16..48]), &whole[48..]),
        _ => q6(whole, part),
    }
}

fn quants(quant: impl Fn(usize) -> u8) -> [u8; BLOCK] {
    std::array::from_fn(quant)
}

/// 4 bits of scale and of minimum for each 16 weights.
fn q2(whole: &[u8], part: usize) -> Block {
    let (scales, low) = (&whole[..16], &whole[16..80]);
    let (scale, minimum) = (half(whole, 80), half(whole, 82));
    let shift = part % 4 * 2;
    Block {
        quants: quants(|i| low[part / 4 * 32 + i] >> shift & 3),
        scales: [0, 1].map(|side| scale * f32::from(scales[2 * part + side] & 15)),
        minima: [0, 1].map(|side| -(minimum * f32::from(scales[2 * part + side] >> 4))),
    }
}

/// 6 bits of signed scale for each 16 weights.
fn q3(whole: &[u8], part: usize) -> Block {
    let (high, low, packed) = (&whole[..32], &whole[32..96], &whole[96..108]);
    let whole_scale = half(whole, 108);
    let scale = |i: usize| {
        let four = packed[i % 8] >> (i / 8 * 4) & 15;
        let two = packed[8 + i % 4] >> (i / 4 * 2) & 3;
        whole_scale * f32::from((four | two << 4) as i8 - 32)
    };
    let shift = part % 4 * 2;
    Block {
        quants: quants(|i| low[part / 4 * 32 + i] >> shift & 3 | (high[i] >> part & 1) << 2),
        scales: [0, 1].map(|side| scale(2 * part + side)),
        minima: [0.0; 2],
    }
}

/// 6 bits of scale and of minimum for each 32 weights; `fifth` holds the highest bits of 5.
fn q4_or_q5(whole: &[u8], part: usize, fifth: Option<&[u8]>, low: &[u8]) -> Block {
    let packed = &whole[4..16];
    let (scale, minimum) = match part {
        0..4 => (packed[part] & 63, packed[part + 4] & 63),
        _ => (
            packed[part + 4] & 15 | packed[part - 4] >> 6 << 4,
            packed[part + 4] >> 4 | packed[part] >> 6 << 4,
        ),
    };
    let shift = part % 2 * 4;
    Block {
        quants: quants(|i| {
            let high = fifth.map_or(0, |fifth| fifth[i] >> part & 1);
            low[part / 2 * 32 + i] >> shift & 15 | high << 4
        }),
        scales: [half(whole, 0) * f32::from(scale); 2],
        minima: [-(half(whole, 2) * f32::from(minimum)); 2],
    }
}

/// 8 bits of signed scale for each 16 weights.
fn q6(whole: &[u8], part: usize) -> Block {
    let (low, high, scales) = (&whole[..128], &whole[128..192], &whole[192..208]);
    let (group, quarter) = (part / 4, part % 4);
    let scale = half(whole, 208);
    Block {
        quants: quants(|i| {
            let four = low[group * 64 + quarter % 2 * 32 + i] >> (quarter / 2 * 4) & 15;
            four | (high[group * 32 + i] >> (quarter * 2) & 3) << 4
        }),
        scales: [0, 1].map(|side| scale * f32::from(scales[2 * part + side] as i8)),
        minima: [0.0; 2],
    }
}
