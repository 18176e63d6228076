//! Every piece of text that stands before, around or after an article: model prefixes and language tags, digest
//! headings and phrases, digest templates. All of it lives in `prompts/`, so that it can be changed without Rust.
//!
//! The files are embedded in the binary. A folder given with `--prompts` is laid over them: a file there replaces the
//! built-in one of the same path, and new languages (`digest/uz.toml`) and model families (`models/NAME.toml`) may be
//! added. Everything is parsed on loading, so that a slip is found before the night's work starts and not after it.

mod family;
mod phrases;
mod placeholders;
mod subjects;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

pub use family::{Family, Source};
pub use phrases::{Countable, Dates, Phrases, PluralRule};
pub use subjects::Subjects;

use crate::text::language::Language;

static BUILT_IN: Dir = include_dir!("$CARGO_MANIFEST_DIR/prompts");

/// What is wrong with a prompt file.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// A file or folder of `--prompts` could not be read.
    #[error("{path}: cannot read prompts: {source}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of `--prompts` that nothing would ever read.
    #[error("{path}: no prompt has this name; expected digest/LANGUAGE.toml, models/FAMILY.toml or one of {known}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Names of the built-in templates.
        known: String,
    },
    /// A file is not what it should be: not TOML, a key missing, unknown or of the wrong type.
    #[error("{file}: {message}")]
    Malformed {
        /// The file, from the prompts folder on.
        file: String,
        /// What was expected and what was found.
        message: String,
    },
    /// A text holds `{name}` for a name that nobody fills in.
    #[error("{file}: unknown placeholder {{{placeholder}}}; there are {known}")]
    UnknownPlaceholder {
        /// The file and the key in it.
        file: String,
        /// The name between the braces.
        placeholder: String,
        /// Names that would be right.
        known: String,
    },
    /// A text holds a brace without its partner.
    #[error("{file}: a brace stands alone in `{text}`; write {{{{ or }}}} for a brace that is meant")]
    LoneBrace {
        /// The file and the key in it.
        file: String,
        /// The text.
        text: String,
    },
    /// A template or text that is not there.
    #[error("there is no prompt {name}; there are {known}")]
    Missing {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A digest was asked for in a language without phrases.
    #[error("no digest phrases for {name} ({code}): add digest/{code}.toml to a --prompts folder; there are {known}")]
    NoPhrases {
        /// The language's own name.
        name: &'static str,
        /// Its code.
        code: &'static str,
        /// Codes with phrases.
        known: String,
    },
    /// A model family has no tag for a language.
    #[error("{file}: no tag for {name} ({code}); there are {known}")]
    NoTag {
        /// The family's file.
        file: String,
        /// The language's own name.
        name: &'static str,
        /// Its code.
        code: &'static str,
        /// Codes with tags.
        known: String,
    },
}

/// All prompt files, read and parsed.
#[derive(Clone, Debug)]
pub struct Prompts {
    /// Content by path from the prompts folder on, with `/` on every system.
    files: BTreeMap<String, String>,
    families: BTreeMap<String, Family>,
    phrases: BTreeMap<String, Phrases>,
    topics: Subjects,
    countries: Subjects,
}

impl Prompts {
    /// Loads the built-in files, with those of `folder` laid over them.
    ///
    /// # Errors
    /// When `folder` cannot be read, holds a file that nothing would read, or any file is malformed.
    pub fn load(folder: Option<&Path>) -> Result<Self, PromptError> {
        let mut files = BTreeMap::new();
        collect_built_in(&BUILT_IN, &mut files);
        if let Some(folder) = folder {
            let mut own = BTreeMap::new();
            collect_folder(folder, "", &mut own)?;
            for (name, (path, text)) in own {
                if !(files.contains_key(&name) || may_be_added(&name)) {
                    return Err(PromptError::Unknown {
                        path,
                        known: listed(files.keys().filter(|key| is_template(key))),
                    });
                }
                files.insert(name, text);
            }
        }
        let mut families = BTreeMap::new();
        let mut phrases = BTreeMap::new();
        for (name, text) in &files {
            if let Some(family) = stem(name, "models/") {
                families.insert(family.to_owned(), Family::parse(name, text)?);
            } else if let Some(code) = stem(name, "digest/") {
                if Language::parse(code).is_err() {
                    let message = format!("expected the file to be named after a language, found `{code}`");
                    return Err(PromptError::Malformed {
                        file: name.clone(),
                        message,
                    });
                }
                phrases.insert(code.to_owned(), Phrases::parse(name, text)?);
            }
        }
        let subjects = |name: &str| {
            files
                .get(name)
                .map_or_else(|| Ok(Subjects::default()), |text| Subjects::parse(name, text))
        };
        Ok(Self {
            topics: subjects("topics.toml")?,
            countries: subjects("countries.toml")?,
            files,
            families,
            phrases,
        })
    }

