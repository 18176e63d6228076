//! Finds the words that a mark is about in the text that it is about.

use serde::Serialize;

/// A piece of text that is highlighted or not.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) marked: bool,
}

/// Cuts a text around whole-word occurrences of `words`, the longest word first where several begin at one place.
pub(super) fn highlighted(text: &str, words: &[String]) -> Vec<Run> {
    let mut words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
    let mut runs: Vec<Run> = Vec::new();
    let mut push = |text: &str, marked: bool| match runs.last_mut() {
        Some(last) if last.marked == marked => last.text.push_str(text),
        _ => runs.push(Run {
            text: text.to_owned(),
            marked,
        }),
    };
    let mut before: Option<char> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at_start = !(before.is_some_and(char::is_alphanumeric) && c.is_alphanumeric());
        let found = words.iter().find(|word| {
            at_start
                && rest.strip_prefix(**word).is_some_and(|after| {
                    let inside = word.chars().next_back().is_some_and(char::is_alphanumeric);
                    !(inside && after.chars().next().is_some_and(char::is_alphanumeric))
                })
        });
        let length = found.map_or(c.len_utf8(), |word| word.len());
        let (piece, after) = rest.split_at(length);
        push(piece, found.is_some());
        before = piece.chars().next_back();
        rest = after;
    }
    runs
}
