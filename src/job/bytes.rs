//! Sizes as people write them: `12GB`, `500MB`, or a plain number of bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const UNITS: [(&str, u64); 4] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("", 1)];

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(pub u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        let factor = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()));
        let bytes = factor.and_then(|(_, factor)| count.parse::<u64>().ok()?.checked_mul(*factor));
        bytes
            .map(Self)
            .ok_or_else(|| format!("expected a size such as 12GB or 500MB, found {text}"))
    }
}

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        bytes.to_string()
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |factor: &u64| self.0 > 0 && self.0.is_multiple_of(*factor);
        let (unit, factor) = UNITS.into_iter().find(|(_, factor)| fits(factor)).unwrap_or(("", 1));
        write!(formatter, "{}{unit}", self.0 / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_write_them_and_read_back() {
        for (text, bytes) in [
            ("20GB", 20_000_000_000),
            ("500 mb", 500_000_000),
            ("1500", 1500),
            ("0", 0),
        ] {
            let size: Bytes = text.parse().unwrap();
            assert_eq!(size, Bytes(bytes), "{text}");
            assert_eq!(size.to_string().parse(), Ok(size));
        }
        for wrong in ["", "GB", "1.5GB", "-1GB", "3TB", "99999999999999999999GB"] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong}");
        }
    }
}
