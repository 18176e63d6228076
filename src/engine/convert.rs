//! From a model's folder to a graph: weights packed from the checkpoint, or taken from the disk cache, where int8
//! weights are kept in the layout that the kernels read, so that a warm start only maps a file.

mod disk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::EngineError;
use super::graph::{Graph, Loader};
use super::linear::Matrix;
use super::spec::Spec;
use super::team::Team;
use crate::model::weights::{Checkpoint, WeightsError};

/// Loads the graph of a model's folder.
pub(super) fn load(
    folder: &Path,
    spec: Spec,
    int8: bool,
    cache: Option<&Path>,
    team: &Team,
) -> Result<Graph, EngineError> {
    let place = match cache {
        Some(cache) if int8 => Some(disk::place(folder, cache)?),
        _ => None,
    };
    if let Some(place) = &place
        && let Some(mut stored) = disk::Stored::open(place, team)
    {
        match Graph::new(spec.clone(), &mut stored) {
            Ok(graph) => return Ok(graph),
            Err(error) => tracing::warn!("{}: the converted weights are made anew: {error}", place.display()),
        }
    }
    let mut packer = Packer {
        checkpoint: Checkpoint::open(folder)?,
        int8,
        used: BTreeSet::new(),
        writer: place.as_deref().and_then(disk::Writer::new),
    };
    let graph = Graph::new(spec, &mut packer)?;
    packer.finish()?;
    Ok(graph)
}

/// The model's converted weights in the disk cache, read byte by byte: the file and whether it is whole; `None` where
/// there are none.
///
/// # Errors
/// When the model's own files cannot be read.
pub fn check(folder: &Path, cache: &Path) -> Result<Option<(PathBuf, bool)>, EngineError> {
    let place = disk::place(folder, cache)?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let whole = disk::Stored::open(&place, &Team::new(threads)?).is_some();
    Ok(place.exists().then_some((place, whole)))
}

/// Packs weights as they are read, and writes them to the disk cache.
struct Packer {
    checkpoint: Checkpoint,
    int8: bool,
    used: BTreeSet<String>,
    /// Gone once writing fails: a full disk costs the warm start, not the run.
    writer: Option<disk::Writer>,
}

impl Packer {
    fn write(&mut self, write: impl FnOnce(&mut disk::Writer) -> std::io::Result<()>) {
        if let Some(writer) = &mut self.writer
            && let Err(error) = write(writer)
        {
            tracing::warn!("the converted weights are not kept: {error}");
            self.writer = None;
        }
    }

    /// Every tensor of the checkpoint must have had its place.
    fn finish(self) -> Result<(), WeightsError> {
        for name in self.checkpoint.names().filter(|name| !self.used.contains(*name)) {
            // Buffers that some versions of transformers stored, and no graph reads.
            let buffer = name.ends_with("position_ids") || name.ends_with("num_batches_tracked");
            if !buffer {
                let shape = self.checkpoint.shape(name).unwrap_or_default().to_vec();
                return Err(WeightsError::Extra {
                    path: self.checkpoint.path(name),
                    name: name.to_owned(),
                    shape,
                });
            }
        }
        if let Some(writer) = self.writer
            && let Err(error) = writer.finish()
        {
            tracing::warn!("the converted weights are not kept: {error}");
        }
        Ok(())
    }
}

impl Loader for Packer {
    fn matrix(&mut self, name: &str, [outputs, inner]: [usize; 2], biased: bool) -> Result<Matrix, EngineError> {
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        let rows = |range| self.checkpoint.read_rows(&weight, &[outputs, inner], range);
        let mut matrix = Matrix::pack(outputs, inner, self.int8, rows)?;
        self.write(|writer| writer.matrix(name, &matrix));
        if biased {
            matrix.bias = Some(self.tensor(&bias, &[outputs])?);
        }
        self.used.insert(weight);
        Ok(matrix)
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError> {
        let values = self.checkpoint.read(name, shape)?;
        self.write(|writer| writer.tensor(name, &values));
        self.used.insert(name.to_owned());
        Ok(values)
    }

    fn has(&self, name: &str) -> bool {
        self.checkpoint.shape(name).is_some()
    }

    fn skip(&mut self, name: &str) {
        self.used.insert(name.to_owned());
    }
}

#[cfg(test)]
mod tests;
