//! Keys of units: everything that a unit depends on is hashed into its key, and nothing else.
//!
//! The checks are part of a result's key by the program's version, since a new version may find something else in the
//! same translation; what models made is not, since nothing of it changes with the program alone.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::record::SCHEMA;
use super::store::{UnitKey, unit_key};
use crate::article::Article;
use crate::job::Job;
use crate::summarise::Summariser;
use crate::text::language::Language;
use crate::translate::{Segment, Translator, Way};

/// What a job's units depend on besides their texts. Plain data: threads share it, clones too.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Model that summarises, its prompts, and the room for a summary.
    summariser: [String; 3],
    /// The target languages.
    to: Vec<Language>,
    /// How each direction is translated, as far as that is known: a direction that nobody has asked for yet may still
    /// be without a model.
    ways: Arc<RwLock<BTreeMap<(Language, Language), Known>>>,
}

/// What is kept of a [`Way`].
#[derive(Clone, Debug)]
struct Known {
    signature: String,
    maker: Maker,
}

/// Who translates a direction.
#[derive(Clone, Debug)]
pub struct Maker {
    /// Model and version, or two with an arrow between.
    pub model: String,
    /// The language between.
    pub via: Option<Language>,
}

impl Keys {
    /// The keys of a job; of the directions, those are known whose models it names.
    pub fn new(job: &Job, summariser: &Summariser, translator: &Translator) -> Self {
        let keys = Self {
            summariser: [
                summariser.identity().to_owned(),
                summariser.prompts().to_owned(),
                format!("words {} sentences {}", job.summary_words, job.summary_sentences),
            ],
            to: job.to.clone(),
            ways: Arc::default(),
        };
        for from in Language::all() {
            for to in job.to.iter().filter(|to| **to != from) {
                if job.translator_for(from, *to).is_some()
                    && let Ok(way) = translator.way(from, *to)
                {
                    keys.learn(from, *to, &way, translator);
                }
            }
        }
        keys
    }

    /// Keeps how a direction is translated. Nothing may be stored for a direction before this.
    pub fn learn(&self, from: Language, to: Language, way: &Way, translator: &Translator) {
        let known = Known {
            signature: way.signature(&|own| translator.decoding(own)),
            maker: Maker {
                model: way.identity(),
                via: way.via(),
            },
        };
        let mut ways = self.ways.write().unwrap_or_else(PoisonError::into_inner);
        ways.insert((from, to), known);
    }

    /// Who translates a direction, as far as it is known.
    pub fn maker(&self, from: Language, to: Language) -> Option<Maker> {
        self.known(from, to, |known| known.maker.clone())
    }

    fn known<T>(&self, from: Language, to: Language, take: impl FnOnce(&Known) -> T) -> Option<T> {
        let ways = self.ways.read().unwrap_or_else(PoisonError::into_inner);
        ways.get(&(from, to)).map(take)
    }

    /// Empty for a direction that is not known: under such a key nothing is ever stored.
    fn signature(&self, from: Language, to: Language) -> String {
        self.known(from, to, |known| known.signature.clone())
            .unwrap_or_default()
    }

    /// Key of an article's summary.
    pub fn summary(&self, article: &Article) -> UnitKey {
        let [identity, prompts, room] = &self.summariser;
        let language = article.language.map_or("", Language::code);
        unit_key(&["summary", SCHEMA, identity, prompts, &article.id, language, room])
    }

    /// Key of a sentence's translation.
    pub fn translation(&self, segment: &Segment) -> UnitKey {
        let how = self.signature(segment.from, segment.to);
        let (from, to) = (segment.from.code(), segment.to.code());
        unit_key(&["translation", SCHEMA, &how, from, to, &segment.text])
    }

    /// Key of all that a job makes of an article.
    pub fn result(&self, article: &Article) -> UnitKey {
        let summary = blake3::Hash::from_bytes(self.summary(article)).to_hex();
        let mut parts: Vec<String> = ["result", SCHEMA, env!("CARGO_PKG_VERSION"), &summary]
            .map(str::to_owned)
            .into();
        for to in &self.to {
            parts.push(to.code().to_owned());
            if let Some(from) = article.language.filter(|from| from != to) {
                parts.push(self.signature(from, *to));
            }
        }
        unit_key(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
