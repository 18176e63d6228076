//! The folders to be merged: each a finished shard, all of the same batch, every shard there once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::MergeError;
use crate::job::{Recipient, Shard};
use crate::run::report::{Counts, Seconds, StageReport};
use crate::text::language::Language;

/// Name of the report in a run folder.
pub const REPORT: &str = "report.json";

/// Settings that may differ between the shards of a batch, since no record depends on them.
const FREE: [&str; 12] = [
    "out",
    "shard",
    "device",
    "threads",
    "batch_tokens",
    "progress",
    "metrics",
    "cache",
    "max_rejected",
    "models",
    "offline",
    "allow_pickle",
];

/// One shard's folder.
pub struct Part {
    pub folder: PathBuf,
    pub shard: Shard,
    pub report: ShardReport,
}

/// What of a shard's `report.json` a merge needs.
#[derive(Deserialize)]
pub struct ShardReport {
    schema: String,
    pub version: String,
    pub counts: Counts,
    pub seconds: Seconds,
    pub stages: BTreeMap<String, StageReport>,
    pub cache_hits: usize,
    pub models: Value,
    pub settings: Map<String, Value>,
}

impl Part {
    fn read(folder: &Path) -> Result<Self, MergeError> {
        let path = folder.join(REPORT);
        let unlike = |expected: &str, found: String| MergeError::Unlike {
            path: path.clone(),
            expected: expected.to_owned(),
            found,
        };
        let text = std::fs::read_to_string(&path).map_err(|source| MergeError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let report: ShardReport =
            serde_json::from_str(&text).map_err(|error| unlike("a run report", error.to_string()))?;
        if report.schema != "khulosa.report/1" {
            return Err(unlike("a report of schema khulosa.report/1", report.schema));
        }
        let shard = report.settings.get("shard").and_then(Value::as_str);
        let shard = shard.and_then(|shard| shard.parse().ok()).ok_or_else(|| {
            MergeError::Shards(format!(
                "{}: expected the folder of a run with --shard, found one without",
                folder.display()
            ))
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            shard,
            report,
        })
    }

    /// Target languages, in the order of the digests.
    pub fn to(&self) -> Result<Vec<Language>, MergeError> {
        let to = self.report.settings.get("to").cloned().unwrap_or_default();
        serde_json::from_value(to).map_err(|error| MergeError::Unlike {
            path: self.folder.join(REPORT),
            expected: "target languages".to_owned(),
            found: error.to_string(),
        })
    }

    /// Who gets digests of their own.
    pub fn recipients(&self) -> Result<Vec<Recipient>, MergeError> {
        let Some(recipients) = self.report.settings.get("recipients").cloned() else {
            return Ok(Vec::new());
        };
        serde_json::from_value(recipients).map_err(|error| MergeError::Unlike {
            path: self.folder.join(REPORT),
            expected: "recipients".to_owned(),
            found: error.to_string(),
        })
    }

    /// Folder of prompts that the job named.
    pub fn prompts(&self) -> Option<PathBuf> {
        Some(self.report.settings.get("prompts")?.as_str()?.into())
    }

    /// Rejected articles that the job counts as success.
    pub fn max_rejected(&self) -> usize {
        let most = self.report.settings.get("max_rejected").and_then(Value::as_u64);
        most.map_or(0, |most| most as usize)
    }

    /// What must be the same in every shard, by name.
    fn fixed(&self) -> BTreeMap<String, Value> {
        let mut fixed: BTreeMap<String, Value> = (self.report.settings.iter())
            .filter(|(key, _)| !FREE.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        fixed.insert("version of khulosa".to_owned(), self.report.version.clone().into());
        fixed.insert("models used".to_owned(), self.report.models.clone());
        fixed
    }
}

/// Reads the reports of all folders and checks that they belong together.
pub fn read(folders: &[PathBuf]) -> Result<Vec<Part>, MergeError> {
    let mut parts: Vec<Part> = Vec::new();
    for folder in folders {
        let part = Part::read(folder)?;
        if let Some(first) = parts.first() {
            belongs(first, &part)?;
        }
        if let Some(twin) = parts.iter().find(|other| other.shard.index() == part.shard.index()) {
            return Err(MergeError::Shards(format!(
                "{} and {} are both shard {}",
                twin.folder.display(),
                folder.display(),
                part.shard
            )));
        }
        parts.push(part);
    }
    let count = parts.first().map_or(0, |part| part.shard.count());
    let missing: Vec<String> = (1..=count)
        .filter(|index| parts.iter().all(|part| part.shard.index() != *index))
        .map(|index| format!("{index}/{count}"))
        .collect();
    if missing.is_empty() {
        Ok(parts)
    } else {
        let missing = missing.join(", ");
        Err(MergeError::Shards(format!(
            "expected the folders of all {count} shards, found none for {missing}"
        )))
    }
}

fn belongs(first: &Part, part: &Part) -> Result<(), MergeError> {
    let mut ours = first.fixed();
    let theirs = part.fixed();
    ours.insert("number of shards".to_owned(), first.shard.count().into());
    let count = ("number of shards".to_owned(), Value::from(part.shard.count()));
    for (key, value) in theirs.iter().chain([(&count.0, &count.1)]) {
        let expected = ours.remove(key).unwrap_or_default();
        if expected != *value {
            return Err(different(first, part, key, &expected, value));
        }
    }
    match ours.into_iter().next() {
        Some((key, expected)) => Err(different(first, part, &key, &expected, &Value::Null)),
        None => Ok(()),
    }
}

fn different(first: &Part, part: &Part, key: &str, expected: &Value, found: &Value) -> MergeError {
    MergeError::Shards(format!(
        "{}: expected a shard of the same batch as {}, found another in {key}: {found}, not {expected}",
        part.folder.display(),
        first.folder.display(),
    ))
}
