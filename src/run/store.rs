//! What is done stays done: the run folder's SQLite database of articles read and of units finished.
//!
//! A *unit* is one thing that a model made: the summary of an article, or the translation of one sentence. Its key is
//! a hash of everything that it depends on and of nothing else (never a path or a line number), so a unit that is in
//! the store is right, whichever run put it there. Articles and rejections belong to the run at hand; those of
//! files that are as they were need not be read again.

mod articles;
mod cache;
mod error;
mod readings;
mod review;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use crate::article::{Article, Rejection};
use cache::Cache;
pub use error::StoreError;
pub use readings::Reading;

/// Name of the database in the run folder.
pub const FILE_NAME: &str = "khulosa.db";

/// Key of a unit.
pub type UnitKey = [u8; 32];

/// A finished unit on its way into the store.
#[derive(Clone, Debug)]
pub struct Unit {
    key: UnitKey,
    /// JSON.
    value: String,
    /// Whether it may go into the cache too.
    shared: bool,
}

impl Unit {
    /// A unit that is of use to other jobs too.
    pub fn shared(key: UnitKey, value: &impl serde::Serialize) -> Self {
        Self {
            key,
            value: json(value),
            shared: true,
        }
    }

    /// A unit of this run folder alone.
    pub fn own(key: UnitKey, value: &impl serde::Serialize) -> Self {
        Self {
            shared: false,
            ..Self::shared(key, value)
        }
    }

    /// Its key.
    pub fn key(&self) -> &UnitKey {
        &self.key
    }
}

/// In which order articles are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Of their ids: the order of records.
    Id,
    /// Newest first, without a date last; then of titles and ids: the order of digests.
    Reading,
}

/// Hashes the parts that a unit depends on; each part's length is hashed too, so that no two lists share a key.
pub fn unit_key(parts: &[&str]) -> UnitKey {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// An article as the store gives it: metadata from its alphabetically first input, and every input that held it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Place in the order of reading.
    pub position: i64,
    /// The article.
    pub article: Article,
    /// Every input with this text, sorted.
    pub inputs: Vec<String>,
}

