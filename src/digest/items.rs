//! The articles of a digest: few in memory, or any number in a file, which is read as often as a format needs it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Write};
use std::path::Path;
use std::sync::Arc;

use tempfile::{NamedTempFile, TempPath};

use super::{DigestError, Item};

/// Articles in the order in which they are to be told. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Items {
    held: Held,
    count: usize,
}

#[derive(Clone, Debug)]
enum Held {
    Memory(Arc<[Item]>),
    /// One JSON object a line; the file goes with its last holder.
    File(Arc<TempPath>),
}

impl Items {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The articles from the first on. Each call reads anew, one article at a time.
    pub fn iter(&self) -> Iter {
        match &self.held {
            Held::Memory(items) => Iter::Memory {
                items: Arc::clone(items),
                next: 0,
            },
            Held::File(path) => match File::open(&**path) {
                Ok(file) => Iter::File(BufReader::new(file).lines(), Arc::clone(path)),
                Err(error) => Iter::Failed(Some(error)),
            },
        }
    }
}

impl IntoIterator for &Items {
    type Item = Result<Item, DigestError>;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        self.iter()
    }
}

impl From<Vec<Item>> for Items {
    fn from(items: Vec<Item>) -> Self {
        Self {
            count: items.len(),
            held: Held::Memory(items.into()),
        }
    }
}

/// One pass over [`Items`].
#[derive(Debug)]
pub enum Iter {
    /// From memory.
    Memory {
        /// All of them.
        items: Arc<[Item]>,
        /// Index of the next one.
        next: usize,
    },
    /// From a file, which must not go while it is read.
    File(Lines<BufReader<File>>, Arc<TempPath>),
    /// The file could not be opened.
    Failed(Option<io::Error>),
}

impl Iterator for Iter {
    type Item = Result<Item, DigestError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Memory { items, next } => {
                let item = items.get(*next)?.clone();
                *next += 1;
                Some(Ok(item))
            }
            Self::File(lines, _) => Some(
                lines
                    .next()?
                    .map_err(DigestError::from)
                    .and_then(|line| Ok(serde_json::from_str(&line)?)),
            ),
            Self::Failed(error) => error.take().map(|error| Err(error.into())),
        }
    }
}

/// Collects articles in a file.
#[derive(Debug)]
pub struct Spool {
    out: BufWriter<NamedTempFile>,
    count: usize,
}

impl Spool {
    /// An empty one, in a folder with room for it.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn new_in(folder: &Path) -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix(".khulosa-").tempfile_in(folder)?;
        Ok(Self {
            out: BufWriter::new(file),
            count: 0,
        })
    }

    /// Adds an article.
    ///
    /// # Errors
    /// When the file does not take it.
    pub fn push(&mut self, item: &Item) -> Result<(), DigestError> {
        serde_json::to_writer(&mut self.out, item)?;
        self.out.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }

    /// All articles added.
    ///
    /// # Errors
    /// When the file does not take the last of them.
    pub fn finish(self) -> Result<Items, DigestError> {
        let count = self.count;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Items {
            held: Held::File(Arc::new(file.into_temp_path())),
            count,
        })
    }
}
