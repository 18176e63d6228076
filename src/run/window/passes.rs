//! Passes of a translator over the segments of a window: the usual one, and a stricter one over what failed a check;
//! then those of the fallback over what still fails.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::{BREAK, CONTINUE, Summarised, TranslationUnit, Wanted, Worker};
use crate::attempt::{self, Failure};
use crate::check;
use crate::engine::Decoding;
use crate::run::RunError;
use crate::run::progress::Stage;
use crate::run::store::Unit;
use crate::translate::{Segment, Translated, Translator};

/// Turns what the translator made of a segment into a unit, into nothing for now, or into its failure.
type Keep<'a> = dyn FnMut(usize, Result<Translated, Failure>) -> Result<Option<TranslationUnit>, Failure> + 'a;

/// Segments for a translator, and who waits for each.
pub(super) struct Task<'a> {
    pub translator: &'a Translator,
    pub segments: &'a [Segment],
    pub wanted: &'a [Wanted],
    /// Whether nobody needs them: what fails is left, and costs no article.
    pub optional: bool,
}

impl Task<'_> {
    /// The segments that are decoded once more, and who waits for them.
    pub(super) fn of_those(&self, again: &[(usize, Translated)]) -> (Vec<Segment>, Vec<Wanted>) {
        let indices = again.iter().map(|(index, _)| *index);
        indices
            .map(|index| (self.segments[index].clone(), self.wanted[index].clone()))
            .unzip()
    }

    /// Another pass of the same translator over some of the segments.
    pub(super) fn again<'a>(&'a self, segments: &'a [Segment], wanted: &'a [Wanted]) -> Task<'a> {
        Task {
            segments,
            wanted,
            ..*self
        }
    }
}

