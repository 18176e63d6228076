//! Which sources are decoded together. The longest come first; as soon as a source is done it leaves, and the next one
//! takes its place, so that nobody waits for a long sentence and no padding is computed.
//!
//! Keys and values are kept for source tokens and for generated ones; both are bounded by a token budget. A source that
//! the budget has no room for waits, and one that outgrows it is put off: forgotten, and decoded again from its start
//! later. Results do not depend on company, so neither changes any.

#[cfg(test)]
mod tests;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::beam::{Failure, Search};
use super::network::{Network, Step};
use super::processors::Columns;
use super::{Decoding, EngineError, Generated};

/// Most hypotheses in play at once in one worker: more rows make the products no faster, only the memory larger.
const MOST_ROWS: usize = 144;
/// Generated tokens that a beam may have for each source token of the budget: translations are longer than their
/// sources now and then, and to put a source off costs what it had done.
const GROWTH: usize = 2;

/// Sources waiting, shared by the workers of one batch.
pub(super) struct Queue<'a> {
    sources: &'a [Vec<u32>],
    /// Indices of sources, longest first.
    order: Vec<usize>,
    next: AtomicUsize,
    failed: Mutex<Option<EngineError>>,
    /// Hypotheses that a worker may have in play.
    most_rows: usize,
    /// Source tokens that a worker may have in play, and encode together.
    most_tokens: usize,
    /// Generated tokens of all hypotheses that a worker may have in play.
    most_generated: usize,
}

impl<'a> Queue<'a> {
    /// `tokens` is the budget of all workers together: source tokens in play, and [`GROWTH`] times as many generated
    /// tokens a beam. A worker goes beyond its share for a single source only, when it has no other.
    pub(super) fn new(sources: &'a [Vec<u32>], beams: usize, workers: usize, tokens: usize) -> Self {
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(sources[*index].len()));
        // A fair share, so that no worker takes all of a small batch.
        let share = (sources.len() * beams).div_ceil(workers.max(1));
        let most_rows = MOST_ROWS.min(share).max(beams);
        let most_tokens = tokens.div_ceil(workers.max(1));
        Self {
            sources,
            order,
            next: AtomicUsize::new(0),
            failed: Mutex::new(None),
            most_rows,
            most_tokens,
            most_generated: most_tokens.saturating_mul(GROWTH).saturating_mul(beams),
        }
    }

    /// Length of a source.
    fn length(&self, index: usize) -> usize {
        self.sources.get(index).map_or(0, Vec::len)
    }

    /// The next source, if it is wanted.
    fn take_if(&self, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        if self.failed.lock().is_ok_and(|failed| failed.is_some()) {
            return None;
        }
        let wanted = |next: usize| self.order.get(next).copied().filter(|index| wanted(*index));
        let next = |next: usize| wanted(next).map(|_| next + 1);
        let taken = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .ok()?;
        self.order.get(taken).copied()
    }

    fn fail(&self, error: EngineError) {
        if let Ok(mut failed) = self.failed.lock() {
            failed.get_or_insert(error);
        }
    }

    /// The first error of any worker.
    pub(super) fn into_failure(self) -> Option<EngineError> {
        self.failed.into_inner().unwrap_or_default()
    }
}

/// A source in play.
struct Active {
    index: usize,
    slot: usize,
    search: Search,
}

/// Decodes sources from the queue until it is empty; returns results with their sources' places. Errors are left in
/// the queue, and end every worker.
pub(super) fn work(network: &mut dyn Network, queue: &Queue<'_>, how: &Decoding) -> Vec<(usize, Generated)> {
    let mut results = Vec::new();
    if let Err(error) = decode(network, queue, how, &mut results) {
        queue.fail(error);
    }
    results
}

