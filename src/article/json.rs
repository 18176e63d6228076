//! JSON: one object a line (JSONL), an array of objects, or objects written over several lines.
//!
//! Read as they come: a file of any length is never held. The article's words stand in `text` (or, where that is missing,
//! in `body` or `content`); `id`, `title`, `language`, `date`, `agency`, `place`, `url` and `source` are used if they are
//! strings; every other field is carried through in [`Article::extra`](super::Article::extra).

use std::io::{self, BufRead};

use serde_json::{Map, Value};

use super::draft::Draft;
use super::lines::{Line, Lines};
use super::{Article, Articles, ReadOptions, Rejection, encoding};

/// Fields that may hold the article's words, the first that is there wins.
const TEXT_FIELDS: [&str; 3] = ["text", "body", "content"];

/// The articles of JSONL; each is named `INPUT:LINE`. Empty lines are skipped.
pub(super) fn lines(input: &str, reader: impl BufRead + Send + 'static, options: &ReadOptions) -> Articles {
    let (input, options) = (input.to_owned(), options.clone());
    let mut failed = false;
    let lines = Lines::new(reader, options.max_article_bytes)
        .take_while(move |line| !std::mem::replace(&mut failed, line.is_err()));
    Box::new(lines.enumerate().filter_map(move |(index, line)| {
        let name = format!("{input}:{}", index + 1);
        match line {
            Ok(Line::Whole(bytes)) if bytes.trim_ascii().is_empty() => None,
            Ok(Line::Whole(bytes)) => Some(article(&name, bytes, &options)),
            Ok(Line::TooLong) => Some(Err(Rejection::too_large(&name, "a line", options.max_article_bytes))),
            Err(error) => Some(Err(Rejection::io(&name, &error))),
        }
    }))
}

/// The articles of a JSON document. Those of an array are named `INPUT#N`; a lone object bears the name of its file.
pub(super) fn document(input: &str, reader: impl BufRead + Send + 'static, options: &ReadOptions) -> Articles {
    let (input, options) = (input.to_owned(), options.clone());
    let mut values = Values::new(reader, options.max_article_bytes);
    let mut count = 0;
    Box::new(std::iter::from_fn(move || {
        let part = values.next()?;
        count += 1;
        let name = if values.in_array || count > 1 {
            format!("{input}#{count}")
        } else {
            input.clone()
        };
        Some(match part {
            Part::Whole(bytes) => article(&name, bytes, &options),
            Part::TooLong => Err(Rejection::too_large(&name, "an object", options.max_article_bytes)),
            Part::Broken(found) => Err(Rejection::not_json(&input, &found)),
            Part::Failed(error) => Err(Rejection::io(&input, &error)),
        })
    }))
}

