//! `khulosa run`: the nightly batch.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};
use khulosa::job::{Job, ProgressStyle, Request, Shard};
use khulosa::run::metrics::{self, Ended};
use khulosa::run::progress::Progress;
use khulosa::run::report::Counts;
use khulosa::run::shutdown::Shutdown;
use khulosa::run::{self, Outcome, Start, plan};

use super::settings::{Settings, environment};

/// Summarise and translate a batch of articles; the same command again continues where it stopped.
#[derive(Args)]
pub struct Run {
    /// Files, folders, globs, or - for standard input.
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// The run folder: records, digests, report, and what is needed to resume; - sends records and rejections to
    /// standard output and keeps nothing.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A job file (TOML) that can say all of this; flags win over it.
    #[arg(long, value_name = "FILE")]
    job: Option<PathBuf>,
    /// Print the merged, validated job as a job file, and stop.
    #[arg(long)]
    show_job: bool,
    /// Say what would be done, from which models, and how long it may take; write and fetch nothing.
    #[arg(long)]
    dry_run: bool,
    /// Target languages [default: ru,ar,tg].
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    to: Option<Vec<String>>,
    /// Model that summarises: a card's name, a folder or hf:org/name [default: pocket].
    #[arg(long, value_name = "MODEL")]
    summariser: Option<String>,
    /// Model that translates: a card's name, a folder, hf:org/name, or auto [default: pocket].
    #[arg(long, value_name = "MODEL")]
    translator: Option<String>,
    /// Model that translates anew what fails a hard check with the translator: a card's name, a folder or hf:org/name.
    #[arg(long, value_name = "MODEL")]
    fallback: Option<String>,
    /// Most words in a summary [default: 60].
    #[arg(long, value_name = "N")]
    summary_words: Option<usize>,
    /// Most sentences in a summary [default: 2].
    #[arg(long, value_name = "N")]
    summary_sentences: Option<usize>,
    /// Read no more articles than this.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Do one share of the batch, such as 2/8, in a folder of its own; `khulosa merge` joins the shares.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Write the run's metrics to this file, for Prometheus' textfile collector.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// Rejected articles that still count as success [default: 0].
    #[arg(long, value_name = "N")]
    max_rejected: Option<usize>,
    /// Folder whose files replace the built-in prompts and digest templates.
    #[arg(long, value_name = "DIR")]
    prompts: Option<PathBuf>,
    /// Terms to hold translations to: CSV, TBX or TOML; see `khulosa glossary check`.
    #[arg(long, value_name = "FILE")]
    glossary: Option<PathBuf>,
    /// A file of finished work shared with other jobs and nights: looked up and added to, safe for several runs at once.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
    /// Most seconds that the model may take for one article's summary or one sentence of it [default: no limit].
    #[arg(long, value_name = "SECONDS")]
    article_timeout: Option<u64>,
    /// Forget what an earlier run in the same folder finished (what --cache holds and what people reviewed stays).
    #[arg(long)]
    fresh: bool,
    /// Wait for another run in the same folder to end, instead of refusing to start.
    #[arg(long)]
    wait: bool,
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
        let (show_job, dry_run) = (self.show_job, self.dry_run);
        let start = Start {
            fresh: self.fresh,
            wait: self.wait,
        };
        let job = self.into_job()?;
        if show_job {
            write!(std::io::stdout().lock(), "{}", toml::to_string(&job)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        if dry_run {
            let text = super::plan::describe(&job, &plan::plan(&job, start.fresh)?);
            write!(std::io::stdout().lock(), "{text}")?;
            return Ok(ExitCode::SUCCESS);
        }
        if job.out.as_os_str() == "-" {
            return super::stream::execute(job);
        }
        let (code, outcome) = carry_out(&job, start)?;
        match outcome {
            Outcome::Interrupted => writeln!(
                std::io::stderr().lock(),
                "khulosa: stopped on request; what is finished is in {}. Run the same command again to go on.",
                job.out.display()
            )?,
            Outcome::Finished(report) => {
                let text = farewell(&job.out, report.counts, &report.digests, &report.missing);
                write!(std::io::stdout().lock(), "{text}")?;
            }
        }
        Ok(code)
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
            fallback: self.fallback,
            summary_words: self.summary_words,
            summary_sentences: self.summary_sentences,
            limit: self.limit,
            cache: self.cache,
            article_timeout: self.article_timeout,
            shard: self.shard,
            metrics: self.metrics,
            max_rejected: self.max_rejected,
            prompts: self.prompts,
            glossary: self.glossary,
            progress: self.progress.map(ProgressStyle::from),
            ..self.settings.request()
        };
        Ok(Job::from_requests([flags, file, environment()?])?)
    }
}

/// Runs a job and writes its metrics, whatever comes of it.
pub fn carry_out(job: &Job, start: Start) -> anyhow::Result<(ExitCode, Outcome)> {
    let started = Instant::now();
    let shutdown = Shutdown::install()?;
    let progress = Progress::new(job.progress);
    let outcome = run::run(job, start, &progress, &shutdown);
    progress.finish();
    let (code, report) = match &outcome {
        Err(_) => (super::COULD_NOT_RUN, None),
        Ok(Outcome::Interrupted) => (shutdown.exit_code(), None),
        Ok(Outcome::Finished(report)) => (verdict(report.counts, job.max_rejected), Some(&**report)),
    };
    if let Some(path) = &job.metrics {
        let ended = Ended {
            exit_code: code,
            time: jiff::Timestamp::now().as_second(),
            seconds: started.elapsed().as_secs_f64(),
            work: progress.work(),
            report,
        };
        let written = metrics::write(path, &ended);
        // What went wrong with the run itself is to be told first.
        if outcome.is_ok() {
            written?;
        }
    }
    Ok((ExitCode::from(code), outcome?))
}

/// Exit code of a run that finished.
pub fn verdict(counts: Counts, max_rejected: usize) -> u8 {
    if counts.rejected > max_rejected {
        super::FINISHED_WITH_REJECTIONS
    } else {
        0
    }
}

/// What was done and where it is.
pub fn farewell(out: &Path, counts: Counts, digests: &[PathBuf], missing: &[String]) -> String {
    let mut lines = vec![
        format!(
            "{} articles: {} records, {} to review, {} rejected, {} duplicates",
            counts.articles, counts.records, counts.flagged, counts.rejected, counts.duplicates
        ),
        format!("records   {}", out.join("records.jsonl").display()),
    ];
    if counts.rejected > 0 {
        lines.push(format!("rejected  {}", out.join("rejected.jsonl").display()));
    }
    lines.extend(digests.iter().map(|digest| format!("digest    {}", digest.display())));
    lines.extend(missing.iter().map(|missing| format!("missing   {missing}")));
    lines.join("\n") + "\n"
}
