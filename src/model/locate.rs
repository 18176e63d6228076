//! Where things lie on this machine: the built-in models, a user's own cards, the caches.

use std::path::{Path, PathBuf};

use super::ModelError;

/// Name of the folder that tells the data folder from any other `models`.
const BUILT_IN_MODEL: &str = "pocket";

/// The folder that holds the built-in models, one folder each: `KHULOSA_DATA`, `models` beside the program,
/// `../share/khulosa/models` from there, or `models` of the source tree that the program was built in; the first that
/// holds one.
///
/// # Errors
/// When there is none.
pub fn data_folder() -> Result<PathBuf, ModelError> {
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent);
    let candidates = [
        environment_folder("KHULOSA_DATA"),
        beside.map(|folder| folder.join("models")),
        beside.map(|folder| folder.join("../share/khulosa/models")),
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("models")),
    ];
    let candidates: Vec<PathBuf> = candidates.into_iter().flatten().collect();
    if let Some(found) = candidates.iter().find(|folder| folder.join(BUILT_IN_MODEL).is_dir()) {
        return Ok(found.clone());
    }
    let tried = candidates
        .iter()
        .map(|folder| folder.display().to_string())
        .collect::<Vec<_>>()
        .join(", ");
    Err(ModelError::NoData { tried })
}

/// Folders with a user's own cards: the one given with `--models`, and `khulosa/models` in the configuration folder
/// where it exists.
pub fn card_folders(given: Option<&Path>) -> Vec<PathBuf> {
    let own = environment_folder("XDG_CONFIG_HOME").or_else(|| home().map(|home| home.join(".config")));
    let own = own
        .map(|folder| folder.join("khulosa/models"))
        .filter(|folder| folder.is_dir());
    given.map(Path::to_owned).into_iter().chain(own).collect()
}

/// The program's own cache: `KHULOSA_CONVERTED`, or `khulosa` in the user's cache folder.
pub fn cache_folder() -> PathBuf {
    environment_folder("KHULOSA_CONVERTED").unwrap_or_else(|| user_cache().join("khulosa"))
}

/// The user's cache folder: `XDG_CACHE_HOME`, or `~/.cache`.
pub fn user_cache() -> PathBuf {
    let home = || home().map(|home| home.join(".cache"));
    environment_folder("XDG_CACHE_HOME")
        .or_else(home)
        .unwrap_or_else(|| std::env::temp_dir().join("cache"))
}

fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
}

/// A folder named by an environment variable, `~` expanded; an empty one counts as not set.
pub(super) fn environment_folder(variable: &str) -> Option<PathBuf> {
    let value = PathBuf::from(std::env::var_os(variable).filter(|value| !value.is_empty())?);
    Some(match value.strip_prefix("~") {
        Ok(rest) => home()?.join(rest),
        Err(_) => value,
    })
}
