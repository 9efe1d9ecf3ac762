//! Causal attention over a cache, grouped queries included.
//!
//! Keys are stored in blocks of 16 positions with the positions innermost, so that 16 scores are
//! computed at once; values are stored by position. Sums run over the positions in order from 0, for
//! every query by itself, whatever else is computed in the same pass.

// Indices name registers of several arrays at once.
#![allow(clippy::needless_range_loop)]

use super::math::{exp, sum_lanes, LANES};
#[cfg(target_arch = "x86_64")]
use super::vector::{Avx2, Avx512};
use super::vector::{Lanes, Vector};
use super::{level, parallel, Level, Shared};

/// Queries that one unit of work takes.
const QUERIES: usize = 16;
/// Rows (query and head) that share one pass over keys and values.
const ROWS: usize = 4;

/// Sizes of an attention layer.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Query heads.
    pub queries: usize,
    /// Key and value heads; divides `queries`.
    pub keys: usize,
    /// Values in a head.
    pub size: usize,
}

/// Keys and values of one layer of one stream, allocated for all positions at once.
pub struct Cache {
    heads: Heads,
    capacity: usize,
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Cache {
    /// Room for `capacity` positions.
    pub fn new(heads: Heads, capacity: usize) -> Self {
        let capacity = capacity.next_multiple_of(LANES);
        let length = capacity * heads.keys * heads.size;
        Self {
            heads,
            capacity,
            keys: vec![0.0; length],
            values: vec![0.0; length],
        }
    }

    /// Stores the key and value of `position`; each holds all key heads one after another.
    pub fn store(&mut self, position: usize, key: &[f32], value: &[f32]) {
        let size = self.heads.size;
        for head in 0..self.heads.keys {
            let block = (head * self.capacity + position / LANES * LANES) * size + position % LANES;
            for (i, key) in key[head * size..(head + 1) * size].iter().enumerate() {
                self.keys[block + i * LANES] = *key;
            }
            let at = (head * self.capacity + position) * size;
            self.values[at..at + size].copy_from_slice(&value[head * size..(head + 1) * size]);
        }
    }
}

/// Consecutive queries of one stream.
pub struct Queries<'a> {
    /// Query `i` begins at `i · stride`, all heads one after another.
    pub values: &'a [f32],
    /// Values from one query to the next.
    pub stride: usize,
    /// Position of the first.
    pub first: usize,
    /// Number of them.
    pub count: usize,
    /// Positions that a query sees, its own included; `None` is all from 0.
    pub window: Option<usize>,
    /// Factor on scores.
    pub scale: f32,
}

/// One row: a query vector of one head, the positions `from..seen` that it sees, and where its result goes.
#[derive(Clone, Copy)]
struct Row<'a> {
    query: &'a [f32],
    from: usize,
    seen: usize,
    out: usize,
}

/// Attention of consecutive queries. `out` gets `heads.queries · heads.size` values a query.
pub fn attend(cache: &Cache, queries: &Queries<'_>, out: &mut [f32]) {
    let Queries {
        values: vectors,
        stride,
        first,
        count,
        window,
        scale,
    } = *queries;
    let Heads {
        queries: query_heads,
        keys: key_heads,
        size,
    } = cache.heads;
    let group = query_heads / key_heads;
    let blocks = count.div_ceil(QUERIES);
    let shared = Shared(out.as_mut_ptr());
    parallel(key_heads * blocks, (first + count) * count >= 64, |range| {
        let mut scores = vec![0.0; ROWS * (first + count).next_multiple_of(LANES)];
        for unit in range {
            let (key_head, block) = (unit % key_heads, unit / key_heads);
            let length = cache.capacity * size;
            let keys = &cache.keys[key_head * length..(key_head + 1) * length];
            let values = &cache.values[key_head * length..(key_head + 1) * length];
            let mut rows = Vec::with_capacity(QUERIES * group);
            for i in block * QUERIES..count.min((block + 1) * QUERIES) {
                for head in key_head * group..(key_head + 1) * group {
                    let seen = first + i + 1;
                    rows.push(Row {
                        query: &vectors[i * stride + head * size..][..size],
                        from: window.map_or(0, |window| seen.saturating_sub(window)),
                        seen,
                        out: (i * query_heads + head) * size,
                    });
                }
            }
            for rows in rows.chunks(ROWS) {
                match rows.len() {
                    1 => pass::<1>(rows, scale, keys, values, &mut scores, shared),
                    2 => pass::<2>(rows, scale, keys, values, &mut scores, shared),
                    3 => pass::<3>(rows, scale, keys, values, &mut scores, shared),
                    _ => pass::<4>(rows, scale, keys, values, &mut scores, shared),
                }
            }
        }
    });
}

