//! What a reviewer changed: the words of a correction that the model's output lacks, and what stood in their place.

use std::ops::Range;

use super::LONGEST_REPLACED;
use super::texts::{Phrase, Text};

/// The difference of a correction from the model's output. Other forms of the same words are no difference.
#[derive(Default)]
pub(super) struct Change<'a> {
    /// The model's words.
    machine: Phrase,
    /// By word of the correction: it is new, and what it replaces.
    new: Vec<Option<&'a str>>,
}

impl<'a> Change<'a> {
    /// Without the model's output, nothing is known to be new.
    pub(super) fn of(machine: Option<Text<'a>>, target: &Text<'_>) -> Self {
        let Some(machine) = machine else {
            return Self::default();
        };
        let (old, new) = (machine.numbers(), target.numbers());
        let mut change = Self {
            new: vec![None; new.len()],
            machine: old,
        };
        let (mut from, mut to) = (0, 0);
        let end = (change.machine.len(), new.len());
        for (at, kept) in kept(&change.machine, &new).into_iter().chain([end]) {
            let replaced = if at - from <= LONGEST_REPLACED {
                machine.written(&(from..at))
            } else {
                ""
            };
            for word in change.new.iter_mut().take(kept).skip(to) {
                *word = Some(replaced);
            }
            (from, to) = (at + 1, kept + 1);
        }
        change
    }

    /// Whether a phrase of the correction has a new word and stands nowhere in the model's output.
    pub(super) fn is_new(&self, phrase: &[u32], words: &Range<usize>) -> bool {
        let new = self.new.get(words.clone()).unwrap_or_default();
        new.iter().any(Option::is_some) && !self.machine.windows(phrase.len().max(1)).any(|words| words == phrase)
    }

    /// What the model had where a phrase of the correction stands.
    pub(super) fn replaced(&self, words: &Range<usize>) -> Option<&'a str> {
        let new = self.new.get(words.clone()).unwrap_or_default();
        new.iter().flatten().copied().find(|replaced| !replaced.is_empty())
    }
}

/// The longest common subsequence, by places in both.
fn kept(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut longest = vec![0_usize; (old.len() + 1) * width];
    for (i, left) in old.iter().enumerate().rev() {
        for (j, right) in new.iter().enumerate().rev() {
            longest[i * width + j] = if left == right {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut kept) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            kept.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}
