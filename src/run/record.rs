//! The record: what a run says about one article, as a line of `records.jsonl`, schema `khulosa.record/1`.
//!
//! Everything in it follows from the article, the models and the settings; times and places of the run are in the
//! report instead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::article::Article;
use crate::check::Finding;
use crate::check::glossary::TermUse;
use crate::embed::topics::Near;
use crate::text::language::Language;

/// Name and version of the record's shape; part of every unit's key.
pub const SCHEMA: &str = "khulosa.record/1";

/// One line of `records.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// See [`Article::id`].
    pub id: String,
    /// See [`Article::given_id`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub given_id: Option<String>,
    /// Every input that held this text.
    pub inputs: Vec<String>,
    /// Headline in the article's own language.
    pub title: String,
    /// Given or detected.
    pub language: Language,
    /// See [`Article::date`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<String>,
    /// See [`Article::agency`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agency: Option<String>,
    /// See [`Article::place`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// See [`Article::url`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// See [`Article::source`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// Words and sentences of the article.
    pub size: Size,
    /// The summary in the article's own language.
    pub summary: Summary,
    /// The topic that the encoder finds the article nearest to, beside those that keywords find.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<Near>,
    /// One per target language; a target that is the article's own language repeats title and summary untranslated.
    pub translations: BTreeMap<Language, Translation>,
    /// See [`Article::extra`].
    #[serde(skip_serializing_if = "serde_json::Map::is_empty", default)]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

/// Size of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Words between white space.
    pub words: usize,
    /// Sentences found.
    pub sentences: usize,
}

/// The summary in the article's own language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Sentences in the article's order.
    pub sentences: Vec<String>,
    /// `extractive` or `abstractive`.
    pub method: String,
    /// Model and version that made it.
    pub model: String,
    /// What the checks found.
    pub findings: Vec<Finding>,
}

/// Title and summary in one target language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Translation {
    /// Headline.
    pub title: String,
    /// One entry per sentence of the summary.
    pub sentences: Vec<String>,
    /// Model and version that made it, or two with an arrow between; `None` for an article in the target language itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// The language that the translation went through, where no model goes directly.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub via: Option<Language>,
    /// Mean of the sentences' scores (length-penalised log-probability a token), rounded to 4 digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<f64>,
    /// Of title and sentences, how many a person has reviewed; see `khulosa import`.
    #[serde(skip_serializing_if = "is_none", default)]
    pub reviewed: usize,
    /// What became of the glossary's terms, where the run has one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub terms: Vec<TermUse>,
    /// What the checks found, title first.
    pub findings: Vec<Finding>,
}

/// Serde asks with a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(number: &usize) -> bool {
    *number == 0
}

impl Record {
    /// A record without summary and translations.
    pub fn of(article: Article, inputs: Vec<String>, language: Language, size: Size, summary: Summary) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            id: article.id,
            given_id: article.given_id,
            inputs,
            title: article.title,
            language,
            date: article.date,
            agency: article.agency,
            place: article.place,
            url: article.url,
            source: article.source,
            size,
            summary,
            topic: None,
            translations: BTreeMap::new(),
            extra: article.extra,
        }
    }
}
