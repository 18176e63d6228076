//! Summaries. The extractive summariser chooses among an article's own sentences, so nothing in them is invented.
//!
//! A sentence's worth is a weighted sum of what its encoder vector and its words say about it: closeness to the article
//! as a whole and to the title, words that recur in the article, length, and place. Sentences are then taken greedily,
//! each new one paying for what it repeats (maximal marginal relevance, Carbonell and Goldstein 1998), as long as one
//! is worth it.

use std::collections::HashMap;
use std::rc::Rc;

use unicode_segmentation::UnicodeSegmentation;

use crate::engine::EngineError;
use crate::model::{Task, TokenizerError};
use crate::shelf::Loaded;
use crate::text::language::Language;
use crate::text::sentences;

/// Why an article could not be summarised.
#[derive(Debug, thiserror::Error)]
pub enum SummariseError {
    /// The text cannot be tokenised.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The model failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A finished summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Sentences in order; empty when the article has no sentence with words.
    pub sentences: Vec<String>,
    /// Tokens read and written by the model.
    pub tokens: usize,
}

/// Sentences looked at: a news article says what matters long before this.
const MOST_CANDIDATES: usize = 100;

/// A model that summarises: one trained for it writes, any other chooses by its encoder's vectors.
pub struct Summariser {
    model: Rc<Loaded>,
}

impl Summariser {
    /// Uses a loaded model.
    pub fn new(model: Rc<Loaded>) -> Self {
        Self { model }
    }

    /// Model, version and precision.
    pub fn identity(&self) -> &str {
        &self.model.identity
    }

    /// Hash of the texts that prompts put around sources.
    pub fn prompts(&self) -> &str {
        &self.model.prompts
    }

    /// `abstractive` for a model that writes, `extractive` for one that chooses.
    pub fn method(&self) -> &'static str {
        if self.model.task == Task::Summarise {
            "abstractive"
        } else {
            "extractive"
        }
    }

    /// Summarises an article given as sentences.
    ///
    /// # Errors
    /// When the text cannot be tokenised or the model fails.
    pub fn summarise(
        &self,
        title: &str,
        sentences: &[&str],
        language: Language,
        room: Room,
        batch_tokens: usize,
    ) -> Result<Made, SummariseError> {
        if self.model.task == Task::Summarise {
            return self.write(sentences, language, room);
        }
        let candidates: Vec<&str> = sentences.iter().copied().take(MOST_CANDIDATES).collect();
        let texts: Vec<&str> = std::iter::once(title).chain(candidates.iter().copied()).collect();
        let (vectors, tokens) = self.embed(&texts, language, batch_tokens)?;
        let chosen = choose(title, &candidates, &vectors, room, &Weights::default());
        Ok(Made {
            sentences: chosen
                .iter()
                .map(|index| candidates[*index].trim().to_owned())
                .collect(),
            tokens,
        })
    }

    /// One encoder vector per text (`[texts, d_model]`), and the tokens read. A language that the model does not know
    /// gets no vectors.
    pub fn embed(
        &self,
        texts: &[&str],
        language: Language,
        batch_tokens: usize,
    ) -> Result<(Vec<Vec<f32>>, usize), SummariseError> {
        let most = self.model.max_source;
        let mut sources: Vec<(usize, Vec<u32>)> = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let Ok(mut ids) = self.model.tokenizer.encode_source(text, Some(language), None) else {
                return Ok((Vec::new(), 0));
            };
            ids.truncate(most);
            sources.push((index, ids));
        }
        sources.sort_by_key(|(index, ids)| (std::cmp::Reverse(ids.len()), *index));
        let tokens = sources.iter().map(|(_, ids)| ids.len()).sum();
        let mut vectors = vec![Vec::new(); texts.len()];
        let mut rest = sources.as_slice();
        while let Some((_, longest)) = rest.first() {
            let (batch, later) = rest.split_at((batch_tokens / longest.len().max(1)).clamp(1, rest.len()));
            let ids: Vec<Vec<u32>> = batch.iter().map(|(_, ids)| ids.clone()).collect();
            for ((index, _), vector) in batch.iter().zip(self.model.engine.embed(&ids)?) {
                vectors[*index] = vector;
            }
            rest = later;
        }
        Ok((vectors, tokens))
    }

    /// Abstractive: as many of the first sentences as the model takes, in one source.
    fn write(&self, all: &[&str], language: Language, room: Room) -> Result<Made, SummariseError> {
        let most = self.model.max_source;
        let mut source = Vec::new();
        let mut text = String::new();
        for sentence in all {
            let longer = if text.is_empty() {
                (*sentence).to_owned()
            } else {
                format!("{text} {sentence}")
            };
            let mut ids = self.model.tokenizer.encode_source(&longer, Some(language), None)?;
            if ids.len() > most {
                if source.is_empty() {
                    ids.truncate(most);
                    source = ids;
                }
                break;
            }
            (text, source) = (longer, ids);
        }
        if text.is_empty() && source.is_empty() {
            return Ok(Made {
                sentences: Vec::new(),
                tokens: 0,
            });
        }
        let read = source.len();
        let generated = self.model.engine.generate(&[source], &self.model.decoding)?;
        let Some(best) = generated.first().and_then(|generated| generated.hypotheses.first()) else {
            return Ok(Made {
                sentences: Vec::new(),
                tokens: read,
            });
        };
        let written = self.model.tokenizer.decode(&best.ids)?;
        let sentences = sentences::split(&written, language);
        let mut kept: Vec<String> = Vec::new();
        let mut length = 0;
        for sentence in sentences.into_iter().take(room.sentences) {
            length += sentence.split_whitespace().count();
            if !kept.is_empty() && length > room.words {
                break;
            }
            kept.push(sentence.trim().to_owned());
        }
        Ok(Made {
            sentences: kept,
            tokens: read + best.ids.len(),
        })
    }
}

