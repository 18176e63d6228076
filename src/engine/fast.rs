//! The fast engine: own graph, own kernels, weights in f32 or int8.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::attention::{Cells, Group, Memory, attend};
use super::batch::{Queue, work};
use super::graph::{Graph, product, scale_by};
use super::linear::Matrix;
use super::network::{Network, Scores, Step};
use super::positions::Distances;
use super::spec::{Config, Family, Spec};
use super::team::Team;
use super::{Decoding, Device, Engine, EngineError, EngineOptions, Generated, Limits, Precision, check, convert};

/// A shortlist, and the output product with its rows alone.
type Shortlisted = (Arc<[u32]>, Arc<Matrix>);

/// A worker has at least this many rows; below it, threads share the rows of one worker.
const LEAST_ROWS: usize = 16;
/// Shortlists whose packed output weights are kept.
const KEPT: usize = 4;

/// See the module.
pub(super) struct Fast {
    graph: Graph,
    team: Team,
    batch_tokens: usize,
    shortlists: Mutex<Vec<Shortlisted>>,
}

impl Fast {
    pub(super) fn load(folder: &Path, options: &EngineOptions) -> Result<Self, EngineError> {
        let int8 = match (options.device, options.precision) {
            (Device::Cpu, Precision::F32) => false,
            (Device::Cpu, Precision::Int8) => true,
            (device, precision) => {
                let advice = "the fast engine runs f32 and int8 on the processor";
                return Err(EngineError::Unsupported {
                    precision,
                    device,
                    advice,
                });
            }
        };
        let config = Config::read(folder.join("config.json"))?;
        let spec = Spec::new(&config)?;
        if spec.family == Family::LongT5 {
            return Err(config.wrong(
                "model_type",
                "an architecture that the fast engine knows (longt5 runs with the reference engine)",
            ));
        }
        let team = Team::new(options.threads)?;
        let graph = convert::load(folder, spec, int8, options.cache.as_deref(), &team)?;
        Ok(Self {
            graph,
            team,
            batch_tokens: options.batch_tokens,
            shortlists: Mutex::default(),
        })
    }

    /// The output product for a shortlist.
    fn output(&self, shortlist: &Arc<[u32]>) -> Arc<Matrix> {
        let Ok(mut kept) = self.shortlists.lock() else {
            return Arc::new(self.graph.output.select(shortlist));
        };
        if let Some((_, output)) = kept
            .iter()
            .find(|(known, _)| Arc::ptr_eq(known, shortlist) || known == shortlist)
        {
            return output.clone();
        }
        let output = Arc::new(self.graph.output.select(shortlist));
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((shortlist.clone(), output.clone()));
        output
    }
}

impl Engine for Fast {
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError> {
        check::sources(batch, self.limits(), self.graph.spec.source_vocabulary)?;
        check::decoding(how, self.limits())?;
        let output = how.shortlist.as_ref().map(|shortlist| self.output(shortlist));
        let rows = batch.len() * how.beams;
        let workers = (rows / LEAST_ROWS)
            .clamp(1, self.team.threads())
            .min(batch.len().max(1));
        let queue = Queue::new(batch, how.beams, workers, self.batch_tokens);
        let results = self.team.workers(workers, |team| {
            let mut network = FastNetwork::new(&self.graph, output.as_deref(), team);
            work(&mut network, &queue, how)
        });
        let mut found: Vec<_> = results.into_iter().flatten().collect();
        match queue.into_failure() {
            Some(error) => Err(error),
            None => {
                found.sort_by_key(|(index, _)| *index);
                Ok(found.into_iter().map(|(_, generated)| generated).collect())
            }
        }
    }

    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        check::sources(batch, self.limits(), self.graph.spec.source_vocabulary)?;
        let width = self.graph.spec.width;
        let mean = |(index, source): (usize, &Vec<u32>)| {
            let states = self.graph.encode(&[source], &self.team);
            let mut mean = vec![0.0; width];
            for state in states.chunks_exact(width) {
                super::kernel::add(&mut mean, state);
            }
            scale_by(&mut mean, 1.0 / source.len() as f32);
            if mean.iter().all(|value| value.is_finite()) {
                Ok(mean)
            } else {
                Err(EngineError::NotFinite { index, step: 0 })
            }
        };
        batch.iter().enumerate().map(mean).collect()
    }

    fn limits(&self) -> Limits {
        self.graph.spec.limits()
    }
}

