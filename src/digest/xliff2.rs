//! XLIFF 2.1: for newer translators' tools. It takes one source language a document, so a digest becomes one file for
//! each; scores and models stand in the metadata module's elements.

use std::collections::BTreeSet;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::plain::one_line;
use super::segments::{Segment, note, segments};
use super::{Digest, DigestError, Exporter, Item};
use crate::text::language::Language;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Xliff2;

const NAMESPACE: &str = "urn:oasis:names:tc:xliff:document:2.0";
const METADATA: &str = "urn:oasis:names:tc:xliff:metadata:2.0";

impl Exporter for Xliff2 {
    fn name(&self) -> &'static str {
        "xliff2"
    }

    fn files(&self, digest: &Digest) -> Result<Vec<(String, Digest)>, DigestError> {
        let to = digest.language.code();
        let file = |source: Language| {
            let of_source =
                |item: &Result<Item, DigestError>| item.as_ref().map_or(true, |item| item.source_language == source);
            let items = digest.items.iter().filter(of_source).collect::<Result<Vec<_>, _>>()?;
            let part = Digest {
                items: items.into(),
                ..digest.clone()
            };
            Ok((format!("digest.{}-{to}.xliff2.xlf", source.code()), part))
        };
        sources(digest)?.into_iter().map(file).collect()
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        let sources: Vec<Language> = sources(digest)?.into_iter().collect();
        let source = match sources.as_slice() {
            [] => digest.language,
            [source] => *source,
            several => {
                let codes: Vec<_> = several.iter().map(|source| source.code()).collect();
                return Err(DigestError::MixedSources(codes.join(", ")));
            }
        };
        let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = writer.create_element("xliff").with_attributes([
            ("version", "2.1"),
            ("xmlns", NAMESPACE),
            ("xmlns:mda", METADATA),
            ("srcLang", source.code()),
            ("trgLang", digest.language.code()),
        ]);
        root.write_inner_content(|writer| {
            for (number, item) in digest.items.iter().enumerate() {
                let item = item.map_err(io::Error::other)?;
                let segments = segments(&item, digest.language);
                if !segments.is_empty() {
                    file(writer, number + 1, &item, &segments)?;
                }
            }
            Ok(())
        })?;
        out.write_all(b"\n")?;
        Ok(())
    }
}

/// Languages that there is something to translate from.
fn sources(digest: &Digest) -> Result<BTreeSet<Language>, DigestError> {
    let mut sources = BTreeSet::new();
    for item in &digest.items {
        sources.insert(item?.source_language);
    }
    sources.remove(&digest.language);
    Ok(sources)
}

fn file<W: io::Write>(writer: &mut Writer<W>, number: usize, item: &Item, segments: &[Segment]) -> io::Result<()> {
    let (id, original) = (format!("f{number}"), one_line(&item.id));
    let element = writer
        .create_element("file")
        .with_attributes([("id", id.as_str()), ("original", original.as_str())]);
    element.write_inner_content(|writer| {
        metadata(writer, item)?;
        if !item.marks.is_empty() {
            writer.create_element("notes").write_inner_content(|writer| {
                for mark in &item.marks {
                    let element = writer.create_element("note").with_attribute(("priority", "1"));
                    element.write_text_content(BytesText::new(&note(mark)))?;
                }
                Ok(())
            })?;
        }
        segments
            .iter()
            .try_for_each(|segment| unit(writer, segment, item.reviewed))
    })?;
    Ok(())
}

fn metadata<W: io::Write>(writer: &mut Writer<W>, item: &Item) -> io::Result<()> {
    let score = item.score.map(|score| score.to_string()).unwrap_or_default();
    let url = item.url.as_deref().unwrap_or_default();
    let all = [
        ("input", item.input.as_str()),
        ("url", url),
        ("model", &item.translator),
        ("score", &score),
    ];
    let values: Vec<(&str, String)> = all
        .into_iter()
        .map(|(kind, value)| (kind, one_line(value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    if values.is_empty() {
        return Ok(());
    }
    writer.create_element("mda:metadata").write_inner_content(|writer| {
        let group = writer
            .create_element("mda:metaGroup")
            .with_attribute(("category", "khulosa"));
        group.write_inner_content(|writer| {
            for (kind, value) in &values {
                let element = writer.create_element("mda:meta").with_attribute(("type", *kind));
                element.write_text_content(BytesText::new(value))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn unit<W: io::Write>(writer: &mut Writer<W>, segment: &Segment, reviewed: bool) -> io::Result<()> {
    let element = writer
        .create_element("unit")
        .with_attribute(("id", segment.name.as_str()));
    element.write_inner_content(|writer| {
        let state: &[(&str, &str)] = match (&segment.target, reviewed) {
            (None, _) => &[("state", "initial")],
            (Some(_), true) => &[("state", "reviewed")],
            (Some(_), false) => &[
                ("state", "translated"),
                ("subState", "khulosa:needs-review-translation"),
            ],
        };
        let element = writer.create_element("segment").with_attributes(state.iter().copied());
        element.write_inner_content(|writer| {
            writer
                .create_element("source")
                .write_text_content(BytesText::new(&segment.source))?;
            if let Some(target) = &segment.target {
                writer
                    .create_element("target")
                    .write_text_content(BytesText::new(target))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}
