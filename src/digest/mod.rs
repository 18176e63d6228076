//! Digests: what readers get. One language a digest, one [`Exporter`] a format, each in a file of its own.
//!
//! A digest follows from its articles alone: no times, hosts or versions, and the order is the caller's, so that two
//! runs over the same articles write the same bytes.

mod atom;
mod chart;
pub mod corrections;
mod csv;
mod docx;
mod highlight;
mod html;
mod items;
mod jsonl;
mod markdown;
mod pdf;
mod placing;
mod plain;
mod runs;
mod segments;
pub mod select;
mod stories;
mod template;
#[cfg(test)]
mod tests;
mod tmx;
mod view;
mod xliff;
mod xliff2;

use std::io;

use serde::{Deserialize, Serialize};

pub use atom::Atom;
pub use csv::Csv;
pub use docx::Docx;
pub use html::Html;
pub use items::{Items, Spool};
pub use jsonl::Jsonl;
pub use markdown::Markdown;
pub use pdf::Pdf;
pub use placing::{Placing, Reason, Report};
pub use plain::one_line;
pub use tmx::Tmx;
pub use xliff::Xliff;
pub use xliff2::Xliff2;

use crate::prompts::{PromptError, Prompts};
use crate::text::language::Language;

/// Why a digest could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The file or pipe did not take it.
    #[error("cannot write the digest: {0}")]
    Write(#[from] io::Error),
    /// Headings or templates are missing.
    #[error(transparent)]
    Prompts(#[from] PromptError),
    /// A template is wrong: the message names file and line.
    #[error("digest template: {0}")]
    Template(#[from] minijinja::Error),
    /// An item could not be written as JSON.
    #[error("cannot write the digest as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// An item could not be written as CSV.
    #[error("cannot write the digest as CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// The parts of a document could not be packed.
    #[error("cannot pack the document: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// There is no browser to print with.
    #[error("no Chromium found to print {0} with: install chromium, or name a browser of its kind in KHULOSA_BROWSER")]
    NoBrowser(String),
    /// The browser did not print.
    #[error("{browser} did not print the digest: {message}")]
    Browser {
        /// The program.
        browser: std::path::PathBuf,
        /// What it said.
        message: String,
    },
    /// XLIFF 2 takes one source language a document.
    #[error("XLIFF 2 takes one source language a document, found {0}; write one for each")]
    MixedSources(String),
    /// No format has this name.
    #[error("unknown digest format `{name}`; there are {known}")]
    UnknownFormat {
        /// What was asked for.
        name: String,
        /// Names of all formats.
        known: String,
    },
}

/// Everything that one digest says, in the order in which it is to be said.
#[derive(Clone, Debug)]
pub struct Digest {
    /// Language of headings and translations.
    pub language: Language,
    /// Whom it was made for; `None` for a digest of everything.
    pub recipient: Option<String>,
    /// Articles, most important first as far as the caller knows.
    pub items: Items,
    /// Inputs that could not be read as articles; readers are told how many.
    pub rejected: usize,
}

/// One article in a digest. Texts are plain: exporters escape them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The article's id (64 hexadecimal digits).
    pub id: String,
    /// Headline in the digest's language, or in the article's own where [`Item::untranslated`]; may be empty.
    pub title: String,
    /// Summary in the digest's language, or in the article's own where [`Item::untranslated`]: one entry a sentence.
    pub summary: Vec<String>,
    /// Headline in the article's own language; may be empty.
    pub source_title: String,
    /// Summary in the article's own language: one entry a sentence.
    pub source_summary: Vec<String>,
    /// The article's own language.
    pub source_language: Language,
    /// Address of the original.
    pub url: Option<String>,
    /// Day of publication, ISO 8601.
    pub date: Option<String>,
    /// News agency.
    pub agency: Option<String>,
    /// Place of the dateline.
    pub place: Option<String>,
    /// Publication.
    pub source: Option<String>,
    /// File that the article was read from.
    pub input: String,
    /// What made the translation; empty for an article in the digest's own language.
    pub translator: String,
    /// What made the summary.
    pub summariser: String,
    /// What needs a reviewer's eye.
    pub marks: Vec<Mark>,
    /// There is no translation: title and summary are in the article's own language, which may be the digest's.
    pub untranslated: bool,
    /// Mean score of the translation: length-penalised log-probability a token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<f64>,
    /// A person has approved the whole translation.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub reviewed: bool,
    /// What choosing for a recipient added.
    #[serde(flatten)]
    pub placing: Placing,
}

/// Something that needs a reviewer's eye.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The finding's stable code; explained to readers in their language by the phrases.
    pub code: String,
    /// The check's own message, in English; shown where the phrases do not know the code.
    pub message: String,
    /// Words concerned, in either language; may be empty. Where they stand in the text, they are highlighted.
    pub words: Vec<String>,
}

