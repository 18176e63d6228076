//! Inputs of any length, in bounded memory.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Repeats `line` and counts what was read of it.
struct Endless {
    line: &'static [u8],
    at: usize,
    left: usize,
    read: Arc<AtomicUsize>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.left);
        for byte in &mut buffer[..count] {
            *byte = self.line[self.at % self.line.len()];
            self.at += 1;
        }
        self.left -= count;
        self.read.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }
}

fn endless(line: &'static [u8], length: usize) -> (Endless, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    (
        Endless {
            line,
            at: 0,
            left: length,
            read: Arc::clone(&read),
        },
        read,
    )
}

#[test]
fn a_long_jsonl_starts_at_once_and_is_not_held() {
    let (stream, read) = endless(b"{\"text\": \"The bridge across the river is open.\"}\n", usize::MAX);
    let mut articles = crate::article::read_stream("-", Box::new(stream), &ReadOptions::default());
    assert!(articles.next().is_some_and(|article| article.is_ok()));
    assert!(
        read.load(Ordering::Relaxed) < 1 << 20,
        "{} bytes were read for one article",
        read.load(Ordering::Relaxed)
    );
    assert!(articles.take(2000).all(|article| article.is_ok()));
}

#[test]
fn a_long_array_starts_at_once_and_is_not_held() {
    let (stream, read) = endless(b"{\"text\": \"The bridge across the river is open.\"},\n", usize::MAX);
    let stream = Cursor::new(b"[\n").chain(stream);
    let mut articles = crate::article::read_stream("-", Box::new(stream), &ReadOptions::default());
    assert!(articles.next().is_some_and(|article| article.is_ok()));
    assert!(read.load(Ordering::Relaxed) < 1 << 20);
}

#[test]
fn a_line_of_fifty_megabytes_is_skipped_and_the_next_is_read() {
    let (long, _) = endless(b"words and words ", 50 << 20);
    let start = Cursor::new("{\"text\": \"The first article.\"}\n{\"text\": \"");
    let stream = start
        .chain(long)
        .chain(Cursor::new("\"}\n{\"text\": \"The last article.\"}\n"));
    let outcomes: Vec<Outcome> =
        crate::article::read_stream("a.jsonl", Box::new(stream), &ReadOptions::default()).collect();
    assert_eq!(codes(&outcomes), ["ok", "too-large", "ok"]);
    assert!(
        outcomes[1]
            .as_ref()
            .is_err_and(|rejection| rejection.input == "a.jsonl:2")
    );
}

#[test]
fn a_first_line_of_ten_megabytes_is_skipped_too() {
    for name in ["a.jsonl", "-"] {
        let (long, _) = endless(b"words and words ", 10 << 20);
        let stream = Cursor::new("{\"text\": \"")
            .chain(long)
            .chain(Cursor::new("\"}\n{\"text\": \"The last article.\"}\n"));
        let outcomes: Vec<Outcome> =
            crate::article::read_stream(name, Box::new(stream), &ReadOptions::default()).collect();
        assert_eq!(codes(&outcomes), ["too-large", "ok"], "{name}");
    }
}

#[test]
fn an_object_of_a_document_over_the_limit_is_skipped() {
    let (long, _) = endless(b"words and words ", 10 << 20);
    let stream = Cursor::new("[{\"text\": \"")
        .chain(long)
        .chain(Cursor::new("\"}, {\"text\": \"The last article.\"}]"));
    let outcomes: Vec<Outcome> =
        crate::article::read_stream("a.json", Box::new(stream), &ReadOptions::default()).collect();
    assert_eq!(codes(&outcomes), ["too-large", "ok"]);
}

#[test]
fn texts_pages_and_feeds_over_the_limit_are_not_read_to_their_end() {
    for line in [
        &b"Words and more words.\n"[..],
        b"<!doctype html><p>Words</p>\n",
        b"<rss><channel></channel></rss>\n",
    ] {
        let (stream, read) = endless(line, usize::MAX);
        let outcomes: Vec<Outcome> =
            crate::article::read_stream("-", Box::new(stream), &ReadOptions::default()).collect();
        assert_eq!(codes(&outcomes), ["too-large"]);
        assert!(read.load(Ordering::Relaxed) < 40 << 20);
    }
}

#[test]
fn a_slow_stream_gives_its_first_line_before_the_second_comes() {
    /// One line, and then a failure if anyone asks for more.
    struct OneLine(bool);
    impl Read for OneLine {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            assert!(!self.0, "more was asked for than the first line");
            self.0 = true;
            let line = b"{\"text\": \"The first article.\"}\n";
            buffer[..line.len()].copy_from_slice(line);
            Ok(line.len())
        }
    }
    let mut articles = crate::article::read_stream("-", Box::new(OneLine(false)), &ReadOptions::default());
    assert!(articles.next().is_some_and(|article| article.is_ok()));
}
