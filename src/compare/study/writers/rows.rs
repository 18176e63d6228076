//! The numbers of a study as rows for data frames, whatever file they go into.

use crate::compare::study::Study;

/// Which numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// One row for each measure of each system in each group.
    Scores,
    /// One row for each measure of each text of each system.
    Items,
}

/// One column of all rows.
pub enum Column<'a> {
    Text(Vec<&'a str>),
    /// `None` where there is no such number.
    Number(Vec<Option<f64>>),
}

/// Columns with their names, all of one length.
pub type Frame<'a> = Vec<(&'static str, Column<'a>)>;

impl Rows {
    /// Collects them.
    pub fn of(self, study: &Study) -> Frame<'_> {
        match self {
            Self::Scores => scores(study),
            Self::Items => items(study),
        }
    }
}

fn text<'a, T>(rows: &[T], of: impl Fn(&T) -> &'a str) -> Column<'a> {
    Column::Text(rows.iter().map(of).collect())
}

fn number<'a, T>(rows: &[T], of: impl Fn(&T) -> Option<f64>) -> Column<'a> {
    Column::Number(rows.iter().map(of).collect())
}

fn scores(study: &Study) -> Frame<'_> {
    let mut rows = Vec::new();
    for group in &study.groups {
        for system in &group.systems {
            rows.extend(system.values.iter().map(|value| (group, system, value)));
        }
    }
    vec![
        ("task", text(&rows, |(group, ..)| group.task.name())),
        ("language", text(&rows, |(group, ..)| group.language.code())),
        ("system", text(&rows, |(_, system, _)| &system.name)),
        ("measure", text(&rows, |(.., value)| &value.measure)),
        ("texts", number(&rows, |(.., value)| Some(value.texts as f64))),
        ("value", number(&rows, |(.., value)| Some(value.value))),
        (
            "mean",
            number(&rows, |(.., value)| value.confidence.map(|found| found.mean)),
        ),
        (
            "half_width",
            number(&rows, |(.., value)| value.confidence.map(|found| found.half_width)),
        ),
        ("p_value", number(&rows, |(.., value)| value.p_value)),
        ("signature", text(&rows, |(.., value)| &value.signature)),
    ]
}

fn items(study: &Study) -> Frame<'_> {
    let mut rows = Vec::new();
    for group in &study.groups {
        for system in &group.systems {
            for value in &system.values {
                let texts = group.articles.iter().zip(&value.sentence);
                let found = texts.filter_map(|(article, found)| Some((article, (*found)?)));
                rows.extend(found.map(|(article, found)| (group, article, system, value, found)));
            }
        }
    }
    vec![
        ("task", text(&rows, |(group, ..)| group.task.name())),
        ("language", text(&rows, |(group, ..)| group.language.code())),
        ("article", text(&rows, |(_, article, ..)| article)),
        ("system", text(&rows, |(_, _, system, ..)| &system.name)),
        ("measure", text(&rows, |(.., value, _)| &value.measure)),
        ("value", number(&rows, |(.., found)| Some(*found))),
    ]
}
