//! How far systems agree on the same texts, where nobody has written a reference: chrF++ between every two of them.
//!
//! Agreement is no proof of quality, but a text on which systems disagree is one that somebody should read.

use serde::Serialize;

use super::error::CompareError;
use super::metrics::{Metric, Options, Score, evaluate};
use super::table::Table;

/// Two systems' agreement; the mean of both directions, since chrF++ weighs recall more than precision.
#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    pub left: String,
    pub right: String,
    /// chrF++ over all texts.
    pub score: f64,
    /// chrF++ of each text.
    pub sentence: Vec<f64>,
    pub signature: String,
}

/// Compares every two of `systems`, each a name and its outputs for the same texts.
///
/// # Errors
/// Unequal numbers of outputs, or none.
pub fn pairwise(systems: &[(String, Vec<String>)]) -> Result<Vec<Agreement>, CompareError> {
    let options = Options {
        metrics: vec![Metric::ChrfPlusPlus],
        sentences: true,
        ..Options::default()
    };
    let mut found = Vec::new();
    for (index, (left, left_texts)) in systems.iter().enumerate() {
        for (right, right_texts) in systems.iter().skip(index + 1) {
            if left_texts.len() != right_texts.len() {
                return Err(CompareError::Unpaired {
                    left: left.clone(),
                    left_texts: left_texts.len(),
                    right: right.clone(),
                    right_texts: right_texts.len(),
                });
            }
            let there = evaluate(left_texts, std::slice::from_ref(right_texts), &options)?;
            let back = evaluate(right_texts, std::slice::from_ref(left_texts), &options)?;
            if let (Some(there), Some(back)) = (there.first(), back.first()) {
                found.push(mean(left, right, there, back));
            }
        }
    }
    Ok(found)
}

fn mean(left: &str, right: &str, there: &Score, back: &Score) -> Agreement {
    let sentences = there.sentence.iter().flatten().zip(back.sentence.iter().flatten());
    Agreement {
        left: left.to_owned(),
        right: right.to_owned(),
        score: f64::midpoint(there.value, back.value),
        sentence: sentences.map(|(there, back)| f64::midpoint(*there, *back)).collect(),
        signature: format!("{}|{}|dir:mean", there.name, there.signature),
    }
}

/// The numbers of the texts, those on which the systems agree least first.
pub fn most_disputed(agreements: &[Agreement]) -> Vec<usize> {
    let texts = agreements
        .iter()
        .map(|found| found.sentence.len())
        .min()
        .unwrap_or_default();
    let total = |text: usize| {
        agreements
            .iter()
            .filter_map(|found| found.sentence.get(text))
            .sum::<f64>()
    };
    let mut order: Vec<usize> = (0..texts).collect();
    order.sort_by(|left, right| total(*left).total_cmp(&total(*right)));
    order
}

/// A square of agreements, systems down and across.
pub fn table(systems: &[String], agreements: &[Agreement]) -> Table {
    let mut table = Table::new(std::iter::once("chrF++").chain(systems.iter().map(String::as_str)));
    for row in systems {
        let cells = systems.iter().map(|column| {
            agreements
                .iter()
                .find(|found| {
                    (&found.left, &found.right) == (row, column) || (&found.left, &found.right) == (column, row)
                })
                .map_or("–".to_owned(), |found| format!("{:.2}", found.score))
        });
        table.push(std::iter::once(row.clone()).chain(cells));
    }
    table
}
