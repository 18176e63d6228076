//! `scores.csv` and `items.csv`: one row a number, for data frames.

use super::{Contents, Writer};
use crate::compare::error::CompareError;
use crate::compare::table::Table;

/// One row for each measure of each system in each group.
pub struct Scores;

impl Writer for Scores {
    fn file_name(&self) -> &'static str {
        "scores.csv"
    }

    fn write(&self, contents: &Contents) -> Result<String, CompareError> {
        let mut table = Table::new([
            "task",
            "language",
            "system",
            "measure",
            "texts",
            "value",
            "mean",
            "half_width",
            "p_value",
            "signature",
        ]);
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        for group in &contents.study.groups {
            for system in &group.systems {
                for value in &system.values {
                    table.push([
                        group.task.name().to_owned(),
                        group.language.code().to_owned(),
                        system.name.clone(),
                        value.measure.clone(),
                        value.texts.to_string(),
                        value.value.to_string(),
                        number(value.confidence.map(|found| found.mean)),
                        number(value.confidence.map(|found| found.half_width)),
                        number(value.p_value),
                        value.signature.clone(),
                    ]);
                }
            }
        }
        Ok(table.csv())
    }
}

/// One row for each measure of each text of each system.
pub struct Items;

impl Writer for Items {
    fn file_name(&self) -> &'static str {
        "items.csv"
    }

    fn write(&self, contents: &Contents) -> Result<String, CompareError> {
        let mut table = Table::new(["task", "language", "article", "system", "measure", "value"]);
        for group in &contents.study.groups {
            for system in &group.systems {
                for value in &system.values {
                    for (article, found) in group.articles.iter().zip(&value.sentence) {
                        let Some(found) = found else { continue };
                        table.push([
                            group.task.name().to_owned(),
                            group.language.code().to_owned(),
                            article.clone(),
                            system.name.clone(),
                            value.measure.clone(),
                            found.to_string(),
                        ]);
                    }
                }
            }
        }
        Ok(table.csv())
    }
}
