//! SHA-256 of files, for manifests: the hash that hubs and papers name files by.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ExperimentError;
use crate::model::verify::sha256;

/// A file's size and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// Path as the user gave it, or the name in its folder.
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Reads a file whole; `name` is what the manifest calls it.
///
/// # Errors
/// When it cannot be read.
pub fn of_file(path: &Path, name: &str) -> Result<Hashed, ExperimentError> {
    let (bytes, sha256) = sha256(path).map_err(|source| ExperimentError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(Hashed {
        file: name.to_owned(),
        bytes,
        sha256,
    })
}
