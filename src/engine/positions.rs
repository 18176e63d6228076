//! Tables of positions that no checkpoint needs to hold, and T5's buckets of distances.

use super::spec::Positions;

/// `[count, width]`: sines in the first half, cosines in the second, frequency 10000^(−2i/width).
pub(super) fn sinusoidal(count: usize, width: usize) -> Vec<f32> {
    let half = width.div_ceil(2);
    let angle = |position: usize, pair: usize| position as f64 / 10_000_f64.powf(2.0 * pair as f64 / width as f64);
    table(count, width, |position, column| {
        if column < half {
            angle(position, column).sin()
        } else {
            angle(position, column - half).cos()
        }
    })
}

/// `[count, width]`: as [`sinusoidal`] with frequency 10000^(−i/(width/2−1)), and zeros at `pad`.
pub(super) fn sinusoidal_after_pad(count: usize, width: usize, pad: usize) -> Vec<f32> {
    let half = width / 2;
    // In f32, as the models were trained: far positions differ visibly otherwise.
    let step = (10_000_f64.ln() / (half.max(2) - 1) as f64) as f32;
    let angle = |position: usize, pair: usize| f64::from((pair as f32 * -step).exp() * position as f32);
    table(count, width, |position, column| match column / half.max(1) {
        _ if position == pad => 0.0,
        0 => angle(position, column).sin(),
        1 => angle(position, column - half).cos(),
        _ => 0.0,
    })
}

fn table(count: usize, width: usize, value: impl Fn(usize, usize) -> f64) -> Vec<f32> {
    (0..count * width)
        .map(|index| value(index / width, index % width) as f32)
        .collect()
}

/// Biases on attention scores by head and distance, looked up from a table by buckets once for a whole forward pass.
pub(super) struct Distances {
    /// `[heads][2 · longest − 1]`, or `[heads][longest]` where keys never come after queries.
    biases: Vec<f32>,
    row: usize,
    /// Place of distance 0.
    zero: usize,
}

impl Distances {
    /// Biases for sequences of at most `longest` tokens; `None` for models without a table. Keys up to `longest − 1`
    /// before the query, and as many after it where `both_ways`.
    pub(super) fn new(
        table: Option<&[f32]>,
        positions: Positions,
        heads: usize,
        longest: usize,
        both_ways: bool,
    ) -> Option<Self> {
        let (Some(table), Positions::Relative { buckets, distance }) = (table, positions) else {
            return None;
        };
        let zero = longest.saturating_sub(1);
        let row = if both_ways { 2 * zero + 1 } else { zero + 1 };
        let mut biases = vec![0.0; heads * row];
        for at in 0..row {
            let bucket = bucket(at as i64 - zero as i64, buckets, distance, both_ways);
            for head in 0..heads {
                biases[head * row + at] = table[bucket * heads + head];
            }
        }
        Some(Self { biases, row, zero })
    }

    /// The bias for a key that stands `key` and a query that stands `query` tokens from the start.
    pub(super) fn bias(&self, head: usize, query: usize, key: usize) -> f32 {
        self.biases[head * self.row + self.zero + key - query]
    }
}

/// T5's bucket of a distance: exact up to half of the buckets, then logarithmic up to `most`.
fn bucket(distance: i64, buckets: usize, most: usize, both_ways: bool) -> usize {
    let (buckets, start, size) = if both_ways {
        let half = buckets / 2;
        (
            half,
            if distance > 0 { half } else { 0 },
            distance.unsigned_abs() as usize,
        )
    } else {
        (buckets, 0, (-distance).max(0) as usize)
    };
    let exact = buckets / 2;
    if size < exact {
        return start + size;
    }
    let fraction = (size as f32 / exact as f32).ln() / ((most as f64 / exact as f64).ln() as f32);
    let far = exact + (fraction * (buckets - exact) as f32) as usize;
    start + far.min(buckets - 1)
}