impl Item {
    /// Whether title and summary were left in a language that is not the digest's.
    pub fn left_in_source(&self, digest: Language) -> bool {
        self.untranslated && self.source_language != digest
    }

    /// Language of [`Item::title`] and [`Item::summary`] in a digest.
    pub fn language_in(&self, digest: Language) -> Language {
        if self.untranslated {
            self.source_language
        } else {
            digest
        }
    }

    /// Whether title and summary are a translation.
    pub fn translated_in(&self, digest: Language) -> bool {
        self.language_in(digest) != self.source_language
    }
}

/// A format of digests.
pub trait Exporter {
    /// The format's name, as in `--formats`.
    fn name(&self) -> &'static str;

    /// Name of the file for a digest in `language`.
    fn file_name(&self, language: Language) -> String {
        format!("digest.{}.{}", language.code(), self.name())
    }

    /// The files that a digest becomes, each with the part of the digest that it holds. One, for most formats.
    ///
    /// # Errors
    /// When the articles cannot be read.
    fn files(&self, digest: &Digest) -> Result<Vec<(String, Digest)>, DigestError> {
        Ok(vec![(self.file_name(digest.language), digest.clone())])
    }

    /// Writes the whole digest.
    ///
    /// # Errors
    /// When `out` does not take it, or phrases or templates are missing or wrong.
    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError>;
}

/// Every format, in the order of the documentation.
pub fn all_exporters(prompts: &Prompts) -> Vec<Box<dyn Exporter + '_>> {
    let mut all = exporters(prompts);
    let further: [Box<dyn Exporter>; 4] = [
        Box::new(Docx::new(prompts)),
        Box::new(Pdf::new(prompts)),
        Box::new(Xliff2),
        Box::new(Atom::new(prompts)),
    ];
    all.extend(further);
    all
}

/// The formats of the digest of everything.
pub fn exporters(prompts: &Prompts) -> Vec<Box<dyn Exporter + '_>> {
    vec![
        Box::new(Markdown::new(prompts)),
        Box::new(Html::new(prompts)),
        Box::new(Jsonl),
        Box::new(Csv),
        Box::new(Xliff),
        Box::new(Tmx),
    ]
}

/// The format of that name.
///
/// # Errors
/// When there is none.
pub fn exporter<'a>(name: &str, prompts: &'a Prompts) -> Result<Box<dyn Exporter + 'a>, DigestError> {
    let mut known = Vec::new();
    for exporter in all_exporters(prompts) {
        if exporter.name() == name {
            return Ok(exporter);
        }
        known.push(exporter.name());
    }
    Err(DigestError::UnknownFormat {
        name: name.to_owned(),
        known: known.join(", "),
    })
}

/// Writes digests of a made-up article to nowhere, so that a missing phrase or a slip in a template is found before a
/// night's work and not after it.
///
/// # Errors
/// As [`Exporter::export`].
pub fn rehearse(prompts: &Prompts, languages: &[Language]) -> Result<(), DigestError> {
    for &language in languages {
        for source_language in languages.iter().copied().chain([language]) {
            let text = String::from("…");
            let mark = Mark {
                code: String::new(),
                message: text.clone(),
                words: vec![text.clone()],
            };
            let item = Item {
                id: text.clone(),
                title: text.clone(),
                summary: vec![text.clone()],
                source_title: text.clone(),
                source_summary: vec![text.clone()],
                source_language,
                url: Some("https://example.org/".to_owned()),
                date: Some("2024-11-04".to_owned()),
                agency: Some(text.clone()),
                place: Some(text.clone()),
                source: Some(text.clone()),
                input: text.clone(),
                translator: text.clone(),
                summariser: text.clone(),
                marks: vec![mark],
                untranslated: false,
                score: None,
                reviewed: false,
                placing: Placing::default(),
            };
            let left = Item {
                untranslated: true,
                ..item.clone()
            };
            let empty = Item {
                url: None,
                date: None,
                agency: None,
                place: None,
                source: None,
                ..left.clone()
            };
            let digest = Digest {
                language,
                recipient: Some(text.clone()),
                items: vec![item, left, empty].into(),
                rejected: 1,
            };
            let nothing = Digest {
                language,
                recipient: None,
                items: Vec::new().into(),
                rejected: 0,
            };
            // A PDF is the HTML once more, and takes a browser seconds.
            for exporter in all_exporters(prompts)
                .iter()
                .filter(|exporter| exporter.name() != "pdf")
            {
                exporter.export(&digest, &mut io::sink())?;
                exporter.export(&nothing, &mut io::sink())?;
            }
        }
    }
    Ok(())
}
