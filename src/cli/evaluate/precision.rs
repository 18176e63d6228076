//! `khulosa evaluate --suite authored --against f32`: what a precision costs, as distance of its translations from those
//! of another precision and as difference of both from the references.

use std::collections::BTreeSet;

use khulosa::compare::authored::{self, Authored};
use khulosa::compare::metrics::{Metric, Options, evaluate};
use khulosa::compare::table::Table;
use khulosa::engine::Precision;
use khulosa::job::Job;
use khulosa::shelf::Shelf;
use khulosa::translate::Translator;

use super::suite::{signature, translated};

/// Texts of one direction, or of all.
#[derive(Default)]
struct Texts {
    ours: Vec<String>,
    theirs: Vec<String>,
    references: Vec<String>,
}

/// chrF++ of the job's precision against `other`, and of both against the references, by direction and over all.
pub(super) fn compare(
    job: &Job,
    other: Precision,
    articles: &[Authored],
    signatures: &mut BTreeSet<String>,
) -> anyhow::Result<Table> {
    let other_job = Job {
        precision: other,
        ..job.clone()
    };
    let ours = Translator::new(&Shelf::new(job)?, job)?;
    let theirs = Translator::new(&Shelf::new(&other_job)?, &other_job)?;
    let against = format!("against {other}");
    let mut table = Table::new([
        "direction",
        "texts",
        "the same",
        &against,
        &job.precision.to_string(),
        &other.to_string(),
        "difference",
    ]);
    let mut all = Texts::default();
    for direction in authored::directions(articles) {
        let (from, to) = direction;
        if ours.check_direction(from, to).is_err() {
            continue;
        }
        let pairs = authored::pairs(articles, from, to);
        let texts = Texts {
            ours: translated(job, &ours, &pairs, direction)?,
            theirs: translated(&other_job, &theirs, &pairs, direction)?,
            references: pairs.iter().map(|pair| pair.reference.to_owned()).collect(),
        };
        table.push(row(&format!("{}→{}", from.code(), to.code()), &texts, signatures)?);
        all.ours.extend(texts.ours);
        all.theirs.extend(texts.theirs);
        all.references.extend(texts.references);
    }
    table.push(row("all", &all, signatures)?);
    Ok(table)
}

fn row(name: &str, texts: &Texts, signatures: &mut BTreeSet<String>) -> anyhow::Result<[String; 7]> {
    let options = Options {
        metrics: vec![Metric::ChrfPlusPlus],
        ..Options::default()
    };
    let mut score = |texts: &[String], references: &Vec<String>| -> anyhow::Result<f64> {
        let scores = evaluate(texts, std::slice::from_ref(references), &options)?;
        signatures.extend(scores.iter().map(signature));
        Ok(scores.first().map_or(0.0, |score| score.value))
    };
    let against = score(&texts.ours, &texts.theirs)?;
    let (ours, theirs) = (
        score(&texts.ours, &texts.references)?,
        score(&texts.theirs, &texts.references)?,
    );
    let same = texts
        .ours
        .iter()
        .zip(&texts.theirs)
        .filter(|(left, right)| left == right)
        .count();
    Ok([
        name.to_owned(),
        texts.ours.len().to_string(),
        same.to_string(),
        format!("{against:.2}"),
        format!("{ours:.2}"),
        format!("{theirs:.2}"),
        format!("{:+.2}", ours - theirs),
    ])
}
