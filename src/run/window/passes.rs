//! Passes of the translator over the segments of a window: the usual one, and a stricter one over what failed a check.

use std::ops::ControlFlow;

use super::{BREAK, CONTINUE, Summarised, TranslationUnit, Wanted, Worker};
use crate::attempt::{self, Failure};
use crate::check;
use crate::engine::Decoding;
use crate::run::RunError;
use crate::run::progress::Stage;
use crate::run::store::Unit;
use crate::translate::{Segment, Translated};

/// Turns what the translator made of a segment into a unit, into nothing for now, or into its failure.
type Keep<'a> = dyn FnMut(usize, Result<Translated, Failure>) -> Result<Option<TranslationUnit>, Failure> + 'a;

impl Worker<'_> {
    /// Translates segments; what fails a hard check is decoded once more, more strictly, before it is stored, and what
    /// lacks a term of the glossary once more towards it.
    pub(super) fn translate(
        &mut self,
        segments: &[Segment],
        wanted: &[Wanted],
        articles: &mut [Summarised],
    ) -> Result<ControlFlow<()>, RunError> {
        let (mut again, mut lacking) = (Vec::<(usize, Translated)>::new(), Vec::<(usize, Translated)>::new());
        let models = self.models;
        let usual = |own: &Decoding| models.translator.decoding(own);
        let flow = self.pass(segments, wanted, articles, &usual, &mut |index, translated| {
            let (segment, translated) = (&segments[index], translated?);
            if errors(segment, &translated.text) > 0 {
                again.push((index, translated));
            } else if models.lacks_terms(segment, &translated.text) {
                lacking.push((index, translated));
            } else {
                return Ok(Some(translated.into()));
            }
            Ok(None)
        })?;
        if flow.is_break() || self.towards_terms(segments, wanted, articles, lacking)?.is_break() {
            return Ok(BREAK);
        }
        if again.is_empty() {
            return Ok(CONTINUE);
        }
        // Batches finish in an order of their own; the second pass must not depend on it.
        again.sort_by_key(|(index, _)| *index);
        let strict = |own: &Decoding| strict(&usual(own));
        let (retried, owners) = of_those(&again, segments, wanted);
        self.pass(&retried, &owners, articles, &strict, &mut |index, translated| {
            let (first, translated) = (&again[index].1, translated?);
            let better = errors(&retried[index], &translated.text) <= errors(&retried[index], &first.text);
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
        segments: &[Segment],
        wanted: &[Wanted],
        articles: &mut [Summarised],
        decoding: &dyn Fn(&Decoding) -> Decoding,
        keep: &mut Keep<'_>,
    ) -> Result<ControlFlow<()>, RunError> {
        let (mut problem, mut flow) = (None, CONTINUE);
        attempt::engine_time();
        let models = self.models;
        let batch_tokens = self.job.batch_tokens;
        models
            .translator
            .translate_each(segments, decoding, batch_tokens, &mut |batch| {
                let (mut units, mut parts, mut tokens) = (Vec::new(), 0, batch.source_tokens);
                for (index, result) in batch.segments {
                    tokens += result.as_ref().map_or(0, |translated| translated.tokens);
                    let unit = match keep(index, result) {
                        Ok(unit) => unit,
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

/// The segments that are decoded once more, and who waits for them.
pub(super) fn of_those(
    again: &[(usize, Translated)],
    segments: &[Segment],
    wanted: &[Wanted],
) -> (Vec<Segment>, Vec<Wanted>) {
    let indices = again.iter().map(|(index, _)| *index);
    indices
        .map(|index| (segments[index].clone(), wanted[index].clone()))
        .unzip()
}

/// Findings that no reader should have to see: wrong script, repetition loop, nothing at all.
pub(super) fn errors(segment: &Segment, output: &str) -> usize {
    check::errors(&segment.text, segment.from, output, segment.to)
}

/// Decoding that cannot loop: no pair of three tokens twice, and tokens already used cost more.
fn strict(decoding: &Decoding) -> Decoding {
    Decoding {
        no_repeat_ngram: 3,
        repetition_penalty: decoding.repetition_penalty.max(1.2),
        ..decoding.clone()
    }
}
