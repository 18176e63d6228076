//! From lists of models and settings to jobs: every combination is a cell.

use std::collections::BTreeSet;
use std::path::Path;

use super::ExperimentError;
use crate::compare::study::outputs::Run;
use crate::job::{Job, Request};
use crate::model::{Catalogue, Task};

/// A setting and the values that it is to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    pub key: String,
    pub values: Vec<String>,
}

/// One combination.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What tables call it.
    pub name: String,
    /// What was set, in the order in which it was asked for.
    pub settings: Vec<(String, String)>,
    pub job: Job,
}

/// Keys of a job that change what it says; of the `[decoding]` table without their table.
const KEYS: [&str; 9] = [
    "translator",
    "summariser",
    "beams",
    "length_penalty",
    "no_repeat_ngram",
    "precision",
    "engine",
    "summary_words",
    "summary_sentences",
];
const DECODING: [&str; 3] = ["beams", "length_penalty", "no_repeat_ngram"];

/// Folder of the run folders, inside the comparison's.
pub const RUNS: &str = "runs";
/// The cache that cells share, unless the user names one.
pub const CACHE: &str = "units.db";

impl Axis {
    /// Reads `beams=1,4`.
    ///
    /// # Errors
    /// Another shape, or a key that no job has or that changes nothing in the outputs.
    pub fn parse(given: &str) -> Result<Self, ExperimentError> {
        let wrong = || ExperimentError::Axis {
            given: given.to_owned(),
        };
        let (key, values) = given.split_once('=').ok_or_else(wrong)?;
        let key = key.trim().trim_start_matches("decoding.").replace('-', "_");
        if !KEYS.contains(&key.as_str()) {
            return Err(ExperimentError::Key {
                key,
                known: KEYS.join(", "),
            });
        }
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if values.iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Self { key, values })
    }
}

/// The axes that a list of models stands for: those whose cards say so are summarisers, all others translate.
pub fn of_models(names: &[String], catalogue: &Catalogue) -> Vec<Axis> {
    let summarises = |name: &&String| catalogue.get(name).is_some_and(|card| card.task == Task::Summarise);
    let (summarisers, translators): (Vec<&String>, Vec<&String>) = names.iter().partition(summarises);
    [("translator", translators), ("summariser", summarisers)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(key, names)| Axis {
            key: key.to_owned(),
            values: names.into_iter().cloned().collect(),
        })
        .collect()
}

/// Every combination of the axes' values over `base`, the last axis changing fastest. Run folders go below `out`.
///
/// # Errors
/// The same key twice, or a value that the key does not take.
pub fn grid(base: &Request, axes: &[Axis], out: &Path) -> Result<Vec<Cell>, ExperimentError> {
    let mut keys = BTreeSet::new();
    if let Some(twice) = axes.iter().find(|axis| !keys.insert(&axis.key)) {
        return Err(ExperimentError::KeyTwice { key: twice.key.clone() });
    }
    let mut combinations: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for axis in axes {
        combinations = combinations
            .into_iter()
            .flat_map(|settings| {
                axis.values.iter().map(move |value| {
                    let mut settings = settings.clone();
                    settings.push((axis.key.clone(), value.clone()));
                    settings
                })
            })
            .collect();
    }
    let mut cells: Vec<Cell> = Vec::new();
    for settings in combinations {
        let name = name(&settings);
        if cells.iter().any(|cell| cell.name == name) {
            continue;
        }
        let mut request = base.clone();
        for (key, value) in &settings {
            request = setting(key, value)?.over(request);
        }
        request.out = Some(out.join(RUNS).join(folder(&name, cells.len())));
        request.cache = request.cache.or_else(|| Some(out.join(CACHE)));
        let job = Job::from_requests([request])?;
        cells.push(Cell { name, settings, job });
    }
    Ok(cells)
}

/// The cells that existing run folders are, from what their reports say of their settings.
///
/// # Errors
/// A folder without a report, such as a merged one.
pub fn of_runs(runs: &[Run]) -> Result<Vec<Cell>, ExperimentError> {
    let cell = |run: &Run| {
        let path = run.folder.join("report.json");
        let text = std::fs::read(&path).map_err(|source| ExperimentError::Read {
            path: path.clone(),
            source,
        })?;
        let report: Settled = serde_json::from_slice(&text).map_err(|error| ExperimentError::Malformed {
            path,
            message: error.to_string(),
        })?;
        let mut request = report.settings;
        request.out = Some(run.folder.clone());
        Ok(Cell {
            name: run.name.clone(),
            settings: Vec::new(),
            job: Job::from_requests([request])?,
        })
    };
    runs.iter().map(cell).collect()
}

#[derive(serde::Deserialize)]
struct Settled {
    settings: Request,
}

fn setting(key: &str, value: &str) -> Result<Request, ExperimentError> {
    let table = if DECODING.contains(&key) { "[decoding]\n" } else { "" };
    let parsed = match (value.parse::<i64>(), value.parse::<f64>()) {
        (Ok(number), _) => toml::Value::Integer(number),
        (_, Ok(number)) if number.is_finite() => toml::Value::Float(number),
        _ => toml::Value::String(value.to_owned()),
    };
    Ok(Request::from_toml(
        &format!("{table}{key} = {parsed}\n"),
        &format!("--sweep {key}={value}"),
    )?)
}

/// `pocket beams=1`: models without their keys, folders by their last part.
fn name(settings: &[(String, String)]) -> String {
    let part = |(key, value): &(String, String)| match key.as_str() {
        "translator" | "summariser" => {
            let last = Path::new(value)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            last.filter(|_| Path::new(value).is_dir())
                .unwrap_or_else(|| value.clone())
        }
        _ => format!("{key}={value}"),
    };
    let parts: Vec<String> = settings.iter().map(part).collect();
    if parts.is_empty() {
        "run".to_owned()
    } else {
        parts.join(" ")
    }
}

/// A cell's name as a folder's; the number keeps names apart that differ only in what folders cannot have.
fn folder(name: &str, number: usize) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || ".=_".contains(letter) {
            letter
        } else {
            '-'
        }
    };
    format!("{:02}-{}", number + 1, name.chars().map(plain).collect::<String>())
}
