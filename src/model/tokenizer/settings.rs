//! What tokenizer_config.json and special_tokens_map.json say about tokens that are not pieces.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::TokenizerError;
use super::vocabulary::read;

/// The tokens beside the pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Name of the tokenizer's class in transformers, without `Fast`.
    pub class: String,
    /// Tokens with their ids, where the files give ids.
    pub numbered: BTreeMap<String, u32>,
    /// Language tags in the order of their ids.
    pub additional: Vec<String>,
}

impl Settings {
    /// Reads what there is in a folder; config.json's `model_type` stands in for a missing class.
    pub fn read(folder: &Path) -> Result<Self, TokenizerError> {
        let tokenizer = object(&folder.join("tokenizer_config.json"))?;
        let specials = object(&folder.join("special_tokens_map.json"))?;
        let config = object(&folder.join("config.json"))?;
        let text = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
        let class = text(&tokenizer, "tokenizer_class").or_else(|| text(&config, "tokenizer_class"));
        let class = class.or_else(|| text(&config, "model_type").map(|kind| class_of(&kind).to_owned()));
        let added = tokenizer.get("added_tokens_decoder").and_then(Value::as_object);
        let numbered = added
            .into_iter()
            .flatten()
            .filter_map(|(id, token)| Some((token.get("content")?.as_str()?.to_owned(), id.parse::<u32>().ok()?)));
        let list = [&specials, &tokenizer]
            .into_iter()
            .find_map(|map| map.get("additional_special_tokens"));
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let content = |token: &Value| {
            token
                .as_str()
                .or_else(|| token.get("content")?.as_str())
                .map(str::to_owned)
        };
        Ok(Self {
            class: class.unwrap_or_default().trim_end_matches("Fast").to_owned(),
            numbered: numbered.collect(),
            additional: list.filter_map(content).collect(),
        })
    }
}

fn class_of(model_type: &str) -> &'static str {
    match model_type {
        "pegasus" => "PegasusTokenizer",
        "mbart" => "MBart50Tokenizer",
        "m2m_100" => "M2M100Tokenizer",
        "marian" => "MarianTokenizer",
        _ => "T5Tokenizer",
    }
}

/// A JSON object, empty when the file is not there.
fn object(path: &Path) -> Result<Map<String, Value>, TokenizerError> {
    if !path.is_file() {
        return Ok(Map::new());
    }
    serde_json::from_slice(&read(path)?).map_err(|error| TokenizerError::Malformed {
        path: path.to_owned(),
        message: format!("expected a JSON object: {error}"),
    })
}
