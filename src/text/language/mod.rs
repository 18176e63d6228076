//! A language and its names in the code systems that people, files and models use.
//!
//! Users write `tg`, `tgk` or `tgk_Cyrl`; records store BCP-47; each model family has codes of its own. Everything inside
//! the program passes a [`Language`] around, so that a code is parsed once, at the edge, and cannot be wrong later.

mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::script::Script;
use table::{Entry, TABLE};

/// A language of the built-in table. Ordered by BCP-47 code; written by serde as that code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(u8);

/// Which way lines run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    /// The value of HTML's `dir` attribute.
    pub fn html(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// A language code that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    #[error(
        "unknown language “{given}”: expected a code such as tg, tgk or tgk_Cyrl{}",
        suggestion.as_ref().map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
    )]
    Unknown { given: String, suggestion: Option<String> },
    #[error("unknown language “{given}”: {language} is written in {known} here")]
    Script {
        given: String,
        language: &'static str,
        known: String,
    },
}

impl Language {
    pub const ARABIC: Self = Self::of("ar");
    pub const ENGLISH: Self = Self::of("en");
    pub const KAZAKH: Self = Self::of("kk");
    pub const KYRGYZ: Self = Self::of("ky");
    pub const PERSIAN: Self = Self::of("fa");
    pub const RUSSIAN: Self = Self::of("ru");
    pub const TAJIK: Self = Self::of("tg");
    pub const UZBEK: Self = Self::of("uz");

    /// The language of a code that is known to be in the table; evaluated while compiling.
    const fn of(code: &str) -> Self {
        let wanted = code.as_bytes();
        let mut index = 0;
        while index < TABLE.len() {
            let found = TABLE[index].code.as_bytes();
            if found.len() == wanted.len() && found[0] == wanted[0] && found[1] == wanted[1] {
                return Self(index as u8);
            }
            index += 1;
        }
        #[allow(clippy::panic)] // Reached at compile time or never: every call is in a constant.
        {
            panic!("not in the table of languages")
        }
    }

    fn entry(self) -> &'static Entry {
        &TABLE[usize::from(self.0)]
    }

    /// Every language of the table, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(|index| Self(index as u8))
    }

    /// Reads a BCP-47 tag (`tg`, `tg-Cyrl`, `pt-BR`), an ISO 639-3 code (`tgk`) or a FLORES code (`tgk_Cyrl`), in any case.
    /// A region is ignored; a script must be one that the language is written in.
    ///
    /// # Errors
    /// [`LanguageError`], with the nearest code that would have been right.
    pub fn parse(given: &str) -> Result<Self, LanguageError> {
        let mut subtags = given.trim().split(['-', '_']);
        let stem = subtags.next().unwrap_or_default().to_lowercase();
        let mut script = None;
        for subtag in subtags {
            match subtag.len() {
                4 if subtag.bytes().all(|byte| byte.is_ascii_alphabetic()) => script = Some(subtag.to_lowercase()),
                2 | 3 if subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                    // Chinese is the one language here whose region tells the script.
                    if stem == "zh" && matches!(subtag.to_lowercase().as_str(), "tw" | "hk" | "mo") {
                        script = Some("hant".to_owned());
                    }
                }
                _ => return Err(unknown(given)),
            }
        }
        let candidates: Vec<Self> = Self::all().filter(|language| language.is_called(&stem)).collect();
        let Some(&first) = candidates.first() else {
            return Err(unknown(given));
        };
        let Some(script) = script else {
            return Ok(first);
        };
        candidates
            .into_iter()
            .find(|language| language.is_written_in(&script))
            .ok_or_else(|| LanguageError::Script {
                given: given.to_owned(),
                language: first.english_name(),
                known: first
                    .entry()
                    .scripts
                    .iter()
                    .map(|script| script.name())
                    .collect::<Vec<_>>()
                    .join(" or "),
            })
    }

    fn is_called(self, stem: &str) -> bool {
        let entry = self.entry();
        entry.code.split('-').next() == Some(stem)
            || entry.iso639_3 == stem
            || entry.flores.split('_').next() == Some(stem)
            || matches!(
                (entry.code, stem),
                ("fa", "per") | ("zh", "chi" | "cmn") | ("no", "nb") | ("kmr", "ku" | "kur")
            )
    }

    /// Whether a script subtag, in lower case, is one this language is written in.
    fn is_written_in(self, subtag: &str) -> bool {
        let entry = self.entry();
        let usual = entry
            .flores
            .split('_')
            .nth(1)
            .is_some_and(|script| script.eq_ignore_ascii_case(subtag));
        usual
            || entry.scripts.iter().any(|script| {
                matches!(
                    (script, subtag),
                    (Script::Latin, "latn") | (Script::Cyrillic, "cyrl") | (Script::Arabic, "arab")
                )
            })
    }

    /// BCP-47, the form that is stored: `tg`.
    pub fn code(self) -> &'static str {
        self.entry().code
    }

    /// ISO 639-3: `tgk`.
    pub fn iso639_3(self) -> &'static str {
        self.entry().iso639_3
    }

    /// The code of the FLORES-200 test set, which is also NLLB's: `tgk_Cyrl`.
    pub fn flores(self) -> &'static str {
        self.entry().flores
    }

    /// The language's name in English: `Tajik`.
    pub fn english_name(self) -> &'static str {
        self.entry().english_name
    }

    /// The language's name for itself: `Тоҷикӣ`.
    pub fn own_name(self) -> &'static str {
        self.entry().own_name
    }

    /// The script it is usually written in.
    pub fn script(self) -> Script {
        self.entry().scripts[0]
    }

    /// Every script it is written in, the usual one first: Uzbek has Latin and Cyrillic.
    pub fn scripts(self) -> &'static [Script] {
        self.entry().scripts
    }

    /// Which way lines of its usual script run.
    pub fn direction(self) -> Direction {
        match self.script() {
            Script::Arabic | Script::Hebrew => Direction::RightToLeft,
            Script::Latin | Script::Cyrillic | Script::Other => Direction::LeftToRight,
        }
    }
}

/// The error for a code that no language has, with the nearest code or English name, if one is near.
fn unknown(given: &str) -> LanguageError {
    let wanted = given.trim().to_lowercase();
    // A language whose name was written in full is meant whatever its code looks like.
    let by_name = Language::all().find(|language| language.english_name().to_lowercase() == wanted);
    let nearest = by_name.or_else(|| {
        Language::all()
            .flat_map(|language| {
                let name = language.english_name().to_lowercase();
                [
                    language.code().to_owned(),
                    language.iso639_3().to_owned(),
                    language.flores().to_lowercase(),
                    name,
                ]
                .map(|spelling| (strsim::jaro_winkler(&wanted, &spelling), language))
            })
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)))
            .map(|(_, language)| language)
    });
    LanguageError::Unknown {
        given: given.to_owned(),
        suggestion: nearest.map(|language| format!("{} ({})", language.code(), language.english_name())),
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.code())
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        Self::parse(given)
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        Self::parse(&given).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
