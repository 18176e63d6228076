//! SentencePiece for spBLEU (Goyal et al. 2022), from a model file of the user's.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::compare::error::CompareError;
use crate::model::tokenizer::sentencepiece::SentencePiece;

/// Cuts a text into pieces.
type Cut = dyn Fn(&str) -> Vec<String> + Send + Sync;

/// A subword tokeniser for spBLEU: SentencePiece with the model that the signature names.
#[derive(Clone)]
pub struct Pieces {
    /// What the signature says, such as `flores200`.
    pub name: String,
    /// Cuts a text into pieces.
    pub cut: Arc<Cut>,
}

/// The models whose names sacreBLEU's signatures know, by how its downloads are called.
const KNOWN: [(&str, &str); 3] = [
    ("flores200", "flores200"),
    ("flores101", "flores101"),
    ("sacrebleutokenizerspm", "flores101"),
];

impl Pieces {
    /// Reads a SentencePiece model. In signatures, FLORES' models are called as sacreBLEU calls them, told by the file's
    /// name; any other is `spm-` and the first half of its BLAKE3.
    ///
    /// # Errors
    /// A file that cannot be read or is no such model.
    pub fn open(path: &Path) -> Result<Self, CompareError> {
        let read = |source| CompareError::Read {
            path: path.to_owned(),
            source,
        };
        let hash = blake3::hash(&std::fs::read(path).map_err(read)?).to_hex();
        let model = SentencePiece::open(path)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().replace('_', "");
        let known = KNOWN.into_iter().find(|(start, _)| file.starts_with(start));
        let name = match known {
            Some((_, name)) => name.to_owned(),
            None => format!("spm-{}", hash.get(..32).unwrap_or_default()),
        };
        let cut = move |text: &str| {
            let mut pieces = Vec::new();
            // The pieces meet in one line that is cut at white space, as sacreBLEU does.
            model.encode(text, |piece| {
                pieces.extend(piece.text.split_whitespace().map(str::to_owned));
            });
            pieces
        };
        Ok(Self {
            name,
            cut: Arc::new(cut),
        })
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pieces")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
