//! What a news article is, and how it gets in: readers for text, JSONL, HTML pages and feeds, told apart by content.
//!
//! A reader never stops a batch: what cannot be read becomes a [`Rejection`] that says why and what to do.
//!
//! The way of an article: `inputs` finds files, `source` opens one and tells its kind by content (`kind`), a reader
//! (`plain`, `json`, `html`, `feed`) makes a `draft::Draft`, and `draft` cleans it into an [`Article`].

pub mod dateline;
mod draft;
mod encoding;
mod feed;
mod guard;
mod html;
mod inputs;
mod json;
mod kind;
mod lines;
mod paragraphs;
mod plain;
mod rejection;
mod source;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use inputs::Place;

use crate::text::language::Language;

/// One news article, cleaned: dateline and editor's tails are metadata, markup is gone, text is normalised (NFC).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// BLAKE3 of the canonical text (title, body), as 64 hexadecimal digits: the same text is the same article.
    pub id: String,
    /// The identifier that the input gave, if any.
    pub given_id: Option<String>,
    /// Headline; empty when the input has none.
    pub title: String,
    /// Paragraphs joined by a blank line.
    pub body: String,
    /// As given or detected; `None` when neither worked.
    pub language: Option<Language>,
    /// Day of publication as ISO 8601 (`2024-11-04`), given or from the dateline.
    pub date: Option<String>,
    /// News agency, as the dateline or the input names it.
    pub agency: Option<String>,
    /// Place of the dateline.
    pub place: Option<String>,
    /// Address of the original.
    pub url: Option<String>,
    /// Publication, as the input names it.
    pub source: Option<String>,
    /// Where it was read from: a path as the user wrote it, with `:LINE` for JSONL and `#N` for feed entries.
    pub input: String,
    /// Unknown fields of a JSON object, carried through.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

/// Something that could not be taken as an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Where it was: as [`Article::input`].
    pub input: String,
    /// Stable kind, such as `empty`, `not-json`, `no-text`, `too-long`, `unreadable`, `duplicate`.
    pub code: String,
    /// What was expected and what was found.
    pub reason: String,
    /// What the user can do.
    pub advice: String,
}

/// Limits that reading keeps to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The most bytes of one article: a line of JSONL, one JSON object, a text file or an HTML page.
    pub max_article_bytes: usize,
    /// The most bytes of a feed, which is held in memory whole.
    pub max_feed_bytes: usize,
    /// The most words of an article's body; `None` for any number.
    pub max_words: Option<usize>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_article_bytes: 8 << 20,
            max_feed_bytes: 32 << 20,
            max_words: None,
        }
    }
}

/// Reads the articles of `inputs` (files, folders, globs, `-` for standard input) one after another.
///
/// Nothing is opened before it is asked for, and one article is held at a time, except that a feed is held whole.
pub fn read(inputs: &[String], options: &ReadOptions) -> impl Iterator<Item = Result<Article, Rejection>> + use<> {
    let options = options.clone();
    places(inputs).flat_map(move |found| match found {
        Ok(place) => source::open(&place, &options),
        Err(rejection) => Box::new(std::iter::once(Err(rejection))),
    })
}

/// The files that `inputs` stand for, in the order in which [`read`] reads them.
pub fn places(inputs: &[String]) -> impl Iterator<Item = Result<Place, Rejection>> + use<> {
    let inputs = inputs.to_vec();
    inputs.into_iter().flat_map(|input| inputs::expand(&input))
}

/// Reads the articles of one place.
pub fn open(place: &Place, options: &ReadOptions) -> impl Iterator<Item = Result<Article, Rejection>> + use<> {
    source::open(place, options)
}

/// Reads the articles of a stream, told by content like a file; `input` is the name that articles and rejections carry.
pub fn read_stream(
    input: &str,
    stream: Box<dyn std::io::Read + Send>,
    options: &ReadOptions,
) -> impl Iterator<Item = Result<Article, Rejection>> + use<> {
    source::read(input, stream, options)
}

/// Articles and rejections in the order of the input.
type Articles = Box<dyn Iterator<Item = Result<Article, Rejection>> + Send>;
