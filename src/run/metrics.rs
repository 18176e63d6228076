//! Metrics of the last run as a file for Prometheus' textfile collector, put in place by atomic rename.
//!
//! Every value is a gauge about the last run in this file. The time of the last success outlives runs that fail: it is
//! taken over from the file that is replaced.

use std::fmt::Write as _;
use std::path::Path;

use super::RunError;
use super::export::atomically;
use super::progress::{Stage, Work};
use super::report::Report;

const LAST_SUCCESS: &str = "khulosa_last_success_timestamp_seconds";

/// What there is to say about a run that has ended, well or badly.
pub struct Ended<'a> {
    /// The program's exit code.
    pub exit_code: u8,
    /// Seconds since 1970 at the end.
    pub time: i64,
    /// Seconds from start to end.
    pub seconds: f64,
    /// What the stages did.
    pub work: [(Stage, Work); 2],
    /// The report of a run that finished.
    pub report: Option<&'a Report>,
}

/// Writes the metrics.
///
/// # Errors
/// When the file cannot be written; the one before stays as it is.
pub fn write(path: &Path, ended: &Ended<'_>) -> Result<(), RunError> {
    // A file that is not there or cannot be read knows of no success.
    let before = std::fs::read_to_string(path).unwrap_or_default();
    let text = render(ended, last_success(&before));
    atomically(path, |out| {
        out.write_all(text.as_bytes()).map_err(|source| RunError::Write {
            path: path.to_owned(),
            source,
        })
    })
}

/// The time of the last success that a metrics file tells of.
fn last_success(text: &str) -> Option<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix(LAST_SUCCESS))?;
    line.trim().parse().ok()
}

/// The metrics in Prometheus' text format 0.0.4.
fn render(ended: &Ended<'_>, success_before: Option<i64>) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, samples: &[(String, String)]| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let one = |value: String| vec![(String::new(), value)];
    let info = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    metric(
        "khulosa_build_info",
        "The program that wrote this file.",
        &[(info, "1".to_owned())],
    );
    let time = ended.time.to_string();
    metric(
        "khulosa_last_run_timestamp_seconds",
        "When the last run ended.",
        &one(time),
    );
    let success = if ended.exit_code == 0 {
        Some(ended.time)
    } else {
        success_before
    };
    if let Some(success) = success {
        metric(
            LAST_SUCCESS,
            "When a run last ended with exit code 0.",
            &one(success.to_string()),
        );
    }
    let code = ended.exit_code.to_string();
    metric("khulosa_last_run_exit_code", "How the last run ended.", &one(code));
    let seconds = format!("{:.2}", ended.seconds);
    metric("khulosa_last_run_seconds", "How long the last run took.", &one(seconds));
    let stages = |value: &dyn Fn(&Work) -> String| -> Vec<(String, String)> {
        let sample = |(stage, work): &(Stage, Work)| (format!("{{stage=\"{}\"}}", stage.name()), value(work));
        ended.work.iter().map(sample).collect()
    };
    let tokens = stages(&|work| work.tokens.to_string());
    metric("khulosa_tokens", "Tokens read and written by the models.", &tokens);
    let seconds = stages(&|work| format!("{:.2}", work.seconds));
    metric("khulosa_stage_seconds", "Seconds in the engine.", &seconds);
    let made = stages(&|work| work.made.to_string());
    metric("khulosa_units_made", "Summaries made and sentences translated.", &made);
    let reused = stages(&|work| work.reused.to_string());
    metric(
        "khulosa_cache_hits",
        "Summaries and sentences that were finished before.",
        &reused,
    );
    if let Some(report) = ended.report {
        let loading = format!("{:.2}", report.seconds.loading_models);
        metric(
            "khulosa_model_load_seconds",
            "Seconds until the models stood ready.",
            &one(loading),
        );
        let shared = report.cache_hits.to_string();
        metric(
            "khulosa_shared_cache_hits",
            "Summaries and sentences taken from --cache.",
            &one(shared),
        );
        let counts = report.counts;
        let statuses = [
            ("read", counts.articles),
            ("duplicate", counts.duplicates),
            ("recorded", counts.records),
            ("flagged", counts.flagged),
            ("rejected", counts.rejected),
        ];
        let articles = statuses.map(|(status, count)| (format!("{{status=\"{status}\"}}"), count.to_string()));
        metric("khulosa_articles", "Articles by what became of them.", &articles);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(exit_code: u8, time: i64) -> Ended<'static> {
        let work = Work {
            tokens: 120,
            seconds: 1.5,
            made: 3,
            reused: 4,
        };
        Ended {
            exit_code,
            time,
            seconds: 2.0,
            work: [(Stage::Summarise, work), (Stage::Translate, work)],
            report: None,
        }
    }

    #[test]
    fn the_last_success_outlives_a_run_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("khulosa.prom");
        let success = |path: &Path| last_success(&std::fs::read_to_string(path).unwrap());
        write(&path, &ended(2, 50)).unwrap();
        assert_eq!(success(&path), None, "there has been none yet");
        write(&path, &ended(0, 100)).unwrap();
        assert_eq!(success(&path), Some(100));
        write(&path, &ended(2, 200)).unwrap();
        assert_eq!(success(&path), Some(100));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\nkhulosa_last_run_exit_code 2\n") && text.contains("_run_timestamp_seconds 200\n"));
        assert!(text.contains("\nkhulosa_cache_hits{stage=\"translate\"} 4\n"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = write(Path::new("/nowhere/at/all/khulosa.prom"), &ended(0, 1)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("/nowhere/at/all/khulosa.prom: cannot write"),
            "{error}"
        );
    }
}
