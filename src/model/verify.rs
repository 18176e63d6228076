//! Checks files on disk byte by byte: downloads before they are put in place, and whole models for `khulosa models verify`.

use std::io::Read as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The name of a file, where it is a hash that its content can be compared with.
pub(crate) fn blob_name(real: &Path) -> Option<String> {
    let name = real.file_name()?.to_str()?;
    (is_hash(name) && real.parent()?.file_name()? == "blobs").then(|| name.to_owned())
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Checks a blob against its name where that is a SHA-256, or the BLAKE3 that imported files are named by; other ETags
/// say nothing that can be checked.
///
/// # Errors
/// What was expected and what was found.
pub fn blob(path: &Path, etag: &str) -> Result<(), String> {
    if !is_hash(etag) {
        return Ok(());
    }
    let (_, found) = sha256(path).map_err(|error| format!("cannot read: {error}"))?;
    if found == etag.to_ascii_lowercase() || blake3_of(path)? == etag.to_ascii_lowercase() {
        Ok(())
    } else {
        Err(format!("expected SHA-256 {etag}, found {found}"))
    }
}

/// Size in bytes and SHA-256, as hexadecimal digits, of a file's content.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> std::io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let bytes = std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
    Ok((bytes, format!("{:x}", hasher.finalize())))
}

fn blake3_of(path: &Path) -> Result<String, String> {
    let mut hasher = blake3::Hasher::new();
    let read = std::fs::File::open(path).and_then(|file| hasher.update_reader(file).map(drop));
    read.map_err(|error| format!("cannot read: {error}"))?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file's name in its model.
    pub file: String,
    /// What was expected and what was found.
    pub message: String,
}

/// Reads every byte of a model's files. Those whose blob is named by its SHA-256 (all weights of a hub) are compared
/// with it; safetensors must at least be whole; the others must be readable.
pub fn model(folder: &Path, names: &[String]) -> Vec<Damage> {
    let check = |name: &String| {
        let path = folder.join(name);
        let real = path.canonicalize().map_err(|error| format!("cannot read: {error}"))?;
        let etag = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        blob(&real, etag)?;
        let mut file = std::fs::File::open(&real).map_err(|error| format!("cannot read: {error}"))?;
        std::io::copy(&mut file, &mut std::io::sink()).map_err(|error| format!("cannot read: {error}"))?;
        if name.ends_with(".safetensors") {
            whole_safetensors(&real)
        } else {
            Ok(())
        }
    };
    let damage = |name: &String| {
        check(name).err().map(|message| Damage {
            file: name.clone(),
            message,
        })
    };
    names.iter().filter_map(damage).collect()
}

/// Compares the length of a safetensors file with what its header says.
fn whole_safetensors(path: &Path) -> Result<(), String> {
    let read = || -> std::io::Result<(u64, u64, Vec<u8>)> {
        let mut file = std::fs::File::open(path)?;
        let size = file.metadata()?.len();
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut header = Vec::new();
        file.take(length.min(size)).read_to_end(&mut header)?;
        Ok((size, length, header))
    };
    let (size, length, header) = read().map_err(|error| format!("cannot read: {error}"))?;
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&header)
        .map_err(|_| "expected a safetensors header, found something else".to_owned())?;
    let end = |tensor: &serde_json::Value| tensor.get("data_offsets")?.get(1)?.as_u64();
    let expected = 8 + length + header.values().filter_map(end).max().unwrap_or(0);
    if size == expected {
        Ok(())
    } else {
        Err(format!("expected {expected} bytes, as its header says, found {size}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_found_wherever_it_can_be() {
        let place = tempfile::tempdir().unwrap();
        let header = br#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#;
        let mut whole = (header.len() as u64).to_le_bytes().to_vec();
        whole.extend(header);
        whole.extend(b"ab");
        std::fs::write(place.path().join("whole.safetensors"), &whole).unwrap();
        std::fs::write(place.path().join("cut.safetensors"), &whole[..whole.len() - 1]).unwrap();
        // The SHA-256 of nothing.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        std::fs::write(place.path().join(empty), "").unwrap();
        std::fs::write(place.path().join(empty.replace('e', "f")), "").unwrap();
        let names = [
            "whole.safetensors",
            "cut.safetensors",
            empty,
            &empty.replace('e', "f"),
            "missing",
        ]
        .map(str::to_owned);
        let damage = model(place.path(), &names);
        assert_eq!(
            damage.iter().map(|damage| damage.file.as_str()).collect::<Vec<_>>(),
            [&names[1], &names[3], &names[4]]
        );
        assert!(
            damage[0].message.contains("as its header says"),
            "{}",
            damage[0].message
        );
    }
}
