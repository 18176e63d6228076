//! Atom: a feed that readers subscribe to. Its times are the articles' own days, so that the same articles make the
//! same feed.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::plain::{one_line, web_address};
use super::{Digest, DigestError, Exporter, Item};
use crate::prompts::Prompts;
use crate::text::language::Language;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Atom<'a> {
    prompts: &'a Prompts,
}

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";
/// For articles without a day, in a feed without any.
const LONG_AGO: &str = "1970-01-01";

impl<'a> Atom<'a> {
    /// With phrases and topics from `prompts`.
    pub fn new(prompts: &'a Prompts) -> Self {
        Self { prompts }
    }

    fn entry<W: io::Write>(
        self,
        writer: &mut Writer<W>,
        item: &Item,
        language: Language,
        newest: &str,
    ) -> io::Result<()> {
        let own = item.language_in(language).code();
        writer.create_element("entry").write_inner_content(|writer| {
            element(
                writer,
                "id",
                &format!("urn:khulosa:{}:{}", one_line(&item.id), language.code()),
            )?;
            let title = Some(one_line(&item.title)).filter(|title| !title.is_empty());
            let untitled = || {
                self.prompts
                    .phrases(language)
                    .map_or_else(|_| String::new(), |phrases| phrases.untitled.clone())
            };
            text(writer, "title", own, &title.unwrap_or_else(untitled))?;
            element(writer, "updated", &moment(day(item).unwrap_or(newest)))?;
            let author = [&item.source, &item.agency]
                .into_iter()
                .flatten()
                .map(|name| one_line(name))
                .find(|name| !name.is_empty());
            if let Some(author) = author {
                writer
                    .create_element("author")
                    .write_inner_content(|writer| element(writer, "name", &author))?;
            }
            if let Some((address, _)) = item.url.as_deref().and_then(web_address) {
                let attributes = [
                    ("rel", "alternate"),
                    ("href", address),
                    ("hreflang", item.source_language.code()),
                ];
                writer
                    .create_element("link")
                    .with_attributes(attributes)
                    .write_empty()?;
            }
            for topic in &item.placing.topics {
                let label = self.prompts.topics().name(topic, language);
                let attributes = [("term", topic.as_str()), ("label", label)];
                writer
                    .create_element("category")
                    .with_attributes(attributes)
                    .write_empty()?;
            }
            let summary: Vec<String> = item.summary.iter().map(|sentence| one_line(sentence)).collect();
            text(writer, "summary", own, &summary.join(" "))
        })?;
        Ok(())
    }
}

impl Exporter for Atom<'_> {
    fn name(&self) -> &'static str {
        "atom"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        let phrases = self.prompts.phrases(digest.language)?;
        let language = digest.language.code();
        let mut newest = None;
        for item in &digest.items {
            newest = newest.max(day(&item?).map(str::to_owned));
        }
        let newest = newest.as_deref().unwrap_or(LONG_AGO);
        let recipient = digest.recipient.as_deref().map(one_line);
        let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = writer
            .create_element("feed")
            .with_attributes([("xmlns", NAMESPACE), ("xml:lang", language)]);
        root.write_inner_content(|writer| {
            // Ids must be alike for one recipient from night to night, and need not be readable.
            let name = blake3::hash(recipient.as_deref().unwrap_or_default().as_bytes()).to_hex();
            element(
                writer,
                "id",
                &format!("urn:khulosa:digest:{}:{language}", name.get(..12).unwrap_or_default()),
            )?;
            element(writer, "title", &phrases.title)?;
            if let Some(recipient) = &recipient {
                element(writer, "subtitle", &phrases.prepared_for(recipient))?;
            }
            element(writer, "updated", &moment(newest))?;
            writer
                .create_element("author")
                .write_inner_content(|writer| element(writer, "name", "Khulosa"))?;
            element(writer, "rights", &phrases.notice)?;
            digest
                .items
                .iter()
                .try_for_each(|item| self.entry(writer, &item.map_err(io::Error::other)?, digest.language, newest))
        })?;
        out.write_all(b"\n")?;
        Ok(())
    }
}

/// The article's day, where it can be read.
fn day(item: &Item) -> Option<&str> {
    let day = item.date.as_deref()?.trim().get(..10)?;
    day.parse::<jiff::civil::Date>().is_ok().then_some(day)
}

fn moment(day: &str) -> String {
    format!("{day}T00:00:00Z")
}

fn element<W: io::Write>(writer: &mut Writer<W>, name: &str, content: &str) -> io::Result<()> {
    writer
        .create_element(name)
        .write_text_content(BytesText::new(content))?;
    Ok(())
}

fn text<W: io::Write>(writer: &mut Writer<W>, name: &str, language: &str, content: &str) -> io::Result<()> {
    let element = writer
        .create_element(name)
        .with_attributes([("type", "text"), ("xml:lang", language)]);
    element.write_text_content(BytesText::new(content))?;
    Ok(())
}
