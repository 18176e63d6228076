//! A score with its signature and the counts it was made of.

use serde::Serialize;

use super::bleu::{self, Smoothing};
use super::signature::{self, Details};
use super::{Options, Segment, chrf, rouge, ter};
use crate::compare::significance;

/// A corpus score, from 0 to 100 (TER may exceed 100).
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// As sacreBLEU names it: `BLEU`, `chrF2++`, `TER`, `rougeL`.
    pub name: String,
    #[serde(rename = "score")]
    pub value: f64,
    /// Everything that the value depends on.
    pub signature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Parts of the score: precisions and lengths, precision and recall, edits.
    pub details: serde_json::Map<String, serde_json::Value>,
    /// A score for each text, where asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<Vec<f64>>,
    /// The signature of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence_signature: Option<String>,
    /// The counts of each text, for tests of significance.
    #[serde(skip)]
    pub statistics: Statistics,
}

impl Score {
    /// `BLEU|nrefs:1|… = 31.42`, the line to cite.
    pub fn citation(&self) -> String {
        let interval = self
            .confidence
            .map(|found| format!(" (μ = {:.2} ± {:.2})", found.mean, found.half_width))
            .unwrap_or_default();
        format!("{}|{} = {:.2}{interval}", self.name, self.signature, self.value)
    }
}

/// Mean and half the width of the 95 % interval over bootstrap resamples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confidence {
    pub mean: f64,
    pub half_width: f64,
}

/// How a score follows from summed counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Formula {
    Bleu {
        smoothing: Smoothing,
        effective_order: bool,
    },
    Chrf,
    Ter,
    Rouge,
}

impl Formula {
    fn value(self, totals: &[f64]) -> f64 {
        match self {
            Self::Bleu {
                smoothing,
                effective_order,
            } => bleu::value(totals, smoothing, effective_order),
            Self::Chrf => chrf::value(totals),
            Self::Ter => ter::value(totals),
            Self::Rouge => rouge::value(totals),
        }
    }

    fn of_sentences(self) -> Self {
        match self {
            Self::Bleu { smoothing, .. } => Self::Bleu {
                smoothing,
                effective_order: true,
            },
            other => other,
        }
    }

    fn details(self, totals: &[f64]) -> serde_json::Map<String, serde_json::Value> {
        match self {
            Self::Bleu { smoothing, .. } => bleu::parts(totals, smoothing),
            Self::Chrf => serde_json::Map::new(),
            Self::Ter => ter::parts(totals),
            Self::Rouge => rouge::parts(totals),
        }
    }
}

/// The counts of every text and the formula that turns their sum into a score.
#[derive(Debug, Clone)]
pub struct Statistics {
    formula: Formula,
    /// `[texts][counts]`
    rows: Vec<Vec<f64>>,
}

impl Statistics {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The counts of each text.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// The corpus score of the texts with these numbers, each as often as it is named.
    pub fn value_of(&self, texts: impl IntoIterator<Item = usize>) -> f64 {
        let mut totals = self.zero();
        for row in texts.into_iter().filter_map(|text| self.rows.get(text)) {
            add(&mut totals, row);
        }
        self.formula.value(&totals)
    }

    /// The corpus score of summed counts.
    pub fn value(&self, totals: &[f64]) -> f64 {
        self.formula.value(totals)
    }

    pub(crate) fn zero(&self) -> Vec<f64> {
        vec![0.0; self.rows.first().map_or(0, Vec::len)]
    }
}

/// Adds one text's counts to a sum.
pub(crate) fn add(totals: &mut [f64], row: &[f64]) {
    for (total, count) in totals.iter_mut().zip(row) {
        *total += count;
    }
}

/// Turns the counts of all texts into a score.
pub(super) fn finish(
    name: String,
    formula: Formula,
    details: &Details,
    rows: Vec<Vec<f64>>,
    segments: &[Segment],
    options: &Options,
) -> Score {
    let statistics = Statistics { formula, rows };
    let mut totals = statistics.zero();
    for row in &statistics.rows {
        add(&mut totals, row);
    }
    let sentences = formula.of_sentences();
    Score {
        name,
        value: formula.value(&totals),
        signature: signature::write(details, segments, options, false),
        confidence: options
            .bootstrap
            .map(|trials| significance::confidence(&statistics, trials, options.seed)),
        details: formula.details(&totals),
        sentence: options
            .sentences
            .then(|| statistics.rows.iter().map(|row| sentences.value(row)).collect()),
        sentence_signature: options
            .sentences
            .then(|| signature::write(details, segments, options, true)),
        statistics,
    }
}
