//! What a model's folder holds, as one hash: results are kept under it, so two models of one name never share any.
//!
//! Hashing gigabytes takes seconds, so the hash of each large file is remembered under its path, size and time of change.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::weights::WeightsError;
use super::{ModelError, locate, verify};

/// Hash of one file as it was when last read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    size: u64,
    changed: u128,
    hash: String,
}

/// Smaller files, in bytes, are hashed each time.
const WORTH_REMEMBERING: u64 = 1 << 20;

type Memory = BTreeMap<PathBuf, Known>;

/// BLAKE3 over the names and contents of `files` in `folder`, as 64 hexadecimal digits; independent of their order and
/// of where the folder lies.
///
/// # Errors
/// When a file cannot be read.
pub fn of_files(folder: &Path, files: &[String]) -> Result<String, ModelError> {
    of_files_remembered(folder, files, &locate::cache_folder().join("fingerprints.json"))
}

/// Reads a file of weights whole and compares it with what is known of it: the SHA-256 that a hub names its blob by, or
/// the BLAKE3 that it had when it was last read, if its size and time of change are still the same. A file of which
/// nothing is known is remembered.
///
/// # Errors
/// When it cannot be read, or is not what it was.
pub fn unchanged(path: &Path) -> Result<(), WeightsError> {
    unchanged_remembered(path, &locate::cache_folder().join("fingerprints.json"))
}

fn unchanged_remembered(path: &Path, memory: &Path) -> Result<(), WeightsError> {
    let unreadable = |source| WeightsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let damaged = |message| WeightsError::Damaged {
        path: path.to_owned(),
        message,
    };
    let real = path.canonicalize().map_err(unreadable)?;
    if let Some(name) = verify::blob_name(&real) {
        return verify::blob(&real, &name).map_err(damaged);
    }
    let before = real.metadata().map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    let file = std::fs::File::open(&real).map_err(unreadable)?;
    hasher.update_reader(file).map_err(unreadable)?;
    let found = Known {
        size: before.len(),
        changed: changed(&before),
        hash: hasher.finalize().to_hex().to_string(),
    };
    let mut known = recall(memory);
    match known.get(&real) {
        Some(old) if *old == found => Ok(()),
        Some(old) if (old.size, old.changed) == (found.size, found.changed) => Err(damaged(format!(
            "expected BLAKE3 {}, as when it was first read, found {}, though size and time of change are the same \
             (was it replaced on purpose? `touch` it)",
            old.hash, found.hash
        ))),
        _ => {
            known.insert(real, found);
            remember(memory, &known);
            Ok(())
        }
    }
}

fn of_files_remembered(folder: &Path, files: &[String], memory: &Path) -> Result<String, ModelError> {
    let mut known = recall(memory);
    let before = known.clone();
    let mut sorted: Vec<&String> = files.iter().collect();
    sorted.sort();
    let mut whole = blake3::Hasher::new();
    for name in sorted {
        let hash = of_file(&folder.join(name), &mut known)?;
        whole.update(&(name.len() as u64).to_le_bytes());
        whole.update(name.as_bytes());
        whole.update(hash.as_bytes());
    }
    if known != before {
        remember(memory, &known);
    }
    Ok(whole.finalize().to_hex().to_string())
}

fn of_file(path: &Path, known: &mut Memory) -> Result<String, ModelError> {
    let unreadable = |source| ModelError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let real = path.canonicalize().map_err(unreadable)?;
    let metadata = real.metadata().map_err(unreadable)?;
    let (size, changed) = (metadata.len(), changed(&metadata));
    if let Some(entry) = known
        .get(&real)
        .filter(|entry| entry.size == size && entry.changed == changed)
    {
        return Ok(entry.hash.clone());
    }
    let file = std::fs::File::open(&real).map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(unreadable)?;
    let hash = hasher.finalize().to_hex().to_string();
    if size >= WORTH_REMEMBERING {
        known.insert(
            real,
            Known {
                size,
                changed,
                hash: hash.clone(),
            },
        );
    }
    Ok(hash)
}

