//! `--dry-run`: what a run would do, from which models, and how long it may take. Nothing is written or fetched.
//!
//! Speeds are those that the run before in the same folder left in its report, when it used the same models in the same
//! manner; else a few of the articles are worked on, and the results are thrown away.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::time::Instant;

use serde::Deserialize;

use super::RunError;
use super::ingest::ours;
use super::keys::Keys;
use super::report::{StageReport, used};
use super::store::{self, Store};
use super::window::{Models, SummaryUnit, TranslationUnit, room, targets};
use crate::article::{self, Article, ReadOptions};
use crate::job::Job;
use crate::model::ModelError;
use crate::model::cache::is_offline_by_environment;
use crate::shelf::{Shelf, ShelfError};
use crate::text::language::Language;
use crate::text::sentences;
use crate::translate::TranslateError;

/// Articles that are worked on to measure speeds.
const PROBED: usize = 12;

/// What a run would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Different texts in the inputs.
    pub articles: usize,
    /// Inputs that repeat the text of another.
    pub duplicates: usize,
    /// Articles by language.
    pub languages: BTreeMap<String, usize>,
    /// What would be rejected, by code.
    pub rejected: BTreeMap<String, usize>,
    /// Summaries.
    pub summaries: Units,
    /// Sentences to translate; of articles that have no summary yet, as many as it may have at most.
    pub sentences: Units,
    /// Summariser and translator.
    pub models: ModelsFound,
    /// How long it may take.
    pub estimate: Option<Estimate>,
}

/// Units of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// In the store.
    pub done: usize,
    /// To be made.
    pub open: usize,
}

/// Whether the models are there.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ModelsFound {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// Both are there: their identities.
    Here { summariser: String, translator: String },
    /// The name of one that a run would fetch.
    ToFetch(String),
}

/// How long a run may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// In all, loading included.
    pub seconds: f64,
    /// What it is based on.
    pub basis: String,
}

/// Seconds that one unit takes.
struct Pace {
    summary: f64,
    sentence: f64,
    basis: String,
}

/// Finds out what a run would do.
///
/// # Errors
/// As a run, except that models which would be fetched are no error.
pub fn plan(job: &Job, fresh: bool) -> Result<Plan, RunError> {
    let started = Instant::now();
    let mut models = load(job)?;
    let loading = started.elapsed().as_secs_f64();
    let there = job.out.join(store::FILE_NAME).is_file() && !fresh;
    let mut store = there.then(|| Store::open(&job.out, false)).transpose()?;
    if let Some(cache) = job.cache.as_deref().filter(|cache| cache.is_file()) {
        store = store.map(|store| store.with_cache(cache)).transpose()?;
    }
    let keys = models.as_ref().ok().map(|models| models.keys.clone());
    let mut plan = Plan::default();
    let mut sample: Vec<Article> = Vec::new();
    let (mut seen, mut read) = (HashSet::new(), 0);
    for item in article::read(&job.inputs, &ReadOptions::default()) {
        read += usize::from(item.is_ok());
        if ours(job, &item) {
            match item {
                Err(rejection) => *plan.rejected.entry(rejection.code).or_default() += 1,
                Ok(article) if !seen.insert(article.id.clone()) => plan.duplicates += 1,
                Ok(article) => {
                    let done = store.as_ref().zip(keys.as_ref());
                    if let Err(missing) = plan.add(job, models.as_ref().ok(), done, article, &mut sample)? {
                        models = Err(missing);
                    }
                }
            }
        }
        if Some(read) == job.limit {
            break;
        }
    }
    plan.models = match &models {
        Ok(models) => ModelsFound::Here {
            summariser: models.summariser.identity().to_owned(),
            translator: translators(models),
        },
        Err(missing) => ModelsFound::ToFetch(missing.clone()),
    };
    if let Ok(models) = &models {
        let pace = match remembered(job, models) {
            Some(pace) => Some(pace),
            None => probe(job, models, &sample)?,
        };
        plan.estimate = pace.map(|pace| Estimate {
            seconds: loading + pace.summary * plan.summaries.open as f64 + pace.sentence * plan.sentences.open as f64,
            basis: pace.basis,
        });
    }
    Ok(plan)
}

/// The models, without the network; `Err` names one that a run would fetch.
fn load(job: &Job) -> Result<Result<Models, String>, RunError> {
    match Models::load(&Shelf::without_fetching(job)?, job) {
        Ok(models) => Ok(Ok(models)),
        Err(RunError::Shelf(error)) => Ok(Err(to_fetch(job, error)?)),
        Err(error) => Err(error),
    }
}

/// The name of the model that a run would fetch; any other error stays one.
fn to_fetch(job: &Job, error: ShelfError) -> Result<String, ShelfError> {
    match error {
        ShelfError::Model(ModelError::Missing { name, .. }) if !job.offline && !is_offline_by_environment() => Ok(name),
        error => Err(error),
    }
}

