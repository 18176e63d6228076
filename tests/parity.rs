//! Both engines against transformers, over small random models of every architecture (`make fixtures`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use std::path::PathBuf;

use khulosa::engine::{Decoding, EarlyStopping, Engine, EngineOptions, Kind, Precision, load};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    embedding: Embedding,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    how: Map<String, Value>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    source: Vec<u32>,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    ids: Vec<u32>,
    score: f64,
}

#[derive(Deserialize)]
struct Embedding {
    source: Vec<u32>,
    mean: Vec<f32>,
}

const ARCHITECTURES: [&str; 7] = ["marian", "m2m100", "mbart", "bart", "pegasus", "t5", "mt5"];

fn folders() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

fn fixture(folder: &std::path::Path) -> Fixture {
    serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap()
}

/// transformers' arguments as a [`Decoding`].
fn decoding(base: &Decoding, how: &Map<String, Value>) -> Decoding {
    let mut decoding = base.clone();
    for (key, value) in how {
        let whole = || value.as_u64().unwrap() as usize;
        match key.as_str() {
            "num_beams" => decoding.beams = whole(),
            "max_new_tokens" => decoding.max_new_tokens = whole(),
            "min_new_tokens" => decoding.min_new_tokens = whole(),
            "num_return_sequences" => decoding.n_best = whole(),
            "no_repeat_ngram_size" => decoding.no_repeat_ngram = whole(),
            "repetition_penalty" => decoding.repetition_penalty = value.as_f64().unwrap(),
            "length_penalty" => decoding.length_penalty = value.as_f64().unwrap(),
            "forced_bos_token_id" => decoding.forced_bos = Some(whole() as u32),
            "forced_eos_token_id" => decoding.forced_eos = Some(whole() as u32),
            "bad_words_ids" => decoding.bad_words = serde_json::from_value(value.clone()).unwrap(),
            "suppress_tokens" => decoding.suppress = serde_json::from_value(value.clone()).unwrap(),
            "early_stopping" => {
                decoding.early_stopping = if value == "never" {
                    EarlyStopping::Never
                } else {
                    EarlyStopping::Always
                };
            }
            other => panic!("argument {other} is not translated"),
        }
    }
    decoding
}

fn engine(folder: &std::path::Path, kind: Kind, precision: Precision, threads: usize) -> Box<dyn Engine> {
    let options = EngineOptions {
        kind,
        precision,
        threads,
        ..EngineOptions::default()
    };
    load(folder, &options).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// Differences from what transformers generated, as messages.
fn differences(kind: Kind) -> Vec<String> {
    let mut messages = Vec::new();
    for folder in folders() {
        let (fixture, engine) = (fixture(&folder), engine(&folder, kind, Precision::F32, 1));
        let base = Decoding::from_folder(&folder).unwrap();
        for case in &fixture.cases {
            let sources: Vec<Vec<u32>> = case.runs.iter().map(|run| run.source.clone()).collect();
            let results = engine.generate(&sources, &decoding(&base, &case.how)).unwrap();
            for (run, result) in case.runs.iter().zip(&results) {
                let name = || {
                    format!(
                        "{} | {} | {:?}",
                        folder.file_name().unwrap().display(),
                        case.name,
                        run.source
                    )
                };
                if result.hypotheses.len() != run.outputs.len() {
                    messages.push(format!("{}: {} hypotheses", name(), result.hypotheses.len()));
                }
                for (found, expected) in result.hypotheses.iter().zip(&run.outputs) {
                    if found.ids != expected.ids {
                        messages.push(format!("{}:\n  {:?}\n  {:?}", name(), found, expected.ids));
                    } else if (found.score - expected.score).abs() > 1e-4 {
                        messages.push(format!("{}: score {} for {}", name(), found.score, expected.score));
                    }
                }
            }
        }
        let mean = &engine.embed(std::slice::from_ref(&fixture.embedding.source)).unwrap()[0];
        let apart = mean
            .iter()
            .zip(&fixture.embedding.mean)
            .map(|(left, right)| (left - right).abs())
            .fold(0.0, f32::max);
        if mean.len() != fixture.embedding.mean.len() || apart > 1e-4 {
            messages.push(format!("{}: embeddings are {apart} apart", folder.display()));
        }
    }
    messages
}

#[test]
fn every_architecture_has_at_least_three_models() {
    let names: Vec<String> = folders()
        .iter()
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    for architecture in ARCHITECTURES {
        let count = names
            .iter()
            .filter(|name| name.strip_prefix(architecture).is_some_and(|rest| !rest.is_empty()))
            .count();
        // mT5's third is of type t5, as MADLAD and T5 v1.1 are.
        assert!(
            count >= if architecture == "mt5" { 2 } else { 3 },
            "{architecture}: {names:?}"
        );
    }
}

#[test]
fn the_fast_engine_gives_what_transformers_gives() {
    let messages = differences(Kind::Fast);
    assert!(
        messages.is_empty(),
        "{} differences\n{}",
        messages.len(),
        messages.join("\n")
    );
}

#[test]
fn the_reference_engine_gives_what_transformers_gives() {
    let messages = differences(Kind::Reference);
    assert!(
        messages.is_empty(),
        "{} differences\n{}",
        messages.len(),
        messages.join("\n")
    );
}

#[test]
fn results_are_the_same_bits_alone_or_in_any_company_on_any_number_of_threads() {
    for folder in folders() {
        let fixture = fixture(&folder);
        let base = Decoding::from_folder(&folder).unwrap();
        for precision in [Precision::F32, Precision::Int8] {
            let engines = [1, 3].map(|threads| engine(&folder, Kind::Fast, precision, threads));
            for case in [&fixture.cases[0], &fixture.cases[2]] {
                let how = decoding(&base, &case.how);
                let sources: Vec<Vec<u32>> = case.runs.iter().map(|run| run.source.clone()).collect();
                let alone: Vec<_> = sources
                    .iter()
                    .map(|source| {
                        engines[0]
                            .generate(std::slice::from_ref(source), &how)
                            .unwrap()
                            .remove(0)
                    })
                    .collect();
                let many: Vec<Vec<u32>> = sources.iter().rev().cycle().take(3 * sources.len()).cloned().collect();
                let expected: Vec<_> = alone.iter().rev().cycle().take(many.len()).cloned().collect();
                for engine in &engines {
                    assert_eq!(
                        engine.generate(&sources, &how).unwrap(),
                        alone,
                        "{} {precision}",
                        folder.display()
                    );
                    assert_eq!(
                        engine.generate(&many, &how).unwrap(),
                        expected,
                        "{} {precision}",
                        folder.display()
                    );
                }
            }
        }
    }
}
