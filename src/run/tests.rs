//! Whole runs with a model that needs no time: interruptions, failures, sizes.

mod again;
mod fake;
mod fallback;
mod held;
mod isolation;
mod models;
mod process;
mod writes;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fake::Manner;

use super::progress::Progress;
use super::shutdown::Shutdown;
use super::{Outcome, RunError, Start, fuse, run_with};
use crate::job::{Job, ProgressStyle, Request};

/// Where a test's articles and runs are.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a batch of different articles, some of them twice, some of them broken.
    fn batch(&self, name: &str, articles: usize) {
        std::fs::write(self.path(name), batch(0..articles)).unwrap();
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn job(&self, input: &str, out: &str) -> Job {
        job(&self.path(input), &self.path(out))
    }

    fn run(&self, input: &str, out: &str, manner: Manner) -> Result<Outcome, RunError> {
        run(&self.job(input, out), manner)
    }

    /// Everything that a run hands over, by name, the report aside.
    fn outputs(&self, out: &str) -> BTreeMap<String, String> {
        outputs(&self.path(out))
    }
}

fn batch(numbers: std::ops::Range<usize>) -> String {
    let mut lines = String::new();
    for number in numbers {
        let day = number % 28 + 1;
        let article = serde_json::json!({
            "title": format!("Station {number} was opened"),
            "text": format!(
                "Water station {number} was opened in the northern district on Sunday. \
                 It will serve {} villages of the valley. Work on the next one begins in spring.",
                number % 977 + 12
            ),
            "language": "en",
            "date": format!("2024-11-{day:02}"),
        });
        writeln!(lines, "{article}").unwrap();
        if number % 10 == 0 {
            writeln!(lines, "{article}\n{{\"text\": {number}}}").unwrap();
        }
    }
    lines
}

fn job(input: &Path, out: &Path) -> Job {
    Job::from_requests([Request {
        inputs: Some(vec![input.display().to_string()]),
        out: Some(out.to_owned()),
        progress: Some(ProgressStyle::None),
        device: Some("cpu".to_owned()),
        ..Request::default()
    }])
    .unwrap()
}

fn run(job: &Job, manner: Manner) -> Result<Outcome, RunError> {
    run_until(job, manner, &Shutdown::default())
}

fn run_until(job: &Job, manner: Manner, shutdown: &Shutdown) -> Result<Outcome, RunError> {
    let progress = Progress::new(job.progress);
    run_with(job, Start::default(), &progress, shutdown, || fake::models(job, manner))
}

fn outputs(out: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let digests = std::fs::read_dir(out.join("digests")).unwrap();
    let files = digests.map(|entry| entry.unwrap().path());
    for file in files.chain([out.join("records.jsonl"), out.join("rejected.jsonl")]) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        found.insert(name, std::fs::read_to_string(file).unwrap());
    }
    found
}

fn finished(outcome: Result<Outcome, RunError>) -> super::report::Report {
    match outcome.unwrap() {
        Outcome::Finished(report) => *report,
        Outcome::Interrupted => panic!("interrupted"),
    }
}
