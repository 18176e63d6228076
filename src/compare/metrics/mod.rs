//! Scores of texts against references: BLEU, spBLEU, chrF, chrF++, TER and ROUGE.
//!
//! One file a metric. Each reduces a text and its references to a short vector of counts (its sufficient statistics);
//! a corpus score is a function of their sum, which is what makes resampling cheap.

pub mod bleu;
pub mod chrf;
mod edits;
mod ngrams;
mod options;
mod pieces;
pub mod rouge;
mod score;
mod signature;
pub mod stemmer;
mod subsequence;
pub mod ter;
pub mod tokenise;

use rayon::prelude::*;

pub use options::{Metric, Options, TerOptions};
pub use pieces::Pieces;
pub(crate) use score::add;
pub use score::{Confidence, Score, Statistics};
pub(crate) use subsequence::longest as longest_common_subsequence;

use super::CompareError;
use bleu::Bleu;
use chrf::Chrf;
use rouge::Rouge;
use score::Formula;
use ter::Ter;

/// A text and what it is compared with.
#[derive(Debug, Clone)]
pub struct Segment<'a> {
    pub hypothesis: &'a str,
    pub references: Vec<&'a str>,
}

/// Scores `hypotheses` against `references`: one list of texts a set of references (a file), each as long as
/// `hypotheses`. Scores come in the order of `options.metrics`.
///
/// # Errors
/// Unequal or zero counts, no references, or options that do not fit the texts.
pub fn evaluate(
    hypotheses: &[String],
    references: &[Vec<String>],
    options: &Options,
) -> Result<Vec<Score>, CompareError> {
    for (index, set) in references.iter().enumerate() {
        if set.len() != hypotheses.len() {
            return Err(CompareError::UnequalCounts {
                hypotheses: "the set of hypotheses".to_owned(),
                found: hypotheses.len(),
                references: format!("set {} of references", index + 1),
                expected: set.len(),
            });
        }
    }
    let segments: Vec<Segment> = hypotheses
        .iter()
        .enumerate()
        .map(|(line, hypothesis)| Segment {
            hypothesis,
            references: references
                .iter()
                .filter_map(|set| set.get(line))
                .map(String::as_str)
                .collect(),
        })
        .collect();
    evaluate_segments(&segments, options)
}

/// As [`evaluate`], over texts that may have different numbers of references.
///
/// # Errors
/// No texts, a text without references, or options that do not fit the texts.
pub fn evaluate_segments(segments: &[Segment], options: &Options) -> Result<Vec<Score>, CompareError> {
    if segments.is_empty() {
        return Err(CompareError::Empty {
            name: "the set of hypotheses".to_owned(),
            lines: 0,
        });
    }
    if segments.iter().any(|segment| segment.references.is_empty()) {
        return Err(CompareError::NoReferences);
    }
    if let Some(trials) = options.bootstrap.filter(|trials| *trials < 2) {
        return Err(CompareError::TooFewTrials { trials });
    }
    options
        .metrics
        .iter()
        .map(|metric| evaluate_one(*metric, segments, options))
        .collect()
}

fn evaluate_one(metric: Metric, segments: &[Segment], options: &Options) -> Result<Score, CompareError> {
    let (formula, name, details, rows) = match metric {
        Metric::Bleu | Metric::SpBleu => {
            let bleu = Bleu::new(metric, options)?;
            let rows = each(segments, |segment| bleu.statistics(segment));
            (
                Formula::Bleu {
                    smoothing: options.smoothing,
                    effective_order: false,
                },
                bleu.name(),
                bleu.details(),
                rows,
            )
        }
        Metric::Chrf | Metric::ChrfPlus | Metric::ChrfPlusPlus => {
            let chrf = Chrf::new(metric, options);
            let rows = each(segments, |segment| chrf.statistics(segment));
            (Formula::Chrf, chrf.name(), chrf.details(), rows)
        }
        Metric::Ter => {
            let ter = Ter::new(options.ter);
            (
                Formula::Ter,
                "TER".to_owned(),
                ter.details(),
                each(segments, |segment| ter.statistics(segment)),
            )
        }
        Metric::Rouge1 | Metric::Rouge2 | Metric::RougeL | Metric::RougeLsum => {
            let rouge = Rouge::new(metric, segments, options)?;
            let rows = each(segments, |segment| rouge.statistics(segment));
            (Formula::Rouge, metric.name().to_owned(), rouge.details(), rows)
        }
    };
    Ok(score::finish(name, formula, &details, rows, segments, options))
}

fn each(segments: &[Segment], statistics: impl Fn(&Segment) -> Vec<f64> + Send + Sync) -> Vec<Vec<f64>> {
    segments.par_iter().map(statistics).collect()
}
