//! The hub's cache on disk, in the layout that Python's huggingface_hub writes and reads as well: contents in `blobs/`
//! under their ETag, one folder of links a commit in `snapshots/`, and the commit of each branch or tag in `refs/`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::names::{is_commit, is_plain_path, is_repository, is_revision};
use super::{ModelError, locate};

/// Where hub downloads lie: `HF_HUB_CACHE`, or `hub` in `HF_HOME`, or in the user's cache folder under `huggingface`.
pub fn hub_folder() -> PathBuf {
    let home = || locate::environment_folder("HF_HOME").unwrap_or_else(|| locate::user_cache().join("huggingface"));
    locate::environment_folder("HF_HUB_CACHE")
        .or_else(|| locate::environment_folder("HUGGINGFACE_HUB_CACHE"))
        .unwrap_or_else(|| home().join("hub"))
}

/// One repository's files at one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Folder that holds the files under their own names.
    pub folder: PathBuf,
    /// 40 hexadecimal digits.
    pub commit: String,
}

/// One repository in the cache.
#[derive(Clone, Debug)]
pub struct Repository {
    name: String,
    folder: PathBuf,
}

impl Repository {
    /// The place of `organisation/name` in the cache, whether or not anything is there yet.
    ///
    /// # Errors
    /// When the name is not one of a repository, and might lead out of the cache.
    pub fn new(cache: &Path, name: &str) -> Result<Self, ModelError> {
        if !is_repository(name) {
            return Err(ModelError::Reference { spec: name.to_owned() });
        }
        Ok(Self {
            name: name.to_owned(),
            folder: cache.join(format!("models--{}", name.replace('/', "--"))),
        })
    }

    /// `organisation/name`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The repository's folder in the cache.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the content with this ETag lies.
    pub fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// Where the files of a commit lie.
    pub fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Where the commit of a branch or tag is kept.
    ///
    /// # Errors
    /// When the revision might lead out of the cache.
    pub fn reference(&self, revision: &str) -> Result<PathBuf, ModelError> {
        if !is_revision(revision) {
            return Err(ModelError::Reference {
                spec: format!("{}@{revision}", self.name),
            });
        }
        Ok(self.folder.join("refs").join(revision))
    }

    /// Files of a revision that are on disk, if any are.
    ///
    /// # Errors
    /// When the revision might lead out of the cache.
    pub fn find(&self, revision: &str) -> Result<Option<Snapshot>, ModelError> {
        let reference = self.reference(revision)?;
        let commit = if is_commit(revision) {
            Some(revision.to_owned())
        } else {
            std::fs::read_to_string(reference)
                .ok()
                .map(|text| text.trim().to_owned())
        };
        let snapshot = commit.filter(|commit| is_commit(commit));
        let snapshot = snapshot.map(|commit| Snapshot {
            folder: self.snapshot(&commit),
            commit,
        });
        Ok(snapshot.filter(|snapshot| snapshot.folder.is_dir()))
    }
}

impl Snapshot {
    /// Path of one of the files.
    ///
    /// # Errors
    /// When the name might lead out of the folder.
    pub fn file(&self, name: &str) -> Result<PathBuf, ModelError> {
        if !is_plain_path(name) {
            let message = format!("`{name}` leads out of the model's folder");
            return Err(ModelError::Malformed {
                path: self.folder.clone(),
                message,
            });
        }
        Ok(self.folder.join(name))
    }
}

/// Whether the environment forbids the network: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`, as Python programs read them.
pub fn is_offline_by_environment() -> bool {
    ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].iter().any(|name| {
        let value = std::env::var(name).unwrap_or_default().to_ascii_lowercase();
        matches!(value.as_str(), "1" | "true" | "yes" | "on")
    })
}

/// Makes a folder and those above it.
///
/// # Errors
/// When that is not allowed.
pub fn make(folder: &Path) -> Result<(), ModelError> {
    std::fs::create_dir_all(folder).map_err(|source| ModelError::Unwritable {
        path: folder.to_owned(),
        source,
    })
}

/// Writes a small file whole or not at all.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(path: &Path, content: &[u8]) -> Result<(), ModelError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make(folder)?;
    let unwritable = |source| ModelError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let mut file = unfinished(folder).map_err(unwritable)?;
    file.write_all(content).map_err(unwritable)?;
    file.persist(path).map_err(|error| unwritable(error.error))?;
    Ok(())
}

/// A file to be renamed when it is finished. Others may read it as far as the process's umask says: caches are shared.
pub(super) fn unfinished(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Puts a blob in a snapshot under the file's own name: as a relative link, or as a copy where links cannot be made.
///
/// # Errors
/// When the folder cannot be written to.
pub fn link(blob: &Path, at: &Path) -> Result<(), ModelError> {
    let folder = at.parent().unwrap_or(Path::new("."));
    make(folder)?;
    let unwritable = |source| ModelError::Unwritable {
        path: at.to_owned(),
        source,
    };
    // Made under another name and renamed, so that whoever reads the file meanwhile always finds it.
    let made = tempfile::Builder::new().prefix(".link-").make_in(folder, |path| {
        #[cfg(unix)]
        if std::os::unix::fs::symlink(relative(folder, blob), path).is_ok() {
            return Ok(());
        }
        std::fs::copy(blob, path).map(|_| ())
    });
    let path = made.map_err(unwritable)?.into_temp_path();
    path.persist(at).map_err(|error| unwritable(error.error))
}

/// A path from one folder to a file that shares its beginning.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from
        .components()
        .zip(to.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = std::iter::repeat_n("..", from.components().count() - shared);
    up.map(PathBuf::from)
        .chain(to.components().skip(shared).map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}
