//! Longest common subsequences, with the choice among equals that rouge-score makes.

use std::collections::{BTreeSet, HashMap};

/// Positions in `reference` of one of the longest subsequences that it has in common with `candidate`.
pub fn longest(reference: &[String], candidate: &[String]) -> Vec<usize> {
    let width = candidate.len() + 1;
    // `[reference + 1, candidate + 1]` lengths for the starts of both, row by row.
    let mut lengths = vec![0_u32; (reference.len() + 1) * width];
    let at =
        |lengths: &[u32], row: usize, column: usize| lengths.get(row * width + column).copied().unwrap_or_default();
    for (row, word) in reference.iter().enumerate() {
        for (column, other) in candidate.iter().enumerate() {
            let length = if word == other {
                at(&lengths, row, column) + 1
            } else {
                at(&lengths, row, column + 1).max(at(&lengths, row + 1, column))
            };
            if let Some(cell) = lengths.get_mut((row + 1) * width + column + 1) {
                *cell = length;
            }
        }
    }
    let (mut row, mut column) = (reference.len(), candidate.len());
    let mut found = Vec::new();
    while row > 0 && column > 0 {
        if reference.get(row - 1) == candidate.get(column - 1) {
            found.push(row - 1);
            row -= 1;
            column -= 1;
        } else if at(&lengths, row, column - 1) > at(&lengths, row - 1, column) {
            column -= 1;
        } else {
            row -= 1;
        }
    }
    found.reverse();
    found
}

/// Words of the reference's sentences that some sentence of the candidate has in the same order (Lin 2004, section 3.2),
/// no word counted more often than either text has it.
pub fn union_hits(reference: &[Vec<String>], candidate: &[Vec<String>]) -> usize {
    let mut left = counts(reference);
    let mut right = counts(candidate);
    let mut hits = 0;
    for sentence in reference {
        let union: BTreeSet<usize> = candidate.iter().flat_map(|other| longest(sentence, other)).collect();
        for word in union.into_iter().filter_map(|position| sentence.get(position)) {
            if let (Some(ours @ 1..), Some(theirs @ 1..)) = (left.get_mut(word.as_str()), right.get_mut(word.as_str()))
            {
                *ours -= 1;
                *theirs -= 1;
                hits += 1;
            }
        }
    }
    hits
}

fn counts(sentences: &[Vec<String>]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for word in sentences.iter().flatten() {
        *counts.entry(word.as_str()).or_insert(0) += 1;
    }
    counts
}
