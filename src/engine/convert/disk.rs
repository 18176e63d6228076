//! The disk cache of converted weights: one file a model, `engine-v2/KEY.weights`, written under another name and
//! renamed when whole.
//!
//! Layout: 8 bytes of magic, offset and length of the index as 64-bit numbers, the BLAKE3 of the index, then the entries,
//! each at a multiple of 64 bytes, then the index (JSON: name, shape, offset and BLAKE3 of each entry). So every bit that
//! counts is under a hash, and a file that is not exactly right is made anew.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fs4::fs_std::FileExt;
use memmap2::Mmap;
use serde::{Deserialize, Serialize};

use crate::engine::EngineError;
use crate::engine::graph::Loader;
use crate::engine::linear::{Data, Held, Matrix, Weights};
use crate::engine::team::Team;
use crate::model::fingerprint;
use crate::model::weights::{Checkpoint, WeightsError};

const FOLDER: &str = "engine-v2";
const MAGIC: &[u8; 8] = b"KHULOSA2";
const ALIGNMENT: u64 = 64;
/// Bytes of magic, offset, length and hash.
const HEAD: usize = 8 + 8 + 8 + blake3::OUT_LEN;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Empty for a plain tensor.
    shape: Vec<usize>,
    offset: u64,
    bytes: u64,
    /// Offset of a matrix's scales.
    scales: u64,
    hash: String,
}

type Index = BTreeMap<String, Entry>;

/// The file for a model's int8 weights: named by the content of its configuration and weights.
pub(super) fn place(folder: &Path, cache: &Path) -> Result<PathBuf, EngineError> {
    let mut files = Checkpoint::files(folder)?;
    files.push("config.json".to_owned());
    let key = fingerprint::of_files(folder, &files).map_err(|error| EngineError::Config {
        path: folder.to_owned(),
        message: error.to_string(),
    })?;
    Ok(cache.join(FOLDER).join(format!("{}-int8.weights", &key[..32])))
}

/// Writes a cache file entry by entry.
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
    at: u64,
    index: Index,
}

impl Writer {
    /// `None`, with a warning, where the folder cannot be written to.
    pub(super) fn new(path: &Path) -> Option<Self> {
        let open = || -> std::io::Result<Self> {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let file = tempfile::Builder::new().prefix(".weights-").tempfile_in(folder)?;
            let mut writer = Self {
                path: path.to_owned(),
                file: BufWriter::new(file),
                at: 0,
                index: Index::new(),
            };
            writer.put(&[0; HEAD])?;
            Ok(writer)
        };
        open()
            .inspect_err(|error| tracing::warn!("{}: the converted weights are not kept: {error}", path.display()))
            .ok()
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn align(&mut self) -> std::io::Result<u64> {
        let gap = self.at.next_multiple_of(ALIGNMENT) - self.at;
        self.put(&vec![0; gap as usize])?;
        Ok(self.at)
    }

    fn floats(&mut self, values: &[f32], hasher: &mut blake3::Hasher) -> std::io::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        hasher.update(&bytes);
        self.put(&bytes)
    }

    pub(super) fn matrix(&mut self, name: &str, matrix: &Matrix) -> std::io::Result<()> {
        let Weights::Int8 { panels, scales } = matrix.weights.as_ref() else {
            return Ok(());
        };
        let mut hasher = blake3::Hasher::new();
        let offset = self.align()?;
        let bytes: Vec<u8> = panels.iter().map(|value| value.cast_unsigned()).collect();
        hasher.update(&bytes);
        self.put(&bytes)?;
        let place = self.align()?;
        self.floats(scales, &mut hasher)?;
        let entry = Entry {
            shape: vec![matrix.outputs, matrix.inner],
            offset,
            bytes: bytes.len() as u64,
            scales: place,
            hash: hasher.finalize().to_hex().to_string(),
        };
        self.index.insert(format!("{name}.weight"), entry);
        Ok(())
    }

    pub(super) fn tensor(&mut self, name: &str, values: &[f32]) -> std::io::Result<()> {
        let mut hasher = blake3::Hasher::new();
        let offset = self.align()?;
        self.floats(values, &mut hasher)?;
        let bytes = self.at - offset;
        let hash = hasher.finalize().to_hex().to_string();
        self.index.insert(
            name.to_owned(),
            Entry {
                shape: Vec::new(),
                offset,
                bytes,
                scales: 0,
                hash,
            },
        );
        Ok(())
    }

