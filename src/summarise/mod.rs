//! Summaries. The extractive summariser chooses among an article's own sentences, so nothing in them is invented.
//!
//! Which ones is decided in [`extract`]. A model trained to summarise writes instead, and its text is checked like any
//! other: what fails is written once more, more strictly, and where that fails too, sentences are chosen.

pub mod extract;
pub mod textrank;

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::attempt::{self, Failure};
use crate::check;
use crate::embed::{self, embed};
use crate::engine::{Decoding, EngineError};
use crate::model::{Task, TokenizerError};
use crate::shelf::Loaded;
use crate::text::language::Language;
use crate::text::sentences;

use extract::choose;
pub use extract::{Room, Weights};

/// Why an article could not be summarised.
#[derive(Debug, thiserror::Error)]
pub enum SummariseError {
    /// The text cannot be tokenised.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The model failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A part of the article failed, alone too.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<SummariseError> for Failure {
    fn from(error: SummariseError) -> Self {
        match error {
            SummariseError::Tokenizer(error) => error.into(),
            SummariseError::Engine(error) => error.into(),
            SummariseError::Failed(failure) => failure,
        }
    }
}

/// A finished summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Sentences in order; empty when the article has no sentence with words.
    pub sentences: Vec<String>,
    /// Tokens read and written by the model.
    pub tokens: usize,
    /// Whether they were chosen because what the model wrote failed a hard check.
    pub fallen_back: bool,
    /// Sum of the vectors of title and sentences, each of length 1 (`[d_model]`); empty where the model has none.
    pub vector: Vec<f32>,
}

/// How a summary is called that a model wrote.
pub const ABSTRACTIVE: &str = "abstractive";
/// How a summary is called that consists of the article's own sentences.
pub const EXTRACTIVE: &str = "extractive";

/// Sentences looked at: a news article says what matters long before this.
const MOST_CANDIDATES: usize = 100;

/// A model that summarises: one trained for it writes, any other chooses by its encoder's vectors.
pub struct Summariser {
    model: Rc<Loaded>,
    /// Most time for one article.
    timeout: Option<Duration>,
}

impl Summariser {
    /// Uses a loaded model.
    pub fn new(model: Rc<Loaded>) -> Self {
        Self { model, timeout: None }
    }

    /// Gives each article at most this time in the engine.
    #[must_use]
    pub fn with_timeout(self, timeout: Option<Duration>) -> Self {
        Self { timeout, ..self }
    }

