//! Comparisons from the command line, end to end on the built-in model.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Desk, ENGLISH};
use serde_json::Value;

/// Few resamples: what they come to is tested elsewhere.
const FEW: &str = "--bootstrap 20 --trials 20";

/// A folder with one article and a copy of the built-in model that a test may spoil.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("article.txt", ENGLISH);
    let model = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pocket");
    for entry in std::fs::read_dir(model).unwrap().flatten() {
        if entry.file_type().unwrap().is_file() {
            desk.write(
                &format!("mine/{}", entry.file_name().to_str().unwrap()),
                std::fs::read(entry.path()).unwrap(),
            );
        }
    }
    desk
}

fn compare(desk: &Desk, arguments: &str, code: i32) -> common::Ended {
    let ended = desk.khulosa(&format!("compare {arguments}"));
    assert_eq!(ended.code, code, "stdout:\n{}\nstderr:\n{}", ended.stdout, ended.stderr);
    ended
}

fn json(desk: &Desk, name: &str) -> Value {
    serde_json::from_str(&desk.read(name)).unwrap()
}

#[test]
fn a_sweep_is_done_once_reproduced_to_the_byte_and_refused_when_its_model_has_changed() {
    let desk = desk();
    let command = format!("article.txt --to tg --translator ./mine --out swept {FEW} --sweep beams=1,2");
    let ended = compare(&desk, &command, 0);
    assert!(ended.stdout.contains("Quality against speed"), "{}", ended.stdout);
    let first = json(&desk, "swept/compare.json");
    let cells = first["frontier"].as_array().unwrap();
    assert_eq!(cells[1]["settings"][0], serde_json::json!(["beams", "2"]));
    assert!(
        cells
            .iter()
            .all(|cell| cell["sentences_per_second"].as_f64().unwrap() > 0.0)
    );

    compare(&desk, &command, 0);
    assert_eq!(
        json(&desk, "swept/compare.json"),
        first,
        "found finished, speeds and all"
    );
    let report = json(&desk, "swept/runs/01-beams=1/report.json");
    assert_eq!(report["stages"]["translate"]["made"], 0);

    let ended = compare(&desk, "--reproduce swept/manifest.json", 0);
    assert!(
        ended
            .stdout
            .contains("beams=1: records byte-identical\nbeams=2: records byte-identical\n"),
        "{}",
        ended.stdout
    );
    let report = json(&desk, "swept/reproduced/runs/01-beams=1/report.json");
    assert!(
        report["stages"]["translate"]["made"].as_u64().unwrap() > 0,
        "made anew, not found"
    );

    let mut manifest = json(&desk, "swept/manifest.json");
    manifest["cells"][1]["records"]["sha256"] = "0".repeat(64).into();
    desk.write("swept/other.json", manifest.to_string());
    let ended = compare(&desk, "--reproduce swept/other.json --out again", 1);
    assert!(ended.stdout.contains("beams=2: records DIFFERENT"), "{}", ended.stdout);

    desk.write(
        "mine/generation_config.json",
        desk.read("mine/generation_config.json") + "\n",
    );
    let ended = compare(&desk, "--reproduce swept/manifest.json", 2);
    assert!(
        ended.stderr.contains("./mine has changed: generation_config.json"),
        "{}",
        ended.stderr
    );
}

#[test]
fn run_folders_are_compared_in_the_languages_asked_for_with_a_manifest_of_their_own() {
    let desk = Desk::new();
    desk.write("article.txt", ENGLISH);
    desk.run("article.txt --to ru,tg --out a --beams 1", 0);
    desk.run("article.txt --to ru,tg --out b --beams 2", 0);
    let ended = compare(&desk, &format!("a b --to tg --out compared --round-trip {FEW}"), 0);
    assert!(ended.stdout.contains("round-trip chrF2++"), "{}", ended.stdout);
    let languages: Vec<Value> = json(&desk, "compared/compare.json")["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["language"].clone())
        .collect();
    assert_eq!(
        languages,
        ["tg", "en"],
        "the translation, and the summary in the article's own language"
    );
    for name in ["report.html", "compare.md", "compare.tex", "scores.csv", "items.csv"] {
        assert!(!desk.read(&format!("compared/{name}")).is_empty());
    }
    for name in ["scores.parquet", "items.parquet"] {
        let content = std::fs::read(desk.path(&format!("compared/{name}"))).unwrap();
        assert!(content.starts_with(b"PAR1") && content.ends_with(b"PAR1"), "{name}");
    }
    let manifest = json(&desk, "compared/manifest.json");
    assert_eq!(manifest["cells"][1]["job"]["decoding"]["beams"], 2);
    assert_eq!(manifest["models"][0]["spec"], "pocket");
}

#[test]
fn a_model_that_is_not_on_disk_stops_a_comparison_before_anything_is_run() {
    let desk = Desk::new();
    desk.write("article.txt", ENGLISH);
    let ended = compare(
        &desk,
        "article.txt --models pocket,nllb-600m --offline --out compared",
        2,
    );
    assert!(ended.stderr.contains("nllb-600m: not on disk"), "{}", ended.stderr);
    assert!(!desk.path("compared").exists());
}

#[test]
fn what_is_no_run_folder_and_what_is_no_sweep_are_refused() {
    let desk = Desk::new();
    let ended = compare(&desk, "nowhere --out compared", 2);
    assert!(ended.stderr.contains("nowhere: no run to compare"), "{}", ended.stderr);
    let ended = compare(&desk, "article.txt --out compared --sweep beams=1 article.txt", 2);
    assert!(
        ended.stderr.contains("with inputs named before --sweep"),
        "{}",
        ended.stderr
    );
    let ended = compare(&desk, "article.txt --out compared --sweep threads=1,2", 2);
    assert!(ended.stderr.contains("expected one of translator"), "{}", ended.stderr);
}
