//! Models ready for use: an engine, its tokenizer and its decoding, each model once however often a job names it, and no
//! more of them in memory than the job allows.

mod rack;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::engine::{self, Decoding, Device, EarlyStopping, Engine, EngineError, EngineOptions, Kind, Precision};
use crate::job::{Bytes, Job};
use crate::model::cache::{hub_folder, is_offline_by_environment};
#[cfg(feature = "fetch")]
use crate::model::hub::{Hub, Options};
use crate::model::locate::card_folders;
use crate::model::watch::{Downloads, Watch};
use crate::model::weights::{Checkpoint, WeightsError};
use crate::model::{self, Access, Catalogue, DecodingDefaults, ModelError, ModelTokenizer, Resolved, Routing, Task};
use crate::prompts::{PromptError, Prompts};

use rack::{Load, Rack};

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
    /// It is larger than the memory that the job gives to models.
    #[error(
        "{name}: its weights take {megabytes} MB, more than memory = \"{budget}\"; give more, or choose a smaller model"
    )]
    TooLarge {
        /// The model.
        name: String,
        /// Its size in memory.
        megabytes: u64,
        /// What the job gives.
        budget: Bytes,
    },
    /// A model that writes summaries is to translate.
    #[error("{name}: expected a model that translates, found one that summarises; `khulosa models list` shows both")]
    Task {
        /// The model.
        name: String,
    },
    /// The texts put around sources are wrong.
    #[error(transparent)]
    Prompts(#[from] PromptError),
}

/// A model ready for use.
pub struct Loaded {
    /// The card's name, the folder's name, or `hf:organisation/name`.
    pub name: String,
    /// Token ids to token ids; in memory when it is needed.
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

/// Loads models and keeps them within the job's memory. Cheap to clone: clones share what is loaded.
#[derive(Clone)]
pub struct Shelf {
    shared: Rc<Shared>,
}

struct Shared {
    catalogue: Catalogue,
    prompts: Prompts,
    options: EngineOptions,
    hub: PathBuf,
    licence: model::LicenceRule,
    allow_pickle: bool,
    offline: bool,
    /// What is not there is fetched, unless the shelf is offline.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code))]
    fetches: bool,
    /// Bytes that all models together may take, and whether the job said so.
    memory: (u64, bool),
    #[cfg_attr(not(feature = "fetch"), allow(dead_code))]
    watch: Arc<dyn Watch>,
    rack: Arc<Rack>,
    known: RefCell<HashMap<String, Rc<Loaded>>>,
}

impl Shelf {
    /// An empty shelf for a job, which shows downloads on stderr.
    ///
    /// # Errors
    /// When model cards or prompts are wrong.
    pub fn new(job: &Job) -> Result<Self, ShelfError> {
        Self::watched(job, Arc::new(Downloads::new()))
    }

    /// An empty shelf for a job that fetches nothing, though `auto` chooses as if it would: what a run would fetch is
    /// [`ModelError::Missing`].
    ///
    /// # Errors
    /// As [`Shelf::new`].
    pub fn without_fetching(job: &Job) -> Result<Self, ShelfError> {
        let mut shelf = Self::new(job)?;
        if let Some(shared) = Rc::get_mut(&mut shelf.shared) {
            shared.fetches = false;
        }
        Ok(shelf)
    }

    /// An empty shelf that tells `watch` of downloads.
    ///
    /// # Errors
    /// As [`Shelf::new`].
    pub fn watched(job: &Job, watch: Arc<dyn Watch>) -> Result<Self, ShelfError> {
        let options = EngineOptions::from(job);
        let load = move |folder: &Path| engine::load(folder, &options);
        Self::with_engines(job, watch, Box::new(load))
    }

    /// A shelf with engines of another maker.
    pub(crate) fn with_engines(job: &Job, watch: Arc<dyn Watch>, load: Box<Load>) -> Result<Self, ShelfError> {
        let budget = job.memory.map_or_else(machine_memory, |memory| memory.0);
        Ok(Self {
            shared: Rc::new(Shared {
                catalogue: Catalogue::load(&card_folders(job.models.as_deref()))?,
                prompts: Prompts::load(job.prompts.as_deref())?,
                options: EngineOptions::from(job),
                hub: hub_folder(),
                licence: job.licence,
                allow_pickle: job.allow_pickle,
                offline: job.offline || is_offline_by_environment(),
                fetches: true,
                memory: (budget, job.memory.is_some()),
                watch,
                rack: Arc::new(Rack::new(budget, load)),
                known: RefCell::default(),
            }),
        })
    }

    /// The model that a card's name or a folder stands for, loaded now so that what is wrong with it shows at once.
    ///
    /// # Errors
    /// When there is no such model, its licence does not fit the job, or it cannot be loaded.
    pub fn get(&self, spec: &str) -> Result<Rc<Loaded>, ShelfError> {
        let model = self.lend(spec)?;
        model.engine.ready().map_err(|source| ShelfError::Engine {
            name: model.name.clone(),
            source,
        })?;
        Ok(model)
    }