/// Nanoseconds since 1970; 0 where the file system keeps no times.
fn changed(metadata: &Metadata) -> u128 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |age| age.as_nanos())
}

/// A memory that is missing or spoilt costs time and nothing else.
fn recall(path: &Path) -> Memory {
    std::fs::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// Writes what is known; files that are gone are forgotten.
fn remember(path: &Path, known: &Memory) {
    let Some(folder) = path.parent() else { return };
    let known: BTreeMap<&PathBuf, &Known> = known.iter().filter(|(file, _)| file.exists()).collect();
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, &known)?;
        file.persist(path).map_err(|error| error.error)
    });
    if let Err(error) = written {
        tracing::debug!("{}: fingerprints are not remembered: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = WORTH_REMEMBERING as usize;

    #[test]
    fn a_changed_byte_changes_the_hash_and_an_unchanged_folder_is_not_read_again() {
        let place = tempfile::tempdir().unwrap();
        let memory = place.path().join("memory.json");
        std::fs::write(place.path().join("weights"), vec![0; LARGE]).unwrap();
        let files = ["weights".to_owned()];
        let hash = || of_files_remembered(place.path(), &files, &memory).unwrap();
        let first = hash();
        // Were the file read again, the memory would not be believed.
        let mut known = recall(&memory);
        for entry in known.values_mut() {
            "remembered".clone_into(&mut entry.hash);
        }
        remember(&memory, &known);
        assert_ne!(hash(), first);
        std::fs::remove_file(&memory).unwrap();
        assert_eq!(hash(), first);
        std::fs::write(place.path().join("weights"), vec![1; LARGE]).unwrap();
        assert_ne!(hash(), first);
    }

    #[test]
    fn a_spoilt_memory_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let memory = place.path().join("memory.json");
        std::fs::write(place.path().join("a"), vec![0; LARGE]).unwrap();
        std::fs::write(place.path().join("b"), "small").unwrap();
        std::fs::write(&memory, "not json").unwrap();
        of_files_remembered(place.path(), &["a".to_owned(), "b".to_owned()], &memory).unwrap();
        assert_eq!(recall(&memory).len(), 1, "only the large file is worth it");
    }

    #[test]
    fn a_flipped_bit_is_noticed_where_the_file_was_read_before() {
        let place = tempfile::tempdir().unwrap();
        let (memory, path) = (place.path().join("memory.json"), place.path().join("weights"));
        let write = |bytes: &[u8], time| {
            std::fs::write(&path, bytes).unwrap();
            std::fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(time)
                .unwrap();
        };
        let time = UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        write(b"whole", time);
        unchanged_remembered(&path, &memory).unwrap();
        unchanged_remembered(&path, &memory).unwrap();
        write(b"whnle", time);
        let error = unchanged_remembered(&path, &memory).unwrap_err();
        assert!(matches!(error, WeightsError::Damaged { .. }), "{error}");
        // Another time of change: another file.
        write(b"whnle", time + std::time::Duration::from_secs(1));
        unchanged_remembered(&path, &memory).unwrap();
    }

    #[test]
    fn a_blob_is_compared_with_its_name() {
        let place = tempfile::tempdir().unwrap();
        let blobs = place.path().join("blobs");
        std::fs::create_dir(&blobs).unwrap();
        let memory = place.path().join("memory.json");
        // The SHA-256 and the BLAKE3 of nothing: hubs name by the one, imports without a hub's names by the other.
        for name in [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        ] {
            std::fs::write(blobs.join(name), "").unwrap();
            unchanged_remembered(&blobs.join(name), &memory).unwrap();
            std::fs::write(blobs.join(name), "x").unwrap();
            let error = unchanged_remembered(&blobs.join(name), &memory).unwrap_err();
            assert!(matches!(error, WeightsError::Damaged { .. }), "{error}");
        }
    }
}
