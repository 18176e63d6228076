//! What the template is given: the study as texts, numbers and marked pieces, with nothing left to decide.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::difference::{self, Piece};
use super::plots::{self, Figure, svg::Drawing};
use super::versions::{self, VersionsView};
use crate::check::Severity;
use crate::compare::study::groups::{Group, Item, Output};
use crate::compare::study::scores::GroupScores;
use crate::compare::study::tables;
use crate::compare::study::writers::Contents;
use crate::text::language::Language;

#[derive(Serialize)]
pub struct Page<'a> {
    systems: Vec<SystemView<'a>>,
    articles: usize,
    left_out: usize,
    referenced: usize,
    version: &'a str,
    tables: Vec<TableView>,
    note: String,
    signatures: Vec<String>,
    figures: Vec<Figure>,
    languages: Vec<LanguageView>,
    sources: Vec<LanguageView>,
    has_references: bool,
    has_scores: bool,
    items: Vec<ItemView<'a>>,
    versions: Option<VersionsView<'a>>,
    css: &'static str,
    script: &'static str,
}

#[derive(Serialize)]
struct SystemView<'a> {
    name: &'a str,
    models: &'a [String],
    mark: String,
}

#[derive(Serialize)]
struct TableView {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LanguageView {
    name: &'static str,
    code: &'static str,
    direction: &'static str,
}

impl From<Language> for LanguageView {
    fn from(language: Language) -> Self {
        Self {
            name: language.english_name(),
            code: language.code(),
            direction: language.direction().html(),
        }
    }
}

/// One article.
#[derive(Serialize)]
struct ItemView<'a> {
    id: &'a str,
    given_id: Option<&'a str>,
    title: &'a str,
    from: LanguageView,
    words: usize,
    /// Mean over groups, 0 to 100.
    disagreement: f64,
    flagged: bool,
    /// Lowest of its outputs; what the page can sort by.
    lowest_score: Option<f64>,
    lowest_quality: Option<f64>,
    /// Largest distance of an output's length ratio from its group's mean.
    length_gap: f64,
    rows: Vec<RowView<'a>>,
}

/// One task and language of an article.
#[derive(Serialize)]
struct RowView<'a> {
    task: &'static str,
    language: LanguageView,
    outputs: Vec<OutputView<'a>>,
    references: Vec<Vec<&'a str>>,
}

#[derive(Serialize)]
struct OutputView<'a> {
    system: &'a str,
    lines: Vec<Vec<Piece>>,
    /// `chrF2++ 31.4`, `model score -0.52`.
    numbers: Vec<String>,
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct FindingView<'a> {
    severity: &'static str,
    code: &'a str,
    message: &'a str,
}

impl<'a> Page<'a> {
    pub fn new(contents: &Contents<'a>) -> Self {
        let study = contents.study;
        let mark = |system: usize| {
            let mut drawing = Drawing::new(12.0, 12.0);
            drawing.mark(system, (6.0, 6.0), "");
            drawing.finish("")
        };
        let systems = study.systems.iter().enumerate().map(|(index, system)| SystemView {
            name: &system.name,
            models: &system.models,
            mark: mark(index),
        });
        let tables = tables::all(study).into_iter().map(|titled| TableView {
            title: titled.title,
            head: titled.table.head().to_vec(),
            rows: titled.table.rows().to_vec(),
        });
        let groups = &contents.material.groups;
        let languages: BTreeSet<LanguageView> = groups.iter().map(|group| group.language.into()).collect();
        let sources = groups
            .iter()
            .flat_map(|group| &group.items)
            .map(|item| item.from.into());
        let sources: BTreeSet<LanguageView> = sources.collect();
        let measured = |name: &str| {
            let systems = study.groups.iter().flat_map(|group| &group.systems);
            systems
                .flat_map(|system| &system.values)
                .any(|value| value.measure == name)
        };
        Self {
            systems: systems.collect(),
            articles: study.articles,
            left_out: study.left_out,
            referenced: study.referenced,
            version: study.version,
            tables: tables.collect(),
            note: tables::note(study),
            signatures: tables::signatures(study),
            figures: plots::figures(contents),
            languages: languages.into_iter().collect(),
            sources: sources.into_iter().collect(),
            has_references: study.referenced > 0,
            has_scores: measured("model-score"),
            items: items(contents),
            versions: versions::view(contents),
            css: include_str!("report.css"),
            script: include_str!("report.js"),
        }
    }
}

