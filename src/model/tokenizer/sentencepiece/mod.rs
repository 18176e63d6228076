//! SentencePiece models (`*.model`, `*.spm`), encoded as Google's own library does: its normalisation, its Unigram search
//! and its BPE merges, down to the handling of unknown letters, so that ids equal those the model was trained with.

mod bpe;
mod normaliser;
mod proto;
mod unigram;

use std::collections::HashMap;
use std::path::Path;

use normaliser::Normaliser;
use proto::{Algorithm, Kind, Proto};

use super::TokenizerError;
use super::vocabulary::read;

/// Mark of a word's beginning.
pub const SPACE: char = '▁';

/// One piece of an encoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The piece; for a run of unknown letters these letters.
    pub text: &'a str,
    /// Its number in the model, or `None` for a run of unknown letters.
    pub id: Option<u32>,
}

/// A SentencePiece model.
pub struct SentencePiece {
    proto: Proto,
    /// Numbers of the pieces that texts are cut into.
    index: HashMap<String, u32>,
    /// Numbers of control tokens, the unknown token and bytes.
    reserved: HashMap<String, u32>,
    normaliser: Normaliser,
    unigram: unigram::Unigram,
}

impl SentencePiece {
    /// Reads a model.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or cuts texts by words or characters, as no translation model does.
    pub fn open(path: &Path) -> Result<Self, TokenizerError> {
        let malformed = |message: String| TokenizerError::Malformed {
            path: path.to_owned(),
            message,
        };
        let proto = Proto::parse(&read(path)?).map_err(malformed)?;
        let (mut index, mut reserved) = (HashMap::with_capacity(proto.pieces.len()), HashMap::new());
        for (id, piece) in proto.pieces.iter().enumerate() {
            let ordinary = matches!(piece.kind, Kind::Normal | Kind::UserDefined | Kind::Unused);
            let map = if ordinary { &mut index } else { &mut reserved };
            if map.insert(piece.text.clone(), id as u32).is_some() {
                return Err(malformed(format!(
                    "expected each piece once, found `{}` twice",
                    piece.text
                )));
            }
        }
        let own = proto
            .pieces
            .iter()
            .filter(|piece| piece.kind == Kind::UserDefined)
            .map(|piece| piece.text.clone());
        let normaliser = Normaliser::new(&proto, own.collect()).map_err(malformed)?;
        let unigram = unigram::Unigram::new(&proto);
        Ok(Self {
            proto,
            index,
            reserved,
            normaliser,
            unigram,
        })
    }

    /// Number of pieces.
    pub fn len(&self) -> usize {
        self.proto.pieces.len()
    }

    /// Text of a piece.
    pub fn piece(&self, id: u32) -> Option<&str> {
        self.proto.pieces.get(id as usize).map(|piece| piece.text.as_str())
    }

    /// Number of a piece.
    pub fn id(&self, piece: &str) -> Option<u32> {
        self.reserved.get(piece).or_else(|| self.index.get(piece)).copied()
    }

    /// Number of the piece that stands for unknown letters.
    pub fn unknown(&self) -> u32 {
        self.proto.unknown
    }

    /// Whether a piece stands for no text.
    pub fn is_special(&self, id: u32) -> bool {
        let kind = self.proto.pieces.get(id as usize).map(|piece| piece.kind);
        matches!(kind, Some(Kind::Control | Kind::Unknown))
    }

    /// Cuts a text into pieces and hands each to `take`.
    pub fn encode(&self, text: &str, mut take: impl FnMut(Piece)) {
        let text = self.normaliser.normalise(text);
        let ends = match self.proto.algorithm {
            Algorithm::Unigram => self.unigram.ends(&text, &self.index, &self.proto),
            Algorithm::Bpe => bpe::ends(&text, &self.index, &self.proto, &self.normaliser),
        };
        // Neighbouring unknown pieces become one.
        let (mut start, mut unknown) = (0, None);
        for end in ends {
            let piece = text.get(start..end).unwrap_or_default();
            match self.index.get(piece) {
                Some(id) => {
                    if let Some(from) = unknown.take() {
                        take(Piece {
                            text: text.get(from..start).unwrap_or_default(),
                            id: None,
                        });
                    }
                    take(Piece {
                        text: piece,
                        id: Some(*id),
                    });
                }
                None if self.proto.bytes => {
                    for byte in piece.bytes() {
                        let name = format!("<0x{byte:02X}>");
                        take(Piece {
                            text: &name,
                            id: self.reserved.get(&name).copied(),
                        });
                    }
                }
                None => {
                    unknown.get_or_insert(start);
                }
            }
            start = end;
        }
        if let Some(from) = unknown {
            take(Piece {
                text: text.get(from..).unwrap_or_default(),
                id: None,
            });
        }
    }
}

/// Joins pieces into a text: `▁` becomes a space, runs of bytes become letters.
pub fn join<'a>(pieces: impl IntoIterator<Item = &'a str>) -> String {
    let mut bytes = Vec::new();
    for piece in pieces {
        match byte(piece) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(piece.replace(SPACE, " ").as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `<0x41>` is the byte 0x41.
fn byte(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() == 2 {
        u8::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}