    pub(super) fn finish(mut self) -> std::io::Result<()> {
        let offset = self.align()?;
        let index = serde_json::to_vec(&self.index)?;
        self.put(&index)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(MAGIC)?;
        self.file.write_all(&offset.to_le_bytes())?;
        self.file.write_all(&(index.len() as u64).to_le_bytes())?;
        self.file.write_all(blake3::hash(&index).as_bytes())?;
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// A cache file, checked whole.
pub(super) struct Stored {
    map: Arc<Held>,
    index: Index,
}

impl Stored {
    /// `None` when there is no file, or it is damaged in any bit.
    pub(super) fn open(path: &Path, team: &Team) -> Option<Self> {
        let file = File::open(path).ok()?;
        // Tells those who prune that the file is in use; freed when the last weight that lies in it is dropped.
        if let Err(error) = FileExt::lock_shared(&file) {
            tracing::debug!("{}: cannot be locked: {error}", path.display());
        }
        let stored = Self::check(file, team);
        if stored.is_none() {
            tracing::warn!(
                "{}: the converted weights are damaged; they are made anew",
                path.display()
            );
        }
        stored
    }

    fn check(file: File, team: &Team) -> Option<Self> {
        // SAFETY: the map is read-only, and cache files are replaced by renaming, never rewritten in place.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }.ok()?;
        let number = |at: usize| map.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        let (offset, length) = (usize::try_from(number(8)?).ok()?, usize::try_from(number(16)?).ok()?);
        let text = map.get(offset..offset.checked_add(length)?)?;
        if !map.starts_with(MAGIC) || map.get(24..HEAD)? != blake3::hash(text).as_bytes() {
            return None;
        }
        let index: Index = serde_json::from_slice(text).ok()?;
        let entries: Vec<&Entry> = index.values().collect();
        let whole = AtomicBool::new(true);
        team.run(entries.len(), |number| {
            if whole.load(Ordering::Relaxed) && !entries.get(number).is_some_and(|entry| is_whole(&map, entry)) {
                whole.store(false, Ordering::Relaxed);
            }
        });
        let map = Arc::new(Held { map, _file: file });
        whole.into_inner().then_some(Self { map, index })
    }

    fn missing(name: &str, expected: &[usize]) -> EngineError {
        WeightsError::Missing {
            path: PathBuf::new(),
            name: name.to_owned(),
            expected: expected.to_vec(),
        }
        .into()
    }
}

fn is_whole(map: &[u8], entry: &Entry) -> bool {
    let part = |offset: u64, bytes: u64| map.get(offset as usize..offset.checked_add(bytes)? as usize);
    let mut hasher = blake3::Hasher::new();
    let Some(bytes) = part(entry.offset, entry.bytes) else {
        return false;
    };
    hasher.update(bytes);
    if let Some(outputs) = entry.shape.first() {
        let Some(scales) = part(entry.scales, outputs.next_multiple_of(16) as u64 * 4) else {
            return false;
        };
        hasher.update(scales);
    }
    hasher.finalize().to_hex().as_str() == entry.hash
}

impl Loader for Stored {
    fn matrix(&mut self, name: &str, [outputs, inner]: [usize; 2], biased: bool) -> Result<Matrix, EngineError> {
        let missing = || Self::missing(name, &[outputs, inner]);
        let entry = self.index.get(&format!("{name}.weight")).ok_or_else(missing)?;
        let panels = Data::mapped(&self.map, entry.offset as usize, entry.bytes as usize).ok_or_else(missing)?;
        let count = outputs.next_multiple_of(16);
        let scales = Data::mapped(&self.map, entry.scales as usize, count).ok_or_else(missing)?;
        if entry.shape != [outputs, inner] || panels.len() != count * inner.next_multiple_of(2) {
            return Err(missing());
        }
        let weights = Arc::new(Weights::Int8 { panels, scales });
        let bias = if biased {
            Some(self.tensor(&format!("{name}.bias"), &[outputs])?)
        } else {
            None
        };
        Ok(Matrix {
            outputs,
            inner,
            weights,
            bias,
        })
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError> {
        let missing = || Self::missing(name, shape);
        let entry = self.index.get(name).ok_or_else(missing)?;
        let bytes = self
            .map
            .get(entry.offset as usize..(entry.offset + entry.bytes) as usize)
            .ok_or_else(missing)?;
        let values: Vec<f32> = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect();
        if values.len() == shape.iter().product::<usize>() {
            Ok(values)
        } else {
            Err(missing())
        }
    }

    fn has(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    fn skip(&mut self, _name: &str) {}
}
