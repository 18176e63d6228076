//! Vectors of sources and outputs, all by one model's encoder, for [`crate::compare::study::encoded`].

use std::collections::{BTreeMap, BTreeSet};

use super::ExperimentError;
use crate::compare::study::encoded::Encoded;
use crate::compare::study::groups::Material;
use crate::compare::study::outputs::Run;
use crate::embed::embed;
use crate::shelf::Loaded;
use crate::text::language::Language;

/// Encodes titles and summary sentences of the articles that all runs have, with their translations into the languages
/// that are compared. Languages that the model does not know are left out.
///
/// # Errors
/// As the model.
pub fn encode(
    model: &Loaded,
    batch_tokens: usize,
    runs: &[Run],
    material: &Material,
) -> Result<Encoded, ExperimentError> {
    let compared: BTreeSet<Language> = material.groups.iter().map(|group| group.language).collect();
    let mut texts: BTreeMap<Language, BTreeSet<&str>> = BTreeMap::new();
    let articles = runs
        .iter()
        .flat_map(|run| material.common.iter().filter_map(|id| run.articles.get(id)));
    for article in articles {
        let sources = std::iter::once(&article.title).chain(&article.summary.sentences);
        texts
            .entry(article.language)
            .or_default()
            .extend(sources.map(String::as_str));
        for (language, translation) in &article.translations {
            if compared.contains(language) {
                let outputs = std::iter::once(&translation.title).chain(&translation.sentences);
                texts.entry(*language).or_default().extend(outputs.map(String::as_str));
            }
        }
    }
    let mut encoded = Encoded::new(&model.identity);
    for (language, texts) in texts {
        let texts: Vec<&str> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
        let (vectors, _) = embed(model, &texts, language, batch_tokens, None)?;
        for (text, vector) in texts.into_iter().zip(vectors) {
            encoded.insert(language, text.to_owned(), vector);
        }
    }
    Ok(encoded)
}
