//! The main job, end to end, on the built-in model.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Desk, ENGLISH};
use serde_json::Value;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/articles");

fn exported(desk: &Desk, run: &str) -> Vec<(String, String)> {
    let mut files = vec![("records.jsonl".to_owned(), desk.read(&format!("{run}/records.jsonl")))];
    let mut digests: Vec<_> = std::fs::read_dir(desk.path(&format!("{run}/digests")))
        .unwrap()
        .flatten()
        .collect();
    digests.sort_by_key(std::fs::DirEntry::path);
    for entry in digests {
        files.push((
            entry.file_name().into_string().unwrap(),
            std::fs::read_to_string(entry.path()).unwrap(),
        ));
    }
    files
}

#[test]
fn records_and_digests_are_the_same_bytes_for_any_batch_size_thread_count_and_order() {
    let desk = Desk::new();
    let mut files: Vec<_> = std::fs::read_dir(SAMPLES)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let order = |files: &[std::path::PathBuf]| {
        files
            .iter()
            .map(|file| file.display().to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let first = format!(
        "{} --out a --batch-tokens 4096 --threads 2 --max-rejected 9",
        order(&files)
    );
    desk.run(&first, 0);
    files.reverse();
    let second = format!(
        "{} --out b --batch-tokens 64 --threads 1 --max-rejected 9",
        order(&files)
    );
    desk.run(&second, 0);
    let (a, b) = (exported(&desk, "a"), exported(&desk, "b"));
    assert!(a.len() >= 7, "records and at least two digests in three languages");
    for (left, right) in a.iter().zip(&b) {
        assert_eq!(left, right);
    }
    assert_eq!(a.len(), b.len());
}

#[test]
fn every_sample_language_reaches_every_target_in_its_own_script() {
    let desk = Desk::new();
    desk.run(&format!("{SAMPLES} --out a --max-rejected 9"), 0);
    let records = desk.lines("a/records.jsonl");
    assert!(records.len() >= 12, "{} records", records.len());
    let mut languages: Vec<&str> = records
        .iter()
        .map(|record| record["language"].as_str().unwrap())
        .collect();
    languages.sort_unstable();
    languages.dedup();
    assert_eq!(languages, ["ar", "en", "ru", "tg"]);
    for record in &records {
        for (to, letters) in [("ru", 'а'..='я'), ("tg", 'а'..='я'), ("ar", 'ء'..='ي')] {
            let text = sentences(&record["translations"][to]);
            let own = text
                .to_lowercase()
                .chars()
                .filter(|letter| letters.contains(letter))
                .count();
            let all = text.chars().filter(|letter| letter.is_alphabetic()).count();
            // Tajik has letters of its own outside а–я, and acronyms may stay as they are.
            assert!(own * 10 >= all * 7, "{to}: {text}");
        }
    }
}

fn sentences(translation: &Value) -> String {
    let sentences = translation["sentences"].as_array().unwrap();
    sentences
        .iter()
        .map(|sentence| sentence.as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn an_agency_article_gives_its_dateline_as_metadata_and_a_summary_of_its_own_sentences() {
    let desk = Desk::new();
    let mut text = String::from(" date 2024-11-04 (MENAFN- Kuwait News Agency (KUNA)) KUWAIT, Nov 4 (KUNA) -- ");
    let mut own = Vec::new();
    for number in 1..=25 {
        let sentence = format!("The ministry opened water station number {number} in the northern district on Sunday.");
        text += &sentence;
        text.push(' ');
        own.push(sentence);
    }
    text += "(pickup previous)";
    desk.write("kuna.txt", text);
    desk.run("kuna.txt --out a", 0);
    let record = &desk.lines("a/records.jsonl")[0];
    assert_eq!(record["date"], "2024-11-04");
    assert_eq!(record["place"].as_str().unwrap().to_lowercase(), "kuwait");
    assert!(
        record["agency"].as_str().unwrap().contains("KUNA"),
        "{}",
        record["agency"]
    );
    assert_eq!(record["size"]["sentences"], 25);
    for sentence in record["summary"]["sentences"].as_array().unwrap() {
        assert!(own.iter().any(|own| own == sentence.as_str().unwrap()), "{sentence}");
    }
    for to in ["ru", "ar", "tg"] {
        let translation = &record["translations"][to];
        assert!(!sentences(translation).is_empty());
        let hard = translation["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["severity"] == "error");
        assert!(!hard, "{to}: {translation}");
    }
}

#[test]
fn a_second_run_computes_nothing_again() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.run("a.txt --out a", 0);
    let before = desk.read("a/records.jsonl");
    desk.run("a.txt --out a", 0);
    assert_eq!(desk.read("a/records.jsonl"), before);
    let report: Value = serde_json::from_str(&desk.read("a/report.json")).unwrap();
    assert_eq!(report["stages"]["translate"]["tokens"], 0);
    assert_eq!(report["stages"]["summarise"]["tokens"], 0);
}

#[test]
fn a_cache_carries_finished_work_to_another_run_folder_and_past_fresh() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.run("a.txt --out a --cache units.db --article-timeout 600", 0);
    for run in ["b --fresh", "a --fresh"] {
        desk.run(&format!("a.txt --cache units.db --out {run}"), 0);
        let out = run.split(' ').next().unwrap();
        let report: Value = serde_json::from_str(&desk.read(&format!("{out}/report.json"))).unwrap();
        assert_eq!(report["stages"]["translate"]["tokens"], 0);
        assert_ne!(report["cache_hits"], 0);
    }
    assert_eq!(exported(&desk, "a"), exported(&desk, "b"));
}

#[test]
fn a_cache_that_is_no_database_of_ours_is_refused_by_name_and_left_as_it_is() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.write("units.db", "notes of mine\n".repeat(100));
    let ended = desk.run("a.txt --out a --cache units.db --fresh", 2);
    assert!(ended.stderr.contains("units.db"), "{}", ended.stderr);
    assert!(desk.read("units.db").starts_with("notes of mine"));
}

#[test]
fn changing_the_decoding_recomputes_translations_and_keeps_summaries() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.run("a.txt --out a --beams 2", 0);
    desk.run("a.txt --out a --beams 1", 0);
    let report: Value = serde_json::from_str(&desk.read("a/report.json")).unwrap();
    assert_ne!(report["stages"]["translate"]["tokens"], 0);
    assert_eq!(report["stages"]["summarise"]["tokens"], 0);
}

#[test]
fn an_article_in_a_target_language_is_not_translated_into_it() {
    let desk = Desk::new();
    desk.write(
        "a.txt",
        "Вазирони обии се кишвар рӯзи душанбе дар шаҳри Душанбе масъалаи тақсими обро баррасӣ карданд.",
    );
    desk.run("a.txt --out a --to tg,ru", 0);
    let record = &desk.lines("a/records.jsonl")[0];
    assert_eq!(record["language"], "tg");
    assert_eq!(
        record["translations"]["tg"]["sentences"],
        record["summary"]["sentences"]
    );
    assert!(record["translations"]["tg"].get("model").is_none());
    assert!(
        record["translations"]["ru"]["model"]
            .as_str()
            .unwrap()
            .starts_with("pocket")
    );
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_ends_with_130_and_the_same_command_finishes_it() {
    use std::process::{Command, Stdio};
    let desk = Desk::new();
    let mut lines = String::new();
    for number in 0..150 {
        let text = format!("{ENGLISH} The station is number {number} of the programme.");
        lines += &serde_json::json!({ "text": text }).to_string();
        lines.push('\n');
    }
    desk.write("many.jsonl", &lines);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("khulosa"))
        .args(["run", "many.jsonl", "--out", "a", "--to", "ru", "--progress", "none"])
        .current_dir(desk.path(""))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Wait until the run has something in its store, then interrupt it.
    while std::fs::metadata(desk.path("a/khulosa.db-wal")).map_or(0, |file| file.len()) < 60_000 {
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it could be interrupted"
        );
    }
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(130),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("Run the same command again to go on"));
    assert!(!desk.path("a/records.jsonl").exists(), "nothing half-done is shown");
    desk.run("many.jsonl --out a --to ru", 0);
    desk.run("many.jsonl --out b --to ru", 0);
    assert_eq!(desk.read("a/records.jsonl"), desk.read("b/records.jsonl"));
}
