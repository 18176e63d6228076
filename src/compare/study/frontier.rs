//! Quality against speed: which of the settings that were tried out are worth having.

use serde::Serialize;

use super::Study;
use super::groups::Task;

/// One system as a point of the plane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    pub system: String,
    /// What was set, in the order in which it was asked for.
    pub settings: Vec<(String, String)>,
    /// What quality means here.
    pub measure: String,
    /// The mean over target languages; higher is better.
    pub quality: f64,
    /// Sentences translated a second; `None` where nothing was translated anew.
    pub sentences_per_second: Option<f64>,
    /// No other cell is both better and faster.
    pub best: bool,
}

/// Measures of quality by preference: those that need references come first. Of the last, 100 less the value counts.
const QUALITY: [&str; 3] = ["chrF2++", "round-trip:chrF2++", "flagged"];

/// The systems of a study as points, with the settings of each.
pub fn cells(study: &Study, settings: &[Vec<(String, String)>]) -> Vec<Cell> {
    let Some(measure) = QUALITY.into_iter().find(|measure| quality(study, 0, measure).is_some()) else {
        return Vec::new();
    };
    let mut cells: Vec<Cell> = study
        .systems
        .iter()
        .enumerate()
        .filter_map(|(index, system)| {
            Some(Cell {
                system: system.name.clone(),
                settings: settings.get(index).cloned().unwrap_or_default(),
                measure: title(measure).to_owned(),
                quality: quality(study, index, measure)?,
                sentences_per_second: system.sentences_per_second,
                best: false,
            })
        })
        .collect();
    let points: Vec<(f64, Option<f64>)> = cells
        .iter()
        .map(|cell| (cell.quality, cell.sentences_per_second))
        .collect();
    for cell in &mut cells {
        let Some(speed) = cell.sentences_per_second else {
            continue;
        };
        let beaten = points.iter().any(|(quality, other)| {
            other.is_some_and(|other| {
                (*quality >= cell.quality && other > speed) || (*quality > cell.quality && other >= speed)
            })
        });
        cell.best = !beaten;
    }
    cells
}

fn title(measure: &str) -> &'static str {
    match measure {
        "chrF2++" => "chrF2++",
        "round-trip:chrF2++" => "round-trip chrF2++",
        _ => "nothing to review %",
    }
}

/// Mean over target languages.
fn quality(study: &Study, system: usize, measure: &str) -> Option<f64> {
    let translations = study.groups.iter().filter(|group| group.task == Task::Translation);
    let values: Vec<f64> = translations
        .filter_map(|group| {
            group
                .systems
                .get(system)?
                .values
                .iter()
                .find(|value| value.measure == measure)
        })
        .map(|value| {
            if measure == "flagged" {
                100.0 - value.value
            } else {
                value.value
            }
        })
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
