//! Writes what a run hands over: records, rejections, digests and the report, each by atomic rename.
//!
//! Everything is read from the store one article at a time, so that memory does not grow with the batch.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RunError;
use super::inputs;
use super::keys::Keys;
use super::recipients;
use super::record::Record;
use super::records;
use super::report::{Report, Totals};
use super::result::ArticleResult;
use super::store::{Order, Store, unit_key};
use crate::check::Severity;
use crate::digest::{self, Digest, Item, Mark, Spool};
use crate::job::Job;
use crate::prompts::Prompts;
use crate::text::language::Language;

/// What temporary files are called until they are whole.
const UNFINISHED: &str = ".khulosa-";
/// Folder of digests in the run folder; each recipient has one of their own in it.
pub const DIGESTS: &str = "digests";

/// Writes records, rejections and digests from what the store holds.
///
/// When the run before wrote the same things from the same things, and they lie there as it left them, that stands.
pub fn export(job: &Job, keys: &Keys, store: &Store, prompts: &Prompts) -> Result<Totals, RunError> {
    let content = blake3::Hash::from_bytes(store.content()?).to_hex();
    let parts = [
        env!("CARGO_PKG_VERSION"),
        &content,
        &blake3::Hash::from_bytes(keys.settings()).to_hex(),
        &prompts.hash(),
        &serde_json::to_string(&job.recipients).unwrap_or_default(),
    ];
    let stamp = unit_key(&parts.map(AsRef::as_ref));
    if let Some(Written { totals, files }) = store.written(&stamp)?
        && files == states(job, &totals)
    {
        return Ok(totals);
    }
    let totals = write(job, keys, store, prompts)?;
    let files = states(job, &totals);
    let written = Written { totals, files };
    // What is missing may be had the next time: there may be a browser then.
    if written.totals.missing.is_empty() {
        store.set_written(&stamp, &written)?;
    }
    Ok(written.totals)
}

/// What was written, and how the files then looked.
#[derive(Serialize, Deserialize)]
struct Written {
    totals: Totals,
    files: Vec<Option<String>>,
}

/// Size and times of every file that was written, `None` for one that is not there.
fn states(job: &Job, totals: &Totals) -> Vec<Option<String>> {
    let lists = [records::FILE_NAME, "rejected.jsonl"].map(|name| job.out.join(name));
    lists
        .iter()
        .chain(&totals.digests)
        .map(|path| Some(inputs::state(&path.metadata().ok()?)))
        .collect()
}

fn write(job: &Job, keys: &Keys, store: &Store, prompts: &Prompts) -> Result<Totals, RunError> {
    let mut totals = Totals::default();
    atomically(&job.out.join(records::FILE_NAME), |out| {
        each_record(keys, store, Order::Id, &mut |record| {
            totals.count(&record);
            line(out, &record)
        })
    })?;
    totals.rejected = store.rejected()?;
    atomically(&job.out.join("rejected.jsonl"), |out| {
        store.each_rejection(&mut |rejection| line(out, &rejection))
    })?;
    (totals.articles, totals.inputs) = store.counts()?;
    let mut digests = Digests::new(&job.out, &job.to)?;
    each_record(keys, store, Order::Reading, &mut |record| digests.push(&record))?;
    totals.digests = digests.write(totals.rejected, prompts)?;
    let texts = |items: &mut [Item]| fill_in(store, items);
    recipients::export(&job.out, &job.recipients, prompts, &texts, &mut totals)?;
    Ok(totals)
}

fn each_record(
    keys: &Keys,
    store: &Store,
    order: Order,
    visit: &mut dyn FnMut(Record) -> Result<(), RunError>,
) -> Result<(), RunError> {
    store.each_accepted(order, &mut |stored| {
        match store.unit::<ArticleResult>(&keys.result(store, &stored.article)?)? {
            Some(result) => visit(result.record(stored)),
            // Reading was cut short by `--limit` or by a vanished input: no work was begun on it.
            None => Ok(()),
        }
    })
}

/// Gives items the text of their articles, as far as the store has them.
pub fn fill_in<'a>(store: &Store, items: impl IntoIterator<Item = &'a mut Item>) -> Result<(), RunError> {
    for item in items {
        if let Some(stored) = store.article(&item.id)? {
            item.placing.full_text = stored.article.body.split("\n\n").map(str::to_owned).collect();
        }
    }
    Ok(())
}

/// The digests of a run folder in the making: articles are pushed in reading order and kept on disk.
pub struct Digests {
    folder: PathBuf,
    spools: Vec<(Language, Spool)>,
}

impl Digests {
    /// Empty digests in these languages.
    pub fn new(out: &Path, to: &[Language]) -> Result<Self, RunError> {
        let folder = out.join(DIGESTS);
        let failed = |source| RunError::Write {
            path: folder.clone(),
            source,
        };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let spools = to.iter().map(|to| Ok((*to, Spool::new_in(&folder).map_err(failed)?)));
        Ok(Self {
            spools: spools.collect::<Result<_, RunError>>()?,
            folder,
        })
    }

    /// Adds an article.
    pub fn push(&mut self, record: &Record) -> Result<(), RunError> {
        for (to, spool) in &mut self.spools {
            if let Some(item) = item(record, *to) {
                spool.push(&item)?;
            }
        }
        Ok(())
    }

    /// Writes every language in every format; returns the paths.
    pub fn write(self, rejected: usize, prompts: &Prompts) -> Result<Vec<PathBuf>, RunError> {
        let mut written = Vec::new();
        for (language, spool) in self.spools {
            let digest = Digest {
                language,
                recipient: None,
                items: spool.finish()?,
                rejected,
            };
            for exporter in digest::exporters(prompts) {
                let path = self.folder.join(exporter.file_name(language));
                atomically(&path, |out| Ok(exporter.export(&digest, out)?))?;
                written.push(path);
            }
        }
        Ok(written)
    }
}

/// Writes `report.json`.
pub fn write_report(job: &Job, report: &Report) -> Result<(), RunError> {
    write_json(&job.out.join("report.json"), report)
}

/// Writes a value as a file of indented JSON.
pub fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), RunError> {
    atomically(path, |out| {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        writeln!(out, "{text}").map_err(|source| RunError::Write {
            path: path.to_owned(),
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
pub fn atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), RunError>) -> Result<(), RunError> {
    let failed = |source| RunError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)
        .map_err(failed)?;
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    #[cfg(test)]
    super::fuse::burn(path).map_err(failed)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    make_readable(file.as_file()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Removes the temporary files that a killed run left. The run folder is ours alone while it is locked.
pub fn sweep(out: &Path) {
    let digests = out.join(DIGESTS);
    let recipients = std::fs::read_dir(&digests).into_iter().flatten().flatten();
    let recipients: Vec<PathBuf> = recipients.map(|entry| entry.path()).collect();
    for folder in [out.to_owned(), digests].into_iter().chain(recipients) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // One that cannot be removed does no harm.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
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

/// A record as an item of the digest in one language; `None` where it was not translated into it.
pub fn item(record: &Record, to: Language) -> Option<Item> {
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
