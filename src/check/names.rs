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
    let certain = |names: &[Unmatched]| names.iter().any(|name| name.certain);
    let swapped = certain(&missing) && certain(&added);
    for (code, names, message) in [
        (
            "name-missing",
            missing,
            "Names of the source have no counterpart in the output",
        ),
        (
            "name-added",
            added,
            "Names of the output have no counterpart in the source",
        ),
    ] {
        if names.is_empty() {
            continue;
        }
        let sure = swapped || names.iter().any(|name| name.sure);
        let severity = if sure { Severity::Warning } else { Severity::Note };
        let words: Vec<String> = names.into_iter().map(|name| name.written).collect();
        findings.push(Finding::new(
            code,
            severity,
            format!("{message}: {}.", words.join(", ")),
            words,
        ));
    }
}

/// Only the names that were made up: what a summary leaves out is its own business.
pub(super) fn check_added(pair: Pair, findings: &mut Vec<Finding>) {
    let source = Text::new(pair.source, pair.from);
    let output = Text::new(pair.output, pair.to);
    let words: Vec<String> = output
        .names_not_in(&source)
        .into_iter()
        .map(|name| name.written)
        .collect();
    if !words.is_empty() {
        let message = format!("Names of the summary are not in the article: {}.", words.join(", "));
        findings.push(Finding::new("name-added", Severity::Warning, message, words));
    }
}

/// A name without a counterpart.
struct Unmatched {
    written: String,
    /// Whether it is a name by itself and not a word of a title, nor an acronym.
    certain: bool,
    /// Whether that is enough to doubt the output, even without a stranger in the name's place.
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
            rows.extend(lower.split('-').flat_map(|part| rows_of(part, language, false)));
        }
        Self {
            language,
            words,
            skeletons: skeletons.into_iter().collect(),
            rows,
        }
    }

    /// The names of this text that the other has no counterpart for.
    fn names_not_in(&self, other: &Self) -> Vec<Unmatched> {
        let mut unmatched: Vec<Unmatched> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            // The table tells a name even where no capital does.
            let tabled =
                has_table(other.language) && !rows_of(&word.text.to_lowercase(), self.language, true).is_empty();
            let bare = self.language.script() == Script::Arabic;
            if !(self.is_name(word) || tabled && bare) || self.has_counterpart(at, other) {
                continue;
            }
            let written = word.text.to_owned();
            if unmatched.iter().all(|name| name.written != written) {
                let certain = !self.is_in_title(at) && !word.is_acronym();
                // Where both sides have capitals, little is taken for a name that is none.
                let capitals = !bare && other.language.script() != Script::Arabic;
                let sure = certain || (capitals && !word.is_acronym());
                unmatched.push(Unmatched { written, certain, sure });
            }
        }
        unmatched
    }

    fn has_counterpart(&self, at: usize, other: &Self) -> bool {
        let text = self.words[at].text;
        let lower = text.to_lowercase();
        let mut rows = lower.split('-').flat_map(|part| rows_of(part, self.language, false));
        let neighbour = |at: Option<usize>| {
            let word = at.and_then(|at| self.words.get(at))?;
            word.is_capitalised().then_some(word.text)
        };
        rows.any(|row| other.rows.contains(&row))
            || other.has_like(text)
            // New York, Abu Dhabi and Kuala Lumpur are one word in some languages.
            || neighbour(at.checked_sub(1)).is_some_and(|before| other.has_like(&format!("{before}{text}")))
            || neighbour(at.checked_add(1)).is_some_and(|after| other.has_like(&format!("{text}{after}")))
    }

    fn is_name(&self, word: &Word) -> bool {
        let letters = word.text.chars().filter(|letter| letter.is_alphabetic()).count();
        word.is_capitalised() && !word.opens && (letters >= 3 || word.is_acronym()) && !self.is_generic(word)
    }

    fn is_generic(&self, word: &Word) -> bool {
        generic(self.language)
            .iter()
            .any(|common| is_form_of(word.text, common, self.language))
    }

    /// Whether a name is part of a longer title, such as `Botanical Garden Fund`, which may be translated word by word.
    fn is_in_title(&self, at: usize) -> bool {
        let near = at.saturating_sub(2)..(at + 3).min(self.words.len());
        self.words[near]
            .iter()
            .any(|word| word.is_capitalised() && self.is_generic(word))
    }

    fn has_like(&self, name: &str) -> bool {
        let lower = name.to_lowercase();
        if self.words.iter().any(|word| word.text.to_lowercase() == lower) {
            return true;
        }
        let parts: Vec<&str> = lower.split('-').filter(|part| part.chars().count() > 2).collect();
        let whole = skeleton(&lower);
        self.skeletons.iter().any(|word| alike(&whole, word))
            || (parts.len() > 1
                && parts
                    .iter()
                    .any(|part| self.skeletons.iter().any(|word| alike(&skeleton(part), word))))
    }
}

