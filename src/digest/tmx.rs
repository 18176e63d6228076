//! TMX 1.4b: for translation memories. Only what was translated; every pair is marked as unreviewed.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::segments::{note, segments};
use super::{Digest, DigestError, Exporter, Item};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Tmx;

impl Exporter for Tmx {
    fn name(&self) -> &'static str {
        "tmx"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer
            .create_element("tmx")
            .with_attribute(("version", "1.4"))
            .write_inner_content(|writer| {
                let header = [
                    ("creationtool", "khulosa"),
                    ("creationtoolversion", "1"),
                    ("segtype", "sentence"),
                    ("o-tmf", super::jsonl::SCHEMA),
                    ("adminlang", "en"),
                    ("srclang", "*all*"),
                    ("datatype", "plaintext"),
                ];
                writer.create_element("header").with_attributes(header).write_empty()?;
                writer.create_element("body").write_inner_content(|writer| {
                    digest
                        .items
                        .iter()
                        .try_for_each(|item| units(writer, &item.map_err(io::Error::other)?, digest))
                })?;
                Ok(())
            })?;
        out.write_all(b"\n")?;
        Ok(())
    }
}

fn units<W: io::Write>(writer: &mut Writer<W>, item: &Item, digest: &Digest) -> io::Result<()> {
    let from = item.source_language.code();
    for segment in segments(item, digest.language) {
        let Some(target) = &segment.target else { continue };
        let id = format!("{}-{}", item.id, segment.name);
        let unit = writer
            .create_element("tu")
            .with_attributes([("tuid", id.as_str()), ("srclang", from)]);
        unit.write_inner_content(|writer| {
            for mark in &item.marks {
                writer
                    .create_element("note")
                    .write_text_content(BytesText::new(&note(mark)))?;
            }
            let property = writer.create_element("prop").with_attribute(("type", "x-state"));
            property.write_text_content(BytesText::new("needs-review-translation"))?;
            for (language, text) in [(from, &segment.source), (digest.language.code(), target)] {
                writer
                    .create_element("tuv")
                    .with_attribute(("xml:lang", language))
                    .write_inner_content(|writer| {
                        writer.create_element("seg").write_text_content(BytesText::new(text))?;
                        Ok(())
                    })?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
