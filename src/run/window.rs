//! Works on articles a window at a time: summaries first, then translations of all target languages together.
//!
//! This is the engine's thread. Another one looks ahead for windows (`scout`), a third writes what is finished
//! (`writer`); the reader of the inputs is a fourth. What is left here beside the engine is tokenising and the few
//! checks that decide whether a sentence is to be decoded again, which together take a hundredth of its time.

mod models;
mod passes;
mod terms;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use super::RunError;
use super::keys::Keys;
use super::progress::{PARTS, Progress, Stage};
use super::scout::Scout;
use super::shutdown::Shutdown;
use super::store::{Store, Stored, Unit, UnitKey};
use super::writer::{Outbox, Pending, QUEUE, Writer};
use crate::article::{Article, Rejection};
use crate::attempt::{self, Failure};
use crate::job::Job;
use crate::summarise::{Made, Room};
use crate::text::language::Language;
use crate::text::sentences;
use crate::translate::Segment;
pub use models::{Models, SummaryUnit, TopicUnit, TranslationUnit};

/// Windows that lie ready.
const READY: usize = 2;
/// Thousandths of an article's work that its summary counts for.
const SUMMARY_PARTS: u64 = 150;
/// When so many articles fail in the engine one after another, it is not the articles that are bad.
const MOST_FAILURES: usize = 20;

/// Works until everything read is done. False when stopped on request.
pub fn work(
    job: &Job,
    models: &Models,
    store: &Store,
    progress: &Progress,
    shutdown: &Shutdown,
    all_read: &AtomicBool,
) -> Result<bool, RunError> {
    let (keys, makers) = (&models.keys, &models.makers());
    let (over, pending) = (&AtomicBool::new(false), &Pending::default());
    let crowded = &AtomicBool::new(!models.shelf.all_fit());
    let (messages, inbox) = sync_channel(QUEUE);
    let (send_window, windows) = sync_channel(READY);
    std::thread::scope(|scope| {
        let scout = Scout {
            store,
            keys,
            progress,
            all_read,
            crowded,
            over,
        };
        let scout = scope.spawn(move || scout.run(&send_window));
        let writer = Writer {
            store,
            keys,
            makers,
            to: &job.to,
            progress,
            pending,
        };
        let writer = scope.spawn(move || writer.run(&inbox));
        let mut worker = Worker {
            job,
            models,
            keys,
            store,
            progress,
            shutdown,
            crowded,
            outbox: Outbox { messages, pending },
            failures: 0,
        };
        let mut flow = Ok(ControlFlow::Continue(()));
        while let (Ok(ControlFlow::Continue(())), Ok(window)) = (&flow, windows.recv()) {
            flow = worker.window(window);
        }
        over.store(true, Ordering::Relaxed);
        drop((windows, worker));
        // The writer's own failure explains why the worker stopped, so it comes first.
        ended(writer.join())?;
        let all_sent = ended(scout.join())?;
        Ok(flow?.is_continue() && all_sent && !shutdown.requested())
    })
}

/// What a thread returned; a panic in it is an error that says so.
fn ended<T, E>(result: std::thread::Result<Result<T, E>>) -> Result<T, RunError>
where
    RunError: From<E>,
{
    match result {
        Ok(result) => Ok(result?),
        Err(panic) => Err(RunError::Thread(attempt::message(panic.as_ref()))),
    }
}

struct Worker<'a> {
    job: &'a Job,
    models: &'a Models,
    keys: &'a Keys,
    store: &'a Store,
    progress: &'a Progress,
    shutdown: &'a Shutdown,
    /// See [`Scout::crowded`].
    crowded: &'a AtomicBool,
    outbox: Outbox<'a>,
    /// Articles that failed in the engine since one did not.
    failures: usize,
}

/// An article whose summary is made.
struct Summarised {
    stored: Stored,
    summary: SummaryUnit,
    /// Segments that it waits for, and thousandths of its work that are not counted yet.
    open: usize,
    left: u64,
    failed: bool,
}

/// A segment to translate and the articles that wait for it; the first of them is the one whose work it is.
#[derive(Clone)]
struct Wanted {
    key: UnitKey,
    owners: Vec<usize>,
}

const BREAK: ControlFlow<()> = ControlFlow::Break(());
const CONTINUE: ControlFlow<()> = ControlFlow::Continue(());

