//! Digests of recipients: each reads the records that the run has just written and takes what the recipient asked for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use super::RunError;
use super::export::{atomically, item};
use super::record::Record;
use super::report::Totals;
use super::store::Store;
use crate::digest::select::{Wishes, chosen};
use crate::digest::{self, Digest, DigestError, Item, Reason};
use crate::job::{Job, Order, Recipient};
use crate::prompts::{Prompts, Subjects};
use crate::text::language::Language;

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

/// Writes the digests of every recipient.
pub fn export(job: &Job, store: &Store, prompts: &Prompts, totals: &mut Totals) -> Result<(), RunError> {
    if job.recipients.is_empty() {
        return Ok(());
    }
    let mut fitting: BTreeMap<(usize, Language), Vec<Item>> = BTreeMap::new();
    each_record(job, |record| {
        let topics = subjects(record, prompts.topics());
        let countries = subjects(record, prompts.countries());
        for (index, recipient) in job.recipients.iter().enumerate() {
            if !(asked(&recipient.topics, &topics)
                && asked(&recipient.countries, &countries)
                && is_from(record, recipient))
            {
                continue;
            }
            for language in &recipient.languages {
                if let Some(mut item) = item(record, *language) {
                    item.placing.topics = topics.keys().cloned().collect();
                    item.placing.why = reasons(recipient, &topics, &countries);
                    fitting.entry((index, *language)).or_default().push(item);
                }
            }
        }
    })?;
    for (index, recipient) in job.recipients.iter().enumerate() {
        let wishes = Wishes {
            newest_first: recipient.order == Order::Newest,
            most: recipient.max_items,
        };
        for language in &recipient.languages {
            let mut items = chosen(
                fitting.remove(&(index, *language)).unwrap_or_default(),
                *language,
                wishes,
            );
            for item in &mut items {
                if let Some(stored) = store.article(&item.id)? {
                    item.placing.full_text = stored.article.body.split("\n\n").map(str::to_owned).collect();
                }
            }
            let digest = Digest {
                language: *language,
                recipient: Some(recipient.name.clone()),
                items,
                rejected: 0,
            };
            write(job, recipient, &digest, prompts, totals)?;
        }
    }
    Ok(())
}

/// Writes one digest in every format that the recipient gets. One that needs a browser may be missing in the morning;
/// the others must not be missing with it.
fn write(
    job: &Job,
    recipient: &Recipient,
    digest: &Digest,
    prompts: &Prompts,
    totals: &mut Totals,
) -> Result<(), RunError> {
    let folder = job.out.join("digests").join(recipient.folder());
    std::fs::create_dir_all(&folder).map_err(|source| RunError::Write {
        path: folder.clone(),
        source,
    })?;
    for format in &recipient.formats {
        let exporter = digest::exporter(&format.to_lowercase(), prompts)?;
        for (name, part) in exporter.files(digest) {
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

fn each_record(job: &Job, mut each: impl FnMut(&Record)) -> Result<(), RunError> {
    let path = job.out.join("records.jsonl");
    let failed = |source| RunError::Read {
        path: path.clone(),
        source,
    };
    for line in BufReader::new(File::open(&path).map_err(failed)?).lines() {
        let record: Record = serde_json::from_str(&line.map_err(failed)?).map_err(|error| failed(error.into()))?;
        each(&record);
    }
    Ok(())
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
