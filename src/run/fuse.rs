//! For tests alone: lets a run die at a chosen write. From then on nothing of it reaches the disk, as after `kill -9`.

use std::collections::HashMap;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

/// Writes left, by run folder.
static FUSES: LazyLock<Mutex<HashMap<PathBuf, usize>>> = LazyLock::new(Mutex::default);

/// Lets the next run in a folder die after so many writes; `None` lets it live.
pub(super) fn set(folder: &Path, writes: Option<usize>) {
    let mut fuses = FUSES.lock().unwrap();
    match writes {
        Some(writes) => fuses.insert(folder.to_owned(), writes),
        None => fuses.remove(folder),
    };
}

/// Counts a write to a file in the run folder or in a folder of it.
pub(super) fn burn(file: &Path) -> Result<()> {
    let mut fuses = FUSES.lock().unwrap();
    for folder in file.ancestors() {
        match fuses.get_mut(folder) {
            Some(0) => return Err(Error::other("the run is dead")),
            Some(left) => {
                *left -= 1;
                return Ok(());
            }
            None => {}
        }
    }
    Ok(())
}
