//! Keys of units: everything that a unit depends on is hashed into its key, and nothing else.
//!
//! The checks are part of a result's key by the program's version, since a new version may find something else in the
//! same translation; what models made is not, since nothing of it changes with the program alone.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::record::SCHEMA;
use super::store::{Store, StoreError, UnitKey, unit_key};
use super::window::{SummaryUnit, targets};
use crate::article::Article;
use crate::check::glossary::Glossary;
use crate::job::Job;
use crate::prompts::Subjects;
use crate::summarise::Summariser;
use crate::text::language::Language;
use crate::translate::{Segment, Translator, Way};

/// What a job's units depend on besides their texts. Plain data: threads share it, clones too.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Model that summarises, its prompts, and the room for a summary.
    summariser: [String; 3],
    /// Hash of the texts that topics are known by through the encoder; empty where there is no encoder to compare with.
    topics: String,
    /// The target languages.
    to: Vec<Language>,
    /// Terms that translations are held to.
    glossary: Glossary,
    glossary_signature: String,
    /// How each direction is translated, as far as that is known: a direction that nobody has asked for yet may still
    /// be without a model. What the fallback does follows where it is something else.
    ways: Arc<RwLock<BTreeMap<Direction, Vec<Known>>>>,
}

/// Source and target language.
type Direction = (Language, Language);

/// What is kept of a [`Way`].
#[derive(Clone, Debug)]
struct Known {
    signature: String,
    maker: Maker,
}

/// Hash of the texts that say what topics are about; empty when there are none.
fn signature(topics: &Subjects) -> String {
    let mut parts = Vec::new();
    for (id, about) in topics.about() {
        for (language, text) in about {
            parts.extend([id, language.code(), text]);
        }
    }
    if parts.is_empty() {
        return String::new();
    }
    blake3::Hash::from_bytes(unit_key(&parts)).to_hex().to_string()
}

impl Known {
    fn of(way: &Way, translator: &Translator) -> Self {
        Self {
            signature: way.signature(&|own| translator.decoding(own)),
            maker: Maker {
                model: way.identity(),
                via: way.via(),
            },
        }
    }
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
    pub fn new(
        job: &Job,
        summariser: &Summariser,
        (translator, fallback): (&Translator, Option<&Translator>),
        (glossary, topics): (&Glossary, &Subjects),
    ) -> Self {
        let keys = Self {
            summariser: [
                summariser.identity().to_owned(),
                summariser.prompts().to_owned(),
                format!("words {} sentences {}", job.summary_words, job.summary_sentences),
            ],
            topics: summariser.encoder().map_or_else(String::new, |_| signature(topics)),
            to: job.to.clone(),
            glossary: glossary.clone(),
            glossary_signature: glossary.signature(),
            ways: Arc::default(),
        };
        for from in Language::all() {
            for to in job.to.iter().filter(|to| **to != from) {
                if job.translator_for(from, *to).is_some()
                    && let Ok(way) = translator.way(from, *to)
                {
                    keys.learn((from, *to), &way, translator, fallback);
                }
            }
        }
        keys
    }

    /// Keeps how a direction is translated. Nothing may be stored for a direction before this.
    pub fn learn(&self, direction: Direction, way: &Way, translator: &Translator, fallback: Option<&Translator>) {
        // Every article asks; what is known of a direction does not change.
        if self.known(direction, 0, |_| ()).is_some() {
            return;
        }
        let mut known = vec![Known::of(way, translator)];
        // A direction that the fallback does not know is without one.
        let second = fallback.and_then(|fallback| Some((fallback, fallback.way(direction.0, direction.1).ok()?)));
        if let Some((fallback, way)) = second {
            let second = Known::of(&way, fallback);
            if second.signature != known[0].signature {
                known.push(second);
            }
        }
        let mut ways = self.ways.write().unwrap_or_else(PoisonError::into_inner);
        ways.insert(direction, known);
    }

    /// Who translates a direction, as far as it is known.
    pub fn maker(&self, from: Language, to: Language) -> Option<Maker> {
        self.known((from, to), 0, |known| known.maker.clone())
    }

    /// Who translates what fails.
    pub fn fallback_maker(&self, from: Language, to: Language) -> Option<Maker> {
        self.known((from, to), 1, |known| known.maker.clone())
    }