/// One pass over keys and values for up to four rows, with the best instructions there are.
fn pass<const R: usize>(
    rows: &[Row],
    scale: f32,
    keys: &[f32],
    values: &[f32],
    scores: &mut [f32],
    out: Shared,
) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")]
        unsafe fn avx512<const R: usize>(r: &[Row], c: f32, k: &[f32], v: &[f32], s: &mut [f32], o: Shared) {
            body::<Avx512, R>(r, c, k, v, s, o)
        }
        #[target_feature(enable = "avx2,fma,f16c")]
        unsafe fn avx2<const R: usize>(r: &[Row], c: f32, k: &[f32], v: &[f32], s: &mut [f32], o: Shared) {
            body::<Avx2, R>(r, c, k, v, s, o)
        }
        match level() {
            // SAFETY: `level` has detected exactly these features.
            Level::Avx512 => return unsafe { avx512::<R>(rows, scale, keys, values, scores, out) },
            Level::Avx2 => return unsafe { avx2::<R>(rows, scale, keys, values, scores, out) },
            Level::Portable => {}
        }
    }
    // SAFETY: the portable form needs no instructions of its own.
    unsafe { body::<Lanes, R>(rows, scale, keys, values, scores, out) }
}

/// # Safety
/// The machine has the instructions of `V`; each row's place in `out` belongs to this call alone.
#[inline(always)]
unsafe fn body<V: Vector, const R: usize>(
    rows: &[Row],
    scale: f32,
    keys: &[f32],
    values: &[f32],
    scores: &mut [f32],
    out: Shared,
) {
    let size = rows[0].query.len();
    let padded = rows[R - 1].seen.next_multiple_of(LANES);
    let scale = V::splat(scale);
    assert!(scores.len() >= R * padded && keys.len() >= padded * size && values.len() >= padded * size);

    for start in (rows[0].from / LANES * LANES..padded).step_by(LANES) {
        let block = keys.as_ptr().add(start * size);
        let mut sums = [V::splat(0.0); R];
        for i in 0..size {
            let keys = V::load(block.add(i * LANES));
            for r in 0..R {
                sums[r] = keys.fused(V::splat(*rows[r].query.get_unchecked(i)), sums[r]);
            }
        }
        for r in 0..R {
            sums[r]
                .times(scale)
                .store(scores.as_mut_ptr().add(r * padded + start));
        }
    }
    let mut inverse = [0.0f32; R];
    for r in 0..R {
        inverse[r] = 1.0 / exponentials(&mut scores[r * padded..][rows[r].from..rows[r].seen]);
    }
    let mut at = 0;
    while at < size {
        let left = size - at;
        if left >= 4 * LANES {
            weigh::<V, R, 4>(rows, values, at, scores, &inverse, out);
            at += 4 * LANES;
        } else if left >= LANES {
            weigh::<V, R, 1>(rows, values, at, scores, &inverse, out);
            at += LANES;
        } else {
            for r in 0..R {
                let mut sum = 0.0f32;
                for position in rows[r].from..rows[r].seen {
                    sum = values[position * size + at].mul_add(scores[r * padded + position], sum);
                }
                out.slice(rows[r].out + at, 1)[0] = sum * inverse[r];
            }
            at += 1;
        }
    }
}

/// Replaces each score by e^(score - largest); gives their sum.
#[inline(always)]
fn exponentials(scores: &mut [f32]) -> f32 {
    let mut largest = [f32::NEG_INFINITY; LANES];
    let mut chunks = scores.chunks_exact(LANES);
    for chunk in &mut chunks {
        for lane in 0..LANES {
            largest[lane] = largest[lane].max(chunk[lane]);
        }
    }
    let rest = chunks.remainder().iter().copied();
    let largest = largest.into_iter().chain(rest).fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0f32; LANES];
    let mut chunks = scores.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        for lane in 0..LANES {
            chunk[lane] = exp(chunk[lane] - largest);
            sums[lane] += chunk[lane];
        }
    }
    for (score, sum) in chunks.into_remainder().iter_mut().zip(&mut sums) {
        *score = exp(*score - largest);
        *sum += *score;
    }
    sum_lanes(sums)
}

