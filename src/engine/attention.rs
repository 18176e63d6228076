//! Attention over keys and values that several queries share (encoder, and cross-attention of a sentence's beams), and
//! over keys and values kept in cells (the decoder's own past).

use super::kernel::{self, PANEL, TILE};
use super::spec::Stack;
use super::team::{Shared, Team};

/// Keys and values of one sentence in one layer, packed a head at a time for the kernels.
pub(super) struct Memory {
    count: usize,
    /// Per head: panels of 16 keys, `[head_dim][16]` each.
    keys: Vec<f32>,
    /// Per head: panels of 16 dimensions, `[keys][16]` each.
    values: Vec<f32>,
}

impl Memory {
    /// Packs `[count, width]` keys and values.
    pub(super) fn new(keys: &[f32], values: &[f32], shape: Stack) -> Self {
        let (width, head) = (shape.width(), shape.head);
        let count = keys.len() / width;
        let (key_panels, value_panels) = (count.div_ceil(PANEL), head.div_ceil(PANEL));
        let mut packed_keys = vec![0.0; shape.heads * key_panels * head * PANEL];
        let mut packed_values = vec![0.0; shape.heads * value_panels * count * PANEL];
        for (at, (key, value)) in keys.chunks_exact(width).zip(values.chunks_exact(width)).enumerate() {
            for (number, (key, value)) in key.chunks_exact(head).zip(value.chunks_exact(head)).enumerate() {
                let panel = (number * key_panels + at / PANEL) * head * PANEL + at % PANEL;
                for (out, key) in packed_keys[panel..].iter_mut().step_by(PANEL).zip(key) {
                    *out = *key;
                }
                for (panel, value) in value.chunks(PANEL).enumerate() {
                    let start = ((number * value_panels + panel) * count + at) * PANEL;
                    packed_values[start..start + value.len()].copy_from_slice(value);
                }
            }
        }
        Self {
            count,
            keys: packed_keys,
            values: packed_values,
        }
    }

    /// Attention of `queries` (`[rows, width]`, already scaled) in one head, written to `out` of the same shape.
    /// `bias(row, key)` is added to scores.
    fn attend_head(
        &self,
        number: usize,
        shape: Stack,
        queries: &[f32],
        bias: Option<&(dyn Fn(usize, usize, usize) -> f32 + Sync)>,
        out: &Shared<'_, f32>,
        offset: usize,
    ) {
        let (width, head) = (shape.width(), shape.head);
        let (key_panels, value_panels) = (self.count.div_ceil(PANEL), head.div_ceil(PANEL));
        let columns = number * head..(number + 1) * head;
        let rows = queries.len() / width;
        let mut tile = vec![0.0; head * TILE];
        let mut scores = vec![0.0; key_panels * PANEL * TILE];
        let mut weights = vec![0.0; self.count * TILE];
        let mut results = [[0.0; PANEL]; TILE];
        let stride = key_panels * PANEL;
        for start in (0..rows).step_by(TILE) {
            let count = TILE.min(rows - start);
            for row in 0..count {
                let query = &queries[(start + row) * width..][columns.clone()];
                for (out, value) in tile[row..].iter_mut().step_by(count).zip(query) {
                    *out = *value;
                }
            }
            for panel in 0..key_panels {
                let from = (number * key_panels + panel) * head * PANEL;
                kernel::multiply_f32(count, &tile, &self.keys[from..from + head * PANEL], &mut results);
                for (row, result) in results[..count].iter().enumerate() {
                    scores[row * stride + panel * PANEL..][..PANEL].copy_from_slice(result);
                }
            }
            for row in 0..count {
                let scores = &mut scores[row * stride..][..self.count];
                if let Some(bias) = bias {
                    for (key, score) in scores.iter_mut().enumerate() {
                        *score += bias(number, start + row, key);
                    }
                }
                kernel::softmax(scores);
                for (out, value) in weights[row..].iter_mut().step_by(count).zip(scores.iter()) {
                    *out = *value;
                }
            }
            for panel in 0..value_panels {
                let from = (number * value_panels + panel) * self.count * PANEL;
                kernel::multiply_f32(
                    count,
                    &weights,
                    &self.values[from..from + self.count * PANEL],
                    &mut results,
                );
                let size = PANEL.min(head - panel * PANEL);
                for (row, result) in results[..count].iter().enumerate() {
                    let to = offset + (start + row) * width + columns.start + panel * PANEL;
                    // SAFETY: every head of every sentence has columns of rows of its own.
                    #[allow(unsafe_code)]
                    let out = unsafe { out.slice(to..to + size) };
                    out.copy_from_slice(&result[..size]);
                }
            }
        }
    }
}

/// Rows `first..first + count` of the queries, which attend to `memory`.
pub(super) struct Group<'a> {
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) memory: &'a Memory,
}

