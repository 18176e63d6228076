//! Measures one group: every measure of every system, with its interval, its test against the first system, and a number
//! for each text.

use serde::Serialize;

use super::Options;
use super::groups::{Group, Task};
use super::measures::{self, Better, Mean};
use crate::compare::agreement::{self, Agreement};
use crate::compare::error::CompareError;
use crate::compare::metrics::{Confidence, Metric, Options as MetricOptions, Score, Segment, evaluate_segments};
use crate::compare::significance;
use crate::text::language::Language;

/// All that was measured in one group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupScores {
    pub task: Task,
    pub language: Language,
    /// Article ids, in the order of all lists of texts.
    pub articles: Vec<String>,
    /// In the order of the study's systems.
    pub systems: Vec<SystemScores>,
    /// Every two systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agreement: Vec<Agreement>,
}

/// One system's measures; every system of a group has the same ones in the same order.
#[derive(Debug, Clone, Serialize)]
pub struct SystemScores {
    pub name: String,
    pub values: Vec<Value>,
}

/// One measure of one system.
#[derive(Debug, Clone, Serialize)]
pub struct Value {
    pub measure: String,
    /// Its name in tables.
    pub title: String,
    pub better: Better,
    pub value: f64,
    /// Texts that have this measure.
    pub texts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Chance of such a difference from the first system if both were equally good; `None` for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    pub signature: String,
    /// One a text of the group.
    pub sentence: Vec<Option<f64>>,
}

impl GroupScores {
    /// `translation into Tajik`, `summaries in English`.
    pub fn title(&self) -> String {
        match self.task {
            Task::Translation => format!("translation into {}", self.language.english_name()),
            Task::Summary => format!("summaries in {}", self.language.english_name()),
        }
    }

    /// How much systems differ on each text: 100 less the mean agreement; 0 for a single system.
    pub fn disagreement(&self) -> Vec<f64> {
        let pairs = self.agreement.len().max(1) as f64;
        let of = |text: usize| {
            let found = self.agreement.iter().filter_map(|pair| pair.sentence.get(text));
            found.map(|agreement| 100.0 - agreement).sum::<f64>() / pairs
        };
        (0..self.articles.len()).map(of).collect()
    }
}

/// Measures a group. `back` holds the name of a model and its translations back into the source's language,
/// `[systems][texts]`; `similarity` is what an encoder says.
///
/// # Errors
/// Outputs that cannot be scored.
pub fn score(
    names: &[String],
    group: &Group,
    back: Option<(&str, &Vec<Vec<String>>)>,
    similarity: Option<&Mean>,
    options: &Options,
) -> Result<GroupScores, CompareError> {
    let mut systems: Vec<SystemScores> = names
        .iter()
        .map(|name| SystemScores {
            name: name.clone(),
            values: Vec::new(),
        })
        .collect();
    against_references(group, options, &mut systems)?;
    let agreement = agree(names, group, options, &mut systems)?;
    if let Some((translator, texts)) = back.filter(|(_, texts)| !texts.is_empty()) {
        round_trip(group, translator, texts, options, &mut systems)?;
    }
    if let Some(similarity) = similarity {
        add_mean(similarity, options, &mut systems);
    }
    for mean in measures::without_references(group) {
        add_mean(&mean, options, &mut systems);
    }
    Ok(GroupScores {
        task: group.task,
        language: group.language,
        articles: group.items.iter().map(|item| item.id.clone()).collect(),
        systems,
        agreement,
    })
}

fn against_references(group: &Group, options: &Options, systems: &mut [SystemScores]) -> Result<(), CompareError> {
    let has = |item: &&super::groups::Item| item.outputs.iter().all(|output| !output.references.is_empty());
    let places: Vec<usize> = (0..group.items.len())
        .filter(|place| group.items.get(*place).as_ref().is_some_and(has))
        .collect();
    if places.is_empty() {
        return Ok(());
    }
    let metrics = match group.task {
        Task::Translation => vec![Metric::ChrfPlusPlus, Metric::Bleu],
        Task::Summary => vec![Metric::Rouge1, Metric::Rouge2, Metric::RougeL, Metric::ChrfPlusPlus],
    };
    let mut scored = Vec::new();
    for system in 0..systems.len() {
        let outputs = places
            .iter()
            .filter_map(|place| group.items.get(*place)?.outputs.get(system));
        let segments: Vec<Segment> = outputs
            .map(|output| Segment {
                hypothesis: &output.compared,
                references: output.references.iter().map(String::as_str).collect(),
            })
            .collect();
        scored.push(evaluate_segments(&segments, &metric_options(metrics.clone(), options))?);
    }
    add_scores(&scored, &places, group.items.len(), "", options, systems)
}

