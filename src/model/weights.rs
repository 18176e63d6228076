//! Reads the weights of a model folder as the Hub has it, from whichever format is there, without executing anything.
//!
//! Looked for in this order: `model.safetensors`, its shards named by `model.safetensors.index.json`,
//! `pytorch_model.bin`, its shards named by `pytorch_model.bin.index.json`, `rust_model.ot`. Files are memory-mapped and
//! tensors are read one at a time, so that conversion never holds a second copy of the checkpoint.

mod pickle;
mod torch;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// A folder without weights.
    #[error("{folder}: expected model.safetensors, pytorch_model.bin or rust_model.ot, found none of them")]
    None {
        /// The model's folder.
        folder: PathBuf,
    },
    /// A file could not be read.
    #[error("{path}: cannot read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is truncated, damaged, or of another format.
    #[error("{path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
    /// A file is not what a checksum says it is.
    #[error("{path}: the file is damaged: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which checksum was expected, and what was found.
        message: String,
    },
    /// The model needs a tensor that is not there.
    #[error("{path}: tensor {name} is missing (expected shape {expected:?})")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The tensor's name, or alternatives.
        name: String,
        /// Its shape.
        expected: Vec<usize>,
    },
    /// A tensor has another shape than the configuration says.
    #[error("{path}: tensor {name}: expected shape {expected:?}, found {found:?}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Shape by the configuration.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// The file holds a tensor that the model has no place for.
    #[error("{path}: tensor {name} {shape:?} belongs to no part of this model")]
    Extra {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A tensor holds NaN or infinity.
    #[error("{path}: tensor {name}: element {element} is not a finite number")]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Index of the first such element.
        element: usize,
    },
}

/// Number formats that a checkpoint's tensors may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    F64,
    F32,
    F16,
    Bf16,
    /// Integers and booleans, which no weight is made of.
    Other(usize),
}

impl Format {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Other(bytes) => bytes,
        }
    }
}

/// Where one tensor lies.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) format: Format,
    pub(crate) shape: Vec<usize>,
    /// Elements, not bytes; row-major unless the checkpoint stores a transposed view.
    pub(crate) strides: Vec<usize>,
    /// Byte offset of the first element in the file.
    pub(crate) offset: usize,
    /// Byte offset of the end of the storage that the tensor is a view of.
    pub(crate) end: usize,
}

/// A memory-mapped file and its path.
pub(crate) struct Mapped {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Mmap,
}

impl Mapped {
    pub(crate) fn open(path: PathBuf) -> Result<Self, WeightsError> {
        let unreadable = |source| WeightsError::Unreadable {
            path: path.clone(),
            source,
        };
        let file = File::open(&path).map_err(unreadable)?;
        // SAFETY: the map is read-only, and model files are replaced by renaming, never rewritten in place.
        #[allow(unsafe_code)]
        let bytes = unsafe { Mmap::map(&file) }.map_err(unreadable)?;
        Ok(Self { path, bytes })
    }

    pub(crate) fn malformed(&self, message: impl Into<String>) -> WeightsError {
        WeightsError::Malformed {
            path: self.path.clone(),
            message: message.into(),
        }
    }
}

/// The tensors of a model folder, by name.
pub struct Checkpoint {
    files: Vec<Mapped>,
    tensors: BTreeMap<String, Place>,
}

impl Checkpoint {
    /// Opens the weights of `folder`, and reads each file once to compare it with whatever checksum is known; see
    /// [`super::fingerprint::unchanged`].
    ///
    /// # Errors
    /// When there are none, or a file is truncated, malformed or damaged.
    pub fn open(folder: &Path) -> Result<Self, WeightsError> {
        let mut checkpoint = Self {
            files: Vec::new(),
            tensors: BTreeMap::new(),
        };
        for name in Self::files(folder)? {
            let mapped = Mapped::open(folder.join(&name))?;
            let index = checkpoint.files.len();
            let tensors = if name.ends_with(".safetensors") {
                read_safetensors(&mapped, index)?
            } else {
                torch::read(&mapped, index)?
            };
            for (tensor, place) in tensors {
                if place.offset > place.end || place.end > mapped.bytes.len() {
                    return Err(mapped.malformed(format!(
                        "tensor {tensor} ends at byte {}, the file at {}",
                        place.end,
                        mapped.bytes.len()
                    )));
                }
                checkpoint.tensors.insert(tensor, place);
            }
            super::fingerprint::unchanged(&mapped.path)?;
            checkpoint.files.push(mapped);
        }
        Ok(checkpoint)
    }

    /// Names of the files that hold the weights of `folder`.
    ///
    /// # Errors
    /// When there are none, or an index file is malformed.
    pub fn files(folder: &Path) -> Result<Vec<String>, WeightsError> {
        for single in ["model.safetensors", "pytorch_model.bin", "rust_model.ot"] {
            if folder.join(single).is_file() {
                return Ok(vec![single.to_owned()]);
            }
            let index = folder.join(format!("{single}.index.json"));
            if index.is_file() {
                return shards(&index);
            }
        }
        Err(WeightsError::None {
            folder: folder.to_owned(),
        })
    }

