use super::*;

#[test]
fn a_number_that_is_none_is_not_lost_anywhere_in_a_row_of_integers() {
    let (outputs, inner) = (3, 20);
    let weights: Vec<f32> = (0..outputs * inner).map(|at| at as f32 / 10.0 - 2.0).collect();
    let rows = |range: std::ops::Range<usize>| Ok::<_, ()>(weights[range.start * inner..range.end * inner].to_vec());
    let matrix = Matrix::pack(outputs, inner, true, rows).unwrap();
    let team = Team::new(1).unwrap();
    for at in 0..inner {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut values: Vec<f32> = (0..inner).map(|at| at as f32).collect();
            values[at] = bad;
            let mut out = vec![0.0; outputs];
            matrix.apply(&matrix.prepare(&values, &team), &team, &mut out);
            assert!(out.iter().all(|value| !value.is_finite()), "{bad} at {at}: {out:?}");
        }
    }
}
