//! Cuts over-long sentences where the sense allows, for models with a token budget.

/// The pieces of a text of at most `max_words` words each, cut after the strongest clause mark near the middle ground, or
/// between words where there is none. Trimmed, in order; a text of few words comes back whole.
pub fn split_long(text: &str, max_words: usize) -> Vec<&str> {
    let max_words = max_words.max(1);
    let words: Vec<(usize, usize)> = words(text);
    let mut pieces = Vec::new();
    let mut first = 0;
    while first < words.len() {
        let left = words.len() - first;
        let last = if left <= max_words {
            words.len()
        } else {
            first + cut(text, &words[first..], max_words)
        };
        pieces.push(&text[words[first].0..words[last - 1].1]);
        first = last;
    }
    pieces
}

/// How many of these words the next piece takes: between half of an even share and `max_words`.
fn cut(text: &str, words: &[(usize, usize)], max_words: usize) -> usize {
    let pieces = words.len().div_ceil(max_words);
    let even = words.len().div_ceil(pieces);
    let least = (even / 2).max(1);
    (least..=max_words.min(words.len() - 1))
        .max_by_key(|&taken| {
            let (start, end) = words[taken - 1];
            let next = words.get(taken).map_or("", |&(start, end)| &text[start..end]);
            let near = max_words - taken.abs_diff(even).min(max_words);
            (strength(&text[start..end], next), near)
        })
        .unwrap_or(max_words)
}

/// How good a place for a cut the space between two words is.
fn strength(word: &str, next: &str) -> u8 {
    let bare = word.trim_end_matches(['"', '”', '»', '’', ')', ']']);
    if bare.ends_with(['.', '!', '?', '…', '؟', '۔']) {
        4
    } else if bare.ends_with([';', '؛', ':']) {
        3
    } else if matches!(word, "—" | "–") || matches!(next, "—" | "–") {
        // Before a dash rather than behind it, so that a piece does not end in one.
        u8::from(matches!(next, "—" | "–")) * 2
    } else if bare.ends_with([',', '،', '、']) {
        2
    } else {
        0
    }
}

/// Byte spans of the words of a text.
fn words(text: &str) -> Vec<(usize, usize)> {
    let base = text.as_ptr() as usize;
    text.split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - base;
            (start, start + word.len())
        })
        .collect()
}