fn decode(
    network: &mut dyn Network,
    queue: &Queue<'_>,
    how: &Decoding,
    results: &mut Vec<(usize, Generated)>,
) -> Result<(), EngineError> {
    let (mut active, mut put_off): (Vec<Active>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        make_room(network, queue, &mut active, &mut put_off);
        admit(network, queue, how, &mut active, &mut put_off)?;
        if active.is_empty() {
            return Ok(());
        }
        if how.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(EngineError::TooSlow);
        }
        let steps: Vec<Step<'_>> = active
            .iter()
            .map(|active| Step {
                slot: active.slot,
                rows: rows(&active.search),
                position: active.search.step,
                scored: active.search.forced(how).is_none(),
                shortlist: how.shortlist.as_deref(),
            })
            .collect();
        let mut scores = network.step(&steps)?;
        let mut rest = scores.values.as_mut_slice();
        for (active, step) in active.iter_mut().zip(&steps) {
            let count = if step.scored { step.rows.len() * scores.width } else { 0 };
            let (own, others) = rest.split_at_mut(count.min(rest.len()));
            rest = others;
            let columns = Columns {
                shortlist: step.shortlist,
                extras: network.extras(active.slot),
            };
            let (index, step) = (active.index, active.search.step);
            active
                .search
                .advance(how, &columns, own)
                .map_err(|failure| match failure {
                    Failure::NotFinite => EngineError::NotFinite { index, step },
                    Failure::NoCandidate => EngineError::NoCandidate { index, step },
                })?;
        }
        let (done, running) = active.into_iter().partition(|active: &Active| active.search.is_done());
        active = running;
        for ended in done {
            network.release(ended.slot);
            let hypotheses = ended.search.into_hypotheses(how.n_best.min(how.beams));
            results.push((ended.index, Generated { hypotheses }));
        }
    }
}

fn rows(search: &Search) -> Vec<(usize, u32)> {
    search
        .running
        .iter()
        .filter_map(|running| Some((running.parent, *running.tokens.last()?)))
        .collect()
}

/// Generated tokens, of all hypotheses, whose keys and values the next step will have kept; hypotheses with a common
/// past may share them, which is not counted.
fn generated(active: &[Active]) -> usize {
    active
        .iter()
        .map(|active| active.search.running.len() * (active.search.step + 1))
        .sum()
}

/// Puts off the sources that came last until the others' next step is within the budget.
fn make_room(network: &mut dyn Network, queue: &Queue<'_>, active: &mut Vec<Active>, put_off: &mut Vec<usize>) {
    while active.len() > 1 && generated(active) > queue.most_generated {
        let Some(last) = active.pop() else { return };
        network.release(last.slot);
        put_off.push(last.index);
    }
}

fn admit(
    network: &mut dyn Network,
    queue: &Queue<'_>,
    how: &Decoding,
    active: &mut Vec<Active>,
    put_off: &mut Vec<usize>,
) -> Result<(), EngineError> {
    let held = generated(active);
    // After a source was put off, half the budget must be free, or it would soon be put off again.
    let most = if put_off.is_empty() {
        queue.most_generated
    } else {
        queue.most_generated / 2
    };
    let free = queue.most_rows.saturating_sub(active.len() * how.beams) / how.beams;
    let mut tokens: usize = active.iter().map(|active| queue.length(active.index)).sum();
    let mut taken = Vec::new();
    // At least one when nothing else is in play, however long it is.
    while taken.len() < free && (held + taken.len() < most || active.is_empty() && taken.is_empty()) {
        let fits = |index: usize| tokens + queue.length(index) <= queue.most_tokens || tokens == 0;
        let Some(index) = put_off.pop_if(|index| fits(*index)).or_else(|| queue.take_if(fits)) else {
            break;
        };
        tokens += queue.length(index);
        taken.push(index);
    }
    if taken.is_empty() {
        return Ok(());
    }
    let sources: Vec<&[u32]> = taken.iter().map(|index| queue.sources[*index].as_slice()).collect();
    let slots = network.admit(&sources, how)?;
    active.extend(taken.into_iter().zip(slots).map(|(index, slot)| Active {
        index,
        slot,
        search: Search::new(how),
    }));
    Ok(())
}
