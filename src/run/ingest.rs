//! Reads the job's inputs into the store on a thread of its own, so that the engine never waits for a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::RunError;
use super::inputs::Input;
use super::progress::Progress;
use super::shutdown::Shutdown;
use super::store::Store;
use crate::article::{self, Article, ReadOptions, Rejection};
use crate::attempt;
use crate::job::Job;

/// Articles and rejections per transaction.
const CHUNK: usize = 128;
/// A chunk is written after this time even when it is not full, so that slow inputs get going.
const PATIENCE: Duration = Duration::from_millis(200);

/// The reading thread.
pub struct Reader<'scope> {
    done: Arc<AtomicBool>,
    thread: ScopedJoinHandle<'scope, Result<(), RunError>>,
}

impl<'scope> Reader<'scope> {
    /// Starts reading.
    pub fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        job: &'env Job,
        inputs: Vec<Input>,
        store: &'env Store,
        progress: &'env Progress,
        shutdown: &'env Shutdown,
    ) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        let thread = scope.spawn(move || {
            // Up even when reading ends with a panic: nobody must wait for more.
            let _raised = Raise(flag);
            read(job, inputs, store, progress, shutdown)
        });
        Self { done, thread }
    }

    /// Whether everything that will be read is in the store.
    pub fn all_read(&self) -> &AtomicBool {
        &self.done
    }

    /// Waits for the end of reading.
    pub fn join(self) -> Result<(), RunError> {
        self.thread
            .join()
            .unwrap_or_else(|panic| Err(RunError::Thread(attempt::message(panic.as_ref()))))
    }
}

/// Raises a flag when it goes.
struct Raise(Arc<AtomicBool>);

impl Drop for Raise {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Whether this run's shard, if it has one, holds what was read. The limit counts articles of all shards.
pub fn ours(job: &Job, item: &Result<Article, Rejection>) -> bool {
    let text = item
        .as_ref()
        .map_or_else(|rejection| &rejection.input, |article| &article.id);
    job.shard.is_none_or(|shard| shard.holds(text))
}

fn read(
    job: &Job,
    inputs: Vec<Input>,
    store: &Store,
    progress: &Progress,
    shutdown: &Shutdown,
) -> Result<(), RunError> {
    let (mut new, _) = store.counts()?;
    progress.read(new, false);
    let (mut chunk, mut complete) = (Vec::with_capacity(CHUNK), Vec::new());
    let mut articles = 0;
    let mut written = Instant::now();
    let mut flush = |chunk: &mut Vec<_>, complete: &mut Vec<i64>, all_read| -> Result<(), RunError> {
        new += store.add_read(chunk, complete)?;
        chunk.clear();
        complete.clear();
        progress.read(new, all_read);
        Ok(())
    };
    'all: for (place, reading) in inputs {
        if reading.complete {
            continue;
        }
        let mut whole = true;
        let items: Box<dyn Iterator<Item = _>> = match place {
            Ok(place) => Box::new(article::open(&place, &ReadOptions::default())),
            Err(rejection) => Box::new(std::iter::once(Err(rejection))),
        };
        for item in items {
            if shutdown.requested() {
                break 'all;
            }
            articles += usize::from(item.is_ok());
            // What could not be read this time may be read the next.
            whole &= !matches!(&item, Err(rejection) if rejection.is_of_the_moment());
            if ours(job, &item) {
                chunk.push((item, reading.number));
            }
            if chunk.len() >= CHUNK || written.elapsed() >= PATIENCE {
                flush(&mut chunk, &mut complete, false)?;
                written = Instant::now();
            }
            if Some(articles) == job.limit {
                break 'all;
            }
        }
        complete.extend(reading.number.filter(|_| whole));
    }
    flush(&mut chunk, &mut complete, true)
}
