//! Tests of reading, by theme.

mod bad_input;
mod encodings;
mod hostile;
mod inputs;
mod kinds;
mod plain;
mod streaming;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::{Article, ReadOptions, Rejection};

type Outcome = Result<Article, Rejection>;

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/articles")
        .join(name)
        .display()
        .to_string()
}

/// What reading one input gives.
fn read(input: &str) -> Vec<Outcome> {
    super::read(&[input.to_owned()], &ReadOptions::default()).collect()
}

/// What reading bytes under a name gives.
fn read_bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<Outcome> {
    super::read_stream(name, Box::new(Cursor::new(bytes.into())), &ReadOptions::default()).collect()
}

/// The only article of bytes.
fn article(name: &str, bytes: impl Into<Vec<u8>>) -> Article {
    let mut outcomes = read_bytes(name, bytes);
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0).expect("an article")
}

/// The only rejection of bytes.
fn rejection(name: &str, bytes: impl Into<Vec<u8>>) -> Rejection {
    let mut outcomes = read_bytes(name, bytes);
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0).expect_err("a rejection")
}

/// Codes of rejections, `ok` for articles.
fn codes(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes
        .iter()
        .map(|outcome| {
            outcome
                .as_ref()
                .map_or_else(|rejection| rejection.code.as_str(), |_| "ok")
        })
        .collect()
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).expect("a folder");
    }
    std::fs::write(&path, bytes).expect("a file");
    path
}
