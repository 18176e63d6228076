//! `manifest.json`: everything that a comparison depends on, so that it can be made again elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ExperimentError;
use super::carry::{resolve, specs};
use super::cells::Cell;
use super::hashes::{self, Hashed};
use crate::article::{self, Place};
use crate::compare::significance::Test;
use crate::compare::study::Options;
use crate::compare::study::outputs::Run;
use crate::job::{AUTO, Job, Request};
use crate::model::files;
use crate::prompts::Prompts;
use crate::text::language::Language;

/// Name and version of the manifest's shape.
pub const SCHEMA: &str = "khulosa.manifest/1";
/// Its file in the folder of a comparison.
pub const FILE_NAME: &str = "manifest.json";

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    pub program: Program,
    pub models: Vec<Model>,
    /// BLAKE3 of all prompts.
    pub prompts: String,
    /// Every file that was read, in the order of reading.
    pub inputs: Vec<Hashed>,
    pub references: Option<Hashed>,
    pub measuring: Measuring,
    pub cells: Vec<Made>,
    pub machine: Machine,
    /// When it was made.
    pub made: String,
}

/// The code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    pub version: String,
    /// Of the executable: two builds of one version may differ.
    pub sha256: Option<String>,
    pub libtorch: String,
}

/// A model and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// What the job calls it.
    pub spec: String,
    /// Name and content, as records name it.
    pub identity: String,
    /// The repository's commit, where it came from a hub.
    pub commit: Option<String>,
    pub licence: String,
    pub files: Vec<Hashed>,
}

/// How scores were made of outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measuring {
    pub bootstrap: usize,
    /// `bootstrap` or `randomisation`.
    pub test: String,
    pub trials: usize,
    pub seed: u64,
    /// The model that translated back, if any did.
    pub round_trip: Option<String>,
    /// The model whose encoder compared sources and outputs, if any did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<String>,
    /// The language in which versions were compared, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pivot: Option<Language>,
}

/// A cell and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    pub name: String,
    pub settings: Vec<(String, String)>,
    /// A job file as JSON. Decoding that it leaves open is that of the model's own files.
    pub job: serde_json::Value,
    /// `records.jsonl` of its run folder.
    pub records: Hashed,
}

/// Where it ran. Nothing of it should matter; it is here for when something does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    pub system: String,
    pub processor: String,
    pub cores: usize,
    pub memory_bytes: u64,
}

impl Measuring {
    /// The numbers of `options`; no models.
    pub fn new(options: &Options) -> Self {
        Self {
            bootstrap: options.bootstrap,
            test: match options.test {
                Test::Bootstrap => "bootstrap",
                Test::Randomisation => "randomisation",
            }
            .to_owned(),
            trials: options.trials,
            seed: options.seed,
            round_trip: None,
            similarity: None,
            pivot: None,
        }
    }

    /// The options to measure again with.
    ///
    /// # Errors
    /// A test that is none.
    pub fn options(&self) -> Result<Options, ExperimentError> {
        Ok(Options {
            bootstrap: self.bootstrap,
            test: Test::parse(&self.test)?,
            trials: self.trials,
            seed: self.seed,
        })
    }
}

impl Made {
    /// The request that the cell was made by.
    ///
    /// # Errors
    /// Settings that no job has.
    pub fn request(&self, path: &Path) -> Result<Request, ExperimentError> {
        serde_json::from_value(self.job.clone()).map_err(|error| ExperimentError::Malformed {
            path: path.to_owned(),
            message: format!("the job of “{}”: {error}", self.name),
        })
    }
}

