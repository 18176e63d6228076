//! Articles made to do harm: what they hold is shown and never obeyed, and nothing leaves the run folder.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Desk, ENGLISH};
use serde_json::json;

/// Every path under a folder.
fn tree(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        found.push(entry.path().display().to_string());
        if entry.path().is_dir() {
            found.extend(tree(&entry.path()));
        }
    }
    found.sort();
    found
}

#[test]
fn ids_and_names_that_climb_out_of_the_folder_stay_in_it() {
    let desk = Desk::new();
    let climbing = "../../../climbed";
    let article = json!({"id": climbing, "title": climbing, "text": ENGLISH, "url": "file:///../../climbed",
        "source": climbing, "agency": "/climbed", "language": "en", "place": "..\\..\\climbed", "out": climbing});
    desk.write("work/in/a.jsonl", format!("{article}\n"));
    desk.run("work/in --out work/out --to ru", 0);
    let outside: Vec<String> = tree(&desk.path(""))
        .into_iter()
        .filter(|path| !path.starts_with(&desk.path("work").display().to_string()))
        .filter(|path| !path.starts_with(&desk.path("cache").display().to_string()))
        .filter(|path| *path != desk.path("work").display().to_string())
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
    let inside = tree(&desk.path("work"));
    assert!(inside.iter().all(|path| !path.contains("climbed")), "{inside:?}");
    assert_eq!(desk.lines("work/out/records.jsonl")[0]["given_id"], climbing);
}

#[test]
fn markup_in_an_article_is_escaped_in_every_digest_of_a_run() {
    let desk = Desk::new();
    let script = "<script>alert(1)</script>";
    let text = format!("{ENGLISH}\nThe minister said {script} and <img src=x onerror=alert(1)> twice.");
    let article =
        json!({"title": script, "text": text, "source": script, "agency": script, "url": "javascript:alert(1)"});
    desk.write("a.jsonl", format!("{article}\n"));
    desk.run("a.jsonl --out a --to ru,ar", 0);
    for file in tree(&desk.path("a/digests")) {
        // Markdown escapes with a backslash.
        let digest = std::fs::read_to_string(&file).unwrap().replace("\\<", "");
        if [".html", ".xliff", ".tmx", ".md", ".markdown"]
            .iter()
            .any(|ending| file.ends_with(ending))
        {
            assert!(
                !digest.contains("<script") && !digest.contains("<img") && !digest.contains("](javascript"),
                "{file}"
            );
        }
    }
}

#[test]
fn terminal_escapes_reach_neither_logs_nor_errors() {
    let desk = Desk::new();
    let escape = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    desk.write(&format!("in/{escape}.txt"), "");
    desk.write("in/b.jsonl", format!("{{\"text\": \"{escape}\"\n"));
    desk.write(
        &format!("in/{escape}fa.txt"),
        "کارشناسان پنج کشور درباره کم‌آبی گفت‌وگو کردند و قرار شد که این گفت‌وگوها ادامه یابد.",
    );
    for log in ["human", "json"] {
        let logged = desk.run(&format!("in --out a --log {log} --log-level debug --max-rejected 9"), 0);
        assert!(
            logged.stderr.contains("\\u001b") || logged.stderr.contains("\\x1b"),
            "{}",
            logged.stderr
        );
        let bad = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
        assert!(!logged.stderr.contains(bad), "{:?}", logged.stderr);
    }
    let error = desk.khulosa(&format!("run --job {escape}.toml --out a"));
    assert_eq!(error.code, 2);
    assert!(
        error.stderr.contains("\\u001b") && !error.stderr.contains('\u{1b}'),
        "{:?}",
        error.stderr
    );
    let filtered = desk.khulosa_with("translate --from en --to ru", &format!("{{\"text\": \"{escape}\n"));
    assert!(!filtered.stderr.contains('\u{1b}'), "{:?}", filtered.stderr);
}

#[test]
fn an_article_and_a_feed_beyond_the_size_limits_are_rejected_and_the_rest_goes_on() {
    let desk = Desk::new();
    desk.write("in/a.txt", ENGLISH);
    desk.write("in/huge.txt", "words and words. ".repeat(600_000));
    let item = format!(
        "<item><title>t</title><description>{}</description></item>",
        "words. ".repeat(1000)
    );
    desk.write(
        "in/huge.xml",
        format!(
            "<rss version=\"2.0\"><channel><title>t</title>{}</channel></rss>",
            item.repeat(5000)
        ),
    );
    desk.run("in --out a --to ru --max-rejected 9", 0);
    let rejected = desk.rejected("a");
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert!(rejected.iter().all(|(code, _)| code == "too-large"), "{rejected:?}");
    assert_eq!(desk.lines("a/records.jsonl").len(), 1);
}
