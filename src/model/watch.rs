//! Is told how downloads go on, and shows it: a bar a file on a terminal, a line a file elsewhere.

use std::collections::HashMap;
use std::io::{IsTerminal, Write as _};
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;

/// Is told how downloads go on. Called from several threads.
pub trait Watch: Send + Sync {
    /// A file of `size` bytes is about to be fetched; `done` of them are there from an earlier attempt.
    fn started(&self, file: &str, size: u64, done: u64);
    /// `bytes` more of a file have come.
    fn advanced(&self, file: &str, bytes: u64);
    /// A file is complete, verified and in its place.
    fn finished(&self, file: &str);
    /// Something went wrong and is tried again.
    fn retried(&self, file: &str, reason: &str);
}

/// Tells nobody.
pub struct Silent;

impl Watch for Silent {
    fn started(&self, _: &str, _: u64, _: u64) {}
    fn advanced(&self, _: &str, _: u64) {}
    fn finished(&self, _: &str) {}
    fn retried(&self, _: &str, _: &str) {}
}

/// Shows downloads on stderr.
pub struct Downloads {
    form: Form,
}

enum Form {
    Bars {
        all: MultiProgress,
        started: Mutex<HashMap<String, ProgressBar>>,
    },
    Lines,
    Events,
}

impl Downloads {
    /// Bars on a terminal, lines elsewhere. Nothing is shown until something is fetched.
    pub fn new() -> Self {
        if std::io::stderr().is_terminal() {
            Self::among(MultiProgress::new())
        } else {
            Self::lines()
        }
    }

    /// Bars among those that are shown already.
    pub fn among(all: MultiProgress) -> Self {
        let started = Mutex::default();
        Self {
            form: Form::Bars { all, started },
        }
    }

    /// A line when a file is begun and one when it is there.
    pub fn lines() -> Self {
        Self { form: Form::Lines }
    }

    /// A JSON object where a line would be.
    pub fn events() -> Self {
        Self { form: Form::Events }
    }
}

impl Default for Downloads {
    fn default() -> Self {
        Self::new()
    }
}

/// A closed stderr must not end a download.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

impl Watch for Downloads {
    fn started(&self, file: &str, size: u64, done: u64) {
        match &self.form {
            Form::Bars { all, started } => {
                let bar = ProgressBar::new(size).with_position(done).with_message(file.to_owned());
                let bar = all.add(bar);
                if let Ok(style) =
                    ProgressStyle::with_template("{msg:32} {bar:20} {bytes:>10} of {total_bytes:10} {eta}")
                {
                    bar.set_style(style);
                }
                let mut started = started.lock().unwrap_or_else(PoisonError::into_inner);
                started.insert(file.to_owned(), bar);
            }
            Form::Lines => {
                let more = if done > 0 { ", going on" } else { "" };
                say(format_args!("fetching {file}: {:.1} MB{more}", size as f64 / 1e6));
            }
            Form::Events => say(json!({"event": "fetching", "file": file, "bytes": size, "done": done})),
        }
    }

    fn advanced(&self, file: &str, bytes: u64) {
        if let Form::Bars { started, .. } = &self.form
            && let Some(bar) = started.lock().unwrap_or_else(PoisonError::into_inner).get(file)
        {
            bar.inc(bytes);
        }
    }

    fn finished(&self, file: &str) {
        match &self.form {
            Form::Bars { started, .. } => {
                let bar = started.lock().unwrap_or_else(PoisonError::into_inner).remove(file);
                if let Some(bar) = bar {
                    bar.finish();
                }
            }
            Form::Lines => say(format_args!("fetched {file}")),
            Form::Events => say(json!({"event": "fetched", "file": file})),
        }
    }

    fn retried(&self, file: &str, reason: &str) {
        match &self.form {
            Form::Bars { all, .. } => {
                // A terminal that is gone needs no line.
                let _ = all.println(format!("{file}: {reason}; trying again"));
            }
            Form::Lines => say(format_args!("{file}: {reason}; trying again")),
            Form::Events => say(json!({"event": "retrying", "file": file, "reason": reason})),
        }
    }
}
