//! Source text left standing in the output, whole or in stretches, and outputs in a language that was not asked for.

use super::words::words;
use super::{Finding, Pair, Severity};
use crate::text::detect::detect;

/// So many of the source's words in a row are no coincidence of vocabulary.
const LONGEST_SHARED: usize = 4;
/// Fewer words than this are too few to tell a language by.
const FEWEST_WORDS: usize = 5;
/// Confidence, between 0 and 1, from which the detector is believed.
const SURE: f64 = 0.99;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    if pair.from == pair.to {
        return;
    }
    let output = words(pair.output);
    let enough = output.len() >= FEWEST_WORDS;
    if enough
        && let Some(detected) = detect(pair.output)
        && detected.confidence >= SURE
        && detected.language != pair.to
        && is_known(pair)
    {
        let message = format!(
            "The output is in {}, not in {}.",
            detected.language.english_name(),
            pair.to.english_name()
        );
        let severity = if detected.language == pair.from {
            Severity::Error
        } else {
            Severity::Warning
        };
        findings.push(Finding::new("wrong-language", severity, message, Vec::new()));
        return;
    }
    let source: Vec<String> = words(pair.source).iter().map(|word| word.text.to_lowercase()).collect();
    let lower: Vec<String> = output.iter().map(|word| word.text.to_lowercase()).collect();
    let mut best: &[String] = &[];
    for start in 0..lower.len() {
        for from in 0..source.len() {
            let length = lower[start..]
                .iter()
                .zip(&source[from..])
                .take_while(|(left, right)| left == right)
                .count();
            // Names and numbers stay in any language; a stretch needs words of its own.
            let plain = output[start..start + length]
                .iter()
                .filter(|word| is_plain(word.text))
                .count();
            if length > best.len() && plain >= LONGEST_SHARED {
                best = &lower[start..start + length];
            }
        }
    }
    if !best.is_empty() {
        let message = "A stretch of the source was left untranslated.";
        findings.push(Finding::new(
            "untranslated",
            Severity::Warning,
            message,
            vec![best.join(" ")],
        ));
    }
}

/// Whether the detector knows the language asked for.
fn is_known(pair: Pair) -> bool {
    matches!(pair.to.code(), "en" | "ru" | "ar" | "tg" | "fa" | "uz" | "ky" | "kk")
}

fn is_plain(word: &str) -> bool {
    word.chars()
        .next()
        .is_some_and(|letter| letter.is_lowercase() || !letter.is_uppercase() && letter.is_alphabetic())
}
