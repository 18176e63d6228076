//! The Unigram model: the sequence of pieces with the highest sum of log-probabilities, found letter by letter.
//! Kudo 2018, «Subword Regularization».

use std::collections::HashMap;

use super::proto::{Kind, Proto};

/// How much worse than the worst piece an unknown letter is.
const UNKNOWN_PENALTY: f32 = 10.0;

/// What the search needs besides the pieces.
pub struct Unigram {
    lowest: f32,
    /// Letters of the longest piece.
    longest: usize,
}

/// The best way to a place in the text.
#[derive(Clone, Copy)]
struct Best {
    score: f32,
    start: Option<usize>,
}

impl Unigram {
    /// Looks over the pieces of a model.
    pub fn new(proto: &Proto) -> Self {
        let scores = proto
            .pieces
            .iter()
            .filter(|piece| piece.kind == Kind::Normal)
            .map(|piece| piece.score);
        Self {
            lowest: scores.fold(f32::MAX, f32::min),
            longest: proto
                .pieces
                .iter()
                .map(|piece| piece.text.chars().count())
                .max()
                .unwrap_or(0),
        }
    }

    /// Ends, in bytes, of the pieces that a normalised text is cut into. Single precision and the order of additions are
    /// the library's, and so is the preference among equals.
    pub fn ends(&self, text: &str, index: &HashMap<String, u32>, proto: &Proto) -> Vec<usize> {
        let mut best = vec![
            Best {
                score: 0.0,
                start: None
            };
            text.len() + 1
        ];
        for (start, letter) in text.char_indices() {
            let here = best[start].score;
            let single = letter.len_utf8();
            let mut single_known = false;
            let letters = text[start..].char_indices().take(self.longest);
            for end in letters.map(|(at, letter)| start + at + letter.len_utf8()) {
                let Some(piece) = index
                    .get(&text[start..end])
                    .and_then(|id| proto.pieces.get(*id as usize))
                else {
                    continue;
                };
                let score = match piece.kind {
                    Kind::Unused => continue,
                    // Costs nothing, so that it is always taken.
                    Kind::UserDefined => here,
                    _ => piece.score + here,
                };
                improve(&mut best[end], score, start);
                single_known |= end - start == single;
            }
            if !single_known {
                improve(&mut best[start + single], self.lowest - UNKNOWN_PENALTY + here, start);
            }
        }
        let mut ends = Vec::new();
        let mut end = text.len();
        while end > 0 {
            ends.push(end);
            end = best[end].start.unwrap_or(0);
        }
        ends.reverse();
        ends
    }
}

fn improve(place: &mut Best, score: f32, start: usize) {
    if place.start.is_none() || score > place.score {
        *place = Best {
            score,
            start: Some(start),
        };
    }
}
