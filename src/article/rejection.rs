//! The stable kinds of rejection, each with what was expected, what was found, and the way out.

use std::io::{Error, ErrorKind};

use super::Rejection;

impl Rejection {
    fn of(code: &str, input: &str, reason: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            input: input.to_owned(),
            code: code.to_owned(),
            reason: reason.into(),
            advice: advice.into(),
        }
    }

    pub(super) fn empty(input: &str, found: &str) -> Self {
        Self::of(
            "empty",
            input,
            format!("expected an article, found {found}"),
            "remove it or fill it with text",
        )
    }

    pub(super) fn empty_folder(input: &str) -> Self {
        Self::of(
            "empty",
            input,
            "expected a folder with articles, found none (hidden files are skipped)",
            "name the folder that holds the articles",
        )
    }

    pub(super) fn binary(input: &str, found: &str, advice: &str) -> Self {
        Self::of("binary", input, format!("expected text, found {found}"), advice)
    }

    pub(super) fn unsupported(input: &str, found: &str, advice: &str) -> Self {
        let expected = "expected text, JSON, JSONL, an HTML page, or an RSS or Atom feed";
        Self::of("unsupported", input, format!("{expected}; found {found}"), advice)
    }

    pub(super) fn undecodable(input: &str, found: &str) -> Self {
        Self::of(
            "invalid-encoding",
            input,
            format!("expected UTF-8, UTF-16, Windows-1251 or Windows-1256 text, found {found}"),
            "fetch the file again if it was cut short, or convert it: iconv -f ENCODING -t UTF-8 FILE",
        )
    }

    pub(super) fn not_json(input: &str, found: &str) -> Self {
        Self::of(
            "not-json",
            input,
            format!("expected one JSON object a line or one JSON document, found {found}"),
            "write the file with a JSON library, one object a line",
        )
    }

    pub(super) fn not_an_object(input: &str, found: &str) -> Self {
        Self::of(
            "not-an-object",
            input,
            format!("expected a JSON object, found {found}"),
            r#"write each article as an object: {"title": "…", "text": "…"}"#,
        )
    }

    pub(super) fn no_text(input: &str, found: &str) -> Self {
        Self::of(
            "no-text",
            input,
            format!("expected the article's words, found {found}"),
            r#"put the article's words into a string field named "text""#,
        )
    }

    pub(super) fn no_content(input: &str, found: &str) -> Self {
        Self::of(
            "no-text",
            input,
            format!("expected an article, found {found}"),
            "save the article's own page, or give its words as plain text",
        )
    }

    pub(super) fn too_deep(input: &str, found: &str) -> Self {
        Self::of(
            "too-deep",
            input,
            format!("expected a document of ordinary nesting, found {found}"),
            "give the article's words as plain text or as a flat JSON object",
        )
    }

    pub(super) fn too_large(input: &str, unit: &str, limit: usize) -> Self {
        Self::of(
            "too-large",
            input,
            format!("expected {unit} of at most {limit} bytes, found a longer one"),
            "give one article a file, or one a line as JSONL",
        )
    }

    pub(super) fn too_long(input: &str, words: usize, limit: usize) -> Self {
        Self::of(
            "too-long",
            input,
            format!("expected at most {limit} words, found {words}"),
            "split the article or raise the limit of words",
        )
    }

    pub(super) fn bad_feed(input: &str, found: &str) -> Self {
        Self::of(
            "bad-feed",
            input,
            format!("expected a well-formed RSS or Atom feed, found {found}"),
            "fetch the feed again, or check it with a feed validator",
        )
    }

    pub(super) fn reader_failed(input: &str, reader: &str) -> Self {
        Self::of(
            "reader-failed",
            input,
            format!("expected {reader} to read the document, found that it failed inside"),
            "give the article's words as plain text, and report the document as a defect",
        )
    }

    pub(super) fn no_match(input: &str) -> Self {
        Self::of(
            "not-found",
            input,
            "expected files that match the pattern, found none",
            "check the pattern, and quote it so that the shell leaves it alone: 'news/**/*.html'",
        )
    }

    pub(super) fn bad_pattern(input: &str, found: &str) -> Self {
        Self::of(
            "not-found",
            input,
            format!("expected a path or a pattern, found {found}"),
            "close every bracket and brace of the pattern",
        )
    }

    /// Whether the fault lay with the disk, the network or a permission, so that the same file may be readable later.
    pub(crate) fn is_of_the_moment(&self) -> bool {
        matches!(self.code.as_str(), "not-found" | "unreadable")
    }

    pub(super) fn io(input: &str, error: &Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::of(
                "not-found",
                input,
                "expected a file or folder, found nothing there",
                "check the spelling; the file may have been moved while the job ran",
            ),
            ErrorKind::PermissionDenied => Self::of(
                "unreadable",
                input,
                "expected a readable file, found that permission is denied",
                "give the user that runs the job leave to read it: chmod a+r FILE",
            ),
            _ => Self::of(
                "unreadable",
                input,
                format!("expected a readable file, found: {error}"),
                "check the file and the disk or network it lies on",
            ),
        }
    }
}
