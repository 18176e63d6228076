//! What templates see of a digest: every piece of text cleaned, with its language and direction, dates and counts
//! written out, marked words found in the text.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;

use super::chart::{Bar, Tally};
use super::highlight::{Run, highlighted};
use super::plain::{one_line, shortened, web_address};
use super::{Digest, DigestError, Item, Items, Mark, Reason, Report};
use crate::prompts::{Phrases, Prompts};
use crate::text::language::Language;

/// Longest title in the list of contents, in characters.
const CONTENTS_TITLE: usize = 140;
/// Digits of an id that are shown.
const ID_DIGITS: usize = 12;

/// A digest, ready for a template.
#[derive(Serialize)]
pub(super) struct View<'a> {
    language: &'static str,
    direction: &'static str,
    phrases: &'a Phrases,
    title: &'a str,
    period: Option<String>,
    recipient: Option<String>,
    topics: Vec<Bar>,
    sources: Vec<Bar>,
    counts: Vec<String>,
    notice: &'a str,
    /// [`Views`]: every pass over them reads the articles anew.
    items: Value,
}

/// The articles, each made ready for the template as it comes to it.
#[derive(Debug)]
struct Views {
    items: Items,
    language: Language,
    prompts: Prompts,
    phrases: Phrases,
}

impl Object for Views {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let views = Arc::clone(self);
        let items = self.items.iter().enumerate();
        Enumerator::Iter(Box::new(items.map(move |(index, item)| match item {
            Ok(item) => {
                let view = ItemView::new(index + 1, &item, views.language, &views.prompts, &views.phrases);
                Value::from_serialize(view)
            }
            Err(error) => Value::from(Error::new(ErrorKind::InvalidOperation, error.to_string())),
        })))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items.len())
    }
}

#[derive(Serialize)]
struct ItemView {
    number: usize,
    anchor: String,
    id: String,
    /// Language of the article's part of the digest: the digest's own, or the article's where it was left.
    language: &'static str,
    direction: &'static str,
    title: Text,
    short_title: String,
    summary: Vec<Text>,
    untranslated: bool,
    translated: bool,
    marks: Vec<MarkView>,
    date: Option<DateView>,
    agency: Option<String>,
    place: Option<String>,
    source: Option<String>,
    link: Option<Link>,
    original: Original,
    input: String,
    translator: Option<String>,
    summariser: Option<String>,
    reviewed: bool,
    why: Vec<String>,
    others: Vec<Other>,
    full_text: Vec<String>,
}

/// A near-duplicate below its lead.
#[derive(Serialize)]
struct Other {
    title: String,
    language: &'static str,
    direction: &'static str,
    source: Option<String>,
    date: Option<DateView>,
    link: Option<Link>,
}

/// The article's own language and texts.
#[derive(Serialize)]
struct Original {
    language: &'static str,
    direction: &'static str,
    language_name: String,
    title: Text,
    summary: Vec<Text>,
}

/// A text cut where highlighting begins and ends.
#[derive(Serialize)]
struct Text {
    runs: Vec<Run>,
    plain: String,
    /// There was no text: this is a phrase in the digest's language.
    absent: bool,
}

#[derive(Serialize)]
struct MarkView {
    explanation: String,
    /// The explanation is in the digest's language; otherwise it is the check's own message, in English.
    explained: bool,
    words: Vec<String>,
}

