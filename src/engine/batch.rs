//! Which sources are decoded together. The longest come first; as soon as a source is done it leaves, and the next one
//! takes its place, so that nobody waits for a long sentence and no padding is computed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::beam::{Failure, Search};
use super::network::{Network, Step};
use super::processors::Columns;
use super::{Decoding, EngineError, Generated};

/// Most hypotheses in play at once in one worker: more rows make the products no faster, only the memory larger.
const MOST_ROWS: usize = 144;
/// Most source tokens whose keys and values are kept at once in one worker, and most that are encoded together.
const MOST_TOKENS: usize = 8_192;

/// Sources waiting, shared by the workers of one batch.
pub(super) struct Queue<'a> {
    sources: &'a [Vec<u32>],
    /// Indices of sources, longest first.
    order: Vec<usize>,
    next: AtomicUsize,
    failed: Mutex<Option<EngineError>>,
    /// Rows and tokens that a worker may have in play.
    most_rows: usize,
}

impl<'a> Queue<'a> {
    pub(super) fn new(sources: &'a [Vec<u32>], beams: usize, workers: usize) -> Self {
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(sources[*index].len()));
        // A fair share, so that no worker takes all of a small batch.
        let share = (sources.len() * beams).div_ceil(workers.max(1));
        let most_rows = MOST_ROWS.min(share).max(beams);
        Self {
            sources,
            order,
            next: AtomicUsize::new(0),
            failed: Mutex::new(None),
            most_rows,
        }
    }

    fn take(&self) -> Option<usize> {
        if self.failed.lock().is_ok_and(|failed| failed.is_some()) {
            return None;
        }
        self.order.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
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
    let mut active: Vec<Active> = Vec::new();
    loop {
        admit(network, queue, how, &mut active)?;
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

fn admit(
    network: &mut dyn Network,
    queue: &Queue<'_>,
    how: &Decoding,
    active: &mut Vec<Active>,
) -> Result<(), EngineError> {
    let free = queue.most_rows.saturating_sub(active.len() * how.beams) / how.beams;
    let mut tokens: usize = active
        .iter()
        .filter_map(|active| queue.sources.get(active.index))
        .map(Vec::len)
        .sum();
    let mut taken = Vec::new();
    // At least one when nothing else is in play, however long it is.
    while taken.len() < free && (tokens < MOST_TOKENS || active.is_empty() && taken.is_empty()) {
        let Some(index) = queue.take() else { break };
        tokens += queue.sources[index].len();
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
