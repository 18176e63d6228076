//! Reviewed translations: what people have approved. They belong to no model and no job, and `--fresh`, which forgets
//! what models made, does not forget them.

use std::sync::PoisonError;

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

    /// Whether anything has been reviewed.
    pub fn has_reviews(&self) -> Result<bool, StoreError> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM review)")?
                .query_row([], |row| row.get(0))
        };
        read().map_err(|source| self.database(source))
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
        write().map_err(|source| self.database(source))
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
