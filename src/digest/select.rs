//! Chooses a recipient's articles: what they asked for, each story once, the most important first, with why.

use std::cmp::Reverse;

use super::stories::grouped;
use super::{Item, Reason, Report};
use crate::text::language::Language;

/// What a recipient wants of the articles that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The newest first, whatever its weight.
    pub newest_first: bool,
    /// Most stories.
    pub most: Option<usize>,
}

/// Points for what the recipient asked for, in the headline and elsewhere.
const TOPIC: (usize, usize) = (4, 2);
const COUNTRY: (usize, usize) = (3, 1);
/// Points for each further article that tells the story, and how many of them count.
const REPORT: usize = 2;
const REPORTS: usize = 4;
/// Points for the newest day.
const NEWEST: usize = 1;

/// Groups, weighs, orders and cuts. The items' reasons are topics and countries so far; others are added here.
///
/// The result does not depend on the order of `items`.
pub fn chosen(mut items: Vec<Item>, digest: Language, wishes: Wishes) -> Vec<Item> {
    let newest = items.iter().filter_map(day).max().map(str::to_owned);
    let several_days = items.iter().any(|item| day(item).map(str::to_owned) != newest);
    // The lead of a story is the first: the one that fits best, then the newest.
    items.sort_by_cached_key(|item| {
        (
            Reverse(points(&item.placing.why)),
            Reverse(item.date.clone()),
            item.title.clone(),
            item.id.clone(),
        )
    });
    let first = grouped(&items);
    let mut stories: Vec<Option<Item>> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let story = first.get(index).copied().unwrap_or(index);
        if story < index
            && let Some(Some(lead)) = stories.get_mut(story)
        {
            lead.placing.others.push(report(item, digest));
            stories.push(None);
        } else {
            stories.push(Some(item));
        }
    }
    let mut leads: Vec<Item> = stories.into_iter().flatten().collect();
    for lead in &mut leads {
        let reports = lead.placing.others.len() + 1;
        if reports > 1 {
            lead.placing.why.push(Reason::Reports(reports));
        }
        if several_days && newest.is_some() && day(lead) == newest.as_deref() {
            lead.placing.why.push(Reason::Newest);
        }
        lead.placing.why.sort_by_key(|reason| Reverse(weight(reason)));
    }
    leads.sort_by_cached_key(|lead| {
        let points = points(&lead.placing.why);
        let before_date = if wishes.newest_first { 0 } else { points };
        (
            Reverse(before_date),
            Reverse(lead.date.clone()),
            Reverse(points),
            lead.title.clone(),
            lead.id.clone(),
        )
    });
    leads.truncate(wishes.most.unwrap_or(usize::MAX));
    leads
}

/// What reasons weigh together.
pub fn points(reasons: &[Reason]) -> usize {
    reasons.iter().map(weight).sum()
}

fn weight(reason: &Reason) -> usize {
    let of = |(title, text): (usize, usize), in_title: bool| if in_title { title } else { text };
    match reason {
        Reason::Topic { in_title, .. } => of(TOPIC, *in_title),
        Reason::Near { .. } => TOPIC.1,
        Reason::Country { in_title, .. } => of(COUNTRY, *in_title),
        Reason::Reports(number) => REPORT * (number - 1).min(REPORTS),
        Reason::Newest => NEWEST,
    }
}

fn day(item: &Item) -> Option<&str> {
    item.date.as_deref().and_then(|date| date.get(..10))
}

fn report(item: Item, digest: Language) -> Report {
    Report {
        language: item.language_in(digest),
        id: item.id,
        title: item.title,
        source: item.source.or(item.agency),
        date: item.date,
        url: item.url,
    }
}
