//! Works on articles a window at a time: summaries first, then translations of all target languages together.
//!
//! A window is large enough for full batches and small enough that results flow and progress moves.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::RunError;
use super::ingest::Reader;
use super::progress::{PARTS, Progress, Stage};
use super::record::SCHEMA;
use super::shutdown::Shutdown;
use super::store::{Store, Stored, UnitKey, unit_key};
use crate::article::{Article, Rejection};
use crate::check::glossary::Glossary;
use crate::check::{self, Severity};
use crate::engine::Decoding;
use crate::job::Job;
use crate::shelf::Shelf;
use crate::summarise::{Room, Summariser};
use crate::text::language::Language;
use crate::text::sentences;
use crate::translate::{Segment, Translated, Translator};

/// Articles in a window.
const WINDOW: usize = 48;
/// Thousandths of an article's work that its summary counts for.
const SUMMARY_PARTS: u64 = 150;
/// How long to wait for the reader before looking again.
const PATIENCE: Duration = Duration::from_millis(20);

/// The models of a job.
pub struct Models {
    /// Writes or chooses summaries.
    pub summariser: Summariser,
    /// Translates titles and summaries.
    pub translator: Translator,
    /// How translations are decoded.
    pub decoding: Decoding,
    /// Terms that translations are checked against; empty when the job names none.
    pub glossary: Glossary,
}

impl Models {
    /// Loads what the job names; a model named twice is loaded once.
    pub fn load(shelf: &mut Shelf, job: &Job) -> Result<Self, RunError> {
        let translator = Translator::new(shelf.get(&job.translator)?);
        let summariser = Summariser::new(shelf.get(&job.summariser)?);
        let decoding = job.decoding.over(translator.decoding());
        let glossary = job
            .glossary
            .as_deref()
            .map(Glossary::load)
            .transpose()?
            .unwrap_or_default();
        Ok(Self {
            summariser,
            translator,
            decoding,
            glossary,
        })
    }
}

/// A finished summary, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryUnit {
    /// Sentences in order.
    pub sentences: Vec<String>,
}

/// A finished translation of one sentence, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranslationUnit {
    /// The translation.
    pub text: String,
    /// See [`Translated::score`].
    pub score: f64,
    /// Whether it took stricter decoding to get it.
    pub strict: bool,
}

/// Works until everything read is done. False when stopped on request.
pub fn work(
    job: &Job,
    models: &Models,
    store: &Store,
    progress: &Progress,
    shutdown: &Shutdown,
    reader: &Reader<'_>,
) -> Result<bool, RunError> {
    let worker = Worker {
        job,
        models,
        store,
        progress,
        shutdown,
    };
    let mut position = 0;
    loop {
        if shutdown.requested() {
            return Ok(false);
        }
        let all_read = reader.done();
        let window = store.window(position, WINDOW)?;
        match window.last() {
            // A short window while reading goes on would make short batches.
            Some(last) if window.len() == WINDOW || all_read => {
                position = last.position;
                if worker.window(&window)?.is_break() {
                    return Ok(false);
                }
            }
            None if all_read => return Ok(true),
            _ => std::thread::sleep(PATIENCE),
        }
    }
}

struct Worker<'a> {
    job: &'a Job,
    models: &'a Models,
    store: &'a Store,
    progress: &'a Progress,
    shutdown: &'a Shutdown,
}

