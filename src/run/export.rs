//! Writes what a run hands over: records, rejections, digests and the report, each by atomic rename.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::RunError;
use super::recipients;
use super::record::{Record, Size, Summary, Translation};
use super::report::{Report, Totals};
use super::store::{Store, Stored};
use super::window::{Models, SummaryUnit, TranslationUnit, summary_key, translation_key};
use crate::check::{self, Severity, glossary};
use crate::digest::{self, Digest, Item, Mark};
use crate::job::Job;
use crate::prompts::Prompts;
use crate::text::language::Language;
use crate::text::sentences;
use crate::translate::Segment;

/// Articles taken from the store at a time.
const CHUNK: usize = 256;

/// Writes records, rejections and digests from what the store holds.
pub fn export(job: &Job, models: &Models, store: &Store, prompts: &Prompts) -> Result<Totals, RunError> {
    let mut totals = Totals::default();
    let mut records = Vec::new();
    atomically(&job.out.join("records.jsonl"), |out| {
        let mut id = String::new();
        loop {
            let chunk = store.accepted(&id, CHUNK)?;
            let Some(last) = chunk.last() else { return Ok(()) };
            id.clone_from(&last.article.id);
            for stored in chunk {
                if let Some(record) = record(job, models, store, stored)? {
                    totals.count(&record);
                    line(out, &record)?;
                    records.push(record);
                }
            }
        }
    })?;
    let rejections = store.rejections()?;
    totals.rejected = rejections.len();
    atomically(&job.out.join("rejected.jsonl"), |out| {
        rejections.iter().try_for_each(|rejection| line(out, rejection))
    })?;
    (totals.articles, totals.inputs) = store.counts()?;
    let folder = job.out.join("digests");
    std::fs::create_dir_all(&folder).map_err(|source| RunError::Write {
        path: folder.clone(),
        source,
    })?;
    in_reading_order(&mut records);
    for to in &job.to {
        let digest = digest(*to, &records, rejections.len());
        for exporter in digest::exporters(prompts) {
            let path = folder.join(exporter.file_name(*to));
            atomically(&path, |out| Ok(exporter.export(&digest, out)?))?;
            totals.digests.push(path);
        }
    }
    recipients::export(job, store, prompts, &mut totals)?;
    Ok(totals)
}

/// Writes `report.json`.
pub fn write_report(job: &Job, report: &Report) -> Result<(), RunError> {
    atomically(&job.out.join("report.json"), |out| {
        let text = serde_json::to_string_pretty(report).unwrap_or_default();
        writeln!(out, "{text}").map_err(|source| RunError::Write {
            path: PathBuf::from("report.json"),
            source,
        })
    })
}

fn line<T: serde::Serialize>(out: &mut dyn Write, value: &T) -> Result<(), RunError> {
    let text = serde_json::to_string(value).unwrap_or_default();
    writeln!(out, "{text}").map_err(|source| RunError::Write {
        path: PathBuf::from("(temporary file)"),
        source,
    })
}

