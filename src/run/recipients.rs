//! Digests of recipients: each reads the records that the run has just written and takes what the recipient asked for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::{Path, PathBuf};

use super::RunError;
use super::export::{DIGESTS, atomically, item};
use super::record::Record;
use super::records::Records;
use super::report::Totals;
use crate::digest::select::{Wishes, chosen, points};
use crate::digest::{self, Digest, DigestError, Item, Reason};
use crate::job::{Job, Order, Recipient};
use crate::prompts::{Prompts, Subjects};
use crate::text::language::Language;

/// Most articles that one recipient's digests are made of: beyond it nobody reads, and memory would grow with the batch.
const MOST: usize = 10_000;

/// What an article is about, by id, and whether its headline says so.
type Subject = BTreeMap<String, bool>;

/// Looks up what recipients ask for, before the night's work.
///
/// # Errors
/// When a topic, country or format is unknown.
pub fn check(job: &Job, prompts: &Prompts) -> Result<(), RunError> {
    let formats: Vec<&str> = digest::all_exporters(prompts)
        .iter()
        .map(|exporter| exporter.name())
        .collect();
    for recipient in &job.recipients {
        let topics: Vec<&str> = prompts.topics().ids().collect();
        let countries: Vec<&str> = prompts.countries().ids().collect();
        for (key, asked, known) in [
            ("topics", &recipient.topics, &topics),
            ("countries", &recipient.countries, &countries),
            ("formats", &recipient.formats, &formats),
        ] {
            if let Some(found) = asked
                .iter()
                .find(|one| !known.iter().any(|known| known.eq_ignore_ascii_case(one)))
            {
                return Err(RunError::Recipient {
                    key,
                    recipient: recipient.name.clone(),
                    known: known.join(", "),
                    found: found.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Gives items the text of their articles.
pub type Texts<'a> = &'a dyn Fn(&mut [Item]) -> Result<(), RunError>;

/// Writes the digests of every recipient from the records in `out`, holding at most [`MOST`] of them at a time.
pub fn export(
    out: &Path,
    recipients: &[Recipient],
    prompts: &Prompts,
    texts: Texts<'_>,
    totals: &mut Totals,
) -> Result<(), RunError> {
    if recipients.is_empty() {
        return Ok(());
    }
    let mut records = Records::open(out)?;
    let mut waiting: Vec<Waiting> = recipients.iter().map(|_| Waiting::default()).collect();
    records.each(|place, record| {
        let about = About::of(record, prompts);
        for (recipient, waiting) in recipients.iter().zip(&mut waiting) {
            if about.fits(record, recipient) {
                let points = points(&about.reasons(recipient));
                waiting.add(place, record.date.as_deref(), points, recipient.order);
            }
        }
    })?;
    for (recipient, waiting) in recipients.iter().zip(waiting) {
        if waiting.left_out > 0 {
            let left_out = format!(
                "{}: {} articles that fit, after the first {MOST}; name fewer topics, countries or sources",
                recipient.name, waiting.left_out
            );
            tracing::warn!("{left_out}");
            totals.missing.push(left_out);
        }
        let folder = out.join(DIGESTS).join(recipient.folder());
        std::fs::create_dir_all(&folder).map_err(|source| RunError::Write {
            path: folder.clone(),
            source,
        })?;
        let before = totals.digests.len();
        let places = waiting.places();
        for language in &recipient.languages {
            let found = items(&mut records, &places, recipient, *language, prompts)?;
            let wishes = Wishes {
                newest_first: recipient.order == Order::Newest,
                most: recipient.max_items,
            };
            let mut items = chosen(found, *language, wishes);
            texts(&mut items)?;
            let digest = Digest {
                language: *language,
                recipient: Some(recipient.name.clone()),
                items: items.into(),
                rejected: 0,
            };
            write(&folder, recipient, &digest, prompts, totals)?;
        }
        let written = totals.digests.get(before..).unwrap_or_default();
        remove_older(&folder, written)?;
    }
    Ok(())
}

/// Writes one digest in every format that the recipient gets. One that needs a browser may be missing in the morning;
/// the others must not be missing with it.
fn write(
    folder: &Path,
    recipient: &Recipient,
    digest: &Digest,
    prompts: &Prompts,
    totals: &mut Totals,
) -> Result<(), RunError> {
    for format in &recipient.formats {
        let exporter = digest::exporter(&format.to_lowercase(), prompts)?;
        for (name, part) in exporter.files(digest)? {
            let path = folder.join(name);
            match atomically(&path, |out| Ok(exporter.export(&part, out)?)) {
                Ok(()) => totals.digests.push(path),
                Err(RunError::Digest(error @ (DigestError::NoBrowser(_) | DigestError::Browser { .. }))) => {
                    tracing::warn!(path = %path.display(), "{error}");
                    totals.missing.push(format!("{}: {error}", path.display()));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Removes digests of an earlier run that this one has not written anew: nobody is to take them for today's.
fn remove_older(folder: &Path, written: &[PathBuf]) -> Result<(), RunError> {
    let failed = |path: &Path, source| RunError::Write {
        path: path.to_owned(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let entry = entry.map_err(|source| failed(folder, source))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with("digest.") && !written.contains(&path) {
            std::fs::remove_file(&path).map_err(|source| failed(&path, source))?;
        }
    }
    Ok(())
}

/// An article that fits, by where its record stands in the file. The greater comes first in the digest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    before_date: usize,
    date: String,
    points: usize,
    place: Reverse<u64>,
}

/// The first articles of those that fit a recipient.
#[derive(Default)]
struct Waiting {
    /// The last of them on top.
    candidates: BinaryHeap<Reverse<Candidate>>,
    left_out: usize,
}

impl Waiting {
    fn add(&mut self, place: u64, date: Option<&str>, points: usize, order: Order) {
        self.candidates.push(Reverse(Candidate {
            before_date: if order == Order::Newest { 0 } else { points },
            date: date.unwrap_or_default().to_owned(),
            points,
            place: Reverse(place),
        }));
        if self.candidates.len() > MOST {
            self.candidates.pop();
            self.left_out += 1;
        }
    }

    /// Where their records stand, from the beginning of the file on.
    fn places(self) -> Vec<u64> {
        let mut places: Vec<u64> = self
            .candidates
            .into_iter()
            .map(|candidate| candidate.0.place.0)
            .collect();
        places.sort_unstable();
        places
    }
}

/// The records at these places as a recipient's items in one language.
fn items(
    records: &mut Records,
    places: &[u64],
    recipient: &Recipient,
    language: Language,
    prompts: &Prompts,
) -> Result<Vec<Item>, RunError> {
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        let record = records.at(*place)?;
        if let Some(mut item) = item(&record, language) {
            let about = About::of(&record, prompts);
            item.placing.why = about.reasons(recipient);
            item.placing.topics = about.topics.into_keys().chain(about.near.into_keys()).collect();
            items.push(item);
        }
    }
    Ok(items)
}

/// The topics and countries of an article.
struct About {
    topics: Subject,
    /// The topic that the encoder finds it near to, where no word says so; at most one.
    near: Subject,
    countries: Subject,
}

impl About {
    fn of(record: &Record, prompts: &Prompts) -> Self {
        let topics = subjects(record, prompts.topics());
        let near = record.topic.iter().map(|near| (near.topic.clone(), false));
        Self {
            near: near.filter(|(id, _)| !topics.contains_key(id)).collect(),
            topics,
            countries: subjects(record, prompts.countries()),
        }
    }

    fn fits(&self, record: &Record, recipient: &Recipient) -> bool {
        (asked(&recipient.topics, &self.topics) || asked(&recipient.topics, &self.near))
            && asked(&recipient.countries, &self.countries)
            && is_from(record, recipient)
    }

    fn reasons(&self, recipient: &Recipient) -> Vec<Reason> {
        let near = matching(&recipient.topics, &self.near).map(|(id, _)| Reason::Near { id: id.clone() });
        near.chain(reasons(recipient, &self.topics, &self.countries)).collect()
    }
}

/// What a record is about, in its own language where there are keywords in it, else by its first translation that
/// there are keywords for.
fn subjects(record: &Record, known: &Subjects) -> Subject {
    let own = (record.language, &record.title, &record.summary.sentences);
    let translated = record
        .translations
        .iter()
        .map(|(to, text)| (*to, &text.title, &text.sentences));
    let spoken = std::iter::once(own)
        .chain(translated)
        .find(|(language, ..)| known.speak(*language));
    let Some((language, title, sentences)) = spoken else {
        return Subject::new();
    };
    let mut found: Subject = known
        .of(&sentences.join(" \n "), language)
        .into_iter()
        .map(|id| (id.to_owned(), false))
        .collect();
    found.extend(known.of(title, language).into_iter().map(|id| (id.to_owned(), true)));
    found
}

/// Whether one of what was asked for is there; nothing asked for is everything.
fn asked(wanted: &[String], found: &Subject) -> bool {
    wanted.is_empty() || matching(wanted, found).next().is_some()
}

fn matching<'a>(wanted: &'a [String], found: &'a Subject) -> impl Iterator<Item = (&'a String, &'a bool)> {
    found
        .iter()
        .filter(|(id, _)| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(id)))
}

fn is_from(record: &Record, recipient: &Recipient) -> bool {
    let names = [&record.source, &record.agency, &record.url]
        .into_iter()
        .flatten()
        .map(|name| name.to_lowercase());
    let names: Vec<String> = names.collect();
    let is_in = |wanted: &String| names.iter().any(|name| name.contains(&wanted.to_lowercase()));
    recipient.sources.is_empty() || recipient.sources.iter().any(is_in)
}

fn reasons(recipient: &Recipient, topics: &Subject, countries: &Subject) -> Vec<Reason> {
    let topics = matching(&recipient.topics, topics).map(|(id, in_title)| Reason::Topic {
        id: id.clone(),
        in_title: *in_title,
    });
    let countries = matching(&recipient.countries, countries).map(|(id, in_title)| Reason::Country {
        id: id.clone(),
        in_title: *in_title,
    });
    topics.chain(countries).collect()
}

#[cfg(test)]
mod tests {
    use super::{About, MOST, Order, Prompts, Reason, Recipient, Record, Waiting};

    fn record(topic: &str) -> Record {
        let written = serde_json::json!({
            "schema": "khulosa.record/1",
            "id": "a",
            "inputs": ["a.txt"],
            "title": "The canal is lined with concrete",
            "language": "en",
            "size": {"words": 9, "sentences": 1},
            "summary": {"sentences": ["Losses will fall by half."], "method": "extractive", "model": "m", "findings": []},
            "topic": {"topic": topic, "similarity": 0.4},
            "translations": {},
        });
        serde_json::from_value(written).unwrap()
    }

    #[test]
    fn an_article_near_a_topic_fits_whoever_asked_for_it_and_says_so() {
        let prompts = Prompts::load(None).unwrap();
        let about = About::of(&record("water"), &prompts);
        let recipient = |topics: &[&str]| Recipient {
            name: "Desk".to_owned(),
            languages: Vec::new(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            countries: Vec::new(),
            sources: Vec::new(),
            order: Order::Importance,
            max_items: None,
            formats: Vec::new(),
        };
        let (asked, other, any) = (recipient(&["energy", "Water"]), recipient(&["energy"]), recipient(&[]));
        assert!(about.fits(&record("water"), &asked) && about.fits(&record("water"), &any));
        assert!(!about.fits(&record("water"), &other));
        let near = Reason::Near { id: "water".to_owned() };
        assert_eq!(about.reasons(&asked), [near]);
        assert_eq!(about.reasons(&any), []);
    }

    #[test]
    fn a_topic_that_words_name_is_not_told_a_second_time_by_meaning() {
        let prompts = Prompts::load(None).unwrap();
        let river = Record {
            title: "The river rises".to_owned(),
            ..record("water")
        };
        let about = About::of(&river, &prompts);
        assert!(about.near.is_empty());
        assert_eq!(about.topics.get("water"), Some(&true));
    }

    #[test]
    fn of_more_articles_than_anyone_reads_the_first_are_kept_and_the_others_counted() {
        for (order, kept) in [(Order::Importance, 7), (Order::Newest, 3)] {
            let mut waiting = Waiting::default();
            // Two stand out: one that is important and old, one that is new and unimportant.
            waiting.add(7, Some("2024-11-01"), 9, order);
            waiting.add(3, Some("2024-11-30"), 0, order);
            for place in 10..10 + MOST as u64 {
                waiting.add(place, Some("2024-11-04"), 2, order);
            }
            assert_eq!(waiting.left_out, 2);
            let places = waiting.places();
            assert_eq!(places.len(), MOST);
            assert!(places.contains(&kept) && places.is_sorted());
            assert!(
                !places.contains(&(9 + MOST as u64)),
                "of equals, the earlier record is kept"
            );
        }
    }
}
