//! What is asked of a run: defaults, environment, job file and flags merged once, validated once, then immutable.
//!
//! Each source is read into a [`Request`], plain data in which everything is optional; requests are laid over one
//! another (flags over job file over `KHULOSA_*` over defaults) and turned into a [`Job`], in which nothing is missing
//! and nothing is wrong.

mod bytes;
mod recipient;
mod request;
mod shard;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

pub use bytes::Bytes;
pub use recipient::{Order, Recipient, RecipientRequest};
pub use request::{DecodingRequest, Request};
pub use shard::Shard;

use crate::engine::{Decoding, Device, EngineOptions, Kind, Precision};
use crate::model::LicenceRule;
use crate::model::locate::cache_folder;
use crate::text::language::{Language, LanguageError};

/// Why a job cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The job file could not be read.
    #[error("{path}: cannot read the job file: {source}")]
    Unreadable {
        /// The job file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The job file is not TOML, or a value has the wrong type.
    #[error("{origin}: {message}")]
    Malformed {
        /// Where the value stands: a job file or an environment variable.
        origin: String,
        /// What was expected and what was found.
        message: String,
    },
    /// A key that no job has.
    #[error("{origin}: unknown key `{key}`{}", suggestion(.nearest.as_deref()))]
    UnknownKey {
        /// The job file.
        origin: String,
        /// The key, with its table before a dot.
        key: String,
        /// The known key most like it.
        nearest: Option<String>,
    },
    /// A language that is not one.
    #[error(transparent)]
    Language(#[from] LanguageError),
    /// A value that makes no sense.
    #[error("{key}: expected {expected}, found {found}")]
    Value {
        /// The key of the job file, which is also the flag's name.
        key: &'static str,
        /// What would be right.
        expected: String,
        /// What was given.
        found: String,
    },
    /// Nothing to read, or nowhere to write.
    #[error("{key} is missing: {advice}")]
    Missing {
        /// The key of the job file.
        key: &'static str,
        /// How to give it.
        advice: &'static str,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProgressStyle {
    /// Bars on a terminal, plain lines elsewhere.
    Auto,
    /// A line every 30 seconds.
    Plain,
    /// One JSON object an event.
    Json,
    /// Nothing.
    None,
}

/// How translations are decoded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobDecoding {
    /// Beams of beam search; `None` takes the model's own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beams: Option<usize>,
    /// See [`crate::engine::Decoding::length_penalty`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_penalty: Option<f64>,
    /// See [`crate::engine::Decoding::no_repeat_ngram`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_repeat_ngram: Option<usize>,
}

impl JobDecoding {
    /// A model's own decoding with what the job says laid over it.
    pub fn over(&self, model: &Decoding) -> Decoding {
        Decoding {
            beams: self.beams.unwrap_or(model.beams),
            length_penalty: self.length_penalty.unwrap_or(model.length_penalty),
            no_repeat_ngram: self.no_repeat_ngram.unwrap_or(model.no_repeat_ngram),
            ..model.clone()
        }
    }
}

/// A validated run. Serialised, it is a job file that asks for the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Files, folders, globs, or `-` for standard input.
    pub inputs: Vec<String>,
    /// The run folder.
    pub out: PathBuf,
    /// Target languages, in the order of the digests.
    pub to: Vec<Language>,
    /// Card name, folder, or `hf:org/name[@revision]`.
    pub summariser: String,
    /// As [`Job::summariser`], or [`AUTO`].
    pub translator: String,
    /// Translates anew what fails a hard check; as [`Job::summariser`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// Where the models run.
    pub device: Device,
    /// Threads of the engine.
    pub threads: usize,
    /// Tokens in one batch: longest source × sources.
    pub batch_tokens: usize,
    /// Read no more articles than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Which share of the batch this run does; `None` for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// File that gets the metrics of the run, for Prometheus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<PathBuf>,
    /// How progress is shown.
    pub progress: ProgressStyle,
    /// Most words in a summary.
    pub summary_words: usize,
    /// Most sentences in a summary.
    pub summary_sentences: usize,
    /// Which licences the job may use.
    pub licence: LicenceRule,
    /// Which implementation runs the models.
    pub engine: Kind,
    /// Number format of the weights.
    pub precision: Precision,
    /// Database of finished units shared with other jobs and nights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
    /// Most seconds that the engine may take for one article's summary or for one sentence of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_timeout: Option<u64>,
    /// Rejected articles that still count as success.
    pub max_rejected: usize,
    /// Folder whose files replace the built-in prompts and digest templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<PathBuf>,
    /// Folder with further model cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
    /// Terms that translations must keep to: CSV, TBX or TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glossary: Option<PathBuf>,
    /// Never open a network connection.
    pub offline: bool,
    /// Pickled weights may be read, by a reader that runs no code, even where no card says so.
    pub allow_pickle: bool,
    /// Memory that the models together may take; `None` for all that the machine has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    /// Models of single directions (`en-ru`), which win over [`Job::translator`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translators: BTreeMap<String, String>,
    /// How translations are decoded.
    pub decoding: JobDecoding,
    /// Who gets digests of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Recipient>,
}

