//! Whatever a batch meets: each kind of bad input gives a clear line, the rest goes on, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Desk, ENGLISH};

/// Runs a good article together with a bad one; gives what was rejected.
fn beside_a_good_one(name: &str, content: impl AsRef<[u8]>) -> Vec<(String, String)> {
    let desk = Desk::new();
    desk.write("in/good.txt", ENGLISH);
    desk.write(&format!("in/{name}"), content);
    desk.run("in --out a --to ru", 1);
    assert_eq!(desk.lines("a/records.jsonl").len(), 1, "the good article is done");
    for rejection in desk.lines("a/rejected.jsonl") {
        assert!(!rejection["reason"].as_str().unwrap().is_empty());
        assert!(!rejection["advice"].as_str().unwrap().is_empty());
    }
    desk.rejected("a")
}

fn one(code: &str, input: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), input.to_owned())]
}

#[test]
fn an_empty_file_is_rejected() {
    assert_eq!(beside_a_good_one("bad.txt", ""), one("empty", "in/bad.txt"));
}

#[test]
fn a_file_of_white_space_is_rejected() {
    assert_eq!(
        beside_a_good_one("bad.txt", " \n\t\r\n \u{a0}\n"),
        one("empty", "in/bad.txt")
    );
}

#[test]
fn a_binary_file_is_rejected() {
    assert_eq!(
        beside_a_good_one("bad.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"),
        one("binary", "in/bad.txt")
    );
}

#[test]
fn broken_json_is_rejected_with_its_line() {
    let lines = "{\"text\": \"\n[1, 2]\n{\"title\": \"No text\"}\n";
    let codes: Vec<String> = beside_a_good_one("bad.jsonl", lines)
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    assert_eq!(codes, ["not-json", "not-an-object", "no-text"]);
}

#[test]
fn a_line_of_fifty_megabytes_is_rejected_and_the_next_line_is_read() {
    let desk = Desk::new();
    let mut content = format!("{{\"text\": \"{}\"}}\n", "a".repeat(50 << 20));
    content += &serde_json::json!({ "text": ENGLISH }).to_string();
    desk.write("long.jsonl", content);
    desk.run("long.jsonl --out a --to ru", 1);
    assert_eq!(desk.rejected("a"), one("too-large", "long.jsonl:1"));
    assert_eq!(desk.lines("a/records.jsonl")[0]["inputs"][0], "long.jsonl:2");
}

#[test]
fn truncated_utf8_at_the_end_of_a_file_loses_only_the_last_letter() {
    let desk = Desk::new();
    let mut content = "Министры водного хозяйства трёх стран встретились в понедельник в Душанбе. "
        .repeat(30)
        .into_bytes();
    content.push(0xD0);
    desk.write("cut.txt", content);
    desk.run("cut.txt --out a --to tg", 0);
    assert_eq!(desk.lines("a/records.jsonl")[0]["language"], "ru");
}

#[test]
fn an_article_that_comes_twice_is_done_once_and_both_inputs_are_listed() {
    let desk = Desk::new();
    desk.write("in/a.txt", ENGLISH);
    desk.write("in/b.txt", ENGLISH.replace(' ', "  "));
    let ended = desk.run("in --out a --to ru", 0);
    let records = desk.lines("a/records.jsonl");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["inputs"], serde_json::json!(["in/a.txt", "in/b.txt"]));
    assert!(ended.stdout.contains("1 duplicates"), "{}", ended.stdout);
}

#[test]
fn a_language_that_the_model_does_not_know_is_rejected_by_name() {
    let persian = "وزیران آب سه کشور روز دوشنبه در شهر دوشنبه درباره تقسیم آب رودخانه‌ها گفت‌وگو کردند.";
    assert_eq!(
        beside_a_good_one("fa.txt", persian),
        one("unsupported-language", "in/fa.txt")
    );
}

