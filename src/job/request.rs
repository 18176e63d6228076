//! One source of a job's settings, everything optional: the same type serves flags, environment and job file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::recipient::{self, RecipientRequest};
use super::{Bytes, Job, JobDecoding, JobError, ProgressStyle, Shard};
use crate::engine::{Device, Kind, Precision};
use crate::model::LicenceRule;
use crate::text::language::Language;

/// Settings that one source gives. Keys are those of the job file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Request {
    pub inputs: Option<Vec<String>>,
    pub out: Option<PathBuf>,
    /// Codes in any accepted notation.
    pub to: Option<Vec<String>>,
    pub summariser: Option<String>,
    pub translator: Option<String>,
    pub fallback: Option<String>,
    pub device: Option<String>,
    pub threads: Option<usize>,
    pub batch_tokens: Option<usize>,
    pub limit: Option<usize>,
    pub shard: Option<Shard>,
    pub metrics: Option<PathBuf>,
    pub progress: Option<ProgressStyle>,
    pub summary_words: Option<usize>,
    pub summary_sentences: Option<usize>,
    pub licence: Option<LicenceRule>,
    pub engine: Option<Kind>,
    pub precision: Option<Precision>,
    pub cache: Option<PathBuf>,
    pub article_timeout: Option<u64>,
    pub max_rejected: Option<usize>,
    pub prompts: Option<PathBuf>,
    pub models: Option<PathBuf>,
    pub glossary: Option<PathBuf>,
    pub offline: Option<bool>,
    pub allow_pickle: Option<bool>,
    pub memory: Option<Bytes>,
    /// Directions (`en-ru`) and the models that translate them.
    pub translators: Option<BTreeMap<String, String>>,
    pub decoding: DecodingRequest,
    pub recipients: Vec<RecipientRequest>,
}

/// The `[decoding]` table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct DecodingRequest {
    pub beams: Option<usize>,
    pub length_penalty: Option<f64>,
    pub no_repeat_ngram: Option<usize>,
}

const KEYS: [&str; 30] = [
    "inputs",
    "out",
    "to",
    "summariser",
    "translator",
    "fallback",
    "device",
    "threads",
    "batch_tokens",
    "limit",
    "shard",
    "metrics",
    "progress",
    "summary_words",
    "summary_sentences",
    "licence",
    "engine",
    "precision",
    "cache",
    "article_timeout",
    "max_rejected",
    "prompts",
    "models",
    "glossary",
    "offline",
    "allow_pickle",
    "memory",
    "translators",
    "decoding",
    "recipients",
];
const DECODING_KEYS: [&str; 3] = ["beams", "length_penalty", "no_repeat_ngram"];

/// Below this similarity a suggestion would be a guess.
const SIMILAR: f64 = 0.75;

impl Request {
    /// Reads a job file.
    ///
    /// Relative paths in it are taken from the current folder, as on the command line.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or holds an unknown key or a value of the wrong type.
    pub fn from_file(path: &Path) -> Result<Self, JobError> {
        let text = std::fs::read_to_string(path).map_err(|source| JobError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Reads a job file's text; `origin` names it in errors.
    pub fn from_toml(text: &str, origin: &str) -> Result<Self, JobError> {
        let malformed = |message: String| JobError::Malformed {
            origin: origin.to_owned(),
            message,
        };
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| malformed(error.to_string()))?;
        check_keys(table.keys(), &KEYS, "", origin)?;
        if let Some(toml::Value::Table(decoding)) = table.get("decoding") {
            check_keys(decoding.keys(), &DECODING_KEYS, "decoding.", origin)?;
        }
        for recipient in table
            .get("recipients")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
        {
            let keys = recipient.as_table().into_iter().flat_map(toml::Table::keys);
            check_keys(keys, &recipient::KEYS, "recipients.", origin)?;
        }
        // Parsed from the text again, not from the table, so that the message shows the line.
        toml::from_str(text).map_err(|error| malformed(error.to_string()))
    }

    /// Reads `KHULOSA_KEY` variables (`KHULOSA_THREADS=2`, `KHULOSA_TO=ru,ar`, `KHULOSA_DECODING_BEAMS=1`).
    ///
    /// Variables that name no key of a job are left to whoever they belong to.
    ///
    /// # Errors
    /// When a value has the wrong type.
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, JobError> {
        let mut merged = Self::default();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix("KHULOSA_").map(str::to_ascii_lowercase) else {
                continue;
            };
            let (table, key) = match key.strip_prefix("decoding_") {
                Some(key) if DECODING_KEYS.contains(&key) => ("[decoding]\n", key.to_owned()),
                None if KEYS.contains(&key.as_str())
                    && !matches!(key.as_str(), "decoding" | "translators" | "recipients") =>
                {
                    ("", key)
                }
                _ => continue,
            };
            let value = match key.as_str() {
                "inputs" | "to" => toml::Value::from(value.split(',').map(str::trim).collect::<Vec<_>>()),
                "limit" | "threads" | "batch_tokens" | "summary_words" | "summary_sentences" | "max_rejected"
                | "article_timeout" | "beams" | "no_repeat_ngram" => number(&value, toml::Value::Integer),
                "length_penalty" => number(&value, toml::Value::Float),
                "offline" | "allow_pickle" => {
                    toml::Value::Boolean(matches!(value.as_str(), "1" | "true" | "yes" | "on"))
                }
                _ => toml::Value::String(value),
            };
            merged = Self::from_toml(&format!("{table}{key} = {value}\n"), &name)?.over(merged);
        }
        Ok(merged)
    }

