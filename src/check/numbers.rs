//! Numbers: every one of the source in the output, and none that the source does not have.
//!
//! Compared by value, whatever the digits, marks and scale words they are written with. A number in digits may be spelled
//! out on the other side; a number spelled out on both sides is left to the reader.

mod digits;
mod spoken;

use super::{Finding, Pair, Severity};
use crate::text::language::Language;
use digits::Value;
pub(crate) use digits::ascii_digit;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let missing = unmatched((pair.source, pair.from), (pair.output, pair.to));
    if !missing.is_empty() {
        let message = format!("Numbers of the source are not in the output: {}.", missing.join(", "));
        findings.push(Finding::new("number-missing", Severity::Warning, message, missing));
    }
    check_added(pair, findings);
}

/// Only the numbers that were made up: what a summary leaves out is its own business.
pub(super) fn check_added(pair: Pair, findings: &mut Vec<Finding>) {
    let added = unmatched((pair.output, pair.to), (pair.source, pair.from));
    if !added.is_empty() {
        let message = format!("Numbers of the output are not in the source: {}.", added.join(", "));
        findings.push(Finding::new("number-added", Severity::Warning, message, added));
    }
}

/// The numbers in digits of the first text that the second has neither in digits nor in words, as they are written.
fn unmatched(first: (&str, Language), second: (&str, Language)) -> Vec<String> {
    let numbers = digits::numbers(first.0, first.1);
    if numbers.is_empty() {
        return Vec::new();
    }
    let others = digits::numbers(second.0, second.1);
    let words = spoken::values(second.0, second.1);
    let mut missing: Vec<String> = Vec::new();
    for number in &numbers {
        let written = others.iter().any(|other| number.equals(other)) || number.is_written_apart(&others);
        let said = || {
            number
                .values
                .iter()
                .chain(&number.bases)
                .any(|value| words.contains(value) || is_decade(value, &words))
        };
        if !written && !said() && !missing.contains(&number.written) {
            missing.push(number.written.clone());
        }
    }
    missing
}

/// `1990s` as the nineties.
fn is_decade(value: &Value, words: &std::collections::BTreeSet<Value>) -> bool {
    value.to_integer().is_some_and(|year| {
        (1800..2030).contains(&year) && year % 10 == 0 && year % 100 >= 20 && words.contains(&Value::of(year % 100))
    })
}

#[cfg(test)]
mod tests;
