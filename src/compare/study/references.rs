//! References for whole articles, from JSONL: what a translation or summary is compared with where somebody wrote one.
//!
//! A line is an object with `id` (the article's id, or the id that its input gave it), `language`, and one of
//!
//! - `reference`: the text, or an array with its sentences, and perhaps `title`; in the article's own language it is a
//!   summary, in another one a translation of the summary;
//! - `source` and `reference`: the translation of one title or sentence. A summary that was put together from sentences
//!   of its article then has a reference whichever sentences were chosen.
//!
//! Several lines for the same thing are alternatives.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::groups::whole;
use crate::compare::error::CompareError;
use crate::compare::files::decode;
use crate::text::language::Language;
use crate::text::normalise::normalise;

/// All references of a file.
#[derive(Debug, Clone, Default)]
pub struct References {
    articles: HashMap<(String, Language), OfArticle>,
}

#[derive(Debug, Clone, Default)]
struct OfArticle {
    whole: Vec<Whole>,
    /// By source text.
    parts: HashMap<String, Vec<String>>,
}

#[derive(Debug, Clone)]
struct Whole {
    title: Option<String>,
    text: String,
}

/// References of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub texts: Vec<String>,
    /// Whether they begin with a title.
    pub with_title: bool,
}

#[derive(Deserialize)]
struct Line {
    id: Id,
    language: Language,
    reference: Text,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Sentences(Vec<String>),
}

impl References {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, is empty or not UTF-8, or a line of another shape.
    pub fn read(path: &Path) -> Result<Self, CompareError> {
        let bytes = fs::read(path).map_err(|source| CompareError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut found = Self::default();
        for (index, line) in decode(path, &bytes)?.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_str(line).map_err(|error| CompareError::Json {
                path: path.to_owned(),
                line: index + 1,
                reason: format!("{error}; expected an object with id, language and reference"),
            })?;
            found.add(line);
        }
        if found.articles.is_empty() {
            return Err(CompareError::Empty {
                name: path.display().to_string(),
                lines: 0,
            });
        }
        Ok(found)
    }

    fn add(&mut self, line: Line) {
        let id = match line.id {
            Id::Text(id) => id,
            Id::Number(id) => id.to_string(),
        };
        let text = match line.reference {
            Text::Whole(text) => text,
            Text::Sentences(sentences) => sentences.join(" "),
        };
        let article = self.articles.entry((id, line.language)).or_default();
        match line.source {
            Some(source) => article.parts.entry(key(&source)).or_default().push(text),
            None => article.whole.push(Whole {
                title: line.title,
                text,
            }),
        }
    }

    fn of(&self, ids: &[Option<&str>], language: Language) -> Vec<&OfArticle> {
        let ids = ids.iter().flatten();
        ids.filter_map(|id| self.articles.get(&((*id).to_owned(), language)))
            .collect()
    }

    /// An id that the file has, for messages.
    pub fn example(&self) -> &str {
        self.articles
            .keys()
            .map(|(id, _)| id.as_str())
            .min()
            .unwrap_or_default()
    }

    /// References of a summary in the article's own language. `ids` are the names that the article goes by.
    pub fn of_summary(&self, ids: &[Option<&str>], language: Language) -> Vec<String> {
        let articles = self.of(ids, language).into_iter();
        articles
            .flat_map(|article| &article.whole)
            .map(|whole| whole.text.clone())
            .collect()
    }

    /// References of title and sentences in another language: those of the whole text, or else put together from those
    /// of its parts where every part has one.
    pub fn of_translation(&self, ids: &[Option<&str>], to: Language, title: &str, sentences: &[String]) -> Found {
        let wholes: Vec<&Whole> = self
            .of(ids, to)
            .into_iter()
            .flat_map(|article| &article.whole)
            .collect();
        if !wholes.is_empty() {
            let with_title = wholes.iter().all(|whole| whole.title.is_some());
            let text = |found: &&Whole| match &found.title {
                Some(title) if with_title => whole(title, std::slice::from_ref(&found.text)),
                _ => found.text.clone(),
            };
            return Found {
                texts: wholes.iter().map(text).collect(),
                with_title,
            };
        }
        let sentences: Option<Vec<_>> = sentences.iter().map(|text| self.part(ids, to, text)).collect();
        let Some(sentences) = sentences.filter(|found| !found.is_empty()) else {
            return Found::default();
        };
        let title = self.part(ids, to, title);
        let counts = sentences.iter().chain(title.as_ref()).map(|found| found.len());
        let alternatives = counts.min().unwrap_or_default();
        let text = |alternative: usize| {
            let pick = |found: &&Vec<String>| found.get(alternative).cloned().unwrap_or_default();
            let body: Vec<String> = sentences.iter().map(pick).collect();
            whole(&title.as_ref().map(pick).unwrap_or_default(), &body)
        };
        Found {
            texts: (0..alternatives).map(text).collect(),
            with_title: title.is_some(),
        }
    }

    fn part(&self, ids: &[Option<&str>], to: Language, source: &str) -> Option<&Vec<String>> {
        let source = key(source);
        self.of(ids, to)
            .into_iter()
            .find_map(|article| article.parts.get(&source))
    }
}

/// Neither white space nor what reading an article changes decides whether two sentences are one.
fn key(text: &str) -> String {
    normalise(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
