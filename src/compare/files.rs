//! Reads hypotheses, references and sources: one text a line, or JSONL.
//!
//! Nothing is guessed: a file that is not UTF-8, is empty or has another number of lines is refused with its name, since
//! a score over misaligned lines looks like any other score.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use super::error::CompareError;

/// Fields of a JSON object that are taken for the text if none is named, the first that is there.
const USUAL_FIELDS: [&str; 6] = [
    "hypothesis",
    "reference",
    "references",
    "translation",
    "summary",
    "text",
];

/// The texts of one file.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The path as given, for messages.
    pub name: String,
    /// The texts of each line: one, or several where a JSON object's field `references` is an array.
    pub texts: Vec<Vec<String>>,
    /// The field `id` of each line, if it is a JSON object that has one.
    pub ids: Vec<Option<String>>,
}

/// Reads a file, or standard input for `-`. Files called `.jsonl` or `.ndjson` hold a JSON string or object a line;
/// `field` is the path to the text inside the object, such as `translations.tg.sentences`. An array of strings is the
/// sentences of one text, joined by line feeds.
///
/// # Errors
/// [`CompareError`], naming file and line.
pub fn read_lines(path: &Path, field: Option<&str>) -> Result<Lines, CompareError> {
    let (name, bytes) = read(path)?;
    let text = decode(path, &bytes)?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl") || extension.eq_ignore_ascii_case("ndjson"));
    let mut lines = Lines {
        name,
        texts: Vec::new(),
        ids: Vec::new(),
    };
    for (index, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
        if text.is_empty() {
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (texts, id) = if is_json || field.is_some() {
            from_json(path, index + 1, line, field)?
        } else {
            (vec![line.to_owned()], None)
        };
        lines.texts.push(texts);
        lines.ids.push(id);
    }
    if lines.texts.iter().flatten().all(|text| text.trim().is_empty()) {
        return Err(CompareError::Empty {
            name: lines.name,
            lines: lines.texts.len(),
        });
    }
    Ok(lines)
}

fn read(path: &Path) -> Result<(String, Vec<u8>), CompareError> {
    let wrap = |source| CompareError::Read {
        path: path.to_owned(),
        source,
    };
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(wrap)?;
        return Ok(("standard input".to_owned(), bytes));
    }
    Ok((path.display().to_string(), fs::read(path).map_err(wrap)?))
}

/// The text of a file in UTF-8, without a byte-order mark.
pub(super) fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, CompareError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
        CompareError::Encoding {
            path: path.to_owned(),
            line,
            offset,
            hint: guess(bytes),
        }
    })?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

/// What the file may be instead.
fn guess(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return "UTF-16";
    }
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(bytes, true);
    detector.guess(None, false).name()
}

type Found = (Vec<String>, Option<String>);

fn from_json(path: &Path, line: usize, text: &str, field: Option<&str>) -> Result<Found, CompareError> {
    let json: Value = serde_json::from_str(text).map_err(|error| CompareError::Json {
        path: path.to_owned(),
        line,
        reason: error.to_string(),
    })?;
    if let (Value::String(text), None) = (&json, field) {
        return Ok((vec![text.clone()], None));
    }
    let (name, value) = match field {
        Some(field) => (field, field.split('.').try_fold(&json, |value, key| value.get(key))),
        None => USUAL_FIELDS
            .into_iter()
            .find_map(|name| json.get(name).map(|value| (name, Some(value))))
            .unwrap_or(("", None)),
    };
    let expected = match field {
        Some(field) => format!("text in the field “{field}”"),
        None => format!(
            "a string, or an object with one of the fields {}",
            USUAL_FIELDS.join(", ")
        ),
    };
    let wrong = |found: &str| CompareError::Field {
        path: path.to_owned(),
        line,
        expected: expected.clone(),
        found: found.to_owned(),
    };
    let texts = match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(parts)) => {
            let parts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
            let parts = parts.ok_or_else(|| wrong("an array that holds more than strings"))?;
            if name.rsplit('.').next() == Some("references") {
                parts.into_iter().map(str::to_owned).collect()
            } else {
                vec![parts.join("\n")]
            }
        }
        Some(other) => return Err(wrong(kind(other))),
        None => return Err(wrong(&keys(&json))),
    };
    let id = json.get("id").and_then(|id| {
        id.as_str()
            .map(str::to_owned)
            .or_else(|| id.as_i64().map(|id| id.to_string()))
    });
    Ok((texts, id))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn keys(json: &Value) -> String {
    match json.as_object() {
        Some(object) => format!(
            "an object with {}",
            object.keys().cloned().collect::<Vec<_>>().join(", ")
        ),
        None => kind(json).to_owned(),
    }
}
