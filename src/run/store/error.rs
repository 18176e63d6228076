//! Why the store cannot be used, each with the way out.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::schema::SCHEMA_VERSION;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database.
    #[error(
        "{path}: expected the database of a run folder, found none; name a folder that `khulosa run` has worked in"
    )]
    Missing {
        /// The database.
        path: PathBuf,
    },
    /// SQLite refused; the message says why.
    #[error("{path}: {source}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The disk is full.
    #[error(
        "{path}: the disk does not take any more ({source}); what was finished before is safe: free some space, or look \
         after the disk, and run the same command again"
    )]
    Full {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database cannot be written.
    #[error("{path}: cannot write ({source}); the folder and the file must be writable")]
    ReadOnly {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is a database of something else.
    #[error("{path}: expected a Khulosa database, found one of another program; name another folder or file")]
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
    /// The file is no database, or its pages contradict each other.
    #[error(
        "{path}: the database is damaged ({source}); move it away; a run folder's own can be started over with --fresh"
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
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

impl StoreError {
    /// Tells by SQLite's code what the operator has to do.
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::Full { path, source },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly { path, source }
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path, source },
            _ => Self::Database { path, source },
        }
    }
}
