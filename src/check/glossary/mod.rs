//! Terminology: whether a translation uses the terms that a ministry has laid down, in any of their inflected forms.

mod read;
mod tbx;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Finding, Severity};
use crate::text::forms::{plain, same, words};
use crate::text::language::Language;
use crate::text::script::Script;

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

/// Something wrong with a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `term 12`: its place in the file, from 1.
    pub term: usize,
    /// What was expected and what was found.
    pub message: String,
    /// The glossary cannot be used with it; otherwise it is worth a look.
    pub fatal: bool,
}

/// One term in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// Only as it is written, without inflection.
    pub exact: bool,
    /// The preferred term first, then others that are accepted.
    pub forms: BTreeMap<Language, Vec<String>>,
}

/// Terms of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glossary {
    terms: Vec<Term>,
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
        let terms = read::terms(path)?;
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
        for term in &self.terms {
            add(if term.exact { "exact" } else { "inflected" });
            for (language, forms) in &term.forms {
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

    /// Number of terms by language.
    pub fn languages(&self) -> BTreeMap<Language, usize> {
        let mut languages = BTreeMap::new();
        for language in self.terms.iter().flat_map(|term| term.forms.keys()) {
            *languages.entry(*language).or_default() += 1;
        }
        languages
    }

    /// What is wrong with the terms.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut known: BTreeMap<(Language, Vec<String>), usize> = BTreeMap::new();
        // Terms are told apart in the language that most of them have.
        let main = self
            .languages()
            .into_iter()
            .max_by_key(|(language, number)| (*number, *language == Language::ENGLISH));
        for (index, term) in self.terms.iter().enumerate() {
            let number = index + 1;
            let mut fault = |message: String, fatal: bool| {
                faults.push(Fault {
                    term: number,
                    message,
                    fatal,
                })
            };
            let filled = term
                .forms
                .values()
                .filter(|forms| forms.iter().any(|form| !pieces(form).is_empty()));
            if filled.count() < 2 {
                fault("expected the term in at least two languages".to_owned(), true);
            }
            for (language, forms) in &term.forms {
                for form in forms {
                    let code = language.code();
                    if pieces(form).is_empty() {
                        fault(format!("{code}: expected a term, found `{form}`"), true);
                    } else if is_foreign(form, *language) {
                        fault(
                            format!("{code}: `{form}` has no letter of the language's script"),
                            false,
                        );
                    }
                    if main.is_some_and(|(main, _)| main == *language) {
                        let first = *known.entry((*language, pieces(form))).or_insert(number);
                        if first != number {
                            fault(format!("{code}: `{form}` is term {first} already"), true);
                        }
                    }
                }
            }
        }
        faults
    }

    /// Terms of a source that the glossary has in the language of the output, and whether the output keeps to them.
    ///
    /// Where one term is part of another ("Ministry of Health" of "Ministry of Health and Social Protection"), the longer
    /// one counts. Where several terms are written alike, any of their translations will do.
    pub fn uses(&self, source: &str, from: Language, output: &str, to: Language) -> Vec<TermUse> {
        if self.terms.is_empty() || from == to {
            return Vec::new();
        }
        let (source, output) = (words(source), words(output));
        let mut found: Vec<(usize, usize, &Term)> = Vec::new();
        for term in self.terms.iter().filter(|term| term.forms.contains_key(&to)) {
            for form in term.forms.get(&from).into_iter().flatten() {
                for at in places(form, term.exact, &source, from) {
                    found.push((at, pieces(form).len(), term));
                }
            }
        }
        found.sort_by_key(|(at, length, _)| (std::cmp::Reverse(*length), *at));
        let mut uses: Vec<(usize, usize, TermUse)> = Vec::new();
        for (at, length, term) in found {
            let end = at + length;
            let forms = term.forms.get(&to).into_iter().flatten();
            let kept = forms
                .clone()
                .any(|form| !places(form, term.exact, &output, to).is_empty());
            if let Some((_, _, same)) = uses.iter_mut().find(|(start, stop, _)| *start == at && *stop == end) {
                same.kept |= kept;
                continue;
            }
            let overlaps = uses.iter().any(|(start, stop, _)| at < *stop && *start < end);
            if let (false, Some(words)) = (overlaps, source.get(at..end)) {
                let expected = forms.clone().next().cloned().unwrap_or_default();
                let source = words.join(" ");
                uses.push((at, end, TermUse { source, expected, kept }));
            }
        }
        uses.sort_by_key(|(at, ..)| *at);
        let mut told: Vec<TermUse> = Vec::new();
        for (_, _, used) in uses {
            if !told.contains(&used) {
                told.push(used);
            }
        }
        told
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

/// Words of a term as they are compared.
fn pieces(form: &str) -> Vec<String> {
    words(form).into_iter().map(plain).collect()
}

/// Where a term stands in a text, by the index of its first word.
fn places(form: &str, exact: bool, text: &[&str], language: Language) -> Vec<usize> {
    let term = words(form);
    if term.is_empty() {
        return Vec::new();
    }
    let plain_term: Vec<String> = term.iter().map(|word| plain(word)).collect();
    let fits = |index: usize, word: &str| {
        let (Some(raw), Some(term)) = (term.get(index), plain_term.get(index)) else {
            return false;
        };
        if exact || is_acronym(raw) {
            word == *raw
        } else {
            same(term, &plain(word), language)
        }
    };
    let windows = text.windows(term.len()).enumerate();
    windows
        .filter(|(_, window)| window.iter().enumerate().all(|(index, word)| fits(index, word)))
        .map(|(at, _)| at)
        .collect()
}

/// Acronyms are not inflected, and small letters make another word of them ("WHO", "who").
fn is_acronym(word: &str) -> bool {
    word.chars().count() >= 2 && word.chars().all(char::is_uppercase)
}

fn is_foreign(form: &str, language: Language) -> bool {
    let fits = |letter: char| match language.script() {
        Script::Arabic => matches!(letter, '\u{600}'..='\u{6FF}'),
        Script::Cyrillic => matches!(letter, '\u{400}'..='\u{52F}'),
        Script::Latin => letter.is_alphabetic() && letter < '\u{250}',
        _ => true,
    };
    !form.chars().any(fits)
}
