//! `khulosa run`: the nightly batch.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use khulosa::job::{Job, ProgressStyle, Request};
use khulosa::run::progress::Progress;
use khulosa::run::report::Report;
use khulosa::run::shutdown::Shutdown;
use khulosa::run::{self, Outcome};

use super::settings::{Settings, environment};

/// Summarise and translate a batch of articles; the same command again continues where it stopped.
#[derive(Args)]
pub struct Run {
    /// Files, folders, globs, or - for standard input.
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// The run folder: records, digests, report, and what is needed to resume.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A job file (TOML) that can say all of this; flags win over it.
    #[arg(long, value_name = "FILE")]
    job: Option<PathBuf>,
    /// Print the merged, validated job as a job file, and stop.
    #[arg(long)]
    show_job: bool,
    /// Target languages [default: ru,ar,tg].
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    to: Option<Vec<String>>,
    /// Model that summarises: a card's name or a folder [default: pocket].
    #[arg(long, value_name = "NAME|DIR")]
    summariser: Option<String>,
    /// Model that translates: a card's name or a folder [default: pocket].
    #[arg(long, value_name = "NAME|DIR")]
    translator: Option<String>,
    /// Most words in a summary [default: 60].
    #[arg(long, value_name = "N")]
    summary_words: Option<usize>,
    /// Most sentences in a summary [default: 2].
    #[arg(long, value_name = "N")]
    summary_sentences: Option<usize>,
    /// Read no more articles than this.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Rejected articles that still count as success [default: 0].
    #[arg(long, value_name = "N")]
    max_rejected: Option<usize>,
    /// Folder whose files replace the built-in prompts and digest templates.
    #[arg(long, value_name = "DIR")]
    prompts: Option<PathBuf>,
    /// Terms to hold translations to: CSV, TBX or TOML; see `khulosa glossary check`.
    #[arg(long, value_name = "FILE")]
    glossary: Option<PathBuf>,
    /// Forget what an earlier run in the same folder finished.
    #[arg(long)]
    fresh: bool,
    /// How progress is shown [default: auto].
    #[arg(long, value_enum)]
    progress: Option<Show>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, ValueEnum)]
enum Show {
    /// Bars on a terminal, plain lines elsewhere.
    Auto,
    /// A line every 30 seconds.
    Plain,
    /// One JSON object an event.
    Json,
    /// Nothing.
    None,
}

impl From<Show> for ProgressStyle {
    fn from(show: Show) -> Self {
        match show {
            Show::Auto => Self::Auto,
            Show::Plain => Self::Plain,
            Show::Json => Self::Json,
            Show::None => Self::None,
        }
    }
}

impl Run {
    /// Runs the batch.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let (show_job, fresh) = (self.show_job, self.fresh);
        let job = self.into_job()?;
        if show_job {
            write!(std::io::stdout().lock(), "{}", toml::to_string(&job)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let shutdown = Shutdown::install()?;
        let progress = Progress::new(job.progress);
        let outcome = run::run(&job, fresh, &progress, &shutdown);
        progress.finish();
        match outcome? {
            Outcome::Interrupted => {
                writeln!(
                    std::io::stderr().lock(),
                    "khulosa: stopped on request; what is finished is in {}. Run the same command again to go on.",
                    job.out.display()
                )?;
                Ok(ExitCode::from(shutdown.exit_code()))
            }
            Outcome::Finished(report) => {
                write!(std::io::stdout().lock(), "{}", farewell(&job, &report))?;
                let failed = report.counts.rejected > job.max_rejected;
                Ok(if failed {
                    ExitCode::from(super::FINISHED_WITH_REJECTIONS)
                } else {
                    ExitCode::SUCCESS
                })
            }
        }
    }

    fn into_job(self) -> anyhow::Result<Job> {
        let file = self
            .job
            .as_deref()
            .map(Request::from_file)
            .transpose()?
            .unwrap_or_default();
        let flags = Request {
            inputs: (!self.inputs.is_empty()).then_some(self.inputs),
            out: self.out,
            to: self.to,
            summariser: self.summariser,
            translator: self.translator,
            summary_words: self.summary_words,
            summary_sentences: self.summary_sentences,
            limit: self.limit,
            max_rejected: self.max_rejected,
            prompts: self.prompts,
            glossary: self.glossary,
            progress: self.progress.map(ProgressStyle::from),
            ..self.settings.request()
        };
        Ok(Job::from_requests([flags, file, environment()?])?)
    }
}

/// What was done and where it is.
fn farewell(job: &Job, report: &Report) -> String {
    let counts = report.counts;
    let mut lines = vec![
        format!(
            "{} articles: {} records, {} to review, {} rejected, {} duplicates",
            counts.articles, counts.records, counts.flagged, counts.rejected, counts.duplicates
        ),
        format!("records   {}", job.out.join("records.jsonl").display()),
    ];
    if counts.rejected > 0 {
        lines.push(format!("rejected  {}", job.out.join("rejected.jsonl").display()));
    }
    lines.extend(
        report
            .digests
            .iter()
            .map(|digest| format!("digest    {}", digest.display())),
    );
    lines.extend(report.missing.iter().map(|missing| format!("missing   {missing}")));
    lines.join("\n") + "\n"
}
