//! Quality against speed, with the line of those settings that nothing beats.

use super::Figure;
use super::axes::Plane;
use crate::compare::study::frontier::Cell;

const HEIGHT: f64 = 280.0;

/// The plot, where at least two cells have a speed.
pub fn figure(cells: &[Cell]) -> Option<Figure> {
    let points: Vec<(usize, &Cell, f64)> = cells
        .iter()
        .enumerate()
        .filter_map(|(index, cell)| Some((index, cell, cell.sentences_per_second?)))
        .collect();
    if points.len() < 2 {
        return None;
    }
    let measure = &points.first()?.1.measure;
    let place = |(_, cell, speed): &(usize, &Cell, f64)| (*speed, cell.quality);
    let mut plane = Plane::over(points.iter().map(place), HEIGHT, "sentences a second");
    let mut best: Vec<(f64, f64)> = points
        .iter()
        .filter(|(_, cell, _)| cell.best)
        .map(|point| plane.at(place(point)))
        .collect();
    best.sort_by(|left, right| left.0.total_cmp(&right.0));
    for pair in best.windows(2) {
        if let [from, to] = pair {
            plane.drawing.line(*from, *to, "frontier");
        }
    }
    for point in &points {
        let (index, cell, speed) = point;
        let tooltip = format!("{}: {:.2} at {speed:.2} sentences a second", cell.system, cell.quality);
        plane.drawing.mark(*index, plane.at(place(point)), &tooltip);
    }
    let caption = format!("{measure}, mean over languages, against speed; the line joins what nothing beats in both.");
    Some(Figure {
        title: "Quality against speed".to_owned(),
        svg: plane.drawing.finish(&caption),
        caption,
    })
}
