//! One run at a time in a run folder: an advisory lock that the system frees when its owner dies.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs4::fs_std::FileExt;

use super::shutdown::Shutdown;

/// Name of the lock file.
pub const FILE_NAME: &str = "khulosa.lock";

/// Why the run folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds the folder.
    #[error(
        "{path}: another run is using this folder ({owner}); wait for it to end (--wait does), or choose another --out folder"
    )]
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

/// How often a waiting run looks whether the folder is free.
const PAUSE: Duration = Duration::from_millis(200);

/// Holds a run folder until dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// Who held the folder before and was killed, by its own words.
    pub stale: Option<String>,
}

impl Lock {
    /// Locks the folder for this process. A lock file left by a dead process does not count.
    ///
    /// # Errors
    /// When another process holds the folder, or the lock file cannot be written.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE_NAME);
        match attempt(&path) {
            Ok(Ok(lock)) => {
                if let Some(owner) = &lock.stale {
                    tracing::warn!("the run before ({owner}) was killed; going on from what it finished");
                }
                Ok(lock)
            }
            Ok(Err(owner)) => Err(LockError::Held {
                path: folder.to_owned(),
                owner,
            }),
            Err(source) => Err(LockError::File { path, source }),
        }
    }

    /// As [`Lock::take`], but waits until the folder is free; `None` when asked to stop meanwhile.
    ///
    /// # Errors
    /// When the lock file cannot be written.
    pub fn wait(folder: &Path, shutdown: &Shutdown) -> Result<Option<Self>, LockError> {
        let mut told = false;
        loop {
            match Self::take(folder) {
                Ok(lock) => return Ok(Some(lock)),
                Err(LockError::Held { owner, .. }) => {
                    if !std::mem::replace(&mut told, true) {
                        let folder = folder.display();
                        let _ = writeln!(
                            std::io::stderr(),
                            "khulosa: {folder}: waiting for another run ({owner})"
                        );
                    }
                }
                Err(error) => return Err(error),
            }
            if shutdown.requested() {
                return Ok(None);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Lock {
    /// An empty lock file says that its last owner ended by itself. The system unlocks it in any case.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// The lock, or the words of its owner.
fn attempt(path: &Path) -> std::io::Result<Result<Lock, String>> {
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let free = file.try_lock_exclusive()?;
    let mut owner = String::new();
    file.read_to_string(&mut owner)?;
    let owner = owner.trim().to_owned();
    if !free {
        return Ok(Err(owner));
    }
    file.set_len(0)?;
    file.rewind()?;
    let now = jiff::Timestamp::now().round(jiff::Unit::Second);
    let now = now.map_or_else(|_| String::new(), |time| time.to_string());
    writeln!(file, "process {} since {now}", std::process::id())?;
    let stale = Some(owner).filter(|owner| !owner.is_empty());
    Ok(Ok(Lock { file, stale }))
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
        let lock = Lock::take(folder.path()).unwrap();
        assert_eq!(lock.stale.as_deref(), Some("process 1 since 2024-01-01T00:00:00Z"));
        drop(lock);
        let lock = Lock::take(folder.path()).unwrap();
        assert_eq!(lock.stale, None, "the one before ended by itself");
    }

    #[test]
    fn a_run_that_waits_gets_the_folder_when_the_other_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let held = Lock::take(folder.path()).unwrap();
        let stopped = Shutdown::default();
        stopped.request();
        assert!(Lock::wait(folder.path(), &stopped).unwrap().is_none());
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Lock::wait(folder.path(), &Shutdown::default()).unwrap().is_some());
            std::thread::sleep(PAUSE);
            drop(held);
            waiting.join().unwrap()
        });
        assert!(waiting);
    }
}
