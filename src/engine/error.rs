//! What can go wrong between a model's folder, token ids and generated ids.

use std::path::PathBuf;

use super::options::{Device, Precision};
use crate::model::weights::WeightsError;

/// Why an engine could not be made, or did not generate.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A configuration file could not be read, or is not what it should be.
    #[error("{path}: {message}")]
    Config {
        /// config.json or generation_config.json.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
    /// The weights are wrong.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The disk cache could not be written.
    #[error("{path}: cannot write the converted weights: {source}")]
    Cache {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The combination of engine, device and precision does not exist.
    #[error("{precision} weights on {device}: {advice}")]
    Unsupported {
        /// Number format asked for.
        precision: Precision,
        /// Device asked for.
        device: Device,
        /// What would work.
        advice: &'static str,
    },
    /// A source of the batch cannot be encoded.
    #[error("source {index}: {message}")]
    Source {
        /// Its place in the batch.
        index: usize,
        /// What was expected and what was found.
        message: String,
    },
    /// The decoding settings contradict each other or the model.
    #[error("decoding: {0}")]
    Decoding(String),
    /// A logit is NaN or infinite: damaged weights, or a number format too small for the model.
    #[error("source {index}: the model's scores are not finite at step {step}")]
    NotFinite {
        /// The source's place in the batch.
        index: usize,
        /// Tokens generated so far.
        step: usize,
    },
    /// Settings such as bad words and a shortlist left no token to choose.
    #[error("source {index}: no token may be generated at step {step}: the decoding settings rule out every one")]
    NoCandidate {
        /// The source's place in the batch.
        index: usize,
        /// Tokens generated so far.
        step: usize,
    },
    /// libtorch failed.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// rust-bert failed.
    #[error("rust-bert: {0}")]
    RustBert(#[from] rust_bert::RustBertError),
    /// A line of token ids could not be read or written.
    #[error("line {line}: {message}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What was expected and what was found.
        message: String,
    },
    /// The time given by [`crate::engine::Decoding::deadline`] was over.
    #[error("it took longer than it may")]
    TooSlow,
    /// A worker thread could not be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
}
