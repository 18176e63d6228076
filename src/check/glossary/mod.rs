//! Terminology: whether a translation uses the terms that a ministry has laid down, in any of their inflected forms.

mod faults;
mod pattern;
mod read;
pub mod suggest;
mod tbx;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use pattern::{Compiled, Words};

use super::{Finding, Severity};
use crate::text::language::Language;
pub use faults::Fault;

/// Why a glossary cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GlossaryError {
    /// The file cannot be read.
    #[error("{path}: cannot read the glossary: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what its name says.
    #[error("{path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
    /// Terms contradict one another or are empty.
    #[error("{path}: {first}{}; see `khulosa glossary check {path}`", more(*.others))]
    Faulty {
        /// The file.
        path: PathBuf,
        /// The first fault.
        first: String,
        /// How many more there are.
        others: usize,
    },
}

fn more(others: usize) -> String {
    if others == 0 {
        String::new()
    } else {
        format!(" (and {others} more)")
    }
}

/// One term in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// Only as it is written, without inflection.
    pub exact: bool,
    /// In a source only with capitals and small letters as it is written: Turkey, and not turkey.
    pub cased: bool,
    /// The preferred term first, then others that are accepted.
    pub forms: BTreeMap<Language, Vec<String>>,
    /// Inflected forms that no rule finds (`людей` of `человек`): they count as the term, but nothing is decoded towards
    /// them.
    pub inflected: BTreeMap<Language, Vec<String>>,
}

/// Terms of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glossary {
    terms: Vec<Compiled>,
}

/// A term of a source and what became of it in the translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermUse {
    /// The term as the source has it.
    pub source: String,
    /// The preferred term in the language of the translation.
    pub expected: String,
    /// An accepted form of it stands in the translation.
    pub kept: bool,
}

impl Glossary {
    /// Reads a glossary that must be without fault: `.csv`, `.tbx` or `.xml`, `.toml`.
    ///
    /// # Errors
    /// When it cannot be read, or a term in it is empty or given twice.
    pub fn load(path: &Path) -> Result<Self, GlossaryError> {
        let glossary = Self::read(path)?;
        let mut fatal = glossary.faults().into_iter().filter(|fault| fault.fatal);
        if let Some(first) = fatal.next() {
            return Err(GlossaryError::Faulty {
                path: path.to_owned(),
                first: format!("term {}: {}", first.term, first.message),
                others: fatal.count(),
            });
        }
        Ok(glossary)
    }

