//! Matrices packed for the kernels, in f32 or int8, and their product with rows of activations.
//!
//! int8: every row of the weight has a scale of its own (its largest absolute value is 127), and every activation row is
//! rounded to 16-bit integers with a scale of its own. Products and sums of these are exact in 32 bits, so that the only
//! errors are the two roundings, and a row's result depends on nothing but the row.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

use memmap2::Mmap;

use super::kernel::{self, PANEL, TILE};
use super::team::{Shared, Team};

/// A mapped file, kept open: a lock on it lasts as long as its bytes are in use.
pub(super) struct Held {
    pub(super) map: Mmap,
    pub(super) _file: File,
}

impl Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

/// Numbers in memory of their own, or in a memory-mapped file.
pub(super) enum Data<T> {
    Owned(Vec<T>),
    /// `count` numbers from byte `offset` on, which [`Data::mapped`] has checked.
    Mapped {
        map: Arc<Held>,
        offset: usize,
        count: usize,
    },
}

/// Number types of which every bit pattern is a value.
pub(super) trait Plain: Copy {}
impl Plain for f32 {}
impl Plain for i8 {}

impl<T: Plain> Data<T> {
    /// `count` numbers of a mapped file; `None` when they do not lie within it, or not where such a number may.
    pub(super) fn mapped(map: &Arc<Held>, offset: usize, count: usize) -> Option<Self> {
        let size = count.checked_mul(size_of::<T>())?;
        let slice = map.get(offset..offset.checked_add(size)?)?;
        slice.as_ptr().cast::<T>().is_aligned().then(|| Self::Mapped {
            map: map.clone(),
            offset,
            count,
        })
    }
}

impl<T: Plain> Deref for Data<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(values) => values,
            // SAFETY: `mapped` has checked bounds and alignment, and every bit pattern is a number.
            #[allow(unsafe_code, clippy::cast_ptr_alignment)]
            Self::Mapped { map, offset, count } => unsafe {
                std::slice::from_raw_parts(map.as_ptr().add(*offset).cast::<T>(), *count)
            },
        }
    }
}

/// Packed weights: one panel of 16 output columns after another; see [`kernel`] for the layout of a panel.
pub(super) enum Weights {
    F32(Data<f32>),
    Int8 {
        panels: Data<i8>,
        /// One per output column, padded to whole panels.
        scales: Data<f32>,
    },
}

/// A weight of shape `[outputs, inner]`, and its bias.
pub(super) struct Matrix {
    pub(super) outputs: usize,
    pub(super) inner: usize,
    pub(super) weights: Arc<Weights>,
    pub(super) bias: Option<Vec<f32>>,
}

/// Rows made ready for products: cut into tiles, and rounded where the weights are integers.
pub(super) struct Operand {
    rows: usize,
    inner: usize,
    tiles: Tiles,
}

enum Tiles {
    F32(Vec<f32>),
    Int16 { values: Vec<i16>, scales: Vec<f32> },
}

/// Integer panels hold pairs.
fn even(inner: usize) -> usize {
    inner + inner % 2
}

/// Largest 16-bit activation for which no sum of products leaves 32 bits.
fn limit(inner: usize) -> f32 {
    (i32::MAX as usize / (127 * even(inner).max(1))).min(32_767) as f32
}

impl Matrix {
    /// Packs `[outputs, inner]` weights that `rows` yields range by range, at most [`PANEL`] rows at a time.
    pub(super) fn pack<E>(
        outputs: usize,
        inner: usize,
        int8: bool,
        mut rows: impl FnMut(std::ops::Range<usize>) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let panels = outputs.div_ceil(PANEL);
        let weights = if int8 {
            let mut packed = vec![0_i8; panels * even(inner) * PANEL];
            let mut scales = vec![0.0_f32; panels * PANEL];
            for (panel, packed) in packed.chunks_exact_mut((even(inner) * PANEL).max(1)).enumerate() {
                let range = panel * PANEL..((panel + 1) * PANEL).min(outputs);
                for (column, row) in rows(range)?.chunks_exact(inner).enumerate() {
                    let most = row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                    let factor = if most > 0.0 { 127.0 / most } else { 0.0 };
                    scales[panel * PANEL + column] = most / 127.0;
                    for (at, value) in row.iter().enumerate() {
                        packed[at / 2 * 2 * PANEL + column * 2 + at % 2] = (value * factor).round() as i8;
                    }
                }
            }
            Weights::Int8 {
                panels: Data::Owned(packed),
                scales: Data::Owned(scales),
            }
        } else {
            let mut packed = vec![0.0_f32; panels * inner * PANEL];
            for (panel, packed) in packed.chunks_exact_mut((inner * PANEL).max(1)).enumerate() {
                let range = panel * PANEL..((panel + 1) * PANEL).min(outputs);
                for (column, row) in rows(range)?.chunks_exact(inner).enumerate() {
                    for (at, value) in row.iter().enumerate() {
                        packed[at * PANEL + column] = *value;
                    }
                }
            }
            Weights::F32(Data::Owned(packed))
        };
        Ok(Self {
            outputs,
            inner,
            weights: Arc::new(weights),
            bias: None,
        })
    }

