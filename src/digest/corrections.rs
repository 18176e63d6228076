//! Reads XLIFF back, 1.2 and 2.x: the translations that a post-editor has approved.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::plain::one_line;
use crate::text::language::{Language, LanguageError};

/// Why a file cannot be taken as corrections.
#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    /// Not well-formed, with the byte where it goes wrong.
    #[error("expected XML, found an error at byte {position}: {message}")]
    Xml {
        /// Byte offset.
        position: u64,
        /// What the parser said.
        message: String,
    },
    /// Something else than XLIFF.
    #[error("expected an XLIFF file, version 1.2 or 2.x; found {0}")]
    NotXliff(String),
    /// A language that is not one, or none.
    #[error(transparent)]
    Language(#[from] LanguageError),
}

/// An approved translation of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Language of the source.
    pub from: Language,
    /// Language of the translation.
    pub to: Language,
    /// Source, as one clean line.
    pub source: String,
    /// Translation, as one clean line.
    pub target: String,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// Approved translations, in order.
    pub approved: Vec<Correction>,
    /// Segments with a translation that nobody has approved, or without one.
    pub open: usize,
}

/// Reads the text of an XLIFF file. Approved is what says `approved="yes"` or has the state `signed-off`, `final` or
/// `translated` (1.2), `reviewed` or `final` (2.x). Inline markup is dropped, its text kept.
///
/// # Errors
/// When it is not XLIFF or names an unknown language.
pub fn read(text: &str) -> Result<Corrections, CorrectionError> {
    let mut reader = Reader::from_str(text);
    let mut file = File::default();
    let mut depth = 0;
    loop {
        let event = reader.read_event().map_err(|error| CorrectionError::Xml {
            position: reader.error_position(),
            message: error.to_string(),
        })?;
        match event {
            Event::Start(element) => {
                depth += 1;
                file.open(&element)?;
            }
            Event::Empty(element) => {
                file.open(&element)?;
                file.close(element.local_name().as_ref())?;
            }
            Event::End(element) => {
                depth -= 1;
                file.close(element.local_name().as_ref())?;
            }
            Event::Text(text) => file.say(&text.decode().unwrap_or_default()),
            Event::CData(text) => file.say(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(entity) => {
                let named = entity.decode().unwrap_or_default();
                match entity.resolve_char_ref() {
                    Ok(Some(letter)) => file.say(letter.encode_utf8(&mut [0; 4])),
                    _ => file.say(quick_xml::escape::resolve_xml_entity(&named).unwrap_or_default()),
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if file.version == 0 {
        return Err(CorrectionError::NotXliff("no <xliff> element".to_owned()));
    }
    if depth != 0 {
        return Err(CorrectionError::NotXliff("a file that is cut off".to_owned()));
    }
    Ok(file.found)
}

/// Where the reader is in a file.
#[derive(Default)]
struct File {
    /// 1 or 2; 0 before the root element.
    version: u8,
    languages: (String, String),
    /// Elements that hold sources and targets of others: alternatives and suggestions.
    aside: usize,
    approved: bool,
    source: String,
    target: String,
    /// Which of the two is being read.
    side: Option<bool>,
    found: Corrections,
}

impl File {
    fn open(&mut self, element: &BytesStart) -> Result<(), CorrectionError> {
        let name = element.local_name();
        if self.version == 0 {
            if name.as_ref() != b"xliff" {
                let name = String::from_utf8_lossy(name.as_ref()).into_owned();
                return Err(CorrectionError::NotXliff(format!("<{name}>")));
            }
            let version = attribute(element, "version").unwrap_or_default();
            self.version = match version.split('.').next() {
                Some("1") => 1,
                Some("2") => 2,
                _ => return Err(CorrectionError::NotXliff(format!("version `{version}`"))),
            };
        }
        let language = |name: &str| attribute(element, name).unwrap_or_default();
        match name.as_ref() {
            b"xliff" if self.version == 2 => self.languages = (language("srcLang"), language("trgLang")),
            b"file" if self.version == 1 => self.languages = (language("source-language"), language("target-language")),
            b"alt-trans" | b"matches" => self.aside += 1,
            b"trans-unit" | b"segment" => {
                self.source.clear();
                self.target.clear();
                let state = attribute(element, "state").unwrap_or_default();
                self.approved = attribute(element, "approved").is_some_and(|approved| approved == "yes")
                    || (self.version == 2 && matches!(state.as_str(), "reviewed" | "final"));
            }
            b"source" if self.aside == 0 => self.side = Some(false),
            b"target" if self.aside == 0 => {
                self.side = Some(true);
                let state = attribute(element, "state").unwrap_or_default();
                self.approved |= matches!(state.as_str(), "signed-off" | "final" | "translated");
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &[u8]) -> Result<(), CorrectionError> {
        match name {
            b"alt-trans" | b"matches" => self.aside = self.aside.saturating_sub(1),
            b"source" | b"target" => self.side = None,
            b"trans-unit" | b"segment" => {
                let (source, target) = (one_line(&self.source), one_line(&self.target));
                if !self.approved || source.is_empty() || target.is_empty() {
                    self.found.open += 1;
                    return Ok(());
                }
                self.found.approved.push(Correction {
                    from: Language::parse(&self.languages.0)?,
                    to: Language::parse(&self.languages.1)?,
                    source,
                    target,
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        match self.side {
            Some(true) => self.target.push_str(text),
            Some(false) => self.source.push_str(text),
            None => {}
        }
    }
}

fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok().flatten()?;
    found.unescape_value().ok().map(Cow::into_owned)
}
