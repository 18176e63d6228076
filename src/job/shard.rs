//! One machine's share of a batch: `--shard 2/8` is the second of eight.
//!
//! Which shard an article belongs to follows from its id, which follows from its text: neither the order of the inputs
//! nor the file that an article stands in matters, and two copies of one text are always in the same shard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Shard `index` of `count`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Which shard it is, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many shards there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether something known by this text (an article's id, the input of a rejection) is this shard's.
    pub fn holds(self, text: &str) -> bool {
        let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(text.as_bytes()).as_bytes();
        let hash = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        hash % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected I/N with I from 1 to N, such as 2/8, found `{text}`");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let (Ok(index), Ok(count)) = (index.trim().parse(), count.trim().parse()) else {
            return Err(wrong());
        };
        if index == 0 || index > count {
            return Err(wrong());
        }
        Ok(Self { index, count })
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_article_is_in_exactly_one_shard_and_the_shards_are_of_like_size() {
        let shards: Vec<Shard> = (1..=7).map(|index| format!("{index}/7").parse().unwrap()).collect();
        let mut sizes = [0; 7];
        for number in 0..7000 {
            let id = blake3::hash(&u32::to_le_bytes(number)).to_hex();
            let homes: Vec<usize> = (0..7).filter(|at| shards[*at].holds(&id)).collect();
            assert_eq!(homes.len(), 1);
            sizes[homes[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (850..1150).contains(size)), "{sizes:?}");
    }

    #[test]
    fn a_shard_that_is_none_is_refused() {
        for text in ["", "3", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("4/4".parse::<Shard>().unwrap().to_string(), "4/4");
    }
}
