//! Compares systems over the same articles: what the checks found, how far systems agree, how close they come to
//! references, and whether their differences are more than chance.
//!
//! [`outputs`] reads run folders, [`groups`] puts the same articles side by side, [`measures`] says what is measured,
//! [`scores`] measures it, and [`writers`] writes the result down, one file a format. What models say of outputs
//! ([`Back`], [`encoded`]) is given from above; [`versions`] compares one article's versions in several languages.

pub mod encoded;
pub mod frontier;
pub mod groups;
pub mod html;
pub mod measures;
pub mod outputs;
pub mod references;
pub mod scores;
pub mod tables;
#[cfg(test)]
mod tests;
pub mod versions;
pub mod writers;

use serde::Serialize;

use super::error::CompareError;
use super::significance::Test;
use encoded::Encoded;
use frontier::Cell;
use groups::{Material, Task};
use outputs::Run;
use references::References;
use scores::GroupScores;
use versions::Versions;

/// How a study is made.
#[derive(Debug, Clone, Serialize)]
pub struct Options {
    /// Resamples of the 95 % confidence intervals.
    pub bootstrap: usize,
    /// Test of every system against the first.
    pub test: Test,
    /// Its trials.
    pub trials: usize,
    /// Seed of all resampling.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bootstrap: 1000,
            test: Test::Bootstrap,
            trials: Test::Bootstrap.default_trials(),
            seed: 12345,
        }
    }
}

/// Translations of outputs back into the language of their source: `[groups][systems][texts]`, empty for groups
/// without any.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// Name and version of the model that translated back.
    pub translator: String,
    pub texts: Vec<Vec<Vec<String>>>,
}

/// What the outputs are measured against, as far as there is anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Against<'a> {
    pub references: Option<&'a References>,
    pub back: Option<&'a Back>,
    /// Vectors of sources and outputs.
    pub encoded: Option<&'a Encoded>,
}

/// Everything that a comparison found.
#[derive(Debug, Clone, Serialize)]
pub struct Study {
    /// Name and version of this shape.
    pub schema: &'static str,
    /// The program's version.
    pub version: &'static str,
    pub options: Options,
    pub systems: Vec<About>,
    /// Articles that were compared.
    pub articles: usize,
    /// Articles left out because only some systems have them.
    pub left_out: usize,
    /// Texts with references.
    pub referenced: usize,
    pub groups: Vec<GroupScores>,
    /// Quality against speed, for settings that were tried out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frontier: Vec<Cell>,
    /// One article in several languages, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Versions>,
}

/// One system.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    pub name: String,
    /// The models that made its outputs.
    pub models: Vec<String>,
    /// Sentences a second, where that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentences_per_second: Option<f64>,
}

/// Name and version of [`Study`]'s shape.
pub const SCHEMA: &str = "khulosa.compare/1";

/// Measures systems that stand side by side; the first is the one that the others are tested against.
///
/// # Errors
/// References that fit no text, or trials too few to say anything.
pub fn compare(runs: &[Run], material: &Material, against: Against, options: &Options) -> Result<Study, CompareError> {
    for trials in [options.bootstrap, options.trials] {
        if trials < 2 {
            return Err(CompareError::TooFewTrials { trials });
        }
    }
    let outputs = material.groups.iter().flat_map(|group| &group.items);
    let referenced = outputs
        .filter(|item| item.outputs.iter().all(|output| !output.references.is_empty()))
        .count();
    if let Some(references) = against.references.filter(|_| referenced == 0) {
        return Err(CompareError::NoReferenceFits {
            given: references.example().to_owned(),
            wanted: material.common.first().cloned().unwrap_or_default(),
        });
    }
    let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
    let mut groups = Vec::new();
    for (index, group) in material.groups.iter().enumerate() {
        let back = against
            .back
            .and_then(|back| Some((back.translator.as_str(), back.texts.get(index)?)));
        let encoded = against.encoded.filter(|_| group.task == Task::Translation);
        let similarity = encoded.and_then(|encoded| encoded::similarity(runs, group, encoded));
        groups.push(scores::score(&names, group, back, similarity.as_ref(), options)?);
    }
    let about = |run: &Run| About {
        name: run.name.clone(),
        models: run.models().into_iter().map(str::to_owned).collect(),
        sentences_per_second: run.speed.and_then(outputs::Speed::rate),
    };
    Ok(Study {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        options: options.clone(),
        systems: runs.iter().map(about).collect(),
        articles: material.common.len(),
        left_out: material.partial,
        referenced,
        groups,
        frontier: Vec::new(),
        versions: None,
    })
}
