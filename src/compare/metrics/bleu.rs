//! BLEU (Papineni et al. 2002), with sacreBLEU's smoothing (Chen and Cherry 2014).

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::signature::{Details, case, yes_no};
use super::tokenise::{Tokeniser, is_space};
use super::{Metric, Options, Pieces, Segment, ngrams};
use crate::compare::error::{CompareError, unknown};

/// Longest run of tokens that counts.
const ORDER: usize = 4;
/// The logarithm of a precision of zero, as sacreBLEU has it.
const LOG_OF_ZERO: f64 = -9_999_999_999.0;

/// What is done about an order without any match.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Smoothing {
    /// `none`: the score is 0.
    None,
    /// `floor`: count that many matches.
    Floor(f64),
    /// `add-k`: add that many matches and runs to every order above the first.
    AddK(f64),
    /// `exp`: half a match, then a quarter and so on, as mteval does.
    #[default]
    Exponential,
}

impl Smoothing {
    /// Reads `exp`, `none`, `floor`, `add-k`, the latter two with a value if wished (`floor=0.1`).
    ///
    /// # Errors
    /// [`CompareError::Unknown`].
    pub fn parse(given: &str) -> Result<Self, CompareError> {
        let (name, value) = given
            .trim()
            .split_once('=')
            .map_or((given.trim(), None), |(name, value)| (name, Some(value)));
        let number = |default: f64| value.map_or(Some(default), |text| text.parse().ok().filter(|found| *found >= 0.0));
        match (name, value) {
            ("exp", None) => Some(Self::Exponential),
            ("none", None) => Some(Self::None),
            ("floor", _) => number(0.1).map(Self::Floor),
            ("add-k", _) => number(1.0).map(Self::AddK),
            _ => None,
        }
        .ok_or_else(|| {
            unknown(
                "smoothing",
                given,
                &["exp", "none", "floor", "floor=VALUE", "add-k", "add-k=VALUE"],
            )
        })
    }

    fn signature(self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Floor(value) => format!("floor[{value:.2}]"),
            Self::AddK(value) => format!("add-k[{value:.2}]"),
            Self::Exponential => "exp".to_owned(),
        }
    }
}

/// BLEU or spBLEU with its settings.
pub struct Bleu<'a> {
    lowercase: bool,
    smoothing: Smoothing,
    tokeniser: Tokeniser,
    pieces: Option<&'a Pieces>,
}

impl<'a> Bleu<'a> {
    /// # Errors
    /// [`CompareError::PiecesNeeded`] for spBLEU without them.
    pub fn new(metric: Metric, options: &'a Options) -> Result<Self, CompareError> {
        let pieces = if metric == Metric::SpBleu {
            Some(options.pieces.as_ref().ok_or(CompareError::PiecesNeeded)?)
        } else {
            None
        };
        Ok(Self {
            lowercase: options.lowercase,
            smoothing: options.smoothing,
            tokeniser: options.tokeniser,
            pieces,
        })
    }

    pub fn name(&self) -> String {
        if self.pieces.is_some() { "spBLEU" } else { "BLEU" }.to_owned()
    }

    pub fn details(&self) -> Details {
        let tokeniser = self.pieces.map_or(self.tokeniser.name(), |pieces| &pieces.name);
        vec![
            ("case", case(self.lowercase)),
            ("eff", yes_no(false)),
            ("tok", tokeniser.to_owned()),
            ("smooth", self.smoothing.signature()),
        ]
    }

    fn cut(&self, text: &str) -> Vec<String> {
        let lower;
        let text = if self.lowercase {
            lower = text.to_lowercase();
            &lower
        } else {
            text
        };
        match self.pieces {
            Some(pieces) => (pieces.cut)(text.trim_end_matches(is_space)),
            None => self.tokeniser.cut(text),
        }
    }