/// The weighted sum of columns `at..at + 16 · W` of the values.
///
/// # Safety
/// As for [`body`], and the columns exist.
#[inline(always)]
unsafe fn weigh<V: Vector, const R: usize, const W: usize>(
    rows: &[Row],
    values: &[f32],
    at: usize,
    scores: &[f32],
    inverse: &[f32; R],
    out: Shared,
) {
    let size = rows[0].query.len();
    let padded = rows[R - 1].seen.next_multiple_of(LANES);
    let (values, scores) = (values.as_ptr().add(at), scores.as_ptr());
    let mut sums = [[V::splat(0.0); W]; R];
    // Positions that all rows see share their loads; the few that only some rows see come before and after.
    let begin = rows[R - 1].from;
    let end = rows[0].seen.max(begin);
    for r in 0..R {
        for position in rows[r].from..begin.min(rows[r].seen) {
            let weight = V::splat(*scores.add(r * padded + position));
            for w in 0..W {
                let value = V::load(values.add(position * size + w * LANES));
                sums[r][w] = value.fused(weight, sums[r][w]);
            }
        }
    }
    for position in begin..end {
        let mut value = [V::splat(0.0); W];
        for w in 0..W {
            value[w] = V::load(values.add(position * size + w * LANES));
        }
        for r in 0..R {
            let weight = V::splat(*scores.add(r * padded + position));
            for w in 0..W {
                sums[r][w] = value[w].fused(weight, sums[r][w]);
            }
        }
    }
    for r in 0..R {
        for position in end..rows[r].seen {
            let weight = V::splat(*scores.add(r * padded + position));
            for w in 0..W {
                let value = V::load(values.add(position * size + w * LANES));
                sums[r][w] = value.fused(weight, sums[r][w]);
            }
        }
        let result = out.slice(rows[r].out + at, W * LANES).as_mut_ptr();
        for w in 0..W {
            sums[r][w]
                .times(V::splat(inverse[r]))
                .store(result.add(w * LANES));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::tests::sample;
    use super::*;

    fn filled(heads: Heads, positions: usize) -> Cache {
        let width = heads.keys * heads.size;
        let mut cache = Cache::new(heads, positions);
        let (keys, values) = (sample(positions * width, 31), sample(positions * width, 47));
        for i in 0..positions {
            let at = i * width..(i + 1) * width;
            cache.store(i, &keys[at.clone()], &values[at]);
        }
        cache
    }

    fn run(cache: &Cache, values: &[f32], first: usize, window: Option<usize>) -> Vec<f32> {
        let stride = cache.heads.queries * cache.heads.size;
        let mut out = vec![0.0; values.len()];
        let queries = Queries {
            values,
            stride,
            first,
            count: values.len() / stride,
            window,
            scale: 1.0 / (cache.heads.size as f32).sqrt(),
        };
        attend(cache, &queries, &mut out);
        out
    }

    #[test]
    fn attention_should_equal_the_definition_when_heads_are_grouped() {
        for (size, window) in [
            (16, None),
            (64, None),
            (80, None),
            (64, Some(7)),
            (80, Some(2)),
            (16, Some(90)),
        ] {
            let heads = Heads {
                queries: 6,
                keys: 2,
                size,
            };
            let cache = filled(heads, 37);
            let (keys, values) = (sample(37 * 2 * size, 31), sample(37 * 2 * size, 47));
            let queries: Vec<f32> = sample(5 * 6 * size, 13).iter().map(|x| x / 20.0).collect();
            let out = run(&cache, &queries, 32, window);
            for (index, (query, out)) in queries.chunks(size).zip(out.chunks(size)).enumerate() {
                let (seen, key_head) = (32 + index / 6 + 1, index % 6 / 3);
                let from = window.map_or(0, |window| seen.saturating_sub(window));
                let at = |t: usize| (t * 2 + key_head) * size..(t * 2 + key_head + 1) * size;
                let score = |t: usize| -> f64 {
                    let dot: f64 = query
                        .iter()
                        .zip(&keys[at(t)])
                        .map(|(a, b)| f64::from(a * b))
                        .sum();
                    dot / (size as f64).sqrt()
                };
                let largest = (from..seen).map(score).fold(f64::MIN, f64::max);
                let total: f64 = (from..seen).map(|t| (score(t) - largest).exp()).sum();
                for (i, out) in out.iter().enumerate() {
                    let exact: f64 = (from..seen)
                        .map(|t| (score(t) - largest).exp() / total * f64::from(values[at(t)][i]))
                        .sum();
                    assert!((exact - f64::from(*out)).abs() < 1e-4, "{out} is not {exact}");
                }
            }
        }
    }

    #[test]
    fn attention_should_give_equal_bits_when_queries_come_one_by_one() {
        let heads = Heads {
            queries: 6,
            keys: 2,
            size: 64,
        };
        let cache = filled(heads, 50);
        let queries = sample(50 * 384, 13);
        for window in [None, Some(1), Some(5), Some(18)] {
            let together = run(&cache, &queries, 0, window);
            for i in 0..50 {
                let alone = run(&cache, &queries[i * 384..(i + 1) * 384], i, window);
                assert_eq!(
                    alone,
                    together[i * 384..(i + 1) * 384],
                    "query {i}, window {window:?}"
                );
            }
        }
    }
}
