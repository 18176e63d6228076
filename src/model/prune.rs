//! Keeps the program's own cache of converted weights small: what is old or too much goes, what is in use stays.
//!
//! Whoever uses a file of the cache holds a shared lock on it; a file that can be locked exclusively is not in use.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fs4::fs_std::FileExt;

use super::ModelError;

/// What may stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Files not used for longer go.
    pub age: Option<Duration>,
    /// The least recently used files go until no more than so many bytes are left.
    pub size: Option<u64>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// It would have gone, but somebody uses it.
    pub in_use: bool,
}

/// Prunes the converted weights in a cache folder. With `dry`, nothing is removed, only told.
///
/// # Errors
/// When the folder cannot be read, or a file not removed.
pub fn prune(cache: &Path, limits: Limits, dry: bool) -> Result<Vec<Pruned>, ModelError> {
    let mut files = weights(cache)?;
    // The most recently used first.
    files.sort_by(|one, other| other.2.cmp(&one.2).then_with(|| one.0.cmp(&other.0)));
    let now = SystemTime::now();
    let (mut kept, mut pruned) = (0_u64, Vec::new());
    for (path, size, used) in files {
        let old = limits
            .age
            .is_some_and(|age| now.duration_since(used).is_ok_and(|since| since > age));
        let much = limits.size.is_some_and(|limit| kept + size > limit);
        if !old && !much {
            kept += size;
            continue;
        }
        let in_use = is_in_use(&path);
        if in_use {
            kept += size;
        } else if !dry {
            std::fs::remove_file(&path).map_err(|source| ModelError::Unwritable {
                path: path.clone(),
                source,
            })?;
        }
        pruned.push(Pruned { path, size, in_use });
    }
    Ok(pruned)
}

/// Converted weights: path, bytes, time of last use (of last change where the file system does not tell).
fn weights(cache: &Path) -> Result<Vec<(PathBuf, u64, SystemTime)>, ModelError> {
    let mut found = Vec::new();
    for folder in entries(cache)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&folder)?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "weights"))
        {
            let metadata = path.metadata().map_err(|source| ModelError::Unreadable {
                path: path.clone(),
                source,
            })?;
            let times = [metadata.accessed(), metadata.modified()];
            let used = times.into_iter().flatten().max().unwrap_or(SystemTime::UNIX_EPOCH);
            found.push((path, metadata.len(), used));
        }
    }
    Ok(found)
}

/// What a folder holds; nothing when it is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ModelError> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.path()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(ModelError::Unreadable {
            path: folder.to_owned(),
            source,
        }),
    }
}

/// Whether a process holds a lock on a file.
pub fn is_in_use(path: &Path) -> bool {
    let free = std::fs::File::open(path).and_then(|file| FileExt::try_lock_exclusive(&file));
    !free.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn cache(files: &[(&str, usize, u64)]) -> tempfile::TempDir {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("engine-v1");
        std::fs::create_dir(&folder).unwrap();
        for (name, size, days) in files {
            let path = folder.join(name);
            std::fs::write(&path, vec![0; *size]).unwrap();
            let then = SystemTime::now() - Duration::from_secs(DAY * days);
            let times = std::fs::FileTimes::new().set_accessed(then).set_modified(then);
            std::fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_times(times)
                .unwrap();
        }
        cache
    }

    fn names(pruned: &[Pruned]) -> Vec<String> {
        pruned
            .iter()
            .map(|one| one.path.file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn what_was_not_used_for_long_goes_and_nothing_else() {
        let cache = cache(&[("new.weights", 5, 1), ("old.weights", 5, 40), ("old.json", 5, 40)]);
        let limits = Limits {
            age: Some(Duration::from_secs(30 * DAY)),
            size: None,
        };
        assert_eq!(names(&prune(cache.path(), limits, true).unwrap()), ["old.weights"]);
        assert!(cache.path().join("engine-v1/old.weights").exists(), "told only");
        prune(cache.path(), limits, false).unwrap();
        assert!(!cache.path().join("engine-v1/old.weights").exists());
        assert!(cache.path().join("engine-v1/old.json").exists());
    }

    #[test]
    fn the_least_recently_used_go_until_the_rest_fits() {
        let cache = cache(&[("a.weights", 40, 3), ("b.weights", 40, 2), ("c.weights", 40, 1)]);
        let pruned = prune(
            cache.path(),
            Limits {
                age: None,
                size: Some(90),
            },
            false,
        )
        .unwrap();
        assert_eq!(names(&pruned), ["a.weights"]);
    }

    #[test]
    fn what_is_in_use_stays() {
        let cache = cache(&[("a.weights", 40, 90)]);
        let file = std::fs::File::open(cache.path().join("engine-v1/a.weights")).unwrap();
        FileExt::lock_shared(&file).unwrap();
        let pruned = prune(
            cache.path(),
            Limits {
                age: None,
                size: Some(0),
            },
            false,
        )
        .unwrap();
        assert!(pruned[0].in_use && pruned[0].path.exists());
    }

    #[test]
    fn a_cache_that_is_not_there_has_nothing_to_prune() {
        assert_eq!(
            prune(Path::new("/nonexistent/cache"), Limits::default(), false).unwrap(),
            []
        );
    }
}