/// A source in play.
struct Slot {
    /// One per decoder layer.
    memories: Vec<Memory>,
    /// Cells of every running hypothesis's past.
    pasts: Vec<Vec<u32>>,
    extras: Vec<u32>,
    /// Output weights of the extra tokens.
    extra_output: Option<Matrix>,
}

/// The graph with the sources that one worker has in play.
struct FastNetwork<'a> {
    graph: &'a Graph,
    output: &'a Matrix,
    team: &'a Team,
    slots: Vec<Option<Slot>>,
    cells: Cells,
}

impl<'a> FastNetwork<'a> {
    fn new(graph: &'a Graph, output: Option<&'a Matrix>, team: &'a Team) -> Self {
        let cells = Cells::new(graph.spec.decoder.layers, graph.spec.decoder.width());
        Self {
            graph,
            output: output.unwrap_or(&graph.output),
            team,
            slots: Vec::new(),
            cells,
        }
    }

    /// Gives every hypothesis its parent's past and a new cell; cells that nobody needs any more become free.
    fn grow(&mut self, step: &Step<'_>) {
        let Some(slot) = self.slots.get_mut(step.slot).and_then(Option::as_mut) else {
            return;
        };
        let old = std::mem::take(&mut slot.pasts);
        let mut pasts: Vec<Vec<u32>> = step
            .rows
            .iter()
            .map(|(parent, _)| old.get(*parent).cloned().unwrap_or_default())
            .collect();
        let sorted = |pasts: &[Vec<u32>]| {
            let mut cells: Vec<u32> = pasts.iter().flatten().copied().collect();
            cells.sort_unstable();
            cells.dedup();
            cells
        };
        let used = sorted(&pasts);
        self.cells.release(
            sorted(&old)
                .into_iter()
                .filter(|cell| used.binary_search(cell).is_err()),
        );
        for past in &mut pasts {
            past.push(self.cells.take());
        }
        slot.pasts = pasts;
    }

