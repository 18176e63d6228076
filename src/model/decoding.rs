//! How a model decodes unless the job says otherwise: generation_config.json, or config.json in older repositories, with
//! the card's corrections on top. Keys and precedence are those of transformers.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ModelError;
use super::card::Architecture;

/// When the search for one sentence ends: transformers' `early_stopping`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EarlyStopping {
    /// `false`.
    #[default]
    Heuristic,
    /// `true`.
    Always,
    /// `"never"`.
    Never,
}

/// A model's own decoding settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecodingDefaults {
    /// Beams of beam search; 1 is greedy search.
    pub beams: usize,
    /// Hypothesis score = sum of log-probabilities / length ^ `length_penalty`.
    pub length_penalty: f64,
    /// When the search for one sentence ends.
    pub early_stopping: EarlyStopping,
    /// Most tokens to generate, decoder start not counted.
    pub max_new_tokens: usize,
    /// Fewest tokens to generate, decoder start not counted.
    pub min_new_tokens: usize,
    /// No n-gram of this many tokens comes twice; 0 is off.
    pub no_repeat_ngram: usize,
    /// 1 is off.
    pub repetition_penalty: f64,
    /// Sequences that must not be generated.
    pub bad_words: Vec<Vec<u32>>,
    /// Tokens that must not be generated.
    pub suppress: Vec<u32>,
    /// First token generated. Models with a tag for the target language need the tokenizer's instead.
    pub forced_bos: Option<u32>,
    /// Last token generated when `max_new_tokens` is reached.
    pub forced_eos: Option<u32>,
    /// What the decoder starts from.
    pub decoder_start: u32,
    /// Ends a hypothesis.
    pub eos: u32,
    /// Fills up shorter sequences.
    pub pad: u32,
}

/// What a card says about decoding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecodingOverrides {
    /// See [`DecodingDefaults::beams`].
    pub beams: Option<usize>,
    /// See [`DecodingDefaults::length_penalty`].
    pub length_penalty: Option<f64>,
    /// See [`DecodingDefaults::early_stopping`].
    pub early_stopping: Option<EarlyStopping>,
    /// See [`DecodingDefaults::max_new_tokens`].
    pub max_new_tokens: Option<usize>,
    /// See [`DecodingDefaults::min_new_tokens`].
    pub min_new_tokens: Option<usize>,
    /// See [`DecodingDefaults::no_repeat_ngram`].
    pub no_repeat_ngram: Option<usize>,
    /// See [`DecodingDefaults::repetition_penalty`].
    pub repetition_penalty: Option<f64>,
}

impl DecodingOverrides {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.beams == Some(0) {
            return Err("decoding.beams: expected at least 1, found 0".to_owned());
        }
        if self.max_new_tokens == Some(0) {
            return Err("decoding.max_new_tokens: expected at least 1, found 0".to_owned());
        }
        if let Some(penalty) = self
            .repetition_penalty
            .filter(|penalty| !(*penalty > 0.0 && penalty.is_finite()))
        {
            return Err(format!(
                "decoding.repetition_penalty: expected a number above 0, found {penalty}"
            ));
        }
        match self.length_penalty.filter(|penalty| !penalty.is_finite()) {
            Some(penalty) => Err(format!("decoding.length_penalty: expected a number, found {penalty}")),
            None => Ok(()),
        }
    }
}

/// config.json, and generation_config.json where there is one.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    path: std::path::PathBuf,
    config: Map<String, Value>,
    generation: Option<Map<String, Value>>,
}

