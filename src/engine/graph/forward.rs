//! One forward pass through the graph's parts.

use super::{Ends, FeedForward, Graph, Norm};
use crate::engine::attention::{Group, Memory, attend};
use crate::engine::kernel;
use crate::engine::linear::Matrix;
use crate::engine::positions::Distances;
use crate::engine::spec::Positions;
use crate::engine::team::{Shared, Team};

impl Graph {
    /// Last hidden states of `sources`, one after another: `[tokens of all sources, width]`.
    pub(in crate::engine) fn encode(&self, sources: &[&[u32]], team: &Team) -> Vec<f32> {
        let (spec, shape) = (&self.spec, self.spec.encoder);
        let tokens: Vec<(u32, usize)> = sources.iter().flat_map(|source| self.placed(source)).collect();
        let mut states = self.embed(&self.source, &tokens, team);
        let scale = if spec.scaled_attention {
            (shape.head as f32).powf(-0.5)
        } else {
            1.0
        };
        let longest = sources.iter().map(|source| source.len()).max().unwrap_or(0);
        let distances = Distances::new(
            self.source.relative.as_deref(),
            spec.positions,
            shape.heads,
            longest,
            true,
        );
        let lookup = distances
            .as_ref()
            .map(|distances| |head, row, key| distances.bias(head, row, key));
        let bias = lookup
            .as_ref()
            .map(|lookup| lookup as &(dyn Fn(usize, usize, usize) -> f32 + Sync));
        for layer in &self.encoder {
            let attention = &layer.attention;
            self.block(&mut states, &attention.norm, team, |input| {
                let operand = attention.query.prepare(input, team);
                let mut queries = vec![0.0; tokens.len() * shape.width()];
                let (mut keys, mut values) = (queries.clone(), queries.clone());
                attention.query.apply(&operand, team, &mut queries);
                attention.key.apply(&operand, team, &mut keys);
                attention.value.apply(&operand, team, &mut values);
                scale_by(&mut queries, scale);
                let (mut first, mut memories) = (0, Vec::with_capacity(sources.len()));
                for source in sources {
                    let range = first * shape.width()..(first + source.len()) * shape.width();
                    memories.push((
                        first,
                        source.len(),
                        Memory::new(&keys[range.clone()], &values[range], shape),
                    ));
                    first += source.len();
                }
                let groups: Vec<Group<'_>> = memories
                    .iter()
                    .map(|(first, count, memory)| Group {
                        first: *first,
                        count: *count,
                        memory,
                    })
                    .collect();
                let mixed = attend(&groups, shape, &queries, bias, team);
                product(&attention.output, &mixed, team)
            });
            self.feed_forward(&layer.feed_forward, &mut states, team);
        }
        self.normalise(self.source.final_norm.as_ref(), &mut states, team);
        states
    }