impl Worker<'_> {
    fn window(&mut self, window: Vec<Stored>) -> Result<ControlFlow<()>, RunError> {
        let mut articles: Vec<Summarised> = Vec::with_capacity(window.len());
        let (mut segments, mut wanted): (Vec<Segment>, Vec<Wanted>) = (Vec::new(), Vec::new());
        let mut places: HashMap<UnitKey, usize> = HashMap::new();
        let mut failing: Vec<(Segment, Wanted)> = Vec::new();
        for stored in window {
            if self.shutdown.requested() {
                return Ok(BREAK);
            }
            let Some((language, summary)) = self.summary(&stored.article)? else {
                continue;
            };
            let owner = articles.len();
            let mut open = 0;
            for segment in targets(&self.job.to, &stored.article, language, &summary) {
                let key = self.keys.translation(&segment);
                if self.store.reviewed(&segment)?.is_some() {
                    self.progress.reused(Stage::Translate);
                } else if let Some(place) = places.get(&key) {
                    wanted[*place].owners.push(owner);
                } else if self.outbox.pending.holds(&key) {
                    self.progress.reused(Stage::Translate);
                } else if let Some(unit) = self.store.unit::<TranslationUnit>(&key)? {
                    self.progress.reused(Stage::Translate);
                    // An earlier run may have had no fallback, or have been stopped before it.
                    if self.models.fallback.is_some() && passes::errors(&segment, &unit.text) > 0 {
                        let owners = vec![owner];
                        failing.push((segment, Wanted { key, owners }));
                    }
                } else {
                    places.insert(key, wanted.len());
                    let owners = vec![owner];
                    wanted.push(Wanted { key, owners });
                    segments.push(segment);
                    open += 1;
                }
            }
            articles.push(Summarised {
                stored,
                summary,
                open,
                left: PARTS - SUMMARY_PARTS,
                failed: false,
            });
        }
        let flow = self.translate((&segments, &wanted), failing, &mut articles)?;
        if flow.is_break() {
            return Ok(BREAK);
        }
        for article in articles {
            if article.failed {
                continue;
            }
            let rest = if article.open == 0 { article.left } else { 0 };
            if !(self.outbox.units(Vec::new(), rest) && self.outbox.done(article.stored, article.summary)) {
                return Ok(BREAK);
            }
        }
        Ok(CONTINUE)
    }

    fn reject(&self, article: &Article, code: &str, reason: String, advice: &str) -> Result<(), RunError> {
        let rejection = Rejection {
            input: article.input.clone(),
            code: code.to_owned(),
            reason,
            advice: advice.to_owned(),
        };
        tracing::warn!(input = %article.input, code, "rejected: {}", rejection.reason);
        Ok(self.store.reject(&article.id, &rejection)?)
    }

    /// Rejects an article on which the engine failed; an error when it fails on everything.
    fn reject_failed(&mut self, article: &Article, failure: &Failure) -> Result<(), RunError> {
        self.failures += 1;
        if self.failures >= MOST_FAILURES {
            return Err(RunError::Failing {
                articles: self.failures,
                last: failure.to_string(),
            });
        }
        if failure.is_too_slow() {
            let most = self.job.article_timeout.unwrap_or_default();
            let reason = format!("expected the model to be done with it in {most} s, found that it was not");
            return self.reject(article, "too-slow", reason, TOO_SLOW_ADVICE);
        }
        let reason = format!("expected the model to work on it, found that it failed twice: {failure}");
        self.reject(article, "model-failed", reason, FAILED_ADVICE)
    }

    /// The article's summary, from the store or made now; `None` when the article was rejected.
    fn summary(&mut self, article: &Article) -> Result<Option<(Language, SummaryUnit)>, RunError> {
        let Some(language) = article.language else {
            self.reject(
                article,
                "unknown-language",
                UNKNOWN_LANGUAGE.0.to_owned(),
                UNKNOWN_LANGUAGE.1,
            )?;
            self.progress.advance(PARTS);
            return Ok(None);
        };
        let known = self.models.directions(language, &self.job.to)?;
        self.crowded.store(!self.models.shelf.all_fit(), Ordering::Relaxed);
        if let Err(reason) = known {
            self.reject(article, "unsupported-language", reason, UNSUPPORTED_ADVICE)?;
            self.progress.advance(PARTS);
            return Ok(None);
        }
        let key = self.keys.summary(article);
        if let Some(done) = self.store.unit::<SummaryUnit>(&key)? {
            self.progress.reused(Stage::Summarise);
            self.progress.advance(SUMMARY_PARTS);
            let (summariser, batch_tokens) = (&self.models.summariser, self.job.batch_tokens);
            self.topic(article, || {
                summariser.vector(&article.title, &done.sentences, language, batch_tokens)
            })?;
            return Ok(Some((language, done)));
        }
        // Loading is not the article's time.
        self.models.summariser.ready()?;
        let mut made = match self.make_summary(article, language) {
            Err(failure) => {
                self.reject_failed(article, &failure)?;
                self.progress.advance(PARTS);
                return Ok(None);
            }
            Ok(made) if made.sentences.is_empty() => {
                self.reject(article, "nothing-to-summarise", NOTHING.0.to_owned(), NOTHING.1)?;
                self.progress.advance(PARTS);
                return Ok(None);
            }
            Ok(made) => made,
        };
        self.failures = 0;
        let vector = std::mem::take(&mut made.vector);
        self.topic(article, || Ok(vector))?;
        let unit = SummaryUnit::from(made);
        self.progress.made(Stage::Summarise, 1);
        self.outbox.units(vec![Unit::shared(key, &unit)], SUMMARY_PARTS);
        Ok(Some((language, unit)))
    }

    /// Sees that the topic of an article is known, from the vector of its title and summary. Nobody needs it: a model that
    /// fails here costs no article.
    fn topic(&self, article: &Article, vector: impl FnOnce() -> Result<Vec<f32>, Failure>) -> Result<(), RunError> {
        let Some(key) = self.keys.topic(article) else {
            return Ok(());
        };
        if self.outbox.pending.holds(&key) || self.store.unit::<TopicUnit>(&key)?.is_some() {
            return Ok(());
        }
        let made = attempt::guarded(|| self.models.topic(&vector()?, self.job.batch_tokens));
        match made {
            Ok(unit) => {
                self.outbox.units(vec![Unit::shared(key, &unit)], 0);
            }
            Err(failure) => tracing::warn!(input = %article.input, "no topic by meaning: {failure}"),
        }
        Ok(())
    }

    fn make_summary(&self, article: &Article, language: Language) -> Result<Made, Failure> {
        attempt::engine_time();
        let made = attempt::guarded(|| {
            let sentences = sentences::split(&article.body, language);
            let (room, batch_tokens) = (room(self.job), self.job.batch_tokens);
            let summariser = &self.models.summariser;
            summariser.summarise(&article.title, &sentences, language, room, batch_tokens)
        })?;
        self.progress
            .worked(Stage::Summarise, made.tokens, attempt::engine_time());
        Ok(made)
    }
}

