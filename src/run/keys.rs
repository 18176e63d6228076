//! Keys of units: everything that a unit depends on is hashed into its key, and nothing else.
//!
//! The checks are part of a result's key by the program's version, since a new version may find something else in the
//! same translation; what models made is not, since nothing of it changes with the program alone.

use super::record::SCHEMA;
use super::store::{UnitKey, unit_key};
use crate::article::Article;
use crate::engine::Decoding;
use crate::job::Job;
use crate::summarise::Summariser;
use crate::text::language::Language;
use crate::translate::{Segment, Translator};

/// What a job's units depend on besides their texts. Plain data: threads share it.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Model that summarises, its prompts, and the room for a summary.
    summariser: [String; 3],
    /// Model that translates, its prompts, and how it decodes.
    translator: [String; 3],
    /// Codes of the target languages.
    to: String,
}

impl Keys {
    /// The keys of a job.
    pub fn new(job: &Job, summariser: &Summariser, translator: &Translator, decoding: &Decoding) -> Self {
        Self {
            summariser: [
                summariser.identity().to_owned(),
                summariser.prompts().to_owned(),
                format!("words {} sentences {}", job.summary_words, job.summary_sentences),
            ],
            translator: [
                translator.identity().to_owned(),
                translator.prompts().to_owned(),
                serde_json::to_string(decoding).unwrap_or_default(),
            ],
            to: job.to.iter().map(|to| to.code()).collect::<Vec<_>>().join(","),
        }
    }

    /// Key of an article's summary.
    pub fn summary(&self, article: &Article) -> UnitKey {
        let [identity, prompts, room] = &self.summariser;
        let language = article.language.map_or("", Language::code);
        unit_key(&["summary", SCHEMA, identity, prompts, &article.id, language, room])
    }

    /// Key of a sentence's translation.
    pub fn translation(&self, segment: &Segment) -> UnitKey {
        let [identity, prompts, how] = &self.translator;
        let (from, to) = (segment.from.code(), segment.to.code());
        unit_key(&["translation", SCHEMA, identity, prompts, how, from, to, &segment.text])
    }

    /// Key of all that a job makes of an article.
    pub fn result(&self, article: &Article) -> UnitKey {
        let summary = blake3::Hash::from_bytes(self.summary(article)).to_hex();
        let [identity, prompts, how] = &self.translator;
        let version = env!("CARGO_PKG_VERSION");
        unit_key(&["result", SCHEMA, version, &summary, identity, prompts, how, &self.to])
    }
}
