//! `scores.csv` and `items.csv`: one row a number, for data frames.

use super::rows::{Column, Rows};
use super::{Contents, Writer};
use crate::compare::error::CompareError;
use crate::compare::table::Table;

/// See the module.
pub struct Csv(pub Rows);

impl Writer for Csv {
    fn file_name(&self) -> &'static str {
        match self.0 {
            Rows::Scores => "scores.csv",
            Rows::Items => "items.csv",
        }
    }

    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError> {
        let frame = self.0.of(contents.study);
        let columns: Vec<Vec<String>> = frame.iter().map(|(_, column)| cells(column)).collect();
        let mut table = Table::new(frame.iter().map(|(name, _)| *name));
        for row in 0..columns.first().map_or(0, Vec::len) {
            table.push(columns.iter().filter_map(|column| column.get(row)));
        }
        Ok(table.csv().into_bytes())
    }
}

fn cells(column: &Column) -> Vec<String> {
    match column {
        Column::Text(texts) => texts.iter().map(|text| (*text).to_owned()).collect(),
        Column::Number(numbers) => {
            let cell = |number: &Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
            numbers.iter().map(cell).collect()
        }
    }
}