    /// Reads a glossary as it is, faults and all.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> Result<Self, GlossaryError> {
        let terms = read::terms(path)?.into_iter().map(Compiled::from).collect();
        Ok(Self { terms })
    }

    /// Tells glossaries apart by what they hold; empty where there are no terms.
    pub fn signature(&self) -> String {
        if self.terms.is_empty() {
            return String::new();
        }
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        for term in self.written() {
            add(if term.exact { "exact" } else { "inflected" });
            for (language, forms) in &term.forms {
                add(language.code());
                add(&forms.join("\n"));
            }
            // Hints are told only where there are some: glossaries without them are known by what they were before.
            if term.cased {
                add("cased");
            }
            for (language, forms) in &term.inflected {
                add("forms");
                add(language.code());
                add(&forms.join("\n"));
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Number of terms.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are no terms.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    fn written(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().map(|term| &term.written)
    }

    /// Number of terms by language.
    pub fn languages(&self) -> BTreeMap<Language, usize> {
        let mut languages = BTreeMap::new();
        for language in self.written().flat_map(|term| term.forms.keys()) {
            *languages.entry(*language).or_default() += 1;
        }
        languages
    }

    /// Terms of a source that the glossary has in the language of the output, and whether the output keeps to them.
    ///
    /// Where one term is part of another ("Ministry of Health" of "Ministry of Health and Social Protection"), the longer
    /// one counts. Where several terms are written alike, any of their translations will do.
    pub fn uses(&self, source: &str, from: Language, output: &str, to: Language) -> Vec<TermUse> {
        let (source, output) = (Words::of(source), Words::of(output));
        let mut told: Vec<TermUse> = Vec::new();
        for found in self.found(&source, from, to) {
            let used = TermUse {
                source: source.raw.get(found.at..found.end).unwrap_or_default().join(" "),
                expected: found.forms(to).first().cloned().unwrap_or_default(),
                kept: found.is_kept(&output, to),
            };
            if !told.contains(&used) {
                told.push(used);
            }
        }
        told
    }

    /// The terms of a source, as [`Glossary::uses`] finds them, by the forms that are accepted in the language of the
    /// output, the preferred one first; in an order of their own, each once.
    pub fn required(&self, source: &str, from: Language, to: Language) -> Vec<Vec<String>> {
        let found = self.found(&Words::of(source), from, to);
        found
            .iter()
            .map(|found| found.forms(to))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    /// Further forms that [`Glossary::uses`] accepts for the terms of a source, in an order of their own, each once.
    pub fn accepted(&self, source: &str, from: Language, to: Language) -> Vec<String> {
        let found = self.found(&Words::of(source), from, to);
        let terms = found.iter().flat_map(|found| &found.terms);
        let forms: BTreeSet<&String> = terms
            .filter_map(|term| term.written.inflected.get(&to))
            .flatten()
            .collect();
        forms.into_iter().cloned().collect()
    }

    /// Those of [`Glossary::required`] that an output lacks.
    pub fn lacking(&self, source: &str, from: Language, output: &str, to: Language) -> Vec<Vec<String>> {
        let output = Words::of(output);
        let found = self.found(&Words::of(source), from, to);
        let lacking = found.iter().filter(|found| !found.is_kept(&output, to));
        lacking
            .map(|found| found.forms(to))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    /// Which words of a source, and of its translation, belong to terms.
    fn words_of_terms(&self, source: &str, from: Language, output: &str, to: Language) -> (Vec<bool>, Vec<bool>) {
        let (source, output) = (Words::of(source), Words::of(output));
        let mut marked = (vec![false; source.raw.len()], vec![false; output.raw.len()]);
        let mark = |words: &mut Vec<bool>, at: usize, length: usize| {
            words.iter_mut().skip(at).take(length).for_each(|word| *word = true);
        };
        for found in self.found(&source, from, to) {
            mark(&mut marked.0, found.at, found.end - found.at);
            for form in found.terms.iter().flat_map(|term| term.patterns(to)) {
                for at in form.places(&output, to, false) {
                    mark(&mut marked.1, at, form.words.len());
                }
            }
        }
        marked
    }

    /// Where terms stand in a source, in its order, none within another.
    fn found(&self, source: &Words<'_>, from: Language, to: Language) -> Vec<Found<'_>> {
        if from == to {
            return Vec::new();
        }
        let mut places: Vec<(usize, usize, &Compiled)> = Vec::new();
        for term in self.terms.iter().filter(|term| term.written.forms.contains_key(&to)) {
            for form in term.patterns(from) {
                let length = form.words.len();
                let found = form.places(source, from, term.written.cased);
                places.extend(found.into_iter().map(|at| (at, at + length, term)));
            }
        }
        places.sort_by_key(|(at, end, term)| (Reverse(end - at), *at, !term.written.cased));
        let mut found: Vec<Found<'_>> = Vec::new();
        for (at, end, term) in places {
            if let Some(same) = found.iter_mut().find(|found| (found.at, found.end) == (at, end)) {
                // Turkey, where the glossary has both, is no turkey.
                if same.terms.iter().all(|other| other.written.cased == term.written.cased) {
                    same.terms.push(term);
                }
            } else if !found.iter().any(|found| at < found.end && found.at < end) {
                let terms = vec![term];
                found.push(Found { at, end, terms });
            }
        }
        found.sort_by_key(|found| found.at);
        found
    }
}

/// Terms that are written alike, somewhere in a source.
struct Found<'a> {
    /// Indices of words.
    at: usize,
    end: usize,
    terms: Vec<&'a Compiled>,
}

impl Found<'_> {
    /// What may stand for it, the preferred form first.
    fn forms(&self, to: Language) -> Vec<String> {
        let forms = self.terms.iter().filter_map(|term| term.written.forms.get(&to));
        forms.flatten().cloned().collect()
    }

    /// Whether an accepted form stands in the output.
    fn is_kept(&self, output: &Words<'_>, to: Language) -> bool {
        let mut forms = self.terms.iter().flat_map(|term| term.patterns(to));
        forms.any(|form| !form.places(output, to, false).is_empty())
    }
}

/// A finding for each term that was not kept.
pub fn findings(uses: &[TermUse]) -> Vec<Finding> {
    let lost = uses.iter().filter(|used| !used.kept);
    lost.map(|used| {
        let message = format!("The glossary's term for “{}” is “{}”.", used.source, used.expected);
        let words = vec![used.source.clone(), used.expected.clone()];
        Finding::new("terminology", Severity::Warning, message, words)
    })
    .collect()
}
