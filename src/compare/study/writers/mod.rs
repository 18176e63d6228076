//! Writes a study down, one [`Writer`] a format, each in a file of its own.

mod csv;
mod html;
mod json;
mod latex;
mod markdown;
mod parquet;
mod rows;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Study;
use super::groups::Material;
use super::outputs::Run;
use crate::compare::error::CompareError;

pub use csv::Csv;
pub use html::Html;
pub use json::Json;
pub use latex::Latex;
pub use markdown::Markdown;
pub use parquet::Parquet;
pub use rows::Rows;

/// What there is to write.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    pub study: &'a Study,
    /// The texts, for formats that show them.
    pub material: &'a Material,
    pub runs: &'a [Run],
    /// Most articles that a page shows.
    pub shown: usize,
}

/// A format.
pub trait Writer {
    /// The file's name in the folder of the comparison.
    fn file_name(&self) -> &'static str;

    /// Makes the file's content.
    ///
    /// # Errors
    /// When it cannot be made; writing it is not the format's business.
    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError>;
}

/// Every format, in the order of the documentation.
pub fn writers() -> Vec<Box<dyn Writer>> {
    vec![
        Box::new(Html),
        Box::new(Markdown),
        Box::new(Latex),
        Box::new(Csv(Rows::Scores)),
        Box::new(Csv(Rows::Items)),
        Box::new(Parquet(Rows::Scores)),
        Box::new(Parquet(Rows::Items)),
        Box::new(Json),
    ]
}

/// Writes all formats into a folder, which is made if need be; returns the paths.
///
/// # Errors
/// A file that cannot be made or written.
pub fn write_all(folder: &Path, contents: &Contents) -> Result<Vec<PathBuf>, CompareError> {
    let mut written = Vec::new();
    for writer in writers() {
        let path = folder.join(writer.file_name());
        save(&path, &writer.write(contents)?)?;
        written.push(path);
    }
    Ok(written)
}

/// Writes a file beside its final name and renames it when it is whole.
///
/// # Errors
/// When the system refuses.
pub fn save(path: &Path, content: &[u8]) -> Result<(), CompareError> {
    let put = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
        file.write_all(content)?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        readable(file.as_file())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|source| CompareError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Temporary files are made for their owner alone; results are made to be read by others.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
