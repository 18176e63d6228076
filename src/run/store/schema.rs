//! Tables and their versions: opens a database, makes its tables, and brings those of older versions up to date.

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Version of the tables below, kept in SQLite's `user_version`.
pub(super) const SCHEMA_VERSION: i64 = 5;
/// `KHUL`, kept in SQLite's `application_id`: tells our databases from others.
const APPLICATION_ID: i64 = 0x4B48_554C;
/// How long to wait for another process that is writing. Writes take milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// Tables of version 1; later versions are made by [`MIGRATIONS`], in new databases too, so that there is one way only.
const VERSION_1: &str = "
CREATE TABLE article (position INTEGER PRIMARY KEY, id TEXT NOT NULL, input TEXT NOT NULL, json TEXT NOT NULL);
CREATE INDEX article_id ON article (id, input);
CREATE TABLE rejection (position INTEGER PRIMARY KEY, id TEXT, input TEXT NOT NULL, json TEXT NOT NULL);
CREATE TABLE unit (key BLOB PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// What leads from each version to the next.
const MIGRATIONS: [&str; 4] = [
    // 2: articles can be read in the order of a digest, and rejections be found by article.
    "
ALTER TABLE article ADD COLUMN date TEXT NOT NULL DEFAULT '';
ALTER TABLE article ADD COLUMN title TEXT NOT NULL DEFAULT '';
UPDATE article SET date = coalesce(json_extract(json, '$.date'), ''), title = json_extract(json, '$.title');
CREATE INDEX article_reading ON article (date DESC, title, id);
CREATE INDEX rejection_id ON rejection (id);
CREATE INDEX rejection_input ON rejection (input);
",
    // 3: files that were read to their end, and what was written of it all, are known again.
    "
CREATE TABLE reading (number INTEGER PRIMARY KEY, mark BLOB NOT NULL UNIQUE, complete INTEGER NOT NULL DEFAULT 0);
ALTER TABLE article ADD COLUMN reading INTEGER;
ALTER TABLE rejection ADD COLUMN reading INTEGER;
CREATE TABLE written (stamp BLOB NOT NULL, totals TEXT NOT NULL);
",
    // 4: what people have reviewed.
    "CREATE TABLE review (key BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;",
    // 5: what was reviewed, and what the model had made of it, for those who look for terms in reviews.
    "
ALTER TABLE review ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE review ADD COLUMN source_language TEXT NOT NULL DEFAULT '';
ALTER TABLE review ADD COLUMN target_language TEXT NOT NULL DEFAULT '';
ALTER TABLE review ADD COLUMN machine TEXT;
",
];

/// Opens a database for writing, after it was created or migrated.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::of(path, source);
    let mut connection = Connection::open(path).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    // A second process may be creating or migrating the same file: only one of them is let in at a time.
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    let number = |sql: &str| {
        transaction
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map_err(failed)
    };
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let mut script = String::new();
    let from = if number("SELECT count(*) FROM sqlite_master")? == 0 {
        script += VERSION_1;
        1
    } else if application != APPLICATION_ID {
        return Err(StoreError::Foreign { path: path.to_owned() });
    } else if version > SCHEMA_VERSION {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found: version,
        });
    } else {
        version
    };
    let done = usize::try_from(from - 1).unwrap_or_default();
    script.extend(MIGRATIONS.iter().skip(done).copied());
    if from != version || from != SCHEMA_VERSION {
        let _ = write!(
            script,
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
        );
        transaction.execute_batch(&script).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(connection)
}

/// Another connection to a database that [`open`] has opened, for reading while the first one writes.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::of(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection
        .execute_batch("PRAGMA cache_size = -16000;")
        .map_err(failed)?;
    Ok(connection)
}

/// WAL: readers do not wait for the writer. FULL: what is committed survives a power cut.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;")
}

/// Empties a database in which there are reviews, which stay; false when there is none, so that the file may go.
pub(super) fn empty_around_reviews(path: &Path) -> Result<bool, StoreError> {
    if !path.exists() {
        return Ok(false);
    }
    // What cannot be opened, `remove` judges.
    let Ok(connection) = open(path) else { return Ok(false) };
    let failed = |source| StoreError::of(path, source);
    let reviewed: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM review)", [], |row| row.get(0))
        .map_err(failed)?;
    if reviewed {
        connection
            .execute_batch(
                "BEGIN; DELETE FROM article; DELETE FROM rejection; DELETE FROM unit; DELETE FROM reading;
                 DELETE FROM written; COMMIT;",
            )
            .map_err(failed)?;
    }
    Ok(reviewed)
}

/// Removes a database of ours with all that belongs to it, damaged ones too; one of another program stays.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    if !path.exists() {
        return Ok(());
    }
    match open(path) {
        Err(error @ StoreError::Foreign { .. }) => return Err(error),
        // Whatever else bears this name is not ours to remove.
        Err(error @ StoreError::Corrupt { .. }) if !has_header(path) => return Err(error),
        Err(StoreError::Corrupt { .. } | StoreError::Newer { .. }) | Ok(_) => {}
        Err(error) => return Err(error),
    }
    for file in files(path) {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let source = rusqlite::Error::ToSqlConversionFailure(error.into());
                return Err(StoreError::ReadOnly { path: file, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a file begins as every SQLite database does.
fn has_header(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *b"SQLite format 3\0"
}

/// The database, its log and its index of the log.
fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    })
}
