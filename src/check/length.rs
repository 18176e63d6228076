//! Length: a translation far shorter than its source has lost something, one far longer has made something up.

use super::{Finding, Pair, Severity};
use crate::text::language::Language;
use crate::text::sentences;

/// Sources shorter than this, in letters, vary too much (titles, names).
const SHORTEST: usize = 24;
/// How far from the usual ratio a translation may be, as a factor. True translations of the authored corpus stay within
/// 0.62 and 1.6 in 99.9 % of sentences; short ones vary more.
const FACTOR: f64 = 1.75;
const SHORT_FACTOR: f64 = 2.2;
/// From this length on, in letters, the narrower factor holds.
const LONG: usize = 80;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).count();
    let (source, output) = (letters(pair.source), letters(pair.output));
    if source < SHORTEST {
        return;
    }
    let expected = source as f64 * density(pair.to) / density(pair.from);
    let factor = if source < LONG { SHORT_FACTOR } else { FACTOR };
    let ratio = output as f64 / expected;
    let in_source = sentences::split(pair.source, pair.from).len();
    let in_output = sentences::split(pair.output, pair.to).len();
    if ratio < 1.0 / factor {
        let message = format!(
            "The output is only {:.0} % as long as expected: something was probably left out ({in_source} and {in_output} sentences).",
            ratio * 100.0
        );
        findings.push(Finding::new("too-short", Severity::Warning, message, Vec::new()));
    } else if ratio > factor {
        let message = format!("The output is {ratio:.1} times as long as expected: something was probably added.");
        findings.push(Finding::new("too-long", Severity::Warning, message, Vec::new()));
    } else if in_output < in_source && ratio < 0.8 {
        let message = format!(
            "The source has {in_source} sentences, the output {in_output}, and it is short: one was probably dropped."
        );
        findings.push(Finding::new("sentence-dropped", Severity::Warning, message, Vec::new()));
    }
}

/// Letters and digits a language needs where English needs one, over the authored corpus.
fn density(language: Language) -> f64 {
    match language.code() {
        "ar" | "fa" | "he" | "ur" => 0.86,
        "ru" | "uk" | "be" | "kk" | "ky" | "uz" => 1.10,
        "tg" => 1.08,
        "zh" | "zh-Hant" => 0.3,
        "ja" | "ko" => 0.5,
        _ => 1.0,
    }
}
