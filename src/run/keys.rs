//! Keys of units: everything that a unit depends on is hashed into its key, and nothing else.
//!
//! The checks are part of a result's key by the program's version, since a new version may find something else in the
//! same translation; what models made is not, since nothing of it changes with the program alone.

use super::record::SCHEMA;
use super::store::{Store, StoreError, UnitKey, unit_key};
use super::window::{SummaryUnit, targets};
use crate::article::Article;
use crate::check::glossary::Glossary;
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
    /// Target languages.
    to: Vec<Language>,
    /// Terms that translations are held to.
    glossary: Glossary,
    signature: String,
}

impl Keys {
    /// The keys of a job.
    pub fn new(
        job: &Job,
        summariser: &Summariser,
        translator: &Translator,
        decoding: &Decoding,
        glossary: &Glossary,
    ) -> Self {
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
            to: job.to.clone(),
            glossary: glossary.clone(),
            signature: glossary.signature(),
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
        let made = ["translation", SCHEMA, identity, prompts, how, from, to, &segment.text];
        // A sentence depends on the terms that stand in it, and not on the others of the glossary.
        let terms = self.glossary.required(&segment.text, segment.from, segment.to);
        if terms.is_empty() {
            return unit_key(&made);
        }
        let terms = serde_json::to_string(&terms).unwrap_or_default();
        unit_key(&[&made[..], &["terms", &terms]].concat())
    }

    /// Key of all that a job makes of an article. What people have reviewed of it is part of the key, so that a
    /// reviewed sentence makes the results anew that it stands in, and no others.
    ///
    /// # Errors
    /// When the store, which has the reviews, cannot be read.
    pub fn result(&self, store: &Store, article: &Article) -> Result<UnitKey, StoreError> {
        let summary = self.summary(article);
        let reviewed = self.reviewed(store, article, &summary)?;
        let summary = blake3::Hash::from_bytes(summary).to_hex();
        let [identity, prompts, how] = &self.translator;
        let version = env!("CARGO_PKG_VERSION");
        let to: Vec<&str> = self.to.iter().map(|to| to.code()).collect();
        let (to, glossary) = (to.join(","), &self.signature);
        let made = [identity, prompts, how].map(String::as_str);
        let parts = [
            &["result", SCHEMA, version, &summary][..],
            &made,
            &[&to, glossary, &reviewed],
        ];
        Ok(unit_key(&parts.concat()))
    }

    /// Hash of the reviewed translations of an article; empty when there is none.
    fn reviewed(&self, store: &Store, article: &Article, summary: &UnitKey) -> Result<String, StoreError> {
        let Some(language) = article.language else {
            return Ok(String::new());
        };
        if !store.has_reviews()? {
            return Ok(String::new());
        }
        let Some(summary) = store.unit::<SummaryUnit>(summary)? else {
            return Ok(String::new());
        };
        let mut hasher = blake3::Hasher::new();
        let mut found = false;
        for segment in targets(&self.to, article, language, &summary) {
            if let Some(text) = store.reviewed(&segment)? {
                found = true;
                hasher.update(&unit_key(&[
                    segment.from.code(),
                    segment.to.code(),
                    &segment.text,
                    &text,
                ]));
            }
        }
        Ok(if found {
            hasher.finalize().to_hex().to_string()
        } else {
            String::new()
        })
    }
}
