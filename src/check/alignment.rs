//! Sentences of a source and of its output, aligned: which one has no counterpart.
//!
//! Dynamic programming over sentences in order, as Gale and Church (1993, "A Program for Aligning Sentences in Bilingual
//! Corpora", Computational Linguistics 19:1) align by length, and numbers and names that only one side has count too:
//! of sentences of equal length they tell which was dropped.

use super::length::{density, letters};
use super::{Finding, Pair, Severity, names, numbers};
use crate::text::sentences;

/// Variance of a translation's length, in letters a letter. Over the authored corpus it is 1.5 to 2.1, but its tails are
/// heavy; Gale and Church had 6.8 over all ways to render a sentence.
const VARIANCE: f64 = 2.5;
/// Costs in nats. One sentence to one is the rule; what becomes two, or joins another, has Gale and Church's 0.089 each.
const JOINED: f64 = 2.4;
/// A sentence without counterpart, whatever its length: models drop more than the translators of their corpus.
const ALONE: f64 = 5.5;
/// A number or name that the counterpart lacks.
const STRAY: f64 = 1.5;
/// Beyond so many sentences a side, the text is left to its length.
const MOST: usize = 24;

/// Tells of sentences without counterpart. True when there are any.
pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) -> bool {
    let sources = sentences::split(pair.source, pair.from);
    let outputs = sentences::split(pair.output, pair.to);
    let most = sources.len().max(outputs.len());
    if !(2..=MOST).contains(&most) || sources.is_empty() || outputs.is_empty() {
        return false;
    }
    let (dropped, added) = alone(pair, &sources, &outputs);
    for (code, message, words) in [
        (
            "sentence-dropped",
            "A sentence of the source has no counterpart in the output.",
            &dropped,
        ),
        (
            "sentence-added",
            "A sentence of the output has no counterpart in the source.",
            &added,
        ),
    ] {
        if !words.is_empty() {
            let words = words.iter().map(|text| (*text).to_owned()).collect();
            findings.push(Finding::new(code, Severity::Warning, message, words));
        }
    }
    !(dropped.is_empty() && added.is_empty())
}

/// Sentences of either side that the cheapest alignment leaves alone.
fn alone<'a>(pair: Pair, sources: &[&'a str], outputs: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    /// Sentences of source and output that may stand for each other; a Russian dateline alone is two.
    const STEPS: [(usize, usize); 7] = [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 0), (0, 1)];
    let columns = outputs.len() + 1;
    // The cheapest way to every pair of ends, and its last step.
    let mut best: Vec<(f64, (usize, usize))> = vec![(f64::INFINITY, (0, 0)); (sources.len() + 1) * columns];
    best[0].0 = 0.0;
    for end in 1..best.len() {
        let (row, column) = (end / columns, end % columns);
        for (down, right) in STEPS
            .into_iter()
            .filter(|(down, right)| *down <= row && *right <= column)
        {
            let before = best[(row - down) * columns + column - right].0;
            let (group, other) = (&sources[row - down..row], &outputs[column - right..column]);
            let total = before + cost(pair, group, other);
            if total < best[end].0 {
                best[end] = (total, (down, right));
            }
        }
    }
    let (mut row, mut column) = (sources.len(), outputs.len());
    let (mut dropped, mut added) = (Vec::new(), Vec::new());
    while row + column > 0 {
        let (down, right) = best[row * columns + column].1;
        match (down, right) {
            (1, 0) => dropped.push(sources[row - 1]),
            (0, 1) => added.push(outputs[column - 1]),
            _ => {}
        }
        (row, column) = (row - down, column - right);
    }
    dropped.reverse();
    added.reverse();
    (dropped, added)
}

/// What it costs that these sentences of the source have become those of the output.
fn cost(pair: Pair, group: &[&str], other: &[&str]) -> f64 {
    if group.is_empty() || other.is_empty() {
        return ALONE;
    }
    let (source, output) = (group.join(" "), other.join(" "));
    let part = Pair {
        source: &source,
        output: &output,
        ..pair
    };
    let expected = letters(&source) * density(pair.to) / density(pair.from);
    let found = letters(&output);
    let deviation = (found - expected) / (VARIANCE * f64::midpoint(found, expected)).max(1.0).sqrt();
    let sentences = (group.len() + other.len()) as f64;
    let cost = JOINED * (sentences - 2.0) + deviation.powi(2) / 2.0;
    if cost > ALONE * sentences {
        return cost;
    }
    let mut strays = Vec::new();
    numbers::check(part, &mut strays);
    names::check(part, &mut strays);
    let strays: usize = strays.iter().map(|finding| finding.words.len()).sum();
    cost + STRAY * strays as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::language::Language;

    fn found(source: &str, output: &str) -> Vec<(String, Vec<String>)> {
        let mut findings = Vec::new();
        let pair = Pair {
            source,
            from: Language::ENGLISH,
            output,
            to: Language::RUSSIAN,
        };
        assert_eq!(check(pair, &mut findings), !findings.is_empty());
        let told = findings
            .into_iter()
            .map(|finding| (finding.code.into_owned(), finding.words));
        told.collect()
    }

    const THREE: &str = "The ministers met in Geneva on Monday. They agreed to share data on the river. \
                         A second meeting will be held in Tashkent in May.";

    #[test]
    fn the_sentence_that_was_dropped_is_told() {
        assert_eq!(
            found(
                THREE,
                "Министры встретились в Женеве в понедельник. Вторая встреча пройдёт в Ташкенте в мае."
            ),
            [(
                "sentence-dropped".to_owned(),
                vec!["They agreed to share data on the river.".to_owned()]
            )]
        );
    }

    #[test]
    fn the_sentence_that_was_added_is_told() {
        assert_eq!(
            found(
                "The ministers met in Geneva on Monday.",
                "Министры встретились в Женеве в понедельник. Они договорились обмениваться данными о состоянии реки."
            ),
            [(
                "sentence-added".to_owned(),
                vec!["Они договорились обмениваться данными о состоянии реки.".to_owned()]
            )]
        );
    }

    #[test]
    fn two_sentences_may_become_one_and_one_may_become_two() {
        for output in [
            "Министры встретились в Женеве в понедельник и договорились обмениваться данными о реке. \
             Вторая встреча пройдёт в Ташкенте в мае.",
            "Министры встретились в Женеве в понедельник. Они договорились обмениваться данными о реке. \
             Вторая встреча пройдёт в Ташкенте. Она назначена на май.",
        ] {
            assert_eq!(found(THREE, output), [], "{output}");
        }
    }
}