    /// Lays this request over a weaker one: what it leaves open, the weaker one fills.
    #[must_use]
    pub fn over(self, weaker: Self) -> Self {
        Self {
            inputs: self.inputs.or(weaker.inputs),
            out: self.out.or(weaker.out),
            to: self.to.or(weaker.to),
            summariser: self.summariser.or(weaker.summariser),
            translator: self.translator.or(weaker.translator),
            fallback: self.fallback.or(weaker.fallback),
            device: self.device.or(weaker.device),
            threads: self.threads.or(weaker.threads),
            batch_tokens: self.batch_tokens.or(weaker.batch_tokens),
            limit: self.limit.or(weaker.limit),
            shard: self.shard.or(weaker.shard),
            metrics: self.metrics.or(weaker.metrics),
            progress: self.progress.or(weaker.progress),
            summary_words: self.summary_words.or(weaker.summary_words),
            summary_sentences: self.summary_sentences.or(weaker.summary_sentences),
            licence: self.licence.or(weaker.licence),
            engine: self.engine.or(weaker.engine),
            precision: self.precision.or(weaker.precision),
            cache: self.cache.or(weaker.cache),
            article_timeout: self.article_timeout.or(weaker.article_timeout),
            max_rejected: self.max_rejected.or(weaker.max_rejected),
            prompts: self.prompts.or(weaker.prompts),
            models: self.models.or(weaker.models),
            glossary: self.glossary.or(weaker.glossary),
            offline: self.offline.or(weaker.offline),
            allow_pickle: self.allow_pickle.or(weaker.allow_pickle),
            memory: self.memory.or(weaker.memory),
            translators: self.translators.or(weaker.translators),
            decoding: DecodingRequest {
                beams: self.decoding.beams.or(weaker.decoding.beams),
                length_penalty: self.decoding.length_penalty.or(weaker.decoding.length_penalty),
                no_repeat_ngram: self.decoding.no_repeat_ngram.or(weaker.decoding.no_repeat_ngram),
            },
            recipients: if self.recipients.is_empty() {
                weaker.recipients
            } else {
                self.recipients
            },
        }
    }

    /// Fills what is still open with the defaults and turns codes into values.
    pub(super) fn into_job(self) -> Result<Job, JobError> {
        let mut to = Vec::new();
        for code in self
            .to
            .unwrap_or_else(|| ["ru", "ar", "tg"].map(str::to_owned).to_vec())
        {
            let language = Language::parse(code.trim())?;
            if !to.contains(&language) {
                to.push(language);
            }
        }
        let device = device(self.device.as_deref().unwrap_or("auto"))?;
        let recipients = recipient::recipients(self.recipients, &to)?;
        Ok(Job {
            inputs: self.inputs.unwrap_or_default(),
            out: self.out.unwrap_or_default(),
            to,
            summariser: self.summariser.unwrap_or_else(|| "pocket".to_owned()),
            translator: self.translator.unwrap_or_else(|| "pocket".to_owned()),
            fallback: self.fallback,
            device,
            threads: self
                .threads
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
            batch_tokens: self.batch_tokens.unwrap_or(2048),
            limit: self.limit,
            shard: self.shard,
            metrics: self.metrics,
            progress: self.progress.unwrap_or(ProgressStyle::Auto),
            summary_words: self.summary_words.unwrap_or(60),
            summary_sentences: self.summary_sentences.unwrap_or(2),
            licence: self.licence.unwrap_or_default(),
            engine: self.engine.unwrap_or_default(),
            precision: self.precision.unwrap_or_default(),
            cache: self.cache,
            article_timeout: self.article_timeout,
            max_rejected: self.max_rejected.unwrap_or(0),
            prompts: self.prompts,
            models: self.models,
            glossary: self.glossary,
            offline: self.offline.unwrap_or(false),
            allow_pickle: self.allow_pickle.unwrap_or(false),
            memory: self.memory,
            translators: self.translators.unwrap_or_default(),
            decoding: JobDecoding {
                beams: self.decoding.beams,
                length_penalty: self.decoding.length_penalty,
                no_repeat_ngram: self.decoding.no_repeat_ngram,
            },
            recipients,
        })
    }
}

/// `auto` is the first graphics card when there is one that libtorch can use.
fn device(text: &str) -> Result<Device, JobError> {
    if text == "auto" {
        return Ok(if tch::Cuda::is_available() {
            Device::Cuda(0)
        } else {
            Device::Cpu
        });
    }
    text.parse().map_err(|_| JobError::Value {
        key: "device",
        expected: "auto, cpu, cuda or cuda:N".to_owned(),
        found: format!("`{text}`"),
    })
}

/// A number where the text is one; otherwise the text, so that the type error shows what was written.
fn number<T: std::str::FromStr>(text: &str, make: fn(T) -> toml::Value) -> toml::Value {
    text.trim()
        .parse()
        .map_or_else(|_| toml::Value::String(text.to_owned()), make)
}

fn check_keys<'a>(
    found: impl Iterator<Item = &'a String>,
    known: &[&str],
    table: &str,
    origin: &str,
) -> Result<(), JobError> {
    for key in found {
        if !known.contains(&key.as_str()) {
            let nearest = known
                .iter()
                .map(|candidate| (strsim::jaro_winkler(candidate, key), candidate))
                .max_by(|left, right| left.0.total_cmp(&right.0))
                .filter(|(similarity, _)| *similarity >= SIMILAR)
                .map(|(_, candidate)| format!("{table}{candidate}"));
            return Err(JobError::UnknownKey {
                origin: origin.to_owned(),
                key: format!("{table}{key}"),
                nearest,
            });
        }
    }
    Ok(())
}
