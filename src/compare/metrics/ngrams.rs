//! Counts of runs of tokens or letters.

use std::collections::HashMap;
use std::hash::Hash;

/// Each run of `order` items and how often it occurs.
pub fn count<T: Eq + Hash>(items: &[T], order: usize) -> HashMap<&[T], u32> {
    let mut counts = HashMap::new();
    for run in items.windows(order) {
        *counts.entry(run).or_insert(0) += 1;
    }
    counts
}

/// How many runs of `left` are also in `right`, each counted at most as often as there.
pub fn matches<T: Eq + Hash>(left: &HashMap<&[T], u32>, right: &HashMap<&[T], u32>) -> u32 {
    left.iter()
        .map(|(run, count)| right.get(run).map_or(0, |other| *count.min(other)))
        .sum()
}

/// Number of runs of `order` items among `length`.
pub fn total(length: usize, order: usize) -> usize {
    (length + 1).saturating_sub(order)
}
