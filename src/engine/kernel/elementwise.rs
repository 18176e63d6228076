//! Softmax, normalisations and activations over rows of f32.

use super::{PANEL, TILE, for_each_width};
use crate::engine::spec::Activation;

/// Lanes of partial sums: fixed, so that sums do not depend on the processor.
const LANES: usize = 16;

/// e^x within 2 units in the last place, 0 below −87; after Cody and Waite's reduction by ln 2 in two parts.
#[inline(always)]
#[allow(clippy::inline_always)]
fn exp(x: f32) -> f32 {
    /// 1.5 · 2^23: adding it rounds to a whole number, which then stands in the lowest bits.
    const SHIFT: f32 = 12_582_912.0;
    let clamped = x.clamp(-87.0, 88.0);
    let shifted = clamped.mul_add(std::f32::consts::LOG2_E, SHIFT);
    let whole = shifted - SHIFT;
    let rest = whole.mul_add(-0.693_359_4, clamped);
    let rest = whole.mul_add(2.121_944_4e-4, rest);
    let mut sum = 1.987_569_1e-4_f32;
    for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
        sum = sum.mul_add(rest, factor);
    }
    let sum = (sum * rest).mul_add(rest, rest) + 1.0;
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    if x < -87.0 { 0.0 } else { sum * scale }
}

#[inline(always)]
#[allow(clippy::inline_always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Error function within 1.5e-7: Abramowitz and Stegun, 7.1.26.
#[inline(always)]
#[allow(clippy::inline_always)]
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / 0.327_591_1_f32.mul_add(size, 1.0);
    let mut sum = 1.061_405_4_f32;
    for factor in [-1.453_152, 1.421_413_7, -0.284_496_73, 0.254_829_6] {
        sum = sum.mul_add(t, factor);
    }
    (sum * t).mul_add(-exp(-size * size), 1.0).copysign(x)
}

#[inline(always)]
#[allow(clippy::inline_always)]
fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += term(*value);
    }
    lanes.iter().sum()
}

for_each_width! {
    /// Largest value; −∞ of nothing. NaN is passed over.
    pub fn maximum(values: &[f32]) -> f32 {
        let mut lanes = [f32::NEG_INFINITY; LANES];
        let (chunks, rest) = values.as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, value) in lanes.iter_mut().zip(chunk) {
                *lane = if *value > *lane { *value } else { *lane };
            }
        }
        for (lane, value) in lanes.iter_mut().zip(rest) {
            *lane = if *value > *lane { *value } else { *lane };
        }
        lanes.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }
}

for_each_width! {
    /// Turns scores into probabilities, in place.
    pub fn softmax(values: &mut [f32]) {
        let most = maximum(values);
        for value in values.iter_mut() {
            *value = exp(*value - most);
        }
        let inverse = 1.0 / sum(values, |value| value);
        for value in values.iter_mut() {
            *value *= inverse;
        }
    }
}

for_each_width! {
    /// ln Σ e^x: what to subtract from scores to get log-probabilities. Not finite when a score is NaN or +∞.
    pub fn log_sum_exp(values: &[f32]) -> f32 {
        let most = maximum(values);
        let total = sum(values, |value| exp(value - most));
        if values.iter().any(|value| value.is_nan()) { f32::NAN } else { most + total.ln() }
    }
}

for_each_width! {
    /// `left += right`.
    pub fn add(left: &mut [f32], right: &[f32]) {
        for (left, right) in left.iter_mut().zip(right) {
            *left += right;
        }
    }
}

for_each_width! {
    /// Adds `amount` to every value.
    pub fn shift(values: &mut [f32], amount: f32) {
        for value in values {
            *value += amount;
        }
    }
}

for_each_width! {
    /// `left *= right`: the gate of a gated feed-forward block.
    pub fn gate(left: &mut [f32], right: &[f32]) {
        for (left, right) in left.iter_mut().zip(right) {
            *left *= right;
        }
    }
}

for_each_width! {
    /// One row to mean 0 and variance 1, then scaled and shifted.
    pub fn layer_norm(row: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
        let count = row.len() as f32;
        let mean = sum(row, |value| value) / count;
        let variance = sum(row, |value| (value - mean) * (value - mean)) / count;
        let scale = 1.0 / (variance + epsilon).sqrt();
        for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
            *value = ((*value - mean) * scale).mul_add(*weight, *bias);
        }
    }
}

for_each_width! {
    /// One row to mean square 1, then scaled.
    pub fn rms_norm(row: &mut [f32], weight: &[f32], epsilon: f32) {
        let square = sum(row, |value| value * value) / row.len() as f32;
        let scale = 1.0 / (square + epsilon).sqrt();
        for (value, weight) in row.iter_mut().zip(weight) {
            *value = *value * scale * weight;
        }
    }
}

for_each_width! {
    /// The activation of a feed-forward block, in place.
    pub fn activate(values: &mut [f32], activation: Activation) {
        match activation {
            Activation::Relu => {
                for value in values {
                    *value = if *value < 0.0 { 0.0 } else { *value };
                }
            }
            Activation::Gelu => {
                for value in values {
                    *value = 0.5 * *value * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
                }
            }
            Activation::GeluTanh => {
                for value in values {
                    // tanh y = 2 · sigmoid(2 y) − 1, hence 0.5 · x · (1 + tanh y) = x · sigmoid(2 y).
                    let cube = *value * *value * *value;
                    let inner = 0.797_884_6 * 0.044_715_f32.mul_add(cube, *value);
                    *value *= sigmoid(2.0 * inner);
                }
            }
            Activation::Silu => {
                for value in values {
                    *value *= sigmoid(*value);
                }
            }
        }
    }
}

for_each_width! {
    /// Largest absolute value; NaN or infinite when one of the values is, so that a row with such a value cannot become
    /// a row of ordinary numbers.
    pub fn largest(values: &[f32]) -> f32 {
        // Without their sign, floats are in the order of their bits, and NaN is above all others.
        let size = |value: &f32| value.to_bits() & 0x7fff_ffff;
        f32::from_bits(values.iter().map(size).max().unwrap_or(0))
    }
}

for_each_width! {
    /// `values · factor`, rounded to integers, halves to even ones; their size must be at most 2^15 − 1.
    pub fn round(values: &[f32], factor: f32, out: &mut [i16]) {
        /// 1.5 · 2^23: adding it rounds to a whole number, which then stands in the lowest bits.
        const SHIFT: f32 = 12_582_912.0;
        for (out, value) in out.iter_mut().zip(values) {
            *out = (*value * factor + SHIFT).to_bits() as i16;
        }
    }
}

for_each_width! {
    /// Integer sums of products back to numbers: `out[row][column] = sum · sizes[row] · scales[column] + bias[column]`.
    pub fn rescale(
        sums: &[[i32; PANEL]; TILE],
        sizes: &[f32],
        scales: &[f32],
        bias: &[f32; PANEL],
        out: &mut [[f32; PANEL]; TILE],
    ) {
        let Some(scales) = scales.first_chunk::<PANEL>() else { return };
        for ((out, sums), size) in out.iter_mut().zip(sums).zip(sizes) {
            for (((out, sum), scale), bias) in out.iter_mut().zip(sums).zip(scales).zip(bias) {
                *out = *sum as f32 * size * scale + bias;
            }
        }
    }
}
