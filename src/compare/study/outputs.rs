//! Reads what a run left in its folder, as far as a comparison needs it.
//!
//! The reader takes only the fields that it uses, so that folders of other versions can be compared as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::check::Finding;
use crate::compare::error::CompareError;
use crate::text::language::Language;

/// What every schema of records begins with.
const RECORDS: &str = "khulosa.record/";

/// One system: the outputs of one run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the tables call it.
    pub name: String,
    /// Where it was read from.
    pub folder: PathBuf,
    /// By article id.
    pub articles: BTreeMap<String, Article>,
    /// How fast it was, where that is known.
    pub speed: Option<Speed>,
}

/// What one run made of one article.
#[derive(Debug, Clone, Deserialize)]
pub struct Article {
    schema: String,
    id: String,
    /// The input's own id.
    #[serde(default)]
    pub given_id: Option<String>,
    /// Where it was read from.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Headline in the article's own language.
    pub title: String,
    pub language: Language,
    size: Size,
    pub summary: Summary,
    pub translations: BTreeMap<Language, Translation>,
}

impl Article {
    /// Hash of its text.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Words of the article's body.
    pub fn words(&self) -> usize {
        self.size.words
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Size {
    words: usize,
}

/// The summary in the article's own language.
#[derive(Debug, Clone, Deserialize)]
pub struct Summary {
    pub sentences: Vec<String>,
    pub model: String,
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// Title and summary in one target language.
#[derive(Debug, Clone, Deserialize)]
pub struct Translation {
    pub title: String,
    pub sentences: Vec<String>,
    /// `None` for an article in the target language itself.
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub score: Option<f64>,
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// How fast a run translated when it last had something to translate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// Sentences translated.
    pub sentences: usize,
    /// Seconds in the engine.
    pub seconds: f64,
}

impl Speed {
    /// Sentences a second; `None` where nothing was measured.
    pub fn rate(self) -> Option<f64> {
        (self.sentences > 0 && self.seconds > 0.0).then(|| self.sentences as f64 / self.seconds)
    }
}

impl Run {
    /// Reads `records.jsonl` of a run folder.
    ///
    /// # Errors
    /// A folder that holds no run, or a line that is no record; both named.
    pub fn read(folder: &Path, name: &str) -> Result<Self, CompareError> {
        let path = folder.join("records.jsonl");
        let unreadable = |source| CompareError::Read {
            path: path.clone(),
            source,
        };
        let file = File::open(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => CompareError::NoRun {
                folder: folder.to_owned(),
            },
            _ => unreadable(source),
        })?;
        let mut articles = BTreeMap::new();
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let article = parse(&path, index + 1, &line.map_err(unreadable)?)?;
            articles.insert(article.id.clone(), article);
        }
        if articles.is_empty() {
            return Err(CompareError::Empty {
                name: path.display().to_string(),
                lines: 0,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            articles,
            speed: None,
        })
    }

    /// The models that made its outputs, as records name them.
    pub fn models(&self) -> BTreeSet<&str> {
        let summaries = self.articles.values().map(|article| article.summary.model.as_str());
        let translations = self.articles.values().flat_map(|article| article.translations.values());
        summaries
            .chain(translations.filter_map(|translation| translation.model.as_deref()))
            .collect()
    }
}

fn parse(path: &Path, line: usize, text: &str) -> Result<Article, CompareError> {
    let article: Article = serde_json::from_str(text).map_err(|error| CompareError::Json {
        path: path.to_owned(),
        line,
        reason: error.to_string(),
    })?;
    if !article.schema.starts_with(RECORDS) {
        return Err(CompareError::Field {
            path: path.to_owned(),
            line,
            expected: format!("a record ({RECORDS}…)"),
            found: format!("“{}”", article.schema),
        });
    }
    Ok(article)
}

/// Reads several run folders; each is called as its folder, or by its whole path where two folders have one name.
///
/// # Errors
/// As [`Run::read`]; a folder that is named twice.
pub fn read_runs(folders: &[PathBuf]) -> Result<Vec<Run>, CompareError> {
    let short = |folder: &Path| {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        real.file_name().map_or_else(
            || folder.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    let names: Vec<String> = folders.iter().map(|folder| short(folder)).collect();
    let mut seen = BTreeSet::new();
    let mut runs = Vec::new();
    for (folder, name) in folders.iter().zip(&names) {
        if !seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())) {
            return Err(CompareError::Twice {
                what: "run folder",
                name: folder.display().to_string(),
            });
        }
        let shared = names.iter().filter(|other| *other == name).count() > 1;
        let name = if shared {
            folder.display().to_string()
        } else {
            name.clone()
        };
        runs.push(Run::read(folder, &name)?);
    }
    Ok(runs)
}
