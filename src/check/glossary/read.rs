//! Glossary files: CSV with a language a column, TOML with a table a term, TBX.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{GlossaryError, Term, tbx};
use crate::text::language::Language;

/// Between terms of one language that are all accepted, in a cell of a CSV file.
const OR: char = '|';

/// Reads by what the file's name says.
pub(super) fn terms(path: &Path) -> Result<Vec<Term>, GlossaryError> {
    let text = std::fs::read_to_string(path).map_err(|source| GlossaryError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let text = text.trim_start_matches('\u{FEFF}');
    let kind = path
        .extension()
        .map(std::ffi::OsStr::to_ascii_lowercase)
        .unwrap_or_default();
    let terms = match kind.to_str() {
        Some("csv") => from_csv(text),
        Some("toml") => from_toml(text),
        Some("tbx" | "xml") => tbx::terms(text),
        _ => Err("expected a name that ends in .csv, .tbx or .toml".to_owned()),
    };
    terms.map_err(|message| GlossaryError::Malformed {
        path: path.to_owned(),
        message,
    })
}

/// A header of language codes, and perhaps `exact`; a term a row; an empty cell where a language has no term.
fn from_csv(text: &str) -> Result<Vec<Term>, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<Option<Language>> = columns
        .iter()
        .map(|name| match name.trim() {
            "exact" => Ok(None),
            code => Language::parse(code)
                .map(Some)
                .map_err(|error| format!("header: {error}")),
        })
        .collect::<Result<_, _>>()?;
    let mut terms = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let mut term = Term::default();
        for (column, cell) in columns.iter().zip(&row) {
            match column {
                None => term.exact = matches!(cell.trim(), "yes" | "true" | "1"),
                Some(_) if cell.trim().is_empty() => {}
                Some(language) => {
                    let forms = cell.split(OR).map(|form| form.trim().to_owned());
                    term.forms.entry(*language).or_default().extend(forms);
                }
            }
        }
        terms.push(term);
    }
    Ok(terms)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    terms: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    #[serde(default)]
    exact: bool,
    #[serde(flatten)]
    languages: BTreeMap<String, Forms>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Forms {
    One(String),
    Several(Vec<String>),
}

/// `[[terms]]` tables with language codes as keys; the value is a term or a list of accepted terms.
fn from_toml(text: &str) -> Result<Vec<Term>, String> {
    let tables: Tables = toml::from_str(text).map_err(|error| error.to_string())?;
    let term = |(index, table): (usize, Table)| {
        let mut term = Term {
            exact: table.exact,
            ..Term::default()
        };
        for (code, forms) in table.languages {
            let language = Language::parse(&code).map_err(|error| format!("term {}: {error}", index + 1))?;
            let forms = match forms {
                Forms::One(form) => vec![form],
                Forms::Several(forms) => forms,
            };
            term.forms.insert(language, forms);
        }
        Ok(term)
    };
    tables.terms.into_iter().enumerate().map(term).collect()
}
