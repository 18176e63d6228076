//! One article in several languages: how alike the summaries are that were made from each version, and what each of
//! them left out.
//!
//! Versions are articles with one id in their inputs and different languages, or files such as `flood.en.txt` and
//! `flood.tg.txt`. Summaries are compared as texts after translation into one pivot language, and sentence by sentence
//! in their own languages by the encoder's vectors.

use std::collections::BTreeMap;

use serde::Serialize;

use super::encoded::Encoded;
use super::groups::whole;
use super::outputs::{Article, Run};
use crate::compare::error::CompareError;
use crate::compare::metrics::{Metric, Options as MetricOptions, Score, evaluate};
use crate::text::language::Language;

/// Two sentences say the same when each is the other's nearest and their cosine is at least this. On the held-out
/// authored articles, a third of whose sentences were left out of either side at random, 97 % of what the built-in
/// model's encoder then finds left out was, and 91 % of the pairs are right (`training/alignment.py`).
pub const ENOUGH: f64 = 0.5;

/// Metrics of two summaries.
const METRICS: [Metric; 4] = [Metric::Rouge1, Metric::Rouge2, Metric::RougeL, Metric::ChrfPlusPlus];

/// All versions of all articles, by system.
#[derive(Debug, Clone, Serialize)]
pub struct Versions {
    /// The language into which summaries were translated to be compared.
    pub pivot: Language,
    /// Name and version of the model whose encoder aligned sentences.
    pub encoder: String,
    /// See [`ENOUGH`].
    pub threshold: f64,
    /// One a system, in their order.
    pub systems: Vec<OfSystem>,
}

/// What one system made of versions.
#[derive(Debug, Clone, Serialize)]
pub struct OfSystem {
    pub name: String,
    /// Every two languages that some article has.
    pub pairs: Vec<Pair>,
    pub stories: Vec<Story>,
}

/// Summaries from versions in two languages.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    pub left: Language,
    pub right: Language,
    /// Articles with both.
    pub stories: usize,
    /// Mean of both directions.
    pub scores: Vec<PairScore>,
    /// Percentage of the sentences of both that say the same as one of the other.
    pub shared: f64,
}

/// A metric of a [`Pair`].
#[derive(Debug, Clone, Serialize)]
pub struct PairScore {
    pub metric: String,
    pub value: f64,
    pub signature: String,
}

/// One article in its versions.
#[derive(Debug, Clone, Serialize)]
pub struct Story {
    /// What the versions have in common: the inputs' id, or the file's name without language.
    pub name: String,
    /// By language.
    pub versions: Vec<Version>,
}

/// The summary of one version.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    pub language: Language,
    /// The article's id.
    pub article: String,
    pub title: String,
    pub sentences: Vec<Sentence>,
}

/// A sentence of a summary.
#[derive(Debug, Clone, Serialize)]
pub struct Sentence {
    pub text: String,
    /// Versions whose summaries left it out.
    pub left_out_by: Vec<Language>,
}

/// The versions that all runs have: by name and language, the article's id.
pub fn stories(runs: &[Run], common: &[String]) -> Vec<(String, BTreeMap<Language, String>)> {
    let mut stories: BTreeMap<String, BTreeMap<Language, String>> = BTreeMap::new();
    let articles = common.iter().filter_map(|id| runs.first()?.articles.get(id));
    for article in articles {
        if let Some(name) = name(article) {
            // Of two articles with one name and language, the first by id stands for it.
            let versions = stories.entry(name).or_default();
            versions
                .entry(article.language)
                .or_insert_with(|| article.id().to_owned());
        }
    }
    stories.into_iter().filter(|(_, versions)| versions.len() > 1).collect()
}

/// What an article's versions have in common.
fn name(article: &Article) -> Option<String> {
    if let Some(given) = &article.given_id {
        return Some(given.clone());
    }
    let path = article.inputs.first()?;
    let file = path.rsplit(['/', '\\']).next()?;
    let mut parts: Vec<&str> = file.split('.').collect();
    let place = parts.iter().rposition(|part| *part == article.language.code())?;
    (place > 0).then(|| {
        parts.remove(place);
        parts[..place].join(".")
    })
}

/// Compares versions.
///
/// # Errors
/// No article in several languages; one that was not translated into the pivot.
pub fn compare(runs: &[Run], common: &[String], pivot: Language, encoded: &Encoded) -> Result<Versions, CompareError> {
    let stories = stories(runs, common);
    if stories.is_empty() {
        return Err(CompareError::NoVersions);
    }
    let systems = runs.iter().map(|run| {
        let stories = stories.iter();
        let stories: Vec<Story> = stories
            .map(|(name, versions)| story(run, name, versions, encoded))
            .collect();
        Ok(OfSystem {
            name: run.name.clone(),
            pairs: pairs(run, &stories, pivot)?,
            stories,
        })
    });
    Ok(Versions {
        pivot,
        encoder: encoded.model.clone(),
        threshold: ENOUGH,
        systems: systems.collect::<Result<_, CompareError>>()?,
    })
}

