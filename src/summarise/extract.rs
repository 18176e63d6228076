//! The extractive summariser's choice: which of an article's sentences say what it says.
//!
//! A sentence's worth is a weighted sum of what its encoder vector and its words say about it: closeness to the article
//! as a whole and to the title, words that recur in the article, length, and place. Sentences are then taken greedily,
//! each new one paying for what it repeats (maximal marginal relevance, Carbonell and Goldstein 1998), as long as one
//! is worth it.

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use crate::embed;

/// How long a summary may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Room {
    /// Most words; the best sentence is taken even when it alone is longer.
    pub words: usize,
    /// Most sentences.
    pub sentences: usize,
}

/// What each property of a sentence weighs. The defaults were fitted on the training articles of the authored corpus, for
/// the sum of ROUGE-1, 2 and L over its four languages (`cargo run --release --example fit_summariser`).
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

/// Word overlap from which on two sentences say the same.
const SAME: f64 = 0.9;

impl Default for Weights {
    fn default() -> Self {
        Self {
            centrality: -0.7,
            title: 0.5,
            title_words: 2.48,
            recurring: -0.06,
            position: 1.07,
            depth: -3.3,
            length: -0.98,
            redundancy: -1.69,
            enough: 0.0,
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
                (overlap, index)
            })
            // Whatever the weights, nobody wants to read the same twice.
            .filter(|(overlap, _)| *overlap < SAME)
            .map(|(overlap, index)| (worth[index] + weights.redundancy * overlap, index))
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
    let centre = embed::centre(vectors.get(1..).unwrap_or_default());
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
                worth += weights.centrality * embed::cosine(&vectors[1 + index], &centre);
                if !title_bag.is_empty() {
                    worth += weights.title * embed::cosine(&vectors[1 + index], &vectors[0]);
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

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        words: 60,
        sentences: 2,
    };

    fn chosen(title: &str, sentences: &[&str], room: Room) -> Vec<usize> {
        choose(
            title,
            sentences,
            &[],
            room,
            &Weights {
                enough: -9.0,
                ..Weights::default()
            },
        )
    }

    #[test]
    fn chosen_sentences_keep_the_articles_order() {
        let sentences = [
            "The hall was full.",
            "Ministers agreed on water.",
            "Ministers agreed on water and energy prices.",
        ];
        let chosen = chosen("Ministers agree on water and energy", &sentences, ROOM);
        assert!(chosen.is_sorted() && chosen.len() == 2, "{chosen:?}");
    }

    #[test]
    fn a_sentence_that_only_repeats_another_is_passed_over() {
        let same = "Ministers of three countries agreed on water prices in Dushanbe.";
        let sentences = [same, same, "Experts will meet again in March to sign the agreement."];
        assert_eq!(chosen("Ministers agreed on water", &sentences, ROOM), [0, 2]);
    }

    #[test]
    fn the_words_of_all_sentences_together_stay_within_the_room() {
        let sentences = [
            "One two three four five six.",
            "Seven eight nine ten eleven twelve.",
            "Thirteen.",
        ];
        let room = Room { words: 8, sentences: 3 };
        let words: usize = chosen("", &sentences, room)
            .iter()
            .map(|at| sentences[*at].split(' ').count())
            .sum();
        assert!(words <= 8);
    }

    #[test]
    fn a_single_sentence_longer_than_the_room_is_taken_all_the_same() {
        assert_eq!(
            chosen("", &["One two three four five."], Room { words: 2, sentences: 2 }),
            [0]
        );
    }

    #[test]
    fn sentences_without_words_are_never_chosen() {
        assert!(chosen("Title", &["* * *", "—", ""], ROOM).is_empty());
    }

    #[test]
    fn a_vector_close_to_the_title_and_the_rest_lifts_a_sentence() {
        let sentences = [
            "Alpha beta gamma delta.",
            "Epsilon zeta theta kappa.",
            "Lambda sigma omega omicron.",
        ];
        let vectors = [vec![1.0, 0.0], vec![0.0, 1.0], vec![0.0, 1.0], vec![1.0, 0.1]];
        let weights = Weights {
            title: 5.0,
            centrality: 0.0,
            position: 0.0,
            ..Weights::default()
        };
        let room = Room {
            words: 60,
            sentences: 1,
        };
        assert_eq!(choose("Title words", &sentences, &vectors, room, &weights), [2]);
    }
}