impl Worker<'_> {
    fn window(&self, window: &[Stored]) -> Result<ControlFlow<()>, RunError> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut owners: Vec<usize> = Vec::new();
        let mut seen: HashSet<UnitKey> = HashSet::new();
        let mut shares = vec![0; window.len()];
        for (owner, stored) in window.iter().enumerate() {
            if self.shutdown.requested() {
                return Ok(ControlFlow::Break(()));
            }
            let article = &stored.article;
            let Some(language) = article.language else {
                self.reject(
                    article,
                    "unknown-language",
                    UNKNOWN_LANGUAGE.0.to_owned(),
                    UNKNOWN_LANGUAGE.1,
                )?;
                continue;
            };
            if let Err(reason) = self.directions(language) {
                self.reject(article, "unsupported-language", reason, UNSUPPORTED_ADVICE)?;
                continue;
            }
            let Some(summary) = self.summary(article, language)? else {
                continue;
            };
            self.progress.advance(SUMMARY_PARTS);
            let before = segments.len();
            for segment in targets(self.job, article, language, &summary) {
                let key = translation_key(self.models, &segment);
                let open = seen.insert(key)
                    && self.store.unit::<TranslationUnit>(&key)?.is_none()
                    && self.store.reviewed(&segment)?.is_none();
                if open {
                    segments.push(segment);
                    owners.push(owner);
                }
            }
            shares[owner] = segments.len() - before;
            if shares[owner] == 0 {
                self.progress.advance(PARTS - SUMMARY_PARTS);
            }
        }
        self.translate(&segments, &owners, &shares)
    }

    fn reject(&self, article: &Article, code: &str, reason: String, advice: &str) -> Result<(), RunError> {
        self.progress.advance(PARTS);
        let rejection = Rejection {
            input: article.input.clone(),
            code: code.to_owned(),
            reason,
            advice: advice.to_owned(),
        };
        tracing::warn!(input = %article.input, code, "rejected: {}", rejection.reason);
        Ok(self.store.reject(&article.id, &rejection)?)
    }

    /// Whether the translator knows every direction that this language needs.
    fn directions(&self, language: Language) -> Result<(), String> {
        for to in self.job.to.iter().filter(|to| **to != language) {
            self.models
                .translator
                .check_direction(language, *to)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// The article's summary, from the store or made now; `None` when the article was rejected.
    fn summary(&self, article: &Article, language: Language) -> Result<Option<SummaryUnit>, RunError> {
        let key = summary_key(self.job, self.models, article);
        if let Some(done) = self.store.unit(&key)? {
            return Ok(Some(done));
        }
        let started = Instant::now();
        let sentences = sentences::split(&article.body, language);
        let made = self.models.summariser.summarise(
            &article.title,
            &sentences,
            language,
            room(self.job),
            self.job.batch_tokens,
        )?;
        self.progress.worked(Stage::Summarise, made.tokens, started.elapsed());
        if made.sentences.is_empty() {
            self.reject(article, "nothing-to-summarise", NOTHING.0.to_owned(), NOTHING.1)?;
            return Ok(None);
        }
        let unit = SummaryUnit {
            sentences: made.sentences,
        };
        self.store.finish(&[(key, &unit)])?;
        Ok(Some(unit))
    }

    /// Translates segments; what fails a hard check is decoded once more, more strictly, before it is stored.
    fn translate(&self, segments: &[Segment], owners: &[usize], shares: &[usize]) -> Result<ControlFlow<()>, RunError> {
        let mut left: Vec<u64> = shares.iter().map(|_| PARTS - SUMMARY_PARTS).collect();
        let mut open = shares.to_vec();
        let mut advance = |index: usize| {
            let owner = owners[index];
            let part = left[owner] / open[owner].max(1) as u64;
            left[owner] -= part;
            open[owner] = open[owner].saturating_sub(1);
            self.progress.advance(part);
        };
        let mut again: Vec<(usize, Translated)> = Vec::new();
        let flow = self.pass(segments, &self.models.decoding, &mut |index, translated| {
            if hard(&segments[index], &translated.text) > 0 {
                again.push((index, translated));
                return None;
            }
            advance(index);
            Some(TranslationUnit {
                text: translated.text,
                score: translated.score,
                strict: false,
            })
        })?;
        if flow.is_break() || again.is_empty() {
            return Ok(flow);
        }
        // Batches finish in an order of their own; the second pass must not depend on it.
        again.sort_by_key(|(index, _)| *index);
        let strict = strict(&self.models.decoding);
        let retried: Vec<Segment> = again.iter().map(|(index, _)| segments[*index].clone()).collect();
        self.pass(&retried, &strict, &mut |index, translated| {
            let (original, first) = &again[index];
            advance(*original);
            let better = hard(&retried[index], &translated.text) <= hard(&retried[index], &first.text);
            let kept = if better { translated } else { first.clone() };
            Some(TranslationUnit {
                text: kept.text,
                score: kept.score,
                strict: better,
            })
        })
    }

    /// One pass of the translator, storing what `keep` turns into a unit.
    fn pass(
        &self,
        segments: &[Segment],
        decoding: &Decoding,
        keep: &mut dyn FnMut(usize, Translated) -> Option<TranslationUnit>,
    ) -> Result<ControlFlow<()>, RunError> {
        let mut failure = None;
        let mut flow = ControlFlow::Continue(());
        let mut started = Instant::now();
        self.models
            .translator
            .translate(segments, decoding, self.job.batch_tokens, &mut |done, source_tokens| {
                let tokens = source_tokens + done.iter().map(|(_, translated)| translated.tokens).sum::<usize>();
                self.progress.worked(Stage::Translate, tokens, started.elapsed());
                let units: Vec<(UnitKey, TranslationUnit)> = done
                    .into_iter()
                    .filter_map(|(index, translated)| {
                        Some((translation_key(self.models, &segments[index]), keep(index, translated)?))
                    })
                    .collect();
                if let Err(error) = self.store.finish(&units) {
                    failure = Some(error);
                    return ControlFlow::Break(());
                }
                started = Instant::now();
                if self.shutdown.requested() {
                    flow = ControlFlow::Break(());
                }
                flow
            })?;
        failure.map_or(Ok(flow), |error| Err(error.into()))
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

/// Findings that no reader should have to see: wrong script, repetition loop, nothing at all.
fn hard(segment: &Segment, output: &str) -> usize {
    check::translation(&segment.text, segment.from, output, segment.to)
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count()
}

/// Decoding that cannot loop: no pair of three tokens twice, and tokens already used cost more.
fn strict(decoding: &Decoding) -> Decoding {
    Decoding {
        no_repeat_ngram: 3,
        repetition_penalty: decoding.repetition_penalty.max(1.2),
        ..decoding.clone()
    }
}

/// What has to be translated for an article: title and summary sentences into every target but its own language.
pub fn targets(job: &Job, article: &Article, language: Language, summary: &SummaryUnit) -> Vec<Segment> {
    let texts = std::iter::once(&article.title).chain(&summary.sentences);
    let segment = |text: &String, to| Segment {
        text: text.clone(),
        from: language,
        to,
    };
    texts
        .flat_map(|text| {
            job.to
                .iter()
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

/// Key of an article's summary.
pub fn summary_key(job: &Job, models: &Models, article: &Article) -> UnitKey {
    let room = format!("words {} sentences {}", job.summary_words, job.summary_sentences);
    let language = article.language.map_or("", |language| language.code());
    unit_key(&[
        "summary",
        SCHEMA,
        models.summariser.identity(),
        models.summariser.prompts(),
        &article.id,
        language,
        &room,
    ])
}

/// Key of a sentence's translation.
pub fn translation_key(models: &Models, segment: &Segment) -> UnitKey {
    let how = serde_json::to_string(&models.decoding).unwrap_or_default();
    let (from, to) = (segment.from.code(), segment.to.code());
    unit_key(&[
        "translation",
        SCHEMA,
        models.translator.identity(),
        models.translator.prompts(),
        &how,
        from,
        to,
        &segment.text,
    ])
}
