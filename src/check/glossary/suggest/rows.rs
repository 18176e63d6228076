//! Proposals as rows of a glossary: a term a row, in all languages that are known of it, and no term in two rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Suggestion;
use crate::text::forms::plain_words;
use crate::text::language::Language;

/// A proposed row of a glossary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The term by language, the preferred one first.
    pub forms: BTreeMap<Language, Vec<String>>,
    /// What speaks for it, for people.
    pub note: String,
    /// Corrected segments that speak for it.
    pub corrected: usize,
}

/// Puts proposals for one term together, most supported first. Where two contradict one another the less supported one is
/// dropped: a glossary that has both cannot be used.
pub fn rows(suggestions: &[Suggestion]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for suggestion in suggestions {
        let has = |row: &Row, language: Language, term: &str| {
            let forms = row.forms.get(&language).into_iter().flatten();
            forms.into_iter().any(|form| plain_words(form) == plain_words(term))
        };
        let with_source = rows
            .iter()
            .position(|row| has(row, suggestion.from, &suggestion.source));
        let with_target = rows.iter().position(|row| has(row, suggestion.to, &suggestion.target));
        let row = match (with_source, with_target) {
            (None, None) => {
                rows.push(Row::default());
                rows.last_mut()
            }
            (Some(row), None) => rows.get_mut(row).filter(|row| !row.forms.contains_key(&suggestion.to)),
            (None, Some(row)) => rows.get_mut(row),
            (Some(one), Some(other)) => rows.get_mut(one).filter(|_| one == other),
        };
        let Some(row) = row else { continue };
        for (language, term) in [
            (suggestion.from, &suggestion.source),
            (suggestion.to, &suggestion.target),
        ] {
            if !has(row, language, term) {
                row.forms.entry(language).or_default().push(term.clone());
            }
        }
        if !row.note.is_empty() {
            row.note.push_str("; ");
        }
        row.note.push_str(&evidence(suggestion));
        row.corrected = row.corrected.max(suggestion.corrected);
    }
    rows.sort_by_key(|row| Reverse(row.corrected));
    rows
}

/// `en-ru: corrected in 3 of 4 segments, from “Дюшанбе”`.
fn evidence(suggestion: &Suggestion) -> String {
    let from = suggestion.replaced.as_ref();
    format!(
        "{}-{}: corrected in {} of {} segments{}",
        suggestion.from.code(),
        suggestion.to.code(),
        suggestion.corrected,
        suggestion.reviewed,
        from.map(|replaced| format!(", from “{replaced}”")).unwrap_or_default()
    )
}