    fn known<T>(&self, direction: Direction, turn: usize, take: impl FnOnce(&Known) -> T) -> Option<T> {
        let ways = self.ways.read().unwrap_or_else(PoisonError::into_inner);
        ways.get(&direction)?.get(turn).map(take)
    }

    /// Empty for a direction that is not known: under such a key nothing is ever stored.
    fn signature(&self, from: Language, to: Language) -> String {
        self.known((from, to), 0, |known| known.signature.clone())
            .unwrap_or_default()
    }

    /// Hash of everything that results depend on besides the articles themselves, as far as it is known.
    pub fn settings(&self) -> UnitKey {
        let ways = self.ways.read().unwrap_or_else(PoisonError::into_inner);
        let ways = ways
            .iter()
            .flat_map(|((from, to), known)| known.iter().map(|known| [from.code(), to.code(), &known.signature]))
            .flatten();
        let to = self.to.iter().flat_map(|to| ["to", to.code()]);
        let parts: Vec<&str> = self
            .summariser
            .iter()
            .map(String::as_str)
            .chain(to)
            .chain(ways)
            .collect();
        let held_to = ["glossary", &self.glossary_signature, "topics", &self.topics];
        unit_key(&[&parts[..], &held_to].concat())
    }

    /// Key of an article's summary.
    pub fn summary(&self, article: &Article) -> UnitKey {
        let [identity, prompts, room] = &self.summariser;
        let language = article.language.map_or("", Language::code);
        unit_key(&["summary", SCHEMA, identity, prompts, &article.id, language, room])
    }

    /// Key of the topic that the encoder finds an article nearest to; `None` where nothing is looked for.
    pub fn topic(&self, article: &Article) -> Option<UnitKey> {
        let summary = blake3::Hash::from_bytes(self.summary(article)).to_hex();
        (!self.topics.is_empty()).then(|| unit_key(&["topic", SCHEMA, &summary, &article.title, &self.topics]))
    }

    /// Key of a sentence's translation.
    pub fn translation(&self, segment: &Segment) -> UnitKey {
        self.translation_by(&self.signature(segment.from, segment.to), segment)
    }

    /// Key of a sentence's translation by the fallback, the same as that of a job whose translator it is; `None` where
    /// the direction has no fallback.
    pub fn fallback(&self, segment: &Segment) -> Option<UnitKey> {
        let how = self.known((segment.from, segment.to), 1, |known| known.signature.clone())?;
        Some(self.translation_by(&how, segment))
    }

    fn translation_by(&self, how: &str, segment: &Segment) -> UnitKey {
        let (from, to) = (segment.from.code(), segment.to.code());
        let made = ["translation", SCHEMA, how, from, to, &segment.text];
        // A sentence depends on the terms that stand in it, and not on the others of the glossary.
        let terms = self.glossary.required(&segment.text, segment.from, segment.to);
        if terms.is_empty() {
            return unit_key(&made);
        }
        let terms = serde_json::to_string(&terms).unwrap_or_default();
        // Forms that are accepted without being asked for decide whether it is decoded a second time.
        let accepted = self.glossary.accepted(&segment.text, segment.from, segment.to);
        let forms = serde_json::to_string(&accepted).unwrap_or_default();
        let forms = ["forms", &forms];
        let hints = if accepted.is_empty() { &[][..] } else { &forms[..] };
        unit_key(&[&made[..], &["terms", &terms], hints].concat())
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
        let mut parts: Vec<String> = ["result", SCHEMA, env!("CARGO_PKG_VERSION"), &summary]
            .map(str::to_owned)
            .into();
        parts.extend([self.glossary_signature.clone(), reviewed, self.topics.clone()]);
        for to in &self.to {
            parts.push(to.code().to_owned());
            if let Some(from) = article.language.filter(|from| from != to) {
                parts.push(self.signature(from, *to));
                parts.extend(self.known((from, *to), 1, |known| format!("fallback\0{}", known.signature)));
            }
        }
        Ok(unit_key(&parts.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Hash of the reviewed translations of an article; empty when there is none.
    fn reviewed(&self, store: &Store, article: &Article, summary: &UnitKey) -> Result<String, StoreError> {
        let Some(language) = article.language else {
            return Ok(String::new());
        };
        if !store.has_reviews() {
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
