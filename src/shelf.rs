//! Loaded models: an engine, its tokenizer and its decoding, each model once however often a job names it.

use std::collections::HashMap;
use std::rc::Rc;

use crate::engine::{self, Decoding, Device, EarlyStopping, Engine, EngineError, EngineOptions, Kind};
use crate::job::Job;
use crate::model::cache::hub_folder;
#[cfg(feature = "fetch")]
use crate::model::cache::is_offline_by_environment;
#[cfg(feature = "fetch")]
use crate::model::hub::{Hub, Options, Silent};
use crate::model::locate::card_folders;
use crate::model::{self, Access, Catalogue, DecodingDefaults, ModelError, ModelTokenizer, Resolved, Task};
use crate::prompts::{PromptError, Prompts};

/// Why a model could not be put on the shelf.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// It cannot be found or its files are wrong.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// It cannot be run.
    #[error("{name}: {source}")]
    Engine {
        /// The model.
        name: String,
        /// What the engine said.
        source: EngineError,
    },
    /// The texts put around sources are wrong.
    #[error(transparent)]
    Prompts(#[from] PromptError),
}

/// A model ready for use.
pub struct Loaded {
    /// Token ids to token ids.
    pub engine: Box<dyn Engine>,
    /// Text to token ids and back.
    pub tokenizer: ModelTokenizer,
    /// How it decodes unless asked otherwise.
    pub decoding: Decoding,
    /// Name, content, engine and precision: everything about the model that its output depends on.
    pub identity: String,
    /// Longest source, in tokens, that the model was made for.
    pub max_source: usize,
    /// Hash of the texts that prompts put around sources; part of every unit's key.
    pub prompts: String,
    /// What it is for.
    pub task: Task,
}

/// Loads models and keeps them.
pub struct Shelf {
    catalogue: Catalogue,
    prompts: Prompts,
    options: EngineOptions,
    licence: model::LicenceRule,
    allow_pickle: bool,
    #[cfg(feature = "fetch")]
    offline: bool,
    loaded: HashMap<String, Rc<Loaded>>,
}

impl Shelf {
    /// An empty shelf for a job.
    ///
    /// # Errors
    /// When model cards or prompts are wrong.
    pub fn new(job: &Job) -> Result<Self, ShelfError> {
        Ok(Self {
            catalogue: Catalogue::load(&card_folders(job.models.as_deref()))?,
            prompts: Prompts::load(job.prompts.as_deref())?,
            options: EngineOptions::from(job),
            licence: job.licence,
            allow_pickle: job.allow_pickle,
            #[cfg(feature = "fetch")]
            offline: job.offline || is_offline_by_environment(),
            loaded: HashMap::new(),
        })
    }

    /// The model that a card's name or a folder stands for, loaded now or before.
    ///
    /// # Errors
    /// When there is no such model, its licence does not fit the job, or it cannot be loaded.
    pub fn get(&mut self, spec: &str) -> Result<Rc<Loaded>, ShelfError> {
        if let Some(loaded) = self.loaded.get(spec) {
            return Ok(Rc::clone(loaded));
        }
        let resolved = self.resolve(spec)?;
        let tokenizer = resolved.tokenizer(&self.prompts)?;
        let engine = engine::load(&resolved.folder, &self.options).map_err(|source| ShelfError::Engine {
            name: resolved.name.clone(),
            source,
        })?;
        tracing::info!(model = %resolved.identity(), folder = %resolved.folder.display(), "loaded");
        let max_source = resolved.max_source.min(engine.limits().max_source);
        let loaded = Rc::new(Loaded {
            engine,
            tokenizer,
            decoding: decoding(&resolved.decoding),
            identity: format!("{} {}", resolved.identity(), manner(&self.options)),
            max_source,
            prompts: self.prompts.hash_under("models/"),
            task: resolved.task.unwrap_or(Task::Translate),
        });
        self.loaded.insert(spec.to_owned(), Rc::clone(&loaded));
        Ok(loaded)
    }

    /// Finds the model's files, fetching what is not there unless the job or the environment says not to.
    fn resolve(&self, spec: &str) -> Result<Resolved, ModelError> {
        let access = Access {
            hub: hub_folder(),
            fetch: None,
            licence: self.licence,
            allow_pickle: self.allow_pickle,
        };
        #[cfg(feature = "fetch")]
        if !self.offline {
            let hub = Hub::new(Options::from_environment(), &Silent);
            return model::resolve(
                spec,
                &self.catalogue,
                &Access {
                    fetch: Some(&hub),
                    ..access
                },
            );
        }
        model::resolve(spec, &self.catalogue, &access)
    }
}

/// What of the options an output depends on.
fn manner(options: &EngineOptions) -> String {
    let kind = match options.kind {
        Kind::Fast => "fast",
        Kind::Reference => "reference",
    };
    match options.device {
        Device::Cpu => format!("{kind} {}", options.precision),
        Device::Cuda(_) => format!("{kind} {} cuda", options.precision),
    }
}

/// A model's own decoding, as the engine takes it.
pub(crate) fn decoding(model: &DecodingDefaults) -> Decoding {
    Decoding {
        beams: model.beams,
        length_penalty: model.length_penalty,
        early_stopping: match model.early_stopping {
            model::EarlyStopping::Heuristic => EarlyStopping::Heuristic,
            model::EarlyStopping::Always => EarlyStopping::Always,
            model::EarlyStopping::Never => EarlyStopping::Never,
        },
        max_new_tokens: model.max_new_tokens,
        min_new_tokens: model.min_new_tokens,
        no_repeat_ngram: model.no_repeat_ngram,
        repetition_penalty: model.repetition_penalty,
        bad_words: model.bad_words.clone(),
        suppress: model.suppress.clone(),
        forced_bos: model.forced_bos,
        forced_eos: model.forced_eos,
        decoder_start: model.decoder_start,
        eos: model.eos,
        pad: model.pad,
        n_best: 1,
        shortlist: None,
        copyable: None,
        required: Vec::new(),
        deadline: None,
    }
}
