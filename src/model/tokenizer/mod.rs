//! Text to token ids and back, as each family of models wants it: `<language tag> text </s>`, `>>tag<< text </s>`…
//!
//! What stands around the text is the prompts' business ([`Family`]); how the text is cut into pieces is that of the files
//! beside the weights (`vocabulary.rs`). Special tokens are looked up whole and never recognised inside a text, so that
//! nothing in an article can pass for one.

mod error;
mod json;
mod languages;
mod mapped;
mod numbered;
pub(crate) mod sentencepiece;
mod settings;
mod shortlist;
#[cfg(test)]
mod tests;
mod tidy;
mod vocabulary;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use error::TokenizerError;
pub use languages::Languages;
use vocabulary::Vocabulary;

use crate::prompts::{Family, Source};
use crate::text::language::Language;

/// The tokenizer of one model.
pub struct ModelTokenizer {
    vocabulary: Box<dyn Vocabulary>,
    family: Family,
    languages: Languages,
    /// Tokens that stand for no text.
    silent: HashSet<u32>,
    /// Shortlists made so far.
    shortlists: Mutex<BTreeMap<Language, Arc<[u32]>>>,
}

impl ModelTokenizer {
    /// Opens the tokenizer files of a model's folder: tokenizer.json, source.spm with vocab.json, a SentencePiece model,
    /// or vocab.json with merges.txt; the first that is there.
    ///
    /// `family` puts sources together. `languages` are those of the model with its own codes; an empty one stands for
    /// all languages that the family has a tag for and the vocabulary knows.
    ///
    /// # Errors
    /// When no tokenizer is there, a file is damaged, or the vocabulary lacks a tag of `languages`.
    pub fn open(folder: &Path, family: &Family, languages: &Languages) -> Result<Self, TokenizerError> {
        let vocabulary = vocabulary::open(folder)?;
        let languages = languages.complete(family, |token| vocabulary.id(token).is_some());
        let silent = vocabulary.specials().into_iter().collect();
        let tokenizer = Self {
            vocabulary,
            family: family.clone(),
            languages,
            silent,
            shortlists: Mutex::default(),
        };
        tokenizer.check(folder)?;
        Ok(tokenizer)
    }

    /// Every special token that any source or target may need must be in the vocabulary.
    fn check(&self, folder: &Path) -> Result<(), TokenizerError> {
        let codes: Vec<&str> = match languages::tags_needed(&self.family) {
            (false, false) => vec![""],
            _ => self.languages.codes().values().map(String::as_str).collect(),
        };
        for code in codes {
            let source = self.family.with_tags("", code, code);
            for token in source.before.iter().chain(&source.after).chain(&source.first) {
                self.token(token).map_err(|error| error.in_folder(folder))?;
            }
        }
        Ok(())
    }

    /// Ids of a source as the encoder wants it. `source` and `target` may be left out where the family has no tag for
    /// them. A text of any length is taken: cut it before.
    ///
    /// # Errors
    /// When the model does not know a language or the direction, or a tag is needed and its language not given.
    pub fn encode_source(
        &self,
        text: &str,
        source: Option<Language>,
        target: Option<Language>,
    ) -> Result<Vec<u32>, TokenizerError> {
        let prepared = self.prepare(text, source, target)?;
        let mut ids = Vec::with_capacity(prepared.text.len() / 3 + 4);
        for token in &prepared.before {
            ids.push(self.token(token)?);
        }
        self.vocabulary.encode(&prepared.text, &mut ids)?;
        for token in &prepared.after {
            ids.push(self.token(token)?);
        }
        Ok(ids)
    }

    fn prepare(&self, text: &str, from: Option<Language>, to: Option<Language>) -> Result<Source, TokenizerError> {
        self.languages.check(from, to)?;
        let code = |language: Option<Language>| language.and_then(|language| self.languages.codes().get(&language));
        let (from_needed, to_needed) = languages::tags_needed(&self.family);
        if from.is_none() && from_needed {
            return Err(TokenizerError::NoLanguage { which: "source" });
        }
        if to.is_none() && to_needed {
            return Err(TokenizerError::NoLanguage { which: "target" });
        }
        Ok(self.family.with_tags(
            text,
            code(from).map_or("", String::as_str),
            code(to).map_or("", String::as_str),
        ))
    }

