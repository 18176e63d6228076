//! What is wrong with the terms of a glossary: found before a night, not in the middle of it.

use std::collections::BTreeMap;

use super::{Glossary, Term};
use crate::text::forms::{plain_words, words};
use crate::text::language::Language;
use crate::text::script::Script;

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

impl Glossary {
    /// What is wrong with the terms.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut known: BTreeMap<(Language, bool, Vec<String>), usize> = BTreeMap::new();
        // Terms are told apart in the language that most of them have.
        let main = self
            .languages()
            .into_iter()
            .max_by_key(|(language, number)| (*number, *language == Language::ENGLISH));
        for (index, term) in self.written().enumerate() {
            let number = index + 1;
            let mut fault = |message: String, fatal: bool| {
                faults.push(Fault {
                    term: number,
                    message,
                    fatal,
                });
            };
            let filled = term
                .forms
                .values()
                .filter(|forms| forms.iter().any(|form| !plain_words(form).is_empty()));
            if filled.count() < 2 {
                fault("expected the term in at least two languages".to_owned(), true);
            }
            for language in term
                .inflected
                .keys()
                .filter(|language| !term.forms.contains_key(language))
            {
                let code = language.code();
                fault(
                    format!("{code}: expected a term beside its forms, found the forms alone"),
                    true,
                );
            }
            let all = term.forms.iter().map(|forms| (forms, "term"));
            let all = all.chain(term.inflected.iter().map(|forms| (forms, "form")));
            for ((language, forms), what) in all {
                for form in forms {
                    let code = language.code();
                    if plain_words(form).is_empty() {
                        fault(format!("{code}: expected a {what}, found `{form}`"), true);
                    } else if is_foreign(form, *language) {
                        fault(
                            format!("{code}: `{form}` has no letter of the language's script"),
                            false,
                        );
                    }
                    if main.is_some_and(|(main, _)| main == *language) {
                        let key = (*language, term.cased, compared(form, term));
                        let first = *known.entry(key).or_insert(number);
                        if first != number {
                            fault(format!("{code}: `{form}` is term {first} already"), true);
                        }
                    }
                }
            }
        }
        faults
    }
}

/// A form as it is told from others: where letter case matters, with it.
fn compared(form: &str, term: &Term) -> Vec<String> {
    if term.cased {
        words(form).into_iter().map(str::to_owned).collect()
    } else {
        plain_words(form)
    }
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
