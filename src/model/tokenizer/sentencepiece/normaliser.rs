//! SentencePiece's normalisation: rules compiled into a double-array trie (the longest match at each place is replaced),
//! then spaces squeezed and made visible.

use super::proto::{Proto, Spaces};

/// Normalises texts by the rules of a model.
pub struct Normaliser {
    /// Double array of the trie (Darts-clone's layout); empty without rules.
    units: Vec<u32>,
    /// Replacements, each ended by a zero byte.
    replacements: Vec<u8>,
    /// Pieces that pass untouched, longest first.
    own: Vec<String>,
    spaces: Spaces,
    space: &'static str,
}

impl Normaliser {
    /// Takes a model's rules; `own` are its user-defined pieces.
    ///
    /// # Errors
    /// When the rules are cut or are no trie.
    pub fn new(proto: &Proto, mut own: Vec<String>) -> Result<Self, String> {
        own.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        let (units, replacements) = if proto.rules.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            split(&proto.rules)?
        };
        Ok(Self {
            units,
            replacements,
            own,
            spaces: proto.spaces,
            space: if proto.spaces.escape { "▁" } else { " " },
        })
    }

    /// The text as the pieces spell it.
    pub fn normalise(&self, text: &str) -> String {
        let mut rest = text;
        if self.spaces.squeeze {
            while let Some((" ", length)) = self.prefix(rest) {
                rest = &rest[length..];
            }
        }
        let mut normal = String::with_capacity(text.len() + 8);
        if rest.is_empty() {
            return normal;
        }
        if self.spaces.dummy_prefix && !self.spaces.behind {
            normal.push_str(self.space);
        }
        let mut after_space = self.spaces.squeeze;
        while let Some((mut piece, length)) = self.prefix(rest) {
            if after_space {
                piece = piece.trim_start_matches(' ');
            }
            if !piece.is_empty() {
                for (at, part) in piece.split(' ').enumerate() {
                    if at > 0 {
                        normal.push_str(self.space);
                    }
                    normal.push_str(part);
                }
                after_space = piece.ends_with(' ');
            }
            rest = &rest[length..];
            after_space &= self.spaces.squeeze;
        }
        if self.spaces.squeeze {
            let length = normal.trim_end_matches(self.space).len();
            normal.truncate(length);
        }
        if self.spaces.dummy_prefix && self.spaces.behind {
            normal.push_str(self.space);
        }
        normal
    }

    /// The longest user-defined piece that a text begins with.
    pub fn own_prefix(&self, text: &str) -> Option<&str> {
        self.own
            .iter()
            .find(|piece| text.starts_with(piece.as_str()))
            .map(String::as_str)
    }

    /// What the beginning of a text becomes, and how many bytes of it that takes; `None` at the end.
    fn prefix<'a>(&'a self, text: &'a str) -> Option<(&'a str, usize)> {
        let first = text.chars().next()?;
        if let Some(own) = self.own_prefix(text) {
            return Some((own, own.len()));
        }
        // A rule that ends inside a letter would be a damaged one.
        let rule = self
            .longest_rule(text.as_bytes())
            .filter(|(_, length)| text.is_char_boundary(*length));
        Some(rule.unwrap_or((&text[..first.len_utf8()], first.len_utf8())))
    }

    /// Replacement and length of the longest rule that matches.
    fn longest_rule(&self, text: &[u8]) -> Option<(&str, usize)> {
        let mut longest = None;
        let mut node = offset(*self.units.first()?);
        for (at, byte) in text.iter().enumerate() {
            node ^= usize::from(*byte);
            let unit = *self.units.get(node)?;
            if unit & LABEL != u32::from(*byte) {
                break;
            }
            node ^= offset(unit);
            if unit >> 8 & 1 == 1 {
                let value = *self.units.get(node)? & !(1 << 31);
                longest = Some((value as usize, at + 1));
            }
        }
        let (start, length) = longest?;
        let replacement = self.replacements.get(start..)?;
        let end = replacement.iter().position(|byte| *byte == 0)?;
        Some((std::str::from_utf8(&replacement[..end]).ok()?, length))
    }
}

/// Bits of a unit that hold the byte leading to it, and the bit that marks a leaf.
const LABEL: u32 = 1 << 31 | 0xFF;

/// Where a unit's children lie, to be combined with the unit's own place by exclusive or.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize
}

/// Size of the trie, trie, replacements.
fn split(rules: &[u8]) -> Result<(Vec<u32>, Vec<u8>), String> {
    let damaged = || "expected normalisation rules, found a damaged trie".to_owned();
    let (size, rest) = rules.split_first_chunk::<4>().ok_or_else(damaged)?;
    let (trie, replacements) = rest
        .split_at_checked(u32::from_le_bytes(*size) as usize)
        .ok_or_else(damaged)?;
    let units: Vec<u32> = trie
        .chunks_exact(4)
        .map(|unit| unit.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)))
        .collect();
    if units.is_empty() || trie.len() % 4 != 0 {
        return Err(damaged());
    }
    Ok((units, replacements.to_vec()))
}
