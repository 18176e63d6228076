//! Engines within a memory budget: loaded when they are first used, the least recently used put away when another needs
//! the room, and the next one loaded while the present one works where both fit.
//!
//! What is lent out is a [`Lent`]: an [`Engine`] to whoever holds it, whether or not its weights are in memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::engine::{Decoding, Engine, EngineError, Generated, Limits};

/// Makes an engine from a model's folder.
pub type Load = dyn Fn(&Path) -> Result<Box<dyn Engine>, EngineError> + Send + Sync;

/// A loaded engine; whoever works with it keeps it alive, even when it is put away meanwhile.
type Shared = Arc<Mutex<Box<dyn Engine>>>;

/// See the module.
pub struct Rack {
    /// Bytes that all engines together may take.
    budget: u64,
    load: Box<Load>,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    places: Vec<Place>,
    clock: u64,
}

struct Place {
    folder: PathBuf,
    bytes: u64,
    /// When it was last used, by the rack's clock.
    used: u64,
    holding: Holding,
}

enum Holding {
    Away,
    Coming,
    Here(Shared),
}

impl State {
    /// Bytes of what is in memory or on its way there.
    fn held(&self) -> u64 {
        let held = |place: &&Place| !matches!(place.holding, Holding::Away);
        self.places.iter().filter(held).map(|place| place.bytes).sum()
    }

    fn tick(&mut self, place: usize) {
        self.clock += 1;
        self.places[place].used = self.clock;
    }

    /// Puts away the least recently used engines, `kept` never, until `bytes` more fit into the budget.
    fn make_room(&mut self, bytes: u64, budget: u64, kept: Option<usize>) {
        while self.held() + bytes > budget {
            let here = self.places.iter_mut().enumerate();
            let idle = here.filter(|(at, place)| matches!(place.holding, Holding::Here(_)) && Some(*at) != kept);
            let Some((_, oldest)) = idle.min_by_key(|(_, place)| place.used) else {
                return;
            };
            tracing::debug!(folder = %oldest.folder.display(), "put away");
            oldest.holding = Holding::Away;
        }
    }

    /// The engine used last, where it is in memory.
    fn latest(&self) -> Option<usize> {
        let here = self.places.iter().enumerate();
        here.filter(|(_, place)| matches!(place.holding, Holding::Here(_)))
            .max_by_key(|(_, place)| place.used)
            .map(|(at, _)| at)
    }
}

impl Rack {
    /// An empty rack.
    pub fn new(budget: u64, load: Box<Load>) -> Self {
        Self {
            budget,
            load,
            state: Mutex::default(),
            arrived: Condvar::new(),
        }
    }

    /// Makes a place for a model that takes so many bytes; nothing is loaded yet.
    pub fn lend(self: &Arc<Self>, folder: &Path, bytes: u64, limits: Limits) -> Lent {
        let mut state = self.state();
        state.places.push(Place {
            folder: folder.to_owned(),
            bytes,
            used: 0,
            holding: Holding::Away,
        });
        Lent {
            rack: self.clone(),
            place: state.places.len() - 1,
            limits,
        }
    }

    /// Whether every model known so far can be in memory at the same time.
    pub fn all_fit(&self) -> bool {
        self.state().places.iter().map(|place| place.bytes).sum::<u64>() <= self.budget
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine of a place, loaded now if need be.
    fn take(&self, place: usize) -> Result<Shared, EngineError> {
        let mut state = self.state();
        loop {
            state.tick(place);
            let bytes = match &state.places[place].holding {
                Holding::Here(engine) => return Ok(engine.clone()),
                Holding::Coming => None,
                Holding::Away => Some(state.places[place].bytes),
            };
            if let Some(bytes) = bytes {
                state.make_room(bytes, self.budget, None);
                let coming = |place: &Place| matches!(place.holding, Holding::Coming);
                // One that is still coming cannot be put away before it is there.
                if state.held() + bytes <= self.budget || !state.places.iter().any(coming) {
                    break;
                }
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.places[place].holding = Holding::Coming;
        drop(state);
        self.fill(place)
    }

    /// Loads what is marked as coming.
    fn fill(&self, place: usize) -> Result<Shared, EngineError> {
        let mut arrival = Arrival {
            rack: self,
            place,
            engine: None,
        };
        let folder = self.state().places[place].folder.clone();
        let engine: Shared = Arc::new(Mutex::new((self.load)(&folder)?));
        arrival.engine = Some(engine.clone());
        Ok(engine)
    }

    /// Begins to load an engine that is about to be used, beside the one in use, if both fit.
    fn expect(self: &Arc<Self>, place: usize) {
        let mut state = self.state();
        if !matches!(state.places[place].holding, Holding::Away) {
            return;
        }
        let latest = state.latest();
        let coming = state.places.iter().enumerate();
        let stays = coming.filter(|(at, place)| matches!(place.holding, Holding::Coming) || Some(*at) == latest);
        let stays: u64 = stays.map(|(_, place)| place.bytes).sum();
        let bytes = state.places[place].bytes;
        if stays + bytes > self.budget {
            return;
        }
        state.make_room(bytes, self.budget, latest);
        state.tick(place);
        state.places[place].holding = Holding::Coming;
        drop(state);
        let rack = self.clone();
        // A failure shows when the engine is used, and loaded once more.
        std::thread::spawn(move || rack.fill(place).map(drop));
    }
}

/// Tells the rack how loading ended, even when it panicked: nobody must wait for ever.
struct Arrival<'a> {
    rack: &'a Rack,
    place: usize,
    engine: Option<Shared>,
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        self.rack.state().places[self.place].holding = self.engine.take().map_or(Holding::Away, Holding::Here);
        self.rack.arrived.notify_all();
    }
}

/// An engine that is in memory when it is needed.
pub struct Lent {
    rack: Arc<Rack>,
    place: usize,
    limits: Limits,
}

impl Lent {
    fn with<T>(&self, act: impl FnOnce(&dyn Engine) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let engine = self.rack.take(self.place)?;
        let engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
        act(engine.as_ref())
    }
}

impl Engine for Lent {
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError> {
        self.with(|engine| engine.generate(batch, how))
    }

    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        self.with(|engine| engine.embed(batch))
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn prepare(&self) {
        self.rack.expect(self.place);
    }

    fn ready(&self) -> Result<(), EngineError> {
        self.with(|_| Ok(()))
    }
}

#[cfg(test)]
mod tests;