    /// Numbers in one packed panel.
    fn panel(&self) -> usize {
        match self.weights.as_ref() {
            Weights::F32(_) => self.inner * PANEL,
            Weights::Int8 { .. } => even(self.inner) * PANEL,
        }
    }

    /// Writes row `index` of the weight, times `factor`, to `out`: the embedding of a token.
    pub(super) fn row(&self, index: usize, factor: f32, out: &mut [f32]) {
        let (panel, column) = (index / PANEL * self.panel(), index % PANEL);
        match self.weights.as_ref() {
            Weights::F32(weights) => {
                for (out, value) in out.iter_mut().zip(weights[panel + column..].iter().step_by(PANEL)) {
                    *out = value * factor;
                }
            }
            Weights::Int8 { panels, scales } => {
                let scale = scales[index] * factor;
                for (at, out) in out.iter_mut().enumerate() {
                    *out = f32::from(panels[panel + at / 2 * 2 * PANEL + column * 2 + at % 2]) * scale;
                }
            }
        }
    }

    /// The matrix of some rows of this one, in the order given.
    pub(super) fn select(&self, rows: &[u32]) -> Self {
        let (size, count) = (self.panel(), rows.len().div_ceil(PANEL));
        // Elements of one row that lie side by side in a panel.
        let (unit, blocks) = match self.weights.as_ref() {
            Weights::F32(_) => (1, self.inner),
            Weights::Int8 { .. } => (2, even(self.inner) / 2),
        };
        let places = |block: usize, index: usize| block * unit * PANEL + index % PANEL * unit;
        let weights = match self.weights.as_ref() {
            Weights::F32(weights) => {
                let mut packed = vec![0.0; count * size];
                for (to, from) in rows.iter().enumerate() {
                    let (from, old, new) = (*from as usize, *from as usize / PANEL * size, to / PANEL * size);
                    for block in 0..blocks {
                        packed[new + places(block, to)] = weights[old + places(block, from)];
                    }
                }
                Weights::F32(Data::Owned(packed))
            }
            Weights::Int8 { panels, scales } => {
                let mut packed = vec![0; count * size];
                let mut picked = vec![0.0; count * PANEL];
                for (to, from) in rows.iter().enumerate() {
                    let (from, old, new) = (*from as usize, *from as usize / PANEL * size, to / PANEL * size);
                    picked[to] = scales[from];
                    for block in 0..blocks {
                        let (old, new) = (old + places(block, from), new + places(block, to));
                        packed[new..new + 2].copy_from_slice(&panels[old..old + 2]);
                    }
                }
                Weights::Int8 {
                    panels: Data::Owned(packed),
                    scales: Data::Owned(picked),
                }
            }
        };
        let bias = self
            .bias
            .as_ref()
            .map(|bias| rows.iter().map(|row| bias[*row as usize]).collect());
        Self {
            outputs: rows.len(),
            inner: self.inner,
            weights: Arc::new(weights),
            bias,
        }
    }

    /// Makes `values` (`[rows, inner]`) ready for products with this matrix, or any with the same inner size and format.
    pub(super) fn prepare(&self, values: &[f32], team: &Team) -> Operand {
        let (inner, rows) = (self.inner, values.len() / self.inner);
        let blocks = rows.div_ceil(TILE);
        let tiles = match self.weights.as_ref() {
            Weights::F32(_) => {
                let mut tiles = vec![0.0_f32; rows * inner];
                let out = Shared::new(&mut tiles);
                team.ranges(blocks, 4, |range| {
                    for block in range {
                        let range = block * TILE * inner..((block + 1) * TILE).min(rows) * inner;
                        // SAFETY: blocks do not overlap.
                        #[allow(unsafe_code)]
                        let out = unsafe { out.slice(range.clone()) };
                        interleave(&values[range], inner, out);
                    }
                });
                Tiles::F32(tiles)
            }
            Weights::Int8 { .. } => {
                let even = even(inner);
                let (mut tiles, mut scales) = (vec![0_i16; rows * even], vec![0.0_f32; rows]);
                let (out, sizes) = (Shared::new(&mut tiles), Shared::new(&mut scales));
                team.ranges(blocks, 4, |range| {
                    for block in range {
                        let range = block * TILE..((block + 1) * TILE).min(rows);
                        // SAFETY: blocks do not overlap.
                        #[allow(unsafe_code)]
                        let (out, sizes) = unsafe {
                            (
                                out.slice(range.start * even..range.end * even),
                                sizes.slice(range.clone()),
                            )
                        };
                        quantise(&values[range.start * inner..range.end * inner], inner, out, sizes);
                    }
                });
                Tiles::Int16 { values: tiles, scales }
            }
        };
        Operand { rows, inner, tiles }
    }

