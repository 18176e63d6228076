//! Terms taken apart once, so that looking for them in every sentence of a night is cheap.

use std::collections::BTreeMap;

use super::Term;
use crate::text::forms::{plain, same, words};
use crate::text::language::Language;

/// A text's words as they stand and as words are compared.
pub(super) struct Words<'a> {
    pub(super) raw: Vec<&'a str>,
    plain: Vec<String>,
}

impl<'a> Words<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let raw = words(text);
        let plain = raw.iter().map(|word| plain(word)).collect();
        Self { raw, plain }
    }
}

/// A term with the words of its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compiled {
    pub(super) written: Term,
    patterns: BTreeMap<Language, Vec<Pattern>>,
}

/// The words of a form, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    raw: String,
    plain: String,
    /// Only as it stands: acronyms are not inflected, and small letters make another word of them ("WHO", "who").
    exact: bool,
}

impl From<Term> for Compiled {
    fn from(written: Term) -> Self {
        let word = |raw: &str| Word {
            raw: raw.to_owned(),
            plain: plain(raw),
            exact: written.exact || is_acronym(raw),
        };
        let pattern = |form: &String| Pattern {
            words: words(form).into_iter().map(word).collect(),
        };
        let mut patterns: BTreeMap<Language, Vec<Pattern>> = BTreeMap::new();
        for (language, forms) in written.forms.iter().chain(&written.inflected) {
            let of_language = patterns.entry(*language).or_default();
            of_language.extend(forms.iter().map(pattern).filter(|pattern| !pattern.words.is_empty()));
        }
        Self { written, patterns }
    }
}

impl Compiled {
    /// The forms in a language that have words.
    pub(super) fn patterns(&self, language: Language) -> impl Iterator<Item = &Pattern> {
        self.patterns.get(&language).into_iter().flatten()
    }
}

impl Pattern {
    /// Where the form stands in a text, by the index of its first word; if `cased`, only where capitals are capitals.
    pub(super) fn places(&self, text: &Words<'_>, language: Language, cased: bool) -> Vec<usize> {
        let last = text.raw.len().checked_sub(self.words.len());
        let stands = |at: &usize| {
            let text = text.raw.iter().zip(&text.plain).skip(*at);
            self.words.iter().zip(text).all(|(word, (raw, plain))| {
                if word.exact {
                    word.raw == **raw
                } else {
                    same(&word.plain, plain, language) && (!cased || has_case_of(raw, &word.raw))
                }
            })
        };
        last.map_or_else(Vec::new, |last| (0..=last).filter(stands).collect())
    }
}

/// Whether letters of a word are capitals where those of a term are. What an ending adds is not compared.
fn has_case_of(word: &str, term: &str) -> bool {
    word.chars()
        .zip(term.chars())
        .all(|(left, right)| left.is_uppercase() == right.is_uppercase())
}

/// Capitals alone, and more than one.
pub(super) fn is_acronym(word: &str) -> bool {
    word.chars().count() >= 2 && word.chars().all(char::is_uppercase)
}
