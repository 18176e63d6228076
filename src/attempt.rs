//! One bad source must not cost its neighbours: a batch that fails is halved until the bad one stands alone.
//!
//! That also answers a batch that is too large for the device's memory, and panics inside libraries: they are caught
//! here and told as failures. While work is guarded, panics are logged and not printed.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use crate::engine::EngineError;
use crate::model::TokenizerError;

/// Why a source could not be worked on, alone.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The engine refused or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The text cannot be tokenised.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// A library panicked.
    #[error("a library failed inside: {0}")]
    Panic(String),
    /// The work that this one builds on failed, and perhaps others wait for it too.
    #[error("in the language between: {0}")]
    Between(Arc<Failure>),
}

impl Failure {
    /// Whether the time for it was over.
    pub fn is_too_slow(&self) -> bool {
        match self {
            Self::Engine(EngineError::TooSlow) => true,
            Self::Between(failure) => failure.is_too_slow(),
            _ => false,
        }
    }
}

/// Guarded pieces of work in progress, of all threads: a library may panic on a thread of its own.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread's engine time, for [`engine_time`].
    static SPENT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Does work in which a panic is a failure like any other.
///
/// # Errors
/// What the work returned, or the panic's message.
pub fn guarded<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<T, Failure>
where
    Failure: From<E>,
{
    quiet();
    GUARDED.fetch_add(1, Ordering::SeqCst);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.fetch_sub(1, Ordering::SeqCst);
    match result {
        Ok(result) => result.map_err(Failure::from),
        Err(panic) => Err(Failure::Panic(message(panic.as_ref()))),
    }
}

/// What a panic says.
pub fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}

/// Sends the report of a panic to the log instead of the terminal while guarded work is in progress.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if GUARDED.load(Ordering::SeqCst) == 0 {
                usual(panic);
            } else {
                tracing::debug!("{panic}");
            }
        }));
    });
}

/// What an engine does with a batch: one result per source, in order.
pub type Work<'a, S, T> = dyn FnMut(&[S]) -> Result<Vec<T>, EngineError> + 'a;

/// Works on a batch; a batch that fails is halved and each half worked on alone, and a source that fails alone is tried
/// once more. One result per source, in order.
pub fn halving<S, T>(sources: &[S], work: &mut Work<'_, S, T>) -> Vec<Result<T, Failure>> {
    if sources.is_empty() {
        return Vec::new();
    }
    let mut attempt = || timed(|| guarded(|| work(sources)));
    let failure = match attempt() {
        Ok(results) if results.len() == sources.len() => return results.into_iter().map(Ok).collect(),
        Ok(results) => Failure::Panic(format!("{} results for {} sources", results.len(), sources.len())),
        Err(failure) => failure,
    };
    if sources.len() > 1 {
        tracing::warn!(sources = sources.len(), "a batch failed and is halved: {failure}");
        let (left, right) = sources.split_at(sources.len() / 2);
        let mut results = halving(left, work);
        results.extend(halving(right, work));
        return results;
    }
    tracing::warn!("a source failed alone and is tried once more: {failure}");
    let again = attempt().map(|mut results| results.pop());
    vec![match again {
        Ok(Some(result)) => Ok(result),
        Ok(None) => Err(failure),
        Err(failure) => Err(failure),
    }]
}

fn timed<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    SPENT.set(SPENT.get() + started.elapsed());
    result
}

/// Time that this thread has spent in engines since it last asked.
pub fn engine_time() -> Duration {
    SPENT.replace(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails for every batch that holds a negative number or more than `most`.
    fn work(most: usize) -> impl FnMut(&[i32]) -> Result<Vec<i32>, EngineError> {
        move |sources| {
            if sources.len() > most {
                return Err(EngineError::Threads("no memory".to_owned()));
            }
            assert!(sources.iter().all(|source| *source >= 0), "negative");
            Ok(sources.iter().map(|source| source * 10).collect())
        }
    }

    #[test]
    fn a_batch_that_is_too_large_is_halved_until_it_fits() {
        let results = halving(&[1, 2, 3, 4, 5], &mut work(2));
        let values: Vec<i32> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(values, [10, 20, 30, 40, 50]);
    }

    #[test]
    fn a_source_on_which_a_library_panics_fails_alone() {
        let results = halving(&[1, 2, -3, 4], &mut work(9));
        let told: Vec<String> = results
            .iter()
            .map(|result| result.as_ref().map_or_else(ToString::to_string, ToString::to_string))
            .collect();
        assert_eq!(told, ["10", "20", "a library failed inside: negative", "40"]);
    }

    #[test]
    fn a_source_that_fails_once_is_tried_again() {
        let mut calls = 0;
        let results = halving(&[7], &mut |sources| {
            calls += 1;
            if calls == 1 {
                return Err(EngineError::Threads("busy".to_owned()));
            }
            Ok(sources.to_vec())
        });
        assert_eq!(*results[0].as_ref().unwrap(), 7);
    }

    #[test]
    fn time_in_the_engine_is_counted_once() {
        halving(&[1], &mut |sources| {
            std::thread::sleep(Duration::from_millis(5));
            Ok(sources.to_vec())
        })
        .pop();
        assert!(engine_time() >= Duration::from_millis(5));
        assert_eq!(engine_time(), Duration::ZERO);
    }
}
