//! Fetches models from a hub of Hugging Face's kind into the cache that Python's huggingface_hub shares.
//!
//! `ureq` and not `hf-hub`: redirects are followed here, one by one, so that the token goes to the hub alone; downloads
//! go on where a cut connection left them; and what a hub says of a file is checked against what came.

mod client;
mod download;
mod options;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

pub use client::Token;
pub use options::Options;

pub use super::watch::{Silent, Watch};

use super::cache::{Repository, Snapshot};
use super::files::{self, OTHERS, WEIGHTS};
use super::names::is_commit;
use super::resolve::Fetch;
use super::{ModelError, cache};
use client::Client;

/// A hub, and the cache that its files go to.
pub struct Hub<'a> {
    client: Client,
    options: Options,
    watch: &'a dyn Watch,
}

/// What the hub says of a revision.
#[derive(Deserialize)]
struct Revision {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
}

impl<'a> Hub<'a> {
    /// Prepares to fetch; nothing is sent yet.
    pub fn new(options: Options, watch: &'a dyn Watch) -> Self {
        Self {
            client: Client::new(&options),
            options,
            watch,
        }
    }

    fn revision(&self, repository: &str, revision: &str) -> Result<Revision, ModelError> {
        let address = format!(
            "{}/api/models/{repository}/revision/{revision}?blobs=true",
            self.options.endpoint
        );
        let what = format!("{repository}@{revision}");
        let found: Revision = self.client.json(&address, &what, self.watch)?;
        if is_commit(&found.sha) {
            return Ok(found);
        }
        Err(ModelError::Hub {
            what,
            message: format!("expected the hub to name a commit, found `{}`", found.sha),
        })
    }

    /// Fetches files side by side.
    fn files(&self, place: &Repository, commit: &str, files: &[String]) -> Result<(), ModelError> {
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let work = || {
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = download::file(&self.client, &self.options, place, commit, file, self.watch) {
                    // The first error is told; the others end with it.
                    next.store(files.len(), Ordering::Relaxed);
                    failed
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .get_or_insert(error);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.options.parallel.clamp(1, files.len().max(1)) {
                scope.spawn(work);
            }
        });
        match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Fetch for Hub<'_> {
    fn pull(&self, repository: &str, revision: &str, wanted: &[String]) -> Result<Snapshot, ModelError> {
        let place = Repository::new(&self.options.cache, repository)?;
        let reference = place.reference(revision)?;
        let found = self.revision(repository, revision)?;
        let snapshot = Snapshot {
            folder: place.snapshot(&found.sha),
            commit: found.sha.clone(),
        };
        let mut files = choose(repository, revision, &found, wanted)?;
        check_space(&place, &snapshot, &found, &files)?;
        if let Some(index) = files.iter().find(|file| file.ends_with(".index.json")).cloned() {
            self.files(&place, &found.sha, std::slice::from_ref(&index))?;
            files.extend(files::shards(&snapshot.file(&index)?)?);
            check_space(&place, &snapshot, &found, &files)?;
        }
        self.files(&place, &found.sha, &files)?;
        if !is_commit(revision) {
            cache::write(&reference, found.sha.as_bytes())?;
        }
        Ok(snapshot)
    }
}

/// The files to fetch of those that a repository has: the ones wanted, or all that make up a model. Weights in a better
/// format than the one wanted are taken instead.
fn choose(repository: &str, revision: &str, found: &Revision, wanted: &[String]) -> Result<Vec<String>, ModelError> {
    let has = |file: &str| found.siblings.iter().any(|sibling| sibling.rfilename == file);
    let best = WEIGHTS.into_iter().find(|file| has(file));
    let is_weights = |file: &str| WEIGHTS.contains(&file);
    let named: Vec<&str> = if wanted.is_empty() {
        OTHERS.into_iter().chain(["special_tokens_map.json"]).collect()
    } else {
        wanted
            .iter()
            .map(String::as_str)
            .filter(|file| !is_weights(file))
            .collect()
    };
    let (Some(best), true) = (best, has("config.json")) else {
        let what = format!("{repository}@{revision}");
        let message = format!("no model here: expected config.json and one of {}", WEIGHTS.join(", "));
        return Err(ModelError::Hub { what, message });
    };
    // What a card lists besides weights and config.json may have come and gone with revisions; the tokenizer says what
    // it misses.
    Ok(named
        .into_iter()
        .filter(|file| has(file))
        .chain([best])
        .map(str::to_owned)
        .collect())
}

/// Refuses to begin what the disk cannot hold.
fn check_space(place: &Repository, snapshot: &Snapshot, found: &Revision, files: &[String]) -> Result<(), ModelError> {
    let missing = found
        .siblings
        .iter()
        .filter(|sibling| files.contains(&sibling.rfilename) && !snapshot.folder.join(&sibling.rfilename).exists());
    let needed: u64 = missing.filter_map(|sibling| sibling.size).sum();
    let existing = place
        .folder()
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."));
    let Ok(free) = fs4::available_space(existing) else {
        return Ok(());
    };
    if needed <= free {
        return Ok(());
    }
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    Err(ModelError::Hub {
        what: place.name().to_owned(),
        message: format!(
            "{} MB to fetch, but {} has {} MB free; set HF_HUB_CACHE to a folder on a larger disk",
            megabytes(needed),
            existing.display(),
            free / 1_000_000
        ),
    })
}
