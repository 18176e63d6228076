//! The output's writing system: the target language's own, but for names and acronyms that the source has too.

use super::words::{Word, words};
use super::{Finding, Pair, Severity};
use crate::text::language::Language;
use crate::text::script::{self, Script};

/// Words shorter than this may be units, grades or brands (km, A4). Acronyms and Roman numerals of any length are let pass.
const SHORTEST_FOREIGN: usize = 3;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let own = pair.to.scripts();
    let found = words(pair.output);
    let source: Vec<&str> = words(pair.source).iter().map(|word| word.text).collect();
    // What the source has too may stay as it is; in a translation that is short of anything else it may be all there is.
    let carried = |word: &Word| source.iter().any(|other| other.eq_ignore_ascii_case(word.text));
    let scripts = |word: &Word| word.text.chars().filter_map(script::of).collect::<Vec<_>>();

    let (mut letters, mut foreign_letters) = (0, 0);
    let mut foreign_words = Vec::new();
    let mut mixed_words = Vec::new();
    for word in found.iter().filter(|word| !is_name_as_is(word, pair, carried(word))) {
        let of_word = scripts(word);
        let foreign = of_word.iter().filter(|script| !own.contains(script)).count();
        letters += of_word.len();
        foreign_letters += foreign;
        if foreign > 0
            && of_word.iter().any(|script| own.contains(script))
            && !carried(word)
            && !word.text.contains('-')
        {
            mixed_words.push(word.text.to_owned());
        } else if foreign >= SHORTEST_FOREIGN && foreign == of_word.len() && !carried(word) && !word.is_acronym() {
            foreign_words.push(word.text.to_owned());
        }
    }
    let name = own.iter().map(|script| script.name()).collect::<Vec<_>>().join(" or ");
    if letters > 0 && 2 * foreign_letters > letters {
        let message = format!(
            "Most of the output is not in {name} letters, as {} is.",
            pair.to.english_name()
        );
        findings.push(Finding::new("wrong-script", Severity::Error, message, foreign_words));
    } else if !foreign_words.is_empty() {
        let message = format!("Words of the output are not in {name} letters and not from the source.");
        findings.push(Finding::new("foreign-words", Severity::Warning, message, foreign_words));
    }
    if !mixed_words.is_empty() {
        let message = "Words of the output mix the letters of two scripts.";
        findings.push(Finding::new("mixed-letters", Severity::Warning, message, mixed_words));
    }
    let strange: Vec<String> = found
        .iter()
        .filter(|word| !carried(word) && word.text.chars().any(|letter| is_strange(letter, pair.to)))
        .map(|word| word.text.to_owned())
        .collect();
    if !strange.is_empty() {
        let message = format!(
            "Words of the output hold letters that {} does not have.",
            pair.to.english_name()
        );
        findings.push(Finding::new("foreign-letters", Severity::Warning, message, strange));
    }
}

/// Acronyms, brands and addresses that stand in the source exactly so.
fn is_name_as_is(word: &Word, pair: Pair, carried: bool) -> bool {
    carried
        && pair.from != pair.to
        && (word.is_capitalised() || word.text.chars().any(char::is_numeric) || pair.source.contains("//"))
}

/// Cyrillic letters that Russian or Tajik do not use.
fn is_strange(letter: char, language: Language) -> bool {
    if script::of(letter) != Some(Script::Cyrillic) {
        return false;
    }
    let letter = letter.to_lowercase().next().unwrap_or(letter);
    match language {
        Language::RUSSIAN => !matches!(letter, 'а'..='я' | 'ё'),
        Language::TAJIK => !matches!(letter, 'а'..='я' | 'ё' | 'ғ' | 'ӣ' | 'қ' | 'ӯ' | 'ҳ' | 'ҷ'),
        _ => false,
    }
}