/// Identities of the models that translate.
fn translators(models: &Models) -> String {
    let different: BTreeSet<String> = models.translator.identities().into_values().collect();
    let first = different.into_iter().collect::<Vec<_>>().join(", ");
    let second = models
        .fallback
        .iter()
        .flat_map(|fallback| fallback.identities().into_values());
    second.fold(first, |first, second| {
        format!("{first}, and by {second} what fails a check")
    })
}

impl Plan {
    /// Adds an article; `Err` names a model that a run would fetch for it.
    fn add(
        &mut self,
        job: &Job,
        models: Option<&Models>,
        done: Option<(&Store, &Keys)>,
        article: Article,
        sample: &mut Vec<Article>,
    ) -> Result<Result<(), String>, RunError> {
        self.articles += 1;
        let code = article.language.map_or("unknown", |language| language.code());
        *self.languages.entry(code.to_owned()).or_default() += 1;
        let Some(language) = article.language else {
            *self.rejected.entry("unknown-language".to_owned()).or_default() += 1;
            return Ok(Ok(()));
        };
        let others: Vec<Language> = job.to.iter().copied().filter(|to| *to != language).collect();
        if let Some(models) = models {
            match models.directions(language, &others) {
                Ok(Ok(())) => {}
                Ok(Err(_)) => {
                    *self.rejected.entry("unsupported-language".to_owned()).or_default() += 1;
                    return Ok(Ok(()));
                }
                Err(TranslateError::Shelf(error)) => return Ok(Err(to_fetch(job, error)?)),
                Err(error) => return Err(error.into()),
            }
        }
        let summary = match done {
            Some((store, keys)) => store.unit::<SummaryUnit>(&keys.summary(&article))?,
            None => None,
        };
        let (Some(summary), Some((store, keys))) = (summary, done) else {
            self.summaries.open += 1;
            let texts = job.summary_sentences + usize::from(!article.title.trim().is_empty());
            self.sentences.open += texts * others.len();
            if sample.len() < PROBED {
                sample.push(article);
            }
            return Ok(Ok(()));
        };
        self.summaries.done += 1;
        let open = self.sentences.open;
        for segment in targets(&job.to, &article, language, &summary) {
            let done = store.unit::<TranslationUnit>(&keys.translation(&segment))?.is_some()
                || store.reviewed(&segment)?.is_some();
            self.sentences.done += usize::from(done);
            self.sentences.open += usize::from(!done);
        }
        if self.sentences.open > open && sample.len() < PROBED {
            sample.push(article);
        }
        Ok(Ok(()))
    }
}

/// What of a report tells how fast a run was.
#[derive(Deserialize)]
struct Former {
    stages: BTreeMap<String, StageReport>,
    models: BTreeMap<String, String>,
    settings: Manner,
    finished: String,
}

/// Settings that speed depends on.
#[derive(Deserialize)]
struct Manner {
    threads: usize,
    batch_tokens: usize,
}

/// Speeds of the run before in the same folder.
fn remembered(job: &Job, models: &Models) -> Option<Pace> {
    let text = std::fs::read_to_string(job.out.join("report.json")).ok()?;
    let former: Former = serde_json::from_str(&text).ok()?;
    let same = |(part, model): (&String, &String)| former.models.get(part) == Some(model);
    let as_now = used(models).iter().all(same)
        && (former.settings.threads, former.settings.batch_tokens) == (job.threads, job.batch_tokens);
    let pace = |stage: &str| {
        let work = former.stages.get(stage).filter(|work| work.made > 0)?;
        Some(work.seconds / work.made as f64)
    };
    as_now.then_some(Pace {
        summary: pace("summarise")?,
        sentence: pace("translate")?,
        basis: format!("the speed of the run that ended at {}", former.finished),
    })
}

/// Speeds on a few of the articles; `None` when there is none to measure on.
fn probe(job: &Job, models: &Models, sample: &[Article]) -> Result<Option<Pace>, RunError> {
    let (mut summaries, mut segments) = (0, Vec::new());
    let started = Instant::now();
    for article in sample {
        let Some(language) = article.language else { continue };
        let sentences = sentences::split(&article.body, language);
        let (summariser, title) = (&models.summariser, &article.title);
        let made = summariser.summarise(title, &sentences, language, room(job), job.batch_tokens)?;
        summaries += 1;
        let unit = SummaryUnit::from(made);
        segments.extend(targets(&job.to, article, language, &unit));
    }
    let summarising = started.elapsed().as_secs_f64();
    if summaries == 0 || segments.is_empty() {
        return Ok(None);
    }
    let started = Instant::now();
    models.translator.translate(
        &segments,
        &|own| models.translator.decoding(own),
        job.batch_tokens,
        &mut |_, _| ControlFlow::Continue(()),
    )?;
    Ok(Some(Pace {
        summary: summarising / f64::from(summaries),
        sentence: started.elapsed().as_secs_f64() / segments.len() as f64,
        basis: format!("a trial with {summaries} of the articles, just now"),
    }))
}