/// Articles, the largest disagreement first, as many as are to be shown.
fn items<'a>(contents: &Contents<'a>) -> Vec<ItemView<'a>> {
    let mut gathered: BTreeMap<&str, Gathered> = BTreeMap::new();
    for (group, scores) in contents.material.groups.iter().zip(&contents.study.groups) {
        let disagreement = scores.disagreement();
        for (place, item) in group.items.iter().enumerate() {
            let article = gathered.entry(&item.id).or_default();
            article.places.push((group, scores, place));
            article.total += disagreement.get(place).copied().unwrap_or_default();
        }
    }
    let mut order: Vec<(&str, Gathered)> = gathered.into_iter().collect();
    order.sort_by(|left, right| {
        right
            .1
            .mean()
            .total_cmp(&left.1.mean())
            .then_with(|| left.0.cmp(right.0))
    });
    let shown = order.into_iter().take(contents.shown);
    shown.filter_map(|(id, article)| article.view(id, contents)).collect()
}

#[derive(Default)]
struct Gathered<'a> {
    places: Vec<(&'a Group, &'a GroupScores, usize)>,
    total: f64,
}

impl<'a> Gathered<'a> {
    fn mean(&self) -> f64 {
        self.total / self.places.len().max(1) as f64
    }

    fn view(&self, id: &'a str, contents: &Contents<'a>) -> Option<ItemView<'a>> {
        let article = contents.runs.first()?.articles.get(id)?;
        let rows: Vec<RowView> = self
            .places
            .iter()
            .filter_map(|(group, scores, place)| row(group, scores, *place))
            .collect();
        let outputs = || {
            self.places
                .iter()
                .filter_map(|(group, _, place)| group.items.get(*place))
                .flat_map(|item| &item.outputs)
        };
        let grave = |output: &Output| {
            output
                .findings
                .iter()
                .any(|finding| finding.severity >= Severity::Warning)
        };
        Some(ItemView {
            id,
            given_id: article.given_id.as_deref(),
            title: &article.title,
            from: article.language.into(),
            words: article.words(),
            disagreement: self.mean(),
            flagged: outputs().any(grave),
            lowest_score: lowest(outputs().filter_map(|output| output.score)),
            lowest_quality: lowest(self.each("chrF2++").map(|(value, _)| value)),
            length_gap: self
                .each("length-ratio")
                .map(|(value, mean)| (value - mean).abs() / mean.abs().max(1e-9))
                .fold(0.0, f64::max),
            rows,
        })
    }

    /// A measure of each output of the article, with the mean of its system over all articles.
    fn each(&self, measure: &'static str) -> impl Iterator<Item = (f64, f64)> {
        self.places.iter().flat_map(move |(_, scores, place)| {
            let values = scores.systems.iter().flat_map(|system| &system.values);
            values
                .filter(move |value| value.measure == measure)
                .filter_map(|value| Some(((*value.sentence.get(*place)?)?, value.value)))
        })
    }
}

fn lowest(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.min_by(f64::total_cmp)
}

fn row<'a>(group: &'a Group, scores: &'a GroupScores, place: usize) -> Option<RowView<'a>> {
    let item: &Item = group.items.get(place)?;
    let outputs = item
        .outputs
        .iter()
        .zip(&scores.systems)
        .enumerate()
        .map(|(system, (output, about))| {
            // The first system's words are marked where no other has them, another system's where the first has not.
            let others = item
                .outputs
                .iter()
                .enumerate()
                .filter(|(other, _)| if system == 0 { *other > 0 } else { *other == 0 });
            let others: Vec<&str> = others.map(|(_, other)| other.text.as_str()).collect();
            let numbers = about
                .values
                .iter()
                .filter(|value| !tables::is_rate(value))
                .filter_map(|value| {
                    let found = (*value.sentence.get(place)?)?;
                    Some(format!(
                        "{} {found:.digits$}",
                        value.title,
                        digits = tables::digits(&value.measure)
                    ))
                });
            OutputView {
                system: &about.name,
                lines: difference::lines(&output.text, &others),
                numbers: numbers.collect(),
                findings: output.findings.iter().map(FindingView::from).collect(),
            }
        });
    let references = item.outputs.first().into_iter().flat_map(|output| &output.references);
    Some(RowView {
        task: group.task.name(),
        language: group.language.into(),
        outputs: outputs.collect(),
        references: references.map(|text| text.lines().collect()).collect(),
    })
}

impl<'a> From<&'a crate::check::Finding> for FindingView<'a> {
    fn from(finding: &'a crate::check::Finding) -> Self {
        Self {
            severity: match finding.severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            code: &finding.code,
            message: &finding.message,
        }
    }
}
