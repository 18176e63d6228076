//! Beam search towards an output that holds given terms (lexical constraints), after Post and Vilar, "Fast Lexically
//! Constrained Decoding with Dynamic Beam Allocation for Neural Machine Translation" (2018).
//!
//! The beams are dealt out among hypotheses by how much of the terms they hold, so that some are always on their way to
//! them; a hypothesis may end when it holds all. Each term may be written in one of several forms. Where a term stands is
//! left to the model: of hypotheses that hold as much, the likelier goes on.

use std::collections::{BTreeMap, VecDeque};

use super::{Failure, Running, Search, normalise};
use crate::engine::Decoding;
use crate::engine::processors::Columns;

/// How much of the terms a hypothesis holds; the greater holds more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    /// Whole terms.
    whole: usize,
    /// Tokens of a further one that it ends with.
    begun: usize,
}

/// A possible next hypothesis.
struct Next {
    held: Held,
    score: f32,
    row: usize,
    token: u32,
}

/// Whether generated `tokens` hold every term in one of its forms; true where none is required.
pub(super) fn holds_all(how: &Decoding, tokens: &[u32]) -> bool {
    how.required.iter().all(|forms| holds(forms, tokens))
}

fn holds(forms: &[Vec<u32>], tokens: &[u32]) -> bool {
    let stands = |form: &Vec<u32>| form.is_empty() || tokens.windows(form.len()).any(|window| window == form);
    forms.is_empty() || forms.iter().any(stands)
}

/// What generated tokens hold, and the tokens that would go on with a term or begin one.
fn held(how: &Decoding, tokens: &[u32]) -> (Held, Vec<u32>) {
    let (mut held, mut next) = (Held::default(), Vec::new());
    for forms in &how.required {
        if holds(forms, tokens) {
            held.whole += 1;
            continue;
        }
        for form in forms {
            let begun = (1..form.len()).rev().find(|length| tokens.ends_with(&form[..*length]));
            let begun = begun.unwrap_or(0);
            held.begun = held.begun.max(begun);
            next.extend([begun, 0].into_iter().filter_map(|at| form.get(at)));
        }
    }
    (held, next)
}

impl Search {
    /// [`Search::advance`] for one step, where terms are required.
    pub(super) fn step_towards_terms(
        &mut self,
        how: &Decoding,
        columns: &Columns<'_>,
        scores: &mut [f32],
    ) -> Result<(), Failure> {
        let width = scores.len() / self.running.len().max(1);
        let last = self.step + 1 >= how.max_new_tokens;
        let all = how.required.len();
        let mut next: Vec<Next> = Vec::new();
        for (row, (scores, running)) in scores.chunks_exact_mut(width.max(1)).zip(&self.running).enumerate() {
            normalise(how, columns, &running.tokens, scores)?;
            let (here, onwards) = held(how, &running.tokens[1..]);
            let mut wanted = best(scores, 2 * how.beams);
            wanted.extend(
                onwards
                    .iter()
                    .chain([&how.eos])
                    .filter_map(|token| columns.column(*token)),
            );
            wanted.sort_unstable();
            wanted.dedup();
            for column in wanted {
                let (Some(token), Some(score)) = (columns.token(column), scores.get(column)) else {
                    continue;
                };
                let too_early = token == how.eos && here.whole < all && !last;
                if too_early || !score.is_finite() {
                    continue;
                }
                let mut tokens = running.tokens[1..].to_vec();
                tokens.push(token);
                next.push(Next {
                    held: held(how, &tokens).0,
                    score: score + running.score,
                    row,
                    token,
                });
            }
        }
        next.sort_by(|left, right| {
            let places = (left.row, left.token).cmp(&(right.row, right.token));
            right.score.total_cmp(&left.score).then(places)
        });
        self.deal(how, next)
    }

