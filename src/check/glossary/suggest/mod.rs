//! Terms that reviewers keep putting where a model had others, as proposals for a glossary.
//!
//! What a reviewer changed is the difference, by words, of the model's output and the correction. A phrase of a source and
//! a phrase of the correction with changed words belong together when they come in the same reviewed segments, which the
//! Dice coefficient measures: twice the segments with both, over those with the one and those with the other (L. R. Dice,
//! "Measures of the Amount of Ecologic Association Between Species", 1945; for terms of two languages: Smadja, McKeown and
//! Hatzivassiloglou, "Translating Collocations for Bilingual Lexicons", 1996).
//!
//! A person looks at what is proposed, so precision comes first: where two phrases explain a change equally well, neither is
//! proposed.

mod changes;
mod pairs;
mod rows;
#[cfg(test)]
mod tests;
mod texts;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::Glossary;
use crate::text::language::Language;
use crate::text::script::Script;
use changes::Change;
use pairs::{Pair, Quality};
pub use rows::{Row, rows};
use texts::{Lexicon, Phrase, Text};

/// Least Dice coefficient, in millionths: a term may be missing from a quarter of the segments that have the other.
const LEAST: usize = 750_000;
const WHOLE: usize = 1_000_000;
/// Longer outputs in a place are no term that was replaced.
const LONGEST_REPLACED: usize = 6;

/// A translation that a person has approved, with what the model had made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Language of the source.
    pub from: Language,
    /// Language of the translation.
    pub to: Language,
    /// A sentence or title.
    pub source: String,
    /// The model's translation, where it is known.
    pub machine: Option<String>,
    /// The approved one.
    pub target: String,
}

/// A proposed term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Language of the source.
    pub from: Language,
    /// Language of the translation.
    pub to: Language,
    /// The term as it is mostly written in sources.
    pub source: String,
    /// The term as reviewers mostly wrote it, in whatever inflected form that is.
    pub target: String,
    /// What the model mostly had in its place.
    pub replaced: Option<String>,
    /// In how many segments reviewers put it where the model had something else.
    pub corrected: usize,
    /// How many reviewed segments have the source's term.
    pub reviewed: usize,
}

/// Proposes terms that were corrected in at least `least` segments, most supported first. Those that the glossary has are
/// left out.
pub fn suggest(reviews: &[Reviewed], glossary: &Glossary, least: usize) -> Vec<Suggestion> {
    let mut directions: BTreeMap<(Language, Language), Vec<&Reviewed>> = BTreeMap::new();
    for review in reviews.iter().filter(|review| review.from != review.to) {
        directions.entry((review.from, review.to)).or_default().push(review);
    }
    let mut suggestions = Vec::new();
    for ((from, to), mut reviews) in directions {
        reviews.sort_by_key(|review| (&review.source, &review.target));
        let sources: Vec<&str> = reviews.iter().map(|review| review.source.as_str()).collect();
        let machines = reviews.iter().filter_map(|review| review.machine.as_deref());
        let targets: Vec<&str> = reviews
            .iter()
            .map(|review| review.target.as_str())
            .chain(machines)
            .collect();
        let direction = Direction {
            from,
            to,
            sources: Lexicon::of(from, &sources),
            targets: Lexicon::of(to, &targets),
        };
        suggestions.extend(direction.suggest(&reviews, glossary, least.max(1)));
    }
    suggestions.sort_by_key(|suggestion| Reverse(suggestion.corrected));
    suggestions
}

/// One pair of languages.
struct Direction {
    from: Language,
    to: Language,
    sources: Lexicon,
    targets: Lexicon,
}

/// A review with its words.
struct Segment<'a> {
    source: Text<'a>,
    target: Text<'a>,
    change: Change<'a>,
}

/// What is known of a phrase over all segments.
#[derive(Default)]
struct Known {
    /// Segments with it, in order.
    all: Vec<usize>,
    /// Of these, those in which a reviewer put it.
    corrected: Vec<usize>,
    has_name: bool,
    weight: usize,
}

