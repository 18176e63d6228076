//! One model in one tar, for machines without internet: what `khulosa models export` writes and `import` reads.
//!
//! The first entry, `khulosa-model.json`, says what the others are and what their BLAKE3 must be. Nothing is put in its
//! place before all of it has been checked.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::cache::{self, Repository};
use super::card::Place;
use super::names::{is_commit, is_plain_path, is_revision};
use super::{ModelError, Resolved, files};

const MANIFEST: &str = "khulosa-model.json";
const SCHEMA: &str = "khulosa.model/1";
/// Largest manifest that is believed.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// What a tar holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name and version of this layout.
    pub schema: String,
    /// What the model is called.
    pub name: String,
    /// `organisation/name`, where it came from a hub.
    pub repository: Option<String>,
    /// The revision that the commit was asked for by.
    pub revision: Option<String>,
    /// The commit, where it came from a hub.
    pub commit: Option<String>,
    /// The files, in the order of the tar.
    pub files: Vec<Member>,
}

/// One file of a tar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Name in the model's folder.
    pub name: String,
    /// Name of its blob in the hub cache, where it has one.
    pub blob: Option<String>,
    /// Bytes.
    pub size: u64,
    /// 64 hexadecimal digits.
    pub blake3: String,
}

/// Writes a model to a tar.
///
/// # Errors
/// When a file cannot be read or the tar not written.
pub fn export(model: &Resolved, to: &Path) -> Result<Manifest, ModelError> {
    let unwritable = |source| ModelError::Unwritable {
        path: to.to_owned(),
        source,
    };
    let mut members = Vec::new();
    for name in exported(model)? {
        members.push(member(&model.folder, &name)?);
    }
    let (repository, revision) = origin(model);
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        name: model.name.trim_start_matches("hf:").to_owned(),
        repository,
        revision,
        commit: model.commit.clone(),
        files: members,
    };
    let folder = to
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let file = cache::unfinished(folder).map_err(unwritable)?;
    let mut tar = tar::Builder::new(BufWriter::new(file));
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| unwritable(error.into()))?;
    append(&mut tar, MANIFEST, text.len() as u64, text.as_slice()).map_err(unwritable)?;
    for member in &manifest.files {
        let path = model.folder.join(&member.name);
        let content = File::open(&path).map_err(|source| ModelError::Unreadable { path, source })?;
        append(&mut tar, &member.name, member.size, BufReader::new(content)).map_err(unwritable)?;
    }
    let written = tar
        .into_inner()
        .and_then(|file| file.into_inner().map_err(std::io::IntoInnerError::into_error));
    let file = written.map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    file.persist(to).map_err(|error| unwritable(error.error))?;
    Ok(manifest)
}

/// Reads a tar: into the hub cache where the model came from a hub, else into a folder of its name in `folder`. Returns
/// the manifest and where the model is.
///
/// # Errors
/// When the tar is damaged or no model, or something cannot be written. Nothing of it is in place then.
pub fn import(from: &Path, hub: &Path, folder: &Path) -> Result<(Manifest, PathBuf), ModelError> {
    let unreadable = |source| ModelError::Unreadable {
        path: from.to_owned(),
        source,
    };
    let wrong = |message: String| ModelError::Malformed {
        path: from.to_owned(),
        message,
    };
    let mut tar = tar::Archive::new(BufReader::new(File::open(from).map_err(unreadable)?));
    let mut entries = tar.entries().map_err(unreadable)?;
    let no_model = || wrong(format!("expected a model's tar with {MANIFEST} at its beginning"));
    let first = entries.next().ok_or_else(no_model)?.map_err(|_| no_model())?;
    if first.path_bytes().as_ref() != MANIFEST.as_bytes() {
        return Err(no_model());
    }
    let mut text = String::new();
    first
        .take(LARGEST_MANIFEST)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| wrong(format!("{MANIFEST}: {error}")))?;
    manifest.check().map_err(wrong)?;
    let home = if manifest.repository.is_some() { hub } else { folder };
    cache::make(home)?;
    let unwritable = |source| ModelError::Unwritable {
        path: home.to_owned(),
        source,
    };
    let waiting = tempfile::Builder::new()
        .prefix(".import-")
        .tempdir_in(home)
        .map_err(unwritable)?;
    for member in &manifest.files {
        let cut = || {
            wrong(format!(
                "`{}`: expected this file next, found the tar's end or another",
                member.name
            ))
        };
        let entry = entries.next().ok_or_else(cut)?.map_err(unreadable)?;
        if entry.path_bytes().as_ref() != member.name.as_bytes() {
            return Err(cut());
        }
        unpack(entry, member, &waiting.path().join(&member.name)).map_err(|error| match error {
            Unpacking::Damaged(message) => wrong(message),
            Unpacking::Failed(source) => unwritable(source),
        })?;
    }
    let placed = manifest.place(waiting.path(), hub, folder)?;
    Ok((manifest, placed))
}

enum Unpacking {
    Damaged(String),
    Failed(std::io::Error),
}

