//! One run at a time in a run folder: an advisory lock that the system frees when its owner dies.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt;

/// Name of the lock file.
pub const FILE_NAME: &str = "khulosa.lock";

/// Why the run folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds the folder.
    #[error("{path}: another run is using this folder ({owner}); wait for it to end, or choose another --out folder")]
    Held {
        /// The run folder.
        path: PathBuf,
        /// Process and start time, as its owner wrote them.
        owner: String,
    },
    /// The lock file cannot be used.
    #[error("{path}: cannot write: {source}; the run folder must be writable")]
    File {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Holds a run folder until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Locks the folder for this process. A lock file left by a dead process does not count.
    ///
    /// # Errors
    /// When another process holds the folder, or the lock file cannot be written.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE_NAME);
        let take = || -> std::io::Result<Result<File, String>> {
            let mut file = File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            if !file.try_lock_exclusive()? {
                let mut owner = String::new();
                file.read_to_string(&mut owner)?;
                return Ok(Err(owner.trim().to_owned()));
            }
            file.set_len(0)?;
            file.rewind()?;
            writeln!(
                file,
                "process {} since {}",
                std::process::id(),
                jiff::Timestamp::now()
                    .round(jiff::Unit::Second)
                    .map_or_else(|_| String::new(), |time| time.to_string())
            )?;
            Ok(Ok(file))
        };
        match take() {
            Ok(Ok(file)) => Ok(Self { _file: file }),
            Ok(Err(owner)) => Err(LockError::Held {
                path: folder.to_owned(),
                owner,
            }),
            Err(source) => Err(LockError::File { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_in_the_same_folder_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let held = Lock::take(folder.path()).unwrap();
        let refused = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("process {}", std::process::id())),
            "{refused}"
        );
        drop(held);
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_lock_file_left_by_a_dead_process_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "process 1 since 2024-01-01T00:00:00Z\n").unwrap();
        Lock::take(folder.path()).unwrap();
    }
}
