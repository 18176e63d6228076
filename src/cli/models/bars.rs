//! Download progress: a bar a file on a terminal, a line a file elsewhere.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use khulosa::model::hub::Watch;

/// Shows downloads on stderr.
pub struct Bars {
    all: MultiProgress,
    started: Mutex<HashMap<String, ProgressBar>>,
    terminal: bool,
}

impl Bars {
    /// Nothing is shown until something is fetched.
    pub fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            all: MultiProgress::new(),
            started: Mutex::default(),
            terminal,
        }
    }

    fn with(&self, file: &str, act: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = self.started.lock().unwrap_or_else(PoisonError::into_inner).get(file) {
            act(bar);
        }
    }
}

impl Watch for Bars {
    fn started(&self, file: &str, size: u64, done: u64) {
        if !self.terminal {
            eprintln!(
                "fetching {file}: {:.1} MB{}",
                size as f64 / 1e6,
                if done > 0 { ", going on" } else { "" }
            );
            return;
        }
        let bar = self
            .all
            .add(ProgressBar::new(size).with_position(done).with_message(file.to_owned()));
        if let Ok(style) = ProgressStyle::with_template("{msg:32} {bar:30} {bytes:>10} of {total_bytes:10} {eta}") {
            bar.set_style(style);
        }
        self.started
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(file.to_owned(), bar);
    }

    fn advanced(&self, file: &str, bytes: u64) {
        self.with(file, |bar| bar.inc(bytes));
    }

    fn finished(&self, file: &str) {
        self.with(file, ProgressBar::finish);
        if !self.terminal {
            eprintln!("fetched {file}");
        }
    }

    fn retried(&self, file: &str, reason: &str) {
        let line = format!("{file}: {reason}; trying again");
        if self.terminal {
            // A terminal that is gone needs no line.
            let _ = self.all.println(line);
        } else {
            eprintln!("{line}");
        }
    }
}