/// The open database. Shared by all threads of a run: one connection writes, in short transactions, another reads.
pub struct Store {
    path: PathBuf,
    reader: Mutex<Connection>,
    cache: Option<Cache>,
    reviews: AtomicBool,
    /// Closed last: only a connection that may write puts the log back into the database.
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens or creates the database of a run folder; with `fresh` whatever was in it is forgotten, save for reviews.
    ///
    /// # Errors
    /// When it cannot be opened, is not ours, is damaged, or was written by a newer version.
    pub fn open(folder: &Path, fresh: bool) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        if fresh && !schema::empty_around_reviews(&path)? {
            schema::remove(&path)?;
        }
        let connection = schema::open(&path)?;
        let reviews = connection
            .query_row("SELECT EXISTS (SELECT 1 FROM review)", [], |row| row.get::<_, bool>(0))
            .map_err(|source| StoreError::of(&path, source))?;
        Ok(Self {
            connection: Mutex::new(connection),
            reader: Mutex::new(schema::reader(&path)?),
            path,
            cache: None,
            reviews: AtomicBool::new(reviews),
        })
    }

    /// Opens the database of a run folder that there must be.
    ///
    /// # Errors
    /// When there is none, or as [`Store::open`].
    pub fn open_existing(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Err(StoreError::Missing { path });
        }
        Self::open(folder, false)
    }

    /// Looks units up in `cache` too, and puts them there.
    ///
    /// # Errors
    /// As [`Store::open`], about the cache.
    pub fn with_cache(self, cache: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            cache: Some(Cache::open(cache)?),
            ..self
        })
    }

    /// Units that came from the cache.
    pub fn cache_hits(&self) -> usize {
        self.cache.as_ref().map_or(0, Cache::hits)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves at worst an open transaction, which SQLite rolls back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self, source: rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, source)
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, what: &'static str, json: &str) -> Result<T, StoreError> {
        serde_json::from_str(json).map_err(|source| StoreError::Damaged {
            path: self.path.clone(),
            what,
            source,
        })
    }

    /// Adds what was read, each with the number of its [`Reading`], and which readings are at their end, in one
    /// transaction; tells how many texts were new.
    pub fn add_read(
        &self,
        read: &[(Result<Article, Rejection>, Option<i64>)],
        complete: &[i64],
    ) -> Result<usize, StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<usize> {
            let mut new = 0;
            let transaction = connection.transaction()?;
            for (item, reading) in read {
                match item {
                    Ok(article) => {
                        let known: bool = transaction
                            .prepare_cached("SELECT EXISTS (SELECT 1 FROM article WHERE id = ?1)")?
                            .query_row([&article.id], |row| row.get(0))?;
                        new += usize::from(!known);
                        transaction
                            .prepare_cached(
                                "INSERT INTO article (id, input, json, date, title, reading) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                            )?
                            .execute(params![
                                article.id,
                                article.input,
                                json(article),
                                article.date.as_deref().unwrap_or_default(),
                                article.title,
                                reading
                            ])?;
                    }
                    Err(rejection) => {
                        transaction
                            .prepare_cached("INSERT INTO rejection (input, json, reading) VALUES (?1, ?2, ?3)")?
                            .execute(params![rejection.input, json(rejection), reading])?;
                    }
                }
            }
            for number in complete {
                transaction
                    .prepare_cached("UPDATE reading SET complete = 1 WHERE number = ?1")?
                    .execute([number])?;
            }
            #[cfg(test)]
            die(&self.path)?;
            transaction.commit()?;
            Ok(new)
        };
        write().map_err(|source| self.database(source))
    }

    /// Rejects an article that was read but cannot be worked on. Done again for the same article, it changes nothing.
    pub fn reject(&self, id: &str, rejection: &Rejection) -> Result<(), StoreError> {
        self.connection()
            .execute(
                "INSERT INTO rejection (id, input, json) SELECT ?1, ?2, ?3 \
                 WHERE NOT EXISTS (SELECT 1 FROM rejection WHERE id = ?1)",
                params![id, rejection.input, json(rejection)],
            )
            .map(drop)
            .map_err(|source| self.database(source))
    }

    /// Visits every rejection, ordered by input.
    ///
    /// # Errors
    /// When the database cannot be read, and whatever `visit` returns.
    pub fn each_rejection<E: From<StoreError>>(
        &self,
        visit: &mut dyn FnMut(Rejection) -> Result<(), E>,
    ) -> Result<(), E> {
        let connection = schema::reader(&self.path)?;
        let failed = |source| E::from(self.database(source));
        let mut statement = connection
            .prepare("SELECT json FROM rejection ORDER BY input, json")
            .map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let json: String = row.get(0).map_err(failed)?;
            visit(self.parse("rejection", &json)?)?;
        }
        Ok(())
    }

    /// Number of rejections.
    pub fn rejected(&self) -> Result<usize, StoreError> {
        self.connection()
            .query_row("SELECT count(*) FROM rejection", [], |row| row.get::<_, i64>(0))
            .map(|count| count as usize)
            .map_err(|source| self.database(source))
    }

    /// Number of different texts read so far, and of inputs that hold them.
    pub fn counts(&self) -> Result<(usize, usize), StoreError> {
        self.connection()
            .query_row("SELECT count(DISTINCT id), count(*) FROM article", [], |row| {
                Ok((row.get::<_, i64>(0)? as usize, row.get::<_, i64>(1)? as usize))
            })
            .map_err(|source| self.database(source))
    }

    /// A finished unit, from this run folder or from the cache.
    pub fn unit<T: serde::de::DeserializeOwned>(&self, key: &UnitKey) -> Result<Option<T>, StoreError> {
        let own = {
            let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let read = || -> rusqlite::Result<Option<String>> {
                connection
                    .prepare_cached("SELECT value FROM unit WHERE key = ?1")?
                    .query_row([key.as_slice()], |row| row.get(0))
                    .optional()
            };
            read().map_err(|source| self.database(source))?
        };
        if let Some(value) = own {
            return self.parse("unit", &value).map(Some);
        }
        // What cannot be read in the cache is made anew.
        let cached = self.cache.as_ref().and_then(|cache| cache.get(key));
        Ok(cached.and_then(|value| serde_json::from_str(&value).ok()))
    }

    /// Whether this run folder has the unit.
    pub fn has(&self, key: &UnitKey) -> Result<bool, StoreError> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM unit WHERE key = ?1)")?
                .query_row([key.as_slice()], |row| row.get(0))
        };
        read().map_err(|source| self.database(source))
    }

    /// Records finished units, in one transaction: after this returns they survive a power cut.
    pub fn finish(&self, units: &[Unit]) -> Result<(), StoreError> {
        if units.is_empty() {
            return Ok(());
        }
        {
            let mut connection = self.connection();
            let mut write = || -> rusqlite::Result<()> {
                let transaction = connection.transaction()?;
                for unit in units {
                    transaction
                        .prepare_cached("INSERT OR REPLACE INTO unit (key, value) VALUES (?1, ?2)")?
                        .execute(params![unit.key.as_slice(), unit.value])?;
                }
                #[cfg(test)]
                die(&self.path)?;
                transaction.commit()?;
                #[cfg(test)]
                die(&self.path)?;
                Ok(())
            };
            write().map_err(|source| self.database(source))?;
        }
        if let Some(cache) = &self.cache {
            cache.put(&units.iter().filter(|unit| unit.shared).collect::<Vec<_>>());
        }
        Ok(())
    }
}

/// Where a test may let the run die.
#[cfg(test)]
fn die(path: &Path) -> rusqlite::Result<()> {
    super::fuse::burn(path).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Our own plain data: it has no map with keys that are not strings, the one thing JSON cannot say.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
