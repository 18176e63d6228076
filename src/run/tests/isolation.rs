//! One bad article costs itself and nothing else.

use super::*;
use crate::article::Rejection;

fn long_title() -> String {
    let words = (0..58).map(|number| (number * 7919 + 100_000).to_string());
    words.collect::<Vec<_>>().join(" ")
}

/// Sixty articles, one of which is what [`Manner`] is about.
fn desk() -> Desk {
    let desk = Desk::new();
    let odd = serde_json::json!({"title": long_title(), "text": "The odd one was found on Monday.", "language": "en"});
    std::fs::write(
        desk.path("odd.jsonl"),
        format!("{}{odd}\n{}", batch(1..10), batch(11..40)),
    )
    .unwrap();
    std::fs::write(desk.path("even.jsonl"), format!("{}{}", batch(1..10), batch(11..40))).unwrap();
    desk
}

fn rejections(desk: &Desk, out: &str) -> Vec<Rejection> {
    let outputs = desk.outputs(out);
    let lines = outputs["rejected.jsonl"].lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn records(outputs: &BTreeMap<String, String>) -> Vec<&str> {
    outputs["records.jsonl"]
        .lines()
        .filter(|line| !line.contains("The odd one"))
        .collect()
}

/// Titles and texts without the line numbers that inputs carry.
fn texts(desk: &Desk, out: &str) -> Vec<String> {
    let outputs = desk.outputs(out);
    let without_inputs = |line: &&str| {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("inputs");
        record.to_string()
    };
    records(&outputs).iter().map(without_inputs).collect()
}

#[test]
fn an_article_on_which_a_library_panics_is_rejected_and_the_others_are_as_without_it() {
    let desk = desk();
    let report = finished(desk.run("odd.jsonl", "a", Manner::Panic));
    finished(desk.run("even.jsonl", "b", Manner::Well));
    assert_eq!((report.counts.records, report.counts.rejected), (38, 3));
    let rejected = rejections(&desk, "a");
    let odd = rejected
        .iter()
        .find(|rejection| rejection.code == "model-failed")
        .unwrap();
    assert!(odd.input.ends_with("odd.jsonl:10"), "{}", odd.input);
    assert!(odd.reason.contains("a long source"), "{}", odd.reason);
    assert_eq!(texts(&desk, "a"), texts(&desk, "b"));
}

#[test]
fn an_article_that_takes_too_long_is_rejected_with_the_way_out() {
    let desk = desk();
    let job = Job {
        article_timeout: Some(5),
        ..desk.job("odd.jsonl", "a")
    };
    let report = finished(run(&job, Manner::Slow));
    assert_eq!(report.counts.records, 38);
    let rejected = rejections(&desk, "a");
    let odd = rejected.iter().find(|rejection| rejection.code == "too-slow").unwrap();
    assert!(
        odd.reason.contains("5 s") && odd.advice.contains("--article-timeout"),
        "{odd:?}"
    );
}

#[test]
fn batches_too_large_for_the_memory_are_halved_and_nothing_is_lost() {
    let desk = desk();
    finished(desk.run("odd.jsonl", "a", Manner::Small(2)));
    finished(desk.run("odd.jsonl", "b", Manner::Well));
    assert_eq!(desk.outputs("a"), desk.outputs("b"));
}

#[test]
fn a_rejected_article_is_tried_again_by_the_next_run() {
    let desk = desk();
    finished(desk.run("odd.jsonl", "a", Manner::Panic));
    finished(desk.run("odd.jsonl", "a", Manner::Well));
    finished(desk.run("odd.jsonl", "b", Manner::Well));
    assert_eq!(desk.outputs("a"), desk.outputs("b"));
}

#[test]
fn a_model_that_fails_on_everything_ends_the_run_with_an_error() {
    let desk = desk();
    let error = desk.run("even.jsonl", "a", Manner::Broken).unwrap_err().to_string();
    assert!(
        error.contains("one after another") && error.contains("the device is gone"),
        "{error}"
    );
    assert!(!desk.path("a/records.jsonl").exists());
    finished(desk.run("even.jsonl", "a", Manner::Well));
}
