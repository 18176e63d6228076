//! What is known about a model before it is on disk: a model card, one TOML file a model.
//!
//! A card is checked whole when it is read, so that a slip in it is found at the start of a job and not when the model
//! is first needed at night.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ModelError;
use super::decoding::DecodingOverrides;
use super::licence::Licence;
use super::names::{is_commit, is_pickle, is_plain_path, is_repository, is_revision};
use crate::text::language::Language;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// A sentence in one language becomes a sentence in another.
    Translate,
    /// An article becomes a summary in its own language.
    Summarise,
}

/// The graphs that the engines know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// MarianMT.
    Marian,
    /// M2M100 and NLLB-200.
    M2m100,
    /// mBART and mBART-50.
    Mbart,
    /// BART.
    Bart,
    /// PEGASUS.
    Pegasus,
    /// T5 of version 1.1, MADLAD-400 among its offspring.
    T5,
    /// mT5.
    Mt5,
    /// LongT5: the reference engine alone runs it.
    LongT5,
}

impl Architecture {
    /// As `model_type` of config.json spells it, or `None` for one that no engine knows.
    pub fn from_model_type(name: &str) -> Option<Self> {
        Some(match name {
            "marian" => Self::Marian,
            "m2m_100" | "m2m100" | "nllb" => Self::M2m100,
            "mbart" => Self::Mbart,
            "bart" => Self::Bart,
            "pegasus" => Self::Pegasus,
            "t5" => Self::T5,
            "mt5" => Self::Mt5,
            "longt5" => Self::LongT5,
            _ => return None,
        })
    }

    /// Name of the family in prompts/models/ when nothing says better.
    pub fn usual_family(self) -> &'static str {
        match self {
            Self::Marian => "marian",
            Self::M2m100 => "m2m100",
            Self::Mbart => "mbart",
            Self::Bart => "bart",
            Self::Pegasus => "pegasus",
            Self::T5 => "t5",
            Self::Mt5 => "mt5",
            Self::LongT5 => "longt5",
        }
    }
}

/// Where a model's files come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A repository of the hub.
    Hub {
        /// `organisation/name`.
        repository: String,
        /// Commit, tag or branch.
        revision: String,
    },
    /// A folder. A relative one of a built-in card lies in the data folder, of a user's card beside the card.
    Folder(PathBuf),
}

/// A published score of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Test set, `flores200-devtest` for instance.
    pub test: String,
    /// Source language.
    pub from: Language,
    /// Target language; the same as `from` for summaries.
    pub to: Language,
    /// `chrF`, `chrF++`, `BLEU`, `ROUGE-L`…
    pub metric: String,
    /// From 0 to 100.
    pub value: f64,
    /// Where it was published.
    pub source: String,
}

/// How large a model is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Trained numbers.
    pub parameters: u64,
    /// Megabytes (10⁶) to download.
    pub download: u64,
    /// Megabytes of memory that the weights take, by precision (`f32`, `int8`).
    #[serde(default)]
    pub memory: BTreeMap<String, u64>,
}

/// A model card.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// What the model is called on the command line.
    pub name: String,
    /// The model in one line.
    pub title: String,
    /// What it is for.
    pub task: Task,
    /// Its graph.
    pub architecture: Architecture,
    /// File of prompts/models/ that puts its sources together.
    pub family: String,
    /// Where its files come from.
    pub place: Place,
    /// Anything a user should know; says why, where the revision is not a commit.
    pub note: Option<String>,
    /// Weights may be read from a pickle (`pytorch_model.bin`), since the repository has nothing better.
    pub pickle: bool,
    /// Files to fetch, weights and shards included; the index of a sharded file stands for its shards.
    pub files: Vec<String>,
    /// Longest source, in tokens.
    pub max_source: usize,
    /// The model's own code of each language.
    pub languages: BTreeMap<Language, String>,
    /// Source languages; empty for all.
    pub from: Vec<Language>,
    /// Target languages; empty for all.
    pub to: Vec<Language>,
    /// What the licence says.
    pub licence: Licence,
    /// How it decodes, where its own files do not say or say otherwise.
    pub decoding: DecodingOverrides,
    /// Size, memory.
    pub size: Size,
    /// Published scores.
    pub scores: Vec<Score>,
    /// The file that the card was read from; `None` for a built-in one.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardFile {
    name: String,
    title: String,
    task: Task,
    architecture: Architecture,
    family: Option<String>,
    repository: Option<String>,
    revision: Option<String>,
    folder: Option<PathBuf>,
    note: Option<String>,
    #[serde(default)]
    pickle: bool,
    #[serde(default)]
    files: Vec<String>,
    max_source: usize,
    languages: BTreeMap<String, String>,
    #[serde(default)]
    from: Vec<Language>,
    #[serde(default)]
    to: Vec<Language>,
    licence: Licence,
    #[serde(default)]
    decoding: DecodingOverrides,
    #[serde(default)]
    size: Size,
    #[serde(default)]
    scores: Vec<Score>,
}

