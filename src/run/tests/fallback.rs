//! What fails a hard check: translated by another model, summarised by the article's own sentences.

use std::sync::Arc;

use super::fake::Fake;
use super::*;
use crate::engine::{Engine, EngineError};
use crate::model::watch::Silent;
use crate::run::window::Models;
use crate::shelf::Shelf;

/// A card over a copy of the built-in model's files, so that an engine can be told from the built-in model's by its folder.
fn card(desk: &Desk, name: &str, task: &str) {
    let folder = desk.path(name);
    std::fs::create_dir(&folder).unwrap();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pocket")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    let text = format!(
        "name = \"{name}\"\ntitle = \"t\"\ntask = \"{task}\"\narchitecture = \"m2m100\"\nfamily = \"nllb\"\n\
         folder = {folder:?}\nmax_source = 64\n[languages]\nen = \"eng_Latn\"\nru = \"rus_Cyrl\"\n\
         ar = \"arb_Arab\"\ntg = \"tgk_Cyrl\"\n[licence]\nname = \"MIT\"\ncommercial = true\ngovernment = true\n\
         [size]\nparameters = 9_000_000\ndownload = 1\n"
    );
    std::fs::create_dir_all(desk.path("cards")).unwrap();
    std::fs::write(desk.path("cards").join(format!("{name}.toml")), text).unwrap();
}

/// Runs a job in which the built-in model has one manner and every other the second.
fn run(job: &Job, built_in: Manner, other: Manner) -> super::super::report::Report {
    let load = move |folder: &Path| -> Result<Box<dyn Engine>, EngineError> {
        let manner = if folder.ends_with("models/pocket") {
            built_in
        } else {
            other
        };
        Ok(Box::new(Fake(manner)))
    };
    let outcome = run_with(
        job,
        Start::default(),
        &Progress::new(job.progress),
        &Shutdown::default(),
        || Models::load(&Shelf::with_engines(job, Arc::new(Silent), Box::new(load))?, job),
    );
    finished(outcome)
}

/// A desk with ten articles and a second model, and a job over them.
fn ready(out: &str) -> (Desk, Job) {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 10);
    card(&desk, "other", "translate");
    let job = Job {
        models: Some(desk.path("cards")),
        ..desk.job("batch.jsonl", out)
    };
    (desk, job)
}

fn records(desk: &Desk, out: &str) -> Vec<serde_json::Value> {
    let lines = desk.outputs(out)["records.jsonl"].clone();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn codes(translation: &serde_json::Value) -> Vec<&str> {
    let findings = translation["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

#[test]
fn what_fails_with_the_model_is_translated_by_the_fallback_and_says_so() {
    let (desk, job) = ready("out");
    let with = Job {
        fallback: Some("other".to_owned()),
        ..job.clone()
    };
    let report = run(&with, Manner::Loops, Manner::Well);
    assert_eq!(report.counts.records, 10);
    let own = Job {
        translator: "other".to_owned(),
        out: desk.path("own"),
        ..job
    };
    run(&own, Manner::Loops, Manner::Well);
    for (record, own) in records(&desk, "out").iter().zip(records(&desk, "own")) {
        for to in ["ru", "ar", "tg"] {
            let (translation, own) = (&record["translations"][to], &own["translations"][to]);
            assert_eq!(translation["title"], own["title"], "{translation}");
            assert_eq!(translation["sentences"], own["sentences"], "{translation}");
            let told = codes(translation)
                .into_iter()
                .filter(|code| *code == "other-model")
                .count();
            assert_eq!(told, 1 + own["sentences"].as_array().unwrap().len(), "{translation}");
            assert!(!codes(translation).contains(&"repetition"), "{translation}");
        }
    }
    // All is done: broken models show that they are not asked.
    let before = desk.outputs("out");
    run(&with, Manner::Broken, Manner::Broken);
    assert_eq!(desk.outputs("out"), before);
}

#[test]
fn a_fallback_named_later_is_asked_about_what_had_failed_and_the_model_is_not_asked_again() {
    let (desk, job) = ready("out");
    run(&job, Manner::Loops, Manner::Broken);
    assert!(codes(&records(&desk, "out")[0]["translations"]["ru"]).contains(&"repetition"));
    let with = Job {
        fallback: Some("other".to_owned()),
        ..job
    };
    run(&with, Manner::Broken, Manner::Well);
    let later = desk.outputs("out")["records.jsonl"].clone();
    assert!(!later.contains("\"repetition\"") && later.contains("\"other-model\""));
    let at_once = Job {
        out: desk.path("once"),
        ..with
    };
    run(&at_once, Manner::Loops, Manner::Well);
    assert_eq!(desk.outputs("once")["records.jsonl"], later);
}

#[test]
fn a_fallback_that_fails_too_costs_no_article_and_the_failure_stays_marked() {
    for manner in [Manner::Broken, Manner::Loops] {
        let (desk, job) = ready("out");
        run(&job, Manner::Loops, Manner::Well);
        let without = desk.outputs("out")["records.jsonl"].clone();
        let with = Job {
            fallback: Some("other".to_owned()),
            out: desk.path("with"),
            ..job
        };
        let report = run(&with, Manner::Loops, manner);
        assert_eq!((report.counts.records, report.counts.rejected), (10, 1));
        assert_eq!(desk.outputs("with")["records.jsonl"], without);
    }
}

#[test]
fn what_passes_the_checks_is_not_given_to_the_fallback() {
    let (desk, job) = ready("out");
    let with = Job {
        fallback: Some("other".to_owned()),
        ..job
    };
    run(&with, Manner::Well, Manner::Broken);
    assert!(!desk.outputs("out")["records.jsonl"].contains("other-model"));
}

#[test]
fn a_summary_that_loops_gives_way_to_sentences_of_the_article() {
    let (desk, job) = ready("out");
    card(&desk, "writer", "summarise");
    let job = Job {
        summariser: "writer".to_owned(),
        ..job
    };
    let report = run(&job, Manner::Well, Manner::Loops);
    assert_eq!(report.counts.records, 10);
    for record in records(&desk, "out") {
        let summary = &record["summary"];
        assert_eq!(summary["method"], "extractive", "{summary}");
        assert!(codes(summary).contains(&"extract-instead"), "{summary}");
        let first = summary["sentences"][0].as_str().unwrap();
        assert!(
            first.starts_with("Water station") || first.starts_with("It will serve"),
            "{first}"
        );
    }
    let well = Job {
        out: desk.path("well"),
        ..job
    };
    run(&well, Manner::Well, Manner::Well);
    assert_eq!(records(&desk, "well")[0]["summary"]["method"], "abstractive");
}
