//! Writes a report in the form that is wanted: for people, papers, data frames or programs.

use std::fmt::Write;

use super::error::{CompareError, unknown};
use super::metrics::Confidence;
use super::report::{Report, System};
use super::table::{self, Table};

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

impl Report {
    /// Writes the report. People's forms end with the line to cite for every metric.
    pub fn render(&self, form: Form) -> String {
        match form {
            Form::Json => serde_json::to_string_pretty(self)
                .map(|json| json + "\n")
                .unwrap_or_default(),
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
        let end = if quote.is_empty() { "\n" } else { "  \n" };
        for score in self.systems.first().into_iter().flat_map(|system| &system.scores) {
            let line = match self.systems.len() {
                1 => score.citation(),
                _ => format!("{}|{}", score.name, score.signature),
            };
            let _ = write!(out, "{quote}{line}{quote}{end}");
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
            return table::of_scores(
                self.systems
                    .iter()
                    .map(|system| (system.name.as_str(), system.scores.as_slice())),
            );
        }
        let names = self
            .systems
            .first()
            .into_iter()
            .flat_map(|system| &system.scores)
            .map(|score| score.name.as_str());
        let mut table = Table::new(std::iter::once("System").chain(names));
        for system in &self.systems {
            let cells = system.scores.iter().map(|score| {
                let found = self
                    .comparisons
                    .iter()
                    .find(|one| one.system == system.name && one.metric == score.name);
                match found {
                    Some(found) => {
                        let p = found.outcome.p_value;
                        format!(
                            "{} (p = {p:.4}){}",
                            table::cell(score),
                            if p < 0.05 { "*" } else { " " }
                        )
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
        let columns: Vec<&Vec<f64>> = system
            .scores
            .iter()
            .filter_map(|score| score.sentence.as_ref())
            .collect();
        if columns.is_empty() {
            return None;
        }
        for text in 0..self.texts {
            let cells = columns
                .iter()
                .filter_map(|column| column.get(text))
                .map(|value| format!("{value:.2}"));
            table.push(std::iter::once((text + 1).to_string()).chain(cells));
        }
        Some(table)
    }

    /// One row a score and, with sentence scores, one a text; text 0 is the whole.
    fn rows(&self) -> Table {
        let mut table = Table::new([
            "system",
            "metric",
            "text",
            "score",
            "mean",
            "half_width",
            "p_value",
            "signature",
        ]);
        for system in &self.systems {
            for score in &system.scores {
                let interval = |value: fn(&Confidence) -> f64| {
                    score
                        .confidence
                        .as_ref()
                        .map(value)
                        .map(|found| found.to_string())
                        .unwrap_or_default()
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
