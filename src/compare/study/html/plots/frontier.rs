//! Quality against speed, with the line of those settings that nothing beats.

use super::Figure;
use super::svg::{Drawing, Scale, tick};
use crate::compare::study::frontier::Cell;

const LEFT: f64 = 60.0;
const WIDTH: f64 = 460.0;
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
    let across = Scale::over(points.iter().map(|point| point.2), LEFT, WIDTH - 16.0);
    let up = Scale::over(points.iter().map(|point| point.1.quality), HEIGHT - 44.0, 10.0);
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    for value in across.ticks() {
        drawing.line((across.at(value), 10.0), (across.at(value), HEIGHT - 44.0), "grid");
        drawing.text((across.at(value), HEIGHT - 28.0), "middle", &tick(value));
    }
    for value in up.ticks() {
        drawing.line((LEFT, up.at(value)), (WIDTH - 16.0, up.at(value)), "grid");
        drawing.text((LEFT - 8.0, up.at(value) + 4.0), "end", &tick(value));
    }
    drawing.text(
        (f64::midpoint(LEFT, WIDTH), HEIGHT - 8.0),
        "middle",
        "sentences a second",
    );
    let mut best: Vec<(f64, f64)> = points
        .iter()
        .filter(|(_, cell, _)| cell.best)
        .map(|(_, cell, speed)| (across.at(*speed), up.at(cell.quality)))
        .collect();
    best.sort_by(|left, right| left.0.total_cmp(&right.0));
    for pair in best.windows(2) {
        if let [from, to] = pair {
            drawing.line(*from, *to, "frontier");
        }
    }
    for (index, cell, speed) in &points {
        let tooltip = format!("{}: {:.2} at {speed:.2} sentences a second", cell.system, cell.quality);
        drawing.mark(*index, (across.at(*speed), up.at(cell.quality)), &tooltip);
    }
    let caption = format!("{measure}, mean over languages, against speed; the line joins what nothing beats in both.");
    Some(Figure {
        title: "Quality against speed".to_owned(),
        svg: drawing.finish(&caption),
        caption,
    })
}
