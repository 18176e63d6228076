//! What a reader found, and how it becomes an article: clean, dated, named, told by language, known by its text.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::dateline::{self, Given};
use super::{Article, ReadOptions, Rejection, paragraphs};
use crate::text::detect::detect;
use crate::text::language::Language;
use crate::text::normalise::normalise;

/// Characters that are enough to detect a language.
const DETECTED_ON: usize = 1000;

/// An article as its reader found it: nothing cleaned, nothing checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) input: String,
    pub(super) given_id: Option<String>,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) language: Option<String>,
    pub(super) date: Option<String>,
    pub(super) agency: Option<String>,
    pub(super) place: Option<String>,
    pub(super) url: Option<String>,
    pub(super) source: Option<String>,
    pub(super) extra: Map<String, Value>,
}

impl Draft {
    /// The article, or why there is none. A date, language or address that cannot be understood is kept in
    /// [`Article::extra`] as it was given.
    pub(super) fn finish(mut self, options: &ReadOptions) -> Result<Article, Rejection> {
        let given = self.date.as_deref().map_or(Given::Unknown, dateline::given);
        let (given_day, year) = match given {
            Given::Day(day) => (Some(day), Some(day.year())),
            Given::Year(year) => (None, Some(year)),
            Given::Unknown => (None, None),
        };
        let cleaned = dateline::clean(&paragraphs::join(&normalise(&self.body)), year);
        let title = line(&self.title);
        let body = cleaned.body;
        if !body.chars().any(char::is_alphanumeric) {
            let found = if body.is_empty() {
                "no words in it"
            } else {
                "no letter or number in it"
            };
            return Err(Rejection::empty(&self.input, found));
        }
        if let Some(limit) = options.max_words {
            let words = body.split_whitespace().count();
            if words > limit {
                return Err(Rejection::too_long(&self.input, words, limit));
            }
        }
        // Only web addresses may become links in a digest.
        let is_web = |url: &String| {
            ["http://", "https://"]
                .iter()
                .any(|scheme| url.trim_start().starts_with(scheme))
        };
        let url = self.url.take_if(|url| is_web(url));
        let not_understood = [
            ("date", self.date.take_if(|_| given_day.is_none())),
            ("url", self.url.take()),
        ];
        for (name, value) in not_understood {
            if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
                self.extra.insert(name.to_owned(), Value::String(value));
            }
        }
        let language = self.language(&title, &body);
        Ok(Article {
            id: id(&title, &body),
            given_id: self.given_id.as_deref().map(line).filter(|id| !id.is_empty()),
            language,
            date: given_day.or(cleaned.date).map(|day: Date| day.to_string()),
            agency: filled(self.agency.as_deref()).or(cleaned.agency),
            place: filled(self.place.as_deref()).or(cleaned.place),
            url: filled(url.as_deref()),
            source: filled(self.source.as_deref()),
            input: self.input,
            extra: self.extra,
            title,
            body,
        })
    }

    fn language(&mut self, title: &str, body: &str) -> Option<Language> {
        if let Some(given) = self.language.take().filter(|given| !given.trim().is_empty()) {
            match Language::parse(given.trim()) {
                Ok(language) => return Some(language),
                Err(_) => self.extra.insert("language".to_owned(), Value::String(given)),
            };
        }
        let sample: String = format!("{title}\n{body}").chars().take(DETECTED_ON).collect();
        detect(&sample).map(|detected| detected.language)
    }
}

/// A field as one clean line.
fn line(text: &str) -> String {
    normalise(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn filled(text: Option<&str>) -> Option<String> {
    text.map(line).filter(|text| !text.is_empty())
}

/// The same words in the same order are the same article, however they are spaced.
fn id(title: &str, body: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(line(title).as_bytes());
    hasher.update(b"\n");
    for (index, word) in body.split_whitespace().enumerate() {
        if index > 0 {
            hasher.update(b" ");
        }
        hasher.update(word.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
