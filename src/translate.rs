//! Translation of sentences, written over [`crate::engine::Engine`]: tokenise, batch by length, generate, detokenise.
//!
//! A sentence's translation depends on the sentence, the languages, the model and the decoding alone, never on what
//! shares its batch: batches hold sentences of one length class, and the class decides how long the output may grow.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::attempt::{self, Failure};
use crate::engine::{Decoding, EngineError, Generated};
use crate::model::TokenizerError;
use crate::shelf::Loaded;
use crate::text::language::Language;
use crate::text::sentences;

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
    /// Length-penalised log-probability; the mean over the pieces of a sentence that had to be cut.
    pub score: f64,
    /// Tokens generated.
    pub tokens: usize,
}

/// A model that translates.
pub struct Translator {
    model: Rc<Loaded>,
    /// Most time for one source.
    timeout: Option<Duration>,
}

/// What one batch completed: segments by index, and the number of source tokens that the batch held.
pub struct Batched {
    /// Each segment's translation, or why it has none.
    pub segments: Vec<(usize, Result<Translated, Failure>)>,
    /// Tokens read by the model.
    pub source_tokens: usize,
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

impl Translator {
    /// Uses a loaded model.
    pub fn new(model: Rc<Loaded>) -> Self {
        Self { model, timeout: None }
    }

    /// Gives each source at most this time in the engine.
    #[must_use]
    pub fn with_timeout(self, timeout: Option<Duration>) -> Self {
        Self { timeout, ..self }
    }

    /// Model, version and precision.
    pub fn identity(&self) -> &str {
        &self.model.identity
    }

    /// Hash of the texts that prompts put around sources.
    pub fn prompts(&self) -> &str {
        &self.model.prompts
    }

    /// How it decodes unless asked otherwise.
    pub fn decoding(&self) -> &Decoding {
        &self.model.decoding
    }

    /// Whether a segment is translated as a whole, not in pieces.
    pub fn takes_whole(&self, segment: &Segment) -> bool {
        self.cut(segment).is_ok_and(|pieces| pieces.len() == 1)
    }

    /// Terms as token sequences for [`Decoding::required`]: each accepted form as it is, and as a sentence begins with it.
    ///
    /// # Errors
    /// When a form cannot be tokenised.
    pub fn required(&self, terms: &[Vec<String>]) -> Result<Vec<Vec<Vec<u32>>>, TranslateError> {
        let tokenised = |forms: &Vec<String>| {
            let mut sequences: Vec<Vec<u32>> = Vec::new();
            for form in forms.iter().flat_map(|form| [form.clone(), capitalised(form)]) {
                let sequence = self.model.tokenizer.encode_plain(&form)?;
                if !sequences.contains(&sequence) {
                    sequences.push(sequence);
                }
            }
            Ok(sequences)
        };
        terms.iter().map(tokenised).collect()
    }

    /// Whether the model knows this direction.
    ///
    /// # Errors
    /// Naming the language that it does not know and those that it does.
    pub fn check_direction(&self, from: Language, to: Language) -> Result<(), TranslateError> {
        self.model.tokenizer.encode_source("", Some(from), Some(to))?;
        Ok(())
    }

    /// As [`Translator::translate_each`], but the first segment that fails ends it with its error.
    ///
    /// # Errors
    /// When the model does not know a language or fails; what was handed to `finished` before stays good.
    pub fn translate(
        &self,
        segments: &[Segment],
        decoding: &Decoding,
        batch_tokens: usize,
        finished: &mut dyn FnMut(Vec<(usize, Translated)>, usize) -> ControlFlow<()>,
    ) -> Result<(), TranslateError> {
        let mut failed = None;
        self.translate_each(segments, decoding, batch_tokens, &mut |batch| {
            let mut done = Vec::with_capacity(batch.segments.len());
            for (index, result) in batch.segments {
                match result {
                    Ok(translated) => done.push((index, translated)),
                    Err(failure) => {
                        failed.get_or_insert(failure);
                    }
                }
            }
            let flow = finished(done, batch.source_tokens);
            if failed.is_some() {
                return ControlFlow::Break(());
            }
            flow
        })?;
        failed.map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// Translates segments in any order, by batches of at most `batch_tokens` (longest source × sources).
    ///
    /// `finished` gets what each batch completed; [`ControlFlow::Break`] ends the work there. An empty segment is
    /// translated by an empty text. A batch that fails is halved until what fails in it stands alone.
    ///
    /// # Errors
    /// When the model does not know a language.
    pub fn translate_each(
        &self,
        segments: &[Segment],
        decoding: &Decoding,
        batch_tokens: usize,
        finished: &mut dyn FnMut(Batched) -> ControlFlow<()>,
    ) -> Result<(), TranslateError> {
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
            return Ok(());
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
                let translated = generated.and_then(|generated| self.read(generated));
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
                return Ok(());
            }
        }
        Ok(())
    }

    /// The text of the best hypothesis.
    fn read(&self, generated: Generated) -> Result<Translated, Failure> {
        let Some(best) = generated.hypotheses.into_iter().next() else {
            return Err(Failure::Panic("the engine gave no hypothesis".to_owned()));
        };
        Ok(Translated {
            text: self.model.tokenizer.decode(&best.ids)?,
            score: best.score,
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
