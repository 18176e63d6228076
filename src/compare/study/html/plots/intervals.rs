//! Scores by language and system, with their intervals: one row a system, languages below one another.

use super::Figure;
use super::svg::{Drawing, Scale, tick};
use crate::compare::study::Study;
use crate::compare::study::groups::Task;
use crate::compare::study::scores::{GroupScores, Value};
use crate::compare::study::tables;

/// The measures that are drawn, where a study has them.
const DRAWN: [&str; 5] = ["chrF2++", "rougeL", "round-trip:chrF2++", "agreement", "flagged"];

const LEFT: f64 = 120.0;
const WIDTH: f64 = 460.0;
const ROW: f64 = 16.0;
const GAP: f64 = 14.0;

/// One plot a measure and task.
pub fn figures(study: &Study) -> Vec<Figure> {
    let tasks = [Task::Translation, Task::Summary];
    let pairs = tasks
        .into_iter()
        .flat_map(|task| DRAWN.into_iter().map(move |measure| (task, measure)));
    pairs
        .filter_map(|(task, measure)| figure(study, task, measure))
        .collect()
}

fn figure(study: &Study, task: Task, measure: &str) -> Option<Figure> {
    let groups: Vec<&GroupScores> = study.groups.iter().filter(|group| group.task == task).collect();
    let rows: Vec<(&GroupScores, Vec<&Value>)> = groups
        .iter()
        .map(|group| {
            let values = group.systems.iter().filter_map(|system| {
                system
                    .values
                    .iter()
                    .find(|value| value.measure == measure && value.texts > 0)
            });
            (*group, values.collect::<Vec<_>>())
        })
        .filter(|(group, values)| values.len() == group.systems.len())
        .collect();
    let first = rows.first()?.1.first()?;
    let flat = |value: &&Value| {
        value
            .sentence
            .iter()
            .flatten()
            .all(|found| (found - first.value).abs() < 1e-9)
    };
    if rows.iter().flat_map(|(_, values)| values).all(flat) {
        return None;
    }
    let title = first.title.clone();
    let ends = rows.iter().flat_map(|(_, values)| values).flat_map(|value| {
        let half = value.confidence.map_or(0.0, |found| found.half_width);
        [value.value - half, value.value + half]
    });
    let scale = Scale::over(ends, LEFT, WIDTH - 16.0);
    let systems = study.systems.len() as f64;
    let height = rows.len() as f64 * (systems * ROW + GAP) + 30.0;
    let mut drawing = Drawing::new(WIDTH, height);
    for value in scale.ticks() {
        drawing.line((scale.at(value), 4.0), (scale.at(value), height - 24.0), "grid");
        drawing.text((scale.at(value), height - 8.0), "middle", &tick(value));
    }
    let mut top = GAP / 2.0;
    for (group, values) in &rows {
        drawing.text(
            (LEFT - 10.0, top + systems * ROW / 2.0 + 4.0),
            "end",
            group.language.english_name(),
        );
        for (system, (value, about)) in values.iter().zip(&group.systems).enumerate() {
            let y = top + (system as f64 + 0.5) * ROW;
            if let Some(found) = value.confidence {
                let ends = [value.value - found.half_width, value.value + found.half_width].map(|end| scale.at(end));
                drawing.line((ends[0], y), (ends[1], y), &format!("bar s{}", system % 8));
            }
            drawing.mark(
                system,
                (scale.at(value.value), y),
                &format!("{}: {}", about.name, tables::cell(value)),
            );
        }
        top += systems * ROW + GAP;
    }
    let what = match task {
        Task::Translation => "Translation",
        Task::Summary => "Summaries",
    };
    let caption = format!("{what}: {title} by language and system, with 95 % intervals.");
    Some(Figure {
        svg: drawing.finish(&caption),
        title: format!("{what}: {title}"),
        caption,
    })
}