    /// `out = operand · weightᵀ + bias`, `[rows, outputs]`.
    pub(super) fn apply(&self, operand: &Operand, team: &Team, out: &mut [f32]) {
        assert!(
            operand.inner == self.inner && out.len() == operand.rows * self.outputs,
            "shapes of a product differ"
        );
        let shared = Shared::new(out);
        team.ranges(self.outputs.div_ceil(PANEL), 4, |panels| {
            for panel in panels {
                self.panel_product(operand, panel, &shared);
            }
        });
    }

    /// The product with one panel: 16 columns of the output.
    fn panel_product(&self, operand: &Operand, panel: usize, out: &Shared<'_, f32>) {
        let columns = panel * PANEL..((panel + 1) * PANEL).min(self.outputs);
        let mut bias = [0.0_f32; PANEL];
        if let Some(all) = &self.bias {
            bias[..columns.len()].copy_from_slice(&all[columns.clone()]);
        }
        let size = self.panel();
        let place = panel * size..(panel + 1) * size;
        for start in (0..operand.rows).step_by(TILE) {
            let rows = TILE.min(operand.rows - start);
            let mut results = [[0.0_f32; PANEL]; TILE];
            match (self.weights.as_ref(), &operand.tiles) {
                (Weights::F32(weights), Tiles::F32(tiles)) => {
                    let tile = &tiles[start * self.inner..(start + rows) * self.inner];
                    kernel::multiply_f32(rows, tile, &weights[place.clone()], &mut results);
                    for result in &mut results[..rows] {
                        for (result, bias) in result.iter_mut().zip(&bias) {
                            *result += bias;
                        }
                    }
                }
                (Weights::Int8 { panels, scales }, Tiles::Int16 { values, scales: sizes }) => {
                    let even = even(self.inner);
                    let mut sums = [[0_i32; PANEL]; TILE];
                    let tile = &values[start * even..(start + rows) * even];
                    kernel::multiply_i8(rows, tile, &panels[place.clone()], &mut sums);
                    let scales = &scales[panel * PANEL..(panel + 1) * PANEL];
                    kernel::rescale(&sums, &sizes[start..start + rows], scales, &bias, &mut results);
                }
                _ => unreachable!("operands are prepared by a matrix of the same format"),
            }
            for (row, result) in results[..rows].iter().enumerate() {
                let from = (start + row) * self.outputs;
                // SAFETY: every panel has columns of its own.
                #[allow(unsafe_code)]
                let out = unsafe { out.slice(from + columns.start..from + columns.end) };
                match out.first_chunk_mut::<PANEL>() {
                    Some(out) => *out = *result,
                    None => out.copy_from_slice(&result[..columns.len()]),
                }
            }
        }
    }
}

/// Rows `[rows, inner]` to a tile `[inner, rows]`.
fn interleave(values: &[f32], inner: usize, tile: &mut [f32]) {
    let rows = values.len() / inner;
    for (row, values) in values.chunks_exact(inner).enumerate() {
        for (out, value) in tile[row..].iter_mut().step_by(rows).zip(values) {
            *out = *value;
        }
    }
}

/// Rows `[rows, inner]` to a tile of 16-bit integers `[inner / 2, rows, 2]` and one scale a row.
fn quantise(values: &[f32], inner: usize, tile: &mut [i16], scales: &mut [f32]) {
    let (rows, size) = (scales.len(), even(inner));
    let limit = limit(inner);
    let mut rounded = vec![0_i16; rows * size];
    for ((values, rounded), scale) in values
        .chunks_exact(inner)
        .zip(rounded.chunks_exact_mut(size))
        .zip(scales)
    {
        let most = kernel::largest(values);
        *scale = most / limit;
        let factor = if most > 0.0 { limit / most } else { 0.0 };
        kernel::round(values, factor, &mut rounded[..inner]);
    }
    for (row, rounded) in rounded.chunks_exact(size).enumerate() {
        let pairs = tile.as_chunks_mut::<2>().0[row..].iter_mut().step_by(rows);
        for (out, pair) in pairs.zip(rounded.as_chunks::<2>().0) {
            *out = *pair;
        }
    }
}

impl Operand {
    /// Rows that were made ready.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }
}
