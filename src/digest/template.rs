//! Renders digest templates: escaping by file name, strict about unknown names.

use std::io;

use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value};

use super::plain::{ISOLATE, html, markdown};
use super::runs::runs;
use super::view::View;
use super::{Digest, DigestError};
use crate::prompts::Prompts;

const MARKDOWN: AutoEscape = AutoEscape::Custom("markdown");

/// Writes a digest through the template of that name.
pub(super) fn render(
    name: &str,
    digest: &Digest,
    prompts: &Prompts,
    out: &mut dyn io::Write,
) -> Result<(), DigestError> {
    fill(name, &View::new(digest, prompts)?, prompts, out)
}

/// Writes what the template of that name makes of a digest.
pub(super) fn fill(name: &str, view: &View, prompts: &Prompts, out: &mut dyn io::Write) -> Result<(), DigestError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(escaping);
    environment.set_formatter(format);
    environment.add_filter("isolate", isolate);
    environment.add_filter("runs", word_runs);
    let owned = prompts.clone();
    environment.set_loader(move |name| {
        owned
            .template(name)
            .map(|text| Some(text.to_owned()))
            .map_err(|error| minijinja::Error::new(minijinja::ErrorKind::TemplateNotFound, error.to_string()))
    });
    environment.get_template(name)?.render_captured_to(view, out)?;
    Ok(())
}

/// A text as runs of WordprocessingML, escaped.
fn word_runs(text: &str, language: &str, direction: &str, style: Option<&str>) -> Value {
    Value::from_safe_string(runs(text, language, direction, style.unwrap_or_default()))
}

fn escaping(name: &str) -> AutoEscape {
    let name = name.strip_suffix(".j2").unwrap_or(name);
    match name.rsplit('.').next() {
        Some("html" | "xml") => AutoEscape::Html,
        Some("md") => MARKDOWN,
        _ => AutoEscape::None,
    }
}

/// Writes a value as the template's format needs it.
fn format(out: &mut Output, state: &State, value: &Value) -> Result<(), minijinja::Error> {
    let text = match (state.auto_escape(), value.as_str()) {
        (AutoEscape::Html, Some(text)) if !value.is_safe() => html(text),
        (MARKDOWN, Some(text)) if !value.is_safe() => markdown(text),
        (MARKDOWN, _) => value.to_string(),
        _ => return minijinja::escape_formatter(out, state, value),
    };
    out.write_str(&text).map_err(minijinja::Error::from)
}

/// Keeps a text's direction to itself; what was escaped stays so.
fn isolate(value: &Value) -> Value {
    let text = format!("{}{value}{}", ISOLATE.0, ISOLATE.1);
    if value.is_safe() {
        Value::from_safe_string(text)
    } else {
        Value::from(text)
    }
}
