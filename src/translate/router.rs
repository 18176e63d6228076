//! Sends each segment to the models of its direction, and keeps the work of one model together, so that a batch which
//! needs several models takes each of them from the shelf once and not once an article.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{Batched, Segment, Single, TranslateError, Translated, Way, capitalised};
use crate::attempt::Failure;
use crate::engine::Decoding;
use crate::job::{AUTO, Job};
use crate::model::Task;
use crate::shelf::{Loaded, Shelf, ShelfError};
use crate::text::language::Language;

type Direction = (Language, Language);

/// Translates, by the models that a job names or `auto` chooses.
pub struct Translator {
    job: Job,
    shelf: Shelf,
    /// Directions asked for so far.
    ways: RefCell<BTreeMap<Direction, Rc<Way>>>,
    /// Most time for one source.
    timeout: Option<Duration>,
}

impl Translator {
    /// A translator for a job; the model that it names for all directions is loaded at once, so that what is wrong with
    /// it shows at the start.
    ///
    /// # Errors
    /// When a model that the job names cannot be had.
    pub fn new(shelf: &Shelf, job: &Job) -> Result<Self, ShelfError> {
        let translator = Self::of(shelf, job.clone())?;
        if job.translator != AUTO {
            shelf.get(&job.translator)?;
        }
        Ok(translator)
    }

    /// The translator for what fails with the usual one, where the job names one. It is loaded when it is first needed.
    ///
    /// # Errors
    /// When the model cannot be had.
    pub fn fallback(shelf: &Shelf, job: &Job) -> Result<Option<Self>, ShelfError> {
        let Some(model) = &job.fallback else { return Ok(None) };
        let job = Job {
            translator: model.clone(),
            translators: BTreeMap::new(),
            ..job.clone()
        };
        Self::of(shelf, job).map(Some)
    }

    fn of(shelf: &Shelf, job: Job) -> Result<Self, ShelfError> {
        let named = job.translators.values().chain([&job.translator]);
        for model in named.filter(|model| *model != AUTO) {
            let lent = shelf.lend(model)?;
            if lent.task != Task::Translate {
                return Err(ShelfError::Task {
                    name: lent.name.clone(),
                });
            }
        }
        Ok(Self {
            timeout: job.article_timeout.map(Duration::from_secs),
            job,
            shelf: shelf.clone(),
            ways: RefCell::default(),
        })
    }

    /// Identities of the models in use, by direction; a model for all of them is under `*`.
    pub fn identities(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = self
            .ways
            .borrow()
            .iter()
            .map(|((from, to), way)| (format!("{}-{}", from.code(), to.code()), way.identity()))
            .collect();
        if self.job.translators.is_empty()
            && self.job.translator != AUTO
            && let Ok(model) = self.shelf.lend(&self.job.translator)
        {
            found = BTreeMap::from([("*".to_owned(), model.identity.clone())]);
        }
        found
    }

    /// A model's own decoding with what the job says laid over it.
    pub fn decoding(&self, own: &Decoding) -> Decoding {
        self.job.decoding.over(own)
    }

    /// How a direction is translated. Models that are not on disk are fetched, where that is allowed.
    ///
    /// # Errors
    /// When no model may be used for the direction (see [`TranslateError::is_about_languages`]), or the one to be used
    /// cannot be had.
    pub fn way(&self, from: Language, to: Language) -> Result<Rc<Way>, TranslateError> {
        if let Some(known) = self.ways.borrow().get(&(from, to)) {
            return Ok(known.clone());
        }
        let legs = match self.job.translator_for(from, to) {
            Some(named) => vec![(self.shelf.lend(named)?, to)],
            None => {
                let route = self.shelf.routing().translate(from, to).map_err(ShelfError::from)?;
                for leg in &route.legs {
                    tracing::info!(
                        from = leg.from.code(),
                        to = leg.to.code(),
                        "auto takes {}: {}",
                        leg.model,
                        leg.why
                    );
                }
                let lend = |leg: &crate::model::Leg| Ok((self.shelf.lend(&leg.model)?, leg.to));
                route.legs.iter().map(lend).collect::<Result<Vec<_>, ShelfError>>()?
            }
        };
        let mut source = from;
        for (model, to) in &legs {
            model.tokenizer.encode_source("", Some(source), Some(*to))?;
            source = *to;
        }
        let way = Rc::new(Way { legs });
        self.ways.borrow_mut().insert((from, to), way.clone());
        Ok(way)
    }

