//! Joins the run folders of all shards of a batch into exactly what one run would have written: the same bytes of
//! records, rejections and digests.
//!
//! That it can is owed to the shards: every article and every rejection is in one of them, copies of a text together,
//! and what a run writes depends on nothing else. Lines are copied as they are, and no model is loaded.

mod parts;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::RunError;
use super::export::{Digests, atomically, fill_in};
use super::lock::Lock;
use super::recipients;
use super::record::Record;
use super::records::{self, Records};
use super::report::{Counts, Seconds, StageReport, Totals};
use super::store::{self, Store};
use crate::digest::Item;
use crate::prompts::Prompts;
use crate::text::language::Language;
use parts::Part;

/// Why run folders cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A file of a shard is not there or cannot be read.
    #[error("{path}: cannot read: {source}; only folders of finished runs can be merged")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of a shard does not hold what it should.
    #[error("{path}: expected {expected}, found {found}; run that shard again")]
    Unlike {
        /// The file.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The folders are not all shards of one batch, each once.
    #[error("{0}")]
    Shards(String),
}

/// What a merge has written.
#[derive(Debug)]
pub struct Merged {
    /// Counts by outcome, of all shards.
    pub counts: Counts,
    /// Rejected articles that the job counts as success.
    pub max_rejected: usize,
    /// Digests written.
    pub digests: Vec<PathBuf>,
    /// Digests that could not be written, each with why.
    pub missing: Vec<String>,
}

/// `report.json` of merged shards: as [`super::report::Report`], with work summed and times of the slowest shard.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    version: String,
    finished: String,
    shards: usize,
    counts: Counts,
    findings: BTreeMap<String, usize>,
    languages: BTreeMap<String, usize>,
    seconds: Seconds,
    stages: BTreeMap<String, StageReport>,
    cache_hits: usize,
    models: Value,
    settings: Map<String, Value>,
    digests: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

/// Merges the folders of all shards of a batch into `out`.
///
/// # Errors
/// When a shard is missing, named twice, running, unfinished, or of another batch; or when `out` cannot be written.
pub fn merge(folders: &[PathBuf], out: &Path) -> Result<Merged, RunError> {
    std::fs::create_dir_all(out).map_err(|source| RunError::Write {
        path: out.to_owned(),
        source,
    })?;
    let mut locks = vec![Lock::take(out)?];
    for (at, folder) in folders.iter().enumerate() {
        if folders.iter().take(at).any(|other| same(other, folder)) {
            return Err(MergeError::Shards(format!("{}: is named twice", folder.display())).into());
        }
        if same(folder, out) {
            let message = format!("{}: is one of the shards; name another --out folder", out.display());
            return Err(MergeError::Shards(message).into());
        }
        // Without a report it is no run folder, and nothing is to be left in it.
        if folder.join(parts::REPORT).is_file() {
            locks.push(Lock::take(folder)?);
        }
    }
    let parts = parts::read(folders)?;
    let Some(first) = parts.first() else {
        return Err(MergeError::Shards("no folder is named".to_owned()).into());
    };
    let prompts = Prompts::load(first.prompts().as_deref())?;
    let mut totals = Totals::default();
    let order = merge_records(&parts, out, &mut totals)?;
    totals.rejected = merge_rejections(&parts, out)?;
    totals.digests = merge_digests(out, &first.to()?, order)?.write(totals.rejected, &prompts)?;
    let texts = |items: &mut [Item]| fill_in_from(&parts, items);
    recipients::export(out, &first.recipients()?, &prompts, &texts, &mut totals)?;
    let counts = Counts {
        articles: parts.iter().map(|part| part.report.counts.articles).sum(),
        duplicates: parts.iter().map(|part| part.report.counts.duplicates).sum(),
        records: totals.records,
        flagged: totals.flagged,
        rejected: totals.rejected,
    };
    let mut settings = first.report.settings.clone();
    settings.remove("shard");
    settings.insert("out".to_owned(), out.display().to_string().into());
    let report = Report {
        schema: "khulosa.report/1",
        version: first.report.version.clone(),
        finished: super::report::now(),
        shards: parts.len(),
        counts,
        findings: totals.findings,
        languages: totals.languages,
        seconds: slowest(&parts),
        stages: summed(&parts),
        cache_hits: parts.iter().map(|part| part.report.cache_hits).sum(),
        models: first.report.models.clone(),
        settings,
        digests: totals.digests.clone(),
        missing: totals.missing.clone(),
    };
    super::export::write_json(&out.join(parts::REPORT), &report)?;
    Ok(Merged {
        counts,
        max_rejected: first.max_rejected(),
        digests: totals.digests,
        missing: totals.missing,
    })
}

fn same(left: &Path, right: &Path) -> bool {
    matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}

/// Date (newest first), title and id of a record, and its offset in the merged file.
type Place = (Reverse<String>, String, String, u64);

/// A shard's records, read line by line.
struct Source<'a> {
    part: &'a Part,
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    /// The next line, and the record that it is.
    next: Option<(String, Record)>,
    taken: usize,
}

