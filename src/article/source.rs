//! Opens one input, tells what it is, and hands it to the reader of its kind.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};

use super::draft::Draft;
use super::inputs::Place;
use super::kind::{self, Kind};
use super::{Article, Articles, ReadOptions, Rejection, encoding, feed, html, json, plain};

type Stream = Box<dyn Read + Send>;

/// The articles of one file or of standard input.
pub(super) fn open(place: &Place, options: &ReadOptions) -> Articles {
    let name = place.name();
    match place {
        Place::Stdin => read(&name, Box::new(io::stdin()), options),
        Place::File(path) => match File::open(path) {
            Ok(file) => read(&name, Box::new(file), options),
            Err(error) => one(Err(Rejection::io(&name, &error))),
        },
    }
}

/// The articles of a stream.
pub(super) fn read(input: &str, stream: Stream, options: &ReadOptions) -> Articles {
    read_kind(input, stream, options).unwrap_or_else(|rejection| one(Err(rejection)))
}

fn one(item: Result<Article, Rejection>) -> Articles {
    Box::new(std::iter::once(item))
}

fn read_kind(input: &str, stream: Stream, options: &ReadOptions) -> Result<Articles, Rejection> {
    let (mut head, mut stream) = read_head(input, stream)?;
    if let Some(encoding) = encoding::utf16(&head) {
        let utf8 = encoding::Transcoded::new(Cursor::new(head).chain(stream), encoding);
        (head, stream) = read_head(input, Box::new(utf8))?;
    }
    if let Some(rejection) = kind::binary(input, &head) {
        return Err(rejection);
    }
    if head.is_empty() {
        return Err(Rejection::empty(input, "nothing in it"));
    }
    if head.len() < kind::HEAD && head.iter().all(u8::is_ascii_whitespace) {
        return Err(Rejection::empty(input, "only white space"));
    }
    let kind = kind::tell(input, &head)?;
    let stream = Cursor::new(head).chain(stream);
    Ok(match kind {
        Kind::JsonLines => json::lines(input, BufReader::with_capacity(128 << 10, stream), options),
        Kind::JsonDocument => json::document(input, BufReader::with_capacity(128 << 10, stream), options),
        Kind::Feed => feed::read(input, whole(input, stream, "a feed", options.max_feed_bytes)?, options),
        Kind::Html => {
            let page = whole(input, stream, "a page", options.max_article_bytes)?;
            one(html::read(input, page).and_then(|draft: Draft| draft.finish(options)))
        }
        Kind::Text | Kind::Markdown => {
            let text = whole(input, stream, "a text", options.max_article_bytes)?;
            one(plain::read(input, text, kind == Kind::Markdown).and_then(|draft| draft.finish(options)))
        }
    })
}

/// The first bytes, and the stream that goes on after them. A slow stream is not waited for beyond a first JSON line.
fn read_head(input: &str, mut stream: Stream) -> Result<(Vec<u8>, Stream), Rejection> {
    let mut head = vec![0; kind::HEAD];
    let mut filled = 0;
    while let Some(room) = head.get_mut(filled..).filter(|room| room.len() >= 4) {
        match stream.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Rejection::io(input, &error)),
        }
        let so_far = head.get(..filled).unwrap_or_default();
        if so_far.contains(&b'\n') && so_far.starts_with(b"{") && kind::is_json_lines(so_far) {
            break;
        }
    }
    head.truncate(filled);
    Ok((head, stream))
}

fn whole(input: &str, stream: impl Read, unit: &str, limit: usize) -> Result<Vec<u8>, Rejection> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    stream
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| Rejection::io(input, &error))?;
    if bytes.len() > limit {
        Err(Rejection::too_large(input, unit, limit))
    } else {
        Ok(bytes)
    }
}
