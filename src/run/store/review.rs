//! Reviewed translations: what people have approved. They belong to no model and no job, and `--fresh`, which forgets
//! what models made, does not forget them.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, UnitKey, unit_key};
use crate::check::glossary::suggest::Reviewed;
use crate::digest::one_line;
use crate::text::language::Language;
use crate::translate::Segment;

impl Store {
    /// The translation of a sentence or title that a person has approved, whatever model made it first.
    pub fn reviewed(&self, segment: &Segment) -> Result<Option<String>, StoreError> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || -> rusqlite::Result<Option<String>> {
            connection
                .prepare_cached("SELECT text FROM review WHERE key = ?1")?
                .query_row([key(segment.from, segment.to, &segment.text).as_slice()], |row| {
                    row.get(0)
                })
                .optional()
        };
        read().map_err(|source| self.database(source))
    }

    /// Whether anything has been reviewed. Every article asks, so it is not looked up each time.
    pub fn has_reviews(&self) -> bool {
        self.reviews.load(Ordering::Relaxed)
    }

    /// Stores approved translations, in one transaction; a later one of the same text replaces an earlier one. What the
    /// model had made of it stays as it was told first: later records tell the earlier review.
    pub fn review(&self, approved: &[Reviewed]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut write = || -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for review in approved {
                let source = one_line(&review.source);
                transaction
                    .prepare_cached(
                        "INSERT INTO review (key, text, source, source_language, target_language, machine) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO UPDATE SET text = excluded.text, \
                         source = excluded.source, source_language = excluded.source_language, \
                         target_language = excluded.target_language",
                    )?
                    .execute(params![
                        key(review.from, review.to, &source).as_slice(),
                        review.target,
                        source,
                        review.from.code(),
                        review.to.code(),
                        review.machine.as_deref().map(one_line)
                    ])?;
            }
            transaction.commit()
        };
        write().map_err(|source| self.database(source))?;
        if !approved.is_empty() {
            self.reviews.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// All that has been reviewed and whose source is known, in an order of its own; and how many reviews a version has
    /// stored that did not keep the source.
    pub fn reviews(&self) -> Result<(Vec<Reviewed>, usize), StoreError> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut reviews, mut without_source) = (Vec::new(), 0);
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = connection.prepare(
                "SELECT source_language, target_language, source, machine, text FROM review ORDER BY source, target_language",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (from, to): (String, String) = (row.get(0)?, row.get(1)?);
                let (Ok(from), Ok(to)) = (Language::parse(&from), Language::parse(&to)) else {
                    without_source += 1;
                    continue;
                };
                reviews.push(Reviewed {
                    from,
                    to,
                    source: row.get(2)?,
                    machine: row.get(3)?,
                    target: row.get(4)?,
                });
            }
            Ok(())
        };
        read().map_err(|source| self.database(source))?;
        Ok((reviews, without_source))
    }
}

/// Texts leave as one clean line, so they are known again by that.
fn key(from: Language, to: Language, source: &str) -> UnitKey {
    unit_key(&["review", from.code(), to.code(), &one_line(source)])
}
