//! What a job makes of an article: put together and checked once, when the last of its units is in the store.
//!
//! A result knows nothing of where the article was read, so it serves every run over the same text; a record is a
//! result with the article's metadata.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::record::{Record, Size, Summary, Translation};
use super::store::{Store, StoreError, Stored};
use super::window::{SummaryUnit, TopicUnit, TranslationUnit};
use crate::article::Article;
use crate::check::{self, Finding, glossary, glossary::Glossary};
use crate::embed::topics::Near;
use crate::summarise::EXTRACTIVE;
use crate::text::language::Language;
use crate::text::sentences;
use crate::translate::Segment;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArticleResult {
    language: Language,
    size: Size,
    summary: Summary,
    #[serde(default)]
    topic: Option<Near>,
    translations: BTreeMap<Language, Translation>,
}

/// What made a result, by name, and what it is held to.
#[derive(Clone, Debug)]
pub struct Makers {
    /// `extractive` or `abstractive`.
    pub method: String,
    /// Model and version that summarised.
    pub summariser: String,
    /// Terms that translations are checked against.
    pub glossary: Glossary,
}

impl ArticleResult {
    /// Puts a result together from the units in the store; `None` when a translation is missing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn compose(
        store: &Store,
        keys: &Keys,
        makers: &Makers,
        to: &[Language],
        article: &Article,
        summary: SummaryUnit,
    ) -> Result<Option<Self>, StoreError> {
        let Some(language) = article.language else {
            return Ok(None);
        };
        let topic = match keys.topic(article) {
            Some(key) => store.unit::<TopicUnit>(&key)?.and_then(|unit| unit.near),
            None => None,
        };
        let body = &article.body;
        let size = Size {
            words: body.split_whitespace().count(),
            sentences: sentences::split(body, language).len(),
        };
        let mut findings = check::summary(body, &summary.sentences.join(" "), language);
        let mut method = makers.method.as_str();
        if summary.fallen_back {
            findings.push(check::extract_instead(&makers.summariser));
            method = EXTRACTIVE;
        }
        let mut result = Self {
            language,
            size,
            summary: Summary {
                sentences: summary.sentences,
                method: method.to_owned(),
                model: makers.summariser.clone(),
                findings,
            },
            topic,
            translations: BTreeMap::new(),
        };
        for to in to {
            let Some(translation) = result.translate(store, keys, makers, &article.title, *to)? else {
                return Ok(None);
            };
            result.translations.insert(*to, translation);
        }
        Ok(Some(result))
    }

    /// Title and summary in one language, from the store.
    fn translate(
        &self,
        store: &Store,
        keys: &Keys,
        makers: &Makers,
        title: &str,
        to: Language,
    ) -> Result<Option<Translation>, StoreError> {
        if to == self.language {
            return Ok(Some(Translation {
                title: title.to_owned(),
                sentences: self.summary.sentences.clone(),
                model: None,
                via: None,
                score: None,
                reviewed: 0,
                terms: Vec::new(),
                findings: Vec::new(),
            }));
        }
        let Some(maker) = keys.maker(self.language, to) else {
            return Ok(None);
        };
        let (mut texts, mut findings, mut scores) = (Vec::new(), Vec::new(), Vec::new());
        let (mut reviewed, mut terms) = (0, Vec::new());
        for text in std::iter::once(title).chain(self.summary.sentences.iter().map(String::as_str)) {
            if text.trim().is_empty() {
                texts.push(String::new());
                continue;
            }
            let segment = Segment {
                text: text.to_owned(),
                from: self.language,
                to,
            };
            if let Some(approved) = store.reviewed(&segment)? {
                // A person's word stands: it is not checked, only its terms are told.
                reviewed += 1;
                terms.extend(makers.glossary.uses(text, self.language, &approved, to));
                texts.push(approved);
                continue;
            }
            let Some(unit) = store.unit::<TranslationUnit>(&keys.translation(&segment))? else {
                return Ok(None);
            };
            let mut found = check::translation(text, self.language, &unit.text, to);
            let mut unit = unit;
            if check::has_errors(&found)
                && let Some((second, second_found)) = second_choice(store, keys, &segment)?
                && !check::has_errors(&second_found)
            {
                (unit, found) = (second, second_found);
                let maker = keys.fallback_maker(self.language, to);
                found.extend(maker.map(|maker| check::other_model(&maker.model)));
            }
            let used = makers.glossary.uses(text, self.language, &unit.text, to);
            findings.extend(glossary::findings(&used));
            terms.extend(used);
            findings.extend(found);
            findings.extend(check::confidence(unit.confidence));
            scores.push(unit.score);
            texts.push(unit.text);
        }
        let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        let made = reviewed == 0 || !scores.is_empty();
        let title = texts.remove(0);
        Ok(Some(Translation {
            title,
            sentences: texts,
            model: made.then_some(maker.model),
            via: maker.via.filter(|_| made),
            score: made.then_some((mean * 1e4).round() / 1e4),
            reviewed,
            terms,
            findings,
        }))
    }

    /// The record of an article with this result.
    pub fn record(self, stored: Stored) -> Record {
        let mut record = Record::of(stored.article, stored.inputs, self.language, self.size, self.summary);
        record.topic = self.topic;
        record.translations = self.translations;
        record
    }
}

/// What the fallback made of a sentence, and what the checks find in it.
fn second_choice(
    store: &Store,
    keys: &Keys,
    segment: &Segment,
) -> Result<Option<(TranslationUnit, Vec<Finding>)>, StoreError> {
    let Some(key) = keys.fallback(segment) else {
        return Ok(None);
    };
    let unit = store.unit::<TranslationUnit>(&key)?;
    Ok(unit.map(|unit| {
        let found = check::translation(&segment.text, segment.from, &unit.text, segment.to);
        (unit, found)
    }))
}
