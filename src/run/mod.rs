//! The nightly batch: reads, summarises, translates, checks and exports, and can be stopped and resumed at any moment.
//!
//! Four threads overlap: one reads articles into the [`store`] (`ingest`), one looks there for windows of work (`scout`),
//! one runs the models (`window`), one puts what is finished into the store (`writer`), before it is counted. At the end
//! `export` writes records, digests and the report from the store alone, so that they do not depend on the way there.

pub mod drafts;
mod export;
#[cfg(test)]
mod fuse;
mod ingest;
mod inputs;
mod keys;
pub mod lock;
pub mod merge;
pub mod metrics;
pub mod plan;
pub mod progress;
mod recipients;
pub mod record;
mod records;
pub mod report;
mod result;
mod scout;
pub mod shutdown;
pub mod store;
#[cfg(test)]
mod tests;
mod window;
mod writer;

use std::path::PathBuf;

use crate::check::glossary::GlossaryError;
use crate::digest::{self, DigestError};
use crate::job::Job;
use crate::prompts::{PromptError, Prompts};
use crate::shelf::{Shelf, ShelfError};
use crate::summarise::SummariseError;
use crate::translate::TranslateError;

use lock::{Lock, LockError};
use progress::Progress;
use report::{Clock, Report};
use shutdown::Shutdown;
use store::{Store, StoreError};
use window::Models;

/// Why a run could not be carried out. Articles that cannot be worked on are no errors: they are rejected.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file or folder of the run cannot be written.
    #[error("{path}: cannot write: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The run folder is in use.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A model could not be loaded.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// A model failed on a batch.
    #[error(transparent)]
    Translate(#[from] TranslateError),
    /// A model failed on a batch.
    #[error(transparent)]
    Summarise(#[from] SummariseError),
    /// Shards cannot be merged.
    #[error(transparent)]
    Merge(#[from] merge::MergeError),
    /// Prompts are missing or wrong.
    #[error(transparent)]
    Prompts(#[from] PromptError),
    /// The glossary cannot be used.
    #[error(transparent)]
    Glossary(#[from] GlossaryError),
    /// A file that the run has just written cannot be read.
    #[error("{path}: cannot read back: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A recipient asks for what there is not.
    #[error("recipients.{key} of {recipient}: expected one of {known}, found `{found}`")]
    Recipient {
        /// The key of the recipient's table.
        key: &'static str,
        /// The recipient's name.
        recipient: String,
        /// What there is.
        known: String,
        /// What was asked for.
        found: String,
    },
    /// A digest could not be written.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The model fails on everything.
    #[error(
        "the model failed on {articles} articles one after another, the last time with: {last}; \
         what was finished is safe, and the same command goes on from there"
    )]
    Failing {
        /// How many.
        articles: usize,
        /// What the engine said.
        last: String,
    },
    /// A thread of the run ended badly.
    #[error("a thread of the run failed: {0}; please report this")]
    Thread(String),
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything that could be done is done and exported.
    Finished(Box<Report>),
    /// Stopped on request after a clean checkpoint; the same command goes on from there.
    Interrupted,
}

/// How a run is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start {
    /// Forget what an earlier run in the same folder finished.
    pub fresh: bool,
    /// Wait for another run in the same folder to end.
    pub wait: bool,
}

/// Carries out a job.
///
/// # Errors
/// See [`RunError`]; what was finished before is in the store all the same.
pub fn run(job: &Job, start: Start, progress: &Progress, shutdown: &Shutdown) -> Result<Outcome, RunError> {
    run_with(job, start, progress, shutdown, || {
        Models::load(&Shelf::watched(job, progress.downloads())?, job)
    })
}

/// Carries out a job with models of the caller's.
fn run_with(
    job: &Job,
    start: Start,
    progress: &Progress,
    shutdown: &Shutdown,
    models: impl FnOnce() -> Result<Models, RunError>,
) -> Result<Outcome, RunError> {
    let mut clock = Clock::start();
    tracing::info!(out = %job.out.display(), fresh = start.fresh, "run started");
    std::fs::create_dir_all(&job.out).map_err(|source| RunError::Write {
        path: job.out.clone(),
        source,
    })?;
    let _lock = if start.wait {
        match Lock::wait(&job.out, shutdown)? {
            Some(lock) => lock,
            None => return Ok(Outcome::Interrupted),
        }
    } else {
        Lock::take(&job.out)?
    };
    export::sweep(&job.out);
    let mut store = Store::open(&job.out, start.fresh)?;
    if let Some(cache) = &job.cache {
        store = store.with_cache(cache)?;
    }
    let inputs = inputs::begin(job, &store)?;
    let prompts = Prompts::load(job.prompts.as_deref())?;
    digest::rehearse(&prompts, &job.to)?;
    recipients::check(job, &prompts)?;
    let models = models()?;
    clock.loaded = clock.lap();

    let complete = std::thread::scope(|scope| {
        let reader = ingest::Reader::start(scope, job, inputs, &store, progress, shutdown);
        let result = window::work(job, &models, &store, progress, shutdown, reader.all_read());
        if result.is_err() {
            shutdown.request();
        }
        let read = reader.join();
        let complete = result?;
        read.map(|()| complete)
    })?;
    clock.worked = clock.lap();
    if !complete {
        tracing::info!("run interrupted");
        return Ok(Outcome::Interrupted);
    }
    let totals = export::export(job, &models.keys, &store, &prompts)?;
    clock.exported = clock.lap();
    let mut report = Report::new(job, &models, &totals, progress, &clock);
    report.cache_hits = store.cache_hits();
    export::write_report(job, &report)?;
    let counts = report.counts;
    tracing::info!(
        articles = counts.articles,
        records = counts.records,
        flagged = counts.flagged,
        rejected = counts.rejected,
        seconds = report.seconds.total,
        "run finished"
    );
    Ok(Outcome::Finished(Box::new(report)))
}
