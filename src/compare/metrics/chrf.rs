//! chrF, chrF+ and chrF++ (Popović 2015, 2017) as sacreBLEU computes them: characters without white space, orders that
//! either side lacks left out of the average, recall weighted twice.

use super::signature::{Details, case, yes_no};
use super::tokenise::{is_space, words};
use super::{Metric, Options, Segment, ngrams};

/// Longest run of characters that counts.
const CHARACTERS: usize = 6;
/// β squared: recall counts twice as much as precision.
const FACTOR: f64 = 4.0;

/// A member of the family with its settings.
pub struct Chrf {
    words: usize,
    lowercase: bool,
}

impl Chrf {
    pub fn new(metric: Metric, options: &Options) -> Self {
        let words = match metric {
            Metric::ChrfPlusPlus => 2,
            Metric::ChrfPlus => 1,
            _ => 0,
        };
        Self {
            words,
            lowercase: options.lowercase,
        }
    }

    pub fn name(&self) -> String {
        format!("chrF2{}", "+".repeat(self.words))
    }

    pub fn details(&self) -> Details {
        vec![
            ("case", case(self.lowercase)),
            ("eff", yes_no(true)),
            ("nc", CHARACTERS.to_string()),
            ("nw", self.words.to_string()),
            ("space", yes_no(false)),
        ]
    }

    fn prepare(&self, text: &str) -> (Vec<char>, Vec<String>) {
        let text = if self.lowercase {
            text.to_lowercase()
        } else {
            text.to_owned()
        };
        let letters = text.chars().filter(|letter| !is_space(*letter)).collect();
        (
            letters,
            if self.words > 0 {
                without_punctuation(&text)
            } else {
                Vec::new()
            },
        )
    }

    /// `[runs of the hypothesis, of the reference, matches]` for each order of characters, then of words, with the
    /// reference that gives the best score.
    pub fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let (letters, tokens) = self.prepare(segment.hypothesis);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for reference in &segment.references {
            let (other_letters, other_tokens) = self.prepare(reference);
            let mut row = Vec::with_capacity(3 * (CHARACTERS + self.words));
            for order in 1..=CHARACTERS {
                compare(&letters, &other_letters, order, &mut row);
            }
            for order in 1..=self.words {
                compare(&tokens, &other_tokens, order, &mut row);
            }
            let found = value(&row);
            if best.as_ref().is_none_or(|(known, _)| found > *known) {
                best = Some((found, row));
            }
        }
        best.map(|(_, row)| row).unwrap_or_default()
    }
}

fn compare<T: Eq + std::hash::Hash>(left: &[T], right: &[T], order: usize, row: &mut Vec<f64>) {
    let matched = ngrams::matches(&ngrams::count(left, order), &ngrams::count(right, order));
    let expected = ngrams::total(right.len(), order);
    // A hypothesis is not blamed for runs that no reference is long enough to have.
    let found = if expected > 0 {
        ngrams::total(left.len(), order)
    } else {
        0
    };
    row.extend([found as f64, expected as f64, f64::from(matched)]);
}

/// Words with one mark of ASCII punctuation split off: the last character if it is one, or else the first.
fn without_punctuation(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in words(text) {
        let mut letters = word.chars();
        let (first, last) = (letters.next(), letters.next_back());
        match (first, last) {
            (Some(_), Some(last)) if last.is_ascii_punctuation() => {
                out.push(word.chars().take(word.chars().count() - 1).collect());
                out.push(last.to_string());
            }
            (Some(first), Some(_)) if first.is_ascii_punctuation() => {
                out.push(first.to_string());
                out.push(word.chars().skip(1).collect());
            }
            _ => out.push(word),
        }
    }
    out
}

/// The score of summed counts: the F of precision and recall averaged over the orders that both sides have.
pub fn value(totals: &[f64]) -> f64 {
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
    for order in totals.chunks_exact(3) {
        if let [found, expected, matched] = order
            && *found > 0.0
            && *expected > 0.0
        {
            precision += matched / found;
            recall += matched / expected;
            orders += 1.0;
        }
    }
    if precision + recall == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (precision / orders, recall / orders);
    100.0 * (1.0 + FACTOR) * precision * recall / (FACTOR * precision + recall)
}