#[test]
fn an_article_of_three_words_is_translated() {
    let desk = Desk::new();
    desk.write(
        "short.jsonl",
        "{\"text\": \"Parliament approves budget.\", \"language\": \"en\"}\n",
    );
    desk.run("short.jsonl --out a", 0);
    assert_eq!(
        desk.lines("a/records.jsonl")[0]["summary"]["sentences"][0],
        "Parliament approves budget."
    );
}

#[test]
fn an_article_of_two_hundred_thousand_words_is_summarised() {
    let desk = Desk::new();
    desk.write("long.txt", ENGLISH.repeat(200_000 / ENGLISH.split_whitespace().count()));
    desk.run("long.txt --out a --to ru", 0);
    let record = &desk.lines("a/records.jsonl")[0];
    assert!(record["size"]["words"].as_u64().unwrap() > 190_000);
}

#[test]
fn a_text_without_any_sentence_end_is_taken_as_one_sentence_and_translated_whole() {
    let desk = Desk::new();
    desk.write(
        "endless.txt",
        "the ministers of the three countries agreed on the new water station and ".repeat(30),
    );
    desk.run("endless.txt --out a --to ru", 0);
    let record = &desk.lines("a/records.jsonl")[0];
    assert_eq!(record["size"]["sentences"], 1);
    assert!(
        !record["translations"]["ru"]["sentences"][0]
            .as_str()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn control_characters_emoji_joiners_and_mixed_scripts_do_no_harm() {
    let desk = Desk::new();
    let text = "The \u{1b}[31mminister\u{1b}[0m said\u{0} 👩‍👩‍👧 that \u{202e}UNESCO\u{202c} and Душанбе and الكويـــت \
                and مُحَمَّد will meet\u{200d} on Monday\u{7}. The talks are planned for the spring of next year.";
    desk.write(
        "odd.jsonl",
        serde_json::json!({ "text": text, "language": "en" }).to_string(),
    );
    desk.run("odd.jsonl --out a", 0);
    let record = desk.read("a/records.jsonl");
    assert!(
        !record.contains("\\u001b") && !record.contains('\u{202e}') && !record.contains("\\u0000"),
        "{record}"
    );
    let html = desk.read("a/digests/digest.ar.html");
    assert!(!html.contains('\u{1b}') && !html.contains('\u{202e}'));
}

#[test]
fn a_missing_file_is_rejected_and_the_rest_goes_on() {
    let desk = Desk::new();
    desk.write("good.txt", ENGLISH);
    desk.run("good.txt nowhere.txt none/*.txt --out a --to ru", 1);
    let rejected = desk.rejected("a");
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert!(rejected.iter().all(|(code, _)| code == "not-found"));
}

#[test]
fn a_batch_in_which_everything_is_bad_still_ends_with_its_files() {
    let desk = Desk::new();
    desk.write("bad.txt", "");
    desk.run("bad.txt --out a", 1);
    assert!(desk.lines("a/records.jsonl").is_empty());
    assert!(desk.path("a/digests/digest.ar.html").exists());
}

#[test]
fn rejections_within_the_limit_are_success() {
    let desk = Desk::new();
    desk.write("bad.txt", "");
    desk.run("bad.txt --out a --max-rejected 1", 0);
}

#[cfg(unix)]
#[test]
fn an_output_folder_that_cannot_be_made_stops_with_its_name() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.write("file", "");
    let ended = desk.run("a.txt --out file/run", 2);
    assert!(ended.stderr.contains("file/run: cannot write"), "{}", ended.stderr);
}

#[test]
fn a_mistyped_name_gets_the_nearest_one_suggested() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let refused = |arguments: &str| desk.run(arguments, 2).stderr;
    assert!(refused("a.txt --out a --to tgg").contains("tg"), "language");
    assert!(refused("a.txt --out a --translator poket").contains("pocket"), "model");
    desk.write("job.toml", "summary_word = 3\n");
    assert!(
        refused("a.txt --out a --job job.toml").contains("did you mean `summary_words`?"),
        "job key"
    );
}
