//! What an earlier run read or wrote and this one need not: files that are as they were, and outputs of the same things.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, UnitKey};

/// A file's place in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Number that what is read of it carries; `None` for what must be read each time.
    pub number: Option<i64>,
    /// Whether all of it is in the store already.
    pub complete: bool,
}

impl Store {
    /// Forgets what earlier runs read, except from files whose marks (a hash of all that a reading depends on) are among
    /// these and which were read to their end. Gives every mark its place.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn begin(&self, marks: &[Option<UnitKey>]) -> Result<Vec<Reading>, StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<Vec<Reading>> {
            let transaction = connection.transaction()?;
            transaction
                .execute_batch("CREATE TEMP TABLE IF NOT EXISTS wanted (mark BLOB PRIMARY KEY); DELETE FROM wanted;")?;
            for mark in marks.iter().flatten() {
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO wanted VALUES (?1)")?
                    .execute([mark.as_slice()])?;
            }
            transaction.execute(
                "DELETE FROM reading WHERE NOT complete OR mark NOT IN (SELECT mark FROM wanted)",
                [],
            )?;
            let kept: bool = transaction.query_row("SELECT EXISTS (SELECT 1 FROM reading)", [], |row| row.get(0))?;
            transaction.execute_batch(if kept {
                "DELETE FROM article WHERE reading IS NULL OR reading NOT IN (SELECT number FROM reading);
                 DELETE FROM rejection WHERE id IS NOT NULL OR reading IS NULL OR reading NOT IN (SELECT number FROM reading);"
            } else {
                "DELETE FROM article; DELETE FROM rejection;"
            })?;
            let mut readings = Vec::with_capacity(marks.len());
            for mark in marks {
                let Some(mark) = mark else {
                    readings.push(Reading {
                        number: None,
                        complete: false,
                    });
                    continue;
                };
                let known: Option<i64> = transaction
                    .prepare_cached("SELECT number FROM reading WHERE mark = ?1")?
                    .query_row([mark.as_slice()], |row| row.get(0))
                    .optional()?;
                readings.push(match known {
                    Some(number) => Reading {
                        number: Some(number),
                        complete: true,
                    },
                    None => {
                        transaction
                            .prepare_cached("INSERT INTO reading (mark) VALUES (?1)")?
                            .execute([mark.as_slice()])?;
                        Reading {
                            number: Some(transaction.last_insert_rowid()),
                            complete: false,
                        }
                    }
                });
            }
            transaction.commit()?;
            Ok(readings)
        };
        write().map_err(|source| self.database(source))
    }

    /// Hash of all articles and rejections, for [`Store::written`].
    pub fn content(&self) -> Result<UnitKey, StoreError> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<UnitKey> {
            let mut hasher = blake3::Hasher::new();
            for table in [
                "SELECT json FROM article ORDER BY id, input, json",
                "SELECT json FROM rejection ORDER BY input, json",
            ] {
                let mut statement = connection.prepare(table)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let json = row.get_ref(0)?.as_bytes()?;
                    hasher.update(&(json.len() as u64).to_le_bytes());
                    hasher.update(json);
                }
                hasher.update(&u64::MAX.to_le_bytes());
            }
            Ok(*hasher.finalize().as_bytes())
        };
        read().map_err(|source| self.database(source))
    }

    /// What was last written to the run folder, if it was written from what this stamp stands for.
    pub fn written<T: serde::de::DeserializeOwned>(&self, stamp: &UnitKey) -> Result<Option<T>, StoreError> {
        let connection = self.connection();
        let found: Option<String> = connection
            .query_row(
                "SELECT totals FROM written WHERE stamp = ?1",
                [stamp.as_slice()],
                |row| row.get(0),
            )
            .optional()
            .map_err(|source| self.database(source))?;
        Ok(found.and_then(|totals| serde_json::from_str(&totals).ok()))
    }

    /// Remembers what was written to the run folder and from what.
    pub fn set_written(&self, stamp: &UnitKey, totals: &impl serde::Serialize) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM written", [])?;
            transaction.execute(
                "INSERT INTO written VALUES (?1, ?2)",
                params![stamp.as_slice(), super::json(totals)],
            )?;
            transaction.commit()
        };
        write().map_err(|source| self.database(source))
    }
}
