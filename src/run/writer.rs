//! Puts finished units into the store on a thread of its own, so that the engine never waits for the disk.
//!
//! What lies ready is committed together. Progress moves after the commit and not before, and an article's result is
//! put together when its units are committed.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use super::keys::Keys;
use super::progress::Progress;
use super::result::{ArticleResult, Makers};
use super::store::{Store, StoreError, Stored, Unit, UnitKey};
use super::window::SummaryUnit;
use crate::text::language::Language;

/// Most messages that wait for the writer: beyond it the engine waits, and memory stays bounded.
pub(super) const QUEUE: usize = 256;
/// Most messages in one transaction.
const TOGETHER: usize = 512;

/// What the writer is told.
pub(super) enum Message {
    /// Units, and the thousandths of articles that they make up.
    Units(Vec<Unit>, u64),
    /// Every unit of this article has been sent.
    Done(Box<Stored>, SummaryUnit),
}

/// Units on their way to the store: not to be made again.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashSet<UnitKey>>);

impl Pending {
    /// Whether a unit is on its way.
    pub(super) fn holds(&self, key: &UnitKey) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    fn add(&self, units: &[Unit]) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.extend(units.iter().map(|unit| *unit.key()));
    }

    fn remove(&self, units: &[Unit]) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for unit in units {
            keys.remove(unit.key());
        }
    }
}

/// The engine's end of the queue.
pub(super) struct Outbox<'a> {
    pub(super) messages: SyncSender<Message>,
    pub(super) pending: &'a Pending,
}

impl Outbox<'_> {
    /// Hands units over; false when the writer is gone.
    pub(super) fn units(&self, units: Vec<Unit>, parts: u64) -> bool {
        self.pending.add(&units);
        self.messages.send(Message::Units(units, parts)).is_ok()
    }

    /// Tells that an article is done; false when the writer is gone.
    pub(super) fn done(&self, stored: Stored, summary: SummaryUnit) -> bool {
        self.messages.send(Message::Done(Box::new(stored), summary)).is_ok()
    }
}

/// The writing thread.
pub(super) struct Writer<'a> {
    pub(super) store: &'a Store,
    pub(super) keys: &'a Keys,
    pub(super) makers: &'a Makers,
    pub(super) to: &'a [Language],
    pub(super) progress: &'a Progress,
    pub(super) pending: &'a Pending,
}

impl Writer<'_> {
    /// Writes until nobody sends any more.
    pub(super) fn run(&self, messages: &Receiver<Message>) -> Result<(), StoreError> {
        while let Ok(first) = messages.recv() {
            let (mut units, mut parts, mut done) = (Vec::new(), 0, Vec::new());
            for message in std::iter::once(first).chain(messages.try_iter()).take(TOGETHER) {
                match message {
                    Message::Units(some, share) => {
                        units.extend(some);
                        parts += share;
                    }
                    Message::Done(stored, summary) => done.push((stored, summary)),
                }
            }
            self.store.finish(&units)?;
            self.pending.remove(&units);
            self.progress.advance(parts);
            let mut results = Vec::with_capacity(done.len());
            for (stored, summary) in done {
                let article = &stored.article;
                let result = ArticleResult::compose(self.store, self.keys, self.makers, self.to, article, summary)?;
                if let Some(result) = result {
                    results.push(Unit::own(self.keys.result(self.store, article)?, &result));
                }
            }
            self.store.finish(&results)?;
        }
        Ok(())
    }
}