impl Source<'_> {
    fn advance(&mut self) -> Result<(), MergeError> {
        let line = self.lines.next().transpose().map_err(|source| MergeError::Unreadable {
            path: self.path.clone(),
            source,
        })?;
        let unlike = |expected: &str, found: String| MergeError::Unlike {
            path: self.path.clone(),
            expected: expected.to_owned(),
            found,
        };
        let Some(line) = line else {
            self.next = None;
            let expected = self.part.report.counts.records;
            if self.taken == expected {
                return Ok(());
            }
            return Err(unlike(
                &format!("{expected} records, as the report says"),
                self.taken.to_string(),
            ));
        };
        self.taken += 1;
        let record: Record = serde_json::from_str(&line)
            .map_err(|error| unlike("a record a line", format!("line {}: {error}", self.taken)))?;
        if !self.part.shard.holds(&record.id) {
            return Err(unlike(
                &format!("articles of shard {}", self.part.shard),
                format!("another's in line {}", self.taken),
            ));
        }
        if self.next.as_ref().is_some_and(|(_, before)| before.id >= record.id) {
            return Err(unlike(
                "records in the order of their ids",
                format!("line {} out of it", self.taken),
            ));
        }
        self.next = Some((line, record));
        Ok(())
    }
}

/// Writes all records in the order of their ids; returns the order of digests: date, title, id, and where in the file the
/// record stands.
fn merge_records(parts: &[Part], out: &Path, totals: &mut Totals) -> Result<Vec<Place>, RunError> {
    let mut sources = Vec::new();
    for part in parts {
        let path = part.folder.join(records::FILE_NAME);
        let mut source = Source {
            lines: open(&path)?.lines(),
            part,
            path,
            next: None,
            taken: 0,
        };
        source.advance()?;
        sources.push(source);
    }
    let (mut order, mut offset) = (Vec::new(), 0);
    let path = out.join(records::FILE_NAME);
    atomically(&path, |file| {
        loop {
            let waiting = sources.iter_mut().filter(|source| source.next.is_some());
            let id = |source: &&mut Source<'_>| source.next.as_ref().map(|(_, record)| record.id.clone());
            let Some(source) = waiting.min_by_key(id) else {
                return Ok(());
            };
            let next = source.next.clone();
            source.advance()?;
            let Some((line, record)) = next else {
                return Ok(());
            };
            writeln!(file, "{line}").map_err(|source| RunError::Write {
                path: path.clone(),
                source,
            })?;
            totals.count(&record);
            let date = Reverse(record.date.unwrap_or_default());
            order.push((date, record.title, record.id, offset));
            offset += line.len() as u64 + 1;
        }
    })?;
    order.sort_unstable();
    Ok(order)
}

/// Puts the digests together from the merged records, one in memory at a time.
fn merge_digests(out: &Path, to: &[Language], order: Vec<Place>) -> Result<Digests, RunError> {
    let mut digests = Digests::new(out, to)?;
    let mut records = Records::open(out)?;
    for (.., offset) in order {
        digests.push(&records.at(offset)?)?;
    }
    Ok(digests)
}

/// Gives items the text of their articles from the shards that they are in.
fn fill_in_from(parts: &[Part], items: &mut [Item]) -> Result<(), RunError> {
    for part in parts {
        let mut ours = items.iter_mut().filter(|item| part.shard.holds(&item.id)).peekable();
        if ours.peek().is_none() {
            continue;
        }
        let path = part.folder.join(store::FILE_NAME);
        // Opening a store that is not there would make one.
        File::open(&path).map_err(|source| MergeError::Unreadable { path, source })?;
        fill_in(&Store::open(&part.folder, false)?, ours)?;
    }
    Ok(())
}

/// Writes all rejections in the order of their inputs; returns how many there are.
fn merge_rejections(parts: &[Part], out: &Path) -> Result<usize, RunError> {
    let mut rejections: Vec<(String, String)> = Vec::new();
    for part in parts {
        let path = part.folder.join("rejected.jsonl");
        for line in open(&path)?.lines() {
            let line = line.map_err(|source| MergeError::Unreadable {
                path: path.clone(),
                source,
            })?;
            let rejection: crate::article::Rejection =
                serde_json::from_str(&line).map_err(|error| MergeError::Unlike {
                    path: path.clone(),
                    expected: "a rejection a line".to_owned(),
                    found: error.to_string(),
                })?;
            rejections.push((rejection.input, line));
        }
    }
    rejections.sort_unstable();
    let path = out.join("rejected.jsonl");
    atomically(&path, |file| {
        rejections
            .iter()
            .try_for_each(|(_, line)| writeln!(file, "{line}"))
            .map_err(|source| RunError::Write {
                path: path.clone(),
                source,
            })
    })?;
    Ok(rejections.len())
}

fn open(path: &Path) -> Result<BufReader<File>, MergeError> {
    File::open(path)
        .map(BufReader::new)
        .map_err(|source| MergeError::Unreadable {
            path: path.to_owned(),
            source,
        })
}

fn slowest(parts: &[Part]) -> Seconds {
    let most = |of: fn(&Seconds) -> f64| parts.iter().map(|part| of(&part.report.seconds)).fold(0.0, f64::max);
    Seconds {
        total: most(|seconds| seconds.total),
        loading_models: most(|seconds| seconds.loading_models),
        working: most(|seconds| seconds.working),
        engine: most(|seconds| seconds.engine),
        exporting: most(|seconds| seconds.exporting),
        engine_share: most(|seconds| seconds.engine_share),
    }
}

fn summed(parts: &[Part]) -> BTreeMap<String, StageReport> {
    let mut sums: BTreeMap<String, StageReport> = BTreeMap::new();
    for (stage, work) in parts.iter().flat_map(|part| &part.report.stages) {
        sums.entry(stage.clone()).or_default().add(work);
    }
    sums
}
