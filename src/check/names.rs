//! Names and acronyms: those of the source in the output, and none that the source does not have.
//!
//! A name is a capitalised word that does not open a sentence and is no common word of titles and offices. Its counterpart
//! on the other side, where there may be no capitals at all, is any word that sounds like it, or that the table of names
//! which sound different gives for it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::skeleton::{alike, skeleton};
use super::words::{Word, without_clitics, words};
use super::{Finding, Pair, Severity};
use crate::text::language::Language;
use crate::text::script::Script;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let source = Text::new(pair.source, pair.from);
    let output = Text::new(pair.output, pair.to);
    let missing = source.names_not_in(&output);
    let added = output.names_not_in(&source);
    // A name that is only left out may be understood ("the ministry"); one put in the place of another may not.
    let swapped = !missing.is_empty() && !added.is_empty();
    for (code, names, message) in [
        ("name-missing", missing, "Names of the source have no counterpart in the output"),
        ("name-added", added, "Names of the output have no counterpart in the source"),
    ] {
        if names.is_empty() {
            continue;
        }
        let sure = swapped || names.iter().any(|name| name.sure);
        let severity = if sure { Severity::Warning } else { Severity::Note };
        let words: Vec<String> = names.into_iter().map(|name| name.written).collect();
        findings.push(Finding::new(code, severity, format!("{message}: {}.", words.join(", ")), words));
    }
}

/// Only the names that were made up: what a summary leaves out is its own business.
pub(super) fn check_added(pair: Pair, findings: &mut Vec<Finding>) {
    let source = Text::new(pair.source, pair.from);
    let output = Text::new(pair.output, pair.to);
    let words: Vec<String> = output.names_not_in(&source).into_iter().map(|name| name.written).collect();
    if !words.is_empty() {
        let message = format!("Names of the summary are not in the article: {}.", words.join(", "));
        findings.push(Finding::new("name-added", Severity::Warning, message, words));
    }
}

/// A name without a counterpart.
struct Unmatched {
    written: String,
    /// Whether it is certain to be a name, and one that would be written out.
    sure: bool,
}

/// A text's words, ready to be matched.
struct Text<'a> {
    language: Language,
    words: Vec<Word<'a>>,
    /// For each word, the skeletons it may have: as it stands, without clitics, joined with the next word.
    skeletons: Vec<Vec<u8>>,
    /// Rows of the table of names that the text holds.
    rows: BTreeSet<usize>,
}

impl<'a> Text<'a> {
    fn new(text: &'a str, language: Language) -> Self {
        let words = words(text);
        let mut skeletons = BTreeSet::new();
        let mut rows = BTreeSet::new();
        for (at, word) in words.iter().enumerate() {
            let lower = word.text.to_lowercase();
            let joined = words.get(at + 1).map(|next| lower.clone() + &next.text.to_lowercase());
            for form in forms(&lower, language).into_iter().chain(joined.as_deref()) {
                skeletons.insert(skeleton(form));
            }
            for part in lower.split('-').skip(1) {
                skeletons.insert(skeleton(part));
            }
            rows.extend(rows_of(&lower, language));
        }
        Self { language, words, skeletons: skeletons.into_iter().collect(), rows }
    }

