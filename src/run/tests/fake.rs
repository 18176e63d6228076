//! A model that needs no time: what it says follows from the source and the target language alone. Sources beyond a
//! certain length make it do what a test wants.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Decoding, Engine, EngineError, Generated, Hypothesis, Limits};
use crate::job::Job;
use crate::model::watch::Silent;
use crate::run::RunError;
use crate::run::window::Models;
use crate::shelf::Shelf;

/// What a source of more than [`LONG`] tokens does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Nothing special.
    Well,
    /// It makes the engine panic.
    Panic,
    /// It takes longer than any deadline.
    Slow,
    /// Every batch of more than so many sources is too large for the memory.
    Small(usize),
    /// The engine fails whatever it is given.
    Broken,
    /// It thinks little of all that it says.
    Unsure,
    /// It says the same word again and again.
    Loops,
    /// Every batch takes this long.
    Takes(Duration),
}

/// Sources longer than this are those that a test is about.
pub const LONG: usize = 90;

pub struct Fake(pub Manner);

fn hash(ids: &[u32], salt: u64) -> u64 {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    let hash = *blake3::hash(&bytes).as_bytes();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_le_bytes(first) ^ salt
}

impl Fake {
    fn behave(&self, batch: &[Vec<u32>]) -> Result<(), EngineError> {
        let long = batch.iter().any(|source| source.len() > LONG);
        match self.0 {
            Manner::Panic if long => panic!("a long source"),
            Manner::Slow if long => Err(EngineError::TooSlow),
            Manner::Small(most) if batch.len() > most => Err(EngineError::Threads("out of memory".to_owned())),
            Manner::Broken => Err(EngineError::Threads("the device is gone".to_owned())),
            Manner::Takes(time) => {
                std::thread::sleep(time);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Engine for Fake {
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError> {
        self.behave(batch)?;
        let allowed = how.shortlist.clone().unwrap_or_default();
        Ok(batch
            .iter()
            .map(|source| {
                let mut state = hash(source, u64::from(how.forced_bos.unwrap_or(0)));
                let mut ids: Vec<u32> = (0..source.len().min(24))
                    .map(|place| {
                        // A model that summarises may say everything; it says what it is told.
                        if allowed.is_empty() {
                            return source[place.min(source.len() - 2).max(1)];
                        }
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        allowed[(state >> 33) as usize % allowed.len()]
                    })
                    .collect();
                if self.0 == Manner::Loops {
                    let first = ids[0];
                    ids.fill(first);
                }
                ids.push(how.eos);
                let score = match self.0 {
                    Manner::Unsure => -3.0,
                    _ => -((state >> 40) as f64) / 1e8,
                };
                Generated {
                    hypotheses: vec![Hypothesis { ids, score }],
                }
            })
            .collect())
    }

    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        let vector = |ids: &Vec<u32>| (0..8).map(|place| (hash(ids, place) % 1000) as f32).collect();
        Ok(batch.iter().map(vector).collect())
    }

    fn limits(&self) -> Limits {
        Limits {
            max_source: 256,
            max_target: 256,
            vocabulary: 20_000,
        }
    }
}

/// Models that the fake engine runs with the built-in model's tokenizer.
pub fn models(job: &Job, manner: Manner) -> Result<Models, RunError> {
    let load = move |_: &Path| -> Result<Box<dyn Engine>, EngineError> { Ok(Box::new(Fake(manner))) };
    Models::load(&Shelf::with_engines(job, Arc::new(Silent), Box::new(load))?, job)
}
