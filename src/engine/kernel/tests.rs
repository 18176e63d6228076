use super::*;
use crate::engine::spec::Activation;

fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn a_tile_of_floats_is_the_same_fused_sum_for_any_number_of_rows() {
    let inner = 37;
    let (rows, panel) = (numbers(TILE * inner, 1), numbers(inner * PANEL, 2));
    for count in 1..=TILE {
        let tile: Vec<f32> = (0..inner)
            .flat_map(|at| (0..count).map(move |row| (row, at)))
            .map(|(row, at)| rows[row * inner + at])
            .collect();
        let mut out = [[0.0; PANEL]; TILE];
        multiply_f32(count, &tile, &panel, &mut out);
        for row in 0..count {
            for column in 0..PANEL {
                let sum = (0..inner).fold(0.0_f32, |sum, at| {
                    rows[row * inner + at].mul_add(panel[at * PANEL + column], sum)
                });
                assert_eq!(out[row][column].to_bits(), sum.to_bits());
            }
        }
    }
}

#[test]
fn a_tile_of_integers_is_summed_exactly() {
    let pairs = 21;
    let tile: Vec<i16> = numbers(pairs * 2 * TILE, 3)
        .iter()
        .map(|value| (value * 32_767.0) as i16)
        .collect();
    let panel: Vec<i8> = numbers(pairs * 2 * PANEL, 4)
        .iter()
        .map(|value| (value * 127.0) as i8)
        .collect();
    let mut out = [[0; PANEL]; TILE];
    multiply_i8(TILE, &tile, &panel, &mut out);
    for row in 0..TILE {
        for column in 0..PANEL {
            let sum: i32 = (0..pairs * 2)
                .map(|at| {
                    i32::from(tile[(at / 2 * TILE + row) * 2 + at % 2])
                        * i32::from(panel[at / 2 * 2 * PANEL + column * 2 + at % 2])
                })
                .sum();
            assert_eq!(out[row][column], sum);
        }
    }
}

#[test]
fn softmax_agrees_with_double_precision() {
    let mut values: Vec<f32> = numbers(101, 5).iter().map(|value| value * 20.0).collect();
    let total: f64 = values.iter().map(|value| f64::from(*value).exp()).sum();
    let expected: Vec<f64> = values.iter().map(|value| f64::from(*value).exp() / total).collect();
    assert!((f64::from(log_sum_exp(&values)) - total.ln()).abs() < 2e-6);
    softmax(&mut values);
    for (value, expected) in values.iter().zip(expected) {
        assert!(
            (f64::from(*value) - expected).abs() <= 1e-6 * expected + 1e-12,
            "{value} {expected}"
        );
    }
}

#[test]
fn activations_agree_with_double_precision() {
    for value in numbers(2_000, 6).iter().map(|value| value * 8.0) {
        let wide = f64::from(value);
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        // 1 + erf by Simpson's rule: slow and certain.
        let area: f64 = (0..2_000)
            .map(|step| {
                let at = |fraction: f64| (-(wide * fraction / 2.0_f64.sqrt()).powi(2)).exp();
                let (left, right) = (f64::from(step) / 2_000.0, f64::from(step + 1) / 2_000.0);
                (at(left) + 4.0 * at(left.midpoint(right)) + at(right)) / 12_000.0
            })
            .sum();
        let erf = area * wide / 2.0_f64.sqrt() * 2.0 / std::f64::consts::PI.sqrt();
        let tanh = (0.797_884_560_8 * (wide + 0.044_715 * wide.powi(3))).tanh();
        for (activation, expected) in [
            (Activation::Relu, wide.max(0.0)),
            (Activation::Gelu, 0.5 * wide * (1.0 + erf)),
            (Activation::GeluTanh, 0.5 * wide * (1.0 + tanh)),
            (Activation::Silu, wide * sigmoid(wide)),
        ] {
            let mut row = [value];
            activate(&mut row, activation);
            assert!(
                (f64::from(row[0]) - expected).abs() < 2e-6,
                "{activation:?} {value}: {} {expected}",
                row[0]
            );
        }
    }
}

#[test]
fn a_score_that_is_no_number_is_not_lost() {
    assert!(log_sum_exp(&[0.0, f32::NAN]).is_nan());
    assert!(!log_sum_exp(&[0.0, f32::INFINITY]).is_finite());
}
