//! Recipients: who gets which articles, in which languages and formats. A `[[recipients]]` table each in the job file.

use serde::{Deserialize, Serialize};

use super::JobError;
use crate::text::language::Language;

/// One `[[recipients]]` table, everything but the name optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RecipientRequest {
    pub name: String,
    /// Codes in any accepted notation.
    pub languages: Option<Vec<String>>,
    pub topics: Vec<String>,
    pub countries: Vec<String>,
    pub sources: Vec<String>,
    pub order: Order,
    pub max_items: Option<usize>,
    pub formats: Option<Vec<String>>,
}

/// Keys of a `[[recipients]]` table.
pub(super) const KEYS: [&str; 8] = [
    "name",
    "languages",
    "topics",
    "countries",
    "sources",
    "order",
    "max_items",
    "formats",
];

/// What comes first in a digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// What fits the recipient best and is told most often.
    #[default]
    Importance,
    /// What is newest.
    Newest,
}

/// Somebody who gets digests of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// Stands on the cover.
    pub name: String,
    /// Languages of the digests: among the job's targets.
    pub languages: Vec<Language>,
    /// Ids of `prompts/topics.toml`, one of which an article must be about; all articles where there are none.
    pub topics: Vec<String>,
    /// Codes of `prompts/countries.toml`, one of which an article must be about; all articles where there are none.
    pub countries: Vec<String>,
    /// Parts of publications', agencies' or hosts' names, one of which an article must come from; all where there are none.
    pub sources: Vec<String>,
    /// What comes first.
    pub order: Order,
    /// Most stories in a digest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_items: Option<usize>,
    /// Names of formats.
    pub formats: Vec<String>,
}

/// Longest name of a recipient's folder, in characters.
const FOLDER: usize = 60;

impl Recipient {
    /// Name of the folder that the digests go to: the letters and digits of the name.
    pub fn folder(&self) -> String {
        let words = self
            .name
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let joined = words.collect::<Vec<_>>().join("-").to_lowercase();
        joined.chars().take(FOLDER).collect()
    }
}

/// Checks the tables against one another and the job's target languages.
pub(super) fn recipients(requests: Vec<RecipientRequest>, to: &[Language]) -> Result<Vec<Recipient>, JobError> {
    let mut recipients: Vec<Recipient> = Vec::new();
    for request in requests {
        let wrong = |key: &'static str, expected: &str, found: String| JobError::Value {
            key,
            expected: expected.to_owned(),
            found,
        };
        let mut languages = Vec::new();
        for code in request.languages.iter().flatten() {
            let language = Language::parse(code)?;
            if !to.contains(&language) {
                let targets: Vec<_> = to.iter().map(|language| language.code()).collect();
                let expected = format!("languages that the job translates into ({})", targets.join(", "));
                return Err(wrong(
                    "recipients.languages",
                    &expected,
                    format!("{code} for {}", request.name),
                ));
            }
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        if languages.is_empty() {
            languages = to.to_vec();
        }
        if request.max_items == Some(0) {
            return Err(wrong(
                "recipients.max_items",
                "a number from 1 up",
                format!("0 for {}", request.name),
            ));
        }
        let recipient = Recipient {
            name: request.name.trim().to_owned(),
            languages,
            topics: request.topics,
            countries: request.countries,
            sources: request.sources,
            order: request.order,
            max_items: request.max_items,
            formats: request
                .formats
                .unwrap_or_else(|| ["html", "docx"].map(str::to_owned).to_vec()),
        };
        let folder = recipient.folder();
        if folder.is_empty() {
            return Err(wrong(
                "recipients.name",
                "a name with letters or digits",
                format!("`{}`", recipient.name),
            ));
        }
        if let Some(other) = recipients.iter().find(|other| other.folder() == folder) {
            let found = format!(
                "`{}` and `{}`, whose digests would share the folder {folder}",
                other.name, recipient.name
            );
            return Err(wrong(
                "recipients.name",
                "names that differ in letters or digits",
                found,
            ));
        }
        recipients.push(recipient);
    }
    Ok(recipients)
}
