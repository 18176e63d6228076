//! TBX (ISO 30042), of 2008 (`termEntry`, `langSet`) and of 2019 (`conceptEntry`, `langSec`): terms and their languages,
//! all else is passed over.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::Term;
use crate::text::language::Language;

/// Terms of a TBX file.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, String> {
    let mut reader = Reader::from_str(text);
    let (mut terms, mut current) = (Vec::new(), Term::default());
    let (mut language, mut form): (Option<Language>, Option<String>) = (None, None);
    loop {
        let event = reader.read_event().map_err(|error| {
            format!(
                "expected XML, found an error at byte {}: {error}",
                reader.error_position()
            )
        })?;
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                b"termEntry" | b"conceptEntry" => current = Term::default(),
                b"langSet" | b"langSec" => {
                    let code = element.try_get_attribute("xml:lang").ok().flatten();
                    let code = code.and_then(|code| code.unescape_value().ok()).unwrap_or_default();
                    let parsed = Language::parse(&code);
                    language = Some(parsed.map_err(|error| format!("term {}: {error}", terms.len() + 1))?);
                }
                b"term" => form = Some(String::new()),
                _ => {}
            },
            Event::Text(text) => {
                if let Some(form) = &mut form {
                    form.push_str(&text.decode().unwrap_or_default());
                }
            }
            Event::GeneralRef(entity) => {
                if let Some(form) = &mut form {
                    match entity.resolve_char_ref() {
                        Ok(Some(letter)) => form.push(letter),
                        _ => {
                            let name = entity.decode().unwrap_or_default();
                            form.push_str(quick_xml::escape::resolve_xml_entity(&name).unwrap_or_default());
                        }
                    }
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                b"termEntry" | b"conceptEntry" => terms.push(std::mem::take(&mut current)),
                b"term" => {
                    if let (Some(language), Some(form)) = (language, form.take()) {
                        current.forms.entry(language).or_default().push(form.trim().to_owned());
                    }
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    if terms.is_empty() {
        return Err("expected TBX with termEntry or conceptEntry elements, found none".to_owned());
    }
    Ok(terms)
}
