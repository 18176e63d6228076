//! The reference engine: rust-bert's own graphs, with weights loaded by libtorch into rust-bert's own variables.
//!
//! It decodes one source at a time, without padding, with the same search as the fast engine. Its purpose is to be
//! believed, not to be quick.

mod models;
#[cfg(test)]
mod tests;

use std::path::Path;

use tch::{IndexOp, Kind, Tensor};

use super::batch::{Queue, work};
use super::network::{Network, Scores, Step};
use super::spec::{Config, Spec};
use super::{Decoding, Device, Engine, EngineError, EngineOptions, Generated, Limits, Precision, check};
use models::{Cache, Model};

/// See the module.
pub(super) struct Reference {
    model: Model,
    spec: Spec,
    device: tch::Device,
    threads: i32,
}

impl Reference {
    pub(super) fn load(folder: &Path, options: &EngineOptions) -> Result<Self, EngineError> {
        let (device, precision) = (options.device, options.precision);
        let unsupported = |advice| EngineError::Unsupported {
            precision,
            device,
            advice,
        };
        // int8 is what jobs ask for by default; the reference has one precision on the processor.
        let kind = match (device, precision) {
            (Device::Cpu, Precision::F32 | Precision::Int8) | (Device::Cuda(_), Precision::F32) => Kind::Float,
            (Device::Cuda(_), Precision::F16) => Kind::Half,
            (Device::Cuda(_), Precision::Bf16) => Kind::BFloat16,
            (Device::Cpu, _) => return Err(unsupported("16-bit floats need a graphics card; ask for f32")),
            (Device::Cuda(_), Precision::Int8) => return Err(unsupported("on a graphics card, ask for f16 or bf16")),
        };
        let place = match device {
            Device::Cpu => tch::Device::Cpu,
            Device::Cuda(card) if tch::Cuda::is_available() && (card as i64) < tch::Cuda::device_count() => {
                tch::Device::Cuda(card)
            }
            Device::Cuda(_) => return Err(unsupported("libtorch finds no such graphics card here; ask for cpu")),
        };
        let config = Config::read(folder.join("config.json"))?;
        let spec = Spec::new(&config)?;
        if kind == Kind::Half && spec.rms {
            return Err(unsupported("T5's states do not fit into f16; ask for bf16"));
        }
        let threads = i32::try_from(options.threads.max(1)).unwrap_or(i32::MAX);
        tch::set_num_threads(threads);
        let model = Model::load(folder, &config, &spec, place, kind)?;
        Ok(Self {
            model,
            spec,
            device: place,
            threads,
        })
    }

    /// libtorch keeps the number of threads per calling thread, and a new thread starts from the number set last
    /// anywhere: every call sets its own.
    fn claim_threads(&self) {
        tch::set_num_threads(self.threads);
    }
}

fn ids(tokens: impl Iterator<Item = u32>, device: tch::Device) -> Tensor {
    let tokens: Vec<i64> = tokens.map(i64::from).collect();
    Tensor::from_slice(&tokens).to_device(device)
}

impl Engine for Reference {
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError> {
        check::sources(batch, self.limits(), self.spec.source_vocabulary)?;
        check::decoding(how, self.limits())?;
        self.claim_threads();
        // One source at a time: as many rows as one source has beams, whatever the token budget.
        let queue = Queue::new(batch, how.beams, batch.len(), usize::MAX);
        let mut network = ReferenceNetwork {
            engine: self,
            slot: None,
        };
        let mut found = tch::no_grad(|| work(&mut network, &queue, how));
        match queue.into_failure() {
            Some(error) => Err(error),
            None => {
                found.sort_by_key(|(index, _)| *index);
                Ok(found.into_iter().map(|(_, generated)| generated).collect())
            }
        }
    }

    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        check::sources(batch, self.limits(), self.spec.source_vocabulary)?;
        self.claim_threads();
        let mean = |(index, source): (usize, &Vec<u32>)| {
            let states = tch::no_grad(|| {
                self.model
                    .encode(&ids(source.iter().copied(), self.device).unsqueeze(0))
            })?;
            let mean: Vec<f32> = Vec::try_from(states.f_mean_dim(1, false, Kind::Float)?.f_view(-1)?)?;
            if mean.iter().all(|value| value.is_finite()) {
                Ok(mean)
            } else {
                Err(EngineError::NotFinite { index, step: 0 })
            }
        };
        batch.iter().enumerate().map(mean).collect()
    }

    fn limits(&self) -> Limits {
        self.spec.limits()
    }
}

/// The one source in play.
struct Slot {
    /// `[1, tokens, width]`.
    states: Tensor,
    cache: Cache,
    extras: Vec<u32>,
}

struct ReferenceNetwork<'a> {
    engine: &'a Reference,
    slot: Option<Slot>,
}

impl Network for ReferenceNetwork<'_> {
    fn admit(&mut self, sources: &[&[u32]], how: &Decoding) -> Result<Vec<usize>, EngineError> {
        let Some(source) = sources.first() else {
            return Ok(Vec::new());
        };
        let engine = self.engine;
        let states = engine
            .model
            .encode(&ids(source.iter().copied(), engine.device).unsqueeze(0))?;
        let extras = how.extras(source, engine.spec.vocabulary);
        self.slot = Some(Slot {
            states,
            cache: engine.model.empty(),
            extras,
        });
        Ok(vec![0])
    }

    fn extras(&self, _slot: usize) -> &[u32] {
        self.slot.as_ref().map_or(&[], |slot| &slot.extras)
    }

    fn step(&mut self, steps: &[Step<'_>]) -> Result<Scores, EngineError> {
        let nothing = Scores {
            width: 0,
            values: Vec::new(),
        };
        let (Some(step), Some(slot)) = (steps.first(), &mut self.slot) else {
            return Ok(nothing);
        };
        let engine = self.engine;
        let parents = Tensor::from_slice(&step.rows.iter().map(|(parent, _)| *parent as i64).collect::<Vec<_>>());
        let parents = parents.to_device(engine.device);
        slot.cache.reorder(&parents)?;
        let count = step.rows.len() as i64;
        let tokens = ids(step.rows.iter().map(|(_, token)| *token), engine.device).f_view([count, 1])?;
        let states = slot.states.f_expand([count, -1, -1], false)?;
        let logits = engine.model.step(&states, &tokens, &mut slot.cache)?;
        if !step.scored {
            return Ok(nothing);
        }
        let logits = logits.i((.., -1, ..)).f_to_kind(Kind::Float)?;
        let logits = match step.shortlist {
            Some(shortlist) => {
                let columns = ids(shortlist.iter().chain(&slot.extras).copied(), engine.device);
                logits.f_index_select(1, &columns)?
            }
            None => logits,
        };
        let width = logits.size().last().copied().unwrap_or(0) as usize;
        let values = Vec::try_from(logits.f_contiguous()?.f_view(-1)?.to_device(tch::Device::Cpu))?;
        Ok(Scores { width, values })
    }

    fn release(&mut self, _slot: usize) {
        self.slot = None;
    }
}
