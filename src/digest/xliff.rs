//! XLIFF 1.2: for translators' tools. One `<file>` an article, so that a digest may have sources in many languages
//! (XLIFF 2 allows one a document); every translation that nobody has approved is
//! `needs-review-translation`.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::plain::one_line;
use super::segments::{Segment, note, segments};
use super::{Digest, DigestError, Exporter, Item};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Xliff;

const NAMESPACE: &str = "urn:oasis:names:tc:xliff:document:1.2";

impl Exporter for Xliff {
    fn name(&self) -> &'static str {
        "xliff"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = writer
            .create_element("xliff")
            .with_attributes([("version", "1.2"), ("xmlns", NAMESPACE)]);
        root.write_inner_content(|writer| {
            for item in &digest.items {
                let item = &item.map_err(io::Error::other)?;
                let segments = segments(item, digest.language);
                if !segments.is_empty() {
                    file(writer, item, digest.language.code(), &segments)?;
                }
            }
            Ok(())
        })?;
        out.write_all(b"\n")?;
        Ok(())
    }
}

fn file<W: io::Write>(writer: &mut Writer<W>, item: &Item, target: &str, segments: &[Segment]) -> io::Result<()> {
    let attributes = [
        ("original", item.id.as_str()),
        ("source-language", item.source_language.code()),
        ("target-language", target),
        ("datatype", "plaintext"),
    ];
    let note_of = |text: &str| BytesText::new(text).into_owned();
    writer
        .create_element("file")
        .with_attributes(attributes)
        .write_inner_content(|writer| {
            writer.create_element("header").write_inner_content(|writer| {
                let url = item.url.as_deref().unwrap_or_default();
                for text in [&item.input, url, &item.translator] {
                    let text = one_line(text);
                    if !text.is_empty() {
                        writer.create_element("note").write_text_content(note_of(&text))?;
                    }
                }
                if let Some(score) = item.score {
                    let text = BytesText::from_escaped(format!("score: {score}"));
                    writer.create_element("note").write_text_content(text)?;
                }
                for mark in &item.marks {
                    let text = note(mark);
                    writer
                        .create_element("note")
                        .with_attribute(("priority", "1"))
                        .write_text_content(note_of(&text))?;
                }
                Ok(())
            })?;
            writer.create_element("body").write_inner_content(|writer| {
                segments
                    .iter()
                    .try_for_each(|segment| unit(writer, segment, item.reviewed))
            })?;
            Ok(())
        })?;
    Ok(())
}

fn unit<W: io::Write>(writer: &mut Writer<W>, segment: &Segment, reviewed: bool) -> io::Result<()> {
    let mut element = writer
        .create_element("trans-unit")
        .with_attribute(("id", segment.name.as_str()));
    if reviewed {
        element = element.with_attribute(("approved", "yes"));
    }
    element.write_inner_content(|writer| {
        writer
            .create_element("source")
            .write_text_content(BytesText::new(&segment.source))?;
        if let Some(target) = &segment.target {
            let state: &[(&str, &str)] = if reviewed {
                &[("state", "signed-off")]
            } else {
                &[
                    ("state", "needs-review-translation"),
                    ("state-qualifier", "mt-suggestion"),
                ]
            };
            writer
                .create_element("target")
                .with_attributes(state.iter().copied())
                .write_text_content(BytesText::new(target))?;
        }
        Ok(())
    })?;
    Ok(())
}
