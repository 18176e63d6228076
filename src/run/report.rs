//! The run report: counts, times, speeds, models and settings. Everything that may differ from run to run is here and
//! not in the records.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::progress::{Progress, Work};
use super::record::Record;
use super::window::Models;
use crate::check::Severity;
use crate::job::Job;

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// When a run began, and what its parts took.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    lap: Instant,
    /// Until the models stood ready.
    pub loaded: Duration,
    /// Reading and working, which overlap.
    pub worked: Duration,
    /// Writing records and digests.
    pub exported: Duration,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        let now = Instant::now();
        Self {
            started: now,
            lap: now,
            loaded: Duration::ZERO,
            worked: Duration::ZERO,
            exported: Duration::ZERO,
        }
    }

    /// Time since the last lap, which ends now.
    pub fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.lap, now))
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
    /// Wall-clock times.
    pub seconds: Seconds,
    stages: BTreeMap<&'static str, StageReport>,
    /// Units that came from the cache.
    pub cache_hits: usize,
    models: BTreeMap<String, String>,
    settings: Job,
    /// Digests written, as paths.
    pub digests: Vec<PathBuf>,
    /// Digests that could not be written, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// Counts by outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Wall-clock times of a run.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Seconds {
    /// From start to end.
    pub total: f64,
    /// Until the models stood ready.
    pub loading_models: f64,
    /// Reading and working, which overlap.
    pub working: f64,
    /// Of those, inside the engine.
    pub engine: f64,
    /// Writing records and digests.
    pub exporting: f64,
    /// `engine / working`.
    pub engine_share: f64,
}

/// A stage's work, as the report tells it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct StageReport {
    /// Tokens read and written by the model.
    pub tokens: usize,
    /// Seconds in the engine.
    pub seconds: f64,
    /// Units made: summaries, or sentences translated.
    #[serde(default)]
    pub made: usize,
    /// Units that the store had.
    #[serde(default)]
    pub reused: usize,
    tokens_per_second: f64,
}

impl StageReport {
    /// Adds another machine's work; the speed is that of one machine, on average.
    pub fn add(&mut self, other: &Self) {
        self.tokens += other.tokens;
        self.seconds = hundredths(self.seconds + other.seconds);
        self.made += other.made;
        self.reused += other.reused;
        let rate = if self.seconds > 0.0 {
            self.tokens as f64 / self.seconds
        } else {
            0.0
        };
        self.tokens_per_second = hundredths(rate);
    }
}

impl From<Work> for StageReport {
    fn from(work: Work) -> Self {
        Self {
            tokens: work.tokens,
            seconds: hundredths(work.seconds),
            made: work.made,
            reused: work.reused,
            tokens_per_second: hundredths(work.rate()),
        }
    }
}

impl Report {
    /// Gathers the report of a finished run.
    pub fn new(job: &Job, models: &Models, totals: &Totals, progress: &Progress, clock: &Clock) -> Self {
        let engine: f64 = progress.work().iter().map(|(_, work)| work.seconds).sum();
        Self {
            schema: "khulosa.report/1",
            version: env!("CARGO_PKG_VERSION"),
            finished: now(),
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
                total: hundredths(clock.started.elapsed().as_secs_f64()),
                loading_models: hundredths(clock.loaded.as_secs_f64()),
                working: hundredths(clock.worked.as_secs_f64()),
                engine: hundredths(engine),
                exporting: hundredths(clock.exported.as_secs_f64()),
                engine_share: hundredths(engine / clock.worked.as_secs_f64().max(1e-9)),
            },
            stages: progress
                .work()
                .into_iter()
                .map(|(stage, work)| (stage.name(), work.into()))
                .collect(),
            cache_hits: 0,
            models: used(models),
            settings: job.clone(),
            digests: totals.digests.clone(),
            missing: totals.missing.clone(),
        }
    }
}

/// Identities of the models: `summariser`, `translator` or `translator from-to`, and `fallback`.
pub(super) fn used(models: &Models) -> BTreeMap<String, String> {
    let translators = models.translator.identities().into_iter().map(|(direction, model)| {
        let name = match direction.as_str() {
            "*" => "translator".to_owned(),
            direction => format!("translator {direction}"),
        };
        (name, model)
    });
    let summariser = ("summariser".to_owned(), models.summariser.identity().to_owned());
    let fallback = models
        .fallback
        .iter()
        .flat_map(|fallback| fallback.identities().into_values());
    let fallback = fallback.map(|model| ("fallback".to_owned(), model));
    translators.chain(fallback).chain([summariser]).collect()
}

/// The time, to the second.
pub fn now() -> String {
    let time = jiff::Timestamp::now().round(jiff::Unit::Second);
    time.map(|time| time.to_string()).unwrap_or_default()
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