/// How long a summary may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Room {
    /// Most words; the best sentence is taken even when it alone is longer.
    pub words: usize,
    /// Most sentences.
    pub sentences: usize,
}

/// What each property of a sentence weighs. The defaults were fitted on training articles of the authored corpus, for
/// the sum of ROUGE-1, 2 and L over its four languages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Cosine of the sentence's vector and the mean vector of the article.
    pub centrality: f64,
    /// Cosine of the sentence's vector and the title's.
    pub title: f64,
    /// Share of the title's words that the sentence has.
    pub title_words: f64,
    /// Share of the sentence's words that come again elsewhere in the article.
    pub recurring: f64,
    /// Nearness to the start: 1 / (1 + index).
    pub position: f64,
    /// How far down the article: index / sentences.
    pub depth: f64,
    /// Length in words over 40, at most 1.
    pub length: f64,
    /// Highest word overlap with a sentence already taken.
    pub redundancy: f64,
    /// A sentence after the first is taken only when its worth, redundancy counted, reaches this.
    pub enough: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            centrality: 0.1,
            title: 0.1,
            title_words: 0.38,
            recurring: 0.39,
            position: 0.67,
            depth: -0.15,
            length: -1.38,
            redundancy: -1.29,
            enough: -0.15,
        }
    }
}

