//! One file: asked about, fetched from where the last attempt stopped, verified, put in its place.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use fs4::fs_std::FileExt;
use ureq::Body;
use ureq::http::Response;

use super::client::{Client, Failure, Follow, header, passing};
use super::{Options, Watch};
use crate::model::cache::{self, Repository};
use crate::model::names::is_plain_path;
use crate::model::{ModelError, verify as checks};

/// What the hub says of a file.
struct About {
    /// Name of its content: the SHA-256 of large files, git's hash of others.
    etag: String,
    size: u64,
}

/// Makes sure that a file of a commit is in the cache.
pub fn file(
    client: &Client,
    options: &Options,
    place: &Repository,
    commit: &str,
    name: &str,
    watch: &dyn Watch,
) -> Result<(), ModelError> {
    let what = format!("{}/{name}", place.name());
    if !is_plain_path(name) {
        return Err(ModelError::Hub {
            what,
            message: "the file's name leads out of the cache".to_owned(),
        });
    }
    let link = place.snapshot(commit).join(name);
    if link.exists() {
        return Ok(());
    }
    let address = format!("{}/{}/resolve/{commit}/{name}", options.endpoint, place.name());
    let about = client.patiently(&what, watch, || {
        about(&client.once("HEAD", &address, None, Follow::WithinHub)?)
    })?;
    let blob = place.blob(&about.etag);
    // The lock is the one that huggingface_hub takes, so that Python programs wait as well.
    let _lock = lock(&options.cache, place, &about.etag)?;
    if link.exists() {
        return Ok(());
    }
    if !blob.exists() {
        let part = place.blob(&format!("{}.incomplete", about.etag));
        let done = length(&part);
        watch.started(name, about.size, done);
        fetch(client, &address, &what, name, &part, &about, watch)?;
        std::fs::rename(&part, &blob).map_err(|source| ModelError::Unwritable {
            path: blob.clone(),
            source,
        })?;
    }
    cache::link(&blob, &link)?;
    watch.finished(name);
    Ok(())
}

fn about(answer: &Response<Body>) -> Result<About, Failure> {
    let either = |one: &str, other: &str| header(answer.headers(), one).or_else(|| header(answer.headers(), other));
    let missing = |what: &str| Failure::Lasting(format!("the hub does not tell the file's {what}"));
    let etag = either("x-linked-etag", "etag").ok_or_else(|| missing("ETag"))?;
    let etag = etag.trim_start_matches("W/").trim_matches('"').to_owned();
    let size = either("x-linked-size", "content-length").and_then(|size| size.parse().ok());
    if etag.is_empty() || !etag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(Failure::Lasting(format!(
            "expected an ETag of letters and digits, found `{etag}`"
        )));
    }
    Ok(About {
        etag,
        size: size.ok_or_else(|| missing("size"))?,
    })
}

fn lock(cache: &Path, place: &Repository, etag: &str) -> Result<File, ModelError> {
    let folder = cache
        .join(".locks")
        .join(place.folder().file_name().unwrap_or_default());
    cache::make(&folder)?;
    cache::make(&place.folder().join("blobs"))?;
    let path = folder.join(format!("{etag}.lock"));
    let unwritable = |source| ModelError::Unwritable {
        path: path.clone(),
        source,
    };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unwritable)?;
    FileExt::lock_exclusive(&file).map_err(unwritable)?;
    Ok(file)
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// Fetches until the file is complete and right. Attempts are counted anew whenever one made progress.
fn fetch(
    client: &Client,
    address: &str,
    what: &str,
    name: &str,
    part: &Path,
    about: &About,
    watch: &dyn Watch,
) -> Result<(), ModelError> {
    let mut wrong = 0;
    loop {
        let before = length(part);
        if before < about.size {
            let fetched = client.patiently(what, watch, || {
                let progress = length(part);
                append(client, address, name, part, about, watch)
                    .or_else(|failure| if length(part) > progress { Ok(()) } else { Err(failure) })
            });
            fetched?;
            if length(part) < about.size {
                continue;
            }
        }
        match verify(part, about) {
            Ok(()) => return Ok(()),
            Err(message) => {
                // What is there may be an older attempt's fault: once more from the beginning.
                std::fs::remove_file(part).map_err(|source| ModelError::Unwritable {
                    path: part.to_owned(),
                    source,
                })?;
                wrong += 1;
                if wrong > 1 {
                    return Err(ModelError::Hub {
                        what: what.to_owned(),
                        message,
                    });
                }
                watch.retried(name, &message);
            }
        }
    }
}

/// One attempt to fetch the rest of a file.
fn append(
    client: &Client,
    address: &str,
    name: &str,
    part: &Path,
    about: &About,
    watch: &dyn Watch,
) -> Result<(), Failure> {
    let done = length(part);
    let mut answer = client.once("GET", address, (done > 0).then_some(done), Follow::Everywhere)?;
    let cannot = |error: &std::io::Error| Failure::Lasting(format!("{}: cannot write: {error}", part.display()));
    // A server that does not know ranges sends the whole file.
    let goes_on = answer.status() == 206 && starts_at(&answer) == Some(done);
    let mut file = OpenOptions::new()
        .create(true)
        .append(goes_on)
        .write(true)
        .truncate(!goes_on)
        .open(part)
        .map_err(|error| cannot(&error))?;
    let mut left = about.size - if goes_on { done } else { 0 };
    let mut body = answer.body_mut().with_config().limit(u64::MAX).reader();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = body.read(&mut buffer).map_err(|error| passing(&error))?;
        if count == 0 {
            break;
        }
        let count = count as u64;
        if count > left {
            let message = format!("expected {} bytes, as the hub says, and more came", about.size);
            drop(file);
            std::fs::remove_file(part).map_err(|error| cannot(&error))?;
            return Err(Failure::Lasting(message));
        }
        file.write_all(&buffer[..count as usize])
            .map_err(|error| cannot(&error))?;
        left -= count;
        watch.advanced(name, count);
    }
    if left > 0 {
        return Err(Failure::Passing {
            reason: format!("the connection broke with {left} bytes to come"),
            pause: None,
        });
    }
    file.sync_all().map_err(|error| cannot(&error))
}

/// First byte of a partial answer.
fn starts_at(answer: &Response<Body>) -> Option<u64> {
    let range = header(answer.headers(), "content-range")?;
    range
        .trim_start_matches("bytes ")
        .split('-')
        .next()?
        .trim()
        .parse()
        .ok()
}

fn verify(part: &Path, about: &About) -> Result<(), String> {
    let size = length(part);
    if size != about.size {
        return Err(format!(
            "expected {} bytes, as the hub says, and {size} came",
            about.size
        ));
    }
    checks::blob(part, &about.etag)
}
