//! tokenizer.json, the format of the `tokenizers` library, and vocab.json with merges.txt (BART), which it reads as well.

use std::path::Path;

use tokenizers::models::ModelWrapper;
use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, Tokenizer};

use super::TokenizerError;
use super::vocabulary::{Vocabulary, read};

/// BART's tokens that stand for no text.
const SPECIALS: [&str; 5] = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

/// A tokenizer of the `tokenizers` library.
pub struct Json {
    tokenizer: Tokenizer,
    byte_level: bool,
}

impl Json {
    /// Reads tokenizer.json.
    pub fn open(path: &Path) -> Result<Self, TokenizerError> {
        let malformed = |error: tokenizers::Error| TokenizerError::Malformed {
            path: path.to_owned(),
            message: error.to_string(),
        };
        Ok(Self::over(Tokenizer::from_bytes(read(path)?).map_err(malformed)?))
    }

    /// Reads BART's vocab.json and merges.txt: byte-pair encoding over bytes.
    pub fn byte_level(vocabulary: &Path, merges: &Path) -> Result<Self, TokenizerError> {
        let malformed = |path: &Path, error: &dyn std::fmt::Display| TokenizerError::Malformed {
            path: path.to_owned(),
            message: error.to_string(),
        };
        let utf8 = |path: &Path| {
            path.to_str()
                .map(str::to_owned)
                .ok_or_else(|| malformed(path, &"expected a path in UTF-8"))
        };
        let (ids, ranks) =
            BPE::read_file(&utf8(vocabulary)?, &utf8(merges)?).map_err(|error| malformed(vocabulary, &error))?;
        let specials: Vec<AddedToken> = SPECIALS
            .iter()
            .filter(|token| ids.contains_key(**token))
            .map(|token| AddedToken::from(*token, true))
            .collect();
        let model = BPE::builder()
            .vocab_and_merges(ids, ranks)
            .build()
            .map_err(|error| malformed(merges, &error))?;
        let mut tokenizer = Tokenizer::new(model);
        tokenizer.with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(false)));
        tokenizer.with_decoder(Some(ByteLevel::default()));
        tokenizer.add_special_tokens(&specials);
        Ok(Self::over(tokenizer))
    }

    /// Uses a tokenizer as it is, except that it cuts nothing off, fills nothing up, and takes what looks like a
    /// special token inside a text for text.
    pub fn over(mut tokenizer: Tokenizer) -> Self {
        // Neither call can fail: there is nothing to truncate to.
        let _ = tokenizer.with_truncation(None);
        tokenizer.with_padding(None);
        tokenizer.set_encode_special_tokens(true);
        let byte_level = tokenizer.get_pre_tokenizer().is_some_and(holds_byte_level)
            && matches!(tokenizer.get_model(), ModelWrapper::BPE(_));
        Self { tokenizer, byte_level }
    }
}

fn holds_byte_level(pre_tokenizer: &PreTokenizerWrapper) -> bool {
    match pre_tokenizer {
        PreTokenizerWrapper::ByteLevel(_) => true,
        PreTokenizerWrapper::Sequence(steps) => steps.as_ref().iter().any(holds_byte_level),
        _ => false,
    }
}

impl Vocabulary for Json {
    fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        let encoding = self
            .tokenizer
            .encode_fast(text, false)
            .map_err(|error| TokenizerError::Refused(error.to_string()))?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        self.tokenizer
            .decode(ids, false)
            .map_err(|error| TokenizerError::Refused(error.to_string()))
    }

    fn id(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_to_id(token)
    }

    fn pieces(&self) -> Vec<(u32, String)> {
        self.tokenizer
            .get_vocab(true)
            .into_iter()
            .map(|(piece, id)| (id, piece))
            .collect()
    }

    fn specials(&self) -> Vec<u32> {
        let added = self.tokenizer.get_added_tokens_decoder();
        added
            .iter()
            .filter(|(_, token)| token.special)
            .map(|(id, _)| *id)
            .collect()
    }

    fn is_byte_level(&self) -> bool {
        self.byte_level
    }
}
