//! Experiments: several systems run over the same articles through the normal pipeline, so that they can be compared, and
//! a manifest with which somebody else can run them again.
//!
//! This stands above [`crate::run`]: every cell of an experiment is a job with a run folder of its own, and all share one
//! cache, so that what two cells have in common is done once. What comes of them is measured by
//! [`crate::compare::study`].

pub mod back;
pub mod carry;
pub mod cells;
pub mod encode;
pub mod hashes;
pub mod manifest;
pub mod reproduce;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::article::Rejection;
use crate::attempt::Failure;
use crate::compare::CompareError;
use crate::job::JobError;
use crate::model::ModelError;
use crate::prompts::PromptError;
use crate::run::RunError;
use crate::shelf::ShelfError;
use crate::translate::TranslateError;

/// Why an experiment could not be made, or made again.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Run(Box<RunError>),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Prompts(#[from] PromptError),
    #[error(transparent)]
    Translate(#[from] TranslateError),
    #[error("the model that compares sources and outputs: {0}")]
    Encode(#[from] Failure),
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A value of `--sweep` that is none.
    #[error("--sweep {given}: expected key=value,value…, with inputs named before --sweep")]
    Axis { given: String },
    /// A key that cannot be swept.
    #[error("--sweep {key}: expected one of {known}")]
    Key { key: String, known: String },
    /// The same setting twice.
    #[error("{key} is asked for twice: name all of its values at once")]
    KeyTwice { key: String },
    #[error("{path}: cannot read: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// An input that a manifest cannot name.
    #[error("{input}: {reason}")]
    Input { input: String, reason: String },
    #[error("{path}: no manifest: {message}", path = path.display())]
    Malformed { path: PathBuf, message: String },
    /// A model that is not the one of the manifest.
    #[error(
        "model {model} has changed: {file}: expected SHA-256 {expected}, found {found}; fetch the revision that the \
         manifest names"
    )]
    ModelChanged {
        model: String,
        file: String,
        expected: String,
        found: String,
    },
    /// An input, reference or prompt that is not the one of the manifest.
    #[error("{what} has changed since the manifest was made: expected {expected}, found {found}")]
    Changed {
        what: String,
        expected: String,
        found: String,
    },
}

impl From<RunError> for ExperimentError {
    fn from(error: RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

impl From<Rejection> for ExperimentError {
    fn from(rejection: Rejection) -> Self {
        Self::Input {
            input: rejection.input,
            reason: rejection.reason,
        }
    }
}