    /// `[hypothesis length, closest reference length, matches of orders 1…4, runs of orders 1…4]`
    pub fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let hypothesis = self.cut(segment.hypothesis);
        let references: Vec<Vec<String>> = segment.references.iter().map(|text| self.cut(text)).collect();
        // The shorter of two that are equally close.
        let closest = references
            .iter()
            .map(Vec::len)
            .min_by_key(|length| (length.abs_diff(hypothesis.len()), *length));
        let mut row = vec![hypothesis.len() as f64, closest.unwrap_or_default() as f64];
        for order in 1..=ORDER {
            let mut most: HashMap<&[String], u32> = HashMap::new();
            for reference in &references {
                for (run, count) in ngrams::count(reference, order) {
                    let known = most.entry(run).or_insert(0);
                    *known = count.max(*known);
                }
            }
            row.push(f64::from(ngrams::matches(&ngrams::count(&hypothesis, order), &most)));
        }
        row.extend((1..=ORDER).map(|order| ngrams::total(hypothesis.len(), order) as f64));
        row
    }
}

/// The parts of a row of counts.
struct Counts<'a> {
    length: f64,
    reference_length: f64,
    correct: &'a [f64],
    total: &'a [f64],
}

fn counts(totals: &[f64]) -> Option<Counts<'_>> {
    let [length, reference_length, rest @ ..] = totals else {
        return None;
    };
    let (correct, total) = rest.split_at_checked(ORDER)?;
    Some(Counts {
        length: *length,
        reference_length: *reference_length,
        correct,
        total,
    })
}

fn brevity_penalty(counts: &Counts) -> f64 {
    if counts.length >= counts.reference_length {
        1.0
    } else if counts.length > 0.0 {
        (1.0 - counts.reference_length / counts.length).exp()
    } else {
        0.0
    }
}

/// Precisions in per cent after smoothing, and the highest order that has any run.
fn precisions(counts: &Counts, smoothing: Smoothing) -> ([f64; ORDER], usize) {
    let mut precisions = [0.0; ORDER];
    let mut effective = ORDER;
    let mut halving = 1.0;
    for (index, precision) in precisions.iter_mut().enumerate() {
        let (Some(correct), Some(total)) = (counts.correct.get(index), counts.total.get(index)) else {
            break;
        };
        let added = match smoothing {
            Smoothing::AddK(value) if index > 0 => value,
            _ => 0.0,
        };
        let (correct, total) = (correct + added, total + added);
        if total == 0.0 {
            break;
        }
        effective = index + 1;
        let correct = match smoothing {
            Smoothing::Exponential if correct == 0.0 => {
                halving *= 2.0;
                1.0 / halving
            }
            Smoothing::Floor(value) if correct == 0.0 => value,
            _ => correct,
        };
        *precision = 100.0 * correct / total;
    }
    (precisions, effective)
}

/// BLEU of summed counts. With `effective_order`, orders that the text is too short for do not count.
pub fn value(totals: &[f64], smoothing: Smoothing, effective_order: bool) -> f64 {
    let Some(counts) = counts(totals) else { return 0.0 };
    if counts.correct.iter().all(|count| *count == 0.0) {
        return 0.0;
    }
    let (precisions, effective) = precisions(&counts, smoothing);
    let order = if effective_order { effective } else { ORDER };
    let logarithms: f64 = precisions
        .iter()
        .take(order)
        .map(|found| if *found == 0.0 { LOG_OF_ZERO } else { found.ln() })
        .sum();
    brevity_penalty(&counts) * (logarithms / order as f64).exp()
}

/// Precisions, brevity penalty and lengths.
pub fn parts(totals: &[f64], smoothing: Smoothing) -> Map<String, Value> {
    let mut parts = Map::new();
    if let Some(counts) = counts(totals) {
        let matched = counts.correct.iter().any(|count| *count > 0.0);
        let precisions = if matched {
            precisions(&counts, smoothing).0
        } else {
            [0.0; ORDER]
        };
        parts.insert("precisions".to_owned(), json!(precisions));
        parts.insert("brevity_penalty".to_owned(), json!(brevity_penalty(&counts)));
        parts.insert("hypothesis_tokens".to_owned(), json!(counts.length as u64));
        parts.insert("reference_tokens".to_owned(), json!(counts.reference_length as u64));
    }
    parts
}
