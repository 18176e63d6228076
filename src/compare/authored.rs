//! The project's own test set: agency-style articles written in several languages, sentence by sentence.
//!
//! They lie in `articles_*.jsonl`; `split.json` says which articles no model was trained on, and which the
//! summariser was not fitted on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::CompareError;
use super::files::decode;
use crate::text::language::Language;

/// An article in all its languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    pub id: String,
    pub topic: String,
    pub versions: BTreeMap<Language, Version>,
}

/// An article in one language. Sentence N of one language translates sentence N of every other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    pub title: String,
    pub sentences: Vec<String>,
    pub summary: Vec<String>,
}

/// Which articles are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those that no model was trained on.
    HeldOut,
    /// The others.
    Training,
    /// Those by which nothing of the summariser was chosen; translation models may have been trained on them. Where the
    /// corpus names none, those that are held out.
    Summaries,
    All,
}

/// A sentence or title and its translation by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    pub article: &'a str,
    pub source: &'a str,
    pub reference: &'a str,
}

type Text = BTreeMap<Language, String>;

#[derive(Deserialize)]
struct Line {
    id: String,
    topic: String,
    title: Text,
    sentences: Vec<Text>,
    summary: Vec<Text>,
}

#[derive(Deserialize)]
struct Split {
    held_out: BTreeSet<String>,
    #[serde(default)]
    summaries: BTreeSet<String>,
}

/// Reads the articles of `folder` (or of its folder `authored`) in the order of their files. The whole folder is read
/// whatever the part, so that a mistake in it is always found.
///
/// # Errors
/// A file that is missing, is not UTF-8 or has another shape; a text without one of the article's languages; a held-out
/// article that no file has.
pub fn load(folder: &Path, part: Part) -> Result<Vec<Authored>, CompareError> {
    let Split { held_out, summaries } = read_split(&folder.join("split.json"))?;
    let for_summaries = if summaries.is_empty() { &held_out } else { &summaries };
    let mut missing = &held_out | &summaries;
    let mut articles = Vec::new();
    for path in article_files(folder)? {
        let bytes = read(&path)?;
        for (index, line) in decode(&path, &bytes)?
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let article = parse(&path, index + 1, line)?;
            missing.remove(&article.id);
            let wanted = match part {
                Part::HeldOut => held_out.contains(&article.id),
                Part::Training => !held_out.contains(&article.id),
                Part::Summaries => for_summaries.contains(&article.id),
                Part::All => true,
            };
            if wanted {
                articles.push(article);
            }
        }
    }
    match missing.first() {
        Some(id) => Err(CompareError::Field {
            path: folder.join("split.json"),
            line: 1,
            expected: "articles that the folder has".to_owned(),
            found: format!("“{id}”"),
        }),
        None => Ok(articles),
    }
}

/// Titles and sentences of `articles` in `from`, with their translations into `to`; articles without one of the two
/// languages are left out.
pub fn pairs(articles: &[Authored], from: Language, to: Language) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for article in articles {
        if let (Some(source), Some(reference)) = (article.versions.get(&from), article.versions.get(&to)) {
            let sources = std::iter::once(&source.title).chain(&source.sentences);
            let references = std::iter::once(&reference.title).chain(&reference.sentences);
            pairs.extend(sources.zip(references).map(|(source, reference)| Pair {
                article: &article.id,
                source,
                reference,
            }));
        }
    }
    pairs
}

/// Every direction between the languages that all articles have.
pub fn directions(articles: &[Authored]) -> Vec<(Language, Language)> {
    let mut languages: Option<BTreeSet<Language>> = None;
    for article in articles {
        let here: BTreeSet<Language> = article.versions.keys().copied().collect();
        languages = Some(languages.map_or(here.clone(), |known| &known & &here));
    }
    let languages = languages.unwrap_or_default();
    languages
        .iter()
        .flat_map(|from| {
            languages
                .iter()
                .filter(move |to| *to != from)
                .map(move |to| (*from, *to))
        })
        .collect()
}

fn article_files(folder: &Path) -> Result<Vec<PathBuf>, CompareError> {
    let inner = folder.join("authored");
    let folder = if inner.is_dir() { inner } else { folder.to_owned() };
    let wrap = |source| CompareError::Read {
        path: folder.clone(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(wrap)? {
        let path = entry.map_err(wrap)?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with("articles_") && path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(CompareError::Empty {
            name: format!("{}/articles_*.jsonl", folder.display()),
            lines: 0,
        });
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, CompareError> {
    fs::read(path).map_err(|source| CompareError::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_split(path: &Path) -> Result<Split, CompareError> {
    serde_json::from_slice(&read(path)?).map_err(|error| CompareError::Json {
        path: path.to_owned(),
        line: error.line(),
        reason: error.to_string(),
    })
}

fn parse(path: &Path, number: usize, line: &str) -> Result<Authored, CompareError> {
    let line: Line = serde_json::from_str(line).map_err(|error| CompareError::Json {
        path: path.to_owned(),
        line: number,
        reason: error.to_string(),
    })?;
    let languages: Vec<Language> = line.title.keys().copied().collect();
    for text in line.sentences.iter().chain(&line.summary) {
        if !text.keys().eq(&languages) {
            return Err(CompareError::Field {
                path: path.to_owned(),
                line: number,
                expected: format!("every text of “{}” in the languages of its title", line.id),
                found: format!(
                    "one in {}",
                    text.keys()
                        .map(|language| language.code())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            });
        }
    }
    let mut versions = BTreeMap::new();
    for (language, title) in line.title {
        let texts = |texts: &[Text]| texts.iter().filter_map(|text| text.get(&language).cloned()).collect();
        let version = Version {
            title,
            sentences: texts(&line.sentences),
            summary: texts(&line.summary),
        };
        versions.insert(language, version);
    }
    Ok(Authored {
        id: line.id,
        topic: line.topic,
        versions,
    })
}
