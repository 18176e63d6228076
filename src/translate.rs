//! Translation of sentences, written over [`crate::engine::Engine`]: tokenise, batch by length, generate, detokenise.
//!
//! A sentence's translation depends on the sentence, the languages, the model and the decoding alone, never on what
//! shares its batch: batches hold sentences of one length class, and the class decides how long the output may grow.

mod router;
mod way;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::attempt::{self, Failure};
use crate::engine::{Decoding, EngineError, Generated, Hypothesis};
use crate::model::{ModelError, TokenizerError};
use crate::shelf::{Loaded, ShelfError};
use crate::text::language::Language;
use crate::text::sentences;

pub use router::Translator;
pub use way::Way;

/// Why something could not be translated.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    /// The model does not know one of the languages, or the text cannot be tokenised.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The model failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A segment failed, alone too.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// No model goes this way, or the one that does cannot be had.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

impl TranslateError {
    /// Whether the direction is at fault, and not a model's files, the network or the machine.
    pub fn is_about_languages(&self) -> bool {
        matches!(
            self,
            Self::Tokenizer(_) | Self::Shelf(ShelfError::Model(ModelError::NoRoute { .. }))
        )
    }
}

/// One sentence to translate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    /// A sentence, or a title.
    pub text: String,
    /// Its language.
    pub from: Language,
    /// The language wanted.
    pub to: Language,
}

/// A translated segment.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Translated {
    /// The translation.
    pub text: String,
    /// Length-penalised log-probability; the mean over the pieces of a sentence that had to be cut, the lower one of two
    /// models' where the translation went through another language.
    pub score: f64,
    /// Geometric mean of the probabilities that the model gave to its tokens, 0 to 1; the lowest of several pieces or models.
    pub confidence: f64,
    /// Tokens generated.
    pub tokens: usize,
}

/// What one batch completed: segments by index, and the number of source tokens that the batch held.
pub struct Batched {
    /// Each segment's translation, or why it has none.
    pub segments: Vec<(usize, Result<Translated, Failure>)>,
    /// Tokens read by the model.
    pub source_tokens: usize,
}

/// One model at work.
struct Single<'a> {
    model: &'a Loaded,
    /// Most time for one source.
    timeout: Option<Duration>,
}

/// Length classes: a source of n tokens belongs to the first class that holds it. Coarse enough for full batches, fine
/// enough that the room for the output, twice the class, stops a runaway early.
const CLASSES: [usize; 8] = [16, 24, 32, 48, 64, 96, 128, 192];
/// Room for outputs of very short sources.
const SPARE_TOKENS: usize = 12;
/// A sentence longer than this many words is cut at clause marks before it is tokenised.
const MOST_WORDS: usize = 60;

/// A piece of a segment in its tokenised form.
struct Piece {
    segment: usize,
    part: usize,
    ids: Vec<u32>,
}