impl ModelConfig {
    /// Reads the two files of a model's folder.
    ///
    /// # Errors
    /// When config.json is missing, or either is not a JSON object.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let config = object(&path)?;
        let generation = folder.join("generation_config.json");
        let generation = if generation.exists() {
            Some(object(&generation)?)
        } else {
            None
        };
        Ok(Self {
            path,
            config,
            generation,
        })
    }

    /// The graph.
    ///
    /// # Errors
    /// When config.json names none, or one that no engine knows.
    pub fn architecture(&self) -> Result<Architecture, ModelError> {
        let found = self
            .config
            .get("model_type")
            .and_then(Value::as_str)
            .unwrap_or("nothing");
        Architecture::from_model_type(found).ok_or_else(|| {
            self.wrong(
                "model_type: expected marian, m2m_100, mbart, bart, pegasus, t5, mt5 or longt5",
                found,
            )
        })
    }

    /// Size of the vocabulary, where config.json says it.
    pub fn vocabulary(&self) -> Option<usize> {
        self.config
            .get("vocab_size")
            .and_then(Value::as_u64)
            .map(|size| size as usize)
    }

    /// Longest source by the table of positions; T5's relative positions set no limit.
    pub fn positions(&self) -> Option<usize> {
        self.config
            .get("max_position_embeddings")
            .and_then(Value::as_u64)
            .map(|size| size as usize)
    }

    /// How the model decodes by its own files, corrected by `card`.
    ///
    /// # Errors
    /// When a setting has the wrong type, or a token that decoding needs is not named anywhere.
    pub fn decoding(&self, card: &DecodingOverrides) -> Result<DecodingDefaults, ModelError> {
        let eos = self
            .token("eos_token_id")?
            .ok_or_else(|| self.wrong("eos_token_id: expected a token id", "nothing"))?;
        let pad = self.token("pad_token_id")?.unwrap_or(eos);
        let decoder_start = match self.token("decoder_start_token_id")? {
            Some(token) => token,
            None => self.token("bos_token_id")?.unwrap_or(pad),
        };
        // Lengths of transformers count the decoder start.
        let max = self
            .whole("max_new_tokens")
            .or_else(|| self.whole("max_length").map(|length| length.saturating_sub(1)));
        let min = self
            .whole("min_new_tokens")
            .or_else(|| self.whole("min_length").map(|length| length.saturating_sub(1)));
        let early_stopping = match self.value("early_stopping") {
            Some(Value::Bool(true)) => EarlyStopping::Always,
            Some(Value::String(text)) if text == "never" => EarlyStopping::Never,
            _ => EarlyStopping::Heuristic,
        };
        Ok(DecodingDefaults {
            beams: card
                .beams
                .or(self.whole("num_beams").map(|beams| beams as usize))
                .unwrap_or(1)
                .max(1),
            length_penalty: card
                .length_penalty
                .or_else(|| self.real("length_penalty"))
                .unwrap_or(1.0),
            early_stopping: card.early_stopping.unwrap_or(early_stopping),
            max_new_tokens: card
                .max_new_tokens
                .or(max.map(|length| length as usize))
                .unwrap_or(200)
                .max(1),
            min_new_tokens: card.min_new_tokens.or(min.map(|length| length as usize)).unwrap_or(0),
            no_repeat_ngram: card
                .no_repeat_ngram
                .or(self.whole("no_repeat_ngram_size").map(|size| size as usize))
                .unwrap_or(0),
            repetition_penalty: card
                .repetition_penalty
                .or_else(|| self.real("repetition_penalty"))
                .unwrap_or(1.0),
            bad_words: self.lists("bad_words_ids")?,
            suppress: self.list("suppress_tokens")?,
            forced_bos: self.token("forced_bos_token_id")?,
            forced_eos: self.token("forced_eos_token_id")?,
            decoder_start,
            eos,
            pad,
        })
    }

    /// A setting. Where there is a generation_config.json, what config.json says of settings is out of date.
    fn value(&self, key: &str) -> Option<&Value> {
        self.generation
            .as_ref()
            .unwrap_or(&self.config)
            .get(key)
            .filter(|value| !value.is_null())
    }

    fn whole(&self, key: &str) -> Option<u64> {
        self.value(key).and_then(Value::as_u64)
    }

    fn real(&self, key: &str) -> Option<f64> {
        self.value(key)
            .and_then(Value::as_f64)
            .filter(|value| value.is_finite())
    }

    /// A token id, wherever it is named; of a list the first one counts.
    fn token(&self, key: &str) -> Result<Option<u32>, ModelError> {
        let fallback = || {
            self.config
                .get(key)
                .filter(|value| !value.is_null() && !key.starts_with("forced_"))
        };
        let Some(value) = self.value(key).or_else(fallback) else {
            return Ok(None);
        };
        let value = value.as_array().and_then(|list| list.first()).unwrap_or(value);
        self.id(value, key).map(Some)
    }

    fn id(&self, value: &Value, key: &str) -> Result<u32, ModelError> {
        let id = value.as_u64().and_then(|id| u32::try_from(id).ok());
        id.ok_or_else(|| self.wrong(&format!("{key}: expected a token id"), &value.to_string()))
    }

    fn list(&self, key: &str) -> Result<Vec<u32>, ModelError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let list = value
            .as_array()
            .ok_or_else(|| self.wrong(&format!("{key}: expected a list"), &value.to_string()))?;
        list.iter().map(|value| self.id(value, key)).collect()
    }

    fn lists(&self, key: &str) -> Result<Vec<Vec<u32>>, ModelError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let wrong = |value: &Value| self.wrong(&format!("{key}: expected a list of lists"), &value.to_string());
        let list = value.as_array().ok_or_else(|| wrong(value))?;
        list.iter()
            .map(|entry| {
                let ids = entry.as_array().ok_or_else(|| wrong(entry))?;
                ids.iter().map(|value| self.id(value, key)).collect()
            })
            .collect()
    }

    fn wrong(&self, expected: &str, found: &str) -> ModelError {
        ModelError::Malformed {
            path: self.path.clone(),
            message: format!("{expected}, found {found}"),
        }
    }
}

/// Reads a JSON object.
pub(super) fn object(path: &Path) -> Result<Map<String, Value>, ModelError> {
    let text = std::fs::read(path).map_err(|source| ModelError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|error| ModelError::Malformed {
        path: path.to_owned(),
        message: format!("expected a JSON object: {error}"),
    })
}