/// A word as it stands, and in Arabic script without clitics.
fn forms(word: &str, language: Language) -> Vec<&str> {
    if language.script() == Script::Arabic {
        without_clitics(word).collect()
    } else {
        vec![word]
    }
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
            let lines = include_str!("generic.txt")
                .lines()
                .filter_map(|line| line.split_once('\t'));
            lines
                .filter(|(language, _)| *language == code)
                .flat_map(|(_, words)| words.split(' '))
                .collect()
        })
    });
    match language {
        Language::ENGLISH => &lists[0],
        Language::RUSSIAN => &lists[1],
        Language::TAJIK => &lists[2],
        _ => &[],
    }
}

/// Rows of the table that a word belongs to; `certainly`: leaving aside stems that are also common words.
fn rows_of(word: &str, language: Language, certainly: bool) -> Vec<usize> {
    let Some(column) = column(language) else {
        return Vec::new();
    };
    let forms = forms(word, language);
    let fits = |stem: &&str| {
        let plain = stem.trim_start_matches('~');
        let mut endings = forms.iter().filter_map(|form| form.strip_prefix(plain));
        (!certainly || plain.len() == stem.len()) && endings.any(|ending| is_ending(plain, ending, language))
    };
    let rows = table().iter().enumerate();
    rows.filter(|(_, row)| row[column].iter().any(&fits))
        .map(|(row, _)| row)
        .collect()
}

/// Whether a name may go on like this. Arabic names take few endings, while other words may begin like them.
fn is_ending(stem: &str, ending: &str, language: Language) -> bool {
    if language.script() == Script::Arabic {
        const ENDINGS: [&str; 19] = [
            "",
            "ة",
            "ين",
            "ون",
            "ات",
            "ا",
            "ي",
            "ية",
            "يا",
            "يين",
            "يون",
            "ان",
            "ستان",
            "ستاني",
            "ستانية",
            "يتان",
            "يات",
            "اني",
            "انية",
        ];
        return ENDINGS.contains(&ending);
    }
    // Short stems are acronyms and must be the whole word, but for its ending.
    stem.chars().count() > 3 || ending.chars().count() <= 3
}

fn has_table(language: Language) -> bool {
    column(language).is_some()
}

fn column(language: Language) -> Option<usize> {
    [Language::ENGLISH, Language::RUSSIAN, Language::ARABIC, Language::TAJIK]
        .iter()
        .position(|known| *known == language)
}

fn table() -> &'static [[Vec<&'static str>; 4]] {
    static TABLE: OnceLock<Vec<[Vec<&'static str>; 4]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("names.tsv").lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| {
                let mut cells = line.split('\t').map(|cell| cell.split(',').collect());
                std::array::from_fn(|_| cells.next().unwrap_or_default())
            })
            .collect()
    })
}

#[cfg(test)]
mod tests;
