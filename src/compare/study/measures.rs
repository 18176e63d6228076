//! What is measured of every system in every group, and how.

use std::collections::BTreeSet;

use super::groups::{Group, Output, Task};
use crate::check::Severity;

/// Which way a measure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    Higher,
    Lower,
    /// Neither: a length ratio, or a score that only one model's outputs share.
    Neither,
}

/// A measure that is the mean of one number a text.
pub struct Mean {
    /// Its name in files, such as `check:number`.
    pub name: String,
    /// Its name in tables.
    pub title: String,
    pub better: Better,
    /// Whether a difference between systems means anything, so that it is worth a test.
    pub comparable: bool,
    /// Everything that the value depends on, as far as a short line can say it.
    pub signature: String,
    /// `[systems][texts]`; `None` where a text has no such number.
    pub values: Vec<Vec<Option<f64>>>,
}

/// The checks by what they look at: key, name in tables, codes of findings.
const CHECKS: [(&str, &str, &[&str]); 9] = [
    ("number", "numbers %", &["number-missing", "number-added"]),
    ("name", "names %", &["name-added", "name-missing"]),
    (
        "script",
        "script %",
        &[
            "wrong-script",
            "wrong-language",
            "foreign-letters",
            "foreign-words",
            "mixed-letters",
        ],
    ),
    ("repetition", "repetition %", &["repetition", "repeated-words"]),
    (
        "length",
        "length %",
        &["too-long", "too-short", "sentence-dropped", "sentence-added"],
    ),
    ("negation", "negation %", &["negation-lost", "negation-gained"]),
    ("untranslated", "untranslated %", &["untranslated"]),
    ("empty", "empty %", &["empty"]),
    ("confidence", "confidence %", &["low-confidence"]),
];
/// Those of the checks that every table shows, whether they found anything or not.
const ALWAYS: usize = 5;

/// The measures of a group that need no reference: rates of the checks, length ratio, the model's own score.
pub fn without_references(group: &Group) -> Vec<Mean> {
    let mut means = vec![rate(group, "flagged", "to review %", |output| {
        output
            .findings
            .iter()
            .any(|finding| finding.severity >= Severity::Warning)
    })];
    for (index, (key, title, codes)) in CHECKS.into_iter().enumerate() {
        let mean = rate(group, &format!("check:{key}"), title, |output| {
            has(output, |code| codes.contains(&code))
        });
        if index < ALWAYS || found_any(&mean) {
            means.push(mean);
        }
    }
    let known: Vec<&str> = CHECKS.into_iter().flat_map(|(_, _, codes)| codes).copied().collect();
    let mut others: BTreeSet<&str> = BTreeSet::new();
    for finding in group
        .items
        .iter()
        .flat_map(|item| &item.outputs)
        .flat_map(|output| &output.findings)
    {
        if finding.severity >= Severity::Warning && !known.contains(&&*finding.code) {
            others.insert(&finding.code);
        }
    }
    for code in others {
        means.push(rate(group, &format!("check:{code}"), &format!("{code} %"), |output| {
            has(output, |found| found == code)
        }));
    }
    means.push(Mean {
        name: "length-ratio".to_owned(),
        title: "length ratio".to_owned(),
        better: Better::Neither,
        comparable: true,
        signature: match group.task {
            Task::Translation => "mean|unit:letters|of:title+summary",
            Task::Summary => "mean|unit:words|of:article",
        }
        .to_owned(),
        values: values(group, |output| output.length),
    });
    if group
        .items
        .iter()
        .flat_map(|item| &item.outputs)
        .any(|output| output.score.is_some())
    {
        means.push(Mean {
            name: "model-score".to_owned(),
            title: "model score".to_owned(),
            better: Better::Neither,
            comparable: false,
            signature:
                "mean|as the engine scores: log-probability / length ^ length_penalty, of greedy search the sum; \
                        within one model and decoding only"
                    .to_owned(),
            values: values(group, |output| output.score),
        });
    }
    means
}

fn rate(group: &Group, name: &str, title: &str, is: impl Fn(&Output) -> bool) -> Mean {
    Mean {
        name: name.to_owned(),
        title: title.to_owned(),
        better: Better::Lower,
        comparable: true,
        signature: format!("share of texts|khulosa-{}", env!("CARGO_PKG_VERSION")),
        values: values(group, |output| Some(if is(output) { 100.0 } else { 0.0 })),
    }
}

fn has(output: &Output, is: impl Fn(&str) -> bool) -> bool {
    let mut grave = output
        .findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning);
    grave.any(|finding| is(&finding.code))
}

fn found_any(mean: &Mean) -> bool {
    mean.values.iter().flatten().flatten().any(|value| *value > 0.0)
}

/// `[systems][texts]` of one number an output.
fn values(group: &Group, of: impl Fn(&Output) -> Option<f64>) -> Vec<Vec<Option<f64>>> {
    let systems = group.items.first().map_or(0, |item| item.outputs.len());
    (0..systems)
        .map(|system| {
            let outputs = group.items.iter().map(|item| item.outputs.get(system));
            outputs.map(|output| output.and_then(&of)).collect()
        })
        .collect()
}
