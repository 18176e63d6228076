//! What a stream holds, told by its first bytes; the name only decides where the content leaves it open.

use std::path::Path;

use super::Rejection;

/// Enough of a stream to tell its kind.
pub(super) const HEAD: usize = 64 << 10;

/// How a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One JSON object a line.
    JsonLines,
    /// An array of objects, or objects written over several lines.
    JsonDocument,
    Feed,
    Html,
    Text,
    Markdown,
}

/// Signatures of formats that are not text: the bytes, where they stand, the name, what to do.
const SIGNATURES: [(&[u8], usize, &str, &str); 20] = [
    (
        b"%PDF-",
        0,
        "a PDF document",
        "extract its text first: pdftotext FILE.pdf FILE.txt",
    ),
    (
        b"PK\x03\x04",
        0,
        "a ZIP archive or an office document (DOCX, XLSX, ODT, EPUB)",
        ARCHIVE,
    ),
    (b"PK\x05\x06", 0, "an empty ZIP archive", ARCHIVE),
    (
        b"\xd0\xcf\x11\xe0",
        0,
        "an old Microsoft Office document",
        "save it as plain text from the office program",
    ),
    (
        b"{\\rtf",
        0,
        "a Rich Text document",
        "save it as plain text from the office program",
    ),
    (
        b"\x1f\x8b",
        0,
        "gzip-compressed data",
        "unpack it into the program: zcat FILE.gz | khulosa run - --out DIR",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        0,
        "zstd-compressed data",
        "unpack it into the program: zstdcat FILE | khulosa run - --out DIR",
    ),
    (
        b"\xfd7zXZ",
        0,
        "xz-compressed data",
        "unpack it into the program: xzcat FILE | khulosa run - --out DIR",
    ),
    (
        b"BZh",
        0,
        "bzip2-compressed data",
        "unpack it into the program: bzcat FILE | khulosa run - --out DIR",
    ),
    (b"7z\xbc\xaf", 0, "a 7-Zip archive", ARCHIVE),
    (b"Rar!", 0, "a RAR archive", ARCHIVE),
    (b"ustar", 257, "a tar archive", ARCHIVE),
    (b"\x89PNG", 0, "a PNG image", PICTURE),
    (b"\xff\xd8\xff", 0, "a JPEG image", PICTURE),
    (b"GIF8", 0, "a GIF image", PICTURE),
    (b"RIFF", 0, "a RIFF file (sound, film or WebP image)", PICTURE),
    (b"ftyp", 4, "a film or sound file", PICTURE),
    (b"ID3", 0, "a sound file", PICTURE),
    (
        b"SQLite format 3",
        0,
        "an SQLite database",
        "export its articles as JSONL",
    ),
    (b"\x7fELF", 0, "a program", "leave it out of the inputs"),
];
const ARCHIVE: &str = "unpack it, and save office documents as plain text";
const PICTURE: &str = "leave it out of the inputs; only text can be summarised";

/// Rejects what is not text by its first bytes; UTF-16 is told before.
pub(super) fn binary(input: &str, head: &[u8]) -> Option<Rejection> {
    let starts = |bytes: &[u8], at: usize| head.get(at..).is_some_and(|rest| rest.starts_with(bytes));
    // `RIFF`, `ID3`, `BZh` and `GIF8` can begin a text: they count with what no text has.
    let odd = head.iter().any(|&byte| byte < 0x09);
    let weak = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_alphanumeric);
    for (bytes, at, found, advice) in SIGNATURES {
        if starts(bytes, at) && (odd || !weak(bytes)) {
            return Some(Rejection::binary(input, found, advice));
        }
    }
    let zero = head.iter().position(|&byte| byte == 0)?;
    let advice = "leave it out of the inputs, or export it as plain text";
    Some(Rejection::binary(
        input,
        &format!("binary data (a zero byte at {zero})"),
        advice,
    ))
}

