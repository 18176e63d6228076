//! The nightly batch: reads, summarises, translates, checks and exports, and can be stopped and resumed at any moment.
//!
//! A thread reads articles into the [`store`]; the `window`s of articles are worked on as they come; what is finished
//! is in the store before it is counted. At the end `export` writes records, digests and the report from the store
//! alone, so that they do not depend on the way there.

mod export;
mod ingest;
pub mod lock;
pub mod progress;
mod recipients;
pub mod record;
pub mod report;
pub mod shutdown;
pub mod store;
mod window;

use std::path::PathBuf;
use std::time::Instant;

use crate::check::glossary::GlossaryError;
use crate::digest::{self, DigestError};
use crate::job::Job;
use crate::prompts::{PromptError, Prompts};
use crate::shelf::{Shelf, ShelfError};
use crate::summarise::SummariseError;
use crate::translate::TranslateError;

use lock::{Lock, LockError};
use progress::Progress;
use report::Report;
use shutdown::Shutdown;
use store::{Store, StoreError};

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
    /// Prompts are missing or wrong.
    #[error(transparent)]
    Prompts(#[from] PromptError),
    /// The glossary cannot be used.
    #[error(transparent)]
    Glossary(#[from] GlossaryError),
    /// A digest could not be written.
    #[error(transparent)]
    Digest(#[from] DigestError),
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
    /// The reading thread ended badly.
    #[error("the reader failed: {0}; please report this")]
    Reader(String),
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything that could be done is done and exported.
    Finished(Box<Report>),
    /// Stopped on request after a clean checkpoint; the same command goes on from there.
    Interrupted,
}

/// Carries out a job.
///
/// # Errors
/// See [`RunError`]; what was finished before is in the store all the same.
pub fn run(job: &Job, fresh: bool, progress: &Progress, shutdown: &Shutdown) -> Result<Outcome, RunError> {
    let started = Instant::now();
    std::fs::create_dir_all(&job.out).map_err(|source| RunError::Write {
        path: job.out.clone(),
        source,
    })?;
    let _lock = Lock::take(&job.out)?;
    let store = Store::open(&job.out)?;
    store.begin(fresh)?;
    let prompts = Prompts::load(job.prompts.as_deref())?;
    digest::rehearse(&prompts, &job.to)?;
    recipients::check(job, &prompts)?;
    let mut shelf = Shelf::new(job)?;
    let models = window::Models::load(&mut shelf, job)?;
    let loaded = started.elapsed();

    let complete = std::thread::scope(|scope| {
        let reader = ingest::Reader::start(scope, job, &store, progress, shutdown);
        let result = window::work(job, &models, &store, progress, shutdown, &reader);
        if result.is_err() {
            shutdown.request();
        }
        let read = reader.join();
        let complete = result?;
        read.map(|()| complete)
    })?;
    if !complete {
        return Ok(Outcome::Interrupted);
    }
    let totals = export::export(job, &models, &store, &prompts)?;
    let report = Report::new(job, &models, &totals, progress, started.elapsed(), loaded);
    export::write_report(job, &report)?;
    Ok(Outcome::Finished(Box::new(report)))
}
