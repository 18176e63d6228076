//! Fits the weights of the extractive summariser: `cargo run --release --example fit_summariser`.
//!
//! Only articles are used that are held out for nothing. From the weights in the program on, one weight at a time is
//! moved as long as the sum of ROUGE-1, 2 and L over the four languages grows; the steps become smaller by halves.
//! Prints the sum before and after, and the weights.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use khulosa::compare::authored::{self, Part, Version};
use khulosa::compare::metrics::{Metric, Options, evaluate};
use khulosa::embed::embed;
use khulosa::job::{Job, Request};
use khulosa::shelf::Shelf;
use khulosa::summarise::extract::{Room, Weights, choose};
use khulosa::text::language::Language;

/// First and last change of a weight.
const STEPS: (f64, f64) = (0.4, 0.05);

/// A version of an article, its sentences' vectors, and the scores of summaries looked at so far.
struct Sample {
    language: Language,
    version: Version,
    vectors: Vec<Vec<f32>>,
    known: HashMap<Vec<usize>, f64>,
}

/// A weight by name.
type Handle = (&'static str, fn(&mut Weights) -> &mut f64);

const HANDLES: [Handle; 9] = [
    ("centrality", |weights| &mut weights.centrality),
    ("title", |weights| &mut weights.title),
    ("title_words", |weights| &mut weights.title_words),
    ("recurring", |weights| &mut weights.recurring),
    ("position", |weights| &mut weights.position),
    ("depth", |weights| &mut weights.depth),
    ("length", |weights| &mut weights.length),
    ("redundancy", |weights| &mut weights.redundancy),
    ("enough", |weights| &mut weights.enough),
];

fn main() -> anyhow::Result<()> {
    let job = Job::from_requests([Request {
        inputs: Some(vec!["-".to_owned()]),
        out: Some(PathBuf::from(".")),
        ..Request::default()
    }])?;
    let room = Room {
        words: job.summary_words,
        sentences: job.summary_sentences,
    };
    let mut samples = samples(&job)?;
    let mut best = Weights::default();
    let mut most = total(&mut samples, &best, room)?;
    println!("{} texts, sum of ROUGE before: {most:.3}", samples.len());
    let mut step = STEPS.0;
    while step >= STEPS.1 {
        let before = most;
        for (name, handle) in HANDLES {
            for change in [step, -step] {
                loop {
                    let mut tried = best;
                    *handle(&mut tried) += change;
                    let found = total(&mut samples, &tried, room)?;
                    if found <= most {
                        break;
                    }
                    (best, most) = (tried, found);
                    println!("{most:.3}  {name} {change:+.2}");
                }
            }
        }
        if most - before < 1e-9 {
            step /= 2.0;
        }
    }
    println!("sum of ROUGE after: {most:.3}\n{best:#.2?}");
    Ok(())
}

/// Every language of the articles that are held out for nothing.
fn samples(job: &Job) -> anyhow::Result<Vec<Sample>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("training/corpus");
    let held: BTreeSet<String> = authored::load(&corpus, Part::Summaries)?
        .into_iter()
        .map(|article| article.id)
        .collect();
    let model = Shelf::new(job)?.get(&job.summariser)?;
    let mut samples = Vec::new();
    for article in authored::load(&corpus, Part::Training)? {
        if held.contains(&article.id) {
            continue;
        }
        for (language, version) in article.versions {
            let texts: Vec<&str> = std::iter::once(&version.title)
                .chain(&version.sentences)
                .map(String::as_str)
                .collect();
            let (vectors, _) = embed(&model, &texts, language, job.batch_tokens, None)?;
            samples.push(Sample {
                language,
                version,
                vectors,
                known: HashMap::new(),
            });
        }
    }
    Ok(samples)
}

/// Sum of ROUGE-1, 2 and L, each averaged over the articles of a language and summed over the languages.
fn total(samples: &mut [Sample], weights: &Weights, room: Room) -> anyhow::Result<f64> {
    let mut by_language: HashMap<Language, (f64, usize)> = HashMap::new();
    for sample in samples {
        let sentences: Vec<&str> = sample.version.sentences.iter().map(String::as_str).collect();
        let chosen = choose(&sample.version.title, &sentences, &sample.vectors, room, weights);
        let score = match sample.known.get(&chosen) {
            Some(score) => *score,
            None => {
                let texts: Vec<&str> = chosen.iter().map(|index| sentences[*index]).collect();
                let score = rouge(&texts.join(" "), &sample.version.summary.join(" "))?;
                sample.known.insert(chosen, score);
                score
            }
        };
        let (sum, count) = by_language.entry(sample.language).or_default();
        *sum += score;
        *count += 1;
    }
    Ok(by_language.values().map(|(sum, count)| sum / *count as f64).sum())
}

fn rouge(summary: &str, reference: &str) -> anyhow::Result<f64> {
    let options = Options {
        metrics: vec![Metric::Rouge1, Metric::Rouge2, Metric::RougeL],
        ..Options::default()
    };
    let scores = evaluate(&[summary.to_owned()], &[vec![reference.to_owned()]], &options)?;
    Ok(scores.iter().map(|score| score.value).sum())
}
