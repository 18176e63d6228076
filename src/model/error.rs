//! What can go wrong between a model's name and its files.

use std::path::PathBuf;

use super::tokenizer::TokenizerError;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A model card is wrong.
    #[error("{origin}: {message}")]
    Card {
        /// The card's file.
        origin: String,
        /// What was expected and what was found.
        message: String,
    },
    /// Two cards have one name.
    #[error("two model cards are called `{name}`: {first} and {second}")]
    Twice {
        /// The name.
        name: String,
        /// Where one is.
        first: String,
        /// Where the other is.
        second: String,
    },
    /// No card has this name, and no folder either.
    #[error("there is no model `{name}`{}; there are {known}, and any folder or hf:organisation/name will do", suggestion(.nearest.as_deref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The card's name most like it.
        nearest: Option<String>,
        /// Names of all cards.
        known: String,
    },
    /// What stands after `hf:` is no repository.
    #[error("`{spec}`: expected hf:organisation/name or hf:organisation/name@revision")]
    Reference {
        /// What was asked for.
        spec: String,
    },
    /// A file or folder could not be read.
    #[error("{path}: cannot read: {source}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or folder could not be written.
    #[error("{path}: cannot write: {source}")]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of a model is not what it should be.
    #[error("{path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
    /// Files that a model needs are not there.
    #[error("{name}: not on disk: {missing} (looked in {folder}); {advice}")]
    Missing {
        /// The model.
        name: String,
        /// Names of the files.
        missing: String,
        /// Where they should be.
        folder: PathBuf,
        /// What to do.
        advice: String,
    },
    /// The folder with the built-in model is not found.
    #[error("the folder with the built-in models is not found; looked for it in {tried}. Set KHULOSA_DATA to it")]
    NoData {
        /// Folders that were looked at.
        tried: String,
    },
    /// The job's licence rule excludes the model.
    #[error("{name}: its licence ({licence}) does not fit licence = \"{rule}\"")]
    Licence {
        /// The model.
        name: String,
        /// Name of the licence.
        licence: String,
        /// The job's rule.
        rule: &'static str,
    },
    /// The weights are a pickle, and nobody said that it may be read.
    #[error("{path}: the weights are a pickle, which neither the model's card nor --allow-pickle allows")]
    Pickle {
        /// The file.
        path: PathBuf,
    },
    /// The tokenizer's files are wrong.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// No model may do what is asked.
    #[error("{what}: {reasons}")]
    NoRoute {
        /// The direction or task.
        what: String,
        /// Models that know it, with what is in their way.
        reasons: String,
    },
    /// The hub did not give what was asked for.
    #[error("{what}: {message}")]
    Hub {
        /// Repository, revision and file.
        what: String,
        /// What happened and what to do.
        message: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Below this similarity a suggestion would be a guess.
const SIMILAR: f64 = 0.75;

/// The known name most like the one given.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, other)| other)
}