impl Direction {
    fn suggest(&self, reviews: &[&Reviewed], glossary: &Glossary, least: usize) -> Vec<Suggestion> {
        let (mut sources, mut targets) = (HashMap::<Phrase, Known>::new(), HashMap::<Phrase, Known>::new());
        let mut segments = Vec::with_capacity(reviews.len());
        let mut phrases: Vec<Vec<Phrase>> = Vec::with_capacity(reviews.len());
        for (index, review) in reviews.iter().enumerate() {
            let (source, target) = (self.sources.text(&review.source), self.targets.text(&review.target));
            let machine = review.machine.as_deref().map(|machine| self.targets.text(machine));
            let change = Change::of(machine, &target);
            let of_terms = glossary.words_of_terms(&review.source, self.from, &review.target, self.to);
            let mut own = Vec::new();
            for place in self.sources.phrases(&source, &of_terms.0) {
                if place.has_name && !source.is_framed_by_names(&place.words) {
                    continue;
                }
                own.push(place.phrase.clone());
                note(
                    sources.entry(place.phrase).or_default(),
                    index,
                    place.has_name,
                    place.weight,
                );
            }
            for place in self.targets.phrases(&target, &of_terms.1) {
                let is_new = change.is_new(&place.phrase, &place.words);
                let known = targets.entry(place.phrase).or_default();
                note(known, index, place.has_name, place.weight);
                if is_new && known.corrected.last() != Some(&index) {
                    known.corrected.push(index);
                }
            }
            phrases.push(own);
            segments.push(Segment { source, target, change });
        }
        let mut candidates = Vec::new();
        for (target, of_target) in &targets {
            if of_target.corrected.len() < least {
                continue;
            }
            let mut together: HashMap<&Phrase, Vec<usize>> = HashMap::new();
            for index in &of_target.corrected {
                for source in &phrases[*index] {
                    let corrected = together.entry(source).or_default();
                    if corrected.last() != Some(index) {
                        corrected.push(*index);
                    }
                }
            }
            for (source, corrected) in together {
                let Some(of_source) = sources.get(source) else { continue };
                // What is no name must come again to be a term.
                let least = if of_source.has_name { least } else { least.max(2) };
                let both = pairs::common(&of_source.all, &of_target.all);
                let dice = 2 * both * WHOLE / (of_source.all.len() + of_target.all.len());
                if corrected.len() >= least && dice >= LEAST {
                    candidates.push(Pair {
                        quality: Quality {
                            kind: self.kind(of_source, of_target),
                            dice,
                        },
                        is_alike: pairs::are_alike(&self.sources.content(source), &self.targets.content(target)),
                        difference: of_source.weight.abs_diff(of_target.weight),
                        source: source.clone(),
                        target: target.clone(),
                        corrected,
                    });
                }
            }
        }
        let settled = pairs::settle(candidates, &self.sources, &self.targets);
        settled
            .into_iter()
            .map(|pair| {
                let reviewed = sources.get(&pair.source).map_or(0, |known| known.all.len());
                self.told(&pair, &segments, reviewed)
            })
            .collect()
    }

    /// How well the phrases go together by their letters: names with names, and no name for what is none.
    fn kind(&self, source: &Known, target: &Known) -> u8 {
        let has_case = self.to.script() != Script::Arabic;
        match (source.has_name, target.has_name) {
            (true, true) => 2,
            (true, false) if !has_case => 2,
            (false, true) if self.from.script() != Script::Arabic => 0,
            _ => 1,
        }
    }

    fn told(&self, pair: &Pair, segments: &[Segment<'_>], reviewed: usize) -> Suggestion {
        let (mut sources, mut targets, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        for segment in pair.corrected.iter().filter_map(|index| segments.get(*index)) {
            for (text, phrase, written) in [
                (&segment.source, &pair.source, &mut sources),
                (&segment.target, &pair.target, &mut targets),
            ] {
                if let Some(place) = text.place(phrase) {
                    written.push((text.written(&place), !text.opens(&place)));
                }
            }
            if let Some(place) = segment.target.place(&pair.target) {
                replaced.extend(segment.change.replaced(&place).map(|written| (written, true)));
            }
        }
        Suggestion {
            from: self.from,
            to: self.to,
            source: usual(&sources).unwrap_or_default(),
            target: usual(&targets).unwrap_or_default(),
            replaced: usual(&replaced),
            corrected: pair.corrected.len(),
            reviewed,
        }
    }
}

fn note(known: &mut Known, index: usize, has_name: bool, weight: usize) {
    if known.all.last() != Some(&index) {
        known.all.push(index);
    }
    known.has_name |= has_name;
    known.weight = weight;
}

/// The spelling that comes most often; one that opens a sentence counts for half. Of equals the shorter one.
fn usual(written: &[(&str, bool)]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (text, counts_fully) in written {
        *counts.entry(text).or_default() += 1 + usize::from(*counts_fully);
    }
    let usual = counts
        .into_iter()
        .max_by_key(|(text, count)| (*count, Reverse(text.len()), Reverse(*text)));
    usual.map(|(text, _)| text.to_owned())
}
