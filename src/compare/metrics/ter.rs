//! Translation edit rate (Snover et al. 2006): edits, with moves of phrases counted as one, by words of the reference.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::edits;
use super::signature::{Details, yes_no};
use super::tokenise::{alone, is_space, is_western_punctuation, unescape, western_numbers, words};
use super::{Segment, TerOptions};

/// TER with its settings.
pub struct Ter {
    options: TerOptions,
}

impl Ter {
    pub fn new(options: TerOptions) -> Self {
        Self { options }
    }

    pub fn details(&self) -> Details {
        let TerOptions {
            normalised,
            no_punctuation,
            case_sensitive,
        } = self.options;
        vec![
            ("case", if case_sensitive { "mixed" } else { "lc" }.to_owned()),
            ("tok", "tercom".to_owned()),
            ("norm", yes_no(normalised)),
            ("punct", yes_no(!no_punctuation)),
            ("asian", yes_no(false)),
        ]
    }

    fn cut(&self, text: &str) -> Vec<String> {
        let mut text = text.trim_end_matches(is_space).to_owned();
        if !self.options.case_sensitive {
            text = text.to_lowercase();
        }
        if self.options.normalised {
            text = unescape(&text.replace("\n-", "").replace('\n', " "));
            text = alone(&format!(" {text} "), is_western_punctuation).replace("'s ", " 's ");
            text = western_numbers(&text);
        }
        if self.options.no_punctuation {
            text.retain(|letter| !matches!(letter, '.' | ',' | '?' | ':' | ';' | '!' | '"' | '(' | ')'));
        }
        words(&text)
    }

    /// `[fewest edits to any reference, mean length of the references]`
    pub fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut number = |text: &str| -> Vec<u32> {
            self.cut(text)
                .into_iter()
                .map(|word| {
                    let next = numbers.len() as u32;
                    *numbers.entry(word).or_insert(next)
                })
                .collect()
        };
        let hypothesis = number(segment.hypothesis);
        let references: Vec<Vec<u32>> = segment.references.iter().map(|text| number(text)).collect();
        let fewest = references
            .iter()
            .map(|reference| edits::count(&hypothesis, reference))
            .min()
            .unwrap_or_default();
        let length: usize = references.iter().map(Vec::len).sum();
        vec![fewest as f64, length as f64 / references.len().max(1) as f64]
    }
}

/// TER of summed counts.
pub fn value(totals: &[f64]) -> f64 {
    match totals {
        [edits, length] if *length > 0.0 => 100.0 * edits / length,
        [edits, _] if *edits > 0.0 => 100.0,
        _ => 0.0,
    }
}

/// Edits and words of the references.
pub fn parts(totals: &[f64]) -> Map<String, Value> {
    let mut parts = Map::new();
    if let [edits, length] = totals {
        parts.insert("edits".to_owned(), json!(*edits as u64));
        parts.insert("reference_words".to_owned(), json!(length));
    }
    parts
}