fn article(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Article, Rejection> {
    let text = encoding::decode(bytes, None).map_err(|found| Rejection::undecodable(name, &found))?;
    let value = serde_json::from_str(&text).map_err(|error| {
        let found = error.to_string();
        if found.contains("recursion limit") {
            Rejection::too_deep(name, "JSON nested more than 127 levels deep")
        } else {
            Rejection::not_json(name, &found)
        }
    })?;
    draft(name, value)?.finish(options)
}

/// The draft of one JSON value.
fn draft(name: &str, value: Value) -> Result<Draft, Rejection> {
    let Value::Object(mut fields) = value else {
        return Err(Rejection::not_an_object(name, kind_of(&value)));
    };
    fields.retain(|_, value| !value.is_null());
    let body = match TEXT_FIELDS
        .iter()
        .find_map(|field| fields.shift_remove(*field).map(|value| (field, value)))
    {
        Some((_, Value::String(text))) => text,
        Some((field, other)) => return Err(Rejection::no_text(name, &format!("{} in \"{field}\"", kind_of(&other)))),
        None => {
            let names: Vec<String> = fields
                .keys()
                .take(8)
                .map(|key| format!("{:?}", key.chars().take(40).collect::<String>()))
                .collect();
            let found = if names.is_empty() {
                "an empty object".to_owned()
            } else {
                format!("only {}", names.join(", "))
            };
            return Err(Rejection::no_text(name, &found));
        }
    };
    let given_id = match fields.get("id") {
        Some(Value::Number(number)) => {
            let number = number.to_string();
            fields.shift_remove("id");
            Some(number)
        }
        _ => string(&mut fields, "id"),
    };
    Ok(Draft {
        input: name.to_owned(),
        given_id,
        title: string(&mut fields, "title").unwrap_or_default(),
        body,
        language: string(&mut fields, "language"),
        date: string(&mut fields, "date"),
        agency: string(&mut fields, "agency"),
        place: string(&mut fields, "place"),
        url: string(&mut fields, "url"),
        source: string(&mut fields, "source"),
        extra: fields,
    })
}

/// Takes a field out if it is a string; otherwise it stays, to be carried through.
fn string(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name) {
        Some(Value::String(_)) => match fields.shift_remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A piece of a JSON document.
enum Part {
    Whole(Vec<u8>),
    /// Longer than the limit; skipped.
    TooLong,
    Broken(String),
    Failed(io::Error),
}

/// Cuts a document into the values of its array, or into its values, without holding more than one.
struct Values<R> {
    reader: R,
    limit: usize,
    in_array: bool,
    started: bool,
    ended: bool,
}

impl<R: BufRead> Values<R> {
    fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            limit,
            in_array: false,
            started: false,
            ended: false,
        }
    }

    /// The next byte, left in place.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            // The bytes of a byte order mark count as space before the document.
            if !(byte.is_ascii_whitespace() || (!self.started && matches!(byte, 0xef | 0xbb | 0xbf))) {
                return Ok(Some(byte));
            }
            self.reader.consume(1);
        }
        Ok(None)
    }

    fn part(&mut self) -> io::Result<Option<Part>> {
        let first = !self.started;
        let mut byte = self.skip_space()?;
        self.started = true;
        if first && byte == Some(b'[') {
            self.in_array = true;
            self.reader.consume(1);
            if self.skip_space()? == Some(b']') {
                self.ended = true;
                return Ok(Some(Part::Broken("an empty array".to_owned())));
            }
        } else if self.in_array {
            match byte {
                Some(b',') => self.reader.consume(1),
                Some(b']') => {
                    self.reader.consume(1);
                    self.ended = true;
                    let after = self.skip_space()?;
                    return Ok(after.map(|byte| Part::Broken(format!("{:?} after the array", char::from(byte)))));
                }
                _ => return Ok(Some(self.broken("an array without its end"))),
            }
        }
        if self.in_array {
            byte = self.skip_space()?;
        }
        match byte {
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => self.value().map(Some),
            Some(byte) => Ok(Some(
                self.broken(&format!("{:?} where a value should begin", char::from(byte))),
            )),
            None if self.in_array => Ok(Some(self.broken("an array without its end"))),
            None => Ok(None),
        }
    }

    fn broken(&mut self, found: &str) -> Part {
        self.ended = true;
        Part::Broken(found.to_owned())
    }

    /// Reads to the end of the value that begins here, by its brackets and quotes; whether it is right JSON is told later.
    fn value(&mut self) -> io::Result<Part> {
        let (mut bytes, mut too_long) = (Vec::new(), false);
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        while let Some(byte) = self.peek()? {
            let delimiter = byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
            if depth == 0 && !in_string && delimiter && !(bytes.is_empty()) {
                break;
            }
            self.reader.consume(1);
            too_long |= bytes.len() >= self.limit;
            if !too_long {
                bytes.push(byte);
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 && !in_string && matches!(byte, b'}' | b']' | b'"') {
                break;
            }
        }
        // A value cut short is rejected as it is parsed; nothing comes after it.
        self.ended = depth > 0 || in_string;
        Ok(if too_long { Part::TooLong } else { Part::Whole(bytes) })
    }
}

impl<R: BufRead> Iterator for Values<R> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        if self.ended {
            return None;
        }
        self.part().unwrap_or_else(|error| {
            self.ended = true;
            Some(Part::Failed(error))
        })
    }
}
