//! Topics and countries: `prompts/topics.toml` and `prompts/countries.toml`, names and words by which an article is
//! known to be about them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::PromptError;
use crate::text::forms::{plain, plain_words, without_clitics};
use crate::text::language::Language;
use crate::text::script::Script;

/// Topics or countries by id, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    subjects: BTreeMap<String, Subject>,
}

#[derive(Clone, Debug)]
struct Subject {
    names: BTreeMap<String, String>,
    /// By language code; each keyword is the plain words that must follow one another.
    keywords: BTreeMap<String, Vec<Vec<Pattern>>>,
    /// Texts that say what the subject is about, each with its language.
    about: Vec<(Language, String)>,
}

/// A word, or the beginning of one.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    open: bool,
}

#[derive(Deserialize)]
struct Written {
    name: BTreeMap<String, String>,
    #[serde(default)]
    about: BTreeMap<String, Vec<String>>,
    #[serde(flatten)]
    keywords: BTreeMap<String, Vec<String>>,
}

impl Subjects {
    pub(super) fn parse(file: &str, content: &str) -> Result<Self, PromptError> {
        let malformed = |message: String| PromptError::Malformed {
            file: file.to_owned(),
            message,
        };
        let written: BTreeMap<String, Written> =
            toml::from_str(content).map_err(|error| malformed(error.to_string()))?;
        let mut subjects = BTreeMap::new();
        for (id, written) in written {
            let mut keywords = BTreeMap::new();
            for (code, list) in written.keywords {
                Language::parse(&code).map_err(|error| malformed(format!("{id}.{code}: {error}")))?;
                let patterns: Vec<Vec<Pattern>> = list.iter().map(|keyword| patterns(keyword)).collect();
                if let Some(at) = patterns
                    .iter()
                    .position(|keyword| keyword.iter().all(|word| word.text.is_empty()))
                {
                    let found = list.get(at).map_or("", String::as_str);
                    return Err(malformed(format!("{id}.{code}: expected words, found `{found}`")));
                }
                keywords.insert(code, patterns);
            }
            let mut about = Vec::new();
            for (code, texts) in written.about {
                let language =
                    Language::parse(&code).map_err(|error| malformed(format!("{id}.about.{code}: {error}")))?;
                about.extend(texts.into_iter().map(|text| (language, text)));
            }
            let subject = Subject {
                names: written.name,
                keywords,
                about,
            };
            subjects.insert(id, subject);
        }
        Ok(Self { subjects })
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.subjects.keys().map(String::as_str)
    }

    /// Texts that say what a subject is about, by id, each with its language.
    pub fn about(&self) -> impl Iterator<Item = (&str, &[(Language, String)])> {
        self.subjects
            .iter()
            .map(|(id, subject)| (id.as_str(), subject.about.as_slice()))
    }

    /// The id that is written like this, in any case.
    pub fn find(&self, id: &str) -> Option<&str> {
        self.ids().find(|known| known.eq_ignore_ascii_case(id.trim()))
    }

    /// A subject's name in a language; its id where it has none.
    pub fn name<'a>(&'a self, id: &'a str, language: Language) -> &'a str {
        self.subjects
            .get(id)
            .and_then(|subject| subject.names.get(language.code()))
            .map_or(id, String::as_str)
    }

    /// Whether any subject has keywords in a language.
    pub fn speak(&self, language: Language) -> bool {
        self.subjects
            .values()
            .any(|subject| subject.keywords.contains_key(language.code()))
    }

    /// Ids of the subjects that a text is about.
    pub fn of(&self, text: &str, language: Language) -> Vec<&str> {
        let words = plain_words(text);
        let is_about = |subject: &Subject| {
            let keywords = subject.keywords.get(language.code());
            keywords.is_some_and(|keywords| keywords.iter().any(|keyword| stands_in(keyword, &words, language)))
        };
        self.subjects
            .iter()
            .filter(|(_, subject)| is_about(subject))
            .map(|(id, _)| id.as_str())
            .collect()
    }
}

fn patterns(keyword: &str) -> Vec<Pattern> {
    // A hyphen divides words in texts, so it does here.
    keyword
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|word| !word.is_empty())
        .map(|word| Pattern {
            text: plain(word.trim_end_matches('*')),
            open: word.ends_with('*'),
        })
        .collect()
}

fn stands_in(keyword: &[Pattern], words: &[String], language: Language) -> bool {
    words.windows(keyword.len().max(1)).any(|window| {
        keyword
            .iter()
            .zip(window)
            .all(|(pattern, word)| pattern.fits(word, language))
    })
}

impl Pattern {
    fn fits(&self, word: &str, language: Language) -> bool {
        let fits = |word: &str| {
            if self.open {
                word.starts_with(&self.text)
            } else {
                word == self.text
            }
        };
        fits(word) || (language.script() == Script::Arabic && without_clitics(word).any(fits))
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Subjects};

    const WATER: &str = "[water]\nname = { en = \"Water\" }\nen = [\"river*\", \"aral sea\"]\nar = [\"نهر\"]\n";

    #[test]
    fn a_subject_is_found_by_whole_words_beginnings_and_words_in_a_row() {
        let subjects = Subjects::parse("topics.toml", WATER).unwrap_or_default();
        for (text, language, found) in [
            ("Rivers rise", Language::ENGLISH, true),
            ("The Aral Sea shrinks", Language::ENGLISH, true),
            ("Aral and the sea", Language::ENGLISH, false),
            ("A drive", Language::ENGLISH, false),
            ("", Language::ENGLISH, false),
            ("بالنهر", Language::ARABIC, true),
            ("Rivers rise", Language::RUSSIAN, false),
        ] {
            assert_eq!(subjects.of(text, language) == ["water"], found, "{text}");
        }
        assert_eq!(subjects.name("water", Language::RUSSIAN), "water");
        assert_eq!(subjects.find("WATER"), Some("water"));
    }

    #[test]
    fn an_empty_keyword_or_an_unknown_language_is_refused_with_its_place() {
        for (text, reason) in [
            (
                "[water]\nname = {}\nen = [\"*\"]\n",
                "water.en: expected words, found `*`",
            ),
            ("[water]\nname = {}\nqq = [\"a\"]\n", "water.qq: unknown language"),
            ("[water]\nen = [\"a\"]\n", "name"),
            (
                "[water]\nname = {}\nabout = { qq = [\"a\"] }\n",
                "water.about.qq: unknown language",
            ),
        ] {
            let error = Subjects::parse("topics.toml", text).map_or_else(|error| error.to_string(), |_| String::new());
            assert!(error.starts_with("topics.toml: ") && error.contains(reason), "{error}");
        }
    }
}
