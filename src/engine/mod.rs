//! Turns token ids into token ids: the one place that knows how an encoder-decoder model is run.
//!
//! Two makers stand behind [`Engine`]: `reference` (rust-bert's own graphs, f32), against which everything else is
//! proven, and the fast engine, the default. The engine knows nothing of articles, languages or tokenizers.

mod attention;
mod batch;
mod beam;
mod check;
mod convert;
mod decoding;
mod error;
mod fast;
mod graph;
pub mod jsonl;
mod kernel;
mod linear;
mod network;
mod options;
mod positions;
mod processors;
mod reference;
mod spec;
mod team;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

pub use convert::check as check_converted;
pub use error::EngineError;
pub use options::{Device, EngineOptions, Kind, Precision};

/// Loads the model in `folder` (laid out as on the Hub: config.json, generation_config.json, weights).
///
/// # Errors
/// When the configuration or the weights are wrong, or the options ask for what does not exist.
pub fn load(folder: &Path, options: &EngineOptions) -> Result<Box<dyn Engine>, EngineError> {
    Ok(match options.kind {
        Kind::Fast => Box::new(fast::Fast::load(folder, options)?),
        Kind::Reference => Box::new(reference::Reference::load(folder, options)?),
    })
}

/// What the model in `folder` can take, read from its config.json alone.
///
/// # Errors
/// When the configuration is wrong.
pub fn limits(folder: &Path) -> Result<Limits, EngineError> {
    Ok(spec::Spec::new(&spec::Config::read(folder.join("config.json"))?)?.limits())
}

/// A loaded model that generates. Engines are driven from one thread at a time.
pub trait Engine: Send {
    /// Generates for every source sequence of `batch` (ids as the encoder wants them, special tokens included).
    ///
    /// The result has one entry per source, in order, and does not depend on which sources share a batch.
    ///
    /// # Errors
    /// See [`EngineError`]; no error leaves the engine unusable.
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError>;

    /// Mean of the encoder's last states over each source's tokens: `[batch, d_model]`, one vector a source.
    ///
    /// # Errors
    /// See [`EngineError`].
    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError>;

    /// What the model can take.
    fn limits(&self) -> Limits;

    /// Tells that work will come: an engine whose weights are not in memory may begin to load them.
    fn prepare(&self) {}

    /// Waits until the weights are in memory.
    ///
    /// # Errors
    /// When they cannot be loaded.
    fn ready(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

/// Sizes that callers must respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest source, in tokens, special tokens included.
    pub max_source: usize,
    /// Longest target, in tokens, special tokens included.
    pub max_target: usize,
    /// Number of token ids: every id must be below it.
    pub vocabulary: usize,
}

/// How to decode, with the meaning that transformers' generation config gives to each name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decoding {
    /// Beams of beam search; 1 is greedy search.
    pub beams: usize,
    /// Hypothesis score = sum of log-probabilities / length ^ `length_penalty`.
    pub length_penalty: f64,
    /// When a sentence's search ends.
    pub early_stopping: EarlyStopping,
    /// Most tokens to generate, decoder start not counted.
    pub max_new_tokens: usize,
    /// Fewest tokens to generate before the end token is allowed, decoder start not counted.
    pub min_new_tokens: usize,
    /// No n-gram of this many tokens comes twice; 0 is off.
    pub no_repeat_ngram: usize,
    /// Scores of tokens already generated are divided (or multiplied, when negative) by this; 1 is off.
    pub repetition_penalty: f64,
    /// Sequences that must not be generated.
    pub bad_words: Vec<Vec<u32>>,
    /// Tokens that must not be generated.
    pub suppress: Vec<u32>,
    /// Token forced as the first one generated (a target language code, for instance).
    pub forced_bos: Option<u32>,
    /// Token forced when `max_new_tokens` is reached.
    pub forced_eos: Option<u32>,
    /// What the decoder starts from.
    pub decoder_start: u32,
    /// Ends a hypothesis.
    pub eos: u32,
    /// Fills up shorter sequences.
    pub pad: u32,
    /// Hypotheses to return per source, best first; at most `beams`.
    pub n_best: usize,
    /// The only tokens that may be generated, sorted and without repeats, besides each source's own tokens (names,
    /// acronyms, numbers); `None` allows all.
    #[serde(skip)]
    pub shortlist: Option<Arc<[u32]>>,
    /// Tokens, sorted, that a source which holds them may pass on although they are not in the shortlist: a Latin name
    /// in a Russian article, for instance.
    #[serde(skip)]
    pub copyable: Option<Arc<[u32]>>,
    /// Terms that the output must hold: each in one of its forms, which are token sequences. It takes several beams to
    /// find a good place for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Vec<Vec<u32>>>,
    /// When to give up with [`EngineError::TooSlow`]; looked at between steps.
    #[serde(skip)]
    pub deadline: Option<Instant>,
}

impl Decoding {
    /// Decoding that cannot loop: no three tokens in a row twice, and tokens already used cost more.
    #[must_use]
    pub fn stricter(&self) -> Self {
        Self {
            no_repeat_ngram: 3,
            repetition_penalty: self.repetition_penalty.max(1.2),
            ..self.clone()
        }
    }

    /// Tokens that `source` may pass on beyond the shortlist and those of required terms, sorted; none without a
    /// shortlist, which allows all.
    fn extras(&self, source: &[u32], vocabulary: usize) -> Vec<u32> {
        let Some(shortlist) = &self.shortlist else {
            return Vec::new();
        };
        let may_pass = |token: &u32| {
            let copyable = self.copyable.as_ref();
            copyable.is_some_and(|copyable| copyable.binary_search(token).is_ok())
        };
        let mut extras: Vec<u32> = source.iter().copied().filter(may_pass).collect();
        extras.extend(self.required.iter().flatten().flatten());
        extras.retain(|token| (*token as usize) < vocabulary && shortlist.binary_search(token).is_err());
        extras.sort_unstable();
        extras.dedup();
        extras
    }
}

/// transformers' `early_stopping`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EarlyStopping {
    /// `false`: stop when no running beam is likely to beat the worst finished one at its current length.
    Heuristic,
    /// `true`: stop as soon as there are as many finished hypotheses as beams.
    Always,
    /// `"never"`: stop only when no running beam can possibly beat the worst finished one.
    Never,
}

/// What was generated for one source: hypotheses, best first, never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// At most [`Decoding::n_best`] hypotheses.
    pub hypotheses: Vec<Hypothesis>,
}

/// One output sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Generated ids without decoder start; the end token is included when it was generated.
    pub ids: Vec<u32>,
    /// Length-penalised log-probability (beam search), or the plain sum of log-probabilities (greedy search).
    pub score: f64,
}