    /// What articles may be about.
    pub fn topics(&self) -> &Subjects {
        &self.topics
    }

    /// Countries that articles may be about.
    pub fn countries(&self) -> &Subjects {
        &self.countries
    }

    /// Headings and phrases of digests in `language`.
    ///
    /// # Errors
    /// When there are none.
    pub fn phrases(&self, language: Language) -> Result<&Phrases, PromptError> {
        self.phrases.get(language.code()).ok_or_else(|| PromptError::NoPhrases {
            name: language.own_name(),
            code: language.code(),
            known: listed(self.phrases.keys()),
        })
    }

    /// How sources for models of a family are put together (`nllb`, `marian`, `t5`…).
    ///
    /// # Errors
    /// When there is no such family.
    pub fn family(&self, name: &str) -> Result<&Family, PromptError> {
        self.families.get(name).ok_or_else(|| PromptError::Missing {
            name: format!("models/{name}.toml"),
            known: listed(self.families.keys()),
        })
    }

    /// Text of a digest template, such as `digest/digest.html.j2`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn template(&self, name: &str) -> Result<&str, PromptError> {
        self.files
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| PromptError::Missing {
                name: name.to_owned(),
                known: listed(self.files.keys().filter(|key| is_template(key))),
            })
    }

    /// BLAKE3 of all files, names included, as 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        self.hash_under("")
    }

    /// BLAKE3 of the files below a folder: `models/` is what model output depends on, `digest/` what digests do.
    pub fn hash_under(&self, folder: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, text) in self.files.iter().filter(|(name, _)| name.starts_with(folder)) {
            for part in [name, text] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// `digest/ru.toml` below `digest/` is `ru`.
fn stem<'a>(name: &'a str, folder: &str) -> Option<&'a str> {
    name.strip_prefix(folder)?
        .strip_suffix(".toml")
        .filter(|stem| !stem.contains('/'))
}

fn may_be_added(name: &str) -> bool {
    stem(name, "models/").is_some() || stem(name, "digest/").is_some()
}

fn is_template(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "j2" || extension == "css")
}

fn listed<S: AsRef<str>>(names: impl Iterator<Item = S>) -> String {
    let names: Vec<_> = names.map(|name| name.as_ref().to_owned()).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// Prompts are TOML files and templates; notes beside them are not.
fn is_prompt(name: &str) -> bool {
    let hidden = name.rsplit('/').next().is_some_and(|file| file.starts_with('.'));
    !hidden && (is_template(name) || Path::new(name).extension().is_some_and(|extension| extension == "toml"))
}

fn collect_built_in(folder: &Dir, files: &mut BTreeMap<String, String>) {
    for file in folder.files() {
        let name = file.path().to_string_lossy().replace('\\', "/");
        if let Some(text) = file.contents_utf8().filter(|_| is_prompt(&name)) {
            files.insert(name, text.replace("\r\n", "\n"));
        }
    }
    folder.dirs().for_each(|inner| collect_built_in(inner, files));
}

fn collect_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, (PathBuf, String)>,
) -> Result<(), PromptError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PromptError::Unreadable { path, source }
    };
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let Some(name) = path
            .file_name()
            .map(|name| format!("{prefix}{}", name.to_string_lossy()))
        else {
            continue;
        };
        if path.is_dir() {
            collect_folder(&path, &format!("{name}/"), files)?;
        } else if is_prompt(&name) {
            let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            files.insert(name, (path, text.replace("\r\n", "\n")));
        }
    }
    Ok(())
}
