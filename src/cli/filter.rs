//! What the filters `summarise` and `translate` share: lines in, lines out, order kept, flushed as soon as a batch is
//! done, so that they work in a shell pipe.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;

use anyhow::Context;
use serde_json::{Map, Value};

/// Lines waited for at most before a batch is worked on.
const MOST_LINES: usize = 128;

/// One thing to work on.
pub enum Item {
    /// A JSON object with a `text`.
    Object(Map<String, Value>),
    /// Plain text.
    Text(String),
    /// Something that cannot be worked on, and why.
    Bad(String),
}

/// How plain text is cut into items; JSON objects are always one a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// Every line is a text.
    Lines,
    /// The whole input is one text.
    Whole,
}

/// Opens a file, or standard input for `-`.
pub fn open(path: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = std::fs::File::open(path).with_context(|| format!("{}: cannot read", path.display()))?;
    Ok(Box::new(file))
}

/// Feeds batches of items to `work`, which gives one line per item, and writes the lines.
///
/// An `Err` line goes to stderr with its line number; in its place stands an empty line (plain text) or an object with
/// `error` (JSON), and the exit code becomes 1.
pub fn run(
    path: &Path,
    plain: Plain,
    mut work: impl FnMut(&[Item]) -> anyhow::Result<Vec<Result<String, String>>>,
) -> anyhow::Result<ExitCode> {
    let (sender, receiver) = mpsc::sync_channel(4 * MOST_LINES);
    let input = BufReader::new(open(path)?);
    let reader = std::thread::spawn(move || read(input, plain, &sender));
    let mut out = std::io::stdout().lock();
    let (mut line, mut failed) = (0, false);
    while let Ok(first) = receiver.recv() {
        let items: Vec<Item> = std::iter::once(first)
            .chain(receiver.try_iter())
            .take(MOST_LINES)
            .collect();
        let results = work(&items)?;
        for (item, result) in items.iter().zip(results) {
            line += 1;
            match result {
                Ok(text) => writeln!(out, "{text}")?,
                Err(reason) => {
                    failed = true;
                    let message = format!("khulosa: {}:{line}: {reason}", path.display());
                    writeln!(std::io::stderr().lock(), "{}", super::printable::text(&message))?;
                    let place = match item {
                        Item::Text(_) => String::new(),
                        Item::Object(_) | Item::Bad(_) => serde_json::json!({ "error": reason }).to_string(),
                    };
                    writeln!(out, "{place}")?;
                }
            }
        }
        out.flush()?;
    }
    match reader.join() {
        Ok(result) => result.with_context(|| format!("{}: cannot read", path.display()))?,
        Err(_) => anyhow::bail!("{}: the reader failed; please report this", path.display()),
    }
    Ok(if failed {
        ExitCode::from(super::FINISHED_WITH_REJECTIONS)
    } else {
        ExitCode::SUCCESS
    })
}

fn read(mut input: impl BufRead, plain: Plain, sender: &mpsc::SyncSender<Item>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut whole = String::new();
    while input.read_until(b'\n', &mut bytes)? > 0 {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}');
        let object = text.trim_start().starts_with('{');
        if plain == Plain::Whole && !object {
            whole.push_str(text);
            whole.push('\n');
        } else if sender
            .send(if object {
                parse(text)
            } else {
                Item::Text(text.to_owned())
            })
            .is_err()
        {
            return Ok(());
        }
        bytes.clear();
    }
    if !whole.trim().is_empty() {
        // The receiver is gone only when the command has failed already.
        let _ = sender.send(Item::Text(whole));
    }
    Ok(())
}

fn parse(line: &str) -> Item {
    match serde_json::from_str::<Value>(line) {
        Ok(Value::Object(object)) if object.get("text").is_some_and(Value::is_string) => Item::Object(object),
        Ok(Value::Object(_)) => Item::Bad("expected an object with a text field `text`, found none".to_owned()),
        Ok(_) => Item::Bad("expected a JSON object".to_owned()),
        Err(error) => Item::Bad(format!("expected a JSON object, found broken JSON: {error}")),
    }
}

/// A string field of an object, empty when it is not there.
pub fn field<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
