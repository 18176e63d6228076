//! What an operator relies on: metrics, a dry run, logs, and a filter for cluster jobs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

mod common;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use common::{Desk, ENGLISH};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/articles");

/// Reads Prometheus' text format 0.0.4 as strictly as it is written down; gives value by name and labels.
fn metrics(text: &str) -> HashMap<String, f64> {
    let name = |text: &str| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
        !text.is_empty() && text.bytes().all(letter) && !text.starts_with(|first: char| first.is_ascii_digit())
    };
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let (mut values, mut helped, mut typed) = (HashMap::new(), HashSet::new(), HashSet::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (metric, help) = rest.split_once(' ').unwrap();
            assert!(
                name(metric) && !help.is_empty() && helped.insert(metric.to_owned()),
                "{line}"
            );
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (metric, kind) = rest.split_once(' ').unwrap();
            assert!(
                helped.contains(metric) && kind == "gauge" && typed.insert(metric.to_owned()),
                "{line}"
            );
        } else {
            let (key, value) = line.rsplit_once(' ').unwrap();
            let (metric, labels) = key
                .split_once('{')
                .map_or((key, None), |(metric, rest)| (metric, Some(rest)));
            assert!(name(metric) && typed.contains(metric), "{line}");
            for label in labels
                .iter()
                .flat_map(|labels| labels.strip_suffix('}').unwrap().split(','))
            {
                let (label, value) = label.split_once('=').unwrap();
                let value = value
                    .strip_prefix('"')
                    .and_then(|value| value.strip_suffix('"'))
                    .unwrap();
                assert!(name(label) && !value.contains(['"', '\\', '\n']), "{line}");
            }
            assert!(
                values.insert(key.to_owned(), value.parse().unwrap()).is_none(),
                "{line} comes twice"
            );
        }
    }
    values
}

#[test]
fn metrics_are_in_prometheus_format_and_agree_with_the_report() {
    let desk = Desk::new();
    desk.write("in/a.txt", ENGLISH);
    desk.write("in/b.txt", "");
    desk.run("in --out a --to ru --metrics khulosa.prom --max-rejected 1", 0);
    let first = metrics(&desk.read("khulosa.prom"));
    let report: serde_json::Value = serde_json::from_str(&desk.read("a/report.json")).unwrap();
    assert_eq!(first["khulosa_articles{status=\"recorded\"}"], 1.0);
    assert_eq!(first["khulosa_articles{status=\"rejected\"}"], 1.0);
    assert_eq!(first["khulosa_last_run_exit_code"], 0.0);
    for stage in ["summarise", "translate"] {
        let of = |metric: &str| first[&format!("{metric}{{stage=\"{stage}\"}}")];
        assert_eq!(Some(of("khulosa_tokens")), report["stages"][stage]["tokens"].as_f64());
        assert_eq!(
            Some(of("khulosa_stage_seconds")),
            report["stages"][stage]["seconds"].as_f64()
        );
        assert!(of("khulosa_units_made") >= 1.0 && of("khulosa_cache_hits") == 0.0);
    }
    assert!(first["khulosa_model_load_seconds"] > 0.0);
    // The same again: everything is found, and one rejection is now one too many.
    desk.run("in --out a --to ru --metrics khulosa.prom", 1);
    let second = metrics(&desk.read("khulosa.prom"));
    assert_eq!(second["khulosa_last_run_exit_code"], 1.0);
    assert_eq!(second["khulosa_cache_hits{stage=\"summarise\"}"], 1.0);
    assert_eq!(second["khulosa_units_made{stage=\"translate\"}"], 0.0);
    let success = "khulosa_last_success_timestamp_seconds";
    assert_eq!(
        first[success], second[success],
        "the last success outlives a run that fails"
    );
    // A run that cannot start says so too.
    desk.run("in --out a --translator nowhere --metrics khulosa.prom", 2);
    let third = metrics(&desk.read("khulosa.prom"));
    assert_eq!(
        (third["khulosa_last_run_exit_code"], third[success]),
        (2.0, first[success])
    );
    assert!(!third.contains_key("khulosa_articles{status=\"recorded\"}"));
}

#[test]
fn a_dry_run_tells_what_would_be_done_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let dry = desk.run(&format!("{SAMPLES} --out a --to ru,tg --dry-run"), 0).stdout;
    assert!(!desk.path("a").exists(), "{dry}");
    assert!(
        dry.contains("articles   17 (ar 3, en 8, fa 1, ru 2, tg 3), 0 duplicates"),
        "{dry}"
    );
    assert!(dry.contains("rejected   unsupported-language 1"), "{dry}");
    assert!(dry.contains("summarise  16 articles with pocket@"), "{dry}");
    assert!(dry.contains("by a trial with 12 of the articles"), "{dry}");
    desk.run(&format!("{SAMPLES} --out a --to ru --limit 4 --max-rejected 9"), 0);
    let report = desk.read("a/report.json");
    let dry = desk.run(&format!("{SAMPLES} --out a --to ru,tg --dry-run"), 0).stdout;
    assert!(dry.contains("by the speed of the run that ended at"), "{dry}");
    assert!(dry.contains("; 4 are done") || dry.contains("; 3 are done"), "{dry}");
    assert_eq!(desk.read("a/report.json"), report);
    let fresh = desk
        .run(&format!("{SAMPLES} --out a --to ru,tg --dry-run --fresh"), 0)
        .stdout;
    assert!(
        fresh.contains("summarise  16 articles with pocket@") && fresh.contains("; 0 are done"),
        "{fresh}"
    );
}

