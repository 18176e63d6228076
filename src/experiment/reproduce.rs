//! Makes a comparison again from its manifest, and says whether the same bytes come of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::ExperimentError;
use super::cells::{Cell, RUNS};
use super::hashes::{self, Hashed};
use super::manifest::{self, Manifest};
use crate::job::Job;

/// What became of a cell's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The same bytes.
    Identical,
    /// Other bytes; the first line that differs, where the first records are still there to be looked at.
    Different { line: Option<usize> },
}

/// The cells of a manifest, to be run below `out` from nothing: no cache is asked.
///
/// # Errors
/// A job that cannot be run.
pub fn cells(manifest: &Manifest, path: &Path, out: &Path) -> Result<Vec<Cell>, ExperimentError> {
    let cell = |made: &manifest::Made| {
        let mut request = made.request(path)?;
        let folder = request
            .out
            .as_deref()
            .and_then(Path::file_name)
            .map(PathBuf::from)
            .unwrap_or_default();
        request.out = Some(out.join(RUNS).join(folder));
        request.cache = None;
        request.metrics = None;
        Ok(Cell {
            name: made.name.clone(),
            settings: made.settings.clone(),
            job: Job::from_requests([request])?,
        })
    };
    manifest.cells.iter().map(cell).collect()
}

/// Checks that models, prompts, inputs and references are those of the manifest.
///
/// # Errors
/// Naming the first that is not.
pub fn check(manifest: &Manifest, cells: &[Cell]) -> Result<(), ExperimentError> {
    let Some(job) = cells.first().map(|cell| &cell.job) else {
        return Ok(());
    };
    for expected in &manifest.models {
        let found = manifest::model(job, &expected.spec)?;
        let changed = |file: &str, expected_hash: &str, found: &str| ExperimentError::ModelChanged {
            model: expected.spec.clone(),
            file: file.to_owned(),
            expected: expected_hash.to_owned(),
            found: found.to_owned(),
        };
        if let Some((file, expected, found)) = difference(&expected.files, &found.files) {
            return Err(changed(&file, &expected, &found));
        }
        // The card's decoding counts as the model's too, and is in its identity alone.
        if expected.identity != found.identity {
            return Err(changed("its card", &expected.identity, &found.identity));
        }
    }
    let changed = |what: String, expected: String, found: String| ExperimentError::Changed { what, expected, found };
    let prompts = manifest::prompts(Some(job))?;
    if prompts != manifest.prompts {
        return Err(changed("a prompt".to_owned(), manifest.prompts.clone(), prompts));
    }
    if let Some((file, expected, found)) = difference(&manifest.inputs, &manifest::inputs(job)?) {
        return Err(changed(format!("input {file}"), expected, found));
    }
    if let Some(expected) = &manifest.references {
        let found = hashes::of_file(Path::new(&expected.file), &expected.file)?;
        if found != *expected {
            return Err(changed(
                format!("reference {}", expected.file),
                expected.sha256.clone(),
                found.sha256,
            ));
        }
    }
    Ok(())
}

/// The first file that is missing, new or different: its name, what was expected and what was found.
fn difference(expected: &[Hashed], found: &[Hashed]) -> Option<(String, String, String)> {
    let missing = || "no such file".to_owned();
    let hash = |files: &[Hashed], name: &str| {
        files
            .iter()
            .find(|file| file.file == name)
            .map(|file| file.sha256.clone())
    };
    let all = expected.iter().chain(found).map(|file| file.file.as_str());
    all.map(|name| (name, hash(expected, name), hash(found, name)))
        .find(|(_, expected, found)| expected != found)
        .map(|(name, expected, found)| {
            (
                name.to_owned(),
                expected.unwrap_or_else(missing),
                found.unwrap_or_else(missing),
            )
        })
}

/// Compares the records of cells that were run again with those of the manifest.
///
/// # Errors
/// Records that cannot be read.
pub fn verdicts(manifest: &Manifest, cells: &[Cell]) -> Result<Vec<Verdict>, ExperimentError> {
    let mut verdicts = Vec::new();
    for (made, cell) in manifest.cells.iter().zip(cells) {
        let again = cell.job.out.join("records.jsonl");
        let found = hashes::of_file(&again, &made.records.file)?;
        if found == made.records {
            verdicts.push(Verdict::Identical);
            continue;
        }
        let first = made.job.get("out").and_then(serde_json::Value::as_str);
        let first = first.and_then(|out| fs::read_to_string(Path::new(out).join("records.jsonl")).ok());
        let again = fs::read_to_string(&again).unwrap_or_default();
        let line = first.map(|first| {
            first
                .lines()
                .zip(again.lines())
                .take_while(|(left, right)| left == right)
                .count()
                + 1
        });
        verdicts.push(Verdict::Different { line });
    }
    Ok(verdicts)
}
