//! Score against length: whether a system is worse at long texts. One plot a language, one mark a text and system.

use super::Figure;
use super::axes::Plane;
use super::svg::tick;
use crate::compare::study::groups::{Group, Task};
use crate::compare::study::scores::{GroupScores, Value};
use crate::compare::study::writers::Contents;

/// What is drawn, the first that a study has.
const DRAWN: [&str; 4] = ["chrF2++", "round-trip:chrF2++", "model-score", "agreement"];
/// Marks of one system in one plot: more would only make a blot and a heavy page.
const MOST: usize = 400;

const HEIGHT: f64 = 260.0;

/// A plot for each language that is translated into.
pub fn figures(contents: &Contents) -> Vec<Figure> {
    let pairs = contents.material.groups.iter().zip(&contents.study.groups);
    let translations = pairs.filter(|(group, _)| group.task == Task::Translation);
    translations
        .filter_map(|(group, scores)| figure(group, scores))
        .collect()
}

fn figure(group: &Group, scores: &GroupScores) -> Option<Figure> {
    let measure = DRAWN.into_iter().find(|measure| find(scores, 0, measure).is_some())?;
    let title = find(scores, 0, measure)?.title.clone();
    let step = group.items.len().div_ceil(MOST).max(1);
    let mut points: Vec<(usize, f64, f64, &str)> = Vec::new();
    for system in 0..scores.systems.len() {
        let value = find(scores, system, measure)?;
        for (item, score) in group.items.iter().zip(&value.sentence).step_by(step) {
            if let (Some(score), Some(output)) = (score, item.outputs.get(system)) {
                points.push((system, output.source.chars().count() as f64, *score, &item.id));
            }
        }
    }
    let places = points.iter().map(|(_, length, score, _)| (*length, *score));
    let mut plane = Plane::over(places, HEIGHT, "letters of the source");
    for (system, length, score, id) in points {
        let name = scores.systems.get(system).map_or("", |found| found.name.as_str());
        let id = id.get(..8).unwrap_or(id);
        let tooltip = format!("{name}, article {id}: {} at {length} letters", tick(score));
        plane.drawing.mark(system, plane.at((length, score)), &tooltip);
    }
    let language = group.language.english_name();
    let sampled = if step > 1 {
        format!(" (every {step}th)")
    } else {
        String::new()
    };
    let caption = format!("{title} of each text{sampled} against the length of its source, {language}.");
    Some(Figure {
        title: format!("{title} and length, {language}"),
        svg: plane.drawing.finish(&caption),
        caption,
    })
}

fn find<'a>(scores: &'a GroupScores, system: usize, measure: &str) -> Option<&'a Value> {
    scores
        .systems
        .get(system)?
        .values
        .iter()
        .find(|value| value.measure == measure)
}