/// What a translator is called that is chosen for each direction: see [`crate::model::Routing`].
pub const AUTO: &str = "auto";

/// Reads a direction: two languages with a hyphen between.
fn direction(text: &str) -> Option<(Language, Language)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (Language::parse(from.trim()).ok()?, Language::parse(to.trim()).ok()?);
    (from != to).then_some((from, to))
}

impl From<&Job> for EngineOptions {
    fn from(job: &Job) -> Self {
        Self {
            kind: job.engine,
            precision: job.precision,
            device: job.device,
            threads: job.threads,
            cache: Some(cache_folder()),
            batch_tokens: job.batch_tokens,
        }
    }
}

impl Job {
    /// Merges requests, the strongest first, over the defaults.
    ///
    /// # Errors
    /// When something needed is missing or a value is out of its range.
    pub fn from_requests(requests: impl IntoIterator<Item = Request>) -> Result<Self, JobError> {
        let merged = requests.into_iter().reduce(Request::over).unwrap_or_default();
        let job = merged.into_job()?;
        job.validated()
    }

    /// The model that the job names for a direction; `None` leaves the choice to [`AUTO`].
    pub fn translator_for(&self, from: Language, to: Language) -> Option<&str> {
        let own = self
            .translators
            .iter()
            .find(|(key, _)| direction(key) == Some((from, to)));
        let named = own.map_or(self.translator.as_str(), |(_, model)| model);
        (named != AUTO).then_some(named)
    }

    fn validated(self) -> Result<Self, JobError> {
        if self.inputs.is_empty() {
            return Err(JobError::Missing {
                key: "inputs",
                advice: "name files, folders, globs, or - for standard input",
            });
        }
        if self.out.as_os_str().is_empty() {
            return Err(JobError::Missing {
                key: "out",
                advice: "name the run folder with --out DIR",
            });
        }
        if self.to.is_empty() {
            return Err(JobError::Missing {
                key: "to",
                advice: "name target languages, such as --to ru,ar,tg",
            });
        }
        let positive = [
            ("threads", self.threads),
            ("batch_tokens", self.batch_tokens),
            ("limit", self.limit.unwrap_or(1)),
            (
                "article_timeout",
                self.article_timeout.map_or(1, |seconds| seconds as usize),
            ),
            ("summary_words", self.summary_words),
            ("summary_sentences", self.summary_sentences),
            ("decoding.beams", self.decoding.beams.unwrap_or(1)),
        ];
        for (key, value) in positive {
            if value == 0 {
                return Err(JobError::Value {
                    key,
                    expected: "a number from 1 up".to_owned(),
                    found: "0".to_owned(),
                });
            }
        }
        if self.fallback.as_deref() == Some(AUTO) {
            return Err(JobError::Value {
                key: "fallback",
                expected: "the name of a model".to_owned(),
                found: format!("`{AUTO}`"),
            });
        }
        if let Some(key) = self.translators.keys().find(|key| direction(key).is_none()) {
            return Err(JobError::Value {
                key: "translators",
                expected: "two languages with a hyphen between, such as en-ru".to_owned(),
                found: format!("`{key}`"),
            });
        }
        if let Some(penalty) = self.decoding.length_penalty.filter(|penalty| !penalty.is_finite()) {
            return Err(JobError::Value {
                key: "decoding.length_penalty",
                expected: "a finite number".to_owned(),
                found: penalty.to_string(),
            });
        }
        Ok(self)
    }
}
