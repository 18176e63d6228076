//! The cover's charts: articles by topic, and how many each source has given.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plain::{one_line, web_address};
use super::{Digest, Item};
use crate::prompts::{Phrases, Prompts};

/// Sources that have a part of their own in the chart.
const SOURCES: usize = 5;

/// A bar, or a part of one.
#[derive(Serialize)]
pub(super) struct Bar {
    name: String,
    number: usize,
    /// Length in per cent of the longest bar, or of the whole.
    percent: usize,
    /// Where it begins, in per cent, when it is a part.
    from: usize,
}

/// Articles by topic, the most first; an article of two topics counts in both. Empty when no article has a topic.
pub(super) fn topics(digest: &Digest, prompts: &Prompts, phrases: &Phrases) -> Vec<Bar> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for id in digest.items.iter().flat_map(|item| &item.placing.topics) {
        *counts.entry(id).or_default() += 1;
    }
    if counts.is_empty() {
        return Vec::new();
    }
    let mut sorted: Vec<(String, usize)> = counts
        .into_iter()
        .map(|(id, number)| (prompts.topics().name(id, digest.language).to_owned(), number))
        .collect();
    sorted.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let without = digest
        .items
        .iter()
        .filter(|item| item.placing.topics.is_empty())
        .count();
    if without > 0 {
        sorted.push((phrases.other_topics.clone(), without));
    }
    let longest = sorted.iter().map(|(_, number)| *number).max().unwrap_or(1);
    sorted
        .into_iter()
        .map(|(name, number)| Bar {
            name,
            number,
            percent: number * 100 / longest,
            from: 0,
        })
        .collect()
}

/// Articles by source as parts of one bar, the most first. Empty when there is only one.
pub(super) fn sources(digest: &Digest, phrases: &Phrases) -> Vec<Bar> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in &digest.items {
        *counts.entry(source(item).unwrap_or_default()).or_default() += 1;
    }
    let mut others = counts.remove("").unwrap_or_default();
    let mut sorted: Vec<(String, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    others += sorted.iter().skip(SOURCES).map(|(_, number)| number).sum::<usize>();
    sorted.truncate(SOURCES);
    if others > 0 {
        sorted.push((phrases.other_sources.clone(), others));
    }
    if sorted.len() < 2 {
        return Vec::new();
    }
    let whole: usize = sorted.iter().map(|(_, number)| number).sum();
    let mut before = 0;
    sorted
        .into_iter()
        .map(|(name, number)| {
            let from = before * 100 / whole;
            before += number;
            Bar {
                name,
                number,
                percent: before * 100 / whole - from,
                from,
            }
        })
        .collect()
}

/// Publication, else agency, else the host of the address.
fn source(item: &Item) -> Option<String> {
    let own = |text: &Option<String>| text.as_deref().map(one_line).filter(|text| !text.is_empty());
    own(&item.source).or_else(|| own(&item.agency)).or_else(|| {
        let (_, host) = web_address(item.url.as_deref()?)?;
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    })
}
