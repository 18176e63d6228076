//! Whether an output can be shown to a reader: what a translation or a summary kept, lost or made up.
//!
//! Translation models write fluent sentences with a wrong number, a missing "not" or another town's name in them, and a
//! ministry reader cannot see it. Each check is a file here and looks at one kind of slip, on text alone, without a model;
//! only [`confidence()`] asks what the model thought. Precision comes first: a reviewer who is shown false alarms stops
//! looking.

mod alignment;
mod confidence;
mod filler;
pub mod glossary;
mod length;
mod names;
mod negation;
pub(crate) mod numbers;
mod repetition;
mod script;
mod skeleton;
mod untranslated;
mod words;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::text::language::Language;

pub use confidence::confidence;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, nothing to do.
    Note,
    /// A reviewer should look.
    Warning,
    /// Not to be shown as it is.
    Error,
}

/// One thing a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, such as `number-missing`.
    pub code: Cow<'static, str>,
    pub severity: Severity,
    /// A sentence for the reviewer.
    pub message: String,
    /// The words concerned, as they stand in source or output.
    pub words: Vec<String>,
}

impl Finding {
    fn new(code: &'static str, severity: Severity, message: impl Into<String>, words: Vec<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            severity,
            message: message.into(),
            words,
        }
    }
}

/// A source and what was made of it, as every check sees them.
#[derive(Clone, Copy)]
struct Pair<'a> {
    source: &'a str,
    from: Language,
    output: &'a str,
    to: Language,
}

/// Checks a translation of one sentence, title or short text against its source. The worst findings come first.
pub fn translation(source: &str, source_language: Language, output: &str, target_language: Language) -> Vec<Finding> {
    let pair = Pair {
        source,
        from: source_language,
        output,
        to: target_language,
    };
    if let Some(finding) = empty(pair, "translation") {
        return vec![finding];
    }
    let mut findings = graver(pair);
    // What is not a translation at all would only repeat itself under every further heading.
    if !has_errors(&findings) {
        numbers::check(pair, &mut findings);
        names::check(pair, &mut findings);
        negation::check(pair, &mut findings);
        // What an alignment explains, its length only repeats.
        if !alignment::check(pair, &mut findings) {
            length::check(pair, &mut findings);
        }
        filler::check(pair, &mut findings);
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Number of errors in a translation, by the few checks that find any: cheap enough to be asked between two batches.
pub fn errors(source: &str, source_language: Language, output: &str, target_language: Language) -> usize {
    let pair = Pair {
        source,
        from: source_language,
        output,
        to: target_language,
    };
    if empty(pair, "translation").is_some() {
        return 1;
    }
    let findings = graver(pair);
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count()
}

/// Whether there is something among findings that no reader should have to see.
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Tells that not the usual model made an output, since what that one made failed a hard check.
pub fn other_model(model: &str) -> Finding {
    let message = format!("Translated by {model}: what the usual model made of it failed a check.");
    Finding::new("other-model", Severity::Note, message, Vec::new())
}

/// Tells that a summary consists of the article's own sentences, since what the model wrote failed a hard check.
pub fn extract_instead(model: &str) -> Finding {
    let message = format!("Sentences of the article: what {model} wrote failed a check.");
    Finding::new("extract-instead", Severity::Note, message, Vec::new())
}

/// The checks that may find that an output is no translation at all.
fn graver(pair: Pair) -> Vec<Finding> {
    let mut findings = Vec::new();
    script::check(pair, &mut findings);
    repetition::check(pair, &mut findings);
    untranslated::check(pair, &mut findings);
    findings
}

/// Checks a summary against the article it was made from: nothing in it may be new. The worst findings come first.
pub fn summary(source: &str, summary: &str, language: Language) -> Vec<Finding> {
    let pair = Pair {
        source,
        from: language,
        output: summary,
        to: language,
    };
    if let Some(finding) = empty(pair, "summary") {
        return vec![finding];
    }
    let mut findings = Vec::new();
    script::check(pair, &mut findings);
    repetition::check(pair, &mut findings);
    numbers::check_added(pair, &mut findings);
    names::check_added(pair, &mut findings);
    filler::check(pair, &mut findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn empty(pair: Pair, what: &str) -> Option<Finding> {
    let content = |text: &str| text.chars().any(char::is_alphanumeric);
    (content(pair.source) && !content(pair.output))
        .then(|| Finding::new("empty", Severity::Error, format!("The {what} is empty."), Vec::new()))
}

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod tests;
