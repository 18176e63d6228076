//! Length: a translation far shorter than its source has lost something, one far longer has made something up.

use super::{Finding, Pair, Severity};
use crate::text::language::Language;

/// Sources shorter than this, in letters, vary too much (titles, names).
const SHORTEST: f64 = 24.0;
/// How far from the usual ratio a translation may be, as a factor. True translations of the authored corpus stay within
/// 0.62 and 1.6 in 99.9 % of sentences; short ones vary more.
const FACTOR: f64 = 1.75;
const SHORT_FACTOR: f64 = 2.2;
/// From this length on, in letters, the narrower factor holds.
const LONG: f64 = 80.0;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let (source, output) = (letters(pair.source), letters(pair.output));
    if source < SHORTEST {
        return;
    }
    let expected = source * density(pair.to) / density(pair.from);
    let factor = if source < LONG { SHORT_FACTOR } else { FACTOR };
    let ratio = output / expected;
    if ratio < 1.0 / factor {
        let message = format!(
            "The output is only {:.0} % as long as expected: something was probably left out.",
            ratio * 100.0
        );
        findings.push(Finding::new("too-short", Severity::Warning, message, Vec::new()));
    } else if ratio > factor {
        let message = format!("The output is {ratio:.1} times as long as expected: something was probably added.");
        findings.push(Finding::new("too-long", Severity::Warning, message, Vec::new()));
    }
}

/// Letters and digits of a text.
pub(super) fn letters(text: &str) -> f64 {
    text.chars().filter(|letter| letter.is_alphanumeric()).count() as f64
}

/// Letters and digits a language needs where English needs one, over the authored corpus.
pub(super) fn density(language: Language) -> f64 {
    match language.code() {
        "ar" | "fa" | "he" | "ur" => 0.86,
        "ru" | "uk" | "be" | "kk" | "ky" | "uz" => 1.10,
        "tg" => 1.08,
        "zh" | "zh-Hant" => 0.3,
        "ja" | "ko" => 0.5,
        _ => 1.0,
    }
}
