//! Greedy and beam search for one source, as transformers defines them.
//!
//! A [`Search`] knows tokens and scores only. Each step it is given one row of scores per running hypothesis and answers
//! which hypotheses run on; the models behind it are [`super::network::Network`]s.

mod required;

use super::processors::{self, Columns};
use super::{Decoding, EarlyStopping, Hypothesis, kernel};

/// A hypothesis that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Running {
    /// Tokens so far, decoder start first.
    pub(super) tokens: Vec<u32>,
    /// Index of the row it grew from in the step before.
    pub(super) parent: usize,
    /// Sum of log-probabilities. transformers keeps it in f32, and so must whoever wants the same order.
    score: f32,
}

/// Why a search cannot go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A score is NaN or infinite.
    NotFinite,
    /// Nothing may be generated.
    NoCandidate,
}

/// The search for one source.
pub(super) struct Search {
    pub(super) running: Vec<Running>,
    ended: Vec<Hypothesis>,
    /// Tokens generated so far.
    pub(super) step: usize,
    done: bool,
}

/// Scores looked through at a time.
const BLOCK: usize = 256;

/// A possible next hypothesis.
#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    row: usize,
    column: usize,
}

impl Search {
    pub(super) fn new(how: &Decoding) -> Self {
        let start = Running {
            tokens: vec![how.decoder_start],
            parent: 0,
            score: 0.0,
        };
        // transformers starts from as many copies as there are beams, all but one with a score of −10^9.
        Self {
            running: vec![start],
            ended: Vec::new(),
            step: 0,
            done: false,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether the next token is settled, so that the model's scores are not needed.
    pub(super) fn forced(&self, how: &Decoding) -> Option<u32> {
        if self.step + 1 == how.max_new_tokens && how.forced_eos.is_some() {
            // Log-probabilities before the end would be lost in transformers too: both set the forced token's to 0.
            return how.forced_eos;
        }
        if self.step == 0 { how.forced_bos } else { None }
    }

    /// Takes a step. `scores` holds a row of logits per running hypothesis, and is changed; with a token that
    /// [`Search::forced`] names it may be empty.
    pub(super) fn advance(&mut self, how: &Decoding, columns: &Columns<'_>, scores: &mut [f32]) -> Result<(), Failure> {
        match (self.forced(how), how.beams) {
            (Some(token), 1) => self.extend_greedily(how, token, 0.0),
            (Some(token), _) => {
                let next = self
                    .running
                    .iter()
                    .enumerate()
                    .map(|(row, running)| (running.score, row, token))
                    .collect();
                self.extend_beams(how, next)?;
            }
            (None, _) if !how.required.is_empty() => self.step_towards_terms(how, columns, scores)?,
            (None, 1) => self.step_greedily(how, columns, scores)?,
            (None, _) => self.step_beams(how, columns, scores)?,
        }
        self.step += 1;
        if self.step >= how.max_new_tokens {
            self.finish(how);
        }
        if self.done && self.ended.is_empty() {
            return Err(Failure::NoCandidate);
        }
        Ok(())
    }

    fn step_greedily(&mut self, how: &Decoding, columns: &Columns<'_>, scores: &mut [f32]) -> Result<(), Failure> {
        let Some(running) = self.running.first() else {
            return Err(Failure::NoCandidate);
        };
        if !kernel::log_sum_exp(scores).is_finite() {
            return Err(Failure::NotFinite);
        }
        processors::apply(how, columns, &running.tokens, scores);
        let best = kernel::maximum(scores);
        let column = scores
            .iter()
            .position(|score| *score >= best)
            .filter(|_| best.is_finite());
        let token = column
            .and_then(|column| columns.token(column))
            .ok_or(Failure::NoCandidate)?;
        let score = best - kernel::log_sum_exp(scores);
        self.extend_greedily(how, token, score);
        Ok(())
    }

    fn extend_greedily(&mut self, how: &Decoding, token: u32, score: f32) {
        let Some(running) = self.running.first_mut() else {
            return;
        };
        running.tokens.push(token);
        running.score += score;
        if token == how.eos {
            self.finish(how);
        }
    }

    fn step_beams(&mut self, how: &Decoding, columns: &Columns<'_>, scores: &mut [f32]) -> Result<(), Failure> {
        let width = scores.len() / self.running.len().max(1);
        // Twice as many as beams, so that enough are left when every beam has an end token among its best.
        let wanted = 2 * how.beams;
        let mut best: Vec<Candidate> = Vec::with_capacity(wanted + 1);
        for (row, (scores, running)) in scores.chunks_exact_mut(width.max(1)).zip(&self.running).enumerate() {
            normalise(how, columns, &running.tokens, scores)?;
            let mut least = if best.len() < wanted {
                f32::NEG_INFINITY
            } else {
                best[wanted - 1].score
            };
            for (number, scores) in scores.chunks(BLOCK).enumerate() {
                // Few blocks hold a score that is among the best.
                if kernel::maximum(scores) + running.score <= least {
                    continue;
                }
                for (column, score) in scores.iter().enumerate() {
                    let (score, column) = (score + running.score, number * BLOCK + column);
                    if score > least {
                        let at = best.partition_point(|other| other.score >= score);
                        best.insert(at, Candidate { score, row, column });
                        best.truncate(wanted);
                        least = if best.len() < wanted {
                            f32::NEG_INFINITY
                        } else {
                            best[wanted - 1].score
                        };
                    }
                }
            }
        }
        let next = best
            .iter()
            .filter_map(|candidate| Some((candidate.score, candidate.row, columns.token(candidate.column)?)))
            .collect();
        self.extend_beams(how, next)
    }

    /// Goes on with the best of `next` (score, row, token), best first.
    fn extend_beams(&mut self, how: &Decoding, next: Vec<(f32, usize, u32)>) -> Result<(), Failure> {
        let Some(&(best, _, _)) = next.first() else {
            return Err(Failure::NoCandidate);
        };
        let length = self.step + 1;
        let mut running = Vec::with_capacity(how.beams);
        for (rank, (score, row, token)) in next.into_iter().enumerate() {
            let Some(tokens) = self.running.get(row).map(|parent| &parent.tokens) else {
                continue;
            };
            if token == how.eos {
                // An end token below the best `beams` candidates does not count.
                if rank < how.beams {
                    let mut ids = tokens[1..].to_vec();
                    ids.push(token);
                    self.end(how, ids, score, length);
                }
                continue;
            }
            let mut tokens = tokens.clone();
            tokens.push(token);
            running.push(Running {
                tokens,
                parent: row,
                score,
            });
            if running.len() == how.beams {
                break;
            }
        }
        self.running = running;
        if self.running.is_empty() || self.cannot_improve(how, f64::from(best), length) {
            self.done = true;
        }
        Ok(())
    }

    /// Keeps a hypothesis if it is among the best.
    fn end(&mut self, how: &Decoding, ids: Vec<u32>, score: f32, length: usize) {
        let score = f64::from(score) / (length as f64).powf(how.length_penalty);
        if self.ended.len() < how.beams || score > self.worst() {
            self.ended.push(Hypothesis { ids, score });
        }
        if self.ended.len() > how.beams {
            let worst = self.worst();
            if let Some(at) = self.ended.iter().position(|hypothesis| hypothesis.score <= worst) {
                self.ended.remove(at);
            }
        }
    }

    fn worst(&self) -> f64 {
        self.ended
            .iter()
            .map(|hypothesis| hypothesis.score)
            .fold(f64::INFINITY, f64::min)
    }

    fn cannot_improve(&self, how: &Decoding, best: f64, length: usize) -> bool {
        if self.ended.len() < how.beams {
            return false;
        }
        let length = match how.early_stopping {
            EarlyStopping::Always => return true,
            EarlyStopping::Never if how.length_penalty > 0.0 => how.max_new_tokens,
            EarlyStopping::Never | EarlyStopping::Heuristic => length,
        };
        self.worst() >= best / (length as f64).powf(how.length_penalty)
    }

    /// Ends the search: hypotheses that still run count as they are.
    fn finish(&mut self, how: &Decoding) {
        if self.done {
            return;
        }
        self.done = true;
        let running = std::mem::take(&mut self.running);
        // Where terms are required, hypotheses without them are better than nothing only.
        let whole = |running: &Running| required::holds_all(how, &running.tokens[1..]);
        let some = !self.ended.is_empty() || running.iter().any(whole);
        for running in running.into_iter().filter(|running| !some || whole(running)) {
            let ids = running.tokens[1..].to_vec();
            if how.beams == 1 {
                self.ended.push(Hypothesis {
                    ids,
                    score: f64::from(running.score),
                });
            } else {
                let length = ids.len();
                self.end(how, ids, running.score, length);
            }
        }
    }

    /// The best hypotheses, best first.
    pub(super) fn into_hypotheses(mut self, count: usize) -> Vec<Hypothesis> {
        // Later ones first among equals, as in transformers, which pops them from the end of an ascending list.
        self.ended.reverse();
        self.ended.sort_by(|left, right| right.score.total_cmp(&left.score));
        self.ended.truncate(count.max(1));
        self.ended
    }
}

/// Turns the scores of one row into log-probabilities, and takes out what the settings forbid after `tokens`.
fn normalise(how: &Decoding, columns: &Columns<'_>, tokens: &[u32], scores: &mut [f32]) -> Result<(), Failure> {
    let total = kernel::log_sum_exp(scores);
    if !total.is_finite() {
        return Err(Failure::NotFinite);
    }
    kernel::shift(scores, -total);
    processors::apply(how, columns, tokens, scores);
    Ok(())
}
