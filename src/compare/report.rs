//! Files in, a report out: the scores of every system and how each compares with the first.

use std::path::PathBuf;

use serde::Serialize;

use super::error::CompareError;
use super::files::{Lines, read_lines};
use super::metrics::{Options, Score, Segment, evaluate_segments};
use super::significance::{self, Outcome, Test};

/// What is to be evaluated.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// One file a system. With a test of significance, the first is the baseline.
    pub hypotheses: Vec<PathBuf>,
    /// One file a set of references.
    pub references: Vec<PathBuf>,
    /// The texts that were translated; only checked for their number, and repeated in the JSON beside sentence scores.
    pub sources: Option<PathBuf>,
    /// Where the text is in JSON objects of hypotheses; see [`read_lines`].
    pub field: Option<String>,
    /// The same for references.
    pub reference_field: Option<String>,
    pub options: Options,
    pub test: Option<Test>,
    /// Trials of the test, if not its usual number.
    pub trials: Option<usize>,
}

/// The scores of every system, and how each compares with the first.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Number of texts.
    pub texts: usize,
    pub systems: Vec<System>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<Comparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
}

/// One system's scores, in the order of the metrics asked for.
#[derive(Debug, Serialize)]
pub struct System {
    pub name: String,
    pub scores: Vec<Score>,
}

/// A paired test of one system against the first.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub system: String,
    pub baseline: String,
    pub metric: String,
    pub test: Test,
    pub trials: usize,
    pub seed: u64,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Scores files of hypotheses against files of references.
///
/// # Errors
/// A file that cannot be read, is empty, is not UTF-8 or has another number of lines or other articles than the first
/// file of references; options that do not fit.
pub fn evaluate_files(request: &Request) -> Result<Report, CompareError> {
    let field = request.reference_field.as_deref();
    let references: Vec<Lines> = request
        .references
        .iter()
        .map(|path| read_lines(path, field))
        .collect::<Result<_, _>>()?;
    let Some(first) = references.first() else {
        return Err(CompareError::NoReferences);
    };
    for other in &references {
        check(other, first)?;
    }
    let sources = request
        .sources
        .as_ref()
        .map(|path| read_lines(path, None))
        .transpose()?;
    if let Some(sources) = &sources {
        check(sources, first)?;
    }
    let mut systems = Vec::new();
    for path in &request.hypotheses {
        let lines = read_lines(path, request.field.as_deref())?;
        check(&lines, first)?;
        let segments: Vec<Segment> = lines
            .texts
            .iter()
            .enumerate()
            .map(|(index, texts)| Segment {
                hypothesis: texts.first().map_or("", String::as_str),
                references: references
                    .iter()
                    .filter_map(|set| set.texts.get(index))
                    .flatten()
                    .map(String::as_str)
                    .collect(),
            })
            .collect();
        let scores = evaluate_segments(&segments, &request.options)?;
        systems.push(System {
            name: lines.name,
            scores,
        });
    }
    let comparisons = match request.test {
        Some(test) => compare(
            &systems,
            test,
            request.trials.unwrap_or(test.default_trials()),
            request.options.seed,
        )?,
        None => Vec::new(),
    };
    let sources = sources
        .filter(|_| request.options.sentences)
        .map(|lines| lines.texts.into_iter().map(|texts| texts.join("\n")).collect());
    Ok(Report {
        texts: first.texts.len(),
        systems,
        comparisons,
        sources,
    })
}

fn check(lines: &Lines, references: &Lines) -> Result<(), CompareError> {
    if lines.texts.len() != references.texts.len() {
        return Err(CompareError::UnequalCounts {
            hypotheses: lines.name.clone(),
            found: lines.texts.len(),
            references: references.name.clone(),
            expected: references.texts.len(),
        });
    }
    for (index, pair) in lines.ids.iter().zip(&references.ids).enumerate() {
        if let (Some(left), Some(right)) = pair
            && left != right
        {
            return Err(CompareError::Ids {
                line: index + 1,
                left: lines.name.clone(),
                left_id: left.clone(),
                right: references.name.clone(),
                right_id: right.clone(),
            });
        }
    }
    Ok(())
}

/// Tests every system but the first against the first, metric by metric.
///
/// # Errors
/// As [`significance::paired`].
pub fn compare(systems: &[System], test: Test, trials: usize, seed: u64) -> Result<Vec<Comparison>, CompareError> {
    let [baseline, others @ ..] = systems else {
        return Ok(Vec::new());
    };
    let mut comparisons = Vec::new();
    for system in others {
        for (left, right) in baseline.scores.iter().zip(&system.scores) {
            let outcome = significance::paired(test, left, right, trials, seed)?;
            comparisons.push(Comparison {
                system: system.name.clone(),
                baseline: baseline.name.clone(),
                metric: right.name.clone(),
                test,
                trials,
                seed,
                outcome,
            });
        }
    }
    Ok(comparisons)
}
