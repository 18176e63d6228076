//! Reading articles back, each text once: in windows of work, in the orders of records and digests, or one by its id.

use std::sync::PoisonError;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Order, Store, StoreError, Stored, schema};

/// Copies of a text: the alphabetically first one gives the metadata.
const FIRST_COPY: &str = "NOT EXISTS (SELECT 1 FROM article AS b WHERE b.id = a.id AND (b.input < a.input \
     OR b.input = a.input AND (b.json < a.json OR b.json = a.json AND b.position < a.position)))";
const NOT_REJECTED: &str = "NOT EXISTS (SELECT 1 FROM rejection AS r WHERE r.id = a.id)";

impl Store {
    /// The next articles after `position` in the order of reading, each text once.
    pub fn window(&self, position: i64, most: usize) -> Result<Vec<Stored>, StoreError> {
        let select = "SELECT position, id FROM article AS a WHERE position > ?1 \
             AND NOT EXISTS (SELECT 1 FROM article AS b WHERE b.id = a.id AND b.position < a.position) \
             ORDER BY position LIMIT ?2";
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || -> rusqlite::Result<Vec<(i64, String)>> {
            connection
                .prepare_cached(select)?
                .query_map(params![position, most as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        let heads = read().map_err(|source| self.database(source))?;
        let articles = heads
            .into_iter()
            .map(|(position, id)| self.stored(&connection, position, &id));
        articles.collect()
    }

    /// Visits every article that was not rejected, each text once, while others write. Holds one article at a time.
    ///
    /// # Errors
    /// When the database cannot be read, and whatever `visit` returns.
    pub fn each_accepted<E: From<StoreError>>(
        &self,
        order: Order,
        visit: &mut dyn FnMut(Stored) -> Result<(), E>,
    ) -> Result<(), E> {
        let connection = schema::reader(&self.path)?;
        let failed = |source| E::from(self.database(source));
        let order = match order {
            Order::Id => "id",
            Order::Reading => "date DESC, title, id",
        };
        let select =
            format!("SELECT position, id FROM article AS a WHERE {FIRST_COPY} AND {NOT_REJECTED} ORDER BY {order}");
        let mut statement = connection.prepare(&select).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let position = row.get(0).map_err(failed)?;
            let id: String = row.get(1).map_err(failed)?;
            visit(self.stored(&connection, position, &id)?)?;
        }
        Ok(())
    }

    /// One article.
    pub fn article(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let position = connection
            .prepare_cached("SELECT min(position) FROM article WHERE id = ?1 GROUP BY id")
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
            .map_err(|source| self.database(source))?;
        let article = position.map(|position| self.stored(&connection, position, id));
        article.transpose()
    }

    /// An article with everything that held it.
    fn stored(&self, connection: &Connection, position: i64, id: &str) -> Result<Stored, StoreError> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            connection
                .prepare_cached("SELECT input, json FROM article WHERE id = ?1 ORDER BY input, json")?
                .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        let copies = read().map_err(|source| self.database(source))?;
        let first = copies.first().map_or("", |(_, json)| json);
        Ok(Stored {
            position,
            article: self.parse("article", first)?,
            inputs: copies.into_iter().map(|copy| copy.0).collect(),
        })
    }
}
