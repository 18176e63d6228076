//! What can go wrong between text and token ids.

use std::path::{Path, PathBuf};

/// Why a text cannot be tokenised.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The folder holds no tokenizer.
    #[error(
        "{folder}: no tokenizer here; expected tokenizer.json, source.spm and vocab.json, a SentencePiece model (*.model), or vocab.json and merges.txt"
    )]
    None {
        /// The model's folder.
        folder: PathBuf,
    },
    /// A file could not be read.
    #[error("{path}: cannot read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
    /// The model does not know a language.
    #[error("the model does not know {name} ({code}); it knows {known}")]
    UnknownLanguage {
        /// The language's own name.
        name: &'static str,
        /// Its code.
        code: &'static str,
        /// Codes of those it knows.
        known: String,
    },
    /// The model knows both languages, but does not translate that way.
    #[error("the model does not translate from {from} to {to}; it translates from {sources} to {targets}")]
    Direction {
        /// Code of the source language.
        from: &'static str,
        /// Code of the target language.
        to: &'static str,
        /// Codes of its source languages.
        sources: String,
        /// Codes of its target languages.
        targets: String,
    },
    /// The family marks the language, and none was given.
    #[error("the model needs to be told the {which} language")]
    NoLanguage {
        /// `source` or `target`.
        which: &'static str,
    },
    /// The vocabulary lacks a special token.
    #[error("{}the vocabulary has no token `{token}`; is it that of another model?", place(.folder.as_deref()))]
    NoToken {
        /// The token.
        token: String,
        /// The model's folder, where it is known.
        folder: Option<PathBuf>,
    },
    /// The tokenizer library refused a text.
    #[error("cannot tokenise: {0}")]
    Refused(String),
}

fn place(folder: Option<&Path>) -> String {
    folder.map_or_else(String::new, |folder| format!("{}: ", folder.display()))
}

impl TokenizerError {
    pub(super) fn in_folder(self, at: &Path) -> Self {
        match self {
            Self::NoToken { token, .. } => Self::NoToken {
                token,
                folder: Some(at.to_owned()),
            },
            other => other,
        }
    }
}