    /// Waits until the model is in memory.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn ready(&self) -> Result<(), SummariseError> {
        Ok(self.model.engine.ready()?)
    }

    fn deadline(&self) -> Option<Instant> {
        self.timeout.and_then(|timeout| Instant::now().checked_add(timeout))
    }

    /// The model, where its encoder was made to compare texts: one that chooses.
    pub fn encoder(&self) -> Option<&Loaded> {
        (self.model.task != Task::Summarise).then_some(&*self.model)
    }

    /// Model, version and precision.
    pub fn identity(&self) -> &str {
        &self.model.identity
    }

    /// Hash of the texts that prompts put around sources.
    pub fn prompts(&self) -> &str {
        &self.model.prompts
    }

    /// [`ABSTRACTIVE`] for a model that writes, [`EXTRACTIVE`] for one that chooses.
    pub fn method(&self) -> &'static str {
        if self.model.task == Task::Summarise {
            ABSTRACTIVE
        } else {
            EXTRACTIVE
        }
    }

    /// Summarises an article given as sentences.
    ///
    /// # Errors
    /// When the text cannot be tokenised or the model fails.
    pub fn summarise(
        &self,
        title: &str,
        sentences: &[&str],
        language: Language,
        room: Room,
        batch_tokens: usize,
    ) -> Result<Made, SummariseError> {
        let candidates: Vec<&str> = sentences.iter().copied().take(MOST_CANDIDATES).collect();
        if self.model.task == Task::Summarise {
            let body = sentences.join(" ");
            let mut tokens = 0;
            for how in [self.model.decoding.clone(), self.model.decoding.stricter()] {
                let made = self.write(sentences, language, room, how)?;
                tokens += made.tokens;
                let found = check::summary(&body, &made.sentences.join(" "), language);
                if !check::has_errors(&found) {
                    return Ok(Made { tokens, ..made });
                }
            }
            // The encoder of a model that writes was not made to compare texts: words and places alone decide.
            return Ok(Made {
                sentences: texts_of(&candidates, &chosen(title, &candidates, &[], room)),
                tokens,
                fallen_back: true,
                vector: Vec::new(),
            });
        }
        let texts: Vec<&str> = std::iter::once(title).chain(candidates.iter().copied()).collect();
        let (vectors, tokens) = embed(&self.model, &texts, language, batch_tokens, self.deadline())?;
        let chosen = chosen(title, &candidates, &vectors, room);
        let of_title = vectors.first().filter(|_| !title.trim().is_empty());
        let told = chosen.iter().filter_map(|index| vectors.get(1 + index));
        Ok(Made {
            sentences: texts_of(&candidates, &chosen),
            tokens,
            fallen_back: false,
            vector: embed::centre(of_title.into_iter().chain(told)),
        })
    }

    /// The vector of a title and the sentences of its summary, as [`Made::vector`].
    ///
    /// # Errors
    /// When the text cannot be tokenised or the model fails.
    pub fn vector(
        &self,
        title: &str,
        sentences: &[String],
        language: Language,
        batch_tokens: usize,
    ) -> Result<Vec<f32>, Failure> {
        let Some(model) = self.encoder() else {
            return Ok(Vec::new());
        };
        let texts = std::iter::once(title).chain(sentences.iter().map(String::as_str));
        let texts: Vec<&str> = texts.filter(|text| !text.trim().is_empty()).collect();
        let (vectors, _) = embed(model, &texts, language, batch_tokens, self.deadline())?;
        Ok(embed::centre(&vectors))
    }

    /// Abstractive: as many of the first sentences as the model takes, in one source.
    fn write(&self, all: &[&str], language: Language, room: Room, mut how: Decoding) -> Result<Made, SummariseError> {
        let most = self.model.max_source;
        let mut source = Vec::new();
        let mut text = String::new();
        for sentence in all {
            let longer = if text.is_empty() {
                (*sentence).to_owned()
            } else {
                format!("{text} {sentence}")
            };
            let mut ids = self.model.tokenizer.encode_source(&longer, Some(language), None)?;
            if ids.len() > most {
                if source.is_empty() {
                    ids.truncate(most);
                    source = ids;
                }
                break;
            }
            (text, source) = (longer, ids);
        }
        if text.is_empty() && source.is_empty() {
            return Ok(Made {
                sentences: Vec::new(),
                tokens: 0,
                fallen_back: false,
                vector: Vec::new(),
            });
        }
        let read = source.len();
        let generated = attempt::halving(&[source], &mut |source| {
            how.deadline = self.deadline();
            self.model.engine.generate(source, &how)
        });
        let generated = generated.into_iter().next().transpose()?;
        let Some(best) = generated.as_ref().and_then(|generated| generated.hypotheses.first()) else {
            return Ok(Made {
                sentences: Vec::new(),
                tokens: read,
                fallen_back: false,
                vector: Vec::new(),
            });
        };
        let written = self.model.tokenizer.decode(&best.ids)?;
        let sentences = sentences::split(&written, language);
        let mut kept: Vec<String> = Vec::new();
        let mut length = 0;
        for sentence in sentences.into_iter().take(room.sentences) {
            length += sentence.split_whitespace().count();
            if !kept.is_empty() && length > room.words {
                break;
            }
            kept.push(sentence.trim().to_owned());
        }
        Ok(Made {
            sentences: kept,
            tokens: read + best.ids.len(),
            fallen_back: false,
            vector: Vec::new(),
        })
    }
}

/// Indices of the sentences that [`choose`] takes, in order.
fn chosen(title: &str, candidates: &[&str], vectors: &[Vec<f32>], room: Room) -> Vec<usize> {
    choose(title, candidates, vectors, room, &Weights::default())
}

fn texts_of(candidates: &[&str], chosen: &[usize]) -> Vec<String> {
    chosen
        .iter()
        .map(|index| candidates[*index].trim().to_owned())
        .collect()
}
