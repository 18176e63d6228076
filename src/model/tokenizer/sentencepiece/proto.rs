//! The few fields of a SentencePiece model file that encoding needs: protocol buffers, read without a schema compiler.

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cut from texts.
    Normal,
    /// Stands for unknown letters.
    Unknown,
    /// Stands for no text, `</s>` for instance.
    Control,
    /// Never cut further, whatever its score.
    UserDefined,
    /// Kept for its number alone.
    Unused,
    /// `<0x00>` to `<0xFF>`.
    Byte,
}

/// One piece of the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtoPiece {
    /// The piece, with `▁` for spaces.
    pub text: String,
    /// Log-probability (Unigram) or the merge's rank below zero (BPE).
    pub score: f32,
    /// What it is.
    pub kind: Kind,
}

/// How texts are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The most probable sequence of pieces.
    Unigram,
    /// Merges by rank.
    Bpe,
}

/// A SentencePiece model file.
#[derive(Clone, Debug)]
pub struct Proto {
    /// The vocabulary, in the order of numbers.
    pub pieces: Vec<ProtoPiece>,
    /// How texts are cut.
    pub algorithm: Algorithm,
    /// Number of the piece for unknown letters.
    pub unknown: u32,
    /// Unknown letters are spelt in bytes.
    pub bytes: bool,
    /// Compiled normalisation rules; empty for none.
    pub rules: Vec<u8>,
    /// What becomes of spaces.
    pub spaces: Spaces,
}

/// What becomes of spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // They are the fields of the file.
pub struct Spaces {
    /// One is put before the text.
    pub dummy_prefix: bool,
    /// That one stands behind the text instead.
    pub behind: bool,
    /// Runs become one, outer ones none.
    pub squeeze: bool,
    /// They become `▁`.
    pub escape: bool,
}

impl Proto {
    /// Reads a model file.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        let mut proto = Self {
            pieces: Vec::new(),
            algorithm: Algorithm::Unigram,
            unknown: 0,
            bytes: false,
            rules: Vec::new(),
            spaces: Spaces {
                dummy_prefix: true,
                behind: false,
                squeeze: true,
                escape: true,
            },
        };
        for field in Fields(content) {
            match field? {
                (1, Value::Bytes(piece)) => proto.pieces.push(parse_piece(piece)?),
                (2, Value::Bytes(trainer)) => proto.read_trainer(trainer)?,
                (3, Value::Bytes(normaliser)) => proto.read_normaliser(normaliser)?,
                _ => {}
            }
        }
        let unknown = proto.pieces.iter().position(|piece| piece.kind == Kind::Unknown);
        proto.unknown = unknown.ok_or("expected a SentencePiece model, found no piece for unknown letters")? as u32;
        Ok(proto)
    }

    fn read_trainer(&mut self, content: &[u8]) -> Result<(), String> {
        for field in Fields(content) {
            match field? {
                (3, Value::Number(1)) => self.algorithm = Algorithm::Unigram,
                (3, Value::Number(2)) => self.algorithm = Algorithm::Bpe,
                (3, Value::Number(other)) => {
                    return Err(format!(
                        "expected a model of type 1 (Unigram) or 2 (BPE), found type {other}"
                    ));
                }
                (24, Value::Number(flag)) => self.spaces.behind = flag != 0,
                (35, Value::Number(flag)) => self.bytes = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normaliser(&mut self, content: &[u8]) -> Result<(), String> {
        for field in Fields(content) {
            match field? {
                (2, Value::Bytes(rules)) => self.rules = rules.to_vec(),
                (3, Value::Number(flag)) => self.spaces.dummy_prefix = flag != 0,
                (4, Value::Number(flag)) => self.spaces.squeeze = flag != 0,
                (5, Value::Number(flag)) => self.spaces.escape = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

fn parse_piece(content: &[u8]) -> Result<ProtoPiece, String> {
    let mut piece = ProtoPiece {
        text: String::new(),
        score: 0.0,
        kind: Kind::Normal,
    };
    for field in Fields(content) {
        match field? {
            (1, Value::Bytes(text)) => {
                let text = std::str::from_utf8(text).map_err(|_| "expected pieces in UTF-8".to_owned())?;
                text.clone_into(&mut piece.text);
            }
            (2, Value::Single(score)) => piece.score = score,
            (3, Value::Number(kind)) => {
                piece.kind = match kind {
                    1 => Kind::Normal,
                    2 => Kind::Unknown,
                    3 => Kind::Control,
                    4 => Kind::UserDefined,
                    5 => Kind::Unused,
                    6 => Kind::Byte,
                    other => return Err(format!("expected pieces of type 1 to 6, found type {other}")),
                }
            }
            _ => {}
        }
    }
    Ok(piece)
}

enum Value<'a> {
    Number(u64),
    Single(f32),
    Bytes(&'a [u8]),
    /// A value of a kind that no field needed here has.
    Other,
}

/// Fields of a message: number and value.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Single(f32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((key >> 3, value))
    }

    /// A number in groups of seven bits, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| "expected a SentencePiece model, found a damaged or cut file".to_owned()))
    }
}
