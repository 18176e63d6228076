//! From what a user writes to a model on disk: a card's name, a folder, or `hf:organisation/name@revision`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::cache::{Repository, Snapshot};
use super::card::{Architecture, Card, Place, Task};
use super::files::{self, ModelFiles};
use super::licence::{Licence, LicenceRule};
use super::names::{is_repository, is_revision};
use super::tokenizer::{Languages, ModelTokenizer};
use super::{Catalogue, DecodingDefaults, DecodingOverrides, ModelConfig, ModelError, cache, fingerprint, sniff};
use crate::prompts::{PromptError, Prompts};

/// Gets files from a hub. Where there is none, nothing is ever fetched.
pub trait Fetch {
    /// Makes sure that `files` of a repository's revision are on disk, and says where. No `files` asks for whatever a
    /// model needs, weights in the best format that is there. An index of shards brings its shards.
    ///
    /// # Errors
    /// When the hub does not give them, or they cannot be stored.
    fn pull(&self, repository: &str, revision: &str, files: &[String]) -> Result<Snapshot, ModelError>;
}

/// What resolving may use.
pub struct Access<'a> {
    /// Cache of hub downloads.
    pub hub: PathBuf,
    /// How to get what is not there; `None` when offline.
    pub fetch: Option<&'a dyn Fetch>,
    /// Which licences the job may use.
    pub licence: LicenceRule,
    /// Pickled weights may be read even where no card says so.
    pub allow_pickle: bool,
}

impl Access<'_> {
    /// Nothing but what is on disk, any licence.
    pub fn offline() -> Self {
        Self {
            hub: cache::hub_folder(),
            fetch: None,
            licence: LicenceRule::Any,
            allow_pickle: false,
        }
    }
}

/// A model on disk, and everything that is known about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resolved {
    /// The card's name, the folder's name, or `hf:organisation/name`.
    pub name: String,
    /// Where its files are.
    pub folder: PathBuf,
    /// Its card, where it has one.
    #[serde(skip)]
    pub card: Option<Card>,
    /// What it is for: the card says it, or the family.
    pub task: Task,
    /// Its graph.
    pub architecture: Architecture,
    /// File of prompts/models/ that puts its sources together.
    pub family: String,
    /// Languages with the model's own codes; none where the family's tags in the vocabulary say it.
    pub languages: Languages,
    /// What may be done with it.
    pub licence: Licence,
    /// The repository's commit, where it came from a hub.
    pub commit: Option<String>,
    /// BLAKE3 of everything that decides what the model says, 64 hexadecimal digits.
    pub hash: String,
    /// How it decodes unless asked otherwise.
    pub decoding: DecodingDefaults,
    /// Longest source, in tokens.
    pub max_source: usize,
    /// The weights: one file, or all shards.
    pub weights: Vec<PathBuf>,
}

impl Resolved {
    /// Name and content, for records: `nllb-600m@1f2e3d4c5b6a`.
    pub fn identity(&self) -> String {
        format!("{}@{}", self.name, &self.hash.get(..12).unwrap_or(&self.hash))
    }

    /// Opens the tokenizer.
    ///
    /// # Errors
    /// When there is no such family in `prompts`, a tokenizer file is missing or damaged, or it is another model's.
    pub fn tokenizer(&self, prompts: &Prompts) -> Result<ModelTokenizer, ModelError> {
        let family = prompts
            .family(&self.family)
            .map_err(|error: PromptError| ModelError::Malformed {
                path: self.folder.clone(),
                message: error.to_string(),
            })?;
        let tokenizer = ModelTokenizer::open(&self.folder, family, &self.languages)?;
        if let Some(rows) = ModelConfig::read(&self.folder)?.vocabulary() {
            tokenizer.check_size(rows).map_err(|message| ModelError::Malformed {
                path: self.folder.clone(),
                message,
            })?;
        }
        Ok(tokenizer)
    }
}

/// What a user's text stands for, before anything is looked up on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reference {
    Name(String),
    Folder(PathBuf),
    Hub { repository: String, revision: String },
}

