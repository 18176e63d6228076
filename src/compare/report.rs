//! `khulosa evaluate`: files in, a report out, in whatever form is wanted.

use std::fmt::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::error::{CompareError, unknown};
use super::files::{Lines, read_lines};
use super::metrics::{Metric, Options, Score, Segment, evaluate_segments};
use super::significance::{self, Outcome, Test};
use super::table::{self, Table};

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

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    #[default]
    Plain,
    Markdown,
    Latex,
    /// One row a score (and text, with sentence scores), for data frames.
    Csv,
    Json,
}

impl Form {
    /// Reads `plain`, `markdown`, `latex`, `csv` or `json`.
    ///
    /// # Errors
    /// [`CompareError::Unknown`].
    pub fn parse(given: &str) -> Result<Self, CompareError> {
        match given.trim() {
            "plain" => Ok(Self::Plain),
            "markdown" => Ok(Self::Markdown),
            "latex" => Ok(Self::Latex),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err(unknown("form", given, &["plain", "markdown", "latex", "csv", "json"])),
        }
    }
}

/// Scores files of hypotheses against files of references.
///
/// # Errors
/// A file that cannot be read, is empty, is not UTF-8 or has another number of lines or other articles than the first
/// file of references; options that do not fit.
pub fn evaluate_files(request: &Request) -> Result<Report, CompareError> {
    let field = request.reference_field.as_deref();
    let references: Vec<Lines> =
        request.references.iter().map(|path| read_lines(path, field)).collect::<Result<_, _>>()?;
    let Some(first) = references.first() else { return Err(CompareError::NoReferences) };
    for other in &references {
        check(other, first)?;
    }
    let sources = request.sources.as_ref().map(|path| read_lines(path, None)).transpose()?;
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
        systems.push(System { name: lines.name, scores });
    }
    let comparisons = match request.test {
        Some(test) => compare(&systems, test, request.trials.unwrap_or(test.default_trials()), request.options.seed)?,
        None => Vec::new(),
    };
    let sources = sources
        .filter(|_| request.options.sentences)
        .map(|lines| lines.texts.into_iter().map(|texts| texts.join("\n")).collect());
    Ok(Report { texts: first.texts.len(), systems, comparisons, sources })
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
    let [baseline, others @ ..] = systems else { return Ok(Vec::new()) };
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

impl Report {
    /// Writes the report. People's forms end with the line to cite for every metric.
    pub fn render(&self, form: Form) -> String {
        match form {
            Form::Json => serde_json::to_string_pretty(self).map(|json| json + "\n").unwrap_or_default(),
            Form::Csv => self.rows().csv(),
            Form::Plain => self.people(Table::plain, ""),
            Form::Markdown => self.people(Table::markdown, "`"),
            Form::Latex => self.overview().latex(),
        }
    }

    fn people(&self, write: impl Fn(&Table) -> String, quote: &str) -> String {
        let mut out = String::new();
        for table in self.systems.iter().filter_map(|system| self.sentences(system)) {
            let _ = writeln!(out, "{}", write(&table));
        }
        let _ = writeln!(out, "{}", write(&self.overview()));
        for score in self.systems.first().iter().flat_map(|system| &system.scores) {
            let _ = writeln!(out, "{quote}{}|{}{quote}", score.name, score.signature);
            if quote.is_empty() {
                continue;
            }
            out.push('\n');
        }
        if let Some(found) = self.comparisons.first() {
            let _ = writeln!(
                out,
                "* p < 0.05 against {} ({quote}{}:{}|seed:{}{quote})",
                found.baseline,
                found.test.key(),
                found.trials,
                found.seed
            );
        }
        out
    }

    /// One row a system; with a test, p values in brackets and a star where p < 0.05.
    pub fn overview(&self) -> Table {
        if self.comparisons.is_empty() {
            return table::of_scores(self.systems.iter().map(|system| (system.name.as_str(), system.scores.as_slice())));
        }
        let names = self.systems.first().into_iter().flat_map(|system| &system.scores).map(|score| score.name.as_str());
        let mut table = Table::new(std::iter::once("System").chain(names));
        for system in &self.systems {
            let cells = system.scores.iter().map(|score| {
                let found = self.comparisons.iter().find(|one| one.system == system.name && one.metric == score.name);
                match found {
                    Some(found) => {
                        let p = found.outcome.p_value;
                        format!("{} (p = {p:.4}){}", table::cell(score), if p < 0.05 { "*" } else { " " })
                    }
                    None => table::cell(score),
                }
            });
            table.push(std::iter::once(system.name.clone()).chain(cells));
        }
        table
    }

    fn sentences(&self, system: &System) -> Option<Table> {
        let mut table = Table::new(
            std::iter::once(system.name.as_str()).chain(system.scores.iter().map(|score| score.name.as_str())),
        );
        let columns: Vec<&Vec<f64>> = system.scores.iter().filter_map(|score| score.sentence.as_ref()).collect();
        if columns.is_empty() {
            return None;
        }
        for text in 0..self.texts {
            let cells = columns.iter().filter_map(|column| column.get(text)).map(|value| format!("{value:.2}"));
            table.push(std::iter::once((text + 1).to_string()).chain(cells));
        }
        Some(table)
    }

    /// One row a score and, with sentence scores, one a text; text 0 is the whole.
    fn rows(&self) -> Table {
        let mut table =
            Table::new(["system", "metric", "text", "score", "mean", "half_width", "p_value", "signature"]);
        for system in &self.systems {
            for score in &system.scores {
                let interval = |value: fn(&super::metrics::Confidence) -> f64| {
                    score.confidence.as_ref().map(value).map(|found| found.to_string()).unwrap_or_default()
                };
                let p_value = self
                    .comparisons
                    .iter()
                    .find(|found| found.system == system.name && found.metric == score.name)
                    .map(|found| found.outcome.p_value.to_string());
                table.push([
                    system.name.clone(),
                    score.name.clone(),
                    "0".to_owned(),
                    score.value.to_string(),
                    interval(|found| found.mean),
                    interval(|found| found.half_width),
                    p_value.unwrap_or_default(),
                    score.signature.clone(),
                ]);
                let signature = score.sentence_signature.clone().unwrap_or_default();
                for (text, value) in score.sentence.iter().flatten().enumerate() {
                    table.push([
                        system.name.clone(),
                        score.name.clone(),
                        (text + 1).to_string(),
                        value.to_string(),
                        String::new(),
                        String::new(),
                        String::new(),
                        signature.clone(),
                    ]);
                }
            }
        }
        table
    }
}

/// The metrics that suit a task: `translation` or `summary`.
pub fn usual_metrics(summary: bool) -> Vec<Metric> {
    if summary {
        vec![Metric::Rouge1, Metric::Rouge2, Metric::RougeL, Metric::RougeLsum, Metric::ChrfPlusPlus]
    } else {
        vec![Metric::Bleu, Metric::ChrfPlusPlus, Metric::Ter]
    }
}
