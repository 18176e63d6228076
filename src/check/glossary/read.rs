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

/// What a column of a CSV file holds.
#[derive(Clone, Copy)]
enum Column {
    Term(Language),
    Forms(Language),
    Exact,
    Case,
    /// For people.
    Note,
}

impl Column {
    fn of(name: &str) -> Result<Self, String> {
        let name = name.trim();
        let language = |code: &str| {
            let expected = "columns are language codes, the same with `:forms`, `exact`, `case` and `note`";
            Language::parse(code).map_err(|error| format!("header: {error}; {expected}"))
        };
        match (name, name.strip_suffix(":forms")) {
            ("exact", _) => Ok(Self::Exact),
            ("case", _) => Ok(Self::Case),
            ("note", _) => Ok(Self::Note),
            (_, Some(code)) => language(code).map(Self::Forms),
            (code, None) => language(code).map(Self::Term),
        }
    }
}

/// A header of [`Column`]s; a term a row; an empty cell where a language has no term.
fn from_csv(text: &str) -> Result<Vec<Term>, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<Column> = columns.iter().map(Column::of).collect::<Result<_, _>>()?;
    let mut terms = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let mut term = Term::default();
        let said = |name: &str, cell: &str| {
            yes(cell).ok_or_else(|| format!("term {}: {name}: expected yes or no, found `{cell}`", terms.len() + 1))
        };
        for (column, cell) in columns.iter().zip(&row) {
            let forms = cell.split(OR).map(|form| form.trim().to_owned());
            match column {
                Column::Exact => term.exact = said("exact", cell)?,
                Column::Case => term.cased = said("case", cell)?,
                Column::Note => {}
                Column::Term(_) | Column::Forms(_) if cell.trim().is_empty() => {}
                Column::Term(language) => term.forms.entry(*language).or_default().extend(forms),
                Column::Forms(language) => term.inflected.entry(*language).or_default().extend(forms),
            }
        }
        terms.push(term);
    }
    Ok(terms)
}

/// What a cell or note says of a switch; `None` when it says neither yes nor no.
pub(super) fn yes(said: &str) -> Option<bool> {
    match said.trim().to_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
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
    #[serde(default)]
    case: bool,
    /// For people.
    #[serde(default, rename = "note")]
    _note: String,
    #[serde(flatten)]
    languages: BTreeMap<String, Forms>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Forms {
    One(String),
    Several(Vec<String>),
}

/// `[[terms]]` tables with language codes as keys; the value is a term or a list of accepted terms. The same with `_forms`
/// has further forms.
fn from_toml(text: &str) -> Result<Vec<Term>, String> {
    let tables: Tables = toml::from_str(text).map_err(|error| error.to_string())?;
    let term = |(index, table): (usize, Table)| {
        let mut term = Term {
            exact: table.exact,
            cased: table.case,
            ..Term::default()
        };
        for (key, forms) in table.languages {
            let forms = match forms {
                Forms::One(form) => vec![form],
                Forms::Several(forms) => forms,
            };
            let hint = key.strip_suffix("_forms");
            let language = Language::parse(hint.unwrap_or(&key)).map_err(|error| {
                let expected = "keys are language codes, the same with `_forms`, `exact`, `case` and `note`";
                format!("term {}: {error}; {expected}", index + 1)
            })?;
            let place = if hint.is_some() {
                &mut term.inflected
            } else {
                &mut term.forms
            };
            place.insert(language, forms);
        }
        Ok(term)
    };
    tables.terms.into_iter().enumerate().map(term).collect()
}