    /// Whether a model knows this direction; the model begins to load if it is not in memory and there is room.
    ///
    /// # Errors
    /// As [`Translator::way`].
    pub fn check_direction(&self, from: Language, to: Language) -> Result<Rc<Way>, TranslateError> {
        let way = self.way(from, to)?;
        if let Some((model, _)) = way.legs.first() {
            model.engine.prepare();
        }
        Ok(way)
    }

    /// Whether a segment is translated as a whole and by one model: not in pieces, and not through another language.
    pub fn takes_whole(&self, segment: &Segment) -> bool {
        let Ok(way) = self.way(segment.from, segment.to) else {
            return false;
        };
        let [(model, _)] = way.legs.as_slice() else {
            return false;
        };
        let single = Single { model, timeout: None };
        single.cut(segment).is_ok_and(|pieces| pieces.len() == 1)
    }

    /// Terms as token sequences for [`Decoding::required`]: each accepted form as it is, and as a sentence begins with it.
    ///
    /// # Errors
    /// When a form cannot be tokenised, or as [`Translator::way`].
    pub fn required(
        &self,
        from: Language,
        to: Language,
        terms: &[Vec<String>],
    ) -> Result<Vec<Vec<Vec<u32>>>, TranslateError> {
        let way = self.way(from, to)?;
        let Some((model, _)) = way.legs.last() else {
            return Ok(Vec::new());
        };
        let tokenised = |forms: &Vec<String>| {
            let mut sequences: Vec<Vec<u32>> = Vec::new();
            for form in forms.iter().flat_map(|form| [form.clone(), capitalised(form)]) {
                let sequence = model.tokenizer.encode_plain(&form)?;
                if !sequences.contains(&sequence) {
                    sequences.push(sequence);
                }
            }
            Ok(sequences)
        };
        terms.iter().map(tokenised).collect()
    }

    /// As [`Translator::translate_each`], but the first segment that fails ends it with its error.
    ///
    /// # Errors
    /// When a model cannot be had, does not know a language or fails; what was handed to `finished` before stays good.
    pub fn translate(
        &self,
        segments: &[Segment],
        adjust: &dyn Fn(&Decoding) -> Decoding,
        batch_tokens: usize,
        finished: &mut dyn FnMut(Vec<(usize, Translated)>, usize) -> ControlFlow<()>,
    ) -> Result<(), TranslateError> {
        let mut failed = None;
        self.translate_each(segments, adjust, batch_tokens, &mut |batch| {
            let mut done = Vec::with_capacity(batch.segments.len());
            for (index, result) in batch.segments {
                match result {
                    Ok(translated) => done.push((index, translated)),
                    Err(failure) => {
                        failed.get_or_insert(failure);
                    }
                }
            }
            let flow = finished(done, batch.source_tokens);
            if failed.is_some() {
                return ControlFlow::Break(());
            }
            flow
        })?;
        failed.map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// Translates segments in any order, by batches of at most `batch_tokens` (longest source × sources), one model
    /// after another. `adjust` changes each model's own decoding.
    ///
    /// `finished` gets what each batch completed; [`ControlFlow::Break`] ends the work there. An empty segment is
    /// translated by an empty text. A batch that fails is halved until what fails in it stands alone.
    ///
    /// # Errors
    /// When a model cannot be had or does not know a language.
    pub fn translate_each(
        &self,
        segments: &[Segment],
        adjust: &dyn Fn(&Decoding) -> Decoding,
        batch_tokens: usize,
        finished: &mut Finished<'_>,
    ) -> Result<(), TranslateError> {
        let ways: Vec<Rc<Way>> = segments
            .iter()
            .map(|segment| self.way(segment.from, segment.to))
            .collect::<Result<_, _>>()?;
        let work = Work {
            segments,
            ways: &ways,
            adjust,
            batch_tokens,
            timeout: self.timeout,
        };
        let Some(between) = work.first_legs(finished)? else {
            return Ok(());
        };
        work.last_legs(&between, finished)
    }
}

/// Gets what a batch completed.
type Finished<'f> = dyn FnMut(Batched) -> ControlFlow<()> + 'f;

/// What was translated into the language between.
type Between = HashMap<Segment, Translated>;

/// One call of [`Translator::translate_each`].
struct Work<'a> {
    segments: &'a [Segment],
    ways: &'a [Rc<Way>],
    adjust: &'a dyn Fn(&Decoding) -> Decoding,
    batch_tokens: usize,
    timeout: Option<Duration>,
}

/// A model and what it has to do.
type Load<'a, T> = (&'a Rc<Loaded>, Vec<T>);