    /// As [`Shelf::get`], but its weights are loaded when they are first needed.
    ///
    /// # Errors
    /// As [`Shelf::get`], but for damage of the weights.
    pub fn lend(&self, spec: &str) -> Result<Rc<Loaded>, ShelfError> {
        if let Some(known) = self.shared.known.borrow().get(spec) {
            return Ok(Rc::clone(known));
        }
        let shared = &*self.shared;
        let resolved = self.resolve(spec)?;
        let failed = |source| ShelfError::Engine {
            name: resolved.name.clone(),
            source,
        };
        let tokenizer = resolved.tokenizer(&shared.prompts)?;
        let limits = engine::limits(&resolved.folder).map_err(failed)?;
        let bytes = size(&resolved.folder, &shared.options).map_err(|error| failed(error.into()))?;
        if let (budget, true) = shared.memory
            && bytes > budget
        {
            return Err(ShelfError::TooLarge {
                name: resolved.name.clone(),
                megabytes: bytes.div_ceil(1_000_000),
                budget: Bytes(budget),
            });
        }
        let model = Rc::new(Loaded {
            engine: Box::new(shared.rack.lend(&resolved.folder, bytes, limits)),
            tokenizer,
            decoding: decoding(&resolved.decoding),
            identity: format!("{} {}", resolved.identity(), manner(&shared.options)),
            max_source: resolved.max_source.min(limits.max_source),
            prompts: shared.prompts.hash_under("models/"),
            task: resolved.task,
            name: resolved.name,
        });
        tracing::info!(model = %model.identity, folder = %resolved.folder.display(), "ready");
        shared.known.borrow_mut().insert(spec.to_owned(), Rc::clone(&model));
        Ok(model)
    }

    /// Where the files of a model are, fetched if need be.
    ///
    /// # Errors
    /// When there is no such model, or its licence does not fit the job.
    pub fn folder(&self, spec: &str) -> Result<PathBuf, ShelfError> {
        Ok(self.resolve(spec)?.folder)
    }

    /// The prompts that the models are used with.
    pub fn prompts(&self) -> &Prompts {
        &self.shared.prompts
    }

    /// Whether all models that were asked for so far fit into the memory together.
    pub fn all_fit(&self) -> bool {
        self.shared.rack.all_fit()
    }

    /// What `auto` chooses from.
    pub fn routing(&self) -> Routing<'_> {
        let shared = &*self.shared;
        Routing {
            catalogue: &shared.catalogue,
            hub: shared.hub.clone(),
            licence: shared.licence,
            may_fetch: cfg!(feature = "fetch") && !shared.offline,
            memory: Some(shared.memory.0 / 1_000_000),
            precision: match (shared.options.kind, shared.options.device, shared.options.precision) {
                (Kind::Reference, Device::Cpu, _) | (_, _, Precision::F32) => "f32",
                (_, _, Precision::Int8) => "int8",
                (_, _, Precision::F16) => "f16",
                (_, _, Precision::Bf16) => "bf16",
            },
        }
    }

    /// Finds the model's files, fetching what is not there unless the job or the environment says not to.
    fn resolve(&self, spec: &str) -> Result<Resolved, ModelError> {
        let shared = &*self.shared;
        let access = Access {
            hub: shared.hub.clone(),
            fetch: None,
            licence: shared.licence,
            allow_pickle: shared.allow_pickle,
        };
        #[cfg(feature = "fetch")]
        if shared.fetches && !shared.offline {
            let hub = Hub::new(Options::from_environment(), shared.watch.as_ref());
            let access = Access {
                fetch: Some(&hub),
                ..access
            };
            return model::resolve(spec, &shared.catalogue, &access);
        }
        model::resolve(spec, &shared.catalogue, &access)
    }
}

/// Bytes of memory that this machine has.
fn machine_memory() -> u64 {
    let what = sysinfo::RefreshKind::nothing().with_memory(sysinfo::MemoryRefreshKind::everything());
    sysinfo::System::new_with_specifics(what).total_memory()
}

/// Bytes that a model's weights take in memory.
fn size(folder: &Path, options: &EngineOptions) -> Result<u64, WeightsError> {
    let each = match (options.kind, options.device, options.precision) {
        (Kind::Reference, Device::Cpu, _) | (_, _, Precision::F32) => 4,
        (_, _, Precision::F16 | Precision::Bf16) => 2,
        (_, _, Precision::Int8) => 1,
    };
    let weights = Checkpoint::open(folder)?;
    let shapes = weights.names().filter_map(|name| weights.shape(name));
    Ok(shapes.map(|shape| shape.iter().product::<usize>() as u64 * each).sum())
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
