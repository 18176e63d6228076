//! Which articles tell the same story: agencies' texts are rewritten by others, and readers want each story once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Item;
use crate::text::forms::{plain, words};
use crate::text::language::Language;

/// Share of words in common from which two articles tell one story: rewrites of an agency's text have more, different
/// articles on one topic far less.
const SAME: f64 = 0.5;
/// Shorter words are mostly grammar.
const SHORTEST: usize = 4;
/// Letters of a word that count, so that its endings do not.
const STEM: usize = 6;
/// A word in more articles than this finds no pairs by itself; pairs have rarer words in common too.
const COMMON: usize = 200;

/// What an article says, as sets of stems.
struct Words {
    language: Language,
    own: BTreeSet<String>,
    digest: BTreeSet<String>,
}

/// For each item, the index of the first item that tells the same story, which may be its own.
pub(super) fn grouped(items: &[Item]) -> Vec<usize> {
    let said: Vec<Words> = items.iter().map(Words::of).collect();
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, words) in said.iter().enumerate() {
        for word in words.own.union(&words.digest) {
            places.entry(word).or_default().push(index);
        }
    }
    let mut first: Vec<usize> = (0..items.len()).collect();
    for (index, words) in said.iter().enumerate() {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for word in words.own.union(&words.digest) {
            let others = places.get(word.as_str()).filter(|others| others.len() <= COMMON);
            for other in others.into_iter().flatten().filter(|other| **other < index) {
                *shared.entry(*other).or_default() += 1;
            }
        }
        let same = shared
            .into_iter()
            .filter(|(_, shared)| *shared > 1)
            .map(|(other, _)| other);
        // Stories of the earlier articles are known already, so that the first of each is enough.
        let story = same
            .filter(|other| said.get(*other).is_some_and(|other| words.likeness(other) >= SAME))
            .filter_map(|other| first.get(other).copied())
            .min();
        if let (Some(story), Some(slot)) = (story, first.get_mut(index)) {
            *slot = story;
        }
    }
    first
}

impl Words {
    fn of(item: &Item) -> Self {
        Self {
            language: item.source_language,
            own: stems(&item.source_title, &item.source_summary),
            digest: stems(&item.title, &item.summary),
        }
    }

    /// Words in common of all words (Jaccard), in the articles' own language where they share it: translations differ
    /// by more than what was said.
    fn likeness(&self, other: &Self) -> f64 {
        let (left, right) = if self.language == other.language {
            (&self.own, &other.own)
        } else {
            (&self.digest, &other.digest)
        };
        let both = left.intersection(right).count();
        let all = left.len() + right.len() - both;
        both as f64 / all.max(1) as f64
    }
}

fn stems(title: &str, summary: &[String]) -> BTreeSet<String> {
    let texts = std::iter::once(title).chain(summary.iter().map(String::as_str));
    texts
        .flat_map(words)
        .map(plain)
        .filter(|word| word.chars().count() >= SHORTEST || word.chars().any(char::is_numeric))
        .map(|word| word.chars().take(STEM).collect())
        .collect()
}
