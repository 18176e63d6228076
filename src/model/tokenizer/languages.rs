//! Which languages a model reads and writes, and what it calls them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::TokenizerError;
use crate::prompts::Family;
use crate::text::language::Language;

/// Languages of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Languages {
    codes: BTreeMap<Language, String>,
    from: Vec<Language>,
    to: Vec<Language>,
    /// Sources may be in languages without a code.
    any_source: bool,
}

impl Languages {
    /// `codes`: the model's own code of each language. `from` and `to`: the source and target languages, empty for all.
    pub fn new(codes: BTreeMap<Language, String>, from: Vec<Language>, to: Vec<Language>) -> Self {
        Self {
            codes,
            from,
            to,
            any_source: false,
        }
    }

    /// The model's own code of each language.
    pub fn codes(&self) -> &BTreeMap<Language, String> {
        &self.codes
    }

    /// Whether the model reads the one and writes the other.
    pub fn allow(&self, from: Language, to: Language) -> bool {
        from != to && self.check(Some(from), Some(to)).is_ok()
    }

    /// Source languages.
    pub fn sources(&self) -> Vec<Language> {
        self.side(&self.from)
    }

    /// Target languages.
    pub fn targets(&self) -> Vec<Language> {
        self.side(&self.to)
    }

    fn side(&self, list: &[Language]) -> Vec<Language> {
        self.codes
            .keys()
            .copied()
            .filter(|language| list.is_empty() || list.contains(language))
            .collect()
    }

    /// Whether the model reads `from`, where it is given, and writes `to`, where it is given.
    pub(super) fn check(&self, from: Option<Language>, to: Option<Language>) -> Result<(), TokenizerError> {
        // A model without any code says nothing about its languages, and takes what it is given.
        if self.codes.is_empty() {
            return Ok(());
        }
        for language in [from.filter(|_| !self.any_source), to].into_iter().flatten() {
            if !self.codes.contains_key(&language) {
                let (name, code) = (language.own_name(), language.code());
                return Err(TokenizerError::UnknownLanguage {
                    name,
                    code,
                    known: list(self.codes.keys()),
                });
            }
        }
        let fits = |side: &[Language], language: Option<Language>| {
            side.is_empty() || language.is_none_or(|language| side.contains(&language))
        };
        if fits(&self.from, from) && fits(&self.to, to) {
            return Ok(());
        }
        let code = |language: Option<Language>| language.map_or("any", Language::code);
        Err(TokenizerError::Direction {
            from: code(from),
            to: code(to),
            sources: list(&self.sources()),
            targets: list(&self.targets()),
        })
    }

    /// These languages, or, when there are none, all that the family has a tag for that the vocabulary `knows`.
    pub(super) fn complete(&self, family: &Family, knows: impl Fn(&str) -> bool) -> Self {
        if !self.codes.is_empty() || tags_needed(family) == (false, false) {
            return self.clone();
        }
        let tagged = Language::all().filter_map(|language| Some((language, family.tag(language).ok()?.to_owned())));
        let known_tags = tagged.filter(|(_, tag)| {
            let source = family.with_tags("", tag, tag);
            source
                .before
                .iter()
                .chain(&source.after)
                .chain(&source.first)
                .all(|token| knows(token))
        });
        Self {
            codes: known_tags.collect(),
            any_source: !tags_needed(family).0,
            ..Self::default()
        }
    }
}

/// Whether a family's sources name their own language, and whether they name the target.
pub(super) fn tags_needed(family: &Family) -> (bool, bool) {
    // What the decoder begins with does not concern a source.
    let source = |from: &str, to: &str| crate::prompts::Source {
        first: None,
        ..family.with_tags("", from, to)
    };
    let bare = source("", "");
    (source("x", "") != bare, source("", "x") != bare)
}

fn list<'a>(languages: impl IntoIterator<Item = &'a Language>) -> String {
    languages
        .into_iter()
        .map(|language| language.code())
        .collect::<Vec<_>>()
        .join(", ")
}
