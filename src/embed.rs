//! Texts as vectors: a translation model's encoder, averaged over a text's tokens. What means the same lies close
//! together, also across languages, since one encoder reads them all.

pub mod topics;

use std::time::Instant;

use crate::attempt::{self, Failure};
use crate::engine::EngineError;
use crate::shelf::Loaded;
use crate::text::language::Language;

/// One encoder vector per text (`[texts, d_model]`), and the tokens read. A language that the model does not know gets
/// no vectors.
///
/// # Errors
/// When the model fails, or the deadline has passed.
pub fn embed(
    model: &Loaded,
    texts: &[&str],
    language: Language,
    batch_tokens: usize,
    deadline: Option<Instant>,
) -> Result<(Vec<Vec<f32>>, usize), Failure> {
    let mut sources: Vec<(usize, Vec<u32>)> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let Ok(mut ids) = model.tokenizer.encode_source(text, Some(language), None) else {
            return Ok((Vec::new(), 0));
        };
        ids.truncate(model.max_source);
        sources.push((index, ids));
    }
    sources.sort_by_key(|(index, ids)| (std::cmp::Reverse(ids.len()), *index));
    let tokens = sources.iter().map(|(_, ids)| ids.len()).sum();
    let mut vectors = vec![Vec::new(); texts.len()];
    let mut rest = sources.as_slice();
    while let Some((_, longest)) = rest.first() {
        let (batch, later) = rest.split_at((batch_tokens / longest.len().max(1)).clamp(1, rest.len()));
        let ids: Vec<Vec<u32>> = batch.iter().map(|(_, ids)| ids.clone()).collect();
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(EngineError::TooSlow.into());
        }
        let embedded = attempt::halving(&ids, &mut |ids| model.engine.embed(ids));
        for ((index, _), vector) in batch.iter().zip(embedded) {
            vectors[*index] = vector?;
        }
        rest = later;
    }
    Ok((vectors, tokens))
}

/// Cosine of the angle between two vectors, -1 to 1; 0 where one of them is nothing.
pub fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let norm = (dot(left, left) * dot(right, right)).sqrt();
    if norm > 0.0 { dot(left, right) / norm } else { 0.0 }
}

/// The sum of vectors, each brought to length 1 before: all of them count the same.
pub fn centre<'a>(vectors: impl IntoIterator<Item = &'a Vec<f32>>) -> Vec<f32> {
    let mut sum = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        for (total, value) in sum.iter_mut().zip(unit(vector)) {
            *total += value;
        }
    }
    sum
}

/// A vector brought to length 1; one that is nothing stays so.
fn unit(vector: &[f32]) -> Vec<f32> {
    let norm = dot(vector, vector).sqrt().max(f64::from(f32::MIN_POSITIVE)) as f32;
    vector.iter().map(|value| value / norm).collect()
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
