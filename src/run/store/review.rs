//! Reviewed translations: what people have approved. They belong to no model and no job, and `--fresh`, which forgets
//! what models made, does not forget them.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, UnitKey, unit_key};
use crate::digest::one_line;
use crate::translate::Segment;

impl Store {
    /// The translation of a sentence or title that a person has approved, whatever model made it first.
    pub fn reviewed(&self, segment: &Segment) -> Result<Option<String>, StoreError> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || -> rusqlite::Result<Option<String>> {
            connection
                .prepare_cached("SELECT text FROM review WHERE key = ?1")?
                .query_row([key(segment).as_slice()], |row| row.get(0))
                .optional()
        };
        read().map_err(|source| self.database(source))
    }

    /// Whether anything has been reviewed. Every article asks, so it is not looked up each time.
    pub fn has_reviews(&self) -> bool {
        self.reviews.load(Ordering::Relaxed)
    }

    /// Stores approved translations, in one transaction; a later one of the same text replaces an earlier one.
    pub fn review(&self, approved: &[(Segment, String)]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for (segment, text) in approved {
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO review (key, text) VALUES (?1, ?2)")?
                    .execute(params![key(segment).as_slice(), text])?;
            }
            transaction.commit()
        };
        write().map_err(|source| self.database(source))?;
        if !approved.is_empty() {
            self.reviews.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Texts leave as one clean line, so they are known again by that.
fn key(segment: &Segment) -> UnitKey {
    unit_key(&[
        "review",
        segment.from.code(),
        segment.to.code(),
        &one_line(&segment.text),
    ])
}