impl Card {
    /// Reads the text of a card; `origin` names it in errors and must end in the card's name and `.toml`.
    ///
    /// # Errors
    /// When the text is not TOML, a key is unknown (the nearest known one is suggested), or a value makes no sense.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ModelError> {
        let wrong = |message: String| ModelError::Card {
            origin: origin.to_owned(),
            message,
        };
        let raw: CardFile = toml::from_str(text).map_err(|error| wrong(with_suggestion(&error.to_string())))?;
        let place = place(&raw).map_err(wrong)?;
        let mut languages = BTreeMap::new();
        for (code, own) in raw.languages {
            let language = Language::parse(&code).map_err(|_| wrong(format!("languages: `{code}` is no language")))?;
            languages.insert(language, own);
        }
        let card = Self {
            family: raw.family.unwrap_or_else(|| raw.architecture.usual_family().to_owned()),
            name: raw.name,
            title: raw.title,
            task: raw.task,
            architecture: raw.architecture,
            place,
            note: raw
                .note
                .map(|note| note.split_whitespace().collect::<Vec<_>>().join(" ")),
            pickle: raw.pickle,
            files: raw.files,
            max_source: raw.max_source,
            languages,
            from: raw.from,
            to: raw.to,
            licence: raw.licence,
            decoding: raw.decoding,
            size: raw.size,
            scores: raw.scores,
            file: None,
        };
        card.check(origin).map_err(wrong)?;
        Ok(card)
    }

    fn check(&self, origin: &str) -> Result<(), String> {
        let stem = Path::new(origin)
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        if stem != self.name {
            return Err(format!(
                "name: expected `{stem}`, as the file is called, found `{}`",
                self.name
            ));
        }
        if let Place::Hub { revision, .. } = &self.place {
            if !is_commit(revision) && self.note.is_none() {
                return Err(format!(
                    "revision: expected a commit (40 hexadecimal digits), or a `note` that says why it is `{revision}`"
                ));
            }
            if self.files.is_empty() {
                return Err("files: expected the files to fetch, found none".to_owned());
            }
            let pickles = self.files.iter().any(|file| is_pickle(file));
            if pickles && !self.pickle {
                return Err("files: a .bin file is a pickle; say `pickle = true` if it is to be read".to_owned());
            }
        }
        if let Some(file) = self.files.iter().find(|file| !is_plain_path(file)) {
            return Err(format!("files: expected a path inside the model, found `{file}`"));
        }
        if self.languages.is_empty() {
            return Err("languages: expected at least one, found none".to_owned());
        }
        let named = self.from.iter().chain(&self.to);
        if let Some(language) = named
            .chain(self.scores.iter().flat_map(|score| [&score.from, &score.to]))
            .find(|l| !self.languages.contains_key(l))
        {
            return Err(format!(
                "from, to, scores: `{}` is not among the card's languages",
                language.code()
            ));
        }
        if self.max_source < 8 {
            return Err(format!(
                "max_source: expected at least 8 tokens, found {}",
                self.max_source
            ));
        }
        if let Some(score) = self
            .scores
            .iter()
            .find(|score| !(0.0..=100.0).contains(&score.value) || score.source.is_empty())
        {
            return Err(format!(
                "scores: expected 0 to 100 and a source, found {} from `{}`",
                score.value, score.source
            ));
        }
        self.decoding.check()
    }

    /// Megabytes (10⁶) that the weights take in memory in a number format; 0 where the card does not tell.
    pub fn memory(&self, precision: &str) -> u64 {
        let known = |precision: &str| self.size.memory.get(precision).copied();
        let half = || known("f32").filter(|_| precision.ends_with("f16")).map(|full| full / 2);
        known(precision).or_else(half).unwrap_or(0)
    }

    /// Whether the model translates in this direction.
    pub fn translates(&self, from: Language, to: Language) -> bool {
        let side = |list: &[Language], language| {
            self.languages.contains_key(&language) && (list.is_empty() || list.contains(&language))
        };
        self.task == Task::Translate && from != to && side(&self.from, from) && side(&self.to, to)
    }

    /// Whether the model summarises articles in this language.
    pub fn summarises(&self, language: Language) -> bool {
        self.task == Task::Summarise && self.languages.contains_key(&language)
    }
}

fn place(raw: &CardFile) -> Result<Place, String> {
    match (&raw.repository, &raw.folder) {
        (Some(repository), None) => {
            if !is_repository(repository) {
                return Err(format!(
                    "repository: expected `organisation/name`, found `{repository}`"
                ));
            }
            let revision = raw
                .revision
                .clone()
                .ok_or("revision is missing: a commit of the repository")?;
            if !is_revision(&revision) {
                return Err(format!(
                    "revision: expected a commit, tag or branch, found `{revision}`"
                ));
            }
            Ok(Place::Hub {
                repository: repository.clone(),
                revision,
            })
        }
        (None, Some(folder)) => Ok(Place::Folder(folder.clone())),
        _ => Err("expected either `repository` and `revision`, or `folder`".to_owned()),
    }
}

/// Adds the nearest known key to serde's message about an unknown one.
fn with_suggestion(message: &str) -> String {
    let message = message.trim_end();
    let Some((_, rest)) = message.split_once("unknown field `") else {
        return message.to_owned();
    };
    let mut quoted = rest.split('`').step_by(2);
    let Some(key) = quoted.next() else {
        return message.to_owned();
    };
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    match super::nearest(key, known) {
        Some(nearest) => format!("{message}\ndid you mean `{nearest}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
