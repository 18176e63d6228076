//! Turns what the user wrote (a file, a folder, a pattern, `-`) into files, one at a time and in a fixed order.

use std::io;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::{DirEntry, WalkDir};

use super::Rejection;

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard input.
    Stdin,
    /// A file, with its path as articles name it.
    File(PathBuf),
}

impl Place {
    /// The name that articles and rejections carry.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

type Places = Box<dyn Iterator<Item = Result<Place, Rejection>> + Send>;

/// The files that `input` stands for. A path that exists is taken as it is, even when it looks like a pattern.
pub(super) fn expand(input: &str) -> Places {
    if input == "-" {
        return one(Ok(Place::Stdin));
    }
    let path = Path::new(input);
    match path.metadata() {
        Ok(found) if found.is_dir() => or_else(folder(path), Rejection::empty_folder(input)),
        Ok(_) => one(Ok(Place::File(path.to_owned()))),
        Err(error) if input.is_empty() || !input.contains(['*', '?', '[', '{']) => {
            one(Err(Rejection::io(input, &error)))
        }
        Err(_) => pattern(input),
    }
}

fn one(item: Result<Place, Rejection>) -> Places {
    Box::new(std::iter::once(item))
}

/// `items`, or the rejection where there are none.
fn or_else(items: Places, rejection: Rejection) -> Places {
    let mut items = items.peekable();
    if items.peek().is_none() {
        one(Err(rejection))
    } else {
        Box::new(items)
    }
}

fn folder(path: &Path) -> Places {
    let walk = WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
    Box::new(
        walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry))
            .filter_map(file),
    )
}

/// An entry of a walk as a file; `None` for folders, devices and links that lead back up.
fn file(entry: walkdir::Result<DirEntry>) -> Option<Result<Place, Rejection>> {
    match entry {
        Ok(entry) if entry.file_type().is_file() => Some(Ok(Place::File(tidy(entry.path())))),
        Ok(_) => None,
        Err(error) if error.loop_ancestor().is_some() => None,
        Err(error) => {
            let path = error
                .path()
                .map(|path| tidy(path).display().to_string())
                .unwrap_or_default();
            let error = error
                .into_io_error()
                .unwrap_or_else(|| io::Error::other("the folder cannot be walked"));
            Some(Err(Rejection::io(&path, &error)))
        }
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// The path without the `./` that walking from the working folder puts before it.
fn tidy(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

fn pattern(input: &str) -> Places {
    let glob = match GlobBuilder::new(input).literal_separator(true).build() {
        Ok(pattern) => pattern.compile_matcher(),
        Err(error) => return one(Err(Rejection::bad_pattern(input, &error.to_string()))),
    };
    let segments: Vec<&str> = input.split('/').collect();
    let fixed = segments
        .iter()
        .take_while(|segment| !segment.contains(['*', '?', '[', '{', '\\']))
        .count();
    let base = match segments.get(..fixed).unwrap_or_default() {
        [] => PathBuf::from("."),
        [""] => PathBuf::from("/"),
        segments => PathBuf::from(segments.join("/")),
    };
    let from_here = fixed == 0;
    let rest = segments.get(fixed..).unwrap_or_default();
    let hidden_too = rest.iter().any(|segment| segment.starts_with('.'));
    // With `**` or braces, which may hold a slash, files are matched at any depth; else a folder that matches gives its files.
    let any_depth = rest
        .iter()
        .any(|segment| segment.contains("**") || segment.contains('{'));
    let depth = if any_depth { usize::MAX } else { rest.len() };

    let walk = WalkDir::new(&base)
        .follow_links(true)
        .max_depth(depth)
        .sort_by_file_name()
        .into_iter();
    let found = walk
        .filter_entry(move |entry| entry.depth() == 0 || hidden_too || !is_hidden(entry))
        .flat_map(move |entry| -> Places {
            let name = entry
                .as_ref()
                .map_or_else(|error| error.path(), |entry| Some(entry.path()));
            let name = name.map(|path| if from_here { tidy(path) } else { path.to_owned() });
            let fits = name.as_deref().is_some_and(|name| glob.is_match(name));
            match entry {
                Ok(entry) if fits && entry.file_type().is_dir() && !any_depth && entry.depth() > 0 => {
                    folder(entry.path())
                }
                Ok(_) if !fits => Box::new(std::iter::empty()),
                // A broken link or an unreadable folder beside the pattern's files is not the user's concern.
                Err(_) if !fits && !any_depth => Box::new(std::iter::empty()),
                // Nor is a base folder that is not there: the pattern then matches nothing.
                Err(error) if error.depth() == 0 => Box::new(std::iter::empty()),
                entry => Box::new(file(entry).into_iter()),
            }
        });
    or_else(Box::new(found), Rejection::no_match(input))
}
