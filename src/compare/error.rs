//! What can be wrong with a comparison, said so that the user finds the file and line.

use std::path::PathBuf;

/// A comparison that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("unknown {what} “{given}”: expected one of {known}{}", suggest(suggestion.as_deref()))]
    Unknown {
        what: &'static str,
        given: String,
        known: String,
        suggestion: Option<String>,
    },
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}, line {line}: not UTF-8 at byte {offset} of the file; it looks like {hint}: convert it first", path = path.display())]
    Encoding {
        path: PathBuf,
        line: usize,
        offset: usize,
        hint: &'static str,
    },
    #[error("{name}: empty: expected one line for each text, found {lines} lines and no text in them")]
    Empty { name: String, lines: usize },
    #[error(
        "{hypotheses} has {found} lines, but {references} has {expected}: line N of one must belong to line N of the other"
    )]
    UnequalCounts {
        hypotheses: String,
        found: usize,
        references: String,
        expected: usize,
    },
    #[error("{path}, line {line}: not JSON: {reason}", path = path.display())]
    Json { path: PathBuf, line: usize, reason: String },
    #[error("{path}, line {line}: expected {expected}, found {found}", path = path.display())]
    Field {
        path: PathBuf,
        line: usize,
        expected: String,
        found: String,
    },
    #[error("line {line}: {left} has article “{left_id}”, but {right} has “{right_id}”: sort both files alike")]
    Ids {
        line: usize,
        left: String,
        left_id: String,
        right: String,
        right_id: String,
    },
    #[error("{folder}: no run to compare: expected a run folder with records.jsonl, as `khulosa run --out` leaves it", folder = folder.display())]
    NoRun { folder: PathBuf },
    #[error("{name}: this {what} is named twice")]
    Twice { what: &'static str, name: String },
    #[error("nothing to compare: no article is in all of {runs}")]
    NothingInCommon { runs: String },
    #[error(
        "no reference fits a text of these runs: the references are for articles such as “{given}”, the runs have articles \
         such as “{wanted}”; an article's id or the id that its input gave it must be the same, and so must the language"
    )]
    NoReferenceFits { given: String, wanted: String },
    #[error(
        "--pivot: no article is here in several languages: expected versions with one id in their inputs and different \
         languages, or files such as flood.en.txt and flood.tg.txt"
    )]
    NoVersions,
    #[error(
        "--pivot {code}: article “{article}” in {language} has no translation into {pivot}; run it with --to {code}"
    )]
    NoPivot {
        article: String,
        language: &'static str,
        pivot: &'static str,
        code: &'static str,
    },
    #[error("{path}: cannot write: {source}", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("the page of the report cannot be made: {0}")]
    Page(#[from] minijinja::Error),
    #[error("{file} cannot be made: {source}")]
    Parquet {
        file: &'static str,
        source: parquet::errors::ParquetError,
    },
    #[error("nothing to compare with: expected at least one reference for every text")]
    NoReferences,
    #[error("spBLEU needs the SentencePiece model whose pieces it counts (FLORES-200's): give it with --spm FILE")]
    PiecesNeeded,
    #[error(transparent)]
    Pieces(#[from] crate::model::TokenizerError),
    #[error("Porter stemming is for English: these references are cut by “{tokeniser}”, so leave stemming off")]
    StemmingNeedsEnglish { tokeniser: &'static str },
    #[error("{trials} trials are too few: expected at least 2")]
    TooFewTrials { trials: usize },
    #[error(
        "a paired test needs two systems scored on the same texts: {left} has {left_texts}, {right} has {right_texts}"
    )]
    Unpaired {
        left: String,
        left_texts: usize,
        right: String,
        right_texts: usize,
    },
}

fn suggest(suggestion: Option<&str>) -> String {
    suggestion
        .map(|nearest| format!("; did you mean {nearest}?"))
        .unwrap_or_default()
}

/// The error for a name that is none of `known`, with the nearest one.
pub fn unknown(what: &'static str, given: &str, known: &[&str]) -> CompareError {
    let wanted = given.trim().to_lowercase();
    let suggestion = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), *name))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, name)| name.to_owned());
    CompareError::Unknown {
        what,
        given: given.to_owned(),
        known: known.join(", "),
        suggestion,
    }
}
