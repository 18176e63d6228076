//! Models whose pieces come from SentencePiece and whose ids come from vocab.json: Marian (one SentencePiece model a side)
//! and M2M100 (language tags after the last id).

use std::collections::HashMap;
use std::path::Path;

use super::TokenizerError;
use super::sentencepiece::{SentencePiece, join};
use super::settings::Settings;
use super::vocabulary::{Vocabulary, read};

/// SentencePiece pieces with ids from vocab.json.
pub struct Mapped {
    model: SentencePiece,
    /// Ids of sources.
    ids: HashMap<String, u32>,
    /// Texts of ids of targets.
    names: HashMap<u32, String>,
    /// Ids that stand for no text.
    specials: Vec<u32>,
    unknown: u32,
}

/// Languages of M2M100 in the order of their tags' ids.
const M2M100_LANGUAGES: &str = "af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd \
    gl gu ha he hi hr ht hu hy id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns \
    oc or pa pl ps pt ro ru sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu";

const SPECIALS: [&str; 4] = ["<s>", "<pad>", "</s>", "<unk>"];

impl Mapped {
    /// Opens a Marian model's source.spm, vocab.json and, for separate vocabularies, target_vocab.json.
    pub fn marian(folder: &Path) -> Result<Self, TokenizerError> {
        let ids = vocabulary(&folder.join("vocab.json"))?;
        let target = folder.join("target_vocab.json");
        let targets = if target.is_file() {
            vocabulary(&target)?
        } else {
            ids.clone()
        };
        let tag = |token: &str| token.starts_with(">>") && token.ends_with("<<");
        Self::new(
            &folder.join("source.spm"),
            &folder.join("vocab.json"),
            ids,
            targets,
            tag,
        )
    }

    /// Opens M2M100's SentencePiece model and vocab.json; `settings` name the tags, where they are not the usual ones.
    pub fn m2m100(path: &Path, folder: &Path, settings: &Settings) -> Result<Self, TokenizerError> {
        let mut ids = vocabulary(&folder.join("vocab.json"))?;
        let size = ids.len() as u32;
        let usual = || M2M100_LANGUAGES.split(' ').map(|code| format!("__{code}__")).collect();
        let tags = if settings.additional.is_empty() {
            usual()
        } else {
            settings.additional.clone()
        };
        for (at, tag) in tags.iter().enumerate() {
            ids.entry(tag.clone()).or_insert(size + at as u32);
        }
        for (token, id) in &settings.numbered {
            ids.insert(token.clone(), *id);
        }
        let tag = |token: &str| tags.iter().any(|tag| tag == token);
        Self::new(path, &folder.join("vocab.json"), ids.clone(), ids, tag)
    }

    fn new(
        model: &Path,
        file: &Path,
        ids: HashMap<String, u32>,
        targets: HashMap<String, u32>,
        tag: impl Fn(&str) -> bool,
    ) -> Result<Self, TokenizerError> {
        let unknown = *ids.get("<unk>").ok_or_else(|| TokenizerError::Malformed {
            path: file.to_owned(),
            message: "expected a token `<unk>`, found none".to_owned(),
        })?;
        let special = |token: &str| SPECIALS.contains(&token) || tag(token);
        let specials = targets
            .iter()
            .filter(|(token, _)| special(token))
            .map(|(_, id)| *id)
            .collect();
        let names = targets.into_iter().map(|(token, id)| (id, token)).collect();
        Ok(Self {
            model: SentencePiece::open(model)?,
            ids,
            names,
            specials,
            unknown,
        })
    }
}

/// vocab.json: tokens and their ids.
fn vocabulary(path: &Path) -> Result<HashMap<String, u32>, TokenizerError> {
    serde_json::from_slice(&read(path)?).map_err(|error| TokenizerError::Malformed {
        path: path.to_owned(),
        message: format!("expected an object of tokens and ids: {error}"),
    })
}

impl Vocabulary for Mapped {
    fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        self.model.encode(text, |piece| {
            ids.push(self.ids.get(piece.text).copied().unwrap_or(self.unknown));
        });
        Ok(())
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        Ok(join(ids.iter().filter_map(|id| self.names.get(id).map(String::as_str))))
    }

    fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    fn pieces(&self) -> Vec<(u32, String)> {
        self.names.iter().map(|(id, piece)| (*id, piece.clone())).collect()
    }

    fn specials(&self) -> Vec<u32> {
        self.specials.clone()
    }
}
