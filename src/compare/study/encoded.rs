//! How near outputs are to their sources in meaning, by the vectors that one encoder has for both.

use std::collections::HashMap;

use super::groups::Group;
use super::measures::{Better, Mean};
use super::outputs::Run;
use crate::embed::cosine;
use crate::text::language::Language;

/// Vectors of texts, from one model's encoder.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    /// Name and version of the model.
    pub model: String,
    vectors: HashMap<Language, HashMap<String, Vec<f32>>>,
}

impl Encoded {
    /// No vectors yet, of this model.
    pub fn new(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            vectors: HashMap::new(),
        }
    }

    /// Adds a text's vector (`[d_model]`).
    pub fn insert(&mut self, language: Language, text: String, vector: Vec<f32>) {
        self.vectors.entry(language).or_default().insert(text, vector);
    }

    /// Cosine of two texts' vectors, -1 to 1; `None` where the model knows one of the languages not, 0 where one of the
    /// texts is empty.
    pub fn similarity(&self, left: (Language, &str), right: (Language, &str)) -> Option<f64> {
        let (known_left, known_right) = (self.vectors.get(&left.0)?, self.vectors.get(&right.0)?);
        let pair = known_left.get(left.1).zip(known_right.get(right.1));
        Some(pair.map_or(0.0, |(left, right)| cosine(left, right)))
    }
}

/// Mean cosine of title and summary sentences with what became of them, 0 to 100, for every translation of a group;
/// `None` where the model knows no pair of its languages.
pub fn similarity(runs: &[Run], group: &Group, encoded: &Encoded) -> Option<Mean> {
    let values: Vec<Vec<Option<f64>>> = runs
        .iter()
        .map(|run| {
            let items = group.items.iter();
            items
                .map(|item| of_article(run, &item.id, group.language, encoded))
                .collect()
        })
        .collect();
    values.iter().flatten().any(Option::is_some).then(|| Mean {
        name: "similarity".to_owned(),
        title: "similarity".to_owned(),
        better: Better::Higher,
        comparable: true,
        signature: format!(
            "mean cosine of title and sentences with their sources|encoder:{}",
            encoded.model
        ),
        values,
    })
}

fn of_article(run: &Run, id: &str, to: Language, encoded: &Encoded) -> Option<f64> {
    let article = run.articles.get(id)?;
    let translation = article.translations.get(&to)?;
    let sources = std::iter::once(&article.title).chain(&article.summary.sentences);
    let mut outputs = std::iter::once(&translation.title).chain(&translation.sentences);
    let mut found = Vec::new();
    for source in sources {
        let output = outputs.next().map_or("", String::as_str);
        if !source.trim().is_empty() {
            found.push(encoded.similarity((article.language, source), (to, output))?);
        }
    }
    (!found.is_empty()).then(|| 100.0 * found.iter().sum::<f64>() / found.len() as f64)
}
