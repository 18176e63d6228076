//! Which files of a folder make up a model.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::names::{is_pickle, is_plain_path};
use super::{ModelError, decoding};

/// Weights by preference: safetensors before pickles, one file before shards.
pub const WEIGHTS: [&str; 5] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "rust_model.ot",
];

/// Files besides weights that decide what a model says.
pub const OTHERS: [&str; 11] = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "source.spm",
    "target.spm",
    "vocab.json",
    "merges.txt",
];

/// The files of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFiles {
    /// Names of all files that decide what the model says, weights included.
    pub names: Vec<String>,
    /// Paths of the weights: one file, or all shards.
    pub weights: Vec<PathBuf>,
}

/// Finds the files of a model in a folder.
///
/// # Errors
/// When config.json or the weights are missing, or an index of shards is damaged or names a file that is not there.
pub fn find(name: &str, folder: &Path, advice: &str) -> Result<ModelFiles, ModelError> {
    let missing = |what: String| ModelError::Missing {
        name: name.to_owned(),
        missing: what,
        folder: folder.to_owned(),
        advice: advice.to_owned(),
    };
    if !folder.join("config.json").is_file() {
        return Err(missing("config.json".to_owned()));
    }
    let weights = WEIGHTS.iter().find(|file| folder.join(file).is_file());
    let weights = *weights.ok_or_else(|| missing(format!("weights ({})", WEIGHTS.join(", or "))))?;
    let mut names: Vec<String> = OTHERS
        .iter()
        .filter(|file| folder.join(file).is_file())
        .map(|file| (*file).to_owned())
        .collect();
    let parts = if weights.ends_with(".index.json") {
        names.push(weights.to_owned());
        shards(&folder.join(weights))?
    } else {
        vec![weights.to_owned()]
    };
    if let Some(absent) = parts.iter().find(|part| !folder.join(part).is_file()) {
        return Err(missing(absent.clone()));
    }
    let weights = parts.iter().map(|part| folder.join(part)).collect();
    names.extend(parts);
    Ok(ModelFiles { names, weights })
}

/// Names of the shards that an index lists, each once, in order.
///
/// # Errors
/// When the index is damaged, or names a file outside the model's folder.
pub fn shards(index: &Path) -> Result<Vec<String>, ModelError> {
    let malformed = |message: String| ModelError::Malformed {
        path: index.to_owned(),
        message,
    };
    let content = decoding::object(index)?;
    let map = content.get("weight_map").and_then(serde_json::Value::as_object);
    let map = map.ok_or_else(|| malformed("expected a `weight_map` of tensors and their files".to_owned()))?;
    let mut files = BTreeSet::new();
    for (tensor, file) in map {
        let file = file.as_str().filter(|file| is_plain_path(file));
        files.insert(
            file.ok_or_else(|| malformed(format!("expected a file name for `{tensor}`")))?
                .to_owned(),
        );
    }
    Ok(files.into_iter().collect())
}

/// The first of the weights that is a pickle.
pub fn pickle(weights: &[PathBuf]) -> Option<&PathBuf> {
    weights
        .iter()
        .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_pickle))
}
