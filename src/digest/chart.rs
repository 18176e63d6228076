//! The cover's charts: articles by topic, and how many each source has given.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::Item;
use super::plain::{one_line, web_address};
use crate::prompts::{Phrases, Prompts};
use crate::text::language::Language;

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

/// Counts for the charts, an article at a time.
#[derive(Default)]
pub(super) struct Tally {
    topics: BTreeMap<String, usize>,
    /// Articles without a topic.
    without: usize,
    /// Articles by source; under no name those without one.
    sources: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn count(&mut self, item: &Item) {
        for id in &item.placing.topics {
            *self.topics.entry(id.clone()).or_default() += 1;
        }
        self.without += usize::from(item.placing.topics.is_empty());
        *self.sources.entry(source(item).unwrap_or_default()).or_default() += 1;
    }

    /// Articles by topic, the most first; an article of two topics counts in both. Empty when no article has a topic.
    pub(super) fn topics(&self, language: Language, prompts: &Prompts, phrases: &Phrases) -> Vec<Bar> {
        if self.topics.is_empty() {
            return Vec::new();
        }
        let name = |id: &str| prompts.topics().name(id, language).to_owned();
        let mut sorted: Vec<(String, usize)> = self.topics.iter().map(|(id, number)| (name(id), *number)).collect();
        sorted.sort_by_key(|(_, number)| Reverse(*number));
        if self.without > 0 {
            sorted.push((phrases.other_topics.clone(), self.without));
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
    pub(super) fn sources(mut self, phrases: &Phrases) -> Vec<Bar> {
        let mut others = self.sources.remove("").unwrap_or_default();
        let mut sorted: Vec<(String, usize)> = self.sources.into_iter().collect();
        sorted.sort_by_key(|(_, number)| Reverse(*number));
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
}

/// Publication, else agency, else the host of the address.
fn source(item: &Item) -> Option<String> {
    let own = |text: &Option<String>| text.as_deref().map(one_line).filter(|text| !text.is_empty());
    own(&item.source).or_else(|| own(&item.agency)).or_else(|| {
        let (_, host) = web_address(item.url.as_deref()?)?;
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    })
}