impl Single<'_> {
    /// As [`Translator::translate_each`]; tells whether `finished` ended the work.
    fn translate_each(
        &self,
        segments: &[Segment],
        decoding: &Decoding,
        batch_tokens: usize,
        finished: &mut dyn FnMut(Batched) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, TranslateError> {
        let (mut pieces, mut parts) = (Vec::new(), Vec::with_capacity(segments.len()));
        let mut at_once = Vec::new();
        for (segment, what) in segments.iter().enumerate() {
            let cut = attempt::guarded(|| self.cut(what)).unwrap_or_else(|failure| {
                at_once.push((segment, Err(failure)));
                vec![]
            });
            if cut.is_empty() && at_once.last().is_none_or(|(index, _)| *index != segment) {
                let nothing = Translated {
                    text: String::new(),
                    score: 0.0,
                    confidence: 1.0,
                    tokens: 0,
                };
                at_once.push((segment, Ok(nothing)));
            }
            parts.push(vec![None; cut.len()]);
            pieces.extend(
                cut.into_iter()
                    .enumerate()
                    .map(|(part, ids)| Piece { segment, part, ids }),
            );
        }
        let at_once = Batched {
            segments: at_once,
            source_tokens: 0,
        };
        if !at_once.segments.is_empty() && finished(at_once).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        for batch in batches(segments, pieces, batch_tokens) {
            let Segment { from, to, .. } = segments[batch.pieces[0].segment];
            let mut how = decoding.clone();
            how.max_new_tokens =
                (2 * batch.class + SPARE_TOKENS).min(self.model.engine.limits().max_target.saturating_sub(1));
            how.forced_bos = self.model.tokenizer.forced_bos(to)?;
            how.shortlist = self.model.tokenizer.shortlist_for(to)?;
            how.copyable = Some(self.model.tokenizer.copyable_from(from));
            let sources: Vec<Vec<u32>> = batch.pieces.iter().map(|piece| piece.ids.clone()).collect();
            let source_tokens = sources.iter().map(Vec::len).sum();
            let generated = attempt::halving(&sources, &mut |sources| {
                how.deadline = self.timeout.map(|timeout| deadline(timeout, sources.len()));
                self.model.engine.generate(sources, &how)
            });
            let mut complete = Vec::new();
            for (piece, generated) in batch.pieces.iter().zip(generated) {
                let translated = generated.and_then(|generated| self.read(generated, &how));
                let whole = match (translated, parts.get_mut(piece.segment)) {
                    (Ok(translated), Some(parts)) => {
                        if let Some(part) = parts.get_mut(piece.part) {
                            *part = Some(translated);
                        }
                        join(parts).map(Ok)
                    }
                    (Ok(_), None) => None,
                    (Err(failure), parts) => {
                        // Without this part, the others will never be a whole; only the first failure is told.
                        let first = parts.is_some_and(|parts| !std::mem::take(parts).is_empty());
                        first.then_some(Err(failure))
                    }
                };
                complete.extend(whole.map(|whole| (piece.segment, whole)));
            }
            let batch = Batched {
                segments: complete,
                source_tokens,
            };
            if finished(batch).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The text of the best hypothesis.
    fn read(&self, generated: Generated, how: &Decoding) -> Result<Translated, Failure> {
        let Some(best) = generated.hypotheses.into_iter().next() else {
            return Err(Failure::Panic("the engine gave no hypothesis".to_owned()));
        };
        Ok(Translated {
            text: self.model.tokenizer.decode(&best.ids)?,
            score: best.score,
            confidence: confidence(&best, how.beams, how.length_penalty),
            tokens: best.ids.len(),
        })
    }

    /// Cuts a segment into pieces that the model can take, tokenised. None for a text without content.
    fn cut(&self, segment: &Segment) -> Result<Vec<Vec<u32>>, TokenizerError> {
        let most = self.model.max_source.min(CLASSES[CLASSES.len() - 1]);
        let mut pieces = Vec::new();
        let mut waiting: Vec<&str> = sentences::split_long(segment.text.trim(), MOST_WORDS);
        waiting.reverse();
        while let Some(text) = waiting.pop() {
            if text.trim().is_empty() {
                continue;
            }
            let ids = self
                .model
                .tokenizer
                .encode_source(text.trim(), Some(segment.from), Some(segment.to))?;
            if ids.len() <= most {
                pieces.push(ids);
                continue;
            }
            // Rare: words of very many tokens. Halve by words, and a single word by characters.
            let middle = half(text);
            let (left, right) = text.split_at(middle);
            waiting.push(right);
            waiting.push(left);
        }
        Ok(pieces)
    }
}

/// Geometric mean of the probabilities of a hypothesis' tokens, from its score (see [`Hypothesis::score`]).
fn confidence(hypothesis: &Hypothesis, beams: usize, length_penalty: f64) -> f64 {
    let length = hypothesis.ids.len().max(1) as f64;
    let power = if beams > 1 { length_penalty } else { 0.0 };
    (hypothesis.score * length.powf(power - 1.0)).exp().min(1.0)
}

/// A text with a capital as its first letter.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Byte offset near the middle of a text of at least two characters: at a space when there is one.
fn half(text: &str) -> usize {
    let middle = text.len() / 2;
    let spaces = text
        .char_indices()
        .filter(|(at, letter)| *at > 0 && letter.is_whitespace())
        .map(|(at, _)| at);
    let boundaries = text.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
    let nearest = |offsets: &mut dyn Iterator<Item = usize>| offsets.min_by_key(|at| at.abs_diff(middle));
    nearest(&mut spaces.into_iter())
        .filter(|at| !text[..*at].trim().is_empty() && !text[*at..].trim().is_empty())
        .or_else(|| nearest(&mut boundaries.into_iter()))
        .unwrap_or(text.len())
}

/// When a batch of that many sources has had its time.
fn deadline(timeout: Duration, sources: usize) -> Instant {
    let whole = timeout.saturating_mul(u32::try_from(sources).unwrap_or(u32::MAX));
    let now = Instant::now();
    // Beyond what the clock can hold, there is none.
    now.checked_add(whole).unwrap_or(now + Duration::from_secs(1 << 30))
}

/// A segment's translation, once every piece is there.
fn join(parts: &[Option<Translated>]) -> Option<Translated> {
    if parts.is_empty() {
        return None;
    }
    let parts: Vec<&Translated> = parts.iter().map(Option::as_ref).collect::<Option<_>>()?;
    let text = parts
        .iter()
        .map(|part| part.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let score = parts.iter().map(|part| part.score).sum::<f64>() / parts.len() as f64;
    Some(Translated {
        text,
        score,
        confidence: parts.iter().map(|part| part.confidence).fold(1.0, f64::min),
        tokens: parts.iter().map(|part| part.tokens).sum(),
    })
}

struct Batch {
    class: usize,
    pieces: Vec<Piece>,
}

/// Groups pieces by direction and length class, longest first, into batches within the token budget.
fn batches(segments: &[Segment], mut pieces: Vec<Piece>, batch_tokens: usize) -> Vec<Batch> {
    let class = |piece: &Piece| {
        CLASSES
            .into_iter()
            .find(|class| piece.ids.len() <= *class)
            .unwrap_or(piece.ids.len())
    };
    pieces.sort_by_key(|piece| {
        let Segment { from, to, .. } = segments[piece.segment];
        (to, from, std::cmp::Reverse(piece.ids.len()), piece.segment, piece.part)
    });
    let mut batches: Vec<Batch> = Vec::new();
    for piece in pieces {
        let class = class(&piece);
        if let Some(batch) = batches.last_mut() {
            let first = &batch.pieces[0];
            let direction = |piece: &Piece| (segments[piece.segment].from, segments[piece.segment].to);
            let same = batch.class == class && direction(first) == direction(&piece);
            if same && first.ids.len() * (batch.pieces.len() + 1) <= batch_tokens {
                batch.pieces.push(piece);
                continue;
            }
        }
        batches.push(Batch {
            class,
            pieces: vec![piece],
        });
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_the_mean_probability_of_a_token_whatever_the_decoding() {
        // Four tokens of probability one half.
        let sum = 4.0 * 0.5_f64.ln();
        for (beams, length_penalty, score) in [(1, 1.0, sum), (4, 1.0, sum / 4.0), (4, 2.0, sum / 16.0), (4, 0.0, sum)]
        {
            let hypothesis = Hypothesis {
                ids: vec![5, 6, 7, 2],
                score,
            };
            let found = confidence(&hypothesis, beams, length_penalty);
            assert!(
                (found - 0.5).abs() < 1e-9,
                "{beams} beams, length penalty {length_penalty}: {found}"
            );
        }
    }
}
