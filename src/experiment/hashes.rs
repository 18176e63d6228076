//! SHA-256 of files, for manifests: the hash that hubs and papers name files by.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ExperimentError;

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
    let mut hasher = Sha256::new();
    let bytes = File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
    let bytes = bytes.map_err(|source| ExperimentError::Read {
        path: path.to_owned(),
        source,
    })?;
    let sha256 = hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
    Ok(Hashed {
        file: name.to_owned(),
        bytes,
        sha256,
    })
}