    /// Goes on with the best of `next`, best first: one for each amount held in turn, from the greatest down.
    fn deal(&mut self, how: &Decoding, next: Vec<Next>) -> Result<(), Failure> {
        let all = how.required.len();
        let Some(best) = next.iter().find(|next| next.held.whole == all).or(next.first()) else {
            return Err(Failure::NoCandidate);
        };
        let (best, length) = (best.score, self.step + 1);
        // At the last step what lacks terms may end too, but only where nothing has them.
        let some = !self.ended.is_empty() || next.iter().any(|next| next.held.whole == all);
        let mut rank = 0;
        let mut waiting: BTreeMap<Held, VecDeque<Next>> = BTreeMap::new();
        for next in next {
            let counts = rank < how.beams;
            rank += usize::from(next.held.whole == all);
            if next.token == how.eos && next.held.whole < all && some {
                continue;
            }
            if next.token != how.eos {
                waiting.entry(next.held).or_default().push_back(next);
            } else if let (true, Some(parent)) = (counts, self.running.get(next.row)) {
                // As everywhere, an end token below the best `beams` candidates does not count.
                let mut ids = parent.tokens[1..].to_vec();
                ids.push(next.token);
                self.end(how, ids, next.score, length);
            }
        }
        let mut running = Vec::with_capacity(how.beams);
        while running.len() < how.beams && waiting.values().any(|waiting| !waiting.is_empty()) {
            for waiting in waiting.values_mut().rev() {
                let Some(next) = waiting.pop_front().filter(|_| running.len() < how.beams) else {
                    continue;
                };
                let Some(parent) = self.running.get(next.row) else {
                    continue;
                };
                let mut tokens = parent.tokens.clone();
                tokens.push(next.token);
                running.push(Running {
                    tokens,
                    parent: next.row,
                    score: next.score,
                });
            }
        }
        self.running = running;
        if self.running.is_empty() || self.cannot_improve(how, f64::from(best), length) {
            self.done = true;
        }
        Ok(())
    }
}

/// Columns of the highest scores.
fn best(scores: &[f32], count: usize) -> Vec<usize> {
    let mut best: Vec<(f32, usize)> = Vec::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (column, score) in scores.iter().enumerate() {
        if *score > least {
            let at = best.partition_point(|(other, _)| other >= score);
            best.insert(at, (*score, column));
            best.truncate(count);
            if best.len() == count {
                least = best.last().map_or(least, |(score, _)| *score);
            }
        }
    }
    best.into_iter().map(|(_, column)| column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = 1;
    /// Tokens 2 to 7 are words; the model likes to say 2 3 4 and to end then.
    const WORDS: usize = 8;

    fn how(required: Vec<Vec<Vec<u32>>>) -> Decoding {
        Decoding {
            beams: 4,
            max_new_tokens: 12,
            required,
            ..crate::engine::tests::plain(END)
        }
    }

    /// Log-probabilities after some tokens: 2, 3, 4 and the end follow one another; 5 comes best between 3 and 4; 6 only
    /// ever follows 5 well.
    fn scores(tokens: &[u32]) -> Vec<f32> {
        let mut scores = vec![-9.0; WORDS];
        let spoken: Vec<u32> = tokens[1..]
            .iter()
            .copied()
            .filter(|token| (2..5).contains(token))
            .collect();
        let due = spoken.len().min(3);
        scores[[2, 3, 4, END as usize][due]] = -0.1;
        scores[5] = if due == 2 && !tokens.contains(&5) { -2.0 } else { -6.0 };
        scores[6] = if tokens.ends_with(&[5]) { -0.5 } else { -7.0 };
        scores
    }

    fn decoded(how: &Decoding) -> Vec<u32> {
        let mut search = Search::new(how);
        let columns = Columns {
            shortlist: None,
            extras: &[],
        };
        while !search.is_done() {
            let mut rows: Vec<f32> = search
                .running
                .iter()
                .flat_map(|running| scores(&running.tokens))
                .collect();
            search.advance(how, &columns, &mut rows).unwrap();
        }
        search.into_hypotheses(1).remove(0).ids
    }

    #[test]
    fn a_required_term_is_said_where_it_fits_best() {
        assert_eq!(decoded(&how(Vec::new())), [2, 3, 4, END]);
        assert_eq!(decoded(&how(vec![vec![vec![5, 6]]])), [2, 3, 5, 6, 4, END]);
    }

    #[test]
    fn one_of_several_forms_is_enough_and_what_is_said_anyway_changes_nothing() {
        assert_eq!(decoded(&how(vec![vec![vec![7, 7], vec![5, 6]]])), [2, 3, 5, 6, 4, END]);
        assert_eq!(decoded(&how(vec![vec![vec![3, 4]], vec![]])), [2, 3, 4, END]);
    }

    #[test]
    fn several_terms_are_all_said() {
        let ids = decoded(&how(vec![vec![vec![5, 6]], vec![vec![7]]]));
        assert!(holds(&[vec![5, 6]], &ids) && holds(&[vec![7]], &ids), "{ids:?}");
        assert_eq!(ids.last(), Some(&END));
    }

    #[test]
    fn a_term_that_there_is_no_room_for_does_not_keep_the_search_from_ending() {
        let how = Decoding {
            max_new_tokens: 4,
            ..how(vec![vec![vec![7; 9]]])
        };
        assert!(decoded(&how).len() <= 4);
    }
}
