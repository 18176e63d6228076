//! The models of a job, and what they make as the store keeps it.

use std::cell::OnceCell;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::attempt::Failure;
use crate::check::glossary::Glossary;
use crate::embed::topics::{Near, Topics};
use crate::job::Job;
use crate::run::RunError;
use crate::run::keys::Keys;
use crate::run::result::Makers;
use crate::shelf::Shelf;
use crate::summarise::{Made, Summariser};
use crate::text::language::Language;
use crate::translate::{TranslateError, Translated, Translator};

/// The models of a job.
pub struct Models {
    /// Writes or chooses summaries.
    pub summariser: Summariser,
    /// Translates titles and summaries.
    pub translator: Translator,
    /// Translates what fails a hard check with the translator.
    pub fallback: Option<Translator>,
    /// Terms that translations are held to; empty when the job names none.
    pub glossary: Glossary,
    pub(super) shelf: Shelf,
    /// Once an article has asked for them.
    topics: OnceCell<Option<Topics>>,
    /// Keys of the units that they make.
    pub keys: Keys,
}

impl Models {
    /// Loads what the job names; a model named twice is loaded once.
    pub fn load(shelf: &Shelf, job: &Job) -> Result<Self, RunError> {
        let glossary = job
            .glossary
            .as_deref()
            .map(Glossary::load)
            .transpose()?
            .unwrap_or_default();
        let timeout = job.article_timeout.map(Duration::from_secs);
        let translator = Translator::new(shelf, job)?;
        let fallback = Translator::fallback(shelf, job)?;
        let summariser = Summariser::new(shelf.get(&job.summariser)?).with_timeout(timeout);
        Ok(Self {
            keys: Keys::new(
                job,
                &summariser,
                (&translator, fallback.as_ref()),
                (&glossary, shelf.prompts().topics()),
            ),
            summariser,
            translator,
            fallback,
            glossary,
            shelf: shelf.clone(),
            topics: OnceCell::new(),
        })
    }

    /// Whether the translator knows every direction that articles in this language need, and how.
    ///
    /// # Errors
    /// When a model cannot be had; a direction without a model is no error, but the reason that is returned.
    pub fn directions(&self, language: Language, targets: &[Language]) -> Result<Result<(), String>, TranslateError> {
        for to in targets.iter().filter(|to| **to != language) {
            match self.translator.check_direction(language, *to) {
                Ok(way) => self
                    .keys
                    .learn((language, *to), &way, &self.translator, self.fallback.as_ref()),
                Err(error) if error.is_about_languages() => return Ok(Err(error.to_string())),
                Err(error) => return Err(error),
            }
        }
        Ok(Ok(()))
    }

    /// The topic that an article is nearest to; `vector` as in [`Made::vector`].
    ///
    /// # Errors
    /// When the model fails on the topics' own texts.
    pub(super) fn topic(&self, vector: &[f32], batch_tokens: usize) -> Result<TopicUnit, Failure> {
        let topics = match (self.topics.get(), self.summariser.encoder()) {
            (Some(topics), _) => topics.as_ref(),
            (None, Some(model)) => {
                let topics = Topics::of(model, self.shelf.prompts().topics(), batch_tokens)?;
                self.topics.get_or_init(|| topics).as_ref()
            }
            (None, None) => None,
        };
        Ok(TopicUnit {
            near: topics.and_then(|topics| topics.nearest(vector)),
        })
    }

    pub(super) fn makers(&self) -> Makers {
        Makers {
            method: self.summariser.method().to_owned(),
            summariser: self.summariser.identity().to_owned(),
            glossary: self.glossary.clone(),
        }
    }
}

/// A finished summary, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryUnit {
    /// Sentences in order.
    pub sentences: Vec<String>,
    /// See [`Made::fallen_back`].
    #[serde(default)]
    pub fallen_back: bool,
}

impl From<Made> for SummaryUnit {
    fn from(made: Made) -> Self {
        Self {
            sentences: made.sentences,
            fallen_back: made.fallen_back,
        }
    }
}

/// What an article is about by its encoder vector, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicUnit {
    /// `None` when no topic is near enough.
    pub near: Option<Near>,
}

/// A finished translation of one sentence, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranslationUnit {
    /// The translation.
    pub text: String,
    /// See [`Translated::score`].
    pub score: f64,
    /// See [`Translated::confidence`].
    #[serde(default = "sure")]
    pub confidence: f64,
    /// Whether it took stricter decoding to get it.
    pub strict: bool,
}

/// Of units that were stored before it was measured.
fn sure() -> f64 {
    1.0
}

impl From<Translated> for TranslationUnit {
    fn from(translated: Translated) -> Self {
        Self {
            text: translated.text,
            score: translated.score,
            confidence: translated.confidence,
            strict: false,
        }
    }
}