#[test]
fn a_dry_run_names_a_model_that_would_be_fetched_and_fetches_nothing() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let dry = desk.run("a.txt --out a --translator nllb-600m --dry-run", 0).stdout;
    assert!(
        dry.contains("nllb-600m is not on disk; a run would fetch it first"),
        "{dry}"
    );
    assert!(dry.contains("unknown before the models are there"), "{dry}");
    let offline = desk.run("a.txt --out a --translator nllb-600m --dry-run --offline", 2);
    assert!(offline.stderr.contains("nllb-600m"), "{}", offline.stderr);
}

#[test]
fn as_a_filter_a_run_prints_records_and_rejections_and_keeps_nothing() {
    let desk = Desk::new();
    let line = serde_json::json!({"id": "n-1", "text": ENGLISH}).to_string();
    std::fs::create_dir(desk.path("tmp")).unwrap();
    let ended = common::command(&desk.path(""))
        .env("TMPDIR", desk.path("tmp"))
        .args([
            "run",
            "-",
            "--out",
            "-",
            "--to",
            "ru",
            "--progress",
            "none",
            "--max-rejected",
            "1",
        ])
        .write_stdin(format!("{line}\nno json\n"))
        .output()
        .unwrap();
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let lines: Vec<serde_json::Value> = String::from_utf8(ended.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0]["given_id"].as_str(), lines[1]["code"].as_str()),
        (Some("n-1"), Some("not-json"))
    );
    assert_eq!(std::fs::read_dir(desk.path("tmp")).unwrap().count(), 0);
    assert!(!desk.path("-").exists());
}

#[test]
fn logs_are_lines_for_people_or_json_objects() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let human = desk.run("a.txt --out a --to ru --log human --log-level info", 0).stderr;
    assert!(
        human.contains("INFO run started") && human.contains("run finished"),
        "{human}"
    );
    let json = desk.run("a.txt --out a --to ru --log json --log-level info", 0).stderr;
    let events: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let message = |at: usize| events[at]["fields"]["message"].as_str().unwrap();
    assert_eq!((message(0), message(events.len() - 1)), ("run started", "run finished"));
    assert_eq!(events[events.len() - 1]["fields"]["records"], 1);
}

#[test]
fn a_second_run_in_a_folder_is_refused_and_with_wait_begins_when_the_first_has_ended() {
    let desk = Desk::new();
    let line = serde_json::json!({"id": "n-1", "text": ENGLISH}).to_string();
    desk.write("a.jsonl", &line);
    let start = |wait: &[&str], input: Stdio| {
        Command::new(assert_cmd::cargo::cargo_bin("khulosa"))
            .args("run - --out a --to ru --progress none".split(' '))
            .args(wait)
            .current_dir(desk.path(""))
            .env("HOME", desk.path(""))
            .stdin(input)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let article = || File::open(desk.path("a.jsonl")).unwrap().into();
    // The first goes on for as long as its standard input is open.
    let mut first = start(&[], Stdio::piped());
    let mut open = first.stdin.take().unwrap();
    let owner = format!("process {}", first.id());
    while !std::fs::read_to_string(desk.path("a/khulosa.lock")).is_ok_and(|lock| lock.contains(&owner)) {
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(first.try_wait().unwrap().is_none(), "it ended before it had an article");
    }

    let refused = start(&[], article()).wait_with_output().unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        refused.status.code() == Some(2) && told.contains(&owner) && told.contains("--wait"),
        "{told}"
    );

    let mut second = start(&["--wait"], article());
    let mut told = String::new();
    let mut errors = BufReader::new(second.stderr.take().unwrap());
    errors.read_line(&mut told).unwrap();
    assert!(
        told.contains("waiting for another run") && told.contains(&owner),
        "{told}"
    );
    assert!(second.try_wait().unwrap().is_none(), "{told}");
    open.write_all(line.as_bytes()).unwrap();
    drop(open);
    let first = first.wait_with_output().unwrap();
    assert_eq!(
        first.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&first.stderr)
    );
    errors.read_to_string(&mut told).unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(0), "{told}");
    // Only after the first was there nothing left to make.
    let report: serde_json::Value = serde_json::from_str(&desk.read("a/report.json")).unwrap();
    assert_eq!(report["counts"]["records"], 1);
    for stage in ["summarise", "translate"] {
        assert_eq!(report["stages"][stage]["made"], 0, "{stage}");
    }
}
