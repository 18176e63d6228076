//! What is done stays done: the run folder's SQLite database of articles read and of units finished.
//!
//! A *unit* is one thing that a model made: the summary of an article, or the translation of one sentence. Its key is
//! a hash of everything that it depends on and of nothing else (never a path or a line number), so a unit that is in
//! the store is right, whichever run put it there. Articles and rejections belong to the run at hand and are read anew
//! each time.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use crate::article::{Article, Rejection};

/// Name of the database in the run folder.
pub const FILE_NAME: &str = "khulosa.db";
/// Version of the tables below, kept in SQLite's `user_version`.
const SCHEMA_VERSION: i64 = 1;
/// `KHUL`, kept in SQLite's `application_id`: tells our databases from others.
const APPLICATION_ID: i64 = 0x4B48_554C;

const SCHEMA: &str = "
CREATE TABLE article (position INTEGER PRIMARY KEY, id TEXT NOT NULL, input TEXT NOT NULL, json TEXT NOT NULL);
CREATE INDEX article_id ON article (id, input);
CREATE TABLE rejection (position INTEGER PRIMARY KEY, id TEXT, input TEXT NOT NULL, json TEXT NOT NULL);
CREATE TABLE unit (key BLOB PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused; the message says why.
    #[error("{path}: {source}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is a database of something else.
    #[error("{path}: expected a Khulosa run database, found one of another program; choose another --out folder")]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// The database was written by a newer version.
    #[error(
        "{path}: expected schema version {SCHEMA_VERSION} or older, found {found}: it was written by a newer khulosa; \
         use that version, or start over in another --out folder"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A stored value cannot be read back.
    #[error("{path}: the stored {what} cannot be read: {source}; start over with --fresh")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What was to be read.
        what: &'static str,
        /// What the parser said.
        source: serde_json::Error,
    },
}

/// Key of a unit.
pub type UnitKey = [u8; 32];

