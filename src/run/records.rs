//! The records that a run or a merge has just written, read back from their file one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::RunError;
use super::record::Record;

/// Name of the file in the run folder.
pub const FILE_NAME: &str = "records.jsonl";

/// An open file of records.
pub struct Records {
    path: PathBuf,
    file: BufReader<File>,
    line: String,
}

impl Records {
    /// Opens the records of a run folder.
    pub fn open(out: &Path) -> Result<Self, RunError> {
        let path = out.join(FILE_NAME);
        match File::open(&path) {
            Ok(file) => Ok(Self {
                path,
                file: BufReader::new(file),
                line: String::new(),
            }),
            Err(source) => Err(RunError::Read { path, source }),
        }
    }

    /// Visits every record from here on, with its place in the file.
    pub fn each(&mut self, mut visit: impl FnMut(u64, &Record)) -> Result<(), RunError> {
        let mut place = 0;
        while let Some(record) = self.next()? {
            visit(place, &record);
            place += self.line.len() as u64;
        }
        Ok(())
    }

    /// The record at a place that [`Records::each`] gave, or at the offset of its line.
    pub fn at(&mut self, place: u64) -> Result<Record, RunError> {
        let sought = self.file.seek(SeekFrom::Start(place));
        sought.map_err(|source| self.failed(source))?;
        let record = self.next()?;
        record.ok_or_else(|| self.failed(std::io::ErrorKind::UnexpectedEof.into()))
    }

    fn next(&mut self) -> Result<Option<Record>, RunError> {
        self.line.clear();
        let length = self.file.read_line(&mut self.line);
        if length.map_err(|source| self.failed(source))? == 0 {
            return Ok(None);
        }
        serde_json::from_str(&self.line)
            .map(Some)
            .map_err(|error| self.failed(error.into()))
    }

    fn failed(&self, source: std::io::Error) -> RunError {
        RunError::Read {
            path: self.path.clone(),
            source,
        }
    }
}