    /// Every tensor's name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Shape of a tensor, where there is one of this name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|place| place.shape.as_slice())
    }

    /// The file to name in an error about `tensor`; the first one where the tensor does not exist.
    pub fn path(&self, tensor: &str) -> PathBuf {
        let index = self.tensors.get(tensor).map_or(0, |place| place.file);
        self.files.get(index).map(|file| file.path.clone()).unwrap_or_default()
    }

    /// Reads a tensor as f32, row-major, and checks that it has the shape expected and holds finite numbers only.
    ///
    /// # Errors
    /// When it is missing, has another shape, holds integers, or NaN or infinity.
    pub fn read(&self, name: &str, expected: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let rows = expected.first().copied().unwrap_or(1);
        self.read_rows(name, expected, 0..rows)
    }

    /// Reads some rows (indices of the first dimension) of a tensor; otherwise as [`Checkpoint::read`].
    ///
    /// # Errors
    /// See [`Checkpoint::read`].
    pub fn read_rows(
        &self,
        name: &str,
        expected: &[usize],
        rows: std::ops::Range<usize>,
    ) -> Result<Vec<f32>, WeightsError> {
        let missing = || WeightsError::Missing {
            path: self.path(name),
            name: name.to_owned(),
            expected: expected.to_vec(),
        };
        let place = self.tensors.get(name).ok_or_else(missing)?;
        let file = self.files.get(place.file).ok_or_else(missing)?;
        if place.shape != expected {
            return Err(WeightsError::Shape {
                path: file.path.clone(),
                name: name.to_owned(),
                expected: expected.to_vec(),
                found: place.shape.clone(),
            });
        }
        let values = gather(file, name, place, rows)?;
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(element) => Err(WeightsError::NotFinite {
                path: file.path.clone(),
                name: name.to_owned(),
                element,
            }),
        }
    }
}

/// The elements of some rows of a tensor, as f32.
fn gather(file: &Mapped, name: &str, place: &Place, rows: std::ops::Range<usize>) -> Result<Vec<f32>, WeightsError> {
    let bytes = file
        .bytes
        .get(place.offset..place.end)
        .ok_or_else(|| file.malformed(format!("tensor {name} lies outside of the file")))?;
    let row = place.shape.get(1..).unwrap_or_default().iter().product::<usize>();
    let count = rows.len() * row;
    let size = place.format.bytes();
    let short = || file.malformed(format!("tensor {name} is longer than its storage"));
    let contiguous = row_major(&place.shape) == place.strides;
    let mut values = Vec::with_capacity(count);
    if contiguous {
        let start = rows.start * row * size;
        let slice = bytes.get(start..start + count * size).ok_or_else(short)?;
        for element in slice.chunks_exact(size) {
            values.push(decode(file, name, place.format, element)?);
        }
    } else {
        for index in rows.start * row..rows.end * row {
            let (mut rest, mut at) = (index, 0);
            for (size, stride) in place.shape.iter().zip(&place.strides).rev() {
                at += rest % size * stride;
                rest /= size;
            }
            let element = bytes.get(at * size..(at + 1) * size).ok_or_else(short)?;
            values.push(decode(file, name, place.format, element)?);
        }
    }
    Ok(values)
}

fn decode(file: &Mapped, name: &str, format: Format, bytes: &[u8]) -> Result<f32, WeightsError> {
    match (format, bytes) {
        (Format::F32, &[a, b, c, d]) => Ok(f32::from_le_bytes([a, b, c, d])),
        (Format::F16, &[a, b]) => Ok(half::f16::from_le_bytes([a, b]).to_f32()),
        (Format::Bf16, &[a, b]) => Ok(half::bf16::from_le_bytes([a, b]).to_f32()),
        (Format::F64, &[a, b, c, d, e, f, g, h]) => Ok(f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32),
        _ => Err(file.malformed(format!("tensor {name}: expected floating-point numbers"))),
    }
}

/// Strides of a row-major tensor, in elements.
pub(crate) fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

fn shards(index: &Path) -> Result<Vec<String>, WeightsError> {
    let malformed = |message: String| WeightsError::Malformed {
        path: index.to_owned(),
        message,
    };
    let text = std::fs::read(index).map_err(|source| WeightsError::Unreadable {
        path: index.to_owned(),
        source,
    })?;
    let json: serde_json::Value = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
    let map = json
        .get("weight_map")
        .and_then(serde_json::Value::as_object)
        .ok_or_else(|| malformed("expected an object weight_map".to_owned()))?;
    let mut files: Vec<String> = Vec::new();
    for (tensor, file) in map {
        let file = file
            .as_str()
            .filter(|file| !file.contains(['/', '\\']))
            .ok_or_else(|| malformed(format!("weight_map: expected a file name for {tensor}, found {file}")))?;
        if !files.iter().any(|known| known == file) {
            files.push(file.to_owned());
        }
    }
    files.sort();
    Ok(files)
}

fn read_safetensors(file: &Mapped, index: usize) -> Result<Vec<(String, Place)>, WeightsError> {
    let tensors = safetensors::SafeTensors::deserialize(&file.bytes)
        .map_err(|error| file.malformed(format!("not a whole safetensors file: {error}")))?;
    let start = file.bytes.as_ptr() as usize;
    let place = |view: &safetensors::tensor::TensorView<'_>| {
        let offset = view.data().as_ptr() as usize - start;
        let shape = view.shape().to_vec();
        let format = match view.dtype() {
            safetensors::Dtype::F64 => Format::F64,
            safetensors::Dtype::F32 => Format::F32,
            safetensors::Dtype::F16 => Format::F16,
            safetensors::Dtype::BF16 => Format::Bf16,
            _ => Format::Other(1),
        };
        Place {
            file: index,
            format,
            strides: row_major(&shape),
            shape,
            offset,
            end: offset + view.data().len(),
        }
    };
    Ok(tensors
        .iter()
        .map(|(name, view)| (name.to_owned(), place(&view)))
        .collect())
}