/// The kind of a stream that begins with `head`, which is not empty.
pub(super) fn tell(input: &str, head: &[u8]) -> Result<Kind, Rejection> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let content = head.trim_ascii_start();
    let extension = Path::new(input)
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase);
    let named = |names: &[&str]| extension.as_deref().is_some_and(|extension| names.contains(&extension));

    if content.starts_with(b"<")
        && let Some(kind) = markup(input, content)?
    {
        return Ok(kind);
    }
    if named(&["jsonl", "ndjson"]) && !content.starts_with(b"[") {
        return Ok(
            if is_json_lines(content) || !content.starts_with(b"{") || !looks_like_object(content) {
                Kind::JsonLines
            } else {
                json(content)
            },
        );
    }
    if named(&["json", "jsonl", "ndjson"]) || looks_like_object(content) || looks_like_array(content) {
        return Ok(json(content));
    }
    if named(&["htm", "html", "xhtml"]) && content.contains(&b'<') {
        return Ok(Kind::Html);
    }
    Ok(if named(&["md", "markdown"]) {
        Kind::Markdown
    } else {
        Kind::Text
    })
}

/// `{` and a key, or nothing.
fn looks_like_object(content: &[u8]) -> bool {
    content
        .strip_prefix(b"{")
        .is_some_and(|rest| matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')))
}

/// `[` and an object, or nothing; `[Dushanbe] …` is a text.
fn looks_like_array(content: &[u8]) -> bool {
    content.strip_prefix(b"[").is_some_and(|rest| {
        let rest = rest.trim_ascii_start();
        rest.first() == Some(&b']') || looks_like_object(rest)
    })
}

fn json(content: &[u8]) -> Kind {
    let mentions_feed = content
        .windows(22)
        .take(2048)
        .any(|window| window == b"//jsonfeed.org/version");
    if mentions_feed {
        Kind::Feed
    } else if is_json_lines(content) {
        Kind::JsonLines
    } else {
        Kind::JsonDocument
    }
}

/// Whether a line of the head is a whole object. A first line longer than the head counts when it begins as one does.
pub(super) fn is_json_lines(content: &[u8]) -> bool {
    let Some(end) = content.iter().position(|&byte| byte == b'\n') else {
        return content.starts_with(b"{") && (content.len() >= HEAD / 2 || is_object(content));
    };
    is_object(content.get(..end).unwrap_or_default())
        || content
            .split(|&byte| byte == b'\n')
            .skip(1)
            .any(|line| line.starts_with(b"{") && is_object(line))
}

fn is_object(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    // Older encodings are not valid UTF-8; the shape is enough for them.
    line.starts_with(b"{")
        && line.ends_with(b"}")
        && serde_json::from_slice::<serde::de::IgnoredAny>(line)
            .map_or_else(|_| std::str::from_utf8(line).is_err(), |_| true)
}

/// The kind of markup; `None` where it is a text that happens to begin with `<`.
fn markup(input: &str, content: &[u8]) -> Result<Option<Kind>, Rejection> {
    let start = content
        .get(..content.len().min(8 << 10))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let start = String::from_utf8_lossy(&start);
    let mut rest: &str = &start;
    let mut is_xml = false;
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|end| end + 3)
        } else if rest.starts_with("<?") {
            is_xml |= rest.starts_with("<?xml");
            rest.find("?>").map(|end| end + 2)
        } else if rest.starts_with("<!doctype html") {
            return Ok(Some(Kind::Html));
        } else if rest.starts_with("<!doctype") {
            is_xml = true;
            // A document type may hold declarations in brackets.
            let close = if rest.find('[') < rest.find('>') {
                rest.find("]>").map(|end| end + 2)
            } else {
                None
            };
            close.or_else(|| rest.find('>').map(|end| end + 1))
        } else {
            break;
        };
        match end.and_then(|end| rest.get(end..)) {
            Some(after) => rest = after,
            None => break,
        }
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name: String = name
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || "-_:".contains(*letter))
        .collect();
    Ok(match name.as_str() {
        "rss" | "feed" | "atom:feed" | "rdf:rdf" => Some(Kind::Feed),
        "html" | "head" | "body" | "div" | "p" | "article" | "main" | "section" | "header" | "title" | "meta"
        | "span" | "h1" | "h2" | "table" | "center" | "a" | "b" | "br" | "font" | "script" | "style" | "link"
        | "img" | "nav" | "ul" => Some(Kind::Html),
        _ if is_xml => {
            let found = format!("XML whose root element is <{name}>");
            return Err(Rejection::unsupported(
                input,
                &found,
                "export its articles as JSONL, HTML, RSS or Atom",
            ));
        }
        _ => None,
    })
}
