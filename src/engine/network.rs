//! What decoding needs of a model: the seam between search and the two engines.

use super::{Decoding, EngineError};

/// The next step of one source.
pub(super) struct Step<'a> {
    /// What [`Network::admit`] returned for it.
    pub(super) slot: usize,
    /// Per running hypothesis: the index it had in the step before, or rather its parent, and its last token.
    pub(super) rows: Vec<(usize, u32)>,
    /// Tokens before the last one.
    pub(super) position: usize,
    /// Whether scores are wanted.
    pub(super) scored: bool,
    pub(super) shortlist: Option<&'a [u32]>,
}

/// Logits of the hypotheses that wanted them, in order.
pub(super) struct Scores {
    /// Columns of a row: the vocabulary, or the shortlist and the most extra tokens that a source has.
    pub(super) width: usize,
    pub(super) values: Vec<f32>,
}

/// A model with the encoder states and decoder pasts of the sources in play.
pub(super) trait Network {
    /// Encodes sources; returns a slot for each.
    fn admit(&mut self, sources: &[&[u32]], how: &Decoding) -> Result<Vec<usize>, EngineError>;

    /// Tokens that a source may generate beyond the shortlist.
    fn extras(&self, slot: usize) -> &[u32];

    /// Feeds every hypothesis its last token.
    fn step(&mut self, steps: &[Step<'_>]) -> Result<Scores, EngineError>;

    /// Forgets a source.
    fn release(&mut self, slot: usize);
}