/// Groups what is to be done by model, in the order in which the models first come up.
fn by_model<'a, T>(tasks: impl Iterator<Item = (&'a Rc<Loaded>, T)>) -> Vec<Load<'a, T>> {
    let mut loads: Vec<Load<'a, T>> = Vec::new();
    for (model, task) in tasks {
        match loads.iter_mut().find(|(known, _)| Rc::ptr_eq(known, model)) {
            Some((_, tasks)) => tasks.push(task),
            None => loads.push((model, vec![task])),
        }
    }
    loads
}

impl Work<'_> {
    /// Translates into the language between what needs one: each text once, however many targets wait for it. What
    /// fails is told for all of them. `None` when stopped.
    fn first_legs(&self, finished: &mut Finished<'_>) -> Result<Option<Between>, TranslateError> {
        let mut between = Between::new();
        let mut waiting: HashMap<Segment, Vec<usize>> = HashMap::new();
        let mut tasks = Vec::new();
        for (index, (way, segment)) in self.ways.iter().zip(self.segments).enumerate() {
            let Some((first, via)) = way.legs.first().filter(|_| way.legs.len() > 1) else {
                continue;
            };
            let segment = Segment {
                to: *via,
                ..segment.clone()
            };
            tasks.push((first, segment.clone()));
            waiting.entry(segment).or_default().push(index);
        }
        for (model, mut segments) in by_model(tasks.into_iter()) {
            let mut seen = HashSet::new();
            segments.retain(|segment| seen.insert(segment.clone()));
            model.engine.ready()?;
            let flow = self.run(model, &segments, &mut |batch| {
                let (mut failed, mut tokens) = (Vec::new(), batch.source_tokens);
                for (at, result) in batch.segments {
                    let segment = &segments[at];
                    match result {
                        Ok(made) => {
                            tokens += made.tokens;
                            between.insert(segment.clone(), made);
                        }
                        Err(failure) => {
                            let failure = Arc::new(failure);
                            let owners = waiting.get(segment).into_iter().flatten();
                            failed.extend(owners.map(|index| (*index, Err(Failure::Between(failure.clone())))));
                        }
                    }
                }
                finished(Batched {
                    segments: failed,
                    source_tokens: tokens,
                })
            })?;
            if flow.is_break() {
                return Ok(None);
            }
        }
        Ok(Some(between))
    }

    /// Translates into the languages wanted. The model that worked last goes first, and each is told to get ready while
    /// the one before it works.
    fn last_legs(&self, between: &Between, finished: &mut Finished<'_>) -> Result<(), TranslateError> {
        let tasks = self.ways.iter().zip(self.segments).enumerate();
        let tasks = tasks.filter_map(|(index, (way, segment))| {
            let (model, _) = way.legs.last()?;
            let Some(via) = way.via() else {
                return Some((model, (index, segment.clone(), None)));
            };
            // What is not there failed, and that was told.
            let made = between.get(&Segment {
                to: via,
                ..segment.clone()
            })?;
            let source = Segment {
                text: made.text.clone(),
                from: via,
                to: segment.to,
            };
            Some((model, (index, source, Some((made.score, made.confidence)))))
        });
        let mut loads = by_model(tasks);
        let through = self.ways.iter().filter(|way| way.legs.len() > 1);
        if let Some((last, _)) = through.filter_map(|way| way.legs.first()).next_back() {
            loads.sort_by_key(|(model, _)| !Rc::ptr_eq(model, last));
        }
        for (at, (model, tasks)) in loads.iter().enumerate() {
            let segments: Vec<Segment> = tasks.iter().map(|(_, source, _)| source.clone()).collect();
            // The one at work must be there before the next one may take its room.
            model.engine.ready()?;
            if let Some((next, _)) = loads.get(at + 1) {
                next.engine.prepare();
            }
            let flow = self.run(model, &segments, &mut |batch| {
                let whole = batch.segments.into_iter().map(|(at, result)| {
                    let (index, _, first) = &tasks[at];
                    let lower = |mut made: Translated| {
                        if let Some((score, confidence)) = *first {
                            made.score = made.score.min(score);
                            made.confidence = made.confidence.min(confidence);
                        }
                        made
                    };
                    (*index, result.map(lower))
                });
                finished(Batched {
                    segments: whole.collect(),
                    source_tokens: batch.source_tokens,
                })
            })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn run(
        &self,
        model: &Loaded,
        segments: &[Segment],
        finished: &mut Finished<'_>,
    ) -> Result<ControlFlow<()>, TranslateError> {
        let decoding = (self.adjust)(&model.decoding);
        let single = Single {
            model,
            timeout: self.timeout,
        };
        single.translate_each(segments, &decoding, self.batch_tokens, finished)
    }
}
