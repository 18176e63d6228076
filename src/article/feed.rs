//! RSS, Atom and JSON Feed: each entry an article, with the longest text that the feed gives of it.

use feed_rs::model::{Entry, Feed};

use super::dateline::{Given, given};
use super::draft::Draft;
use super::{Articles, ReadOptions, Rejection, encoding, html};

/// The articles of a feed; each is named `INPUT#N`.
pub(super) fn read(input: &str, bytes: Vec<u8>, options: &ReadOptions) -> Articles {
    match parse(input, bytes) {
        Ok(feed) => entries(input.to_owned(), feed, options.clone()),
        Err(rejection) => Box::new(std::iter::once(Err(rejection))),
    }
}

fn parse(input: &str, bytes: Vec<u8>) -> Result<Feed, Rejection> {
    let label = html::charset(&bytes);
    let text = encoding::decode(bytes, label.as_deref()).map_err(|found| Rejection::undecodable(input, &found))?;
    // The declaration may name an encoding that the text is no longer in.
    let declaration = text
        .trim_start()
        .strip_prefix("<?xml")
        .and_then(|text| text.split_once("?>"));
    let xml = declaration.map_or(text.as_str(), |(_, rest)| rest).trim_start();
    let parser = feed_rs::parser::Builder::new().timestamp_parser(day).build();
    let feed = html::guarded(|| parser.parse(xml.as_bytes()))
        .ok_or_else(|| Rejection::reader_failed(input, "the feed reader"))?;
    let feed = feed.map_err(|error| Rejection::bad_feed(input, &error.to_string()))?;
    if feed.entries.is_empty() {
        Err(Rejection::empty(input, "a feed without entries"))
    } else {
        Ok(feed)
    }
}

/// The day as the feed writes it, whatever its time zone. `T` is the feed reader's own kind of time.
fn day<T: std::str::FromStr>(text: &str) -> Option<T> {
    let Given::Day(date) = given(text) else {
        return None;
    };
    format!("{date}T12:00:00Z").parse().ok()
}

fn entries(input: String, feed: Feed, options: ReadOptions) -> Articles {
    let source = feed.title.map(|title| title.content);
    let language = feed.language;
    Box::new(feed.entries.into_iter().enumerate().map(move |(index, entry)| {
        let name = format!("{input}#{}", index + 1);
        draft(name, entry, source.clone(), language.clone())?.finish(&options)
    }))
}

fn draft(input: String, entry: Entry, source: Option<String>, language: Option<String>) -> Result<Draft, Rejection> {
    let content = entry.content.and_then(|content| content.body).unwrap_or_default();
    let summary = entry.summary.map(|summary| summary.content).unwrap_or_default();
    let text = if content.trim().is_empty() { summary } else { content };
    if text.trim().is_empty() {
        return Err(Rejection::no_content(&input, "an entry without content or summary"));
    }
    let nested = || Rejection::too_deep(&input, "an entry nested too deep");
    let body = html::to_text(&text).ok_or_else(nested)?;
    let title = html::to_text(&entry.title.map(|title| title.content).unwrap_or_default()).ok_or_else(nested)?;
    let link = entry
        .links
        .iter()
        .find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"))
        .map(|link| link.href.clone());
    Ok(Draft {
        given_id: Some(entry.id).filter(|id| !id.is_empty()),
        title,
        body,
        language: entry.language.or(language),
        date: entry
            .published
            .or(entry.updated)
            .map(|time| time.format("%Y-%m-%d").to_string()),
        url: link,
        source: source.and_then(|source| html::to_text(&source)),
        input,
        ..Draft::default()
    })
}