/// Finds a model, fetching it when it is not there and `access` has a way to.
///
/// # Errors
/// When there is no such model, files are missing or damaged, or its licence does not fit the job.
pub fn resolve(spec: &str, catalogue: &Catalogue, access: &Access) -> Result<Resolved, ModelError> {
    locate(spec, catalogue, access, false)
}

/// As [`resolve`], but asks the hub for the newest state of the revision even where an older one is on disk.
///
/// # Errors
/// As [`resolve`], and when there is no hub to ask.
pub fn pull(spec: &str, catalogue: &Catalogue, access: &Access) -> Result<Resolved, ModelError> {
    locate(spec, catalogue, access, true)
}

fn locate(spec: &str, catalogue: &Catalogue, access: &Access, anew: bool) -> Result<Resolved, ModelError> {
    match parse(spec, catalogue)? {
        Reference::Name(name) => {
            let card = catalogue.card(&name)?;
            check_licence(&card.name, &card.licence, access)?;
            let (folder, commit) = match &card.place {
                Place::Folder(folder) => (card_folder(card, folder)?, None),
                Place::Hub { repository, revision } => {
                    let snapshot = snapshot(&card.name, repository, revision, &card.files, access, anew)?;
                    (snapshot.folder, Some(snapshot.commit))
                }
            };
            from_card(card, &folder, commit, access)
        }
        Reference::Folder(folder) => {
            let name = folder.canonicalize().unwrap_or_else(|_| folder.clone());
            let name = name
                .file_name()
                .map_or_else(|| spec.to_owned(), |name| name.to_string_lossy().into_owned());
            from_files(&name, &folder, None, access)
        }
        Reference::Hub { repository, revision } => {
            let known = catalogue
                .cards()
                .find(|card| matches!(&card.place, Place::Hub { repository: known, .. } if *known == repository));
            let name = format!("hf:{repository}");
            check_licence(&name, known.map_or(&Licence::unknown(), |card| &card.licence), access)?;
            let wanted = known.map_or(&[][..], |card| &card.files);
            let snapshot = snapshot(&name, &repository, &revision, wanted, access, anew)?;
            match known {
                Some(card) => from_card(card, &snapshot.folder, Some(snapshot.commit), access),
                None => from_files(&name, &snapshot.folder, Some(snapshot.commit), access),
            }
        }
    }
}

fn parse(spec: &str, catalogue: &Catalogue) -> Result<Reference, ModelError> {
    if let Some(rest) = spec.strip_prefix("hf:") {
        let (repository, revision) = rest.split_once('@').unwrap_or((rest, "main"));
        if !is_repository(repository) || !is_revision(revision) {
            return Err(ModelError::Reference { spec: spec.to_owned() });
        }
        return Ok(Reference::Hub {
            repository: repository.to_owned(),
            revision: revision.to_owned(),
        });
    }
    if catalogue.get(spec).is_some() {
        return Ok(Reference::Name(spec.to_owned()));
    }
    let path = Path::new(spec);
    if path.is_dir() || spec.contains(std::path::MAIN_SEPARATOR) {
        return Ok(Reference::Folder(path.to_owned()));
    }
    Ok(Reference::Name(spec.to_owned()))
}

fn check_licence(name: &str, licence: &Licence, access: &Access) -> Result<(), ModelError> {
    if licence.is_allowed_by(access.licence) {
        return Ok(());
    }
    let (licence, rule) = (licence.name.clone(), access.licence.name());
    Err(ModelError::Licence {
        name: name.to_owned(),
        licence,
        rule,
    })
}

/// Whether all files of a card's model are on disk, whatever its licence; nothing is read but names.
pub fn is_on_disk(card: &Card, hub: &Path) -> bool {
    let folder = match &card.place {
        Place::Folder(folder) => card_folder(card, folder).ok(),
        Place::Hub { repository, revision } => Repository::new(hub, repository)
            .and_then(|place| place.find(revision))
            .ok()
            .flatten()
            .map(|snapshot| snapshot.folder),
    };
    folder.is_some_and(|folder| files::find(&card.name, &folder, "").is_ok())
}

