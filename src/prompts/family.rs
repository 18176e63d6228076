//! How a family of models wants its source: special tokens around the text, and its own names for languages.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::placeholders::Template;
use super::{PromptError, listed};
use crate::text::language::Language;

/// `prompts/models/FAMILY.toml`.
#[derive(Clone, Debug)]
pub struct Family {
    file: String,
    before: Vec<Template>,
    text: Template,
    after: Vec<Template>,
    first: Option<Template>,
    tags: BTreeMap<String, String>,
}

/// A source ready for the tokenizer. Special tokens are to be looked up in the vocabulary, each as a whole; `text` is
/// to be tokenised without recognising special tokens in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Special tokens before the text.
    pub before: Vec<String>,
    /// Plain text.
    pub text: String,
    /// Special tokens after the text.
    pub after: Vec<String>,
    /// Token that the decoder must generate first, where the family has one.
    pub first: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    before: Vec<String>,
    text: String,
    after: Vec<String>,
    first: Option<String>,
    tags: BTreeMap<String, String>,
}

impl Family {
    pub(super) fn parse(file: &str, content: &str) -> Result<Self, PromptError> {
        let malformed = |message: String| PromptError::Malformed {
            file: file.to_owned(),
            message,
        };
        let raw: FamilyFile = toml::from_str(content).map_err(|error| malformed(error.to_string()))?;
        if let Some(code) = raw.tags.keys().find(|code| Language::parse(code).is_err()) {
            return Err(malformed(format!("tags: `{code}` is no language")));
        }
        let token = |key: &'static str| {
            move |text: &String| Template::parse(text, &format!("{file}: {key}"), &["source", "target"])
        };
        let text = Template::parse(&raw.text, &format!("{file}: text"), &["text", "source", "target"])?;
        if !text.uses("text") {
            return Err(malformed(
                "text: expected {text} in it, or the article would be left out".to_owned(),
            ));
        }
        Ok(Self {
            file: file.to_owned(),
            before: raw.before.iter().map(token("before")).collect::<Result<_, _>>()?,
            text,
            after: raw.after.iter().map(token("after")).collect::<Result<_, _>>()?,
            first: raw.first.as_ref().map(token("first")).transpose()?,
            tags: raw.tags,
        })
    }

    /// The family's own name for a language.
    ///
    /// # Errors
    /// When it has none.
    pub fn tag(&self, language: Language) -> Result<&str, PromptError> {
        self.tags
            .get(language.code())
            .map(String::as_str)
            .ok_or_else(|| PromptError::NoTag {
                file: self.file.clone(),
                name: language.own_name(),
                code: language.code(),
                known: listed(self.tags.keys()),
            })
    }

    /// A source for translation, with the family's own tags.
    ///
    /// # Errors
    /// When the family needs a tag that it does not have.
    pub fn translation(&self, text: &str, source: Language, target: Language) -> Result<Source, PromptError> {
        let tag = |name: &str, language| if self.uses(name) { self.tag(language) } else { Ok("") };
        Ok(self.with_tags(text, tag("source", source)?, tag("target", target)?))
    }

    /// A source with tags given by the caller (a model card may have its own). Summarisers have none: pass `""`.
    pub fn with_tags(&self, text: &str, source: &str, target: &str) -> Source {
        let values = [("text", text), ("source", source), ("target", target)];
        let fill = |templates: &[Template]| templates.iter().map(|template| template.fill(&values)).collect();
        Source {
            before: fill(&self.before),
            text: self.text.fill(&values),
            after: fill(&self.after),
            first: self.first.as_ref().map(|first| first.fill(&values)),
        }
    }

    fn uses(&self, name: &str) -> bool {
        let mut templates = self
            .before
            .iter()
            .chain(&self.after)
            .chain(&self.first)
            .chain(std::iter::once(&self.text));
        templates.any(|template| template.uses(name))
    }
}