impl Manifest {
    /// Describes cells that have been carried out.
    ///
    /// # Errors
    /// Inputs from standard input, which nobody can read again; files that cannot be read.
    pub fn of(cells: &[Cell], references: Option<&Path>, measuring: Measuring) -> Result<Self, ExperimentError> {
        let mut models: Vec<Model> = Vec::new();
        let mut add = |job: &Job, spec: &str| -> Result<(), ExperimentError> {
            if !models.iter().any(|model| model.spec == spec) {
                models.push(model(job, spec)?);
            }
            Ok(())
        };
        for cell in cells {
            for spec in specs(&cell.job) {
                add(&cell.job, spec)?;
            }
            if [&cell.job.summariser, &cell.job.translator].contains(&&AUTO.to_owned()) {
                for spec in chosen(&cell.job.out)? {
                    add(&cell.job, &spec)?;
                }
            }
        }
        let first = cells.first().map(|cell| &cell.job);
        for spec in [&measuring.round_trip, &measuring.similarity].into_iter().flatten() {
            if let Some(job) = first {
                add(job, spec)?;
            }
        }
        let made = |cell: &Cell| {
            Ok(Made {
                name: cell.name.clone(),
                settings: cell.settings.clone(),
                job: serde_json::to_value(&cell.job).unwrap_or_default(),
                records: hashes::of_file(&cell.job.out.join("records.jsonl"), "records.jsonl")?,
            })
        };
        Ok(Self {
            schema: SCHEMA.to_owned(),
            program: current_program(),
            models,
            prompts: prompts(first)?,
            inputs: first.map_or(Ok(Vec::new()), inputs)?,
            references: references
                .map(|path| hashes::of_file(path, &path.display().to_string()))
                .transpose()?,
            measuring,
            cells: cells.iter().map(made).collect::<Result<_, ExperimentError>>()?,
            machine: machine(),
            made: crate::run::report::now(),
        })
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// A file that is none.
    pub fn read(path: &Path) -> Result<Self, ExperimentError> {
        let malformed = |message: String| ExperimentError::Malformed {
            path: path.to_owned(),
            message,
        };
        let text = fs::read(path).map_err(|source| ExperimentError::Read {
            path: path.to_owned(),
            source,
        })?;
        let manifest: Self = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
        if manifest.schema != SCHEMA {
            return Err(malformed(format!(
                "expected schema {SCHEMA}, found {}",
                manifest.schema
            )));
        }
        Ok(manifest)
    }

    /// As a file's content.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The models that `auto` took, by the records of a run folder: `name@hash …`, two of them with an arrow between.
fn chosen(folder: &Path) -> Result<Vec<String>, ExperimentError> {
    let run = Run::read(folder, "")?;
    let models = run.models().into_iter().flat_map(|identities| identities.split(" → "));
    let name = |identity: &str| {
        let word = identity.split(' ').next().unwrap_or(identity);
        word.rsplit_once('@').map_or(word, |(name, _)| name).to_owned()
    };
    Ok(models.map(name).collect())
}

/// A model with the hashes of all files that decide what it says.
pub(super) fn model(job: &Job, spec: &str) -> Result<Model, ExperimentError> {
    let resolved = resolve(job, spec)?;
    let found = files::find(&resolved.name, &resolved.folder, "a model folder holds them all")?;
    let hashed = |name: &String| hashes::of_file(&resolved.folder.join(name), name);
    Ok(Model {
        spec: spec.to_owned(),
        identity: resolved.identity(),
        commit: resolved.commit.clone(),
        licence: resolved.licence.name.clone(),
        files: found.names.iter().map(hashed).collect::<Result<_, _>>()?,
    })
}

/// Hash of the prompts that a job uses.
pub(super) fn prompts(job: Option<&Job>) -> Result<String, ExperimentError> {
    let folder: Option<&PathBuf> = job.and_then(|job| job.prompts.as_ref());
    Ok(Prompts::load(folder.map(PathBuf::as_path))?.hash_under(""))
}

/// Every file that a job reads.
pub(super) fn inputs(job: &Job) -> Result<Vec<Hashed>, ExperimentError> {
    article::places(&job.inputs)
        .map(|place| match place? {
            Place::File(path) => hashes::of_file(&path, &path.display().to_string()),
            Place::Stdin => Err(ExperimentError::Input {
                input: "-".to_owned(),
                reason: "standard input can be read only once; save it to a file first".to_owned(),
            }),
        })
        .collect()
}

/// The program that is running.
pub fn current_program() -> Program {
    let executable = std::env::current_exe().ok();
    Program {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: executable
            .and_then(|path| hashes::of_file(&path, "").ok())
            .map(|hashed| hashed.sha256),
        libtorch: env!("KHULOSA_LIBTORCH_VERSION").to_owned(),
    }
}

fn machine() -> Machine {
    let what = sysinfo::RefreshKind::nothing()
        .with_memory(sysinfo::MemoryRefreshKind::everything())
        .with_cpu(sysinfo::CpuRefreshKind::nothing());
    let system = sysinfo::System::new_with_specifics(what);
    let processor = system
        .cpus()
        .first()
        .map(|cpu| cpu.brand().trim().to_owned())
        .unwrap_or_default();
    Machine {
        system: sysinfo::System::long_os_version().unwrap_or_else(|| std::env::consts::OS.to_owned()),
        processor,
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        memory_bytes: system.total_memory(),
    }
}