/// Folder of a card's model: a relative one is beside a user's card, or in the data folder for a built-in one.
pub fn card_folder(card: &Card, folder: &Path) -> Result<PathBuf, ModelError> {
    match card.file.as_deref().and_then(Path::parent) {
        Some(beside) => Ok(beside.join(folder)),
        None => Ok(super::locate::data_folder()?.join(folder)),
    }
}

/// The files of a revision: those on disk when they suffice, else fetched.
fn snapshot(
    name: &str,
    repository: &str,
    revision: &str,
    wanted: &[String],
    access: &Access,
    anew: bool,
) -> Result<Snapshot, ModelError> {
    let place = Repository::new(&access.hub, repository)?;
    let found = place.find(revision)?;
    if !anew
        && let Some(found) = &found
        && files::find(name, &found.folder, "").is_ok()
    {
        return Ok(found.clone());
    }
    if let Some(fetch) = access.fetch {
        return fetch.pull(repository, revision, wanted);
    }
    if anew {
        let message = "cannot be fetched: the network is not to be used".to_owned();
        return Err(ModelError::Hub {
            what: repository.to_owned(),
            message,
        });
    }
    let advice = advice(name);
    match found {
        Some(found) => files::find(name, &found.folder, &advice).map(|_| found),
        None => Err(ModelError::Missing {
            name: name.to_owned(),
            missing: format!("{repository} at {revision}"),
            folder: access.hub.clone(),
            advice,
        }),
    }
}

fn advice(name: &str) -> String {
    format!("fetch it with `khulosa models pull {name}` on a machine with internet")
}

fn from_card(card: &Card, folder: &Path, commit: Option<String>, access: &Access) -> Result<Resolved, ModelError> {
    let found = files::find(&card.name, folder, &advice(&card.name))?;
    check_pickle(&found, card.pickle || access.allow_pickle)?;
    let config = ModelConfig::read(folder)?;
    let architecture = config.architecture()?;
    if architecture != card.architecture {
        let (expected, found) = (card.architecture.usual_family(), architecture.usual_family());
        let message = format!(
            "expected a model of architecture {expected}, as the card `{}` says, found {found}",
            card.name
        );
        return Err(ModelError::Malformed {
            path: folder.join("config.json"),
            message,
        });
    }
    Ok(Resolved {
        name: card.name.clone(),
        folder: folder.to_owned(),
        task: card.task,
        architecture,
        family: card.family.clone(),
        languages: Languages::new(card.languages.clone(), card.from.clone(), card.to.clone()),
        licence: card.licence.clone(),
        commit,
        hash: fingerprint::of_files(folder, &found.names)?,
        decoding: config.decoding(&card.decoding)?,
        max_source: card.max_source,
        weights: found.weights,
        card: Some(card.clone()),
    })
}

fn from_files(name: &str, folder: &Path, commit: Option<String>, access: &Access) -> Result<Resolved, ModelError> {
    check_licence(name, &Licence::unknown(), access)?;
    let found = files::find(name, folder, "a model folder holds them all")?;
    check_pickle(&found, access.allow_pickle)?;
    let config = ModelConfig::read(folder)?;
    let architecture = config.architecture()?;
    let sniffed = sniff::sniff(folder, &config, architecture)?;
    Ok(Resolved {
        name: name.to_owned(),
        folder: folder.to_owned(),
        card: None,
        task: sniffed.task,
        architecture,
        family: sniffed.family,
        languages: sniffed.languages,
        licence: Licence::unknown(),
        commit,
        hash: fingerprint::of_files(folder, &found.names)?,
        decoding: config.decoding(&DecodingOverrides::default())?,
        max_source: sniffed.max_source,
        weights: found.weights,
    })
}

fn check_pickle(files: &ModelFiles, allowed: bool) -> Result<(), ModelError> {
    match files::pickle(&files.weights) {
        Some(path) if !allowed => Err(ModelError::Pickle { path: path.clone() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