#[derive(Serialize)]
struct DateView {
    /// ISO 8601, where the date could be read.
    iso: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct Link {
    address: String,
    host: String,
}

impl<'a> View<'a> {
    pub(super) fn new(digest: &Digest, prompts: &'a Prompts) -> Result<Self, DigestError> {
        let phrases = prompts.phrases(digest.language)?;
        let (mut to_review, mut left, mut translated) = (0, 0, false);
        let mut dates: Option<(Date, Date)> = None;
        let mut tally = Tally::default();
        for item in &digest.items {
            let item = item?;
            tally.count(&item);
            to_review += usize::from(!item.marks.is_empty());
            left += usize::from(item.left_in_source(digest.language));
            translated |= item.translated_in(digest.language);
            if let Some(day) = item.date.as_deref().and_then(parsed) {
                let (first, last) = dates.unwrap_or((day, day));
                dates = Some((first.min(day), last.max(day)));
            }
        }
        let period = dates.map(|(from, to)| phrases.period(from, to));
        let forms = &phrases.counts;
        let mut counts = vec![phrases.count(&forms.articles, digest.items.len())];
        for (form, number) in [
            (&forms.to_review, to_review),
            (&forms.not_translated, left),
            (&forms.rejected, digest.rejected),
        ] {
            if number > 0 {
                counts.push(phrases.count(form, number));
            }
        }
        let items = Views {
            items: digest.items.clone(),
            language: digest.language,
            prompts: prompts.clone(),
            phrases: phrases.clone(),
        };
        Ok(Self {
            language: digest.language.code(),
            direction: digest.language.direction().html(),
            phrases,
            title: &phrases.title,
            period,
            recipient: digest
                .recipient
                .as_deref()
                .map(|name| phrases.prepared_for(&one_line(name))),
            topics: tally.topics(digest.language, prompts, phrases),
            sources: tally.sources(phrases),
            counts,
            notice: if translated {
                &phrases.notice
            } else {
                &phrases.notice_untranslated
            },
            items: Value::from_object(items),
        })
    }
}

impl ItemView {
    fn new(number: usize, item: &Item, digest: Language, prompts: &Prompts, phrases: &Phrases) -> Self {
        let marks = MarkView::merged(&item.marks, phrases);
        let words: Vec<String> = marks.iter().flat_map(|mark| mark.words.clone()).collect();
        let texts = |sentences: &[String]| sentences.iter().map(|text| Text::new(text, &words)).collect();
        let titled = |text: &str| Text::new(text, &words).or(&phrases.untitled);
        let own = |text: &Option<String>| text.as_deref().map(one_line).filter(|text| !text.is_empty());
        let language = item.language_in(digest);
        let title = titled(&item.title);
        let id: String = item
            .id
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(ID_DIGITS)
            .collect();
        let some = |text: &str| Some(one_line(text)).filter(|text| !text.is_empty());
        let translated = item.translated_in(digest);
        Self {
            number,
            anchor: format!("a{number}-{id}"),
            id,
            language: language.code(),
            direction: language.direction().html(),
            short_title: shortened(&title.plain, CONTENTS_TITLE),
            title,
            summary: texts(&item.summary),
            untranslated: item.left_in_source(digest),
            translated,
            marks,
            date: item.date.as_deref().and_then(|date| DateView::new(date, phrases)),
            agency: own(&item.agency),
            place: own(&item.place),
            source: own(&item.source),
            link: item.url.as_deref().and_then(Link::new),
            original: Original {
                language: item.source_language.code(),
                direction: item.source_language.direction().html(),
                language_name: phrases.language(item.source_language).to_owned(),
                title: titled(&item.source_title),
                summary: texts(&item.source_summary),
            },
            input: one_line(&item.input),
            translator: some(&item.translator).filter(|_| translated),
            summariser: some(&item.summariser),
            reviewed: item.reviewed,
            why: item
                .placing
                .why
                .iter()
                .map(|reason| told(reason, digest, prompts, phrases))
                .collect(),
            others: item
                .placing
                .others
                .iter()
                .map(|other| Other::new(other, phrases))
                .collect(),
            full_text: item.placing.full_text.iter().map(|text| one_line(text)).collect(),
        }
    }
}

/// A reason in the reader's language.
fn told(reason: &Reason, digest: Language, prompts: &Prompts, phrases: &Phrases) -> String {
    let (name, in_title) = match reason {
        Reason::Topic { id, in_title } => (prompts.topics().name(id, digest), *in_title),
        Reason::Near { id } => return phrases.by_meaning(prompts.topics().name(id, digest)),
        Reason::Country { id, in_title } => (prompts.countries().name(id, digest), *in_title),
        Reason::Reports(number) => return phrases.count(&phrases.counts.reports, *number),
        Reason::Newest => return phrases.newest.clone(),
    };
    if in_title {
        phrases.in_the_headline(name)
    } else {
        name.to_owned()
    }
}

impl Other {
    fn new(report: &Report, phrases: &Phrases) -> Self {
        Self {
            title: Some(one_line(&report.title))
                .filter(|title| !title.is_empty())
                .unwrap_or_else(|| phrases.untitled.clone()),
            language: report.language.code(),
            direction: report.language.direction().html(),
            source: report.source.as_deref().map(one_line),
            date: report.date.as_deref().and_then(|date| DateView::new(date, phrases)),
            link: report.url.as_deref().and_then(Link::new),
        }
    }
}

impl MarkView {
    /// Marks that say the same are told once, with all their words.
    fn merged(marks: &[Mark], phrases: &Phrases) -> Vec<Self> {
        let mut merged: Vec<Self> = Vec::new();
        for mark in marks.iter().map(|mark| Self::new(mark, phrases)) {
            match merged.iter_mut().find(|known| known.explanation == mark.explanation) {
                Some(known) => known.words.extend(mark.words),
                None => merged.push(mark),
            }
        }
        for mark in &mut merged {
            let mut seen = BTreeSet::new();
            mark.words.retain(|word| seen.insert(word.clone()));
        }
        merged
    }

    fn new(mark: &Mark, phrases: &Phrases) -> Self {
        let explanation = phrases.finding(&mark.code);
        Self {
            explained: explanation.is_some(),
            explanation: explanation.map_or_else(|| one_line(&mark.message), str::to_owned),
            words: mark
                .words
                .iter()
                .map(|word| one_line(word))
                .filter(|word| !word.is_empty())
                .collect(),
        }
    }
}

impl DateView {
    fn new(date: &str, phrases: &Phrases) -> Option<Self> {
        match parsed(date) {
            Some(day) => Some(Self {
                iso: Some(day.to_string()),
                text: phrases.day(day),
            }),
            None => Some(Self {
                iso: None,
                text: one_line(date),
            })
            .filter(|date| !date.text.is_empty()),
        }
    }
}

impl Link {
    fn new(url: &str) -> Option<Self> {
        let (address, host) = web_address(url)?;
        Some(Self {
            address: address.to_owned(),
            host: host.strip_prefix("www.").unwrap_or(host).to_owned(),
        })
    }
}

impl Text {
    fn new(text: &str, words: &[String]) -> Self {
        let plain = one_line(text);
        Self {
            runs: highlighted(&plain, words),
            absent: false,
            plain,
        }
    }

    /// This text, or a phrase where there is none.
    fn or(self, phrase: &str) -> Self {
        if self.plain.is_empty() {
            return Self {
                absent: true,
                ..Self::new(phrase, &[])
            };
        }
        self
    }
}

/// A date may come with a time; the day is what readers want.
fn parsed(date: &str) -> Option<Date> {
    date.trim().get(..10)?.parse().ok()
}