impl Worker<'_> {
    /// Translates segments, and with the fallback what still fails a hard check then, `failing` from the store included.
    pub(super) fn translate(
        &mut self,
        (segments, wanted): (&[Segment], &[Wanted]),
        mut failing: Vec<(Segment, Wanted)>,
        articles: &mut [Summarised],
    ) -> Result<ControlFlow<()>, RunError> {
        let models = self.models;
        let first = Task {
            translator: &models.translator,
            segments,
            wanted,
            optional: false,
        };
        let flow = self.work_off(&first, articles, &mut failing)?;
        let Some(fallback) = models.fallback.as_ref().filter(|_| flow.is_continue()) else {
            return Ok(flow);
        };
        // Batches finish in an order of their own.
        failing.sort_by(|(_, one), (_, other)| (&one.owners, one.key).cmp(&(&other.owners, other.key)));
        let mut seen = HashSet::new();
        let (mut segments, mut wanted) = (Vec::new(), Vec::new());
        for (segment, waiting) in failing {
            let Some(key) = self.keys.fallback(&segment) else {
                continue;
            };
            if self.outbox.pending.holds(&key) || self.store.unit::<TranslationUnit>(&key)?.is_some() {
                self.progress.reused(Stage::Translate);
            } else if seen.insert(key) {
                segments.push(segment);
                wanted.push(Wanted { key, ..waiting });
            }
        }
        let second = Task {
            translator: fallback,
            segments: &segments,
            wanted: &wanted,
            optional: true,
        };
        self.work_off(&second, articles, &mut Vec::new())
    }

    /// What a translator has to do: what fails a hard check is decoded once more, more strictly, before it is stored, and
    /// what lacks a term of the glossary once more towards it. What fails then too is added to `failing`.
    fn work_off(
        &mut self,
        task: &Task<'_>,
        articles: &mut [Summarised],
        failing: &mut Vec<(Segment, Wanted)>,
    ) -> Result<ControlFlow<()>, RunError> {
        let (mut again, mut lacking) = (Vec::<(usize, Translated)>::new(), Vec::<(usize, Translated)>::new());
        let models = self.models;
        let usual = |own: &Decoding| task.translator.decoding(own);
        let flow = self.pass(task, articles, &usual, &mut |index, translated| {
            let (segment, translated) = (&task.segments[index], translated?);
            if errors(segment, &translated.text) > 0 {
                again.push((index, translated));
            } else if models.lacks_terms(task.translator, segment, &translated.text) {
                lacking.push((index, translated));
            } else {
                return Ok(Some(translated.into()));
            }
            Ok(None)
        })?;
        if flow.is_break() || self.towards_terms(task, articles, lacking)?.is_break() {
            return Ok(BREAK);
        }
        if again.is_empty() {
            return Ok(CONTINUE);
        }
        // Batches finish in an order of their own; the second pass must not depend on it.
        again.sort_by_key(|(index, _)| *index);
        let strict = |own: &Decoding| usual(own).stricter();
        let (retried, owners) = task.of_those(&again);
        let strictly = task.again(&retried, &owners);
        self.pass(&strictly, articles, &strict, &mut |index, translated| {
            let (segment, first, translated) = (&retried[index], &again[index].1, translated?);
            let (before, now) = (errors(segment, &first.text), errors(segment, &translated.text));
            if before.min(now) > 0 {
                failing.push((segment.clone(), owners[index].clone()));
            }
            let better = now <= before;
            let kept = if better { translated } else { first.clone() };
            Ok(Some(TranslationUnit {
                strict: better,
                ..kept.into()
            }))
        })
    }

    /// One pass of the translator, storing what `keep` turns into a unit.
    pub(super) fn pass(
        &mut self,
        task: &Task<'_>,
        articles: &mut [Summarised],
        decoding: &dyn Fn(&Decoding) -> Decoding,
        keep: &mut Keep<'_>,
    ) -> Result<ControlFlow<()>, RunError> {
        let (mut problem, mut flow) = (None, CONTINUE);
        attempt::engine_time();
        let (wanted, batch_tokens) = (task.wanted, self.job.batch_tokens);
        task.translator
            .translate_each(task.segments, decoding, batch_tokens, &mut |batch| {
                let (mut units, mut parts, mut tokens) = (Vec::new(), 0, batch.source_tokens);
                for (index, result) in batch.segments {
                    tokens += result.as_ref().map_or(0, |translated| translated.tokens);
                    let unit = match keep(index, result) {
                        Ok(unit) => unit,
                        Err(failure) if task.optional => {
                            tracing::warn!("the fallback failed: {failure}");
                            continue;
                        }
                        Err(failure) => {
                            for owner in &wanted[index].owners {
                                let article = &mut articles[*owner];
                                if !std::mem::replace(&mut article.failed, true) {
                                    parts += std::mem::take(&mut article.left);
                                    problem = self
                                        .reject_failed(&article.stored.article, &failure)
                                        .err()
                                        .or(problem.take());
                                }
                            }
                            continue;
                        }
                    };
                    self.failures = 0;
                    let Some(unit) = unit else { continue };
                    units.push(Unit::shared(wanted[index].key, &unit));
                    if let Some(article) = wanted[index].owners.first().and_then(|owner| articles.get_mut(*owner)) {
                        let share = article.left / article.open.max(1) as u64;
                        article.left -= share;
                        article.open = article.open.saturating_sub(1);
                        parts += share;
                    }
                }
                self.progress.worked(Stage::Translate, tokens, attempt::engine_time());
                self.progress.made(Stage::Translate, units.len());
                let sent = self.outbox.units(units, parts);
                if !sent || problem.is_some() || self.shutdown.requested() {
                    flow = BREAK;
                }
                flow
            })?;
        problem.map_or(Ok(flow), Err)
    }
}

/// Findings that no reader should have to see: wrong script, repetition loop, nothing at all.
pub(super) fn errors(segment: &Segment, output: &str) -> usize {
    check::errors(&segment.text, segment.from, output, segment.to)
}