/// Hashes the parts that a unit depends on; each part's length is hashed too, so that no two lists share a key.
pub fn unit_key(parts: &[&str]) -> UnitKey {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Position of an article, and input and JSON of every copy.
type Copies = (i64, Vec<(String, String)>);

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

/// The open database. Shared by the reading thread and the pipeline; writes are short transactions.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens or creates the database of a run folder.
    ///
    /// # Errors
    /// When it cannot be opened, is not ours, or was written by a newer version.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        let database = |source| StoreError::Database {
            path: path.clone(),
            source,
        };
        let connection = Connection::open(&path).map_err(database)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; \
                 PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY;",
            )
            .map_err(database)?;
        let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        let application = pragma("application_id").map_err(database)?;
        let version = pragma("user_version").map_err(database)?;
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .map_err(database)?;
        if tables == 0 {
            connection
                .execute_batch(&format!(
                    "BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; \
                     PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                ))
                .map_err(database)?;
        } else if application != APPLICATION_ID {
            return Err(StoreError::Foreign { path });
        } else if version > SCHEMA_VERSION {
            return Err(StoreError::Newer { path, found: version });
        }
        review::prepare(&connection).map_err(database)?;
        Ok(Self {
            path,
            connection: Mutex::new(connection),
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves at worst an open transaction, which SQLite rolls back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Database {
            path: self.path.clone(),
            source,
        }
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, what: &'static str, json: &str) -> Result<T, StoreError> {
        serde_json::from_str(json).map_err(|source| StoreError::Damaged {
            path: self.path.clone(),
            what,
            source,
        })
    }

    /// Forgets articles and rejections of the run before; with `fresh` the finished units too.
    pub fn begin(&self, fresh: bool) -> Result<(), StoreError> {
        let units = if fresh { "DELETE FROM unit;" } else { "" };
        self.connection()
            .execute_batch(&format!(
                "BEGIN; DELETE FROM article; DELETE FROM rejection; {units} COMMIT;"
            ))
            .map_err(|source| self.database(source))
    }

    /// Adds what was read, in one transaction; tells how many texts were new.
    pub fn add_read(&self, read: &[Result<Article, Rejection>]) -> Result<usize, StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<usize> {
            let mut new = 0;
            let transaction = connection.transaction()?;
            for item in read {
                match item {
                    Ok(article) => {
                        let known: bool = transaction
                            .prepare_cached("SELECT EXISTS (SELECT 1 FROM article WHERE id = ?1)")?
                            .query_row([&article.id], |row| row.get(0))?;
                        new += usize::from(!known);
                        transaction
                            .prepare_cached("INSERT INTO article (id, input, json) VALUES (?1, ?2, ?3)")?
                            .execute(params![article.id, article.input, json(article)])?;
                    }
                    Err(rejection) => {
                        transaction
                            .prepare_cached("INSERT INTO rejection (input, json) VALUES (?1, ?2)")?
                            .execute(params![rejection.input, json(rejection)])?;
                    }
                }
            }
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

    /// The next articles after `position` in the order of reading, each text once.
    pub fn window(&self, position: i64, most: usize) -> Result<Vec<Stored>, StoreError> {
        self.articles(
            "SELECT position, id FROM article AS a WHERE position > ?1 \
             AND NOT EXISTS (SELECT 1 FROM article AS b WHERE b.id = a.id AND b.position < a.position) \
             ORDER BY position LIMIT ?2",
            params![position, most as i64],
        )
    }

    /// Articles that were not rejected, ordered by id, after `id`.
    pub fn accepted(&self, id: &str, most: usize) -> Result<Vec<Stored>, StoreError> {
        self.articles(
            "SELECT min(position), id FROM article AS a WHERE id > ?1 \
             AND NOT EXISTS (SELECT 1 FROM rejection AS r WHERE r.id = a.id) \
             GROUP BY id ORDER BY id LIMIT ?2",
            params![id, most as i64],
        )
    }

    /// One article.
    pub fn article(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        let found = self.articles(
            "SELECT min(position), id FROM article WHERE id = ?1 GROUP BY id",
            params![id],
        )?;
        Ok(found.into_iter().next())
    }

    fn articles(&self, select: &str, values: impl rusqlite::Params) -> Result<Vec<Stored>, StoreError> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<Copies>> {
            let heads: Vec<(i64, String)> = connection
                .prepare_cached(select)?
                .query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut copies =
                connection.prepare_cached("SELECT input, json FROM article WHERE id = ?1 ORDER BY input, json")?;
            heads
                .into_iter()
                .map(|(position, id)| {
                    let copies = copies
                        .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
                        .collect::<rusqlite::Result<_>>()?;
                    Ok((position, copies))
                })
                .collect()
        };
        let rows = read().map_err(|source| self.database(source))?;
        let mut articles = Vec::with_capacity(rows.len());
        for (position, copies) in rows {
            if let Some((_, first)) = copies.first() {
                let article = self.parse("article", first)?;
                articles.push(Stored {
                    position,
                    article,
                    inputs: copies.into_iter().map(|copy| copy.0).collect(),
                });
            }
        }
        Ok(articles)
    }

    /// All rejections, ordered by input.
    pub fn rejections(&self) -> Result<Vec<Rejection>, StoreError> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<String>> {
            connection
                .prepare("SELECT json FROM rejection ORDER BY input, json")?
                .query_map([], |row| row.get(0))?
                .collect()
        };
        let rows = read().map_err(|source| self.database(source))?;
        rows.iter().map(|row| self.parse("rejection", row)).collect()
    }

    /// Number of different texts read so far, and of inputs that hold them.
    pub fn counts(&self) -> Result<(usize, usize), StoreError> {
        self.connection()
            .query_row("SELECT count(DISTINCT id), count(*) FROM article", [], |row| {
                Ok((row.get::<_, i64>(0)? as usize, row.get::<_, i64>(1)? as usize))
            })
            .map_err(|source| self.database(source))
    }

    /// A finished unit.
    pub fn unit<T: serde::de::DeserializeOwned>(&self, key: &UnitKey) -> Result<Option<T>, StoreError> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Option<String>> {
            connection
                .prepare_cached("SELECT value FROM unit WHERE key = ?1")?
                .query_row([key.as_slice()], |row| row.get(0))
                .optional()
        };
        let value = read().map_err(|source| self.database(source))?;
        value.map(|value| self.parse("unit", &value)).transpose()
    }

    /// Records finished units, in one transaction: after this returns they survive a power cut.
    pub fn finish<T: serde::Serialize>(&self, units: &[(UnitKey, T)]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for (key, value) in units {
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO unit (key, value) VALUES (?1, ?2)")?
                    .execute(params![key.as_slice(), json(value)])?;
            }
            transaction.commit()
        };
        write().map_err(|source| self.database(source))
    }
}

/// Our own plain data: it has no map with keys that are not strings, the one thing JSON cannot say.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

mod review;
#[cfg(test)]
mod tests;
