//! Which of the phrases that come together belong together: the best first, each phrase once, and none where two explain
//! a change equally well.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::texts::{Lexicon, Phrase};
use crate::check::skeleton::{alike, skeleton};

/// Skeletons of fewer consonants are like too many.
const LEAST_CONSONANTS: usize = 3;

/// How well two phrases go together, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quality {
    /// A name goes with a name.
    pub(super) kind: u8,
    /// Dice coefficient, in millionths.
    pub(super) dice: usize,
}

/// A phrase of sources and one of corrections that come together.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) quality: Quality,
    /// They sound alike, as a name and its transliteration do.
    pub(super) is_alike: bool,
    /// By how many words one has more to it than the other.
    pub(super) difference: usize,
    pub(super) source: Phrase,
    pub(super) target: Phrase,
    /// Segments in which a reviewer put the one for the other, in order.
    pub(super) corrected: Vec<usize>,
}

/// Whether phrases have as many words, and each has one that sounds like it.
pub(super) fn are_alike(source: &[&str], target: &[&str]) -> bool {
    source.len() == target.len()
        && source.iter().all(|source| {
            let source = skeleton(source);
            source.len() >= LEAST_CONSONANTS
                && target.iter().any(|target| {
                    let target = skeleton(target);
                    target.len() >= LEAST_CONSONANTS && alike(&source, &target)
                })
        })
}

/// How many numbers two sorted lists share.
pub(super) fn common(left: &[usize], right: &[usize]) -> usize {
    left.iter().filter(|index| right.binary_search(index).is_ok()).count()
}

/// The pairs that stand.
pub(super) fn settle(mut pairs: Vec<Pair>, sources: &Lexicon, targets: &Lexicon) -> Vec<Pair> {
    // Phrases with the same evidence: the longer term, then what has as many words in both languages.
    pairs.sort_by(|left, right| {
        let key = |pair: &Pair| {
            let lengths = (Reverse(pair.source.len()), pair.difference, Reverse(pair.target.len()));
            (Reverse(pair.quality), Reverse(pair.corrected.len()), lengths)
        };
        key(left)
            .cmp(&key(right))
            .then_with(|| (&left.source, &left.target).cmp(&(&right.source, &right.target)))
    });
    let touch = |left: &Pair, right: &Pair| {
        let source = sources.overlap(&left.source, &right.source);
        (source, targets.overlap(&left.target, &right.target))
    };
    let (mut settled, mut taken): (Vec<&Pair>, BySegment<'_>) = (Vec::new(), BySegment::default());
    for equals in pairs.chunk_by(|left, right| left.quality == right.quality) {
        let is_free =
            |pair: &Pair, taken: &BySegment<'_>| taken.near(pair).all(|other| touch(pair, other) == (false, false));
        let mut open = BySegment::default();
        let mut candidates: Vec<&Pair> = Vec::new();
        for pair in equals.iter().filter(|pair| is_free(pair, &taken)) {
            open.add(pair);
            candidates.push(pair);
        }
        // One phrase that goes equally well with two unlike ones tells nothing, unless it sounds like one of them.
        let is_doubtful = |pair: &Pair| {
            let mut rivals = open.near(pair).filter(|other| {
                let (source, target) = touch(pair, other);
                source != target
            });
            rivals.any(|rival| rival.is_alike || !pair.is_alike)
        };
        let (doubtful, clear): (Vec<&Pair>, Vec<&Pair>) = candidates.into_iter().partition(|pair| is_doubtful(pair));
        for pair in clear {
            if is_free(pair, &taken) {
                settled.push(pair);
                taken.add(pair);
            }
        }
        for pair in doubtful {
            taken.add(pair);
        }
    }
    settled.into_iter().cloned().collect()
}

/// Pairs by the segments that speak for them: only those that share one are at odds.
#[derive(Default)]
struct BySegment<'a>(HashMap<usize, Vec<&'a Pair>>);

impl<'a> BySegment<'a> {
    fn add(&mut self, pair: &'a Pair) {
        for segment in &pair.corrected {
            self.0.entry(*segment).or_default().push(pair);
        }
    }

    fn near(&self, pair: &Pair) -> impl Iterator<Item = &'a Pair> {
        pair.corrected
            .iter()
            .filter_map(|segment| self.0.get(segment))
            .flatten()
            .copied()
    }
}
