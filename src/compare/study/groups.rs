//! Puts the outputs of several runs side by side: for each task and language, the same articles from every system.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::outputs::{Article, Run, Translation};
use super::references::References;
use crate::check::Finding;
use crate::compare::error::CompareError;
use crate::text::language::Language;

/// What a text was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Title and summary in another language.
    Translation,
    /// The summary in the article's own language.
    Summary,
}

impl Task {
    pub fn name(self) -> &'static str {
        match self {
            Self::Translation => "translation",
            Self::Summary => "summary",
        }
    }
}

/// All texts of one task in one language.
#[derive(Debug, Clone)]
pub struct Group {
    pub task: Task,
    pub language: Language,
    /// In the order of article ids.
    pub items: Vec<Item>,
}

/// One article in one group.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: String,
    /// The article's own language.
    pub from: Language,
    /// Words of the article.
    pub words: usize,
    /// One a system, in their order.
    pub outputs: Vec<Output>,
}

/// What one system made.
#[derive(Debug, Clone)]
pub struct Output {
    /// What was translated: title and summary. Empty for summaries, whose source is the article.
    pub source: String,
    /// The whole text, a title on a line of its own.
    pub text: String,
    /// Length of the text as a share of its source's: letters for translations, words for summaries.
    pub length: Option<f64>,
    /// The model's own score.
    pub score: Option<f64>,
    pub findings: Vec<Finding>,
    /// What is compared with the references: without the title where they have none.
    pub compared: String,
    /// References that fit this output; none where nobody has written any.
    pub references: Vec<String>,
}

/// The outputs of several runs over the same articles.
#[derive(Debug, Clone)]
pub struct Material {
    pub groups: Vec<Group>,
    /// Articles that every run has.
    pub common: Vec<String>,
    /// Articles that only some runs have; they are left out.
    pub partial: usize,
}

/// Puts runs side by side.
///
/// # Errors
/// No runs, or none of their articles in common.
pub fn align(runs: &[Run], references: Option<&References>) -> Result<Material, CompareError> {
    let [first, others @ ..] = runs else {
        return Err(CompareError::NothingInCommon {
            runs: "no run".to_owned(),
        });
    };
    let everywhere = |id: &&String| others.iter().all(|run| run.articles.contains_key(*id));
    let common: Vec<String> = first.articles.keys().filter(everywhere).cloned().collect();
    if common.is_empty() {
        return Err(CompareError::NothingInCommon {
            runs: runs.iter().map(|run| run.name.as_str()).collect::<Vec<_>>().join(", "),
        });
    }
    let all: BTreeSet<&String> = runs.iter().flat_map(|run| run.articles.keys()).collect();
    let mut groups: BTreeMap<(Task, Language), Vec<Item>> = BTreeMap::new();
    for id in &common {
        let articles: Vec<&Article> = runs.iter().filter_map(|run| run.articles.get(id)).collect();
        for (key, outputs) in tasks(id, &articles, references) {
            let Some(article) = articles.first() else { continue };
            groups.entry(key).or_default().push(Item {
                id: id.clone(),
                from: article.language,
                words: article.words(),
                outputs,
            });
        }
    }
    let group = |((task, language), items)| Group { task, language, items };
    Ok(Material {
        groups: groups.into_iter().map(group).collect(),
        partial: all.len() - common.len(),
        common,
    })
}

type Tasks = Vec<((Task, Language), Vec<Output>)>;

/// The tasks that every system did on an article.
fn tasks(id: &str, articles: &[&Article], references: Option<&References>) -> Tasks {
    let Some(first) = articles.first() else {
        return Vec::new();
    };
    let mut tasks = vec![(
        (Task::Summary, first.language),
        articles
            .iter()
            .map(|article| summary(id, article, references))
            .collect(),
    )];
    for to in first.translations.keys() {
        let outputs: Vec<Output> = articles
            .iter()
            .filter_map(|article| {
                let translation = article.translations.get(to).filter(|found| found.model.is_some())?;
                Some(translated(id, article, *to, translation, references))
            })
            .collect();
        if outputs.len() == articles.len() {
            tasks.push(((Task::Translation, *to), outputs));
        }
    }
    tasks
}

fn summary(id: &str, article: &Article, references: Option<&References>) -> Output {
    let text = article.summary.sentences.join(" ");
    let words = text.split_whitespace().count();
    Output {
        source: String::new(),
        length: (article.words() > 0).then(|| words as f64 / article.words() as f64),
        score: None,
        findings: article.summary.findings.clone(),
        compared: text.clone(),
        references: references.map_or_else(Vec::new, |known| {
            known.of_summary(&[Some(id), article.given_id.as_deref()], article.language)
        }),
        text,
    }
}

fn translated(
    id: &str,
    article: &Article,
    to: Language,
    translation: &Translation,
    references: Option<&References>,
) -> Output {
    let source = whole(&article.title, &article.summary.sentences);
    let text = whole(&translation.title, &translation.sentences);
    let letters = source.chars().count();
    let mut output = Output {
        length: (letters > 0).then(|| text.chars().count() as f64 / letters as f64),
        source,
        score: translation.score,
        findings: translation.findings.clone(),
        compared: text.clone(),
        references: Vec::new(),
        text,
    };
    if let Some(known) = references {
        let ids = [Some(id), article.given_id.as_deref()];
        let found = known.of_translation(&ids, to, &article.title, &article.summary.sentences);
        if !found.with_title {
            output.compared = translation.sentences.join(" ");
        }
        output.references = found.texts;
    }
    output
}

/// A title on a line of its own, then the sentences.
pub fn whole(title: &str, sentences: &[String]) -> String {
    let body = sentences.join(" ");
    match (title.trim().is_empty(), body.trim().is_empty()) {
        (true, _) => body,
        (false, true) => title.to_owned(),
        (false, false) => format!("{title}\n{body}"),
    }
}