    /// The tokens of a source with their positions. M2M100 does not count padding.
    fn placed<'a>(&self, source: &'a [u32]) -> impl Iterator<Item = (u32, usize)> + use<'a> {
        let uncounted = (self.spec.positions == Positions::SinusoidalAfterPad).then_some(self.spec.pad);
        source.iter().scan(0, move |next, token| {
            let at = *next;
            *next += usize::from(uncounted != Some(*token));
            Some((*token, at))
        })
    }

    /// Keys and values of every decoder layer's cross-attention for the states of one source.
    pub(in crate::engine) fn memories(&self, states: &[f32], team: &Team) -> Vec<Memory> {
        let shape = self.spec.decoder;
        let rows = states.len() / self.spec.width;
        let Some(first) = self.decoder.first() else {
            return Vec::new();
        };
        let operand = first.cross.key.prepare(states, team);
        let (mut keys, mut values) = (vec![0.0; rows * shape.width()], vec![0.0; rows * shape.width()]);
        let mut memories = Vec::with_capacity(self.decoder.len());
        for layer in &self.decoder {
            layer.cross.key.apply(&operand, team, &mut keys);
            layer.cross.value.apply(&operand, team, &mut values);
            memories.push(Memory::new(&keys, &values, shape));
        }
        memories
    }

    /// Embeddings of tokens with their positions: `[tokens, width]`.
    pub(in crate::engine) fn embed(&self, ends: &Ends, tokens: &[(u32, usize)], team: &Team) -> Vec<f32> {
        let (spec, width) = (&self.spec, self.spec.width);
        let mut states = vec![0.0; tokens.len() * width];
        for (state, (token, at)) in states.chunks_exact_mut(width).zip(tokens) {
            ends.embedding.row(*token as usize, spec.embedding_scale, state);
            if let Some(table) = &ends.positions {
                let row = match spec.positions {
                    Positions::SinusoidalAfterPad if *token == spec.pad => spec.pad as usize,
                    Positions::SinusoidalAfterPad => at + spec.pad as usize + 1,
                    Positions::Learned => at + 2,
                    _ => *at,
                };
                kernel::add(state, &table[row * width..(row + 1) * width]);
            }
        }
        self.normalise(ends.embedding_norm.as_ref(), &mut states, team);
        states
    }

    fn normalise(&self, norm: Option<&Norm>, states: &mut [f32], team: &Team) {
        let Some(norm) = norm else { return };
        let (width, shared) = (self.spec.width, Shared::new(states));
        team.ranges(shared.len() / width, 8, |rows| {
            for row in rows {
                // SAFETY: rows do not overlap.
                #[allow(unsafe_code)]
                let row = unsafe { shared.slice(row * width..(row + 1) * width) };
                match &norm.bias {
                    Some(bias) => kernel::layer_norm(row, &norm.weight, bias, norm.epsilon),
                    None => kernel::rms_norm(row, &norm.weight, norm.epsilon),
                }
            }
        });
    }

    pub(in crate::engine) fn finish(&self, states: &mut [f32], team: &Team) {
        self.normalise(self.target.final_norm.as_ref(), states, team);
        scale_by(states, self.spec.output_scale);
    }

    /// `states += inner(states)`, normalised before or after.
    pub(in crate::engine) fn block(
        &self,
        states: &mut [f32],
        norm: &Norm,
        team: &Team,
        inner: impl FnOnce(&[f32]) -> Vec<f32>,
    ) {
        if self.spec.norm_first {
            let mut input = states.to_vec();
            self.normalise(Some(norm), &mut input, team);
            kernel::add(states, &inner(&input));
        } else {
            let output = inner(states);
            kernel::add(states, &output);
            self.normalise(Some(norm), states, team);
        }
    }

    pub(in crate::engine) fn feed_forward(&self, part: &FeedForward, states: &mut [f32], team: &Team) {
        self.block(states, &part.norm, team, |input| {
            let operand = part.input.prepare(input, team);
            let mut inner = vec![0.0; operand.rows() * part.input.outputs];
            part.input.apply(&operand, team, &mut inner);
            let size = part.input.outputs;
            let shared = Shared::new(&mut inner);
            team.ranges(operand.rows(), 8, |rows| {
                // SAFETY: ranges of rows do not overlap.
                #[allow(unsafe_code)]
                let values = unsafe { shared.slice(rows.start * size..rows.end * size) };
                kernel::activate(values, self.spec.activation);
            });
            if let Some(gate) = &part.gate {
                let mut factors = vec![0.0; inner.len()];
                gate.apply(&operand, team, &mut factors);
                kernel::gate(&mut inner, &factors);
            }
            product(&part.output, &inner, team)
        });
    }
}

/// `values · weightᵀ + bias`.
pub(in crate::engine) fn product(matrix: &Matrix, values: &[f32], team: &Team) -> Vec<f32> {
    let operand = matrix.prepare(values, team);
    let mut out = vec![0.0; operand.rows() * matrix.outputs];
    matrix.apply(&operand, team, &mut out);
    out
}

/// `values *= factor`.
pub(in crate::engine) fn scale_by(values: &mut [f32], factor: f32) {
    for value in values {
        *value *= factor;
    }
}
