//! Models whose token ids are the SentencePiece model's own numbers, shifted by what their makers put before them: T5 and
//! mT5 (not at all), PEGASUS (103 tokens), mBART and NLLB (fairseq's four specials, and language tags behind).

use std::collections::HashMap;
use std::path::Path;

use super::TokenizerError;
use super::sentencepiece::{SentencePiece, join};
use super::settings::Settings;
use super::vocabulary::Vocabulary;

/// How ids follow from numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Id = number.
    Plain,
    /// Id = number + 103; padding and end token keep 0 and 1.
    Pegasus,
    /// `<s> <pad> </s> <unk>` are 0 to 3, id = number + 1, and the language tags come after the last piece.
    Fairseq,
}

/// Tokens before the pieces of PEGASUS.
const PEGASUS_OFFSET: u32 = 103;
const FAIRSEQ_OFFSET: u32 = 1;

/// A SentencePiece model with its numbering.
pub struct Numbered {
    model: SentencePiece,
    offset: u32,
    unknown: u32,
    /// Tokens that are not pieces, or not under the piece's number.
    added: HashMap<String, u32>,
    names: HashMap<u32, String>,
}

impl Numbered {
    /// Opens a SentencePiece model; `settings` name the tags.
    pub fn open(path: &Path, scheme: Scheme, settings: &Settings) -> Result<Self, TokenizerError> {
        let model = SentencePiece::open(path)?;
        let mut added = HashMap::new();
        let mut add =
            |tokens: &[(&str, u32)]| added.extend(tokens.iter().map(|(token, id)| ((*token).to_owned(), *id)));
        let (offset, unknown) = match scheme {
            Scheme::Plain => (0, model.unknown()),
            Scheme::Pegasus => {
                add(&[("<pad>", 0), ("</s>", 1), ("<mask_1>", 2), ("<mask_2>", 3)]);
                (PEGASUS_OFFSET, model.unknown() + PEGASUS_OFFSET)
            }
            Scheme::Fairseq => {
                add(&[("<s>", 0), ("<pad>", 1), ("</s>", 2), ("<unk>", 3)]);
                for (at, tag) in settings.additional.iter().enumerate() {
                    add(&[(tag, model.len() as u32 + FAIRSEQ_OFFSET + at as u32)]);
                }
                (FAIRSEQ_OFFSET, 3)
            }
        };
        added.extend(settings.numbered.iter().map(|(token, id)| (token.clone(), *id)));
        let names = added.iter().map(|(token, id)| (*id, token.clone())).collect();
        Ok(Self {
            model,
            offset,
            unknown,
            added,
            names,
        })
    }

    fn piece(&self, id: u32) -> Option<&str> {
        self.names
            .get(&id)
            .map(String::as_str)
            .or_else(|| self.model.piece(id.checked_sub(self.offset)?))
    }
}

impl Vocabulary for Numbered {
    fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        self.model.encode(text, |piece| {
            ids.push(piece.id.map_or(self.unknown, |number| number + self.offset));
        });
        Ok(())
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        Ok(join(ids.iter().filter_map(|id| self.piece(*id))))
    }

    fn id(&self, token: &str) -> Option<u32> {
        let number = || {
            self.model
                .id(token)
                .filter(|number| self.offset == 0 || !self.model.is_special(*number))
        };
        self.added
            .get(token)
            .copied()
            .or_else(|| number().map(|number| number + self.offset))
    }

    fn pieces(&self) -> Vec<(u32, String)> {
        let end = (self.model.len() as u32 + self.offset).max(self.names.keys().map(|id| id + 1).max().unwrap_or(0));
        (0..end)
            .filter_map(|id| Some((id, self.piece(id)?.to_owned())))
            .collect()
    }

    fn specials(&self) -> Vec<u32> {
        let numbers = (0..self.model.len() as u32).filter(|number| self.model.is_special(*number));
        numbers
            .map(|number| number + self.offset)
            .chain(self.names.keys().copied())
            .chain([self.unknown])
            .collect()
    }
}