/// Attention of every group's queries (`[rows, width]`, scaled already) to its memory; result of the same shape.
/// `bias(head, row of the group, key)` is added to scores.
pub(super) fn attend(
    groups: &[Group<'_>],
    shape: Stack,
    queries: &[f32],
    bias: Option<&(dyn Fn(usize, usize, usize) -> f32 + Sync)>,
    team: &Team,
) -> Vec<f32> {
    let mut out = vec![0.0; queries.len()];
    let (shared, width) = (Shared::new(&mut out), shape.width());
    team.ranges(groups.len() * shape.heads, 1, |range| {
        for part in range {
            let group = &groups[part / shape.heads];
            let (start, end) = (group.first * width, (group.first + group.count) * width);
            group
                .memory
                .attend_head(part % shape.heads, shape, &queries[start..end], bias, &shared, start);
        }
    });
    out
}

/// Cells for the keys and values of generated tokens, one cell a token and hypothesis, for all layers alike.
///
/// Hypotheses with a common past share its cells, so that reordering beams moves nothing, and the memory needed is that
/// of the tokens still in play.
pub(super) struct Cells {
    width: usize,
    /// Per layer: segments of [`SEGMENT`] cells, `[cell][keys, values]` each.
    layers: Vec<Vec<Vec<f32>>>,
    free: Vec<u32>,
    count: u32,
}

/// Cells allocated at a time.
const SEGMENT: usize = 64;

impl Cells {
    pub(super) fn new(layers: usize, width: usize) -> Self {
        Self {
            width,
            layers: vec![Vec::new(); layers],
            free: Vec::new(),
            count: 0,
        }
    }

    /// A cell that no hypothesis uses.
    pub(super) fn take(&mut self) -> u32 {
        if let Some(cell) = self.free.pop() {
            return cell;
        }
        let cell = self.count;
        if (cell as usize).is_multiple_of(SEGMENT) {
            for layer in &mut self.layers {
                layer.push(vec![0.0; SEGMENT * 2 * self.width]);
            }
        }
        self.count += 1;
        cell
    }

    /// Gives cells back.
    pub(super) fn release(&mut self, cells: impl IntoIterator<Item = u32>) {
        self.free.extend(cells);
    }

    fn cell(&self, layer: usize, cell: u32) -> &[f32] {
        let (segment, at) = (cell as usize / SEGMENT, cell as usize % SEGMENT);
        &self.layers[layer][segment][at * 2 * self.width..(at + 1) * 2 * self.width]
    }

    /// Keeps the key and value of a new token.
    pub(super) fn write(&mut self, layer: usize, cell: u32, key: &[f32], value: &[f32]) {
        let (segment, at) = (cell as usize / SEGMENT, cell as usize % SEGMENT);
        let place = &mut self.layers[layer][segment][at * 2 * self.width..(at + 1) * 2 * self.width];
        place[..self.width].copy_from_slice(key);
        place[self.width..].copy_from_slice(value);
    }

    /// Attention of each row's query (`[rows, width]`, scaled already) to the cells of its past; result of the same
    /// shape. `bias(head, distance)` is added to scores.
    pub(super) fn attend(
        &self,
        layer: usize,
        shape: Stack,
        queries: &[f32],
        pasts: &[&[u32]],
        bias: Option<&(dyn Fn(usize, usize) -> f32 + Sync)>,
        team: &Team,
    ) -> Vec<f32> {
        let mut out = vec![0.0; queries.len()];
        let (shared, width) = (Shared::new(&mut out), shape.width());
        team.ranges(pasts.len(), 2, |range| {
            let mut scores = Vec::new();
            for row in range {
                // SAFETY: rows do not overlap.
                #[allow(unsafe_code)]
                let out = unsafe { shared.slice(row * width..(row + 1) * width) };
                let (query, past) = (&queries[row * width..(row + 1) * width], pasts[row]);
                for head in 0..shape.heads {
                    let columns = head * shape.head..(head + 1) * shape.head;
                    let query = &query[columns.clone()];
                    scores.clear();
                    scores.extend(
                        past.iter()
                            .map(|cell| kernel::dot_columns(query, &self.cell(layer, *cell)[columns.clone()])),
                    );
                    if let Some(bias) = bias {
                        for (at, score) in scores.iter_mut().enumerate() {
                            *score += bias(head, past.len() - 1 - at);
                        }
                    }
                    kernel::softmax(&mut scores);
                    for (cell, weight) in past.iter().zip(&scores) {
                        let value = &self.cell(layer, *cell)[self.width..][columns.clone()];
                        kernel::weighted_sum(&mut out[columns.clone()], *weight, value);
                    }
                }
            }
        });
        out
    }
}