const UNKNOWN_LANGUAGE: (&str, &str) = (
    "expected a language that can be told, found text of an unknown one",
    "give the article a `language` field, or leave it out of the batch",
);
const UNSUPPORTED_ADVICE: &str = "name a model that knows the language, such as --translator nllb-600m";
const NOTHING: (&str, &str) = (
    "expected at least one sentence with words, found none",
    "check what the source file holds",
);
const FAILED_ADVICE: &str = "run the same command again to try it once more; if it fails again, report the article";
const TOO_SLOW_ADVICE: &str = "give more time with --article-timeout, or look at what is odd in the article";

/// What has to be translated for an article: title and summary sentences into every target but its own language.
pub fn targets(to: &[Language], article: &Article, language: Language, summary: &SummaryUnit) -> Vec<Segment> {
    let texts = std::iter::once(&article.title).chain(&summary.sentences);
    let segment = |text: &String, to| Segment {
        text: text.clone(),
        from: language,
        to,
    };
    texts
        .flat_map(|text| {
            to.iter()
                .filter(|to| **to != language)
                .map(move |to| segment(text, *to))
        })
        .filter(|segment| !segment.text.trim().is_empty())
        .collect()
}

/// Room for a summary.
pub fn room(job: &Job) -> Room {
    Room {
        words: job.summary_words,
        sentences: job.summary_sentences,
    }
}