/// Every two languages, over the stories that have both.
fn pairs(run: &Run, stories: &[Story], pivot: Language) -> Result<Vec<Pair>, CompareError> {
    let mut found: BTreeMap<(Language, Language), Vec<(&Version, &Version)>> = BTreeMap::new();
    for Story { versions, .. } in stories {
        for (index, left) in versions.iter().enumerate() {
            for right in versions.iter().skip(index + 1) {
                let languages = (left.language, right.language);
                found.entry(languages).or_default().push((left, right));
            }
        }
    }
    let in_pivot = |version: &Version| {
        let article = run.articles.get(&version.article);
        article.map_or_else(|| Ok(String::new()), |article| in_pivot(article, pivot))
    };
    let pair = |((left, right), versions): ((Language, Language), Vec<(&Version, &Version)>)| {
        let lefts = versions.iter().map(|(left, _)| in_pivot(left));
        let rights = versions.iter().map(|(_, right)| in_pivot(right));
        let scores = both_ways(
            &lefts.collect::<Result<Vec<_>, _>>()?,
            &rights.collect::<Result<Vec<_>, _>>()?,
        )?;
        let (mut shared, mut all) = (0, 0);
        for (one, other) in versions.iter().flat_map(|(left, right)| [(left, right), (right, left)]) {
            let is_shared = |sentence: &&Sentence| !sentence.left_out_by.contains(&other.language);
            shared += one.sentences.iter().filter(is_shared).count();
            all += one.sentences.len();
        }
        Ok(Pair {
            left,
            right,
            stories: versions.len(),
            scores,
            shared: 100.0 * shared as f64 / all.max(1) as f64,
        })
    };
    found.into_iter().map(pair).collect()
}

/// Title and summary in the pivot language.
fn in_pivot(article: &Article, pivot: Language) -> Result<String, CompareError> {
    if article.language == pivot {
        return Ok(whole(&article.title, &article.summary.sentences));
    }
    let translation = article.translations.get(&pivot).ok_or_else(|| CompareError::NoPivot {
        article: article.given_id.clone().unwrap_or_else(|| article.id().to_owned()),
        language: article.language.english_name(),
        pivot: pivot.english_name(),
        code: pivot.code(),
    })?;
    Ok(whole(&translation.title, &translation.sentences))
}

/// ROUGE and chrF++, the mean of both directions, since neither text is the reference.
fn both_ways(lefts: &[String], rights: &[String]) -> Result<Vec<PairScore>, CompareError> {
    let options = MetricOptions {
        metrics: METRICS.to_vec(),
        ..MetricOptions::default()
    };
    let there = evaluate(lefts, &[rights.to_vec()], &options)?;
    let back = evaluate(rights, &[lefts.to_vec()], &options)?;
    let mean = |(there, back): (Score, Score)| PairScore {
        value: f64::midpoint(there.value, back.value),
        signature: format!("{}|dir:mean", there.signature),
        metric: there.name,
    };
    Ok(there.into_iter().zip(back).map(mean).collect())
}

/// Pairs of sentences of two summaries that say the same: each the other's nearest, and near enough.
fn aligned(left: &Article, right: &Article, encoded: &Encoded) -> Vec<(usize, usize)> {
    let (lefts, rights) = (&left.summary.sentences, &right.summary.sentences);
    let near = |row: usize, column: usize| {
        let (row, column) = (lefts.get(row)?, rights.get(column)?);
        encoded.similarity((left.language, row), (right.language, column))
    };
    let best = |among: &mut dyn Iterator<Item = (usize, Option<f64>)>| {
        let known = among.filter_map(|(index, near)| Some((index, near?)));
        // On equal nearness the earlier sentence wins.
        known.max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))
    };
    let mut pairs = Vec::new();
    for row in 0..lefts.len() {
        let Some((column, cosine)) = best(&mut (0..rights.len()).map(|column| (column, near(row, column)))) else {
            continue;
        };
        let back = best(&mut (0..lefts.len()).map(|row| (row, near(row, column))));
        if cosine >= ENOUGH && back.is_some_and(|(back, _)| back == row) {
            pairs.push((row, column));
        }
    }
    pairs
}

fn story(run: &Run, name: &str, versions: &BTreeMap<Language, String>, encoded: &Encoded) -> Story {
    let articles: Vec<&Article> = versions.values().filter_map(|id| run.articles.get(id)).collect();
    let version = |article: &&Article| {
        let others = articles.iter().filter(|other| other.language != article.language);
        let mut left_out_by = vec![Vec::new(); article.summary.sentences.len()];
        for other in others {
            let pairs = aligned(article, other, encoded);
            for (row, languages) in left_out_by.iter_mut().enumerate() {
                if !pairs.iter().any(|(found, _)| *found == row) {
                    languages.push(other.language);
                }
            }
        }
        let sentences = article.summary.sentences.iter().zip(left_out_by);
        Version {
            language: article.language,
            article: article.id().to_owned(),
            title: article.title.clone(),
            sentences: sentences
                .map(|(text, left_out_by)| Sentence {
                    text: text.clone(),
                    left_out_by,
                })
                .collect(),
        }
    };
    Story {
        name: name.to_owned(),
        versions: articles.iter().map(version).collect(),
    }
}
