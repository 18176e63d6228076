//! The graph of all architectures: its parts and their weights. `build` reads them by the names that checkpoints give
//! them; `forward` computes.

mod build;
mod forward;

use super::linear::Matrix;
use super::spec::Spec;

pub(super) use build::Loader;
pub(super) use forward::{product, scale_by};

/// A normalisation.
pub(super) struct Norm {
    weight: Vec<f32>,
    bias: Option<Vec<f32>>,
    epsilon: f32,
}

/// The four products of an attention block.
pub(super) struct Attention {
    pub(super) query: Matrix,
    pub(super) key: Matrix,
    pub(super) value: Matrix,
    pub(super) output: Matrix,
    pub(super) norm: Norm,
}

/// A feed-forward block.
pub(super) struct FeedForward {
    input: Matrix,
    gate: Option<Matrix>,
    output: Matrix,
    norm: Norm,
}

pub(super) struct EncoderLayer {
    attention: Attention,
    feed_forward: FeedForward,
}

pub(super) struct DecoderLayer {
    pub(super) attention: Attention,
    pub(super) cross: Attention,
    pub(super) feed_forward: FeedForward,
}

/// What encoder and decoder have besides their layers.
pub(super) struct Ends {
    pub(super) embedding: Matrix,
    /// `[positions, width]`, where positions are added to embeddings.
    positions: Option<Vec<f32>>,
    /// `[buckets, heads]`, where positions are biases on attention scores.
    pub(super) relative: Option<Vec<f32>>,
    embedding_norm: Option<Norm>,
    final_norm: Option<Norm>,
}

/// A model's graph and weights.
pub(super) struct Graph {
    pub(super) spec: Spec,
    source: Ends,
    pub(super) target: Ends,
    encoder: Vec<EncoderLayer>,
    pub(super) decoder: Vec<DecoderLayer>,
    pub(super) output: Matrix,
}