/// Writes a file beside its final name and renames it when it is whole and on the disk.
pub(super) fn atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let failed = |source| RunError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".khulosa-")
        .tempfile_in(folder)
        .map_err(failed)?;
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    make_readable(file.as_file()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Temporary files are made for their owner alone; a digest is made to be read by others.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// An article's record, from the store; `None` when its work is not finished.
fn record(job: &Job, models: &Models, store: &Store, stored: Stored) -> Result<Option<Record>, RunError> {
    let Some(language) = stored.article.language else {
        return Ok(None);
    };
    let Some(summary) = store.unit::<SummaryUnit>(&summary_key(job, models, &stored.article))? else {
        return Ok(None);
    };
    let body = &stored.article.body;
    let size = Size {
        words: body.split_whitespace().count(),
        sentences: sentences::split(body, language).len(),
    };
    let findings = check::summary(body, &summary.sentences.join(" "), language);
    let made = Summary {
        sentences: summary.sentences,
        method: models.summariser.method().to_owned(),
        model: models.summariser.identity().to_owned(),
        findings,
    };
    let mut record = Record::of(stored.article, stored.inputs, language, size, made);
    for to in &job.to {
        let Some(translation) = translation(models, store, &record, *to)? else {
            return Ok(None);
        };
        record.translations.insert(*to, translation);
    }
    Ok(Some(record))
}

/// Title and summary in one language, from the store; `None` when a sentence is missing.
fn translation(models: &Models, store: &Store, record: &Record, to: Language) -> Result<Option<Translation>, RunError> {
    if to == record.language {
        let (title, sentences) = (record.title.clone(), record.summary.sentences.clone());
        return Ok(Some(Translation {
            title,
            sentences,
            model: None,
            score: None,
            reviewed: 0,
            terms: Vec::new(),
            findings: Vec::new(),
        }));
    }
    let (mut texts, mut findings, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    let (mut reviewed, mut terms) = (0, Vec::new());
    for text in std::iter::once(&record.title).chain(&record.summary.sentences) {
        if text.trim().is_empty() {
            texts.push(String::new());
            continue;
        }
        let segment = Segment {
            text: text.clone(),
            from: record.language,
            to,
        };
        if let Some(text) = store.reviewed(&segment)? {
            reviewed += 1;
            terms.extend(models.glossary.uses(&segment.text, segment.from, &text, to));
            texts.push(text);
            continue;
        }
        let Some(unit) = store.unit::<TranslationUnit>(&translation_key(models, &segment))? else {
            return Ok(None);
        };
        let used = models.glossary.uses(text, record.language, &unit.text, to);
        findings.extend(glossary::findings(&used));
        terms.extend(used);
        findings.extend(check::translation(text, record.language, &unit.text, to));
        scores.push(unit.score);
        texts.push(unit.text);
    }
    let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
    let made = reviewed == 0 || !scores.is_empty();
    let title = texts.remove(0);
    Ok(Some(Translation {
        title,
        sentences: texts,
        model: made.then(|| models.translator.identity().to_owned()),
        score: made.then_some((mean * 1e4).round() / 1e4),
        reviewed,
        terms,
        findings,
    }))
}

/// Newest first; without a date last; the rest of the order is arbitrary but fixed.
fn in_reading_order(records: &mut [Record]) {
    records.sort_by(|left, right| {
        right
            .date
            .cmp(&left.date)
            .then_with(|| left.title.cmp(&right.title))
            .then_with(|| left.id.cmp(&right.id))
    });
}

fn digest(to: Language, records: &[Record], rejected: usize) -> Digest {
    Digest {
        language: to,
        recipient: None,
        items: records.iter().filter_map(|record| item(record, to)).collect(),
        rejected,
    }
}

pub(super) fn item(record: &Record, to: Language) -> Option<Item> {
    let translation = record.translations.get(&to)?;
    let marks = record.summary.findings.iter().chain(&translation.findings);
    Some(Item {
        id: record.id.clone(),
        title: translation.title.clone(),
        summary: translation.sentences.clone(),
        source_title: record.title.clone(),
        source_summary: record.summary.sentences.clone(),
        source_language: record.language,
        url: record.url.clone(),
        date: record.date.clone(),
        agency: record.agency.clone(),
        place: record.place.clone(),
        source: record.source.clone(),
        input: record.inputs.first().cloned().unwrap_or_default(),
        translator: translation.model.clone().unwrap_or_default(),
        summariser: record.summary.model.clone(),
        marks: marks
            .filter(|finding| finding.severity >= Severity::Warning)
            .map(|finding| Mark {
                code: finding.code.to_string(),
                message: finding.message.clone(),
                words: finding.words.clone(),
            })
            .collect(),
        untranslated: translation.model.is_none() && translation.reviewed == 0,
        score: translation.score,
        reviewed: translation.reviewed > 0 && translation.model.is_none(),
        placing: digest::Placing::default(),
    })
}