    /// Hidden states after the decoder's layers, a row per hypothesis.
    fn decode(&mut self, steps: &[Step<'_>]) -> Vec<f32> {
        let (graph, team) = (self.graph, self.team);
        let (shape, spec) = (graph.spec.decoder, &graph.spec);
        for step in steps {
            self.grow(step);
        }
        let tokens: Vec<(u32, usize)> = steps
            .iter()
            .flat_map(|step| step.rows.iter().map(|(_, token)| (*token, step.position)))
            .collect();
        let slots = &self.slots;
        let slot = |step: &Step<'_>| slots.get(step.slot).and_then(Option::as_ref);
        let pasts: Vec<&[u32]> = steps
            .iter()
            .filter_map(slot)
            .flat_map(|slot| slot.pasts.iter().map(Vec::as_slice))
            .collect();
        let scale = if spec.scaled_attention {
            (shape.head as f32).powf(-0.5)
        } else {
            1.0
        };
        let longest = steps.iter().map(|step| step.position + 1).max().unwrap_or(0);
        let relative = graph.target.relative.as_deref();
        let distances = Distances::new(relative, spec.positions, shape.heads, longest, false);
        let lookup = distances
            .as_ref()
            .map(|distances| |head, distance| distances.bias(head, distance, 0));
        let bias = lookup
            .as_ref()
            .map(|lookup| lookup as &(dyn Fn(usize, usize) -> f32 + Sync));
        let mut states = graph.embed(&graph.target, &tokens, team);
        for (number, layer) in graph.decoder.iter().enumerate() {
            let (own, cross) = (&layer.attention, &layer.cross);
            let cells = &mut self.cells;
            graph.block(&mut states, &own.norm, team, |input| {
                let operand = own.query.prepare(input, team);
                let mut queries = vec![0.0; tokens.len() * shape.width()];
                let (mut keys, mut values) = (queries.clone(), queries.clone());
                own.query.apply(&operand, team, &mut queries);
                own.key.apply(&operand, team, &mut keys);
                own.value.apply(&operand, team, &mut values);
                scale_by(&mut queries, scale);
                let pairs = keys.chunks_exact(shape.width()).zip(values.chunks_exact(shape.width()));
                for (past, (key, value)) in pasts.iter().zip(pairs) {
                    if let Some(cell) = past.last() {
                        cells.write(number, *cell, key, value);
                    }
                }
                let mixed = cells.attend(number, shape, &queries, &pasts, bias, team);
                product(&own.output, &mixed, team)
            });
            graph.block(&mut states, &cross.norm, team, |input| {
                let mut queries = product(&cross.query, input, team);
                scale_by(&mut queries, scale);
                let mut first = 0;
                let groups: Vec<Group<'_>> = steps
                    .iter()
                    .filter_map(|step| {
                        let (start, count) = (first, step.rows.len());
                        first += count;
                        Some(Group {
                            first: start,
                            count,
                            memory: slot(step)?.memories.get(number)?,
                        })
                    })
                    .collect();
                let mixed = attend(&groups, shape, &queries, None, team);
                product(&cross.output, &mixed, team)
            });
            graph.feed_forward(&layer.feed_forward, &mut states, team);
        }
        states
    }

    /// Logits of the rows in `states`, with those of each source's extra tokens after the shortlist's.
    fn score(&self, steps: &[Step<'_>], states: &[f32]) -> Scores {
        let (base, team, inner) = (self.output.outputs, self.team, self.graph.spec.width);
        let scored = || steps.iter().filter(|step| step.scored);
        let logits = product(self.output, states, team);
        let most = scored().map(|step| self.extras(step.slot).len()).max().unwrap_or(0);
        if most == 0 {
            return Scores {
                width: base,
                values: logits,
            };
        }
        let width = base + most;
        let mut values = vec![f32::NEG_INFINITY; states.len() / inner * width];
        for (row, logits) in values.chunks_exact_mut(width).zip(logits.chunks_exact(base.max(1))) {
            row[..base].copy_from_slice(logits);
        }
        let mut first = 0;
        for step in scored() {
            let slot = self.slots.get(step.slot).and_then(Option::as_ref);
            if let Some(output) = slot.and_then(|slot| slot.extra_output.as_ref()) {
                let logits = product(output, &states[first * inner..(first + step.rows.len()) * inner], team);
                for (row, logits) in logits.chunks_exact(output.outputs).enumerate() {
                    values[(first + row) * width + base..][..logits.len()].copy_from_slice(logits);
                }
            }
            first += step.rows.len();
        }
        Scores { width, values }
    }
}

impl Network for FastNetwork<'_> {
    fn admit(&mut self, sources: &[&[u32]], how: &Decoding) -> Result<Vec<usize>, EngineError> {
        let states = self.graph.encode(sources, self.team);
        let (mut first, width) = (0, self.graph.spec.width);
        let mut places = Vec::with_capacity(sources.len());
        for source in sources {
            let range = first * width..(first + source.len()) * width;
            first += source.len();
            let extras = how.extras(source, self.graph.spec.vocabulary);
            let slot = Slot {
                memories: self.graph.memories(&states[range], self.team),
                pasts: Vec::new(),
                extra_output: (!extras.is_empty()).then(|| self.graph.output.select(&extras)),
                extras,
            };
            let place = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
            if place == self.slots.len() {
                self.slots.push(None);
            }
            self.slots[place] = Some(slot);
            places.push(place);
        }
        Ok(places)
    }

    fn extras(&self, slot: usize) -> &[u32] {
        self.slots
            .get(slot)
            .and_then(Option::as_ref)
            .map_or(&[], |slot| &slot.extras)
    }

    fn step(&mut self, steps: &[Step<'_>]) -> Result<Scores, EngineError> {
        let states = self.decode(steps);
        let width = self.graph.spec.width;
        let (mut first, mut wanted) = (0, Vec::new());
        for step in steps {
            let end = first + step.rows.len();
            if step.scored {
                wanted.extend_from_slice(&states[first * width..end * width]);
            }
            first = end;
        }
        if wanted.is_empty() {
            return Ok(Scores {
                width: 0,
                values: Vec::new(),
            });
        }
        self.graph.finish(&mut wanted, self.team);
        Ok(self.score(steps, &wanted))
    }

    fn release(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot).and_then(Option::take) {
            let mut cells: Vec<u32> = slot.pasts.into_iter().flatten().collect();
            cells.sort_unstable();
            cells.dedup();
            self.cells.release(cells);
        }
    }
}