/// Chooses sentences; returns their indices in the article's order.
///
/// `vectors[0]` is the title's vector and `vectors[1 + i]` that of `sentences[i]`; empty `vectors` leave the choice to
/// words and position.
pub fn choose(title: &str, sentences: &[&str], vectors: &[Vec<f32>], room: Room, weights: &Weights) -> Vec<usize> {
    let bags: Vec<Vec<String>> = sentences.iter().map(|sentence| words(sentence)).collect();
    let lengths: Vec<usize> = sentences
        .iter()
        .map(|sentence| sentence.split_whitespace().count())
        .collect();
    let worth = worths(title, &bags, &lengths, vectors, weights);
    let mut taken: Vec<usize> = Vec::new();
    let mut length = 0;
    while taken.len() < room.sentences {
        let best = (0..sentences.len())
            .filter(|index| !taken.contains(index) && !bags[*index].is_empty())
            .filter(|index| taken.is_empty() || length + lengths[*index] <= room.words)
            .map(|index| {
                let overlap = taken
                    .iter()
                    .map(|other| overlap(&bags[index], &bags[*other]))
                    .fold(0.0, f64::max);
                (worth[index] + weights.redundancy * overlap, index)
            })
            // On equal worth the earlier sentence wins.
            .max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)));
        let Some((worth, index)) = best else { break };
        if !taken.is_empty() && worth < weights.enough {
            break;
        }
        length += lengths[index];
        taken.push(index);
    }
    taken.sort_unstable();
    taken
}

/// Worth of each sentence, before redundancy.
fn worths(title: &str, bags: &[Vec<String>], lengths: &[usize], vectors: &[Vec<f32>], weights: &Weights) -> Vec<f64> {
    let mut sentences_with: HashMap<&str, usize> = HashMap::new();
    for bag in bags {
        let mut different: Vec<&str> = bag.iter().map(String::as_str).collect();
        different.sort_unstable();
        different.dedup();
        for word in different {
            *sentences_with.entry(word).or_default() += 1;
        }
    }
    let title_bag = words(title);
    let with_vectors = vectors.len() == bags.len() + 1;
    let centre = mean(vectors.get(1..).unwrap_or_default());
    bags.iter()
        .zip(lengths)
        .enumerate()
        .map(|(index, (bag, length))| {
            let recurring = bag
                .iter()
                .filter(|word| sentences_with.get(word.as_str()).is_some_and(|n| *n > 1))
                .count();
            let mut worth = weights.title_words * share(&title_bag, bag)
                + weights.recurring * recurring as f64 / bag.len().max(1) as f64
                + weights.position / (1 + index) as f64
                + weights.depth * index as f64 / bags.len() as f64
                + weights.length * (*length as f64 / 40.0).min(1.0);
            if with_vectors {
                worth += weights.centrality * cosine(&vectors[1 + index], &centre);
                if !title_bag.is_empty() {
                    worth += weights.title * cosine(&vectors[1 + index], &vectors[0]);
                }
            }
            worth
        })
        .collect()
}

/// Lower-cased words; those of one or two letters carry little and are left out unless nothing else is there.
fn words(text: &str) -> Vec<String> {
    let all: Vec<String> = text.unicode_words().map(str::to_lowercase).collect();
    let long: Vec<String> = all.iter().filter(|word| word.chars().count() > 2).cloned().collect();
    if long.is_empty() { all } else { long }
}

/// Share of `wanted` that `bag` holds, 0 to 1.
fn share(wanted: &[String], bag: &[String]) -> f64 {
    let held = wanted.iter().filter(|word| bag.contains(word)).count();
    held as f64 / wanted.len().max(1) as f64
}

/// Words in common over the shorter's length, 0 to 1.
fn overlap(left: &[String], right: &[String]) -> f64 {
    if left.len() <= right.len() {
        share(left, right)
    } else {
        share(right, left)
    }
}

fn mean(vectors: &[Vec<f32>]) -> Vec<f32> {
    let mut sum = vec![0.0; vectors.first().map_or(0, Vec::len)];
    for vector in vectors {
        let norm = dot(vector, vector).sqrt().max(f64::MIN_POSITIVE) as f32;
        for (total, value) in sum.iter_mut().zip(vector) {
            *total += value / norm;
        }
    }
    sum
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let norm = (dot(left, left) * dot(right, right)).sqrt();
    if norm > 0.0 { dot(left, right) / norm } else { 0.0 }
}