    /// The names of this text that the other has no counterpart for.
    fn names_not_in(&self, other: &Self) -> Vec<Unmatched> {
        let mut unmatched: Vec<Unmatched> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            let rows = rows_of(&word.text.to_lowercase(), self.language);
            // The table says which words are names even where no capital does.
            let tabled = !rows.is_empty() && has_names_in(other.language);
            if !(self.is_name(at, word) || tabled && self.language.script() == Script::Arabic && rows.len() == 1) {
                continue;
            }
            if rows.iter().any(|row| other.rows.contains(row)) || other.has_like(word.text) {
                continue;
            }
            if self.language.script() == Script::Arabic && is_ambiguous(word.text) {
                continue;
            }
            let written = word.text.to_owned();
            if unmatched.iter().all(|name| name.written != written) {
                let sure = (tabled || other.language.script() == Script::Arabic || self.language.script() == Script::Arabic || self.is_full_name(at))
                    && !word.is_acronym();
                unmatched.push(Unmatched { written, sure });
            }
        }
        unmatched
    }

    fn is_name(&self, at: usize, word: &Word) -> bool {
        let letters = word.text.chars().filter(|letter| letter.is_alphabetic()).count();
        if !word.is_capitalised() || letters < 3 && !word.is_acronym() {
            return false;
        }
        if word.opens && !self.is_full_name(at) {
            return false;
        }
        !generic(self.language).iter().any(|common| is_form_of(word.text, common, self.language))
    }

    /// Whether a word that opens a sentence is followed by another name, as first names are.
    fn is_full_name(&self, _at: usize) -> bool {
        false
    }

    fn has_like(&self, name: &str) -> bool {
        let lower = name.to_lowercase();
        if self.words.iter().any(|word| word.text.to_lowercase() == lower) {
            return true;
        }
        let parts: Vec<&str> = lower.split('-').filter(|part| part.chars().count() > 2).collect();
        let whole = skeleton(&lower);
        self.skeletons.iter().any(|word| alike(&whole, word))
            || (parts.len() > 1 && parts.iter().all(|part| self.skeletons.iter().any(|word| alike(&skeleton(part), word))))
    }
}

/// A word as it stands, and in Arabic script without clitics.
fn forms(word: &str, language: Language) -> Vec<&str> {
    if language.script() == Script::Arabic { without_clitics(word).collect() } else { vec![word] }
}

/// Arabic words that are names only sometimes.
fn is_ambiguous(word: &str) -> bool {
    without_clitics(word).any(|bare| matches!(bare, "مدينة" | "صحة" | "أمن" | "منظمة" | "تنمية" | "مجلس" | "رابطة" | "صندوق" | "نقد" | "اتحاد" | "أمم"))
}

fn is_form_of(word: &str, common: &str, language: Language) -> bool {
    let lower = word.to_lowercase();
    if language == Language::ENGLISH {
        let bare = lower.trim_end_matches("'s").trim_end_matches("’s");
        return bare == common || bare.strip_suffix('s') == Some(common);
    }
    lower.starts_with(common)
}

/// Common words that titles, offices and headlines capitalise.
fn generic(language: Language) -> &'static [&'static str] {
    static LISTS: OnceLock<[Vec<&'static str>; 3]> = OnceLock::new();
    let lists = LISTS.get_or_init(|| {
        ["en", "ru", "tg"].map(|code| {
            let lines = include_str!("generic.txt").lines().filter_map(|line| line.split_once('\t'));
            lines.filter(|(language, _)| *language == code).flat_map(|(_, words)| words.split(' ')).collect()
        })
    });
    match language {
        Language::ENGLISH => &lists[0],
        Language::RUSSIAN => &lists[1],
        Language::TAJIK => &lists[2],
        _ => &[],
    }
}

/// Rows of the table that a word belongs to.
fn rows_of(word: &str, language: Language) -> Vec<usize> {
    let Some(column) = column(language) else {
        return Vec::new();
    };
    let fits = |stem: &&str| {
        forms(word, language).iter().any(|form| {
            // Short stems are acronyms and must be the whole word, but for its ending.
            form.strip_prefix(*stem).is_some_and(|ending| stem.chars().count() > 3 || ending.chars().count() <= 3)
        })
    };
    let rows = table().iter().enumerate();
    rows.filter(|(_, row)| row[column].iter().any(|stem| fits(stem))).map(|(row, _)| row).collect()
}

fn has_names_in(language: Language) -> bool {
    column(language).is_some()
}

fn column(language: Language) -> Option<usize> {
    [Language::ENGLISH, Language::RUSSIAN, Language::ARABIC, Language::TAJIK].iter().position(|known| *known == language)
}

fn table() -> &'static [[Vec<&'static str>; 4]] {
    static TABLE: OnceLock<Vec<[Vec<&'static str>; 4]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("names.tsv").lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| {
                let mut cells = line.split('\t').map(|cell| cell.split(',').filter(|stem| *stem != "–" && !stem.contains(' ')).collect());
                std::array::from_fn(|_| cells.next().unwrap_or_default())
            })
            .collect()
    })
}

#[cfg(test)]
mod tests;