fn round_trip(
    group: &Group,
    translator: &str,
    texts: &[Vec<String>],
    options: &Options,
    systems: &mut [SystemScores],
) -> Result<(), CompareError> {
    let mut scored = Vec::new();
    for (system, texts) in texts.iter().enumerate() {
        let outputs = group.items.iter().filter_map(|item| item.outputs.get(system));
        let segments: Vec<Segment> = texts
            .iter()
            .zip(outputs)
            .map(|(text, output)| Segment {
                hypothesis: text,
                references: vec![&output.source],
            })
            .collect();
        let mut scores = evaluate_segments(&segments, &metric_options(vec![Metric::ChrfPlusPlus], options))?;
        for score in &mut scores {
            score.signature = format!("{}|back:{translator}", score.signature);
        }
        scored.push(scores);
    }
    let places: Vec<usize> = (0..group.items.len()).collect();
    add_scores(&scored, &places, places.len(), "round-trip ", options, systems)
}

fn metric_options(metrics: Vec<Metric>, options: &Options) -> MetricOptions {
    MetricOptions {
        metrics,
        sentences: true,
        bootstrap: Some(options.bootstrap),
        seed: options.seed,
        ..MetricOptions::default()
    }
}

/// Adds scores, `[systems][metrics]`, of the texts at `places` among `texts`.
fn add_scores(
    scored: &[Vec<Score>],
    places: &[usize],
    texts: usize,
    prefix: &str,
    options: &Options,
    systems: &mut [SystemScores],
) -> Result<(), CompareError> {
    for (system, scores) in systems.iter_mut().zip(scored) {
        for (metric, score) in scores.iter().enumerate() {
            let baseline = scored.first().and_then(|first| first.get(metric));
            let outcome = baseline
                .filter(|first| !std::ptr::eq(*first, score))
                .map(|first| significance::paired(options.test, first, score, options.trials, options.seed))
                .transpose()?;
            let mut sentence = vec![None; texts];
            for (place, value) in places.iter().zip(score.sentence.iter().flatten()) {
                if let Some(cell) = sentence.get_mut(*place) {
                    *cell = Some(*value);
                }
            }
            system.values.push(Value {
                measure: format!("{}{}", prefix.replace(' ', ":"), score.name),
                title: format!("{prefix}{}", score.name),
                better: Better::Higher,
                value: score.value,
                texts: places.len(),
                confidence: score.confidence,
                p_value: outcome.map(|found| found.p_value),
                signature: score.signature.clone(),
                sentence,
            });
        }
    }
    Ok(())
}

/// Agreement of every two systems, and of each with all the others.
fn agree(
    names: &[String],
    group: &Group,
    options: &Options,
    systems: &mut [SystemScores],
) -> Result<Vec<Agreement>, CompareError> {
    if names.len() < 2 {
        return Ok(Vec::new());
    }
    let texts = |system: usize| -> Vec<String> {
        let outputs = group.items.iter().filter_map(|item| item.outputs.get(system));
        outputs.map(|output| output.text.clone()).collect()
    };
    let named: Vec<(String, Vec<String>)> = names
        .iter()
        .enumerate()
        .map(|(system, name)| (name.clone(), texts(system)))
        .collect();
    let pairs = agreement::pairwise(&named)?;
    let mean = Mean {
        name: "agreement".to_owned(),
        title: "agreement".to_owned(),
        better: Better::Neither,
        // How far the first system agrees with the others is no better or worse than how far another one does.
        comparable: false,
        signature: pairs
            .first()
            .map(|pair| format!("mean over texts and other systems|{}", pair.signature))
            .unwrap_or_default(),
        values: names
            .iter()
            .map(|name| {
                let own: Vec<&Agreement> = pairs
                    .iter()
                    .filter(|pair| &pair.left == name || &pair.right == name)
                    .collect();
                let of = |text: usize| {
                    let found = own.iter().filter_map(|pair| pair.sentence.get(text));
                    Some(found.sum::<f64>() / own.len().max(1) as f64)
                };
                (0..group.items.len()).map(of).collect()
            })
            .collect(),
    };
    add_mean(&mean, options, systems);
    Ok(pairs)
}

fn add_mean(mean: &Mean, options: &Options, systems: &mut [SystemScores]) {
    let first = mean.values.first();
    for (index, (system, values)) in systems.iter_mut().zip(&mean.values).enumerate() {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        let p_value = first.filter(|_| index > 0 && mean.comparable).and_then(|first| {
            let pairs = first.iter().zip(values);
            let differences: Vec<f64> = pairs.filter_map(|(left, right)| Some((*right)? - (*left)?)).collect();
            (!differences.is_empty())
                .then(|| significance::paired_means(options.test, &differences, options.trials, options.seed))
        });
        system.values.push(Value {
            measure: mean.name.clone(),
            title: mean.title.clone(),
            better: mean.better,
            value: known.iter().sum::<f64>() / known.len().max(1) as f64,
            texts: known.len(),
            confidence: (!known.is_empty())
                .then(|| significance::confidence_of_mean(&known, options.bootstrap, options.seed)),
            p_value,
            signature: mean.signature.clone(),
            sentence: values.clone(),
        });
    }
}
