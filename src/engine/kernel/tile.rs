//! Products of a tile of rows with a packed panel of 16 columns.
//!
//! Layouts. Panel, f32: `[inner][16]`. Panel, int8: `[inner / 2][16][2]`. Tile of R rows, f32: `[inner][R]`; 16-bit
//! integers: `[inner / 2][R][2]`. The inner dimension of integer operands is padded with a zero to an even number.

use super::{PANEL, TILE, for_each_width};

/// Defines `$name(rows, …)`, which calls `$kernel::<R>(…)` with R = rows.
macro_rules! by_rows {
    ($rows:expr, $kernel:ident, $($argument:expr),*) => {
        match $rows {
            1 => $kernel::<1>($($argument),*),
            2 => $kernel::<2>($($argument),*),
            3 => $kernel::<3>($($argument),*),
            4 => $kernel::<4>($($argument),*),
            5 => $kernel::<5>($($argument),*),
            _ => $kernel::<TILE>($($argument),*),
        }
    };
}

/// `out[row][column] = Σ tile[row] · panel[column]` for a tile of `rows` rows, at most [`TILE`].
///
/// # Panics
/// When the operands are shorter than the product needs.
pub fn multiply_f32(rows: usize, tile: &[f32], panel: &[f32], out: &mut [[f32; PANEL]; TILE]) {
    let inner = panel.len() / PANEL;
    assert!(tile.len() >= inner * rows && (1..=TILE).contains(&rows));
    #[cfg(target_arch = "x86_64")]
    if super::wide() {
        // SAFETY: the processor has AVX2 and FMA; the lengths were checked above.
        #[allow(unsafe_code)]
        unsafe {
            by_rows!(rows, wide_f32, inner, tile, panel, out);
        }
        return;
    }
    by_rows!(rows, plain_f32, inner, tile, panel, out);
}

fn plain_f32<const R: usize>(_inner: usize, tile: &[f32], panel: &[f32], out: &mut [[f32; PANEL]; TILE]) {
    let mut sums = [[0.0_f32; PANEL]; R];
    for (left, right) in tile.as_chunks::<R>().0.iter().zip(panel.as_chunks::<PANEL>().0) {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = left.mul_add(*right, *sum);
            }
        }
    }
    out[..R].copy_from_slice(&sums);
}

