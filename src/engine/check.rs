//! Refuses what a model cannot take, before anything is computed.

use super::{Decoding, EngineError, Limits};

/// Checks the sources of a batch.
pub(super) fn sources(batch: &[Vec<u32>], limits: Limits, vocabulary: usize) -> Result<(), EngineError> {
    for (index, source) in batch.iter().enumerate() {
        let wrong = |message: String| Err(EngineError::Source { index, message });
        if source.is_empty() {
            return wrong("expected at least one token, found none".to_owned());
        }
        if source.len() > limits.max_source {
            return wrong(format!(
                "expected at most {} tokens, found {}",
                limits.max_source,
                source.len()
            ));
        }
        if let Some(token) = source.iter().find(|token| **token as usize >= vocabulary) {
            return wrong(format!("expected token ids below {vocabulary}, found {token}"));
        }
    }
    Ok(())
}

/// Most beams: beyond it the search costs more than anybody gains.
const MOST_BEAMS: usize = 64;

/// Checks decoding settings.
pub(super) fn decoding(how: &Decoding, limits: Limits) -> Result<(), EngineError> {
    let wrong = |message: String| Err(EngineError::Decoding(message));
    if !(1..=MOST_BEAMS).contains(&how.beams) {
        return wrong(format!("beams: expected 1 to {MOST_BEAMS}, found {}", how.beams));
    }
    if how.n_best == 0 || how.n_best > how.beams {
        return wrong(format!(
            "n_best: expected 1 to {} (the number of beams), found {}",
            how.beams, how.n_best
        ));
    }
    if how.max_new_tokens == 0 || how.max_new_tokens > limits.max_target {
        return wrong(format!(
            "max_new_tokens: expected 1 to {}, found {}",
            limits.max_target, how.max_new_tokens
        ));
    }
    if how.min_new_tokens > how.max_new_tokens {
        return wrong(format!(
            "min_new_tokens: expected at most max_new_tokens ({}), found {}",
            how.max_new_tokens, how.min_new_tokens
        ));
    }
    if !how.length_penalty.is_finite() {
        return wrong(format!(
            "length_penalty: expected a finite number, found {}",
            how.length_penalty
        ));
    }
    // Scores are f32, and so is their divisor.
    let penalty = how.repetition_penalty as f32;
    if !(penalty.is_normal() && penalty > 0.0) {
        return wrong(format!(
            "repetition_penalty: expected a number above 0 that f32 can hold, found {}",
            how.repetition_penalty
        ));
    }
    let tokens = [("decoder_start", how.decoder_start), ("eos", how.eos), ("pad", how.pad)];
    let forced = [("forced_bos", how.forced_bos), ("forced_eos", how.forced_eos)];
    let all = tokens
        .into_iter()
        .chain(forced.into_iter().filter_map(|(name, token)| Some((name, token?))));
    for (name, token) in all {
        if token as usize >= limits.vocabulary {
            return wrong(format!(
                "{name}: expected a token id below {}, found {token}",
                limits.vocabulary
            ));
        }
    }
    let Some(shortlist) = &how.shortlist else { return Ok(()) };
    if shortlist.is_empty() || !shortlist.is_sorted_by(|left, right| left < right) {
        return wrong("shortlist: expected token ids in ascending order without repeats".to_owned());
    }
    match shortlist.last() {
        Some(last) if *last as usize >= limits.vocabulary => wrong(format!(
            "shortlist: expected token ids below {}, found {last}",
            limits.vocabulary
        )),
        _ => Ok(()),
    }
}
