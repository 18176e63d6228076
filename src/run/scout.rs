//! Looks ahead for work: articles whose result is in the store are counted, the others handed on in windows.
//!
//! It runs on a thread of its own, so that the next window lies ready when the engine has done with one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::keys::Keys;
use super::progress::{PARTS, Progress, Stage};
use super::store::{Store, StoreError, Stored};

/// Articles in a window: enough for full batches, few enough that results flow and progress moves.
const WINDOW: usize = 48;
/// Articles in a window whose models do not fit into memory together: each is loaded once or twice a window.
const CROWDED_WINDOW: usize = 1536;
/// Articles looked at in one go.
const GLANCE: usize = 256;
/// How long to wait for the reader before looking again.
const PAUSE: Duration = Duration::from_millis(20);
/// A window that is not full goes on after this time, so that a slow input is worked on as it comes.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a scout needs.
pub(super) struct Scout<'a> {
    pub(super) store: &'a Store,
    pub(super) keys: &'a Keys,
    pub(super) progress: &'a Progress,
    /// Everything that will be read is in the store.
    pub(super) all_read: &'a AtomicBool,
    /// The models take turns in memory.
    pub(super) crowded: &'a AtomicBool,
    /// Nobody wants windows any more.
    pub(super) over: &'a AtomicBool,
}

impl Scout<'_> {
    /// Sends windows until everything read is done. True when there is no more.
    pub(super) fn run(&self, windows: &SyncSender<Vec<Stored>>) -> Result<bool, StoreError> {
        let mut position = 0;
        let mut window = Vec::with_capacity(WINDOW);
        let mut since = Instant::now();
        loop {
            if self.over.load(Ordering::Relaxed) {
                return Ok(false);
            }
            // Asked before the store is, so that nothing can come between.
            let all_read = self.all_read.load(Ordering::Acquire);
            let found = self.store.window(position, GLANCE)?;
            let none = found.is_empty();
            for stored in found {
                position = stored.position;
                if self.store.has(&self.keys.result(&stored.article))? {
                    self.progress.advance(PARTS);
                    self.progress.reused(Stage::Summarise);
                    continue;
                }
                window.push(stored);
                let crowded = self.crowded.load(Ordering::Relaxed);
                if window.len() >= if crowded { CROWDED_WINDOW } else { WINDOW } {
                    if windows.send(std::mem::take(&mut window)).is_err() {
                        return Ok(false);
                    }
                    since = Instant::now();
                }
            }
            if none && (all_read || since.elapsed() >= PATIENCE) {
                if !window.is_empty() && windows.send(std::mem::take(&mut window)).is_err() {
                    return Ok(false);
                }
                since = Instant::now();
                if all_read {
                    return Ok(true);
                }
            }
            if none {
                std::thread::sleep(PAUSE);
            }
        }
    }
}