/// # Safety
/// AVX2 and FMA; `tile` holds `inner · R` and `panel` `inner · 16` elements.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[allow(unsafe_code)]
unsafe fn wide_f32<const R: usize>(inner: usize, tile: &[f32], panel: &[f32], out: &mut [[f32; PANEL]; TILE]) {
    use std::arch::x86_64::{
        _mm256_broadcast_ss, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    };
    let mut sums = [[_mm256_setzero_ps(); 2]; R];
    let (mut left, mut right) = (tile.as_ptr(), panel.as_ptr());
    for _ in 0..inner {
        // SAFETY: by the function's contract both pointers have as many elements left as are read here.
        unsafe {
            let (first, second) = (_mm256_loadu_ps(right), _mm256_loadu_ps(right.add(8)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = _mm256_broadcast_ss(&*left.add(row));
                sums[0] = _mm256_fmadd_ps(value, first, sums[0]);
                sums[1] = _mm256_fmadd_ps(value, second, sums[1]);
            }
            left = left.add(R);
            right = right.add(PANEL);
        }
    }
    for (out, sums) in out.iter_mut().zip(sums) {
        // SAFETY: `out` has 16 elements.
        unsafe {
            _mm256_storeu_ps(out.as_mut_ptr(), sums[0]);
            _mm256_storeu_ps(out.as_mut_ptr().add(8), sums[1]);
        }
    }
}

/// As [`multiply_f32`] for 16-bit rows and 8-bit columns, summed exactly: the caller keeps Σ |tile| · |panel| below 2^31.
///
/// # Panics
/// When the operands are shorter than the product needs.
pub fn multiply_i8(rows: usize, tile: &[i16], panel: &[i8], out: &mut [[i32; PANEL]; TILE]) {
    let pairs = panel.len() / (2 * PANEL);
    assert!(tile.len() >= pairs * 2 * rows && (1..=TILE).contains(&rows));
    #[cfg(target_arch = "x86_64")]
    if super::wide() {
        // SAFETY: the processor has AVX2; the lengths were checked above.
        #[allow(unsafe_code)]
        unsafe {
            by_rows!(rows, wide_i8, pairs, tile, panel, out);
        }
        return;
    }
    by_rows!(rows, plain_i8, pairs, tile, panel, out);
}

fn plain_i8<const R: usize>(_pairs: usize, tile: &[i16], panel: &[i8], out: &mut [[i32; PANEL]; TILE]) {
    let mut sums = [[0_i32; PANEL]; R];
    for (left, right) in tile.chunks_exact(2 * R).zip(panel.as_chunks::<{ 2 * PANEL }>().0) {
        for (sums, left) in sums.iter_mut().zip(left.as_chunks::<2>().0) {
            for (sum, right) in sums.iter_mut().zip(right.as_chunks::<2>().0) {
                *sum += i32::from(left[0]) * i32::from(right[0]) + i32::from(left[1]) * i32::from(right[1]);
            }
        }
    }
    out[..R].copy_from_slice(&sums);
}

/// # Safety
/// AVX2; `tile` holds `pairs · 2 · R` and `panel` `pairs · 32` elements.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code, clippy::cast_ptr_alignment)]
unsafe fn wide_i8<const R: usize>(pairs: usize, tile: &[i16], panel: &[i8], out: &mut [[i32; PANEL]; TILE]) {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_madd_epi16,
        _mm256_set1_epi32, _mm256_setzero_si256, _mm256_storeu_si256,
    };
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    let (mut left, mut right) = (tile.as_ptr().cast::<i32>(), panel.as_ptr().cast::<__m128i>());
    for _ in 0..pairs {
        // SAFETY: by the function's contract both pointers have as many elements left as are read here, and all reads
        // are unaligned ones.
        unsafe {
            let first = _mm256_cvtepi8_epi16(_mm_loadu_si128(right));
            let second = _mm256_cvtepi8_epi16(_mm_loadu_si128(right.add(1)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = _mm256_set1_epi32(left.add(row).read_unaligned());
                sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(value, first));
                sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(value, second));
            }
            left = left.add(R);
            right = right.add(2);
        }
    }
    for (out, sums) in out.iter_mut().zip(sums) {
        // SAFETY: `out` has 16 elements.
        unsafe {
            _mm256_storeu_si256(out.as_mut_ptr().cast::<__m256i>(), sums[0]);
            _mm256_storeu_si256(out.as_mut_ptr().add(8).cast::<__m256i>(), sums[1]);
        }
    }
}

for_each_width! {
    /// `left · right`, summed in 16 lanes and then from the first lane to the last.
    pub fn dot_columns(left: &[f32], right: &[f32]) -> f32 {
        let mut lanes = [0.0_f32; PANEL];
        let (chunks, rest) = left.as_chunks::<PANEL>();
        let (others, tail) = right.as_chunks::<PANEL>();
        for (left, right) in chunks.iter().zip(others) {
            for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
                *lane = left.mul_add(*right, *lane);
            }
        }
        for ((lane, left), right) in lanes.iter_mut().zip(rest).zip(tail) {
            *lane = left.mul_add(*right, *lane);
        }
        lanes.iter().sum()
    }
}

for_each_width! {
    /// `out += weight · values`.
    pub fn weighted_sum(out: &mut [f32], weight: f32, values: &[f32]) {
        for (out, value) in out.iter_mut().zip(values) {
            *out = weight.mul_add(*value, *out);
        }
    }
}
