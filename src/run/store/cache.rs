//! Units shared between jobs and nights: a database of its own, which any number of runs may use at the same time.
//!
//! It only ever saves work. A cache that cannot be opened is refused at the start; one that fails in the middle of a
//! night is left alone from then on, and the night goes on without it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Unit, UnitKey, schema};

/// An open cache.
pub(super) struct Cache {
    path: PathBuf,
    connection: Mutex<Connection>,
    failed: AtomicBool,
    hits: AtomicUsize,
}

impl Cache {
    /// Opens or creates the cache file.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            connection: Mutex::new(schema::open(path)?),
            path: path.to_owned(),
            failed: AtomicBool::new(false),
            hits: AtomicUsize::new(0),
        })
    }

    /// The JSON of a finished unit.
    pub(super) fn get(&self, key: &UnitKey) -> Option<String> {
        let found = self.attempt(|connection| {
            connection
                .prepare_cached("SELECT value FROM unit WHERE key = ?1")?
                .query_row([key.as_slice()], |row| row.get(0))
                .optional()
        })?;
        if found.is_some() {
            self.hits.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// Keeps units for later runs, in one transaction.
    pub(super) fn put(&self, units: &[&Unit]) {
        self.attempt(|connection| {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for unit in units {
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO unit (key, value) VALUES (?1, ?2)")?
                    .execute(params![unit.key.as_slice(), unit.value])?;
            }
            transaction.commit()
        });
    }

    /// Units found so far.
    pub(super) fn hits(&self) -> usize {
        self.hits.load(Ordering::Relaxed)
    }

    fn attempt<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Option<T> {
        if self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        match work(&mut connection) {
            Ok(value) => Some(value),
            Err(error) => {
                self.failed.store(true, Ordering::Relaxed);
                tracing::error!(cache = %self.path.display(), "the cache failed and is not used any more: {error}");
                None
            }
        }
    }
}
