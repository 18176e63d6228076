//! What the files of a model without a card say about it: family, languages, longest source.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::tokenizer::Languages;
use super::{Architecture, ModelConfig, ModelError, Task, decoding};
use crate::text::language::Language;

/// Above this, `model_max_length` stands for "no limit".
const ENDLESS: u64 = 1_000_000;
/// Longest source where nothing says it.
const USUAL_SOURCE: usize = 512;

/// What could be read from a folder.
pub struct Sniffed {
    /// What it is for: the families without language tags were made for summaries.
    pub task: Task,
    /// File of prompts/models/.
    pub family: String,
    /// Languages, or none where the family's tags in the vocabulary say it.
    pub languages: Languages,
    /// Longest source, in tokens.
    pub max_source: usize,
}

/// Reads what a folder's files say.
///
/// # Errors
/// When a file is damaged, or a piece of knowledge is missing: the message names it and how to give it.
pub fn sniff(folder: &Path, config: &ModelConfig, architecture: Architecture) -> Result<Sniffed, ModelError> {
    let path = folder.join("tokenizer_config.json");
    let settings = if path.is_file() {
        decoding::object(&path)?
    } else {
        Map::new()
    };
    let class = text(&settings, "tokenizer_class")
        .unwrap_or_default()
        .trim_end_matches("Fast")
        .to_owned();
    let mut languages = Languages::default();
    let family = match architecture {
        Architecture::M2m100 if class.starts_with("Nllb") || vocabulary_has(folder, "eng_Latn") => "nllb".to_owned(),
        Architecture::Mbart if class == "MBartTokenizer" => {
            let message = "the first mBART puts its language tag after the text, and no prompts/models/*.toml does; \
                           write a model card that names a `family` which does";
            return Err(ModelError::Malformed {
                path,
                message: message.to_owned(),
            });
        }
        Architecture::T5 if vocabulary_has(folder, "<2en>") => "madlad".to_owned(),
        Architecture::Marian => {
            let (family, known) = marian(folder, &path, &settings)?;
            languages = known;
            family.to_owned()
        }
        other => other.usual_family().to_owned(),
    };
    let told = settings
        .get("model_max_length")
        .and_then(Value::as_u64)
        .filter(|length| *length < ENDLESS);
    let told = told.map(|length| length as usize);
    let max_source = match (config.positions(), told) {
        (Some(positions), Some(told)) => positions.min(told),
        (one, other) => one.or(other).unwrap_or(USUAL_SOURCE),
    };
    let task = match family.as_str() {
        "bart" | "pegasus" | "t5" | "mt5" | "longt5" => Task::Summarise,
        _ => Task::Translate,
    };
    Ok(Sniffed {
        task,
        family,
        languages,
        max_source,
    })
}

/// Languages of a Marian model: the ends are named in tokenizer_config.json, target tags are in the vocabulary.
fn marian(folder: &Path, path: &Path, settings: &Map<String, Value>) -> Result<(&'static str, Languages), ModelError> {
    let end = |key: &str| text(settings, key).and_then(|code| Language::parse(code).ok());
    let tagged = Language::all().filter(|language| vocabulary_has(folder, &format!(">>{}<<", language.iso639_3())));
    let mut codes: BTreeMap<Language, String> = tagged
        .map(|language| (language, language.iso639_3().to_owned()))
        .collect();
    let (source, target) = (end("source_lang"), end("target_lang"));
    let (family, targets) = if codes.is_empty() {
        ("marian", target.map(|target| vec![target]))
    } else {
        ("marian-multi", Some(codes.keys().copied().collect()))
    };
    let (Some(source), Some(targets)) = (source, targets) else {
        let message = "`source_lang` and `target_lang`: expected language codes; write a model card with `folder`, \
                       `from`, `to` and `languages` for this model";
        return Err(ModelError::Malformed {
            path: path.to_owned(),
            message: message.to_owned(),
        });
    };
    for language in targets.iter().chain([&source]) {
        codes.entry(*language).or_insert_with(|| language.iso639_3().to_owned());
    }
    Ok((family, Languages::new(codes, vec![source], targets)))
}

fn text<'a>(settings: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    settings.get(key).and_then(Value::as_str)
}

/// Whether a JSON file of the vocabulary names a token.
fn vocabulary_has(folder: &Path, token: &str) -> bool {
    let quoted = format!("\"{token}\"");
    [
        "tokenizer.json",
        "vocab.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
    ]
    .iter()
    .any(|file| std::fs::read_to_string(folder.join(file)).is_ok_and(|content| content.contains(&quoted)))
}
