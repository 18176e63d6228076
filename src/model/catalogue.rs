//! All model cards: the built-in ones and the user's own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Card, ModelError, nearest};

macro_rules! cards {
    ($($name:literal),* $(,)?) => {
        /// The cards in models/, named one by one: including the whole folder would embed the weights beside them.
        const BUILT_IN: &[(&str, &str)] =
            &[$((concat!($name, ".toml"), include_str!(concat!("../../models/", $name, ".toml")))),*];
    };
}

cards!(
    "bart-large-cnn",
    "distilbart-cnn",
    "long-t5-book",
    "m2m100-418m",
    "madlad-3b",
    "mbart50",
    "mt5-xlsum",
    "nllb-1.3b",
    "nllb-3.3b",
    "nllb-600m",
    "opus-ar-en",
    "opus-en-ar",
    "opus-en-ru",
    "opus-ru-en",
    "opus-tc-big-en-ar",
    "opus-tc-big-en-zle",
    "pegasus-cnn",
    "pocket",
);

/// Every card by its name.
#[derive(Clone, Debug)]
pub struct Catalogue {
    cards: BTreeMap<String, Card>,
}

impl Catalogue {
    /// Reads the built-in cards, and every `*.toml` of `folders`.
    ///
    /// # Errors
    /// When a folder cannot be read, a card is wrong, or two have one name.
    pub fn load(folders: &[PathBuf]) -> Result<Self, ModelError> {
        let mut cards = BTreeMap::new();
        for (file, text) in BUILT_IN {
            add(&mut cards, Card::parse(text, file)?)?;
        }
        for folder in folders {
            let unreadable = |source| ModelError::Unreadable {
                path: folder.clone(),
                source,
            };
            let entries = std::fs::read_dir(folder).map_err(unreadable)?;
            let mut files = entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()
                .map_err(unreadable)?;
            files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
            files.sort();
            for path in files {
                let text = std::fs::read_to_string(&path).map_err(|source| ModelError::Unreadable {
                    path: path.clone(),
                    source,
                })?;
                let mut card = Card::parse(&text, &path.display().to_string())?;
                card.file = Some(path);
                add(&mut cards, card)?;
            }
        }
        Ok(Self { cards })
    }

    /// The card of this name.
    pub fn get(&self, name: &str) -> Option<&Card> {
        self.cards.get(name)
    }

    /// The card of this name.
    ///
    /// # Errors
    /// When there is none; the nearest name is suggested.
    pub fn card(&self, name: &str) -> Result<&Card, ModelError> {
        self.get(name).ok_or_else(|| ModelError::Unknown {
            name: name.to_owned(),
            nearest: nearest(name, self.names()).map(str::to_owned),
            known: self.names().collect::<Vec<_>>().join(", "),
        })
    }

    /// Names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cards.keys().map(String::as_str)
    }

    /// Cards, in the order of their names.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.cards.values()
    }
}

fn add(cards: &mut BTreeMap<String, Card>, card: Card) -> Result<(), ModelError> {
    let origin = |card: &Card| {
        card.file
            .as_ref()
            .map_or("a built-in one".to_owned(), |path| path.display().to_string())
    };
    if let Some(first) = cards.get(&card.name) {
        return Err(ModelError::Twice {
            name: card.name.clone(),
            first: origin(first),
            second: origin(&card),
        });
    }
    cards.insert(card.name.clone(), card);
    Ok(())
}
