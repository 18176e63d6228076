//! Comparisons from the command line, end to end on the built-in model.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

#[cfg(unix)]
use std::process::{Child, Stdio};

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

/// Starts a comparison whose standard error is read by the test.
#[cfg(unix)]
fn start(desk: &Desk, arguments: &str) -> Child {
    std::process::Command::new(assert_cmd::cargo::cargo_bin("khulosa"))
        .arg("compare")
        .args(arguments.split_whitespace())
        .current_dir(desk.path(""))
        .env("HOME", desk.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets a comparison go on until something has come about, and interrupts it; gives what it says.
#[cfg(unix)]
fn interrupt_when(mut child: Child, come_about: impl Fn() -> bool) -> String {
    while !come_about() {
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it could be interrupted"
        );
    }
    std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{told}");
    told
}

/// What a comparison found, without what depends on the clock.
#[cfg(unix)]
fn timeless(mut found: Value) -> Value {
    for list in ["systems", "frontier"] {
        for entry in found[list].as_array_mut().unwrap() {
            let entry = entry.as_object_mut().unwrap();
            // Which settings are best depends on their speeds.
            entry.retain(|key, _| key != "sentences_per_second" && key != "best");
        }
    }
    found
}

#[cfg(unix)]
#[test]
fn a_sweep_that_is_interrupted_ends_with_130_and_the_same_command_finishes_it_as_if_nothing_had_been() {
    let desk = Desk::new();
    let mut lines = String::new();
    for number in 20..60 {
        let text = ENGLISH
            .replace("water", &format!("water {number}"))
            .replace("12", &number.to_string());
        lines += &serde_json::json!({ "text": text }).to_string();
        lines.push('\n');
    }
    desk.write("many.jsonl", &lines);
    let command = |out: &str| format!("many.jsonl --to tg --out {out} {FEW} --sweep beams=1,2");
    let grown = |name: &str| std::fs::metadata(desk.path(name)).map_or(0, |file| file.len()) > 60_000;
    let told = [
        interrupt_when(start(&desk, &command("swept")), || {
            grown("swept/runs/01-beams=1/khulosa.db-wal")
        }),
        interrupt_when(start(&desk, &command("swept")), || {
            grown("swept/runs/02-beams=2/khulosa.db-wal")
        }),
    ];
    for told in &told {
        assert!(told.contains("run the same command again to go on"), "{told}");
    }
    assert!(!told[0].contains("2 of 2") && told[1].contains("2 of 2"), "{told:?}");
    assert!(!desk.path("swept/compare.json").exists(), "nothing half-done is shown");
    compare(&desk, &command("swept"), 0);
    compare(&desk, &command("undisturbed"), 0);
    assert_eq!(
        timeless(json(&desk, "swept/compare.json")),
        timeless(json(&desk, "undisturbed/compare.json"))
    );
    for name in ["scores.csv", "items.csv"] {
        assert_eq!(
            desk.read(&format!("swept/{name}")),
            desk.read(&format!("undisturbed/{name}"))
        );
    }
}

#[cfg(unix)]
#[test]
fn a_comparison_that_is_interrupted_while_it_measures_ends_with_130_as_well() {
    let desk = Desk::new();
    desk.write("article.txt", ENGLISH);
    let endless = "--bootstrap 20000000 --trials 20";
    let command = format!("article.txt --to tg --out swept {endless} --sweep beams=1");
    interrupt_when(start(&desk, &command), || {
        desk.path("swept/runs/01-beams=1/speed.json").exists()
    });
    assert!(!desk.path("swept/compare.json").exists());
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

#[test]
fn versions_of_an_article_are_compared_in_a_pivot_aligned_by_an_encoder_and_reproduced() {
    let desk = Desk::new();
    let versions = [
        (
            "en",
            "New bridge opened",
            "The new bridge over the river was opened on Monday. It cost 12 million dollars.",
        ),
        (
            "ru",
            "Новый мост открыт",
            "Новый мост через реку был открыт в понедельник. Он стоил 12 миллионов долларов.",
        ),
    ];
    let lines = versions.map(|(language, title, text)| {
        serde_json::json!({"id": "bridge", "language": language, "title": title, "text": text}).to_string()
    });
    desk.write("versions.jsonl", lines.join("\n"));
    let command = format!("versions.jsonl --out swept {FEW} --sweep beams=1,2 --similarity --pivot en");
    let ended = compare(&desk, &format!("{command} --to en,ru"), 0);
    assert!(
        ended.stdout.contains("from two of its versions, in English"),
        "{}",
        ended.stdout
    );
    let found = json(&desk, "swept/compare.json");
    let system = &found["versions"]["systems"][0];
    // One encoder for two translations of the same sentences: whatever the summaries chose, their first sentence is shared.
    assert_eq!(system["pairs"][0]["stories"], 1);
    assert!(system["pairs"][0]["shared"].as_f64().unwrap() > 60.0, "{system}");
    assert_eq!(
        system["stories"][0]["versions"][1]["sentences"][0]["left_out_by"],
        serde_json::json!([])
    );
    let values = found["groups"][0]["systems"][0]["values"].as_array().unwrap();
    let similarity = values.iter().find(|value| value["measure"] == "similarity").unwrap();
    assert!(similarity["value"].as_f64().unwrap() > 30.0, "{similarity}");

    compare(&desk, "--reproduce swept/manifest.json --out again", 0);
    assert_eq!(json(&desk, "again/compare.json")["versions"], found["versions"]);

    let ended = compare(&desk, &command.replace("--out swept", "--to ru --out without"), 2);
    let told = "article “bridge” in Russian has no translation into English; run it with --to en";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    desk.write("alone.txt", ENGLISH);
    let ended = compare(
        &desk,
        &format!("alone.txt --out alone {FEW} --sweep beams=1 --to en --pivot en"),
        2,
    );
    assert!(
        ended.stderr.contains("no article is here in several languages"),
        "{}",
        ended.stderr
    );
}
