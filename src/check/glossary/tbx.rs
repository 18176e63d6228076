//! TBX (ISO 30042), of 2008 (`termEntry`, `langSet`) and of 2019 (`conceptEntry`, `langSec`): terms, their languages, and
//! the notes that say which of them are forms of others; all else is passed over.
//!
//! A form is a term of the type `variant`, or one in the plural, the dual or another case than the nominative that is not
//! the first of its language. That letter case matters is no data category of TBX, so the note is one of our own.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Term;
use super::read::yes;
use crate::text::language::Language;

/// A term with what its section notes about it.
#[derive(Default)]
struct Section {
    form: Option<String>,
    is_variant: bool,
    is_inflected: bool,
}

/// Where the reader is.
#[derive(Default)]
struct Entries {
    done: Vec<Term>,
    current: Term,
    language: Option<Language>,
    section: Section,
    /// What the text that is being read is: `term`, or a note by its type.
    reading: Option<(String, String)>,
}

/// Terms of a TBX file.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, String> {
    let mut reader = Reader::from_str(text);
    let mut entries = Entries::default();
    loop {
        let event = reader.read_event().map_err(|error| {
            format!(
                "expected XML, found an error at byte {}: {error}",
                reader.error_position()
            )
        })?;
        match event {
            Event::Start(element) => entries.open(&element)?,
            Event::Text(text) => entries.say(&text.decode().unwrap_or_default()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(letter)) => entries.say(letter.encode_utf8(&mut [0; 4])),
                _ => {
                    let name = entity.decode().unwrap_or_default();
                    entries.say(quick_xml::escape::resolve_xml_entity(&name).unwrap_or_default());
                }
            },
            Event::End(element) => entries.close(element.local_name().as_ref())?,
            Event::Eof => break,
            _ => {}
        }
    }
    if entries.done.is_empty() {
        return Err("expected TBX with termEntry or conceptEntry elements, found none".to_owned());
    }
    Ok(entries.done)
}

impl Entries {
    fn open(&mut self, element: &BytesStart) -> Result<(), String> {
        let attribute = |name: &str| {
            let value = element.try_get_attribute(name).ok().flatten();
            value
                .and_then(|value| value.unescape_value().ok())
                .unwrap_or_default()
                .into_owned()
        };
        match element.local_name().as_ref() {
            b"termEntry" | b"conceptEntry" => self.current = Term::default(),
            b"langSet" | b"langSec" => {
                let parsed = Language::parse(&attribute("xml:lang"));
                self.language = Some(parsed.map_err(|error| self.misplaced(&error.to_string()))?);
            }
            b"term" => {
                // Where a file has no sections, every term is one.
                self.end_section();
                self.reading = Some(("term".to_owned(), String::new()));
            }
            b"termNote" => self.reading = Some((attribute("type"), String::new())),
            // The other style of TBX, where the type of a note is its element.
            name @ (b"termType" | b"grammaticalNumber" | b"grammaticalCase" | b"caseSensitive") => {
                self.reading = Some((String::from_utf8_lossy(name).into_owned(), String::new()));
            }
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if let Some((_, said)) = &mut self.reading {
            said.push_str(text);
        }
    }

    fn close(&mut self, name: &[u8]) -> Result<(), String> {
        match name {
            b"termEntry" | b"conceptEntry" => self.done.push(std::mem::take(&mut self.current)),
            b"langSet" | b"langSec" => self.end_section(),
            b"term" | b"termNote" | b"termType" | b"grammaticalNumber" | b"grammaticalCase" | b"caseSensitive" => {
                if let Some((kind, said)) = self.reading.take() {
                    self.note(&kind, said.trim())?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, kind: &str, said: &str) -> Result<(), String> {
        match (kind, said) {
            ("term", _) => self.section.form = Some(said.to_owned()),
            ("termType", "variant") => self.section.is_variant = true,
            ("grammaticalNumber", "plural" | "dual") => self.section.is_inflected = true,
            ("grammaticalCase", case) => self.section.is_inflected |= case != "nominative",
            ("caseSensitive", _) => {
                let expected = || self.misplaced(&format!("caseSensitive: expected yes or no, found `{said}`"));
                self.current.cased |= yes(said).ok_or_else(expected)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts the term that was read last where its notes say.
    fn end_section(&mut self) {
        let section = std::mem::take(&mut self.section);
        let (Some(language), Some(form)) = (self.language, section.form) else {
            return;
        };
        let follows = self.current.forms.contains_key(&language);
        let place = if section.is_variant || (section.is_inflected && follows) {
            &mut self.current.inflected
        } else {
            &mut self.current.forms
        };
        place.entry(language).or_default().push(form);
    }

    fn misplaced(&self, message: &str) -> String {
        format!("term {}: {message}", self.done.len() + 1)
    }
}
