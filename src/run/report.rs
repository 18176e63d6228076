//! The run report: counts, times, speeds, models and settings. Everything that may differ from run to run is here and
//! not in the records.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::progress::{Progress, Work};
use super::record::Record;
use super::window::Models;
use crate::check::Severity;
use crate::job::Job;

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Different texts read.
    pub articles: usize,
    /// Inputs that held them.
    pub inputs: usize,
    /// Records written.
    pub records: usize,
    /// Records with something that a reviewer should look at.
    pub flagged: usize,
    /// What was rejected.
    pub rejected: usize,
    /// Findings by code.
    pub findings: BTreeMap<String, usize>,
    /// Records by language of the article.
    pub languages: BTreeMap<String, usize>,
    /// Digests written.
    pub digests: Vec<PathBuf>,
    /// Digests that could not be written, each with why.
    pub missing: Vec<String>,
}

impl Totals {
    /// Adds a record.
    pub fn count(&mut self, record: &Record) {
        self.records += 1;
        *self.languages.entry(record.language.code().to_owned()).or_default() += 1;
        let translations = record
            .translations
            .values()
            .flat_map(|translation| &translation.findings);
        let mut flagged = false;
        for finding in record.summary.findings.iter().chain(translations) {
            flagged |= finding.severity >= Severity::Warning;
            *self.findings.entry(finding.code.to_string()).or_default() += 1;
        }
        self.flagged += usize::from(flagged);
    }
}

/// `report.json`, schema `khulosa.report/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    version: &'static str,
    finished: String,
    /// Counts by outcome.
    pub counts: Counts,
    findings: BTreeMap<String, usize>,
    languages: BTreeMap<String, usize>,
    seconds: Seconds,
    stages: BTreeMap<&'static str, StageReport>,
    models: BTreeMap<&'static str, String>,
    settings: Job,
    /// Digests written, as paths.
    pub digests: Vec<PathBuf>,
    /// Digests that could not be written, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// Counts by outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Different texts read.
    pub articles: usize,
    /// Inputs that repeat the text of another.
    pub duplicates: usize,
    /// Records written.
    pub records: usize,
    /// Records with something that a reviewer should look at.
    pub flagged: usize,
    /// What could not be taken or worked on.
    pub rejected: usize,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Seconds {
    total: f64,
    loading_models: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct StageReport {
    tokens: usize,
    seconds: f64,
    tokens_per_second: f64,
}

impl From<Work> for StageReport {
    fn from(work: Work) -> Self {
        Self {
            tokens: work.tokens,
            seconds: hundredths(work.seconds),
            tokens_per_second: hundredths(work.rate()),
        }
    }
}

impl Report {
    /// Gathers the report of a finished run.
    pub fn new(
        job: &Job,
        models: &Models,
        totals: &Totals,
        progress: &Progress,
        elapsed: Duration,
        loading: Duration,
    ) -> Self {
        let finished = jiff::Timestamp::now()
            .round(jiff::Unit::Second)
            .map(|time| time.to_string());
        Self {
            schema: "khulosa.report/1",
            version: env!("CARGO_PKG_VERSION"),
            finished: finished.unwrap_or_default(),
            counts: Counts {
                articles: totals.articles,
                duplicates: totals.inputs.saturating_sub(totals.articles),
                records: totals.records,
                flagged: totals.flagged,
                rejected: totals.rejected,
            },
            findings: totals.findings.clone(),
            languages: totals.languages.clone(),
            seconds: Seconds {
                total: hundredths(elapsed.as_secs_f64()),
                loading_models: hundredths(loading.as_secs_f64()),
            },
            stages: progress
                .work()
                .into_iter()
                .map(|(stage, work)| (stage.name(), work.into()))
                .collect(),
            models: BTreeMap::from([
                ("summariser", models.summariser.identity().to_owned()),
                ("translator", models.translator.identity().to_owned()),
            ]),
            settings: job.clone(),
            digests: totals.digests.clone(),
            missing: totals.missing.clone(),
        }
    }
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