fn unpack(mut entry: impl Read, member: &Member, to: &Path) -> Result<(), Unpacking> {
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).map_err(Unpacking::Failed)?;
    }
    let mut file = BufWriter::new(File::create(to).map_err(Unpacking::Failed)?);
    let (mut hasher, mut size, mut buffer) = (blake3::Hasher::new(), 0, vec![0; 1 << 16]);
    loop {
        let count = entry
            .read(&mut buffer)
            .map_err(|error| Unpacking::Damaged(format!("`{}`: {error}", member.name)))?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        size += count as u64;
        if size > member.size {
            let (name, expected) = (&member.name, member.size);
            let message = format!("`{name}` is damaged: expected {expected} bytes, found more");
            return Err(Unpacking::Damaged(message));
        }
        file.write_all(&buffer[..count]).map_err(Unpacking::Failed)?;
    }
    file.into_inner()
        .map_err(|error| Unpacking::Failed(error.into_error()))?
        .sync_all()
        .map_err(Unpacking::Failed)?;
    let found = hasher.finalize().to_hex().to_string();
    if size == member.size && found == member.blake3 {
        return Ok(());
    }
    let (name, expected) = (&member.name, &member.blake3);
    Err(Unpacking::Damaged(format!(
        "`{name}` is damaged: expected BLAKE3 {expected}, found {found}"
    )))
}

impl Manifest {
    /// Nothing in a manifest may lead out of the place that the model is put in.
    fn check(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("expected schema {SCHEMA}, found `{}`", self.schema));
        }
        let file_name = |name: &str| is_plain_path(name) && !name.contains(['/', '\\']);
        if self.repository.is_none() && !file_name(&self.name) {
            return Err(format!("expected a plain name, found `{}`", self.name));
        }
        let bad =
            |member: &&Member| !is_plain_path(&member.name) || member.blob.as_deref().is_some_and(|b| !file_name(b));
        if let Some(member) = self.files.iter().find(bad) {
            return Err(format!("`{}` leads out of the model's folder", member.name));
        }
        match (&self.repository, &self.revision, &self.commit) {
            (None, ..) => Ok(()),
            (Some(_), Some(revision), Some(commit)) if is_revision(revision) && is_commit(commit) => Ok(()),
            _ => Err("expected a revision and a commit beside the repository".to_owned()),
        }
    }

    /// Moves checked files to where they belong.
    fn place(&self, waiting: &Path, hub: &Path, folder: &Path) -> Result<PathBuf, ModelError> {
        let moved = |from: &Path, to: &Path| {
            cache::make(to.parent().unwrap_or(Path::new(".")))?;
            std::fs::rename(from, to).map_err(|source| ModelError::Unwritable {
                path: to.to_owned(),
                source,
            })
        };
        let (Some(repository), Some(revision), Some(commit)) = (&self.repository, &self.revision, &self.commit) else {
            let target = folder.join(&self.name);
            for member in &self.files {
                moved(&waiting.join(&member.name), &target.join(&member.name))?;
            }
            return Ok(target);
        };
        let place = Repository::new(hub, repository)?;
        let snapshot = place.snapshot(commit);
        for member in &self.files {
            let blob = place.blob(member.blob.as_deref().unwrap_or(&member.blake3));
            moved(&waiting.join(&member.name), &blob)?;
            cache::link(&blob, &snapshot.join(&member.name))?;
        }
        if !is_commit(revision) {
            cache::write(&place.reference(revision)?, commit.as_bytes())?;
        }
        Ok(snapshot)
    }
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, size: u64, content: impl Read) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, content)
}

/// The files that decide what the model says, and those that a tokenizer may need besides.
fn exported(model: &Resolved) -> Result<Vec<String>, ModelError> {
    let mut names = files::find(&model.name, &model.folder, "")?.names;
    for name in ["special_tokens_map.json", "target_vocab.json"] {
        if model.folder.join(name).is_file() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn member(folder: &Path, name: &str) -> Result<Member, ModelError> {
    let path = folder.join(name);
    let unreadable = |source| ModelError::Unreadable {
        path: path.clone(),
        source,
    };
    let real = path.canonicalize().map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    hasher
        .update_reader(File::open(&real).map_err(unreadable)?)
        .map_err(unreadable)?;
    let is_blob = real
        .parent()
        .and_then(Path::file_name)
        .is_some_and(|folder| folder == "blobs");
    Ok(Member {
        name: name.to_owned(),
        blob: real
            .file_name()
            .filter(|_| is_blob)
            .map(|name| name.to_string_lossy().into_owned()),
        size: real.metadata().map_err(unreadable)?.len(),
        blake3: hasher.finalize().to_hex().to_string(),
    })
}

/// Repository and revision of a model of the hub.
fn origin(model: &Resolved) -> (Option<String>, Option<String>) {
    let Some(commit) = &model.commit else {
        return (None, None);
    };
    match (
        model.card.as_ref().map(|card| &card.place),
        model.name.strip_prefix("hf:"),
    ) {
        (Some(Place::Hub { repository, revision }), _) => (Some(repository.clone()), Some(revision.clone())),
        (_, Some(repository)) => (Some(repository.to_owned()), Some(commit.clone())),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests;
