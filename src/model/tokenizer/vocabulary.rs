//! What every kind of tokenizer file can do, and which kind a folder holds.

use std::path::Path;

use super::TokenizerError;
use super::json::Json;
use super::mapped::Mapped;
use super::numbered::{Numbered, Scheme};
use super::settings::Settings;

/// Pieces and ids of one tokenizer, nothing of languages or prompts.
pub trait Vocabulary: Send + Sync {
    /// Appends the ids of a text, in which no special token is recognised.
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError>;

    /// Text of ids, with whatever spaces the pieces bring. Ids without a token are passed over: the weights of some
    /// models have more rows than their vocabularies.
    ///
    /// # Errors
    /// When the tokenizer refuses the ids.
    fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError>;

    /// Id of a token given whole, special or not.
    fn id(&self, token: &str) -> Option<u32>;

    /// Every token with its id, in no order.
    fn pieces(&self) -> Vec<(u32, String)>;

    /// Ids that stand for no text.
    fn specials(&self) -> Vec<u32>;

    /// Whether pieces are made of bytes, so that one alone need not be a letter.
    fn is_byte_level(&self) -> bool {
        false
    }
}

/// Names that repositories give to their SentencePiece model.
const SENTENCEPIECE: [&str; 4] = [
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "sentencepiece.model",
];

/// Opens the tokenizer of a model's folder.
pub fn open(folder: &Path) -> Result<Box<dyn Vocabulary>, TokenizerError> {
    let here = |file: &str| Some(folder.join(file)).filter(|path| path.is_file());
    if let Some(path) = here("tokenizer.json") {
        return Ok(Box::new(Json::open(&path)?));
    }
    if here("source.spm").is_some() {
        return Ok(Box::new(Mapped::marian(folder)?));
    }
    if let Some(path) = SENTENCEPIECE.iter().find_map(|file| here(file)) {
        return sentencepiece(folder, &path);
    }
    match (here("vocab.json"), here("merges.txt")) {
        (Some(vocabulary), Some(merges)) => Ok(Box::new(Json::byte_level(&vocabulary, &merges)?)),
        _ => Err(TokenizerError::None {
            folder: folder.to_owned(),
        }),
    }
}

fn sentencepiece(folder: &Path, path: &Path) -> Result<Box<dyn Vocabulary>, TokenizerError> {
    let settings = Settings::read(folder)?;
    let scheme = match settings.class.as_str() {
        "M2M100Tokenizer" if folder.join("vocab.json").is_file() => {
            return Ok(Box::new(Mapped::m2m100(path, folder, &settings)?));
        }
        "PegasusTokenizer" => Scheme::Pegasus,
        "MBartTokenizer" | "MBart50Tokenizer" | "NllbTokenizer" | "M2M100Tokenizer" => Scheme::Fairseq,
        _ => Scheme::Plain,
    };
    Ok(Box::new(Numbered::open(path, scheme, &settings)?))
}

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Vec<u8>, TokenizerError> {
    std::fs::read(path).map_err(|source| TokenizerError::Unreadable {
        path: path.to_owned(),
        source,
    })
}
