//! A model's own decoding settings: generation_config.json, or config.json where there is none, with transformers'
//! defaults for what neither says.

use std::path::Path;

use serde_json::Value;

use super::spec::Config;
use super::{Decoding, EarlyStopping, EngineError};

impl Decoding {
    /// Reads the generation defaults of a model's folder.
    ///
    /// # Errors
    /// When config.json cannot be read, a setting has the wrong type, or no end token is named.
    pub fn from_folder(folder: &Path) -> Result<Self, EngineError> {
        let config = Config::read(folder.join("config.json"))?;
        let path = folder.join("generation_config.json");
        let generation = if path.is_file() {
            Config::read(path)?
        } else {
            Config::read(folder.join("config.json"))?
        };
        let both = Both {
            generation: &generation,
            config: &config,
        };
        let eos = both
            .token("eos_token_id")?
            .ok_or_else(|| config.wrong("eos_token_id", "a token id"))?;
        let pad = both.token("pad_token_id")?.unwrap_or(eos);
        let start = both
            .token("decoder_start_token_id")?
            .or(both.token("bos_token_id")?)
            .unwrap_or(pad);
        // Lengths in transformers count the decoder start; its default is 20.
        let whole = |key| generation.whole(key);
        let max = whole("max_new_tokens")?.or(whole("max_length")?.map(|length| length.saturating_sub(1)));
        let min = whole("min_new_tokens")?.or(whole("min_length")?.map(|length| length.saturating_sub(1)));
        let max_new_tokens = max.unwrap_or(19).max(1);
        Ok(Self {
            beams: whole("num_beams")?.unwrap_or(1).max(1),
            length_penalty: generation.real("length_penalty")?.unwrap_or(1.0),
            early_stopping: match generation.get("early_stopping") {
                Some(Value::Bool(true)) => EarlyStopping::Always,
                None | Some(Value::Bool(false)) => EarlyStopping::Heuristic,
                Some(Value::String(text)) if text == "never" => EarlyStopping::Never,
                Some(_) => return Err(generation.wrong("early_stopping", "true, false or \"never\"")),
            },
            max_new_tokens,
            min_new_tokens: min.unwrap_or(0).min(max_new_tokens),
            no_repeat_ngram: whole("no_repeat_ngram_size")?.unwrap_or(0),
            repetition_penalty: generation.real("repetition_penalty")?.unwrap_or(1.0),
            bad_words: generation.words("bad_words_ids")?,
            suppress: generation.tokens("suppress_tokens")?,
            forced_bos: both.token("forced_bos_token_id")?,
            forced_eos: both.token("forced_eos_token_id")?,
            decoder_start: start,
            eos,
            pad,
            n_best: 1,
            shortlist: None,
            copyable: None,
            required: Vec::new(),
            deadline: None,
        })
    }
}

/// Tokens are looked for in both files.
struct Both<'a> {
    generation: &'a Config,
    config: &'a Config,
}

impl Both<'_> {
    fn token(&self, key: &str) -> Result<Option<u32>, EngineError> {
        Ok(self.generation.one_token(key)?.or(self.config.one_token(key)?))
    }
}

fn id(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|id| u32::try_from(id).ok())
}

impl Config {
    fn whole(&self, key: &str) -> Result<Option<usize>, EngineError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value
            .as_u64()
            .map(|number| Some(number as usize))
            .ok_or_else(|| self.wrong(key, "a whole number"))
    }

    fn real(&self, key: &str) -> Result<Option<f64>, EngineError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.as_f64().map(Some).ok_or_else(|| self.wrong(key, "a number"))
    }

    /// A token id; of a list, the first.
    fn one_token(&self, key: &str) -> Result<Option<u32>, EngineError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let first = value.as_array().and_then(|list| list.first()).unwrap_or(value);
        id(first).map(Some).ok_or_else(|| self.wrong(key, "a token id"))
    }

    fn tokens(&self, key: &str) -> Result<Vec<u32>, EngineError> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let list = value.as_array().and_then(|list| list.iter().map(id).collect());
        list.ok_or_else(|| self.wrong(key, "a list of token ids"))
    }

    fn words(&self, key: &str) -> Result<Vec<Vec<u32>>, EngineError> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let word = |word: &Value| {
            word.as_array()
                .and_then(|word| word.iter().map(id).collect::<Option<Vec<u32>>>())
        };
        let list = value.as_array().and_then(|list| list.iter().map(word).collect());
        list.ok_or_else(|| self.wrong(key, "lists of token ids"))
    }
}