    /// Text of generated ids, without special tokens and outer spaces.
    ///
    /// # Errors
    /// When the tokenizer refuses the ids.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        let spoken: Vec<u32> = ids.iter().copied().filter(|id| !self.silent.contains(id)).collect();
        Ok(tidy::tidy(&self.vocabulary.decode(&spoken)?))
    }

    /// Token that the decoder must begin with to write in `target`; `None` where the family has no such tag.
    ///
    /// # Errors
    /// When the model does not know the language.
    pub fn forced_bos(&self, target: Language) -> Result<Option<u32>, TokenizerError> {
        self.languages.check(None, Some(target))?;
        let code = self.languages.codes().get(&target).map_or("", String::as_str);
        self.family
            .with_tags("", "", code)
            .first
            .map(|token| self.token(&token))
            .transpose()
    }

    /// Number of tokens of a text, nothing around it.
    ///
    /// # Errors
    /// When the text cannot be tokenised.
    pub fn count(&self, text: &str) -> Result<usize, TokenizerError> {
        let mut ids = Vec::new();
        self.vocabulary.encode(text, &mut ids)?;
        Ok(ids.len())
    }

    /// Ids of a bare text, nothing around it.
    ///
    /// # Errors
    /// When the text cannot be tokenised.
    pub fn encode_plain(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::new();
        self.vocabulary.encode(text, &mut ids)?;
        Ok(ids)
    }

    /// Id of a token given whole.
    pub fn id_of(&self, token: &str) -> Option<u32> {
        self.vocabulary.id(token)
    }

    /// Every token with its id, in the order of ids; word beginnings are marked with `▁` where the vocabulary has no
    /// other mark.
    pub fn pieces(&self) -> Vec<(u32, String)> {
        let mut pieces = self.vocabulary.pieces();
        pieces.sort_unstable();
        pieces
    }

    /// One more than the highest id. The weights must have at least as many rows.
    pub fn size(&self) -> usize {
        self.vocabulary
            .pieces()
            .iter()
            .map(|(id, _)| *id as usize + 1)
            .max()
            .unwrap_or(0)
    }

    /// Compares the vocabulary with the number of rows that the weights have for it. Some more rows are usual (they are
    /// rounded up), and so are special tokens that no weights exist for (BART's `<mask>`).
    ///
    /// # Errors
    /// What was expected and what was found, when the two cannot belong together.
    pub fn check_size(&self, rows: usize) -> Result<(), String> {
        let pieces = self.vocabulary.pieces();
        let spoken = pieces
            .iter()
            .filter(|(id, _)| !self.silent.contains(id))
            .map(|(id, _)| *id as usize + 1);
        let needed = spoken.max().unwrap_or(0);
        if needed > rows {
            return Err(format!(
                "the tokenizer has {needed} tokens, more than the {rows} of config.json's vocab_size"
            ));
        }
        let known = pieces.len();
        if rows - rows / 8 > known {
            return Err(format!(
                "the tokenizer has {known} tokens, far fewer than the {rows} of config.json's vocab_size"
            ));
        }
        Ok(())
    }

    /// The languages the model knows, with its own codes.
    pub fn languages(&self) -> &Languages {
        &self.languages
    }

    /// The only tokens that a text in `target` needs, sorted: those whose letters fit its script, acronyms, digits,
    /// punctuation, the end token and the target's tag. `None` where pieces are not letters but bytes.
    ///
    /// # Errors
    /// When the model does not know the language.
    pub fn shortlist_for(&self, target: Language) -> Result<Option<Arc<[u32]>>, TokenizerError> {
        let first = self.forced_bos(target)?;
        if self.vocabulary.is_byte_level() {
            return Ok(None);
        }
        let mut made = self.shortlists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shortlist) = made.get(&target) {
            return Ok(Some(Arc::clone(shortlist)));
        }
        let mut needed: Vec<u32> = first.into_iter().collect();
        for token in self.family.with_tags("", "", "").after {
            needed.push(self.token(&token)?);
        }
        let pieces = self.vocabulary.pieces();
        let fitting = pieces
            .iter()
            .filter(|(id, piece)| !self.silent.contains(id) && shortlist::fits(piece, target));
        needed.extend(fitting.map(|(id, _)| *id));
        needed.sort_unstable();
        needed.dedup();
        let shortlist: Arc<[u32]> = needed.into();
        made.insert(target, Arc::clone(&shortlist));
        Ok(Some(shortlist))
    }

    /// Tokens, sorted, whose letters do not fit texts in `source`: where they stand in one all the same, they are likely
    /// names, and a translation may keep them.
    pub fn copyable_from(&self, source: Language) -> Arc<[u32]> {
        let foreign = |(id, piece): &(u32, String)| !self.silent.contains(id) && !shortlist::fits(piece, source);
        self.pieces().into_iter().filter(foreign).map(|(id, _)| id).collect()
    }

    fn token(&self, token: &str) -> Result<u32, TokenizerError> {
        self.vocabulary.id(token).ok_or_else(|| TokenizerError::NoToken {
            token: token.to_owned(),
            folder: None,
        })
    }
}
