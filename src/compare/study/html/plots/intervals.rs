//! Scores by language and system, with their intervals: one row a system, languages below one another.

use super::Figure;
use super::axes::Rows;
use crate::compare::study::Study;
use crate::compare::study::groups::Task;
use crate::compare::study::scores::{GroupScores, Value};
use crate::compare::study::tables;

/// The measures that are drawn, where a study has them.
const DRAWN: [&str; 5] = ["chrF2++", "rougeL", "round-trip:chrF2++", "agreement", "flagged"];

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
    let mut drawn = Rows::over(ends, rows.len(), study.systems.len());
    for (group, values) in &rows {
        let height_of = drawn.group(group.language.english_name());
        for (system, (value, about)) in values.iter().zip(&group.systems).enumerate() {
            let y = height_of(system);
            if let Some(found) = value.confidence {
                let ends =
                    [value.value - found.half_width, value.value + found.half_width].map(|end| drawn.scale.at(end));
                drawn
                    .drawing
                    .line((ends[0], y), (ends[1], y), &format!("bar s{}", system % 8));
            }
            drawn.drawing.mark(
                system,
                (drawn.scale.at(value.value), y),
                &format!("{}: {}", about.name, tables::cell(value)),
            );
        }
    }
    let what = match task {
        Task::Translation => "Translation",
        Task::Summary => "Summaries",
    };
    let caption = format!("{what}: {title} by language and system, with 95 % intervals.");
    Some(Figure {
        svg: drawn.drawing.finish(&caption),
        title: format!("{what}: {title}"),
        caption,
    })
}
